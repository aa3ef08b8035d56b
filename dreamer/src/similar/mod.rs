//! Whether two texts say the same, contradict each other, or have nothing to do with one another.
//!
//! Whom it is known from is left out, and each is put in the words of the other (`rewording`). Then the first of these that
//! applies decides:
//!
//! 1. They share no word: two facts. They are word for word the same, both say whom to ask before one thing is changed
//!    (`word_of`), or from which number on it counts (`from`): one.
//! 2. They have other names in front, are on other people of a family (`whose`), each name one more of several (`adding`),
//!    or speak of two things of one kind (`things`), told `apart` by a word: two facts.
//! 3. They give one thing two places, or a price and none (`placed`), two names (`naming`), or two hours at which it ends
//!    (`ending`), or say that it is on and off (`switched`): they contradict each other.
//! 4. Their values differ (`values`): they contradict each other if the subject is the same and they do not tell two
//!    `aspects` of it, and are two facts otherwise.
//! 5. They take one `course` but for a word or a name, or one denies the other (`denial`): they contradict each other.
//! 6. Each has a value that the other lacks: two facts, for one wording would lose it.
//! 7. They share enough words, fewer where they share values, or both say from when a thing is open (`opening`): the same.
//!
//! All others are two facts. `links` are words that may stand in one text alone without telling something of its own.

mod adding;
mod apart;
mod aspects;
mod course;
mod denial;
mod ending;
mod from;
mod links;
mod naming;
mod opening;
mod placed;
mod rewording;
mod switched;
#[cfg(test)]
mod tests;
mod things;
mod values;
mod whose;
mod word_of;

use std::borrow::Cow;
use std::collections::BTreeSet;

use self::adding::add_up;
pub(crate) use self::apart::told_apart;
pub(crate) use self::aspects::of_other_aspects;
use self::course::{parallel, reordered, run_alike};
use self::denial::denies;
pub(crate) use self::denial::{begin_with_others, hedged};
pub(crate) use self::ending::end_otherwise;
use self::from::both_from;
pub(crate) use self::links::DOINGS;
use self::naming::are_named_otherwise;
use self::opening::both_open;
use self::placed::{lie_elsewhere, paid_and_free};
use self::rewording::in_words_of;
use self::switched::switched;
pub(crate) use self::things::of_other_things;
use self::things::{numbered_otherwise, others_of_a_kind};
pub(crate) use self::whose::is_of_family;
use self::whose::of_other_people;
use self::word_of::both_take_the_word_of;
use crate::text::words::{Features, akin};

/// How two facts stand to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Relation {
    /// The same, and how surely.
    Same(f32),
    /// The same subject with another value.
    Contradicts,
    /// Two facts.
    Different,
}

/// Compares two facts.
pub(crate) fn relation(a: &Features, b: &Features) -> Relation {
    // From whom it is known is no part of what is said.
    let (a, b) = (a.claim.as_deref().unwrap_or(a), b.claim.as_deref().unwrap_or(b));
    let (of_a, of_b) = (in_words_of(a, b), in_words_of(b, a));
    compare(of_a.as_ref().unwrap_or(a), of_b.as_ref().unwrap_or(b))
}

fn compare(a: &Features, b: &Features) -> Relation {
    let (shared, over) = overlap(&a.stems, &b.stems);
    if shared == 0 {
        return Relation::Different;
    }
    // The same words: "use two columns" has too few to tell otherwise.
    if a.stems == b.stems && a.values == b.values && a.sequence == b.sequence {
        return Relation::Same(over);
    }
    if both_take_the_word_of(a, b) || both_from(a, b) {
        return Relation::Same(over);
    }
    // Another shelf, another person: names in front say which thing is spoken of.
    if !a.leading.is_empty() && !b.leading.is_empty() && a.leading.is_disjoint(&b.leading) {
        return Relation::Different;
    }
    if numbered_otherwise(a, b)
        || of_other_things(a, b)
        || others_of_a_kind(a, b)
        || of_other_people(a, b)
        || add_up(a, b)
    {
        return Relation::Different;
    }
    if let Some(related) = switched(a, b) {
        return related;
    }
    // Laying both side by side is the dearest, so it comes last.
    match of_one_course(a, b, shared, over) {
        Relation::Different => Relation::Different,
        _ if told_apart(a, b) => Relation::Different,
        related => related,
    }
}

/// How two texts relate that speak of one thing, as far as their words tell.
fn of_one_course(a: &Features, b: &Features, shared: usize, over: f32) -> Relation {
    let values = values::compare(a, b);
    let (about_a, about_b) = subjects(a, b);
    let (subject_shared, subject) = overlap(&about_a, &about_b);
    if lie_elsewhere(a, b) || paid_and_free(a, b) || end_otherwise(a, b) || are_named_otherwise(a, b) {
        return Relation::Contradicts;
    }
    if values.differ {
        let enough = subject_shared >= 1
            && (subject >= 0.5 || (values.opposed && subject >= 0.3) || subject_shared >= 3 || run_alike(a, b));
        return if enough && !of_other_aspects(a, b) {
            Relation::Contradicts
        } else {
            Relation::Different
        };
    }
    if parallel(a, b) || reordered(a, b) || denies(a, b, shared, over) {
        return Relation::Contradicts;
    }
    // Each knows something the other does not: one wording would lose it.
    if !values.only_a.is_empty() && !values.only_b.is_empty() {
        return Relation::Different;
    }
    let least = match values.shared {
        0 => 0.6,
        1 => 0.45,
        _ => 0.34,
    };
    let words = shared - values.shared_numbers.min(shared);
    if values.shared_numbers > 0 && both_open(a, b) {
        return Relation::Same(over);
    }
    let tiny = a.stems.len().min(b.stems.len()) == 1 && a.stems.len() == b.stems.len();
    if over >= least && (words >= 2 || (words >= 1 && values.shared > 0) || (tiny && over >= 1.0)) {
        return Relation::Same(over + 0.1 * values.shared as f32);
    }
    Relation::Different
}

/// What two texts are about. Who is called something and who calls have no more in common than the word.
pub(crate) fn subjects<'a>(a: &'a Features, b: &'a Features) -> (Cow<'a, BTreeSet<String>>, Cow<'a, BTreeSet<String>>) {
    let (of_a, of_b) = told_of(a, b);
    let is_called = |f: &Features| f.sequence.iter().any(|word| word == "called");
    if is_called(a) == is_called(b) {
        return (of_a, of_b);
    }
    let rest =
        |of: &BTreeSet<String>| -> BTreeSet<String> { of.iter().filter(|s| s.as_str() != "call").cloned().collect() };
    (Cow::Owned(rest(&of_a)), Cow::Owned(rest(&of_b)))
}

/// That both tell of the user ties them together only where neither names anything else.
fn told_of<'a>(a: &'a Features, b: &'a Features) -> (Cow<'a, BTreeSet<String>>, Cow<'a, BTreeSet<String>>) {
    let whole = (Cow::Borrowed(&a.subject), Cow::Borrowed(&b.subject));
    if !of_the_user(a) || !of_the_user(b) {
        return whole;
    }
    let rest = |f: &Features| -> BTreeSet<String> { f.subject.iter().filter(|s| *s != USER).cloned().collect() };
    let (of_a, of_b) = (rest(a), rest(b));
    if of_a.is_empty() && of_b.is_empty() {
        whole
    } else {
        (Cow::Owned(of_a), Cow::Owned(of_b))
    }
}

/// Whether a text begins as what people tell of themselves is kept: "the user lives in …", "the user's sister is …".
pub(crate) fn of_the_user(f: &Features) -> bool {
    matches!(f.sequence.as_slice(), [the, user, ..] if the == "the" && user == USER)
}

/// The stem of who tells of themselves.
pub(crate) const USER: &str = "user";

/// Words that join others and say little themselves.
const JOINS: [&str; 5] = ["unless", "behind", "during", "within", "via"];

/// Shared part of the smaller set.
fn overlap(a: &BTreeSet<String>, b: &BTreeSet<String>) -> (usize, f32) {
    let tells = |stem: &&String| !JOINS.contains(&stem.as_str());
    let (of_a, of_b) = (a.iter().filter(tells).count(), b.iter().filter(tells).count());
    let smaller = of_a.min(of_b);
    if smaller == 0 {
        return (0, 0.0);
    }
    let (small, large) = if of_a <= of_b { (a, b) } else { (b, a) };
    let meets =
        |stem: &&String| large.contains(*stem) || large.iter().filter(tells).any(|l| l.len() > 4 && akin(stem, l));
    let shared = small.iter().filter(tells).filter(meets).count();
    (shared, shared as f32 / smaller as f32)
}
