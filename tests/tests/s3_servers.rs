//! The backend's suite and the probe against a real S3 server, `REMANENCE_TEST_S3` (a store's URL).
#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use remanence_store::backend::{Append, Backend, BackendError, suite};
use remanence_store::probe::probe;
use remanence_store::random::{OsRandom, Random};
use remanence_store::url::{S3Url, StoreUrl};

/// The server under test, with a prefix of its own.
fn url() -> S3Url {
    let text = std::env::var("REMANENCE_TEST_S3")
        .expect("REMANENCE_TEST_S3 is the URL of a test server's bucket; `cargo xtask test` starts one and sets it");
    let StoreUrl::S3(mut url) = text.parse().expect("REMANENCE_TEST_S3 is a store's URL") else {
        panic!("REMANENCE_TEST_S3 is an s3:// URL");
    };
    url.prefix = format!("{}/{:016x}", url.prefix, OsRandom.u64())
        .trim_matches('/')
        .to_owned();
    url
}

async fn connect(url: S3Url) -> Backend {
    StoreUrl::S3(url).connect().await.unwrap()
}

async fn create(backend: &Backend) -> Result<(), BackendError> {
    let append: &dyn Append = backend.append.as_deref().unwrap();
    append
        .put_if_absent("store/1", Bytes::from_static(b"x"))
        .await
        .map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn does_what_a_store_takes_for_granted() {
    suite::check(&connect(url()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passes_the_probe() {
    let backend = connect(url()).await;
    probe(&backend, &OsRandom).await.unwrap();
    probe(&backend.without_maintain(), &OsRandom).await.unwrap();
}

#[tokio::test]
async fn a_missing_bucket_is_refused_by_name() {
    let mut missing = url();
    missing.bucket = format!("no-such-{:016x}", OsRandom.u64());
    let name = missing.bucket.clone();
    let backend = connect(missing).await;
    // By LIST, which every opening begins with: SeaweedFS answers a GET with a missing key, and makes the bucket on PUT.
    let refusal = backend.read.list("store/", None, 1).await.unwrap_err();
    assert!(matches!(refusal, BackendError::Refused { .. }), "{refusal:?}");
    let message = refusal.to_string();
    assert!(
        message.contains(&name) && message.contains("make the bucket"),
        "{message}"
    );
}

#[tokio::test]
async fn a_server_that_is_down_leaves_the_outcome_unknown() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut down = url();
    down.endpoint = Some(format!("http://{}", listener.local_addr().unwrap()));
    drop(listener);
    let error = create(&connect(down).await).await.unwrap_err();
    assert!(matches!(error, BackendError::Unknown { .. }), "{error:?}");
}
