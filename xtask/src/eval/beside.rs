//! A writer in a mount while a dream runs over its store: whether its closes take longer.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::pack::text;
use super::program::{Bench, Program};
use super::scale;
use crate::run;
use crate::table::median;

/// Closes that are timed without a dream, before it and after it.
const CLOSES: usize = 400;
/// Each with a store of its own.
const ROUNDS: usize = 3;
/// So many times as long as without a dream a close takes at most.
const MOST: f64 = 1.1;
const SERVED_WITHIN: Duration = Duration::from_secs(30);

/// What one round came to.
struct Round {
    /// Milliseconds of a close, each the median of so many.
    with: (f64, usize),
    without: (f64, usize),
    /// Seconds of the dream.
    dream: f64,
    phase: String,
}

impl Round {
    fn times(&self) -> f64 {
        self.with.0 / self.without.0
    }
}

/// Times closes of 4 KB that are durable when they return, with and without a dream over so many sessions; also what
/// is over its limit.
pub(super) fn measure(program: &Program, sessions: usize) -> Result<(String, Vec<String>)> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(round(program, sessions)?);
    }
    rounds.sort_by(|a, b| a.times().total_cmp(&b.times()));
    let (least, middle, most) = (&rounds[0], &rounds[ROUNDS / 2], &rounds[ROUNDS - 1]);
    let Round {
        with: (with, n),
        without: (without, m),
        dream,
        phase,
    } = middle;
    let table = format!(
        "A close of 4 KB, durable in the store, a folder, beside a dream of {dream:.1} s ({phase}): {with:.2} ms (median \
         of {n}), without {without:.2} ms (of {m}): {:.2} times, the middle one of {ROUNDS} rounds of {:.2} to {:.2} times.\n",
        middle.times(),
        least.times(),
        most.times()
    );
    let over = (middle.times() > MOST).then(|| {
        format!(
            "beside a dream a close takes {:.2} times as long as without one",
            middle.times()
        )
    });
    Ok((table, over.into_iter().collect()))
}

fn round(program: &Program, sessions: usize) -> Result<Round> {
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
    let middle = |all: Vec<f64>| {
        let count = all.len();
        (median(all), count)
    };
    Ok(Round {
        with: middle(with),
        without: middle(without),
        dream: dreamt.seconds,
        phase: text(&dreamt.record["phase"]),
    })
}

/// Writes files for as long as it may; how many milliseconds each took from open to close.
fn closes(folder: &Path, mut go_on: impl FnMut(usize) -> bool) -> Result<Vec<f64>> {
    let page = "what a writer writes\n".repeat(195);
    let mut took = Vec::new();
    while go_on(took.len()) {
        let begun = Instant::now();
        fs::write(folder.join(format!("{}.txt", took.len() % 50)), &page)?;
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
