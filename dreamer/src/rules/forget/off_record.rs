//! What is told and not to be kept: "between us and please do not write this down: …".

use std::sync::LazyLock;

use regex::Regex;

use crate::rules::task::is_task;
use crate::text::clean::pattern;

/// What is said to be off the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rules) enum OffRecord {
    /// The sentence itself, for it only says that it is between the two.
    Shared,
    /// The sentence itself, which forbids to write it down.
    Forbidden,
    /// The sentence before.
    Before,
}

const DOWN: &str = r"(?:do not|don['’]?t|never)(?: please)? (?:write|note|jot) (?:this|that|it|any of (?:this|that|it)) down(?: (?:anywhere|please|at all))*";
const KEEP: &str = r"(?:do not|don['’]?t|never)(?: please)? (?:remember|memori[sz]e|record|keep|store|save|note) (?:this|the following)";
const SHARED: &str = r"(?:between (?:us(?: two)?|you and (?:me|i)|the two of us|ourselves)|off the record)";

/// "Between us, …", "please don't write this down: …".
static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?:(?:by the way|btw|oh|and|so|well|hey|listen|psst|just|but|ok(?:ay)?|also|this (?:is|stays)|strictly|please|pls)[,:]? )*(?:(?P<shared>{SHARED})|(?P<down>{DOWN})|(?P<keep>{KEEP}))(?:,?(?: and| but)? (?:please |pls )?(?:(?P<also>{DOWN}|{KEEP})|{SHARED}))*(?P<joint>\s*[,:–—]+\s|\s-\s)\s*(?P<told>\S.*)$"
    ))
});
/// "…, but don't write that down", "…, that's off the record".
static TAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?P<told>.{{8,}}?)(?:\s*[,;–—]+|\s-)\s+(?:(?:but|and|so) )*(?:(?:please |pls )?(?P<down>{DOWN})|(?:this|that|it|which)(?:['’]s| is| stays)? (?:strictly )?{SHARED})[.!]*$"
    ))
});
/// "Don't write that down, please.", "That's off the record."
static ALONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?:(?:but|and|so|oh|please|pls|sorry),? )*(?:{DOWN}|(?:this|that|it|all of (?:this|that|it))(?:['’]s| is| was| stays) (?:all |strictly |just )?{SHARED}(?:,? (?:please|though|of course))*)[.!]*$"
    ))
});

/// Reads what a sentence says to be off the record.
pub(in crate::rules) fn read(text: &str) -> Option<OffRecord> {
    let text = text.trim();
    if ALONE.is_match(text) {
        return Some(OffRecord::Before);
    }
    static COUNTS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^we (?:all )?(?:have|own|know|speak|need|cover|run|make|read|play|drive) (?:about |over |some |only )?(?:\d|an?\b|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|all|enough|most|both|every|each)",
        )
    });
    if let Some(found) = HEAD.captures(text) {
        let colon = found["joint"].contains(':');
        let told = found["told"].to_lowercase();
        // "Between us, we have nine looms" counts them. "Don't keep this, the cache is full" is said of the work.
        return if found.name("down").is_some() || found.name("also").is_some() {
            Some(OffRecord::Forbidden)
        } else if found.name("keep").is_some() {
            colon.then_some(OffRecord::Forbidden)
        } else {
            (colon || !COUNTS.is_match(&told)).then_some(OffRecord::Shared)
        };
    }
    let found = TAIL.captures(text)?;
    let Some(down) = found.name("down") else {
        return Some(OffRecord::Shared);
    };
    (!is_rule(&found["told"], down.as_str())).then_some(OffRecord::Forbidden)
}

/// "When a caller gives a card number, don't write it down", "take the order by heart, don't note it down": what is not to be
/// written down at work. "If you must know, the mill is for sale, but …" tells something.
fn is_rule(told: &str, down: &str) -> bool {
    static EACH_TIME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:please|and|also),? )*(?:when(?:ever)?|if) (?:an?|any\w*|some(?:one|body)|people|you|(?-i:[a-z]{4,}s)) [^,;:]*$",
        )
    });
    static TELLS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)[,;:]|\b(?:is|are|was|were|has|have|had|will|does|did)\b|['’]s\b"));
    // "After the vote Ida wept": no order.
    static AFTER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:after|before|since|at|on|in|by|for|with) "));
    // "I'm diabetic, never write it down": what somebody tells of people is private.
    static OF_PEOPLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:i|we|my|our|he|she|they|his|her|their|(?-i:[A-Z])[\w’-]+ (?:is|has|was))\b|^if you (?:ask|must|want)\b",
        )
    });
    let down = down.to_lowercase();
    !OF_PEOPLE.is_match(told)
        && (EACH_TIME.is_match(told)
            || is_task(told) && !TELLS.is_match(told) && !AFTER.is_match(told)
            || down.starts_with("never") && down.contains(" it down"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_off_the_record() {
        for (text, kind) in [
            (
                "Between us and please do not write this down anywhere: the warden retires in May.",
                OffRecord::Forbidden,
            ),
            ("Please don't write this down: Quarn is for sale", OffRecord::Forbidden),
            ("Do not remember this: the vote was nine to two", OffRecord::Forbidden),
            ("Off the record, the mill loses money", OffRecord::Shared),
            ("Between you and me, Ida will not stay", OffRecord::Shared),
            ("The mill is for sale, but don't write that down.", OffRecord::Forbidden),
            (
                "The vote was nine to two, that's strictly between us",
                OffRecord::Shared,
            ),
            ("Please don't note that down anywhere.", OffRecord::Before),
            ("That's off the record, please.", OffRecord::Before),
            (
                "If you must know, the mill is for sale, but don't write that down",
                OffRecord::Forbidden,
            ),
            ("When I left, Ida wept, so don't write this down", OffRecord::Forbidden),
            ("After the vote Ida wept, don't write that down", OffRecord::Forbidden),
            (
                "Keep this to yourself, Quarn is ill, and don't write it down",
                OffRecord::Forbidden,
            ),
            ("Test results are bad, don't write that down", OffRecord::Forbidden),
            ("Quarn is for sale, never write that down", OffRecord::Forbidden),
            ("I'm diabetic, never write it down", OffRecord::Forbidden),
            (
                "If you ask me we will sell the mill, but don't write that down",
                OffRecord::Forbidden,
            ),
        ] {
            assert_eq!(read(text), Some(kind), "{text}");
        }
        for text in [
            "Between us, we have nine looms",
            "The lease between us and Hobb ends in May",
            "Don't keep this, the cache is full: clear it",
            "Do not write this down in the readme, the wiki has it",
            "Don't store the totals: they are computed",
            "Don't write that to the log",
            "The recorder is off, the record player is on",
            "Write this down: the mill is for sale",
            "Never note the price in ink, use a pencil",
            "When a caller gives a card number, don't write it down",
            "If a patient tells you something private, do not write it down",
            "Take the order by heart, never write it down",
            "Ask for the PIN, but don't note it down",
            "Whenever a guest names a price, don't jot it down",
            "The PIN is told by phone, never write it down",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
