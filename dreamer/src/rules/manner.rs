//! Orders that say how a thing is to be, in forms that may as well be a task: what tells them apart.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::passing::is_momentary;
use super::statement::has_finite_verb;
use super::task::is_task;
use super::weight::SOMEONES;
use crate::text::clean::pattern;
use crate::text::sentence;
use crate::text::vocabulary::{HABIT_VERBS, TASK_VERBS, TELLING, is_verb, number};
use crate::text::words::{Value, features};

/// "The", "this", "my": one thing that is at hand.
static DEFINITE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:the|this|that|these|those|an?|my|your|his|her|its?|their|one|another|some)\b"));

/// Whether a manner is ordered: set to a value for a reason, when something happens, or of things of a kind.
pub(super) fn is_one(text: &str) -> bool {
    is_correction(text)
        || tells_when(text)
        || is_of_a_kind(text)
        || goes_back(text)
        || is_wanted_everywhere(text)
        || holds_from_now_on(text)
}

/// "Bind it to 127.0.0.1, guests can reach the network", "that has to be bun and not yarn": something was done otherwise.
pub(super) fn is_correction(text: &str) -> bool {
    sets_a_value_for_a_reason(text) || corrects_one(text)
}

/// "It must be the blue one and not the red one": both are named, so it says what it is about.
pub(super) fn corrects_one(text: &str) -> bool {
    static CORRECTS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:please|no|nope|sorry)[, ]+)?(?:(?:that|it|this|these|those|they) )?(?:has to|have to|must|should|ought to|needs? to|is supposed to|was supposed to|is meant to|are to) be (?P<right>[^,:;]{1,60}?),? (?:and not|but not|not|instead of|rather than|in place of|never) (?P<wrong>[^,:;]{1,40})",
        )
    });
    CORRECTS
        .captures(text)
        .is_some_and(|found| names_a_value(&found["right"]) && names_a_value(&found["wrong"]))
}

/// An order that gives a value, in a sentence that says why it has to be that one.
pub(super) fn sets_a_value_for_a_reason(text: &str) -> bool {
    // Verbs that set something, whatever was there; what is made or mended is done once.
    const SETS: [&str; 30] = [
        "bind", "listen", "give", "set", "run", "pin", "limit", "cap", "put", "take", "start", "mount", "build",
        "call", "connect", "tag", "host", "serve", "deploy", "pass", "assign", "chmod", "chown", "mark", "point",
        "route", "lock", "expose", "allow", "use",
    ];
    static NEEDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:you|we|it|that|this|these|they)(?:'ll| will)? needs? (?:an? |the )?(?P<needed>.+)|(?:it|that|this|these|they) (?:has to|have to|must|should|ought to|needs? to) (?:be|run|go|listen|use|stay|start|bind|live)\b(?P<be>.+)|(?:it|that|this|these|those|they) (?:must not|mustn['’]t|must never|may not|may never) (?:run|start|listen|live) (?:on|in|at|under) (?P<place>(?:the|our) [\w-]+.*))$",
        )
    });
    let (order, reason) = without_reason(text);
    if !reason {
        return false;
    }
    let first = order.split_whitespace().next().unwrap_or_default().to_lowercase();
    let needed = NEEDS
        .captures(order)
        .and_then(|found| found.name("needed").or(found.name("be")));
    // "That must not run on the front desk, the guests see it".
    let elsewhere = NEEDS.captures(order).is_some_and(|found| found.name("place").is_some());
    match needed {
        _ if elsewhere => true,
        Some(needed) => !needed.as_str().trim_start().starts_with("to ") && names_a_value(needed.as_str()),
        None => SETS.contains(&first.as_str()) && names_a_value(order),
    }
}

/// Whether a clause after an order says how things are.
pub(super) fn gives_a_reason(text: &str) -> bool {
    without_reason(text).1
}

/// The order in front, and whether a clause after it says how things are.
fn without_reason(text: &str) -> (&str, bool) {
    static OWN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:because|since|as|otherwise|or else|or|else|and)\b|(?:the|our|their|its|every|each|all|no|some|most|only|an?) .*\b(?:is|are|was|were|has|have|had|can|can'?t|cannot|could|must|may|might|will|won'?t|would|needs?|does|doesn'?t|do|don'?t|\w{3,}s|\w{3,}ed|(?:the|our|their) \w+s [a-z]{3,})\b|(?:the|our|their) [\w-]+s [a-z]{3,} \w|(?:people|users|guests|customers|visitors|readers|drivers|passengers|somebody|someone|everyone|everybody|half (?:of )?\w+|two \w+) (?:\w+ )?[a-z]{3,} (?:it|them|us|him|her|the|a|an|our|their|about|in|on|at|over|for|with|by|into|when|without)\b|they (?:all|both|often|always) [a-z]{3,} (?:to|into|from|with|in|on|at|the|an?|one|our|it)\b|(?:it|they|there|that|nobody|[\w.-]+|[\w-]+ [\w-]+)(?:'s)? (?:\w{3,}s|is|are|was|were|has|have|had|can|can'?t|cannot|could|must|may|might|will|won'?t|would|needs?|does|doesn'?t|do|don'?t|breaks?|fails?|leaks?|ships?|runs?|gets?|wants?|expects?|loses?|takes?|counts?)\b)",
        )
    });
    static ORDERS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:i|i'\w+|you|let'?s|then|please|can you|could you|we'll|we can|so that|so i)\b")
    });
    let colon = text.find(": ").map(|at| (at, at + 2));
    let clause = sentence::clauses(text);
    let first = clause.first().copied().unwrap_or(text);
    let (order, rest): (&str, Vec<&str>) = match colon {
        Some((at, from)) if at < first.len() => (&text[..at], vec![&text[from..]]),
        _ => (first, clause.get(1..).unwrap_or_default().to_vec()),
    };
    let says_why = |piece: &&str| {
        piece.split_whitespace().count() >= 3
            && OWN.is_match(piece)
            && !ORDERS.is_match(piece)
            && !is_task(piece)
            && !is_momentary(piece)
    };
    (order, rest.iter().any(says_why))
}

/// A number, a path, a flag, an address, a name or one of a row of alternatives.
pub(super) fn names_a_value(text: &str) -> bool {
    let found = features(text, &BTreeSet::new());
    !found.values.is_empty() || found.stems.len() == 1
}

/// "When long jobs finish just write an email": what is to be done each time something of a kind happens.
fn tells_when(text: &str) -> bool {
    static WHEN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?P<each>whenever|each time|every time)|when|as soon as|once|before|after|if) (?P<what>[^,;.!]{3,60}?)(?:,\s*(?:(?:please|just|then|always)\s+)*|\s+(?:please|just|always)\s+)(?P<verb>[a-z]+)\b.*$",
        )
    });
    static OF_A_KIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:an?|any|every|each|some\w+|any\w+|new|old|long|big|large|more|less|\w+ing|[a-z][\w-]+s) ")
    });
    // "Every time you touch the schedule": "whenever you have time" and "each time you run it" are about now.
    static DOES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:we (?P<we>[a-z]+)(?: [\w'’-]+){0,6}|you (?P<you>[a-z]+)(?: [\w'’-]+){1,6})$")
    });
    static AT_HAND: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:it|this|that|these|those|them|time|chance|moment|minute|ready)\b"));
    const NO_DOING: [&str; 21] = [
        "are", "were", "can", "could", "want", "wish", "like", "have", "get", "feel", "find", "need", "think", "know",
        "see", "run", "click", "try", "do", "hit", "please",
    ];
    // "Text me on the duty phone when a pump stops".
    static TELL: LazyLock<Regex> = LazyLock::new(|| {
        let verb = TELLING.join("|");
        pattern(&format!(
            r"(?i)^(?:please )?(?:{verb}) (?:me|us|everyone|the (?:[\w-]+ ){{0,2}}?[\w-]+|(?-i:[A-Z])[\w-]+)(?: (?:on|via|by|in|through|over|with|at|under) [\w+'’ -]{{2,40}}?)?,? (?:when(?:ever)?|if|as soon as|once|each time|every time|before|after) (?P<what>[^,;.!]{{3,60}})(?:[,;].*)?[.!]*$"
        ))
    });
    let does = |what: &str| {
        DOES.captures(what).is_some_and(|found| {
            let verb = found.name("we").or(found.name("you"));
            verb.is_some_and(|verb| !NO_DOING.contains(&verb.as_str().to_lowercase().as_str()))
        }) && !AT_HAND.is_match(what)
    };
    if let Some(found) = TELL.captures(text) {
        return OF_A_KIND.is_match(&found["what"]) && !is_momentary(&found["what"]);
    }
    WHEN.captures(text).is_some_and(|found| {
        let verb = found["verb"].to_lowercase();
        (HABIT_VERBS.contains(verb.as_str()) || TASK_VERBS.contains(verb.as_str()) || TELLING.contains(&verb.as_str()))
            && (OF_A_KIND.is_match(&found["what"]) || found.name("each").is_some() && does(&found["what"]))
            && !is_momentary(&found["what"])
    })
}

/// "Amounts in cents everywhere", "dates as ISO please": no verb, and a word that says how far it goes.
fn is_of_a_kind(text: &str) -> bool {
    static KIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:all|the|our|any|new) )?(?:[\w-]+ ){0,3}?[\w-]+[^s\W]s (?:always |only )?(?:in|as|with|without|by|via|over) (?P<value>[^,;:]{2,40}?),?(?: (?:everywhere|always|please|pls|only|throughout|by default|from now on|in all [\w ]+|for all [\w ]+))+(?:[,;–—].*|[.!]*)$",
        )
    });
    KIND.captures(text)
        .filter(|found| !is_task(text) && !is_definite(&found["value"]))
        .is_some_and(|found| !has_finite_verb(&text[..found.name("value").map_or(0, |value| value.end())]))
}

/// "I want oak handles on all doors": how far it goes says that it lasts.
fn is_wanted_everywhere(text: &str) -> bool {
    static WANTED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:i|we)(?:['’]d| would)? (?:really |just |only )?(?:want|like|prefer|love)(?: to (?:have|see|use))? (?P<what>[^,;:.]{3,60}?) (?:for (?:everything|everyone|(?:all|every|each)\b[^,;]{2,30})|everywhere|throughout|at all times|by default|every time)[.!]*(?:[,;–—].*)?$",
        )
    });
    WANTED.captures(text).is_some_and(|found| {
        let what = &found["what"];
        !what.starts_with("to ") && !what.starts_with("you ") && !is_definite(what)
    })
}

/// "British spelling everywhere from now on": no verb, and a word that says that it lasts.
fn holds_from_now_on(text: &str) -> bool {
    static LASTS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?P<what>(?:[\w'’./+-]+ ){1,3}?[\w'’./+-]+?),? (?:(?:everywhere|throughout|always|only|please),? )*(?:from (?:now|here|today)(?: on(?:wards?)?)?|henceforth|going forward)(?:,? (?:please|pls))?[.!]*(?:\s*[,;:–—]| -|$)",
        )
    });
    LASTS.captures(text).is_some_and(|found| {
        let what = &found["what"];
        !SOMEONES.is_match(what) && !what.to_lowercase().starts_with("we ") && !has_finite_verb(what)
    }) && !is_task(text)
        && !is_momentary(text)
}

/// "So temperatures back to Celsius please", "we are going back to paper tickets", "revert to inches in the plans": as it
/// was before.
pub(super) fn goes_back(text: &str) -> bool {
    static BACK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:so|then|ok(?:ay)?|and|please|go|switch|let'?s go|we(?:'re| are)?(?: going| go| switched| went)?|put|bring|change|set)[, ]+)*(?:(?:[\w'’-]+ ){0,4}?back to|(?P<reverts>revert to)) (?P<to>[\w`'’./+-]+(?: [\w`'’./+-]+){0,2}?)(?P<of> (?:in|on|for) (?:the|our|all) [\w'’ -]{2,40}?)?(?:,? (?:please|pls|again|now|everywhere|from now on))*(?:[,;:–—].*|[.!]*)$",
        )
    });
    static WE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^we\b"));
    BACK.captures(text).is_some_and(|found| {
        let to = &found["to"];
        // "Back to tests" says what comes next; who goes back with others to things of a kind says how it is again.
        let turns = found.name("reverts").is_some() || WE.is_match(text);
        let many = to.ends_with('s') && !to.ends_with("ss") && to.len() > 4;
        let told = features(to, &BTreeSet::new());
        let known = !told.values.is_empty() && found.name("of").is_none();
        (known || turns && many) && !DEFINITE.is_match(to)
    })
}

/// "Keep it under 100 words whenever you write a product text": what "it" is, the end of the sentence says.
pub(super) fn names_it_last(text: &str) -> bool {
    static LAST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:please|always|never) )*(?:keep|make|write|print|sign|date|word|phrase) (?:it|them) [^,;:]{2,60}? (?:when(?:ever)?|each time|every time|if) (?:you|we) (?:write|draft|make|create|post|publish|send|prepare|produce|design|draw|print) (?:an?|any|new|our) [a-z]",
        )
    });
    LAST.is_match(text)
}

/// "Write the report in LaTeX", "write the guest letters informal": how a text is written lasts as long as the text.
pub(super) fn is_of_a_text(text: &str) -> bool {
    static TEXT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:write|typeset|compose|draft|keep|set|author|phrase|word) (?:(?:the|our|all|my|every) )?(?:[\w-]+ )?(?:reports?|papers?|thesis|articles?|docs|documentation|manuals?|handbooks?|slides?|decks?|changelogs?|readmes?|newsletters?|minutes|proposals?|specs?|specifications?|briefs?|books?|chapters?|posts?|letters?|texts?|messages?|mails?|e-?mails?|descriptions?|summaries|protocols?|notes|logs?|logbooks?|journals?|diar(?:y|ies)|records|announcements?|notices?|labels|signs|invitations?|invoices?|answers?|replies|menus?|captions) (?:(?:in|with|as|using) )?(?P<how>[^,;:]+)(?:[,;:].*)?$",
        )
    });
    TEXT.captures(text).is_some_and(|found| {
        let how = features(&found["how"], &BTreeSet::new());
        how.stems.len() <= 3
            && how
                .values
                .keys()
                .any(|kind| matches!(kind, Value::Alternative(_) | Value::Name))
    })
}

/// "Say 'the farm' instead in all texts", "always call it 'the mill' on our labels": the wording of a thing, and where it
/// holds.
pub(super) fn sets_a_wording(text: &str) -> bool {
    static SETS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?i)^(?:(?:please|always|so|just|better|rather) )*(?:say|write|print|put|use|(?:call|name|title) (?:it|them|him|her|us|ourselves)|speak of|refer to (?:it|them|us) as) ["“«„][^"”»“]{2,60}["”»“](?:,? please)?(?: instead)?(?:,? (?:please|always))? (?:(?:in|on|for|with) (?:(?:all|every|each|any) (?:the |our )?|our )[\w' -]{2,40}|everywhere|throughout|from now on)\b"#,
        )
    });
    SETS.is_match(text) || sets_one_for_another(text)
}

/// "Say 'the farm', not 'the estate'": both wordings are named, so it holds wherever one of them may stand.
fn sets_one_for_another(text: &str) -> bool {
    static BOTH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?i)^(?:(?:please|always|so|just|better|rather) )*(?:say|write|print|put|use|call (?:it|them|him|her|us)|speak of) ["“«„][^"”»“]{2,40}["”»“],? (?:and |but )?(?:not|never|instead of|rather than) ["“«„][^"”»“]{2,40}["”»“]"#,
        )
    });
    BOTH.is_match(text)
}

/// "It's 'colour' with us", "we spell it 'colour' here": how a thing is worded where the person works.
pub(super) fn corrects_a_wording(text: &str) -> bool {
    static OURS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?i)^(?:(?:it|that|they)(?:['’]s| is|['’]re| are)(?: called| spelt| spelled| written)?|we (?:say|spell (?:it|that|them)|write|call (?:it|them|that))) ["'‘“][^"'’”]{2,40}["'’”] (?:with us|for us|here\b|in our\b)"#,
        )
    });
    OURS.is_match(text)
}

/// "'The estate' sounds arrogant": a sentence about a wording that it begins with.
pub(super) fn speaks_of_a_wording(text: &str) -> bool {
    static SPEAKS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?i)^["“«„][^"”»“]{2,40}["”»“] (?:sounds?|reads?|looks?|feels?|is|was|seems?|confuses?|annoys?|hurts?|puts|makes|scares?)\b"#,
        )
    });
    SPEAKS.is_match(text)
}

/// "Order through the agent, that one pays the duty": by which way something is done, and why it has to be that one. To
/// start with another file is a task.
pub(super) fn says_by_which_way(text: &str) -> bool {
    static WAY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?P<does>[a-z]+) (?:(?:it|them|that|those|only|[a-z][\w-]*[^s\W]s) )?(?:with|via|through|using) (?P<what>[^,;:]{2,40})[,;:]",
        )
    });
    static AT_HAND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:this|that|these|those|it|them|me|him|her|us)\b|^(?:the )?(?:other|next|first|second|third|last|new|old|same|following|one|two|rest)\b",
        )
    });
    const GOES: [&str; 14] = [
        "go", "start", "begin", "look", "try", "continue", "proceed", "work", "come", "deal", "help", "stay", "check",
        "compare",
    ];
    WAY.captures(text).is_some_and(|found| {
        let (does, what) = (found["does"].to_lowercase(), &found["what"]);
        let verb = is_verb(&does) || features(what, &BTreeSet::new()).values.contains_key(&Value::Code);
        verb && !GOES.contains(&does.as_str()) && !AT_HAND.is_match(what)
    }) && gives_a_reason(text)
}

/// "Worksheets on A4", "letters on thick paper": what things of a kind are printed or written on.
pub(super) fn is_on_a_material(text: &str) -> bool {
    static ON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:i|we)(?:['’]d| would)? (?:like|want|prefer|need)|print|draw|write|copy|paint) (?:(?:all|our|any) )?(?P<what>(?:[a-z][\w'’-]* ){0,2}?[a-z][\w'’-]*[^s\W]s) on (?:a[0-6](?: (?:paper|sheets|cards))?|(?:(?P<kind>[a-z][\w-]*) )?paper|cardboard|index cards|letterhead)(?:,? (?:please|pls|thanks))?[.!]*(?:[,;].*)?$",
        )
    });
    ON.captures(text).is_some_and(|found| {
        let what = found["what"].to_lowercase();
        let at_hand = found.name("kind").is_some_and(|kind| DEFINITE.is_match(kind.as_str()));
        !at_hand && !DEFINITE.is_match(&what) && !what.split(' ').any(|word| number(word).is_some())
    })
}

/// "Leave the moulds where they are": something is to stay as it is.
pub(super) fn keeps_in_place(text: &str) -> bool {
    static KEEPS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:leave|keep|let) (?:the|our|my|these|those|all|every) .{2,40}? (?:(?:where|as|how|the way) (?:it is|they are)|in place|untouched|out of (?:the|this|that|it)\b|out of \w+$)",
        )
    });
    KEEPS.is_match(text)
}

/// "Drop the unused parameter": done once, unless something else says that it lasts.
pub(super) fn drops_one_thing(text: &str) -> bool {
    static DROPS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:drop|replace|move|switch|change|abandon|scrap|migrate|throw out|kick out|get rid of) (?P<what>\S.*)$",
        )
    });
    static LASTS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:instead|rather|no longer|any ?more|from (?:now|today)|going forward|henceforth|always|never|every|each|in favou?r|altogether|for good|we (?:use|go|take|have|switch|moved)|we [a-z]+ [^,;]*\bnow\b|(?:in|from|of|on|for) (?:(?:all|our|any|new) )?(?:commit messages|commits|answers|replies|logs|comments|tests|messages|emails|mails|reports|summaries|titles|branch names))\b",
        )
    });
    let (order, reason) = without_reason(text);
    DROPS
        .captures(order)
        .is_some_and(|found| DEFINITE.is_match(&found["what"]))
        && !reason
        && !LASTS.is_match(text)
}

/// "Scrap that tab rule in templates, spaces only": what holds instead, of the place that the old rule was for.
pub(super) fn instead_of_a_rule(text: &str) -> Option<String> {
    static ASIDE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:please )?(?:scrap|drop|ditch|skip|cancel|lose|undo|reverse|retire) (?:that|the|this|my|our) (?:(?:[\w-]+ ){1,3}?(?:rule|thing|idea|convention|habit|policy|setting|preference|style|business|order)|rule|policy|convention) (?:in|on|for|of|with|at|about) (?P<place>[^,;:]{2,40}?)\s*[,;:–—-]+ ?(?P<new>\S.{3,})$",
        )
    });
    // A reason, or talk, and no other rule.
    static WHY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:because|since|it|it's|they|that|this|i|nobody|no one|as|please|thanks|for)\b")
    });
    let found = ASIDE.captures(text)?;
    let new = found["new"].trim();
    (!WHY.is_match(new) && !is_task(new)).then(|| format!("{}: {new}", found["place"].trim()))
}

/// Whether a thing is named with an article that points at it.
pub(super) fn is_definite(thing: &str) -> bool {
    DEFINITE.is_match(thing.trim_start())
}

/// "Use two columns", "use a pipe in UPGRADING.md": what is at hand is made so, and nothing says of what it holds.
pub(super) fn is_at_hand(text: &str) -> bool {
    static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^use (?:only )?(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|more|fewer|less) [\w-]+[.!]*$",
        )
    });
    static IN_A_FILE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^use [^,;:]+ (?:in|inside|within) [\w./-]*\w\.[a-z]{1,6}[.!]*$"));
    let told = features(text, &BTreeSet::new());
    let one_of_a_row = told.values.keys().any(|kind| matches!(kind, Value::Alternative(_)));
    IN_A_FILE.is_match(text) || COUNTED.is_match(text) && !one_of_a_row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(holds: fn(&str) -> bool, texts: &[&str]) {
        let wrong: Vec<_> = texts.iter().filter(|text| !holds(text)).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn what_it_is_stands_last() {
        all(
            names_it_last,
            &[
                "Keep it under 100 words whenever you write a product text",
                "Please make it rhyme every time you draft a birthday card",
                "Sign them with the club's name when we send our letters",
            ],
        );
        all(
            |text| !names_it_last(text),
            &[
                "Keep it under 100 words",
                "Keep it open when you leave the office",
                "Make it blue if you can",
                "Print it when you send the letter",
            ],
        );
    }

    #[test]
    fn a_value_that_is_set_for_a_reason() {
        all(
            is_correction,
            &[
                "That has to be oak and not pine: the deck rots otherwise",
                "It should be UTC rather than local time",
                "This must be port 8443, not 8080",
                "Bind it to 10.0.0.4, please, guests can reach the office network",
                "Give the folder to group lathe with mode 640, the auditors flag world-writable files",
                "You need --locked for the build, the mirror only has old versions",
                "Set the umask to 027, the group must not write",
                "Run the tests with one thread only, they all write to the same serial port",
                "Start the pumps with 2 seconds between them, they all sit on one fuse",
                "Limit the jobs to 3, they often write to the same table",
                "Pin it to 3.2: 3.3 breaks the decoder",
                "Run it with --no-cache, otherwise the old layer stays",
                "Listen on ::1 only, the lab network is shared",
                "Take 2 threads, the licence counts cores",
                "It needs the flag --race, the leaks are only seen with it",
                "Start the loom with 40 % tension, because new yarn tears",
                "That must not run on the front desk, the guests can see it",
                "It may never start in the lobby, the porters pull the plug",
                "These must not live on the shared drive, the auditors read it",
            ],
        );
        all(
            |text| !is_correction(text),
            &[
                "Fix the login page, users can't sign in",
                "Make the button blue, the designer asked",
                "Set the title to Loom",
                "Run it with --no-cache",
                "You need to fix line 3, the tests fail",
                "Rename loom.rs to warp.rs, the name confuses people",
                "Put the table on page 2, then push",
                "Give it a try, you can revert it",
                "That has to be fixed today",
                "That must not run on the front desk",
                "It must not be in the header, the header is too small",
                "It cannot start on the branch, please have a look",
                "It must be a bug in the parser",
                "Run the login tests again, they all fail on the branch",
                "Fix the 2 links, they both go to the old page",
                "Put the table on page 2, they all asked for it",
            ],
        );
    }

    #[test]
    fn a_rule_is_put_in_place_of_another() {
        for (text, rule) in [
            (
                "scrap that tab rule in templates, spaces only, 4 of them",
                "templates: spaces only, 4 of them",
            ),
            ("Drop the Monday rule for deliveries: Tuesdays", "deliveries: Tuesdays"),
            (
                "Reverse our oak policy for decks - larch is fine",
                "decks: larch is fine",
            ),
            (
                "Please undo the rule on blue ink, any ink will do",
                "blue ink: any ink will do",
            ),
            (
                "Scrap the policy about deposits: none for members",
                "deposits: none for members",
            ),
        ] {
            assert_eq!(instead_of_a_rule(text).as_deref(), Some(rule), "{text}");
        }
        for text in [
            "Drop the lint rule for tests, it is too noisy",
            "Drop the style in the header, please",
            "Scrap that idea",
            "Drop the policy for the bucket, add a new one",
        ] {
            assert_eq!(instead_of_a_rule(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_done_when_something_happens() {
        all(
            tells_when,
            &[
                "When long jobs finish just write an email instead",
                "Whenever a courier rings, notify the porter",
                "If someone reports a leak, ask the plumber first",
                "Before any release, tag the commit",
                "After each shift, please report the counts",
                "Every time you touch the schedule, tell Aino",
                "Whenever we open a cask, write down the date",
                "Each time you change a price, check the menu",
            ],
        );
        all(
            |text| !tells_when(text),
            &[
                "When the build is done, deploy it",
                "If it works, push",
                "Once you are ready, merge it",
                "Whenever you have time, check the menu",
                "Whenever you can, tell Aino",
                "Every time you run it, show the log",
                "Whenever you finish this, tell me",
                "When you touch the schedule, tell Aino",
                "After lunch we go on",
            ],
        );
    }

    #[test]
    fn kinds_and_ways_back() {
        all(
            is_of_a_kind,
            &[
                "Concentrations in ppm everywhere",
                "Amounts in cents, please",
                "Dates as ISO strings only",
                "Prices with tax always",
            ],
        );
        all(
            |text| !is_of_a_kind(text),
            &[
                "Drop the outliers in the plot only",
                "The tests in CI are red",
                "Two cups with milk",
                "Errors in the log please look",
            ],
        );
        all(
            goes_back,
            &[
                "So temperatures back to Celsius please",
                "Back to tabs",
                "Let's go back to Postgres",
                "Distances back to miles, the drivers complain",
                "We are going back to paper tickets",
                "Revert to inches in the plans, metres confuse the carpenters",
                "Please revert to handwritten labels",
                "We went back to wooden crates for the eggs",
            ],
        );
        all(
            |text| !goes_back(text),
            &[
                "I am back to work",
                "Back to the parser",
                "Get back to me on Monday about it",
                "We are going back to work",
                "We're going back to class",
                "Revert to the last tag",
                "Back to tests",
                "The knobs revert to defaults",
                "We are going back to Oslo for the summer",
            ],
        );
    }

    #[test]
    fn what_holds_everywhere_and_from_now_on() {
        all(
            is_wanted_everywhere,
            &[
                "I want squash merges for everything.",
                "We'd like oak handles for all doors, pine rots",
                "I prefer short names everywhere",
                "We want two keys at all times",
                "I'd love to have larch boards for every deck",
            ],
        );
        all(
            |text| !is_wanted_everywhere(text),
            &[
                "I want to test the button for all pages",
                "I want you to ring the bell for everyone",
                "I want the file for every user",
                "I like oak",
            ],
        );
        all(
            holds_from_now_on,
            &[
                "British spelling everywhere from now on - colour, organise and so on",
                "Slate labels from here on",
                "Metric units only from today on, please",
                "Larch boards henceforth",
                "Two signatures always, from now on: the bank asks",
            ],
        );
        all(
            |text| !holds_from_now_on(text),
            &[
                "Ida is on leave from today on",
                "We meet in hall 2 from now on",
                "Slate labels, please",
                "Fix the header from here on",
            ],
        );
    }

    #[test]
    fn one_thing_that_is_dropped() {
        all(
            drops_one_thing,
            &[
                "drop the unused parameter in src/loom.rs",
                "Drop the outliers in the plot only",
                "Replace the header in the template",
                "Move the constants to the top",
            ],
        );
        all(
            |text| !drops_one_thing(text),
            &[
                "Drop Jest, we use Vitest now",
                "Drop the emoji in commit messages",
                "Replace npm with pnpm",
                "Drop the old mirror, it serves stale files",
                "Drop the weekly digest from now on",
                "Scrap the weekly digest, we send a monthly one now",
            ],
        );
    }

    #[test]
    fn wordings_of_things() {
        all(
            sets_a_wording,
            &[
                "Say \"the farm\" instead in all texts",
                "Always call it \"the mill\" on our labels",
                "please write \"guild\" everywhere",
                "Use \"wind or ice\" in every cancellation text",
                "Refer to us as \"the weavers\" in all letters, please",
                "Say \"berth\", not \"parking space\".",
                "Please call them \"guests\" instead of \"clients\"",
                "Print \"wind\", never \"bad weather\", on the tickets",
                "Always say “the mill” and not “the plant”",
                "Call it \"the guild\" rather than \"the company\", Ida asked for that",
            ],
        );
        all(
            |text| !sets_a_wording(text),
            &[
                "Say \"hello\" to Ida",
                "Write \"draft\" in the header",
                "Call it \"warp_len\"",
                "Print it in all sizes",
                "Use \"make check\" on the branch",
                "Say \"hello\", not more",
                "Print \"draft\" in the header, not in the footer",
            ],
        );
        all(
            speaks_of_a_wording,
            &["\"The estate\" sounds arrogant", "“Owner” is not what we are"],
        );
        all(
            |text| !speaks_of_a_wording(text),
            &["The \"quick\" way is via the quay", "\"Larkin & Sons\" in all letters"],
        );
    }

    #[test]
    fn texts_and_their_language() {
        all(
            is_of_a_text,
            &[
                "write the shift log in Norwegian, the crew prefers that",
                "Write our announcements in Finnish",
                "Keep the journal in English",
                "Write all labels in Portuguese",
                "Write the invitations formal",
            ],
        );
        all(
            |text| !is_of_a_text(text),
            &[
                "Write the log to disk",
                "Keep the logs in the cellar",
                "Write the menu in two columns for the guests at the gate",
            ],
        );
    }

    #[test]
    fn by_which_way_something_is_done() {
        all(
            says_by_which_way,
            &[
                "Apply through the pipeline, that one takes the lock",
                "Send parcels via the agent, he prepays and the customs want that",
                "Order through the agent, that one pays the duty",
                "dye with tools/vat, it writes the log as well",
                "Publish with bin/press: it stamps each sheet",
            ],
        );
        all(
            |text| !says_by_which_way(text),
            &[
                "Start with the long file, it takes an hour",
                "Work with the second list, it has all names",
                "Send it with the next boat, it leaves at nine",
                "Lunch with Ida, it takes an hour",
                "Send parcels via the agent",
                "Apply it via this one, it works",
                "Send parcels via the agent, I am away",
            ],
        );
    }

    #[test]
    fn what_things_are_printed_on() {
        all(
            is_on_a_material,
            &[
                "I'd like worksheets on A4 sheets.",
                "We want our letters on thick paper, please",
                "Print labels on cardboard; the glue holds",
                "I would prefer maps on A3",
            ],
        );
        all(
            |text| !is_on_a_material(text),
            &[
                "I'd like tickets on Friday",
                "I want notes on the paper",
                "I'd like the lists on A4",
                "I need two copies on A4",
                "I'd like comments on paper 3",
                "I need answers on linen",
            ],
        );
    }

    #[test]
    fn what_stays_where_it_is() {
        all(
            keeps_in_place,
            &[
                "Leave the moulds where they are",
                "Leave our photos folder where it is.",
                "Keep the header as it is",
                "Leave every draft untouched",
                "Keep the drafts out of the archive.",
            ],
        );
        all(
            |text| !keeps_in_place(text),
            &[
                "Leave a note where Ida sits",
                "Keep the answers short",
                "Let the vats cool",
            ],
        );
    }
}
