//! Known mistakes, which the simulation must find: nothing of them is in a program that is built without the feature
//! `planted-bugs`.
#![cfg_attr(
    not(feature = "planted-bugs"),
    expect(unreachable_pub, reason = "the module is public with the feature")
)]

/// A mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// A slot that exists already counts as created.
    ExistingSlotIsOurs,
    /// A create without an answer counts as done.
    AckOnTimeout,
    /// What a predecessor had in the log is committed once more.
    ReplayWithoutCounters,
    /// Counters begin anew with each process.
    CountersFromOne,
    /// What an overwritten slot held is not written again.
    NoRecommit,
    /// A slot that does not follow what was seen is passed over in silence.
    NoChainCheck,
    /// A follower misses some slots' ops.
    TailSkipsSlot,
    /// A write is based on the head, whatever its writer saw.
    BaseIsHead,
    /// What a mount wrote last counts as the head, however it was merged.
    OwnIsHead,
    /// An atomic entry keeps what was not refused.
    HalfAtomic,
    /// An append puts its bytes onto what its writer knew.
    AppendOntoBase,
    /// What can't be merged is dropped.
    NoSibling,
    /// The younger clock wins.
    ClockWins,
    /// Contents of one length are the same.
    LengthIsEnough,
    /// Of two insertions at one point, the first stays.
    FirstInsertionWins,
    /// A removal asks nobody.
    BlindRemove,
    /// A rename over a file asks nobody.
    BlindReplace,
    /// A batch holds its last slot twice and another not at all.
    BatchSkipsSlot,
    /// Moved contents lack their last byte.
    MoverCutsShort,
    /// What nothing refers to is deleted at once.
    CollectorHasNoGrace,
    /// Redaction leaves noncurrent versions.
    RedactOnlyCurrent,
    /// Redaction destroys what its commit names and looks no further.
    RedactWithoutScan,
}

#[cfg(not(feature = "planted-bugs"))]
pub const fn is(_: Bug) -> bool {
    false
}

#[cfg(feature = "planted-bugs")]
pub use on::{is, plant};

#[cfg(feature = "planted-bugs")]
mod on {
    use std::cell::Cell;

    use super::Bug;

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    impl Bug {
        /// All of them.
        pub const ALL: [Self; 22] = [
            Self::ExistingSlotIsOurs,
            Self::AckOnTimeout,
            Self::ReplayWithoutCounters,
            Self::CountersFromOne,
            Self::NoRecommit,
            Self::NoChainCheck,
            Self::TailSkipsSlot,
            Self::BaseIsHead,
            Self::OwnIsHead,
            Self::HalfAtomic,
            Self::AppendOntoBase,
            Self::NoSibling,
            Self::ClockWins,
            Self::LengthIsEnough,
            Self::FirstInsertionWins,
            Self::BlindRemove,
            Self::BlindReplace,
            Self::BatchSkipsSlot,
            Self::MoverCutsShort,
            Self::CollectorHasNoGrace,
            Self::RedactOnlyCurrent,
            Self::RedactWithoutScan,
        ];
    }

    /// From now on, all that runs on this thread makes this mistake.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }

    /// Whether this thread makes that mistake.
    pub fn is(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }
}
