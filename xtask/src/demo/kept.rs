//! `--keep`: the story stays mounted, and a script ends it.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result};

use super::mounts::Mounts;
use super::stage::Stage;
use crate::keeper::Kept;
use crate::s3_servers::Server;

pub(crate) fn leave(stage: &Stage, mounts: &Mounts, folder: Kept, server: Option<Server>) -> Result<()> {
    let path = folder.path().display().to_string();
    let mut variables = String::new();
    for (name, value) in stage.variables() {
        writeln!(variables, "export {name}='{value}'").context("naming the stores")?;
    }
    fs::write(stage.path("stores.sh"), variables).context("writing stores.sh")?;
    // It stops at the first mount that does not end, and never removes anything through one.
    let mut script = "set -e\ncd /\n".to_owned();
    for at in mounts.folders() {
        writeln!(script, "'{}' unmount '{path}/{at}'", stage.binary().display()).context("writing the script")?;
    }
    writeln!(script, "rm -rf --one-file-system '{path}'").context("writing the script")?;
    fs::write(stage.path("end.sh"), script).context("writing end.sh")?;
    if let Some(server) = server {
        server.live_as_long_as(folder.path())?;
    }
    folder.keep()?;
    println!("Everything stays mounted in {path}; `. {path}/stores.sh` names the stores.");
    println!("To end it: sh {path}/end.sh");
    Ok(())
}
