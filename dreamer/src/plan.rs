//! The whole Dream as one pure function: memory, ledger and sessions in, writes and record out.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};
use std::sync::Arc;

use jiff::Timestamp;

use crate::consolidate::Work;
use crate::extract::{Extractor, Shared, line_hash};
use crate::fact::{Candidate, Op};
use crate::forget;
use crate::gather::{self, SessionName};
use crate::guard::{self, Refused};
use crate::ledger::{CursorOf, Ledger, hash};
use crate::orient::{Author, Memory, MemoryFile, Removed, orient};
use crate::propose::{self, Files, Write};
use crate::record::{Counts, SessionRead};
use crate::settings::Settings;
use crate::text::words::{features, names_in};
use crate::tombstone::Tombstone;

/// A transcript to read.
pub struct Session<'a> {
    /// Which one.
    pub name: SessionName,
    /// Its stored size.
    pub size: u64,
    /// The time of lines that carry none.
    pub start: Timestamp,
    /// Opens it at a byte.
    pub open: Box<dyn FnMut(u64) -> io::Result<Box<dyn Read + 'a>> + 'a>,
}

/// What a Dream starts from.
pub struct Input {
    /// The memory's files.
    pub files: Vec<MemoryFile>,
    /// The ledger as it stands.
    pub ledger: Ledger,
    /// Lines that went since the last Dream, and who took them out.
    pub removed: Vec<Removed>,
    /// What it may do.
    pub settings: Settings,
    /// The clock.
    pub now: Timestamp,
    /// The Dream's name.
    pub dream: String,
    /// Read all transcripts from their start.
    pub again: bool,
}

/// What a Dream comes to.
#[derive(Debug)]
pub struct Plan {
    /// Files to write and remove, without the ledger.
    pub writes: Vec<Write>,
    /// The ledger to go with them.
    pub ledger: Ledger,
    /// Some transcript was read further than before.
    pub moved: bool,
    /// What was read.
    pub sessions: Vec<SessionRead>,
    /// What was done.
    pub counts: Counts,
    /// Why things were left out.
    pub reasons: Vec<String>,
    /// The guard's objection; there are no writes then, and cursors stay.
    pub refused: Option<Refused>,
}

/// Dreams. Fails only where a transcript cannot be opened.
pub fn plan<'a>(input: &Input, sessions: impl IntoIterator<Item = io::Result<Session<'a>>>) -> io::Result<Plan> {
    let mut shared = Shared::default();
    for file in &input.files {
        names_in(&file.text, &mut shared.names);
        shared
            .known
            .extend(crate::memory_file::fact_lines(&file.text).map(|(_, line)| line_hash(line)));
    }
    let mut ledger = input.ledger.clone();
    let mut read = Vec::new();
    for session in sessions {
        read.extend(read_session(session?, input.again, &mut ledger, &mut shared)?);
    }
    let moved = ledger.cursors != input.ledger.cursors;
    shared
        .candidates
        .retain(|c| c.finding.op == Op::Forget || input.settings.facts.takes(c.finding.kind));
    let first = step(&input.files, &ledger, &shared, input, true);
    let mut plan = Plan {
        writes: propose::writes(&first.before, &first.files.files),
        ledger: first.ledger,
        moved,
        sessions: read,
        counts: first.counts,
        reasons: first.reasons,
        refused: None,
    };
    let checked = guard::check(
        &first.memory,
        input.ledger.facts.len(),
        &first.files.files,
        first.lost,
        &input.settings,
    )
    .and_then(|()| stable(&plan, &first.files, &shared, input));
    if let Err(refused) = checked {
        plan.reasons.push(refused.to_string());
        plan.refused = Some(refused);
        plan.writes.clear();
        plan.ledger = input.ledger.clone();
    }
    Ok(plan)
}

fn read_session(
    mut session: Session<'_>,
    again: bool,
    ledger: &mut Ledger,
    shared: &mut Shared,
) -> io::Result<Option<SessionRead>> {
    let name = Arc::new(session.name);
    let old = ledger.cursor(&name.store, &name.path).cloned();
    let unchanged = old
        .as_ref()
        .is_some_and(|old| old.version.is_some() && old.version == name.version);
    if unchanged && !again {
        return Ok(None);
    }
    let from = old
        .as_ref()
        .filter(|_| !again)
        .map(|old| old.cursor.clone())
        .unwrap_or_default();
    let mut extractor = Extractor::new(Arc::clone(&name), shared);
    let reading = gather::read(&mut session.open, session.size, &from, session.start, |turn| {
        extractor.turn(&turn);
    })?;
    extractor.finish();
    let to = reading.cursor.bytes;
    let cursor = CursorOf {
        store: name.store.clone(),
        path: name.path.clone(),
        version: name.version.clone(),
        cursor: reading.cursor,
    };
    // A file that only got a new version without new words keeps its cursor.
    let same = old
        .as_ref()
        .is_some_and(|old| old.cursor.bytes == cursor.cursor.bytes && old.cursor.check == cursor.cursor.check);
    if !same {
        ledger.set_cursor(cursor);
    }
    let nothing = reading.from == to && reading.lines == 0 && reading.skipped == 0;
    Ok((!nothing).then(|| SessionRead {
        store: name.store.clone(),
        path: name.path.clone(),
        from: reading.from,
        to,
        lines: reading.lines,
        skipped: reading.skipped,
        broken: reading.broken,
    }))
}

struct Step {
    memory: Memory,
    before: BTreeMap<String, String>,
    files: Files,
    ledger: Ledger,
    counts: Counts,
    reasons: Vec<String>,
    lost: u32,
}

/// Everything after reading, on files and ledger as given.
fn step(files: &[MemoryFile], ledger: &Ledger, shared: &Shared, input: &Input, first: bool) -> Step {
    let mut memory = orient(files, ledger, &shared.names);
    let start = memory.clone();
    let before = memory.files.clone();
    if first {
        count_uses(&mut memory, &shared.surfaced, input.now);
    }
    let mut tombstones = ledger.tombstones.clone();
    if first {
        lay_for_deletions(&mut tombstones, input, shared);
    }
    let mut work = Work::new(memory, tombstones, &shared.names, &input.dream, &input.settings);
    work.quarantine.clone_from(&ledger.quarantine);
    work.apply(&shared.candidates, &shared.secrets);
    let (mut counts, mut reasons) = (work.counts, work.reasons);
    let mut memory = work.memory;
    let faded = forget::decay(&mut memory, input.now);
    let (files, lost) = fit(&mut memory, input.settings.memory_size);
    if lost > 0 {
        reasons.insert(format!(
            "the weakest facts went: all memory files together may have {} bytes",
            input.settings.memory_size
        ));
    }
    let dropped_old = dropped(&start, &memory);
    counts.added = counts.added.saturating_sub(lost.saturating_sub(dropped_old.min(lost)));
    counts.forgotten += faded + dropped_old.min(lost);
    let ledger = Ledger {
        facts: files.facts.clone(),
        cursors: ledger.cursors.clone(),
        tombstones: work.tombstones,
        quarantine: work.quarantine,
        unknown: ledger.unknown.clone(),
    };
    let lost = dropped_old.min(lost) + faded;
    Step {
        memory: start,
        before,
        files,
        ledger,
        counts,
        reasons: reasons.into_iter().collect(),
        lost,
    }
}

/// Lays out the memory within its bytes; the weakest facts go.
fn fit(memory: &mut Memory, most: usize) -> (Files, u32) {
    let mut gone = 0;
    loop {
        let files = propose::lay_out(memory);
        let size: usize = files
            .files
            .iter()
            .filter(|(path, _)| !path.starts_with(".dream/"))
            .map(|(_, text)| text.len())
            .sum();
        if size <= most || memory.facts.is_empty() {
            return (files, gone);
        }
        gone += forget::shrink(memory, size - most);
    }
}

/// How many of the lines that were there at the start are there no more.
fn dropped(start: &Memory, end: &Memory) -> u32 {
    let left: std::collections::HashSet<&str> = end.facts.iter().filter_map(|f| f.line.as_deref()).collect();
    start
        .facts
        .iter()
        .filter(|f| f.line.as_deref().is_some_and(|line| !left.contains(line)))
        .count() as u32
}

fn count_uses(memory: &mut Memory, surfaced: &HashMap<u64, u32>, now: Timestamp) {
    for fact in &mut memory.facts {
        if let Some(times) = fact.line.as_deref().and_then(|line| surfaced.get(&line_hash(line))) {
            fact.known.uses = fact.known.uses.saturating_add(*times);
            fact.known.used = Some(now);
        }
    }
}

/// What a person took out must not come back from older words.
fn lay_for_deletions(tombstones: &mut Vec<Tombstone>, input: &Input, shared: &Shared) {
    let by_dreams: std::collections::HashSet<&str> = input.ledger.facts.iter().map(|k| k.line.as_str()).collect();
    for removed in &input.removed {
        if removed.author == Author::Person && by_dreams.contains(hash(&removed.line).as_str()) {
            let text = crate::render::without_suffix(&removed.line);
            let stone = Tombstone::of_fact(&features(text, &shared.names), removed.time, &input.dream);
            if !tombstones
                .iter()
                .any(|t| t.pairs == stone.pairs && t.time >= stone.time)
            {
                tombstones.push(stone);
            }
        }
    }
}

/// Doing it once more must change nothing.
fn stable(plan: &Plan, files: &Files, shared: &Shared, input: &Input) -> Result<(), Refused> {
    let authors: HashMap<&str, &MemoryFile> = input.files.iter().map(|f| (f.path.as_str(), f)).collect();
    let again: Vec<MemoryFile> = files
        .files
        .iter()
        .map(|(path, text)| MemoryFile {
            path: path.clone(),
            text: text.clone(),
            authors: carry(authors.get(path.as_str()), text),
        })
        .collect();
    let second = step(&again, &plan.ledger, shared, input, false);
    match propose::writes(&files.files, &second.files.files).first() {
        Some(write) => Err(Refused::Unstable(write.path.clone())),
        None => Ok(()),
    }
}

/// The authors of lines that stayed.
fn carry(old: Option<&&MemoryFile>, text: &str) -> Vec<crate::orient::LineAuthor> {
    let Some(old) = old else { return Vec::new() };
    let known: HashMap<&str, crate::orient::LineAuthor> = old.text.lines().zip(old.authors.iter().copied()).collect();
    text.lines()
        .map(|line| known.get(line).copied().unwrap_or_default())
        .collect()
}

/// All candidates of some sessions, for evaluation.
pub fn candidates<'a>(sessions: impl IntoIterator<Item = io::Result<Session<'a>>>) -> io::Result<Vec<Candidate>> {
    let mut shared = Shared::default();
    let mut ledger = Ledger::default();
    for session in sessions {
        read_session(session?, true, &mut ledger, &mut shared)?;
    }
    Ok(shared.candidates)
}
