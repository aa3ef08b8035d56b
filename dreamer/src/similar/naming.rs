//! Whether two texts say what one thing is called, each in another way: "the queue is called a", "the name of the queue is b".

use crate::text::vocabulary::STOP;
use crate::text::words::{Features, akin, stem};

/// What a text says a thing is called.
struct Named {
    /// The thing, as stems.
    thing: Vec<String>,
    name: String,
}

pub(super) fn are_named_otherwise(a: &Features, b: &Features) -> bool {
    let (Some(of_a), Some(of_b)) = (named(a), named(b)) else {
        return false;
    };
    let all_in = |x: &[String], y: &[String]| x.iter().all(|word| y.iter().any(|other| akin(word, other)));
    all_in(&of_a.thing, &of_b.thing) && all_in(&of_b.thing, &of_a.thing) && of_a.name != of_b.name
}

fn named(f: &Features) -> Option<Named> {
    let words: Vec<&str> = f.sequence.iter().map(String::as_str).collect();
    let is = |word: &str| matches!(word, "is" | "are");
    let at = words.iter().position(|word| is(word)).filter(|_| !f.negative)?;
    let (before, after) = (&words[..at], &words[at + 1..]);
    let ((thing, ["called" | "named", name @ ..])
    | (["the" | "our", "name", "of", thing @ ..] | [thing @ .., "name"], name)) = (before, after)
    else {
        return None;
    };
    let thing: Vec<String> = thing
        .iter()
        .filter(|word| !STOP.contains(**word))
        .map(|word| stem(word))
        .collect();
    let name = *name.iter().find(|word| !STOP.contains(**word))?;
    (!thing.is_empty()).then(|| Named {
        thing,
        name: name.to_owned(),
    })
}
