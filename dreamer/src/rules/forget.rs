//! Outright orders to forget.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::text::clean::pattern;
use crate::text::sentence;
use crate::text::vocabulary::STOP;
use crate::text::words::{Value, features, tokens};

/// What is to be forgotten, and what was said to hold instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Forget {
    pub target: String,
    pub instead: Option<String>,
    /// "Scratch what I said about handler names, they are `snake_case`": nothing goes, the thing has another value.
    pub restated: Option<String>,
}

const POLITE: &str = r"(?:(?:ok(?:ay)?|and|also|so|but|oh|hey|please|pls|kindly|just|now|actually|sorry|no|i (?:want|need|ask) you to|i(?:'d| would) (?:like|prefer) (?:you to|that you)|i(?:'d| would) rather you|(?:can|could|would|will) you(?: please)?|you (?:can|should|must|may|need to|have to)|make sure (?:you|to)|be sure to|let'?s|we (?:should|must|need to)|completely|immediately|now|go ahead and|from now on)[,:!]?\s+)*";
const MEMORY: &str = r"(?:(?:your|the|our|my|all|any|long[- ]term|team|shared|project|everyone's)\s+)*(?:memor(?:y|ies)(?:[ .](?:md|files?|store|bank|folder))?|notes?(?: files?)?|mind|brain|head|knowledge(?: base)?|records?|notebook|files? on me|profile|(?:what(?:ever)?|anything|everything|wherever|all)(?: that| which)? you(?:'ve| have)? (?:it |that )?(?:stored|saved|kept|noted|written|recorded|know|knew|remember(?:ed)?|keep|have|put (?:it|that))(?: down)?)";
const DELETE: &str = r"(?:delete|remove|erase|drop|purge|wipe|scrub|clear|strike|take|get rid of|discard|expunge|unlearn|cut|throw|kick|clean|scratch|redact|eliminate|lose|destroy|undo|retract|pull|omit)";
const KNOWN: &str = r"(?:noted|stored|saved|remember(?:ed)?|know|knew|kept|wrote|written|recorded|learn(?:ed|t)|have|hold|got|heard|were told|was told|memori[sz]ed|keep|store|logged|jotted|collected|gathered|picked up)";
const ABOUT: &str =
    r"(?:about|on|regarding|concerning|of|related to|relating to|with regard to|around|in connection with)";

static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // forget …
        format!(r"(?is)^{POLITE}(?:forget|unremember|disremember|unlearn)\b\s*(?P<target>.*)$"),
        // delete everything you noted about …
        format!(r"(?is)^{POLITE}{DELETE}\b.{{0,40}}?\b(?:everything|anything|all|whatever|what|things?|stuff|notes?|facts?|data|information|info)\b.{{0,30}}?\b(?:you|we|that|i|was|is|been|ever|have|had|'ve)\b.{{0,30}}?\b(?:{KNOWN}|told|said|mentioned|shared)\b(?:\s+(?:you|down|so far|earlier|before|in {MEMORY}))*\s+{ABOUT}\s+(?P<target>.+)$"),
        // remove … from memory
        format!(r"(?is)^{POLITE}{DELETE}\b\s*(?P<target>.*?)\s*\b(?:from|out of|in|off|of|within)\s+{MEMORY}\b(?P<rest>.*)$"),
        // delete the note about …
        format!(r"(?is)^{POLITE}{DELETE}\b\s+(?:the|that|this|any|all|your|every|those|my|our)?\s*(?:memor(?:y|ies)|notes?|entr(?:y|ies)|facts?|records?|lines?|mentions?|references?|traces?|copies|information|info|data)\s+(?:{ABOUT}|for|to|with|containing|that (?:says?|mentions?|mention))\s+(?P<target>.+)$"),
        // don't keep my …
        format!(r"(?is)^{POLITE}(?:don'?t|do not|stop|never|no longer|not to|not|please don'?t|didn'?t)\s+(?:keep|keeping|store|storing|remember|remembering|retain|retaining|hold|holding|save|saving|record|know)\b(?:\s+on to)?\s+(?P<target>(?:my|mine|that|this|it|what i|anything (?:i|about|on|regarding)|any of|her|his|their|the [^.]{{2,60}}? (?:i (?:gave|told|mentioned|shared|sent)|in {MEMORY}|any ?more|anywhere|any longer)).*)$"),
        // … should not be in your memory
        format!(r"(?is)^(?P<target>.{{3,120}}?)\s+(?:should|must|may|can|ought|needs?|is|are|has|have|do|does)\s*(?:n'?t|not|never|no longer|no|to not|not to)?\s*(?:be|been|to be|belong|have a|place|stay|remain|appear|exist|live|go|disappear|vanish|stick)?\s*(?:stored|kept|remembered|saved|retained|noted|recorded|memori[sz]ed|business|place|around|gone|deleted|removed|erased|wiped|forgotten|dropped|purged|scrubbed)?\s*(?:in|from|to|into|out of)\s+{MEMORY}\b.*$"),
        r"(?is)^(?P<target>.{3,120}?)\s+(?:should|must|may|needs?|has|have|is|are|ought)(?:\s+to|n'?t)?\s*(?:not|never|no longer)?\s*(?:be)\s+(?:forgotten|remembered (?:any ?more|any longer)|kept (?:any ?more|any longer)|stored (?:anywhere|any ?more|any longer))\b.*$".to_owned(),
        // I don't want you to remember …
        format!(r"(?is)^{POLITE}(?:i (?:don'?t|do not|no longer) (?:want|like) (?:you to|it if you|that you)|i(?:'d| would) (?:rather|prefer) (?:you|that you|it if you) (?:didn'?t|did not|don'?t|not|no longer))\s+(?:keep|store|remember|retain|hold(?: on to)?|save|record|know|have)\s+(?P<target>.+)$"),
        // disregard what I said about …
        format!(r"(?is)^{POLITE}(?:disregard|ignore|scratch|never ?mind|strike|take back|i take back|i(?:'d like to| want to) take back|retract|i retract|drop|scrap)\s+(?:what|everything|anything|whatever|all|the things?|my (?:remark|comment|statement|words?))\s+(?:that )?(?:(?:i|we)(?:'ve| have)?\s+(?:said|told you|mentioned|wrote|claimed|stated|asked)\s*(?:earlier|before|yesterday|last \w+)?\s+)?{ABOUT}\s+(?P<target>.+)$"),
        // delete the location of …, it is confidential
        format!(r"(?is)^{POLITE}{DELETE}\s+(?P<target>[^,;.!]{{3,80}})[,;.!–—-]+\s*[^.!]*?\b(?:confidential|private|personal|secret|sensitive|nda|embargo|not (?:for )?(?:public|sharing)|nobody'?s business|none of (?:their|your|our) business|(?:written|put|noted) down|(?:stored|kept|recorded|remembered|memori[sz]ed)|data protection|gdpr|no one (?:needs|has) to know|nobody (?:needs|has) to know)\b.*$"),
        // delete that note (the sentence before names what it is about)
        format!(r"(?is)^{POLITE}{DELETE}\s+(?P<note>(?:the|that|this) (?:note|entry|fact|memory|line|record|item))(?:,?\s+(?:again|please|completely|right away|now|immediately|for good|entirely|too|as well))*[.!]*$"),
        // remove it (a pronoun after a sentence that regrets telling)
        format!(r"(?is)^{POLITE}{DELETE}\s+(?P<target>(?:it|that|this|them|those|these))(?:,?\s+(?:again|please|completely|right away|now|immediately|everywhere|for good|entirely))*[.!]*$"),
    ]
    .iter()
    .map(|text| pattern(text))
    .collect()
});

/// Orders that use the word and mean something else.
static NOT_AN_ORDER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:don'?t|do not|never|dont|not to|let'?s not|must not|shouldn'?t|won'?t|can'?t)\s+(?:you\s+)?(?:ever\s+)?forget\b|\b(?:i|we|they|he|she|people|users?)\s+(?:always |often |keep |keeps |never |sometimes |tend to |may |might |just )?(?:forget|forgot|forgetting)\b|\byou (?:always |often |keep |sometimes )?(?:forgot|forgetting)\b|\byou (?:always|often|keep|sometimes|never) forget|^forget to\b|\bforget-me\b",
    )
});
/// Someone regrets having told something: the next "remove it" means that.
static REGRET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:i )?(?:should ?n[o']t have (?:told|given|mentioned|shared|sent|said|posted|written)(?: (?:you|to you|here))?|should not have (?:told|given|mentioned|shared|sent|said|posted|written)(?: (?:you|to you|here))?|regret (?:telling|giving|mentioning|sharing)(?: you)?|wish i had(?:n'?t| not| never) (?:told|given|mentioned|shared)(?: you)?|(?:told|gave) you|never should have (?:told|given|mentioned|shared)(?: you)?|mentioned|shared)\s+",
    )
});

/// "What I told you about the leave was not mine to share": the next "erase it" means the leave.
static TOLD_ABOUT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?:oh,? |sorry,? |hm+,? |about )?(?:what|the thing|the things|that thing|everything|anything|all) (?:that )?(?:i|we)(?:'ve| have|'d| had)? (?:just |once |ever )?(?:told|said|mentioned|shared|gave|wrote|let slip|let out)(?: to)?(?: you)? {ABOUT} (?P<target>.+?)(?:\s+(?:was|were|is|are|isn'?t|wasn'?t|should|must|has|had|can|may)\b.*)?[.!]*$"
    ))
});

/// Reads an order to forget; `previous` is the sentence before, which "it" means.
pub(super) fn read(sentence: &str, previous: Option<&str>) -> Option<Forget> {
    let text = sentence.trim();
    if NOT_AN_ORDER.is_match(text) {
        return None;
    }
    let (at, found) = FORMS
        .iter()
        .enumerate()
        .find_map(|(at, form)| Some((at, form.captures(text)?)))?;
    if found.name("note").is_some() {
        return Some(Forget {
            target: clean(&TOLD.replace(previous?, "")),
            instead: None,
            restated: None,
        });
    }
    let target = found.name("target").map_or("", |m| m.as_str());
    let pronoun_only = at == FORMS.len() - 1;
    let regretted = previous.and_then(|p| {
        let told = TOLD_ABOUT.captures(p).and_then(|found| found.name("target"));
        told.map(|m| m.as_str())
            .or_else(|| REGRET.find(p).map(|m| &p[m.end()..]))
    });
    if pronoun_only && regretted.is_none() {
        return None;
    }
    let whole = target;
    let (target, instead) = split_off(whole);
    let cleaned = clean(&target);
    let restated = restated(whole, &cleaned);
    let instead = instead.filter(|_| restated.is_none());
    let target = if is_pointer(&cleaned) {
        clean(regretted.or(previous)?)
    } else {
        cleaned
    };
    Some(Forget {
        target,
        instead,
        restated,
    })
}

/// What is said of the thing itself in a later clause.
fn restated(whole: &str, target: &str) -> Option<String> {
    static SAYS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:they(?:'re| are| get| go| should be| must be| have)|it(?:'s| is| goes| should be| must be| has)|those are|that(?:'s| is)) (?P<value>.+)$",
        )
    });
    // "It is private" says why, not what holds instead.
    static REASONS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:not|no longer|never|private|secret|confidential|personal|sensitive|internal|wrong|outdated|old|over|done|obsolete|true|under|none|nobody)\b",
        )
    });
    if is_pointer(target) || target.split_whitespace().count() > 8 {
        return None;
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

/// "The endpoint you stored is dead, please drop it from your notes": the order stands in a later clause.
pub(super) fn read_late(sentence: &str) -> Option<Forget> {
    let pieces = sentence::clauses(sentence.trim());
    let (first, rest) = pieces.split_first()?;
    let order = rest.iter().find_map(|piece| read(piece, Some(first)))?;
    let regretted = REGRET.find(first).map(|found| clean(&first[found.end()..]));
    if order.target == clean(&TOLD.replace(first, "")) || regretted.as_ref() == Some(&order.target) {
        return Some(order);
    }
    let told = TOLD_ABOUT.captures(first).and_then(|found| found.name("target"));
    let pointed = told.map_or_else(|| clean(&TOLD.replace(first, "")), |about| clean(about.as_str()));
    // Only an order that points back: one that names its own thing was found as it stands.
    (order.target == clean(first)).then_some(Forget {
        target: pointed,
        instead: None,
        restated: None,
    })
}

static TOLD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)\s+(?:is|are|was|were|has|have|should|must|may|can|does|do|isn'?t|aren'?t)\b.*$|\s+(?:that |which )?(?:you|i|we)(?:'ve| have)? (?:{KNOWN}|gave|given|told|mentioned|shared|sent)\b.*$"
    ))
});

/// The first clause names what to forget; a later one may say what holds instead.
fn split_off(target: &str) -> (String, Option<String>) {
    static REASON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:it|it's|its|they|that|this|which|because|since|as|i|please|for|so that|he|she|there|not)\b")
    });
    let pieces = pieces_of(target);
    let first = pieces.first().copied().unwrap_or_default().to_owned();
    let rest = pieces
        .iter()
        .skip(1)
        .find(|piece| !REASON.is_match(piece) && piece.split_whitespace().count() > 2);
    (first, rest.map(|piece| (*piece).to_owned()))
}

/// Clauses; a colon ends one, too: "what I said about the towels: they are …".
fn pieces_of(text: &str) -> Vec<&str> {
    sentence::clauses(text)
        .into_iter()
        .flat_map(|piece| piece.split(": "))
        .collect()
}

fn clean(target: &str) -> String {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)^(?:(?:all|everything|anything|whatever|what|any|each|every|both|about|on|of|regarding|concerning|again|completely|entirely|please|the fact that|the (?:bit|part|thing|things|stuff|note|notes|info|information|rule|entry|idea|detail|details|point)s? (?:about|on|of|regarding|that|with|where)|(?:i|we|you|'ve|have|had|ever|just|once|was|were|said|told you|told|mentioned|noted|know|stored|wrote|gave you|gave|shared|remember|saved|learned|have on|asked|taught you|down|so far|earlier|before))\s+(?:{ABOUT}\s+)?)+"
        ))
    });
    static TAIL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)\s*(?:\b(?:that|which|whom)?\s*\b(?:i|we|you|he|she|they)(?:'ve| have| had|'d)?\s+(?:just |once |ever |recently )?(?:gave|given|told|mentioned|shared|sent|said|provided|asked|wrote|noted|stored|saved|know|have|remembered?|posted|put|learned)\b.*|\b(?:from|in|out of|off)\s+{MEMORY}\b.*|\b(?:because|since|as it|as they|it is|it's|it was|they are|now that|so that|before)\b.*|(?:please|completely|entirely|at all|for good|right away|again|now|any ?more|any longer|anywhere|immediately|forever|altogether|everywhere|earlier|yesterday|too|as well|[.!?]))+$"
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
        if cut.len() < 3 {
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

/// "it", "that", "this": nothing that names a thing.
fn is_pointer(target: &str) -> bool {
    tokens(target).iter().all(|token| {
        let lower = token.raw.to_lowercase();
        STOP.contains(lower.as_str())
            || matches!(
                lower.as_str(),
                "previous" | "last" | "message" | "statement" | "sentence"
            )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_in_many_words() {
        let mut wrong = Vec::new();
        for text in [
            "Please forget my shoe size.",
            "Forget my shoe size, it is private",
            "Delete everything you noted about my shoe size, please",
            "Remove my shoe size from memory.",
            "Please erase my shoe size from your notes",
            "Forget what I told you about my shoe size",
            "Don't keep my shoe size any longer",
            "I don't want you to remember my shoe size",
            "My shoe size should not be in your memory",
            "Forget about my shoe size that I gave you",
            "Wipe my shoe size from your memory, I mean it",
            "Delete the note about my shoe size",
            "Disregard what I said about my shoe size",
            "can you forget everything about my shoe size?",
            "Scrub any mention of my shoe size from the notes",
        ] {
            let got = read(text, None).map(|f| f.target.to_lowercase());
            if !got.as_deref().is_some_and(|t| t.ends_with("my shoe size")) {
                wrong.push((text, got));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn it_means_the_sentence_before() {
        let got = read(
            "Remove it from memory.",
            Some("I should not have told you my shoe size"),
        );
        assert_eq!(got.map(|f| f.target), Some("my shoe size".to_owned()));
    }

    #[test]
    fn other_orders_are_none() {
        for text in [
            "Don't forget the milk",
            "Never forget: cards are not logged",
            "I forgot to tell you something",
            "Remove the unused imports",
            "Delete the branch after merging",
            "Don't store passwords in plain text",
            "Drop the emoji in commit messages",
            "Clear the cache before each run",
        ] {
            assert_eq!(read(text, None), None, "{text}");
        }
    }

    #[test]
    fn what_holds_instead_is_kept() {
        let got = read("Forget Jest, we use Vitest now", None);
        assert_eq!(
            got,
            Some(Forget {
                target: "Jest".into(),
                instead: Some("we use Vitest now".into()),
                restated: None
            })
        );
    }
}
