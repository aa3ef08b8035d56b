//! Consolidate: candidates and memory become one account, on the timeline of the words, not of their arrival.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use jiff::Timestamp;
use regex::Regex;

use crate::fact::{Candidate, Finding, Mark, Op, Source, Trust};
use crate::ledger::{Kept, Known, hash};
use crate::orient::{Author, Fact, Memory};
use crate::record::Counts;
use crate::screen::{self, Verdict};
use crate::secrets::Secrets;
use crate::settings::Settings;
use crate::similar::{Relation, relation};
use crate::text::clean::pattern;
use crate::text::vocabulary::STOP;
use crate::text::words::{Features, Value, akin, features, stem};
use crate::tombstone::Tombstone;
use crate::topic;

/// Most sources that are kept of one fact.
const MOST_SOURCES: usize = 6;
/// A topic file of this many bytes is full.
const FULL: usize = 60 * 1024;
/// How many of the nearest facts a candidate is compared with.
const NEAREST: usize = 48;

/// What consolidation works with.
pub struct Work<'a> {
    /// What memory holds; changed in place.
    pub memory: Memory,
    /// Tombstones; grows.
    pub tombstones: Vec<Tombstone>,
    /// What was kept out.
    pub quarantine: Vec<Kept>,
    /// What happened.
    pub counts: Counts,
    /// Why, in words without the facts' own.
    pub reasons: BTreeSet<String>,
    /// This Dream.
    pub dream: &'a str,
    /// Few bytes are allowed: one file a kind.
    pub tight: bool,
    /// What is pinned.
    pub pinned: &'a Settings,
    names: &'a BTreeSet<String>,
    outranked: BTreeSet<String>,
    index: HashMap<String, Vec<usize>>,
    alive: Vec<bool>,
}

impl<'a> Work<'a> {
    /// Starts from a memory.
    pub fn new(
        memory: Memory,
        tombstones: Vec<Tombstone>,
        names: &'a BTreeSet<String>,
        dream: &'a str,
        settings: &'a Settings,
    ) -> Self {
        let mut work = Self {
            alive: vec![true; memory.facts.len()],
            memory,
            tombstones,
            quarantine: Vec::new(),
            counts: Counts::default(),
            reasons: BTreeSet::new(),
            dream,
            tight: settings.memory_size < 4096,
            pinned: settings,
            names,
            outranked: BTreeSet::new(),
            index: HashMap::new(),
        };
        for at in 0..work.memory.facts.len() {
            work.enter(at);
        }
        work
    }

    /// Applies all candidates, oldest words first.
    pub fn apply(&mut self, candidates: &[Candidate], secrets: &Secrets) {
        let mut order: Vec<&Candidate> = candidates.iter().collect();
        order.sort_by(|a, b| key(a).cmp(&key(b)));
        self.find_outranked(&order);
        for candidate in order {
            match screen::judge(candidate, secrets) {
                Verdict::Quarantine(reason) => self.keep_out(candidate, reason),
                Verdict::Pass(finding) if finding.op == Op::Forget => self.forget(&finding.text, candidate.source.time),
                Verdict::Pass(finding) => self.state(finding, &candidate.source),
            }
        }
        let mut alive = self.alive.iter();
        self.memory.facts.retain(|_| *alive.next().unwrap_or(&true));
        self.alive = vec![true; self.memory.facts.len()];
        self.index.clear();
    }

    /// Values that people's lines overrule: the same old fact comes in other words, too.
    fn find_outranked(&mut self, candidates: &[&Candidate]) {
        if !self.memory.foreign.iter().any(|line| line.author == Author::Person) {
            return;
        }
        for candidate in candidates.iter().filter(|c| c.finding.op == Op::State) {
            let about = features(&candidate.finding.text, self.names);
            for line in self.memory.foreign.iter().filter(|line| line.author == Author::Person) {
                if relation(&about, &line.features) == Relation::Contradicts || same_question(&about, &line.features) {
                    let told =
                        |k: &Value| matches!(k, Value::Name | Value::Code | Value::Address | Value::Alternative(_));
                    let own = values_of(&line.features, told);
                    self.outranked.extend(values_of(&about, told).difference(&own).cloned());
                }
            }
        }
    }

    fn keep_out(&mut self, candidate: &Candidate, reason: &str) {
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

    fn enter(&mut self, at: usize) {
        for stem in &self.memory.facts[at].features.stems {
            self.index.entry(short(stem)).or_default().push(at);
        }
    }

    /// The facts that share most words with these.
    fn nearest(&self, with: &Features) -> Vec<usize> {
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for stem in &with.stems {
            for at in self
                .index
                .get(&short(stem))
                .into_iter()
                .flatten()
                .filter(|at| self.alive[**at])
            {
                *shared.entry(*at).or_default() += 1;
            }
        }
        let mut all: Vec<(usize, usize)> = shared.into_iter().collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        all.truncate(NEAREST);
        all.into_iter().map(|(at, _)| at).collect()
    }

    fn state(&mut self, finding: Finding, source: &Source) {
        let about = features(&finding.text, self.names);
        if about.stems.is_empty() || self.tombstones.iter().any(|t| t.blocks(&about, source.time)) {
            return;
        }
        let near = self.nearest(&about);
        // These very words were used before: they add nothing.
        if near.iter().any(|at| rests_on(&self.memory.facts[*at].known, source)) {
            return;
        }
        if self.overruled(&finding, &about, source.time) || self.is_past(&near, &about, source.time) {
            return;
        }
        let mut best: Option<(f32, usize)> = None;
        let mut against = Vec::new();
        for at in near {
            let other = &self.memory.facts[at];
            // Commands that worked neither repeat nor contradict what was said.
            if source.trust == Trust::Seen || other.known.sources.iter().all(|s| s.trust == Trust::Seen) {
                if other.text == finding.text {
                    best = Some((1.0, at));
                }
                continue;
            }
            match relation(&about, &self.memory.facts[at].features) {
                Relation::Same(score) if best.is_none_or(|(b, _)| score > b) => best = Some((score, at)),
                Relation::Contradicts => against.push(at),
                Relation::Different if takes_over(&finding, &about, &self.memory.facts[at]) => against.push(at),
                _ => {}
            }
        }
        let settled = self.settle(&finding, source, &against);
        if settled.out {
            return;
        }
        let past = self.retire_past(&finding.text, &about, source.time);
        let replaces = settled.replaced.max(past);
        if let Some((_, at)) = best.filter(|(_, at)| self.alive[*at]) {
            self.strengthen(at, finding, about, source, replaces);
        } else {
            self.add(finding, about, source, replaces, settled.group);
        }
    }

    /// A line that a person wrote outranks older words, and newer ones that mark no change.
    fn overruled(&mut self, finding: &Finding, about: &Features, said: Timestamp) -> bool {
        for line in &self.memory.foreign {
            let related = relation(about, &line.features);
            if matches!(related, Relation::Same(_)) {
                return true;
            }
            let law = line.author == Author::Person;
            let contradicts = related == Relation::Contradicts || (law && same_question(about, &line.features));
            let newer = line.time.is_some_and(|written| said > written) && (finding.mark.change || finding.mark.asked);
            if law && contradicts && !newer {
                self.reasons
                    .insert(format!("a line that a person wrote in {} says otherwise", line.file));
                return true;
            }
        }
        let told = |k: &Value| matches!(k, Value::Name | Value::Code | Value::Address | Value::Alternative(_));
        !finding.mark.asked && !finding.mark.change && !values_of(about, told).is_disjoint(&self.outranked)
    }

    /// Settles contradictions with what memory holds.
    fn settle(&mut self, finding: &Finding, source: &Source, against: &[usize]) -> Settled {
        let mut settled = Settled::default();
        let mut disagree = Vec::new();
        for &at in against {
            let other = &self.memory.facts[at].known;
            let by = other.sources.last().map(|s| &s.session.agent);
            let marks = [finding.mark, other.mark];
            let decides = marks.iter().any(|m| m.order || m.change) || by == Some(&source.session.agent);
            let trust = other.sources.iter().map(|s| s.trust).max().unwrap_or(Trust::Typed);
            if trust > source.trust || (trust == source.trust && decides && other.time > source.time) {
                return Settled {
                    out: true,
                    ..Settled::default()
                };
            }
            if trust < source.trust || decides {
                settled.replaced = settled.replaced.max(Some(other.time));
                self.retire(at);
                self.counts.replaced += 1;
            } else {
                disagree.push(at);
            }
        }
        if let Some(&first) = disagree.first() {
            let first = &self.memory.facts[first];
            let group = first.known.group.clone().unwrap_or_else(|| hash(&first.text));
            for at in disagree {
                self.memory.facts[at].known.group = Some(group.clone());
            }
            settled.group = Some(group);
        }
        settled
    }

    /// Whether something newer names this as past: "pnpm, not npm" said after "use npm".
    fn is_past(&self, near: &[usize], about: &Features, said: Timestamp) -> bool {
        near.iter().any(|at| {
            let fact = &self.memory.facts[*at];
            fact.known.time > said
                && past_values(&fact.text)
                    .iter()
                    .any(|past| is_about(about, past, &fact.features))
        })
    }

    /// Retires older facts whose value this text names as past.
    fn retire_past(&mut self, text: &str, about: &Features, said: Timestamp) -> Option<Timestamp> {
        let mut newest = None;
        for past in past_values(text) {
            for at in self.nearest(about) {
                let fact = &self.memory.facts[at];
                if fact.known.time <= said
                    && is_about(&fact.features, &past, about)
                    && past_values(&fact.text).is_empty()
                {
                    newest = newest.max(Some(fact.known.time));
                    self.retire(at);
                    self.counts.replaced += 1;
                }
            }
        }
        newest
    }

    fn retire(&mut self, at: usize) {
        self.alive[at] = false;
    }

    fn add(
        &mut self,
        finding: Finding,
        about: Features,
        source: &Source,
        replaces: Option<Timestamp>,
        group: Option<String>,
    ) {
        let topic = topic::choose(finding.kind, &finding.text, self.tight);
        let known = Known {
            line: String::new(),
            // Two sides of a disagreement stand side by side.
            file: self
                .file_of_group(group.as_deref())
                .unwrap_or_else(|| self.file_of(topic)),
            kind: finding.kind,
            importance: finding.importance.clamp(1, 10),
            mark: finding.mark,
            time: source.time,
            sources: vec![source.clone()],
            dream: self.dream.to_owned(),
            replaces,
            group,
            uses: 0,
            used: None,
        };
        self.memory.facts.push(Fact {
            text: finding.text,
            known,
            line: None,
            features: about,
        });
        self.alive.push(true);
        self.enter(self.memory.facts.len() - 1);
        self.counts.added += 1;
    }

    fn file_of_group(&self, group: Option<&str>) -> Option<String> {
        let same = |fact: &&Fact| group.is_some() && fact.known.group.as_deref() == group;
        let alive = self
            .memory
            .facts
            .iter()
            .zip(&self.alive)
            .filter(|(_, alive)| **alive)
            .map(|(fact, _)| fact);
        let file = alive.filter(same).map(|fact| fact.known.file.clone()).next()?;
        (!self.pinned.is_pinned(&file)).then_some(file)
    }

    /// The topic's file; the next one where that is pinned or full.
    fn file_of(&self, topic: &topic::Topic) -> String {
        let names =
            std::iter::once(format!("{}.md", topic.name)).chain((2..).map(|n| format!("{}-{n}.md", topic.name)));
        names
            .take(100)
            .find(|path| {
                !self.pinned.is_pinned(path) && self.memory.files.get(path).is_none_or(|text| text.len() < FULL)
            })
            .unwrap_or_else(|| format!("{}.md", topic.name))
    }

    /// The same thing was said again: another source, and the better wording of the two.
    fn strengthen(
        &mut self,
        at: usize,
        finding: Finding,
        about: Features,
        source: &Source,
        replaces: Option<Timestamp>,
    ) {
        let fact = &mut self.memory.facts[at];
        let typed = |sources: &[Source]| sources.iter().any(|s| s.trust == Trust::Typed);
        let rank = |mark: Mark, typed: bool, about: &Features, text: &str| {
            let values: usize = about.values.values().map(BTreeSet::len).sum();
            (
                values,
                mark.asked,
                typed,
                mark.order,
                about.stems.len(),
                text.len().min(200),
            )
        };
        let old = rank(fact.known.mark, typed(&fact.known.sources), &fact.features, &fact.text);
        let new = rank(finding.mark, source.trust == Trust::Typed, &about, &finding.text);
        let known = &mut fact.known;
        known.sources.push(source.clone());
        known.sources.sort_by(|a, b| {
            a.time
                .cmp(&b.time)
                .then_with(|| a.session.path.cmp(&b.session.path))
                .then(a.span.cmp(&b.span))
        });
        if known.sources.len() > MOST_SOURCES {
            known.sources.remove(1);
        }
        known.time = known.time.max(source.time);
        known.importance = known.importance.max(finding.importance);
        known.replaces = known.replaces.max(replaces);
        known.mark = Mark {
            asked: known.mark.asked || finding.mark.asked,
            change: known.mark.change || finding.mark.change,
            order: known.mark.order || finding.mark.order,
            correction: known.mark.correction || finding.mark.correction,
            passing: known.mark.passing && finding.mark.passing,
        };
        if new > old {
            fact.text = finding.text;
            fact.features = about;
            self.enter(at);
        }
        self.counts.merged += 1;
    }

    /// Takes out what was asked to be forgotten, and keeps it out.
    fn forget(&mut self, target: &str, time: Timestamp) {
        let wanted = features(target, self.names);
        if wanted.stems.is_empty() {
            self.reasons
                .insert("an order to forget names nothing in particular".to_owned());
            return;
        }
        let share = |fact: &Features| {
            let met = wanted
                .stems
                .iter()
                .filter(|w| fact.stems.iter().any(|s| akin(w, s)))
                .count();
            met as f32 / wanted.stems.len() as f32
        };
        let old = |fact: &Fact| fact.known.time <= time;
        let facts = self
            .memory
            .facts
            .iter()
            .enumerate()
            .filter(|(at, f)| self.alive[*at] && old(f));
        let scored: Vec<(usize, f32)> = facts.map(|(at, f)| (at, share(&f.features))).collect();
        let best = scored.iter().map(|(_, s)| *s).fold(0.0, f32::max);
        let least = if wanted.stems.len() == 1 {
            1.0
        } else {
            0.6_f32.max(best - 0.21)
        };
        let mut found = false;
        for (at, _) in scored.into_iter().filter(|(_, s)| *s >= least) {
            found = true;
            self.retire(at);
            self.counts.forgotten += 1;
            let stone = Tombstone::of_fact(&self.memory.facts[at].features, time, self.dream);
            self.lay(stone);
        }
        self.lay(Tombstone::of_name(&wanted, time, self.dream));
        for line in &self.memory.foreign {
            if share(&line.features) < least.max(0.6) || line.time.is_some_and(|t| t > time) {
                continue;
            }
            found = true;
            if line.author == Author::Person {
                self.reasons.insert(format!(
                    "an order to forget names a line that a person wrote in {}: it stays",
                    line.file
                ));
            } else if self.memory.dropped.insert((line.file.clone(), line.line.clone())) {
                self.counts.forgotten += 1;
            }
        }
        if !found {
            self.reasons
                .insert("an order to forget names nothing that memory holds".to_owned());
        }
    }

    fn lay(&mut self, stone: Tombstone) {
        let same = |t: &Tombstone| t.pairs == stone.pairs && t.named == stone.named && t.time >= stone.time;
        if !self.tombstones.iter().any(same) {
            self.tombstones.push(stone);
        }
    }
}

/// What settling contradictions came to.
#[derive(Default)]
struct Settled {
    /// The candidate is the one that is out.
    out: bool,
    /// When the newest of what it replaced was said.
    replaced: Option<Timestamp>,
    /// The disagreement it joins.
    group: Option<String>,
}

fn key(candidate: &Candidate) -> (Timestamp, &str, &str, (u64, u64), u8) {
    let source = &candidate.source;
    (
        source.time,
        &source.session.store,
        &source.session.path,
        source.span,
        source.part,
    )
}

fn rests_on(known: &Known, source: &Source) -> bool {
    known.sources.iter().any(|s| {
        s.span == source.span
            && s.part == source.part
            && s.session.path == source.session.path
            && s.session.store == source.session.store
    })
}

/// The beginning of a stem, under which its forms are found.
fn short(stem: &str) -> String {
    stem.chars().take(5).collect()
}

/// Values that a text names as past: "not npm", "tabs are out", "instead of Jest".
fn past_values(text: &str) -> Vec<BTreeSet<String>> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\b(?:instead of|rather than|in place of|no more|no longer (?:use |using |on |in |with )?|away from|stop using|not using|drop(?:ped)?|ditch(?:ed)?|replac(?:e|es|ed|ing)|moved? (?:off|from)|migrated? (?:off|from)|switch(?:ed)? (?:away )?from|,? ?\bnot)\s+(?:the |our |any |using |with |in |on |to )?(?P<after>[`\w][\w.+#/-]*`?)|(?:^|[\s,;])(?P<before>[`\w][\w.+#/-]*`?)\s+(?:is|are|was) (?:out|gone|dead|history|banned|retired|deprecated|over|no more|past|obsolete|dropped|forbidden)\b)",
        )
    });
    NAMED
        .captures_iter(text)
        .filter_map(|found| found.name("after").or(found.name("before")))
        .map(|m| m.as_str().trim_matches('`').to_lowercase())
        .filter(|word| !STOP.contains(word.as_str()) && word.len() > 1)
        .map(|word| BTreeSet::from([stem(&word)]))
        .collect()
}

/// A change of orders on a subject of few words takes over from the order there was: "squash merges only".
fn takes_over(finding: &Finding, about: &Features, other: &Fact) -> bool {
    let orders = |a: &Mark, b: &Mark| a.change && a.order && b.order;
    if !orders(&finding.mark, &other.known.mark) && !orders(&other.known.mark, &finding.mark) {
        return false;
    }
    let (a, b) = (&about.stems, &other.features.stems);
    let shared = a.iter().filter(|s| b.contains(*s)).count();
    let smaller = a.len().min(b.len());
    shared > 0 && smaller <= 3 && shared * 2 >= smaller && about.values.keys().all(|k| !matches!(k, Value::Code))
}

/// Whether an older fact is an answer to the same question with the value that is past.
fn is_about(fact: &Features, past: &BTreeSet<String>, newer: &Features) -> bool {
    if !past.iter().all(|stem| fact.stems.contains(stem)) {
        return false;
    }
    let rest: Vec<&String> = fact.stems.iter().filter(|s| !past.contains(*s)).collect();
    let shared = rest.iter().filter(|s| newer.stems.contains(**s)).count();
    shared * 2 >= rest.len() || rest.len() <= 2
}

/// Whether a person's line and a statement answer one question with different values.
fn same_question(a: &Features, b: &Features) -> bool {
    let named = |f: &Features| values_of(f, |v| matches!(v, Value::Name | Value::Code | Value::Alternative(_)));
    let numbers = |f: &Features| values_of(f, |v| matches!(v, Value::Number(_)));
    let hosts = |f: &Features| {
        values_of(f, |v| matches!(v, Value::Address))
            .iter()
            .filter_map(|v| v.rsplit('@').next().map(str::to_owned))
            .collect::<BTreeSet<_>>()
    };
    let addresses = |f: &Features| values_of(f, |v| matches!(v, Value::Address));
    let differ = |x: &BTreeSet<String>, y: &BTreeSet<String>| !x.is_empty() && !y.is_empty() && x.is_disjoint(y);
    if differ(&addresses(a), &addresses(b)) && !hosts(a).is_disjoint(&hosts(b)) {
        return true;
    }
    let shared = a
        .subject
        .iter()
        .filter(|s| b.subject.iter().any(|t| akin(s, t)))
        .count();
    let smaller = a.subject.len().min(b.subject.len());
    shared > 0
        && (differ(&named(a), &named(b)) && shared * 2 >= smaller
            || differ(&numbers(a), &numbers(b)) && shared * 3 >= smaller
            || differ(&addresses(a), &addresses(b)) && shared * 2 >= smaller)
}

fn values_of(f: &Features, kind: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    f.values
        .iter()
        .filter(|(k, _)| kind(k))
        .flat_map(|(_, v)| v.iter().cloned())
        .collect()
}
