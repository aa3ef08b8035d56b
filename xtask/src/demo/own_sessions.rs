//! `--sessions`: a Dream over transcripts of the user's own, of which nothing is known beforehand.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::Value;

use super::stage::Stage;

/// Lines for which the reason is shown.
const ASKED: usize = 5;

/// Dreams over `folder`; answers the seconds it took.
pub(crate) fn dream(stage: &mut Stage, folder: &Path) -> Result<f64> {
    stage.set("SESSIONS", folder.display().to_string());
    stage.step("A Dream over your own transcripts.");
    stage.say(&format!("$SESSIONS is {}", folder.display()));
    let start = Instant::now();
    let command = "remanence dream --store $PROJECT --sessions \"$SESSIONS\"";
    stage.show_command(command);
    let record = stage.quietly(&format!("{command} -o json"))?;
    let seconds = start.elapsed().as_secs_f64();
    let record: Value = serde_json::from_str(&record).context("reading what the Dream came to")?;
    println!(
        "{}: {} sessions, facts {}",
        record["phase"].as_str().unwrap_or_default(),
        count(&record),
        record["facts"]
    );
    if record["phase"] != "Applied" {
        println!("{}", record["reasons"]);
        stage.say("Nothing in them was for the memory.");
        return Ok(seconds);
    }
    stage.step("What it changed, as a diff.");
    stage.run_long("remanence diff --store $PROJECT", 200)?;
    stage.step("Why the first lines are believed.");
    let known = format!(
        "planner/project/.dream/{}.json",
        record["id"].as_str().unwrap_or_default()
    );
    Stage::until("the Dream arrives at the mount", || Ok(!stage.read(&known)?.is_empty()))?;
    let facts = stage.quietly(
        "cd planner/project; grep -n '^- ' *.md | grep -v -e '^MEMORY' -e '^plan' -e '^todo' -e '^findings'",
    )?;
    for fact in facts.lines().take(ASKED) {
        let mut parts = fact.splitn(3, ':');
        let (Some(file), Some(line)) = (parts.next(), parts.next()) else {
            continue;
        };
        let why = stage.run(&format!("remanence why --store $PROJECT {file}:{line}"))?;
        stage.claim(why.contains(".jsonl"), "it names the transcript")?;
    }
    Ok(seconds)
}

fn count(record: &Value) -> usize {
    record["sessions"].as_array().map_or(0, Vec::len)
}
