//! Orders that name first what they are about: "Towels: please fold them in three", "On the labels print …".

use std::sync::LazyLock;

use regex::Regex;

use super::statement::{FINITE, has_finite_verb};
use crate::text::clean::pattern;
use crate::text::sentence;
use crate::text::vocabulary::is_verb;

/// "Towels:", "Opening hours again:", "invoices =".
static TOPIC: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?P<topic>(?:[\w'’-]+ ){0,4}[\w'’-]+)(?::| =) (?P<rest>\S.*)$"));
/// "On the labels print …", "for guests use …".
static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:on|in|at|for|with) (?:(?:the|our|all|every|each|any) )?(?:[\w'’-]+ ){1,3}?(?P<rest>(?P<verb>[a-z]+) .+)$",
    )
});
/// A finite verb after its own subject: what follows the topic is a statement.
static STATES: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?i)^(?:[\w'’-]+ ){{1,5}}?(?:{FINITE}|gets)\b")));

/// What is ordered of the topic in front; nothing where no order follows one.
pub(super) fn order(text: &str) -> Option<&str> {
    static PLEASE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:please|pls|kindly|always|just)\s+"));
    // "Poll it hourly": before "it" stands what is done to it.
    static DO_IT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^[a-z]{2,} (?:it|them|these|those)\b"));
    if let Some(found) = TOPIC.captures(text) {
        let rest = found.name("rest")?.as_str();
        let asked = PLEASE.find(rest).map_or(0, |please| please.end());
        let does = &rest[asked..];
        let imperative = asked > 0 || is_verb(&first_word(does).to_lowercase()) || DO_IT.is_match(does);
        return (imperative && !STATES.is_match(does)).then_some(does);
    }
    let found = PLACE.captures(text)?;
    let verb = found["verb"].to_lowercase();
    let rest = found.name("rest")?.as_str();
    (is_verb(&verb.to_lowercase()) && !STATES.is_match(rest)).then_some(rest)
}

/// "Route sheet: by tram, so the night crew can read it": no verb says how things are, and a purpose says that somebody
/// chose.
pub(super) fn is_choice(text: &str) -> bool {
    static CHOSEN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:so(?: that)?\b .*\b(?:can|could|may|don'?t|doesn'?t|won'?t|stays?|keeps?|has|have|gets?)\b|because|otherwise|always|please|everywhere|from now on|for (?:all|everything|everyone)\b)",
        )
    });
    let Some(found) = TOPIC.captures(text) else {
        return false;
    };
    let rest = &found["rest"];
    let pieces = sentence::clauses(rest);
    let value = pieces.first().copied().unwrap_or_default();
    static PAST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:was|were|turned out) (?:a |an |the |not |too |so |rather |just |only )*(?:bad|wrong|mistaken|mistake|silly|stupid|terrible|poor|unwise|unreadable|confusing|wish|error|slow|hasty|good)\b|\b(?:is|are) (?:out|gone|over|history)\b",
        )
    });
    static WISHED: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:please|pls)\b|\b(?:everywhere|always|from now on|again)[.!]*$"));
    let wished = WISHED.is_match(value) && pieces.len() > 1;
    value.split_whitespace().count() <= 6
        && !has_finite_verb(value)
        && pieces[1..]
            .iter()
            .any(|piece| CHOSEN.is_match(piece) || PAST.is_match(piece) || wished && has_finite_verb(piece))
}

/// "Link check: the limit is 40": a word in front that might be an order names a topic.
pub(super) fn is_statement(text: &str) -> bool {
    static COPULA: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:(?:the|our|its?) )?(?:[\w'’-]+ ){1,4}?(?:is|are)\b"));
    TOPIC.captures(text).is_some_and(|found| {
        !found["topic"].contains(" the ") && COPULA.is_match(&found["rest"]) && order(text).is_none()
    })
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '-'))
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_on_a_topic() {
        for (text, ordered) in [
            ("Towels: please fold them in three", "fold them in three"),
            ("Ferry list again: sort it by pier", "sort it by pier"),
            ("On the labels print the weight first", "print the weight first"),
        ] {
            assert_eq!(order(text), Some(ordered), "{text}");
        }
        for text in [
            "Backups: nightly, at two",
            "In the cellar we keep the spare parts",
            "Harbour: the pilot is on channel nine",
            "On Mondays the gate is open",
        ] {
            assert_eq!(order(text), None, "{text}");
        }
    }

    #[test]
    fn choices_and_statements() {
        assert!(is_choice(
            "Laundry van: at seven, so the hotels have clean sheets by noon"
        ));
        assert!(is_choice(
            "Menu entries: passive voice please, the long form was a bad idea of mine"
        ));
        assert!(is_choice(
            "Menu cards: Helvetica please, guests can't read the other one"
        ));
        assert!(!is_choice("Laundry van: it is late, so the hotels can wait"));
        assert!(!is_choice("Backups: nightly, at two"));
        assert!(is_statement("Log storage: the limit is 40 gigabytes"));
        assert!(!is_statement("Log dates in UTC"));
    }
}
