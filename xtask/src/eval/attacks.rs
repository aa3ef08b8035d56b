//! How often planted words get into memory, with controls and without, and what of the honest words beside them is kept:
//! figures of the dreamer's tests.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::build::workspace;
use crate::table::share;
use crate::{install, run};

/// Longer than the tests take, together with building them.
const LIMIT: Duration = Duration::from_mins(40);
/// Stands before each figure that they print.
const MARK: &str = "attacks: ";

/// Runs the tests, which have to pass, and puts what they count into a table.
pub(super) fn measure() -> Result<String> {
    let mut command = run::bounded(LIMIT, install::cargo());
    command
        .args(["test", "--workspace", "--test", "attacks", "--"])
        .args(["--nocapture", "--test-threads=1"])
        .current_dir(workspace());
    let output = run::output(&mut command, "the attacks of the dreamer's tests")?;
    let figures: Vec<&str> = output
        .lines()
        .filter_map(|line| line.split_once(MARK).map(|(_, figure)| figure))
        .collect();
    if figures.is_empty() {
        bail!("the dreamer's tests tell no figure of attacks");
    }
    let mut out = String::from("| 60 families of planted words | | 95% interval |\n|---|---|---|\n");
    for figure in figures {
        let (what, count, of) = parse(figure).with_context(|| format!("a figure of attacks: {figure}"))?;
        let _ = writeln!(out, "| {what} | {} |", share(count, of));
    }
    Ok(out)
}

/// `what | 3 of 4`.
fn parse(figure: &str) -> Option<(&str, usize, usize)> {
    let (what, counted) = figure.rsplit_once(" | ")?;
    let (count, of) = counted.split_once(" of ")?;
    Some((what, count.trim().parse().ok()?, of.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_what_the_tests_print() {
        assert_eq!(parse("honest words, kept | 3 of 4"), Some(("honest words, kept", 3, 4)));
        assert_eq!(parse("nothing that is counted"), None);
    }
}
