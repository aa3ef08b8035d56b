//! Entries on their way to the log, and those that go into one commit.

use tokio::sync::oneshot;

use crate::intent::{Entry, Intent};
use crate::store::Committed;

/// Most intents of one commit.
const INTENTS: usize = 4096;

/// Most new bytes of one commit.
const BYTES: u64 = 8 << 20;

/// An entry on its way.
pub(crate) struct Queued {
    pub(crate) entry: Entry,
    /// Op counter of its first intent.
    pub(crate) counter: u64,
    pub(crate) reply: oneshot::Sender<Committed>,
}

impl Queued {
    pub(crate) fn last(&self) -> u64 {
        self.counter + (self.entry.intents.len() as u64).max(1) - 1
    }
}

/// Entries that go into one commit.
pub(crate) struct Group {
    pub(crate) entries: Vec<Queued>,
    intents: usize,
    bytes: u64,
}

impl Group {
    pub(crate) fn of(first: Queued) -> Self {
        Self {
            intents: first.entry.intents.len(),
            bytes: new_bytes(&first.entry),
            entries: vec![first],
        }
    }

    /// Whether it has room for another, which must be of the same author.
    pub(crate) fn takes(&self, queued: &Queued) -> bool {
        self.intents < INTENTS && self.bytes < BYTES && queued.entry.author == self.entries[0].entry.author
    }

    pub(crate) fn push(&mut self, queued: Queued) {
        self.intents += queued.entry.intents.len();
        self.bytes += new_bytes(&queued.entry);
        self.entries.push(queued);
    }
}

pub(crate) fn new_bytes(entry: &Entry) -> u64 {
    entry.intents.iter().map(Intent::new_bytes).sum()
}
