//! Which volume of which pod a call of the kubelet is about.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use rustix::io::Errno;

/// What the last part of each target is called.
pub(crate) const MOUNT: &str = "mount";
/// What lies between a pod's folder and its CSI volumes.
pub(crate) const CSI_VOLUMES: [&str; 2] = ["volumes", "kubernetes.io~csi"];

/// A volume, as its path says it: `<kubelet>/pods/<uid>/volumes/kubernetes.io~csi/<name>/mount`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Volume {
    /// The pod's uid.
    pub(crate) pod: String,
    /// Where it is to appear.
    pub(crate) target: PathBuf,
}

/// What a volume is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The mount.
    Memory,
    /// The folder with the socket over which the mount is handed to the sidecar.
    Handover,
}

/// Why a call is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum VolumeError {
    #[error("target path {0:?}: is not the place of a CSI volume of a pod of this kubelet")]
    Target(PathBuf),
    #[error("target path {target:?}: belongs to another pod than {pod}")]
    Pod { target: PathBuf, pod: String },
    #[error(
        "volume attribute `role`: {0:?} is neither `memory` nor `handover`; pods get their volumes from Remanence's webhook"
    )]
    Role(String),
    #[error("the kubelet does not say whose volume it is; does the CSIDriver have `podInfoOnMount: true`?")]
    NoPod,
    #[error("the volume is not ephemeral; only pods' own inline volumes are served")]
    NotEphemeral,
}

impl Volume {
    /// The volume at `target`, as the kubelet of `kubelet` (its folder) names it.
    pub(crate) fn at(kubelet: &Path, target: &str) -> Result<Self, VolumeError> {
        let target = PathBuf::from(target);
        let wrong = || VolumeError::Target(target.clone());
        let below = target.strip_prefix(kubelet.join("pods")).map_err(|_| wrong())?;
        let mut parts = Vec::new();
        for component in below.components() {
            match component {
                Component::Normal(part) => parts.push(part.to_str().ok_or_else(wrong)?),
                _ => return Err(wrong()),
            }
        }
        let [pod, volumes, csi, _, MOUNT] = parts[..] else {
            return Err(wrong());
        };
        if [volumes, csi] != CSI_VOLUMES {
            return Err(wrong());
        }
        let pod = pod.to_owned();
        Ok(Self { pod, target })
    }

    /// Its folder, opened on a way without links; the target lies in it.
    pub(crate) fn folder(&self, kubelet: &Path) -> std::io::Result<OwnedFd> {
        let folder = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        // The kubelet's own folder may be a link, by the administrator's choice.
        let root = rustix::fs::open(kubelet, folder, Mode::empty())?;
        let parent = self.target.parent().unwrap_or(&self.target);
        let below = parent.strip_prefix(kubelet).map_err(|_| Errno::INVAL)?;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        Ok(openat2(&root, below, folder, Mode::empty(), resolve)?)
    }
}

/// What the volume is for; checks that the kubelet speaks of the same pod as the path. Nothing else that comes with a
/// volume counts: all but the kubelet's own words was written by whoever wrote the pod.
pub(crate) fn role(volume: &Volume, context: &HashMap<String, String>) -> Result<Role, VolumeError> {
    let word = |key: &str| context.get(key).map(String::as_str);
    let pod = word("csi.storage.k8s.io/pod.uid").ok_or(VolumeError::NoPod)?;
    if pod != volume.pod {
        return Err(VolumeError::Pod {
            target: volume.target.clone(),
            pod: pod.to_owned(),
        });
    }
    if word("csi.storage.k8s.io/ephemeral") != Some("true") {
        return Err(VolumeError::NotEphemeral);
    }
    match word("role") {
        Some("memory") => Ok(Role::Memory),
        Some("handover") => Ok(Role::Handover),
        other => Err(VolumeError::Role(other.unwrap_or_default().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const KUBELET: &str = "/var/lib/kubelet";

    #[test]
    fn only_the_place_of_a_csi_volume_is_a_target() {
        let at = |path: &str| Volume::at(Path::new(KUBELET), path);
        let good = "/var/lib/kubelet/pods/2b/volumes/kubernetes.io~csi/memory/mount";
        assert_eq!(at(good).unwrap().pod, "2b");
        for wrong in [
            "",
            "/",
            "/etc",
            "pods/2b/volumes/kubernetes.io~csi/memory/mount",
            "/var/lib/kubelet/pods/2b/volumes/kubernetes.io~csi/memory",
            "/var/lib/kubelet/pods/2b/volumes/kubernetes.io~csi/memory/mount/deeper",
            "/var/lib/kubelet/pods/2b/volumes/kubernetes.io~empty-dir/memory/mount",
            "/var/lib/kubelet/pods/../pods/volumes/kubernetes.io~csi/memory/mount",
            "/var/lib/kubelet/pods/2b/volumes/kubernetes.io~csi/../mount",
        ] {
            assert_eq!(at(wrong).unwrap_err(), VolumeError::Target(wrong.into()));
        }
    }

    #[test]
    fn the_kubelet_must_speak_of_the_same_pod() {
        let target = "/var/lib/kubelet/pods/2b/volumes/kubernetes.io~csi/memory/mount";
        let volume = Volume::at(Path::new(KUBELET), target).unwrap();
        let asked = |words: &[(&str, &str)]| {
            let context = words.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            role(&volume, &context)
        };
        let (pod, ephemeral) = (
            ("csi.storage.k8s.io/pod.uid", "2b"),
            ("csi.storage.k8s.io/ephemeral", "true"),
        );
        assert_eq!(asked(&[pod, ephemeral, ("role", "memory")]), Ok(Role::Memory));
        assert_eq!(asked(&[pod, ephemeral, ("role", "handover")]), Ok(Role::Handover));
        assert_eq!(
            asked(&[pod, ephemeral, ("role", "root")]),
            Err(VolumeError::Role("root".into()))
        );
        assert_eq!(asked(&[pod, ephemeral]), Err(VolumeError::Role(String::new())));
        assert_eq!(asked(&[pod, ("role", "memory")]), Err(VolumeError::NotEphemeral));
        assert_eq!(asked(&[ephemeral, ("role", "memory")]), Err(VolumeError::NoPod));
        let other = ("csi.storage.k8s.io/pod.uid", "3c");
        assert!(matches!(
            asked(&[other, ephemeral, ("role", "memory")]),
            Err(VolumeError::Pod { .. })
        ));
    }

    #[test]
    fn a_link_on_the_way_is_not_followed() {
        let kubelet = tempfile::tempdir().unwrap();
        let volumes = kubelet.path().join("pods/2b/volumes/kubernetes.io~csi");
        std::fs::create_dir_all(volumes.join("real")).unwrap();
        std::os::unix::fs::symlink("real", volumes.join("link")).unwrap();
        let folder = |name: &str| {
            let target = volumes.join(name).join(MOUNT);
            Volume::at(kubelet.path(), target.to_str().unwrap())
                .unwrap()
                .folder(kubelet.path())
        };
        assert!(folder("real").is_ok());
        assert_eq!(
            folder("link").unwrap_err().raw_os_error(),
            Some(Errno::LOOP.raw_os_error())
        );
    }
}
