//! Whether one text denies what the other says.

use crate::text::words::Features;

/// The same words with a "no" in one of them, and little else. `shared` is how many stems both have, `over` their part of
/// the smaller text.
pub(super) fn denies(a: &Features, b: &Features, shared: usize, over: f32) -> bool {
    let more = a.stems.len().max(b.stems.len()) - shared;
    a.negative != b.negative && over >= 0.8 && more <= 3 && !hedged(a) && !hedged(b)
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
