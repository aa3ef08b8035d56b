//! What an agent answers: the words of a question, or of a choice, say what its few words are about.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::claim::bears_out_any;
use super::evidence::ToolResult;
use super::grounded::{is_general, is_talk, says_how_things_are};
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

impl Asked {
    /// A person typed something; `last` is its last sentence.
    pub fn typed(&mut self, own: &str, last: Option<&str>) {
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
    use crate::rules::agents_words;

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
}
