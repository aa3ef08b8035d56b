//! Finds the pods of a predecessor, so that their sidecars can give their mounts back at once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::DRIVER;
use crate::mountinfo;
use crate::pods::Pods;
use crate::volume::{CSI_VOLUMES, MOUNT, Role, Volume};

/// Takes over what a predecessor left. What can't be read is left to the kubelet, which publishes again.
pub(crate) fn recover(pods: &Pods) -> io::Result<()> {
    let mounted: Vec<PathBuf> = mountinfo::list()?.into_iter().map(|mounted| mounted.target).collect();
    for pod in entries(&pods.kubelet().join("pods"))? {
        for folder in entries(&pod.join(CSI_VOLUMES[0]).join(CSI_VOLUMES[1]))? {
            let target = folder.join(MOUNT);
            let is_mounted = mounted.contains(&target);
            if !is_ours(&folder) || (!is_mounted && fs::symlink_metadata(&target).is_err()) {
                continue;
            }
            let role = if is_mounted { Role::Memory } else { Role::Handover };
            let volume = target
                .to_str()
                .and_then(|target| Volume::at(pods.kubelet(), target).ok());
            let Some(volume) = volume else { continue };
            if let Err(error) = pods.publish(volume, role) {
                tracing::warn!(target = %target.display(), %error, "left to the kubelet");
            }
        }
    }
    Ok(())
}

/// By the kubelet's own note beside each volume.
fn is_ours(folder: &Path) -> bool {
    let note = fs::read_to_string(folder.join("vol_data.json"));
    note.is_ok_and(|note| note.contains(&format!("\"driverName\":\"{DRIVER}\"")))
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    entries.map(|entry| Ok(entry?.path())).collect()
}
