//! When a writer owes the readers a batch or an index.

use crate::error::Result;
use crate::id::Seq;
use crate::log::Loaded;
use crate::planted::{self, Bug};
use crate::shared::Shared;
use crate::slot::Slot;
use crate::tree::Tree;
use crate::{batch, index};

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
    /// A full batch whose last slot this handle wrote.
    full: Option<(Seq, Vec<Slot>)>,
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
            full: None,
            since_index: 0,
            index: loaded.index,
        };
        for slot in &loaded.slots {
            upkeep.add(slot, false);
        }
        upkeep
    }

    /// Takes note of a slot; `own` says that this handle wrote it.
    pub(crate) fn add(&mut self, slot: &Slot, own: bool) {
        self.since_index += slot.header_len / SHRINKS;
        if slot.header.seq % batch::SLOTS == 1 {
            self.slots.clear();
        }
        self.slots.push(slot.clone());
        if slot.header.seq.is_multiple_of(batch::SLOTS) {
            let slots = std::mem::take(&mut self.slots);
            self.full = own.then_some((slot.header.seq, slots)).or(self.full.take());
        }
    }

    /// What this handle owes.
    pub(crate) fn due(&mut self, tree: &Tree) -> Option<Due> {
        let batch = self.full.take();
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

impl Shared {
    /// Writes a batch and an index. Both are functions of the slots: whoever was quicker wrote the same.
    pub(crate) async fn write_upkeep(&self, due: Due) -> Result<()> {
        let Some(append) = &self.backend().append else {
            return Ok(());
        };
        // What others will go by must be what the bucket holds, not what this handle believes.
        if !self.verify_all().await? {
            return Ok(());
        }
        if let Some((last, mut slots)) = due.batch {
            let first = last + 1 - batch::SLOTS;
            if slots.len() as u64 != batch::SLOTS {
                let known_from = slots.first().map_or(last + 1, |s| s.header.seq);
                let mut all = self.log.headers(first..=known_from - 1, 0).await?;
                all.append(&mut slots);
                slots = all;
            }
            if planted::is(Bug::BatchSkipsSlot) {
                slots[0] = slots[slots.len() - 1].clone();
            }
            append
                .put_if_absent(&self.log.key(&batch::key(last)), batch::encode(&slots).into())
                .await?;
        }
        if let Some(tree) = due.index {
            let key = self.log.key(&index::key(tree.seq));
            append
                .put_if_absent(&key, index::encode_of(self.id(), &tree).into())
                .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::author::Author;
    use crate::id::{MountId, WriteId};
    use crate::slot::{FORMAT, Header};

    /// After an index of such a size at the start of the log.
    fn after(size: u64) -> Upkeep {
        Upkeep::new(&Loaded {
            tree: Tree::empty(),
            index: (size, 0),
            slots: Vec::new(),
            missing: None,
        })
    }

    /// A slot whose header takes so many bytes in a batch.
    fn slot(seq: Seq, bytes: u64) -> Slot {
        let header = Header {
            format: FORMAT,
            seq,
            write: WriteId::default(),
            previous: WriteId::default(),
            time: Timestamp::UNIX_EPOCH,
            author: Author::user("ada"),
            mount: MountId::default(),
            first: 1,
            last: 1,
            ops: Vec::new(),
            body: 0,
        };
        Slot {
            header,
            header_len: bytes * SHRINKS,
        }
    }

    fn at(seq: Seq) -> Tree {
        let mut tree = Tree::empty();
        tree.seq = seq;
        tree
    }

    #[test]
    fn an_index_is_due_once_batches_exceed_a_quarter_of_the_last() {
        let size = 1 << 20;
        let mut upkeep = after(size);
        upkeep.add(&slot(1, size / 4), true);
        assert!(upkeep.due(&at(1)).is_none(), "a quarter is not more than a quarter");
        upkeep.add(&slot(2, 1), true);
        let due = upkeep.due(&at(2));
        assert_eq!(due.and_then(|due| due.index).map(|tree| tree.seq), Some(2));
        // From then on it counts from that one, which is larger.
        upkeep.add(&slot(3, size / 4 + 1), true);
        assert!(upkeep.due(&at(3)).is_none());
    }

    #[test]
    fn a_small_store_needs_no_index_until_opening_it_takes_many_requests() {
        let mut upkeep = after(0);
        upkeep.add(&slot(1, SMALLEST_INDEX), true);
        assert!(upkeep.due(&at(MOST_SLOTS - 1)).is_none());
        assert!(upkeep.due(&at(MOST_SLOTS)).is_some());
    }
}
