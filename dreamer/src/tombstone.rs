//! What was deleted on purpose and must not come back from older words. Hashes only: nobody reads it back.

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ledger::{Known, hash, short_hash};
use crate::orient::{Author, Removed};
use crate::render;
use crate::text::words::{Features, features};

/// Something forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// Hashes of pairs of words of the fact; half of them together are the fact in other words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<String>,
    /// Hashes of the words that named it; all of them together name it again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<String>,
    /// When it was forgotten: words after that may bring it back.
    pub time: Timestamp,
    /// The Dream that laid it; empty where a person took the fact out: that no undo takes back.
    pub dream: String,
}

/// Lays stones for the facts of Dreams that a person took out: older words must not bring them back.
pub(crate) fn lay_for_deletions(
    stones: &mut Vec<Tombstone>,
    removed: &[Removed],
    facts: &[Known],
    names: &BTreeSet<String>,
) {
    let by_dreams: HashSet<&str> = facts.iter().map(|known| known.line.as_str()).collect();
    for removed in removed.iter().filter(|removed| removed.author == Author::Person) {
        if !by_dreams.contains(hash(&removed.line).as_str()) {
            continue;
        }
        let text = render::without_suffix(&removed.line);
        let stone = Tombstone::of_fact(&features(text, names), removed.time, "");
        if !stones.iter().any(|t| t.pairs == stone.pairs && t.time >= stone.time) {
            stones.push(stone);
        }
    }
}

impl Tombstone {
    /// For a fact that was removed.
    pub fn of_fact(fact: &Features, time: Timestamp, dream: &str) -> Self {
        Self {
            pairs: pairs(fact),
            named: Vec::new(),
            time,
            dream: dream.to_owned(),
        }
    }

    /// For what was named, whether anything was known of it or not.
    pub fn of_name(target: &Features, time: Timestamp, dream: &str) -> Self {
        let mut named: Vec<String> = target.stems.iter().map(|stem| word(stem)).collect();
        named.sort();
        named.dedup();
        Self {
            pairs: Vec::new(),
            named,
            time,
            dream: dream.to_owned(),
        }
    }

    /// Whether a fact is what was forgotten.
    fn is_of(&self, fact: &Fingerprint) -> bool {
        if !self.named.is_empty() {
            return self.named.iter().all(|name| fact.words.contains(name));
        }
        let own = &fact.pairs;
        let shared = own.iter().filter(|pair| self.pairs.binary_search(pair).is_ok()).count();
        let smaller = own.len().min(self.pairs.len());
        smaller > 0 && shared * 2 >= smaller
    }
}

/// What stones know a fact by.
struct Fingerprint {
    words: HashSet<String>,
    pairs: Vec<String>,
}

impl Fingerprint {
    fn of(fact: &Features) -> Self {
        Self {
            words: fact.stems.iter().map(|stem| word(stem)).collect(),
            pairs: pairs(fact),
        }
    }
}

/// Whether one of the stones keeps a fact out that was said at `said`; without it, whenever that was.
pub(crate) fn keep_out(stones: &[Tombstone], fact: &Features, said: Option<Timestamp>) -> bool {
    let mut newer = stones
        .iter()
        .filter(|stone| said.is_none_or(|said| said <= stone.time))
        .peekable();
    if newer.peek().is_none() {
        return false;
    }
    let fact = Fingerprint::of(fact);
    newer.any(|stone| stone.is_of(&fact))
}

/// A word's beginning, so that its forms meet.
fn word(stem: &str) -> String {
    let start: String = stem.chars().take(5).collect();
    short_hash(format!("word:{start}").as_bytes(), 5)
}

fn pairs(fact: &Features) -> Vec<String> {
    let stems: Vec<&String> = fact.stems.iter().collect();
    let mut out = Vec::new();
    for (at, first) in stems.iter().enumerate() {
        for second in &stems[at + 1..] {
            out.push(short_hash(format!("pair:{first}\n{second}").as_bytes(), 5));
        }
    }
    if let [only] = stems.as_slice() {
        out.push(short_hash(format!("pair:{only}").as_bytes(), 5));
    }
    out.sort();
    out.dedup();
    // A long fact is known by some of its pairs as well as by all of them.
    out.truncate(120);
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn older_words_stay_out_and_newer_ones_come_back() {
        let of = |text: &str| features(text, &BTreeSet::new());
        let at = |day: &str| format!("2026-05-{day}T00:00:00Z").parse::<Timestamp>().unwrap();
        let stone = Tombstone::of_fact(&of("My locker code word is Larkspur in hall Tarrin"), at("10"), "d");
        let again = of("The locker in hall Tarrin has the code word Larkspur");
        let blocks = |stone: &Tombstone, fact: &Features, said: Option<&str>| {
            keep_out(std::slice::from_ref(stone), fact, said.map(at))
        };
        assert!(blocks(&stone, &again, Some("09")) && blocks(&stone, &again, None));
        assert!(!blocks(&stone, &again, Some("11")));
        assert!(!blocks(&stone, &of("The hall opens at nine"), Some("09")));
        let named = Tombstone::of_name(&of("the acquisition"), at("10"), "d");
        assert!(blocks(&named, &of("We will acquire Quillfort"), Some("09")));
        // The newer of two stones holds, whichever was laid first.
        let older = Tombstone::of_name(&of("the press"), at("08"), "d");
        for stones in [[older.clone(), named.clone()], [named, older]] {
            let sold = of("We will acquire Quillfort");
            assert!(keep_out(&stones, &sold, Some(at("09"))) && !keep_out(&stones, &sold, Some(at("11"))));
        }
        let text = serde_json::to_string(&stone).unwrap();
        assert!(!text.to_lowercase().contains("larkspur"));
    }
}
