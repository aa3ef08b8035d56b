//! A set of slot numbers as runs: nearly all slots of an old log end up in one.

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use crate::id::Seq;

/// A set of slot numbers. Serialised as `[[first, last], …]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeqSet {
    /// First of each run to its last; runs neither touch nor overlap.
    runs: OrdMap<Seq, Seq>,
}

impl SeqSet {
    /// Whether `seq` is in it.
    pub fn contains(&self, seq: Seq) -> bool {
        self.run_at(seq).is_some_and(|(_, last)| seq <= last)
    }

    /// Adds one number.
    pub fn insert(&mut self, seq: Seq) {
        self.insert_run(seq, seq);
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The runs, `(first, last)`, rising.
    pub fn runs(&self) -> impl Iterator<Item = (Seq, Seq)> {
        self.runs.iter().map(|(first, last)| (*first, *last))
    }

    /// The numbers from 1 to `last` that are not in it.
    pub fn missing(&self, last: Seq) -> impl Iterator<Item = Seq> {
        let firsts = std::iter::once(1).chain(self.runs().map(|(_, end)| end + 1));
        let ends = self.runs().map(|(first, _)| first).chain(std::iter::once(last + 1));
        firsts.zip(ends).flat_map(move |(first, end)| first..end.min(last + 1))
    }

    fn run_at(&self, seq: Seq) -> Option<(Seq, Seq)> {
        self.runs.get_prev(&seq).map(|(first, last)| (*first, *last))
    }

    fn insert_run(&mut self, mut first: Seq, mut last: Seq) {
        if let Some((before, end)) = self.run_at(first)
            && end + 1 >= first
        {
            first = before;
            last = last.max(end);
        }
        while let Some((next, end)) = self.runs.get_next(&first).map(|(n, e)| (*n, *e))
            && next <= last + 1
        {
            self.runs.remove(&next);
            last = last.max(end);
        }
        self.runs.insert(first, last);
    }
}

impl FromIterator<Seq> for SeqSet {
    fn from_iter<T: IntoIterator<Item = Seq>>(iter: T) -> Self {
        let mut set = Self::default();
        iter.into_iter().for_each(|seq| set.insert(seq));
        set
    }
}

impl Serialize for SeqSet {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.runs())
    }
}

impl<'de> Deserialize<'de> for SeqSet {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let mut set = Self::default();
        for (first, last) in Vec::<(Seq, Seq)>::deserialize(d)? {
            if first == 0 || first > last || last == Seq::MAX {
                return Err(serde::de::Error::custom(format!(
                    "[{first}, {last}] is no run of slots"
                )));
            }
            set.insert_run(first, last);
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn behaves_as_a_set_and_keeps_runs_apart(seqs in prop::collection::vec(1u64..40, 0..60)) {
            let set: SeqSet = seqs.iter().copied().collect();
            let plain: BTreeSet<Seq> = seqs.into_iter().collect();
            for seq in 1..45 {
                prop_assert_eq!(set.contains(seq), plain.contains(&seq));
            }
            let missing: Vec<Seq> = (1..=42).filter(|s| !plain.contains(s)).collect();
            prop_assert_eq!(set.missing(42).collect::<Vec<_>>(), missing);
            let runs: Vec<_> = set.runs().collect();
            prop_assert!(runs.windows(2).all(|w| w[0].1 + 1 < w[1].0));
            let again: SeqSet = serde_json::from_str(&serde_json::to_string(&set).unwrap()).unwrap();
            prop_assert_eq!(again, set);
        }
    }

    #[test]
    fn a_damaged_run_is_refused() {
        for bad in ["[[0,3]]", "[[5,4]]", "[[1,18446744073709551615]]"] {
            assert!(serde_json::from_str::<SeqSet>(bad).is_err(), "{bad}");
        }
    }
}
