//! When a writer owes the readers a batch or an index.

use crate::batch;
use crate::id::Seq;
use crate::log::Loaded;
use crate::slot::Slot;
use crate::tree::Tree;

/// Header lines shrink about this much in a batch.
const SHRINKS: u64 = 6;

/// Below this an index is not worth a request.
const SMALLEST_INDEX: u64 = 64 << 10;

/// An index at least this often, so that opening a store lists and reads a bounded number of objects.
const MOST_SLOTS: u64 = 1024;

/// What was written since the newest batch and index.
pub(crate) struct Upkeep {
    /// Slots of the batch under way, as far as they were seen.
    slots: Vec<Slot>,
    /// Bytes that batches since the index take or will take.
    since_index: u64,
    index: (u64, Seq),
}

/// What is due.
pub(crate) struct Due {
    /// Slots for the batch that ends with `last`; those missing must be read.
    pub(crate) batch: Option<(Seq, Vec<Slot>)>,
    /// The tree to write as an index.
    pub(crate) index: Option<Tree>,
}

impl Upkeep {
    pub(crate) fn new(loaded: &Loaded) -> Self {
        let mut upkeep = Self {
            slots: Vec::new(),
            since_index: 0,
            index: loaded.index,
        };
        for slot in &loaded.slots {
            upkeep.add(slot);
        }
        upkeep
    }

    pub(crate) fn add(&mut self, slot: &Slot) {
        self.since_index += slot.header_len / SHRINKS;
        if slot.header.seq % batch::SLOTS == 1 {
            self.slots.clear();
        }
        self.slots.push(slot.clone());
    }

    /// What the writer of the newest slot owes.
    pub(crate) fn due(&mut self, tree: &Tree) -> Option<Due> {
        let batch = (tree.seq > 0 && tree.seq.is_multiple_of(batch::SLOTS))
            .then(|| (tree.seq, std::mem::take(&mut self.slots)));
        let behind = self.since_index > (self.index.0 / 4).max(SMALLEST_INDEX) || tree.seq - self.index.1 >= MOST_SLOTS;
        let index = behind.then(|| {
            // Estimated until it is encoded: what it was, and what was added.
            self.index = (self.index.0 + self.since_index, tree.seq);
            self.since_index = 0;
            tree.clone()
        });
        (batch.is_some() || index.is_some()).then_some(Due { batch, index })
    }
}
