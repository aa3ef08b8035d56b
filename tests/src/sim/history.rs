//! What was asked, what was answered and what was read in a run, for the checks at its end.

use std::collections::BTreeSet;
use std::time::Duration;

use parking_lot::Mutex;
use remanence_store::id::{FileId, MountId, Seq, Version};
use tokio::time::Instant;

use super::text::Token;

/// How an entry ended for its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
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
pub(super) struct Operation {
    /// What it is, for messages.
    pub(super) what: String,
    pub(super) mount: MountId,
    /// Op counters it takes.
    pub(super) counters: (u64, u64),
    /// Lines it brings.
    pub(super) added: BTreeSet<Token>,
    /// Lines its writer had seen and takes away.
    pub(super) removed: BTreeSet<Token>,
    pub(super) status: Status,
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
pub(super) struct Snapshot {
    pub(super) seq: Seq,
    pub(super) digest: u64,
}

/// All operations and readings of a run.
#[derive(Debug, Default)]
pub(super) struct History {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default, Clone)]
struct Inner {
    operations: Vec<Operation>,
    readings: Vec<Reading>,
    snapshots: Vec<Snapshot>,
}

/// An operation's number in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OperationId(usize);

/// What an operation brings and takes.
#[derive(Debug, Clone, Default)]
pub(super) struct Effect {
    pub(super) added: BTreeSet<Token>,
    pub(super) removed: BTreeSet<Token>,
}

impl History {
    /// Records an entry about to be enqueued.
    pub(super) fn asked(
        &self,
        what: String,
        mount: MountId,
        counters: (u64, u64),
        effect: Effect,
        early: bool,
        atomic: bool,
    ) -> OperationId {
        let operations = &mut self.inner.lock().operations;
        operations.push(Operation {
            what,
            mount,
            counters,
            added: effect.added,
            removed: effect.removed,
            status: if early { Status::Done } else { Status::Open },
            early,
            atomic,
            asked: Instant::now(),
            took: None,
        });
        OperationId(operations.len() - 1)
    }

    /// Records an answer.
    pub(super) fn answered(&self, operation: OperationId, status: Status) {
        let operation = &mut self.inner.lock().operations[operation.0];
        if operation.status == Status::Open {
            operation.status = status;
        }
        operation.took = Some(operation.asked.elapsed());
    }

    /// Its entry no longer waits for an answer that counts as waiting time: its process was killed.
    pub(super) fn restarted(&self, operation: OperationId) {
        self.inner.lock().operations[operation.0].asked = Instant::now();
    }

    /// A copy of an operation.
    pub(super) fn operation(&self, operation: OperationId) -> Operation {
        self.inner.lock().operations[operation.0].clone()
    }

    /// Records what a mount read.
    pub(super) fn read(&self, reading: Reading) {
        self.inner.lock().readings.push(reading);
    }

    /// Records a tree that a mount saw.
    pub(super) fn saw(&self, snapshot: Snapshot) {
        self.inner.lock().snapshots.push(snapshot);
    }

    pub(super) fn operations(&self) -> Vec<Operation> {
        self.inner.lock().operations.clone()
    }

    pub(super) fn readings(&self) -> Vec<Reading> {
        self.inner.lock().readings.clone()
    }

    pub(super) fn snapshots(&self) -> Vec<Snapshot> {
        self.inner.lock().snapshots.clone()
    }
}
