//! A form that was found: the words around it, and how its date is put in their place.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use regex::{Captures, Match, Regex};

use super::calendar::{DAY_NAMES, month_name};
use super::day;
use super::forms::{AGAIN, AHEAD, BEHIND, NO_PAST, RULED};
use crate::text::clean::pattern;

/// When the words around a form happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tense {
    Behind,
    Ahead,
}

/// A form that was found, and the words around it.
pub(super) struct Form<'a> {
    pub(super) found: &'a Captures<'a>,
    pub(super) said: Timestamp,
    pub(super) today: Date,
    /// What stands before and after it in its sentence.
    pub(super) before: &'a str,
    pub(super) after: &'a str,
    pub(super) whole: &'a str,
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl<'a> Form<'a> {
    pub(super) fn new(found: &'a Captures<'a>, said: Timestamp, text: &'a str) -> Self {
        let (start, end) = found.get(0).map_or((0, 0), |m| (m.start(), m.end()));
        let from = [". ", "! ", "? ", "; ", "\n"]
            .iter()
            .filter_map(|mark| text[..start].rfind(mark).map(|at| at + mark.len()))
            .max();
        let to = [". ", "! ", "? ", "; ", "\n"]
            .iter()
            .filter_map(|mark| text[end..].find(mark))
            .min();
        Self {
            found,
            said,
            today: day(said),
            before: &text[from.unwrap_or(0)..start],
            after: &text[end..to.map_or(text.len(), |at| end + at)],
            whole: &text[from.unwrap_or(0)..to.map_or(text.len(), |at| end + at)],
            text,
            start,
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.found.name(name).is_some()
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.found.name(name).map(|m| m.as_str().to_lowercase())
    }

    pub(super) fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Not part of a name, a path or code, and no word that is quoted.
    pub(super) fn is_word(&self) -> bool {
        let joined = |c: char| "-_/.@#\\$".contains(c);
        let mut after = self.after.chars();
        let next = after.next();
        let goes_on = next.is_some_and(|c| joined(c) || c == '(')
            && after.next().is_some_and(|c| c.is_alphanumeric() || c == ')');
        let last = self.text[..self.start].chars().last();
        let code = self.text[..self.start].matches('`').count() % 2 == 1;
        let quoted = last.is_some_and(|c| "\"'“‘«".contains(c)) && next.is_some_and(|c| "\"'”’»".contains(c));
        !goes_on && !last.is_some_and(joined) && !code && !quoted && !self.is_of_every_week()
    }

    /// "Tuesday is the day on which …", "Friday is when …": each of them.
    fn is_of_every_week(&self) -> bool {
        const SAID: [&str; 7] = [
            " is the day ",
            " is when ",
            " is our ",
            " is always ",
            " is usually ",
            " is a day ",
            " is the one day ",
        ];
        let lower = self.found[0].to_lowercase();
        DAY_NAMES.contains(&lower.as_str()) && SAID.iter().any(|said| self.after.starts_with(said))
    }

    /// "Round the hours up to the next quarter": any time.
    pub(super) fn is_rounded(&self) -> bool {
        static ROUNDS: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"(?i)(?:(?:^|\b(?:we|to|please|always|and) )round\b.*|\brounded\b.*)\bto\s*$"));
        ROUNDS.is_match(self.before)
    }

    /// Whether the form begins a sentence: "Monday" has its capital anywhere.
    pub(super) fn capital(&self) -> bool {
        let goes_on = |c: char| c.is_alphanumeric() || c == ',';
        self.found[0].starts_with(char::is_uppercase) && !self.before.trim_end().ends_with(goes_on)
    }

    pub(super) fn word_before(&self) -> String {
        self.text[..self.start]
            .trim_end()
            .rsplit([' ', '('])
            .next()
            .unwrap_or_default()
            .to_lowercase()
    }

    pub(super) fn word_after(&self) -> &str {
        let after = self.after.trim_start();
        after
            .split(|c: char| c.is_whitespace() || ",.;:!?)".contains(c))
            .next()
            .unwrap_or_default()
    }

    pub(super) fn again(&self) -> bool {
        AGAIN.is_match(self.whole)
    }

    /// "On Friday afternoons", "by Friday for the week after": the same day of every week.
    pub(super) fn is_every_week_by_its_words(&self) -> bool {
        static EVERY: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?i)^\s*(?:mornings|afternoons|evenings|nights|noons|(?:of|in|before|after) (?:every|each|any))\b",
            )
        });
        static FOR_THE_NEXT: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?i)^\s*(?:(?:noon|\d\S*|mornings?|evenings?|nights?) )?for the (?:next|following|coming) (?:day|week|weekend|month|issue|show|shift)\b",
            )
        });
        EVERY.is_match(self.after) || FOR_THE_NEXT.is_match(self.after) && RULED.is_match(self.whole)
    }

    /// "By Friday for the next week", as a rule: the week after that Friday.
    pub(super) fn is_after_a_day(&self) -> bool {
        let of_the_day = |word: &&str| {
            matches!(
                *word,
                "noon" | "midnight" | "morning" | "evening" | "afternoon" | "night"
            )
        };
        let mut words = self.before.split_whitespace().rev();
        let last = words.find(|word| !of_the_day(word)).unwrap_or_default().to_lowercase();
        RULED.is_match(self.whole) && DAY_NAMES.contains(&last.as_str())
    }

    /// "On Friday", whether it is one day or all of them.
    pub(super) fn is_on_a_day(&self) -> bool {
        let limits = ["on", "by", "until", "till", "before", "since"];
        self.get("odw").is_some_and(|word| limits.contains(&word.as_str())) && !self.in_a_range()
    }

    /// By the nearest verb.
    pub(super) fn tense(&self) -> Option<Tense> {
        let at = self.before.len();
        let distance = |m: &Match<'_>| {
            // What stands before it counts more than what stands after it.
            if m.start() <= at {
                at.saturating_sub(m.end())
            } else {
                m.start() - at + 12
            }
        };
        let told: Vec<_> = NO_PAST.find_iter(self.whole).map(|m| m.range()).collect();
        let behind = BEHIND
            .find_iter(self.whole)
            .filter(|m| !told.iter().any(|range| range.contains(&m.start())))
            .map(|m| distance(&m))
            .min();
        let ahead = AHEAD.find_iter(self.whole).map(|m| distance(&m)).min();
        match (behind, ahead) {
            (Some(behind), Some(ahead)) => Some(if behind < ahead { Tense::Behind } else { Tense::Ahead }),
            (Some(_), None) => Some(Tense::Behind),
            (None, Some(_)) => Some(Tense::Ahead),
            (None, None) => None,
        }
    }

    /// A word that can follow a day: "the 3rd floor" is none.
    pub(super) fn ends_here(&self) -> bool {
        const SMALL: &str = "we i you they he she it the our my a an this that these all at in for and but so because when \
                             while is was are were will would to from until till of with by after before instead not now \
                             already please as or then if on there everyone everything nobody no both it's we'll we're";
        let word = self.word_after();
        let next = self.after.trim_start();
        word.is_empty()
            || next.starts_with(|c: char| ",.;:!?)–—(".contains(c))
            || SMALL.split_whitespace().any(|small| small == word.to_lowercase())
            || self.before.trim().is_empty() && word.starts_with(char::is_uppercase)
    }

    /// "Monday to Friday" is no one day.
    pub(super) fn in_a_range(&self) -> bool {
        const PARTS: [&str; 4] = ["early", "mid", "late", "the"];
        let is_day = |word: &str| {
            let word = word.trim_end_matches('s');
            word.len() >= 3
                && (DAY_NAMES.iter().any(|name| name.starts_with(word))
                    || (1..=12).any(|n| month_name(n).to_lowercase().starts_with(word)))
        };
        let joins = |word: &str| {
            matches!(
                word,
                "to" | "through" | "thru" | "and" | "or" | "until" | "till" | "-" | "–" | "&"
            )
        };
        let lower = self.after.to_lowercase();
        let mut after = lower.split_whitespace().filter(|word| !PARTS.contains(word));
        let lower = self.before.to_lowercase();
        let mut before = lower.split_whitespace().rev().filter(|word| !PARTS.contains(word));
        let clean = |word: &str| word.trim_matches(|c: char| !c.is_alphabetic()).to_owned();
        after.next().is_some_and(joins) && after.next().is_some_and(|word| is_day(&clean(word)))
            || before.next().is_some_and(joins) && before.next().is_some_and(|word| is_day(&clean(word)))
    }

    pub(super) fn on(&self, date: impl Into<Option<Date>>) -> Option<String> {
        let date = date.into()?;
        Some(self.with_preposition(&date.to_string()))
    }

    /// The date with the preposition that was found, or "on".
    pub(super) fn on_or(&self, preposition: &str, date: Date) -> Option<String> {
        match self.get(preposition) {
            Some(word) => Some(self.led(&word, &date.to_string())),
            None => self.on(date),
        }
    }

    /// The date with "on" before it, unless another preposition stands there already.
    pub(super) fn with_preposition(&self, date: &str) -> String {
        const JOINED: [&str; 25] = [
            "on",
            "by",
            "until",
            "till",
            "since",
            "from",
            "before",
            "after",
            "of",
            "for",
            "at",
            "than",
            "between",
            "around",
            "about",
            "towards",
            "toward",
            "til",
            "'til",
            "past",
            "starting",
            "effective",
            "through",
            "to",
            "due",
        ];
        let before = self.word_before();
        if self.has("poss") {
            let told = ["the", "our", "a", "this", "that", "my", "their", "its"].contains(&before.as_str());
            return match (told, self.capital()) {
                (true, _) => date.to_owned(),
                (_, true) => format!("The {date}"),
                _ => format!("the {date}"),
            };
        }
        let range = before == "and" && self.before.to_lowercase().contains("between ");
        if range || JOINED.contains(&before.as_str()) {
            return date.to_owned();
        }
        self.led("on", date)
    }

    /// A preposition, with a capital where the form had one.
    pub(super) fn led(&self, word: &str, date: &str) -> String {
        let mut chars = word.chars();
        let first = chars.next().filter(|_| self.capital());
        first.map_or_else(
            || format!("{word} {date}"),
            |first| format!("{}{} {date}", first.to_uppercase(), &word[first.len_utf8()..]),
        )
    }

    /// A span of time with "in" before it, unless another preposition stands there.
    pub(super) fn within(&self, name: &str) -> String {
        let before = self.word_before();
        if self.has("poss") {
            return self.with_preposition(name);
        }
        if [
            "in",
            "by",
            "until",
            "till",
            "since",
            "from",
            "during",
            "for",
            "of",
            "before",
            "after",
            "to",
            "starting",
            "throughout",
            "over",
            "around",
            "than",
            "through",
        ]
        .contains(&before.as_str())
        {
            return name.to_owned();
        }
        self.led("in", name)
    }
}
