//! GETATTR and SETATTR.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use remanence_store::intent::Intent;

use crate::answer::Answer;
use crate::attachment::Attachment;
use crate::errno::{FsError, Result};
use crate::item::Stage;
use crate::journal::Record;
use crate::node_id::NodeId;
use crate::settings::Durability;
use crate::state::{Known, State};
use crate::view::ViewKind;
use crate::virtual_dir;

/// How long the kernel may answer from its own caches: until it is told otherwise.
pub const LONG: Duration = Duration::from_hours(24);

/// Kinds of nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Dir,
    /// A file.
    File,
    /// A symbolic link.
    Symlink,
}

/// What the kernel is told of a node.
#[derive(Debug, Clone, Copy)]
pub struct Attr {
    /// The node.
    pub id: NodeId,
    /// What it is.
    pub kind: Kind,
    /// Size in bytes.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Access time.
    pub atime: Timestamp,
    /// Modification time.
    pub mtime: Timestamp,
    /// Time of the last change.
    pub ctime: Timestamp,
    /// Names that lead to it.
    pub nlink: u32,
    /// How long the kernel may keep this.
    pub ttl: Duration,
}

/// What SETATTR changes.
#[derive(Debug, Clone, Copy, Default)]
pub struct SetAttr {
    /// Permission bits.
    pub mode: Option<u32>,
    /// Size.
    pub size: Option<u64>,
    /// Access time.
    pub atime: Option<Timestamp>,
    /// Modification time.
    pub mtime: Option<Timestamp>,
    /// Whether it comes through a handle open for writing.
    pub through_handle: bool,
}

impl State {
    /// A node's attributes.
    pub(crate) fn attr(&self, known: &Known) -> Result<Attr> {
        let node = self.view_node(known)?;
        let (kind, size) = match &node.kind {
            ViewKind::Dir => (Kind::Dir, 4096),
            ViewKind::File => (Kind::File, self.source(known).size()),
            ViewKind::Symlink(target) => (Kind::Symlink, target.len() as u64),
        };
        let entry = self.nodes.get(known.id);
        let (mut mtime, mut ctime) = (node.mtime, node.ctime);
        if let Some(time) = self.dir_times.get(&known.file).filter(|_| kind == Kind::Dir) {
            (mtime, ctime) = (mtime.max(*time), ctime.max(*time));
        }
        Ok(Attr {
            id: known.id,
            kind,
            size,
            mode: node.mode,
            atime: entry.and_then(|e| e.atime).unwrap_or(mtime),
            mtime,
            ctime: entry.and_then(|e| e.ctime).map_or(ctime, |t| t.max(ctime)),
            nlink: u32::from(!known.detached || known.superseded),
            ttl: if known.superseded { Duration::ZERO } else { LONG },
        })
    }
}

impl Attachment {
    /// GETATTR.
    ///
    /// # Errors
    /// ESTALE where the path has a newer node and no handle holds this one.
    pub fn getattr(&self, id: NodeId) -> Result<Attr> {
        let state = self.lock();
        if virtual_dir::holds(id) {
            return Ok(self.virtual_attr_now(&state, id));
        }
        let known = state.known(id)?;
        let open = state.nodes.get(id).map_or(0, |e| e.open);
        if known.superseded && open == 0 {
            return Err(FsError::Superseded);
        }
        state.attr(&known)
    }

    /// SETATTR. Mode and times never wait; a size waits where it comes without a handle.
    pub fn setattr(self: &Arc<Self>, id: NodeId, set: SetAttr) -> Answer<Attr> {
        if virtual_dir::holds(id) {
            return Answer::Now(Err(FsError::ReadOnly("`.memory` is made by the mount")));
        }
        let resized = match set.size {
            Some(size) => self.truncate(id, size, set.through_handle),
            None => Answer::Now(Ok(())),
        };
        let this = self.clone();
        let finish = move || {
            let mut state = this.lock();
            this.set_mode_and_times(&mut state, id, &set)?;
            let known = state.known(id)?;
            state.attr(&known)
        };
        resized.then(move |()| finish())
    }

    fn set_mode_and_times(self: &Arc<Self>, state: &mut State, id: NodeId, set: &SetAttr) -> Result<()> {
        let known = state.known(id)?;
        let now = self.now();
        if set.mode.is_none() && set.atime.is_none() && set.mtime.is_none() {
            return Ok(());
        }
        self.check_file(state, known.file)?;
        // Set-uid, set-gid and sticky bits mean nothing where one user owns everything; they are not kept.
        let mode = set.mode.map(|m| m & 0o777);
        if known.id.index() != 1 {
            let entry = state.entry(&known);
            entry.ctime = Some(now);
            entry.atime = set.atime.or(entry.atime);
        }
        if mode.is_none() && set.mtime.is_none() {
            return Ok(());
        }
        if known.detached {
            let entry = state.entry(&known);
            if let Some(detached) = &mut entry.detached {
                detached.node.mode = mode.unwrap_or(detached.node.mode);
                detached.node.mtime = set.mtime.unwrap_or(detached.node.mtime);
            }
            return Ok(());
        }
        let last = state.last.get(&known.file).copied();
        if let Some(item) = state.changeable(known.file).filter(|item| last == Some(*item)) {
            let adds = state
                .items
                .get(&item)
                .and_then(|i| i.content())
                .is_some_and(|c| c.adds_to.is_some());
            // An append has no mode to carry.
            if !(adds && mode.is_some()) {
                let record = Record::Attributes {
                    id: item,
                    mode,
                    mtime: set.mtime,
                };
                state.record(&record, &[])?;
                if let Some(content) = state.items.get_mut(&item).and_then(|i| i.content_mut()) {
                    content.mode = mode.or(content.mode);
                    content.mtime = set.mtime.unwrap_or(content.mtime);
                }
                state.apply(item);
                return Ok(());
            }
        }
        let Some(path) = state.view.path(known.file) else {
            return Err(FsError::Superseded);
        };
        let intent = Intent::Setattr {
            file: known.file,
            path,
            mode,
            mtime: set.mtime,
        };
        let item = self.accept(state, intent)?;
        match self.settings.durability {
            Durability::Store => self.send(state, &[item]),
            // Its answer would only wait for older ones.
            Durability::Local => {
                if let Some(item) = state.items.get_mut(&item) {
                    item.stage = Stage::Held;
                    let due = item.due;
                    self.wake_at(due);
                }
                Ok(())
            }
        }
    }
}
