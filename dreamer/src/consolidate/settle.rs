//! Contradictions: which side stands, which goes, and when both stay.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Work;
use super::question::{first_clause, is_about, main_clause, values_of};
use crate::fact::{Candidate, Finding, Mark, Op, Source, Trust};
use crate::law::{Law, Otherwise};
use crate::ledger::{Known, hash};
use crate::orient::{Author, Foreign};
use crate::similar::{Relation, relation};
use crate::text::past::past_values;
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

fn says_otherwise(law: &Law) -> String {
    format!("a line that a person wrote in {} says otherwise", law.file)
}

/// What settling contradictions came to.
#[derive(Default)]
pub(super) struct Settled {
    /// The candidate is the one that is out.
    pub(super) out: bool,
    /// When the newest of what it replaced was said.
    pub(super) replaced: Option<Timestamp>,
    /// The disagreement it joins.
    pub(super) group: Option<String>,
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
            let over = self.memory.laws.iter().find(|law| {
                outranks(law, mark, fact.known.time)
                    && (law.against(&fact.features) == Some(Otherwise::Surely) || law.turns(&fact.text, self.names))
            });
            if let Some(law) = over {
                self.reasons.insert(says_otherwise(law));
                self.retire(at);
                self.counts.replaced += 1;
            }
        }
    }

    /// Values that people's lines overrule: the same old fact comes in other words, too.
    pub(super) fn find_outranked(&mut self, candidates: &[&Candidate]) {
        if self.memory.laws.is_empty() {
            return;
        }
        for candidate in candidates.iter().filter(|c| c.finding.op == Op::State) {
            let about = features(&candidate.finding.text, self.names);
            for law in self.memory.laws.iter().filter(|law| law.against(&about).is_some()) {
                self.outranked.push(Outranked {
                    values: law.overrules(&about, tells),
                    subject: about.subject.clone(),
                });
            }
        }
    }

    /// A line that a person wrote outranks older words, and newer ones that mark no change.
    pub(super) fn overruled(&mut self, finding: &Finding, about: &Features, said: Timestamp) -> bool {
        let known = |line: &Foreign| matches!(relation(about, &line.features), Relation::Same(_));
        if self.memory.foreign.iter().any(known) {
            return true;
        }
        let mut laws = self.memory.laws.iter();
        if let Some(law) = laws.find(|law| outranks(law, finding.mark, said) && law.against(about).is_some()) {
            self.reasons.insert(says_otherwise(law));
            return true;
        }
        let named = values_of(about, tells);
        let of_the_same = |out: &Outranked| about.subject.iter().any(|s| out.subject.contains(s));
        // A value is known again where nothing marks it as one, if it is said of the same.
        let is_out = |out: &Outranked| {
            !named.is_disjoint(&out.values) || !about.stems.is_disjoint(&out.values) && of_the_same(out)
        };
        !finding.mark.asked && !finding.mark.change && self.outranked.iter().any(is_out)
    }

    /// Settles contradictions with what memory holds.
    pub(super) fn settle(&mut self, finding: &Finding, source: &Source, against: &[usize]) -> Settled {
        let mut settled = Settled::default();
        let mut disagree = Vec::new();
        for &at in against {
            let other = &self.memory.facts[at].known;
            let by = other.sources.last().map(|s| &s.session.agent);
            let newer = if other.time > source.time {
                other.mark
            } else {
                finding.mark
            };
            let orders = finding.mark.order || other.mark.order;
            let asked = finding.mark.asked || other.mark.asked;
            let decides = orders || newer.change || by == Some(&source.session.agent);
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

    /// Takes out the lines of agents that a person's newer words contradict; when the newest of them was written. A line
    /// that says more than that stays: the rest of it would be lost.
    pub(super) fn supersede_notes(&mut self, about: &Features, source: &Source) -> Option<Timestamp> {
        if source.trust != Trust::Typed {
            return None;
        }
        let mut newest = None;
        for line in self.memory.foreign.iter().filter(|line| line.author == Author::Agent) {
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

    /// Retires older facts whose value this text names as past.
    pub(super) fn retire_past(&mut self, text: &str, about: &Features, said: Timestamp) -> Option<Timestamp> {
        let mut newest = None;
        for past in past_values(text) {
            for at in self.nearest(about) {
                let fact = &self.memory.facts[at];
                let within = |part: &str| is_about(&features(part, self.names), &past, about);
                let ordered = || within(main_clause(&fact.text)) || within(first_clause(&fact.text));
                if fact.known.time <= said
                    && (is_about(&fact.features, &past, about) || ordered())
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
}
