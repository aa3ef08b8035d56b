//! Whether two texts say that somebody has to be asked before the same thing is changed. "Ask Ida before you merge …", "no
//! change without Ida's OK" and "Ida signs off every change" have few words in common beside the thing and the person.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::values::values_of_numbers;
use crate::text::words::{Features, Value, akin, stem};

/// Words of asking somebody, and of what is done to a thing that somebody watches over.
static AROUND: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    const WORDS: &str = "ask sign check talk ping consult clear before without approve ok okay word say consent look eye eyes \
        see sees blessing nod change merge touch edit alter modify adjust something anything nothing job jobs go goes agree agrees \
        first until unless signature";
    WORDS.split_whitespace().map(stem).collect()
});

/// Words of spending: beside a sum they name no thing.
static SPENDING: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    const WORDS: &str = "buy order spend costs expense price amount sum euro dollar franc pound above beyond over exceeding \
        whatever whenever whoever everything";
    WORDS.split_whitespace().map(stem).collect()
});

/// Whether both say that the same person has to agree to changes of the same thing.
pub(super) fn both_take_the_word_of(a: &Features, b: &Features) -> bool {
    let names = |f: &Features, other: &Features| {
        let named = |f: &Features| f.values.get(&Value::Name).cloned().unwrap_or_default();
        // A name in small letters is known by the other text.
        let mut names = named(f);
        if names.is_empty() {
            names = named(other);
            names.retain(|name| f.stems.contains(name));
        }
        names
    };
    let (of_a, of_b) = (names(a, b), names(b, a));
    let sums = values_of_numbers(a);
    let thing = |f: &Features, names: &BTreeSet<String>| -> Vec<String> {
        let told = f.stems.iter().filter(|stem| !names.contains(*stem));
        told.filter(|stem| !AROUND.contains(*stem) && (sums.is_empty() || !SPENDING.contains(*stem)))
            .cloned()
            .collect()
    };
    let (thing_a, thing_b) = (thing(a, &of_a), thing(b, &of_b));
    let within = |x: &[String], y: &[String]| x.iter().all(|word| y.iter().any(|other| akin(word, other)));
    of_a == of_b
        && of_a.len() == 1
        && sums == values_of_numbers(b)
        && !thing_a.is_empty()
        && !thing_b.is_empty()
        && within(&thing_a, &thing_b)
        && within(&thing_b, &thing_a)
        && takes_a_word(a)
        && takes_a_word(b)
}

/// "Ask Ida before …", "no … without Ida", "Ida approves …", "… needs a look by Ida".
fn takes_a_word(f: &Features) -> bool {
    const ASKS: [&str; 7] = ["ask", "check", "talk", "ping", "consult", "clear", "contact"];
    const LOOKS: [&str; 10] = [
        "look",
        "ok",
        "okay",
        "eyes",
        "nod",
        "blessing",
        "consent",
        "word",
        "signature",
        "approval",
    ];
    const NEEDS: [&str; 6] = ["need", "needs", "want", "wants", "require", "requires"];
    let has = |words: &[&str]| f.sequence.iter().any(|word| words.contains(&word.as_str()));
    let first = f.sequence.first().map(String::as_str).unwrap_or_default();
    let whole = has(&[
        "every",
        "all",
        "any",
        "each",
        "change",
        "changes",
        "before",
        "anything",
        "everything",
        "whatever",
        "above",
        "over",
        "beyond",
    ]);
    let forbids = matches!(first, "no" | "nothing" | "never" | "nobody" | "don't");
    if f.negative && !forbids {
        return false;
    }
    if forbids {
        let asks = f.sequence.get(1).is_some_and(|second| ASKS.contains(&second.as_str()));
        return !asks && has(&["without", "until", "unless"]);
    }
    ASKS.contains(&first) && has(&["before"])
        || first == "get" && has(&["sign", "approve", "ok", "check", "review"])
        || f.stems.contains(&stem("approves")) && whole
        || has(&NEEDS) && has(&LOOKS)
}
