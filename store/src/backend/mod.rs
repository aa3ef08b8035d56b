//! Where a store's objects lie. Three traits, as rights are given: [`Read`], [`Append`], [`Maintain`].
//!
//! Keys are relative to the store's prefix (`store/1`, `<id>/log/…`), never start with `/`, and are
//! listed in byte order.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;

pub mod counted;
pub(crate) mod fault;
pub mod http;
pub mod key;
pub mod local;
pub mod presigned;
pub mod s3;
pub mod suite;
mod wire;

pub use fault::chain;

/// Whether a create-if-absent created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// The object was absent and is now ours.
    Yes,
    /// An object of that key was there already (412).
    Exists,
}

/// What went wrong at the object store, by what the caller must do.
#[derive(Debug, thiserror::Error, Clone)]
pub enum BackendError {
    /// The outcome is unknown (time-out, 5xx, reset): send the same bytes again, or read. Also 409.
    #[error("{what}: {cause}; {}", remedy(.what))]
    Unknown {
        /// The request, e.g. `PUT log/…`.
        what: String,
        /// The underlying cause.
        cause: String,
    },
    /// The object store refuses for good until somebody changes something: credentials, bucket, policy.
    #[error("{what}: {cause}")]
    Refused {
        /// The request.
        what: String,
        /// The cause and what to do.
        cause: String,
    },
    /// No room: disk full, quota.
    #[error("{what}: no space left ({cause})")]
    Full {
        /// The request.
        what: String,
        /// The cause.
        cause: String,
    },
}

/// What to do where the outcome of a request is unknown.
fn remedy(what: &str) -> &'static str {
    if what.starts_with("PUT ") || what.starts_with("DELETE ") {
        "it may have been done all the same: check that the object store can be reached, look, and try again"
    } else {
        "check that the object store can be reached, and try again"
    }
}

/// Result of a backend call.
pub type Result<T> = std::result::Result<T, BackendError>;

/// One listed object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Key relative to the store's prefix.
    pub key: String,
    /// Size in bytes.
    pub size: u64,
    /// Another one for another content of the key, where the backend tells: the `ETag`; in a directory, which file it is
    /// and when it was written.
    pub etag: Option<String>,
    /// When it was written, where the backend tells.
    pub modified: Option<Timestamp>,
}

/// One stored version of an object, as [`Maintain::versions`] lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectVersion {
    /// Key relative to the store's prefix.
    pub key: String,
    /// The backend's version id; `None` where the bucket keeps no versions.
    pub version: Option<String>,
    /// Whether this is what a plain GET returns.
    pub current: bool,
    /// Its size in bytes.
    pub size: u64,
}

/// Reading: get and list.
#[async_trait]
pub trait Read: Send + Sync {
    /// The object, or the bytes `range` of it; `None` when absent. A range beyond the end yields what is there
    /// (possibly nothing).
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>>;

    /// Up to `max` objects whose key starts with `prefix` and is greater than `after`, in byte order.
    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>>;

    /// Who wrote the object, in JSON as an [`Author`](crate::Author), as whoever signed the write had it proved; `None`
    /// where nobody did.
    async fn proved_author(&self, key: &str) -> Result<Option<String>> {
        let _ = key;
        Ok(None)
    }
}

/// The object's metadata that names who wrote it, as the signer of the write proved it.
pub const AUTHOR_METADATA: &str = "remanence-author";

/// Appending: create if absent.
#[async_trait]
pub trait Append: Send + Sync {
    /// Creates the object durably if its key is absent. After [`BackendError::Unknown`] it may or may not be there.
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created>;
}

/// Maintaining: overwrite and delete. Mounts and dreamers never hold this.
#[async_trait]
pub trait Maintain: Send + Sync {
    /// Replaces the object.
    async fn put(&self, key: &str, body: Bytes) -> Result<()>;
    /// Deletes the object; an absent one is no error.
    async fn delete(&self, key: &str) -> Result<()>;
    /// All stored versions under `prefix`, noncurrent ones included.
    async fn versions(&self, prefix: &str) -> Result<Vec<ObjectVersion>>;
    /// The bytes of one stored version.
    async fn get_version(&self, object: &ObjectVersion) -> Result<Option<Bytes>>;
    /// Deletes one stored version for good.
    async fn delete_version(&self, object: &ObjectVersion) -> Result<()>;
}

/// The rights a program holds on one store.
#[derive(Clone)]
pub struct Backend {
    /// Where it is, for messages; never holds a secret.
    pub url: String,
    /// Reading.
    pub read: Arc<dyn Read>,
    /// Appending; `None` for a read-only attachment.
    pub append: Option<Arc<dyn Append>>,
    /// Maintaining; only `maintain` and `redact` ask for it.
    pub maintain: Option<Arc<dyn Maintain>>,
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Backend {
    /// The same store without the right to overwrite or delete.
    #[must_use]
    pub fn without_maintain(mut self) -> Self {
        self.maintain = None;
        self
    }

    /// The same store, read-only.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.append = None;
        self.maintain = None;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_whose_outcome_is_unknown_says_what_to_do() {
        let error = |what: &str| {
            let (what, cause) = (what.to_owned(), "connection refused".to_owned());
            BackendError::Unknown { what, cause }.to_string()
        };
        assert_eq!(
            error("GET store/1"),
            "GET store/1: connection refused; check that the object store can be reached, and try again"
        );
        assert!(error("PUT store/1").contains("it may have been done"));
    }
}
