//! Reading and creating a store's objects.

use std::io;
use std::ops::Range;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use remanence_store::backend::{BackendError, Created, key};
use remanence_store::slot::Header;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;

use super::answer::Problem;
use super::audit;
use super::authorize::Verb;
use super::server::{LARGEST, Served};
use super::stores::Found;

/// Keys in one answer, at most.
const PAGE: usize = 1000;
/// Bytes of an answer that are passed on at once.
const PIECE: usize = 64 << 10;
/// How long a caller may take to send or to take a content: as long as the apiserver lets a request last.
const SLOWEST: Duration = Duration::from_mins(1);

/// What of a store is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) namespace: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) key: String,
}

/// A parameter of a query.
pub(super) fn parameter(query: &RawQuery, name: &str) -> Option<String> {
    let query = query.0.as_deref().unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[derive(Serialize)]
struct Item {
    key: String,
    size: u64,
}

/// The store itself, and who asks.
pub(super) async fn about(
    State(served): State<Served>,
    Path(named): Path<Named>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (caller, found) = served.open(&headers, Verb::Get, &named).await?;
    let about = serde_json::json!({
        "kind": "MemoryStoreContent", "apiVersion": format!("{}/{}", super::GROUP, super::VERSION),
        "metadata": {"namespace": named.namespace, "name": named.name},
        "storeId": found.id, "user": caller.name,
    });
    Ok(Json(about).into_response())
}

/// A page of keys.
pub(super) async fn list(
    State(served): State<Served>,
    Path(named): Path<Named>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (_, found) = served.open(&headers, Verb::Get, &named).await?;
    let (prefix, after) = (
        parameter(&query, "prefix").unwrap_or_default(),
        parameter(&query, "after"),
    );
    key::check_prefix(&prefix).map_err(Problem::Bad)?;
    audit::check_readable(&prefix, &found.id)?;
    let max = parameter(&query, "max").map_or(Ok(PAGE), |max| max.parse());
    let max = max
        .map_err(|_| Problem::Bad("max is no number".to_owned()))?
        .clamp(1, PAGE);
    let listed = found.backend.read.list(&prefix, after.as_deref(), max).await?;
    let items = listed.into_iter().map(|object| Item {
        key: object.key,
        size: object.size,
    });
    Ok(Json(items.collect::<Vec<_>>()).into_response())
}

/// Bytes of an object.
pub(super) async fn get(
    State(served): State<Served>,
    Path(named): Path<Named>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = open_object(&served, &headers, &named).await?;
    let range = range(&headers)?;
    let room = served.room().await;
    let bytes = found.backend.read.get(&named.key, Some(range)).await?;
    let bytes = bytes.ok_or_else(|| Problem::no_object(&named.key))?;
    let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((StatusCode::PARTIAL_CONTENT, kind, in_pieces(bytes, room, SLOWEST)).into_response())
}

/// An answer of these bytes that keeps their room until the last are taken. Where that takes longer than `slowest` it
/// ends with an error.
fn in_pieces(bytes: Bytes, room: Option<OwnedSemaphorePermit>, slowest: Duration) -> Body {
    if bytes.len() <= PIECE {
        return bytes.into();
    }
    let left = bytes.len();
    let (give, take) = mpsc::channel(1);
    // Not in the stream: nobody asks for more of it while the caller takes nothing.
    tokio::spawn(async move {
        let _room = room;
        let all = async {
            for piece in bytes.chunks(PIECE) {
                // A copy, so that what waits to be sent does not keep the rest.
                if give.send(Bytes::copy_from_slice(piece)).await.is_err() {
                    break;
                }
            }
        };
        // Whoever is too slow learns it by the stream's end.
        let _ = timeout(slowest, all).await;
    });
    Body::from_stream(stream::unfold((take, left), |(mut take, left)| async move {
        match take.recv().await {
            Some(piece) => {
                let left = left - piece.len();
                Some((Ok(piece), (take, left)))
            }
            None if left > 0 => Some((Err(io::Error::from(io::ErrorKind::TimedOut)), (take, 0))),
            None => None,
        }
    }))
}

/// Opens the store that the caller may read the named object of.
async fn open_object(served: &Served, headers: &HeaderMap, named: &Named) -> Result<Found, Problem> {
    let (_, found) = served.open(headers, Verb::Get, named).await?;
    key::check(&named.key).map_err(Problem::Bad)?;
    audit::check_readable(&named.key, &found.id)?;
    Ok(found)
}

/// `Range: bytes=FIRST-LAST`, of no more than one answer may hold; without it, so much from the start.
fn range(headers: &HeaderMap) -> Result<Range<u64>, Problem> {
    let Some(value) = headers.get(header::RANGE) else {
        return Ok(0..LARGEST as u64);
    };
    let parsed = value.to_str().ok().and_then(|text| {
        let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        let end = last.checked_add(1)?;
        (first < end && end - first <= LARGEST as u64).then_some(first..end)
    });
    parsed.ok_or_else(|| {
        Problem::Bad(format!(
            "the Range is not `bytes=FIRST-LAST` of at most {LARGEST} bytes"
        ))
    })
}

/// The proved author of an object, as JSON; `null` where nobody proved one.
pub(super) async fn author(
    State(served): State<Served>,
    Path(named): Path<Named>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = open_object(&served, &headers, &named).await?;
    let proved = found.backend.read.proved_author(&named.key).await?;
    Ok(Json(proved).into_response())
}

/// Creates an object that is absent.
pub(super) async fn put(
    State(served): State<Served>,
    Path(named): Path<Named>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let (caller, found) = served.open(&headers, Verb::Update, &named).await?;
    if headers.get(header::IF_NONE_MATCH).is_none_or(|value| value != "*") {
        let message = "an object is only created, never overwritten: send `If-None-Match: *`";
        return Err(Problem::Bad(message.to_owned()));
    }
    if let Some(closed) = found.closed {
        return Err(Problem::Conflict(closed));
    }
    key::check(&named.key).map_err(Problem::Bad)?;
    // Nothing is read of who may not write, or while there is no room.
    let _room = served.room().await;
    let body = body_of(request).await?;
    let commit = audit::check(&named.key, &body, &found.id, &caller)?;
    if let Some(commit) = &commit {
        audit::check_next(commit, &named.key, &found.backend, &found.id).await?;
    }
    let append = found.backend.append.as_ref().ok_or_else(|| BackendError::Refused {
        what: format!("PUT {}", named.key),
        cause: "the operator may only read here".to_owned(),
    })?;
    match append.put_if_absent(&named.key, body).await? {
        Created::Exists => Err(Problem::Exists(named.key)),
        Created::Yes => {
            if let Some(Header { seq, .. }) = commit {
                let store = format!("{}/{}", named.namespace, named.name);
                tracing::info!(user = caller.name, store, seq, "a person's commit");
                served.parts.hints.ring(&store, seq);
            }
            Ok(StatusCode::CREATED.into_response())
        }
    }
}

async fn body_of(request: Request) -> Result<Bytes, Problem> {
    let body = timeout(SLOWEST, Bytes::from_request(request, &())).await;
    let body = body.map_err(|_| Problem::Unavailable("the body took too long to come".to_owned()))?;
    body.map_err(|rejected| match rejected.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::TooLarge(format!("an object that is created has {LARGEST} bytes at most"))
        }
        _ => Problem::Bad(rejected.body_text()),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use axum::body::to_bytes;
    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn an_answer_keeps_its_room_until_it_is_taken_or_took_too_long() {
        let rooms = Arc::new(Semaphore::new(1));
        let bytes = Bytes::from(vec![b'x'; 5 * PIECE + 1]);
        for slow in [false, true] {
            let room = rooms.clone().acquire_owned().await.ok();
            let slowest = if slow { Duration::from_millis(20) } else { SLOWEST };
            let body = in_pieces(bytes.clone(), room, slowest);
            if slow {
                // It comes back, though nobody takes anything.
                drop(rooms.clone().acquire_owned().await.unwrap());
                to_bytes(body, usize::MAX).await.unwrap_err();
            } else {
                tokio::task::yield_now().await;
                assert_eq!(rooms.available_permits(), 0);
                assert_eq!(to_bytes(body, usize::MAX).await.unwrap(), bytes);
            }
        }
    }
}
