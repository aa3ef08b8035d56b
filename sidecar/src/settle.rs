//! What becomes of items once the store has spoken.

use remanence_store::content::Content;
use remanence_store::intent::{Base, Intent, Outcome, Refused};
use remanence_store::op::Place;
use remanence_store::store::Committed;
use remanence_store::{FileId, StoreError, Version};

use crate::attachment::Attachment;
use crate::errno::FsError;
use crate::item::{ContentItem, Item, What};
use crate::journal::Record;
use crate::kernel::Outdated;
use crate::state::State;

type Fate = Result<Outcome, Refused>;

impl Attachment {
    /// Settles items with the store's answer; says what the kernel must be told.
    pub(crate) fn settle(&self, state: &mut State, ids: &[u64], committed: Committed) -> Vec<Outdated> {
        let fates = match committed {
            Ok(fates) => fates,
            Err(error) => {
                let stopped = self.stop(state, &error);
                for id in ids {
                    let Some(item) = state.items.get_mut(id) else { continue };
                    for waiter in item.waiters.drain(..) {
                        // A caller that no longer waits was told already.
                        let _ = waiter.send(Err(stopped.clone()));
                    }
                }
                return Vec::new();
            }
        };
        let fates = state.fates(ids, fates);
        let mut outdated = Vec::new();
        state.detach_leaving(&fates, &mut outdated);
        let settled: Vec<(Item, Fate)> = fates
            .into_iter()
            .filter_map(|(id, fate)| Some((state.items.remove(&id)?, fate)))
            .collect();
        if let Err(error) = state.record(&Record::Done { ids: ids.to_vec() }, &[]) {
            // The log has their counters; a successor skips them by these.
            tracing::warn!(attachment = self.name, %error, "journal not marked");
        }
        state.rebuild();
        let touched: Vec<FileId> = settled.iter().flat_map(|(item, _)| item.files()).flatten().collect();
        for (mut item, fate) in settled {
            self.settle_item(state, &item, &fate, &mut outdated);
            let answer = fate.map(|_| ()).map_err(FsError::from);
            for waiter in item.waiters.drain(..) {
                // A caller that no longer waits was told EIO.
                let _ = waiter.send(answer.clone());
            }
        }
        state.renew_stale(&mut outdated);
        for file in touched {
            state.forget_gone(file);
        }
        self.tidy_journal(state);
        state.nodes.write();
        outdated
    }

    /// The store goes past nothing that failed: the journal keeps it, and all that follows, for a successor.
    fn stop(&self, state: &mut State, error: &StoreError) -> FsError {
        let journal = state
            .journal
            .as_ref()
            .map(|journal| journal.path().display().to_string());
        let stopped = state.stopped.get_or_insert_with(|| {
            let stopped = FsError::Stopped {
                cause: error.to_string(),
                journal: journal.unwrap_or_default(),
            };
            tracing::error!(attachment = self.name, "{stopped}; reads go on");
            stopped
        });
        stopped.clone()
    }

    fn settle_item(&self, state: &mut State, item: &Item, fate: &Fate, outdated: &mut Vec<Outdated>) {
        match (&item.what, fate) {
            (What::Content(content), Ok(outcome)) => state.settle_content(item.id, content, outcome),
            (What::Content(content), Err(refused)) => {
                tracing::warn!(attachment = self.name, "write refused: {refused}");
                refuse_content(state, item.id, content, outdated);
            }
            (What::Name { intent, moved, .. }, Ok(outcome)) => {
                let file = match &**intent {
                    Intent::Symlink { file, .. } | Intent::Mkdir { file, .. } => Some(*file),
                    _ => None,
                };
                if let Some(file) = file.filter(|file| *file != outcome.file) {
                    follow_alias(state, file, outcome.file);
                }
                if !outcome.ours || outcome.sibling.is_some() {
                    // What others wrote stayed at the path.
                    if let Some(place) = place_of(intent) {
                        outdate_name(state, place.parent, &place.name, outdated);
                    }
                    if let Some(node) = state.view.node(outcome.file) {
                        outdate_name(state, node.parent, &node.name, outdated);
                    }
                }
                if !outcome.ours && matches!(**intent, Intent::Remove { .. }) {
                    state.was_in_the_way(outcome.file, outcome.version);
                }
                if let Some((target, _)) = moved.as_ref().filter(|_| outcome.ours) {
                    state.settle_served(*target, outcome.version);
                }
            }
            (What::Name { intent, moved, .. }, Err(refused)) => {
                tracing::info!(attachment = self.name, "refused: {refused}");
                refuse_name(state, intent, moved.as_ref().map(|(file, _)| *file), outdated);
            }
        }
    }
}

/// Where an intent puts what it makes or moves.
fn place_of(intent: &Intent) -> Option<&Place> {
    match intent {
        Intent::Symlink { place, .. } | Intent::Mkdir { place, .. } | Intent::Rename { place, .. } => Some(place),
        _ => None,
    }
}

/// A node whose handles write on although others superseded it.
fn settle_detached(state: &mut State, id: u64, content: &ContentItem, outcome: &Outcome) {
    let stored = state
        .view
        .tree
        .node(outcome.file)
        .filter(|n| n.version == outcome.version)
        .and_then(|n| n.content().cloned());
    let Some(detached) = state
        .nodes
        .get_mut(content.node)
        .and_then(|e| e.detached.as_deref_mut())
    else {
        return;
    };
    if detached.item == Some(id) {
        detached.item = None;
        detached.body = content.body.clone();
    }
    detached.base = match stored {
        Some(stored) if outcome.ours => Base::Version {
            version: outcome.version,
            content: stored,
        },
        _ => detached.base.clone(),
    };
    state.nodes.drop_if_unused(content.node);
}

/// Another's file was made at the same path first: the node stands for that one, and so does what was accepted since.
fn follow_alias(state: &mut State, ours: FileId, theirs: FileId) {
    state.served.rename(ours, theirs);
    for item in state.items.values_mut() {
        item.follow(ours, theirs);
    }
    state.rebuild();
    let Some(id) = state.nodes.unbind(ours) else { return };
    if state.nodes.known(theirs).is_none() {
        state.nodes.bind(id, theirs);
    }
}

/// Nothing was written: the path shows again what the store has.
fn refuse_content(state: &mut State, id: u64, content: &ContentItem, outdated: &mut Vec<Outdated>) {
    if !content.shown {
        if let Some(detached) = state
            .nodes
            .get_mut(content.node)
            .and_then(|e| e.detached.as_deref_mut())
            && detached.item == Some(id)
        {
            detached.item = None;
            detached.body = content.body.clone();
        }
        state.nodes.drop_if_unused(content.node);
        return;
    }
    if state.view.node(content.file).is_none() {
        let parent = content.create.as_ref().map_or(content.seen.parent, |c| c.place.parent);
        let name = content
            .create
            .as_ref()
            .map_or_else(|| content.seen.name.to_string(), |c| c.place.name.clone());
        outdate_name(state, parent, &name, outdated);
    }
}

fn refuse_name(state: &mut State, intent: &Intent, target: Option<FileId>, outdated: &mut Vec<Outdated>) {
    match intent {
        Intent::Symlink { file, place, .. } | Intent::Mkdir { file, place, .. } => {
            if let Some(node) = state.detach(*file, true, false) {
                outdated.push(Outdated::Attributes(node));
            }
            outdate_name(state, place.parent, &place.name, outdated);
        }
        Intent::Rename { file, place, .. } => {
            if let Some(target) = target {
                // The node that had taken the target's place stands for its own file again.
                if let Some(id) = state.nodes.unbind(target) {
                    state.nodes.bind(id, *file);
                }
            }
            outdate_name(state, place.parent, &place.name, outdated);
            if let Some(node) = state.view.node(*file) {
                outdate_name(state, node.parent, &node.name, outdated);
            }
        }
        Intent::Remove { file, .. } | Intent::Rmdir { file, .. } | Intent::Setattr { file, .. } => {
            if let Some(node) = state.view.node(*file) {
                outdate_name(state, node.parent, &node.name, outdated);
                if let Some(id) = state.nodes.known(*file) {
                    outdated.push(Outdated::Attributes(id));
                }
            }
        }
        _ => {}
    }
}

/// The kernel must ask again what a name leads to.
pub(crate) fn outdate_name(state: &mut State, parent: FileId, name: &str, outdated: &mut Vec<Outdated>) {
    state.order.clear(parent);
    if let Some(folder) = state.nodes.known(parent) {
        outdated.push(Outdated::Folder(folder));
        outdated.push(Outdated::Name(folder, name.to_owned()));
    }
}

impl State {
    /// Paths that others changed while own writes were on their way get their new nodes.
    fn renew_stale(&mut self, outdated: &mut Vec<Outdated>) {
        let settled: Vec<FileId> = self
            .stale
            .iter()
            .copied()
            .filter(|file| !self.bodies.contains_key(file))
            .collect();
        for file in settled {
            self.stale.remove(&file);
            let replaced = self.view.node(file).is_some();
            if let Some(id) = self.detach(file, true, replaced) {
                outdated.push(Outdated::Attributes(id));
            }
        }
    }

    /// What became of each item: of several intents, what became of the last.
    fn fates(&self, ids: &[u64], fates: Vec<Fate>) -> Vec<(u64, Fate)> {
        let mut fates = fates.into_iter();
        let mut of = Vec::new();
        for id in ids {
            let Some(item) = self.items.get(id) else { continue };
            let last = fates.by_ref().take(item.intents() as usize).last();
            let fate = last.unwrap_or_else(|| {
                Err(Refused::Invalid {
                    path: String::new(),
                    why: "the store gave no answer for it".into(),
                })
            });
            of.push((*id, fate));
        }
        of
    }

    /// Paths that are about to show something else than what this mount wrote get new nodes, while the old ones can
    /// still be given what their handles go on reading.
    fn detach_leaving(&mut self, fates: &[(u64, Fate)], outdated: &mut Vec<Outdated>) {
        let mut leaving = Vec::new();
        for (id, fate) in fates {
            let Some(item) = self.items.get(id) else { continue };
            let file = match &item.what {
                What::Content(content) if content.shown => content.file,
                What::Name {
                    moved: Some((target, _)),
                    ..
                } => *target,
                _ => continue,
            };
            let differs = !fate.as_ref().is_ok_and(|o| o.ours);
            if differs || self.stale.contains(&file) {
                leaving.push(file);
            }
        }
        for file in leaving {
            let last = self.bodies.get(&file);
            if last.is_none_or(|last| fates.iter().any(|(id, _)| id == last)) {
                self.stale.remove(&file);
                let goes_on = self.view.tree.node(file).is_some_and(|n| n.id == file);
                if let Some(node) = self.detach(file, true, goes_on) {
                    outdated.push(Outdated::Attributes(node));
                }
            } else {
                self.stale.insert(file);
            }
        }
    }

    /// An edit that was not served here made a removal come to nothing at `version`: the next removal means that edit. A
    /// write does not: nobody has read it.
    fn was_in_the_way(&mut self, file: FileId, version: Version) {
        if let Some(head) = self.view.tree.node(file).filter(|head| head.version < version) {
            self.in_the_way.insert(file, head.version);
        }
    }

    /// What the mount wrote is what its next write is made on, after a restart, too.
    fn settle_served(&mut self, file: FileId, version: Version) {
        if let Some(content) = self.served.settled(file, version) {
            self.nodes.record_served(file, version, &content);
        }
    }

    fn settle_content(&mut self, id: u64, content: &ContentItem, outcome: &Outcome) {
        let file = outcome.file;
        if file != content.file {
            follow_alias(self, content.file, file);
        }
        if !content.shown {
            settle_detached(self, id, content, outcome);
            return;
        }
        if !outcome.ours {
            if content.body.is_empty() {
                // A file is often emptied before it is written: what follows is made on nothing.
                self.served.restore(file, Version::NONE, Content::EMPTY);
            }
            return;
        }
        match self.bodies.get(&file).copied() {
            None => self.settle_served(file, outcome.version),
            Some(next) => {
                // What follows need not hold in memory what is stored now.
                let stored = self.view.tree.node(file).and_then(|n| n.content().cloned());
                let next = self.items.get_mut(&next).and_then(Item::content_mut);
                if let (Some(stored), Some(next)) = (stored, next)
                    && next.adds_to == Some(stored.len())
                    && stored.len() == content.body.len()
                {
                    next.body.rebase(&stored);
                }
            }
        }
    }
}
