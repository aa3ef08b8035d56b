//! Whether one text denies what the other says.

use crate::text::vocabulary::{self, STOP};
use crate::text::words::{Features, NEGATIONS, akin, stem};

/// The same words with a "no" in one of them, and little else. `shared` is how many stems both have, `over` their part of
/// the smaller text.
pub(super) fn denies(a: &Features, b: &Features, shared: usize, over: f32) -> bool {
    let more = a.stems.len().max(b.stems.len()) - shared;
    let (no, yes) = if a.negative { (a, b) } else { (b, a) };
    a.negative != b.negative
        && over >= 0.8
        && more <= 3
        && !hedged(a)
        && !hedged(b)
        && !forbids_another(no, yes)
        && !begin_with_others(no, yes)
}

/// "Ida no longer reviews …": of what Bob does that says nothing.
pub(crate) fn begin_with_others(a: &Features, b: &Features) -> bool {
    let first = |f: &Features| {
        let word = f.sequence.first()?;
        let names = !STOP.contains(word.as_str()) && !NEGATIONS.contains(&word.as_str()) && !vocabulary::is_verb(word);
        names.then(|| stem(word))
    };
    let said = |word: &String, f: &Features| f.stems.iter().any(|other| akin(word, other));
    match (first(a), first(b)) {
        (Some(of_a), Some(of_b)) => !said(&of_a, b) && !said(&of_b, a),
        _ => false,
    }
}

/// "The boards come from Larch, don't paint them over" beside "boards come from Larch": what is forbidden after all that
/// both say is another thing, done to it, or at that time.
fn forbids_another(no: &Features, yes: &Features) -> bool {
    let orders = |word: &String| matches!(word.as_str(), "don't" | "dont" | "never");
    let Some(at) = no.sequence.iter().position(orders) else {
        return false;
    };
    let said = |word: &&String| yes.stems.iter().any(|other| akin(other, &stem(word)));
    let tells = |word: &&String| !STOP.contains(word.as_str()) && !NEGATIONS.contains(&word.as_str());
    let (before, after) = (&no.sequence[..at], &no.sequence[at + 1..]);
    let them = after
        .iter()
        .any(|word| matches!(word.as_str(), "it" | "them" | "that" | "those" | "then" | "there"));
    let again = after
        .iter()
        .any(|word| matches!(word.as_str(), "anymore" | "longer" | "more" | "do" | "use"));
    them && !again
        && before.iter().filter(tells).count() >= 2
        && after.iter().any(|word| tells(&word))
        && !after.iter().filter(tells).any(|word| said(&word))
}

/// "never outside of", "not without": a "no" that says the same as "only".
pub(crate) fn hedged(f: &Features) -> bool {
    f.sequence.iter().any(|w| {
        matches!(
            w.as_str(),
            "outside" | "except" | "unless" | "without" | "other" | "only" | "until" | "before" | "but" | "instead"
        )
    })
}
