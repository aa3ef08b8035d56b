//! A service that speaks S3 and takes no notice of `If-None-Match: *`: the command line, by its real S3 client, makes no store
//! there and writes to none.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::header::IF_NONE_MATCH;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use remanence_tests::command::{refused, succeed};
use remanence_tests::prerequisites::binary;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const BUCKET: &str = "memories";

/// By bucket and key.
type Objects = Arc<Mutex<BTreeMap<String, Bytes>>>;

/// As little of S3 as a store needs.
#[derive(Clone)]
struct Service {
    objects: Objects,
    /// Whether it honours the precondition.
    careful: bool,
}

impl Service {
    /// Starts it; answers the URL of a store there.
    fn start(self, runtime: &Runtime) -> String {
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = runtime.block_on(bound).unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::disable())
            .with_state(self);
        runtime.spawn(async move { axum::serve(listener, router).await });
        format!("s3://{BUCKET}/project?endpoint=http://{address}&region=us-east-1")
    }

    fn put(&self, path: &str, headers: &HeaderMap, body: Bytes) -> Response {
        let mut objects = self.objects.lock();
        if self.careful && headers.contains_key(IF_NONE_MATCH) && objects.contains_key(path) {
            return fault(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
        }
        objects.insert(path.to_owned(), body);
        StatusCode::OK.into_response()
    }

    fn get(&self, path: &str) -> Response {
        match self.objects.lock().get(path) {
            Some(body) => body.clone().into_response(),
            None => fault(StatusCode::NOT_FOUND, "NoSuchKey"),
        }
    }

    fn list(&self, query: &HashMap<String, String>) -> Response {
        let asked = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let (prefix, after) = (asked("prefix"), asked("start-after"));
        let mut found = String::new();
        for (path, body) in self.objects.lock().iter() {
            let (_, key) = path.split_once('/').unwrap();
            if key.starts_with(prefix) && key > after {
                write!(
                    found,
                    "<Contents><Key>{key}</Key><Size>{}</Size></Contents>",
                    body.len()
                )
                .unwrap();
            }
        }
        format!("<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>").into_response()
    }
}

fn fault(status: StatusCode, code: &str) -> Response {
    (status, format!("<Error><Code>{code}</Code></Error>")).into_response()
}

async fn answer(
    State(service): State<Service>,
    method: Method,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    match method {
        Method::PUT => service.put(path, &headers, body),
        Method::GET if query.contains_key("list-type") => service.list(&query),
        Method::GET => service.get(path),
        _ => fault(StatusCode::NOT_IMPLEMENTED, "NotImplemented"),
    }
}

fn remanence(words: &[&str], url: &str) -> Command {
    let mut command = Command::new(binary());
    command.args(words).args(["--store", url]);
    command.envs([("AWS_ACCESS_KEY_ID", "any"), ("AWS_SECRET_ACCESS_KEY", "any")]);
    command
}

/// All objects but the probe's own.
fn written(objects: &Objects) -> BTreeMap<String, Bytes> {
    let mut written = objects.lock().clone();
    written.retain(|path, _| !path.contains("/probe/"));
    written
}

/// The complaint says what is wrong, and what to do.
fn is_told(complaint: &str) {
    for words in ["double-create", "created a second time", "honours `If-None-Match: *`"] {
        assert!(complaint.contains(words), "`{words}` is not in {complaint}");
    }
}

#[test]
fn where_preconditions_are_ignored_no_store_is_made_and_none_is_written() {
    let runtime = Runtime::new().unwrap();
    let objects = Objects::default();
    let start = |careful: bool| {
        let objects = objects.clone();
        Service { objects, careful }.start(&runtime)
    };
    let (careful, careless) = (start(true), start(false));
    is_told(&refused(&mut remanence(&["init"], &careless)));
    assert_eq!(written(&objects), BTreeMap::new());

    // Nothing else is wrong with it: by way of another address of it that honours them, a store is made.
    succeed(&mut remanence(&["init"], &careful));
    let before = written(&objects);
    assert!(!before.is_empty());
    is_told(&refused(&mut remanence(&["put", "notes.md"], &careless)));
    assert_eq!(written(&objects), before);
    succeed(&mut remanence(&["put", "notes.md"], &careful));
    // Reading needs no promise.
    assert!(succeed(&mut remanence(&["ls"], &careless)).contains("notes.md"));
}
