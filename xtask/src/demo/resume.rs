//! An agent's machine dies; the agent goes on elsewhere.

use anyhow::Result;

use super::mounts::Mounts;
use super::stage::Stage;
use super::transcripts::BEFORE;

pub(crate) fn elsewhere(stage: &mut Stage, mounts: &mut Mounts) -> Result<()> {
    stage.step("The coder's machine dies in the middle of a session; the coder resumes on another one.");
    mounts.kill(stage, "coder")?;
    mounts.start(
        stage,
        "coder-2",
        "--agent coder --store project=$PROJECT coder=$CODER --sessions $CODER_SESSIONS",
    )?;
    stage.run("ls coder-2/.sessions coder-2/project")?;
    let last = stage.run("tail -n 1 coder-2/.sessions/upload.jsonl | cut -c 1-140")?;
    let (said, found) = (
        stage.read("said/coder.jsonl")?,
        stage.read("coder-2/.sessions/upload.jsonl")?,
    );
    let expected: String = said.split_inclusive('\n').take(BEFORE).collect();
    stage.claim(
        found == expected && !last.is_empty(),
        &format!("all {BEFORE} lines that it had said are there, to the byte"),
    )?;
    stage.run(&format!(
        "tail -n +{} said/coder.jsonl >> coder-2/.sessions/upload.jsonl; sync coder-2/.sessions/upload.jsonl",
        BEFORE + 1
    ))?;
    let found = stage.read("coder-2/.sessions/upload.jsonl")?;
    stage.claim(found == said, "and the session goes on in the same file")
}
