//! `cargo xtask manifests`: the charts as Helm renders them, and the examples, before kube-score. An object that is meant as
//! it is says so in an annotation `kube-score/ignore`, with the reason beside it; rules that are not ours are below.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::build::workspace;
use crate::cache::Cache;
use crate::cluster::tools::kubectl_and_helm;
use crate::{install, run};

const LIMIT: Duration = Duration::from_mins(2);
/// The oldest that is supported.
const KUBERNETES: &str = "v1.33";
/// Charts and values: as they come, and with all that can be switched on.
const CHARTS: [(&str, &[&str]); 3] = [
    ("remanence-crds", &[]),
    ("remanence", &[]),
    (
        "remanence",
        &[
            "s3.embedded.enabled=true",
            "s3.embedded.size=1Gi",
            "operator.serviceAccountAnnotations.a=b",
            "metrics.serviceMonitor.enabled=true",
            "metrics.serviceMonitor.labels.release=prometheus",
            "metrics.podMonitor.enabled=true",
            "metrics.podMonitor.labels.release=prometheus",
            "metrics.rules.enabled=true",
            "metrics.dashboard.enabled=true",
        ],
    ),
];

/// Rules that are not ours.
const IGNORED: [&str; 2] = [
    // Tags are not moved to other images, so that one that a node has is the right one.
    "container-image-pull-policy",
    // Root filesystems are read-only, and what is written lies on volumes.
    "container-ephemeral-storage-request-and-limit",
];
/// Rules that are not for examples, which show what Remanence adds to a pod and not all that a pod of yours should have.
const IGNORED_IN_EXAMPLES: [&str; 6] = [
    "container-resources",
    "container-security-context-readonlyrootfilesystem",
    "container-security-context-user-group-id",
    "deployment-has-host-podantiaffinity",
    "deployment-has-poddisruptionbudget",
    "pod-networkpolicy",
];

pub(crate) fn run() -> Result<ExitCode> {
    let (helm, kube_score) = {
        let cache = Cache::lock()?;
        (kubectl_and_helm(&cache)?.1, install::kube_score(&cache)?)
    };
    let folder = TempDir::with_prefix("remanence-manifests-").context("making a folder for manifests")?;
    let mut all_right = true;
    for (chart, settings) in CHARTS {
        let rendered = folder.path().join("rendered.yaml");
        render(&helm, chart, settings, &rendered)?;
        all_right &= score(&kube_score, &[rendered], &IGNORED)?;
    }
    let ignored: Vec<&str> = IGNORED.into_iter().chain(IGNORED_IN_EXAMPLES).collect();
    all_right &= score(&kube_score, &examples()?, &ignored)?;
    Ok(run::exit_code(all_right))
}

fn render(helm: &Path, chart: &str, settings: &[&str], into: &Path) -> Result<()> {
    let mut command = run::bounded(LIMIT, helm);
    command
        .args(["template", "remanence"])
        .arg(workspace().join("charts").join(chart));
    command.args(["--namespace", "remanence-system", "--kube-version", KUBERNETES]);
    for setting in settings {
        command.args(["--set", setting]);
    }
    let what = format!("rendering the chart {chart}");
    fs::write(into, run::output(&mut command, &what)?).with_context(|| format!("writing {}", into.display()))
}

fn examples() -> Result<Vec<PathBuf>> {
    let folder = workspace().join("examples");
    let entries = fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("reading {}", folder.display()))?.path();
        if path.extension().is_some_and(|end| end == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Whether it finds nothing; what it finds is printed.
fn score(kube_score: &Path, files: &[PathBuf], ignored: &[&str]) -> Result<bool> {
    let mut command = run::bounded(LIMIT, kube_score);
    command.args(["score", "--kubernetes-version", KUBERNETES, "--output-format=ci"]);
    // A limit of CPU would only slow a pod down on a node that has CPU to spare.
    command.args(["--exit-one-on-warning", "--ignore-container-cpu-limit"]);
    command.args(["--ignore-test", &ignored.join(",")]);
    let (status, output) = run::captured(command.args(files))?;
    for line in output
        .lines()
        .filter(|line| !line.starts_with("[OK]") && !line.starts_with("[SKIPPED]"))
    {
        println!("{line}");
    }
    Ok(status.success())
}
