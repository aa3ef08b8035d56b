//! Remanence in the cluster, installed as a user installs it: images, then the two charts.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::build::{Profile, workspace};
use crate::cache::Cache;
use crate::cluster::machine::Machine;
use crate::cluster::place::Place;
use crate::cluster::{access, environment, image, link, stand_ins};
use crate::{image as container_image, run};

/// Where it is installed.
const NAMESPACE: &str = "remanence-system";
const LIMIT: Duration = Duration::from_mins(5);

/// Installs or upgrades to what the repository holds; `programs` is the folder of those that are built, which is done
/// here where it is left out.
pub(crate) fn install(place: &Place, machine: &Machine, programs: Option<PathBuf>) -> Result<()> {
    let start = Instant::now();
    let programs = match programs {
        Some(folder) => folder,
        None => container_image::build(Profile::Dev)?,
    };
    let (stand_ins, built) = {
        let cache = Cache::lock()?;
        (stand_ins::make(&cache)?, container_image::of(&programs)?)
    };
    load(place, machine, &stand_ins)?;
    load(place, machine, &[built.archive])?;
    println!("installing the charts");
    chart(place, "remanence-crds", &[])?;
    let repository = format!("image.repository={}", built.repository);
    let tag = format!("image.tag={}", built.tag);
    // Names are answered by the node itself.
    let dns = format!("networkPolicy.dns[0].to[0].ipBlock.cidr={}/32", link::node(place)?);
    let port = "networkPolicy.dns[0].ports[0].protocol=UDP,networkPolicy.dns[0].ports[0].port=53";
    let settings: [&str; 5] = [&repository, &tag, "s3.embedded.enabled=true", &dns, port];
    chart(place, "remanence", &settings)?;
    environment::wait(place, machine, "the class `embedded`", LIMIT, &[], |kubectl| {
        kubectl.args([
            "wait",
            "--for=condition=Ready",
            "--timeout=15s",
            "memorystoreclass/embedded",
        ]);
    })?;
    println!(
        "Remanence is installed in {NAMESPACE} ({:.0} s)",
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Loads the archives that were not loaded yet.
pub(super) fn load(place: &Place, machine: &Machine, archives: &[PathBuf]) -> Result<()> {
    for archive in archives {
        if !image::is_loaded(place, archive) {
            image::load(machine, archive)?;
            image::mark_loaded(place, archive)?;
        }
    }
    Ok(())
}

fn chart(place: &Place, name: &str, settings: &[&str]) -> Result<()> {
    let mut command: Command = run::bounded(LIMIT, place.path("bin").join("helm"));
    command.env("KUBECONFIG", place.path(access::ADMIN));
    command
        .args(["upgrade", "--install", name])
        .arg(Path::new("charts").join(name));
    command.args([
        "--namespace",
        NAMESPACE,
        "--create-namespace",
        "--wait",
        "--timeout",
        "4m",
    ]);
    for setting in settings {
        command.args(["--set", setting]);
    }
    let (status, output) = run::captured(command.current_dir(workspace()))?;
    if !status.success() {
        let mut pods = environment::kubectl(place);
        let (_, pods) = run::captured(pods.args(["get", "pods,events", "--namespace", NAMESPACE]))?;
        bail!("{}: {}\n{output}{pods}", run::describe(&command), run::reason(status));
    }
    Ok(())
}
