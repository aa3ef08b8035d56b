//! Takes a folder away, with all that is mounted in it, once the task that made it is over, however it ended.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;

/// Waits for its standard input to end. `$1` is the folder, `$2` the `remanence` binary; the word `keep` on standard
/// input leaves everything as it is.
const KEEPER: &str = r#"
trap '' INT TERM HUP
read -r word
[ "$word" = keep ] && exit
cut -d' ' -f5 /proc/self/mountinfo | grep -F "$1/" | while read -r point; do
    timeout 20 "$2" unmount "$point" || umount -l "$point" || fusermount3 -u -z "$point"
done >/dev/null 2>&1
# Never through a mount: what is in it belongs to a store.
tries=0
until rm -rf --one-file-system "$1" || [ $tries -ge 50 ]; do
    # What ends together with the task may still write there.
    tries=$((tries + 1))
    sleep 0.2
done
"#;

/// A folder that does not outlive the task.
pub(crate) struct Kept {
    folder: PathBuf,
    keeper: Child,
}

impl Kept {
    /// A new folder in `parent`; `binary` is the `remanence` that unmounts what is left in it.
    pub(crate) fn folder(prefix: &str, parent: &Path, binary: &Path) -> Result<Self> {
        fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        let folder = TempDir::with_prefix_in(prefix, parent)
            .with_context(|| format!("making a folder in {}", parent.display()))?
            .keep();
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "sh"]).arg(&folder).arg(binary);
        // Not in this process group, so that a Ctrl-C does not reach it.
        command
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let keeper = command.spawn().context("running sh")?;
        Ok(Self { folder, keeper })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// Leaves the folder and its mounts where they are.
    pub(crate) fn keep(mut self) -> Result<()> {
        use std::io::Write;
        let mut input = self.keeper.stdin.take().context("the keeper has no input")?;
        input.write_all(b"keep\n").context("telling the keeper")
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("waiting for {} to be removed: {error}", self.folder.display());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_folder_goes_with_its_task_unless_it_is_kept() {
        let parent = tempfile::tempdir().unwrap();
        let make = || Kept::folder("t-", parent.path(), Path::new("/bin/false")).unwrap();
        let (gone, kept) = (make(), make());
        let (gone_path, kept_path) = (gone.path().to_owned(), kept.path().to_owned());
        fs::write(gone_path.join("file"), "").unwrap();
        drop(gone);
        kept.keep().unwrap();
        assert!(!gone_path.exists());
        assert!(kept_path.exists());
    }
}
