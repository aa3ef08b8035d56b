//! Errors of the store, by what the caller can do about them.

use crate::backend::BackendError;
use crate::id::{At, Seq, StoreId};
use crate::probe::ProbeError;
use crate::slot::SlotError;
use crate::tree::ApplyError;

/// What went wrong with a store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// There is no store at that URL.
    #[error("{url}: no store here; make one with `remanence init --store {url}`")]
    Absent {
        /// The URL.
        url: String,
    },
    /// There is no manifest at that URL, but a store's data.
    #[error(
        "{url}: store/1, which says what store this is, is missing, but {id}/ holds the data of one; nothing was made. Put \
         store/1 back from a backup, or make it anew, of this one line: \
         {{\"format\":1,\"id\":\"{id}\",\"created\":\"1970-01-01T00:00:00Z\",\"deleted\":false}}; for an empty store take \
         another place"
    )]
    Orphaned {
        /// The URL.
        url: String,
        /// The store whose data are there.
        id: StoreId,
    },
    /// The store was deleted.
    #[error("{url}: this store was deleted; `remanence init --store {url}` makes a new, empty one")]
    Deleted {
        /// The URL.
        url: String,
    },
    /// Made by a newer program.
    #[error("{url}: the store has format {found}, newer than this program's {known}: update remanence")]
    Newer {
        /// The URL.
        url: String,
        /// Its format.
        found: u32,
        /// The newest known here.
        known: u32,
    },
    /// The handle may not write.
    #[error("{url}: opened read-only")]
    ReadOnly {
        /// The URL.
        url: String,
    },
    /// The handle may not overwrite and delete.
    #[error("{url}: this needs the right to overwrite and delete, which only maintenance has")]
    NoMaintain {
        /// The URL.
        url: String,
    },
    /// The object store.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The object store can't be written safely.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// A damaged object.
    #[error("{url}: {key} is damaged: {why}")]
    Damaged {
        /// The URL.
        url: String,
        /// The object.
        key: String,
        /// What is wrong with it.
        why: String,
    },
    /// A slot's predecessor is not what this handle knows: a bucket that was restored or broke create-if-absent.
    #[error(
        "{url}: slot {seq} does not follow the commits seen here; the bucket was restored or does not honour \
         create-if-absent"
    )]
    Chain {
        /// The URL.
        url: String,
        /// The slot.
        seq: Seq,
    },
    /// A change that was refused.
    #[error("{url}: {refused}")]
    Refused {
        /// The URL.
        url: String,
        /// Why.
        refused: crate::intent::Refused,
    },
    /// A moment that is not (or no longer) in the history.
    #[error("{url}: version {at} is not in the history ({why})")]
    NoVersion {
        /// The URL.
        url: String,
        /// What was asked for.
        at: String,
        /// Why not.
        why: String,
    },
    /// A path that is not there.
    #[error("{url}: {path}: no such file or folder {when}")]
    NotFound {
        /// The URL.
        url: String,
        /// The path.
        path: String,
        /// Where it was looked for, e.g. `in version 7`.
        when: String,
    },
    /// Bytes that were redacted.
    #[error("{url}: these bytes were redacted")]
    Redacted {
        /// The URL.
        url: String,
    },
    /// A redaction that is committed, but whose bytes could not all be destroyed.
    #[error("{url}: the redaction is committed, but its bytes are still in {keys}; run `remanence maintain` to go on")]
    NotDestroyed {
        /// The URL.
        url: String,
        /// The objects.
        keys: String,
    },
    /// The handle was closed.
    #[error("{url}: the store was closed")]
    Closed {
        /// The URL.
        url: String,
    },
}

impl StoreError {
    pub(crate) fn slot(url: &str, error: &SlotError) -> Self {
        if let Some(found) = error.newer {
            return Self::Newer {
                url: url.into(),
                found,
                known: crate::slot::FORMAT,
            };
        }
        Self::Damaged {
            url: url.into(),
            key: crate::slot::key(error.seq),
            why: format!("{error}; put it back from a backup"),
        }
    }

    /// A moment that is none, since its commit does not count.
    pub(crate) fn void(url: &str, at: At) -> Self {
        let why = "that commit is void: the one that it was made on is gone, so it is not part of the store".to_owned();
        Self::NoVersion {
            url: url.into(),
            at: at.to_string(),
            why,
        }
    }

    pub(crate) fn apply(url: &str, error: &ApplyError) -> Self {
        Self::Damaged {
            url: url.into(),
            key: crate::slot::key(error.seq),
            why: error.to_string(),
        }
    }
}

/// Result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;
