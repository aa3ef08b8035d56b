//! What the kernel knows of a process.

use std::fs;

use anyhow::{Context, Result};

/// A process by its id.
pub(crate) struct Watcher(pub(crate) u32);

impl Watcher {
    /// Memory that is resident, in bytes.
    pub(crate) fn resident(&self) -> Result<f64> {
        let path = format!("/proc/{}/status", self.0);
        let status = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
        let kib: f64 = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
            .with_context(|| format!("{path} names no resident memory"))?;
        Ok(kib * 1024.0)
    }

    /// Processor time used so far by all threads that are there, in seconds.
    pub(crate) fn processor_time(&self) -> Result<f64> {
        let folder = format!("/proc/{}/task", self.0);
        let mut nanoseconds = 0.0;
        for thread in fs::read_dir(&folder).with_context(|| format!("listing {folder}"))? {
            let path = thread.context("listing threads")?.path().join("schedstat");
            // A thread may end between the listing and the reading.
            let Ok(text) = fs::read_to_string(&path) else { continue };
            nanoseconds += text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0.0);
        }
        Ok(nanoseconds / 1e9)
    }
}
