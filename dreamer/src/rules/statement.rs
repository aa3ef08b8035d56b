//! Plain statements: facts about the work and the person, told from the chatter of the day.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::passing::{TURN, chatter, is_a_mishap, is_momentary, is_of_now, is_passing};
use super::standing::{STANDING, says_for_good, says_when};
use super::task::is_task;
use super::weight::{self, CONDITION, RULE, SOMEONES};
use super::{forget, is_question, label, pronoun, remember, tells_of_the_user};
use crate::dates;
use crate::fact::{Finding, Kind, Mark, Op};
use crate::text::clean::pattern;
use crate::text::vocabulary::{TASK_VERBS, is_verb};
use crate::text::{sentence, source};

/// Words of what is over soon.
static MOMENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:today|tonight|currently|again|still|all day|this \w+|at the moment|lately|these days)\b")
});
/// Someone's state or doing of the day.
static OF_THE_DAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:need|want|got|gotta|going|gonna|off|back|having|taking|grabbing|getting|running|heading|leaving|waiting|trying|feeling|must go|have) (?:to|a|an|some|my|more|another|for|on|in|out|off|home|late|lunch|coffee)\b|i(?:'m| am)(?: so| very| a bit| really| just| quite| pretty| totally| still| only| on (?:a|the|my)| in (?:a|the|my)| at (?:a|the|my|home|work)| not| off| out| back| done| going| about| afraid| sure| glad| happy| curious| trying| looking| working| thinking| wondering| getting| using my| here| late| tired)\b|i(?:'ll| will|'d| would)\b|i (?:just|think|thought|guess|suppose|see|saw|feel|felt|hope|wonder|tried|try|got|get|did|do not|don'?t (?:know|think|see|get|understand|care|mind|remember)|need (?:a|to|some|more|you|it|the|your)|want (?:a|to|it|some|the|this)|have (?:a|an|to|no|been|some|another|two|ten)|had|pushed|merged|fixed|changed|added|removed|updated|made|ran|went|came|left|broke|wrote|found|noticed|opened|closed|installed|restarted|deployed|spent|slept|ate|missed|lost|spilled|forgot|counted|bet|mean|meant|agree|understand|am)\b|we (?:just|are|'re|got|had|have (?:a|an|to|another|some|no time)|went|saw|lost|won|fixed|merged|pushed|spent|almost|nearly|might|could)\b|it(?:'s| is| was| looks| seems| feels| works| worked| does| did| has| broke| took| takes)?\b|that(?:'s| is| was| looks| works| worked)?\b|this (?:is|was|looks|works|one|morning was|thing|bug|test|issue|code|file)\b|there(?:'s| is| was| are| were) (?:a|an|some|no|still|something|one|another|so|only)\b|he |she |they |you(?:'ll|'re|'ve|'d)? |someone|somebody|everyone|everybody|nobody (?:here|is)|people (?:here|are)|what a|so (?:many|much)|too (?:many|much)|your (?:last|latest|previous|recent) (?:pr|pull request|commit|answer|reply|change|diff|branch|message|edit|patch|version) |can'?t wait|time (?:for|to)|almost|already|yay|my (?:laptop|computer|machine|phone|cat|dog|kid|kids|son|daughter|baby|wife|husband|partner|neighbou?rs?|internet|wifi|battery|screen|keyboard|mouse|chair|desk|back|head|brain|eyes|coffee|tea|lunch|train|bus|flight|day|morning|week(?:end)?|night|build|tests?|branch|pr|terminal|ide|connection|headphones|head)\b)",
    )
});
/// Something is wrong and is to be looked at: a task.
static BROKEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\bshows? (?:garbage|nonsense|nothing|nan|null|undefined|the wrong|wrong|a negative|negative|an? (?:empty|blank|wrong|broken|old|stale)|stale)\b|\b(?:panics?|segfaults?|drifts|garbles|laggy|out of order|(?:just|now|still|suddenly) (?:all )?black)\b|\b(?:gets?|getting|got|sees?|seeing|shows?|with|only|just|still) (?:(?:an?|the|just|only) )*blank (?:screen|page)\b|(?:^|[:;] |\b(?:still|again|now) )unable to\b|\b(?:falls?|slips?) through\b|\b(?:drops|skips|misses|loses|eats|swallows) the (?:first|last)\b|[,;–—-] (?:can|could|would) (?:you|u|someone|somebody)\b(?: please)?(?: have a| take a)? (?:look|check|fix|see|find|investigate|debug|dig)\b|[,;–—-] (?:please )?(?:find out|figure out|see|check) (?:why|what|how|where)\b|[,;–—-] (?:any ideas?|why)\b|\b(?:is|are|looks?|seems?|keeps?) (?:(?:still|currently|now|really|completely|totally|again|always|all|just|so|very|often|sometimes|already|suddenly|\w+ing) )?(?:off by|broken|failing|wrong|missing|red|down|flaky|stuck|crashing|slow|buggy|too (?:short|long|slow|small|big|wide|narrow|large)|not working|undefined|empty|duplicated|twice|misaligned|ugly|blank|incorrect|outdated|unreadable|inconsistent|out of (?:date|sync))\b|\b(?:fails?|crash(?:es|ed)?|breaks?|broke|hangs?|throws?|flickers?|jumps?|lags|leaks|overlaps?|overflows?|freezes|stutters?|jammed|has (?:a|another|some) (?:typos?|bugs?|glitch\w*|problems?|issues?)|(?:sometimes|suddenly|randomly|wrongly|twice|again|still) \w+s\b|\w+s (?:twice|again|wrongly|sometimes|randomly|nothing)\b|doesn'?t (?:work|load|compile|start|show|render|match|build)|does not (?:work|load|compile|start|show|render)|stopped working|won'?t (?:start|load|compile|build|open)|can'?t (?:log ?in|open|find|see|reproduce)|returns? (?:an? )?(?:error|500|404|null|undefined|wrong|nothing))\b|\bplease (?:look|fix|check|investigate|have a look)|\bneeds? (?:fixing|a fix|some love|debugging|a test|tests)\b|\bthere(?:'s| is) a (?:bug|typo|problem|regression)|\b(?:widths?|heights?|totals?|sums?|margins?|alignment|spacing|numbers|figures|columns?|colou?rs|labels?|layout|padding|indentation|timestamps) (?:is|are|looks?|seems?) (?:(?:a bit|a little|slightly|totally|way|still|all) )?off\b",
    )
});
/// "The harbour shop opens …", "in letters we say …": how things are or are done, of nobody in particular.
static GENERIC: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:in|on|at|for|from|to|with|by|after|before|during) (?:[\w'’-]+ ){1,4}?)?(?:(?:the|our|all|every|each|both|no|any|an?|most|new|old) )?(?:[\w'’./+&-]+ ){1,7}?(?:is|are|has|have|gets?|goes|say|says|use|uses|do|does|can|may|must|should|[a-z]{2,}[^s\W]s|bill|name|call|start|end|ship|keep|store|send|write|pay|count|run|open|close|meet|work|take|lag|come|go|belong|need)\b",
    )
});
static FIRST_PERSON: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:i|i'\w+|my|mine) "));
/// "Is being", "are going": under way.
static UNDER_WAY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:is|are|was|were|am|'m|'re|'s) (?:\w+ly |just |still |now |all )?\w+ing\b"));

/// "There is a limit of …", "we have a second …": a thing of the work may be told so, too.
static THERE_IS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:there(?:'s| is| are)|we(?:'ve got|'ve| have got| have)) (?:a|an|no|two|three|four|five|\d+|several|only)\b",
    )
});
/// What a person asks for, weighs or answers: it is over with the answer.
pub(super) static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?:was|been|am|'m|were|'re) (?:just )?(?:wondering|hoping|thinking (?:of|about)|considering|looking (?:for|to|into|forward)|curious|eager|excited|trying to (?:decide|figure|find|think))|(?:need|want|could use|appreciate|would like|'d like|'d love) (?:\w+ ){0,3}(?:help|advice|tips|ideas|recommendations?|suggestions?|guidance)\b|interested in (?:learning|knowing|hearing|seeing|finding|trying|reading|exploring)|(?:like|love) (?:the|that|your|those) (?:idea|suggestion|tip|thought)s?|agree (?:that|with)|i think i (?:need|could|should|might|will|can)|i'?ll (?:try|keep|give|check|look|definitely|make|start)|a (?:bit|little) (?:curious|worried|concerned|confused)|not sure (?:which|what|how|if|whether|where)|never (?:really |actually |even )?(?:thought|heard|knew|considered|reali[sz]ed|noticed|imagined|expected))\b",
    )
});
/// What a person is, has and likes for longer than a day.
static PERSONAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:i(?:'m| am) (?:(?:also|both|no longer) )?(?:a|an|the|allergic|(?:[\w-]+ )?colou?r.?blind|(?:partially |legally |nearly )?(?:blind|sighted|deaf)|hard of hearing|visually impaired|dyslexic|diabetic|c(?:o)?eliac|right-handed|intolerant|based|responsible|vegetarian|vegan|colou?r.?blind|left-handed|from|in charge|new to|fluent|learning|married|located|in (?:the )?\w+ (?:time ?zone|office|team)|on the \w+ team|an? \w+ by)\b|i (?:prefer|like|love|hate|dislike|always|never|usually|generally|typically|work (?:for|at|in|from|on|as|with)|live|use|speak|own|lead|manage|run (?:the|a|our)|graduated|studied|was born|grew up|moved|teach|maintain|mostly|have (?:a|an|two|three|\w+ years) (?:degree|phd|kids|children|daughters?|sons?|dogs?|cats?|years?|allergy|background|meeting every|standing)|have \w+ (?:kids|children|daughters|sons|years)|read|write|code|think in|can'?t (?:eat|stand|read|see)|don'?t (?:eat|drink|use|like|work|speak|read)|go by|answer to|report to|am called|take|earn|bank|commute|play)\b|(?:when(?:ever)?|if) i (?:say|write|ask for|speak of|talk about|mention) [^,;]{2,60}?,? i (?:always )?mean\b|my (?:\w+ )?(?:name|e-?mail|address|birthday|anniversary|team|manager|boss|lead|role|job|title|time ?zone|phone|number|handle|username|nickname|pronouns?|editor|shell|ide|os|operating system|stack|employer|company|department|office|location|native language|mother tongue|hometown|university|degree|background|working hours|hours|work ?days|account|extension|desk number|salary|contract|deadline|favou?rite|preferred|preference|project|client|wife'?s name|husband'?s name|daughter'?s|son'?s|doctor|dentist|lawyer|landlord|licen[cs]e|passport|blood type|allerg(?:y|ies)|diet|goal|hobby|hobbies|car|bike|budget|github|gitlab|slack|home|keyboard layout|locale|assistant|colleague|co-?founder|reviewer|supervisor|advisor|mentor)\b)",
    )
});
static EVENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:moved|moves?|permanent(?:ly)?|for good|gets? \w+|shuts? down|switch(?:es|ed)?|changes|closes|opens|renews|replaces|drops|raises|stops|took over|takes over|approved|migrated|renamed|joined|joins|left|leaves|launched|launches|went live|goes live|decided|agreed|chose|signed|announced|retired|retires|dropped|replaced|merged with|acquired|bought|sold|became|becomes|ended|ends|expires?|expired|reach(?:es|ed)? end of life|end of life|is (?:due|switched off|turned off|shut down|moving|retired|leaving|joining)|switched (?:us|over|off)|hired|promoted|introduced|released|closed|opened|started|starts|begins?|will be|cut ?over|deprecated|changed|raised|lowered|cancel+ed|postponed|rescheduled|extended|renewed|appointed|split|handed over|certified|banned|archived|froze|frozen|won the|lost the)\b",
    )
});
static PAST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:was|were|had|did|ordered|counted|pushed|fixed|ran|saw|went|got|came|made|found|broke|asked|told|drew|drawn)\b",
    )
});
static VERB: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:am|i['’]m|is|are|was|were|be|has|have|had|do|does|did|can|may|must|should|will|would|isn'?t|aren'?t|doesn'?t|don'?t|can'?t|cannot|won'?t|\w{2,}(?:s|ed|es)|we \w+|they \w+|go|run|use|live|need|keep|take|get|come|start|write|ship|find|meet|own|pay|want|begin|end|close|open|happen|handle|expire|last|cost|belong|stay|count|hold|depend|read|send|stop|break|support|expect|require|accept|reject|return|serve|talk|speak|call|pass|fail|move|sit|stand|apply|follow|contain|include|exist|prefer|like|took|went|came|left|became|began|chose|got|gave|made|held|kept|bought|sold|won|lost|told|met|froze|split|cut|set|put|mean|weigh|earn)\b",
    )
});

/// A day that is nearly over: what is said of it is a plan more often than an event.
static TODAY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:today|tonight|this (?:morning|afternoon|evening|noon))\b"));
/// Something was brought about.
static PAST_EVENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:[a-z]{3,}ed|was|were|has|have|got|gave|chose|met|won|lost|began|became|took|sold|bought|told)\b")
});
/// "Can you have a look?", "please fix": the sentence before tells of a mistake.
static LOOK_AT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:look(?:ing)? (?:at|into)|have a look|take a look|(?:can|could|would|will) you|please (?:fix|check|look|find|investigate|see)|fix (?:it|that|this)|any ideas?|why is|what is wrong|what's wrong|debug|investigate|track (?:it|that) down)\b",
    )
});

/// Whether a clause has a verb: "as part of the work" says nothing alone.
pub(super) fn has_verb(text: &str) -> bool {
    VERB.is_match(text)
}

/// Verbs in a form that says how their subject is.
pub(super) const FINITE: &str = "is|are|was|were|has|have|had|does|do|did|goes|go|can|may|will|must|should|needs?";

/// Whether a text has a verb that says how its subject is.
pub(super) fn has_finite_verb(text: &str) -> bool {
    static SAYS_HOW: LazyLock<Regex> =
        LazyLock::new(|| pattern(&format!(r"(?i)\b(?:{FINITE}|gets?|runs?|comes?|takes?)\b")));
    SAYS_HOW.is_match(text)
}

/// A sentence without words of faults that tell none: "crashes are reported to …", "nothing hangs there", "larger ones are
/// too slow" of what was not taken, and what came of an event that is told.
fn without_faults(text: &str) -> Cow<'_, str> {
    static NO_FAULT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:crash|error|failure|leak|jam|fault)(?:es|s)? (?:reports?|logs?|dumps?|messages?|data|statistics)\b|\b(?:for|of|on|about|all) (?:all |any |the )?(?:crashes|breaks|leaks|jams)\b|\b(?:crashes|breaks|leaks|hangs|jams|freezes|errors|failures) (?:(?:is|are|get|gets|must be|should be|have to be|always|only|all) )+(?:reported|sent|logged|collected|tracked|filed|uploaded|handled|recorded|grouped|stored|counted|triaged|mailed|posted|shown|noted|kept)\b|\b(?:crashes|leaks|jams|failures) (?:go|land|end up|show up) (?:in|to|into|on|with|at)\b|\b(?:throws?|threw|throwing) (?:[\w'’-]+ ){1,4}?(?:away|out|overboard)\b|\bnothing (?:hangs|breaks|crashes|leaks|jams|overlaps|freezes)\b|[,;–—-] (?:[a-z]+er ones?|(?:the |all )?others|other ones?) (?:is|are|would be|were) (?:[a-z]+ )?too [a-z]+\b|\b(?:lags|jams|leaks|hangs|freezes)(?: behind)?(?: (?:the|its) [\w-]+)? (?:by )?(?:up to|at most|no more than|less than|under|only|by design|on purpose)\b|\bhangs? (?:there|here|above|behind|next to|opposite|between)\b",
        )
    });
    // "It needs a cable, it does not work over the air": what it takes, and why.
    static LIMIT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?P<needs>\b(?:needs?|must|has to|have to|only|requires?|takes?)\b[^,;]*)(?:[,;]|\s[–—-])\s*(?:because |since |as )?(?:it|they|that one|those) (?:does not|do not|doesn['’]?t|don['’]?t|will not|won['’]?t|cannot|can['’]?t) (?:even )?(?:work|start|run|load|open|build) (?:on|with|without|in|over|under|at|from|by|via|behind|through|otherwise)\b",
        )
    });
    // "One fixture a file, the diff is unreadable otherwise": the fault is what comes of it.
    static OTHERWISE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)(?:[,;–—]|\s-)\s*(?:(?:otherwise|or else) [^,;]+|[^,;]+ otherwise)[.!]*$"));
    // "We never rebase, because it breaks the others": what goes wrong is the reason.
    static REASON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?P<rule>(?:we|you|nobody) (?:never |always |only |do not |don['’]?t |must(?:n['’]t| not)? |may not )(?P<does>[a-z-]+)\b[^;:]*?),? (?:since|because) [^;:]+$",
        )
    });
    // "The gauges have 2.1, newer heads won't fit there": what comes of another than is told.
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:[,;–—]|\s-)\s*(?:newer|older|later|larger|bigger|smaller|longer|heavier|more recent) (?:[\w.-]+ ){0,3}?(?:won['’]?t|will not|can['’]?t|cannot|don['’]?t|do not) (?:load|run|start|work|build|fit|open|install) (?:there|here|on (?:it|them|those)|in (?:it|them|those)|with (?:it|them))[.!]*$",
        )
    });
    let without = NO_FAULT.replace_all(text, " ");
    let without = OTHERWISE.replace(&without, "");
    let without = LIMIT.replace_all(&without, "$needs ").into_owned();
    let told = without_day(text);
    let without = OTHERS.replace(&without, "").into_owned();
    let ruled = REASON.captures(&without).filter(|found| {
        let does = found["does"].to_lowercase();
        is_verb(&does)
            && !matches!(
                does.as_str(),
                "see" | "find" | "get" | "show" | "start" | "open" | "run"
            )
    });
    let rule = ruled
        .and_then(|found| found.name("rule"))
        .map(|rule| rule.as_str().to_owned());
    let without: Cow<'_, str> = Cow::Owned(rule.unwrap_or(without));
    // "Last week they dug up the lane, maps are wrong": the event lasts.
    if told.len() < text.len()
        && let Some(event) = sentence::clauses(told).first()
        && event.len() < told.len()
        && PAST_EVENT.is_match(event)
        && !BROKEN.is_match(event)
    {
        return Cow::Owned((*event).to_owned());
    }
    without
}

/// Whether a sentence tells of something that is wrong.
pub(super) fn is_fault(text: &str) -> bool {
    BROKEN.is_match(&without_faults(text))
}

/// Whether a sentence tells of something that goes on.
pub(super) fn is_under_way(text: &str) -> bool {
    UNDER_WAY.is_match(text)
}

/// What a sentence says without when and by whom it was said: "…, the ward told me".
fn said(text: &str) -> &str {
    static BY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:[,;–—]| -)\s*(?:(?:the|my|our|an?|so|as|at least|or so) )?(?:[\w.&'’-]+ ){0,4}?(?:told|said|says|saw|read|heard|wrote|showed|shows|mentioned|confirmed|counted|measured|weighed|checked|verified|timed|claims?|asked|wanted|according to|as per|afaik|iirc|think|believe|guess|supposedly|apparently)\b.*$|(?:[,;–—]| -)\s*(?:it(?:'s| is)|that(?:'s| is)|thats|its) (?:in|on|what|how|from) .*$",
        )
    });
    BY.find(text).map_or(text, |found| &text[..found.start()])
}

/// "The porter told me on the phone that the toll is 4": a number that somebody told the person is how things are.
fn heard(text: &str) -> Option<&str> {
    let who = text.split(' ').next().map(str::to_lowercase).unwrap_or_default();
    let by_somebody = !matches!(
        who.as_str(),
        "my" | "we" | "you" | "your" | "according" | "as" | "going"
    );
    let told = source::told(text).filter(|_| by_somebody && (who != "i" || says_was_told(text)))?;
    let has_number = told
        .split(' ')
        .any(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    // "Told me a joke about 2 dogs": what was told, and not what is so.
    let an_object = told.starts_with("a ") || told.starts_with("an ");
    (has_number && !an_object && !pronoun::points_out(told) && !FIRST_PERSON.is_match(told)).then_some(told)
}

/// "No, the ferry leaves at 6", "you got that wrong: …": what is so, without that it was said otherwise. Of what follows a
/// mere "no", only a number tells: "no, the left one looks nicer" answers.
fn without_objection(text: &str) -> &str {
    static OBJECTS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:no|nope|nah|sorry),? (?:no, )?)?(?:you(?:['’]ve| have)? got (?:that|this|it) (?:all |completely )?wrong|you(?:['’]re| are) wrong(?: there| about (?:that|this|it))?|(?:that|this|it)(?:['’]s| is| was) (?:wrong|incorrect|not (?:right|correct|true)))\s*[:;–—]\s*|^(?P<only>no|nope|nah), ",
        )
    });
    let Some(found) = OBJECTS.captures(text) else {
        return text;
    };
    let rest = &text[found[0].len()..];
    let tells = found.name("only").is_none() || rest.contains(|c: char| c.is_ascii_digit());
    if tells && rest.split_whitespace().count() >= 4 {
        rest
    } else {
        text
    }
}

/// "I was told that the ferry leaves at 6": by whom, nobody says.
fn says_was_told(text: &str) -> bool {
    text.split(' ').take(4).any(|word| word == "told")
}

/// "She says the ferry leaves at 6": who "she" is, another sentence says.
fn without_who(text: &str) -> &str {
    let who = text.split(' ').next().map(str::to_lowercase).unwrap_or_default();
    let by_pronoun = matches!(who.as_str(), "i" | "he" | "she" | "they");
    heard(text).filter(|_| by_pronoun).unwrap_or(text)
}

/// A sentence without the day in front of it.
fn without_day(text: &str) -> &str {
    static DAY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:today|tomorrow|tmrw|tmr|yesterday|yday|tonight|(?:this|next|last) \w+|(?:(?:on|by|since|until|from|as of|starting) )?(?:next |last |this )?(?:\w+day|today|tomorrow)|in (?:\w+ ){1,2}(?:days?|weeks?|months?|years?)(?: time)?|(?:on )?(?:the )?(?:first|last|second|third|fourth) \w+day (?:of|in) (?:next |this |the )?\w+|(?:at|by|from|until) the (?:end|start|beginning|middle) of (?:the |this |next )?\w+|\w+ (?:days?|weeks?|months?|years?) ago|earlier (?:today|this \w+)|the day (?:after tomorrow|before yesterday))(?: on(?:wards?)?)?[,:]?\s+",
        )
    });
    DAY.find(text).map_or(text, |found| &text[found.end()..])
}

/// Whether a sentence says how things are in general, not how someone is or what goes on.
fn is_generic(text: &str) -> bool {
    // "Signs are going to be slate in future" says how they are, and nothing that goes on.
    static GOING_TO: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:is|are) going to (?:(?:always|only) )?(?:be|get) "));
    let goes_on = UNDER_WAY.is_match(text) && !(GOING_TO.is_match(text) && TURN.is_match(text));
    GENERIC.is_match(text) && !SOMEONES.is_match(text) && !THERE_IS.is_match(text) && !goes_on
}

/// Reads a plain statement; nothing where it is a bug report, small talk or a state of the day. `next` is the sentence
/// after it in the same message.
pub(super) fn read(text: &str, mark: Mark, next: Option<&str>) -> Vec<Finding> {
    let text = without_who(without_objection(text.trim()));
    if let Some(name) = called(text) {
        return vec![finding(&format!("The user is called {name}"), mark, 6)];
    }
    let count = text.split_whitespace().count();
    let few = if PERSONAL.is_match(text) { 2 } else { 3 };
    let own = is_of_ones_own(text);
    let passes = if own { is_of_now(text) } else { is_passing(text) };
    if !(few..=60).contains(&count) || text.contains(['{', '}', '|']) || passes {
        return Vec::new();
    }
    if is_task(text) {
        return Vec::new();
    }
    let personal = own || PERSONAL.is_match(text) && !is_for_a_while(text) || is_of_kin(text);
    // "I'm also challenging the plan": what someone is at.
    if !personal && FIRST_PERSON.is_match(text) && UNDER_WAY.is_match(text) && !mark.change {
        return Vec::new();
    }
    // What someone did or saw is over; what they are, have and like is not.
    let passed_on = passed_on(text);
    if !personal && passed_on.is_none() && FIRST_PERSON.is_match(text) && weight::of(text) < 4 {
        return Vec::new();
    }
    let conditional = CONDITION.is_match(text);
    // "There are two kinds of members: full and associate."
    static KINDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:there are|we have|we've got) (?:only |just )?(?:\d+|two|three|four|five|six|seven|several) (?:kinds|types|sorts|classes|levels|tiers|grades|categories|phases|stages|shifts) of [\w -]{3,40}:",
        )
    });
    let kinds = KINDS.is_match(text);
    let counted = counts_parts(text);
    let thing = kinds || counted || THERE_IS.is_match(text) && weight::of(text) >= 3;
    let of_the_day = OF_THE_DAY.is_match(text) && !is_lost_or_won(text) && !singles_out(text) && !is_a_duty(text);
    if !personal && !thing && of_the_day && kind_of(text) != Kind::Reference
        || (personal || kind_of(text) == Kind::User) && ASKS.is_match(text)
        || (is_fault(text) && !conditional)
        || is_of_a_ticket(text)
        || is_a_mishap(text) && !label::tells_a_change(text)
    {
        return Vec::new();
    }
    let sets = sets_a_limit(text);
    // A smile is no colon.
    let labelled = sets
        || text.split_once(':').is_some_and(|(head, tail)| {
            head.split_whitespace().count() <= 4 && !tail.is_empty() && !tail.starts_with([')', '(', '-', '*', '|'])
        });
    if !VERB.is_match(&spelt_out(text)) && !labelled && !text.contains(" > ") {
        return Vec::new();
    }
    let dated = dates::is_relative(text);
    let turn = TURN.is_match(text);
    let change = mark.change || turn || label::tells_a_change(text);
    let whole = text;
    let text = said(without_day(whole));
    let spelt = spelt_out(heard(text).unwrap_or(text));
    let text = spelt.as_ref();
    let someones = SOMEONES.is_match(text);
    let today = TODAY.is_match(whole);
    let event = dated
        && (EVENT.is_match(text)
            || (!someones || text.len() < whole.len() && they_did(text)) && (!today || PAST_EVENT.is_match(text)));
    let mut score = weight::of(text);
    score += usize::from(labelled) + 2 * usize::from(sets) + usize::from(is_generic(text));
    score += 3 * usize::from(personal) + usize::from(change) + usize::from(turn) + 2 * usize::from(event);
    score += usize::from(is_one_no_longer(text));
    let origin = came_from(text);
    score += 2 * usize::from(origin || kinds || counted);
    score += usize::from(is_generic(text) && excludes(text));
    let lasting = RULE.is_match(text) || change || event || origin;
    let single = PAST.is_match(text) && !lasting;
    let small_talk = if own { 0 } else { chatter(text) };
    let score = score.saturating_sub(2 * usize::from(single) + 2 * small_talk);
    // A day of the week or "today" alone with little else is a plan for the day.
    let mut least = if dated && !turn && !event { 3 } else { 2 };
    // What somebody is to look at is how things are by mistake.
    if !change && next.is_some_and(|next| LOOK_AT.is_match(next)) {
        least += 1;
    }
    if score < least || is_deliberation(whole) {
        return Vec::new();
    }
    let importance = match () {
        () if mark.passing => 2,
        () if single => 3,
        () if RULE.is_match(text) => 6,
        () if personal => 5,
        () => 5,
    };
    let mark = Mark {
        change: mark.change || turn,
        ..mark
    };
    let mut finding = finding(whole, mark, importance);
    if let Some(told) = passed_on {
        finding.kind = kind_of(told);
    }
    vec![finding]
}

/// "The lab's on the third floor": as "the lab is …" is told.
fn spelt_out(text: &str) -> Cow<'_, str> {
    static SHORT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^((?:the|our|all) (?:[\w-]+ ){0,4}?[\w-]+)['’]s ((?:(?:now|always|only|not) )?(?:on|in|at|under|behind|from|called|named|closed|open|kept|made|the|an?)\b)",
        )
    });
    SHORT.replace(text, "$1 is $2")
}

/// "Tom isn't a member any longer": as "is not" is told. "The lamp isn't lit any more" is a fault.
fn is_one_no_longer(text: &str) -> bool {
    static NO_LONGER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^[^,;:]{2,40}? (?:is|are)n['’]t (?:an?|the|our|part of) [^,;:]*\b(?:any ?more|any longer)[.!]*$")
    });
    static A_FAULT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)n['’]t (?:an? )?(?:[\w-]+ )?(?:problem|issue|bug|blocker|error|concern|option)s?\b")
    });
    let end = text.trim_end_matches(['.', '!']);
    (end.ends_with("more") || end.ends_with("longer"))
        && NO_LONGER.is_match(text)
        && !SOMEONES.is_match(text)
        && !A_FAULT.is_match(text)
}

/// "It might be the valve, not sure", "let's start with the list", "we need to add a page …": what is weighed or to be done
/// next in the talk on a task. "It may sound odd, but never write 'cheap'" weighs nothing, nor does "let's use A4 from now
/// on", or "we need to have a fire drill twice a year".
pub(super) fn is_deliberation(text: &str) -> bool {
    static WEIGHS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:maybe|perhaps)\b|^\(?(?:[^,;:–—]{0,60} )?(?:might|(?:it|this|that|which|there) (?:all )?(?:\w+ )?(?:could|would|may|seems?|feels?|looks?)|seems? (?:like|to|the)|i (?:also )?(?:think|guess|suppose|wonder)|we(?:['’]d| would) (?:either|probably)|(?:i['’]?m |i am |we['’]re )?not (?:quite |really |entirely )?sure)\b|🤔",
        )
    });
    static PIECE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:\([^)]*$|…|\.\.|[a-d]\) (?:why|what|how|whether|if)\b|or\b[^:]*$|i\.e\.|e\.g\.|more (?:of an?|what|how|on|like|to)\b|more [\w-]+,? (?:please|pls)\b[^,]*$|intentional *[-–—,.:;]|one (?:last|more) (?:\w+ )?(?:comment|question|point|note|try|time|round|issue|task|step|change|request)\b[^:]*$)|\b(?:as part of|in|during) this session\b|^(?:restarted|done|updated|still|again),? there(?:['’]s| is| are)\b|^there(?:['’]s| is| are) already [^,;]*(?:\w\.[a-z]{1,4}\b|[`_/]|\(\))|\bnow shows? \d|^i(?:['’]ve| have) (?:just |now |already )?(?:updated|added|fixed|pushed|merged|removed|reset|answered|uploaded|committed)\b|\b(?:the|an?|of|and|or|if|my|our|with|from)$|\b(?:those|these|this|that|seems?|just|somehow) [^,;]*(?:\.\.\.|…)$|^(?:more|failed|[a-z]+ing)\b.*(?:\.\.\.|…)$|\?(?:\.\.\.|…)$",
        )
    });
    static NEED_TO: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:now|then|so|and|but|also|first|next),? )*we (?:(?:also|really|still|just|now|then|first|_do_|do|will|would|might|could|may|probably) )*(?:need|want|have|should)(?: to)? (?:also |first |then )?(?P<verb>[a-z]+)\b",
        )
    });
    // "I think in metric units" is a habit.
    static THINKS_IN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^i (?:mostly |always )?think in\b"));
    const TO_DO: [&str; 12] = [
        "change", "ensure", "collect", "address", "make", "have", "look", "do", "find", "figure", "manage", "see",
    ];
    let to_do = |found: regex::Captures<'_>| {
        let verb = found["verb"].to_lowercase();
        TASK_VERBS.contains(verb.as_str()) || TO_DO.contains(&verb.as_str())
    };
    if told_after_a_guess(text) {
        return false;
    }
    let piece = PIECE.is_match(text) || is_half_a_sentence(text) || calls_or_points(text);
    WEIGHS.is_match(text) && !THINKS_IN.is_match(text)
        || piece && !says_for_good(text)
        || suggests(text)
        || !STANDING.is_match(text) && !says_when(text) && NEED_TO.captures(text).is_some_and(to_do)
}

/// "The ferry might be late, so book Tuesdays only", "not sure if I said so, but our year ends in March": what is told
/// behind a guess.
fn told_after_a_guess(text: &str) -> bool {
    static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^[^,;:]{2,70}[,;:] *(?:and )?(?:but|so) (?P<said>(?:please )?(?:never|always|don['’]?t|do not|keep|use)\b.*|[^?]*\b(?:always|never|only|each|every|from now on|our)\b[^?]*)$",
        )
    });
    static LETS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\blet['’]?s\b|\bmaybe\b|\bperhaps\b|\bi (?:think|guess)\b"));
    BEHIND
        .captures(text)
        .is_some_and(|found| !LETS.is_match(&found["said"]))
}

/// "Let's look at them together": what is to be done next. "Let's stick with larch", "let's meet on Mondays" is settled.
fn suggests(text: &str) -> bool {
    static LETS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)(?:^(?:(?:ok(?:ay)?|so|then|now),? )*|[,;:–—-] )let['’]?s\b(?P<what>.*)$"));
    static SETTLES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^ (?:(?:all|just) )?(?:agree\b[^#]*:|(?:standardi[sz]e|settle) on|adopt|avoid|use|(?:stick|go) (?:with|to)|stick to) (?P<what>[^#]*)$",
        )
    });
    static ONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:it|this|that|them|these|those|your|the|an?|some|\d|(?:question|option|step|phase|part|plan|approach|task|number|variant|version)\b)|\bfor now\b|\b(?:until|till) (?:we|i|it|you)\b",
        )
    });
    // "Let's get rid of axios; requests are made with ky": what is over, and what holds for it.
    static REPLACES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^ (?:get rid of|drop|ditch|scrap|abandon|part with|say goodbye to) (?P<old>[\w.+#-]+(?: [\w.+#-]+)?)[;,:–—] (?:[\w'’-]+ ){0,3}?[\w'’-]+ are [a-z]+ (?:with|by|via|through|using) [\w.+#-]+(?: (?:now|from now on|instead))?[.!]*$",
        )
    });
    let Some(found) = LETS.captures(text) else { return false };
    let what = &found["what"];
    if REPLACES
        .captures(what)
        .is_some_and(|found| !ONE.is_match(&found["old"]))
    {
        return false;
    }
    let settled = SETTLES
        .captures(what)
        .is_some_and(|found| !ONE.is_match(found["what"].trim_start()));
    !settled && !says_for_good(what) && !says_when(what)
}

/// "Because I will be away", "getting a blank page": no whole sentence. "Since we moved to Porvoo the post comes at noon" and
/// "getting to Oulu takes two hours" are.
fn is_half_a_sentence(text: &str) -> bool {
    static SUBORDINATE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:since (?:i|we)\b|because\b|although\b|whereas\b)[^,;]*$"));
    static MAIN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^\w+ .+? (?:the|our|my|all|we|i|they|no|you|nobody) (?:[\w'’-]+ ){0,2}?(?:is|are|has|have|must|can|may|never|always|only|pay|use|go|[a-z]{2,}[^s\W]s)\b",
        )
    });
    static GETS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:(?:i['’]?m|we['’]re|still|now|again) )*(?:getting|seeing)\b(?P<what>[^:;,.]*)")
    });
    let gets = GETS.captures(text).is_some_and(|found| {
        let what = &found["what"];
        !has_finite_verb(what) && !what.trim_start().starts_with("married")
    });
    gets || SUBORDINATE.is_match(text) && !MAIN.is_match(text)
}

/// "@reviewer look at the diff", "https://… read this": who is to do something, or what it is about. "@Mika is away in July"
/// and "https://… is our handbook" tell something.
fn calls_or_points(text: &str) -> bool {
    const IS: [&str; 10] = [
        "is", "are", "was", "belongs", "holds", "hosts", "lists", "owns", "stays", "contains",
    ];
    const OF_PEOPLE: [&str; 9] = ["has", "must", "can", "may", "never", "always", "only", "works", "comes"];
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default().to_lowercase();
    let called = first.starts_with('@');
    let tells = IS.contains(&second.as_str()) || called && OF_PEOPLE.contains(&second.as_str());
    (called || first.starts_with("https://") || first.starts_with("http://")) && !tells
}

/// "I'm a bit lost", "I'm the one who broke it": how someone is at the moment, or what they did.
fn is_for_a_while(text: &str) -> bool {
    static WHILE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^i(?:['’]m| am) (?:(?:also|both|no longer) )?(?:an?|the) (?:bit|little|few|lot|tad|touch|couple|hair|moment|minute|hour|day|week|step|mess|wreck|moron|idiot|fool|one|only one|first|last|same)\b",
        )
    });
    WHILE.is_match(text)
}

/// "I'm a plumber", "I have two kids now", "I weigh 79 kg": what is so for years, though the same words are small talk.
fn is_of_ones_own(text: &str) -> bool {
    static OWN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^i(?:(?:['’]m| am) (?:also |now )?an? [a-z-]+(?: (?:in|at|for|by) [^,;:]{2,40}?)?|(?: now| also)? have (?:\d+|an?|one|two|three|four|five|six|seven|eight|no) (?:(?:little|small|young|grown|adult|older|younger|twin) )?(?:kids?|child(?:ren)?|sons?|daughters?|grandchild(?:ren)?|brothers?|sisters?|siblings|dogs?|cats?|horses?)|(?: now)? (?:weigh|earn) [^,;:]*\d[^,;:]*?)(?: now)?[.!]*$",
        )
    });
    OWN.is_match(text) && !is_for_a_while(text) && !MOMENT.is_match(text)
}

/// "My daughter Liv is allergic to eggs", "my wife works in Paris": what those near to a person are, for longer than a day.
fn is_of_kin(text: &str) -> bool {
    static KIN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^my (?:(?:elder|older|eldest|oldest|younger|youngest|little|big|twin|late|ex|step|foster)[ -]?)?(?:wife|husband|partner|spouse|fianc[eé]e?|girlfriend|boyfriend|daughter|son|kid|child|baby|mother|mom|mum|father|dad|parents|kids|children|daughters|sons|sister|brother|grandmother|grandma|granny|grandfather|grandpa|grandson|granddaughter|aunt|uncle|cousin|niece|nephew|mother-in-law|father-in-law|sister-in-law|brother-in-law|neighbou?r|friend|roommate|flatmate|cat|dog)(?:,? (?-i:\p{Lu})[\p{L}'’-]+(?: (?-i:\p{Lu})[\p{L}'’-]+)?,?)? (?:(?:also|both|is|are) )*(?:(?:allergic|intolerant) to \w|(?:is|are) (?:an? )?(?:diabetic|vegetarians?|vegans?|c(?:o)?eliac|dyslexic|deaf|blind|lactose[- ]intolerant|autistic|epileptic|asthmatic|named|called|married to|from (?-i:\p{Lu})|born (?:in|on))|(?:is|are) an? (?:[a-z-]+ ){1,3}(?:in|at|for|with) (?-i:\p{Lu})|(?:lives?|works?|stud(?:y|ies)|teach(?:es)?) (?:(?:as|for|in|at|from|near|with) \w|(?-i:\p{Ll})[\w-]+ (?:in|at) (?-i:\p{Lu}))|(?:was|were) born (?:in|on)|(?:can['’]?t|cannot|must not|mustn['’]t|does not|doesn['’]t|do not|don['’]t|never) (?:eat|drink|drive|swim) \w|(?:has|have) (?:asthma|diabetes|epilepsy|adhd|dyslexia|migraines?|(?:an? )?(?:[\w-]+ )?allerg(?:y|ies))|speaks? (?-i:\p{Lu})|(?:has |have |just )?moved (?:back |over )?to (?-i:\p{Lu}))",
        )
    });
    static NOW: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bnow\b"));
    let passes = MOMENT.is_match(text) || NOW.is_match(text);
    KIN.is_match(text) && !passes && !dates::is_relative(text) && !is_momentary(text)
}

/// "Call me Ville", "address me as Doctor": what a person is called.
pub(super) fn called(text: &str) -> Option<&str> {
    static CALLED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?i:(?:(?:hi|hey|hello|oh|ok|and|but|btw|by the way|please|just)[,!]? )*(?:(?:you|everyone|everybody|people|they|my (?:friends|colleagues|team|family)) (?:can |may |should |all |just |usually |always )*)?(?:please )?(?:calls? me|(?:address|refer to) me as)) (?P<name>\p{Lu}\p{Ll}+(?:[-'’ ]\p{Lu}\p{Ll}*){0,2})(?i:,? (?:please|from now on|instead|for short|not [\p{L}'’ -]{2,40}))?[.!]*$",
        )
    });
    static NO_NAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?i:mon|tues|wednes|thurs|fri|satur|sun)day\b|^(?:January|February|March|April|June|July|August|September|October|November|December|Today|Tonight|Tomorrow|Later|Back|Soon|Anytime|Maybe|Asap|Old|Crazy)\b",
        )
    });
    let name = CALLED.captures(text)?.name("name")?.as_str();
    (!NO_NAME.is_match(name)).then_some(name)
}

/// "My accountant says that the mills get 45 days from now on": what somebody says has changed, and the person passes on.
fn passed_on(text: &str) -> Option<&str> {
    static SAYS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^my (?:[\w-]+ )?[\w-]+ (?:says?|said|tells? (?:me|us)|told (?:me|us)|insists?|insisted|decided|thinks?|advises?|advised|confirmed)(?: that| now that)? (?P<told>\S.*)$",
        )
    });
    let told = SAYS.captures(text)?.name("told")?.as_str();
    let changes = TURN.is_match(told) || label::tells_a_change(told);
    (changes && !SOMEONES.is_match(told) && !FIRST_PERSON.is_match(told) && !is_passing(told) && !is_question(told))
        .then_some(told)
}

/// "We lost the rights to …": what somebody may do, or with whom, from then on.
fn is_lost_or_won(text: &str) -> bool {
    static RIGHTS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^we (?:have |'ve |just )?(?:lost|won|got|had) (?:the|our|a) (?:[\w-]+ ){0,2}?(?:rights?|contract|licen[cs]e|tender|bid|permit|lease|customer|client|sponsor|grant|funding|account|lawsuit|certificate|certification|concession|deal|supplier|partner|subsidy|mandate|tenancy|franchise)\b",
        )
    });
    RIGHTS.is_match(text)
}

/// "We have to keep invoices for ten years": what binds for longer than a task takes.
fn is_a_duty(text: &str) -> bool {
    static DUTY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^we (?:have|need) to [a-z]+ [^,;:]*\bfor (?:(?:at least|up to) )?(?:\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|thirty) (?:months|years)\b",
        )
    });
    DUTY.is_match(text)
}

/// "It's Ida who gets the reports now, not Bob": one is named, and another is denied or was it before.
fn singles_out(text: &str) -> bool {
    static ONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^it(?:['’]s| is) (?:(?:the|our) (?:[\w'’-]+ ){0,2}?[\w'’-]+|(?-i:[A-Z])[\w'’.-]+) (?:who|that|which) [a-z]",
        )
    });
    static NOT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i), (?:and |but )?not (?:the |our )?[\w'’-]+(?: [\w'’-]+)?[.!]*$"));
    ONE.is_match(text) && (NOT.is_match(text) || label::tells_a_change(text)) && !BROKEN.is_match(text)
}

/// "They dredged the harbour to 4 metres": what was done to a thing, with a value.
fn they_did(text: &str) -> bool {
    static DID: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^they (?:have |had )?(?:[a-z]{3,}ed|built|dug|cut|laid|put|set|tore|shut|sold|bought) (?:up |out |down |off )?(?:the|our|all|both|its?|an?)\b",
        )
    });
    DID.is_match(text) && weight::of(text) > 0
}

/// "Guests take the lift by the yard, not ours": what is so by rule, and what is not.
fn excludes(text: &str) -> bool {
    static EXCLUDES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^[^,;]{12,}[,;–—] (?:and |but )?not (?:(?:in|on|at|to|by|from|with|via|through|for) )?(?:(?:the|our|my|their|his|her|an?) [\w-]+(?: [\w-]+)?|ours|mine|theirs|yours|his|hers)[.!]*$",
        )
    });
    EXCLUDES.is_match(text)
}

/// "The bell was given by the Oulu guild": who made a thing, or gave it, stays so.
fn came_from(text: &str) -> bool {
    static CAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:the|our|all) [^,;:]{3,60}? (?:was|were) (?:originally |first |once |all )?(?:donated|given|bequeathed|endowed|founded|established|built|designed|written|composed|painted|carved|cast|woven|printed|invented|commissioned) (?:to us )?(?:by|from|in) (?:(?:the|our|an?) )?(?:[a-z][\w-]+ ){0,3}?(?-i:[A-Z]|[12]\d{3}\b)",
        )
    });
    CAME.is_match(text)
}

/// "Wind limit for the upper sail: 18 m/s": a bound that is set, not one that was met. A share (32%) is met more often.
fn sets_a_limit(text: &str) -> bool {
    static SETS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:[^:,;.?!]{0,40} )?(?:limit|(?:maximum|minimum|max\.?|min\.?) (?:load|speed|size|age|height|weight|width|length|depth|number)|quota|capacity|threshold|retention|allowance|tolerance) (?:of|for|on|in|per) [^:,;.?!]{3,60}: (?:about |at most |up to |at least )?[$€£<>≤≥]? ?\d[\d.,]* ?[\w°€$£]+(?:/\w+)?(?: (?:per|a|an|each) \w+)?[.!]*$",
        )
    });
    static MET: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:last|latest|today|now|current(?:ly)?|this|runs?|yesterday|so far|measured|seen|observed|reached|hit|exceeded|left|remaining|used|free|was|actual|average|peak|record|ride|race|trip|my|essay|answer|reply|summary|abstract)\b",
        )
    });
    SETS.is_match(text) && !MET.is_match(text)
}

/// "There are 28 members in the choir": of how many a thing consists. Of tickets and errors there are more by the hour.
fn counts_parts(text: &str) -> bool {
    static PARTS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^there are (?:(?:only|exactly|about) )?(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty) (?P<what>[a-z]+) (?:in|on|at) (?:the|our|each|every) [a-z]+[.!]*$",
        )
    });
    static BY_THE_HOUR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:people|folks|guys|errors?|bugs?|issues?|problems?|tickets?|warnings?|failures?|tests?|mails?|e?mails?|messages?|changes?|files?|tasks?|items?|things?|orders?|jobs?|birds?|typos?|mistakes?|lines?|functions?|[a-z]+ing)$",
        )
    });
    PARTS
        .captures(text)
        .is_some_and(|found| !BY_THE_HOUR.is_match(&found["what"]))
}

/// "The customer in ticket 9016 wants …": somebody's matter of the day.
fn is_of_a_ticket(text: &str) -> bool {
    static TICKET: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:the|an?|this|that|one|some|another) (?:[\w-]+ )?(?:customer|client|user|guest|patient|caller|buyer|person|woman|man|lady|gentleman|tenant|member|student|visitor|reporter|requester|applicant|reader|subscriber|driver|passenger|sender)s?\b.*\b(?:ticket|order|case|issue|request|booking|reservation|call|complaint|claim|invoice|thread|parcel|ref(?:erence)?)(?: (?:no\.?|nr\.?|number))? ?#?[a-z]{0,4}-?\d",
        )
    });
    TICKET.is_match(text)
}

/// A statement that is kept as it stands.
pub(super) fn finding(text: &str, mark: Mark, importance: u8) -> Finding {
    Finding {
        op: Op::State,
        text: text.to_owned(),
        kind: kind_of(text),
        importance,
        mark,
    }
}

/// What a statement is about.
pub(super) fn kind_of(text: &str) -> Kind {
    static POINTS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)https?://|\b(?:documented (?:in|at|on|under)|docs? (?:is|are|live|lives) (?:in|at|on|under)|(?:wiki|figma|confluence|notion|dashboard|runbook|handbook|spreadsheet|drive|board|miro|jira|linear|sentry|grafana|designs?|mock-?ups?|design files?|documentation|tickets?|bugs)\b.{0,40}\b(?:is|are|lives?|found|tracked|kept|at|in|on|under)\b|you(?:'ll| can| will)? find|can be found|tracked in|have a look at|see the)\b",
        )
    });
    static PERSON: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:i|i'm|i've|my|mine|me)\b"));
    if PERSON.is_match(text.trim()) || tells_of_the_user(text.trim()) {
        Kind::User
    } else if POINTS.is_match(text) {
        Kind::Reference
    } else {
        Kind::Project
    }
}

/// "It has …", "They are …" after a fact goes on about it; so does a bare path.
pub(super) fn goes_on(next: &str, fact: &Finding) -> bool {
    static PRONOUN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:it|they|this|that|these|those|both|its|their|which|because|otherwise|he|she)\b")
    });
    let path_only = !next.contains(' ') && next.contains('/');
    fact.text.len() < 300
        && (path_only
            || (PRONOUN.is_match(next)
                && next.split_whitespace().count() >= 4
                && !is_momentary(next)
                && !is_question(next)))
        && forget::read(next, None).is_none()
        && remember::read(next, false).is_none()
}

/// "Never as a number.", "Not on Fridays, though.": a few words without a verb that take part of what was said back.
pub(super) fn is_rest(next: &str) -> bool {
    static REST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:and|but|or) )?(?:never|not|nor|only|except|unless|apart|save for) (?:as|in|on|at|by|for|from|to|with|via|through|over|under|after|before|during|without|into|of|the|an?|any|our|every) [^:?]{3,60}$",
        )
    });
    // "No separate line."
    static NO_OTHER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:and )?no (?:separate|extra|additional|other|second|further|special) (?:[\w'’-]+ ?){1,4}[.!]*$",
        )
    });
    (REST.is_match(next) || NO_OTHER.is_match(next))
        && !VERB.is_match(next)
        && !is_momentary(next)
        && next.split_whitespace().count() <= 9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_is_no_longer() {
        for text in [
            "Tom isn't a member of the guild any longer",
            "Our hounds aren't part of the hunt anymore.",
            "The barn isn't our store any more",
        ] {
            assert!(is_one_no_longer(text), "{text}");
        }
        for text in [
            "The lamp isn't lit any more",
            "The lift isn't working any more",
            "It isn't a problem any more",
            "The leak isn't a big issue any more",
            "Tom isn't a member of the guild",
        ] {
            assert!(!is_one_no_longer(text), "{text}");
        }
    }

    #[test]
    fn what_was_not_taken_is_at_fault_and_nothing_else() {
        for text in [
            "Speech is made with the voice Larkspur, deeper ones are too slow",
            "Labels are printed on the small press, the others are too loud",
            "Parcels go by bike - bigger ones are too heavy",
        ] {
            assert!(!BROKEN.is_match(&without_faults(text)), "{text}");
        }
        for text in [
            "The page opens on the map, the header is too big",
            "The list is sorted, the rest is too slow",
            "The smaller ones look fine, the big one is too slow",
        ] {
            assert!(BROKEN.is_match(&without_faults(text)), "{text}");
        }
    }

    #[test]
    fn what_is_settled_is_not_weighed() {
        for text in [
            "We need to have the vats looked at twice a year",
            "We want to find a tenant for the loft by October",
            "We should make the cider ourselves from next spring",
            "There's already a buyer for the barge until 2029",
            "Let's meet at eight on Fridays",
            "Ok let's stick to slate for the roof, tin is too loud",
            "Let's get rid of telex; orders are sent by mail",
            "Let's drop oak, our doors are built with larch",
            "So let's agree: no dogs in the hall",
            "Lets use larch for all frames",
            "The tram might be full, so only book the early ones",
            "It may sound harsh, but never lend the van",
            "Not sure I said so, but our lease ends in May",
            "I think in pounds, never give me kilos",
            "More than 9 guests are too many for the sauna",
            "Or better: send the keys to the porter",
            "(The gate is number 12, by the way.)",
            "@Ruth is away from 2 to 9 July",
            "https://mill.example is our handbook",
            "One more rule: shoes off in the hall",
            "Since we moved to Oulu the bread comes at six",
            "Because of the tide we never sail after noon",
            "Getting to the island takes two hours by boat",
            "The leaflet now shows prices with tax",
            "The lease ends on 31 May 2027…",
            "Our boat is called the Larkspur 😄",
        ] {
            assert!(!is_deliberation(text), "{text}");
        }
        for text in [
            "We need to make a page for the mill",
            "We also need to change the words on it",
            "There's already a helper in mill.rs for it",
            "Let's look at the vats together",
            "The roof is done - let's do the door next",
            "Let's use the second way",
            "Let's drop the second way, all doors are built with larch",
            "Let's drop pagination, the list is short",
            "Let's stick with question 2 until we are through",
            "It might be the valve, so let's always look there first",
            "It could be the pump, but I am at the gate",
            "Perhaps we should never paint it",
            "I think we never tried that",
            "More concise please; it is too long",
            "Or is it only the valve",
            "(and of course the pump",
            "@larch-agent address the notes",
            "@docs/mill.md read this",
            "https://mill.example has red lights, please look",
            "One last comment on the gate",
            "Since I will be away for a while",
            "Because the mill is shut",
            "Getting a blank page: no name is known",
            "The page now shows 627",
            "Those are just there to see whether it works...",
            "Starting the pumps...",
        ] {
            assert!(is_deliberation(text), "{text}");
        }
        for text in [
            "A blank page follows the cover",
            "Their coats are all black",
            "Ruth is unable to lift crates",
        ] {
            assert!(!BROKEN.is_match(text), "{text}");
        }
        for text in [
            "I get a blank page",
            "The tiles are just all black",
            "Unable to open the gate",
        ] {
            assert!(BROKEN.is_match(text), "{text}");
        }
    }

    #[test]
    fn what_a_person_is_called() {
        let told = |text: &str| {
            let mut found = crate::rules::read(text, None).0.into_iter();
            found.next().map(|finding| finding.text)
        };
        for (text, name) in [
            ("Call me Ville.", "Ville"),
            ("Hi, you can call me Anna-Maria", "Anna-Maria"),
            ("Everyone calls me Ned, not Edward.", "Ned"),
            ("Please call me Doctor Okoye from now on", "Doctor Okoye"),
        ] {
            assert_eq!(told(text), Some(format!("The user is called {name}")), "{text}");
        }
        for text in [
            "Call me Monday.",
            "Call me back",
            "Call me Tomorrow!",
            "Call me when Ville is here",
            "Call Me Maybe",
            "Ida can call me Friday",
            "Don't call me Ville",
        ] {
            assert!(
                !told(text).is_some_and(|told| told.starts_with("The user is called")),
                "{text}"
            );
        }
    }

    #[test]
    fn what_a_person_and_those_near_to_them_are() {
        for text in [
            "My daughter Liv is allergic to eggs",
            "My brother teaches maths in Turku",
            "My son has asthma",
            "My parents live in Braga",
            "My sister Ada is a nurse at Meilahti",
            "I'm also allergic to latex",
            "I am a pastry chef in Ghent",
            "I'm a plumber",
            "I am a doctor in Lahti",
            "I have three kids now",
            "I have a dog.",
            "I weigh 79 kg now",
            "My sister moved to Porto",
        ] {
            assert!(!read(text, Mark::default(), None).is_empty(), "{text}");
        }
        for text in [
            "My wife works in the garden today",
            "My cat is a pain in the neck",
            "My daughter can't eat now",
            "I'm a bit lost and need the tests",
            "I'm the one who broke the loom",
            "I'm a bit tired",
            "I have a cold",
            "I have two dogs at my feet",
            "I have a kid on my lap today",
            "My sister moved to the back row",
        ] {
            assert!(read(text, Mark::default(), None).is_empty(), "{text}");
        }
        assert_eq!(kind_of("The user of the ledger is Ida"), Kind::Project);
        assert_eq!(kind_of("The user prefers tea"), Kind::User);
    }

    #[test]
    fn an_objection_is_none_of_the_fact() {
        for text in [
            "No, the ferry leaves from pier 9",
            "You got that wrong: the ferry leaves from pier 9",
            "Sorry, no, you're wrong: the ferry leaves from pier 9",
            "That's not correct: the ferry leaves from pier 9",
        ] {
            assert_eq!(without_objection(text), "the ferry leaves from pier 9", "{text}");
        }
        for text in [
            "No parking in the yard at night",
            "No, thanks a lot",
            "No, the left one looks nicer",
            "You're wrong about Ida, she leaves at six",
            "Nah",
        ] {
            assert_eq!(without_objection(text), text);
        }
    }

    #[test]
    fn a_limit_under_its_name() {
        for text in [
            "Wind limit for the upper sail: 18 m/s.",
            "Storage quota of a guest account: 2 GB",
            "Max load of the goods lift in hall 4: 900 kg",
            "Rate limit of the gate API: 100 requests per minute.",
        ] {
            assert!(sets_a_limit(text), "{text}");
            assert_eq!(read(text, Mark::default(), None).len(), 1, "{text}");
        }
        for text in [
            "Max load of the goods lift in the last run: 300 kg",
            "Storage quota used by the lab: 2 GB",
            "Meeting with Max: 30 minutes",
            "Wind limit for the upper sail: ask Ida",
            "Time to the gate: 4 minutes",
            "The limit is silly: 18 of us wait",
            "Retention of the spring guests: 32%",
            "Word limit for the essay: 500 words",
            "Allowance of the lab: 3 left",
            "Maximum of the load test: 42 ms",
        ] {
            assert!(!sets_a_limit(text), "{text}");
        }
    }

    #[test]
    fn facts_of_the_work_are_kept() {
        let mut wrong = Vec::new();
        for text in [
            "The warehouse service belongs to team Larch",
            "Fixtures stay one per file, the diff is unreadable otherwise",
            "The vats are rinsed by hand, otherwise the pump breaks",
            "Nightly imports start at 2 am",
            "Noor approves every schema change",
            "Our staging cluster is in eu-west-3",
            "Invoices are archived for 10 years",
            "The importer needs Python 3.12",
            "We ship on Wednesdays",
            "Yesterday Noor took over the search team",
            "Backups: nightly, at two",
            "My time zone is Europe/Oslo",
            "Release notes live in Notion",
            "The ticket printers understand ESC/P, not PDF",
            "The turnstiles speak OPC, not REST",
            "There is a limit of 30 uploads per minute on the scanner gateway",
            "There is no replica of the ledger in Asia",
            "There are two kinds of members: full and associate",
            "We have a second billing cluster in Tampere",
            "I'm hard of hearing, so call nobody on my behalf",
            "Build reports go to the channel red-desk",
            "The loom PC has no internet on purpose",
            "Half the looms are run by the night shift",
            "Visitors register at the front desk with Noor",
            "Guests park behind the Larch building",
            "Weekends the gate is opened by Noor only",
            "Orders over 900 euros go into the blue folder",
            "The customer Larkin pays its invoices in francs",
            "Crashes are reported to the Sentry project loom-ui",
            "The crash reports go to the Larch team",
            "Leaks are logged in the red book",
            "Two weeks ago the ceiling of hall 3 was declared unsafe, so nothing hangs there",
            "Five days ago they lowered the quay to 3 metres, charts are wrong",
            "We lost the licence for the Larkin pattern yesterday",
            "The mill holds 40 looms, the foreman counted them",
            "The on-call doctor is on bleep 4471",
            "On the bill, breakfast is shown as a separate item",
            "The till in hall 2 needs a cable, it does not work on the guest network",
            "The Larkin letters were donated by the Orrin Society",
            "The bell was cast in 1788",
            "The old looms were built by Hobb & Sons",
            "The pattern book was written by Ruth Larkin",
            "Our library was founded by the weavers of Oulu",
            "The loom PC must be on the floor plan network, it won't start without the licence server",
            "Guests get the wifi of the museum next door, not ours.",
            "Carters use the gate at the mill, not the main one",
            "The choir rehearses in the barn, not in the chapel",
            "The loom database has a read replica that lags up to a minute.",
            "The mirror lags behind the master by at most two hours",
            "My accountant says that the mills get 45 days from now on for their invoices",
            "My lawyer told me that the contracts are no longer signed by fax",
            "The porter told me on the phone that the toll for carts is 4 euros",
            "She says the ferry to Oulu leaves at 6:40",
            "The guild told us the loom hall holds 240 people",
            "Python packages are managed with uv now, throw poetry away",
            "It's Ida who gets the reports now, not Bob",
            "The old mirror just died, packages come from the Larch registry now",
            "It is the blue card that opens the depot, not the red one",
            "Signs are going to be slate plates in future, paper gets wet",
            "The menus are going to get a cover in future.",
            "Since three days the loom is running kernel 6.12",
            "Tom isn't a member of the guild any longer",
            "Ida isn't the porter any more",
            "I'm no longer allergic to nuts",
            "I'm no longer vegan",
        ] {
            if read(text, Mark::default(), None).is_empty() {
                wrong.push(text);
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn what_is_left_to_say() {
        for text in [
            "No separate VAT line.",
            "No extra copy for the porter.",
            "Never as a number.",
            "And no second bell.",
            "No other box.",
        ] {
            assert!(is_rest(text), "{text}");
        }
        for text in [
            "No bell.",
            "No separate line is printed.",
            "No idea why.",
            "No other box, the small ones are full of last year's labels.",
        ] {
            assert!(!is_rest(text), "{text}");
        }
    }

    #[test]
    fn the_day_passes() {
        let mut wrong = Vec::new();
        for text in [
            "my cat walked over the keyboard again",
            "The server rack just exploded, there is smoke in the hall",
            "Your last PR had no ticket number",
            "The diff is unreadable, otherwise the release is fine",
            "it is freezing in the office",
            "I'm on the train, connection is bad",
            "back in five",
            "the build is still red",
            "lunch was great",
            "The cart total is off by one cent, please look",
            "the login page is broken",
            "the column widths are off on the loom sheet",
            "The totals look a bit off",
            "The editor needs a fix, it does not work on Safari",
            "I pushed the branch",
            "the wifi in this cafe is terrible",
            "The replica lags again",
            "The film was good, not the book",
            "haha that was funny",
            "good morning everyone",
            "the coffee machine is broken again",
            "somebody parked in my spot",
            "I need a break",
            "there is a dog in the office",
            "there are two kinds of people, you know",
            "there's a queue at the bakery",
            "we have no milk",
            "we have a guest for lunch",
            "I need some advice on the release notes",
            "I've been wondering about a new keyboard",
            "shorten the function name in internal/loom/warp.go",
            "Collect the dye statistics",
            "Plot the loss curves of the last three runs",
            "Dogs bark at the gate",
            "vectorise the inner loop of src/weave.rs",
            "untangle the reader in lib/Loom.pm",
            "Estimate the yarn for the order of the guild",
            "The customer in ticket 9016 wants a different colour",
            "The cake was given to Noor",
            "The bag was found by Noor",
            "The note was written by somebody",
            "A guest says her key never arrived, booking 70441",
            "The user of case A-12 would like his invoice in French",
            "loom counter on floor 4 shows a negative number",
            "Parser panics on an empty warp segment, can you check",
            "Loading the pattern takes 9 seconds, find out why",
            "The tension drifts on long runs, could you look",
            "The reader drops the last row of the table",
            "My friend says that looms are fun",
            "My wife said she is happy now",
            "She said the soup was cold",
            "He says he is 5 minutes late",
            "The porter told me a joke about 2 dogs",
            "My neighbour says the build is red again now",
            "The parser throws on empty rows",
            "It's a pity that the reports are late now",
            "It's the parser that breaks now",
            "label text shows garbage for umlauts in the table",
        ] {
            if !read(text, Mark::default(), None).is_empty() {
                wrong.push(text);
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn measures_and_duties_are_told_in_any_form() {
        let kept = |text: &str| !read(text, Mark::default(), None).is_empty();
        for text in [
            "There are 28 members in the choir",
            "The wine has 12.5% alcohol",
            "The dog gets two meals a day",
            "Releases happen once a month",
            "Mira eats meat",
            "The lab's on the third floor",
            "The archive's closed on Mondays",
            "We have to keep invoices for ten years",
            "I was told the museum opens at 10",
        ] {
            assert!(kept(text), "{text}");
        }
        for text in [
            "There are 3 bugs in the list",
            "There are five birds in the garden",
            "The wine is great",
            "The dog got two meals today",
            "Lunch's on me",
            "The build's broken",
            "We have to wait for two hours",
            "I was told to wait",
        ] {
            assert!(!kept(text), "{text}");
        }
    }
}
