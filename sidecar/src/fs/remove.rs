//! UNLINK and RMDIR.

use std::sync::Arc;

use remanence_store::FileId;
use remanence_store::intent::{Base, Intent};

use crate::answer::Answer;
use crate::attachment::{Attachment, record_name};
use crate::errno::{FsError, Result};
use crate::item::{Item, Stage};
use crate::journal::Record;
use crate::node_id::NodeId;
use crate::state::State;
use crate::view::ViewNode;
use crate::virtual_dir;

impl Attachment {
    /// UNLINK. Handles open on the file go on.
    pub fn unlink(self: &Arc<Self>, parent: NodeId, name: &str) -> Answer<()> {
        let mut state = self.lock();
        match self.unlink_now(&mut state, parent, name) {
            Ok(Some(item)) => self.done(&mut state, &[item]),
            Ok(None) => Answer::Now(Ok(())),
            Err(error) => Answer::Now(Err(error)),
        }
    }

    fn unlink_now(&self, state: &mut State, parent: NodeId, name: &str) -> Result<Option<u64>> {
        let node = self.child_to_change(state, parent, name)?;
        if node.is_dir() {
            return Err(FsError::IsDir);
        }
        let item = self.remove_file(state, &node)?;
        self.name_removed(state, node.parent, name);
        Ok(item)
    }

    /// Removes a file or link; `None` where the store never heard of it.
    pub(crate) fn remove_file(&self, state: &mut State, node: &ViewNode) -> Result<Option<u64>> {
        let file = node.file;
        let path = state
            .view
            .path(file)
            .unwrap_or_else(|| state.view.path_in(node.parent, &node.name));
        self.send_resumed(state, file)?;
        let unsent = state.unsent(file);
        if unsent.is_new {
            state.record_instead(&unsent.items, &Record::Done { ids: Vec::new() })?;
            state.let_go(file, &unsent);
            return Ok(None);
        }
        let intent = Intent::Remove {
            file,
            path,
            base: state.base_of_removal(file, &unsent),
            expect: None,
        };
        let intent = record_name(state, intent, &unsent.items)?;
        state.let_go(file, &unsent);
        Ok(Some(self.show(state, intent, None)))
    }

    /// A path that is made again takes its id back from an editor's backup. While the store has not heard of that, the
    /// backup's name rests on it; so it is sent before the file at the path goes.
    pub(crate) fn send_resumed(&self, state: &mut State, file: FileId) -> Result<()> {
        let resumes = |item: &Item| {
            item.content()
                .is_some_and(|c| c.file == file && c.shown && c.resume.is_some())
        };
        let unsent = state.items.values().find(|i| i.stage != Stage::Sent && resumes(i));
        let Some(resumed) = unsent.map(|i| i.id) else {
            return Ok(());
        };
        // Behind the rename that made the backup.
        let until: Vec<u64> = state
            .items
            .range(..=resumed)
            .filter(|(id, i)| i.stage == Stage::Held || **id == resumed)
            .map(|(id, _)| *id)
            .collect();
        self.send(state, &until)
    }

    /// RMDIR.
    pub fn rmdir(self: &Arc<Self>, parent: NodeId, name: &str) -> Answer<()> {
        let mut state = self.lock();
        match self.rmdir_now(&mut state, parent, name) {
            Ok(item) => self.done(&mut state, &[item]),
            Err(error) => Answer::Now(Err(error)),
        }
    }

    fn rmdir_now(&self, state: &mut State, parent: NodeId, name: &str) -> Result<u64> {
        let node = self.child_to_change(state, parent, name)?;
        if !node.is_dir() {
            return Err(FsError::NotDir);
        }
        if !state.view.is_empty_dir(node.file) {
            return Err(FsError::NotEmpty);
        }
        let item = self.remove_folder(state, &node)?;
        self.name_removed(state, node.parent, name);
        Ok(item)
    }

    /// Removes an empty folder.
    pub(crate) fn remove_folder(&self, state: &mut State, node: &ViewNode) -> Result<u64> {
        let path = state
            .view
            .path(node.file)
            .unwrap_or_else(|| state.view.path_in(node.parent, &node.name));
        let intent = record_name(state, Intent::Rmdir { file: node.file, path }, &[])?;
        state.let_go(node.file, &Unsent::default());
        state.dir_times.remove(&node.file);
        Ok(self.show(state, intent, None))
    }

    /// A child that is about to be removed or renamed.
    pub(crate) fn child_to_change(&self, state: &State, parent: NodeId, name: &str) -> Result<ViewNode> {
        if virtual_dir::holds(parent) {
            return Err(FsError::ReadOnly("`.memory` is made by the mount"));
        }
        let folder = state.folder(parent)?;
        self.check_place(state, folder, name)?;
        state.view.child(folder, name).ok_or(FsError::NotFound)
    }

    /// A name is gone.
    pub(crate) fn name_removed(&self, state: &mut State, folder: FileId, name: &str) {
        state.order.remove(folder, name);
        let now = self.now();
        state.names_changed(folder, now);
    }
}

/// Content of a file that was accepted and never sent.
#[derive(Default)]
pub(crate) struct Unsent {
    /// Its items.
    pub(crate) items: Vec<u64>,
    /// Whether the store never heard of the file.
    pub(crate) is_new: bool,
}

impl State {
    /// The content of a file that was not sent yet.
    pub(crate) fn unsent(&self, file: FileId) -> Unsent {
        let unsent = self
            .items
            .values()
            .filter_map(|item| Some((item, item.content()?)))
            .filter(|(item, content)| item.stage != Stage::Sent && content.file == file && content.shown);
        let mut found = Unsent::default();
        for (item, content) in unsent {
            found.items.push(item.id);
            found.is_new = content.create.is_some();
        }
        found
    }

    /// What a file is based on without what was never sent: to the store that is no version.
    pub(crate) fn base_without(&self, file: FileId, unsent: &Unsent) -> Base {
        let gives = |item: &&Item| item.body_of(file).is_some() && item.content().is_none_or(|content| content.shown);
        let sent = self.items.values().filter(|item| !unsent.items.contains(&item.id));
        if sent.filter(gives).count() > 0 {
            Base::Own
        } else {
            self.served.base(file, &self.view.tree)
        }
    }

    /// As [`State::base_without`], but what was in an earlier removal's way is what this one removes, if it is still that.
    fn base_of_removal(&self, file: FileId, unsent: &Unsent) -> Base {
        match self.view.tree.node(file) {
            Some(head) if self.in_the_way.get(&file) == Some(&head.version) => Base::Version {
                version: head.version,
                content: head.content().cloned().unwrap_or_default(),
            },
            _ => self.base_without(file, unsent),
        }
    }

    /// A file, link or folder goes from its path; its handles go on. What was never sent of it goes, too; the journal says
    /// so already.
    pub(crate) fn let_go(&mut self, file: FileId, unsent: &Unsent) {
        if self.detach(file, false, false).is_none() {
            self.nodes.unbind(file);
        }
        for id in &unsent.items {
            let Some(item) = self.items.remove(id) else { continue };
            for waiter in item.waiters {
                // What was to be written is gone by the caller's own wish. One that no longer waits needs no answer.
                let _ = waiter.send(Ok(()));
            }
        }
        if !unsent.items.is_empty() {
            self.rebuild();
        }
    }
}
