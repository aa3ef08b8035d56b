//! Where contents lie, as a tree knows it: moved, superseded, condemned, redacted. A tree learns it from the log
//! alone, so that every reader and writer of slots 1…N agrees.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::content::{Content, Extent, ObjectRef};
use crate::id::{FileId, Seq, Version};
use crate::op::Relocation;
use crate::tree::{Moved, Node, NodeKind, Tree};

/// Longest chain of moves that is followed. An extent moves once in a maintenance run at most, and links older than
/// the horizon are forgotten; only a forged log is longer.
const LONGEST_CHAIN: usize = 100_000;

impl Tree {
    /// The extent where its bytes lie now, after all moves.
    pub fn located(&self, extent: &Extent) -> Extent {
        let mut at = *extent;
        for _ in 0..LONGEST_CHAIN {
            match self.relocated.get(&at) {
                Some(moved) => (at.object, at.offset) = (moved.object, moved.offset),
                None => break,
            }
        }
        at
    }

    /// The content where its bytes lie now.
    pub fn located_content(&self, content: &Content) -> Content {
        Content {
            extents: content.extents.iter().map(|e| self.located(e)).collect(),
        }
    }

    /// Every extent that live files refer to.
    pub fn live_extents(&self) -> impl Iterator<Item = &Extent> {
        self.nodes().filter_map(|n| n.content()).flat_map(|c| &c.extents)
    }

    /// Every object that live files refer to.
    pub fn live_objects(&self) -> HashSet<ObjectRef> {
        self.live_extents().map(|e| e.object).collect()
    }

    /// Objects at which the moves that commits after `horizon` made come to an end: states from before such a move are
    /// read there. When a joined extent moves on, those it was joined from stay behind.
    pub(crate) fn ends_of_moves(&self, horizon: Seq) -> HashSet<ObjectRef> {
        let retained = self.relocated.iter().filter(|(_, moved)| moved.by > horizon);
        retained
            .map(|(from, moved)| Extent {
                object: moved.object,
                offset: moved.offset,
                ..*from
            })
            .filter(|end| !self.relocated.contains_key(end))
            .map(|end| end.object)
            .collect()
    }

    /// Whether any of an extent's bytes are redacted, wherever they were moved.
    pub fn is_redacted(&self, extent: &Extent) -> bool {
        if self.redacted.is_empty() {
            return false;
        }
        let at = self.located(extent);
        self.redacted_in(at.object).any(|r| overlap(r, &at))
    }

    /// Whether an object holds, or held, redacted bytes.
    pub fn holds_redacted(&self, object: ObjectRef) -> bool {
        self.redacted_in(object).next().is_some()
    }

    fn redacted_in(&self, object: ObjectRef) -> impl Iterator<Item = &Extent> {
        let least = Extent {
            object,
            offset: 0,
            length: 0,
            hash: crate::content::Hash([0; 32]),
        };
        self.redacted.range(least..).take_while(move |r| r.object == object)
    }

    /// Whether an object that a writer uploaded, or saw, when it knew the tree at `since` may be gone by now, or
    /// may go: the writer must then write the bytes again under a new name. What the tree at `since` or a later one
    /// still refers to when the write lands is never gone.
    pub fn may_be_gone(&self, object: ObjectRef, since: Seq) -> bool {
        self.condemned.contains_key(&object)
            || self.collected > since
            || self.holds_redacted(object)
            || matches!(object, ObjectRef::Slot(seq) if self.stubbed.contains(seq))
    }

    /// Whether an extent that a new version of `file` wants to keep stays for certain: a retained state or the file
    /// itself refers to its object. Where the log is not what was seen before (`changed`), a slot may hold something else
    /// by now, and only what the file itself refers to counts.
    pub(crate) fn stays(&self, extent: &Extent, file: FileId, changed: bool) -> bool {
        let object = extent.object;
        let content = self.node(file).and_then(|n| n.content());
        let mut held = content.iter().flat_map(|c| &c.extents);
        let stays = if changed && matches!(object, ObjectRef::Slot(_)) {
            held.any(|e| e == extent)
        } else {
            self.superseded.contains_key(&object) || held.any(|e| e.object == object)
        };
        stays && !self.condemned.contains_key(&object) && !self.holds_redacted(object)
    }

    /// Notes that `node`'s content gives way to `content`.
    pub(crate) fn supersede(&mut self, node: &Node, content: &Content, seq: Seq) {
        let Some(old) = node.content() else { return };
        // Contents mostly have one extent; a set pays only for long ones.
        let kept: Option<HashSet<&Extent>> = (content.extents.len() > 8).then(|| content.extents.iter().collect());
        for extent in &old.extents {
            let stays = kept
                .as_ref()
                .map_or_else(|| content.extents.contains(extent), |kept| kept.contains(extent));
            if !stays {
                self.superseded.insert(extent.object, seq);
            }
        }
    }

    pub(crate) fn apply_moves(&mut self, moves: &[Relocation], joined: &[Extent], seq: Seq) {
        for moved in moves {
            let (object, offset) = (moved.to, moved.at);
            self.relocated.insert(
                moved.from,
                Moved {
                    by: seq,
                    object,
                    offset,
                },
            );
            // What is no longer live takes its retention along.
            if let Some(last) = self.superseded.get(&moved.from.object).copied() {
                let there = self.superseded.entry(moved.to).or_insert(last);
                *there = last.max(*there);
            }
        }
        let sources: HashSet<Extent> = moves.iter().map(|m| m.from).collect();
        let joined: HashMap<(ObjectRef, u64), Extent> = joined.iter().map(|e| ((e.object, e.offset), *e)).collect();
        let holders: Vec<Arc<Node>> = self
            .nodes()
            .filter(|n| {
                n.content()
                    .is_some_and(|c| c.extents.iter().any(|e| sources.contains(e)))
            })
            .cloned()
            .collect();
        for holder in holders {
            let mut node = Node::clone(&holder);
            if let NodeKind::File { content, .. } = &mut node.kind {
                *content = join(self.located_content(content), &joined);
            }
            self.nodes.insert(node.id, Arc::new(node));
        }
    }

    pub(crate) fn apply_condemn(&mut self, objects: &[ObjectRef], horizon: Seq, seq: Seq) {
        self.horizon = self.horizon.max(horizon);
        let horizon = self.horizon;
        // States older than the horizon are gone, and later ones name the new place themselves.
        self.relocated = std::mem::take(&mut self.relocated)
            .into_iter()
            .filter(|(_, moved)| moved.by > horizon)
            .collect();
        self.superseded = std::mem::take(&mut self.superseded)
            .into_iter()
            .filter(|(_, last)| *last > horizon)
            .collect();
        for object in objects {
            self.superseded.remove(object);
            self.condemned.insert(*object, seq);
        }
    }

    pub(crate) fn apply_collected(&mut self, objects: &[ObjectRef], seq: Seq) {
        self.collected = seq;
        for object in objects {
            self.condemned.remove(object);
            self.destroying.remove(object);
            if let ObjectRef::Slot(slot) = object {
                self.stubbed.insert(*slot);
            }
        }
    }

    pub(crate) fn apply_redact(&mut self, content: &Content, version: Version) {
        for extent in &content.extents {
            self.destroying.insert(extent.object, version);
            self.redacted.insert(*extent);
        }
    }
}

/// Whether two extents share bytes of an object.
pub(crate) fn overlap(a: &Extent, b: &Extent) -> bool {
    a.object == b.object && a.offset < b.offset + b.length && b.offset < a.offset + a.length
}

/// Replaces each run of extents that is one of `joined` by it.
fn join(content: Content, joined: &HashMap<(ObjectRef, u64), Extent>) -> Content {
    if joined.is_empty() {
        return content;
    }
    let extents = content.extents;
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = extents.get(at) {
        let whole = joined.get(&(first.object, first.offset));
        let run = whole.and_then(|whole| Some((*whole, run_length(&extents[at..], whole)?)));
        let (extent, parts) = run.unwrap_or((*first, 1));
        out.push(extent);
        at += parts;
    }
    Content { extents: out }
}

/// How many extents from the first on make up exactly `whole`, if they do.
fn run_length(extents: &[Extent], whole: &Extent) -> Option<usize> {
    let mut end = whole.offset;
    for (index, extent) in extents.iter().enumerate() {
        if extent.object != whole.object || extent.offset != end {
            return None;
        }
        end += extent.length;
        if end == whole.offset + whole.length {
            return Some(index + 1);
        }
    }
    None
}
