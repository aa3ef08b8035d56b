//! Whether two texts speak of two things of one kind.

use super::links::{DOINGS, TURNS};
use crate::text::words::{Features, akin, stem};

/// Whether two facts speak of two things of one kind.
pub fn of_other_things(a: &Features, b: &Features) -> bool {
    other_things(a, b) || others_do_the_same(a, b)
}

/// "The delta service …" and "the ember service …": things of one kind, each named by a word the other lacks.
fn other_things(a: &Features, b: &Features) -> bool {
    let lacks = |word: &&String, other: &Features| !other.stems.iter().any(|s| akin(word, s));
    let tells = |word: &&String| !OF_ANY_KIND.contains(&word.as_str());
    let (of_a, of_b) = (a.head.iter().filter(tells), b.head.iter().filter(tells));
    !a.head.is_disjoint(&b.head) && of_a.clone().any(|w| lacks(&w, b)) && of_b.clone().any(|w| lacks(&w, a))
}

/// Stems that say of no thing which one it is.
const OF_ANY_KIND: [&str; 14] = [
    "format", "fil", "file", "data", "export", "valu", "value", "record", "entr", "item", "feed", "number", "output",
    "result",
];

/// "The crane gate listens on …" and "the route planner listens on …": before the same doing, nothing in common.
fn others_do_the_same(a: &Features, b: &Features) -> bool {
    let doing = |f: &Features| {
        let is_one = |word: &String| DOINGS.contains(&word.strip_suffix('s').unwrap_or(word));
        f.sequence.iter().position(is_one)
    };
    let (Some(at_a), Some(at_b)) = (doing(a), doing(b)) else {
        return false;
    };
    let things = |f: &Features, at: usize| -> Vec<String> {
        let before = f.sequence[..at]
            .iter()
            .filter(|word| !TURNS.iter().any(|turn| akin(turn, word)));
        before
            .filter(|word| f.stems.iter().any(|s| akin(s, word)))
            .cloned()
            .collect()
    };
    let (of_a, of_b) = (things(a, at_a), things(b, at_b));
    let said = |word: &String, f: &Features| f.stems.iter().any(|s| akin(s, word));
    stem(&a.sequence[at_a]) == stem(&b.sequence[at_b])
        && !of_a.is_empty()
        && !of_b.is_empty()
        && !of_a.iter().any(|word| said(word, b))
        && !of_b.iter().any(|word| said(word, a))
}
