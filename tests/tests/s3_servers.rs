//! The suite of backends and the probe on real S3 servers, in buckets that keep versions and in such as do not.
#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use remanence_store::backend::{Backend, BackendError, suite};
use remanence_store::probe::probe;
use remanence_store::random::{OsRandom, Random};
use remanence_store::url::{S3Url, StoreUrl};
use remanence_tests::prerequisites::{moto_url, seaweedfs_url};

fn parse(url: &str) -> S3Url {
    match url.parse() {
        Ok(StoreUrl::S3(url)) => url,
        other => panic!("an S3 server's URL: {other:?}"),
    }
}

/// The same place in the server's bucket that keeps versions.
fn versioned(mut url: S3Url) -> S3Url {
    url.bucket.push_str("-versioned");
    url
}

async fn connect(url: S3Url) -> Backend {
    StoreUrl::S3(url).connect().await.unwrap()
}

async fn conforms(url: S3Url) {
    suite::check(&connect(url).await).await;
}

async fn passes_the_probe(url: S3Url) {
    let backend = connect(url).await;
    probe(&backend, &OsRandom).await.unwrap();
    probe(&backend.without_maintain(), &OsRandom).await.unwrap();
}

async fn missing_bucket_is_named(mut url: S3Url) {
    url.bucket = format!("no-such-{:016x}", OsRandom.u64());
    let name = url.bucket.clone();
    // By LIST, which every opening begins with: SeaweedFS answers a GET as if only the key were missing.
    let refusal = connect(url).await.read.list("store/", None, 1).await.unwrap_err();
    assert!(matches!(refusal, BackendError::Refused { .. }), "{refusal:?}");
    let message = refusal.to_string();
    assert!(
        message.contains(&name) && message.contains("make the bucket"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn seaweedfs_does_what_a_store_takes_for_granted() {
    conforms(parse(&seaweedfs_url())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_does_what_a_store_takes_for_granted() {
    conforms(parse(&moto_url())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seaweedfs_with_versions_does_what_a_store_takes_for_granted() {
    conforms(versioned(parse(&seaweedfs_url()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_with_versions_does_what_a_store_takes_for_granted() {
    conforms(versioned(parse(&moto_url()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seaweedfs_and_moto_pass_the_probe() {
    passes_the_probe(parse(&seaweedfs_url())).await;
    passes_the_probe(versioned(parse(&seaweedfs_url()))).await;
    passes_the_probe(parse(&moto_url())).await;
    passes_the_probe(versioned(parse(&moto_url()))).await;
}

#[tokio::test]
async fn a_missing_bucket_of_seaweedfs_or_moto_is_refused_by_name() {
    missing_bucket_is_named(parse(&seaweedfs_url())).await;
    missing_bucket_is_named(parse(&moto_url())).await;
}

#[tokio::test]
async fn seaweedfs_that_is_down_leaves_the_outcome_unknown() {
    // A port on which nobody listens.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut down = parse(&seaweedfs_url());
    down.endpoint = Some(format!("http://{}", listener.local_addr().unwrap()));
    drop(listener);
    let append = connect(down).await.append.unwrap();
    let error = append
        .put_if_absent("store/1", Bytes::from_static(b"x"))
        .await
        .unwrap_err();
    assert!(matches!(error, BackendError::Unknown { .. }), "{error:?}");
}
