//! Whether a sentence gives the reason of an order, or the sentence after it does.

use std::sync::LazyLock;

use regex::Regex;

use super::directive::{NEGATIVE, is_verb};
use super::passing::is_momentary;
use super::{forget, is_question, remember};
use crate::fact::Finding;
use crate::text::clean::pattern;

/// Whether a sentence gives the reason of the order before it.
pub(super) fn is_reason(next: &str, order: &Finding) -> bool {
    static GIVES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:because|since|otherwise|or else|else|as (?:it|they|the|we|that|otherwise)|it|it's|its|they|they're|that|that's|this|those|these|reason|the reason|so that|which|we had|we have had|we lost|last time|we got|we once|in the past|there|without (?:it|that|this|them)|with (?:it|that)|if not|or the)\b",
        )
    });
    static DECLARES: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:the|our|we|a|an|[A-Z])"));
    let next = next.trim();
    if is_question(next) || next.split_whitespace().count() > 40 {
        return false;
    }
    // "Not docker." is only half of it, and so is "no 777.".
    let denied = order.text.to_lowercase();
    let half = denied.starts_with("not ") || denied.starts_with("no ") && denied.split_whitespace().count() == 2;
    if order.text.split_whitespace().count() <= 5 && half && !denied.starts_with("no more") {
        return true;
    }
    if forget::read(next, None).is_some() || remember::read(next, false).is_some() || is_momentary(next) {
        return false;
    }
    let verb = next.split_whitespace().next().unwrap_or_default().to_lowercase();
    if is_verb(&verb) || INSTEAD.contains(&verb.as_str()) || NEGATIVE.is_match(next) {
        // What to do instead.
        let instead = INSTEAD.contains(&verb.as_str()) || has_reason(next);
        return order.mark.correction && instead && next.split_whitespace().count() <= 24;
    }
    GIVES.is_match(next)
        || DECLARES.is_match(next) && (asks_for_it(next) || tells_what_came_of_it(next))
        || (order.mark.correction && !has_reason(&order.text) && DECLARES.is_match(next))
}

/// Verbs that say what to do instead of what was forbidden.
const INSTEAD: [&str; 30] = [
    "show", "print", "display", "say", "give", "send", "set", "keep", "let", "leave", "use", "go", "take", "edit",
    "call", "ask", "work", "pick", "choose", "query", "read", "change", "put", "write", "run", "talk", "start",
    "branch", "do", "make",
];

/// "The new printer asks for it.": "it" is what was ordered.
fn asks_for_it(next: &str) -> bool {
    static FOR_IT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:for|on|about|by|need|needs|want|wants|like|likes|do|does|says?|requires?|demands?) (?:it|that|this|so)[.!]?$",
        )
    });
    FOR_IT.is_match(next) && next.split_whitespace().count() <= 12
}

/// "In the lobby a guest took one for a towel and slipped": what happened where the order was not kept.
fn tells_what_came_of_it(next: &str) -> bool {
    static CAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:in|on|at|with|without|from|under|by) (?:the|our|an?|one) (?:[\w'’-]+ ){1,4}?|once |twice )?(?:an?|one|two|three|some(?:body|one)?|nobody|several|half) (?:\S+ ){0,4}?(?:was|were|had|took|went|got|lost|broke|fell|came|made|sent|wrote|ran|found|paid|left|thought|saw|read|[a-z]{3,}ed)\b",
        )
    });
    CAME.is_match(next)
}

/// Whether a sentence gives a reason itself.
pub(super) fn has_reason(text: &str) -> bool {
    static REASON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:because|since|otherwise|or else|so that|as it|as they|as the|as we|in order to|to avoid|to keep|due to|it (?:is|has|holds|picks|breaks|keeps|makes|uses|does|will|can|was|needs|takes|costs)|they (?:are|have|break|share|lose|need|will|can|get)|the \w+ (?:is|are|has|have|share|lose|fails?|breaks?|needs?|depends?|gets?|wants?|expects?|will|cannot|can't))\b",
        )
    });
    REASON.is_match(text)
}
