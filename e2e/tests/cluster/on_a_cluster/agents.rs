//! The real Claude Code and the real Codex in the pods of `examples/`, with a scripted model: killed, gone on with in
//! another pod, and dreamt over.

use remanence_e2e::{Plugin, Space, together, until};
use remanence_tests::model_server::{ModelServer, Turn};
use serde_json::{Value, json};

use super::models::model;

const ORDER: &str = "Please remember that the staging database listens on port 5544.";
const QUESTION: &str = "Which port was it?";

fn call(tool: &'static str, input: Value) -> Turn {
    Turn::Call { tool, input }
}

/// The last request carried what the user once said, and the note that Remanence writes.
fn heard(model: &ModelServer, conversation: &str) -> String {
    let requests = model.requests();
    let last = requests.last().expect("the agent asked its model");
    assert!(
        last[conversation].to_string().contains(ORDER),
        "the model did not hear {ORDER:?}"
    );
    let all = last.to_string();
    assert!(all.contains("/mnt/memory/project"), "the note did not reach the model");
    all
}

/// What an agent says in the pod that there is.
fn say(space: &Space, deployment: &str, words: &[&str]) -> String {
    let target = format!("deploy/{deployment}");
    // Its input ends at once, or it would wait for more.
    let mut all = vec!["exec", &target, "--container=main", "--", "timeout", "120"];
    all.extend(words);
    space.kubectl(&all)
}

/// The pod goes, and another comes.
fn kill(space: &Space, deployment: &str) {
    let name = |space: &Space| {
        let pods = space.kubectl(&[
            "get",
            "pods",
            "--selector",
            &format!("app={deployment}"),
            "--output=name",
        ]);
        pods.trim().to_owned()
    };
    let first = name(space);
    space.kubectl(&["delete", &first, "--now", "--timeout=60s"]);
    until("another pod", || match name(space) {
        next if next != first && next.lines().count() == 1 => Ok(()),
        next => Err(next),
    });
    space.wait(&name(space), "Ready");
}

/// The fact that was only said is memory after a dream, once, though the session that was resumed may tell it again, for
/// whoever shares the store.
fn is_dreamt(space: &Space, deployment: &str) {
    let said = Plugin::admin(space).says(&["dream", "project", "--wait"], "");
    assert!(said.contains("Applied"), "{said}");
    space.sees(
        &format!("deploy/{deployment}"),
        "cat /mnt/memory/project/*.md | grep -c 'staging database listens on port 5544'",
        "1",
    );
}

#[test]
#[ignore = "needs the real agents: cargo xtask test --agents"]
fn claude_code_goes_on_in_another_pod_and_what_it_was_told_is_memory() {
    let _turn = together();
    let space = Space::plain();
    let model = model();
    let address = format!("--from-literal=ANTHROPIC_BASE_URL={}", model.url());
    let key = "--from-literal=ANTHROPIC_API_KEY=any";
    space.kubectl(&["create", "secret", "generic", "claude-code", key, &address]);
    space.apply_example("claude-code.yaml");
    space.wait("deployment/coder", "Available");
    let claude = |words: &[&str]| {
        let tools = ["claude", "--allowedTools", "Write,Edit,Read,Bash"];
        say(&space, "coder", &[&tools, words].concat())
    };

    model.follow([
        call(
            "Write",
            json!({"file_path": "/mnt/memory/project/review.md", "content": "The schema was reviewed.\n"}),
        ),
        call(
            "Write",
            json!({"file_path": "/mnt/memory/coder/style.md", "content": "Short answers are liked.\n"}),
        ),
        Turn::Say("Saved.".to_owned()),
    ]);
    assert_eq!(claude(&["-p", ORDER]).trim(), "Saved.");
    let request = heard(&model, "messages");
    assert!(
        request.contains("memory at `/mnt/memory/coder"),
        "its auto memory lies elsewhere"
    );
    let sessions = space.sh("deploy/coder", "find /home/agent/.claude/projects -name '*.jsonl'");
    let id = sessions
        .trim()
        .rsplit('/')
        .next()
        .unwrap()
        .trim_end_matches(".jsonl")
        .to_owned();

    kill(&space, "coder");
    model.follow([Turn::Say("It was 5544.".to_owned())]);
    assert_eq!(claude(&["--resume", &id, "-p", QUESTION]).trim(), "It was 5544.");
    heard(&model, "messages");
    let admin = Plugin::admin(&space);
    assert_eq!(
        admin.says(&["cat", "project/review.md"], ""),
        "The schema was reviewed.\n"
    );
    assert_eq!(admin.says(&["cat", "coder/style.md"], ""), "Short answers are liked.\n");
    is_dreamt(&space, "coder");
}

#[test]
#[ignore = "needs the real agents: cargo xtask test --agents"]
fn codex_goes_on_in_another_pod_and_what_it_was_told_is_memory() {
    let _turn = together();
    let space = Space::plain();
    let model = model();
    space.kubectl(&[
        "create",
        "secret",
        "generic",
        "codex",
        "--from-literal=CODEX_API_KEY=any",
    ]);
    space.apply_example("codex.yaml");
    space.wait("deployment/builder", "Available");
    let provider = format!(
        r#"model_providers.scripted={{name="scripted", base_url="{}/v1", wire_api="responses", env_key="CODEX_API_KEY"}}"#,
        model.url()
    );
    let codex = |words: &[&str]| {
        let settings = ["model=\"scripted\"", "model_provider=\"scripted\"", &provider];
        let settings = settings.iter().flat_map(|setting| ["-c", setting]).collect::<Vec<_>>();
        say(
            &space,
            "builder",
            &[&["codex", "exec", "--skip-git-repo-check"], settings.as_slice(), words].concat(),
        )
    };

    model.follow([
        call(
            "exec_command",
            json!({"cmd": "echo 'The schema was reviewed.' > /mnt/memory/project/review.md"}),
        ),
        Turn::Say("Saved.".to_owned()),
    ]);
    assert_eq!(codex(&[ORDER]).trim(), "Saved.");
    heard(&model, "input");
    let sessions = space.sh("deploy/builder", "find /home/agent/.codex/sessions -name '*.jsonl'");
    // rollout-<time>-<id>.jsonl, where the id has 36 characters.
    let stem = sessions.trim().trim_end_matches(".jsonl");
    let id = stem[stem.len() - 36..].to_owned();

    kill(&space, "builder");
    model.follow([Turn::Say("It was 5544.".to_owned())]);
    assert_eq!(codex(&["resume", &id, QUESTION]).trim(), "It was 5544.");
    heard(&model, "input");
    let reviewed = Plugin::admin(&space).says(&["cat", "project/review.md"], "");
    assert_eq!(reviewed, "The schema was reviewed.\n");
    is_dreamt(&space, "builder");
}
