//! Acknowledged entries, kept until it is clear that their slots stay.

use std::collections::VecDeque;

use crate::group::{Queued, new_bytes};
use crate::intent::{Entry, Outcome, Refused};
use crate::merge::resolve::KnownBase;

/// Entries kept at most.
const ENTRIES_MOST: usize = 256;

/// And at most this many bytes of them.
const BYTES_MOST: u64 = 2 << 20;

/// The newest acknowledged entries of a mount, in the order of their counters.
#[derive(Default)]
pub(super) struct KeptEntries {
    entries: VecDeque<Kept>,
    bytes: u64,
}

/// An acknowledged entry: what was carried out of it.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) counter: u64,
    pub(super) last: u64,
    pub(super) entry: Entry,
}

impl KeptEntries {
    /// Keeps what was carried out of an entry.
    pub(super) fn keep(
        &mut self,
        queued: &Queued,
        results: &[Result<Outcome, Refused>],
        bases: Vec<Option<KnownBase>>,
    ) {
        let mut entry = queued.entry.clone();
        for (intent, base) in entry.intents.iter_mut().zip(bases) {
            intent.once_more(base);
        }
        let mut done = results.iter().map(Result::is_ok);
        entry.intents.retain(|_| done.next().unwrap_or(false));
        if entry.intents.is_empty() {
            return;
        }
        self.bytes += new_bytes(&entry);
        self.entries.push_back(Kept {
            counter: queued.counter,
            last: queued.last(),
            entry,
        });
        while self.entries.len() > ENTRIES_MOST || self.bytes > BYTES_MOST {
            let Some(oldest) = self.entries.pop_front() else {
                break;
            };
            self.bytes -= new_bytes(&oldest.entry);
        }
    }

    /// Forgets an entry.
    pub(super) fn forget(&mut self, counter: u64) {
        if let Some(at) = self.entries.iter().position(|k| k.counter == counter)
            && let Some(kept) = self.entries.remove(at)
        {
            self.bytes -= new_bytes(&kept.entry);
        }
    }

    /// Whether none are kept.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether an entry has a counter above `settled`.
    pub(super) fn has_after(&self, settled: u64) -> bool {
        self.entries.back().is_some_and(|kept| kept.counter > settled)
    }

    /// The entries whose counters are above `settled`.
    pub(super) fn after(&self, settled: u64) -> Vec<Kept> {
        self.entries.iter().filter(|k| k.counter > settled).cloned().collect()
    }
}
