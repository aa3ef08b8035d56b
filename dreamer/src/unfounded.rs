//! Facts whose words were redacted: they go, and nothing of them is kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::Arc;

use crate::consolidate::source_key;
use crate::fact::{Source, Trust, words_hash};
use crate::format::{Entry, Reply};
use crate::gather::{self, Cursor, SessionName};
use crate::ledger::{Known, Ledger, Past};
use crate::orient::Memory;
use crate::reading::Session;
use crate::rules;

/// Where words stand: the transcript, and the line's bytes in it.
pub type Place = (Arc<SessionName>, (u64, u64));

/// What redactions of transcripts leave without ground.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unfounded {
    /// Sources whose words are gone, by their hash.
    pub sources: BTreeSet<String>,
    /// Where words stand now that were redacted where they stood, by their hash: a transcript was put there without some
    /// of its words, and what it was is redacted.
    pub moved: BTreeMap<String, Place>,
    /// Facts that rest on nothing else, by file and hash of their line.
    pub lines: BTreeSet<(String, String)>,
    /// How many redacted stretches each session store had when this was looked up.
    pub seen: BTreeMap<String, u64>,
}

impl Unfounded {
    /// Whether the fact rests on nothing else.
    fn takes(&self, known: &Known) -> bool {
        self.lines.contains(&(known.file.clone(), known.line.clone()))
    }

    /// Takes the sources out of the ledger, and notes that `dream` settles them.
    pub fn strip(&self, ledger: &mut Ledger, dream: &str) {
        ledger.redactions.extend(self.seen.clone());
        for source in ledger.facts.iter_mut().flat_map(|known| &mut known.sources) {
            if let Some((session, span)) = self.moved.get(&source_key(source)) {
                (source.session, source.span) = (Arc::clone(session), *span);
            }
        }
        if self.sources.is_empty() {
            return;
        }
        for known in &mut ledger.facts {
            let whole = self.takes(known);
            known
                .sources
                .retain(|s| whole || !self.sources.contains(&source_key(s)));
        }
        let mut of: BTreeSet<String> = self.sources.clone();
        let gone = ledger.facts.iter().filter(|known| self.takes(known));
        of.extend(gone.flat_map(|known| known.sources.iter().map(source_key)));
        ledger.past.push(Past::new(dream, of));
    }

    /// Drops the facts that rest on nothing any more; how many that were.
    pub fn drop_from(&self, memory: &mut Memory) -> u32 {
        let before = memory.facts.len();
        memory.facts.retain(|f| !self.takes(&f.known));
        (before - memory.facts.len()) as u32
    }

    /// Pinned files in which such facts stand: there they stay.
    pub fn pinned_in(&self, memory: &Memory) -> BTreeSet<String> {
        let theirs = memory.aside.iter().filter(|known| self.takes(known));
        theirs.map(|known| known.file.clone()).collect()
    }
}

/// Which of these sources' words a transcript holds, by their hash, and where. They are known by when they were said and
/// what they are, a command by its own words.
pub(crate) fn still_said(session: &mut Session<'_>, sources: &[Source]) -> io::Result<BTreeMap<String, Place>> {
    let name = Arc::new(session.name.clone());
    let mut found: BTreeMap<String, Place> = BTreeMap::new();
    let mut times = BTreeSet::new();
    let mut uses: HashMap<String, String> = HashMap::new();
    let mut commands: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let cursor = Cursor::default();
    let read = gather::read(
        &mut session.open,
        session.size,
        &cursor,
        session.start,
        u64::MAX,
        |turn| {
            times.insert(turn.time);
            let mut holds = |text: &str| {
                for source in sources.iter().filter(|s| s.is_of_message(turn.time, text)) {
                    found.insert(source_key(source), (Arc::clone(&name), turn.span));
                }
            };
            match turn.entry {
                Entry::Typed(text) | Entry::Said(text) => holds(&text),
                Entry::Replied { replies, .. } => {
                    for reply in &replies {
                        holds(match reply {
                            Reply::Typed(text) => text,
                            Reply::Chose { answer, .. } => answer,
                        });
                    }
                }
                Entry::Used { id, on, .. } => {
                    uses.insert(id, on);
                }
                Entry::Returned { id, text, failed } => {
                    let on = uses.remove(&id).unwrap_or_default();
                    if let Some(run) = rules::run(&on, &text, failed).filter(|run| run.worked) {
                        commands.insert(run.told, turn.span);
                        commands.insert(run.bare, turn.span);
                    }
                }
            }
        },
    );
    if read.failed {
        return Err(io::Error::other(read.broken.unwrap_or_default()));
    }
    let seen = sources.iter().filter(|source| source.trust == Trust::Seen);
    let seen: HashMap<&str, &Source> = seen.map(|source| (source.words.as_str(), source)).collect();
    if seen.is_empty() {
        return Ok(found);
    }
    for (command, span) in &commands {
        let text = format!("{}`{command}`", rules::COMMAND);
        for begins in &times {
            if let Some(source) = seen.get(words_hash(*begins, &text, 0).as_str()) {
                found.insert(source_key(source), (Arc::clone(&name), *span));
            }
        }
    }
    Ok(found)
}
