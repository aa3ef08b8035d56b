//! Until which day something holds, by its own words.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use super::calendar::month;
use super::forms::{AGAIN, BEHIND, MONTHS, NO_PAST};
use crate::text::clean::pattern;

/// "Until 2026-01-20", "till 20 January 2026", "until January 20, 2026", "until 20.1.2026", "until the 20th of January".
static UNTIL: LazyLock<Regex> = LazyLock::new(|| {
    let text = format!(
        r"(?ix)
        (?-u:\b)(?P<lead>until|till|valid\ (?:to|through))\ (?:(?:the|\w+day),?\ )*
        (?: (?P<iso>\d{{4}}-\d\d-\d\d)
          | (?P<dd>\d{{1,2}})\.\ ?(?P<dm>\d{{1,2}})\.\ ?(?P<dy>\d{{4}})
          | (?P<fd>\d{{1,2}})(?:st|nd|rd|th|\.)?\ (?:of\ )?(?P<fm>{MONTHS})(?:\.?,?\ (?P<fy>\d{{4}}))?
          | (?P<sm>{MONTHS})\.?\ (?:the\ )?(?P<sd>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\ (?P<sy>\d{{4}}))?
        )(?-u:\b)"
    );
    pattern(&text)
});

/// The last day until which a text says that something holds, when it was said on a day.
pub(crate) fn holds_until(text: &str, said: Date) -> Option<Date> {
    UNTIL
        .captures_iter(text)
        .filter_map(|found| day_of(&found, text, said))
        .max()
}

/// Puts the year to a day that is named without one: "until 20 Jan" becomes "until 2026-01-20".
pub(super) fn with_years(text: &str, said: Date) -> String {
    let out = UNTIL.replace_all(text, |found: &Captures<'_>| {
        let named = ["iso", "dy", "fy", "sy"].iter().any(|year| found.name(year).is_some());
        let day = (!named).then(|| day_of(found, text, said)).flatten();
        day.map_or_else(|| found[0].to_owned(), |day| format!("{} {day}", &found["lead"]))
    });
    out.into_owned()
}

fn day_of(found: &Captures<'_>, text: &str, said: Date) -> Option<Date> {
    let get = |name: &str| found.name(name).map(|part| part.as_str());
    let number = |name: &str| get(name).and_then(|digits| digits.parse::<i8>().ok());
    if let Some(iso) = get("iso") {
        return iso.parse().ok();
    }
    let day = number("dd").or_else(|| number("fd")).or_else(|| number("sd"))?;
    let month = number("dm").or_else(|| get("fm").or(get("sm")).and_then(month))?;
    if let Some(year) = get("dy").or(get("fy")).or(get("sy")) {
        return Date::new(year.parse().ok()?, month, day).ok();
    }
    if !is_one_to_come(found, text) {
        return None;
    }
    let years = [said.year(), said.year() + 1];
    let mut days = years.into_iter().filter_map(|year| Date::new(year, month, day).ok());
    days.find(|day| *day >= said)
}

/// Whether the next day of that name is meant. "From 1 October until 15 April" and "each year until 30 June" come again,
/// "was closed until 3 January" is over, and "until May 5 people have signed" is no day.
fn is_one_to_come(found: &Captures<'_>, text: &str) -> bool {
    static YEARLY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:from|between|seasonal|seasons?|winters?|summers?|springs?|autumns?|years?|filed|filing|tax(?:es)?|must|(?-i:may)|can|should|not|don['’]?t|only)\b",
        )
    });
    let (start, end) = found.get(0).map_or((0, 0), |whole| (whole.start(), whole.end()));
    let before = &text[..start];
    let joined = before.ends_with(['-', '_', '/', '.', '"', '\'']) || before.matches('`').count() % 2 == 1;
    let goes_on = text[end..].starts_with([':', '/', '-', '_']) || {
        let after = text[end..].trim_start();
        found.name("sd").is_some() && after.starts_with(|c: char| c.is_alphanumeric())
    };
    let no_past: Vec<_> = NO_PAST.find_iter(text).map(|found| found.range()).collect();
    let is_over = BEHIND
        .find_iter(text)
        .any(|found| !no_past.iter().any(|range| range.contains(&found.start())));
    !joined && !goes_on && !is_over && !AGAIN.is_match(text) && !YEARLY.is_match(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn said() -> Date {
        "2026-01-10".parse().unwrap()
    }

    #[test]
    fn a_day_is_known_however_it_is_written() {
        for text in [
            "The code freeze lasts until 2026-01-20",
            "The code freeze lasts until 20 January 2026.",
            "The lift is out of order till January 20, 2026",
            "The discount is valid until Jan. 20th, 2026, they say",
            "The hall is booked until 20.1.2026",
            "The hall is booked until 20. 01. 2026.",
            "The kiln is cold until 20 Jan",
            "Marta is on leave until the 20th of January, then she is back",
            "The oven is away until Tuesday, 20 January",
            "The oven is away until January 20",
        ] {
            assert_eq!(holds_until(text, said()), "2026-01-20".parse().ok(), "{text}");
        }
        for (text, end) in [
            ("The lane is closed until 3 March", "2026-03-03"),
            ("The lane is closed until 20 December", "2026-12-20"),
            ("The lane is closed until 4 January", "2027-01-04"),
            ("The lane is closed until 5 August", "2026-08-05"),
            (
                "The lane was closed until 3 January 2025, now until 4 May 2027",
                "2027-05-04",
            ),
        ] {
            assert_eq!(holds_until(text, said()), end.parse().ok(), "{text}");
        }
    }

    #[test]
    fn what_comes_every_year_or_is_no_day_ends_nothing() {
        for text in [
            "The heating is on from 1 October until 15 April",
            "The pool is closed until 1 May every year",
            "Applications may be handed in until 31 March",
            "The books stay open until 10 pm",
            "We wait until May 5 people have signed",
            "The shop is open until 20:00",
            "The branch `until 20 Jan` is stale",
            "Keep it until release 20.1.2",
            "The lane was closed until 3 January",
            "The lane is closed until 31 February",
        ] {
            assert_eq!(holds_until(text, said()), None, "{text}");
            assert_eq!(with_years(text, said()), text);
        }
    }

    #[test]
    fn a_day_gets_its_year() {
        for (text, dated) in [
            (
                "The code freeze lasts until 20 Jan",
                "The code freeze lasts until 2026-01-20",
            ),
            (
                "Until the 2nd of February, Marta approves deployments",
                "Until 2026-02-02, Marta approves deployments",
            ),
            (
                "The lift is out of order till Mar 3.",
                "The lift is out of order till 2026-03-03.",
            ),
            (
                "The lift is out of order until 20 January 2026",
                "The lift is out of order until 20 January 2026",
            ),
        ] {
            assert_eq!(with_years(text, said()), dated);
        }
    }
}
