//! The control groups under which a cluster's pods run: in every hierarchy, a group of its own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cluster::place::Place;
use crate::run;

const ROOT: &str = "/sys/fs/cgroup";
const PATIENCE: Duration = Duration::from_mins(1);

/// The group's name, below each hierarchy.
pub(crate) fn name(place: &Place) -> String {
    format!("/remanence-{}", place.name)
}

pub(crate) fn make(place: &Place) -> Result<()> {
    for hierarchy in hierarchies()? {
        let group = hierarchy.join(&name(place)[1..]);
        fs::create_dir_all(&group).with_context(|| format!("making {}", group.display()))?;
        // Version 1: a group without processors and memory nodes takes no process.
        for setting in ["cpuset.cpus", "cpuset.mems"] {
            if let Ok(value) = fs::read_to_string(hierarchy.join(setting)) {
                fs::write(group.join(setting), value).with_context(|| format!("setting {setting}"))?;
            }
        }
    }
    Ok(())
}

/// Those that are there.
pub(crate) fn groups(place: &Place) -> Result<Vec<PathBuf>> {
    let all = hierarchies()?.into_iter().map(|one| one.join(&name(place)[1..]));
    Ok(all.filter(|group| group.exists()).collect())
}

pub(crate) fn remove(place: &Place) -> Result<()> {
    for group in groups(place)? {
        // A process that was killed leaves its group a moment later.
        run::until(&format!("{} is removed", group.display()), PATIENCE, || {
            Ok(remove_below(&group).map_err(|error| error.to_string()))
        })?;
    }
    Ok(())
}

fn remove_below(group: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(group) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_below(&entry.path())?;
        }
    }
    fs::remove_dir(group)
}

fn hierarchies() -> Result<Vec<PathBuf>> {
    let root = Path::new(ROOT);
    if root.join("cgroup.controllers").exists() {
        return Ok(vec![root.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(root).with_context(|| format!("reading {ROOT}; is cgroup mounted?"))? {
        let entry = entry.with_context(|| format!("reading {ROOT}"))?;
        // Links are other names for the same.
        if entry.file_type().with_context(|| format!("reading {ROOT}"))?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}
