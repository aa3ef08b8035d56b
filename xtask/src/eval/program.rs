//! The program under test on a store of its own, as users run it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use super::memory::Memory;
use crate::run;

/// Far more than the largest dream takes by rules.
const LIMIT: Duration = Duration::from_mins(10);
/// A small model on a small machine takes its time.
const LIMIT_WITH_MODEL: Duration = Duration::from_hours(1);
/// The store's folder in a mount.
pub(super) const STORE: &str = "project";
/// How often a running dream's memory is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// Linux counts times of processes in hundredths of a second.
const TICKS: f64 = 100.0;

/// The program, and the model it dreams with.
pub(super) struct Program {
    pub(super) binary: PathBuf,
    model: Vec<String>,
}

impl Program {
    pub(super) fn by_rules(binary: PathBuf) -> Self {
        let model = Vec::new();
        Self { binary, model }
    }

    /// The same with a model, as the flags of `remanence dream` name it.
    pub(super) fn with_model(&self, flags: Vec<String>) -> Self {
        Self {
            binary: self.binary.clone(),
            model: flags,
        }
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
    pub(super) used: Used,
    /// Requests that its store took.
    pub(super) requests: u64,
}

/// What a process used up to now.
#[derive(Clone, Copy, Default)]
pub(super) struct Used {
    /// Most memory it held, in bytes.
    pub(super) peak: u64,
    /// Seconds of a processor.
    pub(super) processor: f64,
}

impl Used {
    /// Of a process that still runs.
    fn by(process: &Path) -> Option<Self> {
        let status = fs::read_to_string(process.join("status")).ok()?;
        let peak = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        let stat = fs::read_to_string(process.join("stat")).ok()?;
        let (_, after) = stat.rsplit_once(") ")?;
        let times: Vec<u64> = after
            .split(' ')
            .skip(11)
            .take(2)
            .filter_map(|n| n.parse().ok())
            .collect();
        Some(Self {
            peak: peak.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024,
            processor: times.iter().sum::<u64>() as f64 / TICKS,
        })
    }
}

/// The store in a mount, served by a process of its own.
pub(super) struct Mounted<'a> {
    bench: &'a Bench<'a>,
    pub(super) at: PathBuf,
    process: Child,
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
        let (begun, done) = (Instant::now(), AtomicBool::new(false));
        let (output, used) = thread::scope(|scope| {
            let watch = scope.spawn(|| {
                let (mut process, mut used) = (None, Used::default());
                while !done.load(Ordering::Relaxed) {
                    process = process.or_else(|| self.running());
                    used = process.as_deref().and_then(Used::by).unwrap_or(used);
                    thread::sleep(LOOK);
                }
                used
            });
            let output = self.answer(&words);
            done.store(true, Ordering::Relaxed);
            (output, watch.join().unwrap_or_default())
        });
        let (status, output) = output?;
        // A dream that failed gives its record, too, and says so behind it.
        let record = serde_json::Deserializer::from_str(&output).into_iter::<Value>().next();
        let Some(Ok(record)) = record.filter(|_| status.success() || !self.program.model.is_empty()) else {
            bail!("{} {}: {output}", self.program.binary.display(), words.join(" "));
        };
        Ok(Dreamt {
            requests: record["requests"].as_u64().unwrap_or_default(),
            record,
            seconds: begun.elapsed().as_secs_f64(),
            used,
        })
    }

    /// Mounts the store for an agent; each write is in the store when it returns.
    pub(super) fn mount(&'a self, agent: &str) -> Result<Mounted<'a>> {
        let (at, cache) = (self.folder.path().join("mount"), self.folder.path().join("cache"));
        fs::create_dir_all(&at)?;
        let mut command = run::bounded(LIMIT, &self.program.binary);
        command.args(["mount", "--agent", agent, "--durability", "store"]);
        command
            .args(["--store", &format!("{STORE}={}", self.url), "--at"])
            .arg(&at);
        command
            .arg("--cache")
            .arg(cache)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let process = command.spawn().context("mounting")?;
        Ok(Mounted {
            bench: self,
            at,
            process,
        })
    }

    fn call(&self, words: &[&str]) -> Result<String> {
        let (status, output) = self.answer(words)?;
        if !status.success() {
            bail!("{} {}: {output}", self.program.binary.display(), words.join(" "));
        }
        Ok(output)
    }

    fn answer(&self, words: &[&str]) -> Result<(ExitStatus, String)> {
        let limit = if self.program.model.is_empty() {
            LIMIT
        } else {
            LIMIT_WITH_MODEL
        };
        let mut command = run::bounded(limit, &self.program.binary);
        run::captured(command.args(words).args(["--store", &self.url]))
    }

    /// The dream that runs on this store.
    fn running(&self) -> Option<PathBuf> {
        let processes = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .map(|process| process.path());
        processes.into_iter().find(|path| {
            let runs_it = fs::read_link(path.join("exe")).is_ok_and(|exe| exe == self.program.binary);
            let command = fs::read_to_string(path.join("cmdline")).unwrap_or_default();
            runs_it && command.contains(&self.url) && command.contains("\0dream\0")
        })
    }
}

impl Mounted<'_> {
    /// Unmounts; what was written must be in the store.
    pub(super) fn end(mut self) -> Result<()> {
        let mut command = run::bounded(LIMIT, &self.bench.program.binary);
        let (status, output) = run::captured(command.arg("unmount").arg(&self.at))?;
        let mount = self.process.wait().context("waiting for the mount")?;
        if !status.success() || !mount.success() {
            bail!("unmounting: {status}, {mount}: {output}");
        }
        Ok(())
    }
}
