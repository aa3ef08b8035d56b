//! What a user of the cluster has in the environment: a kubeconfig, and programs that fit.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use crate::build;
use crate::cluster::access;
use crate::cluster::machine::Machine;
use crate::cluster::place::Place;
use crate::cluster::tools::Tools;
use crate::image::PLUGIN;
use crate::run;

/// How long one question may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Puts the programs into one folder.
pub(crate) fn make(place: &Place, tools: &Tools) -> Result<()> {
    let remanence = build::target()?.join("debug/remanence");
    let programs: [(&str, PathBuf); 3] = [
        ("kubectl", tools.kubectl.clone()),
        ("helm", tools.helm.clone()),
        ("remanence", remanence.clone()),
    ];
    let plugin = PLUGIN.map(|name| (name, remanence.clone()));
    for (name, program) in programs.into_iter().chain(plugin) {
        let link = place.path("bin").join(name);
        if link.is_symlink() {
            fs::remove_file(&link).with_context(|| format!("removing {}", link.display()))?;
        }
        symlink(&program, &link).with_context(|| format!("making {}", link.display()))?;
    }
    Ok(())
}

/// Prints lines for a shell's `eval`.
pub(crate) fn print(place: &Place) -> Result<()> {
    println!(
        "export KUBECONFIG={}",
        quoted(&place.path(access::ADMIN).display().to_string())
    );
    let path = env::var_os("PATH").unwrap_or_default();
    let bin = place.path("bin");
    // Asking twice must not lengthen it.
    let rest = env::split_paths(&path).filter(|folder| *folder != bin);
    let path = env::join_paths([bin.clone()].into_iter().chain(rest)).context("putting a PATH together")?;
    println!("export PATH={}", quoted(&path.to_string_lossy()));
    Ok(())
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A kubectl of this cluster.
pub(crate) fn kubectl(place: &Place) -> Command {
    let mut command = run::bounded(LIMIT, place.path("bin").join("kubectl"));
    command.env("KUBECONFIG", place.path(access::ADMIN));
    command
}

/// Waits until a kubectl with the words of `ask` says yes; `parts` are those on which that depends.
pub(crate) fn wait(
    place: &Place,
    machine: &Machine,
    what: &str,
    patience: Duration,
    parts: &[&str],
    ask: impl Fn(&mut Command),
) -> Result<()> {
    let ready = run::until(&format!("{what} is ready"), patience, || {
        let mut command = kubectl(place);
        ask(&mut command);
        let (status, answer) = run::captured(&mut command)?;
        if status.success() {
            return Ok(Ok(()));
        }
        match parts.iter().find(|part| !machine.runs(place, part)) {
            Some(part) => bail!("{what} is not ready, since {part} ended: {answer}"),
            None => Ok(Err(answer)),
        }
    });
    ready.map_err(|error| anyhow!("{error:#}\n{}", place.last_words(parts)))
}
