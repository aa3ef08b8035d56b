//! What happened in a run, as one number, and its last events for whoever has to find out why it failed.

use std::collections::VecDeque;

/// Events kept for a failure's report.
const KEPT: usize = 400;

/// A run's events.
#[derive(Debug)]
pub(super) struct Trace {
    hash: u64,
    count: u64,
    last: VecDeque<String>,
    keep: usize,
}

impl Trace {
    pub(super) fn new(all: bool) -> Self {
        Self {
            hash: 0xcbf2_9ce4_8422_2325,
            count: 0,
            last: VecDeque::new(),
            keep: if all { usize::MAX } else { KEPT },
        }
    }

    /// Notes an event.
    pub(super) fn note(&mut self, event: String) {
        self.hash = fnv(self.hash, event.as_bytes());
        self.count += 1;
        self.last.push_back(event);
        if self.last.len() > self.keep {
            self.last.pop_front();
        }
    }

    /// A number that differs where runs differ.
    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    /// How many events there were.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The last events.
    pub(super) fn last(&self) -> Vec<String> {
        self.last.iter().cloned().collect()
    }
}

/// FNV-1a, continued from `hash`.
pub(super) fn fnv(mut hash: u64, bytes: &[u8]) -> u64 {
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}

/// A short name for bytes.
pub(super) fn digest(bytes: &[u8]) -> u64 {
    let whole = bytes.chunks_exact(8);
    let rest = whole.remainder();
    let hash = whole.fold(0xcbf2_9ce4_8422_2325_u64, |hash, chunk| {
        let word = chunk.iter().rev().fold(0_u64, |word, b| word << 8 | u64::from(*b));
        (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23)
    });
    fnv(hash, rest)
}
