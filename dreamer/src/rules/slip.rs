//! A slip that is put right: "sorry, typo, it opens at 7".

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::pronoun;
use crate::text::clean::pattern;
use crate::text::words::{Value, features, value_form};

/// The sentence before as it should have been: the same of the same thing, with another number. What differs in more than
/// the number is no slip of it.
pub(super) fn put_right(text: &str, before: &str) -> Option<String> {
    static SLIP: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:oh|ah|uh|ugh|no|wait|hm+|well|actually)[,.! ]+)*(?:(?:(?:so |very )?sorry|oops|whoops|correction|(?:a |my )?(?:typo|slip)(?: of mine)?|my (?:bad|mistake|fault)|i (?:mistyped|misspoke|was wrong|got (?:it|that) wrong)|(?:that|it)(?:['’]s| is| was) (?:a typo|a slip|my mistake))[,.:;! –—-]+)+(?:it|they|he|she)(?: (?P<verb>[a-z]+)|['’](?P<short>s|re)) (?P<said>.+?)(?: of course)?[.!]*$",
        )
    });
    let Some(found) = SLIP.captures(text) else {
        return with_value(text, before);
    };
    let short = |short: &str| if short.eq_ignore_ascii_case("s") { "is" } else { "are" };
    let verb = found.name("verb").map(|verb| verb.as_str());
    let verb = verb
        .or_else(|| Some(short(found.name("short")?.as_str())))?
        .to_lowercase();
    let words: Vec<&str> = before.trim_end_matches(['.', '!']).split_whitespace().collect();
    let at = words
        .iter()
        .position(|word| word.to_lowercase() == verb)
        .filter(|at| *at > 0)?;
    let old = &words[at + 1..];
    let new: Vec<&str> = found["said"].split_whitespace().collect();
    let numbers = |text: &str| -> BTreeSet<String> {
        let values = features(text, &BTreeSet::new()).values.into_iter();
        values
            .filter(|(kind, _)| matches!(kind, Value::Number(_)))
            .flat_map(|(_, of)| of)
            .collect()
    };
    let (are, were) = (numbers(&new.join(" ")), numbers(&old.join(" ")));
    let bare = |word: &str| value_form(&word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase());
    let alike = |new: &str, old: &str| new == old || are.contains(new) && were.contains(old);
    let mut pairs = new.iter().zip(old).map(|(new, old)| (bare(new), bare(old)));
    let same_but_for_it = new.len() <= old.len() && pairs.all(|(new, old)| alike(&new, &old));
    if are.is_empty() || !are.is_disjoint(&were) || !same_but_for_it || pronoun::points_out(before) {
        return None;
    }
    let rest = &old[new.len()..];
    Some([&words[..=at], &new[..], rest].concat().join(" "))
}

/// "Sorry, 7:30" after "the pool opens at 7": the one number of the sentence before as it should have been.
fn with_value(text: &str, before: &str) -> Option<String> {
    static VALUE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:oh|ah|uh|ugh|no|wait|hm+|well|actually)[,.! ]+)*(?:(?:so |very )?sorry|oops|whoops|correction|(?:a |my )?typo|my (?:bad|mistake)|i mean(?:t)?)[,.:;! –—-]+(?:(?:i mean(?:t)?|make that|at|that['’]s|it['’]s) )?(?P<value>[€$£¥#]?\d[\d.:,]*(?:%|€|£|[a-z]{1,3})?)[.!]*$",
        )
    });
    let found = VALUE.captures(text)?;
    let value = found["value"].trim_end_matches(['.', ',', ':']).to_owned();
    let said = before.trim_end_matches(['.', '!', '…', ' ']);
    let is_number = |word: &str| word.trim_start_matches(SIGNS).starts_with(|c: char| c.is_ascii_digit());
    let words: Vec<&str> = said.split_whitespace().collect();
    let mut numbers = (0..words.len()).filter(|at| is_number(words[*at]));
    let at = numbers.next().filter(|at| *at > 1)?;
    if numbers.next().is_some() || pronoun::points_out(before) {
        return None;
    }
    let right = in_its_place(&value, &words, at)?;
    Some([&words[..at], &[right.as_str()], &words[at + 1..]].concat().join(" "))
}

/// What may stand right before a number.
const SIGNS: [char; 5] = ['€', '$', '£', '¥', '#'];

/// A value as it goes in the place of a word: "950" for "900€" is "950€". None where it is of another sort: "14:30" is no
/// room, and "15%" no number of a house.
fn in_its_place(value: &str, words: &[&str], at: usize) -> Option<String> {
    const BEFORE_A_TIME: [&str; 11] = [
        "at", "until", "till", "from", "before", "after", "by", "since", "around", "about", "to",
    ];
    const AFTER_A_TIME: [&str; 12] = [
        "am", "pm", "on", "in", "every", "each", "and", "but", "daily", "sharp", "o'clock", "because",
    ];
    let old = *words.get(at)?;
    let bare = old.trim_end_matches([',', ';', ':', '.', '!', ')', '"']);
    let number = bare.trim_start_matches(SIGNS);
    let sign = &bare[..bare.len() - number.len()];
    let new = value.trim_start_matches(SIGNS);
    let own_sign = &value[..value.len() - new.len()];
    let unit = unit_of(number);
    let (was, is) = (unit.to_lowercase(), unit_of(new).to_lowercase());
    // "7-9", "4x4": more than one number.
    let several = was.contains(|c: char| c.is_ascii_digit());
    if several || new == number || !own_sign.is_empty() && own_sign != sign {
        return None;
    }
    let is_ordinal = |unit: &str| matches!(unit, "st" | "nd" | "rd" | "th");
    let is_clock = |unit: &str| matches!(unit, "am" | "pm" | "h");
    let next = words.get(at + 1).map(|next| next.to_lowercase());
    let at_a_time = BEFORE_A_TIME.contains(&words[at - 1].to_lowercase().as_str())
        && sign.is_empty()
        && (bare != old || next.as_deref().is_none_or(|next| AFTER_A_TIME.contains(&next)));
    let fits = match (was.as_str(), is.as_str()) {
        ("", "") => true,
        // "At 8 am" has its half of the day already.
        ("", is) => is_clock(is) && at_a_time && !matches!(next.as_deref(), Some("am" | "pm" | "o'clock")) && is != "h",
        (was, "") => !is_ordinal(was),
        (was, is) => was == is || is_ordinal(was) && is_ordinal(is) || is_clock(was) && is_clock(is),
    };
    let is_time = new.contains(':');
    if !fits || is_time && !(number.contains(':') || is_clock(&was) || was.is_empty() && at_a_time) {
        return None;
    }
    // "14:30" is no time of the morning.
    let late = new.split(':').next().and_then(|hour| hour.parse::<u32>().ok()) > Some(12);
    // "Room 12b": the letter tells which room, and counts nothing.
    let lettered = was.len() == 1 && was.chars().all(char::is_alphabetic) && !"hgmlskdw".contains(was.as_str());
    let replaced = lettered || !is.is_empty() || late && matches!(was.as_str(), "am" | "pm") || is_time && was == "h";
    let kept = if replaced { "" } else { unit };
    Some(format!("{sign}{new}{kept}{}", &old[bare.len()..]))
}

/// What stands behind a number in its word: "am", "€".
fn unit_of(number: &str) -> &str {
    number.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ':'))
}

#[cfg(test)]
mod tests {
    use super::put_right;

    #[test]
    fn another_number_takes_its_place() {
        for (before, text, right) in [
            (
                "The mill opens at 8:15",
                "oh sorry, typo, it opens at 9:00.",
                "The mill opens at 9:00",
            ),
            (
                "The tank holds 400 litres in winter.",
                "My mistake, it holds 450 litres!",
                "The tank holds 450 litres in winter",
            ),
            (
                "Rehearsals are in hall 4",
                "Oops, they're in hall 5",
                "Rehearsals are in hall 5",
            ),
            ("The mill opens at 8...", "sorry, 8:15.", "The mill opens at 8:15"),
            ("Dues are 40 crowns a year", "oops, 45!", "Dues are 45 crowns a year"),
            (
                "The bus to Oulu takes 3 hours",
                "Correction: 4",
                "The bus to Oulu takes 4 hours",
            ),
            (
                "The fee is 12 crowns",
                "no, sorry - I was wrong, it's 14 crowns",
                "The fee is 14 crowns",
            ),
            ("The rent is 900€.", "Sorry, 950.", "The rent is 950€"),
            ("The rent is $900 in Oulu", "Sorry, 950.", "The rent is $950 in Oulu"),
            ("The fee is £20", "oops, £25", "The fee is £25"),
            ("The mill opens at 8am.", "Sorry, 9.", "The mill opens at 9am"),
            ("The mill closes at 8pm", "Sorry, 14:30", "The mill closes at 14:30"),
            ("The mill opens at 8", "sorry, 9am", "The mill opens at 9am"),
            ("The mill opens at 8am", "sorry, 8pm", "The mill opens at 8pm"),
            ("The dose is 5mg.", "Sorry, 10.", "The dose is 10mg"),
            ("The dose is 5mg.", "Sorry, 10mg.", "The dose is 10mg"),
            ("The glaze has 12% ash", "Correction: 15", "The glaze has 15% ash"),
            (
                "The lease ends on the 5th of May",
                "oops, 6th",
                "The lease ends on the 6th of May",
            ),
            (
                "The gate is shut at 8, the key is with Ida",
                "Sorry, 9",
                "The gate is shut at 9, the key is with Ida",
            ),
            ("The meeting is in room 12.", "Sorry, 14.", "The meeting is in room 14"),
            ("The meeting is in room 12b.", "Sorry, 14.", "The meeting is in room 14"),
        ] {
            assert_eq!(put_right(text, before).as_deref(), Some(right), "{text}");
        }
    }

    #[test]
    fn what_is_no_slip_of_it() {
        for (before, text) in [
            ("The mill opens at 8:15", "it opens at 9:00"),
            ("The mill opens at 8:15", "sorry, it opens late"),
            ("The mill opens at 8:15", "sorry, it closes at 9:00"),
            ("The mill opens at 8:15", "sorry, it opens for 9 guests"),
            ("The mill opens at 8:15", "sorry, it opens at 8:15 as I said"),
            ("It opens at 8:15", "sorry, it opens at 9:00"),
            // It may be said of an answer in between.
            ("The mill opens at 8:15", "That's wrong, it opens at 9:00"),
            ("The mill is closed", "sorry, it's 9 already"),
            ("The mill is closed", "sorry, 9"),
            ("The mill opens at 8 on 3 days", "sorry, 9"),
            ("The mill opens at 8", "sorry, 2 more things"),
            ("The mill opens at 8", "9"),
            ("The tank holds 400 litres", "sorry, it takes 4 minutes longer"),
            ("The meeting is in room 12.", "Sorry, 14:30."),
            ("The meeting is in room 12.", "Correction: 15%."),
            ("The meeting is in room 12.", "Sorry, 9am."),
            ("The kiln cools after 3 days", "Sorry, 14:30."),
            ("The dose is 5mg.", "Sorry, 10%."),
            ("The lease ends on the 5th of May", "Sorry, 6"),
            ("The shop is open 24/7 now", "Sorry, 9"),
            ("The mill opens at 8 am", "sorry, 9am"),
            ("The box costs $5 for 3 bags", "sorry, 6"),
            ("The bus to Oulu takes 3 hours", "sorry, 4h"),
        ] {
            assert_eq!(put_right(text, before), None, "{before} / {text}");
        }
    }
}
