//! How long a dream over many sessions takes.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Effort;
use crate::command::remanence;
use crate::samples::{Spread, Unit, show};
use crate::servers;
use crate::table::{Row, Table, Target};

const AGENTS: [&str; 4] = ["planner", "coder", "reviewer", "tester"];
/// Turns of one session.
const TURNS: usize = 20;

pub(crate) fn measure(table: &mut Table, effort: Effort) {
    table.row("a dream over 1,000 sessions", dream(effort));
}

fn dream(effort: Effort) -> Result<Row> {
    let sessions = TempDir::with_prefix("sessions-").context("making a folder for sessions")?;
    let mut bytes = 0;
    for number in 0..effort.sessions {
        bytes += write_session(sessions.path(), number)?;
    }
    let url = servers::all().directory.new_store()?;
    remanence(&["init", "--store", &url])?;
    let folder = sessions.path().display().to_string();
    let start = Instant::now();
    let printed = remanence(&["dream", "--store", &url, "--sessions", &folder, "-o", "json"])?;
    let seconds = start.elapsed().as_secs_f64() * 1000.0 / effort.sessions as f64;
    let record: Value = serde_json::from_str(&printed).context("reading what the dream came to")?;
    if record["phase"] != "Applied" {
        bail!("the dream came to {}", record["phase"]);
    }
    let size = show(bytes as f64 * 1000.0 / effort.sessions as f64, Unit::Bytes);
    let what = "a dream, per 1,000 sessions, directory";
    Ok(
        Row::alone(what, Spread::once(seconds, Unit::Seconds), Target::None).beside(format!(
            "{size} of transcripts, {} facts added from {} sessions",
            record["facts"]["added"], effort.sessions
        )),
    )
}

/// A session as Claude Code writes it, with a fact that stands in no other one.
fn write_session(folder: &Path, number: usize) -> Result<usize> {
    let folder = folder.join(AGENTS[number % AGENTS.len()]);
    fs::create_dir_all(&folder).context("making a folder for an agent")?;
    let mut text = String::new();
    for turn in 0..TURNS {
        let (role, words) = match turn {
            0 => (
                "user",
                format!("Remember: service {number} listens on port {}.", 20_000 + number),
            ),
            t if t % 2 == 0 => ("user", format!("Go on with part {t} of service {number}, please.")),
            t => (
                "assistant",
                format!(
                    "Part {t} of service {number} is done; its tests pass. {}",
                    "So far so good. ".repeat(20)
                ),
            ),
        };
        let line = json!({
            "type": role,
            "sessionId": format!("session-{number:05}"),
            "uuid": format!("{number:05}-{turn:02}"),
            "timestamp": format!("2026-01-{:02}T{:02}:{:02}:{turn:02}.000Z", 1 + number / 60 % 28, number / 1680 % 24, number % 60),
            "message": {"role": role, "content": words},
        });
        writeln!(text, "{line}").context("writing a line")?;
    }
    let path = folder.join(format!("session-{number:05}.jsonl"));
    fs::write(&path, &text).with_context(|| format!("writing {}", path.display()))?;
    Ok(text.len())
}
