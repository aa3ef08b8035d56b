//! What was settled: "it is decided: …", "we talked it over and agreed: …", and what sets right what was denied.

use std::sync::LazyLock;

use regex::Regex;

use super::passing::is_momentary;
use super::statement::has_verb;
use super::task::is_task;
use crate::dates;
use crate::text::clean::pattern;

/// A head is at most this many words long.
const LONGEST: usize = 20;

/// Words of settling, and what stands for them.
static SETTLES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:decided|decision|decisions|settled|settles?|agreed|agreement|resolved|concluded|conclusion|outcome|upshot|consensus|verdict|ruling|ruled|voted|signed (?:it |this |that )?off|nail(?:ed|s)? (?:it|this|that) down|pin(?:ned)? (?:it|this|that) down|made up (?:our|my|their|her|his) minds?|makes? it official|it(?:'s| is) (?:official|final)|final (?:answer|word|call|say)|set in stone|as (?:a )?given|for granted|as read|(?:the|our|this|that|one) (?:\w+ )?(?:rule|policy|principle|law|deal|plan|convention)s? (?:stays?|stands?|holds?|remains?|is|was|goes|still \w+))\b",
    )
});
/// Nothing is settled yet, or somebody else's matter is.
static OPEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:not|never|n't|nothing|nobody|no one|undecided|yet|until|unless|if|whether|when|before|once|have to|has to|need(?:s)? to|must|should|could|would|will|to be|might|may|who|what|how|why|which|says?|said|wrote|writes|reads?)\b|\?",
    )
});
static POINTS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:it|it's|this|that|that's|these|those|them|they|so|given|read)\b"));

/// What a sentence says was settled: the part after such a head, or the whole where the head names who or what.
pub(super) fn read(text: &str) -> Option<&str> {
    let at = text.find(": ")?;
    let (head, tail) = (&text[..at], text[at + 1..].trim_start());
    let said = tail.split_whitespace().count();
    let settles = SETTLES.is_match(head) && !OPEN.is_match(head) && head.split_whitespace().count() <= LONGEST;
    let says = said >= 3 && has_verb(tail) && !is_momentary(tail) && !is_task(tail);
    // "That's not how we do it here: …"
    static OURS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:how (?:it|we)|our|what (?:i|we))\b"));
    let denies = OURS.is_match(head) && is_denial(head) && sets_right(tail);
    // "It is official since Monday: …": the day goes with what is so since then.
    static SINCE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^.*\b(?P<day>(?:since|from|as of|starting) [\w -]{3,40})$"));
    let since = SINCE.captures(head).and_then(|found| found.name("day"));
    let since = since.filter(|day| dates::is_relative(day.as_str()));
    let told = since.map_or(tail, |day| &text[day.start()..]);
    ((settles || denies) && says && !tail.ends_with('?')).then(|| if POINTS.is_match(head) { told } else { text })
}

/// "I never said that.", "That is not true.": what is right comes next.
pub(super) fn is_denial(text: &str) -> bool {
    static DENIES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:no|nope|sorry|wait|hey|hm+|but|stop|oh)\b[,.!–—-]*\s+)*(?:(?:i|we|nobody|no one)(?:'ve| have| had)? (?:never|did(?:n'?t| not)|do(?:n'?t| not)|has|ever) (?:ever )?(?:say|said|ask(?:ed)?|agree[d]?|want(?:ed)?|mean[t]?|decid(?:e|ed)|tell|told|approved?|allow(?:ed)?|wrote|write)(?: (?:you|anyone|anybody))?(?: (?:that|this|it|so|such a thing|anything (?:like that|of the (?:sort|kind))|for (?:that|this|it)|to (?:that|this|it)))?(?: at all| ever)?|(?:that|this|it)(?:'s| is| was) (?:not|n't) (?:true|right|correct|so|the case|what (?:i|we) (?:said|meant|agreed|decided|want(?:ed)?)|how (?:it|we|this|that) [\w ]{2,20}|from me|mine|our (?:rule|policy|way))|(?:that|this|it) isn'?t (?:true|right|correct|so|the case|what (?:i|we) (?:said|meant|agreed|decided|want(?:ed)?)|from me)|(?:that|this)(?:'s| is) (?:wrong|false|made up|nonsense|a (?:lie|mix-?up|misunderstanding|mistake))|no longer|no more|not any ?more|(?:that|this|it)(?:'s| is) (?:over|history|outdated|no longer (?:true|so|the case))|that (?:was|used to be) (?:so|true|the case)|you (?:made|make) that up|you (?:got|have|misread|misheard|misunderstood) (?:that|it|me)(?: wrong)?)[.!]*$",
        )
    });
    DENIES.is_match(text.trim())
}

/// Whether a sentence after a denial says how it is instead, and not what to do about it.
pub(super) fn sets_right(text: &str) -> bool {
    static TALK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:i|i'\w+|you|you'\w+|it|it's|this|that|that's|there|he|she|they|let|who|what|where|how|why|please|just|but i|so you)\b",
        )
    });
    has_verb(text) && !TALK.is_match(text) && !is_momentary(text) && !is_task(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_that_say_that_something_is_settled() {
        let fact = "vats are rinsed after each dye";
        for head in [
            "It's decided",
            "It is settled then",
            "Let's nail this down",
            "We talked it over with the dyers and it is agreed",
            "Take it as given",
            "I know, but the rule stays, that is agreed",
        ] {
            assert_eq!(read(&format!("{head}: {fact}")), Some(fact), "{head}");
        }
        for head in ["Decision of the dyers", "Agreed with Ottilie", "The guild has ruled"] {
            let text = format!("{head}: {fact}");
            assert_eq!(read(&text), Some(text.as_str()), "{head}");
        }
    }

    #[test]
    fn since_when_it_is_settled_goes_with_it() {
        for (text, told) in [
            (
                "It is official since yesterday: vats are rinsed after each dye",
                "since yesterday: vats are rinsed after each dye",
            ),
            (
                "It's decided, from tomorrow: the mill is shut on Mondays",
                "from tomorrow: the mill is shut on Mondays",
            ),
            (
                "That is settled as of today: Ida holds the keys",
                "as of today: Ida holds the keys",
            ),
            (
                "It is settled since Ida asked: Bob holds the keys",
                "Bob holds the keys",
            ),
            (
                "It is settled from last week's count: the mill is shut on Mondays",
                "the mill is shut on Mondays",
            ),
            (
                "It came from the guild and is settled since yesterday: Ida holds the keys",
                "since yesterday: Ida holds the keys",
            ),
        ] {
            assert_eq!(read(text), Some(told), "{text}");
        }
    }

    #[test]
    fn what_is_open_is_not_settled() {
        for text in [
            "It is not decided yet: vats are rinsed or wiped",
            "We have to decide: vats are rinsed or wiped",
            "Who decided this: vats are rinsed after each dye?",
            "Bob says it is decided: vats are rinsed after each dye",
            "It is decided: fix the vat",
            "Decided: later",
            "The vat is cracked: dye leaks",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn denials_and_what_sets_them_right() {
        for text in [
            "I never said that.",
            "No, that's not true.",
            "We never agreed to that",
            "I did not say anything of the sort.",
            "You made that up!",
            "This is a misunderstanding.",
            "No longer.",
            "Not any more.",
        ] {
            assert!(is_denial(text), "{text}");
        }
        for text in [
            "That is not true for vats.",
            "I never said where.",
            "I said so.",
            "No longer on Mondays.",
        ] {
            assert!(!is_denial(text), "{text}");
        }
        assert_eq!(
            read("That's not how we do it here: vats go on the left, the dyer reads from there"),
            Some("vats go on the left, the dyer reads from there")
        );
        assert_eq!(
            read("No, that is not what we agreed: vats stay in the cellar"),
            Some("vats stay in the cellar")
        );
        assert_eq!(read("That's wrong: the total is 40 litres"), None);
        assert_eq!(read("That's not how we do it here: it broke"), None);
        assert_eq!(read("That's not how we do it here: fix the vat"), None);
        assert!(sets_right("Vats stay in the cellar."));
        assert!(!sets_right("I want it gone."));
        assert!(!sets_right("Delete the line."));
    }
}
