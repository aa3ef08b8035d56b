//! What a Dream proposes, as the store keeps it beside the log. It waits for a person.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use remanence_store::proposal::{self, Proposed};
use remanence_store::{Seq, Store, StoreError, Version};
use serde::{Deserialize, Serialize};

use super::error::DreamError;
use super::memory::{At0, Memory};
use crate::ledger;
use crate::propose::Write;
use crate::record::Record;

/// Proposals read at once.
const PARALLEL: usize = 8;

/// What a Dream proposes.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    /// Its record.
    pub record: Record,
    /// The commit it was made on.
    pub base: Seq,
    /// The ledger's version then.
    pub ledger_version: Option<Version>,
    /// Files by path; none where one goes.
    pub files: BTreeMap<String, Option<String>>,
    /// The ledger to go with them.
    pub ledger: String,
    /// `sha256:…` of the whole as it lies in the store.
    pub digest: String,
}

/// What is noted beside the files.
#[derive(Serialize, Deserialize)]
struct Note {
    record: Record,
    ledger: Option<Version>,
}

impl Proposal {
    /// The files as writes.
    pub(crate) fn writes(&self) -> Vec<Write> {
        self.files
            .iter()
            .map(|(path, text)| Write {
                path: path.clone(),
                text: text.clone(),
            })
            .collect()
    }

    /// From what the store keeps; why that is none of a Dream's.
    fn of(stored: proposal::Proposal, digest: String) -> Result<Self, String> {
        let note: Note = serde_json::from_value(stored.note).map_err(|error| error.to_string())?;
        let mut files = BTreeMap::new();
        for file in stored.files {
            let text = file.content.map(|content| String::from_utf8(content.to_vec()));
            let text = text.transpose().map_err(|error| format!("{}: {error}", file.path))?;
            files.insert(file.path.trim_start_matches('/').to_owned(), text);
        }
        let ledger = files.remove(ledger::PATH).flatten().ok_or("it has no ledger")?;
        Ok(Self {
            record: note.record,
            base: stored.base,
            ledger_version: note.ledger,
            files,
            ledger,
            digest,
        })
    }
}

/// Writes it; returns its digest.
pub(super) async fn propose(
    store: &Store,
    memory: &Memory,
    writes: &[Write],
    ledger: &str,
    record: &Record,
) -> Result<String, DreamError> {
    let file = |path: &str, at: Option<&At0>, text: Option<&str>| Proposed {
        path: format!("/{path}"),
        file: at.map(|at| at.file),
        content: text.map(|text| Bytes::copy_from_slice(text.as_bytes())),
    };
    let files = writes
        .iter()
        .map(|write| file(&write.path, memory.read.get(&write.path), write.text.as_deref()));
    let ledger_at = memory.ledger_at.as_ref();
    let note = Note {
        record: record.clone(),
        ledger: ledger_at.map(|at| at.version),
    };
    let proposal = proposal::Proposal {
        dream: record.id.clone(),
        base: memory.tree.seq,
        time: record.time,
        files: files.chain([file(ledger::PATH, ledger_at, Some(ledger))]).collect(),
        note: serde_json::to_value(&note).map_err(std::io::Error::other)?,
    };
    Ok(proposal::create(store, &proposal).await?)
}

/// All proposals of Dreams that are not decided, oldest first.
pub(super) async fn undecided(store: &Store, decided: &[Record]) -> Result<Vec<Proposal>, DreamError> {
    let decided: BTreeSet<&str> = decided.iter().map(|record| record.id.as_str()).collect();
    let mut dreams = proposal::list(store).await?;
    dreams.retain(|dream| !decided.contains(dream.as_str()));
    let read = stream::iter(dreams).map(|dream| async move { readable(store, &dream).await });
    let found: Vec<Option<Proposal>> = read.buffered(PARALLEL).try_collect().await?;
    let mut out: Vec<Proposal> = found.into_iter().flatten().collect();
    out.sort_by(|a, b| (a.record.time, &a.record.id).cmp(&(b.record.time, &b.record.id)));
    Ok(out)
}

/// Whether a redaction made void what a Dream proposed.
pub(super) async fn is_void(store: &Store, dream: &str) -> Result<bool, DreamError> {
    match proposal::read(store, dream).await {
        Err(StoreError::Redacted { .. }) => Ok(true),
        // No Dream has such a name.
        Ok(_) | Err(StoreError::Refused { .. } | StoreError::Damaged { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// One proposal; none where it is gone, void or damaged.
async fn readable(store: &Store, dream: &str) -> Result<Option<Proposal>, DreamError> {
    let why = match proposal::read(store, dream).await {
        Ok(None) | Err(StoreError::Redacted { .. }) => return Ok(None),
        Ok(Some((stored, digest))) => match Proposal::of(stored, digest) {
            Ok(proposal) => return Ok(Some(proposal)),
            Err(why) => why,
        },
        Err(error @ StoreError::Damaged { .. }) => error.to_string(),
        Err(error) => return Err(error.into()),
    };
    tracing::warn!(
        store = store.url(),
        dream,
        why,
        "a proposal that cannot be read is passed over"
    );
    Ok(None)
}
