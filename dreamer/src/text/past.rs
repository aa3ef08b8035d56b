//! What a text calls past.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::clean::pattern;
use super::vocabulary::{STOP, is_verb};
use super::words::{base, stem, tokens};
use crate::similar::DOINGS;

/// Values that a text names as past: "not npm", "tabs are out", "instead of Jest".
pub(crate) fn past_values(text: &str) -> Vec<BTreeSet<String>> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\b(?:instead of|rather than|in place of|no more|no longer(?: (?:insist(?:s|ing)? on|ask(?:s|ing)? for|want(?:s|ing)?|need(?:s|ing)?|requires?|demands?|rely on|use|using|on|in|with))?|away from|(?:stop(?:ped)?|quit|ceased?) (?:using|to use|insisting on|asking for)|not using|(?:decid(?:ed?|ing)|vot(?:ed?|ing)) against|part(?:ed|ing)? (?:ways|company) with|(?:(?:has|have) taken|took) (?:over )?the place of|sa(?:id|ying) goodbye to|drop(?:ped)?|ditch(?:ed)?|(?:thr[eo]wn?|kick(?:ed)?|cast) out|g[eo]t rid of|abandon(?:ed)?|scrap(?:ped)?|phas(?:e|ed|ing) out|g[ai]ven? up(?: on)?|decommission(?:ed)?|binned|replac(?:e|es|ed|ing)|moved? (?:off|from)|migrated? (?:off|from)|switch(?:ed)? (?:away )?from|,? ?\bnot)\s+(?:the |our |any |an? |that |this |those |these |using |with |in |on |to )?(?P<after>[`\w][\w.+#/-]*`?)|(?:^|[\s,;\x22“])(?:(?:the|our|that|this|an?) )?(?P<before>[`\w][\w.+#/-]*`?)[\x22”]?(?: (?:variant|version|option|format|flavou?r|edition|route|layout|style|method|form|pattern|scheme))?\s+(?:is|are|was|were|has been|have been|is being|are being|got|gets) (?:(?:not|no longer|never) (?:to be )?(?:wanted|used|allowed|needed|supported|welcome)|out|gone|dead|history|banned|retired|deprecated|over|no more|past|obsolete|dropped|abandoned|scrapped|discontinued|withdrawn|replaced|(?:thrown|kicked|phased) out|switched off|forbidden)\b)",
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
    // "We cancelled round 12": a number says which one, so that no other of its kind is meant, nor what is off for a day.
    static CANCELLED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:we|they)(?:['’]ve| have)? (?:(?:now|just) )?(?:cancel+ed|called off) (?:the |our )?(?P<over>[a-z][\w-]*) \d[\d.]*(?:[.!]*$|[,;] )",
        )
    });
    // "Short answers are not helping": it says what they do.
    static DOES_NOT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)(?:\b(?:is|are|was|were|am|be|been)|['’](?:s|re|m))\s+not\s+$"));
    let named = NAMED.captures_iter(text);
    let named = named.filter_map(|found| {
        let whole = found.get(0)?.start();
        let after = found.name("after").filter(|m| !is_denied_doing(text, whole, m));
        let end = found.get(0)?.end();
        after.or(found
            .name("before")
            .filter(|_| !is_away(&text[whole..end], &text[end..])))
    });
    let named = named.filter(|m| !(m.as_str().ends_with("ing") && DOES_NOT.is_match(&text[..m.start()])));
    let over = [&*NO_LONGER, &*PLACED, &*AWAY, &*FAILS, &*CANCELLED].into_iter();
    // "Bills go by mail now, we stopped sending bills to Bob": bills are not over.
    let named_before = |over: &regex::Match<'_>| {
        let said = text[..over.start()].to_lowercase();
        tokens(&said)
            .iter()
            .any(|token| stem(&base(token.raw)) == stem(&over.as_str().to_lowercase()))
    };
    // "Ida doesn't work here any more", "the lamp doesn't work any more": what is told of them may hold.
    let only_broken = |found: &regex::Captures<'_>| {
        let whole = found[0].to_lowercase();
        let over = whole.ends_with("more") || whole.ends_with("longer");
        let tried = whole.contains(" do") && whole.contains(" work for") || whole.contains(" work out");
        whole.contains(" work") && over && (whole.contains(" does") || !tried)
    };
    let over = over.flat_map(|form| {
        let found = form.captures_iter(text).filter(|found| !only_broken(found));
        found.filter_map(|found| found.name("over"))
    });
    let stopped = STOPPED.captures_iter(text).filter_map(|found| found.name("over"));
    let over = over.chain(stopped.filter(|over| !named_before(over)));
    let words = named
        .chain(over)
        .map(|m| (m, m.as_str().trim_matches('`').to_lowercase()))
        .filter(|(_, word)| !STOP.contains(word.as_str()) && word.len() > 1)
        .map(|(m, word)| which_one(text, &m).chain([stem(&word)]).collect());
    // Two forms may find the same.
    let all: BTreeSet<BTreeSet<String>> = words.chain(quoted(text)).collect();
    all.into_iter().collect()
}

/// "Ida no longer works in …", "the mill does not open on …", "the key is not kept in …": the word after the no is what is
/// done, and no value that is over. `from` is where the no begins.
fn is_denied_doing(text: &str, from: usize, word: &regex::Match<'_>) -> bool {
    const HELPERS: [&str; 22] = [
        "do", "does", "did", "will", "would", "shall", "should", "can", "could", "may", "might", "must", "need",
        "have", "has", "had", "to", "i'll", "we'll", "they'll", "he'll", "she'll",
    ];
    const BE: [&str; 10] = [
        "is", "are", "was", "were", "am", "be", "been", "it's", "that's", "they're",
    ];
    const DONE: [&str; 27] = [
        "sent", "kept", "held", "made", "built", "run", "shut", "sold", "paid", "led", "done", "set", "cut", "lit",
        "found", "told", "bought", "taught", "left", "written", "given", "taken", "driven", "drawn", "worn", "known",
        "shown",
    ];
    let no = text[from..word.start()].trim_start_matches([',', ' ']).to_lowercase();
    let longer = no.trim_end() == "no longer";
    if !longer && no.trim_end() != "not" {
        return false;
    }
    let lower = word.as_str().to_lowercase();
    let plain = lower.strip_suffix('s').unwrap_or(&lower);
    let before = text[..from].trim_end();
    let led = before.replace('’', "'").to_lowercase();
    let mut led = led.rsplit(' ').filter(|word| !word.ends_with("ly"));
    let helper = led.next().unwrap_or_default();
    let apart = text[from..].starts_with(',') || !before.ends_with(|c: char| c.is_alphanumeric());
    if apart || matches!(helper, "and" | "but" | "or" | "so" | "now") {
        return longer && (is_verb(&lower) || is_verb(plain) || DOINGS.contains(&plain));
    }
    let participle =
        word.as_str() == lower && (lower.len() > 4 && lower.ends_with("ed") || DONE.contains(&lower.as_str()));
    if BE.contains(&helper) {
        participle
    } else {
        longer || HELPERS.contains(&helper)
    }
}

/// "Ida is out on Fridays", "the tram is gone by 7", "the fair is over at noon": for then, and not for good.
fn is_away(told: &str, rest: &str) -> bool {
    const THEN: [&str; 9] = ["on", "at", "of", "until", "till", "to", "by", "about", "there"];
    let said = ["out", "gone", "over", "past"].iter().any(|word| told.ends_with(word));
    let next = rest.strip_prefix(' ').and_then(|rest| rest.split(' ').next());
    said && next.is_some_and(|next| THEN.contains(&next))
}

/// What says which of several things of a kind is over: "the Turku office is history", "we left room 12".
fn which_one(text: &str, word: &regex::Match<'_>) -> impl Iterator<Item = String> {
    let all = tokens(text);
    let at = all.iter().position(|token| token.at == word.start());
    let is_plain = word.as_str().starts_with(char::is_lowercase);
    let joined = |one: usize, two: usize| {
        let (one, two) = (all.get(one)?, all.get(two)?);
        (text[one.at + one.raw.len()..two.at] == *" ").then_some(())
    };
    let numbered = |raw: &str| raw.len() <= 5 && raw.chars().all(|c| c.is_ascii_digit() || c == '.');
    let before = at.and_then(|at| at.checked_sub(1)).filter(|before| {
        let raw = all[*before].raw;
        *before > 0 && is_plain && raw.starts_with(char::is_uppercase) && joined(*before, before + 1).is_some()
    });
    let after = at.map(|at| at + 1).filter(|after| {
        // "We dropped telex 3 weeks ago": that counts weeks.
        let counts = joined(*after, after + 1).is_some()
            && all
                .get(after + 1)
                .is_some_and(|next| !STOP.contains(base(next.raw).as_str()));
        is_plain && joined(after - 1, *after).is_some() && numbered(all[*after].raw) && !counts
    });
    let raw = |at: usize| base(all[at].raw);
    let which = before.map(|at| stem(&raw(at))).into_iter().chain(after.map(raw));
    which
        .filter(|word| !STOP.contains(word.as_str()))
        .collect::<Vec<_>>()
        .into_iter()
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
    fn a_doing_that_is_denied_is_no_value() {
        for text in [
            "Ida no longer works in the Turku yard",
            "Bob does not weave on Fridays",
            "The mill gate does not open before 7",
            "The looms do not run at night",
            "The goat is not called Rufus",
            "The key is not kept in the shed",
            "Ida no longer checks the warp",
            "The west crane no longer stands on quay 3",
            "We will not paint the doors",
            "They usually do not weigh the wool",
            "The hall is no longer heated",
            "The tram has not stopped there",
            "Ida knows the hall, but no longer reviews the plans",
            "I would not paint it",
            "The guard must not sleep",
            "The letters are not sent by Ida",
            "The north pump no longer leaks",
            "The reports do not go to Bob",
            "Carts can not turn there",
            "My sister no longer lives in Oulu",
            "Ida is out on Fridays",
            "The tram is gone by 7",
            "The fair is over at noon",
            "The lamp doesn't work any more",
            "Bob does not work for us any longer",
            "We cancelled the meeting",
            "Ida takes the place of Bob on Fridays",
            "We called off the round on Friday",
        ] {
            assert!(past_values(text).is_empty(), "{text}");
        }
        for (text, over) in [
            ("Send them by rail, not telex", "telex"),
            ("The warden is no longer Bob", "bob"),
            ("We no longer use telex", "telex"),
            ("It is not Bob", "bob"),
            ("Weave with linen and no longer wool", "wool"),
            ("Ida and not Bob keeps the key", "bob"),
        ] {
            let past: Vec<_> = past_values(text).into_iter().flatten().collect();
            assert_eq!(past, [over], "{text}");
        }
    }

    #[test]
    fn which_of_several_is_over() {
        for (text, over) in [
            ("The Turku mill is history", &["mill", "turku"][..]),
            ("We gave up kiln 12", &["12", "kiln"]),
            ("We dropped telex 3 weeks ago", &["telex"]),
            ("We cancelled round 4.3", &["4.3", "round"]),
        ] {
            let past: Vec<_> = past_values(text).into_iter().flatten().collect();
            assert_eq!(past, over, "{text}");
        }
    }

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
            ("Larch has taken the place of oak in the yard", "oak"),
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
