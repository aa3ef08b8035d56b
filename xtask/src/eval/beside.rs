//! A writer in a mount while a dream runs over its store: whether its closes take longer.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::program::{Bench, Program};
use super::scale;
use crate::run;
use crate::table::median;

/// Closes that are timed without a dream, before it and after it.
const CLOSES: usize = 400;
const SERVED_WITHIN: Duration = Duration::from_secs(30);

/// Times closes of 4 KB that are durable when they return, with and without a dream over so many sessions.
pub(super) fn measure(program: &Program, sessions: usize) -> Result<String> {
    let bench = Bench::new(program)?;
    scale::lay_out(&bench, sessions)?;
    let mount = bench.mount("writer")?;
    wait_for(&mount.at.join("CLAUDE.md"))?;
    let folder = mount.at.join(super::program::STORE);
    let mut without = closes(&folder, |count| count < CLOSES)?;
    let done = AtomicBool::new(false);
    let (with, dreamt) = thread::scope(|scope| {
        let writer = scope.spawn(|| closes(&folder, |_| !done.load(Ordering::Relaxed)));
        let dreamt = bench.dream(Some("2026-07-01T00:00:00Z"), 25_600);
        done.store(true, Ordering::Relaxed);
        (writer.join(), dreamt)
    });
    let dreamt = dreamt?;
    let Ok(with) = with else { bail!("the writer broke off") };
    let with = with?;
    without.extend(closes(&folder, |count| count < CLOSES)?);
    mount.end()?;
    let (n, m) = (with.len(), without.len());
    let (with, without) = (median(with), median(without));
    Ok(format!(
        "A close of 4 KB, durable in the store, beside a dream of {:.1} s ({}): {with:.2} ms (median of {n}), without \
         {without:.2} ms (of {m}): {:.2} times.\n",
        dreamt.seconds,
        dreamt.record["phase"].as_str().unwrap_or_default(),
        with / without
    ))
}

/// Writes files for as long as it may; how many milliseconds each took from open to close.
fn closes(folder: &Path, mut go_on: impl FnMut(usize) -> bool) -> Result<Vec<f64>> {
    let text = "what a writer writes\n".repeat(195);
    let mut took = Vec::new();
    while go_on(took.len()) {
        let begun = Instant::now();
        fs::write(folder.join(format!("{}.txt", took.len() % 50)), &text)?;
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(took)
}

fn wait_for(path: &Path) -> Result<()> {
    run::until(&format!("{} is served", path.display()), SERVED_WITHIN, || {
        Ok(if path.exists() {
            Ok(())
        } else {
            Err("it is not there".to_owned())
        })
    })
}
