//! Extract: candidate facts of one session, each with the words it rests on.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use jiff::Timestamp;

use crate::fact::{Candidate, Finding, Source, Trust, words_hash};
use crate::format::Entry;
use crate::gather::{SessionName, Turn};
use crate::model::passages::Passages;
use crate::rules::{self, ToolResult};
use crate::screen;
use crate::secrets::Secrets;
use crate::text::sentence::strip_bullet;
use crate::text::words::names_in;

/// Tool results that an agent's sentence may rest on.
const RESULTS: usize = 6;
/// Sentences of an agent that are taken of one session at most.
const MOST_GROUNDED: usize = 24;
/// Commands are numbered from here, apart from what was said in the line of the last one.
const OF_COMMANDS: u32 = 1 << 20;

/// What all sessions of a Dream share.
#[derive(Debug, Default)]
pub struct Shared {
    /// Secrets seen anywhere.
    pub secrets: Secrets,
    /// Words seen capitalised inside sentences.
    pub names: BTreeSet<String>,
    /// Candidates so far.
    pub candidates: Vec<Candidate>,
    /// Lines of memory that surfaced in a transcript, by their hash.
    pub surfaced: HashMap<u64, u32>,
    /// Hashes of the memory's lines, to notice them.
    pub known: HashSet<u64>,
    /// Words that were read already: a resumed session repeats the old turns.
    seen: HashSet<u64>,
    /// What people typed, where a model is to read it.
    pub passages: Option<Passages>,
    /// What a model proposed and the words do not bear out, and why not.
    pub unsupported: Vec<(Candidate, &'static str)>,
}

/// Reads one session's turns.
pub struct Extractor<'a> {
    session: Arc<SessionName>,
    strangers: bool,
    shared: &'a mut Shared,
    uses: HashMap<String, String>,
    results: VecDeque<ToolResult>,
    commands: BTreeMap<String, usize>,
    command_source: Option<Source>,
    before: Option<String>,
    grounded: usize,
    /// The line that was last found something in, and how much.
    last: ((u64, u64), u32),
    /// When what is read begins: a copy of the transcript begins at the same time.
    begins: Option<Timestamp>,
}

impl<'a> Extractor<'a> {
    /// Starts a session; what `strangers` type is no fact.
    pub fn new(session: Arc<SessionName>, strangers: bool, shared: &'a mut Shared) -> Self {
        Self {
            session,
            strangers,
            shared,
            uses: HashMap::new(),
            results: VecDeque::new(),
            commands: BTreeMap::new(),
            command_source: None,
            before: None,
            grounded: 0,
            last: ((0, 0), 0),
            begins: None,
        }
    }

    /// Takes the next turn.
    pub fn turn(&mut self, turn: &Turn) {
        self.begins.get_or_insert(turn.time);
        match &turn.entry {
            Entry::Typed(text) if self.strangers => self.shared.secrets.collect(text, true),
            Entry::Typed(text) => self.typed(turn, text),
            Entry::Said(text) => self.said(turn, text),
            Entry::Used { id, on, .. } => {
                if self.uses.len() > 512 {
                    self.uses.clear();
                }
                self.uses.insert(id.clone(), on.clone());
                self.shared.secrets.collect(on, false);
            }
            Entry::Returned { id, text, failed } => self.returned(turn, id, text, *failed),
        }
    }

    /// Ends the session.
    pub fn finish(self) {
        let Some(source) = self.command_source else { return };
        for (part, finding) in rules::commands(&self.commands).into_iter().enumerate() {
            let source = Source {
                part: OF_COMMANDS + part as u32,
                words: words_hash(self.begins.unwrap_or(source.time), &finding.text, 0),
                ..source.clone()
            };
            self.shared.candidates.push(Candidate::new(finding, source));
        }
    }

    fn typed(&mut self, turn: &Turn, text: &str) {
        self.shared.secrets.collect(text, true);
        if !self.is_new(turn, text) {
            return;
        }
        let source = Source {
            words: words_hash(turn.time, text, 0),
            ..self.source(turn, Trust::Typed)
        };
        if let Some(passages) = &mut self.shared.passages {
            passages.add(source, text);
        }
        let (findings, last) = rules::read(text, self.before.as_deref());
        self.before = last;
        if !findings.is_empty() {
            names_in(text, &mut self.shared.names);
        }
        self.push(turn, text, findings, Trust::Typed);
    }

    fn said(&mut self, turn: &Turn, text: &str) {
        self.shared.secrets.collect(text, false);
        if self.grounded >= MOST_GROUNDED || self.results.is_empty() || !self.is_new(turn, text) {
            return;
        }
        let clean: Vec<&ToolResult> = self.results.iter().collect();
        let findings = rules::grounded(text, &clean);
        self.grounded += findings.len();
        self.push(turn, text, findings, Trust::Grounded);
    }

    fn returned(&mut self, turn: &Turn, id: &str, text: &str, failed: bool) {
        self.shared.secrets.collect(text, false);
        let on = self.uses.remove(id).unwrap_or_default();
        if let Some(command) = rules::worked(&on, text, failed) {
            *self.commands.entry(command).or_default() += 1;
            self.command_source = Some(self.source(turn, Trust::Seen));
        }
        if !self.shared.known.is_empty() {
            for line in text.lines() {
                let hash = line_hash(strip_numbers(line));
                if self.shared.known.contains(&hash) {
                    *self.shared.surfaced.entry(hash).or_default() += 1;
                }
            }
        }
        let result = ToolResult {
            on,
            text: text.to_owned(),
        };
        if !failed && rules::is_clean(&result) {
            if self.results.len() == RESULTS {
                self.results.pop_front();
            }
            self.results.push_back(result);
        }
    }

    fn push(&mut self, turn: &Turn, words: &str, findings: Vec<Finding>, trust: Trust) {
        if self.last.0 != turn.span {
            self.last = (turn.span, 0);
        }
        for (at, finding) in findings.into_iter().enumerate() {
            // A line may hold many messages: each finding of it has a number of its own.
            let part = self.last.1;
            self.last.1 += 1;
            if screen::stands_in(&finding, words) {
                let source = Source {
                    part,
                    words: words_hash(turn.time, words, at as u32),
                    ..self.source(turn, trust)
                };
                self.shared.candidates.push(Candidate::new(finding, source));
            }
        }
    }

    fn source(&self, turn: &Turn, trust: Trust) -> Source {
        Source {
            session: Arc::clone(&self.session),
            span: turn.span,
            part: 0,
            time: turn.time,
            trust,
            words: String::new(),
        }
    }

    /// The same words at the same time are the same words.
    fn is_new(&mut self, turn: &Turn, text: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        (turn.time.as_millisecond(), text).hash(&mut hasher);
        self.shared.seen.insert(hasher.finish())
    }
}

/// The hash by which a line of memory is noticed in a transcript.
pub fn line_hash(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    strip_bullet(line).hash(&mut hasher);
    hasher.finish()
}

/// A line as a tool shows it, without the number in front.
fn strip_numbers(line: &str) -> &str {
    let trimmed = line.trim_start();
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &trimmed[digits..];
    let rest = rest
        .strip_prefix('→')
        .or(rest.strip_prefix('\t'))
        .or(rest.strip_prefix(':'))
        .unwrap_or(trimmed);
    rest.trim()
}
