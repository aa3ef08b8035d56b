//! Labels in front of a sentence: they say how it is meant and are not part of it.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::passing::{TURN, is_passing};
use super::remember::RULE_ABOUT;
use super::standing::{is_firm, says_for_good};
use super::statement::{has_finite_verb, has_verb};
use super::task::is_task;
use super::weight::SOMEONES;
use super::{manner, pronoun};
use crate::dates::MONTH_NAMES;
use crate::fact::Mark;
use crate::text::clean::pattern;
use crate::text::handover;
use crate::text::past::past_values;
use crate::text::sentence;
use crate::text::vocabulary::{STOP, is_verb};
use crate::text::words::{Value, base, features, tokens};

/// A sentence without its labels.
pub(super) struct Labelled<'a> {
    pub text: &'a str,
    pub mark: Mark,
    pub importance: Option<u8>,
}

static LEAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:(?:(?:then|just|and|ok) )*(?:(?:once more|again|one more time),? )?so (?:that )?(?:you|we) (?:have|know|got) it(?: too| as well| in writing)?:|(?:just )?so (?:that )?you know|you should know(?: that)?|just so (?:that )?we(?:'re| are) (?:clear|aligned|all aligned|on the same page|all on the same page)|ok(?:ay)?|alright|all right|thanks(?: a lot| so much)?|thank you|thx|cheers|hey(?: there)?|hi(?: there)?|hello|(?:it['’]?s )?(?:(?:only|just) )?me again|omg|oh my(?: god)?|good (?:grief|lord|god|gracious|heavens)|my goodness|holy (?:moly|cow|smokes?|mackerel)|for (?:heaven|god|goodness|pete)['’]?s? sake|for crying out loud|bloody hell|blimey|crikey|ffs|jee+z|gosh|ugh|argh|aargh|gah|wow|whoa|woah|yikes|oi|good (?:morning|afternoon|evening|day)(?: all| everyone| team)?|well|so|and|also|but|oh|ah|hm+|yes|yeah|yep|yup|sure|anyways?|besides|plus|additionally|furthermore|moreover|one (?:more|other|last) thing|another thing|quick (?:one|note|question)|last thing|lastly|finally|honestly|seriously|e[hr]m+|u[hm]+|got it|sorry|oops|i forgot to (?:tell you|mention|say)(?: that)?|i should (?:mention|have mentioned)(?: that)?|as you know|mind you|turns out(?: that)?|it turns out(?: that)?|as (?:a|an) aside|to be clear|for clarity|just to be clear|in case you (?:wonder|didn't know|need it)|for context|for (?:your )?info(?:rmation)?|heads[- ]up|fyi|fwiw|imo|imho|psa|of course|please|pls|kindly|just)(?:\s*[,:;!.–—-]+\s*|\s+)|(?:i see|right|great|nice|cool|perfect|fine|ouch|damn|uh|uh oh|oh no|oh dear|careful|easy|look|listen|small update|quick update|update|news|first(?: of all)?|secondly|then|now|guys|folks|team|everyone|all|lgtm|looks good|sounds good|some context|context|background|info|ps|p\.s\.|pro ?tip|tip|hint|nb|n\.b\.|note|notice|correct|exactly|true|wait|hmm|btw)\s*[,:;!–—-]+\s*)+",
    )
});
/// "It seems nobody told the temps: …", "not everyone knows: …": who lacks the fact is no part of it.
static UNTOLD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:(?:it )?(?:seems|looks like|appears)|apparently|obviously|evidently|clearly|i (?:think|guess|see|notice|bet))[, ]+(?:that )?)?(?:nobody|no one|none of (?:us|you|them)|not everyone|not everybody|hardly (?:anyone|anybody)|few(?: people)?|many(?: people)?|people|some(?: people| of (?:us|you|them))?) (?:(?:has|have|ever|yet|still|keep|keeps|always|often|really|seems? to|here|ever) )*(?:told|tells?|knows?|knew|forgets?|forgot|forgetting|notices?|noticed|informed|warned|remembers?|realises?|realizes?)(?: [\w'’-]+){0,6}:\s+",
    )
});
/// "Thanks for these tips, …".
static THANKS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:thanks|thank you|thx)\b[^,.!?:;–—]{0,60}[,.!:;–—]\s+"));
/// "Little wish of mine: …", "one thing though - …", "it happened at last: …": that something follows.
static ASIDE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:just|only|and|oh|but) )*(?:(?:(?:an?|one|my|our|another|some|few|two|more|other|last|final|little|small|tiny|quick|short|minor|brief|further|personal|general|big|humble) )+(?:thing|point|request|favou?r|wish|plea|matter|remark|comment|addition|word|suggestion)s?(?: (?:though|then|please|still|again|first|here|too|also|of (?:mine|ours)|from me|for you|before|while|since|when|as)\b[^:.!?–—]{0,40}?)?|(?:so |well )?(?:it|this|that)(?:['’]s| is| has| was)? (?:(?:finally|at last|now|just|really|actually) )*(?:happened|official|done|settled|decided|final|certain|confirmed)(?: (?:at last|finally|now|then|today|after all))*|(?:it|this|that)(?: one)?(?:['’]s| is) (?:(?:meant )?(?:for good|for keeps|for ever|forever)|permanent|here to stay|(?:meant|supposed) to (?:last|stay)))\s*(?::|–|—|\s-)\s+",
    )
});
/// "I told you twice: …", "we've said this before - …": it is said once more, for it was done otherwise.
static TOLD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:i|we)(?:['’]ve| have)? (?:(?:already|just|now) )*(?:told you|said)(?: (?:it|this|that|so))?(?: (?:before|already|earlier|twice|often|yesterday|again and again|(?:many|several|three|a (?:hundred|thousand|million)) times))*\s*(?::|–|—|\s-)\s+",
    )
});
/// "You can answer in English from now on": what is allowed for good is how it is wished.
static ALLOWED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^you (?:can|may|could)(?: now| also| just| please| safely)* (?P<told>(?P<verb>[a-z]+) .*\bfrom (?:now|today|here) on(?:wards?)?\b.*)$",
    )
});
/// "And that the gate is locked": it goes on with what was told.
static AND_THAT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:and |also )+that (?P<told>(?:the|our|my|an?|all|every|each|no|nobody|we|they|he|she|there) .+)$")
});
static PASSING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:by the way|btw|fun fact|funny (?:thing|enough)|side ?note|on a side note|incidentally|random (?:fact|thought)?|unrelated(?:ly)?|off ?topic|trivia|apropos|in passing|oh and|did you know(?: that)?|interesting(?:ly)?|curiously|somewhat related|not (?:that )?important(?:,? but)?|no big deal(?:,? but)?|for what it'?s worth|just saying|small (?:thing|detail|aside)|tiny detail|minor(?: detail| point| thing)?)\s*(?:[,:;–—-]+\s*|\s+)",
    )
});
static CHANGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:(?:i|we)(?: have|'ve)? )?(?:changed|had a change of) (?:my|our) (?:opinion|view|views|preference)s?|(?:i|we) (?:was|were|have been|had been) (?:wrong|mistaken|too hasty)(?: (?:about|on|with|regarding) [^:;,.]{2,60})?|(?:i|we) (?:misspoke|got (?:that|it|this) wrong)|(?:that|it) was (?:wrong|a mistake|a bad idea)(?: of (?:me|mine|us|ours))?|my (?:mistake|bad|error|fault)|(?:(?:an?|one|the|another|small|little|slight|tiny|quick|minor|big) )*change of (?:plans?|mind|heart|course|policy|rules?|habits?|tools?|tooling|direction)|(?:no|oh|ah|sorry),? (?:wait|hold on|hang on|scratch that)|(?:wait|hold on|hang on),? no|plans? (?:have )?changed|new (?:plan|rule|policy|convention|standard|decision|approach|direction)|update(?: on (?:that|this))?|updated? (?:rule|policy|decision)|correction(?: (?:to|of|on) [^:;,.]{2,60})?|i (?:have |'ve )?(?:changed|change) my mind(?: (?:about|on|regarding) (?P<topic>[^:;,.]{2,60}))?|on second thoughts?|scratch that|scrap that|strike that|never ?mind(?: that)?|forget that|actually|we (?:have |'ve )?(?:moved|switched|changed)(?: over| course| our minds?)?|(?:we|i)(?: have|['’]ve)? (?:reconsidered|decided (?:otherwise|differently)(?: (?:about|for|on|with|regarding) [^:;,.]{2,60})?|decided|re-?thought (?:it|this)|discussed (?:it|this)(?: again)?)|after (?:some |more |the )?(?:thought|discussion|thinking|meeting|review|retro)|going forward|from now on|from today(?: on)?|as of (?:today|now)|starting (?:today|now)|henceforth|in future|in the future|effective immediately|reversal|u-?turn|new day,? new rule|no more|instead|rather)(?:,? sorry)?\s*(?:[:;,–—]+|\.(?:\s|$)|\s-\s)\s*(?:that )?",
    )
});
static IMPORTANT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:this (?:one )?(?:is|matters)|that(?:'s| is)|it(?:'s| is)|the following is)\s+)?(?:an? )?(?:very |really |extremely |super |most |absolutely |a lot |hugely |particularly )*(?:important(?:ly)?|(?:the |our )?(?:one |single )?(?:most |very )?important (?:thing|rule|point|bit|part)(?: of (?:all|them all))?|of (?:the |very |such )?(?:highest|utmost|greatest|great|high|huge|enormous) importance|(?:(?:a )?(?:matter|question) of )?life (?:and|or) death|critical(?:ly)?|crucial|vital|essential|mandatory|imperative|urgent|non-?negotiable|top priority|highest priority|high priority|priority(?: one| 1)?|p0|a lot|the most|most|key(?: point| rule)?|hard (?:rule|requirement|constraint)|golden rule|rule (?:one|number one|no\.? ?1)|first rule|must[- ]know|must[- ]read|legal requirement|compliance|safety|security|(?:absolute |real |clear )?must(?:[- ](?:do|have|follow))?|warning|attention|caution|danger|beware|achtung|red line|serious(?:ly)?|big one|do not ignore(?: this)?|above all|whatever (?:happens|you do)|at all costs|under no circumstances|no exceptions?)(?:\s+(?:thing|rule|note|point|one|detail|requirement|to (?:remember|know|us|me|keep in mind)|for (?:us|me|everyone|compliance|legal|security|the (?:audit|business|company|team))))*\s*(?:[:;!,–—]+|\s-\s|\bthat\s)\s*(?:that )?",
    )
});
/// "It matters a lot that …", "I can't stress enough that …".
static MATTERS_THAT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:it|this) (?:really |truly )?(?:matters|counts)(?: (?:a lot|a great deal|most|very much|greatly|enormously|immensely|hugely|more than (?:anything|everything|all)(?: else)?))?(?: to (?:me|us|everyone|everybody|the [\w-]+))?,? that\s+|(?:i|we) (?:can['’]?t|cannot|can not|can never) (?:stress|emphasi[sz]e|repeat|say)(?: this| it)?(?: strongly| often| loudly)? enough\s*(?:[:,;–—]\s*|that\s+|how (?:important|vital|crucial) it is that\s+))",
    )
});
/// "It is vital to …": what is to be done follows.
static IMPORTANT_TO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:it(?:'s| is|’s)|we (?:consider|deem|hold) it) (?:absolutely |really |very |just |also |most |strictly )*(?:important|critical|crucial|vital|essential|mandatory|imperative|paramount|non-?negotiable|of (?:the )?(?:utmost|highest|greatest) importance|top priority|our (?:top|highest|first) priority)(?: for (?:us|me|everyone|everybody|all(?: of us)?|(?:the|our) [\w-]+))? (?:(?P<plain>to) (?:always )?|(?:never|not) to )",
    )
});
static ONLY_IMPORTANT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:this|that|it|the (?:next|following)(?: one| thing| point)?)\s*(?:'s|is|matters)?\s*)?(?:an? )?(?:very |really |extremely |super |most |absolutely |a lot |hugely )*(?:important|critical|crucial|vital|essential|mandatory|urgent|non-?negotiable|(?:the )?top priority|(?:a )?high priority|a lot|the most|hard (?:rule|requirement)|(?:absolute |real |clear )?must|serious|no exceptions?)(?: (?:one|thing|rule|to (?:me|us)))?[.!]*$",
    )
});
static STRONG: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:never ever|under no circumstances|at all costs|without exception|no exceptions|non-?negotiable|by law|legally|legal requirement|required by law|(?:absolutely|strictly|categorically) (?:must|no|never|not|forbidden|prohibited|required)|must (?:never|always)|must not ever|do not ever|don't ever|it is (?:critical|crucial|vital|essential)|is (?:critical|crucial|vital|essential|mandatory)|(?:is|are|it['’]s|that['’]s) an? (?:absolute |real |clear )?must|top priority|life.threatening|catastroph\w+|irreversibl[ey]|data loss)\b",
    )
});
/// "It now listens on …", "Ruben handed it over": what was true before is said to be so no longer.
static CHANGED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:now|moved|switch(?:ed|es)|changed|migrated|renamed|replace[sd]|relocated|took over|takes over|hand(?:ed|s) (?:\S+ ){0,6}over|no longer|any ?(?:more|longer)|becomes?|became|(?:has|have) (?:just |now |finally )?(?:decided|ruled|resolved|voted) that (?:the|all|every|each|no|our|from|[\w-]{4,}s)|(?:(?:has|have) taken|took) the place of|since (?:last|this|yesterday|\w+day|\d)|as of|from (?:now|here|then|tomorrow|today|next|this|\w+day|the \d|\d\S*) on(?:wards?)?|after all|from (?:tomorrow|today|next (?:week|month|year|\w+day))|starting (?:today|tomorrow|next|on|\w+day)|instead of|rather than|until recently|(?:went|gone|goes) (?:up|down|from|over to)|(?:was|were) (?:a mistake|a bad (?:idea|choice)|an error of (?:mine|ours))|raised|lowered|rose|fell to|increased|decreased|doubled|halved|postponed|rescheduled|brought forward|(?:have|has|got|is|are) (?:a )?new|^new|(?:since|after) (?:the|our) (?:last |latest )?(?:[\w-]+ )?(?:audit|inspection|review|retro|vote|merger|takeover|move|migration|switch|upgrade|update|relaunch|rewrite|reorgani[sz]ation|reorg|restructuring|renovation|refit|rebuild|outage|incident|accident|breach|fire|flood|strike|recall|complaints?)|(?:is|are) (?:out|history|gone))\b|\binstead(?: now| please)?\s*(?:[,.;:!–—]|$)",
    )
});
/// "Remember, always:" and the like leave nothing of themselves.
static REPEATED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:always|ever|that|this)\s*[:,]\s*"));

/// "Put this on the sheet as well: the pool …", "the pool …, pls mention it in the letter": what is told, without where it
/// is to be written as part of the work.
fn without_where_to_write(text: &str) -> &str {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:[^:;.!?]{3,60}, )?(?:(?:so|and|but|please|pls|also|just|can you|could you) )*(?:put|add|write|mention|include|print|say|state|post|announce) (?:this|that|it|the following|one more (?:line|thing))(?: (?:on|in|into|onto|to|at) (?P<head_place>(?:the|our|that|this|my) [\w' -]{2,30}?))?(?: (?:as well|too|also|please|pls|again|now|there))*: (?P<told>\S.*)$",
        )
    });
    static TAIL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?P<told>.*?)(?:,|;| –| —| -) (?:(?:so|and|please|pls|also|just|can you|could you) )*(?:put|add|write|mention|include|print|say|state|post|announce) (?:it|this|that|so) (?:on|in|into|onto|to|at) (?P<tail_place>(?:the|our|that|this|my) [\w' -]{2,30}?)(?: (?:as well|too|also|please|pls))*[.!?]*$",
        )
    });
    let place = |found: &regex::Captures<'_>| {
        let place = found.name("head_place").or(found.name("tail_place"));
        place.map(|place| place.as_str().to_lowercase()).unwrap_or_default()
    };
    // "Put this in the notes: …" is an order to keep it.
    let of_memory = |place: &str| {
        ["memor", "note", "record", "mind"]
            .iter()
            .any(|word| place.contains(word))
    };
    let found = HEAD.captures(text).or_else(|| TAIL.captures(text));
    let told = found.filter(|found| !of_memory(&place(found)));
    let told = told.and_then(|found| found.name("told")).map(|told| told.as_str());
    told.filter(|told| has_verb(told) && !pronoun::points_out(told) && !is_task(told))
        .or_else(|| besides_a_task(text))
        .unwrap_or(text)
}

/// "While you are in the shed, oil the hinges: keys hang in the hall from now on": the rule behind a task at hand.
fn besides_a_task(text: &str) -> Option<&str> {
    static TASK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:and|also|oh|so),? )*(?:while|since|as) you(?:['’]re| are) (?:in|at|on|with|over) [^,:;]{2,40}, (?P<task>[^:;]{4,60}): (?P<told>\S.*)$",
        )
    });
    let found = TASK.captures(text)?;
    let told = found.name("told")?.as_str();
    // "…: the output now has two spaces" says of the task what is wrong.
    static LASTS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:from (?:now|today|here) on(?:wards?)?|no longer|any ?more|any longer)\b|^(?:(?:all|our) )?[\w'’-]*[^s\W]s (?:are )?now\b",
        )
    });
    (is_task(&found["task"]) && LASTS.is_match(told) && has_verb(told) && !pronoun::points_out(told) && !is_task(told))
        .then_some(told)
}

/// Takes the labels off a sentence.
pub(super) fn strip(sentence: &str) -> Labelled<'_> {
    let mut out = Labelled {
        text: without_where_to_write(sentence.trim()),
        mark: Mark::default(),
        importance: None,
    };
    for _ in 0..6 {
        let before = out.text.len();
        if let Some(found) = IMPORTANT.find(out.text).or_else(|| MATTERS_THAT.find(out.text)) {
            out.importance = Some(10);
            out.text = &out.text[found.end()..];
        }
        if let Some(rest) = after_importance(out.text) {
            out.importance = Some(10);
            out.text = rest;
        }
        if let Some(found) = IMPORTANT_TO.captures(out.text) {
            let rest = &out.text[found[0].len()..];
            if !is_task(rest) || is_firm(rest) {
                out.importance = Some(10);
                out.text = if found.name("plain").is_some() { rest } else { out.text };
            }
        }
        // "I told you before: Petra is on leave" tells the news once more.
        if let Some(found) = TOLD.find(out.text).filter(|found| is_firm(&out.text[found.end()..])) {
            out.mark.correction = true;
            out.text = &out.text[found.end()..];
        }
        if let Some(found) = THANKS.find(out.text).or_else(|| ASIDE.find(out.text)) {
            out.text = &out.text[found.end()..];
        }
        if let Some(found) = PASSING.find(out.text) {
            out.mark.passing = true;
            out.text = &out.text[found.end()..];
        }
        if let Some(found) = CHANGE.captures(out.text) {
            out.mark.change = true;
            // "I changed my mind about indentation: …" names the topic, which the rest may not.
            if found.name("topic").is_none() {
                out.text = &out.text[found[0].len()..];
            }
        }
        if let Some(begins) = handover::on_a_persons_word(out.text) {
            out.mark.change = true;
            out.text = &out.text[begins..];
        }
        if let Some(found) = ALLOWED.captures(out.text)
            && is_verb(&found["verb"].to_lowercase())
        {
            out.text = found.name("told").map_or(out.text, |told| told.as_str());
        }
        if let Some(told) = AND_THAT.captures(out.text).and_then(|found| found.name("told")) {
            out.text = told.as_str();
        }
        if let Some(found) = LEAD.find(out.text) {
            out.text = &out.text[found.end()..];
        }
        if let Some(found) = UNTOLD.find(out.text) {
            out.text = &out.text[found.end()..];
        }
        if let Some(found) = REPEATED.find(out.text) {
            out.text = &out.text[found.end()..];
        }
        if out.text.len() == before {
            break;
        }
    }
    if out.text.trim().is_empty() {
        out.text = sentence.trim();
    }
    out
}

/// What follows a head that says nothing but how much it matters: "highest priority for all later work: …".
fn after_importance(text: &str) -> Option<&str> {
    const LONGEST: usize = 12;
    const MATTERS: [&str; 20] = [
        "seriously",
        "strict",
        "important",
        "importance",
        "critical",
        "crucial",
        "vital",
        "essential",
        "mandatory",
        "imperative",
        "paramount",
        "sacred",
        "sacrosanct",
        "non-negotiable",
        "nonnegotiable",
        "ironclad",
        "inviolable",
        "indispensable",
        "life-saving",
        "safety-critical",
    ];
    const RANKS: [&str; 12] = [
        "highest",
        "top",
        "first",
        "utmost",
        "absolute",
        "greatest",
        "number",
        "above",
        "before",
        "over",
        "golden",
        "strictest",
    ];
    const RANKED: [&str; 9] = [
        "priority",
        "priorities",
        "rule",
        "requirement",
        "concern",
        "duty",
        "all",
        "everything",
        "anything",
    ];
    const COUNTS: [&str; 6] = ["matter", "matters", "counts", "count", "weighs", "stakes"];
    const DEGREES: [&str; 15] = [
        "more",
        "most",
        "than",
        "everything",
        "really",
        "lot",
        "lives",
        "life",
        "greatly",
        "hugely",
        "deeply",
        "immensely",
        "enormously",
        "especially",
        "particularly",
    ];
    const AROUND: [&str; 51] = [
        "nothing",
        "take",
        "note",
        "point",
        "points",
        "detail",
        "fact",
        "facts",
        "rules",
        "know",
        "remember",
        "keep",
        "hold",
        "mind",
        "whatever",
        "else",
        "happens",
        "later",
        "future",
        "work",
        "working",
        "agent",
        "agents",
        "everyone",
        "everybody",
        "anyone",
        "team",
        "here",
        "today",
        "on",
        "exceptions",
        "exception",
        "without",
        "forgotten",
        "forget",
        "broken",
        "break",
        "broke",
        "lost",
        "lose",
        "skipped",
        "skip",
        "bend",
        "bent",
        "ever",
        "task",
        "one",
        "single",
        "must",
        "stake",
        "lives",
    ];
    let at = text.find(": ")?;
    let words: Vec<String> = tokens(&text[..at]).iter().map(|token| base(token.raw)).collect();
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let known = |word: &String| {
        let word = word.as_str();
        STOP.contains(word)
            || [&MATTERS[..], &RANKS, &RANKED, &COUNTS, &DEGREES, &AROUND]
                .iter()
                .any(|list| list.contains(&word))
    };
    let never = any(&["no", "not", "never", "without", "don't", "cannot", "can't"])
        && any(&[
            "exception",
            "exceptions",
            "forgotten",
            "broken",
            "break",
            "lost",
            "skipped",
            "bend",
            "bent",
        ]);
    let says = any(&MATTERS) || any(&RANKS) && any(&RANKED) || any(&COUNTS) && any(&DEGREES) || never;
    (words.len() > 1 && words.len() <= LONGEST && says && words.iter().all(known)).then(|| text[at + 1..].trim_start())
}

/// A sentence that says nothing but that the next one matters.
pub(super) fn only_importance(sentence: &str) -> Option<u8> {
    ONLY_IMPORTANT.is_match(sentence.trim()).then_some(10)
}

/// How much a sentence says that it matters.
pub(super) fn importance_within(text: &str) -> Option<u8> {
    STRONG.is_match(text).then_some(9)
}

/// "I reconsidered.", "Change of plans!": a sentence that says nothing but that the next one sets something anew.
pub(super) fn is_only_change(sentence: &str) -> bool {
    let text = without_lead(sentence).trim_end_matches('!');
    let whole = format!("{}.", text.trim_end_matches('.'));
    CHANGE.find(&whole).is_some_and(|found| found.len() == whole.len())
}

/// "No!", "Stop, not like that.": a sentence that says nothing but that something was done wrongly.
pub(super) fn is_only_objection(sentence: &str) -> bool {
    static OBJECTS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:please|hey|oh|ugh|argh|and|but)[,! ]+)*(?:no|nope|nah|stop|wrong|careful|not (?:so|like (?:that|this)|that way))(?:[,! ]+(?:no|nope|stop|wait|please|wrong|not (?:so|like (?:that|this)|that way)))*[.!]+$",
        )
    });
    OBJECTS.is_match(sentence.trim())
}

/// "I changed my mind about charts, draw them with Vega": what "them" is stands in the head, or in a head that is all of
/// the sentence before. The sentence under its topic, and whether the head says that something changed. One thing at hand
/// is no topic of a rule: "I was wrong about the button, make it green".
pub(super) fn under_topic(sentence: &str, before: Option<&str>) -> Option<(String, bool)> {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?P<turn>(?:i|we)(?:['’]ve| have| had)? (?:changed (?:my|our) minds? (?:about|on|regarding)|(?:was|were|been) (?:wrong|mistaken|too hasty) (?:about|on|with|regarding)|decided (?:otherwise|differently) (?:about|for|on|with|regarding)|reconsidered|rethought)|change of (?:plans?|mind|heart|course|policy) (?:with|about|on|for|regarding|as to))|as (?:for|to)|about|regarding|concerning|when it comes to) (?P<topic>(?:(?:the|our|my|all) )?(?:[\w'’-]+ ){0,4}?[\w'’-]+)(?:,? sorry)?\s*(?:[:;,.!–—]|\s-\s)\s*(?P<rest>\S.*)$",
        )
    });
    static STATES: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:it|they)\b"));
    let text = without_lead(sentence);
    let joined = before.map(|before| format!("{} {text}", without_lead(before)));
    let alone = HEAD.captures(text);
    // "About the lamps: guests trip. Dim them from now on": why stands between.
    let reasoned = || {
        let head = HEAD.captures(without_lead(before?))?;
        let topic = head["topic"].to_owned();
        let lasts = says_for_good(text) && !STATES.is_match(text) && pronoun::points_out(text);
        (lasts && topic.ends_with('s')).then(|| (format!("{topic}: {text}"), head.name("turn").is_some()))
    };
    if alone.is_none()
        && let Some(told) = reasoned()
    {
        return Some(told);
    }
    let found = alone.or_else(|| {
        let found = HEAD.captures(joined.as_deref()?)?;
        (found["rest"].len() == text.len()).then_some(found)
    })?;
    let (topic, rest) = (&found["topic"], &found["rest"]);
    let turn = found.name("turn").is_some();
    let many = topic.ends_with('s') && !topic.ends_with("ss");
    let of_a_kind = many || !manner::is_definite(topic);
    let told = if STATES.is_match(rest) { turn } else { of_a_kind };
    let bare = turn && names_only_the_new(rest);
    // "I reconsidered the crew list: by age please, not by rank": both are named, so it is no task.
    let told = told || bare && !past_values(rest).is_empty();
    // "I changed my mind about the newsletter: address the readers informally".
    let in_which_way = turn && says_in_which_way(rest);
    let moved = says_to_what_it_was_set(rest);
    let otherwise = turn && many && (names_what_for_them(rest) || sets_one_value(topic, rest));
    (told && (bare || pronoun::points_out(rest)) || in_which_way || moved || otherwise)
        .then(|| (format!("{topic}: {rest}"), turn || moved))
}

/// "For the plans, I'd like them as drawings": a wish that names its thing in front.
pub(super) fn wish_for_the_topic(sentence: &str) -> Option<String> {
    static FOR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^for (?P<what>(?:the|our|all|my) (?:[\w'’-]+ ){0,3}?[\w'’-]*[^s\W]s),? (?P<wish>(?:i|we)(?:['’]d| would)? (?:(?:really|much|rather) )?(?:like|want|prefer|need|love|have)(?: to have)?) them (?P<how>(?:as|in|with|without|sorted|grouped|printed|written|named) \S.*)$",
        )
    });
    // "In an hour", "in the hall": when and where they are wanted.
    static ONCE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:in|as) (?:an?|the|my|our|half|one|two|three|five|ten|\d+|time|soon|early|quick(?:ly)?|fast|by|for) ?\b|\b(?:today|tomorrow|tonight|now|asap|next|\w+day|this (?:time|week|month|year|once)|before|until|till)\b",
        )
    });
    let found = FOR.captures(without_lead(sentence))?;
    if ONCE.is_match(&found["how"]) {
        return None;
    }
    Some(format!("{} {} {}", &found["wish"], &found["what"], &found["how"]))
}

/// "Remember our rule about two keys for the vault? One is enough now": the question names the rule that is set anew.
/// What it holds for, in front of what is said then.
pub(super) fn sets_a_rule_anew(text: &str, before: Option<&str>) -> Option<String> {
    static RECALLS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)^(?:do you )?(?:still )?remember {RULE_ABOUT} (?P<what>[^?,;:]{{3,80}})\?$"
        ))
    });
    static PLACE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?P<was>.+?) (?:for|in|on|at) (?:the |our |all )?(?P<place>\S.+)$"));
    let found = RECALLS.captures(before?.trim())?;
    let what = found.name("what")?.as_str();
    // "Two keys" is what was so, and the vault what it is about.
    let place = PLACE
        .captures(what)
        .filter(|found| manner::names_a_value(&found["was"]));
    let place = place
        .and_then(|found| found.name("place"))
        .map_or(what, |place| place.as_str());
    // "I'm in the office now" is no rule.
    static OF_ONESELF: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:i|i['’]\w+|my)\b"));
    let anew = tells_a_change(text)
        && !OF_ONESELF.is_match(text)
        && !pronoun::points_out(text)
        && !is_passing(text)
        && !is_task(text);
    anew.then(|| format!("{place}: {text}"))
}

/// "We've moved it to Sundays": another day, number or name for the thing that the head names.
fn says_to_what_it_was_set(rest: &str) -> bool {
    static SET: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:we|they)(?:['’]ve| have| had)? (?:(?:now|just|all) )*(?:moved|changed|switched|renamed|set|put|shifted|raised|lowered|reduced|extended|shortened) (?:it|them|that) (?:(?:up|down|back|over) )?(?:to|from|on) (?P<value>[^,;:]{2,40})",
        )
    });
    SET.captures(rest)
        .is_some_and(|found| !features(&found["value"], &BTreeSet::new()).values.is_empty())
}

/// "Vega is what we draw them with", of charts: what is taken for things of a kind.
fn names_what_for_them(rest: &str) -> bool {
    static TAKEN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^[\w.+#'’-]+(?: [\w.+#'’-]+)? (?:is|are) (?:now )?(?:what|how|where|when|(?:the tool|the way) (?:that )?) ?(?:we|i) [a-z]+ them\b",
        )
    });
    TAKEN.is_match(rest) && !SOMEONES.is_match(rest)
}

/// "Show euros", of prices: one of a row of alternatives, and nothing else. Of tabs, "use spaces" is none of this.
fn sets_one_value(topic: &str, rest: &str) -> bool {
    const SHORT: usize = 4;
    let of = |text: &str| features(text, &BTreeSet::new()).values;
    let rows = |text: &str| -> BTreeSet<u16> {
        let rows = of(text).into_keys().filter_map(|kind| match kind {
            Value::Alternative(row) => Some(row),
            _ => None,
        });
        rows.collect()
    };
    let rest = rest.trim_end_matches(['.', '!']);
    let mut words = rest.split_whitespace();
    let first = words.next().unwrap_or_default().to_lowercase();
    let what = words.collect::<Vec<_>>().join(" ");
    let (now, was) = (rows(&what), rows(topic));
    rest.split_whitespace().count() <= SHORT
        && is_verb(&first)
        && !now.is_empty()
        && now.is_disjoint(&was)
        && !manner::is_definite(&what)
}

/// "Address the readers informally": how somebody is spoken or written to, which is no task.
fn says_in_which_way(rest: &str) -> bool {
    static WAY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:please )?(?:address|answer|greet|reply|respond|speak|talk|write|phrase|explain|sign)\b[^,;:.!?]{0,60}? [a-z]{3,}ly(?:,? (?:please|now|again|from now on|after all|instead))*[.!]*$",
        )
    });
    static WHEN: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:finally|only|early|daily|weekly|monthly|immediately|reply|family)\b"));
    WAY.is_match(rest) && !WHEN.is_match(rest)
}

/// "Dark green, no more red", "tables please": no verb, and what it is now of a thing that is not named again.
fn names_only_the_new(rest: &str) -> bool {
    static WISH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:please|pls|from (?:now|today|here) on|instead|always|after all|everywhere)\b")
    });
    let value = sentence::first_clause(rest);
    let first = value.split_whitespace().next().unwrap_or_default().to_lowercase();
    value.split_whitespace().count() <= 8
        && !has_finite_verb(value)
        && !is_verb(&first)
        && !SOMEONES.is_match(value)
        && !is_passing(rest)
        && (WISH.is_match(rest) || !past_values(rest).is_empty())
}

/// "I decided against oak doors. Larch please, everywhere": the sentence before says only what is over, of things of a
/// kind, and this one what holds instead.
pub(super) fn follows_what_is_over(text: &str, before: &str) -> bool {
    static SCOPE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:everywhere|from (?:now|today|here) on|always|instead|throughout)\b"));
    let names_a_value = || !features(text, &BTreeSet::new()).values.is_empty();
    gives_up(before)
        && names_only_the_new(text)
        && !pronoun::points_out(text)
        && (SCOPE.is_match(text) || names_a_value())
}

/// "We parted ways with Brandt.", "Prettier is out.": a sentence that says only what is over, of things of a kind.
pub(super) fn gives_up(text: &str) -> bool {
    static OVER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:i|we)(?:['’]ve| have)? (?:(?:now|finally|just|all|since) )*(?:(?:decided|voted) against|(?:moved|turned|switched) away from|parted (?:ways|company) with|said goodbye to|dropped|ditched|abandoned|scrapped|(?:gave|given) up(?: on)?|no longer (?:want|use|need)) (?P<what>[^,;:.]{2,50})|(?:[\w'’.+#/-]+ ){1,3}(?:is|are) (?:out|gone|over|history|dead)(?: for good)?)[.!]*$",
        )
    });
    let of_a_kind = |what: regex::Match<'_>| !manner::is_definite(what.as_str());
    OVER.captures(text.trim())
        .is_some_and(|found| found.name("what").is_none_or(of_a_kind))
        && !past_values(text).is_empty()
}

/// "I decided against oak doors, larch please everywhere".
pub(super) fn turns_to_another(text: &str) -> bool {
    let pieces = sentence::clauses(text);
    let (Some(first), Some(second)) = (pieces.first(), pieces.get(1)) else {
        return false;
    };
    follows_what_is_over(&text[sentence::offset(second, text)..], first)
}

/// A sentence without "well", "ok" and the like in front.
fn without_lead(sentence: &str) -> &str {
    let text = sentence.trim();
    LEAD.find(text).map_or(text, |found| &text[found.end()..])
}

/// Whether a sentence says that something is no longer as it was.
pub(super) fn tells_a_change(text: &str) -> bool {
    // "On-call is handed over on Mondays" is a custom.
    static CUSTOM: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:is|are|gets?|be) (?:\w+ )?handed over\b"));
    // "The lamp is changed each October", "boats are moved to the yard every winter".
    static AGAIN_AND_AGAIN: LazyLock<Regex> = LazyLock::new(|| {
        let months = MONTH_NAMES.join("|");
        pattern(&format!(
            r"(?i)\b(?:is|are|gets?|be) (?:(?:always|usually|normally|only|all|then|also) )?(?:changed|moved|switched|replaced|renamed|relocated|raised|lowered|increased|decreased|doubled|halved|postponed|rescheduled)\b(?P<how>[^.;:,]*? (?:(?:each|every|once an?|twice an?) (?:(?:other|second|third|few|\d+|two|three|four) )?(?:hours?|days?|weeks?|months?|quarters?|years?|seasons?|spring|summer|autumn|fall|winter|morning|evening|night|time|(?:mon|tues|wednes|thurs|fri|satur|sun)day|{months})|daily|weekly|monthly|quarterly|yearly|annually|on (?:mon|tues|wednes|thurs|fri|satur|sun)days)\b)"
        ))
    });
    let text = AGAIN_AND_AGAIN.replace_all(text, "$how");
    CHANGED.is_match(&CUSTOM.replace_all(&text, "")) || TURN.is_match(&text)
}
