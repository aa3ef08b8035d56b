//! Figures as they stand in a table: shares with their interval, and the page they go to.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

/// `3 of 4 | 30–95%`: a share, and Wilson's interval of it.
pub(super) fn share(count: usize, of: usize) -> String {
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
pub(super) fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// Puts tables into the place on a page that is kept for what `cargo xtask NAME --write` measures.
pub(super) fn write(page: &Path, name: &str, tables: &str) -> Result<()> {
    let text = fs::read_to_string(page)?;
    let begin = format!("<!-- table: cargo xtask {name} --write -->");
    let end = format!("<!-- end of {name} table -->");
    let (Some(from), Some(to)) = (text.find(&begin), text.find(&end)) else {
        bail!("{} has no place for the table: `{begin}` … `{end}`", page.display());
    };
    let new = format!("{}{begin}\n{tables}{}", &text[..from], &text[to..]);
    fs::write(page, new)?;
    Ok(())
}
