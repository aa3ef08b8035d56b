//! A store's objects, through the content API.

use std::ops::Range;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use percent_encoding::utf8_percent_encode;
use remanence_store::backend::{Append, BackendError, Created, Listed, Read, Result, chain};
use serde::Deserialize;

use super::content::{Answer, Content, PARTS, Status, complaint};

/// Bytes asked for at once; the API gives no more than twice as many.
const PIECE: u64 = 8 << 20;
/// Keys asked for at once.
const PAGE: usize = 1000;

pub(super) struct Objects {
    pub(super) content: Content,
}

#[derive(Deserialize)]
struct Item {
    key: String,
    size: u64,
}

impl Objects {
    /// Sends a request; an object that is not there is `None`, and so is one that is there already.
    async fn ask(
        &self,
        what: &str,
        method: &str,
        below: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Option<Answer>> {
        let answer = self.content.send(method, below, headers, body).await;
        let answer = answer.map_err(|error| BackendError::Unknown {
            what: what.to_owned(),
            cause: chain(&error),
        })?;
        let refused = |answer: &Answer| BackendError::Refused {
            what: what.to_owned(),
            cause: complaint(answer),
        };
        match answer.status {
            status if status.is_success() => Ok(Some(answer)),
            StatusCode::PRECONDITION_FAILED => Ok(None),
            // The apiserver says 404, too, where it does not know the API or the store.
            StatusCode::NOT_FOUND if is_about_object(&answer) => Ok(None),
            StatusCode::INSUFFICIENT_STORAGE => Err(BackendError::Full {
                what: what.to_owned(),
                cause: complaint(&answer),
            }),
            StatusCode::BAD_GATEWAY => Err(refused(&answer)),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(BackendError::Unknown {
                    what: what.to_owned(),
                    cause: complaint(&answer),
                })
            }
            _ => Err(refused(&answer)),
        }
    }
}

fn is_about_object(answer: &Answer) -> bool {
    let status: Status = serde_json::from_slice(&answer.body).unwrap_or_default();
    status.details.kind == "objects"
}

fn json<T: for<'de> Deserialize<'de>>(what: &str, answer: &Answer) -> Result<T> {
    serde_json::from_slice(&answer.body).map_err(|error| BackendError::Unknown {
        what: what.to_owned(),
        cause: format!("the answer is not the content API's: {error}"),
    })
}

#[async_trait]
impl Read for Objects {
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        let (what, below) = (
            format!("GET {key}"),
            format!("/objects/{}", utf8_percent_encode(key, PARTS)),
        );
        let wanted = range.unwrap_or(0..u64::MAX);
        let mut got = BytesMut::new();
        loop {
            let start = wanted.start + got.len() as u64;
            // No bytes can't be asked for; one tells whether the object is there.
            let end = wanted.end.min(start.saturating_add(PIECE)).max(start + 1);
            let header = format!("bytes={start}-{}", end - 1);
            let Some(answer) = self
                .ask(&what, "GET", &below, &[("range", &header)], Bytes::new())
                .await?
            else {
                return Ok(None);
            };
            let is_last = (answer.body.len() as u64) < end - start || end >= wanted.end;
            if is_last && got.is_empty() {
                let len = (answer.body.len() as u64).min(wanted.end.saturating_sub(wanted.start));
                return Ok(Some(answer.body.slice(..len as usize)));
            }
            got.extend_from_slice(&answer.body);
            if is_last {
                return Ok(Some(got.freeze()));
            }
        }
    }

    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>> {
        let what = format!("LIST {prefix}");
        let mut found: Vec<Listed> = Vec::new();
        let mut after = after.map(str::to_owned);
        while found.len() < max {
            let page = (max - found.len()).min(PAGE);
            let mut below = format!("/objects?prefix={}&max={page}", utf8_percent_encode(prefix, PARTS));
            if let Some(after) = &after {
                below = format!("{below}&after={}", utf8_percent_encode(after, PARTS));
            }
            let Some(answer) = self.ask(&what, "GET", &below, &[], Bytes::new()).await? else {
                break;
            };
            let items: Vec<Item> = json(&what, &answer)?;
            let is_last = items.len() < page;
            found.extend(items.into_iter().map(|item| Listed {
                key: item.key,
                size: item.size,
                etag: None,
                modified: None,
            }));
            if is_last {
                break;
            }
            after = found.last().map(|listed| listed.key.clone());
        }
        Ok(found)
    }

    async fn proved_author(&self, key: &str) -> Result<Option<String>> {
        let (what, below) = (
            format!("GET {key}"),
            format!("/authors/{}", utf8_percent_encode(key, PARTS)),
        );
        match self.ask(&what, "GET", &below, &[], Bytes::new()).await? {
            Some(answer) => json(&what, &answer),
            None => Ok(None),
        }
    }
}

#[async_trait]
impl Append for Objects {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created> {
        let (what, below) = (
            format!("PUT {key}"),
            format!("/objects/{}", utf8_percent_encode(key, PARTS)),
        );
        let created = self.ask(&what, "PUT", &below, &[("if-none-match", "*")], body).await?;
        Ok(created.map_or(Created::Exists, |_| Created::Yes))
    }
}
