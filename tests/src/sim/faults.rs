//! What goes wrong on the way to the object store, and how often.

use std::time::Duration;

use super::rng::Rng;

/// How often each fault strikes, in a thousand requests.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults {
    /// An error, and nothing happened.
    pub(super) before: u64,
    /// It happened, but the answer was lost.
    pub(super) lost: u64,
    /// The answer was an error, and the request arrives much later.
    pub(super) late: u64,
    /// It takes seconds.
    pub(super) stall: u64,
    /// A GET that ends early.
    pub(super) truncated: u64,
    /// Once, an object that is there is overwritten by a create-if-absent.
    pub(super) overwrite: bool,
    /// The store is gone for everybody between these moments.
    pub(super) outage: Option<(Duration, Duration)>,
    /// Each mount is killed about so often, in a thousand of its steps.
    pub(super) kill: u64,
    /// The longest a late request may take.
    pub(super) latest: u64,
}

impl Faults {
    /// No faults.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// The faults of a seed: some runs have none, some all.
    pub(super) fn of(rng: &Rng) -> Self {
        let often = |rng: &Rng, most: u64| {
            if rng.in_1000(600) { rng.between(1, most) } else { 0 }
        };
        if rng.in_1000(80) {
            return Self::none();
        }
        let overwrite = rng.in_1000(150);
        let from = rng.millis(500, 8000);
        Self {
            before: often(rng, 120),
            lost: often(rng, 120),
            late: often(rng, 80),
            stall: often(rng, 20),
            truncated: often(rng, 80),
            overwrite,
            outage: rng.in_1000(150).then(|| (from, from + rng.millis(1000, 20_000))),
            // An acknowledgement whose slot is overwritten is only known to the mount that got it.
            kill: if overwrite { 0 } else { often(rng, 60) },
            latest: 15_000,
        }
    }
}

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It works.
    Fine,
    /// An error, and nothing happened.
    Before(&'static str),
    /// It happened, but the answer was lost.
    Lost,
    /// An error; it arrives so much later.
    Late(Duration),
}

/// The course of one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    /// Until it arrives.
    pub(super) there: Duration,
    /// Until the answer arrives.
    pub(super) back: Duration,
    pub(super) fate: Fate,
    /// The part of a GET's bytes that arrives, in a thousand.
    pub(super) part: Option<u64>,
}

/// Errors that say nothing of what happened.
const ERRORS: [&str; 4] = [
    "503 SlowDown",
    "409 ConditionalRequestConflict",
    "500 InternalError",
    "connection reset",
];

impl Course {
    /// A request's course; `writes` says whether it changes something.
    pub(super) fn draw(faults: &Faults, rng: &Rng, writes: bool) -> Self {
        let mut course = Self {
            there: rng.millis(1, 8),
            back: rng.millis(1, 8),
            fate: Fate::Fine,
            part: None,
        };
        if rng.in_1000(faults.stall) {
            course.there += rng.millis(500, 6000);
        }
        let error = ERRORS[rng.index(ERRORS.len())];
        if rng.in_1000(faults.before) {
            course.fate = Fate::Before(error);
        } else if writes && rng.in_1000(faults.lost) {
            course.fate = Fate::Lost;
        } else if writes && rng.in_1000(faults.late) {
            course.fate = Fate::Late(rng.millis(20, faults.latest));
        } else if !writes && rng.in_1000(faults.truncated) {
            course.part = Some(rng.below(1000));
        }
        course
    }
}
