//! Spans as people write them: `90s`, `15m`, `12h`, `30d`, `2w`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A positive span of whole seconds, minutes, hours, days or weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    count: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
}

/// A text that is no span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a span of time; write a whole number and s, m, h, d or w, as in `30d`")]
pub struct NoDuration(String);

impl Duration {
    /// What is said of a text that is none.
    pub const RULE: &'static str = "write a whole number and s, m, h, d or w, as in 30d; at most 99999d";

    /// So many days.
    pub const fn days(count: u32) -> Self {
        Self { count, unit: Unit::Day }
    }

    /// So many minutes.
    pub const fn minutes(count: u32) -> Self {
        Self {
            count,
            unit: Unit::Minute,
        }
    }

    /// As a standard duration.
    pub fn as_std(self) -> std::time::Duration {
        std::time::Duration::from_secs(u64::from(self.count) * self.unit.seconds())
    }
}

impl Unit {
    const ALL: [(char, Self); 5] = [
        ('s', Self::Second),
        ('m', Self::Minute),
        ('h', Self::Hour),
        ('d', Self::Day),
        ('w', Self::Week),
    ];

    const fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
        }
    }
}

impl FromStr for Duration {
    type Err = NoDuration;

    fn from_str(text: &str) -> Result<Self, NoDuration> {
        let wrong = || NoDuration(text.to_owned());
        let letter = text.chars().last().ok_or_else(wrong)?;
        let (_, unit) = *Unit::ALL.iter().find(|(c, _)| *c == letter).ok_or_else(wrong)?;
        let digits = &text[..text.len() - 1];
        // `parse` alone would take `+5`.
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        match digits.parse() {
            Ok(count) if count > 0 => Ok(Self { count, unit }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = Unit::ALL
            .iter()
            .find(|(_, unit)| *unit == self.unit)
            .map_or('s', |(c, _)| *c);
        write!(f, "{}{letter}", self.count)
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            // No pattern besides, which would say the same in worse words. No more than some 270 years: what reckons with a
            // span, here or in Kubernetes, may count nanoseconds in 64 bits.
            "x-kubernetes-validations": [{
                "rule": "self.matches('^[1-9]([0-9]{0,8}s|[0-9]{0,7}m|[0-9]{0,5}h|[0-9]{0,4}d|[0-9]{0,3}w)$')",
                "message": Self::RULE,
            }],
            "maxLength": 10,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn spans_are_read_and_written_alike() {
        for (text, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("12h", 43_200),
            ("30d", 2_592_000),
            ("2w", 1_209_600),
        ] {
            let span: Duration = text.parse().unwrap();
            assert_eq!(span.as_std().as_secs(), seconds, "{text}");
            assert_eq!(span.to_string(), text);
        }
    }

    #[test]
    fn what_is_wrong_is_told_once() {
        let schema = Duration::json_schema(&mut SchemaGenerator::default());
        let schema = schema.as_value();
        assert_eq!(schema["x-kubernetes-validations"].as_array().unwrap().len(), 1);
        assert!(schema["pattern"].is_null(), "{schema}");
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "",
            "d",
            "0d",
            "+5d",
            "-1h",
            "1.5h",
            "30",
            "30 d",
            "30D",
            "1h30m",
            "9999999999d",
        ] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }
}
