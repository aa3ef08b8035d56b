//! A cluster for one run of tests or of the benchmark, which goes with the run, however that ends.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cluster::place::Place;
use crate::cluster::{access, add_agents, left, must_be_root, release, up};

/// The variable by which a user names a cluster that is to be taken instead.
pub(crate) const KUBECONFIG: &str = "REMANENCE_E2E_KUBECONFIG";

/// Waits for its standard input to end, then takes the cluster down.
const KEEPER: &str = r#"
trap '' INT TERM HUP
read -r word
exec "$1" cluster down --name "$2"
"#;

/// A cluster with Remanence.
pub(crate) struct Borrowed {
    place: Place,
    keeper: Child,
    /// Its network namespace.
    network: Option<PathBuf>,
}

impl Borrowed {
    /// Starts one and installs the programs in that folder, which must have been built; `xtask` ends it.
    pub(crate) fn start(xtask: &Path, programs: &Path) -> Result<Self> {
        must_be_root()?;
        let name = format!("run-{}", process::id());
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
            place: Place::of(&name)?,
            keeper,
            network: None,
        };
        let (place, machine) = up(&name)?;
        borrowed.network = Some(left::network_of(&machine.first())?);
        release::install(&place, &machine, Some(programs.to_owned()))?;
        Ok(borrowed)
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.place.path(access::ADMIN)
    }

    /// Adds images of the real agents.
    pub(crate) fn add_agents(&self) -> Result<()> {
        add_agents(&self.place.name)
    }

    /// Takes it down, and makes sure that nothing is left of it.
    pub(crate) fn end(mut self) -> Result<()> {
        self.take_down()?;
        left::nothing(&self.place, self.network.as_deref())
    }

    fn take_down(&mut self) -> Result<()> {
        drop(self.keeper.stdin.take());
        let status = self.keeper.wait().context("waiting for the cluster to be taken down")?;
        if !status.success() {
            bail!("cargo xtask cluster down --name {}: {status}", self.place.name);
        }
        Ok(())
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if let Err(error) = self.take_down() {
            eprintln!("{error:#}");
        }
    }
}
