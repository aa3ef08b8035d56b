//! Relative dates made absolute, by the day on which the words were said.

mod calendar;
mod days;
mod form;
mod forms;
mod spans;
#[cfg(test)]
mod tests;
mod until;

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use regex::Captures;

pub(crate) use calendar::{DAY_NAMES, MONTH_NAMES, WEEKDAY, is_weekday};
use calendar::{count, in_week, next_weekday, shift, side, weekday};
use form::Form;
use forms::RELATIVE;
pub(crate) use until::holds_until;

/// The day on which something was said, by UTC.
pub(crate) fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// Whether a text speaks of a day relative to when it is said.
pub(crate) fn is_relative(text: &str) -> bool {
    let said = Timestamp::UNIX_EPOCH;
    RELATIVE.captures_iter(text).any(|found| {
        let form = Form::new(&found, said, text);
        form.is_word() && !form.has("other") && (form.is_on_a_day() || form.replacement().is_some())
    })
}

/// Replaces every relative date of `text`, and a day without a year until which something holds, by the date it means when said at `said`.
pub(crate) fn absolute(text: &str, said: Timestamp) -> String {
    let out = RELATIVE.replace_all(text, |found: &Captures<'_>| {
        let form = Form::new(found, said, text);
        let new = form.is_word().then(|| form.replacement()).flatten();
        new.unwrap_or_else(|| found[0].to_owned())
    });
    until::with_years(&out, day(said))
}

impl Form<'_> {
    /// What the form means, where it means one time.
    fn replacement(&self) -> Option<String> {
        let today = self.today;
        let get = |name: &str| self.get(name);
        if let Some(which) = get("before") {
            return self.on(shift(
                today,
                if which.contains("last") && which.contains("day") {
                    -1
                } else {
                    -2
                },
                "day",
            )?);
        }
        if self.has("after") {
            return self.on(shift(today, 2, "day")?);
        }
        if self.has("nextbut") {
            return self.next_but_one();
        }
        if self.has("other") {
            return Some(self.led("shortly before", &today.to_string()));
        }
        if self.has("sametime") {
            return self.on(shift(today, side(&get("stw")?), &get("stu")?)?);
        }
        if self.has("daysago") {
            return self.days_ago();
        }
        if self.has("ago") {
            return self.ago();
        }
        if self.has("since") {
            return self.since_some_time();
        }
        if self.has("in") {
            return self.in_some_time();
        }
        if self.has("coming") || self.has("past") {
            return self.up_to();
        }
        if self.has("fromnow") {
            return self.some_time_from();
        }
        if self.has("dayweek") {
            let name = get("dwd")?;
            let day = match weekday(&name).filter(|_| !name.starts_with("tom")) {
                Some(day) => next_weekday(today, day),
                None => shift(today, 1, "day")?,
            };
            let day = shift(day, 1, &get("dww")?)?;
            return self.on_or("dwp", day);
        }
        if self.has("dayin") {
            let (weeks, _) = count(&get("din")?)?;
            return self.on(in_week(shift(today, weeks, "week")?, weekday(&get("did")?)?)?);
        }
        if self.has("nth") {
            return self.nth();
        }
        if self.has("end") {
            return self.end_of();
        }
        if self.has("endshort") {
            return self.end_short();
        }
        if self.has("midmonth") {
            return self.middle();
        }
        if self.has("early") {
            return self.early();
        }
        if self.has("month") {
            return self.named_month();
        }
        if self.has("dom") {
            return self.day_number();
        }
        if self.has("domw") {
            return self.day_number_of_month();
        }
        if self.has("dayof") {
            let which = self.first(&["dfq", "dfr"])?;
            let day = weekday(&self.first(&["dfd", "dfe"])?)?;
            let day = in_week(shift(today, side(&which), "week")?, day)?;
            return self.on_or("dfp", day);
        }
        if self.has("weekend") {
            return self.weekend();
        }
        if self.has("weekday") {
            return self.named_day();
        }
        if self.has("unit") {
            return self.unit();
        }
        if self.has("onday") {
            return self.on_day();
        }
        if self.has("bareday") {
            return self.bare_day();
        }
        if self.has("yesterday") {
            return self.on(shift(today, -1, "day")?);
        }
        if self.has("tomorrow") {
            return self.on(shift(today, 1, "day")?);
        }
        let form = get("today")?;
        if form == "as of now" {
            return Some(self.led("as of", &today.to_string()));
        }
        self.on(today)
    }
}
