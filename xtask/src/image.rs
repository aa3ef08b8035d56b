//! Container images, built without a daemon.

use std::env;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::run;

const LIMIT: Duration = Duration::from_mins(5);

/// Builds the image `name` by `dockerfile` from the files in `context` into a docker archive. Nothing stays in the
/// store of images of this machine.
pub(crate) fn build(
    name: &str,
    dockerfile: &Path,
    context: &Path,
    arguments: &[(&str, &str)],
    archive: &Path,
) -> Result<()> {
    let store = TempDir::with_prefix_in("images-", context.parent().unwrap_or(&env::temp_dir()))
        .context("making a folder for an image")?;
    let buildah = |words: &[&str]| {
        let mut command = run::bounded(LIMIT, "buildah");
        command
            .args(["--storage-driver", "vfs", "--root"])
            .arg(store.path().join("root"));
        command.arg("--runroot").arg(store.path().join("run")).args(words);
        command
    };
    let mut command = buildah(&[
        "build",
        "--isolation",
        "chroot",
        "--format",
        "docker",
        "--tag",
        name,
        "--file",
    ]);
    command.arg(dockerfile);
    for (key, value) in arguments {
        command.arg("--build-arg").arg(format!("{key}={value}"));
    }
    must(command.arg(context), "building the image")?;
    if archive.exists() {
        fs::remove_file(archive).with_context(|| format!("removing {}", archive.display()))?;
    }
    let target = format!("docker-archive:{}:{name}", archive.display());
    must(buildah(&["push", name]).arg(target), "writing the image")
}

fn must(command: &mut std::process::Command, what: &str) -> Result<()> {
    let (status, output) = run::captured(command)?;
    if !status.success() {
        bail!("{what}: {}\n{output}", run::reason(status));
    }
    Ok(())
}
