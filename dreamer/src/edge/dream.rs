//! One Dream: read, plan, and one commit made on what was read, merged with what was written meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use jiff::Timestamp;
use remanence_store::{Author, Store};

use super::error::DreamError;
use super::extraction;
use super::memory::Memory;
use super::proposal;
use super::redacted;
use super::sessions::{Found, Sessions};
use super::write::{Commit, Written};
use crate::dates::day;
use crate::forget::has_faded;
use crate::instructions::Instructions;
use crate::ledger::{Known, Ledger, short_hash};
use crate::model::{self, Answers, Bill, Choice, Engine};
use crate::orient::is_memory;
use crate::plan::{Input, Plan};
use crate::record::{Counts, Phase, Record};
use crate::settings::{Facts, Settings};

/// How often a Dream is planned anew because its lines were written meanwhile.
const TRIES: u32 = 5;
/// The beginning of 2026; no clock that is right says an earlier time.
const WRITTEN: Timestamp = Timestamp::constant(1_767_225_600, 0);
/// Longest instructions, in characters.
pub(super) const LONGEST_INSTRUCTIONS: usize = 4096;

/// What is asked of a Dream.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Which facts belong in the store.
    pub facts: Facts,
    /// See [`Settings::whole`].
    pub whole: BTreeSet<String>,
    /// Most bytes of what Dreams keep, see [`Settings::memory_size`].
    pub memory_size: Option<usize>,
    /// What to leave out or favour, see `instructions`.
    pub instructions: Option<String>,
    /// The clock; none takes the store's, which has to be right.
    pub now: Option<Timestamp>,
    /// Write nothing.
    pub dry_run: bool,
    /// Write a proposal instead of the memory.
    pub review: bool,
    /// Read sessions again that were used already.
    pub again: bool,
    /// A model that proposes facts besides the rules; none dreams by rules alone.
    pub engine: Option<Engine>,
    /// The Dream's name; none takes one of the day, the store and its newest commit.
    pub id: Option<String>,
    /// The share of facts that may be lost without being asked to; none takes the usual one.
    pub max_loss_percent: Option<u8>,
}

/// One file before and after.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// Its path, without a slash in front.
    pub path: String,
    /// Its text before; none where it is new.
    pub before: Option<String>,
    /// Its text after; none where it goes.
    pub after: Option<String>,
}

/// What a Dream came to.
#[derive(Debug, Clone)]
pub struct Dreamt {
    /// The record; with `dry_run` and where nothing was read, it is not in the store.
    pub record: Record,
    /// The files it changed, would change or proposes to change.
    pub changes: Vec<Change>,
}

/// Dreams over the sessions into the store.
///
/// # Errors
/// When the store or the sessions cannot be read or written, or another Dream was quicker. A result that the guard
/// refuses and a model that fails are no errors: the record is in phase [`Phase::Failed`] and says why.
pub async fn dream(store: &Store, sessions: &[Sessions], request: &Request) -> Result<Dreamt, DreamError> {
    dream_billed(store, sessions, request, &Bill::default()).await
}

/// As [`dream`]; whatever it comes to, the bill says what a model was paid.
pub(crate) async fn dream_billed(
    store: &Store,
    sessions: &[Sessions],
    request: &Request,
    bill: &Bill,
) -> Result<Dreamt, DreamError> {
    let begun = Instant::now();
    let length = request.instructions.as_deref().map_or(0, |text| text.chars().count());
    if length > LONGEST_INSTRUCTIONS {
        return Err(DreamError::Instructions { is: length });
    }
    let now = request.now.unwrap_or_else(|| store.clock().now());
    let instructions = request
        .instructions
        .as_deref()
        .map(Instructions::parse)
        .unwrap_or_default();
    let mut answers = Answers::on(bill);
    for _ in 0..TRIES {
        store.sync().await?;
        if request.now.is_none() {
            check_clock(store, now)?;
        }
        let mut memory = Memory::ledger_of(store, &store.tree()).await?;
        memory.complete_ledger(store).await?;
        if memory.tree.settings.archived && !request.dry_run {
            return Err(DreamError::Archived {
                url: store.url().to_owned(),
            });
        }
        let (found, empty) = list_all(sessions).await?;
        let mut record = start(store, &memory, &instructions, request, now);
        record.reasons.extend(memory.notes.iter().cloned());
        if found.is_empty() {
            record.reasons.push("there are no sessions".to_owned());
        }
        record.reasons.extend(empty);
        if !request.again
            && redacted::seen(sessions, &memory.ledger).is_empty()
            && memory.dreamt_at == memory.tree.seq
            && memory.dreamt_at > 0
            && all_used(&found, &memory.ledger)
            && !is_due(&memory, &settings(&memory, request, &instructions), now)
        {
            record
                .reasons
                .push("nothing was said or written since the last dream".to_owned());
            record.seconds = begun.elapsed().as_secs_f64();
            return Ok(Dreamt {
                record,
                changes: Vec::new(),
            });
        }
        memory.read_files(store).await?;
        record.reasons.extend(left_alone(&memory));
        memory.follow_renames(store).await?;
        let unfounded = redacted::unfounded(sessions, &memory.ledger, &memory.files).await?;
        memory.find_authors(store).await?;
        let removed = memory.removed(store).await?;
        record.reasons.extend(memory.lost_track());
        let input = Input {
            files: memory.files.clone(),
            ledger: memory.ledger.clone(),
            removed,
            settings: settings(&memory, request, &instructions),
            now,
            dream: record.id.clone(),
            again: request.again,
            unfounded,
            passage_bytes: None,
            until: BTreeMap::new(),
        };
        let planned = extraction::plan(input, &found, request, &mut answers, &mut record).await?;
        let changes = changes(&memory, &planned);
        record.seconds = begun.elapsed().as_secs_f64();
        match finish(store, &memory, &planned, &mut record, request).await? {
            Written::At(seq) => {
                record.result = (seq > 0).then_some(seq);
                if record.result.is_some() {
                    leave_index(store).await;
                }
                return Ok(Dreamt { record, changes });
            }
            Written::Stale(path) => {
                tracing::info!(dream = record.id, path, "written meanwhile; planned anew");
                store.sync().await?;
                if let Some(dream) = other_dream(store, &memory) {
                    return Err(DreamError::Another { dream });
                }
            }
        }
    }
    Err(DreamError::Busy {
        url: store.url().to_owned(),
    })
}

/// All transcripts, and where there are none, in words for the record.
async fn list_all(sessions: &[Sessions]) -> Result<(Vec<Found>, Vec<String>), DreamError> {
    let (mut found, mut empty) = (Vec::new(), Vec::new());
    for place in sessions {
        let there = place.list().await?;
        // A prefix that nobody wrote to, and one that is spelled wrong, look alike.
        if let (Sessions::Logs(backend), true) = (place, there.is_empty()) {
            empty.push(format!("there are no transcripts below {}", backend.url));
        }
        found.extend(there);
    }
    Ok((found, empty))
}

/// The files and names that a Dream does not write to, each with why.
fn left_alone(memory: &Memory) -> Vec<String> {
    let unreadable = memory.unreadable.iter();
    let unreadable =
        unreadable.map(|path| format!("{path} is not UTF-8: it stays as it is, and new facts go elsewhere"));
    let in_the_way = memory.in_the_way.iter();
    let in_the_way =
        in_the_way.map(|path| format!("{path} is a folder or a link: what belongs there goes elsewhere, or waits"));
    let most = memory.tree.settings.file_size;
    let too_large = too_large(memory);
    let too_large =
        too_large.map(|path| format!("{path} has more than the {most} bytes that a file may have: it stays as it is"));
    unreadable.chain(in_the_way).chain(too_large).collect()
}

/// A clock from before this program was written would have all words said at one time: which of them are newer, and what
/// was forgotten, nobody could tell. The times of commits are no measure: one writer whose clock is ahead would stop all
/// Dreams.
fn check_clock(store: &Store, now: Timestamp) -> Result<(), DreamError> {
    if now >= WRITTEN {
        return Ok(());
    }
    Err(DreamError::Clock {
        url: store.url().to_owned(),
        now,
    })
}

/// A Dream's name: the day, and what tells it from others of that day.
pub fn name(now: Timestamp, seed: &str) -> String {
    format!("{}-{}", day(now), short_hash(seed.as_bytes(), 3))
}

fn start(store: &Store, memory: &Memory, instructions: &Instructions, request: &Request, now: Timestamp) -> Record {
    let fresh = || name(now, &format!("{} {} {now}", store.id(), memory.tree.seq));
    Record {
        id: request.id.clone().unwrap_or_else(fresh),
        phase: Phase::NoChange,
        base: memory.tree.seq,
        result: None,
        by: None,
        proposal: None,
        time: now,
        model: match &request.engine {
            Some(engine) => engine.model.name().to_owned(),
            None => Choice::Rules.to_string(),
        },
        prompt: request.engine.as_ref().map(|_| model::PROMPT.to_owned()),
        spent: None,
        sessions: Vec::new(),
        facts: Counts::default(),
        files: Vec::new(),
        seconds: 0.0,
        reasons: instructions.notes.clone(),
    }
}

fn settings(memory: &Memory, request: &Request, instructions: &Instructions) -> Settings {
    let mut settings = Settings {
        facts: request.facts,
        whole: request.whole.clone(),
        instructions: instructions.clone(),
        ..Settings::default()
    };
    if let Some(size) = request.memory_size {
        settings.memory_size = size;
    }
    if let Some(percent) = request.max_loss_percent {
        settings.max_loss_percent = percent;
    }
    settings.pinned.clone_from(&memory.tree.settings.pinned);
    settings.unreadable.clone_from(&memory.unreadable);
    settings.unreadable.extend(too_large(memory).map(str::to_owned));
    settings.unreadable.extend(memory.in_the_way.iter().cloned());
    settings.file_size = usize::try_from(memory.tree.settings.file_size).unwrap_or(usize::MAX);
    settings
}

/// Files from when the store let them be larger: whatever they become, they can't be written.
fn too_large(memory: &Memory) -> impl Iterator<Item = &str> {
    let most = memory.tree.settings.file_size;
    let large = memory.files.iter().filter(move |file| file.text.len() as u64 > most);
    large.map(|file| file.path.as_str())
}

/// Whether every transcript was read at the very version it has.
fn all_used(found: &[Found], ledger: &Ledger) -> bool {
    found.iter().all(|f| {
        let known = ledger.cursor(&f.name.store, &f.name.path);
        known.is_some_and(|cursor| {
            cursor.store == f.name.store && cursor.version.is_some() && cursor.version == f.name.version
        })
    })
}

/// Whether memory may change though nobody said anything: facts fade, or there is less room than there was.
fn is_due(memory: &Memory, settings: &Settings, now: Timestamp) -> bool {
    let files = memory.tree.nodes().filter(|node| is_memory(&node.name));
    let bytes: u64 = files.map(|node| node.size()).sum();
    let fades = |known: &Known| has_faded(known, now) && !settings.is_pinned(&known.file);
    bytes > settings.memory_size as u64 || memory.ledger.facts.iter().any(fades)
}

fn changes(memory: &Memory, planned: &Plan) -> Vec<Change> {
    let before: BTreeMap<&str, &str> = memory
        .files
        .iter()
        .map(|f| (f.path.as_str(), f.text.as_str()))
        .collect();
    planned
        .writes
        .iter()
        .map(|write| Change {
            path: write.path.clone(),
            before: before.get(write.path.as_str()).map(|text| (*text).to_owned()),
            after: write.text.clone(),
        })
        .collect()
}

#[tracing::instrument(name = "write", skip_all)]
async fn finish(
    store: &Store,
    memory: &Memory,
    planned: &Plan,
    record: &mut Record,
    request: &Request,
) -> Result<Written, DreamError> {
    let ledger = planned.ledger.render();
    // In which order it names facts says nothing.
    let same = !memory.differs && ledger == memory.ledger.render();
    let nothing = planned.writes.is_empty() && !planned.moved && same;
    if request.dry_run {
        record.reasons.push("a dry run: nothing was written".to_owned());
        if record.phase == Phase::Applied {
            record.phase = Phase::Proposed;
        }
    }
    if request.dry_run || (nothing && record.phase != Phase::Failed) {
        return Ok(Written::At(0));
    }
    if request.review && record.phase == Phase::Applied {
        record.phase = Phase::Proposed;
        let digest = proposal::propose(store, memory, &planned.writes, &ledger, record).await?;
        record.proposal = Some(digest);
        return Ok(Written::At(0));
    }
    let mut commit = Commit::new(store, &memory.tree);
    commit.files(&planned.writes, &memory.read);
    if record.phase != Phase::Failed {
        commit.ledger(&ledger, memory.ledger_at.as_ref());
    }
    commit.record(record);
    commit.commit(Author::dream(record.id.clone())).await
}

/// The next Dream, a night later, opens the store with few requests, however many commits there were since.
async fn leave_index(store: &Store) {
    if let Err(error) = store.write_index().await {
        tracing::debug!(store = store.url(), %error, "index not written; the next dream goes without");
    }
}

/// The Dream that wrote the ledger since it was read.
fn other_dream(store: &Store, memory: &Memory) -> Option<String> {
    let tree = store.tree();
    let node = tree.lookup(&format!("/{}", crate::ledger::PATH))?;
    let before = memory.ledger_at.as_ref().map(|at| at.version);
    match &*node.author {
        Author::Dream { dream } if Some(node.version) != before => Some(dream.clone()),
        _ => None,
    }
}
