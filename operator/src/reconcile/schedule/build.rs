//! A schedule's Jobs, as it says. Pure.

use kube::{Resource, ResourceExt};
use remanence_api::DreamSchedule;
use remanence_api::names::{BUILT_ANNOTATION, SCHEDULE_LABEL};
use serde_json::{Value, json};

use crate::dream::pod::{Surroundings, fingerprint, labels};

/// How long one run over all stores may take, in seconds.
const RUN: u64 = 12 * 3600;

/// The `CronJob`.
pub(super) fn cron_job(schedule: &DreamSchedule, around: &Surroundings) -> Value {
    let spec = &schedule.spec;
    let name = schedule.name_any();
    let labels = labels((SCHEDULE_LABEL, &name));
    let mut built = json!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {
            "name": name,
            "namespace": schedule.namespace(),
            "labels": labels,
            "ownerReferences": schedule.controller_owner_ref(&()).map(|owner| vec![owner]),
        },
        "spec": {
            "schedule": spec.schedule,
            "suspend": spec.suspend,
            "startingDeadlineSeconds": spec.starting_deadline_seconds,
            "successfulJobsHistoryLimit": spec.successful_jobs_history_limit,
            "failedJobsHistoryLimit": spec.failed_jobs_history_limit,
            // One store at a time, and no two runs at once.
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {"metadata": {"labels": labels}, "spec": job_spec(schedule, around)},
        },
    });
    if let Some(zone) = &spec.time_zone {
        built["spec"]["timeZone"] = zone.as_str().into();
    }
    let fingerprint = fingerprint(&built);
    built["metadata"]["annotations"] = json!({BUILT_ANNOTATION: fingerprint});
    built
}

/// A Job that runs it now.
pub(super) fn job(schedule: &DreamSchedule, name: &str, around: &Surroundings) -> Value {
    let mut spec = job_spec(schedule, around);
    spec["ttlSecondsAfterFinished"] = (24 * 3600).into();
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": schedule.namespace(),
            "labels": labels((SCHEDULE_LABEL, &schedule.name_any())),
            "ownerReferences": schedule.controller_owner_ref(&()).map(|owner| vec![owner]),
        },
        "spec": spec,
    })
}

fn job_spec(schedule: &DreamSchedule, around: &Surroundings) -> Value {
    around.job(&schedule.spec.dreaming, (SCHEDULE_LABEL, &schedule.name_any()), RUN)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use k8s_openapi::api::batch::v1::{CronJob, Job};

    use super::*;
    use crate::fixtures;

    fn built(mut spec: Value) -> Value {
        spec["schedule"] = "0 3 * * *".into();
        cron_job(
            &fixtures::schedule("team-a", "nightly", spec),
            &fixtures::surroundings(),
        )
    }

    #[test]
    fn the_cron_job_says_what_the_schedule_says() {
        let pod = "/spec/jobTemplate/spec/template/spec";
        for (spec, path, expected) in [
            (json!({}), "/spec/schedule".to_owned(), json!("0 3 * * *")),
            (json!({}), "/spec/timeZone".to_owned(), Value::Null),
            (
                json!({"timeZone": "Europe/Berlin"}),
                "/spec/timeZone".to_owned(),
                json!("Europe/Berlin"),
            ),
            (json!({"suspend": true}), "/spec/suspend".to_owned(), json!(true)),
            (json!({}), "/spec/startingDeadlineSeconds".to_owned(), json!(3600)),
            (
                json!({"startingDeadlineSeconds": 60}),
                "/spec/startingDeadlineSeconds".to_owned(),
                json!(60),
            ),
            (
                json!({"failedJobsHistoryLimit": 7}),
                "/spec/failedJobsHistoryLimit".to_owned(),
                json!(7),
            ),
            (json!({}), "/spec/concurrencyPolicy".to_owned(), json!("Forbid")),
            (
                json!({"jobTemplate": {"serviceAccountName": "dreamer"}}),
                format!("{pod}/serviceAccountName"),
                json!("dreamer"),
            ),
            (
                json!({"jobTemplate": {"nodeSelector": {"a": "b"}}}),
                format!("{pod}/nodeSelector"),
                json!({"a": "b"}),
            ),
            (
                json!({}),
                format!("{pod}/containers/0/resources/limits/memory"),
                json!("256Mi"),
            ),
            (
                json!({"jobTemplate": {"resources": {"limits": {"memory": "1Gi"}}}}),
                format!("{pod}/containers/0/resources/limits/memory"),
                json!("1Gi"),
            ),
        ] {
            let found = built(spec.clone()).pointer(&path).cloned().unwrap_or_default();
            assert_eq!(found, expected, "{spec} {path}");
        }
    }

    #[test]
    fn the_apiserver_can_read_what_is_built() {
        let schedule = fixtures::schedule("team-a", "nightly", json!({"schedule": "0 3 * * *"}));
        let around = fixtures::surroundings();
        let cron_job: CronJob = serde_json::from_value(cron_job(&schedule, &around)).unwrap();
        assert_eq!(cron_job.owner_references()[0].uid, "uid-nightly");
        let job: Job = serde_json::from_value(job(&schedule, "nightly-after-5e1697ad", &around)).unwrap();
        assert_eq!(job.labels()["remanence.dev/schedule"], "nightly");
    }

    /// What Pod Security `restricted` asks for, and more.
    #[test]
    fn the_pod_is_restricted_and_knows_no_key_but_by_reference() {
        let whole = built(json!({
            "model": {"provider": "Anthropic", "name": "m", "apiKeySecretRef": {"name": "model", "key": "key"}},
            "sessionLogs": [{"s3": {"bucket": "one"}}, {"s3": {"bucket": "two", "secretRef": {"name": "logs"}}}],
        }));
        let pod = &whole["spec"]["jobTemplate"]["spec"]["template"]["spec"];
        assert_eq!(pod["automountServiceAccountToken"], false);
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert!(
            pod["volumes"]
                .as_array()
                .unwrap()
                .iter()
                .all(|volume| volume["hostPath"].is_null())
        );
        let container = &pod["containers"][0];
        let security = &container["securityContext"];
        assert_eq!(security["capabilities"]["drop"], json!(["ALL"]));
        assert_eq!(security["allowPrivilegeEscalation"], false);
        assert_eq!(security["readOnlyRootFilesystem"], true);
        assert_eq!(security["seccompProfile"]["type"], "RuntimeDefault");
        let token = &pod["volumes"][0]["projected"]["sources"][0]["serviceAccountToken"];
        assert_eq!(token["audience"], "broker.remanence.dev");
        let by_reference: Vec<String> = container["env"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|env| !env["valueFrom"]["secretKeyRef"].is_null())
            .map(|env| {
                let reference = &env["valueFrom"]["secretKeyRef"];
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                format!(
                    "{}={}/{}",
                    text(&env["name"]),
                    text(&reference["name"]),
                    text(&reference["key"])
                )
            })
            .collect();
        assert_eq!(
            by_reference,
            [
                "REMANENCE_MODEL_KEY=model/key",
                "REMANENCE_LOGS_1_ACCESS_KEY_ID=logs/accessKeyId",
                "REMANENCE_LOGS_1_SECRET_ACCESS_KEY=logs/secretAccessKey",
            ]
        );
    }

    #[test]
    fn another_build_has_another_fingerprint() {
        let of = |spec: Value| built(spec)["metadata"]["annotations"][BUILT_ANNOTATION].clone();
        assert_eq!(of(json!({})), of(json!({})));
        assert_ne!(of(json!({})), of(json!({"suspend": true})));
        // What is told by the broker needs no other Job.
        assert_eq!(of(json!({})), of(json!({"instructions": "ignore: canteen"})));
    }
}
