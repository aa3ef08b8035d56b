//! The lines a Dream wrote, or would write, each with the words it rests on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};
use remanence_store::{At, Seq, Store, history};

use super::error::DreamError;
use super::memory::Memory;
use super::review;
use super::sessions::{self, FindSessions, Found};
use super::why::{self, Why};
use crate::fact::Source;
use crate::ledger::{Ledger, hash};
use crate::memory_file::fact_lines;

/// Lines whose words are looked up at once.
const PARALLEL: usize = 8;

/// Texts by path.
type Texts = BTreeMap<String, String>;

/// What each line rests on that a Dream which waits for review would write; lines are numbered as it would write them.
///
/// # Errors
/// When it does not wait, or the store cannot be read. Words that cannot be read are noted instead.
pub async fn evidence_of_proposal(
    store: &Store,
    dream: &str,
    places: &dyn FindSessions,
) -> Result<Vec<Why>, DreamError> {
    let proposal = review::find(store, Some(dream), "shown").await?;
    let now = texts(&Memory::at(store, &store.tree()).await?);
    let ledger = Ledger::parse(&proposal.ledger);
    let files = proposal.files.into_iter();
    let proposed: Texts = files.filter_map(|(path, text)| Some((path, text?))).collect();
    Ok(look_up(written(&now, &proposed, &ledger), places).await)
}

/// What each line rests on that the commit of a Dream wrote; lines are numbered as it wrote them.
///
/// # Errors
/// When the commit is in no part of the history, or the store cannot be read. Words that cannot be read are noted instead.
pub async fn evidence_of_commit(store: &Store, seq: Seq, places: &dyn FindSessions) -> Result<Vec<Why>, DreamError> {
    store.sync().await?;
    let at = At { seq, op: None };
    let before = history::tree_at(store, history::before(at)).await?;
    let before = Memory::at(store, &Arc::new(before)).await?;
    let after = Memory::at(store, &Arc::new(history::tree_at(store, at).await?)).await?;
    let lines = written(&texts(&before), &texts(&after), &after.ledger);
    Ok(look_up(lines, places).await)
}

fn texts(memory: &Memory) -> Texts {
    let files = memory.files.iter();
    files.map(|file| (file.path.clone(), file.text.clone())).collect()
}

/// The lines that `after` has and `before` has not, as far as the ledger knows them, without the words they rest on.
fn written(before: &Texts, after: &Texts, ledger: &Ledger) -> Vec<(Why, Vec<Source>)> {
    let mut out = Vec::new();
    for (path, text) in after {
        let old = before.get(path).map_or("", String::as_str);
        let old: BTreeSet<&str> = fact_lines(old).map(|(_, content)| content).collect();
        for (at, content) in fact_lines(text).filter(|(_, content)| !old.contains(content)) {
            let id = hash(content);
            let known = ledger.facts.iter().find(|k| k.file == *path && k.line == id);
            if let Some(known) = known {
                let line = Why {
                    path: path.clone(),
                    line: at + 1,
                    text: content.to_owned(),
                    author: None,
                    written: None,
                    dream: Some(known.dream.clone()),
                    importance: Some(known.importance),
                    sources: Vec::new(),
                };
                out.push((line, known.sources.clone()));
            }
        }
    }
    out
}

async fn look_up(lines: Vec<(Why, Vec<Source>)>, places: &dyn FindSessions) -> Vec<Why> {
    // Many lines rest on the sessions of few places.
    let mut transcripts: BTreeMap<String, Result<Vec<Found>, String>> = BTreeMap::new();
    for source in lines.iter().flat_map(|(_, sources)| sources) {
        let place = &source.session.store;
        if !transcripts.contains_key(place) {
            let found = sessions::found(place, places).await.map_err(|error| error.to_string());
            transcripts.insert(place.clone(), found);
        }
    }
    let transcripts = &transcripts;
    stream::iter(lines)
        .map(|(mut line, sources)| async move {
            for source in &sources {
                let read = match transcripts.get(&source.session.store) {
                    Some(Ok(found)) => sessions::span_in(found, &source.session, source.span)
                        .await
                        .map_err(|error| error.to_string()),
                    Some(Err(why)) => Err(why.clone()),
                    None => Ok(None),
                };
                line.sources.push(why::told(source, &line.text, read));
            }
            line
        })
        .buffered(PARALLEL)
        .collect()
        .await
}
