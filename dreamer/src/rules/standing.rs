//! Whether an order holds beyond today, or is one of the day on one thing.

use std::sync::LazyLock;

use regex::Regex;

use super::manner;
use crate::dates::{MONTH_NAMES, WEEKDAY};
use crate::text::clean::pattern;
use crate::text::vocabulary::{HABIT_VERBS, TASK_VERBS};

/// What makes an order hold beyond today.
pub(super) static STANDING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:always|never|ever|from (?:now|today|here)(?: on(?:wards?)?)?|from this (?:day|point|week|month|quarter|term|season|year|sprint|release|version)|henceforth|hereafter|going forward|in (?:the )?future|as of (?:now|today|\d)|starting (?:now|today|\w+day|next)|effective|each|every(?: time| single)?|all (?:new|future|the time|our|commits?|tests?|files?|prs?)|any(?:thing|one)? (?:that|which|who|new)|only|whenever|when(?: you| we| i| a| an| the| it| something| someone)|before(?: you| we| each| every| any| merging| committing| pushing| deploying| releasing| opening| touching| changing)?|after (?:each|every|you|we|any|merging|committing|deploying)|by default|as a (?:rule|default)|in (?:this|our|the|these) (?:repo(?:sitory)?|code ?base|project|team|company|service|monorepo|app)|(?:around|over) here|here\b[,.]?$|for (?:all|every|each|any|new|everything|anyone)|new \w+s\b|instead(?: of)?|rather than|no longer|any ?more|not \w+[,.]?$|must(?:n'?t| not)?|don'?t|do not|no more|stop|avoid|without|at all times|under no circumstances|unless|except|if you|if the|if a|if we|if it|on (?:mon|tues|wednes|thurs|fri|satur|sun)days?|as (?:our|the team)|otherwise|per (?:the |our )?(?:style|team|convention|policy))\b",
    )
});

/// What ties an order to today.
static TODAYS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:yet|for now|right now|this time|this once|just (?:this )?once|just for (?:this|now|today)|(?:until|till|while) i\b.*|for (?:this|that) (?:one|task|pr|change|test|file|ticket|branch|commit|run|push|release|deploy(?:ment)?|build|merge|step|session|call|review|job|request|query|upload|download)|as part of (?:the|this|that|your) (?:work|task|change|pr|fix|job|ticket|commit|refactor\w*)|in this (?:pr|file|function|test|commit|ticket|branch|method|class|line|case|block)|today only|only today|for today|tonight|please (?:look|check|fix|have a look|take a look)|asap|as soon as (?:you|possible)|when you(?:'re| are) (?:done|ready|finished)|(?:ping|tell|text|call|message|notify) (?:me|us) (?:when|once) (?:the|this|that) [\w-]+ (?:is|are) (?:done|ready|finished|through|green|merged|deployed)|once (?:you(?:'re| are)|that'?s|it'?s) (?:done|ready)|then (?:run|commit|push|show|open)|worry|bother|wait for me|need to (?:reply|answer))\b",
    )
});

/// Whether an order is tied to today: it says so, or more is to be done after it. "… and then the crew has to wait" only
/// says what comes of it.
pub(super) fn is_todays(text: &str) -> bool {
    static THEN: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\band then (?:(?:please|just|also|you|go and) )?(?P<next>[\w-]+)"));
    let more_to_do = |found: regex::Captures<'_>| {
        let next = found["next"].to_lowercase();
        HABIT_VERBS.contains(next.as_str()) || TASK_VERBS.contains(next.as_str())
    };
    TODAYS.is_match(text) || THEN.captures_iter(text).any(more_to_do)
}

/// Whether an order says that it holds beyond today.
pub(super) fn is_firm(text: &str) -> bool {
    standing_beyond_negation(text) && !is_todays(text)
}

/// Words that say that an order holds beyond today, whatever else it says.
const FIRM: &str = "always|never|from now on|from today|henceforth|going forward|in (?:the )?future|every|each|whenever|by default|as a rule|at all times|when you";

/// "Never", "each", "unless": what holds beyond today even where the order is only "don't".
pub(super) fn standing_beyond_negation(text: &str) -> bool {
    static HOLDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)\b(?:{FIRM}|before|after|only|unless|instead|any ?more|without|by hand|manually|directly|ever)\b",
        ))
    });
    HOLDS.is_match(text)
}

/// "Always", "from now on", "with two digits only".
pub(super) fn says_for_good(text: &str) -> bool {
    static HOLDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:always|never|from (?:now|today|here)(?: on)?|going forward|in (?:the )?future|every time|whenever|by default|any ?more|no longer|instead of)\b",
        )
    });
    HOLDS.is_match(text)
}

/// "Twice a year", "for ten years", "on Mondays", "by June": how often or how long something holds, or the day of it.
pub(super) fn says_when(text: &str) -> bool {
    static WHEN: LazyLock<Regex> = LazyLock::new(|| {
        // "2 may use it" names no month.
        let months = MONTH_NAMES.join("|").replace("May", "(?-i:May)");
        pattern(&format!(
            r"(?i)\b(?:(?:once|twice|\w+ times|\d[\d.,]* \w+) (?:an?|per|each|every) (?:day|night|week|month|quarter|term|season|year)|daily|weekly|fortnightly|monthly|quarterly|yearly|annually|(?:every|each) (?:\w+ )?(?:days?|nights?|mornings?|evenings?|weeks?|months?|quarters?|terms?|seasons?|springs?|summers?|autumns?|winters?|years?|{WEEKDAY}s?|{months})|on {WEEKDAY}s|for (?:at least |up to )?\w+ (?:weeks|months|years)|(?:by|from|until|till|before|since|in) (?:next )?(?:spring|summer|autumn|winter|{months})|(?:by|from|until|till|before|since) (?:19|20)\d\d|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{months})|(?:{months}) \d{{1,2}})\b",
        ))
    });
    WHEN.is_match(text)
}

/// A sign of standing that says little next to a verb of the day ("fix it before merging").
pub(super) fn only_loosely(text: &str) -> bool {
    static HOLDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)\b(?:{FIRM}|before (?:each|every|any|merging|committing|pushing|deploying|releasing|opening|touching|changing)|after (?:each|every|any|merging|deploying)|only (?:on|after|with|when|if|from|via|through)|unless|instead|no longer|any ?more|without)\b",
        ))
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
    !HOLDS.is_match(text)
        || HOW_ONE.is_match(text)
        || (ONE.is_match(text)
            && !text.to_lowercase().contains("always")
            && !text.to_lowercase().contains("never")
            && !text.to_lowercase().contains("from now on")
            && !text.to_lowercase().contains("every"))
}

/// "Write tests with X": a verb of habit on things in general, not on one thing.
pub(super) fn is_bare_habit(first: &str, text: &str) -> bool {
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

/// "Don't touch it": forbidden of one thing.
pub(super) fn names_this_one(text: &str) -> bool {
    static ONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:don'?t|do not|dont|no|not|stop)\s+(?:\w+\s+)?(?:it|this|that|them|the (?:test|helper|function|button|page|form|file|line|code|tests|build|server|branch|import)s?|anything|me|problem|need|idea|clue|luck|way|thanks|rush|hurry|yet)\b",
        )
    });
    ONE.is_match(text)
}

/// "You can merge it", "we need to fix the form", "let's go": said of one thing.
pub(super) fn is_one_off(text: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_it_is_no_task_of_today() {
        for text in [
            "Don't compress the first photo, it blurs our logo and then the printer rejects the sheet",
            "Never oil the hinge before painting, the paint peels and then we need a new coat",
            "Don't start the pump before the boiler, it draws air and then nobody can bleed it",
            "Never shorten the names of guests, two were mixed up and then Ida had to sort it out",
            "No scans over 9 MB, the mailbox is full at once and then letters bounce",
        ] {
            assert!(!is_todays(text), "{text}");
        }
        for text in [
            "Run the tests and then push",
            "Fix the parser and then please update the notes",
            "Rinse the vat and then go and check the valve",
            "Don't merge yet",
        ] {
            assert!(is_todays(text), "{text}");
        }
    }
}
