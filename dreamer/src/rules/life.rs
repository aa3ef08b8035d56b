//! What a person tells in passing of their own life: "by the way, I just got back from five days in Oulu". Among work it is
//! small talk, so this is read of conversations only.

use std::sync::LazyLock;

use regex::Regex;

use super::{is_musing, is_question, label, retell, tidy, unmeant};
use crate::dates;
use crate::fact::{Finding, Kind, Mark, Op};
use crate::text::clean::pattern;
use crate::text::sentence;

/// Of little weight beside what is said for good.
const IMPORTANCE: u8 = 3;
/// Longer sentences tell more than can be kept as one fact.
const LONGEST: usize = 60;

/// Where "I" tells what happened or what is usual, at the start of a clause.
static TOLD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[,;:–—(] ?|\b(?:and|that|but|as|since|because|when|why|say|after) )(?P<told>I(?:['’]ve| have)? (?P<between>(?:(?:actually|just|also|recently|finally|already|even|once|still|usually|always) )*)(?P<verb>[a-z]+)(?: .*)?)$",
    )
});
/// "I've been working on …".
static AT_IT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?P<told>I(?:['’]ve| have) (?:(?:also|just|recently|already|still) )*been (?P<verb>[a-z]+ing)\b.*)")
});
/// "My friend Noor moved …", "my aunt, who lives in Oulu, …".
static OF_MINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?P<whose>[Mm]y (?:\w+ )?(?:friend|sister|brother|mother|mom|mum|father|dad|aunt|uncle|cousin|wife|husband|partner|boyfriend|girlfriend|son|daughter|grandmother|grandma|grandfather|grandpa|nephew|niece|neighbou?r|colleague|roommate|fianc[eé]e?|cat|dog|puppy)(?:,? [A-Z]\w+)?),?(?: who)? (?P<told>(?:(?:actually|just|also|recently|finally|now|still) )*(?P<verb>[a-z]+)\b.*)",
    )
});
/// "… my personal best of 25:50": a measure of one's own.
static MEASURED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?P<told>(?:I['’]m |I am )?(?:[a-z]+ ){0,4}[Mm]y (?:\w+ ){0,2}(?:best|record|score|average|goal|weight|height|budget|rent|commute|time)\b[^.;]{0,40}?\d.*)",
    )
});
/// What someone thinks, wants or asks is no event.
const OF_THE_MIND: [&str; 48] = [
    "thought",
    "knew",
    "felt",
    "meant",
    "said",
    "told",
    "saw",
    "heard",
    "read",
    "wanted",
    "liked",
    "loved",
    "hoped",
    "wondered",
    "wished",
    "guessed",
    "planned",
    "realized",
    "realised",
    "noticed",
    "mentioned",
    "asked",
    "agreed",
    "understood",
    "appreciated",
    "considered",
    "looked",
    "searched",
    "needed",
    "tried",
    "used",
    "enjoyed",
    "decided",
    "wondering",
    "thinking",
    "looking",
    "considering",
    "hoping",
    "trying",
    "wanting",
    "meaning",
    "having",
    "feeling",
    "getting",
    "asking",
    "searching",
    "planning",
    "struggling",
];
/// What someone does as a rule.
const USUAL: [&str; 20] = [
    "shop",
    "live",
    "work",
    "study",
    "play",
    "collect",
    "own",
    "volunteer",
    "teach",
    "train",
    "practice",
    "practise",
    "drive",
    "commute",
    "bake",
    "cook",
    "ride",
    "subscribe",
    "attend",
    "belong",
];

/// What a message tells of the person's own life, with something in it that can be asked for later. What is told of "it"
/// goes with the sentence before, which names it, or is not kept.
pub(crate) fn read(own: &str) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    // What the sentence before told, and whether that is the last finding.
    let mut before: Option<(String, bool)> = None;
    for sentence in sentence::split(own) {
        let earlier = before.take();
        let Some(mut told) = of_a_sentence(sentence) else {
            continue;
        };
        let mut goes_on = false;
        if is_of_it(&told) {
            let Some((named, is_last)) = earlier else {
                continue;
            };
            told = format!("{} {told}", super::end_sentence(&named));
            goes_on = is_last;
        }
        let count = told.split_whitespace().count();
        if !(4..=LONGEST).contains(&count) {
            continue;
        }
        let is_kept = is_specific(&told);
        if is_kept {
            if goes_on {
                found.pop();
            }
            found.push(Finding {
                op: Op::State,
                text: tidy(&told),
                kind: Kind::User,
                importance: IMPORTANCE,
                mark: Mark::default(),
            });
        }
        before = Some((told, is_kept));
    }
    found
}

/// What a sentence tells of the person's own life.
fn of_a_sentence(whole: &str) -> Option<String> {
    let labelled = label::strip(whole);
    let text = labelled.text;
    let count = text.split_whitespace().count();
    if !(4..=LONGEST).contains(&count) || is_question(text) || is_musing(text) || unmeant::is_not_meant(text) {
        return None;
    }
    let text = without_asking(text);
    told_by_me(text)
        .or_else(|| told_of_mine(text))
        .or_else(|| measured(text))
}

/// "I got it from …": what it is stands in another sentence.
fn is_of_it(told: &str) -> bool {
    const NAMES: [&str; 16] = [
        "a", "an", "the", "my", "our", "some", "two", "three", "another", "this", "that", "and", "or", "with", "his",
        "her",
    ];
    const FEW: usize = 5;
    let words: Vec<&str> = told.split_whitespace().skip(1).take(FEW).collect();
    let points = |word: &&str| matches!(*word, "it" | "them" | "there");
    let Some(before) = words.iter().position(points).map(|at| &words[..at]) else {
        return false;
    };
    // "I sold scarves to them" names what was sold.
    let is_plain = |word: &&str| {
        let many = word.len() > 3 && word.ends_with('s') && *word != "always";
        word.chars().all(|c| c.is_ascii_lowercase()) && !many && !NAMES.contains(word)
    };
    // "I made it to the top" is a manner of speaking.
    told.starts_with('I') && before.last() != Some(&"made") && before.iter().all(is_plain)
}

/// A sentence without what is asked, felt or planned at its end: "…, so I was thinking of …".
fn without_asking(text: &str) -> &str {
    static ASKS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:,? (?:and|but|so)|[,;–—]| -) (?:(?:now|so|maybe|perhaps) )?(?:I(?:['’](?:m|d|ll)| am| was| would| want| need| will| think| could| wonder| hope| guess| should)\b|(?:can|could|do|would|what|how|which|any)\b|it(?:['’]s| was| really| has)\b|my current\b).*$",
        )
    });
    ASKS.find(text)
        .map_or(text, |found| &text[..found.start()])
        .trim_end_matches([',', ' '])
}

fn told_by_me(text: &str) -> Option<String> {
    let tells = |found: &regex::Captures<'_>| {
        let verb = &found["verb"];
        !OF_THE_MIND.contains(&verb)
            && (retell::is_past_form(verb) || retell::is_past(&found["between"], verb) || USUAL.contains(&verb))
    };
    let found = TOLD.captures(text).filter(tells).or_else(|| {
        AT_IT
            .captures(text)
            .filter(|found| !OF_THE_MIND.contains(&&found["verb"]))
    })?;
    Some(found["told"].to_owned())
}

fn told_of_mine(text: &str) -> Option<String> {
    const IS: [&str; 7] = ["is", "has", "lives", "works", "was", "studies", "turns"];
    let found = OF_MINE.captures(text)?;
    let verb = &found["verb"];
    let tells = IS.contains(&verb) || retell::is_past_form(verb) && !OF_THE_MIND.contains(&verb);
    tells.then(|| format!("{} {}", &found["whose"], &found["told"]))
}

fn measured(text: &str) -> Option<String> {
    MEASURED.captures(text).map(|found| found["told"].to_owned())
}

/// A name, a number, a day or a title: what later questions are about.
fn is_specific(told: &str) -> bool {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| pattern(r#"\d|\S [A-Z][a-z]{2,}|\S [A-Z]{2,}\b|["“]"#));
    NAMED.is_match(told) || dates::is_relative(told)
}

/// Whether someone talks at length of themselves: messages of so many words on average, without code or paths.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    messages: usize,
    words: usize,
    mine: usize,
    code: bool,
}

impl Talk {
    /// Words of a message on average, at least.
    const LONG: usize = 18;

    /// Takes in a message.
    pub(crate) fn hear(&mut self, message: &str) {
        static CODE: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"`|\b[\w-]+/[\w-]+\.\w|\b\w+\.(?:rs|py|js|ts|go|java|c|h|md|toml|json|ya?ml|csv|txt|sh)\b|\w\(\)|[{}]",
            )
        });
        static MINE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:I|I['’]\w+|[Mm]y|me)\b"));
        self.messages += 1;
        self.words += message.split_whitespace().count();
        self.mine += usize::from(MINE.is_match(message));
        self.code |= CODE.is_match(message);
    }

    /// Whether it is such a conversation.
    pub(crate) fn is_personal(&self) -> bool {
        !self.code && self.messages > 1 && self.words >= Self::LONG * self.messages && self.mine * 2 >= self.messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(message: &str) -> Vec<String> {
        read(message).into_iter().map(|finding| finding.text).collect()
    }

    #[test]
    fn what_is_told_in_passing_is_kept() {
        for (message, told) in [
            (
                "By the way, I just got back from a 4-day hike in Koli last month, and I'm still buzzing.",
                "The user just got back from a 4-day hike in Koli last month",
            ),
            (
                "I'm happy to say that I recently set a personal record in the mill run with a time of 31:07.",
                "The user recently set a personal record in the mill run with a time of 31:07",
            ),
            (
                "My friend Noor actually just moved back to Oulu, so I was thinking of a trip there.",
                "The user's friend Noor actually just moved back to Oulu",
            ),
            (
                "I've been building a loom for my weaving class since May, and I need some tips.",
                "The user has been building a loom for their weaving class since May",
            ),
            (
                "I actually sold 12 scarves last Sunday.",
                "The user actually sold 12 scarves last Sunday",
            ),
            (
                "I'm hoping to beat my personal best of 29:50 this time.",
                "The user is hoping to beat their personal best of 29:50 this time",
            ),
            (
                "I shop at Larkin every other week.",
                "The user shops at Larkin every other week",
            ),
        ] {
            assert_eq!(kept(message), [told], "{message}");
        }
    }

    #[test]
    fn what_is_asked_thought_or_said_of_nothing_is_not() {
        for message in [
            "I was wondering if you know a mill in Oulu.",
            "Can you tell me what I did wrong in May?",
            "I thought about it for a while.",
            "I tried a few of them, thanks.",
            "I've been looking for a loom in Oulu.",
            "I'm planning a trip to Oulu in May.",
            "Larkin closed its mill in Oulu in 1990.",
        ] {
            assert_eq!(kept(message), Vec::<String>::new(), "{message}");
        }
    }

    #[test]
    fn what_is_told_of_it_goes_with_what_names_it() {
        assert_eq!(
            kept(
                "That helps, thanks! By the way, I've also been using a foam mat for my back, and it's made a difference. \
                 I got it from Dorst, and it arrived on March 2nd."
            ),
            [
                "The user has also been using a foam mat for their back. They got it from Dorst, and it arrived on March 2nd"
            ]
        );
        assert_eq!(
            kept("I sold 12 scarves last Sunday. I took them to Oulu in May."),
            ["The user sold 12 scarves last Sunday. They took them to Oulu in May"]
        );
        for message in [
            "I got it from Dorst, and it arrived on March 2nd.",
            "My mat is great! What do you think? I got it on March 2nd.",
        ] {
            assert_eq!(kept(message), Vec::<String>::new(), "{message}");
        }
        assert_eq!(
            kept("I finally made it to the top of Koli last May."),
            ["The user finally made it to the top of Koli last May"]
        );
        assert_eq!(
            kept("I sold scarves to them in Oulu."),
            ["The user sold scarves to them in Oulu"]
        );
    }

    #[test]
    fn a_conversation_is_told_from_work() {
        let talk = |messages: &[&str]| {
            let mut talk = Talk::default();
            for message in messages {
                talk.hear(message);
            }
            talk.is_personal()
        };
        let long = "I just got back from a hike in Koli last month with my sister, and I wonder which boots would be better for the next one.";
        assert!(talk(&[long, long]));
        assert!(!talk(&[long]));
        assert!(!talk(&[long, "fix the test", "push it", "thanks"]));
        assert!(!talk(&[
            long,
            "I ran `make` and it said that I need another target for all of my looms in the hall here today"
        ]));
    }
}
