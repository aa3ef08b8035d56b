//! The backend whose requests somebody else signs is a backend like any other.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use remanence_operator::broker::sign::Presigner;
use remanence_proto::broker::{List, request};
use remanence_store::backend::presigned::{self, Request, SignError, Signed, Signer};
use remanence_store::backend::{Backend, BackendError, suite};
use remanence_store::url::StoreUrl;
use remanence_tests::prerequisites::{minio_url, seaweedfs_url};

use remanence_tests::cluster::keys;

const VALIDITY: Duration = Duration::from_mins(15);

/// Signs in this process, whatever is asked.
struct Here {
    presigner: Presigner,
    /// How long ago what it signs ahead was signed by the object store's clock, whatever it says itself.
    ahead_signed_before: Duration,
}

#[async_trait]
impl Signer for Here {
    async fn sign(&self, requests: &[Request]) -> Result<Vec<Result<Signed, SignError>>, SignError> {
        let signed = requests.iter().enumerate().map(|(n, request)| {
            let request = match request.clone() {
                Request::Get(key) => request::Request::Get(key),
                Request::Put(key) => request::Request::Put(key),
                Request::List { prefix, after, max } => request::Request::List(List {
                    prefix,
                    start_after: after,
                    max_keys: max as u32,
                }),
            };
            let author = r#"{"agent":"a","namespace":"n"}"#;
            let asked_now = n == 0;
            let at = SystemTime::now()
                - if asked_now {
                    Duration::ZERO
                } else {
                    self.ahead_signed_before
                };
            let signed = self.presigner.presign(&request, author, at).unwrap();
            Ok(Signed {
                url: signed.url,
                headers: signed.headers.into_iter().map(|h| (h.name, h.value)).collect(),
                expires: Instant::now() + VALIDITY,
            })
        });
        Ok(signed.collect())
    }
}

fn backend(url: &str, ahead_signed_before: Duration) -> Backend {
    let Ok(StoreUrl::S3(url)) = url.parse() else {
        panic!("an S3 server's URL: {url}")
    };
    let place = remanence_proto::broker::Place {
        bucket: url.bucket.clone(),
        prefix: url.prefix.clone(),
        endpoint: url.endpoint.clone().unwrap(),
        region: url.region.clone().unwrap(),
        path_style: true,
        ..Default::default()
    };
    let signer = Here {
        presigner: Presigner::new(&place, &keys(), VALIDITY).unwrap(),
        ahead_signed_before,
    };
    let place = presigned::Place {
        url: StoreUrl::S3(url).to_string(),
        endpoint: place.endpoint,
        ca_bundle: None,
        prefix: place.prefix,
        writable: true,
    };
    presigned::backend(&place, Arc::new(signer)).unwrap()
}

async fn conforms(url: String) {
    let all_rights: StoreUrl = url.parse().unwrap();
    let backend = Backend {
        maintain: all_rights.connect().await.unwrap().maintain,
        ..backend(&url, Duration::ZERO)
    };
    suite::check(&backend).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_requests_on_seaweedfs_do_what_a_store_takes_for_granted() {
    conforms(seaweedfs_url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_requests_on_minio_do_what_a_store_takes_for_granted() {
    conforms(minio_url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_ended_early_is_made_anew_on_seaweedfs() {
    // What is signed ahead has ended by the server's clock, and the signer says that it holds for a quarter of an hour.
    let backend = backend(&seaweedfs_url(), VALIDITY * 2);
    let append = backend.append.clone().unwrap();
    let key = "x/log/00000000000000000001";
    append.put_if_absent(key, "a".into()).await.unwrap();
    assert_eq!(&backend.read.get(key, None).await.unwrap().unwrap()[..], b"a");
    // A create, too: its bytes are sent once more, and nothing is doubled.
    let next = "x/log/00000000000000000002";
    append.put_if_absent(next, "b".into()).await.unwrap();
    let author = backend.read.proved_author(next).await.unwrap();
    assert_eq!(author.as_deref(), Some(r#"{"agent":"a","namespace":"n"}"#));
}

#[tokio::test]
async fn a_signer_that_is_away_leaves_the_outcome_unknown() {
    struct Away;
    #[async_trait]
    impl Signer for Away {
        async fn sign(&self, _: &[Request]) -> Result<Vec<Result<Signed, SignError>>, SignError> {
            Err(SignError::Away("gone".into()))
        }
    }
    let place = presigned::Place {
        url: "s3://b/p".into(),
        endpoint: "http://localhost:1".into(),
        ca_bundle: None,
        prefix: "p".into(),
        writable: true,
    };
    let backend = presigned::backend(&place, Arc::new(Away)).unwrap();
    let error = backend.append.unwrap().put_if_absent("x/data/1", "a".into()).await;
    assert!(matches!(error, Err(BackendError::Unknown { .. })), "{error:?}");
}
