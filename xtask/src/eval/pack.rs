//! Scenarios: the repository's own, told in one file, and packs of folders.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::check::run;
use super::leak::{leaks, secrets};
use super::memory::Memory;

/// A story in stages, with what memory must hold after each.
pub(super) struct Scenario {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) stages: usize,
    pub(super) now: Vec<String>,
    pub(super) budget: u64,
    checks: Vec<Value>,
    /// There must be something in memory whenever it is looked at.
    never_empty: bool,
    source: Source,
}

enum Source {
    Folder(PathBuf),
    Told(Vec<Value>),
}

/// The scenarios of this repository.
pub(super) fn own() -> Result<Vec<Scenario>> {
    let all: Vec<Value> = serde_json::from_str(include_str!("scenarios.json")).context("scenarios.json")?;
    let scenario = |told: Value| {
        let stages = told["stages"].as_array().cloned().unwrap_or_default();
        Scenario {
            id: text(&told["id"]),
            kind: text(&told["kind"]),
            stages: stages.len(),
            now: stages.iter().map(|s| text(&s["now"])).collect(),
            budget: told["budget"].as_u64().unwrap_or(25_600),
            checks: told["checks"].as_array().cloned().unwrap_or_default(),
            never_empty: false,
            source: Source::Told(stages),
        }
    };
    Ok(all.into_iter().map(scenario).collect())
}

/// All scenarios under a folder.
pub(super) fn read(folder: &Path) -> Result<Vec<Scenario>> {
    let mut found = Vec::new();
    for file in files_named(folder, "expect.json")? {
        let told: Value = serde_json::from_slice(&fs::read(&file)?).with_context(|| file.display().to_string())?;
        let next = file.parent().unwrap_or(folder).to_owned();
        let run = &told["run"];
        found.push(Scenario {
            id: text(&told["id"]),
            kind: text(&told["type"]),
            stages: run["stages"].as_u64().unwrap_or(1) as usize,
            now: run["now"].as_array().into_iter().flatten().map(text).collect(),
            budget: run["budget_bytes"].as_u64().unwrap_or(25_600),
            checks: told["checks"].as_array().cloned().unwrap_or_default(),
            never_empty: told["allow_empty"] != true,
            source: Source::Folder(next),
        });
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

/// All files of a name under a folder; what lies beside one belongs to it.
pub(super) fn files_named(folder: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(next) = todo.pop() {
        if next.join(name).is_file() {
            found.push(next.join(name));
            continue;
        }
        for entry in fs::read_dir(&next).with_context(|| next.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                todo.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

impl Scenario {
    /// Puts a stage's transcripts in place and hands over the memory that people wrote before it.
    pub(super) fn lay_out(
        &self,
        stage: usize,
        sessions: &Path,
        memory: &Path,
        import: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<()> {
        match &self.source {
            Source::Folder(folder) => {
                let stage = folder.join(format!("stages/{stage:02}"));
                copy(&stage.join("sessions"), sessions)?;
                let wrote = stage.join("memory");
                if wrote.is_dir() { import(&wrote) } else { Ok(()) }
            }
            Source::Told(stages) => {
                let told = &stages[stage - 1];
                for (at, line) in told["said"].as_array().into_iter().flatten().enumerate() {
                    let agent = text(&line[0]);
                    let path = sessions.join(&agent).join(format!("{stage}-{at}.jsonl"));
                    fs::create_dir_all(sessions.join(&agent))?;
                    fs::write(path, transcript(line)?)?;
                }
                for (name, pieces) in told["files"].as_object().into_iter().flatten() {
                    let path = sessions.join(name);
                    fs::create_dir_all(path.parent().unwrap_or(sessions))?;
                    fs::write(&path, bytes(pieces).with_context(|| name.clone())?)?;
                }
                let Some(files) = told["memory"].as_object() else {
                    return Ok(());
                };
                fs::create_dir_all(memory)?;
                for (name, content) in files {
                    fs::write(memory.join(name), text(content))?;
                }
                import(memory)
            }
        }
    }

    /// Whether it tells secrets that must stay out.
    pub(super) fn has_secrets(&self) -> bool {
        self.checks.iter().any(|check| check["kind"] == "no_leak")
    }

    /// Whether a piece of one of its secrets stands in a text.
    pub(super) fn leaks_in(&self, text: &str) -> Result<bool> {
        let text = Memory::of(text);
        for check in self.checks.iter().filter(|check| check["kind"] == "no_leak") {
            let told = secrets(check)?;
            if told.iter().any(|(secret, fragment)| leaks(secret, *fragment, &text)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The checks of a stage, each with its outcome.
    pub(super) fn checks(&self, stage: usize, memory: &Memory) -> Result<Vec<(String, Result<(), String>)>> {
        let due = |check: &&Value| match &check["stage"] {
            Value::Number(n) => n.as_u64() == Some(stage as u64),
            Value::Array(all) => all.iter().any(|n| n.as_u64() == Some(stage as u64)),
            Value::String(all) if all == "all" => true,
            _ => stage == self.stages,
        };
        let named = |check: &Value| Ok((text(&check["id"]), run(check, memory)?));
        let nonempty = json!({"id": "nonempty", "kind": "nonempty"});
        let due: Vec<&Value> = self.checks.iter().filter(due).collect();
        let first = (self.never_empty && !due.is_empty()).then_some(&nonempty);
        first.into_iter().chain(due).map(named).collect()
    }
}

/// `[agent, time, words]` typed by a person, or `[agent, time, command, output, words of the agent]`.
fn transcript(line: &Value) -> Result<String> {
    let time = &line[1];
    let record = |kind: &str, role: &str, content: Value| json!({"type": kind, "timestamp": time, "message": {"role": role, "content": content}});
    let records = if line[3].is_null() {
        vec![record("user", "user", line[2].clone())]
    } else {
        let used = json!([{"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": line[2]}}]);
        let back = json!([{"type": "tool_result", "tool_use_id": "t", "content": line[3]}]);
        let said = json!([{"type": "text", "text": line[4]}]);
        vec![
            record("assistant", "assistant", used),
            record("user", "user", back),
            record("assistant", "assistant", said),
        ]
    };
    let lines: Vec<String> = records.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    Ok(lines.join("\n") + "\n")
}

/// A file as it lies there, broken or not: text, `{"hex": bytes}` and `{"repeat": text, "times": n}` one after another.
fn bytes(pieces: &Value) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for piece in pieces.as_array().into_iter().flatten() {
        if let Some(hex) = piece["hex"].as_str() {
            let pairs = hex.as_bytes().chunks(2).map(std::str::from_utf8);
            for pair in pairs {
                out.push(u8::from_str_radix(pair?, 16)?);
            }
        } else if let Some(repeated) = piece["repeat"].as_str() {
            let times = piece["times"].as_u64().context("a repetition says how many times")?;
            out.extend(repeated.repeat(usize::try_from(times)?).bytes());
        } else {
            out.extend(text(piece).bytes());
        }
    }
    Ok(out)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
