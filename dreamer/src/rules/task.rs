//! Whether a sentence orders something to be done once.

use std::sync::LazyLock;

use regex::Regex;

use crate::dates::DAY_NAMES;
use crate::text::clean::pattern;
use crate::text::vocabulary::{HABIT_VERBS, STOP, TASK_VERBS};

/// "Now run the tests please": the next step of the work, and no change of how it is done.
pub(super) fn is_next_step(text: &str) -> bool {
    static NEXT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:and|so|ok(?:ay)?|great|good|thanks)[,.]? )*(?:now|next|then),? (?:(?:please|pls|just|also|kindly|go and|can you|could you) )*(?P<verb>[a-z]+) (?:up |out |down |in |on |over |back |through )?(?:the|an?|this|that|these|those|it|them|my|your|our|me|us|both|another)\b[^;:]*$",
        )
    });
    static STANDING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:always|never|instead|not|no longer|every|each|when(?:ever)?|rather|from now on|only|by default|because|so that|any ?more)\b|n['’]t\b|\bon \w+days\b|\b(?:to|in|into|with|by|via) (?-i:[A-Z])",
        )
    });
    NEXT.captures(text)
        .is_some_and(|found| TASK_VERBS.contains(found["verb"].to_lowercase().as_str()))
        && !STANDING.is_match(text)
}

/// "Run the linter", "have a look at the tests": what is to be done now. "Run the tests with Vitest", "set it to 40" says
/// how it is done, "check the seals before each trip" when, and "delete it" speaks of what was named.
pub(super) fn is_at_hand(text: &str) -> bool {
    static SAYS_HOW: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\d|\b(?:it|them|that|this|those|with|via|using|through|by|as|always|never|instead|not|no|every|each|when(?:ever)?|before|after|until|from now on|only|by default|because|so that|any ?more)\b|n['’]t\b|\b(?:to|in|into|on|for) (?-i:[A-Z])",
        )
    });
    let text = text.trim().trim_start_matches("please ");
    let first = text
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default()
        .to_lowercase();
    TASK_VERBS.contains(first.as_str())
        && !HABIT_VERBS.contains(first.as_str())
        && is_task(text)
        && !SAYS_HOW.is_match(text)
}

/// "Split the reducer", "Add pagination to the list": an order to do something once.
pub(super) fn is_task(text: &str) -> bool {
    static FINITE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:is|are|was|were|has|have|had|must|should|may|can|cannot|can't|will|needs?|does|goes|runs?|starts?|takes?|gets?|lives?|belongs?|requires?|depends?|expires?|ends?|uses?|comes?|only|(?:go|come|belong|live|stay) (?:to|into|from|in|on|through))\b",
        )
    });
    static IS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:is|are|was|were|has|have|had|must|should|may|can|cannot|will|does)\b"));
    static ONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^\S+\s+(?:up |out |down |in |on |over |back |through )?(?:the|a|an|this|that|these|those|it|them|my|your|our|all|some|any|me|us|each|both|two|three|another|[\w./-]+\.(?:md|rs|py|ts|js|go|rb|json|ya?ml|toml|txt|sh|css|html))\b",
        )
    });
    static LOOK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:\w+ )?(?:have|take) (?:a|another) (?:\w+ )?look\b|^(?:see|check|find out) (?:what|how|why|if|whether)\b",
        )
    });
    // "A print of the plan pls, I want to see …"
    static WANTED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:pls|plz|please)\b,? (?:so (?:that )?)?i (?:want|need|have|would like|can|could)(?: to)? (?:\w+ )?(?:see|know|check|compare|look|show|read|find|test|try|understand)\b",
        )
    });
    // "Release 4.2 ships on 12 June", "build 7 lands by Friday": the number names one of them.
    static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:release|build|batch|draft|plan|report|review|update|patch|order) (?:no\.? ?|#)?v?\d[\w.]* (?:ships|lands|opens|closes|freezes|slips|arrives|leaves|begins|launches) (?:on|in|at|by|to|after|before|until|from) ",
        )
    });
    if NUMBERED.is_match(text) {
        return false;
    }
    // "Please to …" is meant as "please …".
    let text = text.strip_prefix("to ").unwrap_or(text);
    let first = text
        .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '-'))
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let verb = TASK_VERBS.contains(first.as_str())
        || HABIT_VERBS.contains(first.as_str())
        || matches!(first.as_str(), "read" | "commit" | "write");
    let rest = text.get(first.len()..).unwrap_or_default();
    verb && (ONE.is_match(text) || !FINITE.is_match(rest))
        || does_one_thing(text, &first) && !IS.is_match(rest)
        || LOOK.is_match(text)
        || WANTED.is_match(text)
}

/// "Shorten the name", "also untangle it": a first word right before an article or a pronoun is what is to be done, unless
/// it is a word that stands before things.
fn does_one_thing(text: &str, first: &str) -> bool {
    const BEFORE_THINGS: [&str; 50] = [
        "half",
        "double",
        "twice",
        "besides",
        "despite",
        "unlike",
        "like",
        "during",
        "within",
        "outside",
        "inside",
        "beyond",
        "behind",
        "between",
        "against",
        "among",
        "around",
        "near",
        "through",
        "throughout",
        "toward",
        "towards",
        "until",
        "till",
        "unless",
        "although",
        "though",
        "whereas",
        "whether",
        "given",
        "except",
        "often",
        "sometimes",
        "today",
        "tomorrow",
        "tmrw",
        "tmr",
        "tonight",
        "yesterday",
        "yday",
        "meanwhile",
        "maybe",
        "perhaps",
        "otherwise",
        "else",
        "whenever",
        "plus",
        "noon",
        "midnight",
        "once",
    ];
    const ONE: [&str; 18] = [
        "the", "a", "an", "this", "that", "these", "those", "it", "them", "my", "our", "your", "his", "her", "their",
        "me", "us", "all",
    ];
    // "Tank A holds petrol" has no article.
    let second = text.split_whitespace().nth(1).filter(|word| *word != "A");
    let second = second.unwrap_or_default().to_lowercase();
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| first.ends_with(suffix));
    first.len() > 2
        && first.chars().all(char::is_alphabetic)
        && text.get(first.len()..).is_some_and(|rest| rest.starts_with(' '))
        && ONE.contains(&second.as_str())
        && !STOP.contains(first)
        && !BEFORE_THINGS.contains(&first)
        && !DAY_NAMES.contains(&first)
        && (!ends(&["s", "ed", "ing", "ly"]) || ends(&["ss", "eed", "bring", "ply"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_front_asks_for_nothing() {
        for text in [
            "tmrw the lab gets its keys",
            "yday the mill was sold",
            "tmr our porter moves to Oulu",
            "tomorrow the lab gets its keys",
            "Release 4.2 ships on 12 June",
            "Batch 17 leaves on Mondays",
            "build #7 lands by 3 May",
            "Report 12 closes in March",
        ] {
            assert!(!is_task(text), "{text}");
        }
    }

    #[test]
    fn a_label_is_no_verb() {
        assert!(!is_task("Decision: the kiln gets its own meter"));
        assert!(!is_task("Tank A holds petrol"));
        assert!(is_task("Untangle the hose"));
    }

    #[test]
    fn the_next_step_is_no_change() {
        for text in [
            "Ship release 4.2 on 12 June",
            "Build 2 doors for the hall",
            "Review 3 drafts",
        ] {
            assert!(is_task(text), "{text}");
        }
        for text in [
            "now run the beta tests",
            "Now fix the delta header pls",
            "ok now add a test for the parser, thanks",
            "then please rename it",
            "and now remove that column",
            "Next, update my changelog",
        ] {
            assert!(is_next_step(text), "{text}");
        }
        for text in [
            "Now use the tabs again",
            "Now build with Bazel",
            "now deploy the shop with Kustomize, not with Helm",
            "Now run the linter before every push",
            "Now the lab is closed on Mondays",
            "Then the dough rests",
            "The tests now run the slow suite",
        ] {
            assert!(!is_next_step(text), "{text}");
        }
    }
}
