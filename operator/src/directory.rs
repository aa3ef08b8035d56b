//! What the broker is told of the cluster.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use remanence_api::agent::{Conflicts, Consistency, Durability};
use remanence_api::conditions::reasons;
use remanence_api::store::{Access, Purpose};
use remanence_api::{MemoryStore, MemoryStoreClass};
use remanence_proto::broker::{Attachment, Place, Report, attachment};
use tokio::sync::watch;

use crate::broker::{Caller, Denied, Directory, Grant, Granted, Keys, NotNoted, Sts};
use crate::cluster::{Cluster, agent_of};
use crate::dream::{Duty, Origin, Writer, called, duties, origin};
use crate::keys::KeyRing;
use crate::plan::{self, Attached, Purport};

/// The cluster as the broker sees it.
pub struct ClusterDirectory {
    cluster: Cluster,
    keys: Arc<KeyRing>,
    writer: Writer,
}

impl ClusterDirectory {
    /// From the reflectors and the classes' keys; dreamers' reports are written by `writer`.
    pub fn new(cluster: Cluster, keys: Arc<KeyRing>, writer: Writer) -> Self {
        Self { cluster, keys, writer }
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

    async fn grant(&self, attached: &Attached) -> Option<Grant> {
        let status = attached.store.status.as_ref()?;
        let class = self.cluster.class(status.class_name.as_deref()).ok()?;
        let keys = match self.keys.of(&class).await {
            Ok(Some(keys)) => match &class.spec.credentials.sts {
                Some(sts) => Keys::Session(
                    keys,
                    Sts {
                        endpoint: sts.endpoint.clone().unwrap_or_default(),
                        role_arn: sts.role_arn.clone(),
                    },
                ),
                None => Keys::Presigned(keys),
            },
            Ok(None) => Keys::Ambient,
            // Said on the stream, and tried again; a pod that has the store already keeps it.
            Err(why) => Keys::Unavailable(why.to_string()),
        };
        Some(Grant {
            attachment: message(attached, place(&class, status.prefix.as_deref()?)),
            id: status.store_id.clone()?,
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

    fn changes(&self) -> watch::Receiver<u64> {
        self.cluster.changes.clone()
    }
}

fn place(class: &MemoryStoreClass, prefix: &str) -> Place {
    let s3 = &class.spec.s3;
    Place {
        bucket: s3.bucket.clone(),
        prefix: prefix.to_owned(),
        endpoint: s3
            .endpoint
            .as_deref()
            .unwrap_or_default()
            .trim_end_matches('/')
            .to_owned(),
        region: s3.region.clone(),
        path_style: s3.path_style.unwrap_or(s3.endpoint.is_some()),
        ca_bundle: s3.ca_bundle.clone().unwrap_or_default(),
        sse: s3.sse.clone().unwrap_or_default(),
    }
}

fn message(attached: &Attached, place: Place) -> Attachment {
    let store = &attached.store;
    let mut message = Attachment {
        name: attached.folder.clone(),
        store: format!("{}/{}", store.namespace().unwrap_or_default(), store.name_any()),
        durability: format!("{:?}", attached.durability),
        conflicts: format!("{:?}", attached.conflicts),
        consistency: format!("{:?}", attached.consistency),
        description: store.spec.description.clone(),
        instructions: attached.instructions.clone(),
        place: Some(place),
        ..Attachment::default()
    };
    message.set_access(match attached.access {
        Access::ReadOnly => attachment::Access::ReadOnly,
        Access::ReadWrite => attachment::Access::ReadWrite,
    });
    message.set_purpose(match store.spec.purpose {
        Purpose::Memory => attachment::Purpose::Memory,
        Purpose::Sessions => attachment::Purpose::Sessions,
    });
    message
}
