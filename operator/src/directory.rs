//! What the broker is told of the cluster.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::reflector::ObjectRef;
use kube::{Resource, ResourceExt};
use remanence_api::agent::{Conflicts, Consistency, Durability};
use remanence_api::conditions::reasons;
use remanence_api::store::{Access, Purpose};
use remanence_api::{MemoryStore, MemoryStoreClass};
use remanence_proto::broker::{Attachment, Place, Report, attachment};
use tokio::sync::watch;

use crate::broker::{Caller, Denied, Directory, Grant, Granted, Keys, NotNoted, Sts};
use crate::cluster::{Cluster, agent_of};
use crate::dream::{Duty, Origin, Writer, called, duties, endpoint, origin};
use crate::events::{Events, Mood};
use crate::keys::KeyRing;
use crate::plan::{self, Attached, Purport};

/// The cluster as the broker sees it.
pub struct ClusterDirectory {
    cluster: Cluster,
    keys: Arc<KeyRing>,
    writer: Writer,
    events: Arc<Events>,
}

impl ClusterDirectory {
    /// From the reflectors and the classes' keys; dreamers' reports are written by `writer`, and what pods' Events tell by
    /// `events`.
    pub fn new(cluster: Cluster, keys: Arc<KeyRing>, writer: Writer, events: Arc<Events>) -> Self {
        Self {
            cluster,
            keys,
            writer,
            events,
        }
    }

    /// The caller's pod, as far as it is known.
    fn pod(&self, caller: &Caller) -> Option<Arc<Pod>> {
        let dreamer = || {
            let place = ObjectRef::new(&caller.pod).within(&caller.namespace);
            self.cluster.dreamers.get(&place)
        };
        let pod = self.cluster.pod(&caller.namespace, &caller.pod).or_else(dreamer);
        pod.filter(|pod| pod.uid().as_deref() == Some(&caller.uid))
    }

    /// What a dreamer's pod is for; `None` where the pod is none.
    fn origin(&self, caller: &Caller) -> Option<Origin> {
        let pod = self
            .cluster
            .dreamers
            .get(&ObjectRef::new(&caller.pod).within(&caller.namespace))?;
        if pod.uid().as_deref() != Some(&caller.uid) {
            return None;
        }
        origin(&self.cluster, &pod, &caller.service_account)
    }

    /// What a dreamer gets: the stores it is to tidy, and to read the sessions that are read for them.
    async fn dreamer(&self, origin: &Origin) -> Granted {
        let duties = duties(&self.cluster, origin, Timestamp::now());
        let mut wanted: Vec<(Arc<MemoryStore>, Access)> = Vec::new();
        for Duty { store, reading, .. } in &duties {
            wanted.push((store.clone(), Access::ReadWrite));
            wanted.extend(
                reading
                    .sessions
                    .iter()
                    .map(|sessions| (sessions.clone(), Access::ReadOnly)),
            );
        }
        wanted.sort_by_key(|(store, _)| called(store));
        wanted.dedup_by_key(|(store, _)| called(store));
        let mut stores = Vec::new();
        for (store, access) in wanted {
            let attached = Attached {
                folder: called(&store),
                store,
                access,
                durability: Durability::Store,
                conflicts: Conflicts::default(),
                consistency: Consistency::default(),
                instructions: String::new(),
            };
            stores.extend(self.grant(&attached).await);
        }
        Granted {
            agent: origin.name(),
            stores,
            dreams: Some(duties.into_iter().map(|duty| duty.task).collect()),
        }
    }

    /// What opens a store that was made; without its class nobody knows where it lies, and a pod that has it keeps it.
    async fn grant(&self, attached: &Attached) -> Option<Grant> {
        let status = attached.store.status.as_ref()?;
        let (id, prefix) = (status.store_id.clone()?, status.prefix.as_deref()?);
        let Ok(class) = self.cluster.class(status.class_name.as_deref()) else {
            let class = status.class_name.as_deref().unwrap_or_default();
            return Some(Grant {
                attachment: message(attached, None),
                id,
                keys: Keys::Unavailable(format!("its MemoryStoreClass {class} does not exist; create it again")),
            });
        };
        let keys = match self.keys.of(&class).await {
            Ok(Some(keys)) => match sts(&class) {
                Some(sts) => Keys::Session(keys, sts),
                None => Keys::Presigned(keys),
            },
            Ok(None) => Keys::Ambient,
            // Said on the stream, and tried again; a pod that has the store already keeps it.
            Err(why) => Keys::Unavailable(why.to_string()),
        };
        Some(Grant {
            attachment: message(attached, Some(place(&class, prefix))),
            id,
            keys,
        })
    }
}

#[async_trait]
impl Directory for ClusterDirectory {
    async fn resolve(&self, caller: &Caller) -> Result<Granted, Denied> {
        self.cluster.ready().await;
        let denied = |reason: &str, message: String| Denied {
            reason: reason.to_owned(),
            message,
        };
        if let Some(origin) = self.origin(caller) {
            return Ok(self.dreamer(&origin).await);
        }
        let pod = self.cluster.pod(&caller.namespace, &caller.pod);
        let Some(pod) = pod.filter(|pod| pod.uid().as_deref() == Some(&caller.uid)) else {
            let message = format!(
                "the pod {}/{} is no agent's, or not known yet",
                caller.namespace, caller.pod
            );
            return Err(denied(reasons::AGENT_NOT_FOUND, message));
        };
        let name = agent_of(&pod).unwrap_or_default();
        let Some(agent) = self.cluster.agent(&caller.namespace, name) else {
            let message = format!("the Agent {}/{name} does not exist", caller.namespace);
            return Err(denied(reasons::AGENT_NOT_FOUND, message));
        };
        plan::may_be(&agent, &caller.service_account).map_err(|why| denied(why.reason, why.message))?;
        let plan = plan::plan(&self.cluster, &agent, Some(pod.labels()), Purport::Serve);
        let mut stores = Vec::new();
        for attached in &plan.attached {
            stores.extend(self.grant(attached).await);
        }
        Ok(Granted {
            agent: name.to_owned(),
            stores,
            dreams: None,
        })
    }

    async fn note(&self, caller: &Caller, report: &Report) -> Result<(), NotNoted> {
        self.cluster.ready().await;
        let refused = |message: String| NotNoted {
            message,
            passing: false,
        };
        let Some(origin) = self.origin(caller) else {
            return Err(refused(format!(
                "the pod {}/{} is no dreamer's",
                caller.namespace, caller.pod
            )));
        };
        let store = report.store.strip_prefix(&format!("{}/", caller.namespace));
        let Some(store) = store else {
            return Err(refused(format!("the store {} is of another namespace", report.store)));
        };
        self.writer.note(caller, &origin, store, report).await
    }

    fn warn(&self, caller: &Caller, store: &str, reason: &str, message: &str) {
        // One that is not known yet may be well a moment later.
        let Some(pod) = self.pod(caller) else {
            return;
        };
        let note = if store.is_empty() {
            message.to_owned()
        } else {
            format!("the store {store} can't be lent: {message}")
        };
        let (events, about) = (self.events.clone(), pod.object_ref(&()));
        let (store, reason) = (store.to_owned(), reason.to_owned());
        tokio::spawn(async move { events.say_seldom(&about, &store, Mood::Warning, &reason, &note).await });
    }

    fn is_ending(&self, caller: &Caller) -> bool {
        let pod = self.pod(caller);
        pod.is_some_and(|pod| pod.metadata.deletion_timestamp.is_some())
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.cluster.changes.clone()
    }
}

/// Who gives sessions to the pods of a class, where they get such.
pub(crate) fn sts(class: &MemoryStoreClass) -> Option<Sts> {
    let sts = class.spec.credentials.sts.as_ref()?;
    Some(Sts {
        endpoint: sts.endpoint.clone().unwrap_or_default(),
        role_arn: sts.role_arn.clone(),
    })
}

/// A place in a class's bucket.
pub(crate) fn place(class: &MemoryStoreClass, prefix: &str) -> Place {
    let s3 = &class.spec.s3;
    Place {
        bucket: s3.bucket.clone(),
        prefix: prefix.to_owned(),
        endpoint: endpoint(s3.endpoint.as_deref()),
        region: s3.region.clone(),
        path_style: s3.path_style.unwrap_or(s3.endpoint.is_some()),
        ca_bundle: s3.ca_bundle.clone().unwrap_or_default(),
        sse: s3.sse.clone().unwrap_or_default(),
    }
}

fn message(attached: &Attached, place: Option<Place>) -> Attachment {
    let store = &attached.store;
    let mut message = Attachment {
        name: attached.folder.clone(),
        store: called(store),
        description: store.spec.description.clone(),
        instructions: attached.instructions.clone(),
        place,
        ..Attachment::default()
    };
    message.set_access(match attached.access {
        Access::ReadOnly => attachment::Access::ReadOnly,
        Access::ReadWrite => attachment::Access::ReadWrite,
    });
    message.set_durability(match attached.durability {
        Durability::Store => attachment::Durability::Store,
        Durability::Local => attachment::Durability::Local,
    });
    message.set_conflicts(match attached.conflicts {
        Conflicts::Merge => attachment::Conflicts::Merge,
        Conflicts::Refuse => attachment::Conflicts::Refuse,
    });
    message.set_consistency(match attached.consistency {
        Consistency::CloseToOpen => attachment::Consistency::CloseToOpen,
        Consistency::Strict => attachment::Consistency::Strict,
    });
    message.set_purpose(match store.spec.purpose {
        Purpose::Memory => attachment::Purpose::Memory,
        Purpose::Sessions => attachment::Purpose::Sessions,
    });
    message
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
    use kube::Client;
    use kube::client::Body;
    use remanence_api::Agent;
    use remanence_proto::broker::broker_client::BrokerClient;
    use remanence_proto::broker::broker_server::BrokerServer;
    use remanence_proto::broker::request::Request::{Get, Put};
    use remanence_proto::broker::{FromPod, Hello, Request, Sign, Signed, from_pod, to_pod};
    use serde_json::{Value, json};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;
    use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
    use tokio_util::sync::CancellationToken;
    use tonic::transport::{Endpoint, Server};
    use tower_test::mock;

    use super::*;
    use crate::apiserver::{call, scripted};
    use crate::broker::{Broker, BrokerMetrics, Parts, TokenError, Tokens};
    use crate::dream::DreamMetrics;
    use crate::fixtures::{self, Night};

    /// A pod as the Job controller makes it.
    fn pod(name: &str, labels: &Value, owner: &str) -> Pod {
        serde_json::from_value(json!({"metadata": {
            "name": name, "namespace": "team-a", "uid": format!("uid-{name}"), "labels": labels,
            "ownerReferences": [{"apiVersion": "batch/v1", "kind": owner, "name": "j", "uid": "u", "controller": true}],
        }}))
        .unwrap()
    }

    fn caller(pod: &str, service_account: &str) -> Caller {
        Caller {
            namespace: "team-a".to_owned(),
            pod: pod.to_owned(),
            uid: format!("uid-{pod}"),
            service_account: service_account.to_owned(),
        }
    }

    fn sessions(namespace: &str) -> MemoryStore {
        let spec = json!({"purpose": "Sessions", "sharing": []});
        let mut store = fixtures::made(fixtures::store(namespace, "reviewer-sessions", spec));
        let owner = json!([{"apiVersion": "remanence.dev/v1alpha1", "kind": "Agent", "name": "reviewer",
            "uid": format!("uid-{namespace}"), "controller": true}]);
        store.metadata.owner_references = serde_json::from_value(owner).unwrap();
        store
    }

    fn reviewer(namespace: &str) -> Agent {
        let entry = json!({"name": "p", "storeRef": {"name": "project", "namespace": "team-a"}, "dream": "Contribute"});
        let spec = json!({"harness": "ClaudeCode", "stores": [entry], "serviceAccountNames": ["default"]});
        let mut agent = fixtures::agent(namespace, "reviewer", spec);
        agent.metadata.uid = Some(format!("uid-{namespace}"));
        agent
    }

    /// Two namespaces with the same names in both, and pods in one of them.
    fn directory() -> ClusterDirectory {
        with_classes(&[fixtures::class("standard")])
    }

    fn with_classes(classes: &[MemoryStoreClass]) -> ClusterDirectory {
        let project = |namespace: &str| fixtures::made(fixtures::store(namespace, "project", json!({})));
        let stores = [
            project("team-a"),
            project("team-b"),
            sessions("team-a"),
            sessions("team-b"),
        ];
        let agents = [reviewer("team-a"), reviewer("team-b")];
        let reviewer: Pod = serde_json::from_value(json!({"metadata": {"name": "reviewer", "namespace": "team-a",
            "uid": "uid-reviewer", "labels": {"remanence.dev/agent": "reviewer"}}}))
        .unwrap();
        let cluster = fixtures::cluster(&agents, &stores, classes, &[reviewer]);
        let spec = json!({"schedule": "0 3 * * *", "jobTemplate": {"serviceAccountName": "dreamer"}});
        let by_schedule = json!({"remanence.dev/schedule": "nightly"});
        let as_agent = json!({"remanence.dev/schedule": "nightly", "remanence.dev/agent": "reviewer"});
        let of_other = json!({"remanence.dev/schedule": "theirs"});
        let night = Night {
            schedules: &[
                fixtures::schedule("team-a", "nightly", spec.clone()),
                fixtures::schedule("team-b", "theirs", spec),
            ],
            dreamers: &[
                pod("night", &by_schedule, "Job"),
                pod("bare", &by_schedule, "ReplicaSet"),
                pod("agent", &as_agent, "Job"),
                pod("other", &of_other, "Job"),
            ],
            ..Night::default()
        };
        let (service, _) = mock::pair::<axum::http::Request<Body>, axum::http::Response<Body>>();
        let client = Client::new(service, "default");
        let events = Arc::new(Events::new(client.clone(), "test".to_owned()));
        ClusterDirectory::new(
            fixtures::dreaming(cluster, &night),
            Arc::new(KeyRing::new(client.clone(), Arc::default())),
            Writer::new(client, Timestamp::now, DreamMetrics::default(), events.clone()),
            events,
        )
    }

    #[tokio::test]
    async fn a_dreamer_is_lent_its_namespaces_memories_and_the_sessions_that_are_read_for_them_and_nothing_else() {
        let granted = directory().resolve(&caller("night", "dreamer")).await.unwrap();
        let lent: Vec<_> = granted
            .stores
            .iter()
            .map(|grant| (grant.attachment.store.as_str(), grant.access()))
            .collect();
        assert_eq!(
            lent,
            [
                ("team-a/project", crate::broker::Access::ReadWrite),
                ("team-a/reviewer-sessions", crate::broker::Access::ReadOnly),
            ]
        );
        let tasks = granted.dreams.unwrap();
        assert_eq!(tasks.len(), 1);
        // Agents of other namespaces say that they contribute; the store does not say that they may.
        assert_eq!(tasks[0].sessions, ["team-a/reviewer-sessions"]);
    }

    /// A pod of the Agent `reader`: it may write to `own`; of the others it wishes for no more, or gets no more.
    fn reader() -> (Agent, [MemoryStore; 3], Pod) {
        let bounded = json!({"sharing": [{"namespaces": {"from": "Same"}, "maxAccess": "ReadOnly"}]});
        let stores = [("own", json!({})), ("bounded", bounded), ("wished", json!({}))];
        let entry = |name: &str, access: &str| json!({"name": name, "storeRef": {"name": name}, "access": access});
        let entries = [
            entry("own", "ReadWrite"),
            entry("bounded", "ReadWrite"),
            entry("wished", "ReadOnly"),
        ];
        let pod = json!({"metadata": {"name": "reader", "namespace": "team-a", "uid": "uid-reader",
            "labels": {"remanence.dev/agent": "reader"}}});
        (
            fixtures::agent("team-a", "reader", json!({"stores": entries})),
            stores.map(|(name, spec)| fixtures::made(fixtures::store("team-a", name, spec))),
            serde_json::from_value(pod).unwrap(),
        )
    }

    /// Takes each token for that of one pod.
    struct Proves(Caller);

    #[async_trait]
    impl Tokens for Proves {
        async fn prove(&self, _: &str) -> Result<Caller, TokenError> {
            Ok(self.0.clone())
        }
    }

    /// Serves a directory's answers to that pod; answers where.
    async fn serve(directory: ClusterDirectory, caller: Caller) -> Endpoint {
        let parts = Parts {
            tokens: Arc::new(Proves(caller)),
            directory: Arc::new(directory),
            trusted: Arc::new(String::new),
            peers: None,
            hints: Arc::default(),
            metrics: BrokerMetrics::default(),
        };
        let broker = BrokerServer::new(Broker::new(parts, CancellationToken::new()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Server::builder().add_service(broker);
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        Endpoint::from_shared(url).unwrap()
    }

    #[tokio::test]
    async fn what_a_pod_may_only_read_is_signed_for_reading_alone() {
        let (agent, stores, pod) = reader();
        let mut class = fixtures::class("standard");
        let keys = json!({"mode": "Broker", "secretRef": {"namespace": "storage", "name": "s3"}});
        class.spec.credentials = serde_json::from_value(keys).unwrap();
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {},
            "data": {"accessKeyId": "aWQ=", "secretAccessKey": "c2VjcmV0"}});
        let (client, _apiserver) = scripted(vec![call("GET", "/api/v1/namespaces/storage/secrets/s3", secret)]);
        // A stream ends with whoever tells of changes.
        let (_changed, changes) = watch::channel(0);
        let directory = ClusterDirectory {
            cluster: Cluster {
                changes,
                ..fixtures::cluster(&[agent], &stores, &[class], &[pod])
            },
            keys: Arc::new(KeyRing::new(client, Arc::default())),
            ..directory()
        };
        let channel = serve(directory, caller("reader", "default")).await.connect().await;

        let (outbox, messages) = mpsc::channel(4);
        let mut request = tonic::Request::new(ReceiverStream::new(messages));
        request
            .metadata_mut()
            .insert("authorization", "Bearer token".parse().unwrap());
        let hello = Hello {
            versions: vec![1],
            program: "by-hand".to_owned(),
        };
        let message = Some(from_pod::Message::Hello(hello));
        outbox.send(FromPod { message }).await.unwrap();
        let answer = BrokerClient::new(channel.unwrap()).session(request).await;
        let mut stream = answer.unwrap().into_inner();
        for (store, may_write) in [("own", true), ("bounded", false), ("wished", false)] {
            let slot = "1/log/00000000000000000001";
            let requests = [Get(slot.to_owned()), Put(slot.to_owned())];
            let sign = Sign {
                id: 1,
                store: format!("team-a/{store}"),
                requests: requests.map(|request| Request { request: Some(request) }).into(),
            };
            let message = Some(from_pod::Message::Sign(sign));
            outbox.send(FromPod { message }).await.unwrap();
            let Signed { requests, .. } = loop {
                let message = stream.message().await.unwrap().unwrap().message;
                if let Some(to_pod::Message::Signed(signed)) = message {
                    break signed;
                }
            };
            let [get, put] = &requests[..] else {
                panic!("{requests:?}")
            };
            assert!(get.error.is_empty() && !get.url.is_empty(), "{store}: {get:?}");
            assert_eq!(put.url.is_empty(), !may_write, "{store}: {put:?}");
            assert_eq!(put.error.contains("read-only"), !may_write, "{store}: {put:?}");
        }
    }

    #[tokio::test]
    async fn a_pod_whose_stores_have_lost_their_class_is_still_granted_them() {
        let caller = caller("reviewer", "default");
        let before = directory().resolve(&caller).await.unwrap();
        let after = with_classes(&[]).resolve(&caller).await.unwrap();
        let folders = |granted: &Granted| -> Vec<String> {
            let names = granted.stores.iter().map(|grant| grant.attachment.name.clone());
            names.collect()
        };
        assert_eq!(folders(&before), ["p", ""]);
        assert_eq!(folders(&after), folders(&before));
        for grant in &after.stores {
            let Keys::Unavailable(why) = &grant.keys else {
                panic!("{:?}", grant.keys)
            };
            assert!(why.contains("standard") && grant.attachment.place.is_none(), "{why}");
        }
    }

    #[test]
    fn a_pod_is_told_how_its_agent_has_a_store_attached() {
        let attached = Attached {
            folder: "p".to_owned(),
            store: Arc::new(fixtures::store("team-a", "project", json!({}))),
            access: Access::ReadWrite,
            durability: Durability::Local,
            conflicts: Conflicts::Refuse,
            consistency: Consistency::Strict,
            instructions: String::new(),
        };
        let told = message(&attached, None);
        assert_eq!((told.name.as_str(), told.store.as_str()), ("p", "team-a/project"));
        assert_eq!(told.access(), attachment::Access::ReadWrite);
        assert_eq!(told.durability(), attachment::Durability::Local);
        assert_eq!(told.conflicts(), attachment::Conflicts::Refuse);
        assert_eq!(told.consistency(), attachment::Consistency::Strict);
    }

    #[tokio::test]
    async fn whoever_only_looks_like_an_agents_pod_gets_nothing() {
        let real = caller("reviewer", "default");
        assert!(directory().resolve(&real).await.is_ok());
        let earlier = Caller {
            uid: "uid-of-an-earlier-one".to_owned(),
            ..real.clone()
        };
        let elsewhere = Caller {
            namespace: "team-b".to_owned(),
            ..real
        };
        for (caller, reason) in [
            (earlier, reasons::AGENT_NOT_FOUND),
            (elsewhere, reasons::AGENT_NOT_FOUND),
            (caller("reviewer", "dreamer"), reasons::SERVICE_ACCOUNT),
        ] {
            let denied = directory().resolve(&caller).await.unwrap_err();
            assert_eq!(denied.reason, reason, "{caller:?}: {denied}");
        }
    }

    #[tokio::test]
    async fn a_pod_that_is_being_deleted_is_known_to_be_and_keeps_its_stores() {
        let mut leaving = pod("reviewer", &json!({"remanence.dev/agent": "reviewer"}), "ReplicaSet");
        leaving.metadata.deletion_timestamp = Some(Time(Timestamp::now()));
        let before = directory();
        let cluster = Cluster {
            pods: fixtures::cluster(&[], &[], &[], &[leaving]).pods,
            ..before.cluster.clone()
        };
        let after = ClusterDirectory { cluster, ..directory() };
        let caller = caller("reviewer", "default");
        let of_another = Caller {
            uid: "uid-of-an-earlier-one".to_owned(),
            ..caller.clone()
        };
        assert!(!before.is_ending(&caller));
        assert!(after.is_ending(&caller) && !after.is_ending(&of_another));
        assert_eq!(after.resolve(&caller).await.unwrap().stores.len(), 2);
    }

    #[tokio::test]
    async fn what_keeps_a_pod_from_its_memory_is_said_on_the_pod_that_it_is() {
        let events = "/apis/events.k8s.io/v1/namespaces/team-a/events";
        let told = || call("POST", events, json!({"metadata": {}, "eventTime": null}));
        let (client, apiserver) = scripted(vec![told(), told()]);
        let directory = ClusterDirectory {
            events: Arc::new(Events::new(client, "test".to_owned())),
            ..directory()
        };
        let mut earlier = caller("reviewer", "default");
        earlier.uid = "uid-of-an-earlier-one".to_owned();
        for (caller, store) in [
            (caller("reviewer", "default"), ""),
            (earlier, ""),
            (caller("unknown", "default"), ""),
            (caller("night", "dreamer"), "team-a/project"),
        ] {
            directory.warn(&caller, store, "Why", "it is away");
        }
        drop(directory);
        let told = |event: &Value| format!("{} {} {}", event["regarding"]["name"], event["reason"], event["note"]);
        let mut sent: Vec<_> = apiserver.await.unwrap().iter().map(told).collect();
        sent.sort();
        assert_eq!(
            sent,
            [
                r#""night" "Why" "the store team-a/project can't be lent: it is away""#,
                r#""reviewer" "Why" "it is away""#,
            ]
        );
    }

    #[tokio::test]
    async fn whoever_only_looks_like_a_dreamer_gets_nothing_and_reports_nothing() {
        for (pod, account) in [
            ("night", "default"),
            ("bare", "dreamer"),
            ("agent", "dreamer"),
            ("other", "dreamer"),
            ("unknown", "dreamer"),
        ] {
            let directory = directory();
            assert!(
                directory.resolve(&caller(pod, account)).await.is_err(),
                "{pod} {account}"
            );
            let report = Report {
                store: "team-a/project".to_owned(),
                dream: "2026-01-01-a1b2c3".to_owned(),
                ..Report::default()
            };
            let refused = directory.note(&caller(pod, account), &report).await.unwrap_err();
            assert!(
                !refused.passing && refused.message.contains("no dreamer"),
                "{pod}: {refused}"
            );
        }
        let mut other_pod = caller("night", "dreamer");
        other_pod.uid = "uid-of-an-earlier-one".to_owned();
        assert!(directory().resolve(&other_pod).await.is_err());
    }
}
