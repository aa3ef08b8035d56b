//! Contradictions: which side stands, which goes, and when both stay.

use jiff::Timestamp;

use super::Work;
use super::question::{is_about, past_values, same_question, values_of};
use crate::fact::{Candidate, Finding, Op, Source, Trust};
use crate::ledger::hash;
use crate::orient::Author;
use crate::similar::{Relation, relation};
use crate::text::words::{Features, Value, akin, features};

/// Values that an agent's line may have for itself: those that are no longer true.
const OWN_VALUES: usize = 2;

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

impl Work<'_> {
    /// Values that people's lines overrule: the same old fact comes in other words, too.
    pub(super) fn find_outranked(&mut self, candidates: &[&Candidate]) {
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

    /// A line that a person wrote outranks older words, and newer ones that mark no change.
    pub(super) fn overruled(&mut self, finding: &Finding, about: &Features, said: Timestamp) -> bool {
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
}
