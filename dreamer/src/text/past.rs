//! What a text calls past.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::clean::pattern;
use super::vocabulary::STOP;
use super::words::stem;

/// Values that a text names as past: "not npm", "tabs are out", "instead of Jest".
pub(crate) fn past_values(text: &str) -> Vec<BTreeSet<String>> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\b(?:instead of|rather than|in place of|no more|no longer(?: (?:insist(?:s|ing)? on|ask(?:s|ing)? for|want(?:s|ing)?|need(?:s|ing)?|requires?|demands?|rely on|use|using|on|in|with))?|away from|(?:stop(?:ped)?|quit|ceased?) (?:using|to use|insisting on|asking for)|not using|drop(?:ped)?|ditch(?:ed)?|(?:thr[eo]wn?|kick(?:ed)?|cast) out|g[eo]t rid of|abandon(?:ed)?|scrap(?:ped)?|phas(?:e|ed|ing) out|g[ai]ven? up(?: on)?|decommission(?:ed)?|binned|replac(?:e|es|ed|ing)|moved? (?:off|from)|migrated? (?:off|from)|switch(?:ed)? (?:away )?from|,? ?\bnot)\s+(?:the |our |any |an? |that |this |those |these |using |with |in |on |to )?(?P<after>[`\w][\w.+#/-]*`?)|(?:^|[\s,;])(?P<before>[`\w][\w.+#/-]*`?)(?: (?:variant|version|option|format|flavou?r|edition|route|layout|style|method|form))?\s+(?:is|are|was|were|has been|have been|is being|are being|got|gets) (?:(?:not|no longer|never) (?:to be )?(?:wanted|used|allowed|needed|supported|welcome)|out|gone|dead|history|banned|retired|deprecated|over|no more|past|obsolete|dropped|abandoned|scrapped|discontinued|withdrawn|replaced|(?:thrown|kicked|phased) out|switched off|forbidden)\b)",
        )
    });
    // "We don't send them by telex any longer".
    static NO_LONGER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:don['’]?t|do not|doesn['’]?t|does not|won['’]?t|will not|never|nobody|no one)\b[^,.;:]{1,60}?\b(?:by|via|through|with|using|uses?) (?:the |our |an? )?(?P<over>\w[\w.+#/-]*) (?:any ?more|any longer)\b",
        )
    });
    let named = NAMED.captures_iter(text);
    let named = named.filter_map(|found| found.name("after").or(found.name("before")));
    let over = NO_LONGER.captures_iter(text).filter_map(|found| found.name("over"));
    named
        .chain(over)
        .map(|m| m.as_str().trim_matches('`').to_lowercase())
        .filter(|word| !STOP.contains(word.as_str()) && word.len() > 1)
        .map(|word| BTreeSet::from([stem(&word)]))
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
        ] {
            assert_eq!(past(text), [over], "{text}");
        }
        for text in [
            "We don't meet in the kitchen any longer than that",
            "Don't tell anybody any more",
            "Send them by telex",
        ] {
            assert!(past(text).is_empty(), "{text}");
        }
    }
}
