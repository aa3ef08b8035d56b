//! Random choices of a run: all of them come from its seed.

use std::time::Duration;

use remanence_store::random::{Random, SeededRandom};

/// A stream of random choices.
#[derive(Debug, Clone)]
pub(super) struct Rng(SeededRandom);

impl Rng {
    /// Stream number `stream` of a seed; streams do not depend on one another.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        Self(SeededRandom::new(
            seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17) ^ stream.wrapping_mul(0xD6E8_FEB8_6659_FD93),
        ))
    }

    /// 0 … `n` − 1.
    pub(super) fn below(&self, n: u64) -> u64 {
        self.0.u64() % n.max(1)
    }

    /// An index into something of that length.
    pub(super) fn index(&self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// Between the two, both included.
    pub(super) fn between(&self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }

    /// So many times in a thousand.
    pub(super) fn in_1000(&self, times: u64) -> bool {
        self.below(1000) < times
    }

    /// One of them.
    pub(super) fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        (!from.is_empty()).then(|| &from[self.index(from.len())])
    }

    /// Between so many milliseconds.
    pub(super) fn millis(&self, least: u64, most: u64) -> Duration {
        Duration::from_micros(self.between(least * 1000, most * 1000))
    }

    /// The generator behind it, for ids.
    pub(super) fn random(&self) -> SeededRandom {
        self.0.clone()
    }
}
