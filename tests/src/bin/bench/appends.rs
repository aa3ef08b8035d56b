//! Whether lines that several mounts append to one file at once are all kept, each once.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::daemon::Daemon;
use crate::samples::{Spread, Unit};
use crate::servers::{Server, Servers};
use crate::table::{Row, Table, Target};

const CASES: [(usize, usize); 2] = [(2, 20), (8, 200)];
const ARRIVED_WITHIN: Duration = Duration::from_mins(1);

pub(crate) fn measure(table: &mut Table, servers: &Servers) {
    for server in servers.both() {
        for (mounts, lines) in CASES {
            let what = format!(
                "lines kept once, {mounts} mounts × {lines} appends at once, {}",
                server.name
            );
            let row = kept(server, mounts, lines).map(|(kept, seconds)| {
                let all = (mounts * lines) as f64;
                Row::alone(&what, Spread::once(kept as f64, Unit::Count), Target::All(all))
                    .beside(format!("{:.0} appends/s in all", all / seconds))
            });
            table.row(&what, row);
        }
    }
}

/// Lines that are in the file exactly once on every mount, and the seconds that the appends took.
fn kept(server: &Server, count: usize, lines: usize) -> Result<(usize, f64)> {
    let url = server.new_store()?;
    let mounts = (0..count)
        .map(|agent| Daemon::remanence(&format!("agent-{agent}"), &[("project", &url)], &[]))
        .collect::<Result<Vec<_>>>()?;
    let files: Vec<_> = mounts.iter().map(|mount| mount.at().join("project/log.md")).collect();
    fs::write(&files[0], "").context("making the file")?;
    let barrier = Barrier::new(count);
    let start = Instant::now();
    thread::scope(|scope| {
        let threads: Vec<_> = files
            .iter()
            .enumerate()
            .map(|(agent, file)| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    (0..lines).try_for_each(|line| append(file, &line_of(agent, line)))
                })
            })
            .collect();
        for thread in threads {
            thread.join().map_err(|_| anyhow!("an appender panicked"))??;
        }
        anyhow::Ok(())
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let expected = count * lines;
    let deadline = Instant::now() + ARRIVED_WITHIN;
    let mut worst = 0;
    while Instant::now() < deadline {
        let counts = files
            .iter()
            .map(|file| once(file, count, lines))
            .collect::<Result<Vec<_>>>()?;
        worst = counts.into_iter().min().unwrap_or(0);
        if worst == expected {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok((worst, seconds))
}

fn line_of(agent: usize, line: usize) -> String {
    format!("agent {agent} line {line}")
}

fn append(file: &Path, line: &str) -> Result<()> {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(file)
        .context("opening for append")?;
    file.write_all(format!("{line}\n").as_bytes()).context("appending")
}

fn once(file: &Path, count: usize, lines: usize) -> Result<usize> {
    let text = match fs::read_to_string(file) {
        // Not arrived on this mount.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        other => other.context("reading the lines")?,
    };
    let mut found = BTreeMap::new();
    for line in text.lines() {
        *found.entry(line).or_insert(0) += 1;
    }
    let expected = (0..count).flat_map(|agent| (0..lines).map(move |line| line_of(agent, line)));
    Ok(expected.filter(|line| found.get(line.as_str()) == Some(&1)).count())
}
