//! Opening the store that a command is about.

use remanence_store::settings::Settings;
use remanence_store::store::{Options, Store};
use remanence_store::url::StoreUrl;

use crate::exit::Failure;

/// The store a command is about.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct StoreArg {
    /// The store: `file:///dir` or `s3://bucket/prefix?endpoint=…&region=…&path-style=true`
    #[arg(long = "store", value_name = "URL", env = "REMANENCE_STORE")]
    pub(crate) url: StoreUrl,
}

impl StoreArg {
    /// Opens it for reading.
    pub(crate) async fn read(&self) -> Result<Store, Failure> {
        let backend = self.url.connect().await?.read_only();
        Ok(Store::open(backend, Options::default()).await?)
    }

    /// Opens it for writing; it must be there.
    pub(crate) async fn write(&self) -> Result<Store, Failure> {
        let backend = self.url.connect().await?.without_maintain();
        Ok(Store::open(backend, Options::default()).await?)
    }

    /// Opens it for writing, or makes it.
    pub(crate) async fn write_or_make(&self, settings: &Settings) -> Result<Store, Failure> {
        let backend = self.url.connect().await?.without_maintain();
        Ok(Store::open_or_init(backend, settings, Options::default()).await?)
    }

    /// Opens it with the right to overwrite and delete.
    pub(crate) async fn maintain(&self) -> Result<Store, Failure> {
        let backend = self.url.connect().await?;
        Ok(Store::open(backend, Options::default()).await?)
    }
}
