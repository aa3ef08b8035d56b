//! Orders to forget: what they name goes, and stays away.

use jiff::Timestamp;

use super::Work;
use crate::orient::{Author, Fact};
use crate::text::words::{Features, akin, features};
use crate::tombstone::Tombstone;

/// Stems of words that say what of a thing is meant, not which thing.
const ASPECTS: [&str; 20] = [
    "name", "detail", "talk", "story", "topic", "matter", "bit", "part", "info", "inform", "subject", "fact", "title",
    "news", "plan", "thing", "arrange", "locat", "place", "address",
];

impl Work<'_> {
    /// Takes out what was asked to be forgotten, and keeps it out.
    pub(super) fn forget(&mut self, target: &str, time: Timestamp) {
        let mut wanted = features(target, self.names);
        // "The name of the sequel", "the takeover talks": it is the sequel, the takeover, that goes.
        let telling = |stem: &String| !ASPECTS.contains(&stem.as_str());
        if wanted.stems.iter().any(telling) {
            wanted.stems.retain(telling);
            wanted.subject.retain(telling);
        }
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
        // A fact from the future is older than its clock said.
        let old = |fact: &Fact| fact.known.time <= time || fact.known.time > self.now;
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

    pub(super) fn lay(&mut self, stone: Tombstone) {
        let same = |t: &Tombstone| t.pairs == stone.pairs && t.named == stone.named && t.time >= stone.time;
        if !self.tombstones.iter().any(same) {
            self.tombstones.push(stone);
        }
    }
}
