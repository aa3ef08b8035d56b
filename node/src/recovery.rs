//! Finds the pods of a predecessor, so that their sidecars can give their mounts back at once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::DRIVER;
use crate::pods::Pods;
use crate::volume::{CSI_VOLUMES, MOUNT, Role, Volume};
use crate::{mountinfo, room};

/// Takes over what a predecessor left. What can't be read is left to the kubelet, which publishes again.
pub(crate) fn recover(pods: &Pods) -> io::Result<()> {
    let mounted: Vec<PathBuf> = mountinfo::list()?.into_iter().map(|mounted| mounted.target).collect();
    for pod in entries(&pods.kubelet().join("pods"))? {
        let volumes = pod.join(CSI_VOLUMES[0]).join(CSI_VOLUMES[1]);
        // One pod that can't be read, or a file among the pods, must not keep the others waiting.
        let folders = entries(&volumes).unwrap_or_else(|error| {
            tracing::warn!(volumes = %volumes.display(), %error, "left to the kubelet");
            Vec::new()
        });
        for folder in folders {
            if !is_ours(&folder) {
                continue;
            }
            let target = folder.join(MOUNT);
            let volume = target
                .to_str()
                .and_then(|target| Volume::at(pods.kubelet(), target).ok());
            let Some(volume) = volume else { continue };
            let role = if mounted.contains(&target) {
                Role::Memory
            } else if room::was_open(pods.kubelet(), &volume) {
                Role::Handover
            } else {
                // After a reboot the folder of a memory is as bare.
                continue;
            };
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::net::UnixListener;

    use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

    use super::*;
    use crate::pod::Limits;

    /// A kubelet's folder with a pod in it, as a node that was started anew finds it: nothing is mounted.
    struct Node {
        kubelet: tempfile::TempDir,
        pods: Pods,
    }

    impl Node {
        fn new() -> Self {
            let kubelet = tempfile::tempdir().unwrap();
            let pods = Pods::new(kubelet.path().to_owned(), Limits::default());
            Self { kubelet, pods }
        }

        fn target(&self, name: &str) -> PathBuf {
            let volumes = self.kubelet.path().join("pods/2b/volumes/kubernetes.io~csi");
            volumes.join(name).join(MOUNT)
        }

        fn volume(&self, name: &str) -> Volume {
            Volume::at(self.kubelet.path(), self.target(name).to_str().unwrap()).unwrap()
        }

        /// What the kubelet makes for a volume.
        fn make(&self, name: &str) {
            let target = self.target(name);
            fs::create_dir_all(&target).unwrap();
            let note = format!("{{\"driverName\":\"{DRIVER}\",\"specVolID\":\"{name}\"}}\n");
            fs::write(target.with_file_name("vol_data.json"), note).unwrap();
        }

        /// A socket on which nobody listens any more.
        fn leave_socket(&self, name: &str) {
            drop(UnixListener::bind(self.target(name).join("s")).unwrap());
        }

        fn is_answered(&self, name: &str) -> bool {
            let socket = socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap();
            let path = self.target(name).join("s");
            connect(&socket, &SocketAddrUnix::new(&path).unwrap()).is_ok()
        }
    }

    #[test]
    fn a_bare_folder_may_be_that_of_the_memory_and_is_left_to_the_kubelet() {
        let node = Node::new();
        node.make("memory");
        recover(&node.pods).unwrap();
        assert!(fs::read_dir(node.target("memory")).unwrap().next().is_none());
        node.make("handover");
        node.pods.publish(node.volume("handover"), Role::Handover).unwrap();
        assert!(node.is_answered("handover"));
    }

    #[test]
    fn a_folder_with_the_socket_of_a_predecessor_is_listened_in_at_once() {
        let node = Node::new();
        for name in ["memory", "handover"] {
            node.make(name);
        }
        node.leave_socket("handover");
        recover(&node.pods).unwrap();
        assert!(node.is_answered("handover"));
    }

    #[test]
    fn a_file_among_the_pods_is_in_nobodys_way() {
        let node = Node::new();
        node.make("handover");
        node.leave_socket("handover");
        fs::write(node.kubelet.path().join("pods/lost"), "").unwrap();
        recover(&node.pods).unwrap();
        assert!(node.is_answered("handover"));
    }

    #[test]
    fn the_kubelets_word_on_which_folder_it_is_outdoes_what_was_found() {
        let node = Node::new();
        node.make("memory");
        node.leave_socket("memory");
        recover(&node.pods).unwrap();
        node.make("handover");
        node.pods.publish(node.volume("handover"), Role::Handover).unwrap();
        assert!(node.is_answered("handover"));
        for name in ["memory", "handover"] {
            node.pods.unpublish(&node.volume(name)).unwrap();
            assert!(!node.target(name).exists(), "{name}");
        }
    }

    #[test]
    fn volumes_that_were_not_mounted_since_a_reboot_can_be_removed() {
        let node = Node::new();
        for name in ["memory", "handover"] {
            node.make(name);
        }
        node.leave_socket("handover");
        for name in ["memory", "handover"] {
            node.pods.unpublish(&node.volume(name)).unwrap();
            assert!(!node.target(name).exists(), "{name}");
        }
    }
}
