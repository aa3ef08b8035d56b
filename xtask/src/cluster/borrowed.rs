//! A cluster for one run of tests, which goes with the run, however that ends.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::cluster::{access, must_be_root, release, up};

/// Waits for its standard input to end, then takes the cluster down.
const KEEPER: &str = r#"
trap '' INT TERM HUP
read -r word
exec "$1" cluster down --name "$2"
"#;

/// A cluster with Remanence.
pub(crate) struct Borrowed {
    kubeconfig: PathBuf,
    keeper: Child,
}

impl Borrowed {
    /// Starts one and installs the programs that lie beside `xtask`, which must have been built.
    pub(crate) fn start(xtask: &Path) -> Result<Self> {
        must_be_root()?;
        let name = format!("test-{}", process::id());
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "sh"]).arg(xtask).arg(&name);
        // Not in this process group, so that a Ctrl-C does not reach it.
        command
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        let keeper = command.spawn().context("running sh")?;
        // From here on its end is seen to, whatever fails.
        let mut borrowed = Self {
            kubeconfig: PathBuf::new(),
            keeper,
        };
        let (place, machine) = up(&name)?;
        let programs = xtask.parent().context("a program lies in a folder")?;
        release::install(&place, &machine, Some(programs.to_owned()))?;
        borrowed.kubeconfig = place.path(access::ADMIN);
        Ok(borrowed)
    }

    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("waiting for the cluster to be taken down: {error}");
        }
    }
}
