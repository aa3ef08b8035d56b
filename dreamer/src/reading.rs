//! Reads the transcripts of a Dream: what they hold for all stages after it, and how far each was used.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::Arc;

use jiff::Timestamp;

use crate::extract::{Extractor, Shared, line_hash};
use crate::gather::{self, SessionName};
use crate::ledger::{CursorOf, Ledger};
use crate::memory_file::fact_lines;
use crate::model::passages::Passages;
use crate::plan::Input;
use crate::record::SessionRead;
use crate::text::words::names_in;

/// A transcript to read.
pub struct Session<'a> {
    /// Which one.
    pub name: SessionName,
    /// Its stored size.
    pub size: u64,
    /// The time of lines that carry none.
    pub start: Timestamp,
    /// Who types in it are strangers (a service's customers, say): nothing they say is a fact, and no order of theirs is
    /// followed.
    pub strangers: bool,
    /// Opens it at a byte.
    pub open: Box<dyn FnMut(u64) -> io::Result<Box<dyn Read + 'a>> + 'a>,
}

/// What reading came to, before anything is decided.
#[derive(Debug)]
pub struct Reading {
    /// Candidates, secrets, names.
    pub shared: Shared,
    /// Transcripts that were read.
    pub sessions: Vec<SessionRead>,
    /// How far each transcript was used.
    pub cursors: BTreeMap<(String, String), CursorOf>,
    /// Why some of them were not read.
    pub reasons: Vec<String>,
}

impl Reading {
    /// Reads all sessions on from their cursors.
    ///
    /// # Errors
    /// Only where `sessions` holds one.
    pub fn of<'a>(input: &Input, sessions: impl IntoIterator<Item = io::Result<Session<'a>>>) -> io::Result<Self> {
        let mut shared = Shared::default();
        shared.passages = input.passage_bytes.map(Passages::of_at_most);
        for file in &input.files {
            names_in(&file.text, &mut shared.names);
            shared
                .known
                .extend(fact_lines(&file.text).map(|(_, line)| line_hash(line)));
        }
        let mut ledger = Ledger {
            cursors: input.ledger.cursors.clone(),
            ..Ledger::default()
        };
        let (mut read, mut reasons) = (Vec::new(), Vec::new());
        for session in sessions {
            read.extend(read_session(session?, input, &mut ledger, &mut shared, &mut reasons));
        }
        let known = known_elsewhere(&input.ledger, &ledger, &read);
        if known > 0 {
            reasons.push(format!(
                "transcripts of which all was read where they lay before: {known}; it is noted where they lie now"
            ));
        }
        Ok(Self {
            shared,
            sessions: read,
            cursors: ledger.cursors,
            reasons,
        })
    }
}

/// How many transcripts have a place that the ledger did not know, and nothing that is new.
fn known_elsewhere(before: &Ledger, now: &Ledger, read: &[SessionRead]) -> usize {
    let read: BTreeSet<(&str, &str)> = read.iter().map(|s| (s.store.as_str(), s.path.as_str())).collect();
    let new = now.cursors.iter().filter(|(place, cursor)| {
        !before.cursors.contains_key(*place)
            && !read.contains(&(place.0.as_str(), place.1.as_str()))
            && cursor.cursor.bytes > 0
    });
    new.count()
}

/// Reads one transcript on from its cursor; nothing where it was read at this very version.
fn read_session(
    mut session: Session<'_>,
    input: &Input,
    ledger: &mut Ledger,
    shared: &mut Shared,
    reasons: &mut Vec<String>,
) -> Option<SessionRead> {
    let name = Arc::new(session.name);
    let old = ledger.cursor(&name.store, &name.path).cloned();
    // The same path in another store is another transcript, unless the bytes say that it is that one.
    let own = old
        .as_ref()
        .filter(|old| old.store == name.store && old.version.is_some());
    if own.is_some_and(|old| old.version == name.version) && !input.again {
        return None;
    }
    // Transcripts grow: another version of the same size was written anew.
    let rewritten = own.is_some_and(|old| old.version != name.version && old.cursor.size == session.size);
    let from = old
        .as_ref()
        .filter(|_| !input.again && !rewritten)
        .map(|old| old.cursor.clone())
        .unwrap_or_default();
    let mut extractor = Extractor::new(Arc::clone(&name), session.strangers, input.now, shared);
    let until = input.until.get(&(name.store.clone(), name.path.clone())).copied();
    let end = until.unwrap_or(u64::MAX);
    let mut reading = gather::read(&mut session.open, session.size, &from, session.start, end, |turn| {
        extractor.turn(&turn);
    });
    extractor.finish();
    if reading.too_long > 0 {
        reasons.push(format!(
            "{}: a line, or a document of many lines, has {} bytes and was passed over: at most {} are read",
            name.path,
            reading.too_long,
            gather::MAX_LINE
        ));
    }
    let to = reading.cursor.bytes;
    let unread = to == 0 && session.size > 0 && reading.broken.is_none();
    if unread && name.path.strip_suffix(".gz").is_some() {
        match gather::is_zipped(&mut session.open) {
            Ok(true) => {}
            Ok(false) => reading.broken = Some("its name ends in .gz, but it is no gzip archive".to_owned()),
            Err(error) => {
                reading.broken = Some(gather::not_now(&error));
                reading.failed = true;
            }
        }
    }
    let cursor = CursorOf {
        store: name.store.clone(),
        path: name.path.clone(),
        // A part that was left, or could not be read now, is no reason to pass over the file next time. What is damaged
        // stays so until it gets another version.
        version: name.version.clone().filter(|_| until.is_none() && !reading.failed),
        cursor: reading.cursor,
    };
    // A file that only got a new version without new words keeps its cursor.
    let same = |old: &CursorOf| {
        old.store == cursor.store
            && old.cursor.bytes == cursor.cursor.bytes
            && old.cursor.check == cursor.cursor.check
            && !rewritten
    };
    let nothing = reading.from == to && reading.lines == 0 && reading.skipped == 0;
    if !(old.as_ref().is_some_and(same) || nothing && reading.failed) {
        ledger.set_cursor(cursor);
    }
    // What can't be read is named, also where nothing came of it.
    let nothing = nothing && !reading.failed && reading.broken.is_none();
    (!nothing).then(|| SessionRead {
        store: name.store.clone(),
        path: name.path.clone(),
        from: reading.from,
        to,
        lines: reading.lines,
        skipped: reading.skipped,
        broken: reading.broken,
    })
}
