//! Whether two texts give one thing two places, or ask a price for what the other gives away.

use std::collections::BTreeSet;

use crate::text::vocabulary::STOP;
use crate::text::words::{Features, Value, akin, stem};

/// "The press stands in hall 2" and "the press is kept at the mill": a thing is in one place at a time.
pub(super) fn lie_elsewhere(a: &Features, b: &Features) -> bool {
    let (Some((thing_a, place_a)), Some((thing_b, place_b))) = (place_of(a), place_of(b)) else {
        return false;
    };
    let all_in = |x: &[String], y: &[String]| x.iter().all(|word| y.iter().any(|other| akin(word, other)));
    all_in(&thing_a, &thing_b)
        && all_in(&thing_b, &thing_a)
        && !place_a.iter().any(|word| place_b.iter().any(|other| akin(word, other)))
}

/// What a text places, and where: both as stems.
fn place_of(f: &Features) -> Option<(Vec<String>, Vec<String>)> {
    const LIES: [&str; 24] = [
        "lies", "lie", "stands", "stand", "sits", "sit", "hangs", "hang", "stored", "kept", "parked", "moored",
        "docked", "berthed", "housed", "located", "placed", "stowed", "stabled", "garaged", "anchored", "leans",
        "stacked", "shelved",
    ];
    const AT: [&str; 14] = [
        "at", "in", "on", "under", "behind", "beside", "near", "inside", "above", "below", "by", "next", "opposite",
        "between",
    ];
    let at = f.sequence.iter().position(|word| LIES.contains(&word.as_str()))?;
    let from = f
        .sequence
        .get(at + 1)
        .filter(|word| AT.contains(&word.as_str()))
        .map(|_| at + 2)?;
    let tells = |word: &&String| !STOP.contains(word.as_str());
    let thing: Vec<String> = f.sequence[..at].iter().filter(tells).map(|word| stem(word)).collect();
    // A place ends where the sentence goes on.
    let goes_on = |word: &&String| {
        !matches!(
            word.as_str(),
            "and" | "but" | "so" | "because" | "since" | "until" | "when" | "if"
        )
    };
    let place: Vec<String> = f.sequence[from..]
        .iter()
        .take_while(goes_on)
        .filter(tells)
        .take(3)
        .map(|word| stem(word))
        .collect();
    // "Kept on Mondays": when, and not where.
    let of_a_row = |word: &String| {
        f.values
            .iter()
            .any(|(kind, of)| matches!(kind, Value::Alternative(_)) && of.contains(word))
    };
    let told = (1..=3).contains(&thing.len()) && !place.is_empty() && !f.negative && !place.iter().any(of_a_row);
    told.then_some((thing, place))
}

/// "The tram costs 2 francs" and "the tram is free": of one thing, with nothing said that tells two cases apart.
pub(super) fn paid_and_free(a: &Features, b: &Features) -> bool {
    a.negative == b.negative && (is_against(a, b) || is_against(b, a))
}

fn is_against(paid: &Features, free: &Features) -> bool {
    const MONEY: [&str; 14] = [
        "euro", "euros", "eur", "dollar", "dollars", "franc", "francs", "chf", "pounds", "gbp", "usd", "crowns",
        "kroner", "cents",
    ];
    const FREE: [&str; 3] = ["free", "gratis", "nothing"];
    const PAYS: [&str; 22] = [
        "need", "needs", "ticket", "tickets", "pay", "pays", "cost", "costs", "price", "fee", "charge", "charged",
        "travel", "travels", "ride", "rides", "go", "goes", "enter", "enters", "get", "charges",
    ];
    let pays = paid.sequence.iter().any(|word| MONEY.contains(&word.as_str()))
        && paid.values.keys().any(|kind| matches!(kind, Value::Number(_)));
    let gives = free.sequence.iter().any(|word| FREE.contains(&word.as_str()))
        && !free.values.keys().any(|kind| matches!(kind, Value::Number(_)));
    if !pays || !gives {
        return false;
    }
    let told = |f: &Features| -> Vec<String> {
        let word = |word: &&String| {
            let word = word.as_str();
            !STOP.contains(word)
                && !word.starts_with(|c: char| c.is_ascii_digit())
                && ![&MONEY[..], &FREE[..], &PAYS[..]]
                    .iter()
                    .any(|known| known.contains(&word))
        };
        f.sequence.iter().filter(word).map(|word| stem(word)).collect()
    };
    let (of_paid, of_free) = (told(paid), told(free));
    let Some((thing, rest)) = of_paid.split_first() else {
        return false;
    };
    let days = |f: &Features| -> BTreeSet<String> {
        let rows = f
            .values
            .iter()
            .filter(|(kind, _)| matches!(kind, Value::Alternative(_)));
        rows.flat_map(|(_, of)| of.iter().filter(|word| told(f).contains(word)).cloned())
            .collect()
    };
    let shared = rest
        .iter()
        .filter(|word| of_free.iter().any(|other| akin(word, other)))
        .count();
    of_free.first().is_some_and(|first| akin(first, thing))
        && days(paid) == days(free)
        && (shared > 0 || rest.is_empty() || of_free.len() == 1)
}
