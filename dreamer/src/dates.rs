//! Relative dates made absolute, by the day on which the words were said.

use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use regex::{Captures, Regex};

use crate::text::clean::pattern;
use crate::text::vocabulary::number;

const DAYS: &str = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues?|wed|thur?s?|fri|sat|sun";
const COUNT: &str = r"\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|sixty|ninety|a couple of|a few|several|half a";

static RELATIVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?ix)
        \b(?:
          (?P<before>the\ day\ before\ yesterday|two\ days\ back)
        | (?P<after>the\ day\ after\ tomorrow|overmorrow)
        | (?P<ago>(?P<agon>{COUNT})\s+(?P<agou>day|week|fortnight|month|year)s?\s+(?:ago|back|earlier))
        | (?P<in>(?:in|within)\s+(?P<inn>{COUNT})\s+(?P<inu>day|week|fortnight|month|year)s?(?:'?\s+time)?\b)
        | (?P<fromnow>(?P<fnn>{COUNT})\s+(?P<fnu>day|week|fortnight|month|year)s?\s+from\s+(?P<fnd>now|today|tomorrow))
        | (?P<weekfrom>a\ week\ (?:from|on)\ (?P<wfd>today|tomorrow|{DAYS}))
        | (?P<end>(?:at\ |by\ |until\ |before\ )?(?P<endpre>the\ )?(?P<endw>end|start|beginning|middle)\ of\ (?P<endq>this|next|last|the)\ (?P<endu>week|month|quarter|year))
        | (?P<unit>(?P<unitq>last|this|next|coming|the\ coming|the\ past)\ (?P<unitu>week|month|quarter|year))
        | (?P<weekday>(?:on\ )?(?P<wdq>last|this\ past|this\ coming|this|next|the\ coming|coming|past)\ (?P<wd>{DAYS})(?P<wdp>\ (?:morning|afternoon|evening|night))?)
        | (?P<onday>(?:on|by|until|till|before|since)\ (?P<od>monday|tuesday|wednesday|thursday|friday|saturday|sunday)(?P<odp>\ (?:morning|afternoon|evening|night))?)
        | (?P<yesterday>yesterday(?:\ (?:morning|afternoon|evening|night))?|last\ night|the\ previous\ day)
        | (?P<tomorrow>tomorrow(?:\ (?:morning|afternoon|evening|night))?)
        | (?P<today>today|tonight|this\ (?:morning|afternoon|evening)|earlier\ today|as\ of\ now|just\ now)
        )\b"
    ))
});

/// The day on which something was said, by UTC.
pub fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// Whether a text speaks of a day relative to when it is said.
pub fn is_relative(text: &str) -> bool {
    RELATIVE.is_match(text)
}

/// Replaces every relative date of `text` by the date it means when said at `said`.
pub fn absolute(text: &str, said: Timestamp) -> String {
    let today = day(said);
    let out = RELATIVE.replace_all(text, |found: &Captures<'_>| {
        let whole = &found[0];
        let start = found.get(0).map_or(0, |m| m.start());
        replacement(found, today, text, start).unwrap_or_else(|| whole.to_owned())
    });
    out.into_owned()
}

fn replacement(found: &Captures<'_>, today: Date, text: &str, start: usize) -> Option<String> {
    let capital = found[0].starts_with(char::is_uppercase);
    let on = |date: Date| Some(with_preposition(&date.to_string(), text, start, capital));
    let get = |name: &str| found.name(name).map(|m| m.as_str().to_lowercase());
    if get("before").is_some() {
        return on(shift(today, -2, "day")?);
    }
    if get("after").is_some() {
        return on(shift(today, 2, "day")?);
    }
    if get("ago").is_some() {
        return about(today, -1, &get("agon")?, &get("agou")?, text, start, capital);
    }
    if get("in").is_some() {
        return about(today, 1, &get("inn")?, &get("inu")?, text, start, capital);
    }
    if get("fromnow").is_some() {
        let base = if get("fnd")? == "tomorrow" {
            shift(today, 1, "day")?
        } else {
            today
        };
        return about(base, 1, &get("fnn")?, &get("fnu")?, text, start, capital);
    }
    if get("weekfrom").is_some() {
        let base = match get("wfd")?.as_str() {
            "today" => today,
            "tomorrow" => shift(today, 1, "day")?,
            name => next_weekday(today, weekday(name)?),
        };
        return on(shift(base, 7, "day")?);
    }
    if get("end").is_some() {
        return end_of(today, &get("endw")?, &get("endq")?, &get("endu")?, &found[0]);
    }
    if get("unit").is_some() {
        return unit(today, &get("unitq")?, &get("unitu")?, text, start, capital);
    }
    if get("weekday").is_some() {
        return named_day(today, &get("wdq")?, &get("wd")?, text, start, capital);
    }
    if get("onday").is_some() {
        return weekday_alone(found, today, text);
    }
    if get("yesterday").is_some() {
        return on(shift(today, -1, "day")?);
    }
    if get("tomorrow").is_some() {
        return on(shift(today, 1, "day")?);
    }
    get("today").and_then(|_| on(today))
}

/// "on Friday" is one day only where the sentence tells of one event; "read-only on Fridays" and "we meet on Friday" stay.
fn weekday_alone(found: &Captures<'_>, today: Date, text: &str) -> Option<String> {
    static FUTURE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:will|going to|'ll|moves?|switch(?:es)?|launch(?:es)?|goes live|ends?|expires?|is (?:due|switched|turned|shut|moved|retired))\b",
        )
    });
    static PAST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:moved|switched|launched|went live|ended|expired|took over|left|joined|migrated|renamed|decided|signed|approved|announced|retired|was|were)\b",
        )
    });
    static HABIT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:every|each|always|never|only|usually|no|not|don't|must|weekly)\b"));
    let day = weekday(&found["od"].to_lowercase())?;
    let word = found[0].split(' ').next()?;
    if HABIT.is_match(text) {
        return None;
    }
    let date = if PAST.is_match(text) {
        previous_weekday(today, day)
    } else if FUTURE.is_match(text) {
        next_weekday(today, day)
    } else {
        return None;
    };
    Some(format!("{word} {date}"))
}

fn named_day(today: Date, which: &str, name: &str, text: &str, start: usize, capital: bool) -> Option<String> {
    let day = weekday(name)?;
    let date = match which {
        "last" | "this past" | "past" => previous_weekday(today, day),
        // "this Friday" said on a Friday is that day.
        "this" if today.weekday() == day => today,
        _ => next_weekday(today, day),
    };
    Some(with_preposition(&date.to_string(), text, start, capital))
}

fn about(today: Date, sign: i64, count: &str, unit: &str, text: &str, start: usize, capital: bool) -> Option<String> {
    let vague = matches!(count, "a couple of" | "a few" | "several");
    let count = match count {
        "a" | "an" => 1,
        "a couple of" => 2,
        "a few" | "several" => 3,
        "half a" => return half(today, sign, unit, text, start, capital),
        word => number(word).unwrap_or(word).parse().ok()?,
    };
    let date = shift(today, sign * count, unit)?;
    if vague {
        let around = if capital { "Around" } else { "around" };
        return Some(format!("{around} {date}"));
    }
    Some(with_preposition(&date.to_string(), text, start, capital))
}

fn half(today: Date, sign: i64, unit: &str, text: &str, start: usize, capital: bool) -> Option<String> {
    let date = match unit {
        "year" => shift(today, sign * 6, "month")?,
        "month" => shift(today, sign * 15, "day")?,
        _ => return None,
    };
    Some(with_preposition(&date.to_string(), text, start, capital))
}

fn shift(date: Date, count: i64, unit: &str) -> Option<Date> {
    let span = match unit {
        "day" => count.days(),
        "week" => count.weeks(),
        "fortnight" => (2 * count).weeks(),
        "month" => count.months(),
        "year" => count.years(),
        _ => return None,
    };
    date.checked_add(span).ok()
}

fn end_of(today: Date, which: &str, when: &str, unit: &str, whole: &str) -> Option<String> {
    let first = first_of(shift_unit(today, when, unit)?, unit)?;
    let next = first_of(shift_unit(first, "next", unit)?, unit)?;
    let (name, date) = match which {
        "end" => ("by", next.yesterday().ok()?),
        "middle" => ("around", shift(first, i64::from((next - first).get_days()) / 2, "day")?),
        _ => ("from", first),
    };
    let lower = whole.to_lowercase();
    let kept = ["until", "before", "by", "at"]
        .into_iter()
        .find(|word| lower.starts_with(word));
    let word = match kept {
        Some("until") => "until",
        Some("before") => "before",
        _ => name,
    };
    let word = if whole.starts_with(char::is_uppercase) {
        capitalised(word)
    } else {
        word.to_owned()
    };
    Some(format!("{word} {date}"))
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn unit(today: Date, which: &str, unit: &str, text: &str, start: usize, capital: bool) -> Option<String> {
    let which = match which {
        "last" | "the past" => "last",
        "this" => "this",
        _ => "next",
    };
    let date = first_of(shift_unit(today, which, unit)?, unit)?;
    let name = match unit {
        "week" => format!("the week of {date}"),
        "month" => format!("{:04}-{:02}", date.year(), date.month()),
        "quarter" => format!("Q{} {}", (date.month() - 1) / 3 + 1, date.year()),
        _ => date.year().to_string(),
    };
    let before = text[..start]
        .trim_end()
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    if matches!(
        before.as_str(),
        "in" | "by" | "until" | "since" | "from" | "during" | "for" | "of" | "before" | "after"
    ) {
        return Some(name);
    }
    Some(format!("{} {name}", if capital { "In" } else { "in" }))
}

fn shift_unit(date: Date, which: &str, unit: &str) -> Option<Date> {
    let count = match which {
        "next" => 1,
        "last" => -1,
        _ => 0,
    };
    if unit == "quarter" {
        shift(date, 3 * count, "month")
    } else {
        shift(date, count, unit)
    }
}

fn first_of(date: Date, unit: &str) -> Option<Date> {
    match unit {
        "week" => shift(date, -i64::from(date.weekday().to_monday_zero_offset()), "day"),
        "month" => Date::new(date.year(), date.month(), 1).ok(),
        "quarter" => Date::new(date.year(), (date.month() - 1) / 3 * 3 + 1, 1).ok(),
        _ => Date::new(date.year(), 1, 1).ok(),
    }
}

/// The date with "on" before it, unless another preposition stands there already.
fn with_preposition(date: &str, text: &str, start: usize, capital: bool) -> String {
    let before = text[..start]
        .trim_end()
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let joined = [
        "on", "by", "until", "till", "since", "from", "before", "after", "of", "for", "at", "as of", "than",
    ];
    if joined.contains(&before.as_str()) {
        return date.to_owned();
    }
    format!("{} {date}", if capital { "On" } else { "on" })
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name.get(..3)? {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

fn next_weekday(today: Date, day: Weekday) -> Date {
    today.nth_weekday(1, day).unwrap_or(today)
}

fn previous_weekday(today: Date, day: Weekday) -> Date {
    today.nth_weekday(-1, day).unwrap_or(today)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A Wednesday.
    fn said(text: &str) -> String {
        absolute(text, "2026-05-13T09:00:00Z".parse().unwrap())
    }

    #[test]
    fn every_way_to_say_a_day() {
        for (text, expected) in [
            ("Yesterday we moved", "On 2026-05-12 we moved"),
            ("it ends the day after tomorrow", "it ends on 2026-05-15"),
            ("Three weeks ago Noor left", "On 2026-04-22 Noor left"),
            ("it ends in a fortnight", "it ends on 2026-05-27"),
            ("two months from now", "on 2026-07-13"),
            ("Last Monday it moved", "On 2026-05-11 it moved"),
            ("it ends next Monday", "it ends on 2026-05-18"),
            ("it ends this coming Friday", "it ends on 2026-05-15"),
            ("valid until next Thursday", "valid until 2026-05-14"),
            ("by the end of the month", "by 2026-05-31"),
            ("at the end of next month", "by 2026-06-30"),
            ("since last week", "since the week of 2026-05-04"),
            ("last month it moved", "in 2026-04 it moved"),
            ("This morning it moved", "On 2026-05-13 it moved"),
            ("it will move on Friday", "it will move on 2026-05-15"),
            ("it is read-only on Fridays", "it is read-only on Fridays"),
            ("we never deploy on Friday", "we never deploy on Friday"),
            ("a week from Monday", "on 2026-05-25"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }
}
