//! `--keep`: the story stays mounted, and a script ends it.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result};

use super::mounts::Mounts;
use super::stage::Stage;
use crate::keeper::Kept;
use crate::services::Server;

pub(crate) fn leave(stage: &Stage, mounts: &Mounts, folder: Kept, server: Option<Server>) -> Result<()> {
    let path = folder.path().display().to_string();
    let mut variables = String::new();
    for (name, value) in stage.variables() {
        writeln!(variables, "export {name}='{value}'").context("naming the stores")?;
    }
    fs::write(stage.path("stores.sh"), variables).context("writing stores.sh")?;
    let mut script = format!("cd '{path}' && . ./stores.sh\n");
    for at in mounts.folders() {
        writeln!(script, "remanence unmount '{path}/{at}'").context("writing the script")?;
    }
    writeln!(script, "rm -rf '{path}'").context("writing the script")?;
    fs::write(stage.path("end.sh"), script).context("writing end.sh")?;
    if let Some(server) = server {
        server.live_as_long_as(folder.path())?;
    }
    folder.keep()?;
    println!("Everything stays mounted in {path}; `. {path}/stores.sh` names the stores.");
    println!("To end it: sh {path}/end.sh");
    Ok(())
}
