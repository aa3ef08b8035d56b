//! UNLINK and RMDIR.

use std::sync::Arc;

use remanence_store::FileId;
use remanence_store::intent::{Base, Intent};

use crate::answer::Answer;
use crate::attachment::Attachment;
use crate::errno::{FsError, Result};
use crate::item::{Item, Stage};
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
        state.record_taken_back()?;
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
        let base = state.base(file).0;
        if state.detach(file, false, false).is_none() {
            state.nodes.unbind(file);
        }
        if state.drop_unsent(file).is_some_and(|d| d.is_new) {
            return Ok(None);
        }
        let base = match base {
            // What was written here and never sent is no version to the store.
            Base::Own if !state.bodies.contains_key(&file) => state.served.base(file, &state.view.tree),
            base => base,
        };
        let intent = Intent::Remove {
            file,
            path,
            base,
            expect: None,
        };
        self.accept(state, intent, None).map(Some)
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
        if state.detach(node.file, false, false).is_none() {
            state.nodes.unbind(node.file);
        }
        state.dir_times.remove(&node.file);
        let intent = Intent::Rmdir { file: node.file, path };
        self.accept(state, intent, None)
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

/// Unsent content that was taken back.
pub(crate) struct Dropped {
    /// Whether the store never heard of the file.
    pub(crate) is_new: bool,
}

impl State {
    /// Takes back unsent content of a file, which is gone.
    pub(crate) fn drop_unsent(&mut self, file: FileId) -> Option<Dropped> {
        let unsent: Vec<u64> = self
            .items
            .values()
            .filter(|i| i.stage != Stage::Sent && i.content().is_some_and(|c| c.file == file && c.shown))
            .map(|i| i.id)
            .collect();
        let mut dropped = None;
        for id in unsent {
            let item = self.take_back(id);
            let is_new = item
                .as_ref()
                .and_then(|i| i.content())
                .is_some_and(|c| c.create.is_some());
            dropped = Some(Dropped { is_new });
        }
        dropped
    }
}
