//! What the agents said is recorded where they write it: in their mount.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::stage::Stage;
use crate::build;

/// The transcripts of the story, written for it.
pub(crate) fn folder() -> PathBuf {
    build::workspace().join("xtask/demo/sessions")
}

/// Lines of the coder's session that are said before its machine dies.
pub(crate) const BEFORE: usize = 8;

pub(crate) fn recorded(stage: &mut Stage) -> Result<()> {
    stage.step("While they work, their transcripts grow in `.sessions` of their mounts, a line at a time.");
    fs::create_dir_all(stage.path("said")).context("making a folder for what is said")?;
    for (agent, session) in [("planner", "release"), ("coder", "upload"), ("reviewer", "billing")] {
        let source = folder().join(agent).join(format!("{session}.jsonl"));
        fs::copy(&source, stage.path(&format!("said/{agent}.jsonl")))
            .with_context(|| format!("copying {}", source.display()))?;
        // The coder is in the middle of something.
        let lines = if agent == "coder" {
            format!("head -n {BEFORE}")
        } else {
            "cat".to_owned()
        };
        let file = format!("{agent}/.sessions/{session}.jsonl");
        stage.run(&format!(
            "{lines} said/{agent}.jsonl | while read -r line; do printf '%s\\n' \"$line\" >> {file}; done; sync {file}"
        ))?;
    }
    let counted = stage.run("wc -l planner/.sessions/* coder/.sessions/* reviewer/.sessions/*")?;
    stage.claim(
        counted.contains(&format!("{BEFORE} coder/.sessions/upload.jsonl")),
        "every agent's session folder is a store of its own",
    )
}
