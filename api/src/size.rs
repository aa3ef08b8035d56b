//! Sizes as Kubernetes writes them: `100Ki`, `1Gi`, `500M`, `1048576`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A size in bytes; what the user wrote is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Size {
    bytes: u64,
    text: String,
}

/// A text that is no size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a size; write a number and, if you like, Ki, Mi, Gi, Ti, k, M, G or T, as in `100Ki`")]
pub struct NoSize(String);

const UNITS: [(&str, u64); 9] = [
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("", 1),
];

impl Size {
    /// So many times 1,024 bytes.
    pub fn kib(count: u64) -> Self {
        Self {
            bytes: count << 10,
            text: format!("{count}Ki"),
        }
    }

    /// In bytes.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl FromStr for Size {
    type Err = NoSize;

    fn from_str(text: &str) -> Result<Self, NoSize> {
        let wrong = || NoSize(text.to_owned());
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let (_, unit) = UNITS
            .iter()
            .find(|(name, _)| *name == &text[digits.len()..])
            .ok_or_else(wrong)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let count: u64 = digits.parse().map_err(|_| wrong())?;
        let bytes = count.checked_mul(*unit).filter(|bytes| *bytes > 0).ok_or_else(wrong)?;
        Ok(Self {
            bytes,
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IntOrText;
        impl Visitor<'_> for IntOrText {
            type Value = Size;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size such as 100Ki")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Size, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<Size, E> {
                self.visit_str(&bytes.to_string())
            }

            fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<Size, E> {
                self.visit_str(&bytes.to_string())
            }
        }
        deserializer.deserialize_any(IntOrText)
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // Each unit takes as many digits as are read for certain: an object that can't be read is looked after by nobody.
        json_schema!({
            "x-kubernetes-int-or-string": true,
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "maxLength": 20,
            "x-kubernetes-validations": [{
                "rule": "string(self).matches('^[1-9]([0-9]{0,14}(Ki|k)?|[0-9]{0,11}(Mi|M)|[0-9]{0,8}(Gi|G)|[0-9]{0,5}(Ti|T))$')",
                "message": "write a whole number of bytes and, if you like, Ki, Mi, Gi, Ti, k, M, G or T, as in 100Ki, \
                            and less than 1000000Ti",
            }],
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sizes_are_read_as_kubernetes_writes_them() {
        for (text, bytes) in [("100Ki", 102_400), ("1Gi", 1 << 30), ("500M", 500_000_000), ("7", 7)] {
            let size: Size = serde_json::from_value(text.into()).unwrap();
            assert_eq!(size.bytes(), bytes, "{text}");
            assert_eq!(size.to_string(), text);
        }
        assert_eq!(serde_json::from_str::<Size>("4096").unwrap().bytes(), 4096);
    }

    #[test]
    fn the_longest_that_the_schema_lets_pass_can_be_read() {
        let schema = Size::json_schema(&mut SchemaGenerator::default());
        let rule = schema.as_value()["x-kubernetes-validations"][0]["rule"]
            .as_str()
            .unwrap();
        for (digits, units) in [
            (15, &["", "Ki", "k"][..]),
            (12, &["Mi", "M"][..]),
            (9, &["Gi", "G"][..]),
            (6, &["Ti", "T"][..]),
        ] {
            let part = format!("[0-9]{{0,{}}}({})", digits - 1, units.join("|").trim_start_matches('|'));
            assert!(rule.contains(&part), "{part} is not in {rule}");
            for unit in units {
                let text = format!("{}{unit}", "9".repeat(digits));
                assert!(text.parse::<Size>().is_ok(), "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in [
            "",
            "0",
            "Ki",
            "-1",
            "1.5Gi",
            "+1",
            "1 Gi",
            "1KiB",
            "1Ei",
            "99999999999999999999",
            "99999999999999Ti",
        ] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
