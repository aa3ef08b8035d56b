//! Whether an older fact stands beside newer words on the same thing: it tells something else of it, bars something else,
//! or holds in other cases.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::Said;
use crate::dates::{DAY_NAMES, MONTH_NAMES};
use crate::similar::{DOINGS, hedged};
use crate::text::clean::pattern;
use crate::text::sentence;
use crate::text::vocabulary::{self, STOP};
use crate::text::words::{Features, Value, akin, features, is_finite_verb, stem, value_form};

/// Words that say nothing of the thing.
const UNHEARD: [&str; 12] = [
    "now",
    "the",
    "our",
    "a",
    "an",
    "just",
    "also",
    "please",
    "currently",
    "still",
    "then",
    "already",
];

/// Whether both hold, though they are on the same thing.
pub(in crate::consolidate) fn both_stand(newer: Said<'_>, older: Said<'_>) -> bool {
    tells_something_else(newer.about, older.about)
        || of_another_sort(newer.about, older.about)
        || newer.mark.change && !older.mark.order && is_on_what_it_goes_to(newer.about, older.about)
        || bars_something_else(newer, older)
}

/// What kind of answer a value is.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Hour,
    Day,
    /// How many, of what.
    Count(String),
    Named,
}

/// What is said of a thing: the verb, and the words behind it.
struct Predicate<'a> {
    verb: String,
    rest: &'a [&'a str],
}

/// "Shed 3 has 16 racks" and "shed 3 is on the hill": the same thing in front, another doing, and another kind of answer.
/// Where the answers may be of one kind, the one may have taken the place of the other.
fn tells_something_else(newer: &Features, older: &Features) -> bool {
    let (a, b) = (told(newer), told(older));
    let alike = begin_alike(&a, &b);
    // "Is led by", "is on": the verb is what follows.
    let alike = alike - usize::from(alike > 0 && is_being(a[alike - 1]));
    let (Some(new), Some(old)) = (predicate(&a[alike..]), predicate(&b[alike..])) else {
        return false;
    };
    let named = a[..alike].iter().any(|word| !STOP.contains(word));
    let told_by_both =
        |word: &&str| !STOP.contains(word) && old.rest.iter().any(|other| akin(&stem(word), &stem(other)));
    if !named || akin(&new.verb, &old.verb) || new.rest.iter().any(told_by_both) {
        return false;
    }
    let (of_new, of_old) = (answers(new.rest, newer), answers(old.rest, older));
    if of_new.is_empty() && of_old.is_empty() {
        // "The smith no longer shoes horses": that the smith runs a shop is not over.
        let denies = newer.negative
            || newer
                .sequence
                .iter()
                .any(|w| matches!(w.as_str(), "longer" | "anymore"));
        return denies && !is_state(&old) && !is_state(&new);
    }
    // "The tank is empty", "parking is free": that may end whatever else is told.
    if of_new.is_empty() && is_state(&new) || of_old.is_empty() && is_state(&old) {
        return false;
    }
    let counts_staff = [&new, &old].iter().any(|told| told.verb == stem("employs"));
    !of_new.iter().any(|new| {
        of_old
            .iter()
            .any(|old| of_one_kind(new, old) || counts_staff && both_count_people(new, old))
    })
}

/// "Employs 12 people", "has 9 staff".
fn both_count_people(a: &Answer, b: &Answer) -> bool {
    const PEOPLE: [&str; 4] = ["people", "staff", "workers", "hands"];
    let of_people = |of: &Answer| matches!(of, Answer::Count(unit) if PEOPLE.iter().any(|word| stem(word) == *unit));
    of_people(a) && of_people(b)
}

/// The words of a text without those that say since when.
fn told(f: &Features) -> Vec<&str> {
    let mut all: Vec<&str> = f.sequence.iter().map(String::as_str).collect();
    let since = all
        .first()
        .is_some_and(|first| matches!(*first, "since" | "from" | "starting"));
    let from = if since {
        let rest = all.iter().skip(1).position(|word| !says_when(word));
        rest.map_or(0, |at| at + 1)
    } else {
        0
    };
    let mut words = all.split_off(from);
    words.retain(|word| !UNHEARD.contains(word));
    words
}

fn says_when(word: &str) -> bool {
    const WHEN: [&str; 14] = [
        "the",
        "this",
        "next",
        "last",
        "now",
        "today",
        "tomorrow",
        "yesterday",
        "on",
        "onwards",
        "of",
        "week",
        "month",
        "year",
    ];
    let dated = word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('-');
    dated || WHEN.contains(&word) || is_day(word) || MONTH_NAMES.iter().any(|name| name.eq_ignore_ascii_case(word))
}

fn is_day(word: &str) -> bool {
    DAY_NAMES.contains(&word.strip_suffix('s').unwrap_or(word))
}

/// How many words both begin with.
fn begin_alike(a: &[&str], b: &[&str]) -> usize {
    let pairs = a.iter().zip(b);
    pairs.take_while(|(x, y)| value_form(x) == value_form(y)).count()
}

fn is_being(word: &str) -> bool {
    matches!(word, "is" | "are" | "was" | "were" | "isn't" | "aren't")
}

/// What is done, where the words begin with it. Verbs of change tell no doing of their own: "moved to", "becomes".
fn predicate<'a>(words: &'a [&'a str]) -> Option<Predicate<'a>> {
    const DONE: [&str; 24] = [
        "kept", "led", "held", "made", "run", "sold", "sent", "paid", "built", "set", "shut", "found", "taught",
        "written", "given", "taken", "driven", "drawn", "bought", "cut", "fed", "grown", "worn", "lit",
    ];
    const CHANGES: [&str; 30] = [
        "moved",
        "moves",
        "changed",
        "changes",
        "switched",
        "switches",
        "becomes",
        "became",
        "went",
        "goes",
        "gone",
        "rose",
        "rises",
        "raised",
        "lowered",
        "increased",
        "decreased",
        "doubled",
        "halved",
        "postponed",
        "rescheduled",
        "migrated",
        "renamed",
        "replaced",
        "stays",
        "remains",
        "slips",
        "slipped",
        "fell",
        "dropped",
    ];
    const HELPERS: [&str; 14] = [
        "must", "may", "can", "should", "will", "shall", "cannot", "need", "needs", "be", "could", "would", "might",
        "had",
    ];
    let (first, rest) = words.split_first()?;
    let denied = |rest: &'a [&'a str]| {
        let (verb, rest) = rest.split_first()?;
        let verb = stem(verb);
        Some(Predicate { verb, rest })
    };
    match (*first, rest.first().copied()) {
        ("doesn't" | "don't" | "didn't", _) => denied(rest),
        ("does" | "do" | "did", Some("not")) | ("no", Some("longer")) => denied(&rest[1..]),
        (being, _) if is_being(being) => {
            let not = rest
                .iter()
                .take_while(|word| matches!(**word, "not" | "no" | "longer" | "always" | "only"));
            let rest = &rest[not.count()..];
            match rest.split_first() {
                Some((done, _)) if CHANGES.contains(done) => None,
                Some((done, behind)) if done.len() > 4 && done.ends_with("ed") || DONE.contains(done) => {
                    Some(Predicate {
                        verb: stem(done),
                        rest: behind,
                    })
                }
                _ => Some(Predicate {
                    verb: "be".to_owned(),
                    rest,
                }),
            }
        }
        (verb, _) if CHANGES.contains(&verb) || HELPERS.contains(&verb) => None,
        (verb, _) => {
            let third = verb.len() > 2 && verb.ends_with('s') && !verb.ends_with("ss");
            let does = third || is_finite_verb(verb) || DOINGS.contains(&verb) || vocabulary::is_verb(verb);
            does.then(|| Predicate { verb: stem(verb), rest })
        }
    }
}

/// Whether it is only told how the thing is: "is empty", "is locked". "Is on the hill" says where.
fn is_state(told: &Predicate<'_>) -> bool {
    let placed = told.rest.first().is_some_and(|word| {
        matches!(
            *word,
            "in" | "on" | "at" | "by" | "near" | "behind" | "under" | "next" | "from" | "for" | "with" | "above"
        )
    });
    told.verb == "be" && !placed || !told.rest.iter().any(|word| !STOP.contains(word))
}

/// The answers in some words of a text.
fn answers(words: &[&str], f: &Features) -> Vec<Answer> {
    let mut out = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let form = value_form(word);
        for (kind, values) in &f.values {
            if !values.contains(&form) && !values.contains(*word) {
                continue;
            }
            out.push(match kind {
                Value::Number(unit) if is_hour(words, at, unit) => Answer::Hour,
                Value::Number(unit) => Answer::Count(unit.clone()),
                Value::Alternative(_) if is_day(word) => Answer::Day,
                _ => Answer::Named,
            });
        }
    }
    out
}

/// "14:30", "at 7". What counts something is no hour.
fn is_hour(words: &[&str], at: usize, unit: &str) -> bool {
    let led = at.checked_sub(1).is_some_and(|before| {
        matches!(
            words[before],
            "at" | "until" | "till" | "from" | "before" | "after" | "by"
        )
    });
    words[at].contains(':')
        || unit.is_empty() && led && value_form(words[at]).parse::<u8>().is_ok_and(|hour| hour <= 24)
}

/// Whether one may stand in the place of the other.
fn of_one_kind(a: &Answer, b: &Answer) -> bool {
    const TIMES: [&str; 7] = ["seconds", "minutes", "hours", "days", "weeks", "months", "years"];
    let of_time = |unit: &String| TIMES.iter().any(|time| stem(time) == *unit);
    match (a, b) {
        (Answer::Count(x), Answer::Count(y)) => x.is_empty() || y.is_empty() || x == y || of_time(x) && of_time(y),
        (Answer::Hour, Answer::Count(unit)) | (Answer::Count(unit), Answer::Hour) => unit.is_empty(),
        _ => a == b,
    }
}

/// "The inn takes pale malt from …" and "the inn takes smoked malt from …": each sort of a thing has its own answer.
fn of_another_sort(newer: &Features, older: &Features) -> bool {
    let (a, b) = (told(newer), told(older));
    let alike = begin_alike(&a, &b);
    let (Some(rest_a), Some(rest_b)) = (a.get(alike..), b.get(alike..)) else {
        return false;
    };
    let ([sort_a, kind_a, rest_a @ ..], [sort_b, kind_b, rest_b @ ..]) = (rest_a, rest_b) else {
        return false;
    };
    let done = alike >= 2 && predicate(&a[alike - 1..alike]).is_some() && !is_being(a[alike - 1]);
    let is_kind = value_form(kind_a) == value_form(kind_b) && !STOP.contains(kind_a) && !is_finite_verb(kind_a);
    let own = |words: &[&str], f: &Features, other: &Features| {
        let told = |word: &&str| !other.stems.contains(&value_form(word));
        let words: Vec<&str> = words.iter().copied().filter(told).collect();
        !answers(&words, f).is_empty()
    };
    done && is_kind
        && is_sort(sort_a, newer)
        && is_sort(sort_b, older)
        && own(rest_a, newer, older)
        && own(rest_b, older, newer)
}

/// A plain word that may say which sort of a thing is meant.
fn is_sort(word: &str, f: &Features) -> bool {
    const OF_ANY: [&str; 12] = [
        "old", "current", "main", "default", "usual", "former", "previous", "latest", "best", "first", "last", "next",
    ];
    !STOP.contains(word)
        && !OF_ANY.contains(&word)
        && word.chars().all(char::is_alphabetic)
        && answers(&[word], f).is_empty()
}

/// "Hobb pays within 30 days now": of the wool that is sold to Hobb that says nothing.
fn is_on_what_it_goes_to(newer: &Features, older: &Features) -> bool {
    let front: Vec<&String> = newer.head.iter().chain(&newer.leading).collect();
    let object = |stem: &&String| said(stem, older) && !older.head.contains(*stem) && !older.leading.contains(*stem);
    // "The user would like the slips as PDF" is on the slips.
    const OF_ONESELF: [&str; 4] = ["user", "i", "im", "i'm"];
    let on_a_thing = older.head.iter().any(|stem| !OF_ONESELF.contains(&stem.as_str()));
    !front.is_empty()
        && front.iter().all(object)
        && on_a_thing
        && !(older.head.iter().any(|stem| said(stem, newer)) || names_source(newer) && names_source(older))
        && !is_over(newer)
}

/// "We hire the cart from Hobb", "the cart is from Larch": whom a thing is from.
fn names_source(f: &Features) -> bool {
    let names = f.values.get(&Value::Name);
    f.sequence.windows(2).any(|two| {
        two[0] == "from" && names.is_some_and(|names| names.contains(&two[1]) || names.contains(&stem(&two[1])))
    })
}

/// "Hobb is out of business": whatever goes to it or comes from it is over.
fn is_over(f: &Features) -> bool {
    const OVER: [&str; 4] = ["bankrupt", "insolvent", "defunct", "liquidated"];
    let words: Vec<&str> = f.sequence.iter().map(String::as_str).collect();
    words.iter().any(|word| OVER.contains(word)) || words.windows(3).any(|three| three == ["out", "of", "business"])
}

fn said(stem: &str, f: &Features) -> bool {
    f.stems.iter().any(|other| akin(stem, other))
}

/// "Never open the sluice by hand" stands beside "open the sluice slowly", and "never ride the old mule" beside what the
/// mule carries. It goes with an order or a word on the same doing: "you may ride the old mule again".
fn bars_something_else(newer: Said<'_>, older: Said<'_>) -> bool {
    let (bar, other) = match (barred(newer.about), barred(older.about)) {
        (true, false) => (newer, older),
        (false, true) => (older, newer),
        _ => return false,
    };
    if other.about.negative || hedged(other.about) || hedged(bar.about) {
        return false;
    }
    let verb = bar.about.sequence.iter().find(|word| !is_no(word));
    let verb = verb.map(|verb| stem(verb)).unwrap_or_default();
    let barred_now = features(sentence::first_clause(bar.text), &BTreeSet::new());
    // What is done may be said in another word, or not at all.
    let what = barred_now
        .stems
        .iter()
        .filter(|stem| **stem != verb && stem.as_str() != "avoid");
    let what: Vec<&String> = what.collect();
    if what.is_empty() {
        return false;
    }
    if !what.iter().all(|stem| said(stem, other.about)) {
        return !newer.mark.change;
    }
    // "Use" says of no thing what is done with it.
    let done = barred_now.stems.contains(&verb) && said(&verb, other.about);
    let lets = other.about.sequence.iter().any(|word| LETS.contains(&word.as_str()));
    let counts = other.about.values.keys().any(|kind| matches!(kind, Value::Number(_)));
    let newer_bars = barred(newer.about);
    !other.mark.order && !done && !lets && (counts || !newer_bars && !newer.mark.change)
}

/// Words of using a thing, or of leave to.
const LETS: [&str; 18] = [
    "use", "uses", "used", "using", "take", "takes", "taken", "may", "can", "allowed", "fine", "ok", "okay", "again",
    "safe", "back", "open", "works",
];

fn is_no(word: &str) -> bool {
    matches!(
        word,
        "never" | "don't" | "dont" | "do" | "not" | "please" | "avoid" | "ever"
    )
}

/// "Never …", "don't …".
fn barred(f: &Features) -> bool {
    let mut words = f
        .sequence
        .iter()
        .map(String::as_str)
        .skip_while(|word| *word == "please");
    match words.next() {
        Some("never" | "don't" | "dont" | "avoid") => true,
        Some("do") => words.next() == Some("not"),
        _ => false,
    }
}

/// "The kiln is lit at 7" and "the kiln is lit at 9 on Sundays": the one holds beside the other, for its days. What changes
/// for all days leaves those alone.
pub(in crate::consolidate) fn holds_in_other_cases(newer: Said<'_>, older: Said<'_>) -> bool {
    match (case_of(newer.text), case_of(older.text)) {
        (Some(rest), None) => !newer.mark.change && answers_otherwise(&rest, older.text),
        (None, Some(rest)) => answers_otherwise(&rest, newer.text),
        _ => false,
    }
}

/// The days or the season for which alone a sentence holds: where they stand before what is told, or after all of it.
/// "Meets on Tuesdays at 8" tells all of it anew. What is left without them.
fn case_of(text: &str) -> Option<String> {
    static CASES: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        const CASE: &str = r"(?:(?:on|over|at) (?:(?:the|public|bank|school) )*(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days|weekends?|weekdays|holidays)|(?:in|during) (?:the )?(?:(?:school|summer|winter) )?(?:winter|summer|spring|autumn|holidays|off[- ]season|high season))";
        [
            pattern(&format!(r"(?i)^{CASE},? (?P<rest>\S.*)$")),
            pattern(&format!(r"(?i)^(?P<rest>.*?) {CASE}(?: (?:only|now|though))?[.!]?$")),
        ]
    });
    let found = CASES.iter().find_map(|case| case.captures(text))?;
    let rest = found.name("rest")?.as_str();
    (!NAMES_A_CASE.is_match(rest)).then(|| rest.to_owned())
}

/// Days and seasons, anywhere.
static NAMES_A_CASE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?|weekdays?|holidays?|winter|summer|spring|autumn|season|daily|always|every day)\b",
    )
});

/// Whether two texts begin with the same thing, and each tells something that the other does not.
fn answers_otherwise(a: &str, b: &str) -> bool {
    if NAMES_A_CASE.is_match(b) {
        return false;
    }
    let (a, b) = (features(a, &BTreeSet::new()), features(b, &BTreeSet::new()));
    let own = |f: &Features, other: &Features| f.stems.iter().any(|stem| !other.stems.iter().any(|o| akin(o, stem)));
    let (words_a, words_b) = (told(&a), told(&b));
    begin_alike(&words_a, &words_b) >= 2 && own(&a, &b) && own(&b, &a)
}
