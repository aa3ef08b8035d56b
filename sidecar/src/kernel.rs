//! What the kernel is told when others changed something. The filesystem knows it only by this trait.

use std::sync::OnceLock;

use crate::node_id::NodeId;

/// Something the kernel must no longer answer from its own caches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outdated {
    /// A node's attributes.
    Attributes(NodeId),
    /// A folder's listing and attributes.
    Folder(NodeId),
    /// What a name in a folder leads to.
    Name(NodeId, String),
}

/// A kernel that can be told.
pub trait Notify: Send + Sync {
    /// Tells it. Must not wait for a lock that a running call may hold.
    fn outdated(&self, what: &Outdated);
}

/// The kernel, once there is one.
#[derive(Default)]
pub struct Kernel(OnceLock<Box<dyn Notify>>);

impl Kernel {
    /// From now on there is one.
    pub fn connect(&self, kernel: Box<dyn Notify>) {
        // A mount has one session; a second connection would be a mistake of the caller that changes nothing.
        let _ = self.0.set(kernel);
    }

    /// Tells it, if there is one.
    pub fn tell(&self, outdated: &[Outdated]) {
        if let Some(kernel) = self.0.get() {
            for what in outdated {
                kernel.outdated(what);
            }
        }
    }
}

impl std::fmt::Debug for Kernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kernel").finish_non_exhaustive()
    }
}
