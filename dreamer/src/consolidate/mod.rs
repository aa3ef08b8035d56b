//! Consolidate: candidates and memory become one account, on the timeline of the words, not of their arrival.

mod forget;
mod grow;
mod lookup;
mod question;
mod settle;
mod wanted;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use jiff::Timestamp;
use regex::Regex;

use self::lookup::Lookup;
use self::question::{
    Said, both_hold, both_stand, calls_past, comes_from_another, denied_by_one, done_otherwise,
    each_has_words_of_its_own, first_clause, holds_in_other_cases, moved_a_thing, moved_elsewhere, moved_home,
    names_another, of_another_number, says_otherwise, sets_anew, speaks_against, stops, takes_back, takes_over,
    takes_the_place, tells_what_was, turns_leave,
};
pub(crate) use self::question::{contradicts, same_question, values_of};
use self::settle::Outranked;
pub(crate) use self::settle::overruling;
use crate::fact::{Candidate, Finding, Mark, Op, Source, Trust};
use crate::ledger::{Kept, Past, hash, short_hash};
use crate::orient::{Fact, Memory};
use crate::record::Counts;
use crate::rules;
use crate::screen::{self, Verdict};
use crate::secrets::Secrets;
use crate::settings::Settings;
use crate::similar::{Relation, USER, relation, told_apart};
use crate::text::clean::pattern;
use crate::text::past::past_values;
use crate::text::words::{Features, akin, features};
use crate::tombstone::{self, Tombstone};
use crate::topic;

/// How many of the nearest facts a candidate is compared with.
const NEAREST: usize = 48;
/// So many characters of a word tell which facts are near.
const BEGINNING: usize = 5;

/// What consolidation works with.
pub(crate) struct Work<'a> {
    /// What memory holds; changed in place.
    pub memory: Memory,
    /// Tombstones; grows.
    pub tombstones: Vec<Tombstone>,
    /// What was kept out.
    pub quarantine: Vec<Kept>,
    /// Sources whose words no longer hold, settled now.
    pub settled: BTreeSet<String>,
    /// What happened.
    pub counts: Counts,
    /// Why, in words without the facts' own.
    pub reasons: BTreeSet<String>,
    /// This Dream.
    pub dream: &'a str,
    /// The clock.
    pub now: Timestamp,
    /// Few bytes are allowed: one file a kind.
    pub tight: bool,
    /// What Dreams may do, and leave alone.
    pub settings: &'a Settings,
    /// Facts known before that words on another thing took out, though nobody asked to forget them.
    pub unlike: u32,
    /// How many facts were known before.
    known: usize,
    names: &'a BTreeSet<String>,
    outranked: Vec<Outranked>,
    past: HashSet<String>,
    /// Sources of the facts there are.
    live: HashSet<String>,
    /// The facts by their words, and by each the lines of others and of people.
    index: Lookup,
    lines: Lookup,
    laws: Lookup,
    alive: Vec<bool>,
    /// Bytes that files get more, by path.
    grown: HashMap<String, usize>,
    /// Other wordings of a fact that this Dream met: what is said in a third way may be nearer to one of them.
    wordings: HashMap<usize, Vec<Features>>,
}

impl<'a> Work<'a> {
    /// Starts from a memory.
    pub(crate) fn new(
        memory: Memory,
        tombstones: Vec<Tombstone>,
        names: &'a BTreeSet<String>,
        dream: &'a str,
        now: Timestamp,
        settings: &'a Settings,
    ) -> Self {
        let mut work = Self {
            alive: vec![true; memory.facts.len()],
            unlike: 0,
            known: memory.facts.len(),
            memory,
            tombstones,
            quarantine: Vec::new(),
            counts: Counts::default(),
            reasons: BTreeSet::new(),
            dream,
            now,
            tight: settings.memory_size < topic::TIGHT,
            settings,
            names,
            outranked: Vec::new(),
            past: HashSet::new(),
            live: HashSet::new(),
            settled: BTreeSet::new(),
            index: Lookup::by(BEGINNING),
            lines: Lookup::by(lookup::ANY_FORM),
            laws: Lookup::by(lookup::ANY_FORM),
            wordings: HashMap::new(),
            grown: HashMap::new(),
        };
        for (at, fact) in work.memory.facts.iter().enumerate() {
            work.index.enter(at, &fact.features);
        }
        for (at, line) in work.memory.foreign.iter().enumerate() {
            work.lines.enter(at, &line.features);
        }
        for (at, law) in work.memory.laws.iter().enumerate() {
            law.readings().for_each(|reading| work.laws.enter(at, reading));
        }
        work
    }

    /// Sources that were settled before. Read `again` on demand, what a person took back may be believed.
    pub(crate) fn set_past(&mut self, past: &[Past], again: bool) {
        let room = self.settings.memory_size;
        let holds = past
            .iter()
            .filter(|p| p.under.is_none_or(|under| room <= under) && !(again && p.taken_back));
        self.past = holds.flat_map(|p| p.of.iter().cloned()).collect();
        let facts = self.memory.facts.iter().map(|fact| &fact.known);
        self.live = facts
            .chain(&self.memory.aside)
            .flat_map(|known| known.sources.iter().map(source_key))
            .collect();
    }

    /// Applies all candidates, oldest words first.
    pub(crate) fn apply(&mut self, candidates: &[Candidate], secrets: &Secrets) {
        let mut order: Vec<&Candidate> = candidates.iter().collect();
        order.sort_by(|a, b| key(a).cmp(&key(b)));
        self.retire_overruled();
        self.find_outranked(&order);
        for candidate in order {
            let belongs = self.belongs(candidate);
            match screen::judge(candidate, secrets) {
                Verdict::Quarantine(reason) if belongs || candidate.finding.op == Op::Forget => {
                    self.keep_out(candidate, reason);
                }
                Verdict::Pass(finding) if finding.op == Op::Forget => {
                    if !self.was_used(&candidate.source) {
                        self.settled.insert(source_key(&candidate.source));
                        self.forget(&finding, &candidate.source);
                    }
                }
                // What a person says of what the other store keeps may end what this one holds, and no more.
                Verdict::Pass(finding) if belongs || candidate.source.trust == Trust::Typed => {
                    self.state(finding, candidate);
                }
                Verdict::Quarantine(_) | Verdict::Pass(_) => {}
            }
        }
        let mut alive = self.alive.iter();
        self.memory.facts.retain(|_| *alive.next().unwrap_or(&true));
        self.alive = vec![true; self.memory.facts.len()];
        self.index = Lookup::by(BEGINNING);
    }

    /// Whether what was said belongs in this store.
    fn belongs(&self, said: &Candidate) -> bool {
        let Settings { facts, whole, .. } = self.settings;
        facts.takes(said.finding.kind) || whole.contains(&said.source.session.store)
    }

    /// Notes what is kept out, once a session, and why.
    pub(crate) fn keep_out(&mut self, candidate: &Candidate, reason: &str) {
        let hash = hash(&candidate.finding.text);
        let same = |kept: &Kept| kept.hash == hash && kept.source.session == candidate.source.session;
        if !self.quarantine.iter().any(same) {
            self.counts.quarantined += 1;
            self.reasons.insert(format!("kept out: {reason}"));
            self.quarantine.push(Kept {
                hash,
                source: candidate.source.clone(),
                reason: reason.to_owned(),
            });
        }
    }

    /// The facts that share most words with these.
    fn nearest(&self, with: &Features) -> Vec<usize> {
        let shared = self.index.sharing(with).into_iter();
        let mut all: Vec<(usize, usize)> = shared.filter(|(at, _)| self.alive[*at]).collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        all.truncate(NEAREST);
        all.into_iter().map(|(at, _)| at).collect()
    }

    fn state(&mut self, mut finding: Finding, said: &Candidate) {
        let (source, replaces) = (&said.source, said.replaces.as_deref());
        let about = features(&finding.text, self.names);
        let instructions = &self.settings.instructions;
        if instructions.leaves_out(&finding, &about) {
            self.reasons.insert("left out as the instructions ask".to_owned());
            return;
        }
        instructions.favour(&mut finding, &about);
        if about.stems.is_empty() || tombstone::keep_out(&self.tombstones, &about, Some(source.time)) {
            return;
        }
        // These very words were used before: they add nothing.
        if self.was_used(source) {
            return;
        }
        let key = source_key(source);
        let near = self.nearest(&about);
        if finding.mark.if_held && !near.iter().any(|at| is_news_of(&about, &self.memory.facts[*at])) {
            return;
        }
        if self.overruled(&finding, &about, source.time) {
            return;
        }
        if self.is_past(&near, &about, source.time) {
            self.settled.insert(key);
            return;
        }
        let called_past = past_values(&finding.text);
        // Nothing else takes out what is said of something else.
        let may_turn = |known: Mark| {
            let mark = finding.mark;
            mark.change || mark.order || known.change || known.order || replaces.is_some()
        };
        let mut same: Vec<(f32, usize)> = Vec::new();
        let mut against = Vec::new();
        for at in near {
            let other = &self.memory.facts[at];
            // Commands that worked neither repeat nor contradict what was said.
            if source.trust == Trust::Seen || other.known.sources.iter().all(|s| s.trust == Trust::Seen) {
                if other.text == finding.text {
                    same.push((1.0, at));
                }
                continue;
            }
            let not_to_keep = rules::is_not_to_keep(&finding.text) && !rules::is_not_to_keep(&other.text);
            match self.related(&about, at) {
                // "Don't store the guest wifi" makes what is known of it no surer.
                Relation::Same(_) if not_to_keep && !is_negative(&other.text) => {}
                // "We gave up Heroku" is not what is told of Heroku, in fewer words.
                Relation::Same(_) if calls_past(&called_past, other) => {}
                Relation::Same(_) if tells_what_was(&finding.text, &about, other) => {}
                // "Use pnpm again" is not what is told of bun "instead of pnpm".
                Relation::Same(_) if source.time >= other.known.time && takes_back(&finding.text, &about, other) => {
                    against.push(at);
                }
                _ if source.time >= other.known.time
                    && (moved_home(&finding.text, &other.text) || turns_leave(&finding.text, &other.text)) =>
                {
                    against.push(at);
                }
                // "The paid plan is now …": of the free plan that says nothing, whatever has changed.
                Relation::Different if may_turn(other.known.mark) && told_apart(&about, &other.features) => {}
                related
                    if replaces != Some(other.text.as_str())
                        && self.stands_beside(&finding, &about, source.time, at, related) => {}
                Relation::Contradicts if of_another_number(&called_past, &other.features) => {}
                Relation::Same(_) | Relation::Different if ends_it(&finding, source.time, other) => against.push(at),
                related @ (Relation::Same(_) | Relation::Different)
                    if self.is_turned(&finding, &about, source.time, at, related) =>
                {
                    against.push(at);
                }
                Relation::Same(_) if moved_elsewhere(&finding.text, &other.text) => against.push(at),
                Relation::Same(_) if asked_apart(&finding, &about, source, other) => {}
                Relation::Same(score) => match self.denied(&finding, &about, source.time, at) {
                    Some(true) => against.push(at),
                    Some(false) => {}
                    None => same.push((score, at)),
                },
                Relation::Contradicts if !finding.mark.change && both_hold(&finding.text, &other.text) => {}
                Relation::Contradicts => against.push(at),
                Relation::Different if takes_over(&finding, &about, &self.memory.facts[at]) => against.push(at),
                Relation::Different if self.says_so_in_front(&finding, source.time, at) => against.push(at),
                // A model names what it replaces; whether it may was looked up in the words.
                Relation::Different if replaces == Some(other.text.as_str()) => against.push(at),
                Relation::Different => {}
            }
        }
        let mut taken = Vec::new();
        let settled = self.settle(&finding, source, &against, &mut taken);
        if settled.out {
            self.settled.insert(key);
            return;
        }
        let past = self.retire_past(&called_past, &about, source.time, &mut taken);
        self.count_unlike(&about, &taken);
        let noted = self.supersede_notes(&about, source);
        if !self.belongs(said) {
            return;
        }
        let group = self.group(&settled.disagree);
        let replaces = settled.replaced.max(past).max(noted);
        same.retain(|(_, at)| self.alive[*at]);
        // The nearest; of equals the one that was there first.
        same.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        if let Some((&(_, at), others)) = same.split_first() {
            self.strengthen(at, finding, about, said, replaces);
            for &(_, other) in others {
                self.absorb(at, other);
            }
        } else {
            self.add(finding, about, said, replaces, group);
        }
    }

    /// Words and a fact, the newer first.
    fn by_age<'b>(&'b self, finding: &'b Finding, about: &'b Features, said: Timestamp, at: usize) -> [Said<'b>; 2] {
        let other = &self.memory.facts[at];
        let new = Said {
            text: &finding.text,
            about,
            mark: finding.mark,
        };
        let known = Said {
            text: &other.text,
            about: &other.features,
            mark: other.known.mark,
        };
        if other.known.time <= said {
            [new, known]
        } else {
            [known, new]
        }
    }

    /// Whether the later of words and a fact says that what the earlier says has changed. Where it is about the same, any
    /// other word will do: the newer wording stands alone then.
    fn is_turned(&self, finding: &Finding, about: &Features, said: Timestamp, at: usize, related: Relation) -> bool {
        let [newer, older] = self.by_age(finding, about, said, at);
        let same = matches!(related, Relation::Same(_));
        let (text, was) = (newer.text, older.about);
        newer.mark.change
            && (says_otherwise(newer, older)
                || same && each_has_words_of_its_own(newer, older)
                || sets_anew(text, was)
                || names_another(text, was)
                || takes_the_place(text, older.text)
                || moved_home(text, older.text)
                || moved_a_thing(text, older.text)
                || done_otherwise(text, older.text)
                || comes_from_another(text, older.text))
            || (newer.mark.change || newer.mark.order) && speaks_against(text, was)
    }

    /// "Send the list as CSV from now on, the PDF is too wide": the clause in front says otherwise than a fact, and the
    /// reason behind it has its words.
    fn says_so_in_front(&self, finding: &Finding, said: Timestamp, at: usize) -> bool {
        let (front, other) = (first_clause(&finding.text), &self.memory.facts[at]);
        if !finding.mark.change || front.len() == finding.text.len() || other.known.time > said {
            return false;
        }
        let about = features(front, self.names);
        relation(&about, &other.features) == Relation::Contradicts && !both_hold(front, &other.text)
    }

    /// Whether words and a fact both hold, though they are on the same thing.
    fn stands_beside(
        &self,
        finding: &Finding,
        about: &Features,
        said: Timestamp,
        at: usize,
        related: Relation,
    ) -> bool {
        let [newer, older] = self.by_age(finding, about, said, at);
        let same = matches!(related, Relation::Same(_));
        both_stand(newer, older) || !same && holds_in_other_cases(newer, older)
    }

    /// Where one of words and a fact denies what the other tells: whether the newer ends the older.
    fn denied(&self, finding: &Finding, about: &Features, said: Timestamp, at: usize) -> Option<bool> {
        let [newer, older] = self.by_age(finding, about, said, at);
        denied_by_one(newer, older).or_else(|| denied_by_one(older, newer))
    }

    /// How words stand to a fact, in the nearest of its wordings.
    fn related(&self, about: &Features, at: usize) -> Relation {
        let stands = relation(about, &self.memory.facts[at].features);
        let others = self.wordings.get(&at).into_iter().flatten();
        others
            .map(|wording| relation(about, wording))
            .filter(|related| matches!((stands, related), (Relation::Different, Relation::Same(_))))
            .fold(stands, |best, related| match (best, related) {
                (Relation::Same(a), Relation::Same(b)) if a >= b => best,
                _ => related,
            })
    }

    /// Whether these words were used before, there or in a copy of the transcript.
    fn was_used(&self, source: &Source) -> bool {
        [source_key(source), place_key(source)]
            .iter()
            .any(|key| self.past.contains(key) || self.live.contains(key) || self.settled.contains(key))
    }

    fn retire(&mut self, at: usize) {
        self.alive[at] = false;
        self.settled
            .extend(self.memory.facts[at].known.sources.iter().map(source_key));
    }
}

fn key(candidate: &Candidate) -> (Timestamp, &str, &str, (u64, u64), u32) {
    let source = &candidate.source;
    (
        source.time,
        &source.session.store,
        &source.session.path,
        source.span,
        source.part,
    )
}

/// Whether the later of words and a fact ends what the earlier orders.
fn ends_it(finding: &Finding, said: Timestamp, other: &Fact) -> bool {
    let orders = finding.mark.order && other.known.mark.order;
    let about = || features(&finding.text, &BTreeSet::new());
    orders
        && if other.known.time <= said {
            stops(&finding.text, &other.features)
        } else {
            stops(&other.text, &about())
        }
}

/// "Customer data never goes to laptops" may say the same as an order not to store it there.
fn is_negative(text: &str) -> bool {
    static NEGATIVE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:no|not|never|nowhere|nobody|without|only|cannot)\b|n['’]t\b"));
    NEGATIVE.is_match(text)
}

/// Whether words may be news of what a fact tells: both begin with one name, or share more than a word, or all that the
/// fact has.
fn is_news_of(about: &Features, fact: &Fact) -> bool {
    let other = &fact.features;
    let shared = |of: &Features, with: &Features| {
        let told = |stem: &&String| stem.as_str() != USER && with.stems.iter().any(|s| akin(s, stem));
        of.stems.iter().filter(told).count()
    };
    let is_name = |stem: &&String| !stem.starts_with(|c: char| c.is_ascii_digit());
    let named = about
        .leading
        .iter()
        .filter(is_name)
        .any(|name| other.leading.contains(name));
    let said = fact.known.sources.iter().any(|source| source.trust != Trust::Seen);
    let words = other.stems.iter().filter(|stem| stem.as_str() != USER).count();
    let (of_it, of_them) = (shared(other, about), shared(about, other));
    said && (named || of_them > 1 || of_it > 0 && of_it == words)
}

/// Who asks twice in one session to remember something, each time with a word of its own, asks for two things.
fn asked_apart(finding: &Finding, about: &Features, source: &Source, other: &Fact) -> bool {
    let lacks = |a: &Features, b: &Features| a.subject.iter().any(|s| !b.stems.iter().any(|t| akin(s, t)));
    finding.mark.asked
        && other.known.mark.asked
        && other.known.sources.iter().any(|s| s.is_of_session(source))
        && lacks(about, &other.features)
        && lacks(&other.features, about)
}

/// The hash by which the ledger knows a source: that of its words, wherever they stand.
pub(crate) fn source_key(source: &Source) -> String {
    if source.words.is_empty() {
        place_key(source)
    } else {
        source.words.clone()
    }
}

/// The hash of where a source stands, by which ledgers knew it before they kept one of its words.
fn place_key(source: &Source) -> String {
    let (session, span) = (&source.session, source.span);
    let text = format!(
        "{}\n{}\n{}-{}-{}",
        session.store, session.path, span.0, span.1, source.part
    );
    short_hash(text.as_bytes(), 5)
}
