//! News of something that may be known: "Ida drives the early van now". Among what is told of a day it is small talk;
//! beside what memory holds of the same thing it says what has changed.

use std::sync::LazyLock;

use regex::Regex;

use super::passing::is_of_now;
use super::statement::{self, is_deliberation, is_fault, is_under_way};
use super::task::is_task;
use super::{is_question, pronoun};
use crate::fact::{Finding, Mark};
use crate::text::clean::pattern;
use crate::text::vocabulary::TASK_VERBS;

/// Importance of news beside what is known.
const IMPORTANCE: u8 = 5;

/// Reads a sentence that says that something is so no longer, or otherwise than it was. It is kept only beside a fact on
/// the same thing.
pub(super) fn read(text: &str, mark: Mark) -> Option<Finding> {
    // One look over most sentences is cheaper than five.
    static MAY_BE_NEWS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:now|any ?more|longer|stopped|quit|g[ai]ven? up|left|resigned|retired|passed away|got|moved|moves|slips?|slipped|pushed|put off|postponed|shifted|delayed|brought forward|isn['’]?t|is not|aren['’]?t|are not|don['’]?t|do not|never)\b",
        )
    });
    let text = text.trim();
    let words = text.split_whitespace().count();
    if !(3..=30).contains(&words) || !MAY_BE_NEWS.is_match(text) || !tells_news(text, mark) {
        return None;
    }
    let of_the_day = is_of_now(text) || is_task(text) || is_fault(text) || is_under_way(text);
    if of_the_day || is_question(text) || pronoun::points_out(text) || is_deliberation(text) {
        return None;
    }
    // A clock time or a price says enough by itself.
    static SURE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:leaves?|departs?|arrives?|opens?|closes?|begins?|starts?|ends?) (?:at|from|until|till) (?:\d{1,2}[:.]\d\d\b|\d{1,2} ?[ap]\.?m\b|noon\b|midnight\b)|\bcosts? (?:only )?[€$£]?\d",
        )
    });
    let mark = Mark {
        change: true,
        if_held: !(SURE.is_match(text) && is_now(text)),
        ..mark
    };
    Some(statement::finding(text, mark, IMPORTANCE))
}

fn tells_news(text: &str, mark: Mark) -> bool {
    // Of whom or what, other sentences say.
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:you|he|she|it|they|this|that|these|those|there|(?:every|some|any|no)(?:one|body|thing|where)?|none|no one|all|both|one|what|who|let|please|also|so|and|but|ok|(?:i|we)['’]\w+)\b",
        )
    });
    // "I don't take aspirin", where it is said to be a change.
    static OF_ONESELF: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^i (?:don['’]?t|do not|never|no longer) (?P<does>[a-z]+) (?:[\w'’-]+ ){0,4}?[\w'’-]+[.!]*$")
    });
    const OF_THE_MIND: [&str; 20] = [
        "know",
        "think",
        "care",
        "mind",
        "see",
        "get",
        "understand",
        "remember",
        "want",
        "need",
        "have",
        "believe",
        "agree",
        "mean",
        "feel",
        "find",
        "expect",
        "recall",
        "trust",
        "say",
    ];
    let of_oneself = || {
        let found = OF_ONESELF.captures(text).filter(|_| mark.change);
        found.is_some_and(|found| !OF_THE_MIND.contains(&found["does"].to_lowercase().as_str()))
    };
    !OTHERS.is_match(text) && (is_now(text) || is_no_more(text) || went(text) || is_another(text) || of_oneself())
}

/// "The night porter now leaves at 5", "our landlord is Ms. Ito now". How something is or works at the moment is none: "the
/// shed is empty now", "the tests pass now".
fn is_now(text: &str) -> bool {
    static NOW: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?P<own>i|we)|(?:the|our|my|all|every|each) [\w'’-]+(?: [\w'’.-]+){0,4}?|(?-i:\p{Lu})[\w'’.-]+(?: [\w'’.-]+){0,3}?) (?:now [a-z]*[a-z]s (?:[\w'’.:-]+ ){0,6}[\w'’.:-]+|(?:is|are) now [\w'’ .:-]+|[a-z]+ (?:[\w'’.:€$£-]+ ){1,7}now)[.!]*$",
        )
    });
    // "I have the file now", "I see it now": of oneself, what lasts is done as a habit.
    const OF_NOW: [&str; 22] = [
        "see",
        "get",
        "understand",
        "know",
        "think",
        "feel",
        "have",
        "need",
        "want",
        "remember",
        "believe",
        "am",
        "are",
        "find",
        "can",
        "could",
        "must",
        "should",
        "will",
        "do",
        "hear",
        "only",
    ];
    // Copula and one word, or how a thing goes.
    static STATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:is|are|am|looks?|seems?|feels?|sounds?|gets?|got|stays?)(?: now)?(?: (?:\w+ly|all|so|too|very|still|also|just|quite|really|again|back|not|a bit|a little))* (?-i:\p{Ll}[\w-]*)(?: (?:again|enough|too))?(?: now)?[.!]*$|\b(?:can|could|can['’]?t|cannot|must|should|will|won['’]?t|would|may|might)\b|\b(?:pass(?:es)?|fails?|compiles?|loads?|renders?|displays?|returns?|crash(?:es)?|hangs?|responds?|throws?|complains?|waits?|hurts?|aches?)\b|\b(?:works?|builds?|shows?|prints?|outputs?|reports?|says?|needs?|wants?|reads?|sees?|thinks?|knows?|finds?|tries|runs?|goes) (?:now|again|fine|well|ok(?:ay)?|as|like|with|without|through|faster|slower|too|an? |the (?:right|wrong|same|new|old|expected|correct)|no |nothing|correctly|properly|\d)",
        )
    });
    let lasts = NOW.captures(text).is_some_and(|found| {
        let does = text
            .split_whitespace()
            .find(|word| !matches!(*word, "I" | "i" | "We" | "we" | "now"));
        let does = does.unwrap_or_default().to_lowercase();
        found.name("own").is_none() || !(OF_NOW.contains(&does.as_str()) || TASK_VERBS.contains(does.as_str()))
    });
    lasts && !STATE.is_match(text)
}

/// "Emma doesn't play hockey any more", "I stopped taking aspirin". What works, loads or helps no longer is a fault.
fn is_no_more(text: &str) -> bool {
    static NO_MORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?P<who>[^,;:]{1,50}?) (?:(?:do|does)(?:n['’]?t| not) (?P<does>[a-z]+)(?: [^,;:]{2,60}?)? any ?(?:more|longer)|no longer (?P<now>[a-z]+) [^,;:]{2,60}|(?:(?:has|have) )?(?:stopped|quit|given up|gave up) (?P<doing>[a-z]+ing)(?: [^,;:]{2,60})?)[.!]*$",
        )
    });
    static WORKING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:work|load|crash|fail|compil|start|open|see|find|need|want|know|think|understand|car(?:e|ing)|remember|matter|get|show|appear|respond|run|build|match|fit|help|happen|print|return|read|writ|test|try|debug|look|exist|mak|connect|render|updat|is|are)(?:e|es|s|ing|ning|ting)?$",
        )
    });
    NO_MORE.captures(text).is_some_and(|found| {
        let does = found.name("does").or(found.name("now")).or(found.name("doing"));
        does.is_some_and(|does| !WORKING.is_match(does.as_str()))
    })
}

/// "Onni left the company", "release 4 slips to 19 June": who is gone, and what was put off.
fn went(text: &str) -> bool {
    static LEFT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?-i:\p{Lu})[\w'’-]+(?: (?-i:\p{Lu})[\w'’-]+)?|(?:my|our) [\w'’ -]{2,30}?) (?:(?:has|have|just|already|now) )*(?:left (?:us|(?:the|our) (?:company|firm|team|business|band|board|club|choir|group|department|practice|union|project|association)|for good)|resigned|retired|passed away|got (?:married|divorced|promoted)|moved (?:back |over )?to (?-i:\p{Lu})[\w'’-]+)(?: (?:last|this) \w+| in \w+| on \w+| for good)?[.!]*$",
        )
    });
    static SLIPPED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:the|our|my) )?[\w'’. -]{2,50}? (?:slips?|slipped|moves|moved|(?:is|was|got|has been|have been) (?:moved|pushed|put off|postponed|shifted|delayed|brought forward)) (?:(?:back|forward|out|up|down) )?(?:to|until|till) (?:the )?(?:\d{1,2}(?:st|nd|rd|th|:\d\d)?\b|(?-i:January|February|March|April|May|June|July|August|September|October|November|December)\b|(?:next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|next (?:week|month|quarter|term|season|spring|summer|autumn|winter|year)\b)",
        )
    });
    LEFT.is_match(text) || SLIPPED.is_match(text)
}

/// "The rent isn't 950, it's 955": one value is denied, and another is given.
fn is_another(text: &str) -> bool {
    static OTHER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:the|our|my) [\w'’ -]{2,40}?|(?-i:\p{Lu})[\w'’ -]{2,40}?) (?:isn['’]?t|is not|aren['’]?t|are not) (?P<was>[^,;:]{1,30}), (?:but |(?:it|they)(?:['’]s|['’]re| is| are) )(?P<now>[^,;:]{1,30}?)[.!]*$",
        )
    });
    let is_value = |text: &str| text.contains(|c: char| c.is_ascii_digit() || c.is_uppercase());
    OTHER
        .captures(text)
        .is_some_and(|found| is_value(&found["was"]) && is_value(&found["now"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(text: &str) -> bool {
        read(text, Mark::default()).is_some()
    }

    #[test]
    fn what_is_otherwise_than_it_was() {
        for text in [
            "Kirsi drives the day bus now.",
            "Nora drives the day bus now.",
            "Anya left the company.",
            "I quit smoking.",
            "Dad doesn't drink anymore",
            "The office no longer issues permits",
            "I teach chemistry in Lahti now",
            "We bake the rye on Tuesdays now",
            "Tank A holds petrol now",
            "Our landlord is Ms. Ito now.",
            "Emma doesn't play hockey any more.",
            "Dad doesn't drink whisky anymore",
            "My aunt no longer keeps bees",
            "I stopped taking aspirin.",
            "We gave up renting the barn",
            "Onni left the company.",
            "Our organist has retired",
            "Liisa moved to Turku last spring",
            "Release 4.2 slips to 19 June.",
            "The recital was postponed to next Friday",
            "The rent isn't 950, it's 955.",
            "Our vet isn't Lund, it's Berg",
        ] {
            let found = read(text, Mark::default());
            assert!(
                found.is_some_and(|found| found.mark.if_held && found.mark.change),
                "{text}"
            );
        }
        let corrected = Mark {
            change: true,
            ..Mark::default()
        };
        assert!(read("I don't take aspirin.", corrected).is_some());
        assert!(!news("I don't take aspirin."));
        assert!(read("I don't think the plan is good", corrected).is_none());
    }

    #[test]
    fn a_clock_time_or_a_price_is_news_by_itself() {
        for (text, sure) in [
            ("The night porter now leaves at 5:30", true),
            ("Our gym closes at 9 pm now", true),
            ("The day ticket now costs 14 euros", true),
            ("Tank A holds petrol now", false),
            ("The gate opens at 300 kilos now", false),
        ] {
            let found = read(text, Mark::default());
            assert_eq!(found.map(|found| !found.mark.if_held), Some(sure), "{text}");
        }
    }

    #[test]
    fn how_things_are_for_the_moment_is_no_news() {
        for text in [
            "The build is green now",
            "I'm tired now",
            "I am really hungry now",
            "the server is down now",
            "The server is back up now",
            "it works now",
            "tests pass now",
            "All tests pass with the flag now",
            "The page shows the old name now",
            "The parser returns a list now",
            "The loom runs fine now",
            "The tank is empty now",
            "My back hurts a lot now",
            "Now run the linter",
            "You can merge the branch now",
            "The kettle doesn't work any more",
            "The page doesn't load on my phone any more",
            "The lamp stopped working in the hall",
            "I stopped reading at page 3",
            "I no longer see the error in the log",
            "I don't need the second copy any more",
            "Onni left the meeting early",
            "Onni left a note for Ida",
            "The cursor moved to the next line",
            "The problem isn't the parser, it's the lexer",
            "This isn't Larch, it's Oak",
            "Is Tank A now full of petrol?",
            "I see the problem now",
            "I'm in the office now",
            "My daughter can't eat much now",
            "I run the tests of the gate now",
            "We are in the last week now",
            "Everything is in place now",
            "The form passes with both flags now",
        ] {
            assert!(!news(text), "{text}");
        }
    }
}
