//! A mount's journal, which outlives its process: entries that have not been answered, with their counters.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use remanence_store::intent::Entry;

use super::history::OperationId;

/// A journal.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal(Arc<Mutex<BTreeMap<u64, (Entry, OperationId)>>>);

impl Journal {
    /// Writes an entry down before it is enqueued.
    pub(super) fn write(&self, counter: u64, entry: &Entry, operation: OperationId) {
        self.0.lock().insert(counter, (entry.clone(), operation));
    }

    /// The entry was answered.
    pub(super) fn strike(&self, counter: u64) {
        self.0.lock().remove(&counter);
    }

    /// What a successor has to finish, in order.
    pub(super) fn open(&self) -> Vec<(u64, Entry, OperationId)> {
        self.0.lock().iter().map(|(c, (e, d))| (*c, e.clone(), *d)).collect()
    }
}
