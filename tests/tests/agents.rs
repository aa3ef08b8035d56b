//! The real Claude Code and the real Codex on a mount: their tools write to it, their sessions lie in it, another
//! machine resumes them, and a dream reads what they left.

use std::fs;
use std::path::{Path, PathBuf};

use remanence_tests::agent_home::AgentHome;
use remanence_tests::command::{remanence, remanence_json, succeed};
use remanence_tests::model_server::{ModelServer, Turn};
use remanence_tests::mounted::{Mount, Mounted};
use serde_json::{Value, json};
use tempfile::TempDir;

const ORDER: &str = "Remember that the staging database listens on port 5544.";
const QUESTION: &str = "Which port was it?";

/// The stores of one agent, the folder it works in, and its model.
struct Scene {
    agent: &'static str,
    folder: TempDir,
    model: ModelServer,
}

impl Scene {
    fn new(agent: &'static str) -> Self {
        let folder = TempDir::with_prefix("remanence-agents-").expect("a temporary folder");
        fs::create_dir(folder.path().join("work")).expect("a folder to work in");
        Self {
            agent,
            folder,
            model: ModelServer::start().expect("a model on loopback"),
        }
    }

    fn url(&self, store: &str) -> String {
        format!("file://{}", self.folder.path().join(store).display())
    }

    /// A machine that has the agent's stores.
    fn machine(&self) -> (Mounted, AgentHome) {
        let mounted = Mount::of(self.agent)
            .store("project", &self.url("project"))
            .store(self.agent, &self.url(self.agent))
            .sessions(&self.url("sessions"))
            .start();
        let home = AgentHome::new(mounted.at(), &self.folder.path().join("work"), &self.model.url());
        (mounted, home)
    }

    /// Ends the machine on which the agent wrote; all that it was told and did is there. Answers its session.
    fn written(&self, first: Mounted, conversation: &str) -> PathBuf {
        assert_eq!(
            fs::read_to_string(first.store("project").join("notes.md")).expect("the notes"),
            "staging database: port 5544\nreviewed: yes\n"
        );
        assert_model_heard(&self.model, conversation, &first.store("project"), ORDER);
        let session = only_session(&first.store(".sessions"));
        first.stop();
        assert!(remanence(["cat", "--store", &self.url("project"), "notes.md"]).contains("5544"));
        session
    }

    /// Dreams over the sessions into the agent's own store; answers the record and all that the store then says.
    fn dream(&self) -> (Value, String) {
        let store = self.url(self.agent);
        let record = remanence_json(["dream", "--store", &store, "--sessions", &self.url("sessions")]);
        let out = self.folder.path().join("out");
        remanence(["export".as_ref(), "--store".as_ref(), store.as_ref(), out.as_os_str()]);
        let text = succeed(std::process::Command::new("cat").args(files(&out)));
        (record, text)
    }
}

#[test]
#[ignore = "needs the real agents: cargo xtask test --agents"]
fn claude_code_writes_resumes_elsewhere_and_is_dreamt_over() {
    let scene = Scene::new("claude");
    let (first, home) = scene.machine();
    let notes = first.store("project").join("notes.md");
    scene.model.follow([
        call(
            "Write",
            json!({"file_path": notes, "content": "staging database: port 5433\n"}),
        ),
        call("Read", json!({"file_path": notes})),
        call(
            "Edit",
            json!({"file_path": notes, "old_string": "5433", "new_string": "5544"}),
        ),
        call(
            "Bash",
            json!({"command": format!("echo 'reviewed: yes' >> {}", notes.display())}),
        ),
        Turn::Say("Saved.".to_owned()),
    ]);
    assert_eq!(home.claude(&["-p", ORDER]).trim(), "Saved.");
    let session = scene.written(first, "messages");

    let (second, home) = scene.machine();
    scene.model.follow([
        call(
            "Bash",
            json!({"command": format!("cat {}/notes.md", second.store("project").display())}),
        ),
        Turn::Say("It was 5544.".to_owned()),
    ]);
    let id = session
        .file_stem()
        .and_then(|stem| stem.to_str())
        .expect("a session is named for its id");
    assert_eq!(home.claude(&["--resume", id, "-p", QUESTION]).trim(), "It was 5544.");
    assert_model_heard(&scene.model, "messages", &second.store("project"), ORDER);
    second.stop();

    assert_learnt(&scene);
}

#[test]
#[ignore = "needs the real agents: cargo xtask test --agents"]
fn codex_writes_resumes_elsewhere_and_is_dreamt_over() {
    let scene = Scene::new("codex");
    let (first, home) = scene.machine();
    let notes = first.store("project").join("notes.md");
    let file = notes.display();
    let patch = |patch: &str| {
        let command = format!("apply_patch <<'EOF'\n*** Begin Patch\n{patch}\n*** End Patch\nEOF\n");
        call("exec_command", json!({"cmd": command}))
    };
    scene.model.follow([
        patch(&format!("*** Add File: {file}\n+staging database: port 5433")),
        patch(&format!(
            "*** Update File: {file}\n@@\n-staging database: port 5433\n+staging database: port 5544"
        )),
        call(
            "exec_command",
            json!({"cmd": format!("echo 'reviewed: yes' >> {file}")}),
        ),
        Turn::Say("Saved.".to_owned()),
    ]);
    assert_eq!(home.codex(&[ORDER]).trim(), "Saved.");
    let session = scene.written(first, "input");

    let (second, home) = scene.machine();
    scene.model.follow([Turn::Say("It was 5544.".to_owned())]);
    // rollout-<time>-<id>.jsonl, where the id has 36 characters.
    let stem = session
        .file_stem()
        .and_then(|stem| stem.to_str())
        .expect("a session is named for its id");
    assert_eq!(
        home.codex(&["resume", &stem[stem.len() - 36..], QUESTION]).trim(),
        "It was 5544."
    );
    assert_model_heard(&scene.model, "input", &second.store("project"), ORDER);
    second.stop();

    assert_learnt(&scene);
}

/// A dream finds what was to be remembered, once, though the session that was resumed may tell it again.
fn assert_learnt(scene: &Scene) {
    let (record, memory) = scene.dream();
    assert!(
        record["facts"]["added"].as_u64().is_some_and(|added| added > 0),
        "nothing was learnt: {record}"
    );
    let out = scene.folder.path().join("out");
    let mut found = Vec::new();
    for path in files(&out) {
        let name = path.strip_prefix(&out).expect("a path below it").display().to_string();
        if name.starts_with(".dream/") || name == "MEMORY.md" {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a file of memory");
        let facts = text.lines().enumerate().filter(|(_, line)| line.contains("5544"));
        found.extend(facts.map(|(at, _)| format!("{name}:{}", at + 1)));
    }
    let [place] = found.as_slice() else {
        panic!("what was to be remembered stands at {found:?} in memory:\n{memory}")
    };
    let (store, sessions) = (scene.url(scene.agent), scene.url("sessions"));
    let why = remanence_json(["why", "--store", store.as_str(), place.as_str()]);
    assert_eq!(why["sources"].as_array().map(Vec::len), Some(1), "{why}");
    let again = remanence_json(["dream", "--store", &store, "--sessions", &sessions]);
    assert_eq!(again["phase"], "NoChange", "{again}");
}

fn call(tool: &'static str, input: Value) -> Turn {
    Turn::Call { tool, input }
}

/// The last request carried what the user once said, and the note that names the store's folder.
fn assert_model_heard(model: &ModelServer, conversation: &str, store: &Path, words: &str) {
    let requests = model.requests();
    let last = requests.last().expect("the agent asked its model");
    assert!(
        last[conversation].to_string().contains(words),
        "the model did not hear {words:?}"
    );
    let store = store.to_str().expect("a path in UTF-8");
    assert!(
        last.to_string().contains(store),
        "the note about {store} did not reach the model"
    );
}

fn only_session(folder: &Path) -> PathBuf {
    let found = files(folder);
    let [session] = found.as_slice() else {
        panic!("one session was to be found, not {found:?}")
    };
    assert_eq!(
        session.extension().and_then(|extension| extension.to_str()),
        Some("jsonl")
    );
    session.clone()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("reading {}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("a folder entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
