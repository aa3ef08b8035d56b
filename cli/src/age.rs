//! Durations as people write them: `30d`, `12h`, `2w`.

use std::str::FromStr;
use std::time::Duration;

/// How long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Age(pub(crate) Duration);

impl FromStr for Age {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || format!("`{text}` is not a duration; write a number with s, m, h, d or w, e.g. `30d`");
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let number: u64 = text[..digits].parse().map_err(|_| error())?;
        let seconds = match &text[digits..] {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            "w" => 604_800,
            // `0` needs no unit.
            "" if number == 0 => 1,
            _ => return Err(error()),
        };
        // More than a calendar holds is a typing error.
        number
            .checked_mul(seconds)
            .filter(|s| *s < 1000 * 366 * 86_400)
            .map(|s| Self(Duration::from_secs(s)))
            .ok_or_else(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("30d", 2_592_000),
            ("12h", 43_200),
            ("2w", 1_209_600),
            ("0", 0),
            ("90s", 90),
        ] {
            assert_eq!(text.parse(), Ok(Age(Duration::from_secs(seconds))), "{text}");
        }
        for text in ["", "d", "30", "-1d", "1y", "999999999999999999w", "30 d"] {
            assert!(text.parse::<Age>().is_err(), "{text}");
        }
    }
}
