//! What an order to forget names, and what it says to hold instead.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{ABOUT, MEMORY};
use crate::fact::Mark;
use crate::rules::directive;
use crate::text::clean::pattern;
use crate::text::sentence;
use crate::text::vocabulary::STOP;
use crate::text::words::{Value, features, is_title, tokens};

/// What is said of the thing itself in a later clause.
pub(super) fn restated(whole: &str, target: &str) -> Option<String> {
    static SAYS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:they(?:'re| are| get| go| should be| must be| have)|it(?:'s| is| goes| should be| must be| has)|those are|that(?:'s| is)) (?P<value>.+)$",
        )
    });
    // "It is private", "it is a family matter" says why, not what holds instead.
    static REASONS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:an?|the|my|our|his|her|their|[\w-]+['’]s) (?:[\w'’-]+ ){0,3}?(?:matters?|affairs?|business|concern|secret)[.!]*$|(?:not|no longer|never|private|secret|confidential|personal|sensitive|internal|wrong|outdated|old|over|done|obsolete|true|under|none|nobody)\b)",
        )
    });
    if is_pointer(target) || target.split_whitespace().count() > 8 {
        return None;
    }
    // "Scratch what I said about towels: no more folding, roll them"
    if let Some(rest) = whole.split_once(": ").map(|(_, rest)| rest.trim())
        && rest.split_whitespace().count() >= 3
        && directive::read(rest, Mark::default(), None).is_some()
    {
        return Some(format!("{target}: {rest}"));
    }
    pieces_of(whole).into_iter().skip(1).find_map(|piece| {
        let said = SAYS.captures(piece).filter(|said| !REASONS.is_match(&said["value"]))?;
        let about = features(&said["value"], &BTreeSet::new());
        let told = |kind: &Value| !matches!(kind, Value::Number(unit) if unit.is_empty());
        let verb = &piece[..said.name("value")?.start()];
        let verb = verb.replace("'re ", " are ").replace("'s ", " is ");
        let verb = verb.split_once(' ')?.1.trim();
        about
            .values
            .keys()
            .any(told)
            .then(|| format!("{target} {verb} {}", &said["value"]))
    })
}

/// The first clause names what to forget; a later one may say what holds instead.
pub(super) fn split_off(target: &str) -> (String, Option<String>) {
    static REASON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:it|it's|its|they|that|this|which|because|since|as|i|please|for|so that|he|she|there|not|including|wherever|everywhere|anywhere|(?:(?:also|and|even|both) )*(?:in|from) (?:your|all|any))\b|(?:\w+ )?\w+ (?:says?|said|insists?|asked|told|ordered|demands?)\b|.*\b(?:reads?|sees?|finds?|hears?|learns?|knows?|notices?) (?:about |of |out about )?(?:it|that|this|them)\b)",
        )
    });
    // "I prefer larch now" holds instead; "I want it gone", "I prefer that nobody knows" says why.
    static HOLDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^i(?:['’]m| am)? (?:now |only |really |actually )?(?:prefer|use|like|live|work|go by|switched to|moved to|using|living|working)\b",
        )
    });
    static POINTS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:it|that|this|them|those|you|nobody|no one|private\w*|privacy|secret\w*|confidential\w*)\b")
    });
    let is_why = |piece: &str| REASON.is_match(piece) && (!HOLDS.is_match(piece) || POINTS.is_match(piece));
    let pieces = pieces_of(target);
    let first = pieces.first().copied().unwrap_or_default().to_owned();
    let rest = pieces
        .iter()
        .skip(1)
        .find(|piece| !is_why(piece) && piece.split_whitespace().count() > 2);
    (first, rest.map(|piece| (*piece).to_owned()))
}

/// "For queries" of "Prisma for queries": of what it was, where what is used instead does not say it itself.
pub(in crate::rules) fn of_what<'a>(target: &'a str, instead: &str) -> Option<&'a str> {
    static OF: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^[\w.+#/-]+(?: [\w.+#/-]+)? (?P<of>(?:for|in|on|at) (?P<what>(?:(?:the|our|all|new) )?[\w-]+(?: [\w-]+){0,2}))$",
        )
    });
    static USES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:we(?:['’]ll| will|['’]re| are)?|please|just|let['’]s|now) )*(?:us(?:e|ing)|tak(?:e|ing)|go(?:ing)? (?:for|with)|prefer|want)\b",
        )
    });
    let found = OF.captures(target).filter(|_| USES.is_match(instead))?;
    let said = features(instead, &BTreeSet::new()).stems;
    let what = features(&found["what"], &BTreeSet::new()).stems;
    let owned = matches!(target.split(' ').next(), Some("my" | "his" | "her" | "their"));
    (!owned && what.is_disjoint(&said)).then(|| found.name("of").map(|of| of.as_str()))?
}

/// Clauses; a colon ends one, too: "what I said about the towels: they are …".
fn pieces_of(text: &str) -> Vec<&str> {
    sentence::clauses(text)
        .into_iter()
        .flat_map(|piece| piece.split(": "))
        .collect()
}

/// What is named, without the words around it: "everything you know about", "from your notes".
pub(super) fn clean(target: &str) -> String {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)^(?:(?:all|everything|anything|whatever|what|any|each|every|both|about|on|of|regarding|concerning|again|completely|entirely|please|the fact that|the (?:bit|part|thing|things|stuff|note|notes|info|information|rule|entry|idea|detail|details|point)s? (?:about|on|of|regarding|that|with|where)|(?:i|we|you|'ve|have|had|ever|just|once|was|were|said|told you|told|mentioned|noted|know|stored|wrote|gave you|gave|shared|remember|saved|learned|have on|asked|taught you|down|so far|earlier|before))\s+(?:{ABOUT}\s+)?)+"
        ))
    });
    static TAIL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)\s*(?:\b(?:that|which|whom)?\s*\b(?:i|we|you|he|she|they)(?:'ve| have| had|'d)?\s+(?:just |once |ever |recently )?(?:gave|given|told|mentioned|shared|sent|said|provided|asked|wrote|noted|stored|saved|know|have|remembered?|posted|put|learned)\b.*|\b(?:from|in|out of|off)\s+{MEMORY}\b.*|\b(?:because|since|as it|as they|it is|it's|it was|they are|now that|so that|before)\b.*|(?:please|pls|plz|completely|entirely|at all|for good|right away|again|now|any ?more|any longer|anywhere|immediately|forever|altogether|everywhere|earlier|yesterday|too|as well|[.!?]))+$"
        ))
    });
    let trimmed = target.trim().trim_end_matches(['.', '!', '?']);
    let led = LEAD.replace(trimmed, "").trim().to_owned();
    let mut text = if led.chars().filter(|c| c.is_alphanumeric()).count() < 2 {
        trimmed.to_owned()
    } else {
        led
    };
    for _ in 0..3 {
        let cut = TAIL.replace(&text, "").trim().to_owned();
        if cut.len() < 3 && (cut.is_empty() || !is_pointer(&cut)) {
            break;
        }
        text = cut;
    }
    let cut = LEAD.replace(&text, "").trim().to_owned();
    if cut.chars().filter(|c| c.is_alphanumeric()).count() < 2 {
        text
    } else {
        cut
    }
}

/// "Her name" after "Mrs Larkin now wishes to stay out of it": the thing with whose it is.
pub(super) fn of_whom(target: &str, previous: &str) -> Option<String> {
    static OWNED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:his|her|their) (?P<thing>.+)$"));
    let thing = OWNED.captures(target)?.name("thing")?.as_str();
    Some(format!("{thing} of {}", person_in(previous)?))
}

/// "Everything about her", after "Tove left": who that is.
pub(super) fn who(target: &str, previous: &str) -> Option<String> {
    matches!(target.to_lowercase().as_str(), "him" | "her").then(|| person_in(previous))?
}

/// The one person that a sentence names.
fn person_in(sentence: &str) -> Option<String> {
    // A name in front is told from other first words by what such a sentence says of people.
    static LEFT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?P<who>\p{Lu}\p{L}+(?: \p{Lu}\p{L}+)?) (?:has |is |was |just |no longer )*(?:left|quit|resigned|retired|moved|asked|died|objected|complained|leaving|gone|fired|replaced|wants|wishes|works|doesn['’]t)\b",
        )
    });
    let in_front = || {
        let who = LEFT.captures(sentence)?.name("who")?.as_str().to_lowercase();
        (!STOP.contains(who.as_str()) && !matches!(who.as_str(), "everyone" | "somebody" | "nobody")).then_some(who)
    };
    let mut names = features(sentence, &BTreeSet::new())
        .values
        .remove(&Value::Name)
        .unwrap_or_default();
    names.retain(|name| !is_title(name));
    let mut names = names.into_iter();
    match (names.next(), names.next(), names.next()) {
        (None, ..) => in_front(),
        // A first name and a last one may belong to one person, three are of several.
        (Some(first), last, None) => Some(format!("{first} {}", last.unwrap_or_default()).trim().to_owned()),
        _ => None,
    }
}

/// "it", "that", "this": nothing that names a thing.
pub(super) fn is_pointer(target: &str) -> bool {
    tokens(target).iter().all(|token| {
        let lower = token.raw.to_lowercase();
        STOP.contains(lower.as_str())
            || matches!(
                lower.as_str(),
                "previous" | "last" | "message" | "statement" | "sentence" | "anything" | "said"
            )
    })
}
