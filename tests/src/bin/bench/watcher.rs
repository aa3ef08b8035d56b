//! What the kernel knows of a process.

use std::fs;

use anyhow::{Context, Result};
use remanence_tests::process;

/// A process by its id.
pub(crate) struct Watcher(pub(crate) u32);

impl Watcher {
    /// Memory that is resident, in bytes.
    pub(crate) fn resident(&self) -> Result<f64> {
        let bytes = process::resident(self.0);
        let bytes = bytes.with_context(|| format!("/proc/{}/status names no resident memory", self.0))?;
        Ok(bytes as f64)
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
