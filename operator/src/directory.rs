//! What the broker is told of the cluster.

use std::sync::Arc;

use async_trait::async_trait;
use kube::ResourceExt;
use remanence_api::MemoryStoreClass;
use remanence_api::conditions::reasons;
use remanence_api::store::{Access, Purpose};
use remanence_proto::broker::{Attachment, Place, attachment};
use tokio::sync::watch;

use crate::broker::{Caller, Denied, Directory, Grant, Granted, Keys, Sts};
use crate::cluster::{Cluster, agent_of};
use crate::keys::KeyRing;
use crate::plan::{self, Attached, Purport};

/// The cluster as the broker sees it.
pub struct ClusterDirectory {
    cluster: Cluster,
    keys: Arc<KeyRing>,
}

impl ClusterDirectory {
    /// From the reflectors and the classes' keys.
    pub fn new(cluster: Cluster, keys: Arc<KeyRing>) -> Self {
        Self { cluster, keys }
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
        })
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
