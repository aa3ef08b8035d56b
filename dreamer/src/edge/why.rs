//! Why a line is believed: the words it came from.

use std::collections::BTreeSet;

use jiff::Timestamp;
use remanence_store::Store;
use remanence_store::maintain::blame;
use serde::Serialize;

use super::error::DreamError;
use super::memory::Memory;
use super::sessions::{FindSessions, Listed};
use crate::fact::{Source, Trust};
use crate::format::{self, Entry, Reply};
use crate::ledger::hash;
use crate::memory_file::fact_lines;
use crate::text::words::features;

/// Longest words that are shown of one source.
const MOST_SHOWN: usize = 600;

/// Where a line comes from.
#[derive(Debug, Clone, Serialize)]
pub struct Why {
    /// The file, without a slash in front.
    pub path: String,
    /// The line's number, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
    /// Who wrote it into the file: a person, an agent or a Dream.
    pub author: Option<String>,
    /// When.
    pub written: Option<Timestamp>,
    /// The Dream that found it, where one did.
    pub dream: Option<String>,
    /// How much it matters, 1 to 10.
    pub importance: Option<u8>,
    /// The words it rests on, oldest first.
    pub sources: Vec<WhySource>,
}

/// The words a fact rests on.
#[derive(Debug, Clone, Serialize)]
pub struct WhySource {
    /// The session store or folder.
    pub store: String,
    /// The agent whose session it is.
    pub agent: String,
    /// The transcript's path.
    pub path: String,
    /// The number of the line in it, from 1; none where it cannot be read any more.
    pub line: Option<u64>,
    /// The line's bytes in it, uncompressed.
    pub span: (u64, u64),
    /// When it was said.
    pub time: Timestamp,
    /// Why it is believed.
    pub trust: Trust,
    /// What was said; none where the transcript cannot be read any more.
    pub words: Option<String>,
    /// Why there are no words.
    pub note: Option<String>,
}

/// Looks a line of memory up, and the words it came from in the places that the ledger names.
///
/// # Errors
/// When there is no such file or line, or the store cannot be read.
pub async fn why(store: &Store, path: &str, line: usize, places: &dyn FindSessions) -> Result<Why, DreamError> {
    store.sync().await?;
    let memory = Memory::at(store, &store.tree()).await?;
    let path = path.trim_start_matches('/');
    let Some(file) = memory.files.iter().find(|f| f.path == path) else {
        let path = path.to_owned();
        return Err(match memory.tree.lookup(&format!("/{path}")) {
            Some(_) => DreamError::NoMemory { path },
            None => DreamError::NoFile {
                url: store.url().to_owned(),
                path,
            },
        });
    };
    let text = line
        .checked_sub(1)
        .and_then(|at| file.text.lines().nth(at))
        .ok_or_else(|| DreamError::NoLine {
            path: path.to_owned(),
            line,
        })?;
    let mut out = Why {
        path: path.to_owned(),
        line,
        text: text.to_owned(),
        author: None,
        written: None,
        dream: None,
        importance: None,
        sources: Vec::new(),
    };
    if let Some(at) = memory.read.get(path) {
        let mut left = line;
        for run in blame(store, at.file, at.version).await? {
            if left <= run.lines as usize {
                out.author = Some(run.author.to_string());
                out.written = Some(run.time);
                break;
            }
            left -= run.lines as usize;
        }
    }
    let content = fact_lines(&file.text)
        .find(|(at, _)| at + 1 == line)
        .map(|(_, content)| hash(content));
    let known = memory
        .ledger
        .facts
        .iter()
        .find(|k| k.file == path && Some(&k.line) == content.as_ref());
    if let Some(known) = known {
        out.dream = Some(known.dream.clone());
        out.importance = Some(known.importance);
        let mut transcripts = Listed::of(places);
        for source in &known.sources {
            let read = transcripts.span(&source.session, source.span).await;
            out.sources.push(told(source, text, read));
        }
    }
    Ok(out)
}

/// A source with the words that were read at it: the line's number and bytes, or none where the transcript is gone.
pub(super) fn told(source: &Source, fact: &str, read: Result<Option<(u64, Vec<u8>)>, String>) -> WhySource {
    match read {
        Ok(Some((line, bytes))) => match words(&bytes, source.trust, fact) {
            Some(words) => WhySource {
                words: Some(words),
                line: Some(line),
                note: None,
                ..unread(source, String::new())
            },
            None => unread(source, "the transcript holds something else there now".to_owned()),
        },
        Ok(None) => unread(source, "the transcript is not there any more".to_owned()),
        Err(why) => unread(source, why),
    }
}

/// A source of which no words can be shown, and why.
fn unread(source: &Source, why: String) -> WhySource {
    let session = &source.session;
    WhySource {
        store: session.store.clone(),
        agent: session.agent.clone(),
        path: session.path.clone(),
        line: None,
        span: source.span,
        time: source.time,
        trust: source.trust,
        words: None,
        note: Some(why),
    }
}

/// What a line of a transcript says, as far as a fact rests on it. Of many messages the one that says most of it.
pub(super) fn words(line: &[u8], trust: Trust, fact: &str) -> Option<String> {
    let entries = format::parse(line).into_iter().flat_map(|parsed| parsed.entries);
    let (mut texts, mut asked) = (Vec::new(), Vec::new());
    for entry in entries {
        match (entry, trust) {
            (Entry::Typed(text), Trust::Typed)
            | (Entry::Said(text), Trust::Grounded)
            | (Entry::Returned { text, .. } | Entry::Replied { text, .. }, Trust::Seen) => texts.push(text),
            (Entry::Typed(text), Trust::Grounded) => asked.push(text),
            (Entry::Replied { replies, .. }, Trust::Typed | Trust::Grounded) => {
                for reply in replies {
                    match (reply, trust) {
                        (Reply::Typed(text), Trust::Typed) => texts.push(text),
                        (Reply::Typed(text), _) => asked.push(text),
                        (Reply::Chose { question, answer }, _) => asked.push(format!("{question} {answer}")),
                    }
                }
            }
            _ => {}
        }
    }
    // An agent's answer rests on the question, too.
    let texts = if texts.is_empty() { asked } else { texts };
    let none = BTreeSet::new();
    let wanted = features(fact, &none).stems;
    let shared = |text: &String| features(text, &none).stems.intersection(&wanted).count();
    let best = texts.iter().map(shared).max().unwrap_or(0);
    let text = if best == 0 || texts.len() < 2 {
        texts.join("\n")
    } else {
        texts.into_iter().find(|text| shared(text) == best).unwrap_or_default()
    };
    let cut: String = text.chars().take(MOST_SHOWN).collect();
    (!cut.trim().is_empty()).then(|| {
        if cut.len() < text.len() {
            format!("{cut} …")
        } else {
            cut
        }
    })
}
