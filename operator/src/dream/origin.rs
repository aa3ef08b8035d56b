//! What a dreamer's pod is for, by its labels.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use remanence_api::dreaming::Dreaming;
use remanence_api::names::{AGENT_LABEL, DREAM_LABEL, SCHEDULE_LABEL};
use remanence_api::{Dream, DreamSchedule};

use crate::cluster::Cluster;

/// What a dreamer's pod is for.
#[derive(Debug, Clone)]
pub enum Origin {
    /// A run of a schedule.
    Schedule(Arc<DreamSchedule>),
    /// A Dream made by hand.
    Dream(Arc<Dream>),
}

impl Origin {
    /// The object's name.
    pub fn name(&self) -> String {
        match self {
            Self::Schedule(schedule) => schedule.name_any(),
            Self::Dream(dream) => dream.name_any(),
        }
    }

    /// How it is dreamt.
    pub fn dreaming(&self) -> &Dreaming {
        match self {
            Self::Schedule(schedule) => &schedule.spec.dreaming,
            Self::Dream(dream) => &dream.spec.dreaming,
        }
    }
}

/// What the pod is for; `None` where it is nobody's. Who may create Jobs in a namespace may make one up: they are trusted
/// with its dreams.
pub fn origin(cluster: &Cluster, pod: &Pod, service_account: &str) -> Option<Origin> {
    let namespace = pod.namespace()?;
    let by_job = |owner: &k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference| {
        owner.kind == "Job" && owner.controller == Some(true)
    };
    if pod.labels().contains_key(AGENT_LABEL) || !pod.owner_references().iter().any(by_job) {
        return None;
    }
    let origin = if let Some(name) = pod.labels().get(SCHEDULE_LABEL) {
        let schedule = cluster.schedules.get(&ObjectRef::new(name).within(&namespace))?;
        Origin::Schedule(schedule)
    } else {
        let name = pod.labels().get(DREAM_LABEL)?;
        Origin::Dream(cluster.dreams.get(&ObjectRef::new(name).within(&namespace))?)
    };
    let account = origin.dreaming().job_template.service_account_name.as_deref();
    (account.unwrap_or("default") == service_account).then_some(origin)
}
