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
            r"(?i)^(?:(?:oh|ah|uh|ugh|no|wait|hm+|well|actually)[,.! ]+)*(?:(?:so |very )?sorry|oops|whoops|correction|(?:a |my )?typo|my (?:bad|mistake)|i mean(?:t)?)[,.:;! –—-]+(?:(?:i mean(?:t)?|make that|at|that['’]s|it['’]s) )?(?P<value>\d[\d.:,]*(?:%|h|am|pm)?)[.!]*$",
        )
    });
    let found = VALUE.captures(text)?;
    let value = found["value"].trim_end_matches(['.', ',', ':']).to_owned();
    let said = before.trim_end_matches(['.', '!', '…', ' ']);
    let is_number = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
    let words: Vec<&str> = said.split_whitespace().collect();
    let mut numbers = words.iter().enumerate().filter(|(_, word)| is_number(word));
    let (at, old) = numbers.next().filter(|(at, _)| *at > 1)?;
    if numbers.next().is_some() || *old == value || pronoun::points_out(before) {
        return None;
    }
    Some([&words[..at], &[value.as_str()], &words[at + 1..]].concat().join(" "))
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
        ] {
            assert_eq!(put_right(text, before), None, "{before} / {text}");
        }
    }
}
