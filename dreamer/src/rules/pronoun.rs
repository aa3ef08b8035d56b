//! "It", "they", "that": a sentence about something that only another sentence names says nothing alone.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::clean::pattern;
use crate::text::vocabulary::{HABIT_VERBS, STOP, TASK_VERBS};
use crate::text::words::{base, tokens};

/// "It" that stands for nothing: "it is better to …", "keep it short".
static EXPLETIVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\bit(?:'s| is| was)? (?:better|best|worse|important|fine|ok(?:ay)?|good|bad|nice|easier|safer|enough|necessary|forbidden|allowed|clear|up to|time|true|likely|possible|impossible|hard|only|not (?:allowed|ok(?:ay)?|necessary|enough))\b|\bit (?:takes|turns out|depends|rains|snows|makes sense|is [\w-]+ (?:that|to))\b|\b(?:keep|make|take|leave|find|call|like|love|hate|prefer|want|spell|put) it\b (?:to be )?(?:when|if|that|how|short|brief|simple|plain|easy|slow|clean|small|tight|light|in \w+|\w+ and \w+|out)\b|\bthat(?:'s| is) (?:how|why|what|where|when|all|it)\b|\bit(?:'s|’s| is) (?:(?:the|our) (?:[\w'’-]+ ){1,3}?|(?-i:[A-Z])[\w'’.-]+ )(?:who|that|which)\b|\bthis (?:way|time|week|month|year)\b",
    )
});
/// Words that point by themselves, whatever follows.
const POINTS: [&str; 12] = [
    "it", "they", "them", "he", "she", "him", "it's", "they're", "he's", "she's", "they've", "itself",
];
/// Words that point where no noun follows: "that breaks", not "that file".
const MAY_POINT: [&str; 4] = ["this", "that", "these", "those"];
/// What follows those where they point.
const AFTER: [&str; 26] = [
    "is", "was", "are", "were", "has", "had", "have", "will", "would", "can", "could", "must", "should", "may",
    "might", "does", "did", "isn't", "wasn't", "doesn't", "won't", "can't", "needs", "goes", "again", "there",
];

/// What follows them where they stand for what was done.
const AFTER_DOING: [&str; 18] = [
    "only", "always", "never", "before", "after", "by", "with", "without", "in", "on", "at", "when", "if", "until",
    "first", "instead", "from", "every",
];

fn is_form_of_do(word: &str) -> bool {
    matches!(word, "do" | "does" | "did" | "doing" | "done")
}

/// Whether the first thing a sentence speaks of is a word that points out of it.
pub(super) fn points_out(text: &str) -> bool {
    let tokens = tokens(text);
    let expletive: Vec<_> = EXPLETIVE.find_iter(text).map(|found| found.range()).collect();
    for (at, token) in tokens.iter().enumerate() {
        let word = base(token.raw);
        let next = tokens.get(at + 1).map(|next| base(next.raw));
        // "Do that only at night": what was done stands before.
        let done = at
            .checked_sub(1)
            .is_some_and(|before| is_form_of_do(&base(tokens[before].raw)));
        let ends = |next: String| AFTER.contains(&next.as_str()) || done && AFTER_DOING.contains(&next.as_str());
        let points = POINTS.contains(&word.as_str()) || MAY_POINT.contains(&word.as_str()) && next.is_none_or(ends);
        if points && !expletive.iter().any(|range| range.contains(&token.at)) {
            return true;
        }
        // A word right before "it" or "them" is what is done to it.
        let governed = at
            .checked_sub(1)
            .is_some_and(|before| PREPOSITIONS.contains(&base(tokens[before].raw).as_str()));
        let acts = !governed
            && tokens.get(at + 1).is_some_and(|next| {
                POINTS.contains(&base(next.raw).as_str()) && text[token.at + token.raw.len()..next.at].trim().is_empty()
            });
        let verb = |word: &str| acts || TASK_VERBS.contains(word) || HABIT_VERBS.contains(word);
        let names = token.code || !(STOP.contains(word.as_str()) || verb(&word) || is_empty(&word));
        if names {
            return false;
        }
    }
    false
}

/// What a thing stands after, and no verb.
const PREPOSITIONS: [&str; 12] = [
    "for", "in", "on", "at", "of", "with", "by", "from", "under", "over", "about", "per",
];

/// Persons and quantities that are no subject, and what is only tried: "nobody uses it", "I've been trying to use it".
fn is_empty(word: &str) -> bool {
    matches!(
        word,
        "nobody"
            | "somebody"
            | "someone"
            | "everybody"
            | "everyone"
            | "anybody"
            | "anyone"
            | "people"
            | "nothing"
            | "something"
            | "everything"
            | "anything"
            | "none"
            | "please"
            | "sure"
            | "remember"
            | "note"
            | "important"
            | "think"
            | "guess"
            | "know"
            | "anymore"
            | "longer"
            | "i've"
            | "we've"
            | "trying"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pronoun_without_its_noun_points_out() {
        for text in [
            "Nobody uses it any more",
            "It listens on port 6001",
            "They moved to Bergen",
            "Never commit them",
            "That must be signed by two people",
            "She signs off every invoice",
            "Always run it with `--release`",
            "I've been trying to use it three times a week",
            "We've moved them to Bergen",
            "Do that only after 20:00",
            "Never do this by hand",
            "We do that with the small scale",
            "Please do that before every release",
            "Doing that without the porter is forbidden",
            "It is hosted in the cluster that Ida runs",
        ] {
            assert!(points_out(text), "{text}");
        }
    }

    #[test]
    fn a_sentence_that_names_its_thing_does_not() {
        for text in [
            "Never restart the pump by hand, it loses its calibration",
            "Use `make check`, because it starts the database",
            "That file is generated",
            "Ruth keeps the keys, she is in on Mondays",
            "It is better to use tabs",
            "Keep it short and plain",
            "It's Ida who gets the reports now",
            "I like it when answers are short",
            "The loom runs only when it is oiled",
            "I've been using a loom and I like it",
            "We've moved the looms to Bergen, it is cheaper there",
            "Do that step only at night",
            "Do this report in LaTeX",
            "Say that only Ida has the key",
        ] {
            assert!(!points_out(text), "{text}");
        }
    }
}
