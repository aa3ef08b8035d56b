//! Container images in the cluster.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

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

/// Whether this very archive was loaded.
pub(crate) fn is_loaded(place: &Place, archive: &Path) -> bool {
    let noted = place.read(&note(archive));
    noted.is_ok_and(|noted| fingerprint(archive).is_ok_and(|found| noted == found))
}

pub(crate) fn mark_loaded(place: &Place, archive: &Path) -> Result<()> {
    place.write(&note(archive), &fingerprint(archive)?)
}

fn note(archive: &Path) -> String {
    let name = archive.file_name().unwrap_or(archive.as_os_str());
    format!("{}.loaded", name.to_string_lossy())
}

fn fingerprint(archive: &Path) -> Result<String> {
    let is = fs::metadata(archive).with_context(|| format!("reading {}", archive.display()))?;
    Ok(format!("{} {}.{:09}", is.len(), is.mtime(), is.mtime_nsec()))
}

pub(crate) fn wait_for_containerd(place: &Place, machine: &Machine) -> Result<()> {
    let answers = run::until("containerd answers", PATIENCE, || {
        let (status, answer) = run::captured(machine.enter(LIMIT, "ctr").arg("version"))?;
        Ok(if status.success() { Ok(()) } else { Err(answer) })
    });
    answers.map_err(|error| anyhow!("{error:#}\n{}", place.last_words(&["containerd"])))
}
