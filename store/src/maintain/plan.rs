//! What is worth moving, and what goes together: a pure function of the tree and the sizes of data objects.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use crate::content::{Extent, ObjectRef, SLOT_BODY_MAX};
use crate::id::{DataId, Seq};
use crate::maintain::rights::Stored;
use crate::tree::{Node, Tree};

/// Size of an object that small contents are packed into: one read of a folder fetches it whole.
pub(super) const PACK: u64 = 4 << 20;

/// Extents of a file this small, one behind the other, are worth joining…
const SHORT: u64 = PACK / 4;

/// …once there are so many.
const MANY: usize = 32;

/// A packed object below this size is small…
const SMALL_PACK: u64 = PACK / 16;

/// …and so many small ones are packed again.
const MANY_PACKS: usize = 16;

/// Objects one run writes at most; the next run goes on.
const MOST_PACKS: usize = 64;

/// Extents that go into one new object, in order.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Pack {
    pub(super) extents: Vec<Extent>,
    /// Those that become one extent.
    pub(super) joins: Vec<Range<usize>>,
    pub(super) bytes: u64,
}

/// Plans the moves of a run. Worth moving are live contents
/// - in slots at or below the horizon: the slot can then be stubbed, and a folder is read with few requests;
/// - in data objects of which most is past retention;
/// - in many small packed objects;
/// - of a file in very many extents, which then become few.
pub(super) fn plan(tree: &Tree, horizon: Seq, data: &[Stored]) -> Vec<Pack> {
    let thin = thin(tree, horizon, data);
    let mut files: Vec<(String, &Arc<Node>, Vec<bool>)> = Vec::new();
    for node in tree.nodes() {
        let Some(content) = node.content() else { continue };
        let mut wanted: Vec<bool> = content
            .extents
            .iter()
            .map(|e| match e.object {
                ObjectRef::Slot(seq) => seq <= horizon,
                ObjectRef::Data(id) => thin.contains(&id),
            })
            .collect();
        want_long_runs(&content.extents, &mut wanted);
        if wanted.contains(&true) {
            files.push((tree.path(node.parent).unwrap_or_default(), node, wanted));
        }
    }
    files.sort_by(|a, b| (&a.0, &a.1.name).cmp(&(&b.0, &b.1.name)));
    let mut packer = Packer::default();
    for (_, node, wanted) in &files {
        let extents = node.content().map_or(&[][..], |c| &c.extents);
        let mut at = 0;
        for run in wanted.chunk_by(|a, b| a == b) {
            if run[0] {
                packer.add_run(&extents[at..at + run.len()]);
            }
            at += run.len();
        }
    }
    packer.finish()
}

/// Data objects whose live contents are worth moving away.
fn thin(tree: &Tree, horizon: Seq, data: &[Stored]) -> HashSet<DataId> {
    let distinct: HashSet<&Extent> = tree.live_extents().collect();
    let mut live: HashMap<DataId, (u64, bool)> = HashMap::new();
    for extent in distinct {
        if let ObjectRef::Data(id) = extent.object {
            let (bytes, packed) = live.entry(id).or_default();
            *bytes += extent.length;
            *packed |= extent.length <= SLOT_BODY_MAX as u64;
        }
    }
    let used = |stored: &&Stored| live.get(&stored.id).map(|(bytes, packed)| (*bytes, *packed));
    let past = |stored: &Stored| {
        tree.superseded
            .get(&stored.object())
            .is_none_or(|last| *last <= horizon)
    };
    let mut thin: HashSet<DataId> = data
        .iter()
        .filter(|s| used(s).is_some_and(|(bytes, _)| bytes * 2 < s.size) && past(s))
        .map(|s| s.id)
        .collect();
    let small: Vec<DataId> = data
        .iter()
        .filter(|s| s.size < SMALL_PACK && used(s).is_some_and(|(_, packed)| packed))
        .map(|s| s.id)
        .collect();
    if small.len() >= MANY_PACKS {
        thin.extend(small);
    }
    thin
}

/// Marks runs of very many short extents.
fn want_long_runs(extents: &[Extent], wanted: &mut [bool]) {
    let mut at = 0;
    for run in extents.chunk_by(|a, b| (a.length < SHORT) == (b.length < SHORT)) {
        if run.len() >= MANY && run[0].length < SHORT {
            wanted[at..at + run.len()].fill(true);
        }
        at += run.len();
    }
}

#[derive(Default)]
struct Packer {
    packs: Vec<Pack>,
    open: Pack,
    taken: HashSet<Extent>,
}

impl Packer {
    /// Adds consecutive extents of a file; they become one extent, or several of at most a pack's size.
    fn add_run(&mut self, run: &[Extent]) {
        let mut from = 0;
        let mut bytes = 0;
        for (at, extent) in run.iter().enumerate() {
            if bytes > 0 && bytes + extent.length > PACK {
                self.add(&run[from..at], bytes);
                (from, bytes) = (at, 0);
            }
            bytes += extent.length;
        }
        self.add(&run[from..], bytes);
    }

    fn add(&mut self, run: &[Extent], bytes: u64) {
        let distinct: HashSet<&Extent> = run.iter().collect();
        // What another file shares keeps its own extents.
        if distinct.len() < run.len() || run.iter().any(|e| self.taken.contains(e)) {
            for extent in run {
                if self.taken.insert(*extent) {
                    self.place(&[*extent], extent.length);
                }
            }
            return;
        }
        self.taken.extend(run);
        self.place(run, bytes);
    }

    fn place(&mut self, run: &[Extent], bytes: u64) {
        if self.open.bytes > 0 && self.open.bytes + bytes > PACK {
            self.packs.push(std::mem::take(&mut self.open));
        }
        let start = self.open.extents.len();
        self.open.extents.extend(run);
        self.open.bytes += bytes;
        if run.len() > 1 {
            self.open.joins.push(start..start + run.len());
        }
    }

    fn finish(mut self) -> Vec<Pack> {
        if !self.open.extents.is_empty() {
            self.packs.push(self.open);
        }
        self.packs.truncate(MOST_PACKS);
        self.packs
    }
}
