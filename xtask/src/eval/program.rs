//! The program under test on a store of its own, as users run it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use super::Args;
use super::check::Memory;
use crate::run;

/// Far more than a dream over a scenario takes by rules.
const LIMIT: Duration = Duration::from_mins(2);
/// A small model on a small machine takes its time.
const LIMIT_WITH_MODEL: Duration = Duration::from_mins(60);
/// How often a running dream's memory is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// The program, and the model it dreams with.
pub(super) struct Program {
    pub(super) binary: PathBuf,
    model: Vec<String>,
}

impl Program {
    pub(super) fn new(binary: PathBuf, args: &Args) -> Self {
        let mut model = Vec::new();
        for (flag, value) in [("--model", &args.model), ("--model-url", &args.model_url)] {
            model.extend(value.iter().flat_map(|value| [flag.to_owned(), value.clone()]));
        }
        Self { binary, model }
    }
}

/// A store with sessions beside it.
pub(super) struct Bench<'a> {
    program: &'a Program,
    folder: TempDir,
    url: String,
}

/// What one dream came to.
pub(super) struct Dreamt {
    pub(super) record: Value,
    pub(super) seconds: f64,
    /// Most memory it held, in bytes.
    pub(super) peak: u64,
}

impl<'a> Bench<'a> {
    pub(super) fn new(program: &'a Program) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::create_dir_all(folder.path().join("sessions"))?;
        let url = format!("file://{}", folder.path().join("store").display());
        let bench = Self { program, folder, url };
        bench.call(&["init"])?;
        Ok(bench)
    }

    pub(super) fn sessions(&self) -> PathBuf {
        self.folder.path().join("sessions")
    }

    /// A place for files on their way into the store.
    pub(super) fn outside(&self) -> PathBuf {
        self.folder.path().join("memory")
    }

    pub(super) fn import(&self, memory: &Path) -> Result<()> {
        self.call(&["import", &memory.display().to_string()]).map(|_| ())
    }

    pub(super) fn memory(&self) -> Result<Memory> {
        let out = self.folder.path().join("out");
        if out.exists() {
            fs::remove_dir_all(&out)?;
        }
        self.call(&["export", &out.display().to_string()])?;
        Memory::read(&out)
    }

    /// Dreams at a time, with this many bytes of memory allowed.
    pub(super) fn dream(&self, now: Option<&str>, bytes: u64) -> Result<Dreamt> {
        let (sessions, bytes) = (self.sessions().display().to_string(), bytes.to_string());
        let mut words = vec!["dream", "--sessions", &sessions, "--memory-size", &bytes, "-o", "json"];
        words.extend(now.iter().flat_map(|now| ["--now", now]));
        words.extend(self.program.model.iter().map(String::as_str));
        let (begun, done, peak) = (Instant::now(), AtomicBool::new(false), AtomicU64::new(0));
        let output = thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    peak.fetch_max(self.held(), Ordering::Relaxed);
                    thread::sleep(LOOK);
                }
            });
            let output = self.call(&words);
            done.store(true, Ordering::Relaxed);
            output
        })?;
        Ok(Dreamt {
            record: serde_json::from_str(&output).context("the record of a dream")?,
            seconds: begun.elapsed().as_secs_f64(),
            peak: peak.into_inner(),
        })
    }

    fn call(&self, words: &[&str]) -> Result<String> {
        let limit = if self.program.model.is_empty() {
            LIMIT
        } else {
            LIMIT_WITH_MODEL
        };
        let mut command = run::bounded(limit, &self.program.binary);
        let (status, output) = run::captured(command.args(words).args(["--store", &self.url]))?;
        if !status.success() {
            bail!("{} {}: {output}", self.program.binary.display(), words.join(" "));
        }
        Ok(output)
    }

    /// The most memory that the program on this store ever held, while it runs.
    fn held(&self) -> u64 {
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let peaks = processes.filter_map(|process| {
            let path = process.path();
            let runs_it = fs::read_link(path.join("exe")).ok()? == self.program.binary;
            let command = fs::read_to_string(path.join("cmdline")).ok()?;
            if !runs_it || !command.contains(&self.url) {
                return None;
            }
            let status = fs::read_to_string(path.join("status")).ok()?;
            let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        });
        peaks.max().unwrap_or(0) * 1024
    }
}
