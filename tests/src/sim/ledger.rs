//! What was asked, what was answered and what was read in a run, for the checks at its end.

use std::collections::BTreeSet;
use std::time::Duration;

use parking_lot::Mutex;
use remanence_store::id::{FileId, MountId, Seq, Version};
use tokio::time::Instant;

use super::text::Token;

/// How an entry ended for its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// No answer (yet): it may be in the log or not.
    Open,
    /// Done. It must be in the log.
    Done,
    /// Not done. It must not be in the log.
    Refused,
    /// Nobody may rely on it either way: the handle gave up.
    Unknown,
}

/// One entry that a mount enqueued.
#[derive(Debug, Clone)]
pub(super) struct Deed {
    /// What it is, for messages.
    pub(super) what: String,
    pub(super) mount: MountId,
    /// Op counters it takes.
    pub(super) counters: (u64, u64),
    /// Lines it brings.
    pub(super) added: BTreeSet<Token>,
    /// Lines its writer had seen and takes away.
    pub(super) removed: BTreeSet<Token>,
    pub(super) fate: Fate,
    /// The caller was told so before the commit.
    pub(super) early: bool,
    /// All of it or nothing.
    pub(super) atomic: bool,
    asked: Instant,
    /// How long the answer took.
    pub(super) took: Option<Duration>,
}

/// A file's text as a mount read it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) file: FileId,
    pub(super) version: Version,
    pub(super) digest: u64,
}

/// A tree as a mount saw it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight {
    pub(super) seq: Seq,
    pub(super) digest: u64,
}

/// The book of a run.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default, Clone)]
struct Inner {
    deeds: Vec<Deed>,
    readings: Vec<Reading>,
    sights: Vec<Sight>,
}

/// A deed's number in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DeedId(usize);

/// What a deed brings and takes.
#[derive(Debug, Clone, Default)]
pub(super) struct Effect {
    pub(super) added: BTreeSet<Token>,
    pub(super) removed: BTreeSet<Token>,
}

impl Ledger {
    /// Books an entry about to be enqueued.
    pub(super) fn asked(
        &self,
        what: String,
        mount: MountId,
        counters: (u64, u64),
        effect: Effect,
        early: bool,
        atomic: bool,
    ) -> DeedId {
        let deeds = &mut self.inner.lock().deeds;
        deeds.push(Deed {
            what,
            mount,
            counters,
            added: effect.added,
            removed: effect.removed,
            fate: if early { Fate::Done } else { Fate::Open },
            early,
            atomic,
            asked: Instant::now(),
            took: None,
        });
        DeedId(deeds.len() - 1)
    }

    /// Books an answer.
    pub(super) fn answered(&self, deed: DeedId, fate: Fate) {
        let deed = &mut self.inner.lock().deeds[deed.0];
        if deed.fate == Fate::Open {
            deed.fate = fate;
        }
        deed.took = Some(deed.asked.elapsed());
    }

    /// Its entry no longer waits for an answer that counts as waiting time: its process was killed.
    pub(super) fn restarted(&self, deed: DeedId) {
        self.inner.lock().deeds[deed.0].asked = Instant::now();
    }

    /// A copy of a deed.
    pub(super) fn deed(&self, deed: DeedId) -> Deed {
        self.inner.lock().deeds[deed.0].clone()
    }

    /// Books what a mount read.
    pub(super) fn read(&self, reading: Reading) {
        self.inner.lock().readings.push(reading);
    }

    /// Books a tree that a mount saw.
    pub(super) fn saw(&self, sight: Sight) {
        self.inner.lock().sights.push(sight);
    }

    pub(super) fn deeds(&self) -> Vec<Deed> {
        self.inner.lock().deeds.clone()
    }

    pub(super) fn readings(&self) -> Vec<Reading> {
        self.inner.lock().readings.clone()
    }

    pub(super) fn sights(&self) -> Vec<Sight> {
        self.inner.lock().sights.clone()
    }
}
