//! `.dream/ledger.jsonl`: where every line of memory comes from. It holds no text, only hashes and spans.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::consolidate::source_key;
use crate::fact::{Kind, Mark, Source, is_false};
use crate::gather::Cursor;
use crate::tombstone::Tombstone;

/// The path in the store.
pub const PATH: &str = ".dream/ledger.jsonl";

/// What is known of one line of memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Hash of the line.
    pub line: String,
    /// The file it stands in.
    pub file: String,
    /// What it is about.
    pub kind: Kind,
    /// 1 to 10.
    pub importance: u8,
    /// How it was said.
    #[serde(default)]
    pub mark: Mark,
    /// When it was last said.
    pub time: Timestamp,
    /// When a Dream first took it in, where that was long after it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned: Option<Timestamp>,
    /// The words it rests on, the newest last.
    pub sources: Vec<Source>,
    /// The Dream that wrote it.
    pub dream: String,
    /// It replaced what was said at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Timestamp>,
    /// Lines that disagree share a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// How often it surfaced in transcripts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub uses: u32,
    /// When it last surfaced; of a command also when it last worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Timestamp>,
}

impl Known {
    /// How many sessions say it: several messages of one count once.
    pub(crate) fn accounts(&self) -> usize {
        let sources = self.sources.iter().enumerate();
        let first = |(at, source): &(usize, &Source)| !self.sources[..*at].iter().any(|s| s.is_of_account(source));
        sources.filter(first).count()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// How far one transcript was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CursorOf {
    /// The session store or folder.
    pub store: String,
    /// The path in it.
    pub path: String,
    /// The file's version when it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How far.
    #[serde(flatten)]
    pub cursor: Cursor,
}

/// Something that was kept out of memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Hash of the text.
    pub hash: String,
    /// Where it stands.
    pub source: Source,
    /// Why it was kept out.
    pub reason: String,
}

/// Words that were used and no longer hold: replaced, forgotten, outdated when they arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// The Dream that settled it.
    pub dream: String,
    /// Hashes of the sources.
    pub of: Vec<String>,
    /// They were only too weak for this many bytes of memory: with more room they may be read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<usize>,
    /// A person undid or rejected the Dream: asked to read again, the next may believe them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub taken_back: bool,
}

impl Past {
    /// Words of which nothing is left to be found.
    pub fn new(dream: &str, of: impl IntoIterator<Item = String>) -> Self {
        Self {
            dream: dream.to_owned(),
            of: of.into_iter().collect(),
            under: None,
            taken_back: false,
        }
    }
}

/// How many redacted stretches a session store had when it was last looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Redactions {
    store: String,
    seen: u64,
}

/// One line of the ledger.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "is")]
enum Line {
    Fact(Known),
    Cursor(CursorOf),
    Tombstone(Tombstone),
    Quarantine(Kept),
    Past(Past),
    Redactions(Redactions),
}

/// The whole ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Lines of memory that a Dream wrote.
    pub facts: Vec<Known>,
    /// Transcripts, by store and path.
    pub cursors: BTreeMap<(String, String), CursorOf>,
    /// What must not come back.
    pub tombstones: Vec<Tombstone>,
    /// What was kept out.
    pub quarantine: Vec<Kept>,
    /// Words that no longer hold.
    pub past: Vec<Past>,
    /// Redacted stretches of session stores that were dealt with, by store.
    pub redactions: BTreeMap<String, u64>,
    /// Lines that could not be read, kept as they are.
    pub unknown: Vec<String>,
}

/// Most sources that are kept as past, the newest.
const MOST_PAST: usize = 20_000;
/// Most entries that are kept of what was kept out.
const MOST_KEPT_OUT: usize = 500;

impl Ledger {
    /// Reads a ledger. A line that a person broke is kept and not used.
    pub fn parse(text: &str) -> Self {
        let mut ledger = Self::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match serde_json::from_str(line) {
                Ok(Line::Fact(known)) => ledger.facts.push(known),
                Ok(Line::Cursor(cursor)) => ledger.set_cursor(cursor),
                Ok(Line::Tombstone(tombstone)) => ledger.tombstones.push(tombstone),
                Ok(Line::Quarantine(kept)) => ledger.quarantine.push(kept),
                Ok(Line::Past(past)) => ledger.past.push(past),
                Ok(Line::Redactions(Redactions { store, seen })) => {
                    ledger.redactions.insert(store, seen);
                }
                Err(_) => ledger.unknown.push(line.to_owned()),
            }
        }
        ledger
    }

    /// Writes the ledger, in an order that depends on its contents alone.
    pub fn render(&self) -> String {
        let mut facts = self.facts.clone();
        facts.sort_by(|a, b| (&a.file, a.time, &a.line).cmp(&(&b.file, b.time, &b.line)));
        let from = self.quarantine.len().saturating_sub(MOST_KEPT_OUT);
        let lines = facts
            .into_iter()
            .map(Line::Fact)
            .chain(self.tombstones.iter().cloned().map(Line::Tombstone))
            .chain(newest(&self.past).into_iter().map(Line::Past))
            .chain(self.redactions.iter().map(|(store, seen)| {
                Line::Redactions(Redactions {
                    store: store.clone(),
                    seen: *seen,
                })
            }))
            .chain(self.cursors.values().cloned().map(Line::Cursor))
            .chain(self.quarantine[from..].iter().cloned().map(Line::Quarantine));
        let mut out = String::new();
        for line in lines {
            out.push_str(&serde_json::to_string(&line).unwrap_or_default());
            out.push('\n');
        }
        for line in &self.unknown {
            out.push_str(line);
            out.push('\n');
        }
        out
    }

    /// Takes in what an earlier version knows and this one does not.
    pub(crate) fn complete(&mut self, earlier: Self) {
        let line = |known: &Known| (known.file.clone(), known.line.clone());
        let own: BTreeSet<(String, String)> = self.facts.iter().map(line).collect();
        let more = earlier.facts.into_iter().filter(|known| !own.contains(&line(known)));
        self.facts.extend(more);
        for (place, cursor) in earlier.cursors {
            self.cursors.entry(place).or_insert(cursor);
        }
        for (store, seen) in earlier.redactions {
            self.redactions.entry(store).or_insert(seen);
        }
        before(&mut self.tombstones, earlier.tombstones);
        before(&mut self.quarantine, earlier.quarantine);
        before(&mut self.past, earlier.past);
        before(&mut self.unknown, earlier.unknown);
    }

    /// Notes that a person took a Dream back. The words that it used and that bear out nothing here stay without effect;
    /// `with` is the ledger that knows them.
    pub(crate) fn take_back(&mut self, with: &Self, dream: &str) {
        let keys = |ledger: &Self| -> BTreeSet<String> {
            let sources = ledger.facts.iter().flat_map(|known| &known.sources);
            sources.map(source_key).collect()
        };
        let live = keys(self);
        let mut of = keys(with);
        let settled = with.past.iter().filter(|past| past.dream == dream);
        of.extend(settled.flat_map(|past| past.of.iter().cloned()));
        of.retain(|key| !live.contains(key));
        if !of.is_empty() {
            self.past.push(Past {
                taken_back: true,
                ..Past::new(dream, of)
            });
        }
    }

    /// The cursor of a transcript.
    ///
    /// One of the same path elsewhere counts too: sessions are moved, and the bytes before a cursor tell whether they
    /// are the same.
    pub fn cursor(&self, store: &str, path: &str) -> Option<&CursorOf> {
        let own = self.cursors.get(&(store.to_owned(), path.to_owned()));
        own.or_else(|| self.cursors.values().find(|cursor| cursor.path == path))
    }

    /// Sets the cursor of a transcript.
    pub fn set_cursor(&mut self, cursor: CursorOf) {
        self.cursors.insert((cursor.store.clone(), cursor.path.clone()), cursor);
    }
}

/// The newest of the words that no longer hold, as many as are kept.
fn newest(past: &[Past]) -> Vec<Past> {
    let mut left = MOST_PAST;
    let mut out = Vec::new();
    for group in past.iter().rev() {
        let from = group.of.len().saturating_sub(left);
        left -= group.of.len() - from;
        out.push(Past {
            dream: group.dream.clone(),
            of: group.of[from..].to_vec(),
            ..*group
        });
        if left == 0 {
            break;
        }
    }
    out.reverse();
    out
}

/// Puts what is earlier in front of `own`, where it is not among that.
fn before<T: PartialEq>(own: &mut Vec<T>, mut earlier: Vec<T>) {
    earlier.retain(|one| !own.contains(one));
    earlier.append(own);
    *own = earlier;
}

/// The hash a line or text is known by.
pub fn hash(text: &str) -> String {
    short_hash(text.trim().as_bytes(), 8)
}

/// The first `bytes` bytes of a SHA-256, in hex.
pub fn short_hash(data: &[u8], bytes: usize) -> String {
    use std::fmt::Write as _;
    Sha256::digest(data)
        .iter()
        .take(bytes)
        .fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_more_than_is_kept_of_the_past_the_newest_is_kept() {
        let group = |dream: &str, count: usize| Past {
            taken_back: true,
            ..Past::new(dream, (0..count).map(|at| format!("{dream}{at:05}")))
        };
        let written = |past: Vec<Past>| {
            let ledger = Ledger {
                past,
                ..Ledger::default()
            };
            Ledger::parse(&ledger.render()).past
        };
        let kept = written(vec![group("a", 3), group("b", MOST_PAST + 1)]);
        assert_eq!(kept.len(), 1);
        assert!(
            kept[0].taken_back && kept[0].of.len() == MOST_PAST,
            "{}",
            kept[0].of.len()
        );
        assert!(!kept[0].of.contains(&"b00000".to_owned()) && kept[0].of.contains(&"b20000".to_owned()));
        let kept = written(vec![group("a", 3), group("b", MOST_PAST - 2), group("c", 1)]);
        let sizes: Vec<usize> = kept.iter().map(|past| past.of.len()).collect();
        assert_eq!(sizes, [1, MOST_PAST - 2, 1]);
        assert_eq!(kept[0].of, ["a00002"]);
        let few = vec![group("a", 3), Past::new("b", Vec::new()), group("c", 1)];
        assert_eq!(written(few.clone()), few);
    }
}
