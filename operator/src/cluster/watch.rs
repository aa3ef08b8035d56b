//! One watch for each kind. Each event goes into the reflector first, then to the controllers' queues.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use futures::StreamExt;
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Namespace, Pod, PodSpec, PodStatus};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::core::PartialObjectMeta;
use kube::runtime::reflector::store::Writer;
use kube::runtime::reflector::{self, ObjectRef};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, watcher as watch};
use kube::{Api, Client, Resource, ResourceExt};
use remanence_api::names::{AGENT_LABEL, DREAMER_LABEL};
use remanence_api::{Agent, Dream, DreamSchedule, MemoryStore, MemoryStoreClass};
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, watch as channel};
use tokio::task::JoinSet;

use super::Cluster;
use super::readable::guarded;
use super::triggers::Queues;

/// The watches, and what they feed.
pub struct Watching {
    /// The readers.
    pub cluster: Cluster,
    /// The queue of Agents.
    pub agents: mpsc::UnboundedReceiver<ObjectRef<Agent>>,
    /// The queue of stores.
    pub stores: mpsc::UnboundedReceiver<ObjectRef<MemoryStore>>,
    /// The queue of classes.
    pub classes: mpsc::UnboundedReceiver<ObjectRef<MemoryStoreClass>>,
    /// The queue of pods.
    pub pods: mpsc::UnboundedReceiver<ObjectRef<Pod>>,
    /// The queue of schedules.
    pub schedules: mpsc::UnboundedReceiver<ObjectRef<DreamSchedule>>,
    /// The queue of Dreams.
    pub dreams: mpsc::UnboundedReceiver<ObjectRef<Dream>>,
    /// Raised with every change, also by those who see one that is none of an object.
    pub changed: Arc<channel::Sender<u64>>,
    /// The watches themselves; they end when this is dropped.
    pub tasks: JoinSet<()>,
}

/// Starts the watches.
pub fn start(client: &Client) -> Watching {
    let (agents, agents_writer) = reflector::store();
    let (stores, stores_writer) = reflector::store();
    let (classes, classes_writer) = reflector::store();
    let (pods, pods_writer) = reflector::store();
    let (namespaces, namespaces_writer) = reflector::store();
    let (schedules, schedules_writer) = reflector::store();
    let (dreams, dreams_writer) = reflector::store();
    let (cron_jobs, cron_jobs_writer) = reflector::store();
    let (jobs, jobs_writer) = reflector::store();
    let (dreamers, dreamers_writer) = reflector::store();
    let (network_policies, network_policies_writer) = reflector::store();
    let (changed, changes) = channel::channel(0);
    let changed = Arc::new(changed);
    let cluster = Cluster {
        agents,
        stores,
        classes,
        pods,
        namespaces,
        schedules,
        dreams,
        cron_jobs,
        jobs,
        dreamers,
        network_policies,
        changes,
    };
    let (agents_queue, agents_due) = mpsc::unbounded_channel();
    let (stores_queue, stores_due) = mpsc::unbounded_channel();
    let (classes_queue, classes_due) = mpsc::unbounded_channel();
    let (pods_queue, pods_due) = mpsc::unbounded_channel();
    let (schedules_queue, schedules_due) = mpsc::unbounded_channel();
    let (dreams_queue, dreams_due) = mpsc::unbounded_channel();
    let queues = Queues {
        agents: agents_queue,
        stores: stores_queue,
        classes: classes_queue,
        pods: pods_queue,
        schedules: schedules_queue,
        dreams: dreams_queue,
    };
    let hub = Hub {
        cluster: cluster.clone(),
        queues,
        changed: changed.clone(),
    };
    let all = watcher::Config::default;
    let labelled = all().labels(AGENT_LABEL);
    let mut tasks = JoinSet::new();
    let agents = guarded(client, &hub.cluster.agents);
    tasks.spawn(hub.clone().follow(agents, agents_writer, whole, |hub, agent, _| {
        hub.queues.agent(&hub.cluster, agent);
    }));
    let stores = guarded(client, &hub.cluster.stores);
    tasks.spawn(hub.clone().follow(stores, stores_writer, whole, |hub, store, _| {
        hub.queues.store(&hub.cluster, store);
    }));
    let classes = guarded(client, &hub.cluster.classes);
    tasks.spawn(
        hub.clone()
            .follow(classes, classes_writer, whole, |hub, class, before| {
                hub.queues.class(&hub.cluster, class, before);
            }),
    );
    let pods = stream(client, labelled);
    tasks.spawn(hub.clone().follow(pods, pods_writer, prune_pod, |hub, pod, _| {
        hub.queues.pod(&hub.cluster, pod);
    }));
    let schedules = guarded(client, &hub.cluster.schedules);
    tasks.spawn(
        hub.clone()
            .follow(schedules, schedules_writer, whole, |hub, schedule, _| {
                hub.queues.schedule(schedule);
            }),
    );
    let dreams = guarded(client, &hub.cluster.dreams);
    tasks.spawn(hub.clone().follow(dreams, dreams_writer, whole, |hub, dream, _| {
        hub.queues.dream(&hub.cluster, dream);
    }));
    let ours = all().labels(DREAMER_LABEL);
    let cron_jobs = stream::<CronJob>(client, ours.clone());
    let prune = |job: &mut CronJob| job.spec = None;
    tasks.spawn(hub.clone().follow(cron_jobs, cron_jobs_writer, prune, |hub, job, _| {
        hub.queues.of_schedule(job);
    }));
    let jobs = stream::<Job>(client, ours.clone());
    let prune = |job: &mut Job| job.spec = None;
    tasks.spawn(hub.clone().follow(jobs, jobs_writer, prune, |hub, job, _| {
        hub.queues.of_schedule(job);
        hub.queues.of_dream(job);
    }));
    let dreamers = stream(client, ours.clone());
    tasks.spawn(
        hub.clone()
            .follow(dreamers, dreamers_writer, prune_dreamer, |hub, pod, _| {
                hub.queues.dreamer(&hub.cluster, pod);
            }),
    );
    let policies = stream::<NetworkPolicy>(client, ours);
    let prune = |policy: &mut NetworkPolicy| policy.spec = None;
    tasks.spawn(
        hub.clone()
            .follow(policies, network_policies_writer, prune, |hub, policy, _| {
                hub.queues.of_schedule(policy);
                hub.queues.of_dream(policy);
            }),
    );
    let namespaces = stream::<PartialObjectMeta<Namespace>>(client, all());
    let prune = |namespace: &mut PartialObjectMeta<Namespace>| namespace.metadata.annotations = None;
    tasks.spawn(hub.follow(namespaces, namespaces_writer, prune, |hub, namespace, _| {
        hub.queues.namespace(&hub.cluster, &namespace.name_any());
    }));
    Watching {
        cluster,
        agents: agents_due,
        stores: stores_due,
        classes: classes_due,
        pods: pods_due,
        schedules: schedules_due,
        dreams: dreams_due,
        changed,
        tasks,
    }
}

pub(super) type Events<K> = futures::stream::BoxStream<'static, watcher::Result<Event<K>>>;

pub(super) fn stream<K>(client: &Client, config: watcher::Config) -> Events<K>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + 'static,
{
    watch(Api::<K>::all(client.clone()), config).default_backoff().boxed()
}

/// Called with whatever changed or is gone; where it changed while it was watched, also with what was known of it before.
type Touched<K> = fn(&Hub, &K, Option<&K>);

#[derive(Clone)]
struct Hub {
    cluster: Cluster,
    queues: Queues,
    changed: Arc<channel::Sender<u64>>,
}

impl Hub {
    /// `prune` drops what nobody here asks for before it is kept.
    async fn follow<K>(self, mut events: Events<K>, mut writer: Writer<K>, prune: fn(&mut K), touched: Touched<K>)
    where
        K: Resource + Clone + 'static,
        K::DynamicType: Eq + Hash + Clone + Default,
    {
        let known = writer.as_reader();
        let mut first = Vec::new();
        while let Some(event) = events.next().await {
            let event = match event {
                Ok(event) => event.modify(|object| {
                    object.meta_mut().managed_fields = None;
                    prune(object);
                }),
                Err(error) => {
                    tracing::warn!(kind = %K::kind(&K::DynamicType::default()), %error, "a watch is broken and taken up again");
                    continue;
                }
            };
            let before = if matches!(event, Event::InitDone) {
                known.state()
            } else {
                Vec::new()
            };
            let last = match &event {
                Event::Apply(object) => known.get(&ObjectRef::from_obj(object)),
                _ => None,
            };
            writer.apply_watcher_event(&event);
            match event {
                Event::Init => first.clear(),
                // In the reflector with the last of them only.
                Event::InitApply(object) => first.push(object),
                Event::InitDone => {
                    for object in first.drain(..) {
                        touched(&self, &object, None);
                    }
                    // What went while nobody watched.
                    let is_gone = |object: &&Arc<K>| {
                        let now = known.get(&ObjectRef::from_obj(&***object));
                        now.is_none_or(|now| now.meta().uid != object.meta().uid)
                    };
                    for object in before.iter().filter(is_gone) {
                        touched(&self, object, None);
                    }
                    self.bump();
                }
                Event::Apply(object) | Event::Delete(object) => {
                    touched(&self, &object, last.as_deref());
                    self.bump();
                }
            }
        }
    }

    fn bump(&self) {
        self.changed.send_modify(|n| *n += 1);
    }
}

/// All of it is asked for.
fn whole<K>(_: &mut K) {}

/// Pods are large, and there are many.
fn prune_pod(pod: &mut Pod) {
    if let Some(annotations) = &mut pod.metadata.annotations {
        annotations.retain(|key, _| key.starts_with("remanence.dev/"));
    }
    if let Some(spec) = pod.spec.take() {
        pod.spec = Some(PodSpec {
            node_name: spec.node_name,
            scheduling_gates: spec.scheduling_gates,
            service_account_name: spec.service_account_name,
            ..Default::default()
        });
    }
    if let Some(status) = pod.status.take() {
        pod.status = Some(PodStatus {
            phase: status.phase,
            ..Default::default()
        });
    }
}

/// Of a dreamer's pod it is known besides what its containers wait for.
fn prune_dreamer(pod: &mut Pod) {
    let containers = pod.status.as_mut().and_then(|status| status.container_statuses.take());
    prune_pod(pod);
    let Some(status) = &mut pod.status else { return };
    let waiting = containers.into_iter().flatten().filter_map(|container| {
        let waiting = container.state?.waiting?;
        Some(ContainerStatus {
            name: container.name,
            state: Some(ContainerState {
                waiting: Some(waiting),
                ..Default::default()
            }),
            ..Default::default()
        })
    });
    status.container_statuses = Some(waiting.collect());
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::fixtures;

    fn job(dream: &str) -> Job {
        let labels = json!({"remanence.dev/dream": dream});
        let metadata = json!({"name": dream, "namespace": "team-a", "uid": dream, "labels": labels});
        serde_json::from_value(json!({"metadata": metadata})).unwrap()
    }

    #[test]
    fn of_a_dreamers_pod_it_is_known_what_it_waits_for() {
        let waiting = json!({"waiting": {"reason": "CreateContainerConfigError", "message": "secret \"s\" not found"}});
        let container = |name: &str, state: &serde_json::Value| json!({"name": name, "state": state, "ready": false, "restartCount": 0, "image": "i", "imageID": "i"});
        let running = json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}});
        let mut pod: Pod = serde_json::from_value(json!({
            "metadata": {"name": "p"},
            "status": {"phase": "Pending", "podIP": "10.0.0.1", "containerStatuses": [
                container("dreamer", &waiting), container("mesh", &running)]},
        }))
        .unwrap();
        prune_dreamer(&mut pod);
        let status = pod.status.unwrap();
        assert_eq!((status.phase.as_deref(), status.pod_ip), (Some("Pending"), None));
        let containers = status.container_statuses.unwrap();
        assert_eq!(containers.len(), 1);
        assert_eq!(serde_json::to_value(&containers[0].state).unwrap(), waiting);
    }

    #[tokio::test]
    async fn what_is_gone_when_a_watch_is_taken_up_again_is_looked_at() {
        let (queues, mut due) = fixtures::queues();
        let hub = Hub {
            cluster: fixtures::cluster(&[], &[], &[], &[]),
            queues,
            changed: Arc::new(channel::channel(0).0),
        };
        let events = vec![
            Event::Init,
            Event::InitApply(job("stays")),
            Event::InitApply(job("goes")),
            Event::InitDone,
            Event::Init,
            Event::InitApply(job("stays")),
            Event::InitDone,
        ];
        let events = futures::stream::iter(events).map(Ok).boxed();
        let (known, writer) = reflector::store();
        hub.follow(events, writer, whole, |hub, job, _| hub.queues.of_dream(job))
            .await;
        assert_eq!(known.state().len(), 1);
        let mut looked_at = Vec::new();
        while let Ok(dream) = due.try_recv() {
            looked_at.push(dream.name);
        }
        assert_eq!(looked_at, ["stays", "goes", "stays", "goes"]);
    }

    #[tokio::test]
    async fn a_class_that_changes_while_it_is_watched_is_compared_with_what_was_known_of_it() {
        let (queues, _dreams) = fixtures::queues();
        let (stores, mut due) = mpsc::unbounded_channel();
        let store = fixtures::store("team-a", "project", json!({}));
        let hub = Hub {
            cluster: fixtures::cluster(&[], &[store], &[], &[]),
            queues: Queues { stores, ..queues },
            changed: Arc::new(channel::channel(0).0),
        };
        let class = |count| {
            let mut class = fixtures::class("standard");
            class.status.as_mut().unwrap().stores = count;
            class
        };
        let events = vec![
            Event::Init,
            Event::InitApply(class(1)),
            Event::InitDone,
            Event::Apply(class(2)),
            Event::Delete(class(2)),
        ];
        let events = futures::stream::iter(events).map(Ok).boxed();
        let (_known, writer) = reflector::store();
        hub.follow(events, writer, whole, |hub, class, before| {
            hub.queues.class(&hub.cluster, class, before);
        })
        .await;
        let mut looks = 0;
        while due.try_recv().is_ok() {
            looks += 1;
        }
        assert_eq!(looks, 2, "when it is first seen, and when it is gone");
    }
}
