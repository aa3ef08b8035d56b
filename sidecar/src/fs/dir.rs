//! OPENDIR and READDIR. A listing is continued by an offset that names an entry, so handles carry no state.

use std::sync::Arc;

use crate::attachment::Attachment;
use crate::dir_order::FIRST_OFFSET;
use crate::errno::Result;
use crate::fs::attr::{Attr, Kind};
use crate::node_id::NodeId;
use crate::state::Known;
use crate::view::ViewKind;
use crate::virtual_dir;

/// An entry of a listing.
pub struct DirEntry<'a> {
    /// Offset of the entry that follows.
    pub next: u64,
    /// Its name.
    pub name: &'a str,
    /// Its node; not counted as given yet.
    pub id: NodeId,
    /// What it is.
    pub kind: Kind,
    /// Its attributes, if they were asked for.
    pub attr: Option<Attr>,
}

impl Attachment {
    /// OPENDIR.
    ///
    /// # Errors
    /// When it is gone or not a folder.
    pub fn opendir(&self, id: NodeId) -> Result<()> {
        if virtual_dir::holds(id) {
            return Ok(());
        }
        self.lock().folder(id).map(|_| ())
    }

    /// READDIR from `offset` on, until `add` says that it is full. With `plus` each entry added is given to the kernel
    /// with its attributes.
    ///
    /// # Errors
    /// When the folder is gone.
    pub fn readdir(
        &self,
        id: NodeId,
        offset: u64,
        plus: bool,
        add: &mut dyn FnMut(&DirEntry<'_>) -> bool,
    ) -> Result<()> {
        if virtual_dir::holds(id) {
            virtual_dir::virtual_readdir(&self.lock(), id, offset, add);
            return Ok(());
        }
        let mut guard = self.lock();
        let state = &mut *guard;
        let folder = state.folder(id)?;
        // The kernel shows no name without a node, so these two come with attributes, too.
        let own = if plus {
            Some(state.attr(&state.known(id)?)?)
        } else {
            None
        };
        for (at, name) in [(1, "."), (2, "..")] {
            if offset < at {
                let entry = DirEntry {
                    next: at,
                    name,
                    id,
                    kind: Kind::Dir,
                    attr: own,
                };
                if add(&entry) {
                    return Ok(());
                }
            }
        }
        let view = &state.view;
        let order = state
            .order
            .of(folder, || view.children(folder).map(|(name, _)| name).collect());
        let from = if offset < FIRST_OFFSET {
            FIRST_OFFSET
        } else {
            offset + 1
        };
        // A page of names at a time: the nodes are looked up without holding the order.
        let page: Vec<(u64, Arc<str>)> = order.range(from..).take(4096).map(|(o, n)| (*o, n.clone())).collect();
        for (next, name) in page {
            let Some(node) = state.view.child(folder, &name) else {
                continue;
            };
            let kind = match node.kind {
                ViewKind::Dir => Kind::Dir,
                ViewKind::File => Kind::File,
                ViewKind::Symlink(_) => Kind::Symlink,
            };
            let id = state.nodes.id(node.file);
            let known = Known {
                id,
                file: node.file,
                detached: false,
                superseded: false,
            };
            let attr = if plus { Some(state.attr(&known)?) } else { None };
            let entry = DirEntry {
                next,
                name: &name,
                id,
                kind,
                attr,
            };
            if add(&entry) {
                break;
            }
            if plus {
                state.give(node.file);
            }
        }
        state.nodes.write();
        Ok(())
    }
}
