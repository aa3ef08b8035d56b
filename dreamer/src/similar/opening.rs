//! Whether two texts say from when the same thing is open. This is said without a word in common beside the thing and the
//! hour, and some of the words say other things elsewhere, so that no list of words of one meaning holds them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::values::values_of_numbers;
use crate::text::words::{Features, akin, stem};

/// "The desk opens at 8", "nobody answers the desk before 8", "desk hours begin at 8": from when something is open, in the
/// words that say it of anything.
pub(super) fn both_open(a: &Features, b: &Features) -> bool {
    static OPENING: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        const WORDS: &str = "open opened opening begins starts staffed manned available reachable attended answers picks \
            hours hour nobody none early earlier morning service";
        WORDS.split_whitespace().map(stem).collect()
    });
    let own = |f: &Features, other: &Features| -> Option<bool> {
        let refuses = f.negative || f.sequence.iter().any(|w| w == "nobody" || w == "none");
        let mut begins = false;
        let numbers = values_of_numbers(f);
        let told = f.stems.iter().filter(|stem| !numbers.contains(*stem));
        for stem in told {
            let opens = OPENING.contains(stem) || refuses && stem == "before";
            begins |= opens;
            if !opens && !other.stems.iter().any(|s| akin(s, stem)) {
                return None;
            }
        }
        Some(begins)
    };
    let of_a = values_of_numbers(a);
    let thing = a.stems.iter().filter(|s| !OPENING.contains(*s) && !of_a.contains(*s));
    thing.into_iter().any(|s| b.stems.iter().any(|t| akin(s, t)))
        && of_a == values_of_numbers(b)
        && own(a, b) == Some(true)
        && own(b, a) == Some(true)
}
