//! Forget: what fades, and what must go when there are too many bytes.
//!
//! A fact ages from when it was said, was last read, or, where a Dream found it late, from when memory learned of it.

use jiff::{Timestamp, ToSpan};

use crate::orient::{Fact, Memory};

/// Passing remarks fade after this many days unless they were said or read again.
const PASSING_DAYS: i64 = 30;
/// Weak facts do so after this many.
const WEAK_DAYS: i64 = 120;

/// Takes out what has faded. Only facts that Dreams keep fade.
pub fn decay(memory: &mut Memory, now: Timestamp) -> u32 {
    let before = memory.facts.len();
    memory.facts.retain(|fact| !has_faded(fact, now));
    (before - memory.facts.len()) as u32
}

fn has_faded(fact: &Fact, now: Timestamp) -> bool {
    let known = &fact.known;
    let days = match known.importance {
        0..=2 => PASSING_DAYS,
        3 if known.sources.len() < 2 => WEAK_DAYS,
        _ => return false,
    };
    let last = [known.used, known.learned]
        .into_iter()
        .flatten()
        .fold(known.time, Timestamp::max);
    // Each time it was read it lasts as long again, up to a year.
    let lasts = (days * (1 + i64::from(known.uses.min(8)))).min(365);
    last.checked_add((24 * lasts).hours()).is_ok_and(|end| end < now)
}

/// How hard a fact holds on: the weakest goes first.
pub fn strength(fact: &Fact) -> (u8, bool, usize, u32, Timestamp) {
    let known = &fact.known;
    (
        known.importance,
        known.mark.asked,
        known.sources.len(),
        known.uses,
        known.time,
    )
}

/// The facts from the one that holds on hardest to the weakest.
pub fn ranked(memory: &Memory) -> Vec<usize> {
    let mut order: Vec<usize> = (0..memory.facts.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&memory.facts[*a], &memory.facts[*b]);
        strength(b).cmp(&strength(a)).then_with(|| a.text.cmp(&b.text))
    });
    order
}
