//! LOOKUP, FORGET and READLINK.

use std::sync::Arc;

use remanence_store::FileId;
use remanence_store::merge::stays_inside;
use remanence_store::name::{NAME_MAX, NameError};

use crate::attachment::Attachment;
use crate::errno::{FsError, Result};
use crate::fs::attr::Attr;
use crate::node_id::NodeId;
use crate::state::Known;
use crate::view::ViewKind;
use crate::virtual_dir;

/// A name too long to be anywhere is told apart from one that is not there.
fn absent(name: &str) -> FsError {
    if name.len() > NAME_MAX {
        FsError::Name(NameError::NameTooLong(name.len()))
    } else {
        FsError::NotFound
    }
}

impl Attachment {
    /// The child of a folder.
    ///
    /// # Errors
    /// When there is none.
    pub fn lookup(&self, parent: NodeId, name: &str) -> Result<Attr> {
        if virtual_dir::holds(parent) {
            return self.virtual_lookup(parent, name);
        }
        let mut state = self.lock();
        let folder = state.folder(parent)?;
        if folder == FileId::ROOT && name == virtual_dir::NAME {
            return Ok(virtual_dir::virtual_attr(
                &state,
                NodeId::of(self.slot, virtual_dir::FOLDER),
                0,
            ));
        }
        let node = state.view.child(folder, name).ok_or_else(|| absent(name))?;
        let id = state.give(node.file);
        state.nodes.write();
        let known = Known {
            id,
            file: node.file,
            detached: false,
            superseded: false,
        };
        state.attr(&known)
    }

    /// The kernel forgot a node that it was given `lookups` times.
    pub fn forget(&self, id: NodeId, lookups: u64) {
        if !virtual_dir::holds(id) {
            self.lock().nodes.forget(id, lookups);
        }
    }

    /// Where a symbolic link leads. One that was moved to where it would leave the store leads nowhere.
    ///
    /// # Errors
    /// When it is none, or leaves the store.
    pub fn readlink(&self, id: NodeId) -> Result<Arc<str>> {
        let state = self.lock();
        let known = state.known(id)?;
        match state.view_node(&known)?.kind {
            ViewKind::Symlink(target)
                if state
                    .view
                    .path(known.file)
                    .is_some_and(|path| stays_inside(&path, &target)) =>
            {
                Ok(target)
            }
            ViewKind::Symlink(_) => Err(FsError::NotPermitted("a link that leaves its store is not followed")),
            _ => Err(FsError::Invalid("not a symbolic link")),
        }
    }
}
