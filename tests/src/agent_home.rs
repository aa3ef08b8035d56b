//! A home for a real coding agent, whose sessions lie in a mount and whose model is scripted.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::command;
use crate::prerequisites;

/// Far more than the second that a scripted turn takes.
const LIMIT: &str = "120";

/// The home folder of one agent on one machine, with nothing of the user's in it.
pub struct AgentHome {
    home: TempDir,
    work: PathBuf,
    model: String,
}

impl AgentHome {
    /// A home on the machine that has `mount`; `work` is where the agent works, `model` the URL of its model.
    pub fn new(mount: &Path, work: &Path, model: &str) -> Self {
        let home = TempDir::with_prefix("remanence-home-").expect("a temporary folder");
        let (claude, codex) = (home.path().join(".claude"), home.path().join(".codex"));
        for folder in [&claude, &codex] {
            fs::create_dir(folder).expect("a settings folder");
        }
        let links = [
            (".sessions", claude.join("projects")),
            (".sessions", codex.join("sessions")),
            ("CLAUDE.md", claude.join("CLAUDE.md")),
            ("AGENTS.md", codex.join("AGENTS.md")),
        ];
        for (target, link) in links {
            symlink(mount.join(target), link).expect("a link into the mount");
        }
        let settings = format!(
            "model = \"scripted\"\nmodel_provider = \"scripted\"\napproval_policy = \"never\"\n\
             sandbox_mode = \"danger-full-access\"\n\n[model_providers.scripted]\nname = \"scripted\"\n\
             base_url = \"{model}/v1\"\nwire_api = \"responses\"\nenv_key = \"SCRIPTED_KEY\"\n"
        );
        fs::write(codex.join("config.toml"), settings).expect("Codex settings");
        Self {
            home,
            work: work.to_owned(),
            model: model.to_owned(),
        }
    }

    /// Runs Claude Code with `args` and answers what it said.
    pub fn claude(&self, args: &[&str]) -> String {
        let mut command = self.agent(&prerequisites::claude());
        command
            .env("ANTHROPIC_BASE_URL", &self.model)
            .env("ANTHROPIC_API_KEY", "any");
        command.env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
        command::succeed(command.args(["--allowedTools", "Write,Edit,Read,Bash"]).args(args))
    }

    /// Runs `codex exec` with `args` and answers what it said.
    pub fn codex(&self, args: &[&str]) -> String {
        let mut command = self.agent(&prerequisites::codex());
        command.env("SCRIPTED_KEY", "any");
        command::succeed(command.args(["exec", "--skip-git-repo-check"]).args(args))
    }

    fn agent(&self, program: &Path) -> Command {
        let mut command = Command::new("timeout");
        command.arg(LIMIT).arg(program).current_dir(&self.work);
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("TMPDIR", self.home.path());
        if let Some(path) = env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
    }
}
