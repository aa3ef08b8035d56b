//! Patterns of packs, written as for Python's `re`: without regard to case, a dot is any letter, and they may look ahead
//! and behind.

use anyhow::{Context, Result};
use fancy_regex::{Regex, RegexBuilder};

/// Attempts at one place; a pattern that takes more does not match there.
const ATTEMPTS: usize = 10_000_000;

/// A pattern.
pub(super) struct Pattern(Regex);

impl Pattern {
    /// Of its text.
    pub(super) fn new(text: &str) -> Result<Self> {
        let mut builder = RegexBuilder::new(text);
        let built = builder
            .case_insensitive(true)
            .dot_matches_new_line(true)
            .backtrack_limit(ATTEMPTS)
            .build();
        built.map(Self).with_context(|| format!("the pattern {text}"))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.as_str().is_empty()
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.first(text).is_some()
    }

    /// The first stretch that matches.
    pub(super) fn first<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.0.find(text).ok().flatten().map(|found| found.as_str())
    }

    /// Where matches begin.
    pub(super) fn starts(&self, text: &str) -> Vec<usize> {
        let found = self.0.find_iter(text).map_while(std::result::Result::ok);
        found.map(|found| found.start()).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn patterns_look_around() {
        let pattern = Pattern::new(r"\bkiln\b(?!\.md)").unwrap();
        assert!(pattern.is_match("the Kiln is hot") && !pattern.is_match("see kiln.md"));
        assert_eq!(pattern.starts("kiln.md kiln KILN"), [8, 13]);
        assert!(Pattern::new("kiln(").is_err());
    }
}
