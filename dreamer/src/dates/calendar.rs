//! Days, weeks and months from a day.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::text::vocabulary::number;

/// The days of the week.
pub(crate) const DAY_NAMES: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// A day of the week, in a pattern that takes small letters and capitals for the same.
pub(crate) const WEEKDAY: &str = "(?:mon|tues|wednes|thurs|fri|satur|sun)day";

/// Whether a word in small letters is a day of the week, or says that of many.
pub(crate) fn is_weekday(word: &str) -> bool {
    DAY_NAMES.contains(&word.strip_suffix('s').unwrap_or(word))
}

/// The months.
pub(crate) const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The number that a count says; the second part tells that it was said vaguely.
pub(super) fn count(text: &str) -> Option<(i64, bool)> {
    let text = text.replace('-', " ");
    Some(match text.as_str() {
        "a" | "an" | "a full" | "a good" => (1, false),
        "couple" | "couple of" | "a couple" | "a couple of" => (2, true),
        "a few" | "few" | "several" | "some" => (3, true),
        "a dozen" => (12, false),
        word => match word.split_once(' ') {
            Some((tens, ones)) => (
                number(tens)?.parse::<i64>().ok()? + number(ones)?.parse::<i64>().ok()?,
                false,
            ),
            None => (number(word).unwrap_or(word).parse().ok()?, false),
        },
    })
}

/// A unit by one name.
pub(super) fn unit(name: &str) -> &'static str {
    match name {
        "d" | "day" | "days" => "day",
        "w" | "wk" | "wks" | "week" | "weeks" => "week",
        "fortnight" | "fortnights" => "fortnight",
        "mo" | "mth" | "mths" | "month" | "months" => "month",
        "quarter" | "quarters" => "quarter",
        "yr" | "yrs" | "year" | "years" => "year",
        "h" | "hr" | "hrs" | "hour" | "hours" => "hour",
        "min" | "mins" | "minute" | "minutes" => "minute",
        _ => "workday",
    }
}

pub(super) fn shift(date: Date, count: i64, unit: &str) -> Option<Date> {
    let span = match unit {
        "day" => count.days(),
        "week" => count.weeks(),
        "fortnight" => (2 * count).weeks(),
        "month" => count.months(),
        "quarter" => (3 * count).months(),
        "year" => count.years(),
        "workday" => return work_days(date, count),
        _ => return None,
    };
    date.checked_add(span).ok()
}

fn work_days(date: Date, count: i64) -> Option<Date> {
    let mut date = date;
    let mut left = count.abs();
    while left > 0 {
        date = shift(date, count.signum(), "day")?;
        left -= i64::from(!matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday));
    }
    Some(date)
}

/// The first day of the week, month, quarter or year of a day.
pub(super) fn first_of(date: Date, unit: &str) -> Option<Date> {
    match unit {
        "week" => shift(date, -i64::from(date.weekday().to_monday_zero_offset()), "day"),
        "month" => Date::new(date.year(), date.month(), 1).ok(),
        "quarter" => Date::new(date.year(), (date.month() - 1) / 3 * 3 + 1, 1).ok(),
        _ => Date::new(date.year(), 1, 1).ok(),
    }
}

/// The last day of the span that begins on `first`.
pub(super) fn last_of(first: Date, unit: &str) -> Option<Date> {
    shift(first, 1, unit)?.yesterday().ok()
}

/// -1 for "last", 1 for "next", 0 for "this".
pub(super) fn side(which: &str) -> i64 {
    let has = |words: &[&str]| words.iter().any(|word| which.contains(word));
    if has(&["last", "past", "previous"]) {
        -1
    } else {
        i64::from(has(&["next", "coming", "following"]))
    }
}

pub(super) fn weekday(name: &str) -> Option<Weekday> {
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

pub(super) fn next_weekday(today: Date, day: Weekday) -> Date {
    today.nth_weekday(1, day).unwrap_or(today)
}

pub(super) fn previous_weekday(today: Date, day: Weekday) -> Date {
    today.nth_weekday(-1, day).unwrap_or(today)
}

/// The number of a month by its name, 1 to 12.
pub(super) fn month(name: &str) -> Option<i8> {
    let start = name.get(..3)?;
    let at = MONTH_NAMES
        .iter()
        .position(|month| month[..3].eq_ignore_ascii_case(start))?;
    Some(at as i8 + 1)
}

/// The name of a month.
pub(super) fn month_name(number: i8) -> &'static str {
    MONTH_NAMES[(number - 1).rem_euclid(12) as usize]
}

/// The year of a month that is named without one.
pub(super) fn year_of(today: Date, month: i8, behind: bool) -> i16 {
    match month.cmp(&today.month()) {
        std::cmp::Ordering::Less if !behind => today.year() + 1,
        std::cmp::Ordering::Greater if behind => today.year() - 1,
        _ => today.year(),
    }
}

/// The day of this month with that number, or of the nearest month that has it.
pub(super) fn day_of_month(today: Date, number: i8, behind: bool) -> Option<Date> {
    let first = first_of(today, "month")?;
    let step = if behind { -1 } else { 1 };
    (0..3).find_map(|months| {
        let month = shift(first, step * months, "month")?;
        let date = Date::new(month.year(), month.month(), number).ok()?;
        (if behind { date <= today } else { date >= today }).then_some(date)
    })
}

/// A week, month, quarter or year by its name.
pub(super) fn span_name(first: Date, unit: &str) -> String {
    match unit {
        "week" => format!("the week of {first}"),
        "month" => format!("{:04}-{:02}", first.year(), first.month()),
        "quarter" => format!("Q{} {}", (first.month() - 1) / 3 + 1, first.year()),
        _ => first.year().to_string(),
    }
}

/// That day of the week in which `date` is.
pub(super) fn in_week(date: Date, day: Weekday) -> Option<Date> {
    shift(first_of(date, "week")?, i64::from(day.to_monday_zero_offset()), "day")
}

pub(super) fn middle_of(first: Date, last: Date) -> Option<Date> {
    shift(first, (i64::from((last - first).get_days()) + 1) / 2, "day")
}
