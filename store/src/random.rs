//! Randomness is handed in, so that a seed replays a run.

use std::sync::Arc;

use parking_lot::Mutex;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A source of random numbers.
pub trait Random: Send + Sync {
    /// The next 64 random bits.
    fn u64(&self) -> u64;

    /// The next 128 random bits.
    fn u128(&self) -> u128 {
        (u128::from(self.u64()) << 64) | u128::from(self.u64())
    }
}

/// The operating system's randomness.
#[derive(Debug, Default, Clone, Copy)]
pub struct OsRandom;

impl Random for OsRandom {
    fn u64(&self) -> u64 {
        // The one way this fails is a kernel without getrandom(2); names must never repeat, so stop.
        getrandom::u64().expect("the operating system gives random numbers")
    }
}

/// Random numbers that repeat with their seed: for tests and simulation.
#[derive(Debug, Clone)]
pub struct SeededRandom(Arc<Mutex<ChaCha12Rng>>);

impl SeededRandom {
    /// A generator that always yields the same numbers for `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(ChaCha12Rng::seed_from_u64(seed))))
    }
}

impl Random for SeededRandom {
    fn u64(&self) -> u64 {
        self.0.lock().next_u64()
    }
}
