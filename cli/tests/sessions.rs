//! Sessions as text: every command line of `sessions/*.txt` is run in a shell, and what it says must be what the file
//! says. Times read `<time>` and random ids `<id>` there. `UPDATE_SESSIONS=1` writes what was said into the files.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use tempfile::TempDir;

#[test]
fn files() {
    check("files");
}

#[test]
fn history() {
    check("history");
}

#[test]
fn settings() {
    check("settings");
}

fn check(name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/sessions/{name}.txt"));
    let expected = std::fs::read_to_string(&file).unwrap();
    let said = Session::new().replay(&expected);
    if std::env::var_os("UPDATE_SESSIONS").is_some() {
        std::fs::write(&file, &said).unwrap();
        return;
    }
    for (line, (said, expected)) in said.lines().zip(expected.lines()).enumerate() {
        assert_eq!(said, expected, "{name}.txt:{}", line + 1);
    }
    assert_eq!(said, expected);
}

struct Session {
    dir: TempDir,
    time: Regex,
    id: Regex,
}

impl Session {
    fn new() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
            time: Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z").unwrap(),
            id: Regex::new(r"\b[0-9a-f]{16}\b").unwrap(),
        }
    }

    /// Runs the command lines (`$ …`) of a session and returns it with what was said.
    fn replay(&self, session: &str) -> String {
        let mut said = String::new();
        let start = session.find("$ ").unwrap_or(session.len());
        said.push_str(&session[..start]);
        for line in session.lines().filter_map(|l| l.strip_prefix("$ ")) {
            writeln!(said, "$ {line}").unwrap();
            said.push_str(&self.run(line));
        }
        said
    }

    fn run(&self, line: &str) -> String {
        let bin = PathBuf::from(env!("CARGO_BIN_EXE_remanence"));
        let path = format!("{}:/usr/bin:/bin", bin.parent().unwrap().display());
        let output = Command::new("/bin/sh")
            .args(["-c", &format!("exec 2>&1\n{line}")])
            .env_clear()
            .env("PATH", path)
            .env("USER", "ada")
            .env("HOME", self.dir.path())
            .env("REMANENCE_STORE", format!("file://{}/store", self.dir.path().display()))
            .current_dir(self.dir.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let text = text.replace(self.dir.path().to_str().unwrap(), "/dir");
        let text = self.id.replace_all(&text, "<id>");
        let mut text = self.time.replace_all(&text, "<time>").into_owned();
        if let Some(code) = output.status.code().filter(|c| *c != 0) {
            writeln!(text, "[exit {code}]").unwrap();
        }
        text
    }
}
