//! RENAME: atomic, within a store. Over a file it is an atomic save: the target's id and history go on.

use std::sync::Arc;
use std::time::Instant;

use remanence_store::FileId;
use remanence_store::intent::{Base, Create, Intent};

use crate::answer::Answer;
use crate::attachment::{Attachment, place, record_name};
use crate::errno::{FsError, Result};
use crate::fs::remove::Unsent;
use crate::item::Stage;
use crate::journal::Record;
use crate::node_id::NodeId;
use crate::settings::Durability;
use crate::state::{RenamedAway, State};
use crate::temp_names::looks_temporary;
use crate::view::{ViewKind, ViewNode};

/// A rename whose ends are known.
struct Move<'a> {
    node: ViewNode,
    there: Option<ViewNode>,
    folder: FileId,
    name: &'a str,
    no_replace: bool,
}

impl Attachment {
    /// RENAME.
    pub fn rename(
        self: &Arc<Self>,
        parent: NodeId,
        name: &str,
        new_parent: NodeId,
        new_name: &str,
        no_replace: bool,
    ) -> Answer<()> {
        let mut state = self.lock();
        let step = match self.check_rename(&state, parent, name, new_parent, new_name, no_replace) {
            Ok(Some(step)) => step,
            Ok(None) => return Answer::Now(Ok(())),
            Err(error) => return Answer::Now(Err(error)),
        };
        let items = match self.rename_now(&mut state, &step) {
            Ok(items) => items,
            Err(error) => return Answer::Now(Err(error)),
        };
        self.name_removed(&mut state, step.node.parent, name);
        self.name_added(&mut state, step.folder, new_name);
        if let Some(id) = state.nodes.known(step.node.file) {
            let now = self.now();
            if let Some(entry) = state.nodes.get_mut(id) {
                entry.ctime = Some(now);
            }
        }
        state.nodes.write();
        let temporary = looks_temporary(new_name) && items.iter().all(|id| is_new(&state, *id));
        match self.settings.durability {
            Durability::Store if temporary => Answer::Now(Ok(())),
            _ => self.done(&mut state, &items),
        }
    }

    fn check_rename<'a>(
        &self,
        state: &State,
        parent: NodeId,
        name: &str,
        new_parent: NodeId,
        new_name: &'a str,
        no_replace: bool,
    ) -> Result<Option<Move<'a>>> {
        let node = self.child_to_change(state, parent, name)?;
        if crate::virtual_dir::holds(new_parent) {
            return Err(FsError::ReadOnly("`.memory` is made by the mount"));
        }
        let folder = state.folder(new_parent)?;
        self.check_place(state, folder, new_name)?;
        state.view.check_name(folder, new_name, state.view.depth(node.file))?;
        let there = state.view.child(folder, new_name);
        if node.is_dir() && state.view.is_within(folder, node.file) {
            return Err(FsError::Invalid("a folder can't be moved into itself"));
        }
        if let Some(there) = &there {
            if no_replace {
                return Err(FsError::Exists);
            }
            if there.file == node.file {
                return Ok(None);
            }
            match (node.is_dir(), there.is_dir()) {
                (true, false) => return Err(FsError::NotDir),
                (false, true) => return Err(FsError::IsDir),
                (true, true) if !state.view.is_empty_dir(there.file) => return Err(FsError::NotEmpty),
                _ => {}
            }
        }
        Ok(Some(Move {
            node,
            there,
            folder,
            name: new_name,
            no_replace,
        }))
    }

    fn rename_now(self: &Arc<Self>, state: &mut State, step: &Move<'_>) -> Result<Vec<u64>> {
        let file = step.node.file;
        let unsent = state.changeable(file).filter(|id| {
            state
                .items
                .get(id)
                .and_then(|i| i.content())
                .is_some_and(|c| c.create.is_some())
        });
        let mut items = Vec::new();
        if let (Some(item), Some(link)) = (unsent, step.there.as_ref().filter(|t| t.kind != ViewKind::File)) {
            // The store sees a new file where the link is, so the link goes first.
            items.extend(self.remove_file(state, link)?);
            items.push(refile(state, item, step, None)?);
            return Ok(items);
        }
        if let Some(there) = &step.there {
            self.send_resumed(state, there.file)?;
        }
        let there = state.there(step);
        if let Some(item) = unsent {
            return Ok(vec![refile(state, item, step, there.as_ref())?]);
        }
        let target = there.as_ref().filter(|there| there.goes_on);
        let from = state.view.path(file).unwrap_or_default();
        let path = state.view.path_in(step.folder, step.name);
        let mut moved = None;
        // What another makes there meanwhile was not seen.
        let (mut over, mut shown) = (Base::Nothing, None);
        if let Some(there) = there.as_ref().filter(|there| there.is_known) {
            (over, shown) = (there.base.clone(), Some(there.file));
        }
        if let Some(target) = target {
            // The target's next version is what the file holds now, so that must be in the store first.
            if let Some(item) = state.changeable(file) {
                if let Some(item) = state.items.get_mut(&item) {
                    item.stage = Stage::Held;
                    item.due = item.since;
                }
                items.push(item);
            }
            state.freeze(file);
            let body = state.source_of_file(file).map(|s| s.to_body()).unwrap_or_default();
            moved = Some((target.file, body));
        }
        let intent = Intent::Rename {
            file,
            from,
            path,
            place: place(step.folder, step.name),
            no_replace: step.no_replace,
            over,
            there: shown,
        };
        let from_place = step.node.place();
        let instead = there.as_ref().map_or(&[][..], |there| &there.unsent.items);
        let intent = record_name(state, intent, instead)?;
        if let Some(there) = &there {
            state.let_go(there.file, &there.unsent);
        }
        items.push(self.show(state, intent, moved));
        match target {
            Some(target) => state.take_node_over(file, target.file),
            None if step.node.kind == ViewKind::File && looks_temporary(step.name) => {
                state.renamed_away.push(RenamedAway {
                    file,
                    from: from_place,
                    at: Instant::now(),
                });
            }
            None => {}
        }
        Ok(items)
    }
}

/// A file the store never heard of goes elsewhere, or becomes the new version of the target: one commit.
fn refile(state: &mut State, item: u64, step: &Move<'_>, there: Option<&There>) -> Result<u64> {
    let to = state.next_item;
    let path = state.view.path_in(step.folder, step.name);
    let create = Create {
        place: place(step.folder, step.name),
        exclusive: step.no_replace,
    };
    let target = there.filter(|there| there.goes_on);
    let (file, create, base) = match target {
        Some(target) => (target.file, None, target.base.clone()),
        None => (step.node.file, Some(create), Base::Nothing),
    };
    let record = Record::Refile {
        id: item,
        to,
        file,
        path,
        create: create.clone(),
        base: base.clone(),
    };
    state.record_instead(there.map_or(&[][..], |there| &there.unsent.items), &record)?;
    if let Some(there) = there {
        state.let_go(there.file, &there.unsent);
    }
    let Some(mut moved) = state.items.remove(&item) else {
        return Err(FsError::NotFound);
    };
    state.next_item += 1;
    moved.id = to;
    if let Some(content) = moved.content_mut() {
        content.seen.file = file;
        (content.seen.parent, content.seen.name) = (step.folder, step.name.into());
        (content.file, content.create, content.base) = (file, create, base);
    }
    state.items.insert(to, moved);
    if target.is_some() {
        state.take_node_over(step.node.file, file);
    }
    state.rebuild();
    Ok(to)
}

/// What is renamed over.
struct There {
    file: FileId,
    base: Base,
    unsent: Unsent,
    /// It is a file that the store has.
    is_known: bool,
    /// It is a file that goes on with a new version.
    goes_on: bool,
}

fn is_new(state: &State, item: u64) -> bool {
    state
        .items
        .get(&item)
        .is_some_and(|i| i.stage != Stage::Sent && i.content().is_some_and(|c| c.create.is_some()))
}

impl State {
    /// The kernel moves the source's node to the target's path: from now on it stands for the target's file.
    fn take_node_over(&mut self, source: FileId, target: FileId) {
        if let Some(id) = self.nodes.unbind(source) {
            self.nodes.bind(id, target);
        }
        self.served.forget(source);
    }

    /// What is at the target.
    fn there(&self, step: &Move<'_>) -> Option<There> {
        let there = step.there.as_ref()?;
        let unsent = self.unsent(there.file);
        let is_known = there.kind == ViewKind::File && !unsent.is_new;
        Some(There {
            file: there.file,
            base: self.base_without(there.file, &unsent),
            is_known,
            goes_on: is_known && step.node.kind == ViewKind::File,
            unsent,
        })
    }
}
