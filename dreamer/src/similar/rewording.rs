//! How one text reads in the words of the other: a name that is a plain word there, words that stand there as initials.

use std::collections::BTreeSet;

use super::whose::AS_CALLED;
use crate::text::words::{Features, Value, stem, value_form};

/// A text in the words of the other, where those differ.
pub(super) fn in_words_of(text: &Features, other: &Features) -> Option<Features> {
    type Rewording = fn(&Features, &Features) -> Option<Features>;
    const ALL: [Rewording; 5] = [plain, shortened, joined, with_colon, of_family];
    ALL.iter().fold(None, |changed: Option<Features>, reword| {
        let again = reword(changed.as_ref().unwrap_or(text), other);
        again.or(changed)
    })
}

/// A text with a word in one, where the other writes it so: "check-in" or "time out" where that says "checkin", "timeout".
fn joined(text: &Features, other: &Features) -> Option<Features> {
    let says = |word: &String| other.sequence.contains(word);
    let hyphened = || {
        let word = text
            .sequence
            .iter()
            .find(|word| word.contains('-') && says(&word.replace('-', "")))?;
        let parts = word.split('-').filter(|part| part.len() > 1).map(stem);
        Some((parts.chain([word.clone()]).collect(), word.replace('-', "")))
    };
    let apart = || {
        let whole = |two: &[String]| two.concat();
        // "In" and "to" make "into".
        let two = text
            .sequence
            .windows(2)
            .find(|two| two[0].len() > 2 && says(&whole(two)))?;
        Some((two.iter().map(|word| stem(word)).collect(), whole(two)))
    };
    let (parts, whole) = hyphened().or_else(apart)?;
    Some(with_word(text, &parts, &stem(&whole)))
}

/// A text with the hour as the other writes it: "11.15" where that says "11:15".
fn with_colon(text: &Features, other: &Features) -> Option<Features> {
    let written = |word: &String| {
        let (hour, minute) = word.split_once('.')?;
        let of_the_day = hour.parse::<u8>().is_ok_and(|hour| hour < 24)
            && minute.len() == 2
            && minute.parse::<u8>().is_ok_and(|minute| minute < 60);
        let hour = format!("{hour}:{minute}");
        let hour = other
            .sequence
            .iter()
            .find(|word| value_form(word) == value_form(&hour))?;
        of_the_day.then(|| (value_form(word), value_form(hour)))
    };
    let (as_it_stands, hour) = text.sequence.iter().find_map(written)?;
    Some(with_word(text, &BTreeSet::from([as_it_stands]), &hour))
}

/// A text with "mother" for "mum", where the other says that.
fn of_family(text: &Features, other: &Features) -> Option<Features> {
    let said = |(called, who): &&(&str, &str)| text.stems.contains(*called) && other.stems.contains(*who);
    let (called, who) = AS_CALLED.iter().find(said)?;
    Some(with_word(text, &BTreeSet::from([(*called).to_owned()]), who))
}

/// A text with one word in place of others, wherever these stand.
fn with_word(text: &Features, words: &BTreeSet<String>, one: &str) -> Features {
    let mut changed = text.clone();
    let sets = [
        &mut changed.stems,
        &mut changed.subject,
        &mut changed.head,
        &mut changed.leading,
    ];
    for set in sets.into_iter().chain(changed.values.values_mut()) {
        let before = set.len();
        set.retain(|stem| !words.contains(stem));
        if set.len() < before {
            set.insert(one.to_owned());
        }
    }
    changed
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
