//! Approve or reject what a Dream proposed.

use std::collections::BTreeSet;
use std::sync::Arc;

use remanence_store::{At, Author, Store, history};

use super::dream::Change;
use super::error::DreamError;
use super::listing::{self, Changes, text_of};
use super::memory::{Memory, follow};
use super::proposal::{self, Proposal};
use super::records;
use super::write::{self, Commit, Written};
use crate::consolidate::overruling;
use crate::index;
use crate::ledger::{Known, Ledger, hash};
use crate::memory_file::{self, Change::Keep, fact_lines};
use crate::orient::{self, LineAuthor, MemoryFile, orient};
use crate::record::{Phase, Record};
use crate::render::without_suffix;
use crate::settings::Settings;
use crate::text::words::{features, names_in};

/// Applies a proposal, merged with what was written since. Without a name, the one that waits.
///
/// # Errors
/// When none waits, the memory was dreamt over since, a person has written otherwise since, or later edits are in the way.
pub async fn approve(store: &Store, dream: Option<&str>, by: &str) -> Result<Record, DreamError> {
    let proposal = find(store, dream, "approved").await?;
    let tree = store.tree();
    let then = Arc::new(
        history::tree_at(
            store,
            At {
                seq: proposal.base,
                op: None,
            },
        )
        .await?,
    );
    let base = Memory::at(store, &then).await?;
    let mut now = Memory::for_decision(store).await?;
    now.find_authors(store).await?;
    if let Some((file, fact)) = written_otherwise(&proposal, &base, &now) {
        let dream = proposal.record.id;
        return Err(DreamError::Overruled { dream, file, fact });
    }
    let record = Record {
        phase: Phase::Applied,
        by: Some(by.to_owned()),
        proposal: Some(proposal.digest.clone()),
        ..proposal.record.clone()
    };
    let mut commit = Commit::new(store, &tree);
    put_files(&mut commit, &proposal, &base, &now);
    let mut ledger = Ledger::parse(&proposal.ledger);
    follow(&mut ledger, &then, &now.tree);
    let since = now.ledger.tombstones.iter();
    let since: Vec<_> = since
        .filter(|stone| !ledger.tombstones.contains(stone))
        .cloned()
        .collect();
    ledger.tombstones.extend(since);
    commit.ledger(&ledger.render(), now.ledger_at.as_ref());
    commit.record(&record);
    let author = Author::dream(record.id.clone());
    decided(commit, author, record, "approved").await
}

/// The files of a proposal. Where somebody made one since that it was to make, its facts are added to that.
fn put_files(commit: &mut Commit<'_>, proposal: &Proposal, base: &Memory, now: &Memory) {
    let text = |path: &str| text_of(base, path).map(str::to_owned);
    let files = proposal.files.iter();
    let changes: Changes = files
        .map(|(path, after)| (path.clone(), (text(path), after.clone())))
        .collect();
    for write in proposal.writes() {
        if write.path == index::PATH && listing::in_commit(commit, &changes, now) {
            continue;
        }
        let made = now
            .read
            .get(&write.path)
            .filter(|_| !base.read.contains_key(&write.path));
        match (made, text_of(now, &write.path), &write.text) {
            (Some(at), Some(theirs), Some(new)) if !now.unreadable.contains(&write.path) => {
                let added: Vec<String> = fact_lines(new).map(|(_, line)| line.to_owned()).collect();
                let prose = memory_file::prose(theirs).map(|(_, line)| line.to_owned()).collect();
                let both = memory_file::edit(theirs, |_| Keep, &added, &[], &prose);
                commit.put(&write.path, vec![write::new(&both)], Some(at), None);
            }
            _ => commit.files(std::slice::from_ref(&write), &base.read),
        }
    }
}

/// A fact that a proposal would write, and the file in which a person has written otherwise since it was made.
fn written_otherwise(proposal: &Proposal, base: &Memory, now: &Memory) -> Option<(String, String)> {
    let ledger = Ledger::parse(&proposal.ledger);
    let place = |known: &Known| (known.file.clone(), known.line.clone());
    let before: BTreeSet<(String, String)> = base.ledger.facts.iter().map(place).collect();
    let mut names = BTreeSet::new();
    for text in now
        .files
        .iter()
        .map(|file| &file.text)
        .chain(proposal.files.values().flatten())
    {
        names_in(text, &mut names);
    }
    let laws = orient(
        &written_since(base, now),
        &Ledger::default(),
        &names,
        &Settings::default(),
    )
    .laws;
    let mut new = ledger.facts.iter().filter(|known| !before.contains(&place(known)));
    new.find_map(|known| {
        let text = proposal.files.get(&known.file)?.as_deref()?;
        let (_, line) = fact_lines(text).find(|(_, line)| hash(line) == known.line)?;
        let fact = without_suffix(line);
        let law = overruling(&laws, known, &features(fact, &names))?;
        Some((law.file.clone(), fact.to_owned()))
    })
}

/// The memory's files, with all lines taken for an agent's that were there before or that no person wrote.
fn written_since(base: &Memory, now: &Memory) -> Vec<MemoryFile> {
    let known = now.files.iter().filter(|file| !now.unreadable.contains(&file.path));
    let since = known.map(|file| {
        let before: BTreeSet<&str> = text_of(base, &file.path).unwrap_or_default().lines().collect();
        let authors = file
            .text
            .lines()
            .enumerate()
            .map(|(at, line)| match file.authors.get(at) {
                Some(by) if !before.contains(line) => *by,
                _ => LineAuthor {
                    author: orient::Author::Agent,
                    time: None,
                },
            });
        MemoryFile {
            authors: authors.collect(),
            ..file.clone()
        }
    });
    since.collect()
}

/// Turns a proposal down: what it read counts as read, and as not believed; nothing else changes.
///
/// # Errors
/// When none waits, or the store cannot be written.
pub async fn reject(store: &Store, dream: Option<&str>, by: &str) -> Result<Record, DreamError> {
    let proposal = find(store, dream, "rejected").await?;
    let memory = Memory::for_decision(store).await?;
    let proposed = Ledger::parse(&proposal.ledger);
    let mut ledger = Ledger {
        cursors: proposed.cursors.clone(),
        ..memory.ledger.clone()
    };
    ledger.take_back(&proposed, &proposal.record.id);
    let record = Record {
        phase: Phase::Rejected,
        by: Some(by.to_owned()),
        proposal: Some(proposal.digest),
        ..proposal.record
    };
    let mut commit = Commit::new(store, &memory.tree);
    commit.ledger(&ledger.render(), memory.ledger_at.as_ref());
    commit.record(&record);
    decided(commit, Author::user(by), record, "rejected").await
}

/// Drops a proposal that waits, without anybody's judgement of it: its record says `why`, and what it read counts as not
/// read, so that a later Dream may propose it again.
///
/// # Errors
/// When it does not wait, or the store cannot be written.
pub async fn withdraw(store: &Store, dream: &str, why: &str) -> Result<Record, DreamError> {
    let proposal = find(store, Some(dream), "dropped").await?;
    let tree = store.tree();
    let mut commit = Commit::new(store, &tree);
    // With the newest one gone, those that it took the place of would wait again.
    let records = records::stored(store, &tree).await?;
    for (other, _) in records::open(store, &tree, &records).await? {
        if (other.record.time, &other.record.id) < (proposal.record.time, &proposal.record.id) {
            commit.record(&Record {
                phase: Phase::Superseded,
                proposal: Some(other.digest),
                ..other.record
            });
        }
    }
    let mut record = Record {
        phase: Phase::Rejected,
        proposal: Some(proposal.digest),
        ..proposal.record
    };
    record.reasons.insert(0, why.to_owned());
    commit.record(&record);
    let author = Author::dream(record.id.clone());
    decided(commit, author, record, "dropped").await
}

/// Commits what was decided on a proposal; the record then says where.
async fn decided(
    commit: Commit<'_>,
    author: Author,
    mut record: Record,
    asked: &'static str,
) -> Result<Record, DreamError> {
    match commit.commit(author).await? {
        Written::At(seq) => {
            record.result = Some(seq);
            Ok(record)
        }
        Written::Stale(path) => Err(DreamError::InTheWay {
            dream: record.id,
            asked,
            why: match asked {
                "approved" => format!("{path} was written since; dream again for a proposal on what is there now"),
                _ => format!("{path} was written at the same time; do it again"),
            },
        }),
    }
}

/// What a Dream that waits for review would change, on the memory as it is now.
///
/// # Errors
/// When it does not wait, or the store cannot be read.
pub async fn proposed(store: &Store, dream: &str) -> Result<Vec<Change>, DreamError> {
    let proposal = find(store, Some(dream), "shown").await?;
    let memory = Memory::at(store, &store.tree()).await?;
    let now = |path: &str| {
        memory
            .files
            .iter()
            .find(|file| file.path == path)
            .map(|file| file.text.clone())
    };
    let changes = proposal.files.into_iter().map(|(path, after)| Change {
        before: now(&path),
        path,
        after,
    });
    Ok(changes.filter(|change| change.before != change.after).collect())
}

pub(super) async fn find(store: &Store, dream: Option<&str>, asked: &'static str) -> Result<Proposal, DreamError> {
    store.sync().await?;
    let tree = store.tree();
    let records = records::stored(store, &tree).await?;
    let open = records::open(store, &tree, &records).await?;
    let Some(id) = dream else {
        let newest = open.into_iter().next_back();
        return match newest {
            Some((proposal, true)) => Ok(proposal),
            Some((_, false)) | None => Err(DreamError::NoneThat {
                url: store.url().to_owned(),
                what: "waits for review",
            }),
        };
    };
    if let Some((proposal, is_open)) = open.into_iter().find(|(p, _)| p.record.id == id) {
        return if is_open {
            Ok(proposal)
        } else {
            Err(DreamError::MovedOn { dream: id.to_owned() })
        };
    }
    match records.into_iter().find(|r| r.id == id) {
        Some(record) => Err(DreamError::Phase {
            dream: record.id,
            phase: record.phase,
            asked,
        }),
        None if proposal::is_void(store, id).await? => Err(DreamError::Void { dream: id.to_owned() }),
        None => Err(DreamError::NoDream {
            url: store.url().to_owned(),
            dream: id.to_owned(),
        }),
    }
}
