//! How much speaks for a sentence being about lasting things.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::dates::WEEKDAY;
use crate::text::clean::pattern;
use crate::text::vocabulary::WORK;
use crate::text::words::{Value, base, features, stem, tokens};

/// "If", "when", "always": said of more than one time.
pub(super) static CONDITION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)\b(?:if|when(?:ever)?|unless|without|before|after|on {WEEKDAY}s?|until|while|every|always|only|because|(?:once|twice|(?:two|three|four|five|six|\d+) times|(?:one|two|three|four|five|six|\d+) [\w-]+) (?:an?|per) (?:hour|day|week|month|year))\b",
    ))
});

/// What is said of things that last.
pub(super) static RULE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:must|should|may (?:only|not|never)|can'?t|cannot|can only|need(?:s)?(?: to)?|has to|have to|required?s?|only|never|always|every|each|no one|nobody may|without|forbidden|allowed|mandatory|by default|at (?:least|most)|up to|no more than|maximum|minimum|reserved|owned by|expects?|depends on|is (?:called|named|known as|read-only|deprecated|frozen|shared|public|private|generated|hosted|stored|kept)|are (?:called|named|numbered|kept|stored|generated|hosted|signed|read-only|shared|cached|written|counted|billed|sent|built|run|made)|belongs? to|lives? (?:in|on|at|under)|runs? (?:on|in|at|every|under|with)|comes? from|go(?:es)? (?:to|through|out|via|into|in the)|handles?|owns?|maintains?|reviews?|approves?|signs? off|takes? care|responsible|in charge|on call|reports? to|points? (?:to|at)|has no|on purpose|by design|deliberately|intentionally|written in|built with|based on|uses?|talks? to|listens? on|starts? with|ends? with|instead of|equals?)\b",
    )
});

/// "The X is kept in …": how things stand.
static STANDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:the|our|all|every|each|[a-z][\w-]+) (?:[\w'’-]+ ){0,5}?(?:is|are) (?:\w+ed|\w+en|built|sent|held|paid|sold|read|set|run|made|in|on|at|behind|under|from|with|by|for|via|not|never|always|only|the|a|an|one)\b",
    )
});

/// "The printers understand …": what things do as a rule.
static DOES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:the|our|all|every|each) )?(?:[\w'’-]+ ){1,4}?(?:speaks?|talks?|understands?|accepts?|supports?|carr(?:y|ies)|measures?|weighs?|lasts?|costs?|covers?|serves?|produces?|delivers?|ships?|provides?|contains?|holds?|prints?|sends?|receives?|exports?|imports?|counts?|rounds?|checks?|validates?|signs?|eats?|drinks?|teach(?:es)?|rehearses?|happens?|encrypts?|compress(?:es)?|stores?|caches?|emits?|publish(?:es)?|consumes?|parses?|renders?|returns?)\b",
    )
});

/// "Visitors sign in at the gate": what those of a kind do somewhere.
static THEY_DO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:all|the|our|new|most) )?(?:[\w-]+ ){0,2}?[\w-]+[^s\W]s [a-z]+[^sd\W](?: (?:in|up|out|off|over))? (?:at|in|on|to|into|with|by|through|via|from|under|behind|before|after) ",
    )
});

/// Someone whose state or doing it is.
pub(super) static SOMEONES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:i|i'\w+|you|you'\w+|he|she|it|it's|they|they'\w+|this|that|that's|thats|these|those|there|there's|someone|somebody|everyone|everybody|nobody|people|what|who|my|let's|lets)\b",
    )
});

/// A protocol, a format, an authority.
static ACRONYM: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[A-Z][A-Z0-9]{2,}\b"));

/// How much speaks for a statement being about lasting things.
pub(super) fn of(text: &str) -> usize {
    let found = features(text, &BTreeSet::new());
    let work = tokens(text).iter().filter(|t| is_work(&base(t.raw))).count().min(3);
    let has = |kind: fn(&Value) -> bool| found.values.keys().any(kind);
    let code = has(|v| matches!(v, Value::Code | Value::Address));
    let name = has(|v| matches!(v, Value::Name));
    let unit = has(|v| matches!(v, Value::Number(_)));
    let does = if DOES.is_match(text) {
        1 + usize::from(ACRONYM.is_match(text))
    } else {
        0
    };
    let lower = text.to_lowercase();
    let ours =
        lower.starts_with("we ") || lower.starts_with("our ") || lower.contains(" we ") || lower.contains(" our ");
    let alternative = has(|v| matches!(v, Value::Alternative(_)));
    work + usize::from(STANDS.is_match(text))
        + usize::from(THEY_DO.is_match(text) && !SOMEONES.is_match(text))
        + does
        + usize::from(alternative)
        + 2 * usize::from(RULE.is_match(text))
        + 2 * usize::from(code)
        + usize::from(name)
        + usize::from(unit)
        + usize::from(ours)
        + usize::from(CONDITION.is_match(text))
}

fn is_work(lower: &str) -> bool {
    WORK.contains(lower)
        || WORK.contains(stem(lower).as_str())
        || lower.strip_suffix('s').is_some_and(|w| WORK.contains(w))
}
