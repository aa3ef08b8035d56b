//! Extract: candidate facts of one session, each with the words it rests on.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use crate::fact::{Candidate, Finding, Kind, Mark, Op, Source, Trust, words_hash};
use crate::format::{Entry, Reply};
use crate::gather::{SessionName, Turn};
use crate::model::passages::Passages;
use crate::rules::{self, Asked, Commands, Origin, Runs, Suspect, Talk, ToolResult};
use crate::screen;
use crate::secrets::{self, Secrets};
use crate::text::clean::{straight, unwrapped};
use crate::text::sentence::{self, strip_bullet};
use crate::text::words::names_in;

/// Tool results that an agent's sentence may rest on.
const RESULTS: usize = 6;
/// Sentences of an agent that are taken of one session at most.
const MOST_GROUNDED: usize = 24;
/// Lines of an agent that are known again, of one session at most.
const MOST_ANSWERED: usize = 20_000;
/// Longest message of an agent, in bytes, that is searched for facts: a longer one is a report.
const MOST_SAID: usize = 6000;
/// Tool uses on one message from which on it was a task: what an agent looks up for an answer takes fewer.
const LONG_WORK: u32 = 4;
/// Tool uses from which on a session is work on something, which most of what is said in it is about.
const SESSION_OF_WORK: u32 = 12;
/// Longest message of an agent, in bytes, that in such a session is a finding and no report.
const MOST_FOUND: usize = 300;
/// Messages of a person that an agent's answer may take up.
const HEARD: usize = 2;
/// Longest message, in bytes, that says no more than "remember that".
const SHORT_ORDER: usize = 120;
/// Sentences of one message of an agent that "remember that" may mean: of more nobody can tell which.
const MOST_MEANT: usize = 3;
/// Commands are numbered from here, apart from what was said in the line of the last one.
const OF_COMMANDS: u32 = 1 << 20;
/// So are those of what was told in passing.
const OF_TOLD: u32 = 1 << 16;
/// Messages of one conversation in which something is told in passing, at most.
const MOST_TOLD: usize = 256;

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

/// What a message of a person said, until it is known how long the agent was at work on it.
#[derive(Default)]
struct Held {
    found: Vec<Candidate>,
    uses: u32,
    message: rules::Message,
    /// The agent changed something: what it lists from then on is its own work.
    changed: bool,
}

/// What a person typed before, for words that take it up.
#[derive(Clone)]
struct Heard {
    text: String,
    source: Source,
}

/// Reads one session's turns.
pub(crate) struct Extractor<'a> {
    session: Arc<SessionName>,
    strangers: bool,
    /// The clock: nothing was said after this.
    now: Timestamp,
    shared: &'a mut Shared,
    /// The tool and what it was used on, of uses without a result so far.
    uses: HashMap<String, (String, String)>,
    /// What others wrote, or what speaks to agents.
    suspect: Suspect,
    /// The shell stands in memory.
    in_memory: bool,
    results: VecDeque<ToolResult>,
    runs: Runs,
    asked: Asked,
    commands: Commands,
    command_source: Option<Source>,
    /// The last sentence that was typed.
    before: Option<Heard>,
    /// The last messages that were, the newest last.
    heard: VecDeque<Heard>,
    grounded: usize,
    /// Where the candidates stand that the agent's last message bore, since the person typed.
    answer: Range<usize>,
    held: Held,
    /// Lines that the agent said, by their hash: whoever sends one back says it no more than the agent did.
    answered: HashSet<u64>,
    /// The line that was last found something in, and how much.
    last: ((u64, u64), u32),
    /// Whether it is a conversation on the person's own life, and what they told of it.
    talk: Talk,
    told: Vec<(Turn, String, Vec<Finding>)>,
    /// How many tools were used: with any, it is work.
    uses_in_all: u32,
    /// Where the candidates stand that count for nothing where it is long work.
    of_the_work: Vec<usize>,
    /// When what is read begins: a copy of the transcript begins at the same time.
    begins: Option<Timestamp>,
}

impl<'a> Extractor<'a> {
    /// Starts a session; what `strangers` type is no fact, and neither is what an agent says or does for them.
    pub(crate) fn new(session: Arc<SessionName>, strangers: bool, now: Timestamp, shared: &'a mut Shared) -> Self {
        Self {
            session,
            strangers,
            now,
            shared,
            uses: HashMap::new(),
            suspect: Suspect::default(),
            in_memory: false,
            results: VecDeque::new(),
            runs: Runs::default(),
            asked: Asked::default(),
            commands: Commands::default(),
            command_source: None,
            before: None,
            heard: VecDeque::new(),
            grounded: 0,
            answer: 0..0,
            held: Held::default(),
            answered: HashSet::new(),
            last: ((0, 0), 0),
            talk: Talk::default(),
            told: Vec::new(),
            uses_in_all: 0,
            of_the_work: Vec::new(),
            begins: None,
        }
    }

    /// Takes the next turn. Of one that an earlier Dream read, only what it tells of those that follow.
    pub(crate) fn turn(&mut self, turn: &Turn) {
        if !turn.is_known {
            self.begins.get_or_insert(turn.time);
        }
        match &turn.entry {
            Entry::Typed(text) if self.strangers => self.shared.secrets.collect(text, true),
            Entry::Typed(text) => self.typed(turn, text),
            Entry::Said(text) => self.said(turn, text),
            Entry::Used { id, tool, on } => {
                self.uses_in_all = self.uses_in_all.saturating_add(1);
                self.held.uses += 1;
                self.told = Vec::new();
                if self.uses.len() > 512 {
                    self.uses.clear();
                }
                self.uses.insert(id.clone(), (tool.clone(), on.clone()));
                self.shared.secrets.collect(on, false);
            }
            Entry::Returned { id, text, failed } => self.returned(turn, id, text, *failed),
            Entry::Replied {
                id,
                of,
                replies,
                text,
                failed,
            } => {
                let by = self.uses.get(id).map(|(tool, _)| tool.as_str());
                if of.is_empty() || by.is_some_and(|tool| of.contains(&tool)) {
                    self.uses.remove(id);
                    self.replied(turn, replies);
                } else {
                    self.returned(turn, id, text, *failed);
                }
            }
        }
    }

    /// Takes in what a person said where the program asked them: what they typed, and what they chose.
    fn replied(&mut self, turn: &Turn, replies: &[Reply]) {
        for reply in replies {
            match reply {
                Reply::Typed(text) if self.strangers => self.shared.secrets.collect(text, true),
                Reply::Typed(text) => self.typed(turn, text),
                Reply::Chose { question, answer } if !self.strangers => {
                    self.asked.chose(question, answer);
                    let source = Source {
                        words: words_hash(turn.time, answer, 0),
                        ..self.source(turn, Trust::Typed)
                    };
                    self.hear(answer.clone(), source);
                }
                Reply::Chose { .. } => {}
            }
        }
    }

    /// Keeps what a person said, for an answer that takes it up.
    fn hear(&mut self, text: String, source: Source) {
        if self.heard.len() == HEARD {
            self.heard.pop_front();
        }
        self.heard.push_back(Heard { text, source });
    }

    /// Ends the session.
    pub(crate) fn finish(mut self) {
        self.release();
        self.leave_the_work();
        if self.uses_in_all == 0 && self.talk.is_personal() {
            for (turn, text, findings) in std::mem::take(&mut self.told) {
                self.push_told(&turn, &text, findings);
            }
        }
        let Some(source) = self.command_source else { return };
        for (part, finding) in self.commands.findings().into_iter().enumerate() {
            let source = Source {
                part: OF_COMMANDS + part as u32,
                words: words_hash(self.begins.unwrap_or(source.time), &finding.text, 0),
                ..source.clone()
            };
            self.shared.candidates.push(Candidate::new(finding, source));
        }
    }

    fn typed(&mut self, turn: &Turn, text: &str) {
        self.release();
        let answer = std::mem::take(&mut self.answer);
        self.shared.secrets.collect(text, true);
        if !turn.is_known && !self.is_new(turn, text) {
            return;
        }
        let sent = self.without_answers(text);
        let own = rules::own_words(&sent);
        self.suspect.own(&own);
        let pasted = pasted(&sent, &own);
        if !pasted.is_empty() {
            self.suspect
                .foreign(&pasted, rules::origin("", "", &pasted) == Origin::Hostile);
        }
        self.talk.hear(&own);
        // "Please forget that": what is meant was said in the message before.
        let before = self.before.take();
        let (mut findings, last) = rules::read(&own, before.as_ref().map(|before| before.text.as_str()));
        if !findings.is_empty() {
            let plain = straight(text);
            let short = secrets::short_values(&plain);
            findings.retain(|finding| finding.op != Op::State || !secrets::tells_one(&finding.text, &short));
        }
        self.asked.typed(&own, last.as_deref());
        let source = Source {
            words: words_hash(turn.time, text, 0),
            ..self.source(turn, Trust::Typed)
        };
        self.before = last.map(|last| match &before {
            // A message without a sentence leaves the one before it.
            Some(before) if before.text == last => Heard {
                text: last,
                source: before.source.clone(),
            },
            _ => Heard {
                text: last,
                source: source.clone(),
            },
        });
        self.hear(own.clone(), source.clone());
        if turn.is_known {
            return;
        }
        if findings.is_empty() && own.len() < SHORT_ORDER && rules::points_back(&own) {
            self.keep_answer(answer, source.clone(), &own);
        }
        if let Some(passages) = &mut self.shared.passages {
            passages.add(source, text);
        }
        if !findings.is_empty() {
            names_in(text, &mut self.shared.names);
        }
        if self.uses_in_all == 0 && self.told.len() < MOST_TOLD {
            let sure = || findings.iter().filter(|finding| !finding.mark.if_held);
            let said = |finding: &Finding| sure().any(|other| other.text.contains(&finding.text));
            let told: Vec<Finding> = rules::of_a_life(&own).into_iter().filter(|told| !said(told)).collect();
            if !told.is_empty() {
                self.told.push((turn.clone(), text.to_owned(), told));
            }
        }
        if !findings.is_empty() {
            self.held.message = rules::Message::of(&own);
        }
        self.held.found = self.candidates(turn, text, before.as_slice(), findings, Trust::Typed);
    }

    /// "Remember that." after an answer: what a tool bore out of it is asked for. A question, or what was done once, is
    /// nothing to keep.
    fn keep_answer(&mut self, answer: Range<usize>, source: Source, own: &str) {
        let count = answer.len();
        let meant = self.shared.candidates.get_mut(answer).unwrap_or_default();
        if (1..=MOST_MEANT).contains(&count) {
            for candidate in meant {
                let finding = &mut candidate.finding;
                finding.mark.ask();
                finding.importance = finding.importance.max(8);
            }
            return;
        }
        let finding = Finding {
            op: Op::State,
            text: own.to_owned(),
            kind: Kind::Project,
            importance: 0,
            mark: Mark::default(),
        };
        let why = "\"remember that\" after what was asked or done once, and no tool showed what the agent answered";
        self.shared.unsupported.push((Candidate::new(finding, source), why));
    }

    /// Takes in what the last message of the person said. What an agent was long at work on was a task, of which only what
    /// outlasts it is kept.
    fn release(&mut self) {
        let Held {
            mut found,
            uses,
            message,
            ..
        } = std::mem::take(&mut self.held);
        if uses >= LONG_WORK {
            found.retain(|candidate| rules::outlasts(&candidate.finding, message));
        }
        let first = self.shared.candidates.len();
        let passing = found
            .iter()
            .enumerate()
            .filter(|(_, candidate)| !rules::outlasts_work(&candidate.finding, message));
        self.of_the_work.extend(passing.map(|(at, _)| first + at));
        self.shared.candidates.append(&mut found);
    }

    /// In a session of long work, what was said of the work alone is not kept.
    fn leave_the_work(&mut self) {
        let of_the_work = std::mem::take(&mut self.of_the_work);
        if self.uses_in_all < SESSION_OF_WORK {
            return;
        }
        for at in of_the_work.into_iter().rev() {
            if !self.shared.candidates[at].finding.mark.asked {
                self.shared.candidates.remove(at);
            }
        }
    }

    /// A message without the lines that the agent said before. Whoever sends one alone chooses it, and below "remember:" they
    /// are to be kept.
    fn without_answers<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let is_answer = |line: &str| answer_hash(line).is_some_and(|hash| self.answered.contains(&hash));
        let own: Vec<&str> = text
            .lines()
            .map(|line| if is_answer(line) { "" } else { line })
            .collect();
        let one = text.lines().filter(|line| !line.trim().is_empty()).count() == 1;
        if one || own.iter().copied().eq(text.lines()) || own.iter().any(|line| rules::orders(line)) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(own.join("\n"))
    }

    fn said(&mut self, turn: &Turn, text: &str) {
        self.shared.secrets.collect(text, false);
        if self.answered.len() < MOST_ANSWERED {
            self.answered.extend(text.lines().filter_map(answer_hash));
        }
        if self.strangers || text.trim().is_empty() {
            return;
        }
        if !turn.is_known && self.grounded < MOST_GROUNDED && self.is_new(turn, text) {
            let clean: Vec<&ToolResult> = self.results.iter().collect();
            let words = rules::agents_words(text);
            let answer = self.asked.answer(&words, &clean, &self.suspect);
            let mut findings = Vec::new();
            if text.len() <= MOST_SAID {
                let words = if self.held.changed {
                    sentence::without_items(&words)
                } else {
                    words
                };
                findings = rules::grounded(&words, &clean, &self.runs, &self.suspect);
            }
            findings.extend(answer);
            self.grounded += findings.len();
            let heard: Vec<Heard> = self.heard.iter().cloned().collect();
            let found = self.candidates(turn, text, &heard, findings, Trust::Grounded);
            let first = self.shared.candidates.len();
            self.shared.candidates.extend(found);
            self.answer = first..self.shared.candidates.len();
            if text.len() > MOST_FOUND {
                self.of_the_work.extend(self.answer.clone());
            }
        }
        self.asked.said(text);
        for result in &mut self.results {
            result.age += 1;
        }
        self.runs.spoke();
    }

    fn returned(&mut self, turn: &Turn, id: &str, text: &str, failed: bool) {
        self.shared.secrets.collect(text, false);
        let (tool, on) = self.uses.remove(id).unwrap_or_default();
        let surfaced = self.surfaced(turn, text);
        if self.strangers {
            return;
        }
        self.ran(turn, &on, text, failed);
        let moved = rules::moved_to(&on);
        if !failed && let Some(to) = moved {
            self.in_memory = rules::leads_to_memory(to) || (self.in_memory && !to.starts_with(['/', '~']));
        }
        let memory = surfaced || (self.in_memory && !on.contains(" /") && !on.starts_with('/'));
        let origin = self.suspect.origin(&tool, &on, text, failed);
        if rules::is_change(&tool, &on) {
            self.runs.changed();
            self.held.changed = true;
        } else if !memory
            && rules::is_run(&tool, &on)
            && matches!(origin, Origin::Own | Origin::Local | Origin::Foreign)
            && !rules::goes_on(&on, text)
        {
            self.runs.ran(&on, text, failed, origin != Origin::Foreign);
        }
        match origin {
            // Memory may speak to agents.
            _ if memory => {}
            Origin::Hostile => self.suspect.foreign(text, true),
            Origin::Foreign => {
                // What a program repeats of the agent's own command is nobody else's.
                if rules::is_run(&tool, &on) {
                    self.suspect.own(&on);
                }
                self.suspect.foreign(text, false);
            }
            Origin::ReadBack => {}
            Origin::Own => self.suspect.own(&on),
            Origin::Local => {
                self.suspect.own(&on);
                self.suspect.own(text);
                if !failed {
                    self.asked.shown();
                    self.results.truncate(RESULTS - 1);
                    self.results.push_front(ToolResult::new(&on, text));
                }
            }
        }
    }

    /// Takes in a run of the project's own command.
    fn ran(&mut self, turn: &Turn, on: &str, text: &str, failed: bool) {
        let Some(run) = rules::run(on, text, failed) else {
            return;
        };
        if run.worked && (self.suspect.asked_for(&run.told) || self.suspect.asked_for(&run.bare)) {
            return;
        }
        if run.worked && !turn.is_known {
            self.command_source = Some(self.source(turn, Trust::Seen));
        }
        self.commands.ran(run, turn.is_known);
    }

    /// Notices the memory's own lines in what a tool gave back.
    fn surfaced(&mut self, turn: &Turn, text: &str) -> bool {
        let mut any = false;
        if self.shared.known.is_empty() {
            return any;
        }
        for line in text.lines() {
            let forms = [strip_numbers(line), strip_place(line)];
            let known = forms
                .iter()
                .map(|form| (line_hash(form), form))
                .find(|(hash, _)| self.shared.known.contains(hash));
            if let Some((hash, form)) = known {
                if !turn.is_known {
                    *self.shared.surfaced.entry(hash).or_default() += 1;
                }
                // A heading of a few words stands elsewhere, too.
                any |= form.split_whitespace().count() > 3;
            }
        }
        any
    }

    /// What was found in words, or in them and those before, with where it stands.
    fn candidates(
        &mut self,
        turn: &Turn,
        words: &str,
        before: &[Heard],
        findings: Vec<Finding>,
        trust: Trust,
    ) -> Vec<Candidate> {
        let mut out = Vec::new();
        if self.last.0 != turn.span {
            self.last = (turn.span, 0);
        }
        // Most messages hold nothing.
        if findings.is_empty() {
            return out;
        }
        for (at, finding) in findings.into_iter().enumerate() {
            // A line may hold many messages: each finding of it has a number of its own.
            let part = self.last.1;
            self.last.1 += 1;
            // What is to be forgotten may have been named before.
            let earlier = usize::from(finding.mark.earlier.max(u8::from(finding.op == Op::Forget)));
            let before = &before[before.len().saturating_sub(earlier)..];
            // What an agent says has to stand in its own words.
            let typed = before.iter().filter(|_| trust == Trust::Typed);
            let texts = typed.map(|heard| heard.text.as_str()).chain([words]);
            if screen::stands_in(&finding, &texts.collect::<Vec<_>>().join("\n")) {
                let source = Source {
                    part,
                    words: words_hash(turn.time, words, at as u32),
                    ..self.source(turn, trust)
                };
                // One line may hold both messages.
                let others = before.iter().filter(|heard| heard.source.span != turn.span);
                let earlier = others.map(|heard| heard.source.as_earlier(trust)).collect();
                out.push(Candidate {
                    earlier,
                    ..Candidate::new(finding, source)
                });
            }
        }
        out
    }

    /// Takes in what was told in passing, each with a number of its own beside what the message says outright.
    fn push_told(&mut self, turn: &Turn, words: &str, findings: Vec<Finding>) {
        for (at, finding) in findings.into_iter().enumerate() {
            if screen::stands_in(&finding, words) {
                let at = OF_TOLD + at as u32;
                let source = Source {
                    part: at,
                    words: words_hash(turn.time, words, at),
                    ..self.source(turn, Trust::Typed)
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
            // Words from the future would outlast all that is said after them.
            time: turn.time.min(self.now),
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
pub(crate) fn line_hash(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    strip_bullet(line).hash(&mut hasher);
    hasher.finish()
}

/// The hash by which a line of an agent is known again, however it is marked up; `None` where it is too short to tell.
fn answer_hash(line: &str) -> Option<u64> {
    const FEW: usize = 4;
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || "*_`#>|-•".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    (words.len() > FEW).then(|| line_hash(&words.join(" ")))
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

/// A line as a search over files shows it, without the path and number in front.
fn strip_place(line: &str) -> &str {
    let Some((path, rest)) = line.split_once(':') else {
        return line;
    };
    if path.contains(char::is_whitespace) {
        return line;
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[digits..].strip_prefix(':').unwrap_or(rest).trim()
}

/// The lines and sentences of a message that are not the person's own words, with the apostrophes that these have.
fn pasted(text: &str, own: &str) -> String {
    let straight = straight(text);
    let text = unwrapped(&straight);
    if own.trim() == text.trim() || text.trim_start().starts_with("<ide_") {
        return String::new();
    }
    let kept: HashSet<&str> = own.lines().map(str::trim).collect();
    let rest = text.lines().map(str::trim).filter(|line| !kept.contains(line));
    rest.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::pasted;
    use crate::rules::own_words;

    #[test]
    fn own_words_with_a_curled_apostrophe_are_not_pasted() {
        for (message, theirs) in [
            ("The vats aren’t rinsed.\nWe’re shut in July.", ""),
            ("The vats aren’t rinsed.\n> they’re dirty", "> they're dirty"),
            ("The vats aren't rinsed.\n> they're dirty", "> they're dirty"),
        ] {
            assert_eq!(pasted(message, &own_words(message)), theirs, "{message}");
        }
    }
}
