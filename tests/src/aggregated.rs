//! The operator's content API as the apiserver reaches it: a front proxy that proves who its callers are, and a `kubectl`
//! that knows the way. What RBAC would say is made up; the API, its TLS and the command line are real.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::runtime::reflector::{self, Store as Reflector};
use kube::runtime::watcher::Event;
use kube::{Client, Config, Resource};
use parking_lot::Mutex;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use remanence_api::{MemoryStore, MemoryStoreClass};
use remanence_operator::broker::S3Keys;
use remanence_operator::bucket::Buckets;
use remanence_operator::certificates::{self, Served};
use remanence_operator::content::{self, Authorize, Caller, ContentMetrics, FrontProxy, Parts, Stores, Verb};
use remanence_operator::keys::KeyRing;
use remanence_store::backend::{Backend, BackendError};
use remanence_store::settings::Settings;
use remanence_store::url::StoreUrl;
use remanence_store::{Options, Store};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::prerequisites;

/// Where the API has the store `team-a/project`.
pub const PROJECT: &str = "/apis/content.remanence.dev/v1alpha1/namespaces/team-a/memorystores/project/content";
/// The front proxy's name in its certificate.
pub const FRONT_PROXY: &str = "front-proxy-client";

/// A store `team-a/project`, the API before it, and an apiserver.
pub struct Aggregated {
    /// Where its stores and files lie.
    pub folder: TempDir,
    rights: Arc<Rights>,
    authority: CertifiedIssuer<'static, KeyPair>,
    trusted: String,
    port: u16,
    stop: CancellationToken,
}

/// Who may do what.
#[derive(Default)]
struct Rights(Mutex<HashMap<String, Vec<Verb>>>);

#[async_trait]
impl Authorize for Rights {
    async fn may(&self, caller: &Caller, verb: Verb, namespace: &str, store: &str) -> Result<bool, String> {
        assert_eq!((namespace, store), ("team-a", "project"));
        let rights = self.0.lock();
        Ok(rights.get(&caller.name).is_some_and(|verbs| verbs.contains(&verb)))
    }
}

/// A bucket that is a folder.
struct Folder(PathBuf);

#[async_trait]
impl Buckets for Folder {
    async fn open(&self, _: &MemoryStoreClass, _: Option<&S3Keys>, prefix: &str) -> Result<Backend, BackendError> {
        StoreUrl::of_directory(&self.0.join(prefix)).connect().await
    }
}

impl Aggregated {
    /// Starts it, with an empty store.
    pub async fn start() -> Self {
        Self::with(&json!({})).await
    }

    /// Starts it, with an empty store whose object says this.
    pub async fn with(spec: &Value) -> Self {
        let folder = TempDir::with_prefix("remanence-content-").unwrap();
        fs::create_dir(folder.path().join("team-a")).unwrap();
        let place = StoreUrl::of_directory(&folder.path().join("team-a/project"));
        let (backend, settings) = (place.connect().await.unwrap(), Settings::memory());
        let store = Store::open_or_init(backend, &settings, Options::default())
            .await
            .unwrap();
        let authority = authority();
        let bundle = certificates::next(None, &["localhost".to_owned()], Timestamp::now())
            .unwrap()
            .unwrap();
        let served = Served::default();
        served.set(&bundle).unwrap();
        let front_proxy = FrontProxy::default();
        front_proxy.set(&published(&authority.pem())).unwrap();
        let rights: Arc<Rights> = Arc::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let tls = served.server_for(Arc::new(front_proxy.clone())).unwrap();
        // Its class has no keys to be read, so nobody is asked for them.
        let nobody = Client::try_from(Config::new("http://127.0.0.1:1".parse().unwrap())).unwrap();
        let parts = Parts {
            front_proxy,
            authorize: rights.clone(),
            stores: Stores {
                stores: filled(project(&store.id().to_string(), spec)),
                classes: filled(class()),
                keys: Arc::new(KeyRing::new(nobody, Arc::default())),
                buckets: Arc::new(Folder(folder.path().to_owned())),
            },
            hints: Arc::default(),
            metrics: ContentMetrics::default(),
        };
        let stop = CancellationToken::new();
        tokio::spawn(content::serve(listener, tls, parts, stop.clone()));
        store.close().await;
        let aggregated = Self {
            folder,
            rights,
            authority,
            trusted: bundle.trusted(),
            port,
            stop,
        };
        aggregated.aggregate().await;
        aggregated
    }

    /// From now on `user` may do this.
    pub fn allow(&self, user: &str, verbs: &[Verb]) {
        self.rights.0.lock().insert(user.to_owned(), verbs.to_vec());
    }

    /// The store, opened without the API.
    pub async fn store(&self) -> Store {
        let place = StoreUrl::of_directory(&self.folder.path().join("team-a/project"));
        Store::open(place.connect().await.unwrap(), Options::default())
            .await
            .unwrap()
    }

    /// A client of the API itself, with a certificate of that name by the front proxy's authority, and these headers.
    pub fn client(&self, name: Option<&str>, headers: &[(&'static str, &'static str)]) -> Client {
        let mut config = Config::new(format!("https://localhost:{}", self.port).parse().unwrap());
        let trusted = CertificateDer::pem_slice_iter(self.trusted.as_bytes());
        config.root_cert = Some(trusted.map(|c| c.unwrap().to_vec()).collect());
        if let Some(name) = name {
            let (certificate, key) = self.issue(name);
            config.auth_info.client_certificate_data = Some(STANDARD.encode(certificate));
            config.auth_info.client_key_data = Some(STANDARD.encode(key).into());
        }
        config.headers = headers
            .iter()
            .map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap()))
            .collect();
        Client::try_from(config).unwrap()
    }

    fn issue(&self, name: &str) -> (String, String) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.authority).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// An apiserver that knows its users by their tokens, which are their names; its kubeconfig is in the folder.
    async fn aggregate(&self) {
        let proxied = Router::new()
            .fallback(proxy)
            // As much as an apiserver passes on.
            .layer(DefaultBodyLimit::disable())
            .with_state(self.client(Some(FRONT_PROXY), &[]));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = axum::serve(listener, proxied).with_graceful_shutdown(self.stop.clone().cancelled_owned());
        tokio::spawn(async move { serving.await.unwrap() });
        let users = ["alice", "bob"];
        let kubeconfig = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "alice",
            "clusters": [{"name": "test", "cluster": {"server": format!("http://{address}")}}],
            "users": users.map(|user| json!({"name": user, "user": {"token": user}})),
            "contexts": users.map(|user| json!({"name": user, "context": {"cluster": "test", "user": user, "namespace": "team-a"}})),
        });
        fs::write(self.folder.path().join("kubeconfig"), kubeconfig.to_string()).unwrap();
        symlink(prerequisites::binary(), self.folder.path().join("kubectl-memory")).unwrap();
    }

    /// `kubectl memory WORDS`, ready to be run.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.folder.path().join("kubectl-memory"));
        command
            .args(words)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("KUBECONFIG", self.folder.path().join("kubeconfig"))
            .current_dir(self.folder.path());
        command
    }

    /// Runs `kubectl memory WORDS` with `input`, apart from the threads that serve it.
    pub async fn kubectl(&self, words: &[&str], input: &str) -> Output {
        let (mut command, input) = (self.command(words), input.to_owned());
        let run = move || {
            let command = command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            // A command that refuses early does not read its input.
            let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
            child.wait_with_output().unwrap()
        };
        tokio::task::spawn_blocking(run).await.unwrap()
    }

    /// As [`Aggregated::kubectl`]; it has to succeed, and what it printed is answered.
    pub async fn says(&self, words: &[&str], input: &str) -> String {
        let output = self.kubectl(words, input).await;
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {complaint}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// As [`Aggregated::kubectl`]; it has to fail with this code, and what it complained of is answered.
    pub async fn complains(&self, words: &[&str], input: &str, code: i32) -> String {
        let output = self.kubectl(words, input).await;
        assert_eq!(output.status.code(), Some(code), "{words:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

impl Drop for Aggregated {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Passes a request on in the name of the token's owner, as an apiserver's aggregator does.
async fn proxy(
    State(client): State<Client>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let token = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some(user) = token else {
        return Response::builder()
            .status(StatusCode::UNAUTHORIZED)
            .body(Body::empty())
            .unwrap();
    };
    let mut request = Request::builder()
        .method(method)
        .uri(uri)
        .header("x-remote-user", user)
        .header("x-remote-group", "system:authenticated");
    for name in ["range", "if-none-match"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let answer = client.send(request.body(body.into()).unwrap()).await.unwrap();
    let (mut parts, body) = answer.into_parts();
    // It says of one connection how the answer is sent on it.
    parts.headers.remove("transfer-encoding");
    Response::from_parts(parts, Body::from(body.collect_bytes().await.unwrap()))
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "front-proxy-ca");
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// What an apiserver publishes of its front proxy.
fn published(authority: &str) -> ConfigMap {
    let data = [
        ("requestheader-client-ca-file", authority.to_owned()),
        ("requestheader-allowed-names", json!([FRONT_PROXY]).to_string()),
        ("requestheader-username-headers", json!(["X-Remote-User"]).to_string()),
        ("requestheader-group-headers", json!(["X-Remote-Group"]).to_string()),
        (
            "requestheader-extra-headers-prefix",
            json!(["X-Remote-Extra-"]).to_string(),
        ),
    ];
    ConfigMap {
        data: Some(data.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ..ConfigMap::default()
    }
}

/// A store of that id, as its object tells of it.
fn project(id: &str, spec: &Value) -> MemoryStore {
    object(&json!({
        "apiVersion": "remanence.dev/v1alpha1", "kind": "MemoryStore",
        "metadata": {"namespace": "team-a", "name": "project", "uid": "u"}, "spec": spec,
        "status": {"className": "standard", "storeId": id, "prefix": "team-a/project"},
    }))
}

/// A class without keys.
fn class() -> MemoryStoreClass {
    object(&json!({
        "apiVersion": "remanence.dev/v1alpha1", "kind": "MemoryStoreClass", "metadata": {"name": "standard"},
        "spec": {"s3": {"bucket": "memories"}, "credentials": {"mode": "Ambient"}},
    }))
}

fn object<K: serde::de::DeserializeOwned>(value: &Value) -> K {
    serde_json::from_value(value.clone()).unwrap()
}

fn filled<K>(object: K) -> Reflector<K>
where
    K: Resource + Clone + std::fmt::Debug + 'static,
    K::DynamicType: Default + Eq + std::hash::Hash + Clone,
{
    let (reader, mut writer) = reflector::store();
    writer.apply_watcher_event(&Event::Init);
    writer.apply_watcher_event(&Event::InitApply(object));
    writer.apply_watcher_event(&Event::InitDone);
    // A reader whose writer is gone counts as never ready.
    std::mem::forget(writer);
    reader
}
