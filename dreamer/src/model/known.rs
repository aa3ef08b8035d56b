//! The lines of memory that have most to do with what a model reads, by BM25.

use std::collections::{BTreeSet, HashMap};

use crate::secrets::Secrets;
use crate::text::words::features;

/// Most lines that a model is shown with a request.
const SHOWN: usize = 12;
/// How soon more of the same word counts no more, and how much a line's length does.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// A line of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    stems: BTreeSet<String>,
}

/// All lines, with what their words are worth.
#[derive(Debug, Default)]
pub(super) struct Known {
    lines: Vec<Line>,
    /// In how many lines a word stands.
    common: HashMap<String, usize>,
    length: f64,
}

impl Known {
    /// Of memory's lines; those that hold a secret are not shown to anybody.
    pub(super) fn new<'a>(
        lines: impl IntoIterator<Item = &'a str>,
        secrets: &Secrets,
        names: &BTreeSet<String>,
    ) -> Self {
        let mut known = Self::default();
        for text in lines.into_iter().filter(|text| !secrets.stand_in(text)) {
            let stems = features(text, names).stems;
            for stem in &stems {
                *known.common.entry(stem.clone()).or_default() += 1;
            }
            known.length += stems.len() as f64;
            known.lines.push(Line {
                text: text.to_owned(),
                stems,
            });
        }
        known
    }

    /// The nearest lines, the nearest first.
    pub(super) fn nearest(&self, to: &BTreeSet<String>) -> Vec<Line> {
        let count = self.lines.len() as f64;
        let average = (self.length / count.max(1.0)).max(1.0);
        let score = |line: &Line| -> f64 {
            let long = K1 * (1.0 - B + B * line.stems.len() as f64 / average);
            let rare = |stem: &String| {
                let of = self.common.get(stem).copied().unwrap_or(0) as f64;
                (1.0 + (count - of + 0.5) / (of + 0.5)).ln() * (K1 + 1.0) / (1.0 + long)
            };
            line.stems.intersection(to).map(rare).sum()
        };
        let mut scored: Vec<(f64, &Line)> = self.lines.iter().map(|line| (score(line), line)).collect();
        scored.retain(|(score, _)| *score > 0.0);
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.text.cmp(&b.1.text)));
        scored.into_iter().take(SHOWN).map(|(_, line)| line.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_tell_more_than_common_ones() {
        let names = BTreeSet::new();
        let lines = [
            "The kiln is fired on Mondays",
            "The glaze recipe lives in recipes/celadon.txt",
            "The kiln is cleaned by the night shift",
            "The kiln needs a permit",
        ];
        let known = Known::new(lines, &Secrets::default(), &names);
        let asked = features("Is the celadon glaze ready before the kiln?", &names).stems;
        assert_eq!(known.nearest(&asked)[0].text, lines[1]);
        assert_eq!(known.nearest(&features("sailing boats", &names).stems), []);
    }

    #[test]
    fn a_line_with_a_secret_is_shown_to_nobody() {
        let names = BTreeSet::new();
        let line = format!("The registry token is tok_{}", "A9xK2mQ7".repeat(2));
        let known = Known::new([line.as_str()], &Secrets::default(), &names);
        assert_eq!(known.nearest(&features("registry token", &names).stems), []);
    }
}
