//! Opening the store that a command is about: one that lies at a URL, or an object of a cluster.

use std::fmt;
use std::str::FromStr;

use remanence_store::backend::Backend;
use remanence_store::ring::Ring;
use remanence_store::settings::Settings;
use remanence_store::store::{Options, Store};
use remanence_store::url::StoreUrl;
use remanence_store::{Author, StoreError};

use crate::author::AuthorArg;
use crate::cluster::{Content, ObjectUrl};
use crate::exit::Failure;

/// The store a command is about.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct StoreArg {
    /// The store: `file:///dir`, `s3://bucket/prefix?endpoint=…&region=…&path-style=true` or `k8s://namespace/name`
    #[arg(long = "store", value_name = "URL", env = "REMANENCE_STORE")]
    pub(crate) place: Place,
}

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a directory or a bucket, with the keys that the environment has.
    Url(StoreUrl),
    /// An object of a cluster, with the caller's own identity.
    Object(ObjectUrl),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if ObjectUrl::is_one(text) {
            return text.parse().map(Self::Object);
        }
        text.parse()
            .map(Self::Url)
            .map_err(|error: remanence_store::url::UrlError| error.to_string())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => url.fmt(f),
            Self::Object(url) => url.fmt(f),
        }
    }
}

impl StoreArg {
    /// Opens it for reading.
    pub(crate) async fn read(&self) -> Result<Store, Failure> {
        match &self.place {
            Place::Url(url) => Ok(Store::open(url.connect().await?.read_only(), Options::default()).await?),
            Place::Object(url) => Content::of(url).await?.read().await,
        }
    }

    /// Opens it for writing, in the name of whom; it must be there.
    pub(crate) async fn write(&self, author: &AuthorArg) -> Result<(Store, Author), Failure> {
        let (backend, options, author) = self.writable(author).await?;
        Ok((Store::open(backend, options).await?, author))
    }

    /// Opens it for writing, or makes it; in a cluster stores are made by their objects.
    pub(crate) async fn write_or_make(
        &self,
        author: &AuthorArg,
        settings: &Settings,
    ) -> Result<(Store, Author), Failure> {
        let (backend, options, author) = self.writable(author).await?;
        let store = match &self.place {
            Place::Url(_) => Store::open_or_init(backend, settings, options).await?,
            Place::Object(_) => Store::open(backend, options).await?,
        };
        Ok((store, author))
    }

    async fn writable(&self, author: &AuthorArg) -> Result<(Backend, Options, Author), Failure> {
        match &self.place {
            Place::Url(url) => Ok((
                url.connect().await?.without_maintain(),
                Options::default(),
                author.author(),
            )),
            // In the name that the cluster knows: `object_options` refuses another.
            Place::Object(url) => {
                let content = Content::of(url).await?;
                let user = content.user().await?;
                Ok((content.backend(), apart(), Author::user(user)))
            }
        }
    }

    /// Opens it with the right to overwrite and delete, which nobody has who comes through a cluster's API.
    pub(crate) async fn maintain(&self, command: &str) -> Result<Store, Failure> {
        let backend = self.url(command)?.connect().await?;
        Ok(Store::open(backend, Options::default()).await?)
    }

    /// Its URL, for a command that works on no object of a cluster.
    pub(crate) fn url(&self, command: &str) -> Result<&StoreUrl, Failure> {
        match &self.place {
            Place::Url(url) => Ok(url),
            Place::Object(url) => Err(Failure::usage(format!(
                "{url}: `{command}` is not for stores of a cluster: there the operator does it, as their objects say"
            ))),
        }
    }

    /// Whether there is no store at its place.
    pub(crate) async fn is_absent(&self) -> bool {
        let Place::Url(url) = &self.place else { return false };
        let Ok(backend) = url.connect().await else { return false };
        let opened = Store::open(backend.read_only(), Options::default()).await;
        matches!(opened, Err(StoreError::Absent { .. } | StoreError::Deleted { .. }))
    }
}

/// How a store of a cluster is opened: its bucket was probed by the operator, which rings for it, too.
pub(crate) fn apart() -> Options {
    Options {
        probe: false,
        ring: Some(Ring::through(|_| {})),
        ..Options::default()
    }
}
