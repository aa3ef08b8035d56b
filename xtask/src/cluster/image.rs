//! Container images in the cluster.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::cluster::machine::Machine;
use crate::cluster::place::Place;
use crate::run;

const LIMIT: Duration = Duration::from_mins(5);
const PATIENCE: Duration = Duration::from_mins(1);

/// Imports an archive as `docker save`, `podman save` or `buildah push` write it.
pub(crate) fn load(machine: &Machine, archive: &Path) -> Result<()> {
    let archive = archive
        .canonicalize()
        .with_context(|| format!("{}: no such archive", archive.display()))?;
    let mut command = machine.enter(LIMIT, "ctr");
    command
        .args(["--namespace", "k8s.io", "images", "import"])
        .arg(&archive);
    let (status, output) = run::captured(&mut command)?;
    if !status.success() {
        bail!("{}: is not taken as an image: {output}", archive.display());
    }
    for line in output.lines().filter(|line| line.starts_with("unpacking ")) {
        let name = line.split_whitespace().nth(1).unwrap_or(line);
        println!("loaded {name}");
    }
    Ok(())
}

pub(crate) fn wait_for_containerd(place: &Place, machine: &Machine) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (status, answer) = run::captured(machine.enter(LIMIT, "ctr").arg("version"))?;
        if status.success() {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!(
                "containerd does not answer: {answer}{}",
                place.last_words(&["containerd"])
            );
        }
        thread::sleep(Duration::from_millis(50));
    }
}
