//! Labels in front of a sentence: they say how it is meant and are not part of it.

use std::sync::LazyLock;

use regex::Regex;

use crate::fact::Mark;
use crate::text::clean::pattern;

/// A sentence without its labels.
pub(super) struct Labelled<'a> {
    pub text: &'a str,
    pub mark: Mark,
    pub importance: Option<u8>,
}

static LEAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:(?:just )?so (?:that )?you know|you should know(?: that)?|just so (?:that )?we(?:'re| are) (?:clear|aligned|all aligned|on the same page|all on the same page)|ok(?:ay)?|alright|all right|thanks(?: a lot| so much)?|thank you|thx|cheers|hey(?: there)?|hi(?: there)?|hello|omg|oh my(?: god)?|ffs|jee+z|gosh|ugh|argh|aargh|gah|wow|whoa|woah|yikes|oi|good (?:morning|afternoon|evening|day)(?: all| everyone| team)?|well|so|and|also|but|oh|ah|hm+|yes|yeah|yep|yup|sure|anyways?|besides|plus|additionally|furthermore|moreover|one (?:more|other|last) thing|another thing|quick (?:one|note|question)|last thing|lastly|finally|honestly|seriously|e[hr]m+|u[hm]+|got it|sorry|oops|i forgot to (?:tell you|mention|say)(?: that)?|i should (?:mention|have mentioned)(?: that)?|as you know|mind you|turns out(?: that)?|it turns out(?: that)?|as (?:a|an) aside|to be clear|for clarity|just to be clear|in case you (?:wonder|didn't know|need it)|for context|for (?:your )?info(?:rmation)?|heads[- ]up|fyi|fwiw|imo|imho|psa|please|pls|kindly|just)(?:\s*[,:;!.–—-]+\s*|\s+)|(?:i see|right|great|nice|cool|perfect|fine|ouch|damn|uh|uh oh|oh no|oh dear|careful|easy|look|listen|small update|quick update|update|news|first(?: of all)?|secondly|then|now|guys|folks|team|everyone|all|lgtm|looks good|sounds good|some context|context|background|info|ps|p\.s\.|pro ?tip|tip|hint|nb|n\.b\.|note|notice|correct|exactly|true|wait|hmm|btw)\s*[,:;!–—-]+\s*)+",
    )
});
static PASSING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:by the way|btw|fun fact|funny (?:thing|enough)|side ?note|on a side note|incidentally|random (?:fact|thought)?|unrelated(?:ly)?|off ?topic|trivia|apropos|in passing|oh and|did you know(?: that)?|interesting(?:ly)?|curiously|somewhat related|not (?:that )?important(?:,? but)?|no big deal(?:,? but)?|for what it'?s worth|just saying|small (?:thing|detail|aside)|tiny detail|minor(?: detail| point| thing)?)\s*(?:[,:;–—-]+\s*|\s+)",
    )
});
static CHANGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:change of (?:plans?|mind|heart|course|policy|rules?|habits?|tools?|tooling|direction)|(?:no|oh|ah|sorry),? (?:wait|hold on|hang on|scratch that)|(?:wait|hold on|hang on),? no|plans? (?:have )?changed|new (?:plan|rule|policy|convention|standard|decision|approach|direction)|update(?: on (?:that|this))?|updated? (?:rule|policy|decision)|correction|i (?:have |'ve )?(?:changed|change) my mind(?: (?:about|on|regarding) (?P<topic>[^:;,.]{2,60}))?|on second thoughts?|scratch that|scrap that|strike that|never ?mind(?: that)?|forget that|actually|we (?:have |'ve )?(?:moved|switched|changed)(?: over| course| our minds?)?|(?:we|i) (?:have |'ve )?(?:reconsidered|decided otherwise|decided|re-?thought (?:it|this)|discussed (?:it|this)(?: again)?)|after (?:some |more |the )?(?:thought|discussion|thinking|meeting|review|retro)|going forward|from now on|from today(?: on)?|as of (?:today|now)|starting (?:today|now)|henceforth|in future|in the future|effective immediately|reversal|u-?turn|new day,? new rule|no more|instead|rather)\s*(?:[:;,–—]+|\.(?:\s|$)|\s-\s)\s*(?:that )?",
    )
});
static IMPORTANT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:this (?:one )?(?:is|matters)|that(?:'s| is)|it(?:'s| is)|the following is)\s+)?(?:an? )?(?:very |really |extremely |super |most |absolutely |a lot |hugely |particularly )*(?:important(?:ly)?|(?:the |our )?(?:one |single )?(?:most |very )?important (?:thing|rule|point|bit|part)(?: of (?:all|them all))?|of (?:the )?(?:highest|utmost|greatest) importance|critical(?:ly)?|crucial|vital|essential|mandatory|imperative|urgent|non-?negotiable|top priority|highest priority|high priority|priority(?: one| 1)?|p0|a lot|the most|most|key(?: point| rule)?|hard (?:rule|requirement|constraint)|golden rule|rule (?:one|number one|no\.? ?1)|first rule|must[- ]know|must[- ]read|legal requirement|compliance|safety|security|warning|attention|caution|danger|beware|achtung|red line|serious(?:ly)?|big one|do not ignore(?: this)?|above all|whatever (?:happens|you do)|at all costs|under no circumstances|no exceptions?)(?:\s+(?:thing|rule|note|point|one|detail|requirement|to (?:remember|know|us|me|keep in mind)|for (?:us|me|everyone|compliance|legal|security|the (?:audit|business|company|team))))*\s*(?:[:;!,–—]+|\s-\s|\bthat\s)\s*(?:that )?",
    )
});
static ONLY_IMPORTANT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:this|that|it|the (?:next|following)(?: one| thing| point)?)\s*(?:'s|is|matters)?\s*)?(?:an? )?(?:very |really |extremely |super |most |absolutely |a lot |hugely )*(?:important|critical|crucial|vital|essential|mandatory|urgent|non-?negotiable|(?:the )?top priority|(?:a )?high priority|a lot|the most|hard (?:rule|requirement)|serious|no exceptions?)(?: (?:one|thing|rule|to (?:me|us)))?[.!]*$",
    )
});
static STRONG: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:never ever|under no circumstances|at all costs|without exception|no exceptions|non-?negotiable|by law|legally|legal requirement|required by law|(?:absolutely|strictly|categorically) (?:must|no|never|not|forbidden|prohibited|required)|must (?:never|always)|must not ever|do not ever|don't ever|it is (?:critical|crucial|vital|essential)|is (?:critical|crucial|vital|essential|mandatory)|top priority|life.threatening|catastroph\w+|irreversibl[ey]|data loss)\b",
    )
});
/// "It now listens on …", "Ruben handed it over": what was true before is said to be so no longer.
static CHANGED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:now|moved|switch(?:ed|es)|changed|migrated|renamed|replace[sd]|relocated|took over|takes over|hand(?:ed|s) (?:\S+ ){0,6}over|no longer|any ?more|becomes?|became|since (?:last|this|yesterday|\w+day|\d)|as of|from (?:now|here|then|tomorrow|today|next|this|\w+day|the \d|\d\S*) on(?:wards?)?|after all|from (?:tomorrow|today|next (?:week|month|year|\w+day))|starting (?:today|tomorrow|next|on|\w+day)|instead of|rather than|until recently|(?:went|gone|goes) (?:up|down|from)|raised|lowered|rose|fell to|increased|decreased|doubled|halved|postponed|rescheduled|brought forward|(?:have|has|got|is|are) (?:a )?new|^new|(?:since|after) (?:the|our) (?:last |latest )?(?:[\w-]+ )?(?:audit|inspection|review|retro|vote|merger|takeover|move|migration|switch|upgrade|update|relaunch|rewrite|reorgani[sz]ation|reorg|restructuring|renovation|refit|rebuild|outage|incident|accident|breach|fire|flood|strike|recall|complaints?)|(?:is|are) (?:out|history|gone))\b",
    )
});
/// "Remember, always:" and the like leave nothing of themselves.
static REPEATED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:always|ever|that|this)\s*[:,]\s*"));

/// Takes the labels off a sentence.
pub(super) fn strip(sentence: &str) -> Labelled<'_> {
    let mut out = Labelled {
        text: sentence.trim(),
        mark: Mark::default(),
        importance: None,
    };
    for _ in 0..6 {
        let before = out.text.len();
        if let Some(found) = IMPORTANT.find(out.text) {
            out.importance = Some(10);
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
        if let Some(found) = LEAD.find(out.text) {
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

/// A sentence that says nothing but that the next one matters.
pub(super) fn only_importance(sentence: &str) -> Option<u8> {
    ONLY_IMPORTANT.is_match(sentence.trim()).then_some(10)
}

/// How much a sentence says that it matters.
pub(super) fn importance_within(text: &str) -> Option<u8> {
    STRONG.is_match(text).then_some(9)
}

/// Whether a sentence says that something is no longer as it was.
pub(super) fn tells_a_change(text: &str) -> bool {
    // "On-call is handed over on Mondays" is a custom.
    static CUSTOM: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:is|are|gets?|be) (?:\w+ )?handed over\b"));
    CHANGED.is_match(&CUSTOM.replace_all(text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_over_by_custom_is_no_change() {
        for text in [
            "On-call is handed over on Mondays",
            "Shifts get handed over at 6",
            "The keys are always handed over at the gate",
        ] {
            assert!(!tells_a_change(text), "{text}");
        }
        for text in [
            "Ruben handed the gate over to Ada",
            "Ruben handed over the gate",
            "The gate was handed over to Ada",
            "On-call is handed over on Tuesdays now",
        ] {
            assert!(tells_a_change(text), "{text}");
        }
    }
}
