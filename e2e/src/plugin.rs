//! `kubectl memory`, as a user of the cluster runs it.

use std::env;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::kubectl::{answer, kubectl_json};
use crate::space::Space;

/// The plugin with the access of one user, whose context is the space's namespace.
pub struct Plugin {
    folder: TempDir,
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
        for name in ["kubectl-memory", "kubectl_complete-memory"] {
            symlink(&program, folder.path().join(name)).unwrap();
        }
        let mut config = kubectl_json(&["config", "view", "--raw", "--flatten"]);
        for user in config["users"].as_array_mut().unwrap() {
            change(&mut user["user"]);
        }
        for context in config["contexts"].as_array_mut().unwrap() {
            context["context"]["namespace"] = space.name.clone().into();
        }
        std::fs::write(folder.path().join("kubeconfig"), config.to_string()).unwrap();
        Self { folder }
    }

    /// Runs it; answers what it printed, or what it complained of.
    pub fn run(&self, words: &[&str], input: &str) -> Result<String, String> {
        answer(self.command("180").arg(self.program()).args(words), input)
    }

    /// Starts it, to be read from while it runs.
    pub(crate) fn start(&self, words: &[&str]) -> Child {
        let mut command = self.command("600");
        command.arg(self.program()).args(words).stdout(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Runs a script that says `kubectl` and `kubectl memory`, as a user types them; answers what it printed, or what it
    /// complained of after that.
    pub fn shell(&self, script: &str) -> Result<String, String> {
        let mut command = self.command("300");
        let kubectl = env::var_os("REMANENCE_KUBECTL").map(PathBuf::from);
        let path = env::var("PATH").unwrap_or_default();
        let folders = [Some(self.folder.path()), kubectl.as_deref().and_then(Path::parent)];
        let folders: Vec<_> = folders.into_iter().flatten().map(|f| f.display().to_string()).collect();
        command.env("PATH", format!("{}:{path}", folders.join(":")));
        command.args(["bash", "-euo", "pipefail", "-c", script]);
        answer(&mut command, "")
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join("kubectl-memory")
    }

    fn command(&self, seconds: &str) -> Command {
        let mut command = Command::new("timeout");
        command
            .arg(seconds)
            .env("KUBECONFIG", self.folder.path().join("kubeconfig"));
        command
    }

    /// As [`Plugin::run`]; anything but success fails the test.
    pub fn says(&self, words: &[&str], input: &str) -> String {
        self.run(words, input)
            .unwrap_or_else(|why| panic!("kubectl memory {}: {why}", words.join(" ")))
    }
}
