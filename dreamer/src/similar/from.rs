//! Whether two texts say from which number on something counts. "The least age is 16", "nobody below 16" and "we take them
//! from 16 up" have no word in common beside the thing and the number.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::values::values_of_numbers;
use crate::text::words::{Features, Value, akin, stem};

/// Words that say it of anything.
static AROUND: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    const WORDS: &str = "minimum least lowest oldest smallest youngest earliest below under older lower younger smaller earlier \
        newer higher larger later upwards onwards above nothing nobody anything support supported supports work works \
        count counts matter matters accept accepts accepted app version versions";
    WORDS.split_whitespace().map(stem).collect()
});

/// Whether both give one thing the same least number, and say nothing else.
pub(super) fn both_from(a: &Features, b: &Features) -> bool {
    let of_a = values_of_numbers(a);
    let only_numbers = |f: &Features| f.values.keys().all(|kind| matches!(kind, Value::Number(_)));
    let thing = |f: &Features| -> Vec<String> {
        let told = f
            .stems
            .iter()
            .filter(|stem| !AROUND.contains(*stem) && !of_a.contains(*stem));
        told.cloned().collect()
    };
    let (thing_a, thing_b) = (thing(a), thing(b));
    let within = |x: &[String], y: &[String]| x.iter().all(|word| y.iter().any(|other| akin(word, other)));
    of_a.len() == 1
        && of_a == values_of_numbers(b)
        && !thing_a.is_empty()
        && within(&thing_a, &thing_b)
        && within(&thing_b, &thing_a)
        && (only_numbers(a) && only_numbers(b) || a.values == b.values)
        && is_least(a)
        && is_least(b)
}

/// "The least …", "nothing below …", "… and newer".
fn is_least(f: &Features) -> bool {
    const LEAST: [&str; 3] = ["minimum", "min", "least"];
    // "The oldest loom is 16" only tells how it is.
    const LAST: [&str; 5] = ["lowest", "oldest", "smallest", "youngest", "earliest"];
    const COUNTS: [&str; 9] = [
        "supported",
        "support",
        "works",
        "counts",
        "count",
        "matters",
        "matter",
        "accepted",
        "accept",
    ];
    const BELOW: [&str; 7] = ["below", "under", "older", "lower", "younger", "smaller", "earlier"];
    const ABOVE: [&str; 8] = [
        "newer", "higher", "larger", "older", "later", "up", "upwards", "onwards",
    ];
    let has = |words: &[&str]| f.sequence.iter().any(|word| words.contains(&word.as_str()));
    let least = has(&LEAST) || has(&LAST) && has(&COUNTS);
    let refuses = f.negative || has(&["nothing", "nobody"]);
    // "16 and newer", "16 or older": what comes after the number goes on from there.
    let goes_on = f
        .sequence
        .windows(2)
        .any(|two| matches!(two[0].as_str(), "and" | "or") && ABOVE.contains(&two[1].as_str()));
    if refuses {
        has(&BELOW) && !least && !goes_on
    } else {
        least && !has(&BELOW) || goes_on
    }
}
