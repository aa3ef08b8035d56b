//! How long after a close on one mount another one shows the new content.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::Effort;
use crate::daemon::Daemon;
use crate::samples::{Spread, Unit};
use crate::servers::{Server, Servers};
use crate::table::{Row, Table, Target};

/// Fine enough to measure milliseconds, coarse enough to leave the processors to the daemons.
const LOOK_EVERY: Duration = Duration::from_micros(200);
const GIVE_UP: Duration = Duration::from_mins(1);

pub(crate) fn measure(table: &mut Table, effort: Effort, servers: &Servers) {
    for server in servers.both() {
        let what = format!("closed on mount A → read on mount B, {}", server.name);
        let row = seconds(server, effort).map(|samples| {
            let spread = Spread::of(samples, Unit::Seconds);
            Row::alone(&what, spread, Target::AtMost(0.005, "≤ 5 ms"))
        });
        table.row(&what, row);
    }
}

fn seconds(server: &Server, effort: Effort) -> Result<Vec<f64>> {
    let url = server.new_store()?;
    let writer = Daemon::remanence("writer", &[("project", &url)], &[])?;
    let reader = Daemon::remanence("reader", &[("project", &url)], &[])?;
    let [written, read] = [&writer, &reader].map(|mount| mount.at().join("project/state.md"));
    let mut samples = Vec::new();
    for round in 0..=effort.operations / 2 {
        let content = format!("state {round}\n");
        fs::write(&written, &content).context("writing on mount A")?;
        let closed = Instant::now();
        // Absent on the other mount until its first version arrives there.
        while fs::read_to_string(&read).unwrap_or_default() != content {
            if closed.elapsed() > GIVE_UP {
                bail!("not to be seen on mount B after {GIVE_UP:?}");
            }
            thread::sleep(LOOK_EVERY);
        }
        if round > 0 {
            samples.push(closed.elapsed().as_secs_f64());
        }
    }
    Ok(samples)
}
