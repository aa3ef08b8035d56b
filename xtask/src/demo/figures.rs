//! Figures that are taken while the story is told.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result};

use super::stage::Stage;
use crate::table::median;

const ROUNDS: usize = 21;

/// Medians, in seconds.
pub(crate) struct Figures {
    close: f64,
    visible: f64,
}

/// Writes a file on one mount until it is seen on another, some times.
pub(crate) fn measure(stage: &Stage) -> Result<Figures> {
    let (mut closes, mut seen) = (Vec::new(), Vec::new());
    let path = stage.path("planner/project/clock.md");
    for round in 0..ROUNDS {
        let content = format!("tick {round}\n");
        let start = Instant::now();
        fs::write(&path, &content).context("writing planner/project/clock.md")?;
        let closed = Instant::now();
        Stage::until("the reviewer sees the file", || {
            Ok(stage.read("reviewer/project/clock.md")? == content)
        })?;
        closes.push((closed - start).as_secs_f64());
        seen.push(closed.elapsed().as_secs_f64());
    }
    fs::remove_file(&path).context("removing planner/project/clock.md")?;
    Ok(Figures {
        close: median(closes),
        visible: median(seen),
    })
}

impl Figures {
    /// Prints them, with the seconds that the Dream took.
    pub(crate) fn show(&self, dream: f64) {
        println!(
            "write and close, until it is in the store   {:>7.1} ms",
            self.close * 1e3
        );
        println!(
            "then until another agent reads it           {:>7.1} ms",
            self.visible * 1e3
        );
        println!("the Dream                                   {:>7.1} ms", dream * 1e3);
        println!(
            "Medians of {ROUNDS}, the Dream once, from a build for development; `cargo xtask bench` measures properly."
        );
    }
}
