//! Whether two texts speak of two things of one kind.

use std::collections::BTreeSet;

use super::links::{DOINGS, TURNS};
use crate::text::words::{Features, Value, akin, stem, value_form};

/// Whether two facts speak of two things of one kind.
pub(crate) fn of_other_things(a: &Features, b: &Features) -> bool {
    other_things(a, b) || others_do_the_same(a, b)
}

/// "The delta service …" and "the ember service …": things of one kind, each named by a word the other lacks.
fn other_things(a: &Features, b: &Features) -> bool {
    let lacks = |word: &&String, other: &Features| !other.stems.iter().any(|s| akin(word, s));
    let tells = |word: &&String| !OF_ANY_KIND.contains(&word.as_str());
    let (of_a, of_b) = (things(a), things(b));
    let own = |of: &BTreeSet<&String>, other: &Features| of.iter().filter(|w| tells(w)).any(|w| lacks(w, other));
    !a.head.is_disjoint(&b.head) && own(&of_a, b) && own(&of_b, a)
}

/// The words before the verb, and what looks like code and stands before one of them: "GitLab issues are …".
fn things(f: &Features) -> BTreeSet<&String> {
    let stands_before = |name: &str| {
        let mut pairs = f.sequence.windows(2);
        pairs.any(|two| two[0] == name && f.head.contains(&stem(&two[1])))
    };
    let code = f.values.get(&Value::Code).into_iter().flatten();
    let names = code.filter(|name| name.chars().all(char::is_alphabetic) && stands_before(name));
    f.head.iter().chain(names).collect()
}

/// "The key of the Larch gate is with Ida" and "the key of the Birch gate is with Bob": another name before the same word,
/// and another answer.
pub(super) fn others_of_a_kind(a: &Features, b: &Features) -> bool {
    let (of_a, of_b) = (named_kinds(a, b), named_kinds(b, a));
    of_a.iter().any(|kind| of_b.contains(kind))
}

/// Words that a name stands before which the other text lacks ("of the Larch gate", "for the Larch gate"), where another
/// such name stands elsewhere. "In the Larch house" may be the answer.
fn named_kinds(f: &Features, other: &Features) -> BTreeSet<String> {
    let is_own = |word: &String| {
        let form = value_form(word);
        let mut named = f
            .values
            .iter()
            .filter(|(kind, _)| matches!(kind, Value::Name | Value::Code));
        named.any(|(_, values)| values.contains(&form) || values.contains(word))
            && !other.stems.contains(&form)
            && !other.stems.contains(word)
    };
    let own: Vec<usize> = (0..f.sequence.len()).filter(|at| is_own(&f.sequence[*at])).collect();
    let mut kinds = BTreeSet::new();
    for &at in &own {
        // Of a name of several words, all go with the last: "the Ida Holt house".
        let begins = (0..at)
            .rev()
            .take_while(|before| own.contains(before))
            .last()
            .unwrap_or(at);
        let mut before = f.sequence[..begins].iter().rev();
        let of_it = before
            .find(|word| !matches!(word.as_str(), "the" | "our"))
            .is_some_and(|word| matches!(word.as_str(), "of" | "for"));
        let kind = f.sequence.get(at + 1).map(|word| stem(word));
        let kind = kind.filter(|kind| f.subject.contains(kind));
        if of_it && own.iter().any(|name| !(begins..=at).contains(name)) {
            kinds.extend(kind);
        }
    }
    kinds
}

/// "Field 4 is for rye" and "Field 9 floods": another number behind the same word, before anything is said of it.
pub(super) fn numbered_otherwise(a: &Features, b: &Features) -> bool {
    let (of_a, of_b) = (numbered(a), numbered(b));
    of_a.iter()
        .any(|(kind, number)| of_b.iter().any(|(other, of)| kind == other && number != of))
        && of_a.is_disjoint(&of_b)
}

/// Names before the verb and the number right behind each, where it counts nothing: the field and 4.
fn numbered(f: &Features) -> BTreeSet<(&str, &str)> {
    let numbers = f.values.get(&Value::Number(String::new()));
    let is_number = |word: &str| f.leading.contains(word) && numbers.is_some_and(|numbers| numbers.contains(word));
    let names = f.values.get(&Value::Name);
    let is_name = |word: &str| names.is_some_and(|names| names.contains(&value_form(word)));
    let pairs = f.sequence.windows(2);
    pairs
        .filter(|pair| is_name(&pair[0]) && is_number(&pair[1]))
        .map(|pair| (pair[0].as_str(), pair[1].as_str()))
        .collect()
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
        let before = before.map(|word| stem(word));
        before.filter(|word| f.stems.iter().any(|s| akin(s, word))).collect()
    };
    let (of_a, of_b) = (things(a, at_a), things(b, at_b));
    let said = |word: &String, f: &Features| f.stems.iter().any(|s| akin(s, word));
    stem(&a.sequence[at_a]) == stem(&b.sequence[at_b])
        && !of_a.is_empty()
        && !of_b.is_empty()
        && !of_a.iter().any(|word| said(word, b))
        && !of_b.iter().any(|word| said(word, a))
}
