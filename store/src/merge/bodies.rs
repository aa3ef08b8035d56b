//! The new bytes of a group of intents: which ride in the slot, which are uploaded first, and texts to merge with.

use std::collections::{BTreeMap, HashMap, HashSet};

use bytes::{Bytes, BytesMut};

use crate::content::{Content, Extent, Hash, ObjectRef, SLOT_BODY_MAX};
use crate::id::{DataId, Seq};
use crate::random::Random;

/// Largest data object that one upload makes; longer contents become several.
const DATA_MAX: usize = 8 << 20;

/// Bodies in one slot, at most: more than a group brings, and with the header line less than what a cluster's API takes
/// in one request. Only an entry that is very large by itself has bodies beyond it, which are uploaded like large ones.
const SLOT_BODIES_MAX: u64 = 12 << 20;

/// Data objects an attempt refers to, by the hash of their bytes.
pub type Uploads = BTreeMap<Hash, (DataId, Bytes)>;

/// Bytes known by their hash: loaded to merge with, or brought by the group itself.
#[derive(Debug, Default, Clone)]
pub struct Texts {
    known: HashMap<Hash, Bytes>,
    lost: HashSet<Hash>,
}

impl Texts {
    /// Adds the bytes of an extent.
    pub fn insert(&mut self, hash: Hash, bytes: Bytes) {
        self.known.insert(hash, bytes);
    }

    /// Adds the bytes of several.
    pub fn extend(&mut self, found: HashMap<Hash, Bytes>) {
        self.known.extend(found);
    }

    /// Notes that the bytes of an extent are nowhere to be had; says whether that is new.
    pub fn lose(&mut self, extent: &Extent) -> bool {
        self.lost.insert(extent.hash)
    }

    /// Whether the bytes of an extent are nowhere to be had.
    pub fn is_lost(&self, extent: &Extent) -> bool {
        self.lost.contains(&extent.hash)
    }

    /// The bytes of an extent.
    pub fn extent(&self, extent: &Extent) -> Option<&Bytes> {
        self.known.get(&extent.hash)
    }

    /// The whole content.
    ///
    /// # Errors
    /// The extents to load first.
    pub fn content(&self, content: &Content) -> Result<Bytes, Vec<Extent>> {
        let missing: Vec<_> = content
            .extents
            .iter()
            .filter(|e| !self.known.contains_key(&e.hash))
            .copied()
            .collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        if let [only] = content.extents.as_slice() {
            return Ok(self.known[&only.hash].clone());
        }
        let mut all = BytesMut::new();
        for extent in &content.extents {
            all.extend_from_slice(&self.known[&extent.hash]);
        }
        Ok(all.freeze())
    }
}

/// Places the new bytes of one attempt at a slot.
#[derive(Debug, Default)]
pub struct Bodies {
    seq: Seq,
    in_slot: Vec<Bytes>,
    slot_bytes: u64,
    data: Uploads,
}

impl Bodies {
    /// Bodies for an attempt at `seq`; `data` are the objects of the attempt before, so that nothing is uploaded twice.
    pub fn new(seq: Seq, data: Uploads) -> Self {
        Self {
            seq,
            in_slot: Vec::new(),
            slot_bytes: 0,
            data,
        }
    }

    /// Places `bytes` and returns the extents that hold them; none for no bytes. Extents in the slot count from the
    /// end of its header line.
    pub fn add(&mut self, bytes: &Bytes, random: &dyn Random, texts: &mut Texts) -> Vec<Extent> {
        if bytes.is_empty() {
            return Vec::new();
        }
        let length = bytes.len() as u64;
        if bytes.len() <= SLOT_BODY_MAX && self.slot_bytes + length <= SLOT_BODIES_MAX {
            let hash = Hash::of(bytes);
            texts.insert(hash, bytes.clone());
            let offset = self.slot_bytes;
            self.slot_bytes += length;
            self.in_slot.push(bytes.clone());
            return vec![Extent {
                object: ObjectRef::Slot(self.seq),
                offset,
                length,
                hash,
            }];
        }
        let mut extents = Vec::new();
        for start in (0..bytes.len()).step_by(DATA_MAX) {
            let chunk = bytes.slice(start..bytes.len().min(start + DATA_MAX));
            let hash = Hash::of(&chunk);
            texts.insert(hash, chunk.clone());
            let length = chunk.len() as u64;
            let (id, _) = self.data.entry(hash).or_insert_with(|| (DataId::random(random), chunk));
            extents.push(Extent {
                object: ObjectRef::Data(*id),
                offset: 0,
                length,
                hash,
            });
        }
        extents
    }

    /// How far the slot's bodies reach.
    pub fn mark(&self) -> (usize, u64) {
        (self.in_slot.len(), self.slot_bytes)
    }

    /// Takes out what was added to the slot since: the bytes of an intent that is refused.
    pub fn back_to(&mut self, (bodies, bytes): (usize, u64)) {
        self.in_slot.truncate(bodies);
        self.slot_bytes = bytes;
    }

    /// The bodies that ride in the slot, in order, and their total length.
    pub fn in_slot(&self) -> (&[Bytes], u64) {
        (&self.in_slot, self.slot_bytes)
    }

    /// The data objects it refers to.
    pub fn data(&self) -> &Uploads {
        &self.data
    }

    /// Takes the data objects, for the next attempt.
    pub fn into_data(self) -> Uploads {
        self.data
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    #[test]
    fn a_slot_holds_no_more_than_its_share_of_small_bodies() {
        let (random, mut texts) = (SeededRandom::new(1), Texts::default());
        let mut bodies = Bodies::new(7, Uploads::new());
        let fit = SLOT_BODIES_MAX as usize / SLOT_BODY_MAX;
        for nth in 0..fit + 3 {
            let mut body = vec![b'x'; SLOT_BODY_MAX];
            body[..8].copy_from_slice(&(nth as u64).to_le_bytes());
            let extents = bodies.add(&body.into(), &random, &mut texts);
            let in_slot = matches!(
                extents[..],
                [Extent {
                    object: ObjectRef::Slot(7),
                    ..
                }]
            );
            assert_eq!((extents.len(), in_slot), (1, nth < fit), "{nth}");
        }
        assert_eq!((bodies.in_slot().1, bodies.data().len()), (SLOT_BODIES_MAX, 3));
    }
}
