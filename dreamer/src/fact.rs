//! Facts, where they come from, and candidates for them.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::gather::SessionName;
use crate::ledger::short_hash;
use crate::model::is_quoted_from;

/// What a fact is about; it decides in which store it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// About the person.
    User,
    /// How to work with them.
    Feedback,
    /// About the work.
    Project,
    /// Where something is found.
    Reference,
}

impl Kind {
    /// The name in frontmatter and ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Feedback => "feedback",
            Self::Project => "project",
            Self::Reference => "reference",
        }
    }
}

/// Why a source is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// A tool was used and it worked.
    Seen,
    /// The agent said it, and a local tool result bears it out.
    Grounded,
    /// A person typed it.
    Typed,
}

/// The words a fact rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The transcript.
    pub session: Arc<SessionName>,
    /// The line's bytes in it, uncompressed.
    pub span: (u64, u64),
    /// Which finding of that line it is.
    #[serde(default, skip_serializing_if = "is_first")]
    pub part: u32,
    /// When it was said.
    pub time: Timestamp,
    /// Why it is believed.
    pub trust: Trust,
    /// Hash of when it was said and of the words: a copy of a transcript holds the same ones. Older ledgers have none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

/// The hash of what was said at a time. `part` tells apart what was found in the same words.
pub(crate) fn words_hash(time: Timestamp, text: &str, part: u32) -> String {
    short_hash(format!("{}\n{part}\n{text}", time.as_millisecond()).as_bytes(), 6)
}

/// Most findings of one message, as numbers of their words go.
const MOST_PARTS: u32 = 512;
/// What is taken from an earlier message is numbered from here, apart from what was found in that message.
const OF_EARLIER: u32 = 1 << 22;

impl Source {
    /// A message, named by its words, that what was found later takes words from; it is believed as that is.
    pub(crate) fn as_earlier(&self, trust: Trust) -> Self {
        Self {
            part: OF_EARLIER,
            words: words_hash(self.time, &self.words, OF_EARLIER),
            trust,
            ..self.clone()
        }
    }

    /// Whether it rests on this message, said when it was.
    pub(crate) fn is_of_message(&self, time: Timestamp, text: &str) -> bool {
        let numbered = |part: u32| words_hash(time, text, part) == self.words;
        if self.time != time || self.words.is_empty() {
            return false;
        }
        let whole = words_hash(time, text, 0);
        numbered(self.part)
            || (0..=self.part.min(MOST_PARTS)).any(numbered)
            || words_hash(time, &whole, OF_EARLIER) == self.words
            || is_quoted_from(self, &whole, text)
    }

    /// Whether both count as one: what a session says of a fact, in however many messages, makes it stronger once.
    pub(crate) fn is_of_account(&self, other: &Self) -> bool {
        self.trust == other.trust && self.is_of_session(other)
    }

    /// Whether both stand in one session.
    pub(crate) fn is_of_session(&self, other: &Self) -> bool {
        self.session.store == other.session.store && self.session.path == other.session.path
    }
}

impl Mark {
    /// It is to be remembered, whatever memory holds.
    pub(crate) fn ask(&mut self) {
        self.asked = true;
        self.if_held = false;
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_first(part: &u32) -> bool {
    *part == 0
}

/// How something was said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The person asked for it to be remembered, or outright for it to be forgotten.
    #[serde(default, skip_serializing_if = "is_false")]
    pub asked: bool,
    /// It says that something changed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub change: bool,
    /// It is an order on how to work.
    #[serde(default, skip_serializing_if = "is_false")]
    pub order: bool,
    /// It corrects the agent.
    #[serde(default, skip_serializing_if = "is_false")]
    pub correction: bool,
    /// It was said in passing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub passing: bool,
    /// It is worth keeping only beside what memory holds of the same thing.
    #[serde(skip)]
    pub if_held: bool,
    /// So many messages that the person typed before say what it is about; those are sources of it, too.
    #[serde(skip)]
    pub earlier: u8,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
pub(crate) fn is_false(value: &bool) -> bool {
    !value
}

/// What a candidate asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// To be kept.
    State,
    /// To be forgotten: the text names what.
    Forget,
}

/// What a rule found in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Keep or forget.
    pub op: Op,
    /// The fact, or what is to be forgotten.
    pub text: String,
    /// What it is about.
    pub kind: Kind,
    /// 1 to 10.
    pub importance: u8,
    /// How it was said.
    pub mark: Mark,
}

/// A finding with the words it rests on.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What was found.
    pub finding: Finding,
    /// Where.
    pub source: Source,
    /// Earlier messages that it takes words from, oldest first.
    pub earlier: Vec<Source>,
    /// The text of the fact that is no longer true because of it, where one was named.
    pub replaces: Option<String>,
}

impl Candidate {
    /// One that names nothing it replaces.
    pub fn new(finding: Finding, source: Source) -> Self {
        Self {
            finding,
            source,
            earlier: Vec::new(),
            replaces: None,
        }
    }

    /// All words that it rests on, the newest last.
    pub(crate) fn sources(&self) -> impl Iterator<Item = Source> + '_ {
        self.earlier.iter().chain([&self.source]).cloned()
    }
}
