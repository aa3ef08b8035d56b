//! A store that is attached for reading only.

use anyhow::Result;

use super::stage::Stage;

pub(crate) fn refused(stage: &mut Stage) -> Result<()> {
    stage.step("The reviewer may read the planner's own notes, but not write them.");
    stage.run("echo 'Ask Kim before moving the date.' > planner/planner/notes.md")?;
    Stage::until("the reviewer sees the notes", || {
        Ok(stage.read("reviewer/planner/notes.md")?.contains("Kim"))
    })?;
    stage.run("cat reviewer/planner/notes.md")?;
    let said = stage.refused("echo 'No need to ask.' >> reviewer/planner/notes.md")?;
    stage.claim(
        said.contains("Read-only file system"),
        "the write is refused, and nothing else happens",
    )
}
