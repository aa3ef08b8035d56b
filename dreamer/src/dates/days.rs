//! Days by their name or number.

use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use regex::Regex;

use super::calendar::{
    count, day_of_month, first_of, in_week, next_weekday, previous_weekday, shift, side, span_name, weekday,
};
use super::form::{Form, Tense};
use super::forms::{ARE_DONE, RELATIVE, RULED};
use crate::text::clean::pattern;

impl Form<'_> {
    pub(super) fn next_but_one(&self) -> Option<String> {
        let steps = if self.get("nbw")?.starts_with("before") { -2 } else { 2 };
        if let Some(name) = self.get("nbd") {
            let day = weekday(&name)?;
            let date = if steps < 0 {
                shift(previous_weekday(self.today, day), -1, "week")?
            } else {
                shift(next_weekday(self.today, day), 1, "week")?
            };
            return self.on(date);
        }
        let unit = self.get("nbu")?;
        if unit == "weekend" {
            let saturday = in_week(shift(self.today, steps, "week")?, Weekday::Saturday)?;
            return self.on(saturday);
        }
        let first = first_of(shift(self.today, steps, &unit)?, &unit)?;
        Some(self.within(&span_name(first, &unit)))
    }

    pub(super) fn days_ago(&self) -> Option<String> {
        let (weeks, _) = count(&self.get("dan")?)?;
        let name = self.get("dad")?;
        let day = if name.starts_with("weekend") {
            Weekday::Saturday
        } else {
            weekday(&name)?
        };
        let date = if self.get("daw")? == "from now" {
            shift(next_weekday(self.today, day), weeks - 1, "week")?
        } else {
            shift(previous_weekday(self.today, day), 1 - weeks, "week")?
        };
        self.on(date)
    }

    /// "The 14th".
    pub(super) fn day_number(&self) -> Option<String> {
        let number: i8 = self.get("don")?.parse().ok().filter(|n| (1..=31).contains(n))?;
        if let Some(which) = self.get("doq")
            && which != "the"
        {
            return self.number_in_month(&which, number);
        }
        let tense = self
            .tense()
            .filter(|_| !self.again() && self.ends_here() && self.word_after() != "of")?;
        let date = day_of_month(self.today, number, tense == Tense::Behind)?;
        self.on(date)
    }

    pub(super) fn day_number_of_month(&self) -> Option<String> {
        const ORDINALS: [(&str, i8); 9] = [
            ("first", 1),
            ("second", 2),
            ("third", 3),
            ("fourth", 4),
            ("fifth", 5),
            ("tenth", 10),
            ("fifteenth", 15),
            ("twentieth", 20),
            ("thirtieth", 30),
        ];
        let number = match self.get("dwo") {
            Some(word) => ORDINALS.iter().find(|(name, _)| *name == word)?.1,
            None => self.first(&["dwn", "dws"])?.parse().ok()?,
        };
        self.number_in_month(&self.first(&["dwq", "dwr"])?, number)
    }

    pub(super) fn number_in_month(&self, which: &str, number: i8) -> Option<String> {
        let first = first_of(shift(self.today, side(which), "month")?, "month")?;
        self.on(Date::new(first.year(), first.month(), number).ok()?)
    }

    pub(super) fn weekend(&self) -> Option<String> {
        let saturday = in_week(self.today, Weekday::Saturday)?;
        let steps = match self.get("weq") {
            Some(which) if which == "next" => 1,
            Some(which) => side(&which).min(0),
            // "At the weekend" is any, unless something happens then.
            None => {
                let tense = self.tense().filter(|_| {
                    self.has("wep")
                        && self.found[0].to_lowercase().starts_with("over")
                        && !self.again()
                        && !RULED.is_match(self.whole)
                })?;
                if tense == Tense::Behind { -1 } else { 0 }
            }
        };
        let date = shift(saturday, steps, "week")?;
        Some(self.led("on the weekend of", &date.to_string()))
    }

    pub(super) fn named_day(&self) -> Option<String> {
        let which = self.get("wdq")?;
        let day = weekday(&self.get("wd")?)?;
        if self.get("wd")?.ends_with("days") || self.word_after() == "of" {
            return None;
        }
        // "Closed on the last Friday": of the month, unless it is over.
        let of_a_month = which == "last" && self.found[0].to_lowercase().contains("the last");
        if of_a_month && self.tense() != Some(Tense::Behind) {
            return None;
        }
        let date = match which.as_str() {
            _ if side(&which) < 0 => previous_weekday(self.today, day),
            // "this Friday" said on a Friday is that day.
            "this" if self.today.weekday() == day => self.today,
            _ => next_weekday(self.today, day),
        };
        self.on(date)
    }

    /// "on Friday" is one day only where the sentence tells of one event; "read-only on Fridays" and "we meet on Friday"
    /// stay. A limit ("by Friday") is one day unless something holds again and again.
    pub(super) fn on_day(&self) -> Option<String> {
        let day = weekday(&self.get("od")?)?;
        let word = self.get("odw")?;
        if self.again()
            || self.is_every_week_by_its_words()
            || self.in_a_range()
            || self.word_after().starts_with(|c: char| c.is_ascii_digit())
            || self.is_due_of_a_kind()
        {
            return None;
        }
        let tense = self.tense();
        let date = match (word.as_str(), tense) {
            ("since", _) => previous_weekday(self.today, day),
            // "Finished shows are uploaded on Sunday night": again and again.
            ("on", Some(Tense::Behind)) if ARE_DONE.is_match(self.before) => return None,
            ("on" | "after" | "from", Some(Tense::Behind)) if !(word == "on" && RULED.is_match(self.whole)) => {
                previous_weekday(self.today, day)
            }
            ("on", Some(Tense::Ahead)) if !RULED.is_match(self.whole) => next_weekday(self.today, day),
            ("on", _) => return None,
            _ => next_weekday(self.today, day),
        };
        let on = if self.found[0].ends_with(" on")
            || self.found[0].ends_with(" onwards")
            || self.found[0].ends_with(" onward")
        {
            " on"
        } else {
            ""
        };
        Some(format!("{}{on}", self.led(&word, &date.to_string())))
    }

    /// "Reports are due on Friday": of papers that come again and again. "The reports are due on Friday" means one day.
    fn is_due_of_a_kind(&self) -> bool {
        static DUE: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?i)(?:^|[:;,.–—]\s*|\bthat )(?:(?:all|weekly|status|expense|shift|lab|sales) )*(?:reports|time-?sheets|time sheets|updates|rosters|schedules|summaries|logbooks|worksheets|expenses|orders|returns) are(?: \w+ly)?(?: (?:due|payable|expected))?$",
            )
        });
        DUE.is_match(self.before.trim_end())
    }

    /// "The audit is Friday", "monday we switch".
    pub(super) fn bare_day(&self) -> Option<String> {
        const TELLS: [&str; 14] = [
            "is", "was", "are", "due", "starts", "begins", "ends", "expires", "launches", "moves", "deadline",
            "launch", "closes", "opens",
        ];
        let day = weekday(&self.get("bd")?)?;
        let before = self.word_before();
        let starts = self.before.trim().is_empty() || self.before.trim_end().ends_with([',', ':', '(', '–', '—']);
        let ends = self.after.trim().is_empty() || self.after.trim_start().starts_with([',', '.', ';', '!', ')']);
        let placed = TELLS.contains(&before.as_str())
            || starts
            || ends
                && ![
                    "the", "a", "an", "and", "or", "to", "every", "each", "any", "no", "our", "on", "happy",
                ]
                .contains(&before.as_str());
        let alone = self.before.trim().is_empty() && self.after.trim().is_empty();
        // "Between tomorrow and Friday"
        if before == "and"
            && RELATIVE.is_match(self.before)
            && self.before.to_lowercase().contains("between ")
            && !self.in_a_range()
        {
            return Some(next_weekday(self.today, day).to_string());
        }
        if !placed || alone || self.again() || RULED.is_match(self.whole) || self.in_a_range() || !self.ends_here() {
            return None;
        }
        let date = match self.tense()? {
            Tense::Behind => previous_weekday(self.today, day),
            Tense::Ahead => next_weekday(self.today, day),
        };
        self.on(date)
    }
}
