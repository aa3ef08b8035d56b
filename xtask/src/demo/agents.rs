//! Three agents get their folders.

use anyhow::Result;

use super::mounts::Mounts;
use super::stage::Stage;

pub(crate) fn arrive(stage: &mut Stage, mounts: &mut Mounts) -> Result<()> {
    stage
        .step("Three agents, each with a mount of its own: a shared store `project`, and one that is the agent's own.");
    for (name, place) in [("PROJECT", "the shared store"), ("CODER", "one that is an agent's own")] {
        let url = &stage.variables()[name];
        stage.say(&format!("${name} is {place}: {url}"));
    }
    for (at, own) in [("planner", "PLANNER"), ("coder", "CODER")] {
        let options = format!("--agent {at} --store project=$PROJECT {at}=${own} --sessions ${own}_SESSIONS");
        mounts.start(stage, at, &options)?;
    }
    let options = "--agent reviewer --store project=$PROJECT reviewer=$REVIEWER planner=$PLANNER --read-only planner \
                   --sessions $REVIEWER_SESSIONS";
    mounts.start(stage, "reviewer", options)?;
    stage.run("ls planner coder reviewer")?;
    let listed = stage.run_long("cat coder/CLAUDE.md", 8)?;
    stage.claim(
        listed.contains("project") && listed.contains("coder"),
        "a note in the mount tells an agent what it has",
    )
}
