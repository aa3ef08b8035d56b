//! Whether two texts say of one thing that it ends at another hour. This is said without a word in common beside the thing:
//! "ends at 9", "is served until 10".

use std::collections::BTreeSet;

use crate::dates::{DAY_NAMES, is_weekday};
use crate::text::vocabulary::STOP;
use crate::text::words::{Features, akin, stem, value_form};

/// Until when a text says that a thing goes.
struct End {
    /// The thing, as stems.
    thing: Vec<String>,
    hour: String,
    /// "am" or "pm", where that is said.
    half: Option<String>,
    /// Days that it holds for alone.
    days: BTreeSet<String>,
}

/// "Breakfast ends at 9:30" and "breakfast is served until 10:30".
pub(crate) fn end_otherwise(a: &Features, b: &Features) -> bool {
    let (Some(of_a), Some(of_b)) = (end_of(a), end_of(b)) else {
        return false;
    };
    let all_in = |x: &[String], y: &[String]| x.iter().all(|word| y.iter().any(|other| akin(word, other)));
    all_in(&of_a.thing, &of_b.thing)
        && all_in(&of_b.thing, &of_a.thing)
        && of_a.days == of_b.days
        && of_a.half == of_b.half
        && of_a.hour != of_b.hour
}

fn end_of(f: &Features) -> Option<End> {
    const ENDS: [&str; 13] = [
        "ends", "end", "ended", "until", "till", "closes", "close", "closed", "finishes", "finish", "shuts", "shut",
        "over",
    ];
    const GOES: [&str; 16] = [
        "served",
        "serves",
        "open",
        "opens",
        "available",
        "running",
        "runs",
        "goes",
        "lasts",
        "staffed",
        "manned",
        "kept",
        "there",
        "on",
        "stays",
        "only",
    ];
    // "Closes at 9 for guests": one case of several.
    const CASES: [&str; 9] = [
        "for", "if", "when", "in", "during", "outside", "except", "unless", "but",
    ];
    let words: Vec<&str> = f.sequence.iter().map(String::as_str).collect();
    let at = words.iter().position(|word| ENDS.contains(word))?;
    let hour = words[at + 1..]
        .iter()
        .position(|word| !matches!(*word, "at" | "by" | "until" | "till" | "around"))
        .map(|skipped| at + 1 + skipped)?;
    // "Closed until 9": then it opens.
    let opens = matches!(words[at], "closed" | "shut")
        && words[at + 1..hour].iter().any(|word| ["until", "till"].contains(word));
    if opens {
        return None;
    }
    let next = words.get(hour + 1).copied();
    let half = next.filter(|word| matches!(*word, "am" | "pm" | "a.m" | "p.m"));
    let half = half.map(|word| word.replace('.', "")).or_else(|| {
        let joined = ["am", "pm"].into_iter().find(|half| words[hour].ends_with(half));
        joined.map(str::to_owned)
    });
    let value = value_form(words[hour]);
    // "Until 30 June", "ends 3 weeks later": no hour of the day.
    let alone = || half.is_some() || next.is_none_or(|next| STOP.contains(next) || next == "sharp");
    let of_the_day = words[hour].contains(':') || value.parse::<u8>().is_ok_and(|hour| hour <= 24) && alone();
    let case = next.is_some_and(|next| CASES.contains(&next));
    // "On Sundays the pool": a day is compared; "for members the pool", "when it rains the pool": one case of several.
    let from = words[..at]
        .iter()
        .rposition(|word| matches!(*word, "the" | "our"))
        .unwrap_or(0);
    let is_day = |word: &&str| STOP.contains(*word) || is_weekday(word);
    if !words[..from].iter().all(is_day) {
        return None;
    }
    let thing: Vec<String> = words[from..at]
        .iter()
        .filter(|word| !STOP.contains(**word) && !GOES.contains(word))
        .map(|word| stem(word))
        .collect();
    let told = (1..=3).contains(&thing.len()) && of_the_day && !case && !f.negative;
    told.then(|| End {
        thing,
        hour: value,
        half,
        days: days_of(&words),
    })
}

/// The days that a text names. "On weekdays and Sundays alike" is every day.
fn days_of(words: &[&str]) -> BTreeSet<String> {
    const PARTS: [&str; 8] = [
        "weekday", "weekend", "holiday", "summer", "winter", "spring", "autumn", "season",
    ];
    if words
        .iter()
        .any(|word| matches!(*word, "alike" | "always" | "daily" | "everyday"))
    {
        return BTreeSet::new();
    }
    let named = words.iter().map(|word| word.strip_suffix('s').unwrap_or(word));
    named
        .filter(|word| DAY_NAMES.contains(word) || PARTS.contains(word))
        .map(str::to_owned)
        .collect()
}
