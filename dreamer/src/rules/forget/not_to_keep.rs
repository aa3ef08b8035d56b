//! Words that may ask to forget or be a rule for the work: "don't remember the guest wifi", "drop the rule on looms". What
//! memory holds decides.

use std::sync::LazyLock;

use regex::Regex;

use super::target::{clean, is_pointer};
use super::{Forget, OWNER, POLITE};
use crate::rules::antecedent;
use crate::text::clean::pattern;

/// An order that is one where memory holds what it names, and how sure that is then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::rules) enum IfHeld {
    /// Nothing but a mind remembers, or holds what is known of somebody.
    Mind(Forget),
    /// What is not to be stored or kept may be a thing of the work.
    Thing(Forget),
    /// A rule is to hold no longer.
    Rule(Forget),
    /// A bit of what was told, or of a text.
    Bit(Forget),
}

/// "Please don't memorise who has the key", "you should not keep the guest wifi", "stop remembering where we meet".
static NOT_TO_KEEP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?is)^(?P<polite>{POLITE})(?P<no>(?:(?:yo)?u )?(?:don['’]?t|do not|never|not|no longer|(?:should|must|may|need|ought)(?:n['’]?t| not| never)(?: to)?)(?: (?:yo)?u)?(?: (?:ever|please|just|even))* (?P<bare>remember|memori[sz]e|store|keep|save|note|retain)|(?:stop|quit) (?P<ing>remembering|memori[sz]ing|storing|keeping|saving|noting|retaining))(?: down)? (?P<what>(?P<clause>(?:who|whom|whose|where|how much|how old|what (?:the|my|our|his|her|their)) |that (?:the|my|our|his|her|their|(?-i:[A-Z])) ?)?[^,;:.!?]{{3,80}}?)(?:,? (?:please|pls|any ?more|any longer|again))*[.!]*$"
    ))
});
/// "Scrap the rule about looms": a rule as such; where the words go on, it is one of a file or a program. An agreement
/// with somebody is cancelled, and a policy on a boat dropped, outside of memory.
static A_RULE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^{POLITE}(?:scrap|scratch|drop|cancel|strike|lift|revoke|abolish|abandon|ditch|delete|remove|erase|wipe) (?:the|that|our|my|your) (?:old )?(?:rule|convention|ban) (?:about|on|for|against|of|with|regarding) (?P<what>(?:(?:the|our|my) )?[\w'’-]+(?: [\w'’-]+){{0,3}}?)(?:,? (?:please|pls|again|now))*[.!]*$"
    ))
});
/// "Strike the bit on bus 12": of what an agent was told, or of a text.
static A_BIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^{POLITE}(?:strike|scratch|erase|wipe|scrub|scrap|purge|expunge) (?:the|that|this|your) (?:bit|thing|stuff|fact|info)s? (?:about|on|regarding|concerning) (?P<what>(?:(?:the|our|my) )?[\w'’-]+(?: [\w'’-]+){{0,3}}?)(?:,? (?:please|pls|again|now))*[.!]*$"
    ))
});
/// "Drop the landlord's phone number, he complained", "delete: flour supplier": what is known of somebody, and why it is to
/// go, or no more than a thing. What is behind a comma speaks of people: "…, it is empty" is said of a file.
static A_DETAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^{POLITE}(?:(?:drop|delete|remove|erase|scrap|wipe|purge|strike|scrub|scratch|expunge) (?P<what>(?:(?:my|our|his|her|their|{OWNER}) (?:[\w'’-]+ ){{0,3}}?|the (?:[\w'’-]+ ){{1,3}}?)(?:name|surname|nickname|number|phone|address|e-?mail|birthday|date|anniversary|age|salary|wage|income|rent|debt|diagnosis|illness|medication|religion|school|contact|code ?name|location|whereabouts)),? (?:because |since |as )?(?:he|she|they|we|i|nobody|no one|(?-i:[A-Z])[\w’-]+)(?:['’](?:s|re|ve|d|m))? (?:[\w'’-]+ ?){{1,8}}|(?:delete|erase|forget|unlearn|remove): (?P<thing>[^,;:.!?]{{3,60}}))[.!]*$"
    ))
});
/// What says where, how or when belongs to the work: "don't store the totals as text".
static HOW: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:for|as|between|across|with|while|when|if|unless|until|before|after|during|per|each|every|to|without|than|from|over|because|twice|only|so)\b",
    )
});

/// Reads such words.
pub(in crate::rules) fn read(sentence: &str) -> Option<IfHeld> {
    let text = sentence.trim();
    let of = |what: &str| Forget {
        target: clean(what),
        instead: None,
        restated: None,
        points: false,
        outright: true,
    };
    if let Some(found) = A_RULE.captures(text) {
        let what = &found["what"];
        return (!HOW.is_match(what) && !antecedent::says_where(what)).then(|| IfHeld::Rule(of(what)));
    }
    if let Some(found) = A_BIT.captures(text) {
        let what = &found["what"];
        let named = !HOW.is_match(what) && !antecedent::says_where(what) && !is_pointer(what);
        return named.then(|| IfHeld::Bit(of(what)));
    }
    if let Some(found) = A_DETAIL.captures(text) {
        let what = found.name("what").or(found.name("thing"))?.as_str();
        return (!HOW.is_match(what) && !is_pointer(what)).then(|| IfHeld::Mind(of(what)));
    }
    let found = NOT_TO_KEEP.captures(text)?;
    let what = &found["what"];
    let verb = found.name("bare").or(found.name("ing"))?.as_str().to_lowercase();
    let (polite, no) = (found["polite"].to_lowercase(), found["no"].to_lowercase());
    let of_a_mind = verb.starts_with("rem") || verb.starts_with("mem");
    // "We must not store the key" is said of a program.
    let of_us = polite
        .split_whitespace()
        .any(|word| matches!(word, "we" | "let's" | "lets"));
    // "Don't remember the port" may leave out an "I".
    let of_me = polite.is_empty() && verb == "remember" && (no.starts_with("don") || no.starts_with("no"));
    if is_pointer(what) || polite.is_empty() && no.starts_with("not ") {
        return None;
    }
    if found.name("clause").is_some() {
        return (of_a_mind && !of_us && !of_me && !HOW.is_match(what)).then(|| IfHeld::Mind(of(what)));
    }
    let named = NAMED.is_match(what) && !HOW.is_match(what) && !antecedent::says_where(what);
    named.then(|| {
        if of_a_mind && !of_us && !of_me {
            IfHeld::Mind(of(what))
        } else {
            IfHeld::Thing(of(what))
        }
    })
}

/// One thing: "passwords" are things of a kind.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?:(?:the|our|my|his|her|their|{OWNER}) [\w'’-]+(?: [\w'’-]+){{0,4}}|(?-i:[A-Z])[\w'’-]*(?: (?-i:[A-Z])[\w'’-]*){{0,2}})$"
    ))
});

/// Whether a sentence says that something is not to be kept: that makes what memory holds of it no surer.
pub fn is_not_to_keep(text: &str) -> bool {
    static NOT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:please )?(?:you )?(?:do not|don['’]?t|never|(?:should|must) (?:not|never)|shouldn['’]t|mustn['’]t) (?:ever )?(?:remember|memori[sz]e|store|keep|save|note|retain)\b",
        )
    });
    NOT.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mind_is_not_to_keep() {
        for (text, what) in [
            ("Please don't remember the guest wifi.", "the guest wifi"),
            ("You should not remember the guest wifi", "the guest wifi"),
            ("Do not memorise the name of the boat, please", "the name of the boat"),
            ("Never memorize Ida's shoe size.", "Ida's shoe size"),
            ("please don't memorise who drives the van", "who drives the van"),
            ("Stop remembering who drives the van.", "who drives the van"),
            ("I want you to never remember the glaze", "the glaze"),
            (
                "Drop the warden's phone number, he complained.",
                "the warden's phone number",
            ),
            ("Scrap the wedding date, we called it off", "the wedding date"),
            ("Delete: flour supplier.", "flour supplier"),
        ] {
            let meant = Forget {
                target: what.to_owned(),
                instead: None,
                restated: None,
                points: false,
                outright: true,
            };
            assert_eq!(read(text), Some(IfHeld::Mind(meant)), "{text}");
        }
    }

    #[test]
    fn what_may_be_a_thing_of_the_work() {
        for text in [
            "Don't store the guest wifi.",
            "You should not store the guest wifi",
            "Never keep the guest wifi",
            "Stop saving the guest wifi",
            "Do not note down Ida Larkin",
            "Don't remember the guest wifi.",
            "We should never remember the guest wifi",
        ] {
            assert!(matches!(read(text), Some(IfHeld::Thing(_))), "{text}");
        }
        for text in [
            "Scrap the rule about looms.",
            "Please drop our ban on oak",
            "Scratch the rule about the swans",
            "Erase that convention on seals, please",
        ] {
            assert!(matches!(read(text), Some(IfHeld::Rule(_))), "{text}");
        }
        for text in [
            "Strike the bit on tram 9",
            "Erase the bit about the attic wifi.",
            "Please wipe that thing about the north kiln",
        ] {
            assert!(matches!(read(text), Some(IfHeld::Bit(_))), "{text}");
        }
        for text in [
            "Don't store the results in a global variable",
            "Remove the date, he wants it shorter",
            "Remove the phone number field, we don't need it",
            "Delete the old branch, it is merged",
            "Do not keep the door open",
            "Don't store passwords in plain text",
            "Never store passwords",
            "Do not save the totals as text",
            "Don't remember where I put the key",
            "Don't remember the scroll position between pages",
            "Don't remember to close the tab",
            "Do not keep it",
            "Never note that",
            "The form does not remember the address",
            "Don't keep the tests waiting",
            "Do not remember to ask",
            "Don't remember the port, look it up",
            "Remember the guest wifi",
            "Drop the rule on looms in the linter config",
            "Remove the rule for the second column from the table",
            "Keep the guest wifi",
            "Cancel the agreement with Larch",
            "Strike the bit on tram 9 in the flyer",
            "Erase the bit about seals from the second page",
            "Delete the part about looms",
            "Wipe the bit on the left before you glue it",
            "Scratch the rule about looms in the linter config",
            "Drop our policy on the boat",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
