//! Whether two texts with different values each tell something else of a thing, so that both can hold.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::course::run_alike;
use super::links::{LINKS, TURNS, says_in_another_word};
use super::values::is_span;
use crate::text::words::{Features, Value, akin, stem, value_form};

/// "Has 3 replicas" and "listens on port 8080", "invoices … on Mondays" and "payslips … on Fridays": each says something
/// of its own beside the value, so both can hold.
pub(crate) fn of_other_aspects(a: &Features, b: &Features) -> bool {
    let lasts = |f: &Features| {
        f.values
            .keys()
            .any(|kind| matches!(kind, Value::Number(unit) if is_span(unit)))
    };
    let both_last = lasts(a) && lasts(b);
    // "Three months" and "six weeks": in what a time is counted is no word of its own.
    let of_time = |stem: &String| both_last && is_span(stem);
    let own = |f: &Features, other: &Features| {
        let said = |stem: &String| other.stems.iter().any(|s| akin(s, stem));
        let links = |stem: &String| LINKS.contains(stem) || TURNS.iter().any(|turn| akin(turn, stem));
        let of_name = if named_alike(f, other) {
            beside_names(f, other)
        } else {
            BTreeSet::new()
        };
        let reason = reason_of(f);
        let told = f.subject.iter().filter(|stem| !reason.contains(*stem));
        told.into_iter().any(|stem| {
            !(said(stem)
                || links(stem)
                || of_name.contains(stem)
                || of_time(stem)
                || says_in_another_word(stem, &other.subject))
        })
    };
    !run_alike(a, b) && !choose_one(a, b) && !bear_at_most(a, b) && own(a, b) && own(b, a)
}

/// The stems of what a text gives as its reason or source: "…, so the crews can rest", "…, its on the plate".
fn reason_of(f: &Features) -> BTreeSet<String> {
    let begins = |at: usize| match f.sequence[at].as_str() {
        "so" | "because" | "otherwise" | "too" | "since" => true,
        "its" => f
            .sequence
            .get(at + 1)
            .is_some_and(|next| matches!(next.as_str(), "on" | "in" | "from" | "what" | "how")),
        _ => false,
    };
    let from = (0..f.sequence.len()).find(|at| begins(*at)).unwrap_or(f.sequence.len());
    f.sequence[from..].iter().map(|word| stem(word)).collect()
}

/// "The lift carries 900 kg at most", "the maximum load of the lift is 800 kg": how much a thing bears, where neither says
/// anything else of it. What it weighs is another thing.
fn bear_at_most(a: &Features, b: &Features) -> bool {
    static BEARS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        const WORDS: &str = "lift lifts carry carries bear bears load loads capacity payload rated";
        WORDS.split_whitespace().map(stem).collect()
    });
    static WEIGHTS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        const WORDS: &str = "t ton tons tonne tonnes kg kilo kilos lb lbs";
        WORDS.split_whitespace().map(stem).collect()
    });
    let limits = |f: &Features| {
        f.subject.contains("limit")
            || f.sequence.windows(2).any(|two| {
                matches!(
                    (two[0].as_str(), two[1].as_str()),
                    ("at" | "the", "most") | ("up", "to")
                )
            })
    };
    let says_no_more = |f: &Features, other: &Features| {
        let reason = reason_of(f);
        let known = |stem: &String| {
            BEARS.contains(stem)
                || lets_in(f, other, stem)
                || LINKS.contains(stem)
                || stem == "limit"
                || reason.contains(stem)
                || other.stems.iter().any(|s| akin(s, stem))
        };
        f.subject.iter().all(known)
    };
    let weighed = |kind: &Value| matches!(kind, Value::Number(unit) if WEIGHTS.contains(unit));
    let in_one_unit = a.values.keys().any(|kind| weighed(kind) && b.values.contains_key(kind));
    in_one_unit && limits(a) && limits(b) && says_no_more(a, b) && says_no_more(b, a)
}

/// "The yard takes carts up to 300 kg", "a cart may weigh 250 kg at most": the verb says what is let in, and nothing else.
fn lets_in(f: &Features, other: &Features, told: &str) -> bool {
    const TAKES: [&str; 5] = ["take", "takes", "accept", "accepts", "admits"];
    let weighs = |f: &Features| {
        let mut pairs = f.sequence.windows(2);
        pairs.any(|two| matches!(two[0].as_str(), "may" | "can" | "must") && two[1] == "weigh")
    };
    let takes = |f: &Features, other: &Features| {
        let mut pairs = f.sequence.windows(2);
        pairs.any(|two| TAKES.contains(&two[0].as_str()) && other.subject.contains(&stem(&two[1])))
    };
    told == "weigh" && weighs(f) && takes(other, f)
        || TAKES.iter().any(|verb| stem(verb) == told) && takes(f, other) && weighs(other)
}

/// Where the names that each has for itself stand after prepositions, one of them is the same: "to Anklam", "to Güstrow".
fn named_alike(a: &Features, b: &Features) -> bool {
    let placed = |f: &Features, other: &Features| -> BTreeSet<&'static str> {
        let own = f
            .sequence
            .iter()
            .enumerate()
            .filter(|(_, word)| is_own_name(word, f, other));
        own.filter_map(|(at, _)| {
            let near = f.sequence[at.saturating_sub(3)..at].iter().rev();
            near.into_iter()
                .find_map(|word| PREPOSITIONS.iter().find(|p| *p == word))
                .copied()
        })
        .collect()
    };
    let (of_a, of_b) = (placed(a, b), placed(b, a));
    of_a.is_empty() || of_b.is_empty() || !of_a.is_disjoint(&of_b)
}

/// Whether a word is a name that the other text lacks, and not that of the thing spoken of.
fn is_own_name(word: &str, f: &Features, other: &Features) -> bool {
    let form = value_form(word);
    let mut named = f
        .values
        .iter()
        .filter(|(kind, _)| matches!(kind, Value::Name | Value::Code));
    named.any(|(_, values)| values.contains(&form)) && !other.stems.contains(&form) && !f.leading.contains(&form)
}

/// "The Anklam plant", "team Larch": what stands beside a name that the other lacks says what kind of thing it is the
/// name of.
fn beside_names(f: &Features, other: &Features) -> BTreeSet<String> {
    let mut beside = BTreeSet::new();
    for (at, _) in f
        .sequence
        .iter()
        .enumerate()
        .filter(|(_, word)| is_own_name(word, f, other))
    {
        beside.extend(f.sequence.get(at + 1).map(|word| stem(word)));
        let led = at.checked_sub(2).map(|before| f.sequence[before].as_str());
        if led.is_some_and(|word| ARTICLES.contains(&word) || PREPOSITIONS.contains(&word)) {
            beside.insert(stem(&f.sequence[at - 1]));
        }
    }
    beside
}

/// Words after which a thing is named.
const ARTICLES: [&str; 4] = ["the", "a", "an", "our"];

/// Words that say how something stands to what is named after them.
const PREPOSITIONS: [&str; 12] = [
    "in", "on", "at", "to", "by", "from", "with", "for", "via", "through", "into", "under",
];

/// "Single quotes", "double quotes": of one thing, either the one or the other.
fn choose_one(a: &Features, b: &Features) -> bool {
    let chosen = |f: &Features, row: u16| -> BTreeSet<(String, String)> {
        let words = f.sequence.windows(2).filter_map(|two| {
            let value = value_form(&two[0]);
            let is_one = f
                .values
                .get(&Value::Alternative(row))
                .is_some_and(|of| of.contains(&value));
            is_one.then(|| (value, stem(&two[1])))
        });
        words.filter(|(_, of)| f.subject.contains(of)).collect()
    };
    let rows = a.values.keys().filter_map(|kind| match kind {
        Value::Alternative(row) if b.values.contains_key(kind) => Some(*row),
        _ => None,
    });
    let lacks = |f: &Features, other: &Features| {
        let said = |word: &String| other.stems.iter().any(|s| akin(word, s));
        !f.head.is_empty() && !f.head.iter().any(said)
    };
    !(lacks(a, b) && lacks(b, a))
        && rows.into_iter().any(|row| {
            let (of_a, of_b) = (chosen(a, row), chosen(b, row));
            of_a.iter()
                .any(|(value, of)| of_b.iter().any(|(other, its)| value != other && of == its))
        })
}
