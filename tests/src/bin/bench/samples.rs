//! Medians, spreads, and figures as people read them.

use std::fmt;

pub(crate) const MIB: f64 = (1 << 20) as f64;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Time, held in seconds.
    Seconds,
    /// Things per second.
    PerSecond,
    /// Memory, held in bytes.
    Bytes,
    /// Things.
    Count,
}

/// A median with its spread.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) p10: f64,
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    samples: usize,
    unit: Unit,
}

impl Spread {
    /// Of `samples`, at least one.
    pub(crate) fn of(mut samples: Vec<f64>, unit: Unit) -> Self {
        samples.sort_by(f64::total_cmp);
        let at = |share: f64| samples[((samples.len() - 1) as f64 * share).round() as usize];
        Self {
            p10: at(0.1),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            samples: samples.len(),
            unit,
        }
    }

    /// A figure that was taken once.
    pub(crate) fn once(value: f64, unit: Unit) -> Self {
        Self::of(vec![value], unit)
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&show(self.p50, self.unit))?;
        if self.samples > 1 {
            let (low, high) = (show(self.p10, self.unit), show(self.p90, self.unit));
            write!(f, " ({low}–{high})")?;
        }
        Ok(())
    }
}

/// One value with its unit.
pub(crate) fn show(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Seconds if value.abs() < 1e-3 => format!("{} µs", digits(value * 1e6)),
        Unit::Seconds if value.abs() < 1.0 => format!("{} ms", digits(value * 1e3)),
        Unit::Seconds => format!("{} s", digits(value)),
        Unit::PerSecond => format!("{}/s", digits(value)),
        Unit::Bytes => format!("{:.1} MiB", value / MIB),
        Unit::Count => digits(value),
    }
}

/// Three digits that count, and commas between thousands.
fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 || v == 0.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let rest = rest.trim_end_matches('0').trim_end_matches('.');
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        let after_digit = grouped.ends_with(|before: char| before.is_ascii_digit());
        if after_digit && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_with_its_spread() {
        let spread = Spread::of((1..=101).map(f64::from).rev().collect(), Unit::Count);
        assert_eq!(spread.to_string(), "51 (11–91)");
        assert_eq!(Spread::once(0.5, Unit::Seconds).to_string(), "500 ms");
    }

    #[test]
    fn figures_are_short() {
        assert_eq!(show(0.000_012_34, Unit::Seconds), "12.3 µs");
        assert_eq!(show(1_412_345.0, Unit::PerSecond), "1,412,345/s");
        assert_eq!(show(2.0, Unit::Seconds), "2 s");
        assert_eq!(show(-0.000_998, Unit::Seconds), "-998 µs");
        assert_eq!(show(9_437_184.0, Unit::Bytes), "9.0 MiB");
        assert_eq!(show(0.0, Unit::Count), "0");
    }
}
