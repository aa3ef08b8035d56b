//! Forget: what fades, what is over, and what must go when there are too many bytes.
//!
//! A fact ages from when it was said, was last read, or, where a Dream found it late, from when memory learned of it.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan};

use crate::dates::{self, day};
use crate::ledger::Known;
use crate::orient::{Fact, Memory};

/// Passing remarks fade after this many days unless they were said or read again.
const PASSING_DAYS: i64 = 30;
/// Weak facts do so after this many.
const WEAK_DAYS: i64 = 120;
/// What holds until a day is still of use for this many days after it.
const OVER_DAYS: i64 = 30;

/// What decay took out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Decayed {
    /// Facts that nobody said or read again for long.
    pub faded: u32,
    /// Facts that were to hold until a day that is long past.
    pub over: u32,
    /// Facts that would go, too, if that were not too many at once.
    pub waiting: u32,
}

impl Decayed {
    /// How many facts went.
    pub(crate) fn count(self) -> u32 {
        self.faded + self.over
    }

    /// Why they went, for the record.
    pub(crate) fn reasons(self) -> impl Iterator<Item = String> {
        let all = [
            (self.faded, "faded, weak and not said or read again"),
            (self.over, "were over, held until a day that is past"),
            (self.waiting, "go later, for that many at once would be too many"),
        ];
        let some = all.into_iter().filter(|(count, _)| *count > 0);
        some.map(|(count, why)| format!("facts that {why}: {count}"))
    }
}

/// Takes out what has faded and what is over, the weakest first and at most so many: whatever the clock says, memory is
/// not emptied at once. Only facts that Dreams keep go, and none in a pinned file.
pub(crate) fn decay(memory: &mut Memory, now: Timestamp, most: u32) -> Decayed {
    let mut out = Decayed::default();
    let mut going = BTreeSet::new();
    for at in ranked(memory).into_iter().rev() {
        let fact = &memory.facts[at];
        let over = is_over(fact, now);
        if !over && !has_faded(&fact.known, now) {
            continue;
        }
        if out.count() == most {
            out.waiting += 1;
            continue;
        }
        *(if over { &mut out.over } else { &mut out.faded }) += 1;
        going.insert(at);
    }
    let mut at = 0..memory.facts.len();
    memory.facts.retain(|_| at.next().is_none_or(|at| !going.contains(&at)));
    out
}

/// Whether a fact was weak, and nobody said or read it again for long.
pub(crate) fn has_faded(known: &Known, now: Timestamp) -> bool {
    let days = match known.importance {
        0..=2 => PASSING_DAYS,
        3 if known.accounts() < 2 => WEAK_DAYS,
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

/// Whether a fact says itself until when it holds, and that is long ago. What a person asked to be remembered stays.
fn is_over(fact: &Fact, now: Timestamp) -> bool {
    if fact.known.mark.asked {
        return false;
    }
    let end = dates::holds_until(&fact.text, day(fact.known.time));
    let last = end.and_then(|end| end.checked_add(OVER_DAYS.days()).ok());
    last.is_some_and(|end| end < day(now))
}

/// How hard a fact holds on: the weakest goes first.
pub(crate) fn strength(fact: &Fact) -> (u8, bool, usize, u32, Timestamp) {
    let known = &fact.known;
    (
        known.importance,
        known.mark.asked,
        known.accounts(),
        known.uses,
        known.time,
    )
}

/// The facts from the one that holds on hardest to the weakest.
pub(crate) fn ranked(memory: &Memory) -> Vec<usize> {
    let mut order: Vec<usize> = (0..memory.facts.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&memory.facts[*a], &memory.facts[*b]);
        strength(b).cmp(&strength(a)).then_with(|| a.text.cmp(&b.text))
    });
    order
}
