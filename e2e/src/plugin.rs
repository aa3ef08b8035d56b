//! `kubectl memory`, as a user of the cluster runs it.

use std::env;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::kubectl::kubectl;
use crate::space::Space;

/// The plugin with the access of one user.
pub struct Plugin {
    folder: TempDir,
    namespace: String,
}

impl Plugin {
    /// As the cluster's admin, in the space's namespace.
    pub fn admin(space: &Space) -> Self {
        Self::with(space, |_| {})
    }

    /// As a `ServiceAccount` of the space, which is made.
    pub fn account(space: &Space, name: &str) -> Self {
        space.kubectl(&["create", "serviceaccount", name]);
        let token = space.kubectl(&["create", "token", name]);
        Self::with(space, |user| *user = json!({"token": token.trim()}))
    }

    fn with(space: &Space, change: impl Fn(&mut Value)) -> Self {
        let program = env::var("REMANENCE_BIN")
            .unwrap_or_else(|_| panic!("REMANENCE_BIN names no `remanence`: run `cargo xtask test`, which builds one"));
        let folder = TempDir::with_prefix("remanence-plugin-").unwrap();
        symlink(program, folder.path().join("kubectl-memory")).unwrap();
        let config = kubectl(&["config", "view", "--raw", "--flatten", "--output=json"]);
        let mut config: Value = serde_json::from_str(&config).unwrap();
        for user in config["users"].as_array_mut().unwrap() {
            change(&mut user["user"]);
        }
        std::fs::write(folder.path().join("kubeconfig"), config.to_string()).unwrap();
        Self {
            folder,
            namespace: space.name.clone(),
        }
    }

    /// Runs it; answers what it printed, or what it complained of.
    pub fn run(&self, words: &[&str], input: &str) -> Result<String, String> {
        let mut command = Command::new("timeout");
        command.arg("60").arg(self.folder.path().join("kubectl-memory"));
        command.args(words).args(["--namespace", &self.namespace]);
        command.env("KUBECONFIG", self.folder.path().join("kubeconfig"));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that refuses early does not read its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(text(&output.stderr))
        }
    }

    /// As [`Plugin::run`]; anything but success fails the test.
    pub fn says(&self, words: &[&str], input: &str) -> String {
        self.run(words, input)
            .unwrap_or_else(|why| panic!("kubectl memory {}: {why}", words.join(" ")))
    }
}
