//! A prefix of an S3 bucket.
//!
//! Creation is `PUT` with `If-None-Match: *`. A create is sent once and its answer reported as it is: what to do when the
//! outcome is unknown is the caller's to decide. Nothing runs in the background; connections are kept while they last.

use std::future::Future;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use bytes::Bytes;
use jiff::Timestamp;

use super::fault::{Fault, LENT_KEYS, OWN_KEYS, chain, sort};
use super::{Append, Backend, BackendError, Created, Listed, Maintain, ObjectVersion, Read, Result, key, wire};
use crate::url::{S3Url, Sse, StoreUrl};

mod connect;
mod lent;

pub use lent::{Lender, Lent, LentKeys};

/// A prefix of an S3 bucket.
struct S3 {
    reader: Client,
    writer: Client,
    bucket: String,
    /// What stands before every key: empty, or ending in `/`.
    base: String,
    sse: Option<Sse>,
    /// Bucket and endpoint, for messages.
    place: String,
    /// Where its keys come from, for messages.
    keys: &'static str,
}

/// A backend with all rights that the credentials give on the prefix `url`.
pub(crate) async fn connect(url: &S3Url) -> Result<Backend> {
    open(url, None).await
}

/// A backend on the prefix `url` with the credentials that somebody lends, and nothing of the environment's.
///
/// # Errors
/// When the certificates can't be used.
pub async fn connect_lent(url: &S3Url, lent: Lent) -> Result<Backend> {
    if let Some(pem) = &lent.ca_bundle {
        super::http::check_pem(pem).map_err(|why| BackendError::Refused {
            what: url.to_string(),
            cause: format!("the CA bundle {why}"),
        })?;
    }
    open(url, Some(lent)).await
}

async fn open(url: &S3Url, lent: Option<Lent>) -> Result<Backend> {
    let keys = if lent.is_some() { LENT_KEYS } else { OWN_KEYS };
    let clients = connect::connect(url, lent).await?;
    let s3 = Arc::new(S3 {
        reader: clients.reader,
        writer: clients.writer,
        bucket: url.bucket.clone(),
        base: key::base(&url.prefix),
        sse: url.sse.clone(),
        place: match &url.endpoint {
            Some(endpoint) => format!("bucket {} at {endpoint}", url.bucket),
            None => format!("bucket {}", url.bucket),
        },
        keys,
    });
    Ok(Backend {
        url: StoreUrl::S3(url.clone()).to_string(),
        read: s3.clone(),
        append: Some(s3.clone()),
        maintain: Some(s3),
    })
}

impl S3 {
    fn full(&self, verb: &str, key: &str) -> Result<String> {
        key::check(key).map_err(|cause| BackendError::Refused {
            what: format!("{verb} {key}"),
            cause,
        })?;
        Ok(format!("{}{key}", self.base))
    }

    fn relative(&self, key: &str) -> Option<String> {
        key.strip_prefix(&self.base).map(str::to_owned)
    }

    /// A PUT of `body`, not yet sent.
    fn writing(&self, key: String, body: Bytes) -> PutObjectFluentBuilder {
        let put = self
            .writer
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .body(ByteStream::from(body));
        match &self.sse {
            None => put,
            Some(Sse::Aes256) => put.server_side_encryption(ServerSideEncryption::Aes256),
            Some(Sse::Kms(id)) => put
                .server_side_encryption(ServerSideEncryption::AwsKms)
                .set_ssekms_key_id(id.clone()),
        }
    }

    /// The bytes of an object or of one version of it.
    async fn fetch(
        &self,
        key: String,
        version: Option<&str>,
        range: Option<Range<u64>>,
    ) -> std::result::Result<Bytes, Fault> {
        let answer = self
            .reader
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .set_version_id(version.map(str::to_owned))
            .set_range(range.as_ref().map(wire::range_header))
            .send()
            .await
            .map_err(|error| sort(&self.place, self.keys, &error))?;
        let whole = answer.content_range.is_none();
        let body = answer.body.collect().await;
        let bytes = body
            .map_err(|error| Fault::Unknown(format!("{}: the answer broke off: {}", self.place, chain(&error))))?
            .into_bytes();
        Ok(wire::cut(bytes, whole, range.as_ref()))
    }

    /// Waits for a write of `size` bytes no longer than an honest network would take.
    async fn bounded<T>(&self, size: usize, request: impl Future<Output = T>) -> std::result::Result<T, Fault> {
        let limit = wire::patience(size);
        tokio::time::timeout(limit, request)
            .await
            .map_err(|_| Fault::Unknown(format!("{}: no answer in {} s", self.place, limit.as_secs())))
    }

    async fn put_once(&self, put: PutObjectFluentBuilder, size: usize) -> std::result::Result<(), Fault> {
        // The SDK's futures are large; kept apart, callers' stay small.
        match self.bounded(size, Box::pin(put.send())).await? {
            Ok(_) => Ok(()),
            Err(error) => Err(sort(&self.place, self.keys, &error)),
        }
    }
}

#[async_trait]
impl Read for S3 {
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        let got = self.fetch(self.full("GET", key)?, None, range).await;
        wire::found(got, || format!("GET {key}"))
    }

    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>> {
        let what = || format!("LIST {prefix}");
        key::check_prefix(prefix).map_err(|cause| BackendError::Refused { what: what(), cause })?;
        let mut found = Vec::new();
        let mut from = None;
        while found.len() < max {
            let page = self
                .reader
                .list_objects_v2()
                .bucket(&self.bucket)
                .prefix(format!("{}{prefix}", self.base))
                .set_start_after(after.map(|after| format!("{}{after}", self.base)))
                .max_keys((max - found.len()).min(wire::PAGE) as i32)
                .set_continuation_token(from.take())
                .send()
                .await
                .map_err(|error| sort(&self.place, self.keys, &error).of(what()))?;
            found.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| {
                Some(Listed {
                    key: self.relative(&object.key?)?,
                    size: object.size.unwrap_or(0).max(0) as u64,
                    etag: object.e_tag.map(|etag| wire::unquoted(&etag)),
                    modified: object
                        .last_modified
                        .and_then(|at| Timestamp::from_second(at.secs()).ok()),
                })
            }));
            from = page.next_continuation_token;
            if from.is_none() {
                break;
            }
        }
        Ok(found)
    }

    async fn proved_author(&self, key: &str) -> Result<Option<String>> {
        let head = self
            .reader
            .head_object()
            .bucket(&self.bucket)
            .key(self.full("HEAD", key)?)
            .send()
            .await;
        let head = match head {
            Ok(head) => head,
            // HEAD has no body, so that an absent object has no code.
            Err(error) if error.raw_response().is_some_and(|raw| raw.status().as_u16() == 404) => return Ok(None),
            Err(error) => return Err(sort(&self.place, self.keys, &error).of(format!("HEAD {key}"))),
        };
        let metadata = head.metadata.unwrap_or_default();
        Ok(metadata.get(super::AUTHOR_METADATA).cloned())
    }
}

#[async_trait]
impl Append for S3 {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created> {
        let size = body.len();
        let put = self.writing(self.full("PUT", key)?, body).if_none_match("*");
        match self.put_once(put, size).await {
            Ok(()) => Ok(Created::Yes),
            Err(Fault::Exists) => Ok(Created::Exists),
            Err(fault) => Err(fault.of(format!("PUT {key}"))),
        }
    }
}

#[async_trait]
impl Maintain for S3 {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        let size = body.len();
        // Who wrote it remains, whatever becomes of what was written.
        let author = self.proved_author(key).await?;
        let put = self.writing(self.full("PUT", key)?, body);
        let put = author
            .into_iter()
            .fold(put, |put, author| put.metadata(super::AUTHOR_METADATA, author));
        self.put_once(put, size)
            .await
            .map_err(|fault| fault.of(format!("PUT {key}")))
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let object = ObjectVersion {
            key: key.to_owned(),
            version: None,
            current: true,
            size: 0,
        };
        self.delete_version(&object).await
    }

    async fn versions(&self, prefix: &str) -> Result<Vec<ObjectVersion>> {
        let what = || format!("LIST versions {prefix}");
        key::check_prefix(prefix).map_err(|cause| BackendError::Refused { what: what(), cause })?;
        let mut found = Vec::new();
        let (mut key_marker, mut version_marker) = (None, None);
        loop {
            let page = self
                .reader
                .list_object_versions()
                .bucket(&self.bucket)
                .prefix(format!("{}{prefix}", self.base))
                .set_key_marker(key_marker.take())
                .set_version_id_marker(version_marker.take())
                .send()
                .await
                .map_err(|error| sort(&self.place, self.keys, &error));
            let page = match page {
                Ok(page) => page,
                Err(Fault::NotImplemented(_)) => return self.current_versions(prefix).await,
                Err(fault) => return Err(fault.of(what())),
            };
            found.extend(page.versions.unwrap_or_default().into_iter().filter_map(|version| {
                Some(ObjectVersion {
                    key: self.relative(&version.key?)?,
                    version: version.version_id,
                    current: version.is_latest.unwrap_or(false),
                    size: version.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
                })
            }));
            key_marker = page.next_key_marker;
            version_marker = page.next_version_id_marker;
            if page.is_truncated != Some(true) || key_marker.is_none() {
                return Ok(found);
            }
        }
    }

    async fn get_version(&self, object: &ObjectVersion) -> Result<Option<Bytes>> {
        let key = self.full("GET", &object.key)?;
        let got = self.fetch(key, object.version.as_deref(), None).await;
        wire::found(got, || format!("GET version of {}", object.key))
    }

    async fn delete_version(&self, object: &ObjectVersion) -> Result<()> {
        let deleted = self
            .reader
            .delete_object()
            .bucket(&self.bucket)
            .key(self.full("DELETE", &object.key)?)
            .set_version_id(object.version.clone())
            .send()
            .await
            .map_err(|error| sort(&self.place, self.keys, &error));
        match deleted {
            Ok(_) | Err(Fault::Absent) => Ok(()),
            Err(fault) => Err(fault.of(format!("DELETE {}", object.key))),
        }
    }
}

impl S3 {
    /// What is there now, for servers that keep no versions.
    async fn current_versions(&self, prefix: &str) -> Result<Vec<ObjectVersion>> {
        let listed = self.list(prefix, None, usize::MAX).await?;
        let versions = listed.into_iter().map(|object| ObjectVersion {
            key: object.key,
            version: None,
            current: true,
            size: object.size,
        });
        Ok(versions.collect())
    }
}
