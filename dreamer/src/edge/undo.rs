//! Takes a Dream back: its files as they were before, merged with what was written since. Its cursors stay.

use std::collections::BTreeSet;
use std::sync::Arc;

use remanence_store::intent::Piece;
use remanence_store::{At, Author, Seq, Store, history};

use super::error::DreamError;
use super::listing::{self, Changes, text_of};
use super::memory::{Memory, follow};
use super::records;
use super::write::{Commit, Written};
use crate::index;
use crate::ledger::{Known, Ledger};
use crate::record::{Phase, Record};

/// Undoes a Dream. Without a name, the newest that did something.
///
/// # Errors
/// When there is none, or later edits of the same lines are in the way.
pub async fn undo(store: &Store, dream: Option<&str>, by: &str) -> Result<Record, DreamError> {
    store.sync().await?;
    let memory = Memory::for_decision(store).await?;
    let record = find(store, &memory, dream).await?;
    let Some(seq) = record.result else {
        return Err(DreamError::Phase {
            dream: record.id,
            phase: record.phase,
            asked: "undone",
        });
    };
    let (mut before, after) = (at(store, seq - 1).await?, at(store, seq).await?);
    follow(&mut before.ledger, &before.tree, &memory.tree);
    let text = |memory: &Memory, path: &str| text_of(memory, path).map(str::to_owned);
    let changed = record.files.iter();
    let changes: Changes = changed
        .map(|path| (path.clone(), (text(&after, path), text(&before, path))))
        .collect();
    let mut commit = Commit::new(store, &memory.tree);
    for path in &record.files {
        if path == index::PATH && listing::in_commit(&mut commit, &changes, &memory) {
            continue;
        }
        match (before.read.get(path), after.read.get(path)) {
            (Some(old), Some(new)) => {
                let kept = old.content.extents.iter().copied().map(Piece::Kept).collect();
                commit.put(path, kept, Some(new), None);
            }
            (None, Some(new)) => commit.remove(path, new),
            (Some(old), None) => {
                let kept = old.content.extents.iter().copied().map(Piece::Kept).collect();
                commit.put(path, kept, None, None);
            }
            (None, None) => {}
        }
    }
    commit.ledger(
        &ledger(&memory.ledger, &before.ledger, &record).render(),
        memory.ledger_at.as_ref(),
    );
    let mut undone = Record {
        phase: Phase::Undone,
        by: Some(by.to_owned()),
        ..record
    };
    commit.record(&undone);
    match commit.commit(Author::user(by)).await? {
        Written::At(_) => {
            undone.result = Some(seq);
            Ok(undone)
        }
        Written::Stale(why) => {
            let why = format!("{why} was written since; undo newer dreams first, or edit it");
            Err(DreamError::InTheWay {
                dream: undone.id,
                asked: "undone",
                why,
            })
        }
    }
}

async fn find(store: &Store, memory: &Memory, dream: Option<&str>) -> Result<Record, DreamError> {
    let mut records = records::stored(store, &memory.tree).await?;
    records.sort_by_key(|r| r.result);
    let url = || store.url().to_owned();
    let Some(id) = dream else {
        let newest = records.into_iter().rev().find(|r| r.phase == Phase::Applied);
        return newest.ok_or_else(|| DreamError::NoneThat {
            url: url(),
            what: "did anything that could be undone",
        });
    };
    let record = records.into_iter().find(|r| r.id == id);
    let record = record.ok_or_else(|| DreamError::NoDream {
        url: url(),
        dream: id.to_owned(),
    })?;
    if record.phase == Phase::Applied {
        Ok(record)
    } else {
        Err(DreamError::Phase {
            dream: record.id,
            phase: record.phase,
            asked: "undone",
        })
    }
}

async fn at(store: &Store, seq: Seq) -> Result<Memory, DreamError> {
    let tree = Arc::new(history::tree_at(store, At { seq, op: None }).await?);
    Memory::at(store, &tree).await
}

/// The ledger without what the Dream put in, with what it took out; cursors as they are.
fn ledger(now: &Ledger, before: &Ledger, record: &Record) -> Ledger {
    let dream = record.id.as_str();
    let mut out = now.clone();
    let lines: BTreeSet<(String, String)> = before.facts.iter().map(place).collect();
    let there: BTreeSet<(String, String)> = now.facts.iter().map(place).collect();
    out.facts.retain(|k| !lines.contains(&place(k)) && (k.dream != dream));
    out.facts.extend(before.facts.iter().cloned().map(|mut known| {
        // Whoever brings it back has a use for it: what faded does not fade again at once, and what was over stays.
        if !there.contains(&place(&known)) {
            known.used = known.used.max(Some(record.time));
            known.mark.asked = true;
        }
        known
    }));
    out.tombstones.retain(|t| t.dream != dream);
    out.past.retain(|p| p.dream != dream);
    // What it dropped because of redactions is back: the next Dream has to look at them again.
    out.redactions.clone_from(&before.redactions);
    out.take_back(now, dream);
    out
}

fn place(known: &Known) -> (String, String) {
    (known.file.clone(), known.line.clone())
}
