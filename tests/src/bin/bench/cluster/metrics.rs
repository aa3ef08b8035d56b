//! Numbers out of what Prometheus would read.

use anyhow::{Result, bail};

/// One line: a name, its labels as they stand, a value.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (&str, &str, f64)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        Some((name, labels, value.parse().ok()?))
    })
}

/// The value of a label.
pub(super) fn label<'a>(labels: &'a str, name: &str) -> &'a str {
    let wanted = format!("{name}=\"");
    let found = labels.split_once(&wanted).map_or("", |(_, rest)| rest);
    found.split_once('"').map_or("", |(value, _)| value)
}

/// The counts of a histogram's buckets, by their upper bounds in seconds.
#[derive(Debug, Clone, Default)]
pub(super) struct Buckets(Vec<(f64, f64)>);

impl Buckets {
    pub(super) fn read(text: &str, name: &str) -> Self {
        let name = format!("{name}_bucket");
        let mut all = Self::default();
        for (_, labels, value) in lines(text).filter(|(found, ..)| *found == name) {
            let bound = label(labels, "le").replace("+Inf", "inf");
            if let Ok(bound) = bound.parse() {
                all.add(bound, value);
            }
        }
        all
    }

    fn add(&mut self, bound: f64, count: f64) {
        match self.0.iter_mut().find(|(other, _)| other.total_cmp(&bound).is_eq()) {
            Some((_, sum)) => *sum += count,
            None => self.0.push((bound, count)),
        }
    }

    /// Together with another's.
    pub(super) fn and(mut self, other: &Self) -> Self {
        other.0.iter().for_each(|(bound, count)| self.add(*bound, *count));
        self
    }

    /// What came since.
    pub(super) fn since(mut self, before: &Self) -> Self {
        before.0.iter().for_each(|(bound, count)| self.add(*bound, -count));
        self
    }

    /// The least bound below which that share lies, and how many there are.
    pub(super) fn within(&self, share: f64) -> Result<(f64, f64)> {
        let all = self.0.iter().map(|(_, count)| *count).fold(0.0, f64::max);
        if all == 0.0 {
            bail!("nothing was counted");
        }
        let enough = self.0.iter().filter(|(_, count)| *count >= all * share);
        let bound = enough.map(|(bound, _)| *bound).fold(f64::INFINITY, f64::min);
        Ok((bound, all))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_histogram_says_below_which_bound_a_share_lies() {
        let text = |below: f64, all: f64| {
            format!(
                "# TYPE t histogram\nt_sum 4\nt_bucket{{le=\"0.01\"}} {below}\nt_bucket{{le=\"0.02\"}} {all}\nt_bucket{{le=\"+Inf\"}} {all}\n"
            )
        };
        let [before, after] = [text(1.0, 10.0), text(100.0, 110.0)].map(|text| Buckets::read(&text, "t"));
        let grown = after.since(&before);
        assert_eq!(grown.within(0.99).unwrap(), (0.01, 100.0));
        assert_eq!(before.within(0.99).unwrap(), (0.02, 10.0));
        assert!(Buckets::default().within(0.99).is_err());
        assert_eq!(before.clone().and(&before).within(0.05).unwrap(), (0.01, 20.0));
    }

    #[test]
    fn labels_are_found_by_name() {
        let (name, labels, value) = lines("x_total{a=\"1\",verb=\"GET\"} 3").next().unwrap();
        assert_eq!((name, label(labels, "verb"), value), ("x_total", "GET", 3.0));
    }
}
