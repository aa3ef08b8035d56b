//! What somebody may have or do several of: "allergic to penicillin" and "allergic to latex" both hold.

use crate::text::vocabulary::STOP;
use crate::text::words::{Features, akin, stem};

/// Words after which each thing named is one more.
const ADD_UP: [&[&str]; 34] = [
    &["allergic", "to"],
    &["allergy", "to"],
    &["intolerant", "to"],
    &["intolerant", "of"],
    &["afraid", "of"],
    &["scared", "of"],
    &["speak"],
    &["speaks"],
    &["own"],
    &["owns"],
    &["eat"],
    &["eats"],
    &["drink"],
    &["drinks"],
    &["teach"],
    &["teaches"],
    &["deliver", "to"],
    &["delivers", "to"],
    &["sell"],
    &["sells"],
    &["grow"],
    &["grows"],
    &["play"],
    &["plays"],
    &["collect"],
    &["collects"],
    &["studied"],
    &["read"],
    &["reads"],
    &["makes"],
    &["repairs"],
    &["bakes"],
    &["supports"],
    &["serves"],
];

/// Whether two texts say of the same that it has or does one thing and another, of which there may be several.
pub(super) fn add_up(a: &Features, b: &Features) -> bool {
    let (Some((of_a, things_a)), Some((of_b, things_b))) = (told(a), told(b)) else {
        return false;
    };
    let meaning = |words: &[String]| -> Vec<String> {
        let all = words.iter().filter(|word| !STOP.contains(word.as_str()));
        all.map(|word| stem(word)).collect()
    };
    let (things_a, things_b) = (meaning(things_a), meaning(things_b));
    let apart = !things_a.iter().any(|one| things_b.iter().any(|other| akin(one, other)));
    let counts = |words: &[String]| words.iter().any(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    // "Only", "no more than": of one there is one.
    let only = |f: &Features| {
        f.sequence
            .iter()
            .any(|word| matches!(word.as_str(), "only" | "just" | "solely"))
    };
    a.negative == b.negative
        && meaning(of_a) == meaning(of_b)
        && !meaning(of_a).is_empty()
        && apart
        && !things_a.is_empty()
        && !things_b.is_empty()
        && !(counts(&things_a) || counts(&things_b) || only(a) || only(b))
}

/// The words up to such words and with them, and those behind.
fn told(f: &Features) -> Option<(&[String], &[String])> {
    let words = &f.sequence;
    (1..words.len()).find_map(|at| {
        let found = ADD_UP.iter().find(|form| {
            let here = words[at..].iter().map(String::as_str);
            here.take(form.len()).eq(form.iter().copied())
        })?;
        Some(words.split_at(at + found.len()))
    })
}
