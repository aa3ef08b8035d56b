//! Sizes as people write them: `102400`, `100Ki`, `5MB`.

use std::fmt;
use std::str::FromStr;

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(crate) struct Size(pub(crate) u64);

const UNITS: [(&str, u64); 14] = [
    ("", 1),
    ("b", 1),
    ("k", 1000),
    ("kb", 1000),
    ("ki", 1 << 10),
    ("kib", 1 << 10),
    ("m", 1_000_000),
    ("mb", 1_000_000),
    ("mi", 1 << 20),
    ("mib", 1 << 20),
    ("g", 1_000_000_000),
    ("gb", 1_000_000_000),
    ("gi", 1 << 30),
    ("gib", 1 << 30),
];

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || format!("`{text}` is not a size; write bytes or a number with Ki, Mi or Gi, e.g. `100Ki`");
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let number: u64 = text[..digits].parse().map_err(|_| error())?;
        let unit = text[digits..].trim().to_ascii_lowercase();
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(error)?;
        let bytes = number.checked_mul(*factor).ok_or_else(error)?;
        if bytes == 0 {
            return Err("a size of 0 allows nothing to be written".into());
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = match self.0 {
            n if n >= 1 << 30 => ("Gi", 1_u64 << 30),
            n if n >= 1 << 20 => ("Mi", 1 << 20),
            n if n >= 1 << 10 => ("Ki", 1 << 10),
            n => return write!(f, "{n}"),
        };
        if self.0.is_multiple_of(factor) {
            write!(f, "{}{unit}", self.0 / factor)
        } else {
            write!(f, "{:.1}{unit}", self.0 as f64 / factor as f64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("102400", 102_400),
            ("100Ki", 102_400),
            ("1GiB", 1 << 30),
            ("5MB", 5_000_000),
            ("2 mi", 2 << 20),
        ] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
        for text in [
            "",
            "Ki",
            "-1",
            "1.5Ki",
            "1Qi",
            "0",
            "99999999999999999999",
            "99999999999Gi",
        ] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_shown_short() {
        for (bytes, text) in [
            (0, "0"),
            (1023, "1023"),
            (102_400, "100Ki"),
            (1536, "1.5Ki"),
            (1 << 30, "1Gi"),
        ] {
            assert_eq!(Size(bytes).to_string(), text);
        }
    }
}
