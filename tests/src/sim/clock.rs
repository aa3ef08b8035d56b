//! A mount's wall clock: the run's paused time, and how wrong this machine's clock is.

use jiff::{SignedDuration, Timestamp};
use remanence_store::clock::Clock;
use tokio::time::Instant;

/// A clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct SimClock {
    start: Instant,
    zero: Timestamp,
}

impl SimClock {
    /// A clock of a run that began at `start`, wrong by `skew`.
    pub(super) fn new(start: Instant, skew: SignedDuration) -> Self {
        let zero = Timestamp::from_second(1_800_000_000).unwrap_or(Timestamp::UNIX_EPOCH) + skew;
        Self { start, zero }
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.start.elapsed()).unwrap_or(SignedDuration::ZERO);
        self.zero + passed
    }
}
