//! The Dream: what was said becomes memory, each line with its reason, and can be taken back.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::stage::Stage;

/// Dreams over the transcripts of the story; answers the seconds it took.
pub(crate) fn dream(stage: &mut Stage) -> Result<f64> {
    stage.step("At night, a Dream reads what was said and tidies the shared memory.");
    let sessions = "--sessions $PLANNER_SESSIONS $CODER_SESSIONS $REVIEWER_SESSIONS";
    let start = Instant::now();
    stage.run_long(&format!("remanence dream --store $PROJECT {sessions}"), 30)?;
    let seconds = start.elapsed().as_secs_f64();
    Stage::until("the dream's memory arrives on the mounts", || {
        Ok(stage.read("planner/project/MEMORY.md")?.contains(".md"))
    })?;
    stage.run_long("cat planner/project/MEMORY.md", 20)?;

    changed(stage)?;
    remembered(stage)?;
    forgotten(stage)?;
    left_out(stage)?;
    believed(stage)?;
    history(stage)?;
    undone(stage)?;
    Ok(seconds)
}

/// Lines that are looked at: what is said of them in the memory of the dream.
const LINES: [&str; 3] = ["Tuesdays", "make check", "upload limit"];

fn changed(stage: &mut Stage) -> Result<()> {
    stage.step("What it changed, as a diff; here of the plan and of three of its own files.");
    let mut files = vec!["plan.md".to_owned()];
    for line in LINES {
        let file = place(stage, line)?.0;
        if !files.contains(&file) {
            files.push(file);
        }
    }
    for file in files {
        stage.run_long(&format!("remanence diff --store $PROJECT {file}"), 20)?;
    }
    Ok(())
}

/// The file and the number of the line that the dream wrote with these words.
fn place(stage: &Stage, words: &str) -> Result<(String, String)> {
    let search = format!("cd planner/project; grep -n '{words}' *.md | grep -v -e ^MEMORY -e ^plan | head -n 1");
    let found = stage.quietly(&search)?;
    let mut parts = found.splitn(3, ':');
    match (parts.next(), parts.next()) {
        (Some(file), Some(line)) => Ok((file.to_owned(), line.to_owned())),
        _ => bail!("the dream left no line about: {words}"),
    }
}

fn remembered(stage: &Stage) -> Result<()> {
    let memory = stage.quietly("cat planner/project/*.md")?.to_lowercase();
    let yesterday = stage.quietly("date -u -d yesterday +%F")?;
    for (what, words) in [
        ("what the planner was told to remember", ["tuesdays", "10:00"]),
        ("a correction, with its reason", ["make check", "database"]),
        ("what was said in passing, as it holds for long", ["5433", "staging"]),
        ("a preference of the user", ["small commits", "first line"]),
        ("a day that was called yesterday, by its date", [yesterday.trim(), "13"]),
    ] {
        let there = words.iter().all(|word| memory.contains(word));
        stage.claim(there, &format!("there is {what} ({})", words.join(", ")))?;
    }
    Ok(())
}

fn forgotten(stage: &Stage) -> Result<()> {
    let plan = stage.read("planner/project/plan.md")?;
    stage.claim(
        !plan.contains("Bluebird") && plan.contains("port 9090"),
        "what the planner was told to forget is gone from the plan, the rest of it stands",
    )
}

fn left_out(stage: &mut Stage) -> Result<()> {
    stage.step("What it kept out: a secret, and a web page that gave orders.");
    let nothing = "grep -rn -e hrb_live -e 'without a review' planner/project || echo nothing";
    let found = stage.run(nothing)?;
    stage.claim(found == "nothing\n", "neither is anywhere in the memory")
}

fn believed(stage: &mut Stage) -> Result<()> {
    stage.step("Why each line is believed: the transcript and the words it rests on.");
    for words in LINES {
        let (file, line) = place(stage, words)?;
        let why = stage.run(&format!("remanence why --store $PROJECT {file}:{line}"))?;
        let said = why.contains(".jsonl") && why.to_lowercase().contains(&words.to_lowercase());
        stage.claim(said, "it names the transcript and shows the words")?;
    }
    Ok(())
}

fn history(stage: &mut Stage) -> Result<()> {
    stage.step("The log: who changed what, newest first.");
    let log = stage.run_long("remanence log --store $PROJECT -n 12", 16)?;
    stage.claim(
        log.to_lowercase().contains("dream"),
        "the Dream stands there as an author like any other",
    )
}

fn undone(stage: &mut Stage) -> Result<()> {
    stage.step("And one command takes the Dream back.");
    stage.run("remanence undo --store $PROJECT")?;
    Stage::until("the memory of the dream is gone from the mounts", || {
        // What is listed may be gone a moment later.
        Ok(stage
            .quietly("grep -s Tuesdays planner/project/*.md || true")?
            .is_empty())
    })?;
    stage.run("ls planner/project")?;
    let plan = stage.read("planner/project/plan.md")?;
    let dreams: Value = serde_json::from_str(&stage.quietly("remanence dreams --store $PROJECT -o json")?)
        .context("reading the list of dreams")?;
    stage.claim(
        plan.contains("port 9090") && plan.contains("Bluebird"),
        "what the agents wrote is as it was before the Dream",
    )?;
    stage.claim(
        dreams.to_string().contains("Undone"),
        "and the record says that it was undone",
    )
}
