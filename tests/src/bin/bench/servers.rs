//! Where stores can be made: a directory, and the S3 server that `cargo xtask bench` starts.

use std::env;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, anyhow};
use remanence_store::url::StoreUrl;

/// A place for stores.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    base: Result<String, String>,
    next: AtomicU64,
}

/// Both places.
pub(crate) struct Servers {
    pub(crate) directory: Server,
    pub(crate) seaweedfs: Server,
}

/// The directory lies in the temporary folder, which must be on a disk for its figures to mean something.
pub(crate) fn all() -> Servers {
    let folder: PathBuf = env::temp_dir();
    let s3 = env::var("REMANENCE_TEST_S3_SEAWEEDFS").map_err(|_| "no SeaweedFS was started".to_owned());
    Servers {
        directory: Server::new("directory", Ok(StoreUrl::of_directory(&folder).to_string())),
        seaweedfs: Server::new("SeaweedFS", s3),
    }
}

impl Servers {
    pub(crate) fn both(&self) -> [&Server; 2] {
        [&self.directory, &self.seaweedfs]
    }
}

impl Server {
    fn new(name: &'static str, base: Result<String, String>) -> Self {
        Self {
            name,
            base,
            next: AtomicU64::new(0),
        }
    }

    /// The address of a store that is not there yet.
    pub(crate) fn new_store(&self) -> Result<String> {
        let base = self.base.as_ref().map_err(|why| anyhow!("{why}"))?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (place, query) = base
            .split_once('?')
            .map_or((base.as_str(), ""), |(place, query)| (place, query));
        let mark = if query.is_empty() { "" } else { "?" };
        Ok(format!("{place}/store-{number}{mark}{query}"))
    }
}
