//! Whether two sentences take the same course but for what they give as the value.

use std::collections::BTreeSet;

use crate::text::vocabulary::number;
use crate::text::words::{Features, Value, akin, stem, value_form};

/// Two sentences that run alike but for one or two words, at the end or within: "written in go" and "written in rust".
pub(super) fn parallel(a: &Features, b: &Features) -> bool {
    let words = |f: &Features| -> Vec<String> {
        let told = f.sequence.iter().filter(|word| !UNHEARD.contains(&word.as_str()));
        let mut words: Vec<String> = told.cloned().collect();
        while words.last().is_some_and(|last| TAIL.contains(&last.as_str())) {
            words.pop();
        }
        words
    };
    let (of_a, of_b) = (words(a), words(b));
    let same = of_a.iter().zip(&of_b).take_while(|(x, y)| x == y).count();
    let after = of_a[same..].iter().rev().zip(of_b[same..].iter().rev());
    let after = after.take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (of_a.len() - same - after, of_b.len() - same - after);
    // "The owner of the meadow is …" has one answer, in however many words.
    let attribute = after == 0
        && same >= 4
        && matches!(of_a[same - 1].as_str(), "is" | "are")
        && of_a[..same].iter().skip(1).any(|word| word == "of");
    let most = if attribute { 4 } else { 2 };
    same >= 3 && (1..=most).contains(&rest_a) && (1..=most).contains(&rest_b) && {
        let differs = |words: &[String], rest: usize| words[same..same + rest].join(" ");
        // "3 replicas" and "2 zones" are counts of two kinds.
        let counted = |words: &[String], rest: usize| {
            let is_number = |word: &String| word.starts_with(|c: char| c.is_ascii_digit()) || number(word).is_some();
            (rest == 2 && is_number(&words[same])).then(|| stem(&words[same + 1]))
        };
        let kinds = (counted(&of_a, rest_a), counted(&of_b, rest_b));
        let (tail_a, tail_b) = (differs(&of_a, rest_a), differs(&of_b, rest_b));
        !akin(&stem(&tail_a), &stem(&tail_b))
            && !matches!(&kinds, (Some(x), Some(y)) if x != y)
            && a.stems.iter().any(|s| !b.stems.contains(s))
            && b.stems.iter().any(|s| !a.stems.contains(s))
    }
}

/// "The billing desk of the tenant Rook is in Turku", "the tenant Rook has its billing desk in Oulu": how things stand, in
/// the same words in another order but for one name.
pub(super) fn reordered(a: &Features, b: &Features) -> bool {
    let names = |f: &Features| f.values.get(&Value::Name).cloned().unwrap_or_default();
    let (of_a, of_b) = (names(a), names(b));
    let stands = |f: &Features| {
        f.sequence
            .iter()
            .any(|w| matches!(w.as_str(), "is" | "are" | "has" | "have"))
    };
    let same_words = a.subject.len() >= 3
        && a.subject.len() == b.subject.len()
        && a.subject.iter().all(|w| b.subject.iter().any(|x| akin(w, x)));
    same_words
        && stands(a)
        && stands(b)
        && !of_a.is_disjoint(&of_b)
        && of_a.difference(&of_b).count() == 1
        && of_b.difference(&of_a).count() == 1
}

/// "The press runs at 40 sheets an hour, Ida says", "the press runs at 55 sheets an hour, I read it there": alike up to
/// where each has its own value of one kind, whatever comes after.
pub(super) fn run_alike(a: &Features, b: &Features) -> bool {
    let words = |f: &Features| -> Vec<String> {
        let told = f.sequence.iter().filter(|word| !UNHEARD.contains(&word.as_str()));
        told.map(|word| value_form(word)).collect()
    };
    let (of_a, of_b) = (words(a), words(b));
    let same = of_a.iter().zip(&of_b).take_while(|(x, y)| x == y).count();
    let (Some(value_a), Some(value_b)) = (of_a.get(same), of_b.get(same)) else {
        return false;
    };
    let of_kind = |(kind, values): (&Value, &BTreeSet<String>)| {
        values.contains(value_a) && b.values.get(kind).is_some_and(|of_b| of_b.contains(value_b))
    };
    // "The hall holds 240 people": what is counted says that both speak of the same.
    let counted = |(kind, values): (&Value, &BTreeSet<String>)| {
        matches!(kind, Value::Number(unit) if !unit.is_empty()) && of_kind((kind, values))
    };
    same >= 3 && a.values.iter().any(of_kind) || same == 2 && a.values.iter().any(counted)
}

/// Words at the end that say since when.
const TAIL: [&str; 8] = ["on", "onwards", "onward", "from", "today", "instead", "then", "anymore"];

/// Words that two sentences may differ in and still run alike.
const UNHEARD: [&str; 6] = ["now", "please", "the", "our", "a", "an"];
