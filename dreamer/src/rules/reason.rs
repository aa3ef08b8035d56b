//! Whether a sentence gives the reason of an order, or the sentence after it does.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::directive::NEGATIVE;
use super::passing::{is_momentary, is_passing};
use super::task::is_task;
use super::{forget, is_farewell, is_question, label, manner, remember, statement};
use crate::dates;
use crate::fact::Finding;
use crate::text::clean::pattern;
use crate::text::past::past_values;
use crate::text::vocabulary::{HABIT_VERBS, TASK_VERBS, is_verb};
use crate::text::words::{Value, akin, features, stem};

/// Whether a sentence gives the reason of the order before it.
pub(super) fn is_reason(next: &str, order: &Finding) -> bool {
    static GIVES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:because|since|otherwise|or else|else|as (?:it|they|the|we|that|otherwise)|it|it's|its|they|they're|that|that's|this|those|these|reason|the reason|so that|which|we had|we have had|we lost|last time|we got|we once|in the past|there|without (?:it|that|this|them)|with (?:it|that)|if not|or the)\b",
        )
    });
    static DECLARES: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:the|our|we|a|an|[A-Z])"));
    let next = next.trim();
    if is_question(next) || is_farewell(next) || next.split_whitespace().count() > 40 {
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
        let instead = INSTEAD.contains(&verb.as_str())
            || has_reason(next)
            || LOOKS.contains(&verb.as_str()) && manner::gives_a_reason(next);
        let no_longer = says_what_now(next, order);
        return no_longer || order.mark.correction && instead && next.split_whitespace().count() <= 24;
    }
    // "Exact minutes instead."
    static INSTEAD_OF_IT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\binstead[.!]*$"));
    // "The archive does not take the other form."
    static REFUSES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:the|our|its|their|no|nobody|none|most|every|all|half)\b.*\b(?:not|n['’]t|cannot|never|nobody|only|no|refuses?|rejects?|loses?|fails?|breaks?|takes|wants?|needs?|expects?|requires?|chokes?)\b",
        )
    });
    if order.mark.correction && INSTEAD_OF_IT.is_match(next) && next.split_whitespace().count() <= 8 {
        return true;
    }
    let names_the_wrong = order.mark.order && CONTRASTS.is_match(&order.text);
    let came_of_it = || tells_what_happened(next) && !speaks_of_oneself(next);
    if names_the_wrong && !has_reason(&order.text) && (REFUSES.is_match(next) || came_of_it()) {
        return true;
    }
    if order.mark.order && blames_the_old(next) {
        return true;
    }
    GIVES.is_match(next)
        || DECLARES.is_match(next) && (asks_for_it(next) || tells_what_came_of_it(next))
        || (order.mark.correction && !has_reason(&order.text) && DECLARES.is_match(next))
}

/// "Leave the gauges in millibar. On the night shift nobody can convert": the one sentence that follows an order says why
/// where it speaks of the same thing, of something that goes wrong, or of what people do.
pub(super) fn explains(next: &str, order: &Finding) -> bool {
    static WRONG: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:not|\w+n['’]t|cannot|nobody|no one|never|nothing|only|without|no|wrong(?:ly)?|too|twice|double|useless|illegible|unreadable|(?:refuse|reject|lose|break|fail|choke|revert|overwrite|delete|rewrite|reset|complain|confuse|mistake|stumble|block|cost|slow|crash|tear|rot|fade|leak|stain|clog|smudge|sue)(?:s|d|es|ed)?|mix(?:es)? up|differently|(?:mix|block|slow|clog|tripp?)ed|lost|broke|trips)\b",
        )
    });
    // "Half of the guests read with a magnifier".
    static PEOPLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:half|most|many|some|several|all|two|three|people|everybody|everyone)\b(?: of (?:the|our|them))?",
        )
    });
    // "They", "the old ones": what was ordered, or the other of it.
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:it|they|them|those|ones|the others?)\b"));
    let (told, ordered) = (
        features(next, &BTreeSet::new()),
        features(&order.text, &BTreeSet::new()),
    );
    let same = |stem: &String| ordered.stems.iter().any(|other| akin(other, stem));
    let names_other = told
        .values
        .iter()
        .filter(|(kind, _)| matches!(kind, Value::Code | Value::Address))
        .any(|(_, values)| !values.iter().all(same));
    let first = next.split_whitespace().next().unwrap_or_default().to_lowercase();
    let declares = (4..=40).contains(&next.split_whitespace().count())
        && label::strip(next).text.len() == next.len()
        && statement::has_verb(next)
        && (has_a_compound_subject(next) || !is_verb(&first) && !is_task(next))
        && !NEGATIVE.is_match(next)
        && !is_question(next)
        && !is_passing(next)
        && !speaks_of_oneself(next)
        && !next.to_lowercase().contains("please")
        && (!dates::is_relative(next) || tells_what_happened(next))
        && forget::read(next, None).is_none()
        && remember::read(next, false).is_none();
    declares
        && order.mark.order
        && !has_reason(&order.text)
        && !names_other
        && (WRONG.is_match(next)
            || PEOPLE.is_match(next)
            || OTHERS.is_match(next)
            || tells_what_happened(next)
            || told.stems.iter().any(same))
}

/// "Print jobs block the loom PC": the first word may be a verb, and says here of what kind those are who do harm.
fn has_a_compound_subject(text: &str) -> bool {
    static HARM: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^[a-z]+ [a-z][\w-]*[^s\W]s (?:break|trip|clog|block|jam|confuse|crash|ruin|spoil|upset|slow|delete|overwrite|mess|annoy|bother|corrupt|flood|kill|damage)(?: (?:up|down|out))? (?:the|our|their|its|an?|every|each|all|half|everything|everybody|everyone|us|people)\b",
        )
    });
    // "Make jobs delete the cache" is a task.
    static CAUSES: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:make|let|have|help|get|stop|keep|see|watch|check|do|don't|if|when)\b"));
    HARM.is_match(text) && !CAUSES.is_match(text)
}

/// "I wish you hadn't sorted the list by name. Could you keep it by age?": how it is to be instead. To mend what was
/// done is a task.
pub(super) fn asks_instead(text: &str, next: &str) -> bool {
    static WISHES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:i|we)(?:['’]d| would)? (?:(?:rather|really|do|just|kind of|sort of) )*(?:wish|have preferred(?: it)?(?: if)?)(?: that)? you (?:hadn['’]?t|had not)\b",
        )
    });
    static ASKS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:so |but |and )?(?:can|could|would|will) you (?:(?:please|just|maybe|rather|instead) )*(?:(?:keep|leave) (?:it|them|that|those|these) |(?:always|never) (?P<verb>[a-z]+) )[^?]{3,100}\?$",
        )
    });
    // "Leave it open until Friday", "keep it for now": once.
    static ONCE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:again|back|once|now|today|tonight|tomorrow|until|till|for (?:me|us|a)|this time|next)\b")
    });
    WISHES.is_match(text)
        && !is_momentary(next)
        && !ONCE.is_match(next)
        && ASKS.captures(next.trim()).is_some_and(|found| {
            let verb = found.name("verb").map(|verb| verb.as_str().to_lowercase());
            verb.is_none_or(|verb| HABIT_VERBS.contains(verb.as_str()) && !TASK_VERBS.contains(verb.as_str()))
        })
}

/// "No dates in titles from now on. Just the place and the year": without a verb, what is left of a thing.
pub(super) fn says_what_is_left(next: &str, told: &Finding) -> bool {
    static LEFT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:(?:and|so|but) )?(?:just|only|simply) (?P<what>[^,;:.!?]{3,60})"));
    static LACKS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:without|no|not|any ?more|any longer|instead of|rather than)\b|\bw/o\b"));
    // "Just a thought", "only one question": talk.
    static TALK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:an?|this|that|it|to|for|in|so|because|if|when|my|me|you|i|we|now|today|once|fyi|[a-z]+ing)\b|\b(?:question|thing|problem|issue|request|favou?r|reminder|note)s?\b",
        )
    });
    let Some(found) = LEFT.captures(next.trim()) else {
        return false;
    };
    // "Only Ida approves refunds", "only larch fits the press": a sentence of its own.
    static TELLS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?-i:[A-Z])[\w-]+ [a-z]+(?:s|ed)\b|^(?:(?:the|our|my) )?[\w'’-]+ [a-z]{2,}(?:s|ed) (?:the|our|my|an?|all|any|every|it|them|this|that)\b",
        )
    });
    let what = &found["what"];
    let first = what.split(' ').next().unwrap_or_default().to_lowercase();
    (told.mark.order || told.mark.change || label::tells_a_change(&told.text))
        && LACKS.is_match(&told.text)
        && next.split_whitespace().count() <= 16
        && !TALK.is_match(what)
        && !is_verb(&first)
        && !statement::has_finite_verb(what)
        && !TELLS.is_match(what)
        && !is_question(next)
        && !is_passing(next)
}

/// "Names never go on a notice. We were fined in spring": what happened, after a rule that is told as how things are.
pub(super) fn explains_a_rule(next: &str, told: &Finding) -> bool {
    static RULE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:never|always|must(?:n['’]?t)?|only|nobody|no one)\b"));
    RULE.is_match(&told.text)
        && !has_reason(&told.text)
        && tells_what_happened(next)
        && (3..=24).contains(&next.split_whitespace().count())
        && !speaks_of_oneself(next)
        && !is_passing(next)
        && !is_task(next)
        && !next.to_lowercase().contains("please")
        && forget::read(next, None).is_none()
        && remember::read(next, false).is_none()
}

/// "Otherwise the quorum is gone": what comes of it where the order before it is not kept. "Otherwise it reads well", and
/// "otherwise print it", speak of the rest.
pub(super) fn tells_what_else(next: &str) -> bool {
    static ELSE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:(?:otherwise|or else|else) |if not, )(?P<does>[\w'’-]+)"));
    static GOOD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:fine|good|great|ok(?:ay)?|well|nice|perfect|clean|nothing|everything|all|works?)\b")
    });
    ELSE.captures(next)
        .is_some_and(|found| !is_verb(&found["does"].to_lowercase()))
        && !GOOD.is_match(next)
        && !speaks_of_oneself(next)
        && !is_question(next)
        && !is_passing(next)
}

/// "We don't send them there any more. Put them on the site first.": what is done now.
pub(super) fn says_what_now(next: &str, told: &Finding) -> bool {
    let verb = next.split_whitespace().next().unwrap_or_default().to_lowercase();
    NO_LONGER.is_match(&told.text)
        && INSTEAD.contains(&verb.as_str())
        && (POINTS_BACK.is_match(next) || repeats_a_thing(next, &told.text))
        && next.split_whitespace().count() <= 24
        && !is_momentary(next)
        && !is_question(next)
        && forget::read(next, None).is_none()
        && remember::read(next, false).is_none()
}

/// Whether a sentence goes on about a thing, in its own words, of which the one before says that it is over: "We don't
/// send notes by telex any longer. Notes go out by mail."
pub(super) fn follows_an_end(next: &str, before: &str) -> bool {
    let about = features(next, &BTreeSet::new());
    let before_it = features(before, &BTreeSet::new()).stems;
    NO_LONGER.is_match(before)
        && !about.negative
        && about
            .head
            .iter()
            .any(|word| before_it.iter().any(|said| akin(said, word)))
}

/// "The notes at the gate are not wanted any more. Put the notes on the site.": it names what is spoken of.
fn repeats_a_thing(next: &str, told: &str) -> bool {
    static THE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:the|our) (?P<thing>[\w-]{3,})"));
    let told = features(told, &BTreeSet::new()).stems;
    THE.captures_iter(next)
        .any(|found| told.contains(&stem(&found["thing"].to_lowercase())))
}

/// "We no longer …".
static NO_LONGER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:any ?more|any longer|no longer|no more)\b"));
static POINTS_BACK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:it|them|they|those|these|that|this|instead)\b"));
/// "Oak, not pine".
static CONTRASTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i),? (?:and not|not|never|instead of|rather than) (?:as |in |with |by |the )?[\w'’./-]+(?: [\w'’-]+)?[.!]*$",
    )
});

/// Verbs that say where to turn instead, or what else to do with the work at hand.
const LOOKS: [&str; 8] = ["look", "stick", "stay", "try", "check", "count", "compare", "point"];

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

/// "Not 14.", "The old form is over.", "No long ones any more.": a few words after what holds now say what no longer does.
pub(super) fn takes_back(next: &str, told: &Finding) -> bool {
    static NOT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:and |so |but )?not (?:[\w'’.+#/-]+ ){0,2}[\w'’.+#/-]+[.!]*$"));
    static NO_MORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:and |so |but )?no (?:more )?(?:[\w'’-]+ ){1,3}(?:any ?more|any longer)[.!]*$")
    });
    static OVER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?i)^(?:the |our |that )?(?:[\w'’"“”./+&#-]+ ){1,4}(?:is|are) (?:now )?(?:over|out|gone|dead|history|retired|obsolete|past|banned|deprecated|no more)(?: now| for good)?[.!]*$"#,
        )
    });
    // "The old mailbox gets closed, nobody reads it any more."
    static CLOSES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:and |so )?(?:the |our |that )(?:[\w'’#./-]+ ){1,4}?(?:gets?|(?:is|are) being|will be|(?:is|are) going to be) (?:archived|closed|abolished|dissolved|dropped|retired|deleted|removed|sold|scrapped|shut down|switched off|turned off|bricked up|torn down|walled up|taken down|phased out)(?:(?:[,;–—]| - ).*|[.!]*)$",
        )
    });
    let new = told.mark.order || told.mark.change || label::tells_a_change(&told.text);
    let of_one_kind = || {
        let (next, told) = (features(next, &BTreeSet::new()), features(&told.text, &BTreeSet::new()));
        let number = |kind: &Value| matches!(kind, Value::Number(_));
        let both = |kind: &Value| told.values.contains_key(kind) || number(kind) && told.values.keys().any(number);
        next.values.keys().any(both) || next.subject.iter().any(|stem| told.stems.contains(stem))
    };
    let denies = (NOT.is_match(next) || new && NO_MORE.is_match(next)) && of_one_kind();
    let closes = || CLOSES.is_match(next) && next.split_whitespace().count() <= 16;
    (denies || new && (closes() || OVER.is_match(next) && !past_values(next).is_empty())) && !is_passing(next)
}

/// "20 was too tight, everybody ran late": what was before, and what was wrong with it.
pub(super) fn blames_the_old(next: &str) -> bool {
    static TOO: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:the |our |an? )?(?:[\w'’%€$.:-]+ ){1,3}?(?:was|were) (?:just |much |far |way |simply |always |often |a bit )*too \w+",
        )
    });
    TOO.is_match(next) && !speaks_of_oneself(next) && !is_momentary(next) && !is_question(next)
}

/// "I was ill last week": no reason of an order.
fn speaks_of_oneself(text: &str) -> bool {
    static ONESELF: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:i|i['’]\w+|my)\b"));
    ONESELF.is_match(text)
}

/// "In the lobby a guest took one for a towel and slipped": what happened where the order was not kept.
fn tells_what_came_of_it(next: &str) -> bool {
    static CAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:in|on|at|with|without|from|under|by) (?:the|our|an?|one) (?:[\w'’-]+ ){1,4}?|once |twice )?(?:an?|one|two|three|some(?:body|one)?|nobody|several|half) (?:\S+ ){0,4}?(?:was|were|had|took|went|got|lost|broke|fell|came|made|sent|wrote|ran|found|paid|left|thought|saw|read|[a-z]{3,}ed)\b",
        )
    });
    CAME.is_match(next) || tells_what_people_thought(next)
}

/// "Owners found that cold, we had two complaints".
fn tells_what_people_thought(next: &str) -> bool {
    static THOUGHT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:the|our|some|many|most|two|three|several) )?(?:[\w'’-]{3,}s|people|(?:every|some)(?:one|body)) (?:\w+ly )?(?:found|thought|complained|mistook|misread|misunderstood|took (?:it|that|them|this)|felt|hated|laughed at|read (?:it|that|this) as)\b",
        )
    });
    THOUGHT.is_match(next)
}

/// "RGB made the blue come out purple last time": what went wrong before where it was done otherwise.
pub(super) fn tells_what_happened(next: &str) -> bool {
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:last (?:time|week|month|year|spring|summer|autumn|winter)|in (?:spring|summer|autumn|winter)|the other day|once|twice|in the past)\b",
        )
    });
    static DID: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:was|were|had|made|came|broke|cost|took|lost|got|went|found|sent|fell|ran|[a-z]{3,}ed)\b")
    });
    !is_question(next) && !is_momentary(next) && BEFORE.is_match(next) && DID.is_match(next)
}

/// Whether a sentence gives a reason itself.
pub(super) fn has_reason(text: &str) -> bool {
    static REASON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:because|since|otherwise|or else|so that|as it|as they|as the|as we|in order to|to avoid|to keep|due to|it (?:is|has|holds|picks|breaks|keeps|makes|uses|does|will|can|was|needs|takes|costs)|they (?:are|have|break|share|lose|need|will|can|get)|the \w+ (?:is|are|has|have|share|lose|fails?|breaks?|needs?|depends?|gets?|wants?|expects?|will|cannot|can't))\b",
        )
    });
    // "Leave it where it is", "keep them as they are" give none.
    static PLACE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:where(?:ver)?|how|what|than|like|the way) (?:it|they) (?:is|are|has|have)\b|\bas (?:it is|they are)\s*(?:[.,;!]|$)",
        )
    });
    REASON.is_match(&PLACE.replace_all(text, " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Kind, Mark, Op};

    #[test]
    fn what_follows_the_end_of_a_thing() {
        for (before, next) in [
            (
                "We don't send press notes by telex any longer, it got dear",
                "Press notes go out by mail",
            ),
            (
                "Shifts are no longer swapped on paper",
                "Shift swaps go through the porter",
            ),
            (
                "Nobody pays the gate fee in coins any more",
                "The gate fee is taken from the card",
            ),
            ("No more oak for doors", "Doors are made of larch"),
            ("Tours don't start at the mill anymore", "Tours start at the quay"),
        ] {
            assert!(follows_an_end(next, before), "{before} {next}");
        }
        for (before, next) in [
            ("Shifts are no longer swapped on paper", "The canteen opens at noon"),
            ("Shifts are swapped on paper", "Shift swaps go through the porter"),
            ("Tours don't start at the mill anymore", "Tours are not for children"),
        ] {
            assert!(!follows_an_end(next, before), "{before} {next}");
        }
    }

    #[test]
    fn what_people_thought_of_it() {
        for text in [
            "Owners found that cold, we had two complaints.",
            "Two guests complained about the other one",
            "Readers took it for an advert",
            "People mistook it for a towel",
            "Everybody laughed at the old one",
        ] {
            assert!(tells_what_people_thought(text), "{text}");
        }
        for text in [
            "Tests failed again",
            "Owners are told by mail",
            "Find the owners of the towels",
        ] {
            assert!(!tells_what_people_thought(text), "{text}");
        }
    }

    #[test]
    fn a_thing_named_again() {
        let told = "On labels, the order number in front is not wanted any more";
        assert!(repeats_a_thing("Put the number in the footer", told));
        assert!(repeats_a_thing("Print it in the notes, the labels stay plain", told));
        assert!(!repeats_a_thing("Put the towels in the hall", told));
        assert!(!repeats_a_thing("Write numbers in full", told));
    }

    #[test]
    fn what_was_wrong_with_the_old() {
        for text in [
            "20 was too tight, everybody ran late",
            "The blue card was much too small for the gate.",
            "PDF was too slow",
            "Mondays were simply too busy.",
            "An hour was way too long",
        ] {
            assert!(blames_the_old(text), "{text}");
        }
        for text in [
            "I was too late",
            "20 is the sum",
            "The vats were rinsed too",
            "It was Ida, too many people saw it",
            "My train was too full",
        ] {
            assert!(!blames_the_old(text), "{text}");
        }
    }

    #[test]
    fn a_place_is_no_reason() {
        for text in [
            "Leave the moulds where they are",
            "Keep the text the way it is",
            "Show what it has",
            "Keep the moulds as they are",
            "Leave the plan as it is, please",
        ] {
            assert!(!has_reason(text), "{text}");
        }
        for text in [
            "Leave the moulds there, it is where the casters look",
            "Move the vat, as it is hot",
            "Keep the lamps off, as they are shared by all halls",
            "Keep the text, it has the names",
        ] {
            assert!(has_reason(text), "{text}");
        }
    }

    fn order(text: &str) -> Finding {
        Finding {
            op: Op::State,
            text: text.to_owned(),
            kind: Kind::Feedback,
            importance: 6,
            mark: Mark {
                order: true,
                ..Mark::default()
            },
        }
    }

    #[test]
    fn what_is_left_of_a_thing() {
        for (told, next) in [
            ("No dates in titles from now on", "Just the place and the year"),
            (
                "Crates are named without the colour",
                "only mill plus number, blue ones are gone",
            ),
            ("We don't want long signatures any more", "Simply initials and hall."),
        ] {
            assert!(says_what_is_left(next, &order(told)), "{told} {next}");
        }
        for (told, next) in [
            ("No dates in titles from now on", "Just a thought"),
            ("No dates in titles from now on", "Only one question: who is Ida?"),
            ("No dates in titles from now on", "Just fix the header"),
            ("No dates in titles from now on", "Just saying."),
            ("No dates in titles from now on", "Only Ida has the key"),
            ("No dates in titles from now on", "Only Ida approves refunds"),
            ("No oak from now on", "Only larch fits the press"),
            ("Dates go in titles", "Just the place and the year"),
        ] {
            assert!(!says_what_is_left(next, &order(told)), "{told} {next}");
        }
    }

    #[test]
    fn a_first_word_that_is_no_verb_here() {
        for (told, next) in [
            ("Always send scans by night", "Print jobs block the loom PC"),
            ("No oak crates, always larch", "Update notices confuse the porters"),
            ("Never feed the vat by hand", "Test strips clog up the drain"),
        ] {
            assert!(explains(next, &order(told)), "{told} {next}");
        }
        for (told, next) in [
            ("Always send scans by night", "Print the jobs, they block the loom PC"),
            ("Always send scans by night", "Print labels for the mill"),
            ("Always send scans by night", "Make jobs delete the old scans"),
            ("Always send scans by night", "Update notices and break the seal"),
        ] {
            assert!(!explains(next, &order(told)), "{told} {next}");
        }
    }

    #[test]
    fn what_is_asked_for_instead() {
        for (told, next) in [
            ("I wish you hadn't sorted the list by name", "Could you keep it by age?"),
            (
                "I'd have preferred it if you had not moved the crates",
                "Would you please leave them by the gate?",
            ),
            (
                "We really wish you hadn't cut the quotes",
                "So can you always quote in full?",
            ),
        ] {
            assert!(asks_instead(told, next), "{told} {next}");
        }
        for (told, next) in [
            ("I wish you hadn't deleted the list", "Could you restore it?"),
            (
                "I wish you hadn't deleted the list",
                "Could you please undo that for me?",
            ),
            ("I wish you hadn't deleted the letter", "Could you write it again?"),
            ("I wish you hadn't closed the gate", "Could you leave a note for Ida?"),
            (
                "I wish you hadn't closed the gate",
                "Could you keep it open until Friday?",
            ),
            ("I wish you hadn't dropped the crate", "Could you report that to Ida?"),
            ("I wish I hadn't sorted the list", "Could you keep it by age?"),
            ("I sorted the list", "Could you keep it by age?"),
            ("I wish you hadn't sorted the list", "Why did you keep it?"),
        ] {
            assert!(!asks_instead(told, next), "{told} {next}");
        }
    }

    #[test]
    fn what_is_closed_goes_with_what_is_used_instead() {
        let told = order("Reports go to the annex instead");
        for next in [
            "The old mailbox gets closed, nobody reads it any more.",
            "The channel is being archived.",
            "The front gate will be bricked up - the new road runs there.",
            "And the Telex line is going to be switched off.",
            "Our old hall gets torn down.",
        ] {
            assert!(takes_back(next, &told), "{next}");
        }
        for next in [
            "The mailbox is closed on Mondays.",
            "The old mailbox gets emptied at noon.",
            "Close the old mailbox.",
            "Is the mailbox being closed?",
        ] {
            assert!(!takes_back(next, &told), "{next}");
        }
    }

    #[test]
    fn what_happened_after_a_rule() {
        for (rule, next) in [
            ("Names never go on a notice", "Data protection, we were fined in spring"),
            ("Parcels never go through the kitchen", "We lost two last winter"),
            ("The side gate must always be shut", "A thief got in last year"),
            ("Only Ida opens the kiln", "It was cracked twice"),
            ("Nobody works alone on the roof", "Last year a mason fell"),
        ] {
            assert!(explains_a_rule(next, &order(rule)), "{rule} {next}");
        }
        for (rule, next) in [
            ("Names never go on a notice", "I was ill last week"),
            ("Names never go on a notice", "Was anybody fined last year?"),
            ("The gate is green", "We were fined in spring"),
            ("Only Ida opens the kiln", "The mill opens at nine"),
            (
                "Nobody works alone on the roof",
                "Please check what was written last week",
            ),
        ] {
            assert!(!explains_a_rule(next, &order(rule)), "{rule} {next}");
        }
    }

    #[test]
    fn the_one_sentence_after_an_order() {
        for (told, next) in [
            (
                "Leave the gauges in millibar",
                "On the night shift the crew cannot convert and the alarms come out wrong.",
            ),
            (
                "Use short words in the leaflet",
                "Half of the guests read in their second language.",
            ),
            (
                "Keep the valve log in local time",
                "When summer time ends the crews read it wrong.",
            ),
            (
                "Write a note instead of phoning the mill",
                "Orla deletes every phone message.",
            ),
            (
                "Use the metric drawings",
                "The imperial ones are from the mill in Oulu.",
            ),
            ("Ask before you order paint", "The last batch had the wrong shade."),
            ("Write numbers out in speeches", "The chairman stumbles over digits."),
            ("Use the 24-hour clock on the boards", "Tourists mix up am and pm."),
            ("We don't do Sunday deliveries", "The drivers' union sued us once."),
            ("Weigh the wool before washing", "Wet fleece is twice as heavy."),
        ] {
            assert!(explains(next, &order(told)), "{told} {next}");
        }
        for (told, next) in [
            ("Use short words in the leaflet", "The mill is in Oulu."),
            ("Use short words in the leaflet", "Fix the typo on page 2, it is wrong."),
            (
                "Use short words in the leaflet",
                "I have no idea who wrote this leaflet.",
            ),
            (
                "Use short words in the leaflet",
                "By the way, the porter never works on Fridays.",
            ),
            ("Use short words in the leaflet", "Never print it in blue."),
            (
                "Use short words in the leaflet",
                "Tomorrow the leaflet goes to the printer.",
            ),
            ("Use short words in the leaflet", "The fonts are only in assets/fonts."),
            (
                "Use short words, because half of them are children",
                "The porter never works on Fridays.",
            ),
        ] {
            assert!(!explains(next, &order(told)), "{told} {next}");
        }
    }

    #[test]
    fn what_went_wrong_last_time_goes_with_what_is_right() {
        let told = order("Write times as 24h on our notices, not am/pm");
        assert!(is_reason("Last year half the dyers came in the evening.", &told));
        assert!(is_reason("In spring a whole crew was sent twice.", &told));
        assert!(!is_reason("Last week I was ill.", &told));
        assert!(!is_reason(
            "Last year half the dyers came.",
            &order("Write times as 24h")
        ));
    }
}
