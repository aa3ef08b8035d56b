//! A thousand sessions in one dream: seconds, memory, and whether it grows with what there is to read.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::pack::text;
use super::program::{Bench, Program};
use super::work;

/// All sessions in no more than this.
const MOST_SECONDS: f64 = 20.0;
const MOST_BYTES: u64 = 200 << 20;
/// Four times as many sessions take no more than so many times as long.
const MOST_GROWTH: f64 = 5.0;
/// A dream with nothing to do takes no longer, and asks the store no more often than this.
const MOST_SECONDS_FOR_NOTHING: f64 = 1.0;
pub(super) const MOST_REQUESTS: u64 = 10;

/// Dreams over a quarter of the sessions, half of them, then all; also what is over its limit.
pub(super) fn measure(program: &Program, sessions: usize) -> Result<(String, Vec<String>)> {
    let mut out = String::from(
        "| sessions | MB | seconds | of a processor | seconds for 100 MB | peak MB | facts added | a second dream |\n|---|---|---|---|---|---|---|---|\n",
    );
    let mut over = Vec::new();
    let mut took = Vec::new();
    for count in [sessions / 4, sessions / 2, sessions] {
        let bench = Bench::new(program)?;
        let bytes = lay_out(&bench, count)?;
        let first = bench.dream(Some("2026-07-01T00:00:00Z"), 25_600)?;
        if first.used.peak == 0 {
            bail!("the dream over {count} sessions was not found in /proc: what it took is not known");
        }
        let second = bench.dream(Some("2026-07-01T01:00:00Z"), 25_600)?;
        let phase = text(&second.record["phase"]);
        let _ = writeln!(
            out,
            "| {count} | {} | {:.1} | {:.1} | {:.1} | {} | {} | {phase}, {:.2} s, {} store requests |",
            bytes / 1_000_000,
            first.seconds,
            first.used.processor,
            first.seconds * 1e8 / bytes as f64,
            first.used.peak >> 20,
            first.record["facts"]["added"],
            second.seconds,
            second.requests
        );
        if first.seconds > MOST_SECONDS || first.used.peak > MOST_BYTES {
            let peak = first.used.peak >> 20;
            over.push(format!("{count} sessions take {:.1} s and {peak} MB", first.seconds));
        }
        if phase != "NoChange" || second.seconds > MOST_SECONDS_FOR_NOTHING || second.requests > MOST_REQUESTS {
            over.push(format!(
                "a second dream over {count} sessions is {phase}, takes {:.2} s and asks the store {} times",
                second.seconds, second.requests
            ));
        }
        took.push(first.used.processor);
    }
    let growth = took[took.len() - 1] / took[0];
    let _ = writeln!(
        out,
        "\nFour times the sessions take {growth:.1} times the time of a processor."
    );
    if growth > MOST_GROWTH {
        over.push(format!("four times the sessions take {growth:.1} times as long"));
    }
    Ok((out, over))
}

/// Sessions of the agents of a team; how many bytes that makes.
pub(super) fn lay_out(bench: &Bench<'_>, count: usize) -> Result<usize> {
    let told: Value = serde_json::from_str(include_str!("nights.json")).context("nights.json")?;
    let talk: Vec<String> = told["talk"].as_array().into_iter().flatten().map(text).collect();
    let mut bytes = 0;
    for number in 0..count {
        let session = work::session(number, &talk);
        let agent = bench.sessions().join(format!("agent{}", number % 20));
        fs::create_dir_all(&agent)?;
        bytes += session.len();
        fs::write(agent.join(format!("{number}.jsonl")), session)?;
    }
    Ok(bytes)
}
