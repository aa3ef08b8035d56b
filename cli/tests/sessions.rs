//! Sessions as text: every command line of `sessions/*.txt` and of the README's tour is run in a shell, and what it says must
//! be what is written there. Times read `<time>` and random ids `<id>` in the files; the README shows real ones, which are
//! not compared. `UPDATE_SESSIONS=1` writes what was said into the files.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use regex::Regex;
use tempfile::TempDir;

/// How long what one mount wrote may take to reach another.
const PATIENCE: Duration = Duration::from_secs(30);

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

#[test]
fn the_tour_of_the_readme() {
    let readme = include_str!("../../README.md");
    let (_, tour) = readme.split_once("\n## Sixty seconds\n").unwrap();
    let tour = tour.split("\n## ").next().unwrap();
    let blocks = tour
        .split("\n```console\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap());
    let session = Session::new();
    let tour = session.masked(&blocks.collect::<String>().replace("/home/ada/tour", "/dir"));
    assert!(tour.contains("$ remanence undo"), "{tour}");
    let said = session.replay(&tour);
    assert_eq!(said, tour, "{said}");
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
    /// What differs from run to run, and what stands for it.
    masks: [(Regex, &'static str); 5],
}

impl Session {
    fn new() -> Self {
        let masks = [
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
            (r"\b\d{4}-\d\d-\d\d-[0-9a-f]{6}\b", "<dream>"),
            (r"\b\d{4}-\d\d-\d\d\b", "<day>"),
            (r"\b\d+\.\d\d s\b", "<seconds>"),
            (r"\b[0-9a-f]{16}\b", "<id>"),
        ];
        Self {
            dir: TempDir::new().unwrap(),
            masks: masks.map(|(pattern, mask)| (Regex::new(pattern).unwrap(), mask)),
        }
    }

    /// Runs the command lines (`$ …`) of a session and returns it with what was said.
    fn replay(&self, session: &str) -> String {
        let start = session.find("$ ").unwrap_or(session.len());
        let mut said = session[..start].to_owned();
        let mut lines = session[start..].lines().peekable();
        while let Some(line) = lines.next() {
            let command = line.strip_prefix("$ ").unwrap();
            let mut expected = String::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                writeln!(expected, "{line}").unwrap();
            }
            writeln!(said, "$ {command}").unwrap();
            said.push_str(&self.run_until(command, &expected));
        }
        said
    }

    /// What a command says. What reads a mount is asked again until it says what is expected: what another mount wrote is
    /// seen there a moment later.
    fn run_until(&self, command: &str, expected: &str) -> String {
        let reads_mount = ["cat ", "tail "].iter().any(|reader| command.starts_with(reader));
        let started = Instant::now();
        loop {
            let said = self.run(command);
            if said == expected || !reads_mount || started.elapsed() > PATIENCE {
                return said;
            }
        }
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
        let mut text = self.masked(&text.replace(self.dir.path().to_str().unwrap(), "/dir"));
        if let Some(code) = output.status.code().filter(|c| *c != 0) {
            writeln!(text, "[exit {code}]").unwrap();
        }
        text
    }

    fn masked(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (pattern, mask) in &self.masks {
            text = pattern.replace_all(&text, *mask).into_owned();
        }
        text
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What a session that failed left mounted.
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        for at in mounts.lines().filter_map(|line| line.split(' ').nth(4)) {
            if Path::new(at).starts_with(self.dir.path()) {
                self.run(&format!("remanence unmount {at}"));
            }
        }
    }
}
