//! Contradictions: which side stands, which goes, and when both stay.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::Timestamp;
use regex::Regex;

use super::Work;
use super::question::{Subject, Tells, first_clause, is_about, main_clause, speaks_of, tells_past, values_of};
use crate::fact::{Candidate, Finding, Mark, Op, Source, Trust};
use crate::law::{Law, Otherwise};
use crate::ledger::{Known, hash};
use crate::orient::{Author, Foreign};
use crate::similar::{Relation, relation};
use crate::text::clean::pattern;
use crate::text::past::past_values;
use crate::text::sentence;
use crate::text::words::{Features, Value, akin, features};

/// Values that an agent's line may have for itself: those that are no longer true.
const OWN_VALUES: usize = 2;

/// Values that tell which of several things is meant.
fn tells(kind: &Value) -> bool {
    matches!(kind, Value::Name | Value::Code | Value::Address | Value::Alternative(_))
}

/// Words that were said after a line was written hold against it where they mark a change, or were to be remembered.
fn outranks(law: &Law, mark: Mark, said: Timestamp) -> bool {
    let newer = law.time.is_some_and(|written| said > written);
    !(newer && (mark.change || mark.asked))
}

/// The line of a person that outranks a fact and says otherwise.
pub(crate) fn overruling<'a>(laws: &'a [Law], known: &Known, about: &Features) -> Option<&'a Law> {
    laws.iter()
        .find(|law| outranks(law, known.mark, known.time) && law.against(about).is_some())
}

fn outranked_by(law: &Law) -> String {
    format!("a line that a person wrote in {} says otherwise", law.file)
}

/// The clause that a text begins with, where the others say no value and no condition: "all keys hang in the porch,
/// everybody can find them".
fn without_asides(text: &str, names: &BTreeSet<String>) -> Option<Features> {
    static CONDITION: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:and |but )?(?:if|when(?:ever)?|where|unless|except|only|not|no|but|until|before|after|on|in|at|from|for|during|otherwise|once|while)\b",
        )
    });
    let first = first_clause(text);
    let rest = text.strip_prefix(first).filter(|rest| !rest.is_empty())?;
    let valued = |kind: &Value| !matches!(kind, Value::Alternative(_));
    let is_aside = |clause: &str| !CONDITION.is_match(clause) && !features(clause, names).values.keys().any(valued);
    let asides = sentence::clauses(rest).into_iter().all(is_aside);
    asides.then(|| features(first, names))
}

/// As what a law is against a text: as a whole, or without its asides.
fn said_against<'a>(law: &Law, about: &'a Features, bare: Option<&'a Features>) -> Option<&'a Features> {
    if law.against(about).is_some() {
        return Some(about);
    }
    bare.filter(|bare| law.against(bare) == Some(Otherwise::Surely))
}

/// "The mare is sound again", after "the mare is lame": how it was before is over.
fn says_again(text: &str) -> bool {
    static AGAIN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^[^,;:]*\bagain(?:[.,;!]|$)"));
    AGAIN.is_match(text)
}

/// What settling contradictions came to.
#[derive(Default)]
pub(super) struct Settled {
    /// The candidate is the one that is out.
    pub(super) out: bool,
    /// When the newest of what it replaced was said.
    pub(super) replaced: Option<Timestamp>,
    /// The facts that it disagrees with, and both stay.
    pub(super) disagree: Vec<usize>,
}

/// What people's lines overrule.
pub(super) struct Outranked {
    /// The values that were said otherwise.
    values: BTreeSet<String>,
    /// What they were said of.
    subject: BTreeSet<String>,
}

impl Work<'_> {
    /// Takes out what is known and a person has written otherwise since.
    pub(super) fn retire_overruled(&mut self) {
        for at in 0..self.memory.facts.len() {
            let fact = &self.memory.facts[at];
            let mark = fact.known.mark;
            let bare = self.without_asides(&fact.text);
            let surely = |law: &Law| {
                let mut readings = [Some(&fact.features), bare.as_ref()].into_iter().flatten();
                readings.any(|read| law.against(read) == Some(Otherwise::Surely))
            };
            let over = self.laws_near(&fact.features).find(|&law| {
                outranks(law, mark, fact.known.time) && (surely(law) || law.turns(&fact.text, self.names))
            });
            if let Some(law) = over {
                self.reasons.insert(outranked_by(law));
                self.retire(at);
                self.counts.replaced += 1;
            }
        }
    }

    /// The lines that people wrote and that share a word with a text: no other can say otherwise.
    fn laws_near(&self, about: &Features) -> impl Iterator<Item = &Law> {
        self.laws.sharing(about).into_keys().map(|at| &self.memory.laws[at])
    }

    /// The lines of people and agents that share a word with a text: no other can say the same.
    fn lines_near(&self, about: &Features) -> impl Iterator<Item = &Foreign> {
        self.lines.sharing(about).into_keys().map(|at| &self.memory.foreign[at])
    }

    /// A text without its asides, where people wrote lines to compare it with.
    fn without_asides(&self, text: &str) -> Option<Features> {
        let any = !self.memory.laws.is_empty();
        any.then(|| without_asides(text, self.names)).flatten()
    }

    /// Values that people's lines overrule: the same old fact comes in other words, too.
    pub(super) fn find_outranked(&mut self, candidates: &[&Candidate]) {
        if self.memory.laws.is_empty() {
            return;
        }
        for candidate in candidates.iter().filter(|c| c.finding.op == Op::State) {
            let about = features(&candidate.finding.text, self.names);
            let bare = self.without_asides(&candidate.finding.text);
            let laws = self.laws.sharing(&about);
            for law in laws.keys().map(|at| &self.memory.laws[*at]) {
                let Some(said) = said_against(law, &about, bare.as_ref()) else {
                    continue;
                };
                let mut values = law.overrules(said, tells);
                if law.against(&about).is_none() {
                    values.retain(|value| !said.subject.contains(value));
                }
                // "Goods for Anklam go by rail": a name that both say is what they speak of, too.
                let named = values_of(said, |kind| matches!(kind, Value::Name));
                let subject = said.subject.iter().chain(named.difference(&values)).cloned().collect();
                self.outranked.push(Outranked { values, subject });
            }
        }
    }

    /// A line that a person wrote outranks older words, and newer ones that mark no change.
    pub(super) fn overruled(&mut self, finding: &Finding, about: &Features, said: Timestamp) -> bool {
        let known = |line: &Foreign| matches!(relation(about, &line.features), Relation::Same(_));
        if self.lines_near(about).any(known) {
            return true;
        }
        let bare = self.without_asides(&finding.text);
        let against = |law: &Law| said_against(law, about, bare.as_ref()).is_some();
        let law = self
            .laws_near(about)
            .find(|&law| outranks(law, finding.mark, said) && against(law));
        if let Some(why) = law.map(outranked_by) {
            self.reasons.insert(why);
            return true;
        }
        let named = values_of(about, tells);
        let of_the_same = |out: &Outranked| about.stems.iter().any(|s| out.subject.contains(s));
        // A value is known again where nothing marks it as one, if it is said of the same.
        let is_out = |out: &Outranked| {
            !named.is_disjoint(&out.values) || !about.stems.is_disjoint(&out.values) && of_the_same(out)
        };
        !finding.mark.asked && !finding.mark.change && self.outranked.iter().any(is_out)
    }

    /// Settles contradictions with what memory holds.
    pub(super) fn settle(
        &mut self,
        finding: &Finding,
        source: &Source,
        against: &[usize],
        taken: &mut Vec<usize>,
    ) -> Settled {
        let mut settled = Settled::default();
        for &at in against {
            let other = &self.memory.facts[at].known;
            let by = other.sources.last().map(|s| &s.session.agent);
            let (newer, words) = if other.time > source.time {
                (other.mark, self.memory.facts[at].text.as_str())
            } else {
                (finding.mark, finding.text.as_str())
            };
            let orders = finding.mark.order || other.mark.order;
            let asked = finding.mark.asked || other.mark.asked;
            let turns = newer.change || says_again(words);
            let decides = orders || turns || by == Some(&source.session.agent);
            let trust = other.sources.iter().map(|s| s.trust).max().unwrap_or(Trust::Typed);
            // What an agent found in one place and a person says in another are two accounts.
            let accounts = trust.min(source.trust) == Trust::Grounded && !decides && !asked;
            if (trust > source.trust && !accounts) || (trust == source.trust && decides && other.time > source.time) {
                return Settled {
                    out: true,
                    ..Settled::default()
                };
            }
            if (trust < source.trust && !accounts) || decides {
                settled.replaced = settled.replaced.max(Some(other.time));
                self.retire(at);
                taken.push(at);
                self.counts.replaced += 1;
            } else {
                settled.disagree.push(at);
            }
        }
        settled
    }

    /// The disagreement that these facts are in now, if there are any.
    pub(super) fn group(&mut self, disagree: &[usize]) -> Option<String> {
        let first = &self.memory.facts[*disagree.first()?];
        let group = first.known.group.clone().unwrap_or_else(|| hash(&first.text));
        for at in disagree {
            self.memory.facts[*at].known.group = Some(group.clone());
        }
        Some(group)
    }

    /// Takes out the lines of agents that a person's newer words contradict; when the newest of them was written. A line
    /// that says more than that stays: the rest of it would be lost.
    pub(super) fn supersede_notes(&mut self, about: &Features, source: &Source) -> Option<Timestamp> {
        if source.trust != Trust::Typed {
            return None;
        }
        let mut newest = None;
        let lines = self.lines.sharing(about);
        for line in lines
            .keys()
            .map(|at| &self.memory.foreign[*at])
            .filter(|line| line.author == Author::Agent)
        {
            let older = line.time.filter(|written| *written < source.time);
            let said = |stem: &String| about.stems.iter().any(|s| akin(s, stem));
            let more = line.features.stems.iter().filter(|stem| !said(stem)).count();
            let same_thing = more <= OWN_VALUES && line.features.subject.iter().all(said);
            if older.is_some() && same_thing && relation(about, &line.features) == Relation::Contradicts {
                self.memory.dropped.insert((line.file.clone(), line.line.clone()));
                self.counts.replaced += 1;
                newest = newest.max(older);
            }
        }
        newest
    }

    /// Whether something newer names this as past: "pnpm, not npm" said after "use npm".
    pub(super) fn is_past(&self, near: &[usize], about: &Features, said: Timestamp) -> bool {
        near.iter().any(|at| {
            let fact = &self.memory.facts[*at];
            fact.known.time > said
                && past_values(&fact.text)
                    .iter()
                    .any(|past| is_about(about, past, &fact.features))
        })
    }

    /// Retires older facts whose value is called past. Of those that have no more in common with the words than that
    /// value, only what is said of one thing goes: "the hall is gone" ends not all that ever happened in a hall.
    pub(super) fn retire_past(
        &mut self,
        called_past: &[BTreeSet<String>],
        about: &Features,
        said: Timestamp,
        taken: &mut Vec<usize>,
    ) -> Option<Timestamp> {
        // Most words call nothing past.
        if called_past.is_empty() {
            return None;
        }
        let mut older = self.nearest(about);
        older.retain(|at| {
            let fact = &self.memory.facts[*at];
            fact.known.time <= said && past_values(&fact.text).is_empty()
        });
        let mut going = BTreeSet::new();
        let mut by_value: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for past in called_past {
            for &at in &older {
                let fact = &self.memory.facts[at];
                let within = |part: &str| tells_past(&features(part, self.names), past, about);
                let found = tells_past(&fact.features, past, about);
                let found = found.max(within(main_clause(&fact.text)));
                match found.max(within(first_clause(&fact.text))) {
                    Tells::OfTheSame => {
                        going.insert(at);
                    }
                    Tells::TheValue => {
                        let rest = fact.features.stems.difference(past);
                        by_value.insert(at, rest.cloned().collect());
                    }
                    Tells::Nothing => {}
                }
            }
        }
        let mut rests = by_value.values();
        let one = rests
            .next()
            .is_none_or(|first| rests.all(|rest| rest.iter().any(|stem| first.iter().any(|other| akin(stem, other)))));
        if one {
            going.extend(by_value.into_keys());
        }
        let mut newest = None;
        for at in going {
            newest = newest.max(Some(self.memory.facts[at].known.time));
            self.retire(at);
            self.counts.replaced += 1;
            taken.push(at);
        }
        newest
    }

    /// Counts the facts that a statement took out and that are on another thing, for the guard. That somebody else does
    /// something from now on takes out what was said of one person, not of several.
    pub(super) fn count_unlike(&mut self, about: &Features, taken: &[usize]) {
        let before = taken.iter().filter(|at| **at < self.known);
        let all = before.map(|at| speaks_of(about, &self.memory.facts[*at].features));
        let all: Vec<Subject> = all.collect();
        let count = |of: Subject| all.iter().filter(|subject| **subject == of).count();
        let unlike = count(Subject::Another) + count(Subject::Somebody).saturating_sub(1);
        self.unlike = self.unlike.saturating_add(u32::try_from(unlike).unwrap_or(u32::MAX));
    }
}
