//! Orders to forget a person, or all that memory holds.

use std::sync::LazyLock;

use regex::Regex;

use super::{ABOUT, DELETE, KNOWN, MEMORY, POLITE, YOURS};
use crate::text::clean::pattern;

/// What an order asks to be forgotten that names no thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// All that is known of the person who gives it.
    Asker,
    /// All that memory holds.
    Memory,
    /// One of them but for something.
    ButFor,
    /// The asker's data, or those of the work.
    Data,
    /// What was said off the record, just before or in the same sentence.
    OffRecord,
}

impl Whole {
    const ALL: [Self; 5] = [Self::Asker, Self::Memory, Self::ButFor, Self::Data, Self::OffRecord];

    /// The words by which a finding names it.
    pub(in crate::rules) fn target(self) -> &'static str {
        match self {
            Self::Asker => "me",
            Self::Memory => "everything",
            Self::ButFor => "everything but",
            Self::Data => "my data, perhaps of the work",
            Self::OffRecord => "what is off the record",
        }
    }

    /// What the words of an order to forget name, where that is no thing.
    pub fn named(target: &str) -> Option<Self> {
        let is_named = |whole: &Self| whole.target().eq_ignore_ascii_case(target);
        Self::ALL.into_iter().find(is_named)
    }
}

/// "Forget everything you know about me", "wipe my data", "delete all your memories of me".
static ASKER: LazyLock<Regex> = LazyLock::new(|| {
    const DATA: &str = r"(?:data|information|info|details)";
    const NOTES: &str = r"(?:memories|notes|facts|data|records|information|info)";
    let known = format!(r" (?:that |which )?you(?:['’]ve| have)?(?: ever)? {KNOWN}(?: down)?");
    pattern(&format!(
        r"(?is)^{POLITE}(?:(?:forget|unlearn) (?:(?:all|everything|anything|what(?:ever)?)(?:{known}| (?:that )?(?:i|we)(?:['’]ve| have)?(?: ever)? (?:told you|said|mentioned|shared))? {ABOUT} (?:me|myself)|me|(?:all )?(?:of )?my (?:personal |private |own )?{DATA})|(?:forget|unlearn|{DELETE}) (?:(?:all|everything|anything|what(?:ever)?){known} {ABOUT} (?:me|myself)|(?:all |any )?(?:of )?(?:your|the|all|any|every) (?:{NOTES}|note|fact|record){known} {ABOUT} (?:me|myself)|(?:all )?(?:of )?your (?:{NOTES}) {ABOUT} (?:me|myself)|(?:all )?(?:of )?my (?:personal |private |own )?{DATA} (?:from|in|out of) {YOURS}|(?:me|everything {ABOUT} me) (?:from|out of) (?:{YOURS}|memory))|(?:wipe|erase|purge) (?:all )?(?:of )?my (?:personal |private |own )?{DATA}|(?:delete|remove|drop|destroy) (?:all )?(?:of )?my (?:personal|private) {DATA})"
    ))
});
/// "Forget everything", "wipe your memory", "erase all you know".
static ALL: LazyLock<Regex> = LazyLock::new(|| {
    let known = format!(r"(?: (?:that |which )?you(?:['’]ve| have)?(?: ever)? {KNOWN}(?: down)?)");
    pattern(&format!(
        r"(?is)^{POLITE}(?:(?:forget|unlearn) (?:(?:absolutely|simply) )?(?:(?:all|everything|whatever|what){known}|everything|all)|(?:delete|erase|wipe|purge|clear|reset|empty|scrub|nuke|destroy|drop) (?:(?:all|everything|whatever){known}|(?:all (?:of )?)?(?:your|ur) (?:whole |entire |complete )?(?:memory|memories|knowledge)))"
    ))
});
/// "Forget all of it", where nothing was said before that it may mean.
static ALL_OF_IT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^{POLITE}(?:forget|unlearn|{DELETE}) (?:all of (?:it|this|that)|it all|the lot)"
    ))
});
/// "Wipe my data", "forget my details": the data may be those of the work.
static MY_DATA: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?is)^{POLITE}(?:forget|unlearn|wipe|erase|purge) (?:all )?(?:of )?my (?:data|information|info|details)(?: (?P<memory>from|in|out of)\b)?"
    ))
});
/// "…, I am leaving": why a person asks, in their own words.
static WHY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:(?:because|since|as|for) )?(?:i|we)\b|^(?:please|thanks|thank you)\b"));
/// How an order on the whole ends: what goes on names something of it.
static END: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?is)^(?:,? (?:please|pls|again|now|completely|entirely|right away|immediately|at once|for good|forever|everywhere|altogether|too|as well|today|thanks|(?:from|in|out of) {MEMORY}))*(?:[.!?\s]*$|(?P<but>,? (?:except|but|apart from|aside from|other than|besides|save for)\b)|\s?[,;–—-]+ (?P<rest>.*))"
    ))
});
/// "…, but keep my name".
static KEEPS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:except|but|apart from|other than|keep|remember|only|not)\b|n['’]t\b"));

/// "Wipe my data." beside a sentence on a script may be said of a table. `beside` stands in the same message.
pub(in crate::rules) fn may_be_of_the_work(text: &str, beside: Option<&str>) -> bool {
    // "I am leaving", "it is private", "thanks", "I mean it", "what do you still know?".
    static OF_A_PERSON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:because|since|as|please|thanks?|thank you|bye|goodbye|hi|hello|hey|sorry)\b|(?:i|we)(?:['’](?:m|re|ve|d|ll)| am| are| have| will)? (?:leav|quit|stop|mov|retir|left\b|going\b|no longer|(?:don['’]?t|do not) (?:want|like|trust)|never (?:agreed|wanted)|want (?:it|that|this|nothing|no)\b)|(?:it|that)(?:['’]s| is) (?:private|personal|mine|nobody)|my privacy\b|(?:i|we)(?:['’]m| am)? (?:really )?(?:mean (?:it|this|that)|insist(?: on (?:it|this|that))?|serious(?: about (?:it|this|that))?)[.!]*$|(?:it|this|that)(?:['’]s| is) (?:urgent|serious|important|my right)[.!]*$|(?:(?:right )?now|immediately|at once|asap)[.!]*$|(?:(?:can|could|will) you )?confirm(?:,? (?:it|this|that|please|(?:once|when) (?:it(?:['’]s| is)|you(?:['’]re| are)) done))*[.!?]*$|what (?:else )?(?:do|have) you (?:still |even )?(?:have|know|keep|hold|store|remember|kept|stored|saved)(?: (?:(?:about|on|of) me|now|left))*[?!.]*$|(?:is (?:it|that|this|everything)|are you) (?:all )?(?:done|gone|finished|clear)(?: now)?\?*$|(?:did|have|can|will) you (?:do|done) (?:it|that|this)(?: now)?\?*$)",
        )
    });
    let beside = beside.filter(|beside| !OF_A_PERSON.is_match(beside.trim()));
    beside.is_some()
        && read(text, true) == Some(Whole::Asker)
        && MY_DATA.captures(text).is_some_and(|data| data.name("memory").is_none())
}

/// What an order to forget names, where that is a person as a whole, or all of memory. `alone`: nothing was said before.
pub(super) fn read(text: &str, alone: bool) -> Option<Whole> {
    let ending = |form: &Regex| END.captures(&text[form.find(text)?.end()..]);
    let but_for = |end: &regex::Captures<'_>| {
        end.name("but").is_some() || end.name("rest").is_some_and(|rest| KEEPS.is_match(rest.as_str()))
    };
    if let Some(end) = ending(&ASKER) {
        // "Wipe my data, then import it again" is a task.
        let of_work = || {
            let data = MY_DATA.captures(text).filter(|data| data.name("memory").is_none());
            let goes_on = end.name("rest").map(|rest| rest.as_str());
            data.is_some() && goes_on.is_some_and(|rest| !WHY.is_match(rest) && !KEEPS.is_match(rest))
        };
        if of_work() {
            return None;
        }
        return Some(if but_for(&end) { Whole::ButFor } else { Whole::Asker });
    }
    let end = ending(&ALL).or_else(|| ending(&ALL_OF_IT).filter(|_| alone))?;
    match (end.name("but").is_some(), end.name("rest").is_some()) {
        (true, _) => Some(Whole::ButFor),
        // "Forget everything, we use larch now" says what holds instead.
        (false, true) => None,
        (false, false) => Some(Whole::Memory),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_as_a_whole() {
        for text in [
            "Forget everything you know about me.",
            "I want you to forget everything you know about me",
            "Please forget everything about me, I am leaving the guild.",
            "Delete all your memories of me, please.",
            "Could you erase everything you have on me?",
            "Wipe my data.",
            "Forget my personal data",
            "Forget me.",
            "Remove me from your memory",
            "Delete whatever you've stored about me from your notes",
            "Please delete all my data from your memory.",
            "Forget what I told you about me",
            "Erase my data, I am leaving the guild.",
        ] {
            assert_eq!(read(text, true), Some(Whole::Asker), "{text}");
        }
        for text in [
            "Forget everything you know about me except my name",
            "Forget everything about me, but keep my street",
            "Erase all you know about me apart from my shoe size.",
        ] {
            assert_eq!(read(text, true), Some(Whole::ButFor), "{text}");
        }
        for text in [
            "Remove me from the mailing list",
            "Delete my data from the staging table",
            "Delete my data",
            "Remove everything about me in the readme",
            "Delete all notes about me from the wiki page",
            "Forget about me, help Ida first",
            "Forget me not is a flower",
            "Forget everything you know about mead",
            "Don't forget me",
            "Wipe my data directory",
            "Erase my details page",
            "Forget my details panel, the list comes first",
            "How do I wipe my data?",
            "Wipe my data, then load the sheet again",
            "Forget my details, use Ida's for the ticket",
            "Erase my data - the script fills it in again",
        ] {
            assert_eq!(read(text, true), None, "{text}");
        }
    }

    #[test]
    fn data_beside_a_task_may_be_those_of_the_work() {
        for (text, beside) in [
            ("Wipe my data.", "The seed script fills it in again."),
            ("Erase my data", "Then run the importer once more"),
            ("Forget my details.", "Use Ida's for the ticket."),
            ("Wipe my data.", "I mean the table with the guests."),
            ("Wipe my data.", "Confirm that the import ran."),
            ("Erase my data.", "What do you have in the cache?"),
            ("Erase my data.", "Is it done by the script?"),
        ] {
            assert!(may_be_of_the_work(text, Some(beside)), "{text} {beside}");
        }
        for (text, beside) in [
            ("Wipe my data.", Some("I am leaving the guild.")),
            ("Erase my data.", Some("Thanks!")),
            ("Erase my data.", Some("I mean it.")),
            ("Wipe my data.", Some("What do you still have?")),
            ("Wipe my data.", Some("What do you know about me?")),
            ("Forget my details.", Some("This is urgent.")),
            ("Erase my data.", Some("Right now!")),
            ("Erase my data.", Some("Can you confirm it, please?")),
            ("Erase my data.", Some("Is it done?")),
            ("Forget my details", None),
            ("Wipe my data from your memory.", Some("The seed script is broken.")),
            ("Forget everything you know about me.", Some("Then run the tests.")),
        ] {
            assert!(!may_be_of_the_work(text, beside), "{text} {beside:?}");
        }
    }

    #[test]
    fn all_that_memory_holds() {
        for text in [
            "Forget everything.",
            "Wipe your memory",
            "Please delete all your memories.",
            "Erase everything you know!",
            "Clear your whole memory, please",
            "Forget all you have learned",
            "Forget all of it.",
        ] {
            assert_eq!(read(text, true), Some(Whole::Memory), "{text}");
        }
        assert_eq!(read("Forget all of it.", false), None);
        assert_eq!(read("Forget everything except the rent", true), Some(Whole::ButFor));
        for text in [
            "Forget everything about the rent",
            "Forget all about the loom",
            "Forget everything, we use larch now",
            "Clear your desk",
            "Empty the memory of the worker",
            "Delete all your comments",
            "Reset your branch",
            "Wipe the memory card",
            "Delete everything you wrote about looms",
            "Erase all the rows",
            "Remove it all",
        ] {
            let got = read(text, false);
            assert_eq!(got, None, "{text}");
        }
    }
}
