//! Files that several agents write: seen at once, appended at once, rewritten while others append.

use anyhow::Result;

use super::stage::Stage;

const AGENTS: [&str; 3] = ["planner", "coder", "reviewer"];
/// Lines that each agent appends.
const LINES: usize = 30;

pub(crate) fn a_plan(stage: &mut Stage) -> Result<()> {
    stage.step("The planner writes a plan; the others find it with the tools they have.");
    stage.run(
        "cat > planner/project/plan.md <<'END'\n\
         # Plan for harbour\n\n\
         - Codename: Bluebird\n\
         - The service listens on port 8080.\n\
         - The staging database listens on port 5432.\n\
         - We ship on Friday.\n\
         - Owner of the release: Kim.\n\
         END",
    )?;
    Stage::until("the coder sees the plan", || {
        Ok(stage.read("coder/project/plan.md")?.contains("Kim"))
    })?;
    let found = stage.run("grep -rn Friday coder/project")?;
    stage.claim(
        found.contains("We ship on Friday"),
        "what one agent writes is a file in the folder of the others",
    )
}

pub(crate) fn lines_at_once(stage: &mut Stage) -> Result<()> {
    stage.step(&format!(
        "All three append {LINES} lines each to one file, at the same moment."
    ));
    let commands = AGENTS.map(|agent| {
        format!("for i in $(seq {LINES}); do echo \"{agent} found thing $i\" >> {agent}/project/findings.md; done")
    });
    stage.at_once(&commands)?;
    let all = AGENTS.len() * LINES;
    for agent in AGENTS {
        let file = format!("{agent}/project/findings.md");
        Stage::until("all lines arrive", || Ok(stage.read(&file)?.lines().count() >= all))?;
    }
    stage.run("cut -d' ' -f1 reviewer/project/findings.md | sort | uniq -c")?;
    let mut complete = true;
    for agent in AGENTS {
        let text = stage.read(&format!("{agent}/project/findings.md"))?;
        let mut lines: Vec<_> = text.lines().collect();
        lines.sort_unstable();
        lines.dedup();
        complete &= lines.len() == all && text.lines().count() == all;
    }
    stage.claim(
        complete,
        &format!("all {all} lines are there, each once, on all three mounts"),
    )
}

pub(crate) fn a_race(stage: &mut Stage) -> Result<()> {
    stage.step("The reviewer reads a list, thinks, and writes it anew, while the coder appends to it.");
    stage.run("printf '%s\\n' '- test the upload' '- update the manual' > reviewer/project/todo.md")?;
    Stage::until("the coder sees the list", || {
        Ok(stage.read("coder/project/todo.md")?.contains("manual"))
    })?;
    stage.run(
        "list=$(cat reviewer/project/todo.md); sleep 1; echo '- rotate the keys' >> coder/project/todo.md
printf '%s\\n' '- read the licence' \"$list\" > reviewer/project/todo.md   # knows nothing of the keys",
    )?;
    let wanted = [
        "read the licence",
        "test the upload",
        "update the manual",
        "rotate the keys",
    ];
    let complete = |text: &str| wanted.iter().all(|line| text.matches(line).count() == 1);
    Stage::until("both changes are in the list", || {
        Ok(complete(&stage.read("planner/project/todo.md")?) && complete(&stage.read("reviewer/project/todo.md")?))
    })?;
    stage.run("cat planner/project/todo.md")?;
    stage.claim(
        true,
        "the coder's line was not erased by a writer who had never seen it",
    )
}
