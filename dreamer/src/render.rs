//! How a fact stands in its file: the text and, in brackets, when it was said and what it replaces or contradicts.

use std::sync::LazyLock;

use jiff::Timestamp;
use regex::Regex;

use crate::dates::day;
use crate::ledger::Known;
use crate::text::clean::pattern;

/// Someone who says otherwise, and when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Other {
    /// The agent whose session it was said in.
    pub agent: String,
    /// When.
    pub time: Timestamp,
}

/// The bracket after a fact.
pub(crate) fn suffix(known: &Known, against: &[Other]) -> String {
    let said = day(known.time);
    if !against.is_empty() {
        let agent = plain(known.sources.last().map_or("", |s| s.session.agent.as_str()));
        let others: Vec<String> = against
            .iter()
            .map(|o| format!("{}, {}", plain(&o.agent), day(o.time)))
            .collect();
        return format!(" ({agent}, {said}; unresolved, disagrees with {})", others.join("; "));
    }
    match known.replaces {
        Some(old) if day(old) != said => format!(" ({said}; replaces a statement of {})", day(old)),
        Some(_) => format!(" ({said}; replaces an earlier statement)"),
        None if known.mark.change => format!(" ({said}; a change from before)"),
        None => format!(" ({said})"),
    }
}

/// An agent's name as it can stand in a bracket: it may be that of any folder.
fn plain(agent: &str) -> String {
    let odd = |c: char| c.is_control() || matches!(c, '(' | ')');
    let name = agent.replace(odd, "");
    match name.trim() {
        "" => "agent".to_owned(),
        name => name.to_owned(),
    }
}

/// The line of a fact.
pub(crate) fn line(text: &str, known: &Known, against: &[Other]) -> String {
    format!("{text}{}", suffix(known, against))
}

/// A line without its bracket, whatever it says.
pub(crate) fn without_suffix(line: &str) -> &str {
    static SUFFIX: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r" \((?:[^()]+, )?\d{4}-\d\d-\d\d(?:; (?:replaces an? [^()]*|a change from before|unresolved, disagrees with [^()]*))?\)$",
        )
    });
    SUFFIX.find(line).map_or(line, |found| &line[..found.start()])
}
