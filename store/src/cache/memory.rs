//! Least-recently-used contents in memory.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::content::Hash;

/// A cache of at most `cap` bytes.
pub(crate) struct MemoryCache {
    cap: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: HashMap<Hash, (Bytes, u64)>,
    by_use: BTreeMap<u64, Hash>,
    uses: u64,
    bytes: usize,
}

impl MemoryCache {
    pub(crate) fn new(cap: usize) -> Self {
        Self {
            cap,
            state: Mutex::default(),
        }
    }

    pub(crate) fn get(&self, hash: &Hash) -> Option<Bytes> {
        let mut state = self.state.lock();
        let state = &mut *state;
        let (bytes, used) = state.entries.get_mut(hash)?;
        state.uses += 1;
        state.by_use.remove(used);
        *used = state.uses;
        state.by_use.insert(state.uses, *hash);
        Some(bytes.clone())
    }

    pub(crate) fn insert(&self, hash: Hash, bytes: &Bytes) {
        if bytes.len() > self.cap / 4 {
            return;
        }
        // A slice of a larger buffer would keep all of it alive.
        let bytes = Bytes::copy_from_slice(bytes);
        let mut state = self.state.lock();
        let state = &mut *state;
        if state.entries.contains_key(&hash) {
            return;
        }
        state.uses += 1;
        state.bytes += bytes.len();
        state.by_use.insert(state.uses, hash);
        state.entries.insert(hash, (bytes, state.uses));
        while state.bytes > self.cap {
            let Some((_, oldest)) = state.by_use.pop_first() else {
                break;
            };
            if let Some((bytes, _)) = state.entries.remove(&oldest) {
                state.bytes -= bytes.len();
            }
        }
    }

    pub(crate) fn clear(&self) {
        *self.state.lock() = State::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_goes_first() {
        let cache = MemoryCache::new(40);
        let hashes: Vec<Hash> = (0..5_u8).map(|n| Hash::of(&[n])).collect();
        for hash in &hashes[..4] {
            cache.insert(*hash, &Bytes::from_static(&[0; 10]));
        }
        assert!(cache.get(&hashes[0]).is_some());
        cache.insert(hashes[4], &Bytes::from_static(&[0; 10]));
        assert!(cache.get(&hashes[0]).is_some());
        assert!(cache.get(&hashes[1]).is_none());
    }
}
