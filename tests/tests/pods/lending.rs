//! What a pod is lent while an STS is silent, refuses or lends, and how a broker ends: by hand, at a real broker.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use parking_lot::Mutex;
use remanence_operator::broker::{self, Grant, Keys, S3Keys};
use remanence_proto::broker::attachment::Access::{self, ReadOnly, ReadWrite};
use remanence_proto::broker::{
    Attachment, FromPod, Place, Refresh, Request, Ring, Sign, ToPod, credentials, from_pod, request, to_pod,
};
use remanence_tests::cluster::Cluster;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tonic::Streaming;

use crate::stream::{endpoint, open};

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a signature may take: a pod gives up waiting then.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a store that can't be lent is left alone.
const RETRY: Duration = Duration::from_secs(5);

#[derive(Clone, Copy)]
enum Mood {
    Silent,
    Refuses,
    Lends,
}

/// An STS that does as it is told, and notes what it is asked for.
struct Sts {
    url: String,
    mood: Arc<Mutex<Mood>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Sts {
    async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sts = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            mood: Arc::new(Mutex::new(mood)),
            asked: Arc::default(),
        };
        let (mood, asked) = (sts.mood.clone(), sts.asked.clone());
        let router = Router::new().fallback(move |form: String| {
            asked.lock().push(form);
            let (mood, number) = (*mood.lock(), asked.lock().len());
            async move {
                match mood {
                    Mood::Silent => std::future::pending().await,
                    Mood::Refuses => (StatusCode::FORBIDDEN, "AccessDenied".to_owned()),
                    Mood::Lends => (StatusCode::OK, session(number)),
                }
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        sts
    }

    fn asked(&self) -> usize {
        self.asked.lock().len()
    }

    /// What opens a store by it.
    fn keys(&self) -> Keys {
        let sts = broker::Sts {
            endpoint: self.url.clone(),
            role_arn: "arn:aws:iam::1:role/pods".to_owned(),
        };
        Keys::Session(made_up(), sts)
    }
}

fn session(number: usize) -> String {
    let expires = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A{number}</AccessKeyId><SecretAccessKey>S\
         </SecretAccessKey><SessionToken>T</SessionToken><Expiration>{expires}</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>"
    )
}

fn made_up() -> S3Keys {
    S3Keys {
        access_key_id: "id".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
    }
}

/// A store as a folder of a pod; the object store itself is not asked here.
fn grant(folder: &str, store: &str, access: Access, keys: Keys) -> Grant {
    Grant {
        attachment: Attachment {
            name: folder.to_owned(),
            store: format!("team-a/{store}"),
            access: access.into(),
            place: Some(Place {
                bucket: "memories".to_owned(),
                prefix: format!("team-a/{store}"),
                endpoint: "http://localhost:1".to_owned(),
                path_style: true,
                ..Place::default()
            }),
            ..Attachment::default()
        },
        id: "0123".to_owned(),
        keys,
    }
}

/// A pod's side of the stream.
struct Talk {
    outbox: mpsc::Sender<FromPod>,
    incoming: Streaming<ToPod>,
    /// What was told of attachments, in the order of the messages.
    told: Vec<Vec<Attachment>>,
}

impl Talk {
    async fn start(cluster: &Cluster, pod: &str) -> Self {
        let opened = open(&endpoint(cluster), &format!("token-of-{pod}"), &[1]).await;
        let (outbox, incoming) = opened.unwrap();
        Self {
            outbox,
            incoming,
            told: Vec::new(),
        }
    }

    async fn say(&self, message: from_pod::Message) {
        let message = Some(message);
        self.outbox.send(FromPod { message }).await.unwrap();
    }

    async fn hear(&mut self) -> to_pod::Message {
        let message = self.incoming.message().await.unwrap().unwrap().message.unwrap();
        if let to_pod::Message::Attachments(told) = &message {
            self.told.push(told.attachments.clone());
        }
        message
    }

    /// Has a request signed; says why it was not.
    async fn sign(&mut self, store: &str) -> String {
        let get = request::Request::Get("0123/log/00000000000000000001".to_owned());
        let sign = Sign {
            id: 1,
            store: format!("team-a/{store}"),
            requests: vec![Request { request: Some(get) }],
        };
        self.say(from_pod::Message::Sign(sign)).await;
        loop {
            if let to_pod::Message::Signed(signed) = self.hear().await {
                return signed.requests[0].error.clone();
            }
        }
    }

    /// The key that a folder was lent last.
    fn key(&self, folder: &str) -> Option<String> {
        let attachment = self.told.last()?.iter().find(|attachment| attachment.name == folder)?;
        match attachment.credentials.as_ref()?.credentials.as_ref()? {
            credentials::Credentials::Session(session) => Some(session.access_key_id.clone()),
            _ => None,
        }
    }

    /// Waits until a folder is lent another key than that.
    async fn lent(&mut self, folder: &str, but: Option<&str>) -> String {
        let lent = async {
            loop {
                match self.key(folder) {
                    Some(key) if Some(key.as_str()) != but => return key,
                    _ => drop(self.hear().await),
                }
            }
        };
        tokio::time::timeout(PATIENCE, lent).await.expect("a session is lent")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_whose_sts_is_silent_keeps_no_other_waiting() {
    let (cluster, sts) = (Cluster::start().await, Sts::start(Mood::Silent).await);
    let granted = || {
        vec![
            grant("closed", "closed", ReadWrite, sts.keys()),
            grant("project", "project", ReadWrite, Keys::Presigned(made_up())),
        ]
    };
    cluster.grant("one", granted());
    let mut one = Talk::start(&cluster, "one").await;
    for _ in 0..5 {
        let signed = tokio::time::timeout(ANSWER, one.sign("project")).await;
        assert_eq!(signed.expect("a signature is not waited for"), "");
        // Something happens in the cluster.
        cluster.grant("one", granted());
    }
    let why = one.sign("closed").await;
    assert!(why.contains("team-a/closed can't be lent"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_refused_is_asked_for_again_after_a_rest_and_not_at_each_change() {
    let (cluster, sts) = (Cluster::start().await, Sts::start(Mood::Refuses).await);
    let started = Instant::now();
    cluster.grant("one", vec![grant("closed", "closed", ReadWrite, sts.keys())]);
    let mut one = Talk::start(&cluster, "one").await;
    for _ in 0..20 {
        let why = one.sign("closed").await;
        assert!(why.contains("AccessDenied"), "{why}");
        cluster.grant("one", vec![grant("closed", "closed", ReadWrite, sts.keys())]);
    }
    let most = 1 + started.elapsed().as_secs() / RETRY.as_secs();
    assert!(sts.asked() as u64 <= most, "asked {} times", sts.asked());
    *sts.mood.lock() = Mood::Lends;
    one.lent("closed", None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_in_two_folders_is_lent_once_with_the_greater_access_until_it_is_asked_for_anew() {
    let (cluster, sts) = (Cluster::start().await, Sts::start(Mood::Lends).await);
    let granted = || {
        vec![
            grant("mine", "project", ReadWrite, sts.keys()),
            grant("theirs", "project", ReadOnly, sts.keys()),
        ]
    };
    cluster.grant("one", granted());
    let mut one = Talk::start(&cluster, "one").await;
    let first = one.lent("mine", None).await;
    let told = one.told.len();
    for _ in 0..10 {
        cluster.grant("one", granted());
        let why = one.sign("project").await;
        assert!(why.contains("does not have its requests signed"), "{why}");
    }
    assert_eq!((sts.asked(), one.told.len()), (1, told));
    assert_eq!(one.key("theirs"), Some(first.clone()));
    assert!(sts.asked.lock()[0].contains("s3%3APutObject"));

    let refresh = Refresh {
        store: "team-a/project".to_owned(),
    };
    one.say(from_pod::Message::Refresh(refresh)).await;
    let second = one.lent("mine", Some(&first)).await;
    assert_eq!((sts.asked(), one.key("theirs")), (2, Some(second)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_to_end_does_not_wait_for_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let (first, mut second) = Cluster::start_two(dir.path().join("token")).await;
    for pod in ["one", "two"] {
        let keys = Keys::Presigned(made_up());
        first.grant(pod, vec![grant("project", "project", ReadWrite, keys)]);
    }
    let (one, mut two) = (Talk::start(&first, "one").await, Talk::start(&second, "two").await);
    let deadline = Instant::now() + PATIENCE;
    // What is rung at the first is heard at the second once there is a stream between them.
    loop {
        let ring = Ring {
            store: "team-a/project".to_owned(),
            seq: 1,
        };
        one.say(from_pod::Message::Ring(ring)).await;
        let heard = tokio::time::timeout(Duration::from_millis(50), async {
            while !matches!(two.hear().await, to_pod::Message::Hint(_)) {}
        });
        if heard.await.is_ok() {
            break;
        }
        assert!(Instant::now() < deadline, "the replicas do not find one another");
    }
    let ended = tokio::time::timeout(PATIENCE, second.end_broker()).await;
    assert!(ended.is_ok(), "it waits for the stream of the other");
}
