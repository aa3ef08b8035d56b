//! Whom a text is on: who tells it, or somebody of their family. "I'm diabetic" is not "my mother is diabetic".

use super::of_the_user;
use crate::text::words::Features;

/// What children call those who are in front without "my": "mum lives in …".
pub(super) const AS_CALLED: [(&str, &str); 6] = [
    ("mum", "mother"),
    ("mom", "mother"),
    ("dad", "father"),
    ("grandma", "grandmother"),
    ("grandpa", "grandfather"),
    ("granddad", "grandfather"),
];

/// Whether one is on somebody of the family of whom the other is on, or on another of them.
pub(super) fn of_other_people(a: &Features, b: &Features) -> bool {
    match (relative(a), relative(b)) {
        (Some(a), Some(b)) => a != b,
        (Some(_), None) => of_oneself(b),
        (None, Some(_)) => of_oneself(a),
        (None, None) => false,
    }
}

/// "The user's brother …", "our son …".
pub(crate) fn is_of_family(f: &Features) -> bool {
    relative(f).is_some()
}

/// "The user is …", and not "the user's sister is …".
fn of_oneself(f: &Features) -> bool {
    of_the_user(f) && relative(f).is_none()
}

/// Who of a family is in front: "the user's mother …", "our son Eero …".
fn relative(f: &Features) -> Option<&'static str> {
    const FAMILY: [(&str, &str); 38] = [
        ("friend", "friend"),
        ("boss", "boss"),
        ("manager", "boss"),
        ("colleague", "colleague"),
        ("neighbour", "neighbour"),
        ("neighbor", "neighbour"),
        ("dog", "dog"),
        ("cat", "cat"),
        ("mother", "mother"),
        ("mum", "mother"),
        ("mom", "mother"),
        ("father", "father"),
        ("dad", "father"),
        ("parents", "parents"),
        ("sister", "sister"),
        ("brother", "brother"),
        ("wife", "partner"),
        ("husband", "partner"),
        ("spouse", "partner"),
        ("partner", "partner"),
        ("girlfriend", "partner"),
        ("boyfriend", "partner"),
        ("son", "son"),
        ("daughter", "daughter"),
        ("child", "child"),
        ("kids", "children"),
        ("children", "children"),
        ("aunt", "aunt"),
        ("uncle", "uncle"),
        ("cousin", "cousin"),
        ("niece", "niece"),
        ("nephew", "nephew"),
        ("grandmother", "grandmother"),
        ("grandma", "grandmother"),
        ("grandfather", "grandfather"),
        ("grandpa", "grandfather"),
        ("flatmate", "flatmate"),
        ("roommate", "flatmate"),
    ];
    const FRONT: usize = 5;
    let mut words = f.sequence.iter().take(FRONT);
    let first = words.next()?;
    if let Some((_, who)) = AS_CALLED.iter().find(|(name, _)| first == name) {
        return Some(*who);
    }
    if !matches!(first.as_str(), "the" | "my" | "our" | "his" | "her" | "their") {
        return None;
    }
    // "The user prefers her mother's recipes" is on the user.
    let mut words = words.skip_while(|word| first == "the" && matches!(word.as_str(), "user" | "user's"));
    let of_user = first != "the" || f.sequence.get(1).is_some_and(|word| word.starts_with("user"));
    // "My older sister".
    const WHICH: [&str; 14] = [
        "older", "elder", "younger", "oldest", "eldest", "youngest", "big", "little", "twin", "late", "best", "old",
        "former", "new",
    ];
    let found = words.find(|word| !WHICH.contains(&word.as_str())).filter(|_| of_user)?;
    let known = FAMILY
        .iter()
        .find(|(word, _)| found == word || found.strip_suffix("'s") == Some(word));
    known.map(|(_, who)| *who)
}
