//! A thousand sessions in one dream: seconds, memory, and whether it grows with what there is to read.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Result, bail};
use serde_json::json;

use super::program::{Bench, Program};

const LINES: usize = 60;
/// Bytes of what a tool gave back in a line.
const OUTPUT: usize = 1700;

/// All sessions in no more than this.
const MOST_SECONDS: f64 = 20.0;
const MOST_BYTES: u64 = 200 << 20;
/// A dream with nothing to do asks the store no more often than this.
pub(super) const MOST_REQUESTS: u64 = 10;

/// Dreams over a quarter of the sessions, half of them, then all; also what is over its limit.
pub(super) fn measure(program: &Program, sessions: usize) -> Result<(String, Vec<String>)> {
    let mut out = String::from(
        "| sessions | MB | seconds | of a processor | peak MB | facts added | a second dream |\n|---|---|---|---|---|---|---|\n",
    );
    let mut over = Vec::new();
    for count in [sessions / 4, sessions / 2, sessions] {
        let bench = Bench::new(program)?;
        let bytes = lay_out(&bench, count)?;
        let first = bench.dream(Some("2026-07-01T00:00:00Z"), 25_600)?;
        if first.used.peak == 0 {
            bail!("the dream over {count} sessions was not found in /proc: what it took is not known");
        }
        let second = bench.dream(Some("2026-07-01T01:00:00Z"), 25_600)?;
        let _ = writeln!(
            out,
            "| {count} | {} | {:.1} | {:.1} | {} | {} | {}, {:.2} s, {} store requests |",
            bytes / 1_000_000,
            first.seconds,
            first.used.processor,
            first.used.peak >> 20,
            first.record["facts"]["added"],
            second.record["phase"].as_str().unwrap_or_default(),
            second.seconds,
            second.requests
        );
        if first.seconds > MOST_SECONDS || first.used.peak > MOST_BYTES {
            let peak = first.used.peak >> 20;
            over.push(format!("{count} sessions take {:.1} s and {peak} MB", first.seconds));
        }
        if second.requests > MOST_REQUESTS {
            over.push(format!(
                "a second dream over {count} sessions asks the store {} times",
                second.requests
            ));
        }
    }
    Ok((out, over))
}

/// Sessions with one fact each in much output; how many bytes that makes.
pub(super) fn lay_out(bench: &Bench<'_>, count: usize) -> Result<usize> {
    let output = "Compiling crate 17 of 90, nothing to see here. ".repeat(OUTPUT / 47);
    let mut bytes = 0;
    for session in 0..count {
        let time = format!("2026-06-{:02}T{:02}:00:00Z", 1 + session % 28, session % 24);
        let mut text = String::new();
        for line in 0..LINES {
            let content = if line == LINES / 2 {
                json!(format!(
                    "Remember that locker {session} belongs to crew {}.",
                    session * 7 % 1000
                ))
            } else {
                json!([{"type": "tool_result", "tool_use_id": "t", "content": output}])
            };
            let message = json!({"role": "user", "content": content});
            let _ = writeln!(
                text,
                "{}",
                json!({"type": "user", "timestamp": time, "message": message})
            );
        }
        let agent = bench.sessions().join(format!("agent{}", session % 20));
        fs::create_dir_all(&agent)?;
        bytes += text.len();
        fs::write(agent.join(format!("{session}.jsonl")), text)?;
    }
    Ok(bytes)
}
