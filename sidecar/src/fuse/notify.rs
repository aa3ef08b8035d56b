//! What the kernel is told of changes that came from elsewhere.

use std::ffi::OsStr;
use std::io;
use std::sync::mpsc;

use fuser::{INodeNo, Notifier};

use crate::kernel::{Notify, Outdated};
use crate::node_id::NodeId;

/// Tells the kernel. What may wait for a folder's lock goes to a thread of its own.
pub(super) struct KernelNotify {
    notifier: Notifier,
    names: mpsc::Sender<(NodeId, String)>,
}

impl KernelNotify {
    pub(super) fn start(notifier: Notifier) -> io::Result<Self> {
        let (names, outdated) = mpsc::channel::<(NodeId, String)>();
        let teller = notifier.clone();
        std::thread::Builder::new().name("fuse-names".into()).spawn(move || {
            for (parent, name) in outdated {
                if let Err(error) = teller.inval_entry(INodeNo(parent.0), OsStr::new(&name)) {
                    tracing::debug!(%parent, name, %error, "kernel not told");
                }
            }
        })?;
        Ok(Self { notifier, names })
    }
}

impl Notify for KernelNotify {
    fn outdated(&self, what: &Outdated) {
        let told = match what {
            // A negative offset: attributes only, the pages stay.
            Outdated::Attributes(id) => self.notifier.inval_inode(INodeNo(id.0), -1, 0),
            Outdated::Folder(id) => self.notifier.inval_inode(INodeNo(id.0), 0, 0),
            Outdated::Name(parent, name) => {
                // The thread ends with the mount.
                let _ = self.names.send((*parent, name.clone()));
                Ok(())
            }
        };
        if let Err(error) = told {
            tracing::debug!(?what, %error, "kernel not told");
        }
    }
}
