//! `kubectl memory ls`, as a person waits for it.

use std::time::Instant;

use anyhow::Result;

use super::hundred_sessions::NAME;
use super::scene::Scene;
use crate::Effort;
use crate::command::plugin;
use crate::samples::{Spread, Unit};
use crate::table::{Row, Table, Target};

pub(super) fn measure(table: &mut Table, effort: Effort, scene: &Scene) {
    let what = "`kubectl memory ls`, without kubectl's own time";
    table.row(what, row(what, effort, scene));
}

fn row(what: &str, effort: Effort, scene: &Scene) -> Result<Row> {
    let mut samples = Vec::new();
    let mut lines = 0;
    // The first one asks for what the next ones know.
    for turn in 0..=effort.starts {
        let since = Instant::now();
        let printed = plugin(&["ls", NAME, "-n", &scene.namespace])?;
        if turn > 0 {
            samples.push(since.elapsed().as_secs_f64());
        }
        lines = printed.lines().count();
    }
    let target = Target::AtMost(0.300, "≤ 300 ms");
    Ok(Row::alone(what, Spread::of(samples, Unit::Seconds), target).beside(format!("{lines} lines")))
}
