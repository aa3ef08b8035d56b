//! The words a model is asked with. A prompt's file is never changed once it was used: a new text is a new version.

use std::fmt::Write as _;

use super::known::Line;
use super::passages::Passage;
use crate::dates::day;

/// The prompt's version, as the record names it.
pub const VERSION: &str = "extract-1";

/// What a model is to do.
pub(super) const SYSTEM: &str = include_str!("prompts/extract-1.md");

/// What it is to do it with.
pub(super) fn user(passages: &[Passage], known: &[Line], orders: Option<&str>) -> String {
    let mut out = String::new();
    if !known.is_empty() {
        out.push_str("Known:\n");
        for (at, line) in known.iter().enumerate() {
            let _ = writeln!(out, "{}. {}", at + 1, one_line(&line.text));
        }
        out.push('\n');
    }
    if let Some(orders) = orders {
        let _ = writeln!(out, "Orders:\n{}\n", orders.trim());
    }
    out.push_str("Passages:\n");
    for (at, passage) in passages.iter().enumerate() {
        let _ = writeln!(
            out,
            "[{}] ({}) {}",
            at + 1,
            day(passage.source.time),
            one_line(&passage.text)
        );
    }
    out
}

/// On one line, so that no passage can pass for several.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::short_hash;

    #[test]
    fn a_version_has_the_words_that_it_had_when_it_was_used() {
        let words = short_hash(SYSTEM.as_bytes(), 8);
        assert_eq!((VERSION, words.as_str()), ("extract-1", "6dc5e2907c7f94ea"));
    }
}
