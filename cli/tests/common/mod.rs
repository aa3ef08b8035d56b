//! Runs the real binary on stores in a temporary folder.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A place with a store that the commands are about.
pub struct Place {
    pub dir: TempDir,
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    pub fn new() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The store's URL.
    pub fn url(&self) -> String {
        format!("file://{}", self.path("store").display())
    }

    /// The folder of the store's current incarnation.
    pub fn objects(&self) -> PathBuf {
        let is_id = |name: &str| name.len() == 16 && name.bytes().all(|b| b.is_ascii_hexdigit());
        std::fs::read_dir(self.path("store"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .find(|p| is_id(p.file_name().unwrap().to_str().unwrap()))
            .unwrap()
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_remanence"));
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("USER", "ada")
            .env("HOME", self.dir.path())
            .env("REMANENCE_STORE", self.url())
            .current_dir(self.dir.path());
        command
    }

    /// Runs a command with nothing on its input.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, b"")
    }

    /// Runs a command with `input` on its input.
    pub fn run_with(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut child = self
            .command()
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that refuses early does not read its input.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Writes a file of the store and returns its version.
    pub fn put(&self, path: &str, text: &str) -> String {
        let put = self.run_with(&["put", path, "-o", "json"], text.as_bytes()).json();
        put["version"].as_str().unwrap().to_owned()
    }

    /// A file's text.
    pub fn cat(&self, path: &str) -> String {
        self.run(&["cat", path]).ok().stdout
    }

    /// Paths of all files and folders.
    pub fn paths(&self) -> Vec<String> {
        let items = self.run(&["ls", "-R", "-o", "json"]).json();
        each(&items, "/path").into_iter().map(str::to_owned).collect()
    }

    /// Writes a plain file.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

impl Ran {
    /// It succeeded.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// It failed with `code`, and said `says`.
    #[track_caller]
    pub fn fails(self, code: i32, says: &str) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.stderr.contains(says), "`{says}` is not in {self:?}");
        assert_eq!(self.stdout, "", "data of a command that failed");
        self
    }

    /// It succeeded with JSON.
    #[track_caller]
    pub fn json(self) -> Value {
        let ran = self.ok();
        assert_eq!(ran.stderr, "");
        serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {ran:?}"))
    }

    /// The error as JSON on stderr.
    #[track_caller]
    pub fn json_error(&self) -> String {
        let error: Value = serde_json::from_str(&self.stderr).unwrap_or_else(|e| panic!("{e}: {self:?}"));
        error["error"].as_str().unwrap().to_owned()
    }
}

/// A text of each item of a list, by its JSON pointer.
pub fn each<'a>(list: &'a Value, pointer: &str) -> Vec<&'a str> {
    let items = list.as_array().unwrap();
    let text = |item: &'a Value| item.pointer(pointer).unwrap().as_str().unwrap();
    items.iter().map(text).collect()
}

/// All files below a folder with their text, by relative path.
pub fn plain_files(dir: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                let path = entry.path();
                let name = path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
                files.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// Whether any object of the store holds `words`.
pub fn holds(dir: &Path, words: &str) -> bool {
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read(&path)
                .unwrap()
                .windows(words.len())
                .any(|w| w == words.as_bytes())
            {
                return true;
            }
        }
    }
    false
}
