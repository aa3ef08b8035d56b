//! The whole Dream as one pure function: memory, ledger and sessions in, writes and record out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;

use jiff::Timestamp;

use crate::consolidate::{Work, source_key};
use crate::extract::{Shared, line_hash};
use crate::fold::{self, Folded, sibling_of};
use crate::forget::{self, Decayed};
use crate::guard::{self, Refused};
use crate::ledger::{Known, Ledger, Past};
use crate::orient::{Author, LineAuthor, Memory, MemoryFile, Removed, orient};
use crate::propose::{self, Files, Write};
use crate::reading::{Reading, Session};
use crate::record::{Counts, SessionRead};
use crate::room;
use crate::settings::Settings;
use crate::tombstone;
use crate::unfounded::Unfounded;

/// How often a result is settled until doing it again changes nothing.
const SETTLES: usize = 4;

/// What a Dream starts from.
#[derive(Clone)]
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
    /// Facts whose words were redacted.
    pub unfounded: Unfounded,
    /// A model is to read this many bytes of what people typed; none where rules alone dream.
    pub passage_bytes: Option<usize>,
    /// Transcripts, by store and path, that are read only up to a byte.
    pub until: BTreeMap<(String, String), u64>,
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
    /// What is done.
    pub counts: Counts,
    /// Why things were left out.
    pub reasons: Vec<String>,
    /// The guard's objection; there are no writes then, nothing is counted, and cursors stay.
    pub refused: Option<Refused>,
}

impl Plan {
    /// Nothing is done.
    pub fn nothing(ledger: Ledger) -> Self {
        Self {
            writes: Vec::new(),
            ledger,
            moved: false,
            sessions: Vec::new(),
            counts: Counts::default(),
            reasons: Vec::new(),
            refused: None,
        }
    }
}

/// Dreams over sessions by rules alone. Fails only where `sessions` holds an error.
pub fn plan<'a>(input: &Input, sessions: impl IntoIterator<Item = io::Result<Session<'a>>>) -> io::Result<Plan> {
    Ok(conclude(input, Reading::of(input, sessions)?))
}

/// Everything after reading: what memory becomes.
pub fn conclude(input: &Input, reading: Reading) -> Plan {
    let Reading {
        shared,
        sessions,
        cursors,
        reasons: unread,
    } = reading;
    // Some transcript was used further than before.
    let moved = cursors != input.ledger.cursors;
    let mut ledger = Ledger {
        cursors,
        ..input.ledger.clone()
    };
    input.unfounded.strip(&mut ledger, &input.dream);
    let folded = fold::fold(&input.files, &ledger.tombstones, &input.settings, &shared.names);
    let mut steps = step(&folded.files, &ledger, &shared, input, true);
    let before = before(input, &folded);
    // Once is enough: what a second time would still change is done at once.
    let mut stable = Ok(());
    for _ in 0..SETTLES {
        let carried = carried(&folded.files, &steps.files);
        let again = step(&carried, &steps.ledger, &shared, input, false);
        stable = guard::stable(&steps.files.files, &again.files.files);
        if stable.is_ok() {
            break;
        }
        steps.files = again.files;
        steps.ledger = again.ledger;
    }
    let mut reasons = steps.reasons;
    reasons.extend(folded.reasons);
    reasons.extend(unread);
    let mut plan = Plan {
        writes: propose::writes(&before, &steps.files.files),
        ledger: steps.ledger,
        moved,
        sessions,
        counts: steps.counts,
        reasons,
        refused: None,
    };
    let known = input.ledger.facts.len();
    let lost = lost(&steps.memory, &plan.ledger).saturating_add(steps.unlike);
    let checked = guard::check(&steps.memory, known, &steps.files.files, lost, &input.settings);
    let dated = guard::dated(&input.ledger.facts, &plan.ledger.facts, input.now);
    if let Err(refused) = checked.and(stable).and(dated) {
        plan.reasons.push(refused.to_string());
        plan.refused = Some(refused);
        plan.writes.clear();
        plan.counts = Counts::default();
        plan.ledger = input.ledger.clone();
    }
    plan
}

/// The files as they were: with the siblings that were folded, without those that stay.
fn before(input: &Input, folded: &Folded) -> BTreeMap<String, String> {
    let files = input.files.iter().filter(|f| sibling_of(&f.path).is_none());
    files
        .map(|f| (f.path.clone(), f.text.clone()))
        .chain(folded.gone.clone())
        .collect()
}

struct Step {
    memory: Memory,
    files: Files,
    ledger: Ledger,
    counts: Counts,
    reasons: Vec<String>,
    /// Facts that words on another thing took out.
    unlike: u32,
}

/// Everything after reading, on files and ledger as given.
fn step(files: &[MemoryFile], ledger: &Ledger, shared: &Shared, input: &Input, first: bool) -> Step {
    let mut memory = orient(files, ledger, &shared.names, &input.settings);
    let start = memory.clone();
    let unfounded = input.unfounded.drop_from(&mut memory);
    let pinned = input.unfounded.pinned_in(&memory);
    if first {
        count_uses(&mut memory, &shared.surfaced, input.now);
    }
    let mut tombstones = ledger.tombstones.clone();
    if first {
        tombstone::lay_for_deletions(&mut tombstones, &input.removed, &input.ledger.facts, &shared.names);
    }
    let mut work = Work::new(
        memory,
        tombstones,
        &shared.names,
        &input.dream,
        input.now,
        &input.settings,
    );
    work.quarantine.clone_from(&ledger.quarantine);
    work.set_past(&ledger.past, input.again);
    for (candidate, why) in &shared.unsupported {
        work.keep_out(candidate, why);
    }
    work.apply(&shared.candidates, &shared.secrets);
    let mut past = ledger.past.clone();
    if !work.settled.is_empty() {
        past.push(Past::new(&input.dream, work.settled));
    }
    let (mut counts, mut reasons, unlike) = (work.counts, work.reasons, work.unlike);
    if unfounded > 0 {
        counts.forgotten += unfounded;
        reasons.insert("the words that facts rested on were redacted: those facts went".to_owned());
    }
    let mut memory = work.memory;
    let all = sources(&memory);
    // Once a Dream: what is too much at once goes in the next one.
    let decayed = if first {
        let most = guard::may_go(input.ledger.facts.len(), &input.settings);
        forget::decay(&mut memory, input.now, most)
    } else {
        Decayed::default()
    };
    reasons.extend(decayed.reasons());
    for file in pinned {
        reasons.insert(format!(
            "words that a fact in {file} rests on were redacted: it stays, the file is pinned"
        ));
    }
    let lasting = sources(&memory);
    let old = known_facts(&memory);
    let homeless = room::spread(&mut memory, &input.settings);
    let (files, lost) = fit(&mut memory, &input.settings);
    let dropped_old = old - known_facts(&memory);
    let kept = sources(&memory);
    let mut leave = |of: Vec<String>, under| {
        if !of.is_empty() {
            past.push(Past {
                under,
                ..Past::new(&input.dream, of)
            });
        }
    };
    leave(all.difference(&lasting).cloned().collect(), None);
    leave(
        lasting.difference(&kept).cloned().collect(),
        Some(input.settings.memory_size),
    );
    if lost > 0 {
        reasons.insert(format!(
            "the weakest facts went: what dreams keep may have {} bytes",
            input.settings.memory_size
        ));
    }
    if homeless > 0 {
        reasons.insert(format!(
            "facts that fit into no file, which may have {} bytes: {homeless}",
            input.settings.file_size
        ));
    }
    counts.added = counts
        .added
        .saturating_sub((lost + homeless).saturating_sub(dropped_old));
    counts.forgotten += decayed.count() + dropped_old;
    let ledger = Ledger {
        facts: files.facts.clone(),
        cursors: ledger.cursors.clone(),
        tombstones: work.tombstones,
        quarantine: work.quarantine,
        past,
        redactions: ledger.redactions.clone(),
        unknown: ledger.unknown.clone(),
    };
    Step {
        memory: start,
        files,
        ledger,
        counts,
        reasons: reasons.into_iter().collect(),
        unlike,
    }
}

fn sources(memory: &Memory) -> BTreeSet<String> {
    memory
        .facts
        .iter()
        .flat_map(|fact| fact.known.sources.iter().map(source_key))
        .collect()
}

/// Lays out the memory within the bytes for what Dreams keep; the weakest facts go. What stays depends on the facts
/// alone.
fn fit(memory: &mut Memory, settings: &Settings) -> (Files, u32) {
    let whole = propose::lay_out(memory, settings);
    if size(&whole) <= settings.memory_size {
        return (whole, 0);
    }
    // What others wrote is there with or without facts, and no fact goes for it.
    let mut bare = memory.clone();
    bare.facts.clear();
    let theirs = size(&propose::lay_out(&mut bare, settings));
    let most = settings.memory_size.saturating_add(theirs);
    if size(&whole) <= most {
        return (whole, 0);
    }
    let order = forget::ranked(memory);
    let strongest = |count: usize| {
        let kept: HashSet<usize> = order[..count].iter().copied().collect();
        let mut part = memory.clone();
        let mut at = 0..part.facts.len();
        part.facts.retain(|_| at.next().is_some_and(|at| kept.contains(&at)));
        let files = propose::lay_out(&mut part, settings);
        (part, files)
    };
    let (mut low, mut high) = (0, order.len());
    while low + 1 < high {
        let middle = usize::midpoint(low, high);
        if size(&strongest(middle).1) <= most {
            low = middle;
        } else {
            high = middle;
        }
    }
    let (part, files) = strongest(low);
    *memory = part;
    (files, (order.len() - low) as u32)
}

fn size(files: &Files) -> usize {
    files
        .files
        .iter()
        .filter(|(path, _)| !path.starts_with(".dream/"))
        .map(|(_, text)| text.len())
        .sum()
}

/// How many facts have a line already.
fn known_facts(memory: &Memory) -> u32 {
    memory.facts.iter().filter(|fact| fact.line.is_some()).count() as u32
}

fn count_uses(memory: &mut Memory, surfaced: &HashMap<u64, u32>, now: Timestamp) {
    for fact in &mut memory.facts {
        if let Some(times) = fact.line.as_deref().and_then(|line| surfaced.get(&line_hash(line))) {
            fact.known.uses = fact.known.uses.saturating_add(*times);
            fact.known.used = Some(now);
        }
    }
}

/// How many facts are neither there any more nor were settled: replaced, or forgotten because it was asked for.
fn lost(start: &Memory, end: &Ledger) -> u32 {
    let here = end.facts.iter().flat_map(|known| known.sources.iter().map(source_key));
    // What went for want of room, or faded, was not asked for; what was taken back may have come back since.
    let asked = end.past.iter().filter(|past| past.under.is_none() && !past.taken_back);
    let settled = asked.flat_map(|past| past.of.iter().cloned());
    let accounted: HashSet<String> = here.chain(settled).collect();
    let gone = |known: &Known| {
        known
            .sources
            .iter()
            .all(|source| !accounted.contains(&source_key(source)))
    };
    start.facts.iter().filter(|fact| gone(&fact.known)).count() as u32
}

/// The files as a step left them, with the authors they had.
fn carried(before: &[MemoryFile], files: &Files) -> Vec<MemoryFile> {
    let authors: HashMap<&str, &MemoryFile> = before.iter().map(|f| (f.path.as_str(), f)).collect();
    let file = |(path, text): (&String, &String)| MemoryFile {
        path: path.clone(),
        text: text.clone(),
        authors: carry(authors.get(path.as_str()), text),
    };
    files.files.iter().map(file).collect()
}

/// The authors of lines that stayed; the others are the Dream's.
fn carry(old: Option<&&MemoryFile>, text: &str) -> Vec<LineAuthor> {
    let Some(old) = old.filter(|old| !old.authors.is_empty()) else {
        return Vec::new();
    };
    let by = |at: usize| old.authors.get(at).copied().unwrap_or_default();
    let known: HashMap<&str, LineAuthor> = old.text.lines().enumerate().map(|(at, line)| (line, by(at))).collect();
    let new = LineAuthor {
        author: Author::Dream,
        time: None,
    };
    text.lines()
        .map(|line| known.get(line).copied().unwrap_or(new))
        .collect()
}
