//! A cluster for one run of tests or of the benchmark, which goes with the run, however that ends.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cluster::place::Place;
use crate::cluster::{access, add_agents, left, must_be_root, release, up};
use crate::{image, run};

/// The variable by which a user names a cluster that is to be taken instead.
pub(crate) const KUBECONFIG: &str = "REMANENCE_E2E_KUBECONFIG";

/// Waits for its standard input to end, then takes the cluster down.
const KEEPER: &str = r#"
trap '' INT TERM HUP
read -r word
exec "$1" cluster down --name "$2"
"#;

/// What a user of a cluster types first, and archives that are none.
const COMMANDS: &str = r#"
words=$("$1" cluster env --name "$2")
eval "$words"
kubectl get nodes
helm list --namespace remanence-system | grep remanence-crds
remanence --version
kubectl memory --help > /dev/null
"$1" cluster load --name "$2" "$3"
for wrong in /etc/passwd /nowhere.tar; do
    if said=$("$1" cluster load --name "$2" "$wrong" 2>&1); then
        echo "$wrong was loaded"
        exit 1
    fi
    echo "$said" | grep -e "$wrong: is not taken as an image" -e "$wrong: no such archive"
done
"#;

/// How long that may take.
const LIMIT: Duration = Duration::from_mins(5);

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

    /// Does what a user does with `cargo xtask cluster`: takes its environment, and loads an image.
    pub(crate) fn use_commands(&self, xtask: &Path, programs: &Path) -> Result<()> {
        let archive = image::of(programs)?.archive;
        let mut command = run::bounded(LIMIT, "sh");
        command.args(["-euc", COMMANDS, "sh"]);
        command.arg(xtask).arg(&self.place.name).arg(&archive);
        let (status, output) = run::captured(&mut command)?;
        if !status.success() {
            bail!("{output}{}", run::reason(status));
        }
        Ok(())
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
