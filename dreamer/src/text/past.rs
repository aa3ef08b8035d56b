//! What a text calls past.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::clean::pattern;
use super::vocabulary::STOP;
use super::words::{base, stem, tokens};

/// Values that a text names as past: "not npm", "tabs are out", "instead of Jest".
pub(crate) fn past_values(text: &str) -> Vec<BTreeSet<String>> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\b(?:instead of|rather than|in place of|no more|no longer(?: (?:insist(?:s|ing)? on|ask(?:s|ing)? for|want(?:s|ing)?|need(?:s|ing)?|requires?|demands?|rely on|use|using|on|in|with))?|away from|(?:stop(?:ped)?|quit|ceased?) (?:using|to use|insisting on|asking for)|not using|(?:decid(?:ed?|ing)|vot(?:ed?|ing)) against|part(?:ed|ing)? (?:ways|company) with|sa(?:id|ying) goodbye to|drop(?:ped)?|ditch(?:ed)?|(?:thr[eo]wn?|kick(?:ed)?|cast) out|g[eo]t rid of|abandon(?:ed)?|scrap(?:ped)?|phas(?:e|ed|ing) out|g[ai]ven? up(?: on)?|decommission(?:ed)?|binned|replac(?:e|es|ed|ing)|moved? (?:off|from)|migrated? (?:off|from)|switch(?:ed)? (?:away )?from|,? ?\bnot)\s+(?:the |our |any |an? |that |this |those |these |using |with |in |on |to )?(?P<after>[`\w][\w.+#/-]*`?)|(?:^|[\s,;\x22“])(?:(?:the|our|that|this|an?) )?(?P<before>[`\w][\w.+#/-]*`?)[\x22”]?(?: (?:variant|version|option|format|flavou?r|edition|route|layout|style|method|form|pattern|scheme))?\s+(?:is|are|was|were|has been|have been|is being|are being|got|gets) (?:(?:not|no longer|never) (?:to be )?(?:wanted|used|allowed|needed|supported|welcome)|out|gone|dead|history|banned|retired|deprecated|over|no more|past|obsolete|dropped|abandoned|scrapped|discontinued|withdrawn|replaced|(?:thrown|kicked|phased) out|switched off|forbidden)\b)",
        )
    });
    // "We don't send them by telex any longer".
    static NO_LONGER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:don['’]?t|do not|doesn['’]?t|does not|won['’]?t|will not|never|nobody|no one)\b[^,.;:]{1,60}?\b(?:by|via|through|with|using|uses?) (?:the |our |an? )?(?P<over>\w[\w.+#/-]*) (?:any ?more|any longer)\b",
        )
    });
    // "Not to the cent", "no longer in the hall": a place or way, after what holds.
    static PLACED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:[,;–—] ?(?:and |but )?not|\b(?:instead of|rather than|no longer)) (?:in|on|at|to|by|from|with|via|for|as|into|through|under) (?:the|our|an?|that|this) (?P<over>\w[\w.+#/-]*)",
        )
    });
    // "Throw the old mirror away".
    static AWAY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:thr[eo]w[ns]?|toss(?:ed)?|chuck(?:ed)?|kick(?:ed)?) (?:the |our |that |this )?(?:old )?(?P<over>\w[\w.+#/-]*) (?:away|out|overboard)\b",
        )
    });
    // "Bullet points don't work for us after all".
    static FAILS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?P<over>\w[\w.+#/-]*) (?:do(?:es)?n['’]?t|do(?:es)? not|didn['’]?t|did not) (?:work|suit|fit|help|pay)(?: out| off)?(?: for)?(?: (?:me|us|them|(?:the|our) [\w-]+))? (?:after all|any ?more|any longer)\b",
        )
    });
    // "Labels are slate from here on, we stopped printing paper ones": what is no more stands behind what is.
    static STOPPED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)[,;–—] ?(?:(?:because|since|as|and|so|for) )?(?:we|i)(?:['’]ve| have)? (?:(?:now|just|finally|all) )?stopped [a-z]+ing (?:(?:the|our|any|those|these|all) )?(?P<over>\w[\w.+#/-]*)",
        )
    });
    // "Short answers are not helping": it says what they do.
    static DOES_NOT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)(?:\b(?:is|are|was|were|am|be|been)|['’](?:s|re|m))\s+not\s+$"));
    let named = NAMED.captures_iter(text);
    let named = named.filter_map(|found| found.name("after").or(found.name("before")));
    let named = named.filter(|m| !(m.as_str().ends_with("ing") && DOES_NOT.is_match(&text[..m.start()])));
    let over = [&*NO_LONGER, &*PLACED, &*AWAY, &*FAILS].into_iter();
    // "Bills go by mail now, we stopped sending bills to Bob": bills are not over.
    let named_before = |over: &regex::Match<'_>| {
        let said = text[..over.start()].to_lowercase();
        tokens(&said)
            .iter()
            .any(|token| stem(&base(token.raw)) == stem(&over.as_str().to_lowercase()))
    };
    let over = over.flat_map(|form| form.captures_iter(text).filter_map(|found| found.name("over")));
    let stopped = STOPPED.captures_iter(text).filter_map(|found| found.name("over"));
    let over = over.chain(stopped.filter(|over| !named_before(over)));
    let words = named
        .chain(over)
        .map(|m| m.as_str().trim_matches('`').to_lowercase())
        .filter(|word| !STOP.contains(word.as_str()) && word.len() > 1)
        .map(|word| BTreeSet::from([stem(&word)]));
    // Two forms may find the same.
    let all: BTreeSet<BTreeSet<String>> = words.chain(quoted(text)).collect();
    all.into_iter().collect()
}

/// Wordings that are to be said no more: "'the farm', not 'the estate'", "'the estate' sounds stiff, say 'the farm' instead".
fn quoted(text: &str) -> Vec<BTreeSet<String>> {
    static FORMS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        [
            pattern(
                r"(?i)\b(?:instead of|rather than|in place of|no more|no longer|not|never) [\x22“«„](?P<over>[^\x22”»“]{2,40})[\x22”»“]",
            ),
            pattern(
                r"(?i)^[\x22“«„](?P<over>[^\x22”»“]{2,40})[\x22”»“] [^\x22“”«»]{3,90}[\x22“«„][^\x22”»“]{2,40}[\x22”»“] instead\b",
            ),
        ]
    });
    let found = FORMS.iter().flat_map(|form| form.captures_iter(text));
    found
        .filter_map(|found| found.name("over"))
        .map(|over| stems(over.as_str()))
        .filter(|stems| !stems.is_empty())
        .collect()
}

/// The stems of the words of a text that carry meaning.
fn stems(text: &str) -> BTreeSet<String> {
    let words = tokens(text).into_iter().map(|token| base(token.raw));
    words
        .filter(|word| !STOP.contains(word.as_str()))
        .map(|word| stem(&word))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_longer_done_so() {
        let past = |text: &str| past_values(text).into_iter().flatten().collect::<Vec<_>>();
        for (text, over) in [
            ("We don't send them by telex any longer, it got dear", "telex"),
            ("Nobody pays with cheques any more", "chequ"),
            ("The mill does not use rollers anymore", "roller"),
            ("Telex is being phased out", "telex"),
            ("Rollers are being dropped", "roller"),
            ("Round quotes to five euros, not to the cent any longer", "cent"),
            ("Keys hang in the safe, no longer on the hook", "hook"),
            ("Parcels go to Ida instead of to the porter", "porter"),
            ("Manage it with uv, throw poetry away", "poetr"),
            ("We threw the old rollers out", "roller"),
            ("The formal \"usted\" is over", "usted"),
            ("We voted against larch for the doors", "larch"),
            ("I decided against telex", "telex"),
            ("We parted ways with Brandt", "brandt"),
            ("Rollers don't work for us after all", "roller"),
            ("Paper tickets don't pay off any more", "ticket"),
            ("Say \"the farm\", not \"the estate\"", "estat"),
            ("Labels are slate from here on, we stopped printing paper ones", "paper"),
            ("New doors are of larch, because we've stopped buying oak", "oak"),
            ("Orders go by mail now; I stopped sending telex", "telex"),
            ("The telex scheme is over", "telex"),
            ("Guests are called by number. The surname pattern is retired", "surnam"),
            ("The pattern is retired", "pattern"),
            ("Write \"guild\" instead of \"company\"", "company"),
            ("\"The estate\" sounds stiff, say \"the farm\" instead", "estat"),
        ] {
            assert_eq!(past(text), [over], "{text}");
        }
        for text in [
            "We don't meet in the kitchen any longer than that",
            "Don't tell anybody any more",
            "Send them by telex",
            "We stopped buying oak",
            "Bills go by mail now, we stopped sending all bills to Bob",
            "The looms ran late, Ida stopped weaving linen",
            "Rollers don't work for us on Fridays",
            "It doesn't work any more",
            "Short answers are not helping me",
            "The bell is not in the hall",
            "\"The farm\" sounds friendly, Ida says \"yes\"",
            "Throw it away",
            "The guild says \"no\" to that",
        ] {
            assert!(past(text).is_empty(), "{text}");
        }
    }
}
