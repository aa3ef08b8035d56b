//! Which values two texts share, and where they give different ones of a kind.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::links::{DOINGS, LINKS, says_in_another_word};
use crate::dates::{DAY_NAMES, MONTH_NAMES};
use crate::text::words::{Features, Value, akin, stem, value_form};

/// How the values of two texts stand to each other.
#[derive(Default)]
pub(super) struct Compared {
    /// Names, code and addresses that both have.
    pub(super) shared: usize,
    /// Numbers that both have: too common to tie two facts together.
    pub(super) shared_numbers: usize,
    /// Values that only the first has.
    pub(super) only_a: BTreeSet<String>,
    /// Values that only the second has.
    pub(super) only_b: BTreeSet<String>,
    /// Some kind of value is in both and nothing of it in common.
    pub(super) differ: bool,
    /// They differ as alternatives do.
    pub(super) opposed: bool,
}

pub(super) fn compare(a: &Features, b: &Features) -> Compared {
    let mut out = Compared::default();
    let all = |f: &Features| f.values.values().flatten().cloned().collect::<BTreeSet<_>>();
    let (everything_a, everything_b) = (all(a), all(b));
    for (kind, of_a) in &a.values {
        let common = of_a.iter().filter(|v| everything_b.contains(*v)).count();
        match kind {
            Value::Number(_) => out.shared_numbers += common,
            _ => out.shared += common,
        }
        let Some(of_b) = b.values.get(kind) else { continue };
        if matches!(kind, Value::Number(_)) && of_other_labels(a, b) {
            continue;
        }
        // A value that the other side has as another kind is no difference.
        let common = of_a.iter().any(|v| everything_b.contains(v)) || of_b.iter().any(|v| everything_a.contains(v));
        // "Nothing after eleven" says what "before eleven" says.
        let turned = a.negative != b.negative && of_a.iter().chain(of_b).all(|v| v == "after" || v == "before");
        // "Tuesday and Thursday" against "Tuesday": the days differ even though one is shared.
        if !common && !turned {
            out.differ = true;
            out.opposed |= matches!(kind, Value::Alternative(_));
        }
    }
    // A number without its unit in one of them is still another number.
    let (numbers_a, numbers_b) = (values_of_numbers(a), values_of_numbers(b));
    if !numbers_a.is_empty()
        && !numbers_b.is_empty()
        && numbers_a.is_disjoint(&numbers_b)
        && out.shared == 0
        && !of_other_labels(a, b)
    {
        let units = |f: &Features| {
            f.values
                .keys()
                .filter_map(|k| match k {
                    Value::Number(unit) => Some(unit.clone()),
                    _ => None,
                })
                .collect::<BTreeSet<_>>()
        };
        let (units_a, units_b) = (units(a), units(b));
        out.differ |= !units_a.is_disjoint(&units_b) || units_a.contains("") || units_b.contains("");
    }
    // Of a thing that both name, what it is that lasts so long is to be the same as well.
    let of_one = || out.shared == 0 || a.subject.intersection(&b.subject).count() >= 2;
    out.differ |= numbers_a.is_disjoint(&numbers_b) && last_otherwise(a, b) && of_one() && !of_other_labels(a, b);
    let telling = |f: &Features| {
        let kept = f
            .values
            .iter()
            .flat_map(|(kind, values)| values.iter().map(move |value| (kind, value)))
            .filter(|(kind, value)| !matches!(kind, Value::Alternative(_)) || says_when(value));
        kept.map(|(_, value)| value.clone()).collect::<BTreeSet<_>>()
    };
    out.only_a = telling(a).into_iter().filter(|v| !b.stems.contains(v)).collect();
    out.only_b = telling(b).into_iter().filter(|v| !a.stems.contains(v)).collect();
    out
}

/// "On Mondays", "in March": other alternatives may be said in other words, a day is told by its name alone.
fn says_when(value: &str) -> bool {
    static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let names = DAY_NAMES.iter().chain(&MONTH_NAMES);
        names.map(|name| stem(&name.to_lowercase())).collect()
    });
    NAMES.contains(value)
}

/// The numbers of a text.
pub(super) fn values_of_numbers(f: &Features) -> BTreeSet<String> {
    let numbers = f.values.iter().filter(|(kind, _)| matches!(kind, Value::Number(_)));
    numbers.flat_map(|(_, values)| values.iter().cloned()).collect()
}

/// "Python 3.12", "port 8080": whether the numbers of a text are those of something that the other does not speak of.
fn of_other_labels(a: &Features, b: &Features) -> bool {
    let labelled = |f: &Features, other: &Features| {
        let numbers = values_of_numbers(f);
        // "After an hour", "until 5": when, and no label.
        let says_when = |label: &String| {
            let mut kinds = f
                .values
                .iter()
                .filter(|(kind, _)| matches!(kind, Value::Alternative(_)));
            kinds.any(|(_, values)| values.contains(label))
        };
        let mut at = f
            .sequence
            .iter()
            .enumerate()
            .filter(|(_, w)| numbers.contains(&value_form(w)))
            .peekable();
        at.peek().is_some()
            && at.all(|(at, _)| {
                let before = at.checked_sub(1).map(|before| stem(&f.sequence[before]));
                before.is_some_and(|label| {
                    f.stems.contains(&label)
                        && !numbers.contains(&label)
                        && !says_when(&label)
                        && !DOINGS.contains(&label.as_str())
                        && !LINKS.contains(&label)
                        && !other.stems.iter().any(|s| akin(s, &label))
                        && !says_in_another_word(&label, &other.stems)
                })
            })
    };
    labelled(a, b) && !in_common_units(a, b) || labelled(b, a) && !in_common_units(a, b)
}

/// Whether both count the same.
fn in_common_units(a: &Features, b: &Features) -> bool {
    let counts = |kind: &&Value| matches!(kind, Value::Number(unit) if !unit.is_empty());
    a.values.keys().filter(counts).any(|kind| b.values.contains_key(kind))
}

/// "48 hours" and "one week", "three months" and "six weeks" are two answers; "14 days" and "two weeks", or "30 days" and "a
/// month", are one.
fn last_otherwise(a: &Features, b: &Features) -> bool {
    let (of_a, of_b) = (spans_of_time(a), spans_of_time(b));
    let alike = |x: u64, y: u64| x.abs_diff(y) * 10 <= x.max(y);
    !of_a.is_empty() && !of_b.is_empty() && !of_a.iter().any(|x| of_b.iter().any(|y| alike(*x, *y)))
}

/// Stems of the units of time, and their seconds.
const SPANS: [(&str, u64); 7] = [
    ("second", 1),
    ("minute", 60),
    ("hour", 3600),
    ("day", 86_400),
    ("week", 604_800),
    ("month", 2_629_800),
    ("year", 31_557_600),
];

/// Whether a stem is a unit of time.
pub(super) fn is_span(stem: &str) -> bool {
    SPANS.iter().any(|(name, _)| *name == stem)
}

/// Lengths of time, in seconds.
fn spans_of_time(f: &Features) -> BTreeSet<u64> {
    let spans = f.values.iter().filter_map(|(kind, values)| {
        let Value::Number(unit) = kind else { return None };
        let (_, seconds) = SPANS.iter().find(|(name, _)| name == unit)?;
        Some(
            values
                .iter()
                .filter_map(move |v| v.parse::<u64>().ok()?.checked_mul(*seconds)),
        )
    });
    spans.flatten().collect()
}
