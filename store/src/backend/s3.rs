//! An S3 bucket.

use super::{Backend, BackendError, Result};
use crate::url::S3Url;

/// A backend on a prefix of an S3 bucket.
#[allow(clippy::unused_async)]
pub(crate) async fn connect(url: &S3Url) -> Result<Backend> {
    Err(BackendError::Refused {
        what: url.to_string(),
        cause: "S3 is not served by this build".to_owned(),
    })
}
