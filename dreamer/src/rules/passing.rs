//! Whether a sentence is over tomorrow: states of the moment, chatter of the day.

use std::sync::LazyLock;

use regex::Regex;

use super::weight;
use crate::dates::{MONTH_NAMES, WEEKDAY};
use crate::text::clean::pattern;
use crate::text::sentence;
use crate::text::vocabulary::{HABIT_VERBS, PASSING, STOP};
use crate::text::words::{base, tokens};

/// States that are over tomorrow.
static NOW: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:as part of (?:the|this|that|your) (?:work|task|change|pr|fix|job|ticket|commit)|right now|at the moment|just now|as we speak|at present|for now|so far|again today|(?:this|the) (?:very )?(?:minute|moment)|(?:this|the very) second|in (?:a|an|one|two|three|five|ten|fifteen|twenty|thirty|\d+|half an|a few|a couple of) (?:sec|second|minute|min|bit|moment|hour|jiffy)s?(?:$|[,.;!]| (?:or|and|i|we|it|then|from now)\b)|(?:be |i'?m |will be )?(?:right )?back (?:in|at|soon|after|later|to work)|(?:be|am|i'?m) right back|brb|bbl|afk|gimme|(?:almost|nearly|about) (?:done|there|finished|ready|weekend|lunch|home)|still (?:running|red|failing|broken|waiting|down|slow|building|compiling|loading|stuck|there|at|here|not|no|working|busy|raining|open|in (?:progress|review)|pending|queued|looking|thinking|going)|currently (?:\w+ing|at|down|failing|broken|off|out|red|stuck|on|in a)|(?:is|are|was|were) (?:running|queued|building|compiling|loading|waiting|installing|downloading|uploading|rerunning|hanging|spinning|pending|restarting|deploying|being built|getting|taking)|\d+ ?% (?:done|full|complete|of|through|finished|so|loaded|left)|at \d+ ?(?:%|percent)|\d+ of \d+ (?:tests?|jobs|files|checks)|(?:pid|process|job|run|build) #?\d+|is (?:slow|fast|quiet|busy|empty|full|down|up|red|green|late|early|loud|cold|hot|closed|open|flaky|cranky|weird|acting up) (?:today|again|now|here|this morning)|is (?:dead|broken|out|offline|stuck|jammed|blocked|frozen|down) again(?: (?:in|on|at|over) [\w' ]{1,20})?[.!]*$|is (?:out|off|away|ill|sick|absent|patchy|unavailable|on leave) (?:today|tonight|this (?:morning|afternoon|evening|week))[.!]*$|one (?:sec|second|moment|minute)|give me(?: just| only)? (?:an?|one|two|five|ten|\d+|half|some|the|that|this|these|those|it|your|another|more|my)|(?:^|[,;.!:] ?|(?:please|just|now|have to|must|need to|let'?s|let us|can you|could you|i'?ll|i will|i|ok(?:ay)?) )wait|hang on|hold on|let me|long (?:day|week)|last day|day off|good (?:job|work|catch|idea|point|question|one)|well done|nice (?:work|one|job|try)|looks? (?:good|great|fine|ok|nice|weird)|sounds (?:good|great|fine|fun|nice|lovely|interesting|amazing|awesome|perfect|wonderful|exciting|tempting)|makes sense|fair enough|no (?:problem|worries|idea|clue|rush|hurry)|never mind|my bad|go ahead|thank|see you|talk (?:later|soon)|have a (?:good|nice|great))\b",
    )
});

/// "Sorry for the delay", "34 degrees in here, melting": said of oneself.
static OF_ONESELF: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:so|very|really|i'?m|i am|we'?re|my) )*(?:sorry|apolog(?:y|ies|ise|ize)|excuse|pardon|forgive)\b,? (?:me )?(?:for|about|if|that|my|our|the|any|all)\b|(?:^|[,;–—-] ?)(?:(?:i'?m|we'?re|i am|we are|am|literally|totally|just) )*(?:melting|sweating|shivering|roasting|starving|yawning|dying|exhausted|knackered|dizzy|freezing)\b[.!]*$|^(?:i )?(?:(?:only|just|barely|hardly|maybe) )*(?:slept|overslept|dozed off|woke up)\b",
    )
});

/// "Fingers sticky from the dough, typing slow": how one's own body is at the moment.
static OF_THE_BODY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:my|both|the|our) )?(?:fingers?|hands?|eyes?|feet|foot|ears?|nose|throat|knees?|legs?|arms?|neck|back|shoulders?|stomach|head|brain) (?:(?:is|are|so|all|still|just|really|very|too|totally) )*(?:sticky|cold|wet|tired|sore|numb|frozen|burning|itchy|dirty|shaky|heavy|swollen|greasy|stiff|hurts?|hurting|aches?|aching)(?: (?:from|after|with) (?:(?:the|my|all) )?[\w'’-]+| (?:again|today|now))*(?P<rest>[,;–—-].*|[.!]*)$",
    )
});

/// Whether a sentence is said of the person alone, and over with the day.
pub(super) fn is_of_oneself(whole: &str) -> bool {
    // "From the must" obliges nobody: of what is said of the body, the rest counts.
    let said = OF_THE_BODY.captures(whole).and_then(|found| found.name("rest"));
    said.map(|rest| rest.as_str())
        .or_else(|| OF_ONESELF.is_match(whole).then_some(whole))
        .is_some_and(|said| weight::of(said) < 3)
}

/// "It was for the old box, the bastion only takes hardware keys": the statement behind what is said of something that was
/// just sent. Where there is none, the whole sentence.
pub(super) fn without_talk(whole: &str) -> &str {
    static SIGH: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:anyways?|anyhow|oops|sorry|ok(?:ay)?|ah|oh|well|damn)[.!]*$"));
    static OF_WHAT_WAS_SENT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:anyways?|anyhow|oops|sorry|ok(?:ay)?|ah|oh|well|damn) )*(?:(?:(?:it|that|this) was (?:(?:only|just|meant|all) )*|it(?:['’]s| is) (?:only|just) )(?:for|from) .*|(?:it|that|this) was (?:(?:only|just) )?(?:the|my|our|an?) (?:old|expired|dead|test|prod|production) (?:one|key|token|password|secret|login|account)|i(?:['’]ve|['’]ll| have| will)? (?:(?:already|just) )*(?:revoked?|rotated?|renewed?|reset|invalidated?|cancel+ed) (?:it|that|this|them)(?: (?:already|anyway|now|later|today|at once))*|will (?:revoke|rotate|renew|reset|change)(?: it| that)?|(?:no|not) (?:worries|problem|harm done|big deal)|my (?:bad|mistake|fault)|wrong (?:window|chat|tab|channel|terminal|paste)|(?:sorry )?(?:about|for) (?:that|it|this|the noise)|(?:ignore|forgive|excuse) (?:it|that|this))$",
        )
    });
    static STATES: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:the|our|all|every|each) [\w'’-]+ (?:\S+ )+\S+$"));
    let clauses = sentence::clauses(whole);
    let is_talk = |clause: &&&str| SIGH.is_match(clause) || OF_WHAT_WAS_SENT.is_match(clause);
    let talk = clauses.iter().take_while(is_talk).count();
    let speaks_of_it = clauses[..talk].iter().any(|clause| OF_WHAT_WAS_SENT.is_match(clause));
    match clauses.get(talk) {
        Some(first) if speaks_of_it && STATES.is_match(first) => &whole[sentence::offset(first, whole)..],
        _ => whole,
    }
}

/// "From Monday on", "from June it's …": what holds from a day or month that is named, and before it did not.
pub(super) static TURN: LazyLock<Regex> = LazyLock::new(|| {
    let months = MONTH_NAMES.join("|");
    pattern(&format!(
        r"(?i)\b(?:from|as of|starting|beginning) (?:{months})(?: on(?:wards?)?\b|,? (?:it(?:['’]s| is)|we|they|there|only|all)\b)|\b(?:from|starting|beginning|as of|as from|effective|with effect from) (?:today|tonight|tomorrow|(?:next|this) \w+|{WEEKDAY})(?: on(?:wards?)?)?\b|\b(?:from (?:now|here|this (?:day|week|month|quarter|term|season|year|sprint|release|version|point)) on(?:wards?)?|going forward|henceforth|as of now|these days|nowadays)\b|\b(?:(?:is|are) going to|will) (?:(?:always|only) )?(?:be|get) [^,;?]{{2,60}}? in future(?:[,.;!–—]|$)",
    ))
});

/// Whether a sentence is about the moment.
pub(super) fn is_passing(text: &str) -> bool {
    // "Never use the lift" is no small talk on lifts.
    static ORDER: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:please )?never (?:ever )?[a-z]+ (?:the|our|any)\b"));
    let says_enough = || weight::of(text) >= 3 || ORDER.is_match(text);
    let small_talk = || chatter(text) > 0 && !says_enough();
    is_of_now(text) || small_talk()
}

/// The same, whatever words of the day a sentence has.
pub(super) fn is_of_now(text: &str) -> bool {
    is_momentary(text) || is_of_the_moment(text) || is_greeting(text)
}

/// "Happy Monday everyone!": a greeting, whatever day it names. "Happy hour is at five" is none.
fn is_greeting(text: &str) -> bool {
    static GREETING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)^(?:(?:a|and|very|oh),? )*(?:happy|merry|lovely) (?:{WEEKDAY}|weekend|easter|xmas|christmas|new year|holidays?|birthday)(?:,? (?:to )?(?:all|everyone|everybody|you|team|folks|guys|there|again))*\s*(?:$|[^\w\s])",
        ))
    });
    GREETING.is_match(text)
}

/// "No parking again, grr", "no milk left": what is lacking for the moment. "No tabs again, please" is an order.
pub(super) fn is_lacking(text: &str) -> bool {
    static LACKS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:still|again|and|oh),? )?no (?:[\w'’-]+ ){1,5}?(?:left|again|today|tonight|yet|this (?:morning|afternoon|evening)|(?:in|for) (?:days|weeks|hours|ages))(?: (?:here|at all|either|in the \w+))*\s*(?:$|[^\w\s])",
        )
    });
    static MEANT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:please|pls|because|since|otherwise|unless|until|instead|ever|never|always|we|you)\b")
    });
    LACKS.is_match(text) && !MEANT.is_match(text)
}

/// Whether a sentence tells how far something is, what the speaker is about to do, or a state and what to do about it
/// once: "the branch is dirty, stash it".
fn is_of_the_moment(text: &str) -> bool {
    static MOMENT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?ix)
            \b(?:(?:up|down)load|import|export|copy|sync|scan|build|install|installation|backup|restore|transfer|battery|progress|rendering)\s
                (?:is|sits|stands|hangs)\s(?:(?:now|still|only|already)\s)?at\s\d+\s?(?:%|percent)
            |\b\d+\s(?:of|out\sof)\s\d+\s(?:[\w-]+\s){0,2}(?:(?:are|is)\s)?(?:done|finished|ready|through|complete|left)(?:\sso\sfar)?[.!]*$
            |^(?:(?:only|still|just)\s)?(?:\d+|one|two|three|four|five|six|ten|a\sfew)\s[\w-]+\s(?:left|to\sgo|remaining)\b
            |^(?:(?:only|just|still|another)\s)?(?:\d+|half\san|an?|one|two|three|four|five|six|ten|fifteen|twenty|thirty|a\sfew|a\scouple\sof)\s(?:more\s)?(?:sec(?:ond)?|min(?:ute)?|hour|hr|day)s?\s(?:(?:and|then|till|until|to)\s)+(?:i|i['’]\w+|my|home|lunch|bed|(?:the\s)?weekend|holidays|freedom)\b
            |^(?:(?:gg|man|wow|dude|boy|damn|lol)[,!]?\s)?(?:that|this|the|our)\s[^,;:]{2,40}\s(?:last\snight|yesterday|today|this\s(?:morning|afternoon|evening))\s
                (?:was|were)\s(?:(?:so|such|really|quite|absolutely|just|totally|pretty)\s)*(?:insane|crazy|wild|epic|nuts|unreal|brutal|great|brilliant|legendary|fantastic|terrible|horrible|boring|exhausting)[.!]*$
            |\b(?:is|are)\s(?:(?:still|already|all)\s)?(?:taken|occupied|booked|busy|blocked|in\suse)\s(?:until|till?)\s(?:\d[\d:.]*(?:\s?[ap]m)?|noon|lunch),?\sso\s(?:i['’]?m|i\sam|we['’]re|we\sare)\b
            |\b(?:was|were)\s(?:(?:so|such|really|quite|absolutely)\s)*(?:a\sblast|fun|(?:a\slot\sof|great|good)\sfun|awesome|amazing|delicious|awful|hilarious)[.!]*$
            |^(?:ok(?:ay)?,?\s)?(?:the|my|our)\s(?:branch|pr|pull\srequest|fix|patch|ticket|draft|commit|diff|build|pipeline|ci)\s
                is\s(?:now\s)?(?:rebased|merged|pushed|fixed|done|ready|deployed|updated|committed|uploaded|reviewed|green|red)(?:\s(?:now|again|too))?[.!]*$
            |^(?:(?:all|the|our|my)\s)*(?:[\w'’-]+\s){1,4}?(?:pass(?:es)?|compiles?|builds?|works?|succeeds?|loads?|boots?)(?:\s(?:fine|well|ok(?:ay)?|cleanly|correctly))?\s(?:now|again)[.!]*$
            |^(?:i\s)?can['’]?t\sstop\s\w+ing\b
            |^(?:(?:i['’]?m\s)?(?:keep(?:ing)?\s)?(?:(?:your|my|our|all)\s)?fingers\scrossed|(?:wish\s(?:me|us)|(?:good|best\sof))\sluck)\b
            |^(?:(?:i(?:['’]ve)?\s)?(?:gotta|got\sto|have\sto)|i\s(?:must|need\sto|should))\s
                (?:run|go|leave|dash|fly|split|rush|log\soff|be\soff|head\s(?:off|out|home))(?:\s(?:off|home|out|now|soon))?
                (?:\sin\s(?:[\w'’-]+\s){1,5}?(?:sec(?:ond)?|min(?:ute)?|hour|hr|bit|moment|while)s?)?[.!]*$
            |[,;–—-]\s?(?:retrying|trying\s(?:it\s)?(?:again|once\smore)|(?:(?:i['’]?m|i\sam)\s)?(?:going\sto|gonna|off\sto|about\sto)\s\w+\s(?:it|them|that))[.!]*$
            |[,;–—-]\s?(?:please\s)?(?:have|take)\sa\s(?:quick\s)?look(?:\sat\sit)?(?:\splease)?[.!]*$",
        )
    });
    static DEALT_WITH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:is|are) (?:\w+ ){0,2}\w+[,;–—-] ?(?:please |just |so |then )*(?P<verb>[a-z]+) (?:it|them)(?: (?:please|first|now|up|away|out|off|again))*[.!]*$",
        )
    });
    let dealt_with = || {
        DEALT_WITH.captures(text).is_some_and(|found| {
            let verb = found["verb"].to_lowercase();
            !HABIT_VERBS.contains(verb.as_str()) && !STOP.contains(verb.as_str())
        })
    };
    MOMENT.is_match(text) || !weight::CONDITION.is_match(text) && (dealt_with() || is_for_a_while(text))
}

/// "Don't open the gate for the next ten minutes": it is over within the day. What is said of each time is not.
fn is_for_a_while(text: &str) -> bool {
    static WHILE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:please|pls|so),? )*(?:don['’]?t|do not|nobody|no one|stay|keep (?:off|out|away)|hands off)\b[^;]*\bfor the next (?:(?:couple of|half an?|few|[a-z]+|\d+) )?(?:sec(?:ond)?s?|min(?:ute)?s?|hours?)(?: (?:please|pls|thanks))?(?:[,.;!–—]|$)",
        )
    });
    WHILE.is_match(text)
}

/// "The boiler just burst, water everywhere": what befell something this minute, unless it says what holds since then.
pub(super) fn is_a_mishap(text: &str) -> bool {
    static MISHAP: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:the|our|my|an?|some\w*) (?:[\w'’-]+ ){1,5}?(?:has |have )?just (?:exploded|burst|blew up|caught fire|collapsed|fell (?:over|down|off|out)|tipped over|flooded|died|broke(?: down)?|crashed|went off)(?:[,;.!–—]|$)",
        )
    });
    // "Our supplier just collapsed", "my cat just died": who is gone stays so.
    static OF_SOMEBODY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^my .* just died\b|^[^,;]*\b(?:suppliers?|vendors?|partners?|customers?|clients?|sponsors?|banks?|firms?|compan(?:y|ies)|deals?|talks|contracts?|markets?)\b",
        )
    });
    // "Carts take the ferry": what follows from it may last.
    static OF_NOW: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:and |so )?(?:there|it|everything|everyone|everybody|nobody|i|we|what a|no|oh|help|sorry)\b|\b(?:everywhere|again|all over|gone)[.!]*$",
        )
    });
    MISHAP.is_match(text)
        && sentence::clauses(text)
            .iter()
            .skip(1)
            .all(|clause| OF_NOW.is_match(clause))
        && !OF_SOMEBODY.is_match(text)
        && !weight::CONDITION.is_match(text)
        && !weight::RULE.is_match(text)
}

/// Whether a sentence tells a state that is over in a moment.
pub(super) fn is_momentary(text: &str) -> bool {
    // "The crew rolls back at night": what is done to something, and nobody who is back at once.
    const DOES: [&str; 14] = [
        "roll", "rolls", "rolled", "scale", "scales", "send", "sends", "sent", "report", "reports", "call", "calls",
        "falls", "switches",
    ];
    let is_done = |found: &regex::Match<'_>| {
        let before = text[..found.start()].split_whitespace().next_back().unwrap_or_default();
        found.as_str().to_lowercase().starts_with("back ") && DOES.contains(&before.to_lowercase().as_str())
    };
    // "The loom is running kernel 6.12": with what it runs, and no run.
    static WITH: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?: on)?(?: the)? (?P<what>[a-z][\w+#-]*) v?\d+\.\d[\w.]*(?:[\s,.;]|$)"));
    const RUNS: [&str; 9] = [
        "test", "case", "step", "job", "build", "round", "batch", "task", "suite",
    ];
    let is_with = |found: &regex::Match<'_>| {
        matches!(found.as_str().to_lowercase().as_str(), "is running" | "are running")
            && WITH
                .captures(&text[found.end()..])
                .is_some_and(|with| !RUNS.contains(&with["what"].to_lowercase().as_str()))
    };
    // "Never let me send it before noon" forbids; "don't let me stop you" does not.
    static IDLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^ (?:down|wait|hang|stop|keep|disturb|interrupt|hold|know|start|get started|forget|go|see|finish)\b",
        )
    });
    let is_barred = |found: &regex::Match<'_>| {
        let before = text[..found.start()].split_whitespace().next_back().unwrap_or_default();
        let before = before.to_lowercase().replace('’', "'");
        found.as_str().eq_ignore_ascii_case("let me")
            && matches!(before.as_str(), "never" | "not" | "ever" | "don't" | "dont")
            && !IDLE.is_match(&text[found.end()..])
    };
    // "The cabinet runs at 62 percent humidity": a measure, and not how far something is.
    static OF_WHAT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^ (?:relative |full )?(?P<what>[a-z]{3,})\b"));
    const OF_THE_WAY: [&str; 16] = [
        "done",
        "full",
        "complete",
        "completed",
        "finished",
        "through",
        "now",
        "already",
        "and",
        "but",
        "still",
        "again",
        "today",
        "right",
        "since",
        "for",
    ];
    let is_measure = |found: &regex::Match<'_>| {
        found.as_str().starts_with("at ")
            && OF_WHAT
                .captures(&text[found.end()..])
                .is_some_and(|of| !OF_THE_WAY.contains(&of["what"].to_lowercase().as_str()))
    };
    NOW.find_iter(text)
        .any(|found| !is_done(&found) && !is_with(&found) && !is_barred(&found) && !is_measure(&found))
}

/// How many words of the day a sentence has, beside what it is good for.
pub(super) fn chatter(text: &str) -> usize {
    // "The dog gets two meals a day", "the wine has 12% alcohol": a measure, or how often, is no small talk.
    static MEASURED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:the|our|all) [^,;:]*\b(?:has|have|holds?|contains?|gets?|weighs?|costs?|reach(?:es)?|carr(?:y|ies)|seats?) [^,;:]*(?:\d ?(?:%|percent\b|kg\b|kilos?\b|l\b|litres?\b|liters?\b|g\b|grams?\b|cm\b|m\b|metres?\b|km\b)|\b(?:once|twice|(?:one|two|three|four|five|six|\d+) [a-z]+) an? (?:day|week|month|year)\b)",
        )
    });
    if MEASURED.is_match(text) {
        return 0;
    }
    // "From today" is no chatter about today.
    // What is quoted is spoken of, and not spoken.
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern(r#""[^"]*"|“[^”]*”"#));
    let text = QUOTED.replace_all(without_purpose(text), "");
    let text = TURN.replace_all(&text, "");
    let tokens = tokens(&text);
    let words: Vec<String> = tokens.iter().map(|token| base(token.raw)).collect();
    // A "cold store" is no weather.
    let names_a_kind = |at: usize| {
        MAY_NAME_A_KIND.contains(&words[at].as_str())
            && words.get(at + 1).is_some_and(|next| !STOP.contains(next.as_str()))
            && text[tokens[at].at + tokens[at].raw.len()..].starts_with(' ')
    };
    // The "front desk" is a place of work, and so is the "on-call doctor" a part of it.
    let of_a_kind = |at: usize| {
        let before = at.checked_sub(1).map(|before| words[before].as_str());
        before.is_some_and(|before| {
            words[at] == "desk" && !STOP.contains(before) || words[at] == "doctor" && before.contains('-')
        })
    };
    // "Breakfast is shown apart": what is done with a thing as a rule.
    let is_handled = |at: usize| {
        let mut next = words[at + 1..].iter().take(4).map(String::as_str);
        next.next()
            .is_some_and(|is| matches!(is, "is" | "are" | "must" | "may" | "should" | "gets" | "get"))
            && next.any(|word| HANDLED.contains(&word))
    };
    let passing =
        |at: &usize| PASSING.contains(words[*at].as_str()) && !names_a_kind(*at) && !of_a_kind(*at) && !is_handled(*at);
    (0..words.len()).filter(passing).count()
}

/// A sentence without what it is good for, or is not: "…, so that the crews can rest before the weekend", "…, not at the
/// desk".
fn without_purpose(text: &str) -> &str {
    static PURPOSE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)[,;–—]\s*(?:so|because|since|otherwise|or else|(?:and )?not (?:at|in|on|by|to|from|with))\b.*$")
    });
    PURPOSE.find(text).map_or(text, |found| &text[..found.start()])
}

/// What is done with things of the work.
const HANDLED: [&str; 20] = [
    "shown",
    "billed",
    "charged",
    "included",
    "served",
    "listed",
    "counted",
    "printed",
    "sold",
    "booked",
    "paid",
    "priced",
    "delivered",
    "stored",
    "kept",
    "invoiced",
    "recorded",
    "tested",
    "inspected",
    "taxed",
];

/// Words of the day that may as well say of what kind a thing is: "cold store", "bus cable".
const MAY_NAME_A_KIND: [&str; 52] = [
    "cold",
    "hot",
    "warm",
    "loud",
    "noisy",
    "sunny",
    "rainy",
    "happy",
    "funny",
    "freezing",
    "coffee",
    "tea",
    "lunch",
    "dinner",
    "breakfast",
    "train",
    "bus",
    "tram",
    "traffic",
    "bike",
    "gym",
    "weekend",
    "movie",
    "film",
    "song",
    "music",
    "football",
    "match",
    "game",
    "goal",
    "party",
    "beer",
    "wine",
    "drink",
    "cat",
    "dog",
    "kid",
    "baby",
    "battery",
    "charger",
    "laptop",
    "desk",
    "chair",
    "lift",
    "elevator",
    "parcel",
    "doctor",
    "noise",
    "storm",
    "rain",
    "weather",
    "snow",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_no_order() {
        for text in [
            "no parking again, grr",
            "no coffee left, argh",
            "No milk again",
            "no signal here again, ugh",
            "No hot water in the kitchen today",
            "still no answer yet",
        ] {
            assert!(is_lacking(text), "{text}");
        }
        for text in [
            "No tabs again, please",
            "No text left of the logo",
            "No deploys on Fridays",
            "No sleeps in tests again, because CI is slow",
            "No more tabs",
        ] {
            assert!(!is_lacking(text), "{text}");
        }
    }

    #[test]
    fn how_the_body_is() {
        for text in [
            "fingers sticky from the must, typing slow",
            "my back hurts again",
            "hands are cold, brr",
            "Eyes so tired today",
            "my head aches after the fair.",
        ] {
            assert!(is_of_oneself(text), "{text}");
        }
        for text in [
            "Hands wet with dye should be rinsed",
            "The back door sticks",
            "The head office is cold in winter",
            "Heads are counted at the gate",
            "The arm is greased every week",
        ] {
            assert!(!is_of_oneself(text), "{text}");
        }
    }

    #[test]
    fn what_is_said_of_something_that_was_sent() {
        let told = "the vault is opened by Ruth only, never by night";
        for talk in [
            "it was for the old lab box",
            "that was the old one",
            "oops, wrong window",
            "sorry about that, my bad",
            "I revoked it already, no worries",
            "it's only for the test rig",
            "ok, that was meant for the other chat",
            "anyway it was just meant for the other chat",
        ] {
            assert_eq!(without_talk(&format!("{talk}, {told}")), told, "{talk}");
        }
        for text in [
            "it is a bug, the total only updates twice",
            "I tried it, the button only works twice",
            "it was for the old lab box, forget it",
            "that was the old one, so forget my address",
            "it's for the test rig",
            "it's for kids, the tone must be simple",
            "No, that was for the drafts, the finals go to Ida",
            "that's the wrong account, the right one is 1200",
            "ok, the gate is locked at nine",
            "it was slow, the gate was shut",
            "The vault is opened by Ruth, the gate by Ida",
        ] {
            assert_eq!(without_talk(text), text);
        }
    }

    #[test]
    fn what_befell_something_this_minute() {
        for text in [
            "The coffee machine just exploded, there is foam on the ceiling",
            "our boiler just burst, water everywhere!",
            "The big shelf in hall 2 has just collapsed.",
            "My chair just broke",
        ] {
            assert!(is_a_mishap(text), "{text}");
        }
        for text in [
            "The old mill just exploded the myth of cheap flour",
            "The relay just died, pump 2 must never run without it",
            "The old bridge just collapsed, carts take the ferry",
            "Our main supplier just collapsed.",
            "My father just died",
            "The mast just broke in 1788",
            "The vat has just been painted",
        ] {
            assert!(!is_a_mishap(text), "{text}");
        }
        for text in [
            "slept like 3 hours, be gentle",
            "barely slept",
            "I overslept, train was gone",
        ] {
            assert!(is_of_oneself(text), "{text}");
        }
        assert!(!is_of_oneself("Guests who slept badly get 10 euros back"));
    }

    #[test]
    fn what_is_over_in_a_moment() {
        for text in [
            "the upload is at 63%",
            "The import stands at 63 percent now",
            "Ida is back at noon",
            "The backup still hangs... the import is now at 12 percent",
            "job shows 2 of 6 colours done",
            "34 of 90 tests are through",
            "7 out of 12 crates ready",
            "88 sheets left in the tray",
            "only 3 pages to go",
            "can't stop coughing",
            "line 2 is busy, trying again",
            "gate is open, going to close it",
            "the link is dead, retrying",
            "the branch is dirty, stash it",
            "The tank is full, empty it please",
            "the spinner never stops when the list is empty, have a look",
            "no parking again, grr",
            "Koli sounds fun, but we went there before",
            "happy monday :) how are you",
            "Happy Friday everyone!",
            "merry christmas to all",
            "Only two hours to go",
            "yesterday's quiz night was a blast",
            "give me a minute",
            "Give me the file first",
            "just give me five more",
            "let me send it before noon",
            "All tests of the gate pass now",
            "the lift works fine again",
            "Don't let me stop you",
            "don’t let me down now",
            "five more minutes then i go home",
            "Ten minutes until lunch",
            "just two more hours and then I'm off",
            "another 20 mins till my train",
            "3 more days to the weekend!",
            "The coffee machine is dead again",
            "wifi is out again in here",
            "Ines is out today",
            "gg, that quiz last night was insane",
            "The concert yesterday was absolutely brutal!",
            "the big loom is taken until 3 so im at the small one",
            "The hall is booked till noon, so we're outside",
            "don't touch the gate for the next ten minutes, I stand in it",
            "gotta run in a quarter of an hour",
            "I have to leave in about 20 minutes.",
            "got to dash!",
            "The loom is running test 3.2",
            "the press is running",
            "please do not restart the loom for the next 2 hours",
            "Stay out of hall 2 for the next half an hour",
            "The wifi in hall 2 is patchy this morning",
            "The branch is rebased now",
            "ok the fix is deployed",
        ] {
            assert!(is_passing(text), "{text}");
        }
        for text in [
            "VAT on the label is 19%",
            "The proofing cabinet runs at 62 percent humidity",
            "Keep the drums at 40% load on Sundays",
            "Every migration has a down step, the crew rolls back at night",
            "The pager calls back in five minutes if nobody answers",
            "Happy hour is from five to seven",
            "Happy Monday is the name of our charity run",
            "Two hours are left for the loom",
            "Ten more minutes in the oven, then turn the trays",
            "Five minutes then the dough is folded",
            "Two days before the fair the stalls are built",
            "The fun fair was moved to hall 2",
            "2 of 6 colours are always printed twice",
            "One of 12 samples is sent to the lab",
            "Nobody can't stop the press but Ida",
            "If the branch is dirty, stash it",
            "The east door is alarmed, keep it shut",
            "The glaze is toxic, never touch it",
            "The roof is slippery, avoid it",
            "Clients retry twice, trying again after 5 seconds",
            "Every kiln has 4 shelves left of the door",
            "Give me long answers from now on",
            "Never let me send Ida a bill before the 30th",
            "don't ever let me book the loft on Fridays",
            "Do not let me order yarn without a price",
            "Give me sources with every claim",
            "Give me only hand-woven samples",
            "The hall is booked until 22:00 every day",
            "The hall is taken until 10, so guests wait at the gate",
            "The queue last week was insane",
            "Don't open the gate for the next ten minutes after a reset",
            "Don't retry for the next 5 minutes on a 429",
            "Leave the dough alone for the next two hours",
            "The loom is running kernel 6.12",
            "All vats are running on firmware 2.4, Ida says",
            "Guests have to leave by nine",
            "Tokens stay valid for the next two hours",
            "Tokens are valid for the next release",
            "The old relay is dead, the new one hangs in hall 2",
            "Telex is out",
            "The branch is merged by Ines alone",
            "The build is green before we ship",
            "Ines is out on Fridays",
        ] {
            assert!(!is_passing(text), "{text}");
        }
    }
}
