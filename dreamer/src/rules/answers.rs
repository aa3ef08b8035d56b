//! What an agent answers: the words of a question, or of a choice, say what its few words are about.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::claim::bears_out_any;
use super::evidence::ToolResult;
use super::grounded::{agents_words, is_general, is_talk, says_how_things_are};
use super::passing::is_passing;
use super::suspect::Suspect;
use super::{is_question, label, tidy};
use crate::fact::{Finding, Kind, Mark, Op};
use crate::text::clean::pattern;
use crate::text::sentence;
use crate::text::words::{Value, features};

/// Longest question that is taken into a fact, and longest answer without a verb, in words.
const QUESTION: usize = 18;
const FRAGMENT: usize = 14;

/// What a person said last, until the agent answered.
#[derive(Debug, Default)]
pub struct Asked {
    question: Option<String>,
    /// In how many more messages of the agent the answer may stand.
    left: u8,
    /// A tool showed something since.
    shown: bool,
    /// The last two messages, the newest last.
    said: Vec<String>,
    /// What the agent asked last, with the answers to choose from.
    offer: Option<String>,
    /// What it asked and a person chose since their last message.
    chosen: Vec<(String, String)>,
}

/// Questions that something answers for longer than a day.
static ASKS_FOR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:on|in|at|from|to|by|under|for|with) )?(?:what|which|where|when|who|whose|how (?:many|much|long|often|big|large|old|far|high|do(?:es)?|is|are))\b|\bor\b",
    )
});
static ASKS_ABOUT_A_FAULT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:why|happens?|happened|wrong|fail\w*|broken?|breaks?|errors?|fix|bugs?|slow|crash\w*|did|was|were|you|next|left|todo|status|changed|think|mean)\b",
    )
});
/// A question about something that only another sentence names.
static POINTS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:it|its|it's|they|them|their|this|these|those|he|him|his|she|her)\b"));
static BEGINS_WITH_A_PRONOUN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:it|they|that|this|these|those|both)(?:'s| is| are)? "));
/// "Decided: …" takes up what a person chose.
static TAKES_UP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:so|ok(?:ay)?|good|right|fine|then|all right)[,.:]? )*(?:decided|agreed|settled|decision|chosen|(?:it|that)(?: i|')s (?:decided|settled|agreed))(?: then)?\s*[:,–—-]+\s+",
    )
});

/// "OK, …": what a sentence begins with that takes a choice up.
static LEAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:so|ok(?:ay)?|good|right|great|fine|then|all right|sure|thanks|understood|noted|perfect|got it|decided|agreed|settled)[,.:!–—-]+\s*)+",
    )
});
/// A question on what the agent is to do now.
static OF_THE_WORK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:i|i'll|i'd|me|my|now|first|next|continue|proceed|start|begin|fix|retry|rerun|session)\b")
});
static DENIES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:not|never|no|none|nor|without|instead|rather|cannot|unless|except)\b|n['’]t\b")
});

impl Asked {
    /// A person typed something; `last` is its last sentence.
    pub fn typed(&mut self, own: &str, last: Option<&str>) {
        self.chosen.clear();
        // "SQLite", after "Postgres or SQLite?"
        let offer = self.offer.take().filter(|offer| is_one_of(own, offer));
        if let Some(question) = offer {
            self.chosen.push((question, own.to_owned()));
        }
        self.shown = false;
        self.left = 4;
        self.question = last
            .filter(|last| is_question(last) || own.trim_end().ends_with('?') && own.contains(last))
            .map(|last| {
                label::strip(last)
                    .text
                    .trim_end_matches(['?', ' ', '.', '!'])
                    .to_owned()
            });
        if self.said.len() > 1 {
            self.said.remove(0);
        }
        self.said.push(own.to_owned());
    }

    /// A person chose one of the answers that the agent laid before them.
    pub fn chose(&mut self, question: &str, answer: &str) {
        self.left = 4;
        self.chosen.push((question.to_owned(), answer.to_owned()));
    }

    /// The agent said something: it may end with a question.
    pub fn said(&mut self, text: &str) {
        let words = if text.trim_end().ends_with('?') {
            agents_words(text)
        } else {
            String::new()
        };
        self.offer = sentence::split(&words)
            .last()
            .filter(|last| last.ends_with('?') && last.contains(" or "))
            .map(|last| (*last).to_owned());
    }

    /// A local tool showed something.
    pub fn shown(&mut self) {
        self.shown = true;
    }

    /// What an agent's own words (`agents_words`) say in answer, where a result bears it out.
    pub fn answer(&mut self, words: &str, results: &[&ToolResult], suspect: &Suspect) -> Option<Finding> {
        let sentences = sentence::split(words);
        self.left = self.left.saturating_sub(1);
        let found = match &self.question {
            Some(question) if self.shown && self.left > 0 => {
                answered(question, &sentences, results).map(|text| (text, 1))
            }
            Some(_) => None,
            None => self.taken_up(&sentences),
        };
        let found = found.or_else(|| Some((self.choice(&sentences)?, 1)));
        let (text, earlier) = found.map(|(text, earlier)| (tidy(&text), earlier))?;
        self.question = None;
        (!suspect.told(&text)).then(|| Finding {
            op: Op::State,
            text,
            kind: Kind::Project,
            importance: 4,
            mark: Mark {
                earlier,
                ..Mark::default()
            },
        })
    }

    /// "OK, the vats are painted blue", after "red or blue?" and "blue": a choice that a sentence of the agent tells whole, and
    /// nothing beside it.
    fn choice(&self, sentences: &[&str]) -> Option<String> {
        let none = BTreeSet::new();
        let told = |sentence: &&str| {
            let text = &sentence[LEAD.find(sentence).map_or(0, |lead| lead.end())..];
            if !is_general(text) {
                return None;
            }
            let so = DENIES.find(text).map_or(text, |no| &text[..no.start()]);
            let (all, so) = (features(text, &none).stems, words_of(so));
            let says = |(question, answer): &&(String, String)| {
                let chosen = words_of(answer);
                let mut known = features(question, &none).stems;
                known.extend(features(answer, &none).stems);
                !chosen.is_empty()
                    && chosen.is_subset(&so)
                    && all.is_subset(&known)
                    && !OF_THE_WORK.is_match(question)
                    && !is_passing(question)
            };
            self.chosen.iter().find(says).map(|_| text.to_owned())
        };
        (self.left > 0 && !self.chosen.is_empty())
            .then(|| sentences.iter().take(2).find_map(told))
            .flatten()
    }

    /// "Decided: the vats are painted blue, not red", after "red or blue?" and "blue then"; and how many of these say it.
    fn taken_up(&self, sentences: &[&str]) -> Option<(String, u8)> {
        let first = sentences.first()?;
        let text = &first[TAKES_UP.find(first)?.end()..];
        let chosen = self.said.last().is_some_and(|last| !last.trim_end().ends_with('?'));
        let borne_out = |said: &[String]| bears_out_any(&[&ToolResult::new("", &said.join("\n"))], text);
        if !chosen || !is_general(text) || !borne_out(&self.said) {
            return None;
        }
        let alone = self
            .said
            .last()
            .is_some_and(|last| borne_out(std::slice::from_ref(last)));
        Some((text.to_owned(), if alone { 1 } else { self.said.len() as u8 }))
    }
}

/// Whether a few words are one of the answers that a question names.
fn is_one_of(own: &str, question: &str) -> bool {
    let chosen = words_of(own);
    let offered = words_of(question);
    (1..=4).contains(&chosen.len())
        && own.split_whitespace().count() <= 6
        && !own.contains('?')
        && !DENIES.is_match(own)
        && chosen.is_subset(&offered)
}

/// The words of an answer, in small letters, without those that only lead up to it.
fn words_of(text: &str) -> BTreeSet<String> {
    const LEADS: [&str; 22] = [
        "the",
        "a",
        "an",
        "then",
        "please",
        "let",
        "let's",
        "lets",
        "go",
        "with",
        "use",
        "take",
        "ok",
        "okay",
        "and",
        "of",
        "to",
        "in",
        "on",
        "for",
        "it",
        "recommended",
    ];
    let words = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '.' | '+' | '#' | '_')));
    let words = words.map(|word| word.trim_matches(['.', '\'', '_']).to_lowercase());
    words
        .filter(|word| !word.is_empty() && !LEADS.contains(&word.as_str()))
        .collect()
}

/// The question with its answer, where the answer alone would not say what it is about.
fn answered(question: &str, sentences: &[&str], results: &[&ToolResult]) -> Option<String> {
    let count = question.split_whitespace().count();
    if !(3..=QUESTION).contains(&count)
        || !ASKS_FOR.is_match(question)
        || ASKS_ABOUT_A_FAULT.is_match(question)
        || POINTS.is_match(question)
        || is_passing(question)
    {
        return None;
    }
    let answer = sentences.first()?.trim_end_matches(['.', '!']);
    let fresh: Vec<&ToolResult> = results.iter().copied().filter(|result| result.is_fresh()).collect();
    let told = match BEGINS_WITH_A_PRONOUN.find(answer) {
        Some(_) => {
            let named = BEGINS_WITH_A_PRONOUN.replace(answer, "The thing is ");
            is_general(&named) && bears_out_any(&fresh, answer)
        }
        None => !says_how_things_are(answer) && !is_talk(answer) && is_shown(answer, question, &fresh),
    };
    told.then(|| format!("{question}: {answer}"))
}

/// Whether a few words without a verb stand in what was shown: all that can be looked up, and most of the others.
fn is_shown(answer: &str, question: &str, results: &[&ToolResult]) -> bool {
    let found = features(answer, &BTreeSet::new());
    let asked = features(question, &BTreeSet::new()).stems;
    let holds = |word: &String| results.iter().any(|result| result.has_word(word) || result.holds(word));
    let mut firm = 0;
    for (kind, values) in &found.values {
        for value in values {
            match kind {
                Value::Number(unit) => {
                    let shown = |result: &&ToolResult| value.parse().is_ok_and(|value| result.has_number(value, unit));
                    if !holds(value) && !results.iter().any(shown) {
                        return false;
                    }
                    firm += 1;
                }
                Value::Code | Value::Address if !holds(value) => return false,
                Value::Code | Value::Address => firm += 1,
                Value::Alternative(_) => firm += usize::from(holds(value)),
                Value::Name => {}
            }
        }
    }
    let known = found
        .stems
        .iter()
        .filter(|word| holds(word) || asked.contains(*word))
        .count();
    firm > 0 && known * 3 >= found.stems.len() * 2 && (1..=FRAGMENT).contains(&answer.split_whitespace().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is kept of an answer to a question after a tool showed something.
    fn answer(question: &str, on: &str, shown: &str, said: &str) -> Option<String> {
        let mut asked = Asked::default();
        asked.typed(question, Some(question));
        asked.shown();
        let result = ToolResult::new(on, shown);
        asked
            .answer(&agents_words(said), &[&result], &Suspect::default())
            .map(|finding| finding.text)
    }

    #[test]
    fn few_words_go_with_the_question() {
        for (question, on, shown, said, kept) in [
            (
                "Which port does the dye mixer use?",
                "cat mixer.toml",
                "port = 6001",
                "Port 6001, going by mixer.toml.",
                "Which port does the dye mixer use: Port 6001, in mixer.toml",
            ),
            (
                "Are bale weights in the feed gross or net?",
                "cat feed.yaml",
                "weight: net, in grams",
                "Net, in grams: the comment says so.",
                "Are bale weights in the feed gross or net: Net, in grams",
            ),
            (
                "Where is the rinse time of a vat set?",
                "cat conf/vat.toml",
                "rinse_minutes = 40",
                "That is set in conf/vat.toml, to 40 minutes.",
                "Where is the rinse time of a vat set: That is set in conf/vat.toml, to 40 minutes",
            ),
        ] {
            assert_eq!(answer(question, on, shown, said).as_deref(), Some(kept));
        }
    }

    #[test]
    fn what_nothing_shows_or_passes_is_no_answer() {
        for (question, said) in [
            ("Which port does the dye mixer use?", "Port 7002."),
            ("Which port does the dye mixer use?", "Looking at mixer.toml."),
            ("Is mixer.toml still used?", "Only on port 6001."),
            ("Why does the dye mixer fail?", "Port 6001."),
            ("Which port does it use?", "Port 6001."),
        ] {
            assert_eq!(answer(question, "cat mixer.toml", "port = 6001", said), None, "{said}");
        }
    }

    #[test]
    fn a_choice_is_taken_up() {
        let mut asked = Asked::default();
        asked.typed("vat labels. enamel or paper?", Some("enamel or paper?"));
        asked.typed("enamel then", Some("enamel then"));
        let said = |asked: &mut Asked, text: &str| asked.answer(text, &[], &Suspect::default()).map(|found| found.text);
        assert_eq!(
            said(&mut asked, "Decided: vat labels are made of enamel, not of paper.").as_deref(),
            Some("Vat labels are made of enamel, not of paper")
        );
        assert_eq!(said(&mut asked, "Decided: vat lids are made of brass."), None);
        asked.typed("enamel or paper?", Some("enamel or paper?"));
        assert_eq!(said(&mut asked, "Decided: vat labels are made of enamel."), None);
    }

    /// What is kept after an agent's question was answered, and it said this.
    fn chosen(question: &str, answer: &str, said: &str) -> Option<String> {
        let mut asked = Asked::default();
        asked.typed("Set up storage for the mill.", Some("Set up storage for the mill."));
        asked.said(question);
        asked.typed(answer, Some(answer));
        asked
            .answer(&agents_words(said), &[], &Suspect::default())
            .map(|finding| finding.text)
    }

    #[test]
    fn a_choice_that_a_sentence_tells_whole_is_kept() {
        let which = "Two ways are open. Which oil should the looms use, linseed or walnut?";
        for (question, answer, said, kept) in [
            (
                which,
                "walnut",
                "OK, the looms use walnut oil.",
                "The looms use walnut oil",
            ),
            (
                which,
                "Linseed please",
                "The looms use linseed oil. I will write that down.",
                "The looms use linseed oil",
            ),
            (
                which,
                "walnut",
                "Great! The looms use walnut oil, not linseed.",
                "The looms use walnut oil, not linseed",
            ),
            (
                "Should the tide report be stored in Postgres or in SQLite?",
                "in SQLite",
                "Noted: the tide report is stored in SQLite.",
                "The tide report is stored in SQLite",
            ),
            (
                "Do bale labels have a weight in grams or in ounces?",
                "grams",
                "Bale labels have a weight in grams.",
                "Bale labels have a weight in grams",
            ),
        ] {
            assert_eq!(chosen(question, answer, said).as_deref(), Some(kept), "{said}");
        }
    }

    #[test]
    fn what_a_choice_does_not_say_is_not_kept() {
        let which = "Which oil should the looms use, linseed or walnut?";
        for (question, answer, said) in [
            (which, "walnut", "OK, the looms use linseed oil, not walnut."),
            (which, "walnut", "OK, the looms use walnut oil from the harbour."),
            (which, "walnut", "OK, the looms use 3 litres of walnut oil."),
            (which, "what do you think?", "The looms use walnut oil."),
            (which, "not walnut", "The looms use walnut oil."),
            (which, "tell me of both", "The looms use walnut oil."),
            (
                "Should I oil the looms or the vats first?",
                "vats",
                "OK, the vats are oiled with the looms first.",
            ),
            ("Shall we use walnut oil?", "yes", "The looms use walnut oil."),
        ] {
            assert_eq!(chosen(question, answer, said), None, "{said}");
        }
    }

    #[test]
    fn a_choice_of_those_that_were_laid_out_is_kept_until_the_next_message() {
        let mut asked = Asked::default();
        asked.chose("Which oil should the looms use?", "Walnut oil (Recommended)");
        let said = |asked: &mut Asked, text: &str| asked.answer(text, &[], &Suspect::default()).map(|found| found.text);
        assert_eq!(said(&mut asked, "The looms use linseed oil."), None);
        assert_eq!(
            said(&mut asked, "OK: the looms use walnut oil.").as_deref(),
            Some("The looms use walnut oil")
        );
        asked.typed("thanks", Some("thanks"));
        assert_eq!(said(&mut asked, "The looms use walnut oil."), None);
    }
}
