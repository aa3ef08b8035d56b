//! How one text reads in the words of the other: a name that is a plain word there, words that stand there as initials.

use std::collections::BTreeSet;

use crate::text::words::{Features, Value, stem};

/// A text in the words of the other, where those differ.
pub(super) fn in_words_of(text: &Features, other: &Features) -> Option<Features> {
    plain(text, other).or_else(|| shortened(text, other))
}

/// A text whose first word looks like a name, where the other has it as a plain word: "Barley goes to …".
fn plain(text: &Features, other: &Features) -> Option<Features> {
    let first = stem(text.sequence.first()?);
    let named = |f: &Features| f.values.get(&Value::Name).is_some_and(|names| names.contains(&first));
    if !named(text) || named(other) || !other.subject.contains(&first) {
        return None;
    }
    let mut plain = text.clone();
    let names = plain.values.get_mut(&Value::Name)?;
    names.remove(&first);
    if names.is_empty() {
        plain.values.remove(&Value::Name);
    }
    plain.leading.remove(&first);
    plain.head.insert(first.clone());
    plain.subject.insert(first);
    Some(plain)
}

/// A text with the words for which the other has their initials in place of them: "end of day" where that says "EOD".
fn shortened(text: &Features, other: &Features) -> Option<Features> {
    let is_short = |word: &&String| {
        (3..=5).contains(&word.len())
            && word.chars().all(char::is_alphabetic)
            && other.stems.contains(*word)
            && !text.sequence.contains(word)
    };
    other.sequence.iter().filter(is_short).find_map(|word| {
        let initials = |words: &&[String]| words.iter().map(|w| w.chars().next()).eq(word.chars().map(Some));
        let found = text.sequence.windows(word.len()).find(initials)?;
        let spelt: BTreeSet<String> = found.iter().map(|w| stem(w)).collect();
        let mut short = text.clone();
        let in_head = spelt.iter().any(|s| text.head.contains(s));
        for set in [
            &mut short.stems,
            &mut short.subject,
            &mut short.head,
            &mut short.leading,
        ] {
            set.retain(|stem| !spelt.contains(stem));
        }
        for values in short.values.values_mut() {
            values.retain(|value| !spelt.contains(value));
        }
        short.values.retain(|_, values| !values.is_empty());
        short.stems.insert(word.clone());
        short.subject.insert(word.clone());
        if in_head {
            short.head.insert(word.clone());
        }
        Some(short)
    })
}
