//! Spans of time before and after a day: weeks, months, quarters, years and their ends.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use regex::Regex;

use super::calendar::{
    DAY_NAMES, count, first_of, last_of, middle_of, month, month_name, next_weekday, previous_weekday, shift, side,
    span_name, unit, weekday, year_of,
};
use super::day;
use super::form::{Form, Tense};
use super::forms::{AHEAD, BEHIND, NO_PAST, ONCE, PERFECT, RULED};
use crate::text::clean::pattern;

impl Form<'_> {
    pub(super) fn ago(&self) -> Option<String> {
        let name = self.get("agou")?;
        let unit = unit(&name);
        if name.len() < 3 && !self.get("agon")?.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        if self.found[0].to_lowercase().ends_with("earlier") && self.word_after() == "than" {
            return None;
        }
        if matches!(unit, "hour" | "minute") {
            let (n, _) = count(self.get("agon")?.trim_start_matches("half ")).unwrap_or((1, true));
            let span = if unit == "hour" { n.hours() } else { n.minutes() };
            return self.on(day(self.said.checked_sub(span).ok()?));
        }
        let Some(point) = self.get("agox") else {
            return self.about(
                self.today,
                -1,
                &self.get("agon")?,
                self.get("agon2").as_deref(),
                unit,
                self.has("agoh"),
            );
        };
        let (n, _) = count(&self.get("agon")?)?;
        let name = point.trim_start_matches("on ").trim_start_matches("last ");
        let base = match weekday(name).filter(|_| !name.starts_with("tom")) {
            Some(day) => previous_weekday(self.today, day),
            None if name.starts_with("today") => self.today,
            None => shift(self.today, if name.starts_with('y') { -1 } else { 1 }, "day")?,
        };
        self.on(shift(base, -n, unit)?)
    }

    /// "Since three days the gate is shut": for so long. "Since three days are enough" says why.
    pub(super) fn since_some_time(&self) -> Option<String> {
        const BEGINS: [&str; 16] = [
            "", "now", "already", "the", "our", "we", "my", "his", "her", "their", "it", "they", "he", "she", "i",
            "all",
        ];
        let word = self.word_after();
        if !self.has("sia") && !word.starts_with(char::is_uppercase) && !BEGINS.contains(&word) {
            return None;
        }
        let (n, vague) = count(&self.get("sin")?)?;
        let date = shift(self.today, -n, unit(&self.get("siu")?))?;
        let about = if vague { "about " } else { "" };
        Some(self.led("since", &format!("{about}{date}")))
    }

    /// "The guild pays in 60 days": how long it takes each time; "will pay in 60 days" is said of once.
    fn pays(&self) -> bool {
        static PAYS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:pays?|payable|settles?)\s*$"));
        static ONE_DAY: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?i)(?:\b(?:will|would|to|must|should|shall|can|could|may|might|let's)|['’](?:ll|d)) (?:\w+ )?\w+\s*$",
            )
        });
        PAYS.is_match(self.before) && !ONE_DAY.is_match(self.before)
    }

    pub(super) fn in_some_time(&self) -> Option<String> {
        const COUNTED: [&str; 9] = ["once", "twice", "times", "time", "hours", "days", "percent", "per", "%"];
        const MEASURED: [&str; 6] = ["of", "after", "from", "before", "per", "or"];
        let unit = unit(&self.get("inu")?);
        let n = self.get("inn")?;
        let short = matches!(unit, "hour" | "minute");
        // "Sales rose in two months", "it deletes 20 files in a day" tell how long, not when.
        let long = unit == "day" && matches!(n.as_str(), "a" | "one") || self.took();
        if self.again()
            || long
            || n == "some"
            || COUNTED.contains(&self.word_before().as_str())
            || MEASURED.contains(&self.word_after().to_lowercase().as_str())
            || short && !self.before.trim().is_empty()
            || self.pays()
        {
            return None;
        }
        if self.get("inp")? == "within" {
            let once = ONCE.is_match(self.whole) && !RULED.is_match(self.whole);
            let (n, _) = count(&n).filter(|_| once)?;
            return Some(self.led("by", &shift(self.today, n, unit)?.to_string()));
        }
        if short {
            let (n, _) = count(n.trim_start_matches("half ")).unwrap_or((1, true));
            let span = if unit == "hour" { n.hours() } else { n.minutes() };
            return self.on(day(self.said.checked_add(span).ok()?));
        }
        self.about(self.today, 1, &n, self.get("inn2").as_deref(), unit, self.has("inh"))
    }

    /// A verb of the past before it, and nothing that lies ahead.
    pub(super) fn took(&self) -> bool {
        let told: Vec<_> = NO_PAST.find_iter(self.before).map(|m| m.range()).collect();
        let behind = BEHIND
            .find_iter(self.before)
            .filter(|m| !told.iter().any(|range| range.contains(&m.start())))
            .last();
        behind.is_some_and(|m| {
            let since = &self.before[m.end()..];
            !AHEAD.is_match(since) && !since.contains(" to ") && !since.contains(" that ")
        })
    }

    /// "For the next two weeks", "in the past month": up to a day, or since one.
    pub(super) fn up_to(&self) -> Option<String> {
        let ahead = self.has("coming");
        let (p, n_name, u, s) = if ahead {
            ("cop", "con", "cou", "cos")
        } else {
            ("past", "pan", "pau", "pas")
        };
        if self.again() || ahead && self.is_after_a_day() || !ahead && !PERFECT.is_match(self.whole) {
            return None;
        }
        let unit = unit(&self.get(u)?);
        let many = self.get(n_name).and_then(|n| count(&n)).map(|(n, _)| n);
        let Some(n) = many.or_else(|| self.has(s).then_some(1)) else {
            let word = if ahead {
                "in the time after"
            } else {
                "in the time before"
            };
            return Some(self.led(word, &self.today.to_string()));
        };
        let vague = self.get(n_name).and_then(|n| count(&n)).is_some_and(|(_, vague)| vague);
        let date = shift(self.today, if ahead { n } else { -n }, unit)?;
        let date = if vague {
            format!("about {date}")
        } else {
            date.to_string()
        };
        let word = match self.get(p).as_deref() {
            _ if !ahead => "since",
            Some("in" | "within") => "by",
            _ => "until",
        };
        Some(self.led(word, &date))
    }

    pub(super) fn some_time_from(&self) -> Option<String> {
        let unit = unit(&self.get("fnu")?);
        let name = self.first(&["fnd", "fnb", "fnl"])?;
        let base = match name.rsplit(' ').next()? {
            "now" | "today" => self.today,
            word => match weekday(word).filter(|_| DAY_NAMES.iter().any(|day| day.starts_with(word))) {
                Some(day) if name.contains("last") => previous_weekday(self.today, day),
                Some(day) => next_weekday(self.today, day),
                None => shift(self.today, if word.starts_with('y') { -1 } else { 1 }, "day")?,
            },
        };
        if matches!(unit, "hour" | "minute") {
            return self.on(base);
        }
        self.about(
            base,
            1,
            &self.get("fnn")?,
            self.get("fnn2").as_deref(),
            unit,
            self.has("fnh"),
        )
    }

    pub(super) fn about(
        &self,
        base: Date,
        sign: i64,
        n: &str,
        to: Option<&str>,
        unit: &str,
        half: bool,
    ) -> Option<String> {
        if n.starts_with("half") {
            let date = match unit {
                "year" => shift(base, sign * 6, "month")?,
                "month" => shift(base, sign * 15, "day")?,
                "quarter" => shift(base, sign * 6, "week")?,
                "day" => base,
                _ => return None,
            };
            return self.on(date);
        }
        let (n, vague) = count(n)?;
        let mut date = shift(base, sign * n, unit)?;
        if half {
            date = match unit {
                "year" => shift(date, sign * 6, "month")?,
                "month" => shift(date, sign * 15, "day")?,
                _ => date,
            };
        }
        if let Some((to, _)) = to.and_then(count) {
            let end = shift(base, sign * to, unit)?;
            return Some(self.led("between", &format!("{} and {}", date.min(end), date.max(end))));
        }
        if vague {
            return Some(self.led("around", &date.to_string()));
        }
        self.on(date)
    }

    /// "First Monday of next month", "the last day of June".
    pub(super) fn nth(&self) -> Option<String> {
        let (first, unit) = self.span("ntq", "ntu", "ntm", "nty")?;
        let last = last_of(first, &unit)?;
        let which = match self.get("ntn")?.as_str() {
            "first" | "1st" => 1,
            "second" | "2nd" => 2,
            "third" | "3rd" => 3,
            "fourth" | "4th" => 4,
            "fifth" | "5th" => 5,
            _ => -1,
        };
        let what = self.get("ntd")?;
        let date = match what.as_str() {
            "day" if which < 0 => last,
            "day" => shift(first, which - 1, "day")?,
            "half" => {
                let name = if which == 1 {
                    "the first half of"
                } else {
                    "the second half of"
                };
                return Some(self.within(&format!("{name} {}", span_name(first, &unit))));
            }
            "week" => {
                let monday = if which < 0 {
                    shift(first_of(last, "week")?, 0, "week")?
                } else {
                    shift(first_of(first, "week")?, which - 1, "week")?
                };
                return Some(self.within(&format!("the week of {monday}")));
            }
            name if name.ends_with("day") && (name.starts_with("business") || name.starts_with("working")) => {
                if which < 0 {
                    shift(shift(last, 1, "day")?, -1, "workday")?
                } else {
                    shift(shift(first, -1, "day")?, which, "workday")?
                }
            }
            name => {
                let day = if name == "weekend" {
                    Weekday::Saturday
                } else {
                    weekday(name)?
                };
                let (edge, step) = if which < 0 {
                    (shift(last, 1, "day")?, -1)
                } else {
                    (shift(first, -1, "day")?, which as i32)
                };
                edge.nth_weekday(step, day).ok()?
            }
        };
        self.on(date)
    }

    /// The first day of "next month", "June 2027", and the unit it is.
    pub(super) fn span(&self, which: &str, unit: &str, name: &str, year: &str) -> Option<(Date, String)> {
        if let Some(month_name) = self.get(name) {
            let number = month(&month_name)?;
            let year = self.get(year).and_then(|y| y.trim_matches([' ', ',']).parse().ok());
            let behind = self.tense() == Some(Tense::Behind);
            let year = year.unwrap_or_else(|| year_of(self.today, number, behind));
            return Some((Date::new(year, number, 1).ok()?, "month".to_owned()));
        }
        let unit = self.get(unit)?;
        let steps = self.get(which).map_or(0, |which| side(&which));
        Some((first_of(shift(self.today, steps, &unit)?, &unit)?, unit))
    }

    pub(super) fn end_of(&self) -> Option<String> {
        let which = self.get("endw")?;
        let lead = self.get("endp");
        let plain = self.get("endq").is_none_or(|q| q == "the");
        let led = lead.is_some();
        if let Some(name) = self.get("endu")
            && let Some(date) = match name.as_str() {
                "day" | "business" | "today" => Some(self.today),
                word if word.starts_with('t') || word.starts_with('2') => Some(shift(self.today, 1, "day")?),
                _ => None,
            }
        {
            // "At the end of the day" is a manner of speaking.
            let limit = matches!(lead.as_deref(), Some("by" | "until" | "till" | "before"));
            let said = limit || !matches!(name.as_str(), "day" | "business");
            return (said && which != "middle").then(|| self.led("by", &date.to_string()));
        }
        if plain && self.has("endu") && (self.again() || !self.has("endq") && !led) {
            return None;
        }
        let (first, unit) = if let Some(q) = self.get("endz") {
            let number: i8 = q[1..].parse().ok()?;
            let year = self.get("endzy").and_then(|y| y.trim_matches([' ', ',']).parse().ok());
            let year = year.unwrap_or_else(|| {
                let past = 3 * number < self.today.month() && self.tense() != Some(Tense::Behind);
                self.today.year() + i16::from(past)
            });
            (Date::new(year, 3 * number - 2, 1).ok()?, "quarter".to_owned())
        } else {
            self.span("endq", "endu", "endm", "endy")?
        };
        if which.ends_with("half") {
            return Some(
                self.within(&format!("the {which} of {}", span_name(first, &unit)))
                    .replacen("in the in", "in the", 1),
            );
        }
        let last = last_of(first, &unit)?;
        let (name, date) = match which.as_str() {
            "end" | "close" => ("by", last),
            "middle" => ("around", middle_of(first, last)?),
            _ => ("on", first),
        };
        let word = match lead.as_deref() {
            Some("until" | "till") => "until",
            Some("before") => "before",
            Some("from") => "from",
            Some("since") => "since",
            Some("after") => "after",
            Some("for") => "for",
            Some("around" | "towards" | "toward") => "around",
            Some("by") => "by",
            _ => name,
        };
        Some(self.led(word, &date.to_string()))
    }

    pub(super) fn end_short(&self) -> Option<String> {
        let what = self.get("esw")?;
        let unit = match what.as_bytes() {
            [b'e', b'o', b'd' | b'b'] | [b'c', b'o', b'b'] => "day",
            [.., b'm'] => "month",
            [.., b'w'] => "week",
            [.., b'q'] => "quarter",
            [b'e', b'o', b'y'] => "year",
            _ if what.starts_with("month") => "month",
            _ if what.starts_with("week") => "week",
            _ if what.starts_with("quarter") => "quarter",
            _ => "year",
        };
        if self.again() {
            return None;
        }
        let date = if unit == "day" {
            shift(
                self.today,
                i64::from(self.get("esd").is_some_and(|d| d != "today")),
                "day",
            )?
        } else {
            last_of(first_of(self.today, unit)?, unit)?
        };
        let lead = self.get("esp")?;
        let word = if lead == "at" { "by" } else { lead.as_str() };
        Some(self.led(word, &date.to_string()))
    }

    pub(super) fn middle(&self) -> Option<String> {
        let unit = self.get("mmu")?;
        let which = self.get("mmq");
        if self.again() || which.is_none() && (unit == "week" || self.tense().is_none()) {
            return None;
        }
        let first = first_of(shift(self.today, which.map_or(0, |which| side(&which)), &unit)?, &unit)?;
        Some(self.led("around", &middle_of(first, last_of(first, &unit)?)?.to_string()))
    }

    pub(super) fn early(&self) -> Option<String> {
        let unit = self.get("eau")?;
        let first = first_of(shift(self.today, side(&self.get("eaq")?), &unit)?, &unit)?;
        let name = span_name(first, &unit);
        match self.get("eaw")?.as_str() {
            "mid" => Some(self.led("around", &middle_of(first, last_of(first, &unit)?)?.to_string())),
            "early" => Some(self.led("early in", &name)),
            "late" => Some(self.led("late in", &name)),
            _ => Some(self.within(&name)),
        }
    }

    /// "In June", "next March", "this summer": the year is what is meant.
    pub(super) fn named_month(&self) -> Option<String> {
        const PEOPLE: [&str; 6] = ["jan", "april", "may", "june", "august", "mar"];
        let name = self.get("mom")?;
        let which = self.get("moq");
        let lead = self.get("mop");
        let part = self.get("mow");
        let follows = self.word_after();
        let dated = follows.starts_with(|c: char| c.is_ascii_digit());
        let side = which.as_deref().map(side);
        let Some(number) =
            month(&name).filter(|_| !["spring", "summer", "autumn", "fall", "winter"].contains(&name.as_str()))
        else {
            let steps = side?;
            let year = self.today.year() + i16::from(steps > 0 && self.season_is_over(&name))
                - i16::from(steps < 0 && !self.season_is_over(&name));
            return Some(self.within_led(lead.as_deref(), &format!("{name} {year}")));
        };
        let verb = side == Some(0) && matches!(name.as_str(), "may" | "march") && self.found[0].contains(name.as_str());
        if dated
            || verb
            || self.in_a_range()
            || self.text[..self.start]
                .trim_end()
                .ends_with(|c: char| c.is_ascii_digit())
                && side.is_none()
        {
            return None;
        }
        let year = if let Some(steps) = side {
            let year = year_of(self.today, number, steps < 0);
            // "Next May" said in May is a year ahead.
            year + i16::from(number == self.today.month()) * steps as i16
        } else {
            let sure = matches!(lead.as_deref(), Some("in" | "until" | "till" | "during"))
                || part.is_some()
                || lead.is_some() && !PEOPLE.contains(&name.as_str());
            let tense = self.tense().filter(|_| sure && !self.again() && self.ends_here())?;
            year_of(self.today, number, tense == Tense::Behind)
        };
        let mut told = format!("{} {year}", month_name(number));
        if let Some(part) = part {
            told = format!("{part} {told}");
        }
        Some(self.within_led(lead.as_deref(), &told))
    }

    pub(super) fn within_led(&self, lead: Option<&str>, name: &str) -> String {
        match lead {
            Some(lead) => self.led(lead, name),
            None => self.within(name),
        }
    }

    /// Whether a season of this year is over, in the north.
    pub(super) fn season_is_over(&self, name: &str) -> bool {
        let starts = match name {
            "spring" => 3,
            "summer" => 6,
            "autumn" | "fall" => 9,
            _ => 12,
        };
        self.today.month() >= starts
    }

    pub(super) fn unit(&self) -> Option<String> {
        let unit = self.get("unitu")?;
        if self.word_after() == "of" || self.is_rounded() {
            return None;
        }
        let steps = side(&self.get("unitq")?);
        if unit == "fortnight" {
            let date = shift(self.today, steps, "fortnight")?.to_string();
            return Some(self.led(if steps < 0 { "since" } else { "by" }, &date));
        }
        let first = first_of(shift(self.today, steps, &unit)?, &unit)?;
        Some(self.within(&span_name(first, &unit)))
    }
}
