//! Builds container images without a daemon.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::run;

const LIMIT: Duration = Duration::from_mins(10);

/// A store of images of its own: nothing stays in this machine's.
pub(crate) struct Images {
    folder: TempDir,
}

impl Images {
    /// A store on the disk of `near`, where there is room for images.
    pub(crate) fn new(near: &Path) -> Result<Self> {
        let folder = TempDir::with_prefix_in("images-", near).context("making a folder for images")?;
        Ok(Self { folder })
    }

    /// Builds the image `name` by `dockerfile` from the files in `context`.
    pub(crate) fn build(
        &self,
        name: &str,
        dockerfile: &Path,
        context: &Path,
        arguments: &[(&str, &str)],
    ) -> Result<()> {
        let mut command = self.buildah(&["build", "--isolation", "chroot", "--format", "docker", "--tag", name]);
        for (key, value) in arguments {
            command.arg("--build-arg").arg(format!("{key}={value}"));
        }
        command.arg("--file").arg(dockerfile).arg(context);
        run::output(&mut command, &format!("building the image {name}")).map(drop)
    }

    /// Writes the image `name` into a docker archive.
    pub(crate) fn save(&self, name: &str, archive: &Path) -> Result<()> {
        // A half-written one must not be taken for the image.
        let unfinished = archive.with_extension("unfinished");
        let remove = |path: &Path| match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("removing {}", path.display()))
            }
            _ => Ok(()),
        };
        remove(&unfinished)?;
        let mut command = self.buildah(&["push", name]);
        command.arg(format!("docker-archive:{}:{name}", unfinished.display()));
        run::output(&mut command, &format!("writing the image {name}"))?;
        remove(archive)?;
        std::fs::rename(&unfinished, archive).with_context(|| format!("writing {}", archive.display()))
    }

    fn buildah(&self, words: &[&str]) -> Command {
        let mut command = run::bounded(LIMIT, "buildah");
        command
            .args(["--storage-driver", "vfs", "--root"])
            .arg(self.folder.path().join("root"));
        command.arg("--runroot").arg(self.folder.path().join("run")).args(words);
        command
    }
}
