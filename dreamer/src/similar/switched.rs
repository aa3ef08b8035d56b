//! Whether two texts say of one thing that it is on, and that it is off: both words are else too small to tell anything.

use super::Relation;
use crate::text::vocabulary::STOP;
use crate::text::words::{Features, akin, stem};

/// That a text says of a thing whether it is on.
struct Switch {
    is_on: bool,
    /// The thing, as stems.
    thing: Vec<String>,
    /// Where or when, as stems.
    case: Vec<String>,
}

/// How two texts relate of which one says that a thing is on and the other that it is off. Of two cases both hold.
pub(super) fn switched(a: &Features, b: &Features) -> Option<Relation> {
    let (of_a, of_b) = (switch(a)?, switch(b)?);
    let all_in = |x: &[String], y: &[String]| x.iter().all(|word| y.iter().any(|other| akin(word, other)));
    let alike = |x: &[String], y: &[String]| all_in(x, y) && all_in(y, x);
    if of_a.is_on == of_b.is_on || !alike(&of_a.thing, &of_b.thing) {
        return None;
    }
    Some(if alike(&of_a.case, &of_b.case) {
        Relation::Contradicts
    } else {
        Relation::Different
    })
}

fn switch(f: &Features) -> Option<Switch> {
    const BEFORE: [&str; 14] = [
        "is", "are", "stays", "stay", "remains", "remain", "turned", "switched", "be", "left", "kept", "always", "set",
        "goes",
    ];
    // "On the shelf", "off the road": where something is.
    const AFTER: [&str; 14] = [
        "in",
        "for",
        "by",
        "at",
        "until",
        "during",
        "when",
        "while",
        "overnight",
        "everywhere",
        "unless",
        "except",
        "from",
        "between",
    ];
    let words = &f.sequence;
    let at = (1..words.len()).find(|at| {
        matches!(words[*at].as_str(), "on" | "off")
            && BEFORE.contains(&words[at - 1].as_str())
            && words.get(at + 1).is_none_or(|next| AFTER.contains(&next.as_str()))
    })?;
    let told = |words: &[String]| -> Vec<String> {
        let telling = words
            .iter()
            .filter(|word| !STOP.contains(word.as_str()) && !BEFORE.contains(&word.as_str()));
        telling.map(|word| stem(word)).collect()
    };
    let thing = told(&words[..at]);
    (!f.negative && !thing.is_empty()).then(|| Switch {
        is_on: words[at] == "on",
        thing,
        case: told(&words[at + 1..]),
    })
}
