//! Orders on how to work: standing rules, preferences, corrections. A task of the day is none.

use std::sync::LazyLock;

use regex::Regex;

use super::passing::{is_momentary, is_passing};
use super::{manner, statement, topical};
use crate::consolidate::past_values;
use crate::fact::{Finding, Kind, Mark, Op};
use crate::text::clean::pattern;
use crate::text::sentence;
use crate::text::vocabulary::{HABIT_VERBS, TASK_VERBS};

/// What makes an order hold beyond today.
static STANDING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:always|never|ever|from (?:now|today|here)(?: on(?:wards?)?)?|from this (?:day|point|week|month|quarter|term|season|year|sprint|release|version)|henceforth|hereafter|going forward|in (?:the )?future|as of (?:now|today|\d)|starting (?:now|today|\w+day|next)|effective|each|every(?: time| single)?|all (?:new|future|the time|our|commits?|tests?|files?|prs?)|any(?:thing|one)? (?:that|which|who|new)|only|whenever|when(?: you| we| i| a| an| the| it| something| someone)|before(?: you| we| each| every| any| merging| committing| pushing| deploying| releasing| opening| touching| changing)?|after (?:each|every|you|we|any|merging|committing|deploying)|by default|as a (?:rule|default)|in (?:this|our|the|these) (?:repo(?:sitory)?|code ?base|project|team|company|service|monorepo|app)|(?:around|over) here|here\b[,.]?$|for (?:all|every|each|any|new|everything|anyone)|new \w+s\b|instead(?: of)?|rather than|no longer|any ?more|not \w+[,.]?$|must(?:n'?t| not)?|don'?t|do not|no more|stop|avoid|without|at all times|under no circumstances|unless|except|if you|if the|if a|if we|if it|on (?:mon|tues|wednes|thurs|fri|satur|sun)days?|as (?:our|the team)|otherwise|per (?:the |our )?(?:style|team|convention|policy))\b",
    )
});
/// What ties an order to today.
static TODAYS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:yet|for now|right now|this time|this once|just (?:this )?once|just for (?:this|now|today)|(?:until|till|while) i\b.*|for (?:this|that) (?:one|task|pr|change|test|file|ticket|branch|commit|run|push|release|deploy(?:ment)?|build|merge|step|session|call|review|job|request|query|upload|download)|as part of (?:the|this|that|your) (?:work|task|change|pr|fix|job|ticket|commit|refactor\w*)|in this (?:pr|file|function|test|commit|ticket|branch|method|class|line|case|block)|today only|only today|for today|tonight|please (?:look|check|fix|have a look|take a look)|asap|as soon as (?:you|possible)|when you(?:'re| are) (?:done|ready|finished)|once (?:you(?:'re| are)|that'?s|it'?s) (?:done|ready)|then (?:run|commit|push|show|open)|and then|worry|bother|wait for me|need to (?:reply|answer))\b",
    )
});
static NEGATIVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:you (?:should|must|can|may)(?:n'?t| not| never)|never|don'?t|do not|dont|no more|no (?:-{1,2}|`)?(?:[a-z0-9][\w.`/-]*)|not (?:[`\w])|stop \w+ing|quit \w+ing|avoid|refrain from|hands off|leave .{2,40} alone|keep (?:your )?(?:hands )?(?:off|away from|out of)|stay (?:away|out|clear)|under no circumstances|at no (?:time|point)|nothing\b.*\bmay|nobody|no one|none of)",
    )
});
static PREFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:i|we)(?:'d| would| do| really| strongly| much| generally| usually| always| still| now)* (?:prefer|rather|favou?r|like (?:it|my|our|to have|when|if|short|long|\w+ \w+ (?:over|better))|love (?:it|when)|hate|dislike|want (?:you|all|every|our|my|the|commit|tests?|code|no|only|answers?|short)|insist|expect|need (?:you to|all|every)|can'?t stand|don'?t (?:like|want|use|need|do)|do not (?:like|want|use|do)|never|always|no longer)|my preference|our (?:preference|convention|standard|rule|policy|style|default|practice)|the (?:rule|convention|standard|policy|style) (?:here )?(?:is|says)|you (?:should|must|need to|have to|can only|may (?:only|not|never)|cannot|can'?t|are to|ought to|are expected to|are not (?:allowed|supposed))\b|(?:it(?:'s| is) )?better (?:to )?(?:use|write|keep|name|put)|prefer|preferably|let'?s (?:use|stick|go|keep|always|not|stop|agree|write|name|call|move|switch|standardi[sz]e|adopt|avoid|have|put|log|indent|format)|we(?:'ll| will)? (?:use|stick|go|keep|write|name|call|format|indent|log|follow|moved?|switch(?:ed)?|standardi[sz]ed?|adopt(?:ed)?|agreed|decided|want|do|should|must|need to|only|migrated|changed|dropped|replaced|settled|chose|picked)\b|(?:i|we) (?:said|told you|asked you|already told)|(?:please )?(?:make sure|be sure|ensure|see to it|take care|be careful)\b)",
    )
});
static CORRECTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:no|nope|nah|wrong|incorrect|stop|wait|hold on|hey|hmm+|ugh|argh|oi|careful|not (?:like that|that way|quite|right|again)|that(?:'s| is| was) (?:not (?:right|how|what|it|correct|ok|okay|quite)[^,.:;—–-]*|wrong|incorrect|a mistake)|this (?:is|was) (?:wrong|not)[^,.:;—–-]*|you(?:'re| are) (?:doing it )?wrong|i(?:'ve| have)? (?:already )?(?:told|asked|said)(?: you)?(?: (?:this )?(?:before|already|earlier|twice|many times))?|again|as i said(?: before)?|like i said|please no|why (?:did|do|are|would|have) you[^?]*\?|don'?t do that|undo that|revert that|bad idea)\s*(?:[,.!:;—–]+|-\s)\s*)+",
    )
});
static CONTRAST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:instead(?: of)?|rather than|not \S+(?: \S+)?[,.]?$|, not \S+|no longer|any ?more|in place of|in favou?r of|no more|over \S+$|switch(?:ed)? (?:to|from|over)|move(?:d)? (?:to|from|over|away)|migrat\w+ (?:to|from)|replac\w+|drop(?:ped)?|(?:thr[eo]wn?|kick(?:ed)?|cast|phas(?:e|ed)) out|g[eo]t rid of|abandon(?:ed)?|scrap(?:ped)?|g[ai]ven? up(?: on)?|decommission(?:ed)?|binned|discontinued|withdrawn|(?:is|are) out|(?:is|are) (?:gone|dead|history|banned|deprecated|retired)|changed (?:to|from)|from (?:now|today)(?: on)?|going forward|henceforth|as of (?:now|today)|now (?:use|in|on|with)|use \S+ not)\b",
    )
});
static MODAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:should(?:n'?t| not| never| always| be)?|must(?:n'?t| not| never| be)?|ought to|has to|have to|needs? to|may (?:not|only|never)|are to be|is to be|is not allowed|are not allowed|is forbidden|are forbidden|is banned)\b",
    )
});
/// What a rule on work products is about.
static PRODUCT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:code|comments?|commits?|commit messages?|tests?|names?|naming|variables?|functions?|classes|methods?|files?|indentation|imports?|docstrings?|docs|documentation|messages?|branch(?:es)?|branch names|prs?|pull requests?|descriptions?|titles?|answers?|replies|responses|summar(?:y|ies)|explanations?|output|logs?|timestamps?|dates?|numbers?|strings?|quotes?|lines?|types?|errors?|diffs?|changelogs?|readmes?|examples?|tables?|lists?|plans?|reports?|emails?|spelling|language|tone|style|emojis?)\b",
    )
});

/// "Why do you edit the output, it is generated": said of what should not have been done.
static ASKS_WHY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^why (?:did |do |are |would |have |must )?you\b[^?]*$"));

/// "Signs are painted with enamel": how things of a kind are made.
static MADE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:all|the|our|new) )?(?:[\w'’-]+ ){1,3}(?:is|are|get|gets) (?:made|done|drawn|written|built|sent|printed|named|packed|cut|kept|[a-z]{3,}ed) (?:with|in|by|as|via|through|using|on)\b",
    )
});
/// "Paper tickets again, please": as it was before.
static AGAIN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bagain(?:,? please)?(?:[.!:,]|$)"));
/// "Next time seal the boxes first": this time it was done otherwise.
static NEXT_TIME: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:the )?next time\b"));
/// "Paint tins belong in the shed": where things are to go. What belongs to somebody is only told.
static BELONGS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:[\w'’-]+ ){1,5}?belongs? (?:in|on|into|onto|under|at|behind|inside|with|between|below|above)\b")
});

/// "Let me see fares side by side": how things of a kind are to be shown.
static WISHES_TO_SEE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:let me|i(?:'d like to| would like to| want to| prefer to)) (?:see|have|get|read) (?P<what>(?:(?:all|the|our|any|every) )?(?:[\w-]+ ){0,2}?[\w-]+s (?:(?:in|as|with|without|by|via|sorted|grouped|ordered|formatted|rendered|written) \w.*|side by side.*|first.*|one by one.*|only.*)$)",
    )
});

/// Reads an order on how to work.
pub(super) fn read(text: &str, mark: Mark, next: Option<&str>) -> Option<Finding> {
    let mut mark = mark;
    let mut text = text.trim();
    if let Some(found) = CORRECTION.find(text) {
        let rest = text[found.end()..].trim();
        if rest.split_whitespace().count() >= 2 {
            mark.correction = true;
            text = rest;
        }
    }
    text = strip_polite(text);
    if let Some(found) = WISHES_TO_SEE.captures(text) {
        text = &text[found.name("what")?.start()..];
        mark.order = true;
    }
    mark.correction |= ASKS_WHY.is_match(text) || manner::is_correction(text);
    if let Some(text) = manner::instead_of_a_rule(text) {
        mark.order = true;
        mark.change = true;
        return Some(Finding {
            op: Op::State,
            text,
            kind: Kind::Feedback,
            importance: 7,
            mark,
        });
    }
    let count = text.split_whitespace().count();
    if !(2..=70).contains(&count) || TODAYS.is_match(text) {
        return None;
    }
    let negative = NEGATIVE.is_match(text);
    let modal = MODAL.is_match(text);
    let standing = STANDING.is_match(text);
    let contrast = CONTRAST.is_match(text) && !manner::drops_one_thing(text) || manner::goes_back(text);
    let (core, turn) = without_adverb(text);
    mark.change |= turn;
    mark.correction |= NEXT_TIME.is_match(text);
    let about = topical::order(core);
    let core = about.unwrap_or(core);
    let first = core
        .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '-'))
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let habit = is_bare_habit(&first, core) && !topical::is_statement(core);
    let holds = negative
        || PREFERENCE.is_match(text) && !is_one_off(text)
        || modal && PRODUCT.is_match(text)
        || mark.correction && (contrast || standing || has_reason(text) || habit)
        || contrast && (is_verb(&first) || mark.change)
        || mark.change && (is_verb(&first) || PRODUCT.is_match(text))
        || standing && is_verb(&first) && !(TASK_VERBS.contains(first.as_str()) && only_loosely(text))
        || habit
        || mark.correction && NEXT_TIME.is_match(text)
        || about.is_some_and(|order| standing || says_how(order) || asks_of_it(order))
        || turn && MADE.is_match(core)
        || topical::is_choice(text)
        || BELONGS.is_match(text)
        || puts_back(text)
        || gives_a_name(text)
        || says_how(text)
        || mark.order
        || manner::is_one(text)
        || ends_in_a_rule(text)
        || (turn || contrast) && count >= 5 && !past_values(text).is_empty()
        || mark.correction && ASKS_WHY.is_match(text) && text.contains(',')
        || count <= 5 && first == "not" && next.is_some();
    let order = sentence::clauses(text).first().copied().unwrap_or(text).to_owned();
    if !holds || is_passing(&order) {
        return None;
    }
    if negative && names_this_one(text) && !standing_beyond_negation(text) && !has_reason(text) && !mark.correction {
        return None;
    }
    mark.order = true;
    mark.correction |= negative || puts_back(text) || manner::goes_back(text);
    mark.change |= contrast || AGAIN.is_match(text);
    let importance = if mark.correction || has_reason(text) { 7 } else { 6 };
    let kind = if topical::is_choice(text) || BELONGS.is_match(text) {
        statement::kind_of(text)
    } else {
        kind_of(text, &first)
    };
    Some(Finding {
        op: Op::State,
        text: text.to_owned(),
        kind,
        importance,
        mark,
    })
}

/// "Could you show the fares in euros from here on?": an order in the form of a question. A task may be asked for so, too:
/// only what says how, or for how long, counts.
pub(super) fn asked(text: &str, mark: Mark) -> Option<Finding> {
    static ASKS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:can|could|would|will) you (?:(?:please|kindly|perhaps|maybe) )*(?P<order>.+?)(?:,? (?:please|pls|thanks))?\s*\?$",
        )
    });
    let found = ASKS.captures(text.trim())?;
    let order = found.name("order")?.as_str();
    (only_rarely_once(order) || says_how(order)).then(|| read(order, mark, None))?
}

/// "The old form is fine after all, please show only this from now on": the order stands in a later clause.
fn ends_in_a_rule(text: &str) -> bool {
    let mut later = sentence::clauses(text).into_iter().skip(1).map(strip_polite);
    later.any(|piece| {
        let first = piece.split_whitespace().next().unwrap_or_default().to_lowercase();
        is_verb(&first) && only_rarely_once(piece)
    })
}

/// "Always", "from now on", "with two digits only".
fn only_rarely_once(text: &str) -> bool {
    static HOLDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:always|never|from (?:now|today|here)(?: on)?|going forward|in (?:the )?future|every time|whenever|by default|any ?more|no longer|instead of)\b",
        )
    });
    HOLDS.is_match(text)
}

/// What is asked of a topic in front: a thing of a kind is to be done in some way.
fn asks_of_it(order: &str) -> bool {
    static WAY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:first|last|in|as|with|without|by|every|each|hourly|daily|nightly|weekly|monthly|only|after|before|per)\b",
        )
    });
    order.split_whitespace().count() >= 3 && WAY.is_match(order)
}

/// "Put the handrail back, guests fell without it": what was taken away is wanted, and a reason says that it lasts.
fn puts_back(text: &str) -> bool {
    static BACK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:put|bring|turn|switch|set|change|get|give|roll|take|we need|i need|i want) (?:\S+ ){1,6}?back(?: (?:in|on|to \S+|up))?(?:\s*[:;–—]\s*|,? (?:because|since|otherwise|as|or) ).{12,}$",
        )
    });
    BACK.is_match(text)
}

/// The order without "from now on" or "in this project" in front; and whether that marks a turn.
fn without_adverb(text: &str) -> (&str, bool) {
    static ADVERB: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?P<turn>from (?:now|today|tomorrow|here|this (?:day|week|month|quarter|term|season|year|sprint|point|release|version)|next \w+|\w+day)(?: on(?:wards?)?)?|henceforth|hereafter|going forward|(?:starting|beginning|effective) (?:now|today|tomorrow|immediately|next \w+|on \w+day|\w+day)|as of (?:now|today|\S+))|in (?:the )?future|by default|as a (?:rule|default)|in general|generally|in (?:this|our|the) (?:repo(?:sitory)?|code ?base|project|team|company|app)|for (?:this|our|the) (?:repo(?:sitory)?|code ?base|project)|for (?:all |every |any |new )\w+(?: \w+)?|(?:around |over )?here)\s*[,:]?\s+(?:please |always )*",
        )
    });
    ADVERB.captures(text).map_or((text, false), |found| {
        (&text[found[0].len()..], found.name("turn").is_some())
    })
}

/// "Print dates in ISO format", "send the rosters as PDF": how things of a kind are made or handed over. Orders to do
/// something once begin with verbs of change, or name one thing.
fn says_how(text: &str) -> bool {
    static HOW: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:i|we|the \w+)(?:'d| would)? (?:wants?|likes?|prefers?|needs?) )?(?:(?P<verb>show|print|send|set|round|track|display|format|name|give|mark|label|number|render|deliver|post|publish|plot|tag|quote|report|express|state|list|spell|call|address|sign|date|bill|charge|book|enter|seed|flash|store|keep|save|write|put|ship|pack|measure|record|log|return|export|present|phrase|word|title|translate|greet|answer|open|leave|read|handle|treat|cut|count|weigh|draw|paint|serve|bake|price|typeset|compose|do|make|build|sort|explain|describe|document) )?(?:me |us )?(?P<thing>(?:(?:all|every|each|the|our|any|new) )?(?:[\w'’-]+ ){1,5}?)(?:out )?(?:(?P<how>in|as|with|over|via|by|using|without)|to) (?P<value>[^,.;]+)(?:[,.;].*)?$",
        )
    });
    static FILE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b[\w-]+(?:/[\w.-]+|\.[a-z]{1,4}\b)"));
    static BARE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:show|print|round|display|format|mark|label|number|render|list|sort|report|count|measure|draw|spell|write|quote) [a-z][\w-]*[^s\W]s (?:[\w-]+ ){1,3}[\w-]+[.!]?$",
        )
    });
    static WITH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?i:build|run|deploy|test|compile|start|release|publish|lint|manage|install|ship|package|provision|generate) (?i:(?:the|our|all|every) )?(?:[\w-]+ ){1,4}?(?i:straight |directly |only )?(?i:with|via|through|using|from|inside|under|on) (?:(?i:the|our|a) )?(?:[A-Z][\w.+-]*|`[^`]+`|[a-z]+ ?shell|command line|console|terminal|container)\b",
        )
    });
    if (BARE.is_match(text) || WITH.is_match(text) || manner::is_of_a_text(text)) && !FILE.is_match(text) {
        return true;
    }
    let Some(found) = HOW.captures(text) else { return false };
    let verb = found.name("verb").map(|verb| verb.as_str().to_lowercase());
    let lower = text.to_lowercase();
    let wanted = verb.is_none()
        && ["want", "like", "prefer", "need"]
            .iter()
            .any(|word| lower.contains(&format!(" {word}")));
    if verb.is_none() && !wanted || FILE.is_match(&found["thing"]) {
        return false;
    }
    // "To" says how only of what is brought into a form.
    if found.name("how").is_none() && !matches!(verb.as_deref(), Some("round" | "set" | "format")) {
        return false;
    }
    // "Sort the rows by year", "explain the files in src/lib.rs": done once.
    let loose = matches!(
        verb.as_deref(),
        Some("do" | "make" | "build" | "sort" | "explain" | "describe" | "document")
    );
    if loose && (FILE.is_match(&found["value"]) || manner::is_definite(&found["thing"])) {
        return false;
    }
    let thing = found["thing"].to_lowercase();
    let words: Vec<&str> = thing.split_whitespace().collect();
    let first = words.first().copied().unwrap_or_default();
    let of_a_kind = matches!(first, "all" | "every" | "each" | "any" | "new")
        || words.iter().any(|word| {
            word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") && !matches!(*word, "this" | "its")
        })
        || words
            .iter()
            .any(|word| matches!(*word, "daily" | "weekly" | "monthly" | "output" | "everything"));
    of_a_kind
        && !matches!(
            first,
            "this" | "that" | "these" | "those" | "it" | "them" | "me" | "us" | "a" | "an"
        )
}

/// "Name the command /notes:share": what a thing is called lasts.
fn gives_a_name(text: &str) -> bool {
    static GIVES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?i)^(?:name|call) (?:the|our|this|that|it)(?: [a-z][\w-]*){0,3} ["'`]?(?:/\S+|\S*[a-z0-9][-_:./][a-z0-9]\S*|`[^`]+`)["'`]?[.!]?$"#,
        )
    });
    GIVES.is_match(text)
}

/// Feedback says how to work; an order that tells how the work itself is set up is about the project.
fn kind_of(text: &str, first: &str) -> Kind {
    static ABOUT_WORK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:we|our)\b.*\b(?:deploy|release|host|run|ship|bill|invoice|support|serve)\b")
    });
    if gives_a_name(text)
        || matches!(first, "ask" | "contact" | "ping" | "consult" | "notify")
        || ABOUT_WORK.is_match(text)
    {
        return Kind::Project;
    }
    Kind::Feedback
}

/// Verbs that say what to do instead of what was forbidden.
const INSTEAD: [&str; 30] = [
    "show", "print", "display", "say", "give", "send", "set", "keep", "let", "leave", "use", "go", "take", "edit",
    "call", "ask", "work", "pick", "choose", "query", "read", "change", "put", "write", "run", "talk", "start",
    "branch", "do", "make",
];

/// Whether a sentence gives the reason of the order before it.
pub(super) fn is_reason(next: &str, order: &Finding) -> bool {
    static GIVES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:because|since|otherwise|or else|else|as (?:it|they|the|we|that|otherwise)|it|it's|its|they|they're|that|that's|this|those|these|reason|the reason|so that|which|we had|we have had|we lost|last time|we got|we once|in the past|there|without (?:it|that|this|them)|with (?:it|that)|if not|or the)\b",
        )
    });
    static DECLARES: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:the|our|we|a|an|[A-Z])"));
    let next = next.trim();
    if super::is_question(next) || next.split_whitespace().count() > 40 {
        return false;
    }
    // "Not docker." is only half of it, and so is "no 777.".
    let denied = order.text.to_lowercase();
    let half = denied.starts_with("not ") || denied.starts_with("no ") && denied.split_whitespace().count() == 2;
    if order.text.split_whitespace().count() <= 5 && half && !denied.starts_with("no more") {
        return true;
    }
    if super::forget::read(next, None).is_some() || super::remember::read(next, false).is_some() || is_momentary(next) {
        return false;
    }
    let verb = next.split_whitespace().next().unwrap_or_default().to_lowercase();
    if is_verb(&verb) || INSTEAD.contains(&verb.as_str()) || NEGATIVE.is_match(next) {
        // What to do instead.
        let instead = INSTEAD.contains(&verb.as_str()) || has_reason(next);
        return order.mark.correction && instead && next.split_whitespace().count() <= 16;
    }
    GIVES.is_match(next)
        || DECLARES.is_match(next) && (asks_for_it(next) || tells_what_came_of_it(next))
        || (order.mark.correction && !has_reason(&order.text) && DECLARES.is_match(next))
}

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

fn has_reason(text: &str) -> bool {
    static REASON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:because|since|otherwise|or else|so that|as it|as they|as the|as we|in order to|to avoid|to keep|due to|it (?:is|has|holds|picks|breaks|keeps|makes|uses|does|will|can|was|needs|takes|costs)|they (?:are|have|break|share|lose|need|will|can|get)|the \w+ (?:is|are|has|have|share|lose|fails?|breaks?|needs?|depends?|gets?|wants?|expects?|will|cannot|can't))\b",
        )
    });
    REASON.is_match(text)
}

fn is_verb(lower: &str) -> bool {
    HABIT_VERBS.contains(lower) || TASK_VERBS.contains(lower)
}

/// "Write tests with X": a verb of habit on things in general, not on one thing.
fn is_bare_habit(first: &str, text: &str) -> bool {
    static SPECIFIC: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^\S+\s+(?:up |down |out |in |on )?(?:the|a|an|this|that|these|those|it|them|my|your|his|her|one|another|some|me|us)\b",
        )
    });
    static FILE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b[\w.-]+/[\w./-]*\.[a-z]{1,6}\b|\b[\w./-]+\.(?:rs|py|ts|tsx|js|jsx|rb|go|java|kt|c|cc|cpp|h|hpp|cs|php|ex|exs|md|json|ya?ml|toml|sql|html|css|scss|vue|svelte|sh|swift|txt|csv|ipynb)\b",
        )
    });
    if !HABIT_VERBS.contains(first) {
        return false;
    }
    let lasting = matches!(
        first,
        "use" | "keep" | "ask" | "contact" | "ping" | "prefer" | "stick" | "follow" | "treat" | "consult" | "notify"
    );
    let specific = SPECIFIC.is_match(text);
    let this_one = text.to_lowercase().split_whitespace().nth(1).is_some_and(|w| {
        matches!(
            w,
            "it" | "this" | "that" | "them" | "these" | "me" | "going" | "up" | "on"
        )
    });
    // "Use two columns", "use a pipe in UPGRADING.md": of what is at hand.
    let at_hand = first == "use" && manner::is_at_hand(text);
    !this_one && !at_hand && (lasting || !(specific || FILE.is_match(text)))
}

/// A sign of standing that says little next to a verb of the day ("fix it before merging").
fn only_loosely(text: &str) -> bool {
    static FIRM: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:always|never|from now on|from today|henceforth|going forward|in (?:the )?future|every|each|whenever|by default|as a rule|at all times|when you|before (?:each|every|any|merging|committing|pushing|deploying|releasing|opening|touching|changing)|after (?:each|every|any|merging|deploying)|only (?:on|after|with|when|if|from|via|through)|unless|instead|no longer|any ?more|without)\b",
        )
    });
    // "Make the page refresh without flicker": how one thing is to be.
    static HOW_ONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:make|let|get|have|fix|build|render|draw) (?:the|this|that|it|a|an)\b.* without\b")
    });
    static ONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:the (?:test|bug|function|helper|page|button|form|endpoint|file|import|line|failing|header|footer|script|build)|this|that|it|these|those)\b",
        )
    });
    !FIRM.is_match(text)
        || HOW_ONE.is_match(text)
        || (ONE.is_match(text)
            && !text.to_lowercase().contains("always")
            && !text.to_lowercase().contains("never")
            && !text.to_lowercase().contains("from now on")
            && !text.to_lowercase().contains("every"))
}

/// Whether an order says that it holds beyond today.
pub(super) fn is_firm(text: &str) -> bool {
    standing_beyond_negation(text) && !TODAYS.is_match(text)
}

fn names_this_one(text: &str) -> bool {
    static ONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:don'?t|do not|dont|no|not|stop)\s+(?:\w+\s+)?(?:it|this|that|them|the (?:test|helper|function|button|page|form|file|line|code|tests|build|server|branch|import)s?|anything|me|problem|need|idea|clue|luck|way|thanks|rush|hurry|yet)\b",
        )
    });
    ONE.is_match(text)
}

fn standing_beyond_negation(text: &str) -> bool {
    static FIRM: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:always|never|from now on|from today|henceforth|going forward|in (?:the )?future|every|each|whenever|by default|as a rule|at all times|when you|before|after|only|unless|instead|any ?more|without|by hand|manually|directly|ever)\b",
        )
    });
    FIRM.is_match(text)
}

/// "You can merge it", "we need to fix the form", "let's go": said of one thing.
fn is_one_off(text: &str) -> bool {
    static ONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:i|we)(?:'d| would|'ll| will)? (?:like|want|need) (?:you )?(?:to|a|an|the|it|this|that|some|more|another)\b|let'?s (?:go|see|try|start|continue|do (?:it|this|that)|fix|add|make|have (?:a look|lunch|a call)|move on|keep going|keep it)|you (?:can|may|should|must|need to|have to|will) (?:now |also |just |then |probably |try |start |stop )?(?:\w+ )?(?:it|this|that|them|the|a|an|now)\b|we (?:should|must|need to|want|will|'ll|do) (?:also |probably |now )?(?:\w+ )?(?:it|this|that|the|a|an)\b|(?:please )?(?:make sure|ensure|be sure|see) (?:that )?(?:it|this|that|the (?:test|build|page|form|function)s?)\b|we (?:do|did|keep|go|want|call) (?:it|this|that)\b|i (?:said|told you|asked you)\b)",
        )
    });
    ONE.is_match(text)
        && !STANDING.is_match(
            &text
                .to_lowercase()
                .replace("don't", "")
                .replace("do not", "")
                .replace("before", "")
                .replace("when", ""),
        )
}

/// Without "please", "just", "could you": what is asked stays.
fn strip_polite(text: &str) -> &str {
    static POLITE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:please|pls|kindly|just|also|so|and|but|then|ok(?:ay)?|simply|can you|could you|would you|will you|can we|try to|i want you to|i need you to|i'd like you to|i would like you to|you (?:should|must|need to|have to) (?P<keep>))[,:]?\s+)+",
        )
    });
    POLITE.find(text).map_or(text, |found| text[found.end()..].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(text: &str) -> bool {
        read(text, Mark::default(), Some("next")).is_some()
    }

    #[test]
    fn standing_orders() {
        let mut wrong = Vec::new();
        for text in [
            "Write unit tests with Mocha.",
            "Always squash before merging",
            "Keep answers short",
            "I prefer single quotes",
            "From now on use Ruff for formatting",
            "Never push to main directly, the mirror breaks",
            "Don't rebase shared branches",
            "No, use poetry not pip here.",
            "Stop adding emojis to the logs",
            "Variable names should be in English",
            "Please sort imports by length in this repo",
            "Use `just up` instead of docker compose",
            "No direct database access from controllers",
            "Ask Noor before touching the importer",
            "We switched to Biome, Prettier is out",
            "Log dates in ISO format",
            "Plot everything with Gnuplot",
            "Write the report in LaTeX",
            "Explain things in detail to me, I am new",
            "Let me see diffs side by side",
            "Unified diffs are fine after all, please show only these from now on",
            "Write the guest letters informal, first names only",
        ] {
            if !order(text) {
                wrong.push(text);
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn tasks_of_the_day() {
        let mut wrong = Vec::new();
        for text in [
            "Refactor the date helper.",
            "Fix the failing login redirect.",
            "Write a test for the slug function.",
            "Add pagination to the order list.",
            "rename the helper in README.md",
            "tidy the imports in src/server.ts",
            "Run the tests before you commit the fix to it",
            "Don't merge yet",
            "Use this file",
            "Show me the diff",
            "We need to fix the form",
            "Let's go",
            "You can delete it now",
            "Make the button blue",
            "Don't touch it",
            "Bump the version and push",
            "drop the unused parameter in src/loom.rs",
            "drop the outliers in the plot only",
            "Replace the header in the template",
            "also shorten the name of the helper in pkg/loom/warp.go",
            "use two columns",
            "use a pipe in UPGRADING.md",
            "document templates/loom/item.tt",
            "annotate types in src/loom.jl",
            "sort the rows by year",
            "let me see the logs",
            "make the board page refresh without flicker",
            "explain the loop in src/loom.rs in one sentence",
        ] {
            if order(text) {
                wrong.push(text);
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
