//! Orders on how to work: standing rules, preferences, corrections. A task of the day is none.

mod how;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use self::how::{says_how, says_in_which_language};
use super::passing::{is_lacking, is_passing};
use super::reason::{asks_instead, blames_the_old, has_reason, tells_what_else, tells_what_happened};
use super::standing::{
    STANDING, is_bare_habit, is_one_off, is_todays, names_this_one, only_loosely, says_for_good,
    standing_beyond_negation,
};
use super::task::is_task;
use super::weight::SOMEONES;
use super::{label, manner, pronoun, statement, topical, weight};
use crate::dates;
use crate::fact::{Finding, Kind, Mark, Op};
use crate::text::clean::pattern;
use crate::text::past::past_values;
use crate::text::sentence;
use crate::text::vocabulary::{TASK_VERBS, is_verb, number};
use crate::text::words::{Value, features};
use crate::topic;

/// "No dietary restrictions": what someone has none of, and no rule.
static HAS_NONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^no (?:[\w-]+ )?(?:restrictions?|preferences?|allerg(?:y|ies)|ideas?|problems?|worries|plans?|questions?|experience|requirements|kids|children|pets|budget|hurry|rush|clue|doubt|offen[cs]e|complaints?|objections?|pressure)[.!]*$",
    )
});
/// What forbids.
pub(super) static NEGATIVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:you (?:(?:should|must|can|may)(?:n['’]?t| not| never)|can(?:['’]?t|not))|never|don'?t|do not|dont|no more|no (?:-{1,2}|`)?(?:[a-z0-9][\w.`/-]*)|not [`\x22“\w]|(?:i|we) (?:don['’]?t|do not) want (?:you|anyone|anybody|people|us|anything|(?:any |more )?[\w-]+s) (?:to|in|on)\b|['‘“\x22`][^'’”\x22`]{1,60}['’”\x22`] (?:(?:is|are) not|isn['’]?t|aren['’]?t) |stop \w+ing|quit \w+ing|avoid|refrain from|hands off|leave .{2,40} alone|keep (?:your )?(?:hands )?(?:off|away from|out of)|stay (?:away|out|clear)|under no circumstances|at no (?:time|point)|nothing\b.*\bmay|nobody|no one|none of)",
    )
});
static PREFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:i|we)(?:'d| would| do| really| strongly| much| generally| usually| always| still| now)* (?:prefer|rather|favou?r|like (?:it|my|our|to have|when|if|short|long|\w+ \w+ (?:over|better))|love (?:it|when)|hate|dislike|want (?:you|all|every|our|my|the|commit|tests?|code|no|only|answers?|short)|insist|expect|need (?:you to|all|every)|can'?t stand|don'?t (?:like|want|use|need|do)|do not (?:like|want|use|do)|never|always|no longer)|my preference|our (?:preference|convention|standard|rule|policy|style|default|practice)|the (?:rule|convention|standard|policy|style) (?:here )?(?:is|says)|you (?:should|must|need to|have to|can only|may (?:only|not|never)|cannot|can'?t|are to|ought to|are expected to|are not (?:allowed|supposed))\b|(?:it(?:'s| is) )?better (?:to )?(?:use|write|keep|name|put)|prefer|preferably|let'?s (?:use|stick|go|keep|always|not|stop|agree|write|name|call|move|switch|standardi[sz]e|adopt|avoid|have|put|log|indent|format)|we(?:'ve| have) (?:(?:now|just|all|finally) )*(?:gone (?:over|back)|moved(?: over| back)?|switched(?: over| back)?|changed(?: over| back)?|settled|standardi[sz]ed|agreed|decided) (?:to|on)\b|we(?:'ll| will)? (?:use|stick|go|keep|write|name|call|format|indent|log|follow|moved?|switch(?:ed)?|standardi[sz]ed?|adopt(?:ed)?|agreed|decided|want|do|should|must|need to|only|migrated|changed|dropped|replaced|settled|chose|picked)\b|(?:i|we) (?:said|told you|asked you|already told)|(?:please )?(?:make sure|be sure|ensure|see to it|take care|be careful)\b)",
    )
});
static CORRECTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:no|nope|nah|wrong|incorrect|stop|wait|hold on|hey|hmm+|ugh|argh|oi|careful|not (?:like that|that way|quite|right|again)|that(?:'s| is| was) (?:not (?:right|how|what|it|correct|ok|okay|quite)[^,.:;—–-]*|wrong|incorrect|a mistake|the wrong (?:one|way|tool|command|script|method|approach|form|format|order))|this (?:is|was) (?:wrong|not)[^,.:;—–-]*|you(?:'re| are) (?:doing it )?wrong|you(?:['’]ve| have)? got (?:that|this|it) (?:all |completely )?wrong|i(?:'ve| have)? (?:already )?(?:told|asked|said)(?: you)?(?: (?:this )?(?:before|already|earlier|twice|many times))?|again|as i said(?: before)?|like i said|please no|why (?:did|do|are|would|have) you[^?]*\?|don'?t do that|undo that|revert that|bad idea)\s*(?:[,.!:;—–]+|-\s)\s*)+",
    )
});
static CONTRAST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:instead(?: of)?|rather than|not \S+(?: \S+)?[,.]?$|, not \S+|no longer|any ?(?:more|longer)|in place of|in favou?r of|no more|over \S+$|(?:went|gone) over to|switch(?:ed)? (?:to|from|over)|move(?:d)? (?:to|from|over|away)|migrat\w+ (?:to|from)|replac\w+|drop(?:ped)?|(?:thr[eo]wn?|kick(?:ed)?|cast|phas(?:e|ed)) out|g[eo]t rid of|abandon(?:ed)?|scrap(?:ped)?|g[ai]ven? up(?: on)?|decommission(?:ed)?|binned|discontinued|withdrawn|(?:is|are) out|(?:is|are) (?:gone|dead|history|banned|deprecated|retired)|changed (?:to|from)|from (?:now|today)(?: on)?|going forward|henceforth|as of (?:now|today)|now (?:use|in|on|with)|use \S+ not)\b",
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

/// "List the tables that you can see": an answer is wanted.
static ASKS_TO_SHOW: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:show|list|give|print|tell|find|name)\b.*\b(?:that |which )?you (?:(?:can|could|did|just) )?(?:see|find|found|have|made|did|know|changed?|think|suggest)\b[^,;]*$",
    )
});
/// "… after each task", "… before you commit": an answer that is wanted more than once.
fn is_for_each_time(text: &str) -> bool {
    static EACH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:(?:after|before|at the (?:start|end|top|bottom) of|in|with|for) (?:each|every|any)|(?:after|before|when(?:ever)?) (?:you|we)) ",
        )
    });
    says_for_good(text) || EACH.is_match(text)
}

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

/// Whether words begin with "next time": they speak of more than what is at hand.
pub(super) fn is_for_next_time(text: &str) -> bool {
    NEXT_TIME.is_match(text)
}
/// "Paint tins belong in the shed": where things are to go. What belongs to somebody is only told.
static BELONGS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:[\w'’-]+ ){1,5}?belongs? (?:in|on|into|onto|under|at|behind|inside|with|between|below|above)\b")
});

/// "Let me see fares side by side": how things of a kind are to be shown.
static WISHES_TO_SEE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:let me|i(?:'d like to| would like to| want to| prefer to)) (?:see|have|get|read) (?P<what>(?:(?:all|the|our|any|every) )?(?:[\w-]+ ){1,4}?(?:hourly|daily|nightly|weekly|fortnightly|monthly|quarterly|yearly|(?:every|each|once an?|twice an?) \w+)[.!]*$|(?:(?:all|the|our|any|every) )?(?:[\w-]+ ){0,2}?[\w-]+s (?:(?:in|as|with|without|by|via|sorted|grouped|ordered|formatted|rendered|written) \w.*|side by side.*|first.*|one by one.*|only.*)$)",
    )
});

/// Reads an order on how to work.
pub(super) fn read(text: &str, mark: Mark, next: Option<&str>) -> Option<Finding> {
    let mut mark = mark;
    let mut text = text.trim();
    // "Call me Ned, not Edward" is nothing to do.
    if statement::called(text).is_some() {
        return None;
    }
    if let Some(found) = CORRECTION.find(text) {
        let rest = text[found.end()..].trim();
        if rest.split_whitespace().count() >= 2 {
            mark.correction = true;
            text = rest;
        }
    }
    if let Some(order) = after_blame(text) {
        mark.correction = true;
        text = order;
    }
    if let Some(order) = after_praise(text) {
        mark.correction = true;
        text = order;
    }
    text = strip_polite(text);
    if let Some(found) = WISHES_TO_SEE.captures(text) {
        text = &text[found.name("what")?.start()..];
        mark.order = true;
    }
    let undone = next.is_some_and(|next| asks_instead(text, next));
    mark.correction |= undone || ASKS_WHY.is_match(text) || manner::is_correction(text);
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
    let talks = text.starts_with("I ") && statement::ASKS.is_match(text)
        || HAS_NONE.is_match(text)
        || ASKS_TO_SHOW.is_match(text) && !is_for_each_time(text);
    if !(2..=70).contains(&count) || is_todays(text) || talks {
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
    let joined = is_joined_verb(&first, core);
    let verb = is_verb(&first) || joined;
    let taboo = is_taboo(text);
    let reset = about.is_some_and(sets_days)
        || about.is_some_and(gives_a_number) && next.is_some_and(blames_the_old)
        || sets_another_number(text);
    mark.change |= reset;
    let back = goes_back_from_another(text);
    mark.change |= back;
    let right = sets_right(text, next);
    let allowed = allows_again(text);
    let holds = negative
        || right
        || back
        || taboo
        || is_quota(text)
        || next.is_some_and(tells_what_else) && says_how_much(text)
        || PREFERENCE.is_match(text) && !is_one_off(text) && (contrast || !names_a_default(text))
        || modal && PRODUCT.is_match(text)
        || mark.correction && (contrast || standing || has_reason(text) || habit)
        || contrast && (verb || mark.change)
        || mark.change && (verb || PRODUCT.is_match(text))
        || standing && verb && !(TASK_VERBS.contains(first.as_str()) && only_loosely(text))
        || habit
        || mark.correction && (NEXT_TIME.is_match(text) || verb && is_to_come_first(text))
        || about.is_some_and(|order| standing || says_how(order) || asks_of_it(order))
        || turn && MADE.is_match(core)
        || topical::is_choice(text)
        || BELONGS.is_match(text)
        || puts_back(text)
        || gives_a_name(text)
        || wishes_otherwise(text)
        || says_how(text)
        || mark.order
        || reset
        || undone
        || keeps_the_last(text)
        || verb && is_needed_each_time(text)
        || joined && text.trim_end_matches(['.', '!']).ends_with(" here")
        || manner::is_one(text)
        || manner::sets_a_wording(text)
        || manner::corrects_a_wording(text)
        || mark.correction && (manner::keeps_in_place(text) || manner::says_by_which_way(text))
        || is_command(text)
        || says_who_gets_it(text)
        || says_in_which_language(text)
        || label::turns_to_another(text)
        || mark.correction && !is_task(text) && next.is_some_and(tells_what_happened)
        || ends_in_a_rule(text)
        || sticks_to(text)
        || allowed
        || (turn || contrast) && count >= 5 && !past_values(text).is_empty()
        || mark.correction && ASKS_WHY.is_match(text) && text.contains(',')
        || count <= 5 && first == "not" && next.is_some();
    // "Not 14.": of what, only a sentence before it says.
    let half = count <= 3 && first == "not" && next.is_none();
    let order = sentence::first_clause(text).to_owned();
    let told_instead = next.is_some_and(|next| denies_a_way(text, next));
    if !holds || half || is_passing(&order) && !told_instead && !allowed || is_lacking(text) {
        return None;
    }
    let reasoned = has_reason(text) || manner::gives_a_reason(text);
    if negative && names_this_one(text) && !standing_beyond_negation(text) && !reasoned && !mark.correction {
        return None;
    }
    // Looked at last: most sentences are no order.
    if statement::is_deliberation(text) {
        return None;
    }
    mark.order = true;
    mark.correction |= negative || taboo || denies_in_the_end(text) || puts_back(text) || manner::goes_back(text);
    mark.change |= contrast || AGAIN.is_match(text);
    let importance = if mark.correction || has_reason(text) { 7 } else { 6 };
    mark.change |= right;
    mark.correction |= right;
    // "You can merge it again" is said of the day where nothing was barred.
    mark.if_held |= allowed && !says_for_good(text);
    let kind = if right || topical::is_choice(text) || BELONGS.is_match(text) {
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

/// "Stay with hectares", "stick to metric units", and not with "the plan" at hand.
fn sticks_to(text: &str) -> bool {
    static STICKS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:just )?(?:stay with|stick (?:to|with)|keep to|go back to) (?P<what>[\w-]+)")
    });
    const AT_HAND: [&str; 38] = [
        "the", "a", "an", "this", "that", "these", "those", "it", "them", "me", "us", "him", "her", "one", "plan",
        "option", "version", "step", "work", "what", "my", "our", "your", "working", "where", "how", "when", "sleep",
        "bed", "page", "line", "chapter", "commit", "main", "master", "square", "start", "home",
    ];
    STICKS
        .captures(text)
        .is_some_and(|found| !AT_HAND.contains(&found["what"].to_lowercase().as_str()))
}

/// "You may use the east lift again": what was not to be done may be done from now on. "You can run it again" is a step.
fn allows_again(text: &str) -> bool {
    static ALLOWS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:from now on,? )?(?:you|we|they|guests|everybody|everyone) (?:can|may|are (?:free|welcome|allowed) to) (?P<verb>[a-z]+) (?P<what>[\w'’-]+)[^?;:]*? again\b(?:$|[.,;:!–—])",
        )
    });
    const STEPS: [&str; 16] = [
        "try", "start", "run", "restart", "check", "look", "test", "continue", "go", "see", "deploy", "build", "push",
        "pull", "read", "do",
    ];
    const AT_HAND: [&str; 10] = ["it", "them", "this", "that", "me", "us", "him", "her", "these", "those"];
    ALLOWS.captures(text).is_some_and(|found| {
        let (verb, what) = (found["verb"].to_lowercase(), found["what"].to_lowercase());
        !STEPS.contains(&verb.as_str()) && !AT_HAND.contains(&what.as_str())
    })
}

/// "Not from the phone. Order through the agent, that one pays the duty": the way that is wrong, and the right one.
fn denies_a_way(text: &str, next: &str) -> bool {
    static WAY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^not (?:from|in|on|with|by|via|through|over|under|into|at) (?:the|our|an?) [a-z][\w'’-]*(?: [\w'’-]+){0,2}[.!]*$",
        )
    });
    WAY.is_match(text) && manner::says_by_which_way(next) && !is_todays(next)
}

/// "Our default currency is the franc": how a thing is set, and no order. "Our default is oak" may be one.
fn names_a_default(text: &str) -> bool {
    static NAMES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^our (?:default|standard) (?P<thing>[\w-]+(?: [\w-]+)?) is (?P<value>[^\s,;:]+(?: [^\s,;:]+){0,2}?)[.!]*(?:[,;].*)?$",
        )
    });
    // "Our standard answer is no", "our default way is to ask first": how to work.
    const WAYS: [&str; 10] = [
        "answer",
        "reply",
        "way",
        "practice",
        "procedure",
        "process",
        "style",
        "approach",
        "rule",
        "policy",
    ];
    NAMES.captures(text).is_some_and(|found| {
        let thing = found["thing"].to_lowercase();
        let value = found["value"].to_lowercase();
        !thing.split(' ').any(|word| WAYS.contains(&word)) && !value.starts_with("to ") && !value.starts_with("not ")
    })
}

/// "Glass bottles are a no-go": nobody wants them.
fn is_taboo(text: &str) -> bool {
    static TABOO: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:[\w'’-]+ ){1,8}?(?:is|are) (?:(?:an?|absolute|complete|total|big|absolutely|strictly|simply) )*(?:no-?go|no-?no|taboo|anathema|verboten)s?\b",
        )
    });
    TABOO.is_match(text) && !SOMEONES.is_match(text)
}

/// "One valve at a time": so many and no more.
fn is_quota(text: &str) -> bool {
    static QUOTA: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:only|just|max(?:imum)?|at most|no more than|never more than) )*(?:\d+|one|two|three|four|five|six) (?P<what>(?:[\w'’-]+ ){1,4})at (?:a time|once)(?:,? (?:please|pls|only|max(?:imum)?))?[.!]*$",
        )
    });
    const TALK: [&str; 6] = ["step", "thing", "day", "question", "problem", "piece"];
    QUOTA.captures(text).is_some_and(|found| {
        let what = found["what"].trim().to_lowercase();
        !TALK.contains(&what.as_str()) && !what.split(' ').any(super::is_past_form)
    })
}

/// "Two signatures on every cheque": no verb, and a number or a place of what is meant.
fn says_how_much(text: &str) -> bool {
    static MUCH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:only |just |at (?:least|most) |always )?(?:\d+|one|two|three|four|five|six|only) |\b(?:per|only|without|each|every)\b",
        )
    });
    text.split_whitespace().count() >= 3
        && MUCH.is_match(text)
        && !SOMEONES.is_match(text)
        && !statement::has_finite_verb(text)
        && !is_task(text)
}

/// "Medians here, please, never means": what is wrong stands behind.
fn denies_in_the_end(text: &str) -> bool {
    static DENIES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i),\s*(?:please,?\s*)?never (?:as |in |with |by |the )?[\w'’-]+(?: [\w'’-]+)?[.!]*$")
    });
    DENIES.is_match(text)
}

/// "VAT is wrong, it is 7 percent for us": the wrong value and the right one, which holds beyond today where that is said,
/// or a sentence after it says why.
fn sets_right(text: &str, next: Option<&str>) -> bool {
    static RIGHT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:[^,;:.]{2,60}\bbut )?(?:the |our |your )?(?:[\w'’-]+ ){1,5}?(?:is|are|was|were) (?:wrong|incorrect|not right|not correct)[,;:–—-]+\s*(?:it|they|that)(?P<must>'s| is| are|'re| should be| must be| has to be| have to be)\s+(?P<value>[^,;]+)$",
        )
    });
    static MEASURED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:off|too|missing|short|less|more|late|early|instead|now|today|showing|\w+ing)\b")
    });
    static FOR_US: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:for us|with us|in our (?:case|country|shop|field)|by law|always|here)\b"));
    let Some(found) = RIGHT.captures(text) else {
        return false;
    };
    let value = &found["value"];
    let lasting = found["must"].contains("be") || FOR_US.is_match(value);
    let told = next.is_some_and(|next| {
        statement::has_finite_verb(next) && !is_passing(next) && !super::is_question(next) && !next.starts_with("I ")
    });
    manner::names_a_value(value) && !MEASURED.is_match(value) && (lasting || told)
}

/// "Could you show the fares in euros from here on?": an order in the form of a question. A task may be asked for so, too:
/// only what says how, or for how long, counts.
pub(super) fn asked(text: &str, mark: Mark) -> Option<Finding> {
    static ASKS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:can|could|would|will) you (?:(?:please|kindly|perhaps|maybe) )*(?P<order>.+?)(?:,? (?:please|pls|thanks))?\s*\?$",
        )
    });
    // "The lists: my printer cuts the long ones, could we do A3 instead from now on?": why, and what.
    static WISHES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?P<topic>(?:(?:the|our|those|these|my|all) )?(?:[\w'’-]+ ){0,3}?[\w'’-]+s): )?(?P<why>[^:?]{8,90}), (?:so )?(?:can|could|shall) we (?:(?:please|maybe|perhaps) )?(?P<order>(?P<verb>[a-z]+) [^,?]*\binstead\b[^,?]*\bfrom (?:now|today|here) on(?:wards)?)(?:,? (?:please|pls|thanks|ta))?\s*\?$",
        )
    });
    // "The guests ask, could we …?" tells what others ask, "suppose …" only thinks of it.
    static OF_OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:if|suppose|imagine|say|what if|from)\b|\b(?:ask(?:s|ed|ing)?|wonder(?:s|ed|ing)?|says?|said|suggest(?:s|ed|ion)?|propos(?:es|ed|al)|writes?|wrote|wants? to know|idea|questions?|e-?mails?)\b",
        )
    });
    if let Some(found) = WISHES.captures(text.trim())
        && is_verb(&found["verb"].to_lowercase())
        && !OF_OTHERS.is_match(&found["why"])
        && !found
            .name("topic")
            .is_some_and(|topic| OF_OTHERS.is_match(topic.as_str()))
    {
        let topic = found
            .name("topic")
            .map_or(String::new(), |topic| format!("{}: ", topic.as_str()));
        return read(&format!("{topic}{}, {}", &found["order"], &found["why"]), mark, None);
    }
    let found = ASKS.captures(text.trim())?;
    let order = found.name("order")?.as_str();
    (says_for_good(order) || says_how(order)).then(|| read(order, mark, None))?
}

/// "The old form is fine after all, please show only this from now on": the order stands in a later clause.
fn ends_in_a_rule(text: &str) -> bool {
    let mut later = sentence::clauses(text).into_iter().skip(1).map(strip_polite);
    later.any(|piece| {
        let mut words = piece.split_whitespace().map(str::to_lowercase);
        let first = words.next().unwrap_or_default();
        // "Sorting by name is useless, sort lists by date instead": of a kind, and not "use the old one instead".
        let what = words.next().unwrap_or_default();
        let of_a_kind = !manner::is_definite(&what) && !matches!(what.as_str(), "them" | "me" | "us" | "instead");
        let instead = piece.trim_end_matches(['.', '!']).ends_with(" instead");
        is_verb(&first) && (says_for_good(piece) || instead && of_a_kind)
    })
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

/// "Test on the sample first, the warehouse bills by the second": what is to come first, of no one thing at hand, and why.
fn is_to_come_first(text: &str) -> bool {
    static FIRST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?P<does>[a-z]+) (?:on|in|with|by|via|at|from|against|under|through|as|all|every|each|any) [^,;:]*\bfirst$",
        )
    });
    static FILE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\S(?:[/.]|\d)\S"));
    const GOES: [&str; 7] = ["look", "go", "come", "start", "stay", "move", "jump"];
    let order = sentence::first_clause(text);
    let first = FIRST.captures(order).filter(|_| !FILE.is_match(order));
    first.is_some_and(|found| !GOES.contains(&found["does"].to_lowercase().as_str())) && manner::gives_a_reason(text)
}

/// "Close the lid before a night run, otherwise the drum jams": what is to come before each of a kind, and why.
/// What is mended or made is so once.
fn is_needed_each_time(text: &str) -> bool {
    static EACH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?P<does>[a-z]+) (?P<what>[a-z][\w-]*)\b[^,;:]*? (?:before|after|during) (?:an?|any) (?:(?P<which>[\w-]+) )?(?P<last>[\w-]+)[,;] (?:(?P<why>because|since)|otherwise|or else)\b(?P<rest>.{8,})",
        )
    });
    // "After a final check", "because Ida is waiting", "otherwise I am late": once.
    static OF_ONE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:quick|final|last|first|short|brief|small|rough|second|test)$"));
    static OF_NOW: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:i|i['’]\w+|me|my|now|today|tomorrow|tonight|still|already|(?:is|are) \w+ing)\b")
    });
    static STATE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:is|are|was|were|has|have|had)\b|['’](?:s|re)\b"));
    const ONCE: [&str; 14] = [
        "fix",
        "add",
        "implement",
        "refactor",
        "rename",
        "create",
        "write",
        "rewrite",
        "finish",
        "improve",
        "bump",
        "update",
        "merge",
        "translate",
    ];
    EACH.captures(text).is_some_and(|found| {
        let (does, what) = (found["does"].to_lowercase(), found["what"].to_lowercase());
        // "Before a guest asks" tells of one.
        let last = &found["last"];
        let of_a_kind = !last.ends_with('s') || last.ends_with("ss");
        let of_one = found.name("which").is_some_and(|which| OF_ONE.is_match(which.as_str()));
        let why_now = OF_NOW.is_match(&found["rest"]) || found.name("why").is_some() && STATE.is_match(&found["rest"]);
        of_a_kind
            && !of_one
            && !why_now
            && !ONCE.contains(&does.as_str())
            && !matches!(
                what.as_str(),
                "it" | "this" | "that" | "them" | "these" | "those" | "me" | "us"
            )
    })
}

/// "It's the only copy of the letters, so best leave it be": what cannot be had again is not to be touched.
fn keeps_the_last(text: &str) -> bool {
    static LAST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:it|that|this|they|those|these|(?:the|our|this|that) [\w'’ -]{2,40}?)(?:['’]s|['’]re| is| are| has| have| holds?| keeps?) (?:(?:still|actually|really|now) )*(?:the|our|my|their) (?:only|sole|last|one and only) (?:[\w-]+ )?(?:cop(?:y|ies)|records?|backups?|originals?|proofs?|spares?|master) (?:of|with|from|for|that|we|there|in|since|left)\b.*[,;–—] ?(?:and )?(?:so|therefore) (?:(?:best|better|please|just|always|rather|you['’]d better) )*(?:leave (?:it|them|that|those) (?:be|alone|in peace|untouched|(?:as|where) (?:it is|they are))|(?:don['’]?t|do not|never)(?: ever)? (?:touch|delete|remove|move|overwrite|clear|empty|drop|clean|purge|wipe|edit) (?:it|them|that|those)|keep (?:it|them) (?:safe|intact|untouched|(?:as|where) (?:it is|they are))|hands off)",
        )
    });
    LAST.is_match(text)
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

/// "You used the old key again, please work with the new one only": the order after what is blamed once more.
fn after_blame(text: &str) -> Option<&str> {
    static BLAMES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^you(?:['’]ve| have)? (?:(?:keep|kept) [a-z]+ing\b.*|(?P<did>[a-z]+) .*\b(?:again|once more|twice|a second time)(?: today)?)$",
        )
    });
    let pieces = sentence::clauses(text);
    let found = BLAMES.captures(pieces.first()?)?;
    let order = &text[sentence::offset(pieces.get(1)?, text)..];
    let asked = strip_polite(order);
    let first = asked.split_whitespace().next()?.trim_matches(',').to_lowercase();
    let orders = asked.len() < order.len() || is_verb(&first) || NEGATIVE.is_match(order);
    let did = found
        .name("did")
        .is_none_or(|did| matches!(did.as_str(), "used" | "put") || super::is_past_form(&did.as_str().to_lowercase()));
    (did && orders && !pronoun::points_out(order)).then_some(order)
}

/// "Looks nice, but please use no slang in the leaflets": the order after a word of praise, where it says how far it goes.
/// "… but please use the blue one" is about what was praised.
fn after_praise(text: &str) -> Option<&str> {
    static PRAISES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:it|this|that|they|these|those|all|the [\w-]+) )?(?:(?:looks?|reads?|sounds?|is|are|(?:it|that)['’]s) )?(?:(?:very|really|quite|pretty|so|all|already) )*(?:nice|good|great|fine|ok(?:ay)?|lovely|beautiful|well|better|perfect|cool|neat)(?: (?:so far|work|job|already))?,? but (?:i (?:must|have to|need to) (?:say|ask)(?: you)?(?: that)?,? )?(?P<order>(?:please|pls|kindly) .+)$",
        )
    });
    static HOW_FAR: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:never|always|no|all|every|each|any|everywhere|anywhere|from now on)\b"));
    let order = PRAISES.captures(text)?.name("order")?.as_str();
    (HOW_FAR.is_match(order) && !pronoun::points_out(order)).then_some(order)
}

/// "Send code reviews to Petra": who gets all that is of a kind.
fn says_who_gets_it(text: &str) -> bool {
    static GETS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:send|forward|direct|route|submit|escalate|assign|refer) (?P<what>(?:(?:all|any|new) )?(?:[a-z][\w-]+ ){0,2}?[a-z][\w-]*[^s\W]s) (?:(?:on|over|up) )?to (?P<whom>(?-i:[A-Z])[\w'’-]+(?: (?-i:[A-Z])[\w'’-]+)?|(?:(?:the|our) )?(?:[\w-]+ ){0,2}?(?:team|desk|office|crew|department|channel|board|mailbox|inbox|helpdesk)|[#@][\w-]+|\S+@\S+\w)(?:,? please)?[.!]*(?:[,;:–—].*)?$",
        )
    });
    GETS.captures(text).is_some_and(|found| {
        let (what, whom) = (found["what"].to_lowercase(), found["whom"].to_lowercase());
        let counted = |word: &str| number(word).is_some() || word.starts_with(|c: char| c.is_ascii_digit());
        !manner::is_definite(&what)
            && !what.split(' ').any(counted)
            && !dates::DAY_NAMES.contains(&whom.as_str())
            && weight::of(&what) > 0
    })
}

/// "Deploy with `make push`": the command for one of a project's usual tasks.
fn is_command(text: &str) -> bool {
    static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:build|deploy|test|compile|release|publish|lint|format|install|package|provision) (?:with|via|through|using) `[^`]+`",
        )
    });
    COMMAND.is_match(text)
}

/// "Name the command /notes:share", "call the robot Fritzi in all strips": what a thing is called lasts.
fn gives_a_name(text: &str) -> bool {
    static EVERYWHERE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:name|call) (?:the|our)(?: [a-z][\w-]*){1,3} (?-i:[A-Z])[\w'’-]+(?: (?-i:[A-Z])[\w'’-]+)? (?:(?:in|on|for) (?:all|every|each|any|our)\b|throughout|everywhere|always|from now on)",
        )
    });
    static GIVES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?i)^(?:name|call) (?:the|our|this|that|it)(?: [a-z][\w-]*){0,3} ["'`]?(?:/\S+|\S*[a-z0-9][-_:./][a-z0-9]\S*|`[^`]+`)["'`]?[.!]?$"#,
        )
    });
    GIVES.is_match(text) || EVERYWHERE.is_match(text)
}

/// "I used to like charts, now please tables": what was wished, and what is.
fn wishes_otherwise(text: &str) -> bool {
    static USED_TO: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:i|we) used to (?:like|want|prefer|love|ask for|insist on) [^,;:]{3,60}[,;:–—-]+ ?(?:but )?(?:now|these days|nowadays|from now on)\b.{4,}",
        )
    });
    USED_TO.is_match(text)
}

/// Feedback says how to work; an order that tells how the work itself is set up, or what a team decided or does, is about
/// the project: "we settled on Oslo", "our staging database listens on 6543, not 5432". How all code, commits, tests or
/// answers are to be stays feedback, whoever says it.
fn kind_of(text: &str, first: &str) -> Kind {
    static ABOUT_WORK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:we|our)\b.*\b(?:deploy|release|host|run|ship|bill|invoice|support|serve)\b")
    });
    static TELLS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:from now on|as of (?:now|today)|decision|decided|agreed|update|fyi|turns out)[,:]? )?(?:(?:we|they|(?:the|our) (?:team|board|company|group|management|committee))(?: have|'ve|’ve| had| all| both| now| finally| just)? (?:(?:decided|agreed|settled|chose|picked|moved|migrated|switched|went|changed|dropped|adopted|voted|standardi[sz]ed|replaced|retired|use|keep|host|store|track|stay|no longer) |(?:do not|don't|don’t) use )|(?:the|our) (?:[\w-]+ ){1,5}?(?:is|are|has|have|uses?|lives?|runs?|listens?|sits?|stays?|works?|starts?|opens?|closes?|costs?|belongs?|comes?|goes)\b)",
        )
    });
    let how_to_work = || topic::choose(Kind::Feedback, text, false) != topic::choose(Kind::Feedback, "", false);
    if gives_a_name(text)
        || says_who_gets_it(text)
        || matches!(first, "ask" | "contact" | "ping" | "consult" | "notify")
        || ABOUT_WORK.is_match(text)
        || TELLS.is_match(text) && !how_to_work()
    {
        return Kind::Project;
    }
    Kind::Feedback
}

/// "Squash-merge the branches": a verb with a word before it that says how, and what it is done to.
fn is_joined_verb(first: &str, text: &str) -> bool {
    const BEFORE_THINGS: [&str; 12] = [
        "the", "all", "our", "every", "each", "any", "new", "into", "to", "before", "after", "when",
    ];
    let Some((how, does)) = first.split_once('-') else {
        return false;
    };
    let next = text.split_whitespace().nth(1).unwrap_or_default().to_lowercase();
    !how.is_empty() && is_verb(does) && BEFORE_THINGS.contains(&next.as_str())
}

/// "Pnpm breaks our monorepo, so back to npm": one of a row of alternatives, after what is said of another.
fn goes_back_from_another(text: &str) -> bool {
    let pieces = sentence::clauses(text);
    let of = |text: &str| features(text, &BTreeSet::new()).values;
    let alternatives = |(kind, now): (&Value, &BTreeSet<String>), was: &BTreeMap<Value, BTreeSet<String>>| {
        matches!(kind, Value::Alternative(_)) && was.get(kind).is_some_and(|was| was.is_disjoint(now))
    };
    pieces.split_first().is_some_and(|(first, rest)| {
        let was = of(first);
        rest.iter()
            .filter(|piece| manner::goes_back(piece))
            .any(|piece| of(piece).iter().any(|value| alternatives(value, &was)))
    })
}

/// "Lockers: make that Thursdays": other days of every week.
fn sets_days(order: &str) -> bool {
    static DAYS: LazyLock<Regex> = LazyLock::new(|| {
        let days = dates::DAY_NAMES.join("s|");
        pattern(&format!(
            r"(?i)^(?:make|set|move|put) (?:it|that|them|those)(?: to| on)? (?:{days}s)(?: and (?:{days}s))?(?:,? (?:instead|please|from now on))*[.!]*$"
        ))
    });
    DAYS.is_match(order)
}

/// "Make it 30 minutes": a number of something, which is no size on a page.
fn gives_a_number(order: &str) -> bool {
    const OF_A_PAGE: [&str; 5] = ["", "px", "pt", "em", "%"];
    let told = features(order, &BTreeSet::new());
    let number = |kind: &Value| matches!(kind, Value::Number(unit) if !OF_A_PAGE.contains(&unit.as_str()));
    told.values.keys().any(number)
}

/// "Make that 12 seats per table, 14 was too tight".
fn sets_another_number(text: &str) -> bool {
    static SETS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:make|set|keep) (?:that|it|them|those)(?: to| at)? \d"));
    let pieces = sentence::clauses(text);
    SETS.is_match(text)
        && pieces
            .split_first()
            .is_some_and(|(first, rest)| gives_a_number(first) && rest.iter().any(|piece| blames_the_old(piece)))
}

/// Without "please", "just", "could you": what is asked stays.
fn strip_polite(text: &str) -> &str {
    static POLITE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:please|pls|kindly|just|also|so|and|but|then|ok(?:ay)?|simply|can you|could you|would you|will you|can we|try to|i want you to|i need you to|i'd like you to|i would like you to|you (?:should|must|need to|have to) )[,:]?\s+)+",
        )
    });
    POLITE.find(text).map_or(text, |found| text[found.end()..].trim())
}
