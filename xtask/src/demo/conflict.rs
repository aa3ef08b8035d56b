//! Two agents edit one file at the same time.

use anyhow::{Context, Result};

use super::stage::Stage;

/// An editor: it reads, its user thinks, it writes a new file and puts it in the place of the old one.
const EDIT: &str =
    r#"edit() { text=$(cat "$1"); sleep 1; printf '%s\n' "$text" | sed "$2" > "$1.tmp.$$"; mv "$1.tmp.$$" "$1"; }"#;

pub(crate) fn merged(stage: &mut Stage) -> Result<()> {
    stage.step("Coder and reviewer open the same plan in an editor, change different lines, and save.");
    stage.say(&format!("Each editor is: {EDIT}"));
    edit_both(stage, "s/port 8080/port 9090/", "s/on Friday/on Monday/")?;
    let complete = |text: &str| text.contains("port 9090") && text.contains("on Monday");
    Stage::until("both edits are in the plan", || {
        Ok(complete(&stage.read("planner/project/plan.md")?) && complete(&stage.read("coder/project/plan.md")?))
    })?;
    stage.run("cat planner/project/plan.md")?;
    let beside = stage.quietly("ls planner/project")?;
    stage.claim(
        !beside.contains("conflict"),
        "both edits are in the plan, nobody had to do anything",
    )
}

pub(crate) fn kept_beside(stage: &mut Stage) -> Result<()> {
    stage.step("They change the same line to different things: that can't be merged.");
    edit_both(stage, "s/Kim/Ada/", "s/Kim/Noor/")?;
    let sibling = || -> Result<Option<String>> {
        let listed = stage.quietly("ls planner/project")?;
        Ok(listed
            .lines()
            .find(|name| name.contains(".conflict-"))
            .map(str::to_owned))
    };
    Stage::until("the other edit is kept beside the plan", || Ok(sibling()?.is_some()))?;
    stage.run("ls planner/project")?;
    stage.run("grep -n Owner planner/project/plan*.md")?;
    let sibling = sibling()?.context("the file beside the plan is gone again")?;
    let (plan, beside) = (
        stage.read("planner/project/plan.md")?,
        stage.read(&format!("planner/project/{sibling}"))?,
    );
    let owners = |text: &str| (text.contains("Ada"), text.contains("Noor"));
    let kept = matches!(
        (owners(&plan), owners(&beside)),
        ((true, false), (false, true)) | ((false, true), (true, false))
    );
    stage.claim(
        kept,
        "one edit stands, the other is kept beside it under its author's name",
    )?;
    stage.run(&format!("rm planner/project/{sibling}   # the planner settles it"))?;
    Ok(())
}

fn edit_both(stage: &Stage, coder: &str, reviewer: &str) -> Result<()> {
    let before = stage.read("planner/project/plan.md")?;
    Stage::until("both have the same plan", || {
        Ok(stage.read("coder/project/plan.md")? == before && stage.read("reviewer/project/plan.md")? == before)
    })?;
    for command in [
        format!("edit coder/project/plan.md '{coder}' &"),
        format!("edit reviewer/project/plan.md '{reviewer}' &"),
        "wait".to_owned(),
    ] {
        stage.show_command(&command);
    }
    let commands = format!(
        "{EDIT}\nedit coder/project/plan.md '{coder}' & coder=$!\n\
         edit reviewer/project/plan.md '{reviewer}' & reviewer=$!\nwait $coder && wait $reviewer"
    );
    stage.quietly(&commands)?;
    Ok(())
}
