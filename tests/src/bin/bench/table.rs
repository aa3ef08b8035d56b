//! The table: one row a figure, beside what it is measured against and what it is to reach.

use std::fmt::Write;
use std::fs;
use std::time::Duration;

use anyhow::Result;

use crate::Effort;
use crate::samples::Spread;

/// What a figure is to reach.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// The ratio to what it is measured against, at least.
    RatioAtLeast(f64),
    /// The ratio, at most.
    RatioAtMost(f64),
    /// The median itself, at most, shown as the text says.
    AtMost(f64, &'static str),
    /// Everything of so many.
    All(f64),
    /// Nothing; it stands there to be known.
    None,
}

/// A measured figure.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) placement: &'static str,
    pub(crate) ours: Spread,
    pub(crate) against: Option<(&'static str, Spread)>,
    pub(crate) target: Target,
    /// Other systems, or what else there is to know.
    pub(crate) beside: String,
}

impl Row {
    /// A figure that stands for itself.
    pub(crate) fn alone(what: impl Into<String>, ours: Spread, target: Target) -> Self {
        Self {
            what: what.into(),
            placement: "free",
            ours,
            against: None,
            target,
            beside: String::new(),
        }
    }

    /// With something else to know.
    pub(crate) fn beside(mut self, text: impl Into<String>) -> Self {
        self.beside = text.into();
        self
    }

    fn ratio(&self) -> Option<f64> {
        self.against.as_ref().map(|(_, other)| self.ours.p50 / other.p50)
    }

    fn reached(&self) -> Option<bool> {
        match self.target {
            Target::RatioAtLeast(least) => self.ratio().map(|ratio| ratio >= least),
            Target::RatioAtMost(most) => self.ratio().map(|ratio| ratio <= most),
            Target::AtMost(most, _) => Some(self.ours.p50 <= most),
            Target::All(all) => Some((self.ours.p50 - all).abs() < 0.5),
            Target::None => None,
        }
    }

    fn markdown(&self) -> String {
        let against = self
            .against
            .as_ref()
            .map_or(String::new(), |(name, spread)| format!("{name}: {spread}"));
        let ratio = self.ratio().map_or(String::new(), |ratio| format!("{ratio:.2}"));
        let target = match self.target {
            Target::RatioAtLeast(least) => format!("≥ {least}"),
            Target::RatioAtMost(most) => format!("≤ {most}"),
            Target::AtMost(_, text) => text.to_owned(),
            Target::All(all) => format!("all {all}"),
            Target::None => String::new(),
        };
        let reached = self
            .reached()
            .map_or("", |reached| if reached { "yes" } else { "**no**" });
        let Self {
            what,
            placement,
            ours,
            beside,
            ..
        } = self;
        format!("| {what} | {placement} | {ours} | {against} | {ratio} | {target} | {reached} | {beside} |")
    }
}

/// The table of one run.
pub(crate) struct Table {
    effort: Effort,
    rows: Vec<String>,
    took: Duration,
}

impl Table {
    pub(crate) fn new(effort: Effort) -> Self {
        Self {
            effort,
            rows: Vec::new(),
            took: Duration::ZERO,
        }
    }

    /// Takes a measured row; one that could not be measured says so in its place.
    pub(crate) fn row(&mut self, what: &str, row: Result<Row>) {
        let text = match row {
            Ok(row) => row.markdown(),
            Err(error) => {
                let why = format!("{error:#}").replace('\n', " ").replace('|', "\\|");
                format!("| {what} | | missing: {why} | | | | | |")
            }
        };
        println!("{text}");
        self.rows.push(text);
    }

    /// Several rows that are measured together.
    pub(crate) fn rows(&mut self, what: &str, rows: Result<Vec<Row>>) {
        match rows {
            Ok(rows) => rows.into_iter().for_each(|row| self.row(what, Ok(row))),
            Err(error) => self.row(what, Err(error)),
        }
    }

    /// How long the run took.
    pub(crate) fn took(&mut self, time: Duration) {
        self.took = time;
    }

    pub(crate) fn markdown(&self) -> String {
        let Effort { rounds, quick, .. } = self.effort;
        let mut text = String::new();
        let kind = if quick { "quick run" } else { "full run" };
        // Writing into a string does not fail.
        let _ = writeln!(
            text,
            "Box: {}. {kind}, {rounds} rounds, {:.0} s. Medians (p10–p90).\n",
            the_box(),
            self.took.as_secs_f64()
        );
        text.push_str("| what | placement | Remanence | against | ratio | target | reached | beside it |\n");
        text.push_str("|---|---|---|---|---|---|---|---|\n");
        for row in &self.rows {
            let _ = writeln!(text, "{row}");
        }
        text
    }
}

/// What there is to know of this machine.
fn the_box() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let kernel = read("/proc/sys/kernel/osrelease");
    let cpus = read("/proc/cpuinfo");
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| rest.trim_start_matches(['\t', ' ', ':']));
    let virtual_machine = if cpus.contains(" hypervisor") { ", virtual" } else { "" };
    format!("{cores} cores of {model}{virtual_machine}, Linux {}", kernel.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Unit;
    use anyhow::anyhow;

    fn table() -> Table {
        Table::new(crate::QUICK)
    }

    #[test]
    fn a_row_says_whether_its_target_is_reached() {
        let seconds = |value| Spread::once(value, Unit::Seconds);
        let row = |ours, target| Row {
            against: Some(("PUT", seconds(0.002))),
            ..Row::alone("close", seconds(ours), target)
        };
        let mut table = table();
        table.row("", Ok(row(0.0022, Target::RatioAtMost(1.15))));
        table.row("", Ok(row(0.0030, Target::RatioAtMost(1.15))));
        table.row("", Ok(row(0.0030, Target::RatioAtLeast(1.15))));
        let reached: Vec<_> = table.rows.iter().map(|row| row.contains("**no**")).collect();
        assert_eq!(reached, [false, true, false]);
        assert!(
            table.rows[0].contains("| PUT: 2 ms | 1.10 | ≤ 1.15 | yes |"),
            "{}",
            table.rows[0]
        );
    }

    #[test]
    fn a_figure_that_could_not_be_measured_says_why() {
        let mut table = table();
        table.row("close", Err(anyhow!("no server")));
        assert!(table.markdown().contains("| close | | missing: no server |"));
    }
}
