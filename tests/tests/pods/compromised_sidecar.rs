//! What somebody who has taken a sidecar over can do with what it holds.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use remanence_operator::broker::{Grant, Keys, Sts};
use remanence_proto::broker::attachment::Access::{ReadOnly, ReadWrite};
use remanence_proto::broker::request::Request as Wanted;
use remanence_proto::broker::{FromPod, List, Request, Sign, SignedRequest, ToPod, credentials, from_pod, to_pod};
use remanence_store::backend::http::{Answer, Http};
use remanence_store::backend::s3::{self, Lender, Lent, LentKeys};
use remanence_store::backend::{Backend, BackendError, Created};
use remanence_store::history::{LogQuery, log};
use remanence_store::id::{MountId, WriteId};
use remanence_store::intent::{Entry, Intent};
use remanence_store::op::{Op, Place};
use remanence_store::slot::Header;
use remanence_store::url::{S3Url, StoreUrl};
use remanence_store::{Author, FileId, Store};
use remanence_tests::cluster::{Bucket, Cluster, keys};
use remanence_tests::prerequisites::{minio_url, seaweedfs_url};
use tokio::sync::mpsc;
use tonic::Streaming;

use crate::stream;

/// Credentials as they are.
struct Fixed(LentKeys);

#[async_trait]
impl Lender for Fixed {
    async fn lend(&self) -> Result<LentKeys, String> {
        Ok(self.0.clone())
    }
}

/// A stream as the intruder opens it.
struct Intruder {
    outbox: mpsc::Sender<FromPod>,
    stream: Streaming<ToPod>,
    http: Http,
}

impl Intruder {
    async fn open(cluster: &Cluster, token: &str, endpoint: &str) -> Result<Self, tonic::Status> {
        let (outbox, stream) = stream::open(&stream::endpoint(cluster), token, &[1]).await?;
        let http = Http::new(endpoint, None).unwrap();
        Ok(Self { outbox, stream, http })
    }

    async fn sign(&mut self, store: &str, wanted: Wanted) -> SignedRequest {
        let sign = Sign {
            id: 7,
            store: store.to_owned(),
            requests: vec![Request { request: Some(wanted) }],
        };
        let message = Some(from_pod::Message::Sign(sign));
        self.outbox.send(FromPod { message }).await.unwrap();
        loop {
            if let Some(to_pod::Message::Signed(mut signed)) = self.stream.message().await.unwrap().unwrap().message {
                return signed.requests.remove(0);
            }
        }
    }

    /// The session credentials of a store.
    async fn session(&mut self, store: &str) -> LentKeys {
        loop {
            let message = self.stream.message().await.unwrap().unwrap().message;
            let Some(to_pod::Message::Attachments(told)) = message else {
                continue;
            };
            let mut attachments = told.attachments.into_iter();
            // Who gives it may take longer than the broker waits before it tells of the rest.
            let Some(lent) = attachments.find(|a| a.store == store).unwrap().credentials else {
                continue;
            };
            let Some(credentials::Credentials::Session(session)) = lent.credentials else {
                panic!("a session is lent")
            };
            return LentKeys {
                access_key_id: session.access_key_id,
                secret_access_key: session.secret_access_key,
                session_token: session.session_token,
                valid: Duration::from_secs(session.valid_seconds.into()),
            };
        }
    }

    async fn send(&self, method: &str, url: &str, headers: &[(String, String)], body: &'static [u8]) -> Answer {
        let limit = Duration::from_secs(15);
        let answer = self.http.send(method, url, headers, Bytes::from_static(body), limit);
        answer.await.unwrap()
    }
}

fn headers(signed: &SignedRequest) -> Vec<(String, String)> {
    signed
        .headers
        .iter()
        .map(|h| (h.name.clone(), h.value.clone()))
        .collect()
}

fn slot(store: &Bucket, seq: u64) -> String {
    format!("{}/log/{seq:020}", store.id)
}

async fn write(store: &Store, name: &str) {
    let intent = Intent::Mkdir {
        file: FileId::random(store.random()),
        path: format!("/{name}"),
        place: Place {
            parent: FileId::ROOT,
            name: name.to_owned(),
        },
        mode: 0o755,
        exists_ok: false,
    };
    store
        .commit_all(Entry::new(Author::agent("other"), vec![intent]))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn history_can_be_neither_overwritten_nor_deleted_nor_left_on_seaweedfs() {
    history_is_safe(&seaweedfs_url(), &seaweedfs_url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_can_be_neither_overwritten_nor_deleted_nor_left_on_minio() {
    history_is_safe(&minio_url(), &minio_url()).await;
}

async fn history_is_safe(ours: &str, theirs: &str) {
    let cluster = Cluster::start().await;
    let (ours, theirs) = (Bucket::new(ours).await, Bucket::new(theirs).await);
    cluster.grant("one", vec![ours.granted("project", ReadWrite)]);
    let store = ours.open().await;
    write(&store, "a.md").await;
    let secret = theirs.open().await;
    write(&secret, "secret.md").await;
    let read = &store.backend().read;
    let before = read.get(&slot(&ours, 1), None).await.unwrap().unwrap();
    let endpoint = ours.url.endpoint.clone().unwrap();
    let mut intruder = Intruder::open(&cluster, "token-of-one", &endpoint).await.unwrap();

    // An existing slot, by the signature that it can get.
    let put = intruder.sign("team-a/project", Wanted::Put(slot(&ours, 1))).await;
    let all = headers(&put);
    assert_eq!(intruder.send("PUT", &put.url, &all, b"forged").await.status, 412);
    let mut without = all.clone();
    without.retain(|(name, _)| name != "if-none-match");
    let refused = |answer: &Answer| matches!(answer.status, 400 | 403);
    assert!(refused(&intruder.send("PUT", &put.url, &without, b"forged").await));
    let another = |name: &str, value: &str| {
        let mut changed = all.clone();
        changed.retain(|(n, _)| n != name);
        changed.push((name.to_owned(), value.to_owned()));
        changed
    };
    for (name, value) in [
        ("if-none-match", "\"other\""),
        ("x-amz-meta-remanence-author", r#"{"agent":"boss"}"#),
    ] {
        let answer = intruder.send("PUT", &put.url, &another(name, value), b"forged").await;
        assert!(refused(&answer), "{name}: {value}: {}", answer.status);
    }
    for method in ["DELETE", "POST"] {
        let answer = intruder.send(method, &put.url, &all, b"").await;
        assert!((400..500).contains(&answer.status), "{method}: {}", answer.status);
    }
    assert_eq!(read.get(&slot(&ours, 1), None).await.unwrap().unwrap(), before);

    // What lies elsewhere: by another path, and by having the server copy it.
    let get = intruder.sign("team-a/project", Wanted::Get(slot(&ours, 1))).await;
    assert_eq!(intruder.send("GET", &get.url, &[], b"").await.status, 200);
    let elsewhere = get
        .url
        .replace(&ours.url.prefix, &theirs.url.prefix)
        .replace(&ours.id, &theirs.id);
    assert_eq!(intruder.send("GET", &elsewhere, &[], b"").await.status, 403);
    let put = intruder
        .sign("team-a/project", Wanted::Put(format!("{}/data/loot", ours.id)))
        .await;
    let source = format!("/{}/{}/{}", theirs.url.bucket, theirs.url.prefix, slot(&theirs, 1));
    for dropped in ["", "x-amz-copy-source-if-match"] {
        let mut copying = headers(&put);
        copying.retain(|(name, _)| name != dropped);
        copying.push(("x-amz-copy-source".to_owned(), source.clone()));
        let answer = intruder.send("PUT", &put.url, &copying, b"").await;
        assert!(
            (400..500).contains(&answer.status),
            "a copy without {dropped:?}: {}",
            answer.status
        );
    }
    let loot = read.get(&format!("{}/data/loot", ours.id), None).await.unwrap();
    assert_eq!(loot, None, "nothing was copied");
}

/// A store with what a session allows, and an address that may lie elsewhere.
async fn with_session(url: &S3Url, keys: &LentKeys) -> Backend {
    let lent = Lent {
        lender: Arc::new(Fixed(keys.clone())),
        ca_bundle: None,
    };
    s3::connect_lent(url, lent).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_leads_nowhere_but_to_its_store_on_minio() {
    let cluster = Cluster::start().await;
    let (ours, handbook, theirs) = (
        Bucket::new(&minio_url()).await,
        Bucket::new(&minio_url()).await,
        Bucket::new(&minio_url()).await,
    );
    let by_session = |grant: Grant| Grant {
        keys: Keys::Session(keys(), Sts::default()),
        ..grant
    };
    let stores = vec![
        by_session(ours.granted("project", ReadWrite)),
        by_session(handbook.granted("handbook", ReadOnly)),
    ];
    cluster.grant("one", stores);
    let endpoint = ours.url.endpoint.clone().unwrap();
    let mut intruder = Intruder::open(&cluster, "token-of-one", &endpoint).await.unwrap();
    let project = intruder.session("team-a/project").await;
    let mut intruder = Intruder::open(&cluster, "token-of-one", &endpoint).await.unwrap();
    let read_only = intruder.session("team-a/handbook").await;

    let mine = with_session(&ours.url, &project).await;
    let append = mine.append.clone().unwrap();
    assert_eq!(
        append.put_if_absent(&slot(&ours, 1), "x".into()).await.unwrap(),
        Created::Yes
    );
    assert!(mine.read.get(&slot(&ours, 1), None).await.unwrap().is_some());
    assert!(!mine.read.list("store/", None, 10).await.unwrap().is_empty());
    assert!(
        !mine
            .read
            .list(&format!("{}/", ours.id), None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let refused = |what: &str, error: Option<BackendError>| {
        assert!(matches!(error, Some(BackendError::Refused { .. })), "{what}: {error:?}");
    };
    // What a deleted store of the same name has left.
    let left = "0123456789abcdef0123456789abcdef/log/00000000000000000001";
    let all_rights = StoreUrl::S3(ours.url.clone()).connect().await.unwrap().append.unwrap();
    all_rights.put_if_absent(left, "x".into()).await.unwrap();
    refused("get of an earlier store", mine.read.get(left, None).await.err());
    refused("list of everything", mine.read.list("", None, 10).await.err());
    let maintain = mine.maintain.clone().unwrap();
    refused("delete", maintain.delete(&slot(&ours, 1)).await.err());
    refused(
        "a new manifest",
        append.put_if_absent("store/2", "x".into()).await.err(),
    );
    let elsewhere = with_session(&theirs.url, &project).await;
    refused("get elsewhere", elsewhere.read.get("store/1", None).await.err());
    refused("list elsewhere", elsewhere.read.list("", None, 10).await.err());
    let put = elsewhere
        .append
        .unwrap()
        .put_if_absent(&slot(&theirs, 1), "x".into())
        .await;
    refused("put elsewhere", put.err());
    let handbook_store = with_session(&handbook.url, &read_only).await;
    assert!(handbook_store.read.get("store/1", None).await.unwrap().is_some());
    let put = handbook_store
        .append
        .unwrap()
        .put_if_absent(&slot(&handbook, 1), "x".into())
        .await;
    refused("put where it is read-only", put.err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_author_who_says_he_is_another_is_marked_on_seaweedfs() {
    let (cluster, ours) = (Cluster::start().await, Bucket::new(&seaweedfs_url()).await);
    cluster.grant("one", vec![ours.granted("project", ReadWrite)]);
    let store = ours.open().await;
    write(&store, "honest").await;
    let honest = store.headers(1..2).await.unwrap().remove(0).header;
    let header = Header {
        seq: 2,
        write: WriteId(2),
        previous: honest.write,
        mount: MountId(2),
        author: Author::agent("boss"),
        ops: vec![Op::Mkdir {
            file: FileId(77),
            path: "/orders".into(),
            place: Place {
                parent: FileId::ROOT,
                name: "orders".into(),
            },
            mode: 0o755,
        }],
        ..honest
    };
    let endpoint = ours.url.endpoint.clone().unwrap();
    let mut intruder = Intruder::open(&cluster, "token-of-one", &endpoint).await.unwrap();
    let put = intruder.sign("team-a/project", Wanted::Put(slot(&ours, 2))).await;
    let body = header.encode(&[]);
    let sent = intruder
        .http
        .send("PUT", &put.url, &headers(&put), body, Duration::from_secs(15))
        .await;
    assert_eq!(sent.unwrap().status, 200);
    store.sync().await.unwrap();
    let entries = log(&store, &LogQuery::of("/")).await.unwrap();
    let told: Vec<_> = entries
        .iter()
        .map(|e| (e.path.as_str(), e.author.name(), e.forged.as_ref()))
        .collect();
    assert_eq!(told[0].0, "/orders");
    assert_eq!(told[0].1, "boss");
    let Some(Author::Agent(proved)) = told[0].2 else {
        panic!("it is marked: {told:?}")
    };
    assert_eq!(
        (proved.agent.as_str(), proved.pod.as_deref()),
        ("agent-of-one", Some("one"))
    );
    assert_eq!(told[1].2, None, "an honest one is not");

    // Retention drops bodies, and not who wrote them.
    let maintain = store.backend().maintain.clone().unwrap();
    maintain.put(&slot(&ours, 2), header.encode(&[])).await.unwrap();
    let entries = log(&store, &LogQuery::of("/orders")).await.unwrap();
    assert!(entries[0].forged.is_some(), "{entries:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_signs_only_what_the_pod_may_on_seaweedfs() {
    let cluster = Cluster::start().await;
    let (ours, handbook) = (Bucket::new(&seaweedfs_url()).await, Bucket::new(&seaweedfs_url()).await);
    let stores = vec![
        ours.granted("project", ReadWrite),
        handbook.granted("handbook", ReadOnly),
    ];
    cluster.grant("one", stores);
    let endpoint = ours.url.endpoint.clone().unwrap();
    let mut intruder = Intruder::open(&cluster, "token-of-one", &endpoint).await.unwrap();
    let list = |prefix: &str| {
        Wanted::List(List {
            prefix: prefix.into(),
            max_keys: 10,
            ..List::default()
        })
    };
    for (store, wanted) in [
        ("team-a/project", Wanted::Put("store/2".into())),
        ("team-a/project", Wanted::Put(slot(&handbook, 9))),
        ("team-a/project", Wanted::Get("../x".into())),
        ("team-a/project", Wanted::Put(format!("{}/log/../../../x", ours.id))),
        ("team-a/project", list("../")),
        ("team-a/handbook", list("")),
        ("team-a/handbook", Wanted::Put(slot(&handbook, 9))),
        ("team-b/other", Wanted::Get("store/1".into())),
    ] {
        let said = format!("{store} {wanted:?}");
        let signed = intruder.sign(store, wanted).await;
        assert!(signed.url.is_empty() && !signed.error.is_empty(), "{said}: {signed:?}");
    }
    let listed = intruder.sign("team-a/handbook", list("store/")).await;
    let answer = intruder.send("GET", &listed.url, &[], b"").await;
    assert_eq!(answer.status, 200);
    assert!(String::from_utf8_lossy(&answer.body).contains("store/1"));

    // A store that was taken away is so at once.
    cluster.grant("one", vec![ours.granted("project", ReadWrite)]);
    let gone = intruder.sign("team-a/handbook", Wanted::Get("store/1".into())).await;
    assert!(gone.error.contains("not attached"), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_can_prove_nothing_hears_nothing_on_seaweedfs() {
    let cluster = Cluster::start().await;
    let refused = Intruder::open(&cluster, "made-up", "http://localhost:1")
        .await
        .err()
        .unwrap();
    assert_eq!(refused.code(), tonic::Code::Unauthenticated);
    let mut unknown = Intruder::open(&cluster, "token-of-nobody", "http://localhost:1")
        .await
        .unwrap();
    let Some(to_pod::Message::Problem(problem)) = unknown.stream.message().await.unwrap().unwrap().message else {
        panic!("a problem is told")
    };
    assert_eq!(problem.reason, "NoAgent");
    let signed = unknown.sign("team-a/project", Wanted::Get("store/1".into())).await;
    assert!(!signed.error.is_empty());
}
