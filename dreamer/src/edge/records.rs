//! The Dreams of a store, from their records and proposals.

use remanence_store::Store;
use remanence_store::tree::Tree;

use super::error::DreamError;
use super::proposal::{self, Proposal};
use crate::ledger;
use crate::record::{Phase, Record};

/// All Dreams of a store, newest first.
///
/// # Errors
/// When they cannot be read.
pub async fn dreams(store: &Store) -> Result<Vec<Record>, DreamError> {
    store.sync().await?;
    let tree = store.tree();
    let mut records = stored(store, &tree).await?;
    let open = open(store, &tree, &records).await?;
    for (proposal, is_open) in open {
        let phase = if is_open { Phase::Proposed } else { Phase::Superseded };
        records.push(Record {
            phase,
            proposal: Some(proposal.digest),
            ..proposal.record
        });
    }
    records.sort_by(|a, b| (b.time, b.result, &b.id).cmp(&(a.time, a.result, &a.id)));
    Ok(records)
}

/// Records in the store, with the commit each Dream made.
pub(super) async fn stored(store: &Store, tree: &Tree) -> Result<Vec<Record>, DreamError> {
    let Some(folder) = tree.lookup("/.dream") else {
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    for node in tree.children(folder.id).filter(|node| node.name.ends_with(".json")) {
        let Some(content) = node.content() else { continue };
        let text = store.read_all(content).await?;
        match serde_json::from_slice::<Record>(&text) {
            // An undone Dream's record was written again; its own commit is the one it names.
            Ok(record) => out.push(Record {
                result: record.result.or(Some(node.version.seq)),
                ..record
            }),
            Err(error) => {
                tracing::warn!(store = store.url(), record = &*node.name, %error, "a record that does not parse is passed over");
            }
        }
    }
    Ok(out)
}

/// Proposals without a record, and whether each still waits: only the newest does, on the ledger it was made on.
pub(super) async fn open(store: &Store, tree: &Tree, records: &[Record]) -> Result<Vec<(Proposal, bool)>, DreamError> {
    let all = proposal::undecided(store, records).await?;
    let ledger = tree.lookup(&format!("/{}", ledger::PATH)).map(|node| node.version);
    let last = all.len();
    Ok(all
        .into_iter()
        .enumerate()
        .map(|(at, p)| {
            let open = at + 1 == last && p.ledger_version == ledger;
            (p, open)
        })
        .collect())
}
