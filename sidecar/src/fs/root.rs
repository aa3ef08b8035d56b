//! The mount's root: a read-only folder with a folder for each attached store and the note for the agent.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use parking_lot::RwLock;

use crate::attachment::Attachment;
use crate::errno::{FsError, Result};
use crate::fs::attr::{Attr, Kind};
use crate::fs::dir::DirEntry;
use crate::fs::read::cut;
use crate::fs::statfs::Usage;
use crate::kernel::{Kernel, Outdated};
use crate::node_id::{NodeId, ROOT_SLOT, SESSIONS_SLOT};
use crate::notes::{self, NOTES};

/// Folder of the session store, not listed.
pub const SESSIONS: &str = ".sessions";

/// How long the kernel may keep what the root says: attachments come and go.
const TTL: Duration = Duration::from_secs(1);

/// The whole filesystem.
#[derive(Debug)]
pub struct Fs {
    agent: String,
    at: PathBuf,
    started: Timestamp,
    kernel: Arc<Kernel>,
    attachments: RwLock<Vec<Arc<Attachment>>>,
    has_sessions: bool,
}

/// Where a node belongs.
pub enum Room {
    /// The root folder.
    Root,
    /// The note.
    Note,
    /// The session folder while no store is attached there: empty.
    NoSessions,
    /// An attached store.
    Attached(Arc<Attachment>),
}

impl Fs {
    /// The filesystem of an agent, to be mounted at `at`. `has_sessions`: there is a session folder, even while no store
    /// is attached there.
    pub fn new(agent: &str, at: PathBuf, kernel: Arc<Kernel>, has_sessions: bool) -> Self {
        Self {
            agent: agent.to_owned(),
            at,
            started: Timestamp::now(),
            kernel,
            attachments: RwLock::new(Vec::new()),
            has_sessions,
        }
    }

    /// Attaches a store.
    pub fn attach(&self, attachment: Arc<Attachment>) {
        let name = root_name(&attachment).to_owned();
        self.attachments.write().push(attachment);
        self.root_changed(&name);
    }

    /// Detaches a store: its folder is gone, but for the session folder, which then is empty. Handles get ESTALE.
    pub fn detach(&self, name: &str) -> Option<Arc<Attachment>> {
        let mut attachments = self.attachments.write();
        let at = attachments.iter().position(|a| root_name(a) == name)?;
        let attachment = attachments.remove(at);
        drop(attachments);
        self.root_changed(name);
        Some(attachment)
    }

    fn root_changed(&self, name: &str) {
        self.kernel.tell(&[
            Outdated::Folder(NodeId::ROOT),
            Outdated::Name(NodeId::ROOT, name.to_owned()),
            Outdated::Attributes(NOTES[0].1),
            Outdated::Attributes(NOTES[1].1),
        ]);
    }

    /// Changes what the note tells of a store.
    pub fn instruct(&self, name: &str, instructions: &str) {
        let attachment = self.attachments.read().iter().find(|a| root_name(a) == name).cloned();
        if let Some(attachment) = attachment {
            instructions.clone_into(&mut attachment.instructions.lock());
            self.kernel.tell(&NOTES.map(|(_, note)| Outdated::Attributes(note)));
        }
    }

    /// The attached stores.
    pub fn attachments(&self) -> Vec<Arc<Attachment>> {
        self.attachments.read().clone()
    }

    /// Where a node belongs.
    ///
    /// # Errors
    /// ESTALE for a node of a store that was detached.
    pub fn room(&self, id: NodeId) -> Result<Room> {
        if id.slot() == ROOT_SLOT {
            return match id {
                NodeId::ROOT => Ok(Room::Root),
                _ if NOTES.iter().any(|(_, note)| *note == id) => Ok(Room::Note),
                _ => Err(FsError::Superseded),
            };
        }
        if let Some(attachment) = self.attachments.read().iter().find(|a| a.slot == id.slot()) {
            return Ok(Room::Attached(attachment.clone()));
        }
        if id == NodeId::root_of(SESSIONS_SLOT) && self.has_sessions {
            return Ok(Room::NoSessions);
        }
        Err(FsError::Superseded)
    }

    /// The store a node belongs to, for a call that changes something.
    ///
    /// # Errors
    /// EROFS for the root and what it holds itself.
    pub fn attached(&self, id: NodeId) -> Result<Arc<Attachment>> {
        match self.room(id)? {
            Room::Attached(attachment) => Ok(attachment),
            Room::Root | Room::Note => Err(FsError::ReadOnly("the mount's root is read-only")),
            Room::NoSessions => Err(FsError::ReadOnly("no session store is attached")),
        }
    }

    /// Whether a name in the root is a store's folder: it can be neither removed nor renamed.
    pub fn is_attached_folder(&self, parent: NodeId, name: &str) -> bool {
        parent == NodeId::ROOT
            && ((name == SESSIONS && self.has_sessions) || self.attachments.read().iter().any(|a| root_name(a) == name))
    }

    /// LOOKUP in the root.
    ///
    /// # Errors
    /// When there is no such name.
    pub fn lookup_root(&self, name: &str) -> Result<Attr> {
        if let Some((_, id)) = NOTES.iter().find(|(n, _)| *n == name) {
            return Ok(self.root_attr(*id));
        }
        if name == SESSIONS && self.has_sessions {
            return self.getattr_root(NodeId::root_of(SESSIONS_SLOT));
        }
        let there = self.attachments.read().iter().find(|a| root_name(a) == name).cloned();
        let attachment = there.ok_or(FsError::NotFound)?;
        attachment.getattr(NodeId::root_of(attachment.slot))
    }

    fn getattr_root(&self, id: NodeId) -> Result<Attr> {
        match self.room(id)? {
            Room::Attached(attachment) => attachment.getattr(id),
            _ => Ok(self.root_attr(id)),
        }
    }

    /// Attributes of the root, the note, and a session folder without a store.
    pub fn root_attr(&self, id: NodeId) -> Attr {
        let is_note = NOTES.iter().any(|(_, note)| *note == id);
        Attr {
            id,
            kind: if is_note { Kind::File } else { Kind::Dir },
            size: if is_note { self.note().len() as u64 } else { 4096 },
            mode: if is_note { 0o444 } else { 0o555 },
            atime: self.started,
            mtime: self.started,
            ctime: self.started,
            nlink: 1,
            ttl: TTL,
        }
    }

    /// READDIR of the root: notes and stores, but not the session folder.
    pub fn readdir_root(&self, id: NodeId, offset: u64, add: &mut dyn FnMut(&DirEntry<'_>) -> bool) {
        let mut entries = vec![
            (".".to_owned(), id, Kind::Dir),
            ("..".to_owned(), NodeId::ROOT, Kind::Dir),
        ];
        if id == NodeId::ROOT {
            entries.extend(NOTES.iter().map(|(name, id)| ((*name).to_owned(), *id, Kind::File)));
            let attachments = self.attachments.read();
            let listed = attachments.iter().filter(|a| a.slot != SESSIONS_SLOT);
            entries.extend(listed.map(|a| (a.name.clone(), NodeId::root_of(a.slot), Kind::Dir)));
        }
        for (at, (name, id, kind)) in entries.iter().enumerate().skip(offset as usize) {
            let entry = DirEntry {
                next: at as u64 + 1,
                name,
                id: *id,
                kind: *kind,
                attr: None,
            };
            if add(&entry) {
                return;
            }
        }
    }

    /// READ of the note.
    pub fn read_note(&self, offset: u64, size: u32) -> Bytes {
        cut(&self.note().into(), offset, size)
    }

    fn note(&self) -> String {
        let attachments = self.attachments.read();
        notes::text(&self.agent, &self.at, attachments.iter().map(|a| &**a))
    }

    /// STATFS of the root: all stores together.
    pub fn usage(&self) -> Usage {
        self.attachments
            .read()
            .iter()
            .fold(Usage::default(), |sum, a| sum.plus(a.usage()))
    }
}

fn root_name(attachment: &Attachment) -> &str {
    if attachment.slot == SESSIONS_SLOT {
        SESSIONS
    } else {
        &attachment.name
    }
}
