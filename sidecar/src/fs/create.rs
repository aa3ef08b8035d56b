//! CREATE, MKNOD, MKDIR and SYMLINK.

use std::sync::Arc;

use remanence_store::FileId;
use remanence_store::intent::{Base, Create, Intent};
use remanence_store::merge::stays_inside;

use crate::answer::Answer;
use crate::attachment::{Attachment, place};
use crate::body::Body;
use crate::errno::{FsError, Result};
use crate::fs::attr::Attr;
use crate::fs::open::{OpenMode, Opened};
use crate::item::ContentItem;
use crate::journal::Resume;
use crate::node_id::NodeId;
use crate::settings::Durability;
use crate::state::{Known, State};
use crate::temp_names::looks_temporary;
use crate::view::{ViewKind, ViewNode};
use crate::virtual_dir;

/// How a file is made.
#[derive(Debug, Clone, Copy)]
pub struct CreateMode {
    /// Permission bits.
    pub mode: u32,
    /// `O_EXCL`: it must not exist; the commit precedes the answer.
    pub exclusive: bool,
    /// How it is opened.
    pub open: OpenMode,
}

impl Attachment {
    /// CREATE: makes a file and opens it.
    pub fn create(self: &Arc<Self>, parent: NodeId, name: &str, how: CreateMode) -> Answer<(Attr, Opened)> {
        let mut state = self.lock();
        let folder = match self.folder_for_new(&state, parent) {
            Ok(folder) => folder,
            Err(error) => return Answer::Now(Err(error)),
        };
        if let Some(there) = state.view.child(folder, name) {
            if how.exclusive {
                return Answer::Now(Err(FsError::Exists));
            }
            return self.open_existing(state, &there, how.open);
        }
        let (known, item) = match self.make_file(&mut state, folder, name, how.mode, how.exclusive) {
            Ok(made) => made,
            Err(error) => return Answer::Now(Err(error)),
        };
        let entry = state.entry(&known);
        entry.open += 1;
        entry.writers += u32::from(how.open.write);
        let opened = Opened {
            writable: how.open.write,
            made_anew: false,
        };
        let at_once = how.exclusive && self.settings.durability == Durability::Store && !looks_temporary(name);
        let done = if at_once {
            self.send_and_wait(&mut state, &[item])
        } else {
            Answer::Now(Ok(()))
        };
        if let Answer::Now(Ok(())) = done {
            return Answer::Now(state.attr(&known).map(|attr| (attr, opened)));
        }
        drop(state);
        let this = self.clone();
        let (id, writable) = (known.id, how.open.write);
        match done {
            Answer::Now(result) => Answer::Now(result.map(|()| unreachable!("only failures are left"))),
            Answer::Later(future) => Answer::later(async move {
                let result = future.await.and_then(|()| this.getattr(id));
                if result.is_err() {
                    // The kernel never hears of the node.
                    this.release(id, writable);
                    this.forget(id, 1);
                }
                result.map(|attr| (attr, opened))
            }),
        }
    }

    fn open_existing(
        self: &Arc<Self>,
        mut state: parking_lot::MutexGuard<'_, State>,
        there: &ViewNode,
        open: OpenMode,
    ) -> Answer<(Attr, Opened)> {
        if there.is_dir() {
            return Answer::Now(Err(FsError::IsDir));
        }
        let id = state.give(there.file);
        drop(state);
        let this = self.clone();
        self.open(id, open).then(move |opened| Ok((this.getattr(id)?, opened)))
    }

    /// MKNOD of a regular file: like an exclusive create, without a handle.
    pub fn mknod(self: &Arc<Self>, parent: NodeId, name: &str, mode: u32) -> Answer<Attr> {
        let mut state = self.lock();
        let made = self
            .folder_for_new(&state, parent)
            .and_then(|folder| must_not_exist(&state, folder, name).map(|()| folder))
            .and_then(|folder| self.make_file(&mut state, folder, name, mode, true));
        let (known, item) = match made {
            Ok(made) => made,
            Err(error) => return Answer::Now(Err(error)),
        };
        let done = self.done(&mut state, &[item]);
        drop(state);
        self.answer_made(known.id, done)
    }

    /// MKDIR.
    pub fn mkdir(self: &Arc<Self>, parent: NodeId, name: &str, mode: u32) -> Answer<Attr> {
        self.make(parent, name, false, |file, path, place| Intent::Mkdir {
            file,
            path,
            place,
            mode: mode & 0o777,
            exists_ok: false,
        })
    }

    /// SYMLINK: relative, and within the store.
    pub fn symlink(self: &Arc<Self>, parent: NodeId, name: &str, target: &str) -> Answer<Attr> {
        let path = {
            let state = self.lock();
            match state.folder(parent) {
                Ok(folder) => state.view.path_in(folder, name),
                Err(error) => return Answer::Now(Err(error)),
            }
        };
        if !stays_inside(&path, target) || target.contains(char::is_control) {
            let why = "a symbolic link must be relative, stay within its store and hold no control characters";
            return Answer::Now(Err(FsError::NotPermitted(why)));
        }
        self.make(parent, name, true, |file, path, place| Intent::Symlink {
            file,
            path,
            place,
            target: target.to_owned(),
        })
    }

    fn make(
        self: &Arc<Self>,
        parent: NodeId,
        name: &str,
        counts: bool,
        intent: impl FnOnce(FileId, String, remanence_store::op::Place) -> Intent,
    ) -> Answer<Attr> {
        let mut state = self.lock();
        let made = (|| {
            let folder = self.folder_for_new(&state, parent)?;
            must_not_exist(&state, folder, name)?;
            self.check_new(&state, folder, name, counts)?;
            let file = FileId::random(self.store.random());
            let path = state.view.path_in(folder, name);
            let item = self.accept(&mut state, intent(file, path, place(folder, name)))?;
            self.name_added(&mut state, folder, name);
            Ok((file, item))
        })();
        let (file, item) = match made {
            Ok(made) => made,
            Err(error) => return Answer::Now(Err(error)),
        };
        let id = state.give(file);
        state.nodes.write();
        let done = self.done(&mut state, &[item]);
        drop(state);
        self.answer_made(id, done)
    }

    /// Answers with what was made; where it was refused the kernel never hears of the node.
    fn answer_made(self: &Arc<Self>, id: NodeId, done: Answer<()>) -> Answer<Attr> {
        match done {
            Answer::Now(Ok(())) => Answer::Now(self.getattr(id)),
            Answer::Now(Err(error)) => {
                self.forget(id, 1);
                Answer::Now(Err(error))
            }
            Answer::Later(future) => {
                let this = self.clone();
                Answer::later(async move {
                    let result = future.await.and_then(|()| this.getattr(id));
                    if result.is_err() {
                        this.forget(id, 1);
                    }
                    result
                })
            }
        }
    }

    fn folder_for_new(&self, state: &State, parent: NodeId) -> Result<FileId> {
        if virtual_dir::holds(parent) {
            return Err(FsError::ReadOnly("`.memory` is made by the mount"));
        }
        let folder = state.folder(parent)?;
        self.check_writable(state)?;
        Ok(folder)
    }

    fn make_file(
        self: &Arc<Self>,
        state: &mut State,
        folder: FileId,
        name: &str,
        mode: u32,
        exclusive: bool,
    ) -> Result<(Known, u64)> {
        self.check_new(state, folder, name, true)?;
        let now = self.now();
        let mode = mode & 0o777;
        let backup = self.editor_backup(state, folder, name);
        let file = backup.unwrap_or_else(|| FileId::random(self.store.random()));
        let seen = ViewNode {
            file,
            parent: folder,
            name: name.into(),
            kind: ViewKind::File,
            mode,
            mtime: now,
            ctime: now,
        };
        let mut content = ContentItem {
            file,
            create: None,
            resume: None,
            base: Base::Nothing,
            body: Body::default(),
            adds_to: None,
            mode: Some(mode),
            mtime: now,
            source: Base::Nothing,
            seen,
            shown: true,
            node: NodeId::ROOT,
        };
        if backup.is_some() {
            self.resume(state, &mut content, file, folder, name);
        } else {
            content.create = Some(Create {
                place: place(folder, name),
                exclusive,
            });
        }
        content.node = state.nodes.id(file);
        let id = content.node;
        let item = self.start_content(state, content)?;
        self.name_added(state, folder, name);
        state.give(file);
        state.entry(&known(id, file)).ctime = Some(now);
        state.nodes.write();
        Ok((known(id, file), item))
    }

    /// A committed file that was renamed from just this place to a temporary-looking name a moment ago, and is still
    /// there: an editor's backup.
    fn editor_backup(&self, state: &mut State, folder: FileId, name: &str) -> Option<FileId> {
        let window = self.timing.resume_window;
        state.renamed_away.retain(|r| r.at.elapsed() < window);
        let at = state
            .renamed_away
            .iter()
            .position(|r| r.from.parent == folder && r.from.name == name)?;
        let renamed = state.renamed_away.swap_remove(at);
        let node = state.view.node(renamed.file)?;
        let quiet = state.changeable(renamed.file).is_none();
        (node.kind == ViewKind::File && quiet).then_some(renamed.file)
    }

    /// The path gets its file's id and history back; the backup becomes a file of its own, with the node the kernel
    /// knows.
    fn resume(&self, state: &mut State, content: &mut ContentItem, file: FileId, folder: FileId, name: &str) {
        (content.base, content.source) = state.base(file);
        let kept = state.source_of_file(file).map(|s| s.to_body()).unwrap_or_default();
        let backup = FileId::random(self.store.random());
        if let Some(id) = state.nodes.unbind(file) {
            state.nodes.bind(id, backup);
        }
        let resume = Resume {
            place: place(folder, name),
            backup,
        };
        content.resume = Some((resume, kept));
    }

    /// A name was made here.
    pub(crate) fn name_added(&self, state: &mut State, folder: FileId, name: &str) {
        let name: Arc<str> = name.into();
        state.order.add(folder, &name);
        let now = self.now();
        state.names_changed(folder, now);
    }
}

fn known(id: NodeId, file: FileId) -> Known {
    Known {
        id,
        file,
        detached: false,
        superseded: false,
    }
}

fn must_not_exist(state: &State, folder: FileId, name: &str) -> Result<()> {
    let is_virtual = folder == FileId::ROOT && name == virtual_dir::NAME;
    if is_virtual || state.view.child(folder, name).is_some() {
        return Err(FsError::Exists);
    }
    Ok(())
}
