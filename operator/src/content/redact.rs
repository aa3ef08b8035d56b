//! Destroying the bytes of a version. It needs the right to overwrite, which is given to no caller, so it is done here.
//!
//! In a large store it takes longer than a request may: it is a task of its own, which goes on when whoever asked is gone,
//! and asking again waits for the same one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use parking_lot::Mutex;
use remanence_store::maintain::{RedactReport, redact};
use remanence_store::{At, Author, Store, name};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinError;
use tracing::Instrument as _;

use super::Caller;
use super::answer::Problem;
use super::authorize::Verb;
use super::objects::{Named, parameter};
use super::server::Served;
use super::stores::Found;
use crate::bucket::tend::options;

/// Redactions that are done at once: the operator's memory is small.
const AT_ONCE: usize = 2;
/// How long a request waits for one: less than the apiserver waits for the answer.
const WAIT: Duration = Duration::from_secs(30);

type Redacted = Result<RedactReport, Problem>;
type UnderWay = Shared<BoxFuture<'static, Redacted>>;

/// The redactions that are under way; clones share them.
#[derive(Clone)]
pub(super) struct Redactions {
    under_way: Arc<Mutex<HashMap<String, UnderWay>>>,
    turns: Arc<Semaphore>,
}

impl Default for Redactions {
    fn default() -> Self {
        Self {
            under_way: Arc::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Redactions {
    /// The one called `key`: what is under way already, or else `work`.
    fn of(&self, key: String, work: impl Future<Output = Redacted> + Send + 'static) -> UnderWay {
        let mut all = self.under_way.lock();
        if let Some(under_way) = all.get(&key) {
            return under_way.clone();
        }
        let (redactions, called) = (self.clone(), key.clone());
        let task = async move {
            // Made here, where the lock is not held.
            let listed = Listed(redactions, called);
            // It is never closed, so there is always one to be had.
            let _turn = listed.0.turns.acquire().await;
            work.await
        };
        let task = tokio::spawn(task.in_current_span());
        let ended = |error: JoinError| Problem::Unavailable(format!("the redaction ended early: {error}"));
        let under_way = task.map(move |done| done.map_err(ended).flatten()).boxed().shared();
        all.insert(key, under_way.clone());
        under_way
    }
}

/// Takes a redaction out of those that are under way, however it ends.
struct Listed(Redactions, String);

impl Drop for Listed {
    fn drop(&mut self) {
        self.0.under_way.lock().remove(&self.1);
    }
}

/// Redacts the version `key` of the file `?path=`.
pub(super) async fn delete(
    State(served): State<Served>,
    Path(named): Path<Named>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (caller, found) = served.open(&headers, Verb::Delete, &named).await?;
    let at: At = named
        .key
        .parse()
        .map_err(|_| Problem::Bad(format!("{} is no version; write SEQ or SEQ.OP", named.key)))?;
    let path = parameter(&query, "path").ok_or_else(|| Problem::Bad("the query names no path".to_owned()))?;
    name::check_path(&path).map_err(|error| Problem::Bad(error.to_string()))?;
    let key = format!("{}/{}{path} {at}", named.namespace, named.name);
    let under_way = served.redactions.of(key, run(caller, found, named, path, at));
    match tokio::time::timeout(WAIT, under_way).await {
        Ok(done) => Ok(Json(done?).into_response()),
        Err(_) => Ok((StatusCode::ACCEPTED, Json(goes_on())).into_response()),
    }
}

/// What is answered when it takes longer than a request.
fn goes_on() -> serde_json::Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 202,
        "message": "the redaction goes on; the same request again tells what becomes of it",
    })
}

async fn run(caller: Caller, found: Found, named: Named, path: String, at: At) -> Redacted {
    let store = Store::open(found.backend, options()).await?;
    let redacted = redact(&store, &path, at, Author::user(&caller.name)).await;
    store.close().await;
    let (user, namespace, store) = (caller.name, named.namespace, named.name);
    match redacted {
        Ok(report) => {
            tracing::info!(user, namespace, store, path, version = %report.version, "redacted");
            Ok(report)
        }
        Err(error) => {
            // Whoever asked may be gone.
            tracing::warn!(user, namespace, store, path, %at, %error, "not redacted");
            Err(error.into())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_redaction_goes_on_without_who_asked_and_is_done_once() {
        let redactions = Redactions::default();
        let (go, wait) = oneshot::channel::<()>();
        let work = async move {
            wait.await.unwrap();
            Err(Problem::Conflict("first".to_owned()))
        };
        // Whoever asked is gone at once.
        drop(redactions.of("a".to_owned(), work));
        let again = redactions.of("a".to_owned(), async { Err(Problem::Conflict("second".to_owned())) });
        go.send(()).unwrap();
        assert_eq!(again.await.unwrap_err().to_string(), "first");
        // What is over is not remembered.
        assert!(redactions.under_way.lock().is_empty());
    }

    #[tokio::test]
    async fn one_that_breaks_is_not_in_the_way_of_the_next() {
        let redactions = Redactions::default();
        let (_, nothing) = oneshot::channel::<Redacted>();
        let broken = redactions.of("a".to_owned(), async { nothing.await.unwrap() });
        assert!(broken.await.unwrap_err().to_string().contains("ended early"));
        assert!(redactions.under_way.lock().is_empty());
    }
}
