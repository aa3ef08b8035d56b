//! Questions, and what answers them by plain look-up: patterns that stand together in one line.

use std::fmt::Write as _;

use anyhow::Result;
use serde_json::Value;

use super::pack::text;
use super::pattern::Pattern;
use super::transcript::Raw;
use crate::table::share;

/// What an agent reads at its start, and so what all ways of remembering may take.
pub(super) const BYTES: u64 = 25_600;

/// A question, as what has to be found for its answer.
pub(super) struct Question {
    pub(super) id: String,
    /// Each stands together in some line.
    groups: Vec<Vec<Pattern>>,
}

impl Question {
    /// `groups` is a list of patterns for one line, or a list of such lists.
    pub(super) fn new(id: &str, groups: &Value) -> Result<Self> {
        let all = groups.as_array().map_or(&[][..], Vec::as_slice);
        let one = |group: &[Value]| {
            group
                .iter()
                .map(|part| Pattern::new(&text(part)))
                .collect::<Result<Vec<_>>>()
        };
        let groups = if all.iter().all(Value::is_array) {
            all.iter()
                .map(|group| one(group.as_array().map_or(&[][..], Vec::as_slice)))
                .collect::<Result<_>>()?
        } else {
            vec![one(all)?]
        };
        Ok(Self {
            id: id.to_owned(),
            groups,
        })
    }

    /// Whether a line answers it, or a part of it.
    pub(super) fn needs(&self, line: &str) -> bool {
        self.groups
            .iter()
            .any(|group| group.iter().all(|part| part.is_match(line)))
    }

    pub(super) fn is_answered_by(&self, lines: &[String]) -> bool {
        let found = |group: &Vec<Pattern>| lines.iter().any(|line| group.iter().all(|part| part.is_match(line)));
        !self.groups.is_empty() && self.groups.iter().all(found)
    }
}

/// What the questions are answered from at the end, each within the same bytes.
pub(super) struct Ways<'a> {
    /// Lines of the memory after the dreams.
    pub(super) dreamt: &'a [String],
    /// Lines of the memory that there was without dreams.
    pub(super) without: &'a [String],
    /// All that was said.
    pub(super) raw: &'a Raw,
}

/// A table of how many questions each way answers, and which the memory does not.
pub(super) fn compare(title: &str, questions: &[&Question], ways: &Ways<'_>) -> String {
    let bytes = BYTES as usize;
    let rows = [
        ("the memory after the dreams", ways.dreamt.to_vec()),
        ("the memory without a dream", ways.without.to_vec()),
        ("the newest 25 KB of what was said", ways.raw.newest_words(bytes)),
        ("the newest 25 KB of raw transcript", ways.raw.newest(bytes)),
    ];
    let mut out = format!("| {title}, answered by | questions | 95% interval |\n|---|---|---|\n");
    for (way, lines) in rows {
        let answered = questions.iter().filter(|q| q.is_answered_by(&lines)).count();
        let _ = writeln!(out, "| {way} | {} |", share(answered, questions.len()));
    }
    let missed = questions.iter().filter(|q| !q.is_answered_by(ways.dreamt));
    let missed: Vec<&str> = missed.map(|q| q.id.as_str()).collect();
    if !missed.is_empty() {
        println!("not answered by the memory: {}", missed.join(", "));
    }
    out
}

/// Lines of a memory that nobody's words bear out: no message holds all of their numbers and most of their words.
pub(super) fn unsupported(lines: &[String], said: &[String]) -> usize {
    let messages: Vec<Vec<String>> = said.iter().map(|message| words(message)).collect();
    let borne_out = |line: &String| {
        let line = words(&without_days(line));
        messages.iter().any(|message| {
            let has = |word: &&String| message.contains(word);
            let numbers = line.iter().filter(|word| word.chars().all(|c| c.is_ascii_digit()));
            numbers.clone().all(|word| message.contains(word)) && 5 * line.iter().filter(has).count() >= 3 * line.len()
        })
    };
    let all = lines.iter().filter(|line| !borne_out(line));
    all.inspect(|line| println!("nobody said: {line}")).count()
}

/// A line without the bracket that tells when it was said, and without days: what was told as "yesterday" is a date there.
fn without_days(line: &str) -> String {
    let text = match line.rfind(" (") {
        Some(at) if line.ends_with(')') => &line[..at],
        _ => line,
    };
    let is_day = |word: &str| word.len() >= 10 && word[..10].split('-').map(str::len).eq([4, 2, 2]);
    let words = text
        .split(' ')
        .filter(|word| !(word.is_char_boundary(10.min(word.len())) && is_day(word)));
    words.collect::<Vec<_>>().join(" ")
}

/// Beginnings of the words of a text, and its numbers.
fn words(text: &str) -> Vec<String> {
    let all = text.split(|c: char| !c.is_alphanumeric());
    let said = all.filter(|word| word.len() > 2 || word.chars().any(|c| c.is_ascii_digit()));
    said.map(|word| word.to_lowercase().chars().take(5).collect()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_question_is_answered_by_lines_that_hold_all_of_it() {
        let lines = |all: &[&str]| all.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let two = Question::new("q", &json!([["kiln", "900"], ["vat"]])).unwrap();
        assert!(two.is_answered_by(&lines(&["the kiln takes 900", "a vat"])));
        assert!(!two.is_answered_by(&lines(&["the kiln", "900 vats"])));
        assert!(two.needs("a vat") && !two.needs("900"));
        let one = Question::new("q", &json!(["kiln", "900"])).unwrap();
        assert!(one.is_answered_by(&lines(&["kiln: 900"])));
    }

    #[test]
    fn a_line_that_nobody_said_is_found() {
        let said = ["the kiln is fired at 900 degrees by Marta".to_owned()];
        let lines = |line: &str| [line.to_owned()];
        assert_eq!(
            unsupported(&lines("- The kiln is fired at 900 degrees (2026-05-04)"), &said),
            0
        );
        assert_eq!(unsupported(&lines("- The kiln is fired at 800 degrees"), &said), 1);
        assert_eq!(unsupported(&lines("- Marta owns the boat and the harbour"), &said), 1);
    }
}
