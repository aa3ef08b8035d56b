//! News of commits: what others changed becomes visible, and the kernel is told to look again.

use remanence_store::FileId;
use remanence_store::op::Place;
use remanence_store::store::Update;
use remanence_store::tree::{Change, ChangeKind};

use crate::attachment::Attachment;
use crate::item::Stage;
use crate::kernel::Outdated;
use crate::settle::outdate_name;
use crate::state::State;

impl Attachment {
    /// Takes in an update; says what the kernel must be told.
    pub(crate) fn update(&self, state: &mut State, update: Update) -> Vec<Outdated> {
        let mut outdated = Vec::new();
        if update.tree.seq <= state.view.tree.seq && update.tree.write == state.view.tree.write {
            return outdated;
        }
        let own = self.store.mount();
        let (expected, news): (Vec<_>, Vec<_>) = update
            .changes
            .into_iter()
            .partition(|change| change.mount == own && is_expected(state, change));
        for change in expected.iter().chain(&news) {
            state.served.leave(change.file, &state.view.tree);
        }
        // While the view still shows what open handles go on reading.
        for change in &news {
            detach_changed(state, change, &mut outdated);
        }
        state.view.tree = update.tree;
        for change in &expected {
            state.served.committed(change.file, &state.view.tree);
        }
        state.rebuild();
        for change in expected.iter().chain(&news) {
            state.forget_gone(change.file);
        }
        for change in &news {
            state.tell(change, &mut outdated);
        }
        state.nodes.write();
        outdated
    }
}

/// Whether a change is one of this mount's own that the view shows already.
fn is_expected(state: &State, change: &Change) -> bool {
    let sent = |file: FileId, table: &std::collections::HashMap<FileId, u64>| {
        table
            .get(&file)
            .and_then(|item| state.items.get(item))
            .is_some_and(|item| item.stage == Stage::Sent)
    };
    match change.kind {
        ChangeKind::Replaced | ChangeKind::Appended => sent(change.file, &state.bodies) || has_sent(state, change.file),
        _ => state.last.contains_key(&change.file),
    }
}

/// Whether any shown item of the file is on its way, be it followed by others or not.
fn has_sent(state: &State, file: FileId) -> bool {
    state.bodies.contains_key(&file)
        && state
            .items
            .values()
            .any(|i| i.stage == Stage::Sent && i.body_of(file).is_some() && i.content().is_none_or(|c| c.shown))
}

/// A file whose content others replaced, or removed, gets detached from its node.
fn detach_changed(state: &mut State, change: &Change, outdated: &mut Vec<Outdated>) {
    let file = change.file;
    let body = state.bodies.get(&file).and_then(|id| state.items.get(id));
    let open = body.is_some_and(|item| item.stage == Stage::Open);
    match change.kind {
        ChangeKind::Appended if body.is_none() => {}
        ChangeKind::Replaced | ChangeKind::Appended | ChangeKind::Removed { .. } => {
            let removed = matches!(change.kind, ChangeKind::Removed { .. });
            if body.is_some() && (!open || has_sent(state, file)) {
                // Own writes are on their way: what the path shows is known once they are settled.
                state.stale.insert(file);
            } else if let Some(id) = state.detach(file, true, !removed) {
                outdated.push(Outdated::Attributes(id));
            }
        }
        _ => {}
    }
}

impl State {
    fn tell(&mut self, change: &Change, outdated: &mut Vec<Outdated>) {
        let time = self.view.tree.time;
        let here = self.view.node(change.file).map(|n| n.place());
        let mut names_changed = |state: &mut State, place: &Place| {
            outdate_name(state, place.parent, &place.name, outdated);
            state.names_changed(place.parent, time);
        };
        match &change.kind {
            ChangeKind::Created => {
                if let Some(place) = here {
                    names_changed(self, &place);
                }
            }
            ChangeKind::Moved { from } => {
                names_changed(self, from);
                if let Some(place) = here {
                    names_changed(self, &place);
                }
            }
            ChangeKind::Removed { from } => names_changed(self, from),
            ChangeKind::Appended | ChangeKind::Attributes | ChangeKind::Replaced => {
                if let Some(id) = self.nodes.known(change.file) {
                    outdated.push(Outdated::Attributes(id));
                }
                // `sendfile` and `splice` believe the size that the kernel knows, be it outdated or not. A look-up on the
                // way to the next open tells it the new one.
                if change.kind == ChangeKind::Appended
                    && let Some(place) = here
                    && let Some(folder) = self.nodes.known(place.parent)
                {
                    outdated.push(Outdated::Name(folder, place.name));
                }
            }
        }
    }
}
