//! What is left of a cluster that was taken down: nothing may be.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cluster::place::Place;
use crate::cluster::{cgroups, link};

/// Fails with what is left; `network` is the namespace that the cluster had.
pub(super) fn nothing(place: &Place, network: Option<&Path>) -> Result<()> {
    let mut left = Vec::new();
    if place.root().exists() {
        left.push(format!("the folder {}", place.root().display()));
    }
    left.extend(mounts(place.root())?);
    left.extend(processes(place.root(), network)?);
    if link::interface(place).exists() {
        left.push(format!("the interface {}", link::interface(place).display()));
    }
    let groups = cgroups::groups(place)?;
    left.extend(
        groups
            .iter()
            .map(|group| format!("the control group {}", group.display())),
    );
    if left.is_empty() {
        return Ok(());
    }
    bail!("the cluster `{}` left:\n  {}", place.name, left.join("\n  "));
}

/// Mounts in a folder.
fn mounts(root: &Path) -> Result<Vec<String>> {
    let table = fs::read_to_string("/proc/self/mountinfo").context("reading the mounts")?;
    let points = table.lines().filter_map(|line| line.split(' ').nth(4));
    let below = points.filter(|point| Path::new(point).starts_with(root));
    Ok(below.map(|point| format!("the mount {point}")).collect())
}

/// Processes that were told of the folder, or that are in the network namespace.
fn processes(root: &Path, network: Option<&Path>) -> Result<Vec<String>> {
    let root = root.display().to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").context("reading the processes")? {
        let path = entry.context("reading the processes")?.path();
        // Those that have just ended can't be read any more.
        let command = fs::read(path.join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        let is_inside = || network.is_some() && fs::read_link(path.join("ns/net")).ok().as_deref() == network;
        if command.contains(&root) || is_inside() {
            let number = path.file_name().unwrap_or_default().to_string_lossy();
            found.push(format!("the process {number} ({})", command.trim()));
        }
    }
    Ok(found)
}

/// The network namespace of a process.
pub(super) fn network_of(process: &str) -> Result<PathBuf> {
    let link = format!("/proc/{process}/ns/net");
    fs::read_link(&link).with_context(|| format!("reading {link}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Read;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_is_found_by_its_folder_and_by_its_namespace() {
        let root = Path::new("/nowhere/clusters/left-test");
        assert!(mounts(root).unwrap().is_empty());
        assert!(!mounts(Path::new("/proc")).unwrap().is_empty());
        assert!(processes(root, None).unwrap().is_empty());
        let mut command = Command::new("sh");
        command.args(["-c", "echo; read -r word", "sh"]).arg(root.join("log"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        // Its words can be read once it runs, which is later than the spawn's end.
        process.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let found = processes(root, None).unwrap();
        let network = network_of(&process.id().to_string()).unwrap();
        let inside = processes(root, Some(&network)).unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
        assert!(found.len() == 1 && found[0].contains("left-test/log"), "{found:?}");
        // This test itself is in it, too.
        assert!(inside.len() > 1, "{inside:?}");
        assert!(processes(root, None).unwrap().is_empty());
    }
}
