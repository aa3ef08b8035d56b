//! Orders to forget: what they name goes, and stays away.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Work;
use super::wanted::Wanted;
use crate::fact::Finding;
use crate::orient::{Author, Fact};
use crate::rules;
use crate::text::words::Features;
use crate::tombstone::Tombstone;

impl Work<'_> {
    /// Takes out what was asked to be forgotten, and keeps it out.
    pub(super) fn forget(&mut self, order: &Finding, time: Timestamp) {
        // "The build is red. Ah, forget it" is no order to forget all builds.
        let thing = rules::thing_of(&order.text).filter(|_| order.mark.asked);
        let texts = std::iter::once(order.text.as_str()).chain(thing);
        let readings: Vec<Wanted> = texts.flat_map(|text| Wanted::readings(text, self.names)).collect();
        let Some(closest) = readings.iter().find(|wanted| !wanted.is_whole()) else {
            self.reasons
                .insert("an order to forget names nothing in particular".to_owned());
            return;
        };
        let found = readings.iter().find(|wanted| self.take_out(wanted, time));
        if found.is_none() && !self.take_out_one_by_one(&order.text, time) {
            self.reasons
                .insert("an order to forget names nothing that memory holds".to_owned());
        }
        let stone = Tombstone::of_name(&found.unwrap_or(closest).about, time, self.dream);
        self.lay(stone);
    }

    /// Whether memory held something of what is named in a row: of each thing one fact, for its word may stand in others.
    fn take_out_one_by_one(&mut self, text: &str, time: Timestamp) -> bool {
        let mut found = false;
        for wanted in Wanted::one_by_one(text, self.names) {
            let told = |fact: &Fact| wanted.share(&fact.text, &fact.features) >= 1.0;
            if self.older(time).filter(|(_, fact)| told(fact)).count() == 1 {
                found |= self.take_out(&wanted, time);
            }
        }
        found
    }

    /// Whether memory held something of what is wanted.
    fn take_out(&mut self, wanted: &Wanted, time: Timestamp) -> bool {
        let scored: Vec<(usize, f32)> = self
            .older(time)
            .map(|(at, fact)| (at, wanted.share(&fact.text, &fact.features)))
            .collect();
        let least = wanted.least(scored.iter().map(|(_, share)| *share).fold(0.0, f32::max));
        let mut meant: BTreeSet<usize> = scored
            .into_iter()
            .filter(|(_, share)| *share >= least)
            .map(|(at, _)| at)
            .collect();
        let names: BTreeSet<String> = meant
            .iter()
            .flat_map(|at| wanted.names_in(&self.memory.facts[*at].features))
            .collect();
        let tells = |fact: &Features| !fact.stems.is_disjoint(&names);
        meant.extend(
            self.older(time)
                .filter(|(_, fact)| tells(&fact.features))
                .map(|(at, _)| at),
        );
        for at in &meant {
            self.retire(*at);
            self.counts.forgotten += 1;
            let stone = Tombstone::of_fact(&self.memory.facts[*at].features, time, self.dream);
            self.lay(stone);
        }
        let mut found = !meant.is_empty();
        for line in &self.memory.foreign {
            let is_meant = wanted.share(&line.line, &line.features) >= least.max(0.6) || tells(&line.features);
            if !is_meant || line.time.is_some_and(|t| t > time) {
                continue;
            }
            found = true;
            if self.pinned.is_pinned(&line.file) {
                self.reasons.insert(format!(
                    "an order to forget names a line in {}, in which nothing may change: it stays",
                    line.file
                ));
            } else if line.author == Author::Person {
                self.reasons.insert(format!(
                    "an order to forget names a line that a person wrote in {}: it stays",
                    line.file
                ));
            } else if self.memory.dropped.insert((line.file.clone(), line.line.clone())) {
                self.counts.forgotten += 1;
            }
        }
        found
    }

    /// The facts there are that were said no later.
    fn older(&self, time: Timestamp) -> impl Iterator<Item = (usize, &Fact)> {
        let facts = self.memory.facts.iter().enumerate();
        // A fact from the future is older than its clock said.
        let old = move |fact: &Fact| fact.known.time <= time || fact.known.time > self.now;
        facts.filter(move |(at, fact)| self.alive[*at] && old(fact))
    }

    pub(super) fn lay(&mut self, stone: Tombstone) {
        let same = |t: &Tombstone| t.pairs == stone.pairs && t.named == stone.named && t.time >= stone.time;
        if !self.tombstones.iter().any(same) {
            self.tombstones.push(stone);
        }
    }
}
