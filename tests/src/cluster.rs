//! What Kubernetes would say of pods, made up, and a real broker that can be killed and started again.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::prerequisites::required;
use async_trait::async_trait;
use parking_lot::Mutex;
use remanence_operator::broker::{
    self, BrokerMetrics, Caller, Denied, Directory, Grant, Granted, Keys, NotNoted, Parts, Peers, S3Keys, TokenError,
    Tokens,
};
use remanence_operator::certificates::Served;
use remanence_proto::broker::{Attachment, Place, Report, Task, attachment};
use remanence_sidecar::daemon::BrokerConfig;
use remanence_store::settings::Settings;
use remanence_store::url::{S3Url, StoreUrl};
use remanence_store::{Options, Store};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The pods that there are, and what each may have.
pub struct Pods {
    granted: Mutex<HashMap<String, Result<Granted, Denied>>>,
    ending: Mutex<HashSet<String>>,
    reports: Mutex<Vec<Report>>,
    warnings: Mutex<Vec<String>>,
    changes: watch::Sender<u64>,
}

#[async_trait]
impl Directory for Pods {
    async fn resolve(&self, caller: &Caller) -> Result<Granted, Denied> {
        let granted = self.granted.lock().get(&caller.pod).cloned();
        granted.unwrap_or_else(|| {
            Err(Denied {
                reason: "NoAgent".into(),
                message: format!("the pod {} has no Agent", caller.pod),
            })
        })
    }

    async fn note(&self, _: &Caller, report: &Report) -> Result<(), NotNoted> {
        self.reports.lock().push(report.clone());
        Ok(())
    }

    fn warn(&self, caller: &Caller, store: &str, reason: &str, message: &str) {
        let warning = format!("{} {store} {reason}: {message}", caller.pod);
        self.warnings.lock().push(warning);
    }

    fn is_ending(&self, caller: &Caller) -> bool {
        self.ending.lock().contains(&caller.pod)
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

#[async_trait]
impl Tokens for Pods {
    async fn prove(&self, token: &str) -> Result<Caller, TokenError> {
        let pod = token.strip_prefix("token-of-");
        let pod = pod.ok_or_else(|| TokenError::Invalid("forged".into()))?;
        let (namespace, service_account) = match pod {
            "operator" => ("remanence-system", "operator"),
            _ => ("team-a", "default"),
        };
        Ok(Caller {
            namespace: namespace.into(),
            pod: pod.to_owned(),
            uid: format!("uid-of-{pod}"),
            service_account: service_account.into(),
        })
    }
}

/// A socket that takes a port and does not listen; a listener that is bound later may share it, a client cannot.
fn bound(address: &str) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address.parse().unwrap())?;
    Ok(socket)
}

/// A broker and what it knows.
pub struct Cluster {
    pods: Arc<Pods>,
    tls: ServerConfig,
    ca: String,
    address: SocketAddr,
    /// Bound and never listened at, so that the port stays this broker's while it is dead.
    _port: TcpSocket,
    peers: Option<Peers>,
    running: Option<(CancellationToken, JoinHandle<()>)>,
}

impl Cluster {
    /// A broker at a free port, that knows no pod yet.
    pub async fn start() -> Self {
        let mut cluster = Self::at(bound("127.0.0.1:0").unwrap());
        cluster.revive_broker().await;
        cluster
    }

    /// A broker that serves what `served` has at the moment, and is known by what that trusts now.
    pub async fn start_serving(served: &Served) -> Self {
        let mut cluster = Self {
            tls: served.server().unwrap(),
            ca: served.trusted(),
            ..Self::at(bound("127.0.0.1:0").unwrap())
        };
        cluster.revive_broker().await;
        cluster
    }

    /// Two replicas that know one another, the second at another address of this machine; `token` is a file for the
    /// operator's own token.
    pub async fn start_two(token: std::path::PathBuf) -> (Self, Self) {
        std::fs::write(&token, "token-of-operator").unwrap();
        let (first, second, port) = loop {
            let first = bound("127.0.0.1:0").unwrap();
            let port = first.local_addr().unwrap().port();
            // Somebody may have the same port at the other address: then another is tried.
            match bound(&format!("127.0.0.2:{port}")) {
                Ok(second) => break (first, second, port),
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::AddrInUse),
            }
        };
        let peers = |own: &str, other: &str| Peers {
            service: format!("{other}:{port}"),
            name: "localhost".to_owned(),
            own: own.parse().unwrap(),
            token: token.clone(),
            account: ("remanence-system".to_owned(), "operator".to_owned()),
        };
        let mut first = Self {
            peers: Some(peers("127.0.0.1", "127.0.0.2")),
            ..Self::at(first)
        };
        let mut second = Self {
            pods: first.pods.clone(),
            tls: first.tls.clone(),
            ca: first.ca.clone(),
            peers: Some(peers("127.0.0.2", "127.0.0.1")),
            ..Self::at(second)
        };
        first.revive_broker().await;
        second.revive_broker().await;
        (first, second)
    }

    /// One that does not answer yet.
    fn at(port: TcpSocket) -> Self {
        let certified = rcgen::generate_simple_self_signed(vec![
            "localhost".to_owned(),
            "127.0.0.1".to_owned(),
            "127.0.0.2".to_owned(),
        ])
        .unwrap();
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
        let pods = Arc::new(Pods {
            granted: Mutex::default(),
            ending: Mutex::default(),
            reports: Mutex::default(),
            warnings: Mutex::default(),
            changes: watch::Sender::new(0),
        });
        Self {
            pods,
            tls,
            ca: certified.cert.pem(),
            address: port.local_addr().unwrap(),
            _port: port,
            peers: None,
            running: None,
        }
    }

    /// The broker dies with all its connections.
    pub async fn kill_broker(&mut self) {
        let (stop, task) = self.running.take().unwrap();
        stop.cancel();
        task.abort();
        // An abort is the end that was asked for.
        let _ = task.await;
    }

    /// The broker is told to end, and does.
    pub async fn end_broker(&mut self) {
        let (stop, task) = self.running.take().unwrap();
        stop.cancel();
        task.await.unwrap();
    }

    /// A broker is there, or there again, at its address.
    pub async fn revive_broker(&mut self) {
        let deadline = Instant::now() + Duration::from_mins(1);
        let listener = loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => break listener,
                // The one that was killed lets go of the port a moment later.
                Err(error) => assert!(Instant::now() < deadline, "{}: {error}", self.address),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let stop = CancellationToken::new();
        let (tls, pods) = (self.tls.clone(), self.pods.clone());
        let ca = self.ca.clone();
        let parts = Parts {
            tokens: pods.clone(),
            directory: pods,
            trusted: Arc::new(move || ca.clone()),
            peers: self.peers.clone(),
            hints: Arc::default(),
            metrics: BrokerMetrics::default(),
        };
        let serving = broker::serve(listener, tls, parts, stop.clone());
        let task = tokio::spawn(async move { serving.await.unwrap() });
        self.running = Some((stop, task));
    }

    /// What a pod may have from now on.
    pub fn grant(&self, pod: &str, stores: Vec<Grant>) {
        let granted = Granted {
            agent: format!("agent-of-{pod}"),
            stores,
            dreams: None,
        };
        self.allow(pod, granted);
    }

    /// What a dreamer's pod may have from now on, and is to do.
    pub fn employ(&self, pod: &str, stores: Vec<Grant>, tasks: Vec<Task>) {
        let granted = Granted {
            agent: "nightly".to_owned(),
            stores,
            dreams: Some(tasks),
        };
        self.allow(pod, granted);
    }

    fn allow(&self, pod: &str, granted: Granted) {
        self.pods.granted.lock().insert(pod.to_owned(), Ok(granted));
        self.pods.changes.send_modify(|version| *version += 1);
    }

    /// A pod is being deleted from now on.
    pub fn delete(&self, pod: &str) {
        self.pods.ending.lock().insert(pod.to_owned());
        self.pods.changes.send_modify(|version| *version += 1);
    }

    /// What dreamers have reported so far.
    pub fn reports(&self) -> Vec<Report> {
        self.pods.reports.lock().clone()
    }

    /// What was told to those who look at pods.
    pub fn warnings(&self) -> Vec<String> {
        self.pods.warnings.lock().clone()
    }

    /// Where the broker answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate to trust, PEM.
    pub fn ca(&self) -> &str {
        &self.ca
    }

    /// How a pod reaches the broker; `token` is the file with its token.
    pub fn config(&self, token: std::path::PathBuf) -> BrokerConfig {
        BrokerConfig {
            url: format!("https://{}", self.address),
            ca: Some(self.ca.clone()),
            token,
        }
    }
}

/// A store on the server, made by somebody who may.
pub struct Bucket {
    /// Where it is.
    pub url: S3Url,
    /// Its id.
    pub id: String,
}

impl Bucket {
    /// A new store at `url`.
    pub async fn new(url: &str) -> Self {
        let url: StoreUrl = url.parse().unwrap();
        let backend = url.connect().await.unwrap();
        let settings = Settings::memory();
        let options = Options {
            // The server is probed where that is the question.
            probe: false,
            ..Options::default()
        };
        let store = Store::open_or_init(backend, &settings, options);
        let store = store.await.unwrap();
        let id = store.id().to_string();
        store.close().await;
        let StoreUrl::S3(url) = url else {
            panic!("an S3 server's URL")
        };
        Self { url, id }
    }

    /// Where it is, as the broker says it.
    pub fn place(&self) -> Place {
        Place {
            bucket: self.url.bucket.clone(),
            prefix: self.url.prefix.clone(),
            endpoint: self.url.endpoint.clone().unwrap(),
            region: self.url.region.clone().unwrap(),
            path_style: true,
            ..Place::default()
        }
    }

    /// The store as a folder `name` of a pod.
    pub fn granted(&self, name: &str, access: attachment::Access) -> Grant {
        Grant {
            attachment: Attachment {
                name: name.to_owned(),
                store: format!("team-a/{name}"),
                access: access.into(),
                place: Some(self.place()),
                ..Attachment::default()
            },
            id: self.id.clone(),
            keys: Keys::Presigned(keys()),
        }
    }

    /// Opens it with all rights.
    pub async fn open(&self) -> Store {
        let backend = StoreUrl::S3(self.url.clone()).connect().await.unwrap();
        Store::open(backend, Options::default()).await.unwrap()
    }
}

/// The keys that only the broker has.
pub fn keys() -> S3Keys {
    S3Keys {
        access_key_id: required("AWS_ACCESS_KEY_ID"),
        secret_access_key: required("AWS_SECRET_ACCESS_KEY"),
        session_token: None,
    }
}
