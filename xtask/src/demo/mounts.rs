//! The mounts of the story: each a process of its own, as each agent would have one in its own pod.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::stage::Stage;

const SERVED_WITHIN: Duration = Duration::from_secs(30);

/// Mounts by their folder.
#[derive(Default)]
pub(crate) struct Mounts(BTreeMap<String, Child>);

impl Mounts {
    /// Starts `remanence mount` with `options` at the folder `at`, and waits until it serves.
    pub(crate) fn start(&mut self, stage: &Stage, at: &str, options: &str) -> Result<()> {
        let command = format!("remanence mount {options} --at {at}");
        stage.show_command(&format!("{command} &"));
        for folder in [at, "log"] {
            fs::create_dir_all(stage.path(folder)).with_context(|| format!("making {folder}"))?;
        }
        let log_path = stage.path("log").join(at);
        let log = File::create(&log_path).context("making a log")?;
        let mut process = Command::new("sh");
        // As on a machine of its own, each has a cache of its own.
        process.args(["-c", &format!("exec {command} --cache cache/{at}")]);
        stage.furnish(&mut process);
        // Out of reach of a Ctrl-C, which would end all at once and untidily.
        process.process_group(0).stdin(Stdio::null());
        process.stdout(log.try_clone().context("sharing a log")?).stderr(log);
        let mut child = process.spawn().context("running sh")?;
        let note = stage.path(at).join("CLAUDE.md");
        let start = Instant::now();
        while !note.exists() {
            let ended = child.try_wait().context("asking after a mount")?;
            if ended.is_some() || start.elapsed() > SERVED_WITHIN {
                let said = fs::read_to_string(&log_path).context("reading a log")?;
                bail!("`{command}` does not serve ({ended:?}): {said}");
            }
            thread::sleep(Duration::from_millis(2));
        }
        self.0.insert(at.to_owned(), child);
        Ok(())
    }

    /// Kills the process that serves `at`, as when its machine dies, and takes the dead mount away.
    pub(crate) fn kill(&mut self, stage: &Stage, at: &str) -> Result<()> {
        let mut child = self
            .0
            .remove(at)
            .with_context(|| format!("nothing is mounted at {at}"))?;
        stage.show_command(&format!("kill -9 {}", child.id()));
        child.kill().context("killing a mount")?;
        child.wait().context("waiting for a killed mount")?;
        stage.quietly(&format!("umount -l {at} 2>/dev/null || fusermount3 -u -z {at}"))?;
        Ok(())
    }

    /// Ends all as a user does; each must write what it has, unmount and succeed.
    pub(crate) fn end(self, stage: &Stage) -> Result<()> {
        for at in self.0.keys() {
            stage.quietly(&format!("remanence unmount {at}"))?;
        }
        for (at, mut child) in self.0 {
            let status = child.wait().context("waiting for a mount")?;
            if !status.success() {
                bail!(
                    "the mount at {at} ended with {status}: {}",
                    stage.read(&format!("log/{at}"))?
                );
            }
        }
        Ok(())
    }

    /// Where something is mounted.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
