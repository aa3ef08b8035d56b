//! Maintenance: retention, moving of contents, collection of garbage, redaction. Run by whoever holds the right to
//! overwrite and delete; everything it decides is a commit first, so that mounts never meet it unprepared.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::author::Author;
use crate::error::Result;
use crate::id::{Seq, Version};
use crate::intent::{Entry, Intent};
use crate::op::Op;
use crate::store::Store;

pub mod blame;
mod collect;
mod condemn;
mod destroy;
mod history;
mod landing;
mod mover;
mod plan;
mod redact;
mod retention;
mod rights;
mod scan;
mod tidy;

pub use blame::{blame, blame_all};
pub use condemn::condemnable;
pub use landing::land;
pub use redact::{RedactReport, redact};

use rights::Rights;

/// Ops of one commit; a header line stays a few hundred kilobytes.
const OPS_PER_COMMIT: usize = 256;

/// What a run of [`maintain`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MaintainReport {
    /// Versions at or below this commit that are no longer live are past retention.
    pub horizon: Seq,
    /// Versions that retention dropped.
    pub versions_dropped: u64,
    /// Files whose line authorship was written down, since the versions that told it are dropped.
    pub blames_kept: u64,
    /// Extents that were moved.
    pub extents_moved: u64,
    /// Their bytes.
    pub bytes_moved: u64,
    /// Extents that became part of a longer one.
    pub extents_joined: u64,
    /// Objects condemned now; a later run deletes them.
    pub condemned: u64,
    /// Slots whose bodies are gone.
    pub slots_stubbed: u64,
    /// Data objects that are gone.
    pub objects_deleted: u64,
    /// Bytes that stubbing and deleting freed.
    pub bytes_freed: u64,
    /// Proposals that nobody can approve any more.
    pub proposals_dropped: u64,
    /// Indexes older than the oldest retained state needs.
    pub indexes_dropped: u64,
    /// Interrupted redactions that were finished: objects whose bytes are now destroyed.
    pub redactions_finished: u64,
    /// Extents that can't be read and were left where they are.
    pub damaged: u64,
}

/// Keeps a store in order: finishes interrupted redactions, deletes what an earlier run condemned, drops versions that
/// were superseded longer than `keep` before `now`, moves contents out of old slots and thin objects, and condemns what
/// nothing refers to any more. Runs that have nothing to do make no commit.
///
/// # Errors
/// When the handle may not maintain, or the store can't be read or written. What was done is done; the next run goes on.
pub async fn maintain(store: &Store, keep: Duration, now: Timestamp) -> Result<MaintainReport> {
    let rights = Rights::of(store)?;
    store.sync().await?;
    let mut report = MaintainReport {
        redactions_finished: destroy::finish(&rights).await?.objects,
        ..MaintainReport::default()
    };
    let mut data = rights.data().await?;
    collect::collect(&rights, &mut data, &mut report).await?;
    let cutoff = retention::cutoff(keep, now);
    let horizon = retention::horizon(store, cutoff).await?;
    mover::run(&rights, horizon, &data, &mut report).await?;
    retention::condemn(&rights, horizon, &data, &mut report).await?;
    tidy::proposals(&rights, cutoff, &mut report).await?;
    tidy::indexes(&rights, &mut report).await?;
    report.horizon = store.tree().horizon;
    Ok(report)
}

/// Commits ops of maintenance. What of them no longer holds on the tree they land on is left out there, and looked at
/// again by the next run; of each op it is told whether anything of it is in the log.
async fn commit(store: &Store, author: &Author, ops: Vec<Op>) -> Result<Vec<bool>> {
    let mut landed = Vec::with_capacity(ops.len());
    let mut ops = ops.into_iter().peekable();
    while ops.peek().is_some() {
        let some = ops.by_ref().take(OPS_PER_COMMIT);
        let intents = some.map(|op| Intent::Maintain { op }).collect();
        let done = store.commit(Entry::new(author.clone(), intents)).await?;
        for result in done {
            if let Err(refused) = &result {
                tracing::warn!(store = store.url(), %refused, "maintenance op refused");
            }
            landed.push(result.is_ok_and(|outcome| outcome.version != Version::NONE));
        }
    }
    Ok(landed)
}

/// Author of commits that maintenance makes by itself.
fn author() -> Author {
    Author::Maintenance {
        maintenance: "maintain".into(),
    }
}
