//! Figures as they stand in a table: shares with their interval, and the page they go to.

use std::fs;

use anyhow::{Context, Result};

use crate::build::workspace;

pub(crate) const PAGE: &str = "docs/benchmarks.md";

/// `3 of 4 | 30–95%`: a share, and Wilson's interval of it.
pub(crate) fn share(count: usize, of: usize) -> String {
    let (low, high) = interval(count, of);
    format!("{count} of {of} | {:.0}–{:.0}%", 100.0 * low, 100.0 * high)
}

fn interval(count: usize, of: usize) -> (f64, f64) {
    if of == 0 {
        return (0.0, 1.0);
    }
    let (n, share, z) = (of as f64, count as f64 / of as f64, 1.96_f64);
    let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// The middle one of some figures.
pub(crate) fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// Before and after a table that is made anew.
pub(crate) type Marks<'a> = [&'a str; 2];

/// Puts a table between its marks on the page.
pub(crate) fn write(table: &str, marks: Marks<'_>) -> Result<()> {
    let page = workspace().join(PAGE);
    let text = fs::read_to_string(&page).with_context(|| format!("reading {PAGE}"))?;
    let replaced = replace(&text, table, marks)
        .with_context(|| format!("{PAGE} has no lines `{}` and `{}`", marks[0], marks[1]))?;
    fs::write(&page, replaced).with_context(|| format!("writing {PAGE}"))
}

/// `text` with `table` between the two marks.
fn replace(text: &str, table: &str, [begin, end]: Marks<'_>) -> Option<String> {
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n{}\n{end}{after}", table.trim_end()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_the_table_of_the_page_changes() {
        let marks @ [begin, end] = ["<!-- table -->", "<!-- end of table -->"];
        let page = format!("before\n{begin}\nold\n{end}\nafter\n");
        let new = replace(&page, "new\n", marks).unwrap();
        assert_eq!(new, format!("before\n{begin}\nnew\n{end}\nafter\n"));
        assert_eq!(replace(&new, "new\n", marks).unwrap(), new);
        assert_eq!(replace(&new, "new\n", ["<!-- another -->", end]), None);
        assert_eq!(replace("no marks", "new", marks), None);
    }
}
