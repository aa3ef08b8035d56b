//! Objects and clusters for tests.
// Literals read best by value.
#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    clippy::cloned_ref_to_slice_refs
)]

use std::fmt::Debug;
use std::hash::Hash;

use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{Namespace, Pod};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::Resource;
use kube::core::PartialObjectMeta;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::watcher::Event;
use remanence_api::{Agent, Dream, DreamSchedule, MemoryStore, MemoryStoreClass};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;

use crate::certificates::Served;
use crate::cluster::Cluster;
use crate::cluster::triggers::Queues;
use crate::dream::pod::Surroundings;

fn filled<K>(objects: &[K]) -> Store<K>
where
    K: Resource + Clone + Debug + 'static,
    K::DynamicType: Default + Eq + Hash + Clone,
{
    let (reader, mut writer) = reflector::store();
    writer.apply_watcher_event(&Event::Init);
    for object in objects {
        writer.apply_watcher_event(&Event::InitApply(object.clone()));
    }
    writer.apply_watcher_event(&Event::InitDone);
    // A reader whose writer is gone counts as never ready.
    std::mem::forget(writer);
    reader
}

/// A cluster of these objects and no namespaces.
pub(crate) fn cluster(agents: &[Agent], stores: &[MemoryStore], classes: &[MemoryStoreClass], pods: &[Pod]) -> Cluster {
    Cluster {
        agents: filled(agents),
        stores: filled(stores),
        classes: filled(classes),
        pods: filled(pods),
        namespaces: filled::<PartialObjectMeta<Namespace>>(&[]),
        schedules: filled(&[]),
        dreams: filled(&[]),
        cron_jobs: filled(&[]),
        jobs: filled(&[]),
        dreamers: filled(&[]),
        network_policies: filled(&[]),
        changes: watch::channel(0).1,
    }
}

/// What there is of dreams.
#[derive(Default)]
pub(crate) struct Night<'a> {
    pub(crate) schedules: &'a [DreamSchedule],
    pub(crate) dreams: &'a [Dream],
    pub(crate) cron_jobs: &'a [CronJob],
    pub(crate) jobs: &'a [Job],
    pub(crate) dreamers: &'a [Pod],
    pub(crate) network_policies: &'a [NetworkPolicy],
}

/// The cluster with dreams in it.
pub(crate) fn dreaming(cluster: Cluster, night: &Night<'_>) -> Cluster {
    Cluster {
        schedules: filled(night.schedules),
        dreams: filled(night.dreams),
        cron_jobs: filled(night.cron_jobs),
        jobs: filled(night.jobs),
        dreamers: filled(night.dreamers),
        network_policies: filled(night.network_policies),
        ..cluster
    }
}

/// The cluster with namespaces in it.
pub(crate) fn with_namespaces(cluster: Cluster, names: &[&str]) -> Cluster {
    let named = |name: &&str| {
        serde_json::from_value::<PartialObjectMeta<Namespace>>(json!({
            "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": {"name": name},
        }))
    };
    let namespaces: Vec<_> = names.iter().map(|name| named(name).unwrap()).collect();
    Cluster {
        namespaces: filled(&namespaces),
        ..cluster
    }
}

/// Queues of which only that of Dreams is looked at.
pub(crate) fn queues() -> (Queues, UnboundedReceiver<ObjectRef<Dream>>) {
    let (dreams, due) = unbounded_channel();
    let queues = Queues {
        agents: unbounded_channel().0,
        stores: unbounded_channel().0,
        classes: unbounded_channel().0,
        pods: unbounded_channel().0,
        schedules: unbounded_channel().0,
        dreams,
    };
    (queues, due)
}

/// A schedule.
pub(crate) fn schedule(namespace: &str, name: &str, spec: Value) -> DreamSchedule {
    object("DreamSchedule", Some(namespace), name, spec)
}

/// A Dream, as far as it got.
pub(crate) fn dream(namespace: &str, name: &str, spec: Value, status: Value) -> Dream {
    let mut dream: Dream = object("Dream", Some(namespace), name, spec);
    dream.status = serde_json::from_value(status).unwrap();
    dream
}

/// The store once it is made and ready.
pub(crate) fn made(mut store: MemoryStore) -> MemoryStore {
    let prefix = format!(
        "{}/{}",
        store.metadata.namespace.clone().unwrap(),
        store.metadata.name.clone().unwrap()
    );
    store.status = Some(
        serde_json::from_value(
            json!({"storeId": "1", "prefix": prefix, "className": "standard", "conditions": [ready()]}),
        )
        .unwrap(),
    );
    store
}

/// What dreamers' pods are made with.
pub(crate) fn surroundings() -> Surroundings {
    Surroundings {
        dreamer: serde_json::from_value(
            json!({"image": "remanence:1", "imagePullPolicy": "IfNotPresent", "runAsUser": 65534,
            "resources": {"limits": {"memory": "256Mi"}}}),
        )
        .unwrap(),
        broker: "https://remanence-broker.remanence-system.svc:8444".to_owned(),
        served: Served::default(),
        egress: None,
        namespace: "remanence-system".to_owned(),
    }
}

/// The same, with dreamers that may not connect to wherever they like.
pub(crate) fn confined() -> Surroundings {
    let egress = json!({
        "always": [{"to": [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "remanence-operator"}}}]}],
        "outside": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}],
    });
    Surroundings {
        egress: Some(serde_json::from_value(egress).unwrap()),
        ..surroundings()
    }
}

/// An Agent.
pub(crate) fn agent(namespace: &str, name: &str, spec: Value) -> Agent {
    object("Agent", Some(namespace), name, spec)
}

/// A store.
pub(crate) fn store(namespace: &str, name: &str, spec: Value) -> MemoryStore {
    object("MemoryStore", Some(namespace), name, spec)
}

/// A class that is the default and ready; it has no keys to be read.
pub(crate) fn class(name: &str) -> MemoryStoreClass {
    let spec = json!({
        "s3": {"bucket": "memories"},
        "credentials": {"mode": "Ambient"},
    });
    let mut class: MemoryStoreClass = object("MemoryStoreClass", None, name, spec);
    let default = ("remanence.dev/is-default-class".to_owned(), "true".to_owned());
    class.metadata.annotations = Some([default].into());
    class.status = Some(serde_json::from_value(json!({"conditions": [ready()]})).unwrap());
    class
}

/// The condition `Ready`.
pub(crate) fn ready() -> Value {
    json!({"type": "Ready", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"})
}

fn object<K: serde::de::DeserializeOwned>(kind: &str, namespace: Option<&str>, name: &str, spec: Value) -> K {
    serde_json::from_value(json!({
        "apiVersion": "remanence.dev/v1alpha1", "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "uid": format!("uid-{name}"), "generation": 1, "resourceVersion": "1"},
        "spec": spec,
    }))
    .unwrap()
}
