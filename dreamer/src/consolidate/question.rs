//! Whether two facts answer one question, and which answer a text calls past.

mod beside;
mod moved;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

pub(super) use self::beside::{both_stand, holds_in_other_cases};
pub(super) use self::moved::{done_otherwise, moved_a_thing};
use crate::dates::{DAY_NAMES, MONTH_NAMES};
use crate::fact::{Finding, Mark};
use crate::orient::Fact;
use crate::rules::is_past_form;
use crate::similar::{
    DOINGS, Relation, USER, begin_with_others, is_of_family, of_other_aspects, of_other_things, of_the_user, relation,
    subjects, told_apart,
};
use crate::text::clean::pattern;
use crate::text::past::past_values;
use crate::text::sentence;
use crate::text::vocabulary::{self, HABIT_VERBS, STOP, TASK_VERBS, TELLING};
use crate::text::words::{Features, Value, akin, features, is_title, stem};

/// A change of orders on a subject of few words takes over from the order there was: "squash merges only".
pub(super) fn takes_over(finding: &Finding, about: &Features, other: &Fact) -> bool {
    if about.negative && begin_with_others(about, &other.features) {
        return false;
    }
    if finding.mark.order && other.known.mark.order && saved_as_other(about, &other.features) {
        return true;
    }
    if (finding.mark.change || other.known.mark.change) && (finding.mark.order || other.known.mark.order) {
        let (newer, older) = (main_clause(&finding.text), main_clause(&other.text));
        let shorter = newer.len() < finding.text.len() || older.len() < other.text.len();
        let of = |text: &str| features(text, &BTreeSet::new());
        if tells_alike(newer, older) || shorter && relation(&of(newer), &of(older)) == Relation::Contradicts {
            return true;
        }
    }
    let orders = |a: &Mark, b: &Mark| a.change && a.order && b.order;
    if !orders(&finding.mark, &other.known.mark) && !orders(&other.known.mark, &finding.mark) {
        return false;
    }
    if finding.mark.order && other.known.mark.order && in_other_ways(about, &other.features) {
        return true;
    }
    let (a, b) = (&about.stems, &other.features.stems);
    let shared = a.iter().filter(|s| b.contains(*s)).count();
    let smaller = a.len().min(b.len());
    shared > 0
        && smaller <= 3
        && shared * 2 >= smaller
        && values_of(about, |kind| matches!(kind, Value::Code))
            .iter()
            .all(|code| of_time(code))
}

/// What is ordered, without why: "… in radians, I was wrong to want the other" .
pub(super) fn main_clause(text: &str) -> &str {
    static WHY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\s*(?:(?:[,;–—]|\s-)\s+(?:because|since|as|otherwise|or else|so|that way|i|we|they|it|he|she|you|people|everybody|everyone|nobody|somebody|someone|my|our|their|his|her|the|some|half|most)\b|\.\s).*$",
        )
    });
    long_enough(WHY.find(text).map_or(text, |found| &text[..found.start()]), text)
}

/// What an order asks for, without what it adds: "use oak for decks, 20 millimetres thick".
pub(super) fn first_clause(text: &str) -> &str {
    long_enough(sentence::first_clause(text), text)
}

/// A part of a text where it says enough by itself, else the whole.
fn long_enough<'a>(part: &'a str, whole: &'a str) -> &'a str {
    if part.split_whitespace().count() >= 4 {
        part
    } else {
        whole
    }
}

/// "Call me on the radio when a pump stops", "if a pump stops, text the night crew": who is told of the same, and how.
fn tells_alike(a: &str, b: &str) -> bool {
    static TELLS: LazyLock<Regex> = LazyLock::new(|| {
        const WHEN: &str = "(?:if|when(?:ever)?|as soon as|once|each time|every time)";
        let verb = TELLING.join("|");
        pattern(&format!(
            r"(?i)^(?:please )?(?:{WHEN} (?P<first>[^,;.]{{3,60}}),? (?:please |then |just )?(?:{verb})\b|(?:{verb})\b.{{2,60}}? {WHEN} (?P<last>[^,;.]{{3,60}}))"
        ))
    });
    let what = |text: &str| {
        let found = TELLS.captures(text)?;
        let what = found.name("first").or(found.name("last"))?.as_str();
        Some(features(what, &BTreeSet::new()).stems)
    };
    matches!((what(a), what(b)), (Some(a), Some(b)) if a == b && !a.is_empty())
}

/// "They raised the upload limit to 20 MB": another number for a thing that the older words name, too.
pub(super) fn sets_anew(text: &str, older: &Features) -> bool {
    static SETS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:[\w'’]+ ){0,4}?(?:raised|lowered|increased|decreased|changed|moved|doubled|halved|postponed|rescheduled) (?:the|our|its|their) (?P<what>[^,;:.]{3,60}?) (?:from [^,;:.]{1,20} )?(?:up |down |back )?to (?P<value>[^,;]{1,30})",
        )
    });
    let Some(found) = SETS.captures(text) else {
        return false;
    };
    let of = |text: &str| features(text, &BTreeSet::new());
    let (what, value) = (of(&found["what"]), of(&found["value"]));
    let numbers = |f: &Features| values_of(f, |kind| matches!(kind, Value::Number(_)));
    let (now, was) = (numbers(&value), numbers(older));
    let units = |f: &Features| -> BTreeSet<String> {
        let units = f.values.keys().filter_map(|kind| match kind {
            Value::Number(unit) => Some(unit.clone()),
            _ => None,
        });
        units.collect()
    };
    let (in_now, in_was) = (units(&value), units(older));
    let one_unit = in_now.contains("") || in_was.contains("") || !in_now.is_disjoint(&in_was);
    let named = |stem: &String| older.stems.iter().any(|s| akin(s, stem));
    // "The price" alone may be that of anything.
    let one_thing = what.stems.len() >= 2 || older.head.len() <= 1;
    !now.is_empty()
        && !was.is_empty()
        && now.is_disjoint(&was)
        && one_unit
        && one_thing
        && !what.stems.is_empty()
        && what.stems.iter().all(named)
}

/// "Doors are of oak from now on, larch rots": the older answer is named once more, only to say what speaks against it.
pub(super) fn speaks_against(text: &str, older: &Features) -> bool {
    static AGAINST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:the|our|because|since|as|otherwise) )*(?P<word>\w[\w.+#/-]*) (?:is|are|was|were|has|have|had|gets?|got|can|cannot|can['’]t|will|won['’]t|does|doesn['’]t|did|didn['’]t|costs?|takes?|took|makes?|made|breaks?|broke|fails?|failed|leaks?|rots?|fades?|faded|loses?|lost|confuses?|no longer|left|quits?|retired?|stopped)\b",
        )
    });
    let pieces = sentence::clauses(text);
    let Some((asked, rest)) = pieces.split_first() else {
        return false;
    };
    let blamed: Vec<_> = rest.iter().filter_map(|piece| AGAINST.captures(piece)).collect();
    if blamed.is_empty() {
        return false;
    }
    let asked = features(asked, &BTreeSet::new());
    let is_answer = |word: &str| {
        let word = word.to_lowercase();
        let answer = stem(&word);
        let names = |s: &String| *s == answer || s.contains('-') && s.split('-').any(|part| part == word);
        word.len() > 1
            && !STOP.contains(word.as_str())
            && older.stems.iter().any(names)
            && ![&asked.stems, &older.head, &older.leading]
                .iter()
                .any(|of| of.contains(&answer))
    };
    let named = |stem: &&String| older.stems.iter().any(|s| akin(s, stem));
    let shared: Vec<&String> = asked.stems.iter().filter(|s| named(s) && !of_time(s)).collect();
    let of_it = asked.head.is_empty() || asked.head.iter().any(|word| named(&word));
    let by_name = |stem: &&String| asked.head.contains(*stem) || older.head.contains(*stem);
    blamed.iter().any(|found| is_answer(&found["word"]))
        && of_it
        && shared.len() < asked.stems.len()
        && shared.iter().any(|s| !vocabulary::is_verb(s))
        && (shared.len() >= 2 || shared.iter().any(by_name))
        && !of_other_things(&asked, older)
}

/// "New services speak gRPC" after "take REST for new services": another of a row of alternatives, of a thing that the
/// older words name, and nothing else is said of it. Two days may both hold.
pub(super) fn names_another(text: &str, older: &Features) -> bool {
    // Most facts are none of a row.
    if !older.values.keys().any(|kind| matches!(kind, Value::Alternative(_))) {
        return false;
    }
    // "From next week the minutes are in …": since when is no part of the thing.
    static SINCE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:from|as of|starting|beginning|since) (?:the (?:day|week|month|quarter|year) of )?(?:(?:next|this|last) )?(?:\d[\d-]*|\w+day|today|tomorrow|now|week|month|quarter|year|term|season)(?: on(?:wards?)?)?,? ",
        )
    });
    // "You may write longer ones again": an order, too.
    static ALLOWS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^you (?:can|may) (?P<order>.*\bagain\b)"));
    let asked = ALLOWS.replace(first_clause(text), "$order");
    let asked = features(&SINCE.replace(&asked, ""), &BTreeSet::new());
    let is_day = |value: &String| DAY_NAMES.contains(&value.as_str()) || MONTH_NAMES.contains(&value.as_str());
    let another = |(kind, now): (&Value, &BTreeSet<String>)| {
        matches!(kind, Value::Alternative(_))
            && !now.iter().any(is_day)
            && older.values.get(kind).is_some_and(|was| was.is_disjoint(now))
    };
    let named = |stem: &String| older.stems.iter().any(|s| akin(s, stem));
    let is_value = |stem: &String| asked.values.values().any(|of| of.contains(stem));
    let says_little = |stem: &String| is_turn(stem) || of_time(stem) || DOINGS.iter().any(|doing| akin(doing, stem));
    // "Give me long answers" after "I like short ones": the verb of an order names no thing.
    let verb = asked.sequence.first().filter(|word| vocabulary::is_verb(word));
    let verb = verb.map(|word| stem(word));
    let is_verb = |stem: &String| verb.as_ref() == Some(stem);
    let is_wish = |stem: &String| matches!(stem.as_str(), "user" | "like" | "love" | "enjoy");
    let was_value = |stem: &String| older.values.values().any(|of| of.contains(stem));
    let told = |stem: &String| asked.stems.iter().any(|s| akin(s, stem));
    let only_wished = || {
        asked.head.iter().all(is_verb)
            && asked.subject.iter().any(|stem| !is_verb(stem) && named(stem))
            && older
                .stems
                .iter()
                .all(|stem| told(stem) || is_wish(stem) || was_value(stem))
    };
    !asked.negative
        && asked.values.iter().any(another)
        && !asked.head.is_empty()
        && (asked.head.iter().all(named) || only_wished())
        && asked
            .stems
            .iter()
            .all(|stem| named(stem) || is_value(stem) || says_little(stem) || is_verb(stem) && only_wished())
}

/// "The user got back from …", "the user has been tracking …": two things that happened are both true, however alike. What
/// someone moved, changed or began is how it is from then on.
fn happened(text: &str) -> bool {
    static WENT_ON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"^The user {BETWEEN}(?:has (?:(?:also|just|recently|already) )*(?:been \w+ing|had)\b|had\b)"
        ))
    });
    WENT_ON.is_match(text) || once_did(text).is_some()
}

/// What may stand before what someone did.
const BETWEEN: &str = "(?:(?:actually|just|also|recently|finally|already|even|once) )*";

/// The verb of what someone did once.
fn once_did(text: &str) -> Option<&str> {
    static DID: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"^The user {BETWEEN}(?P<did>[\w-]+)")));
    let did = DID.captures(text)?.name("did")?.as_str();
    is_event(did).then_some(did)
}

fn is_event(did: &str) -> bool {
    const TURNS: [&str; 22] = [
        "moved",
        "changed",
        "switched",
        "started",
        "stopped",
        "joined",
        "renamed",
        "replaced",
        "decided",
        "agreed",
        "preferred",
        "wanted",
        "needed",
        "used",
        "became",
        "began",
        "chose",
        "knew",
        "led",
        "left",
        "thought",
        "kept",
    ];
    is_past_form(did) && !TURNS.contains(&did)
}

/// Whether two texts that speak of one thing both hold: two things that happened, or how someone is and what they once
/// did. What they ask for, or have anew, is how it is from then on.
pub(super) fn both_hold(a: &str, b: &str) -> bool {
    let of_a_life = |text: &str| text.starts_with("The user ") || text.starts_with("The user's ");
    let is_over = |text: &str| {
        once_did(text).is_some_and(|did| !matches!(did, "asked" | "told" | "said" | "ordered"))
            && !text.split(' ').any(|word| word == "new")
    };
    happened(a) && happened(b) || of_a_life(a) && of_a_life(b) && (is_over(a) || is_over(b))
}

/// "My sister moved to the city", "she moved back to the coast": who moves again is where they moved to last.
pub(super) fn moved_elsewhere(a: &str, b: &str) -> bool {
    static MOVED: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\bmoved (?:(?:back|over|out|away|again) )*(?:in)?to (?P<place>[^,;.]{3,60})"));
    let place = |text: &str| {
        let found = MOVED.captures(text)?;
        Some(features(&found["place"], &BTreeSet::new()).stems)
    };
    matches!((place(a), place(b)), (Some(a), Some(b)) if !a.is_empty() && !b.is_empty() && a.is_disjoint(&b))
}

/// "No pushes straight to main any more", after "I'm fine with you pushing straight to main", or the other way round: what
/// one allows, the other bars, and neither says more of it.
pub(super) fn turns_leave(newer: &str, older: &str) -> bool {
    static ALLOWS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:i['’]?m|i am|we['’]?re|we are|the user is|it['’]?s|it is) (?:(?:now|totally|absolutely|quite|all) )*(?:fine|ok(?:ay)?|cool|happy|good|right|alright)(?: now| again)?(?: with (?:you|us|people|anyone|everyone)| (?:if|when) (?:you|we|people)| for (?:you|us|people|anyone) to| to) (?P<what>[^,;:]+)",
        )
    });
    static BARS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:so|and|but|please),? )*(?:no more|no|never|don['’]?t|do not|stop|you (?:must|may|should) (?:not|never)) (?P<what>[^,;:]+?)(?: (?:any ?more|any longer|from now on|again))*[.!]*(?:$|[,;:])",
        )
    });
    let of = |found: regex::Captures<'_>| features(&found["what"], &BTreeSet::new()).stems;
    let (allowed, barred) = match (ALLOWS.captures(newer), BARS.captures(older)) {
        (Some(allowed), Some(barred)) => (of(allowed), of(barred)),
        _ => match (ALLOWS.captures(older), BARS.captures(newer)) {
            (Some(allowed), Some(barred)) => (of(allowed), of(barred)),
            _ => return false,
        },
    };
    let within = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.iter().all(|s| b.iter().any(|t| akin(s, t)));
    barred.len() > 1 && within(&allowed, &barred) && within(&barred, &allowed)
}

/// "The user lives in Oulu" and then "the user moved to Vaasa last week": another home. Where a tool may have such a name,
/// nothing is said of what it is for: "moved to Larch for the notes" is on the notes.
pub(super) fn moved_home(newer: &str, older: &str) -> bool {
    static MOVED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"^(?P<who>{WHOSE}) (?:(?:has|have|just|recently|finally|already|now) )*moved (?:(?:back|over|away|out) )*to (?P<place>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*)(?P<rest>(?:,? (?:in|on|at|since|last|this|yesterday|today|recently|now|from|for good|with|together|a|two|three|some)\b[^,;:]*)?)[.!]?$"
        ))
    });
    static LIVES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"^(?P<who>{WHOSE}) (?:(?:now|currently|still|all) )*(?:lives?|resides?|is living|are living) (?:(?:alone|together|now) )*(?:in|at|near|on|with) (?P<place>[^,;:]{{2,60}})"
        ))
    });
    // Few words tell of a move.
    if !newer.contains(" moved ") {
        return false;
    }
    let (Some(now), Some(was)) = (MOVED.captures(newer), LIVES.captures(older)) else {
        return false;
    };
    let of = |place: &str| features(place, &BTreeSet::new());
    let (there, before) = (of(&now["place"]), of(&was["place"]));
    // "Moved to Postgres".
    let is_place = there.values.keys().all(|kind| *kind == Value::Name);
    // A street may be in the same town.
    static STREET: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:street|road|avenue|lane|square|alley|drive|row|court|house|floor|room|hall|team|desk)\b|\d")
    });
    // A country holds many towns, and was moved to years ago; people move to departments and tools as well.
    static NO_TOWN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:germany|austria|switzerland|france|spain|portugal|italy|greece|turkey|finland|sweden|norway|denmark|iceland|estonia|latvia|lithuania|poland|hungary|romania|czechia|ireland|england|scotland|wales|britain|uk|europe|canada|mexico|brazil|argentina|chile|america|usa?|japan|china|india|korea|australia|asia|africa|sales|marketing|finance|accounting|engineering|support|operations|ops|legal|hr|it|qa|design|research|product|notion|obsidian|linux|windows|macos|android|vim|neovim|emacs|slack|teams|github|gitlab|jira|figma|excel|outlook|gmail|python|rust|java|kotlin|typescript|react|postgres|aws|azure|gcp)\b",
        )
    });
    static IN_A_YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r" (?:in|since) (?:19|20)\d\d$"));
    let long_ago = IN_A_YEAR.is_match(&now["rest"]);
    let is_place = is_place && !long_ago && !STREET.is_match(&now["place"]) && !NO_TOWN.is_match(&now["place"]);
    now["who"].eq_ignore_ascii_case(&was["who"]) && is_place && there.stems.is_disjoint(&before.stems)
}

/// Who may live somewhere: "the user", "the user's sister", "Ada".
const WHOSE: &str =
    r"(?:[Tt]he user(?:['’]s [\w -]{2,30}?)?|(?:[Mm]y|[Oo]ur) [\w -]{2,30}?|I|We|we|[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?)";

/// "Stop rounding the prices on the labels": the order to do just that is over, whatever else it says.
pub(super) fn stops(text: &str, older: &Features) -> bool {
    static STOPS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:please )?(?:stop|quit|no more|no longer|cease|enough of|we (?:don'?t|do not|no longer|stopped)|don'?t) (?P<what>[^,;.:]{6,80}?)(?:,? (?:any ?more|any longer|now|please|from now on|at all))*(?:[,;.:–—].*)?$",
        )
    });
    let Some(found) = STOPS.captures(text) else {
        return false;
    };
    let what = features(&found["what"], &BTreeSet::new());
    // Things alone do not tell what is done to them.
    let done = what.sequence.first().map(|word| stem(word));
    !older.negative
        && what.stems.len() >= 3
        && done.is_some_and(|done| older.sequence.first().is_some_and(|verb| akin(&stem(verb), &done)))
        && what
            .stems
            .iter()
            .all(|stem| older.stems.iter().any(|other| akin(stem, other)))
}

/// "Do plots with …" and "plots are made with …": the same thing with another tool.
fn in_other_ways(a: &Features, b: &Features) -> bool {
    let of = |f: &Features| way(f, &["with", "using", "via"]);
    matches!((of(a), of(b)), (Some(x), Some(y)) if x.0 == y.0 && x.1 != y.1)
}

/// "Save scans as TIFF" and "scans should be saved as PNG": one thing has one form.
fn saved_as_other(a: &Features, b: &Features) -> bool {
    let of = |f: &Features| way(f, &["as"]);
    matches!((of(a), of(b)), (Some(x), Some(y)) if x.0 == y.0 && x.1 != y.1)
}

/// The thing of which a text says in what way it is done, without the verbs, and the word that says the way.
fn way(f: &Features, links: &[&str]) -> Option<(BTreeSet<String>, String)> {
    let at = f.sequence.iter().position(|word| links.contains(&word.as_str()))?;
    let does = |word: &str| {
        HABIT_VERBS.contains(word)
            || TASK_VERBS.contains(word)
            || matches!(
                word,
                "user" | "wants" | "want" | "made" | "done" | "drawn" | "written" | "built" | "sent" | "kept"
            )
    };
    let told = &f.sequence[..at];
    let last = told.len().checked_sub(1)?;
    let thing: BTreeSet<String> = told
        .iter()
        .enumerate()
        .filter(|(at, word)| {
            let verb =
                does(word) && (*at == 0 || *at == last || *word == "wants" || *word == "user" || *word == "want");
            let done = *at == last && *at > 0 && word.ends_with("ed");
            !(verb || done || STOP.contains(word.as_str()))
        })
        .map(|(_, word)| stem(word))
        .collect();
    let value = f.sequence[at + 1..].iter().find(|word| !STOP.contains(word.as_str()))?;
    (!thing.is_empty()).then(|| (thing, stem(value)))
}

/// Something said, as it is compared.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub text: &'a str,
    pub about: &'a Features,
    pub mark: Mark,
}

/// Whether a change, in words that name nothing old, gives another answer on the thing that an older fact or order
/// speaks of: each side has words that the other lacks. Where nothing differs but words, the newer wording stands alone,
/// which loses nothing.
pub(super) fn says_otherwise(newer: Said<'_>, older: Said<'_>) -> bool {
    if another_does_it(newer, older) {
        return true;
    }
    let (text, order, decided) = (newer.text, older.mark.order, newer.mark.order);
    let topic = older.text.split_once(": ").map(|(topic, _)| topic);
    let (newer, older) = (newer.about, older.about);
    let said = |stem: &String, f: &Features| f.stems.iter().any(|s| akin(s, stem));
    let past = stems_called_past(text);
    let each_its_own = each_differs(newer, older, &past);
    // "Otherwise everybody lands in Turku": the reason may name what held before.
    static REASON: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)[,;–—]\s*(?:otherwise|or else|because|since|so)\b.*$"));
    let main = features(&REASON.replace(text, ""), &BTreeSet::new());
    // What kind of thing is meant may be one of a row of alternatives, too: "the weekly list".
    let told = values_of(older, |kind| order || !matches!(kind, Value::Alternative(_)));
    // "One" counts and tells nothing apart.
    let same_answer =
        |value: &String| value != "1" && said(value, &main) && !older.leading.contains(value) && !past.contains(value);
    let another = older.values.iter().any(|(kind, values)| {
        let of_newer = newer.values.get(kind).filter(|_| matches!(kind, Value::Alternative(_)));
        of_newer.is_some_and(|of_newer| of_newer.is_disjoint(values))
    });
    if newer.negative == older.negative && !another && told.iter().any(same_answer)
        || newer.negative && begin_with_others(newer, older)
        || !each_its_own
        || of_other_things(newer, older)
    {
        return false;
    }
    let shared = older.stems.iter().filter(|s| said(s, newer) && !of_time(s));
    let shared: Vec<&String> = shared.collect();
    let smaller = older.stems.len().min(newer.stems.len());
    if shared.len() < 2 || shared.len() * 5 < smaller * 2 {
        return false;
    }
    // "The user moved …": that someone tells of themselves, and of something new, is no question of its own.
    if of_the_user(newer) && of_the_user(older) && shared.iter().all(|stem| *stem == USER || is_turn(stem)) {
        return false;
    }
    if order {
        static TOLD_HOW: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"(?i)\b(?:is|are|be|gets?|must|should|may|can|it|them)\b"));
        if !decided && !TOLD_HOW.is_match(text) {
            return false;
        }
        // The verb in front says what is done, not to what.
        let verb = older
            .sequence
            .first()
            .filter(|word| vocabulary::is_verb(word))
            .map(|word| stem(word));
        return shared.iter().filter(|stem| Some(**stem) != verb.as_ref()).count() * 4 >= smaller;
    }
    if older.head.is_empty() {
        // "Ida keeps the keys": who does it is the answer, and "the keys are 12 now" gives another.
        let rest = older.stems.difference(&older.leading).count();
        let counts = |f: &Features| f.values.keys().any(|kind| matches!(kind, Value::Number(_)));
        let answers = names_anyone(newer, older) || !counts(newer) || counts(older);
        return answers
            && !older.leading.is_empty()
            && !older.leading.iter().any(|name| said(name, newer))
            && shared.len() * 5 >= rest * 3;
    }
    // "Ada lives in Oulu now", after "the user's aunt Ada lives in Vaasa": of whose family somebody is may be left out.
    if is_of_family(older) && newer.head.is_empty() && !newer.leading.is_empty() && newer.leading == older.leading {
        return shared
            .iter()
            .any(|stem| !older.leading.contains(*stem) && !older.head.contains(*stem));
    }
    // The same thing and the same doing.
    let thing = older.head.iter().filter(|word| said(word, newer)).count();
    // "Plant labels: the yellow cards": the topic is all that both can have in common.
    let of_topic = || {
        let topic = topic.map(|topic| features(topic, &BTreeSet::new()).stems);
        topic.is_some_and(|topic| topic.len() >= 2 && topic.iter().all(|word| said(word, newer)))
    };
    thing * 2 > older.head.len() && (shared.iter().any(|stem| !older.head.contains(*stem)) || decided && of_topic())
}

/// Whether a text gives a name that an older one lacks.
fn names_anyone(newer: &Features, older: &Features) -> bool {
    let mut names = values_of(newer, |kind| matches!(kind, Value::Name)).into_iter();
    names.any(|name| !is_title(&name) && !older.stems.contains(&name))
}

/// "Since Monday Bob runs the Oulu yard", after "Ida runs the Oulu yard": somebody else does all of it, and no more is said.
fn another_does_it(newer: Said<'_>, older: Said<'_>) -> bool {
    const BOTH: [&str; 7] = ["also", "too", "both", "together", "well", "helps", "alongside"];
    // What one person does alone. Two may work in one yard, or speak one language.
    const ALONE: [&str; 14] = [
        "runs",
        "leads",
        "owns",
        "heads",
        "manages",
        "chairs",
        "keeps",
        "handles",
        "maintains",
        "approves",
        "coordinates",
        "edits",
        "supervises",
        "oversees",
    ];
    let asked = features(first_clause(newer.text), &BTreeSet::new());
    let said = |stem: &String, f: &Features| f.stems.iter().any(|s| akin(s, stem));
    let older = older.about;
    let rest: Vec<&String> = older.stems.difference(&older.leading).collect();
    let names = values_of(&asked, |kind| matches!(kind, Value::Name));
    let new = |stem: &String| {
        said(stem, older) || names.contains(stem) && asked.leading.contains(stem) || is_turn(stem) || of_time(stem)
    };
    newer.mark.change
        && !newer.about.negative
        && !older.negative
        && older.head.is_empty()
        && !older.leading.is_empty()
        && !older.leading.iter().any(|name| said(name, newer.about))
        && rest.len() >= 2
        && rest.iter().all(|stem| said(stem, &asked))
        && names_anyone(&asked, older)
        && asked.stems.iter().all(new)
        && asked.sequence.iter().any(|word| ALONE.contains(&word.as_str()))
        && !newer.about.sequence.iter().any(|word| BOTH.contains(&word.as_str()))
}

/// "The warden is now Bob", after "Ida is the warden": one place, said in either order, and another who has it.
pub(super) fn takes_the_place(newer: &str, older: &str) -> bool {
    static PLACE: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        const WHO: &str = r"(?P<who>(?:(?:Dr|Mr|Mrs|Ms|Prof)\.? )?[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?)";
        const NOW: &str = r"(?: (?:now|from now on|since [\w -]{3,30}|as of [\w -]{3,30}))?[.!]?$";
        [
            pattern(&format!(
                r"^{WHO} is (?:now )?(?:the|our) (?:new )?(?P<place>[a-z][\w' -]{{2,40}}?){NOW}"
            )),
            pattern(&format!(
                r"^(?:The|the|Our|our) (?:new )?(?P<place>[a-z][\w' -]{{2,40}}?) is (?:now )?{WHO}{NOW}"
            )),
        ]
    });
    let read = |text: &str| {
        let found = PLACE.iter().find_map(|form| form.captures(text))?;
        let place = features(&found["place"], &BTreeSet::new()).stems;
        let words = found["who"]
            .split(' ')
            .map(|word| word.trim_end_matches('.').to_lowercase());
        let who: BTreeSet<String> = words.filter(|word| !is_title(word)).collect();
        Some((place, who))
    };
    let (Some((place, who)), Some((was_place, was))) = (read(newer), read(older)) else {
        return false;
    };
    !place.is_empty() && place == was_place && who.is_disjoint(&was)
}

/// "Rope now comes from Larch", after "the supplier of rope is Hobb": from whom a thing is, said in either way.
pub(super) fn comes_from_another(newer: &str, older: &str) -> bool {
    static FROM: LazyLock<[Regex; 3]> = LazyLock::new(|| {
        const WHO: &str = r"(?P<who>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?)(?: (?:now|again|from now on|instead|since [\w -]{3,30}|as of [\w -]{3,30}))?[.!]?$";
        const WHAT: &str = r"(?:(?:the|our|all) )?(?P<what>[\w-]+(?: [\w-]+)?)";
        [
            pattern(&format!(
                r"^(?:(?:The|Our|the|our) )?(?:new )?(?i:supplier|vendor|source) (?:for|of) {WHAT} is (?:now )?{WHO}"
            )),
            pattern(&format!(
                r"^(?:(?:The|Our|All) )?(?P<what>[\w-]+(?: [\w-]+)?) (?:now )?(?:comes?|(?:is|are) (?:now )?(?:bought|ordered|supplied|delivered)) (?:now )?(?:from|by) {WHO}"
            )),
            pattern(&format!(
                r"^(?:We|we|The user) (?:now )?(?:buys?|gets?|orders?) {WHAT} (?:now )?from {WHO}"
            )),
        ]
    });
    let read = |text: &str| {
        let found = FROM.iter().find_map(|form| form.captures(text))?;
        let of = |name: &str| features(&found[name].to_lowercase(), &BTreeSet::new()).stems;
        Some((of("what"), of("who")))
    };
    let (Some((what, who)), Some((was_what, was))) = (read(newer), read(older)) else {
        return false;
    };
    !what.is_empty() && what == was_what && who.is_disjoint(&was)
}

/// Whether words call one of a number over, and a fact is on another of its kind: "we cancelled round 12" says nothing of
/// round 14.
pub(super) fn of_another_number(past: &[BTreeSet<String>], fact: &Features) -> bool {
    let is_number = |stem: &String| stem.starts_with(|c: char| c.is_ascii_digit());
    past.iter().any(|past| {
        let other = past.iter().any(|stem| is_number(stem) && !fact.stems.contains(stem));
        let kind = past.iter().any(|stem| !is_number(stem) && fact.stems.contains(stem));
        other && kind
    })
}

/// "Bob isn't a member any longer" makes what is told of the member Bob no surer, whichever comes first. Whether it does
/// end that: the doing that it denies is the one that is told.
pub(super) fn denied_by_one(newer: Said<'_>, older: Said<'_>) -> Option<bool> {
    static OVER: LazyLock<Regex> = LazyLock::new(|| {
        const MORE: &str = r"[^.;:]*\b(?:any ?more|any longer)";
        const IS: &str = r"(?:\b(?:is|are|was|were)|['’](?:s|re))";
        pattern(&format!(
            r"(?i)(?:{IS} no longer|{IS}(?:n['’]t| not)\b{MORE}|\bno longer (?P<longer>[a-z]+)|\b(?:(?:does|do|did|will)(?:n['’]t| not)|won['’]t|never) (?P<not>[a-z]+)\b{MORE})\b"
        ))
    });
    let found = OVER.captures(newer.text)?;
    if older.about.negative || OVER.is_match(older.text) {
        return None;
    }
    let verb = found.name("longer").or(found.name("not"));
    let verb = verb.map(|verb| stem(&verb.as_str().to_lowercase()));
    Some(verb.is_some_and(|verb| older.about.stems.iter().any(|s| akin(s, &verb))))
}

/// Whether each side says something that the other does not, beside that something changed, and when.
pub(super) fn each_has_words_of_its_own(newer: Said<'_>, older: Said<'_>) -> bool {
    each_differs(newer.about, older.about, &stems_called_past(newer.text))
}

fn stems_called_past(text: &str) -> BTreeSet<String> {
    past_values(text).into_iter().flatten().collect()
}

fn each_differs(newer: &Features, older: &Features, past: &BTreeSet<String>) -> bool {
    let own = |f: &Features, other: &Features| {
        let said = |stem: &String| other.stems.iter().any(|s| akin(s, stem));
        f.stems
            .iter()
            .any(|s| !said(s) && !is_turn(s) && !past.contains(s) && !of_time(s))
    };
    own(newer, older) && own(older, newer)
}

/// Whether a text calls past what a fact tells, which names nothing past itself.
pub(super) fn calls_past(past: &[BTreeSet<String>], fact: &Fact) -> bool {
    let told = |past: &BTreeSet<String>| past.iter().all(|stem| fact.features.stems.contains(stem));
    past.iter().any(told) && past_values(&fact.text).is_empty()
}

/// "The shop used pnpm before" after "the shop uses bun instead of pnpm": what a fact calls past, told as what was.
pub(super) fn tells_what_was(text: &str, newer: &Features, older: &Fact) -> bool {
    static WAS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:before|used to|previously|formerly|originally|back then|at first)[.!]*(?:$|\s)")
    });
    let within = |stem: &String| newer.stems.iter().any(|other| akin(stem, other));
    WAS.is_match(text) && past_values(&older.text).iter().any(|past| past.iter().all(within))
}

/// "Use pnpm in the shop" after "the shop uses bun instead of pnpm": what a fact calls past holds again, and what it says
/// holds instead is not named. Words on anything else may both hold, and so do words on what was before.
pub(super) fn takes_back(text: &str, newer: &Features, older: &Fact) -> bool {
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:before|used to|previously|formerly|earlier|originally|once|back then|until|was|were|had|did|would|might|could|if)\b",
        )
    });
    let past = past_values(&older.text);
    if past.is_empty() || newer.negative || BEFORE.is_match(text) || !past_values(text).is_empty() {
        return false;
    }
    let within = |stem: &String, all: &BTreeSet<String>| all.iter().any(|other| akin(stem, other));
    let says_little = |stem: &String| is_turn(stem) || of_time(stem) || DOINGS.iter().any(|doing| akin(doing, stem));
    let is_past = |stem: &String| past.iter().flatten().any(|past| past == stem);
    let instead = |stem: &&String| {
        !is_past(stem) && !says_little(stem) && !vocabulary::is_verb(stem) && !within(stem, &newer.stems)
    };
    let again = past
        .iter()
        .any(|past| past.iter().all(|stem| within(stem, &newer.stems)));
    again
        && older.features.stems.iter().any(|stem| instead(&stem))
        && newer
            .stems
            .iter()
            .all(|stem| within(stem, &older.features.stems) || says_little(stem) || vocabulary::is_verb(stem))
}

/// Stems that say that something is new, and nothing of what.
fn is_turn(stem: &str) -> bool {
    const TURNS: [&str; 13] = [
        "chang", "mov", "move", "switch", "migrat", "longer", "anymor", "today", "onward", "since", "recent", "replac",
        "start",
    ];
    TURNS.iter().any(|turn| akin(turn, stem))
}

/// A day or month, which says since when.
fn of_time(stem: &str) -> bool {
    let digits = |part: Option<&str>, count: usize| part.is_some_and(|p| p.len() == count && p.parse::<u16>().is_ok());
    let mut parts = stem.split('-');
    digits(parts.next(), 4) && digits(parts.next(), 2)
}

/// What an older fact tells of a value that newer words call past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tells {
    /// It is about another thing.
    Nothing,
    /// It gives that value, and both have nothing else in common.
    TheValue,
    /// It gives that value to what the newer words speak of.
    OfTheSame,
}

/// Whether an older fact is an answer to the same question with the value that is past.
pub(super) fn is_about(fact: &Features, past: &BTreeSet<String>, newer: &Features) -> bool {
    tells_past(fact, past, newer) > Tells::Nothing
}

/// How an older fact stands to words that call a value past.
pub(super) fn tells_past(fact: &Features, past: &BTreeSet<String>, newer: &Features) -> Tells {
    if !past.iter().all(|stem| fact.stems.contains(stem)) {
        return Tells::Nothing;
    }
    // "Like Baikal or Como": examples of the value that is past.
    let named = fact.sequence.iter().skip(1);
    let examples: BTreeSet<String> = named
        .skip_while(|word| !matches!(word.as_str(), "like" | "such" | "eg"))
        .map(|word| stem(word))
        .collect();
    // The verb of an order says what is done, not to what.
    let verb = fact.sequence.first().filter(|word| HABIT_VERBS.contains(word.as_str()));
    let verb = verb.map(|word| stem(word));
    let told = |s: &&String| !past.contains(*s) && !examples.contains(*s) && verb.as_ref() != Some(*s);
    let rest = fact.stems.iter().filter(told);
    let rest: Vec<&String> = rest.collect();
    let named = |s: &&&String| newer.stems.iter().any(|stem| akin(s, stem));
    let shared = rest.iter().filter(named).count();
    let enough = shared * 2 >= rest.len() || rest.len() <= 2 || rest.len() == 3 && shared > 0;
    // "Ida no longer has the key": what Bob has is not over.
    let of_others = fact.leading.is_disjoint(past) && are_others(&fact.leading, &newer.leading, past);
    let elsewhere = shared == 0 && !rest.is_empty() && has_a_thing(newer, past);
    if !enough || of_others || elsewhere || told_apart(fact, newer) {
        Tells::Nothing
    } else if shared > 0 || rest.is_empty() {
        Tells::OfTheSame
    } else {
        Tells::TheValue
    }
}

/// Names in front of two texts, of which none is past and none is in both.
fn are_others(a: &BTreeSet<String>, b: &BTreeSet<String>, past: &BTreeSet<String>) -> bool {
    let other = |of: &BTreeSet<String>| of.iter().any(|name| !past.contains(name));
    other(a) && other(b) && a.is_disjoint(b)
}

/// "The goat is no longer in the barn": the barn is over for the goat alone. "We gave up the barn" speaks of nothing else.
fn has_a_thing(newer: &Features, past: &BTreeSet<String>) -> bool {
    const NOTHING: [&str; 26] = [
        "we",
        "i",
        "you",
        "they",
        "he",
        "she",
        "nobody",
        "everybody",
        "everyone",
        "people",
        "it",
        "that",
        "this",
        "these",
        "those",
        "there",
        "from",
        "as",
        "no",
        "not",
        "please",
        "never",
        "don't",
        "since",
        "because",
        "let's",
    ];
    const DECIDED: [&str; 12] = [
        "decided", "changed", "voted", "agreed", "chose", "settled", "switched", "moved", "migrated", "replaced",
        "dropped", "stopped",
    ];
    let opens_bare = newer
        .sequence
        .first()
        .is_none_or(|first| NOTHING.contains(&first.as_str()) || vocabulary::is_verb(first));
    let decides = || newer.sequence.iter().any(|word| DECIDED.contains(&word.as_str()));
    let thing = |stem: &String| !past.contains(stem) && !is_turn(stem) && !of_time(stem);
    !opens_bare && newer.head.iter().chain(&newer.leading).any(thing) && !decides()
}

/// Of what newer words speak, beside an older fact that they take out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Same,
    /// The same of somebody else.
    Somebody,
    Another,
}

/// Whether newer words speak of the thing of which an older fact tells.
pub(super) fn speaks_of(newer: &Features, older: &Features) -> Subject {
    let said = |stem: &&String| newer.stems.iter().any(|s| akin(s, stem));
    let tells = |stem: &&String| !is_turn(stem) && !of_time(stem);
    let by_thing = older.head.iter().chain(&older.leading).any(|stem| said(&stem));
    let shared = older.stems.iter().filter(tells).filter(said).count();
    if told_apart(newer, older) || of_other_things(newer, older) || !by_thing && shared < 2 {
        Subject::Another
    } else if !newer.leading.is_empty() && !older.leading.is_empty() && newer.leading.is_disjoint(&older.leading) {
        Subject::Somebody
    } else {
        Subject::Same
    }
}

/// Whether a text says otherwise of what is known: another value, another answer, or the known one is past.
pub(crate) fn contradicts(text: &str, about: &Features, known: &Features) -> bool {
    relation(about, known) == Relation::Contradicts
        || same_question(about, known)
        || past_values(text).iter().any(|past| is_about(known, past, about))
}

/// Whether a person's line and a statement answer one question with different values.
pub(crate) fn same_question(a: &Features, b: &Features) -> bool {
    // "First aiders", said by both, tells no one of them; "Ms" is the name of nobody.
    let named = |f: &Features| {
        let mut named = values_of(f, |v| matches!(v, Value::Name | Value::Code | Value::Alternative(_)));
        let alternatives = |f: &Features| values_of(f, |v| matches!(v, Value::Alternative(_)));
        let both: BTreeSet<String> = alternatives(a).intersection(&alternatives(b)).cloned().collect();
        named.retain(|name| !is_title(name) && !both.contains(name));
        named
    };
    let numbers = |f: &Features| values_of(f, |v| matches!(v, Value::Number(_)));
    let hosts = |f: &Features| {
        values_of(f, |v| matches!(v, Value::Address))
            .iter()
            .filter_map(|v| v.rsplit('@').next().map(str::to_owned))
            .collect::<BTreeSet<_>>()
    };
    let addresses = |f: &Features| values_of(f, |v| matches!(v, Value::Address));
    let differ = |x: &BTreeSet<String>, y: &BTreeSet<String>| !x.is_empty() && !y.is_empty() && x.is_disjoint(y);
    if differ(&addresses(a), &addresses(b)) && !hosts(a).is_disjoint(&hosts(b)) {
        return true;
    }
    // "Mill Corvin" and "Mill Dorst" have a word in common and are two.
    let others = |x: &BTreeSet<String>, y: &BTreeSet<String>| {
        let (only_x, only_y) = (x.difference(y).count(), y.difference(x).count());
        only_x > 0 && only_y > 0 && x.len() - only_x <= only_x.min(only_y)
    };
    let (of_a, of_b) = subjects(a, b);
    let shared = of_a.iter().filter(|s| of_b.iter().any(|t| akin(s, t))).count();
    let smaller = of_a.len().min(of_b.len());
    shared > 0
        && !of_other_aspects(a, b)
        && (others(&named(a), &named(b)) && shared * 2 >= smaller
            || differ(&numbers(a), &numbers(b)) && shared * 3 >= smaller
            || differ(&addresses(a), &addresses(b)) && shared * 2 >= smaller)
}

pub(crate) fn values_of(f: &Features, kind: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    f.values
        .iter()
        .filter(|(k, _)| kind(k))
        .flat_map(|(_, v)| v.iter().cloned())
        .collect()
}
