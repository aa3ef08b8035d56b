//! The raw request: bytes created under a name that is absent, by the client that the mount uses, and nothing else.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use remanence_store::backend::{Append, Created};
use remanence_store::random::{OsRandom, Random};
use remanence_store::url::StoreUrl;
use tokio::runtime::Runtime;

/// A client of the object store.
pub(crate) struct Putter {
    runtime: Runtime,
    append: Arc<dyn Append>,
}

impl Putter {
    pub(crate) fn new(url: &str) -> Result<Self> {
        let runtime = Runtime::new().context("starting tasks")?;
        let url: StoreUrl = url.parse().with_context(|| format!("reading {url}"))?;
        let backend = runtime.block_on(url.connect()).context("connecting")?;
        let append = backend.append.context("the store can't be written")?;
        Ok(Self { runtime, append })
    }

    /// Seconds that one conditional PUT of `body` takes.
    pub(crate) fn put(&self, body: &[u8]) -> Result<f64> {
        let key = format!("raw/{:016x}", OsRandom.u64());
        let body = Bytes::copy_from_slice(body);
        let start = Instant::now();
        let created = self.runtime.block_on(self.append.put_if_absent(&key, body))?;
        let seconds = start.elapsed().as_secs_f64();
        if created != Created::Yes {
            bail!("{key} was there already");
        }
        Ok(seconds)
    }
}
