//! Builds the workspace's own programs, and says where they are.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{install, run};

/// Longer than a cold release build takes on one slow core.
const LIMIT: Duration = Duration::from_hours(1);

/// What a build is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build.
    Dev,
    /// Quick to run.
    Release,
}

impl Profile {
    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// Builds `binaries` of the workspace while cargo shows its progress; answers their folder.
pub(crate) fn binaries(profile: Profile, binaries: &[&str]) -> Result<PathBuf> {
    let mut command = run::bounded(LIMIT, install::cargo());
    command.arg("build").current_dir(workspace()).stdin(Stdio::null());
    if profile == Profile::Release {
        command.arg("--release");
    }
    // Of the whole workspace, as the tests build it: of one package alone, dependencies would be built anew.
    command.arg("--workspace");
    for binary in binaries {
        command.args(["--bin", binary]);
    }
    let start = Instant::now();
    let status = command.status().context("running cargo")?;
    if !status.success() {
        bail!("{}: {}", run::describe(&command), run::reason(status));
    }
    if start.elapsed() > Duration::from_secs(5) {
        println!("built in {:.0} s", start.elapsed().as_secs_f64());
    }
    Ok(target()?.join(profile.folder()))
}

/// The `remanence` that the user names, else one that is built.
pub(crate) fn remanence(named: Option<&Path>) -> Result<PathBuf> {
    match named {
        Some(file) => file
            .canonicalize()
            .with_context(|| format!("--binary {}", file.display())),
        None => Ok(binaries(Profile::Dev, &["remanence"])?.join("remanence")),
    }
}

/// The target folder; it is asked for, since it may lie elsewhere.
pub(crate) fn target() -> Result<PathBuf> {
    let metadata = metadata()?;
    let target = metadata["target_directory"]
        .as_str()
        .context("cargo metadata names no target folder")?;
    Ok(PathBuf::from(target))
}

fn metadata() -> Result<serde_json::Value> {
    let mut command = Command::new(install::cargo());
    command
        .args(["metadata", "--format-version=1", "--no-deps"])
        .current_dir(workspace());
    let output = command.output().context("running cargo metadata")?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        bail!("cargo metadata: {}\n{why}", run::reason(output.status));
    }
    serde_json::from_slice(&output.stdout).context("reading cargo metadata")
}

pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}
