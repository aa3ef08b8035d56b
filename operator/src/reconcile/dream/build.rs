//! The Job of a Dream that was made by hand. Pure.

use kube::{Resource, ResourceExt};
use remanence_api::Dream;
use remanence_api::names::DREAM_LABEL;
use serde_json::{Value, json};

use super::job;
use crate::dream::pod::{Surroundings, labels};

/// How long a Job that is over is kept, in seconds: its pod's log is there as long.
const KEPT: u64 = 24 * 3600;

pub(super) fn job(dream: &Dream, around: &Surroundings) -> Value {
    let name = dream.name_any();
    let dreaming = &dream.spec.dreaming;
    let label = (DREAM_LABEL, name.as_str());
    let mut spec = around.job(dreaming, label, dreaming.budget.duration.as_std().as_secs());
    spec["ttlSecondsAfterFinished"] = KEPT.into();
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": job::name(dream),
            "namespace": dream.namespace(),
            "labels": labels(label),
            "ownerReferences": dream.controller_owner_ref(&()).map(|owner| vec![owner]),
        },
        "spec": spec,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::fixtures;

    #[test]
    fn a_dream_made_again_has_another_job_and_each_a_name_that_fits() {
        let long = "a".repeat(63);
        for name in ["project-1", long.as_str()] {
            let mut dream = fixtures::dream("team-a", name, json!({"storeRef": {"name": "project"}}), Value::Null);
            let first = job(&dream, &fixtures::surroundings());
            dream.metadata.uid = Some("another".to_owned());
            let second = job(&dream, &fixtures::surroundings());
            assert_ne!(first["metadata"]["name"], second["metadata"]["name"]);
            assert!(first["metadata"]["name"].as_str().unwrap().len() <= 63);
        }
    }

    #[test]
    fn a_dream_has_the_time_that_its_budget_gives() {
        let spec = json!({"storeRef": {"name": "project"}, "budget": {"duration": "10m"}});
        let dream = fixtures::dream("team-a", "d", spec, Value::Null);
        let built = job(&dream, &fixtures::surroundings());
        assert_eq!(built["spec"]["activeDeadlineSeconds"], 900);
        assert_eq!(
            built["spec"]["template"]["metadata"]["labels"]["remanence.dev/dream"],
            "d"
        );
    }
}
