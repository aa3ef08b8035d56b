//! Why a dreamer's Job gets nowhere: its pod can't start, or the apiserver does not let it be made. Pure.

use std::time::Duration;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;

use super::dream::job_ended;
use crate::cluster::{Cluster, has_ended};

/// How soon a Job that has not ended is looked at again: one whose pod is refused sends no message.
pub(super) const LOOK: Duration = Duration::from_mins(1);
/// By then a Job has its pod, in seconds.
const SOON: i64 = 30;

/// Why, of the Jobs and pods of a namespace with that label.
pub(super) fn why(namespace: &str, label: (&str, &str), cluster: &Cluster, now: &Time) -> Option<String> {
    let pods = cluster.dreamers.state_filter(|pod| is_its(pod, namespace, label));
    if let Some(why) = pods.iter().find_map(|pod| waits(pod)) {
        return Some(why);
    }
    let jobs = cluster.jobs.state_filter(|job| is_its(job, namespace, label));
    let has_pod = |job: &Job| pods.iter().any(|pod| is_of(pod, job));
    let lacks = jobs.iter().find(|job| is_to_have_pod(job, now) && !has_pod(job))?;
    let job = lacks.name_any();
    Some(format!(
        "its Job {job} has no pod: mostly the apiserver refuses it, for a quota or a policy; `kubectl describe job {job}` \
         says why, and the Job goes on once that is mended"
    ))
}

fn is_its<K: ResourceExt>(object: &K, namespace: &str, (key, name): (&str, &str)) -> bool {
    object.namespace().as_deref() == Some(namespace) && object.labels().get(key).is_some_and(|value| value == name)
}

/// Why a pod can't start, in the words of its node: a Secret that is not there, say.
fn waits(pod: &Pod) -> Option<String> {
    if has_ended(pod) || pod.metadata.deletion_timestamp.is_some() {
        return None;
    }
    let containers = pod.status.as_ref()?.container_statuses.as_ref()?;
    let waiting = containers
        .iter()
        .find_map(|container| container.state.as_ref()?.waiting.as_ref())?;
    let reason = waiting.reason.as_deref()?;
    if matches!(reason, "ContainerCreating" | "PodInitializing") {
        return None;
    }
    let told = waiting.message.as_deref().unwrap_or_default();
    Some(format!("its pod {} can't start: {reason}: {told}", pod.name_any()))
}

fn is_to_have_pod(job: &Job, now: &Time) -> bool {
    let conditions = job.status.as_ref().and_then(|status| status.conditions.as_ref());
    let is_suspended = conditions
        .into_iter()
        .flatten()
        .any(|c| c.type_ == "Suspended" && c.status == "True");
    let is_old = job
        .creation_timestamp()
        .is_some_and(|since| now.0.as_second() - since.0.as_second() >= SOON);
    is_old && !is_suspended && job_ended(job).is_none() && job.metadata.deletion_timestamp.is_none()
}

fn is_of(pod: &Pod, job: &Job) -> bool {
    let uid = job.metadata.uid.as_ref();
    pod.owner_references().iter().any(|owner| Some(&owner.uid) == uid)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]
    use remanence_api::names::SCHEDULE_LABEL;
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures::{self, Night};

    fn job(conditions: Value) -> Job {
        serde_json::from_value(json!({
            "metadata": {"name": "nightly-1", "namespace": "team-a", "uid": "uid-1", "labels": {SCHEDULE_LABEL: "nightly"},
                "creationTimestamp": "2026-01-01T03:00:00Z"},
            "status": {"conditions": conditions},
        }))
        .unwrap()
    }

    fn pod(state: Value) -> Pod {
        let container = json!({
            "name": "dreamer", "ready": false, "restartCount": 0, "image": "i", "imageID": "i", "state": state,
        });
        serde_json::from_value(json!({
            "metadata": {"name": "p", "namespace": "team-a", "labels": {SCHEDULE_LABEL: "nightly"}, "ownerReferences": [
                {"apiVersion": "batch/v1", "kind": "Job", "name": "nightly-1", "uid": "uid-1", "controller": true}]},
            "status": {"phase": "Pending", "containerStatuses": [container]},
        }))
        .unwrap()
    }

    fn why_at(jobs: &[Job], dreamers: &[Pod], name: &str, now: &str) -> Option<String> {
        let night = Night {
            jobs,
            dreamers,
            ..Night::default()
        };
        let cluster = fixtures::dreaming(fixtures::cluster(&[], &[], &[], &[]), &night);
        why("team-a", (SCHEDULE_LABEL, name), &cluster, &Time(now.parse().unwrap()))
    }

    #[test]
    fn a_pod_that_can_not_start_says_why_in_its_nodes_words() {
        let waiting = |reason: &str| pod(json!({"waiting": {"reason": reason, "message": "no such image"}}));
        for (pod, said) in [
            (
                waiting("ImagePullBackOff"),
                Some("its pod p can't start: ImagePullBackOff: no such image"),
            ),
            (waiting("ContainerCreating"), None),
            (pod(json!({"running": {}})), None),
        ] {
            let jobs = [job(json!([]))];
            let found = why_at(&jobs, &[pod], "nightly", "2026-01-01T04:00:00Z");
            assert_eq!(found.as_deref(), said);
        }
    }

    #[test]
    fn a_job_whose_pod_is_refused_says_so_once_it_could_have_one() {
        let suspended = json!([{"type": "Suspended", "status": "True"}]);
        let failed = json!([{"type": "Failed", "status": "True"}]);
        for (conditions, name, now, is) in [
            (json!([]), "nightly", "2026-01-01T03:00:30Z", true),
            (json!([]), "nightly", "2026-01-01T03:00:29Z", false),
            (json!([]), "weekly", "2026-01-01T04:00:00Z", false),
            (suspended, "nightly", "2026-01-01T04:00:00Z", false),
            (failed, "nightly", "2026-01-01T04:00:00Z", false),
        ] {
            let found = why_at(&[job(conditions.clone())], &[], name, now);
            assert_eq!(found.is_some(), is, "{conditions} {name} {now}: {found:?}");
        }
        let starting = pod(json!({"waiting": {"reason": "ContainerCreating"}}));
        assert_eq!(
            why_at(&[job(json!([]))], &[starting], "nightly", "2026-01-01T04:00:00Z"),
            None
        );
    }
}
