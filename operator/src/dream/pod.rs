//! A dreamer's Job: one pod that Pod Security `restricted` lets be, with no right at the apiserver. Pure.

use remanence_api::dreaming::{Dreaming, SecretKeyRef};
use remanence_api::names::{DREAMER_LABEL, MANAGED_BY, MANAGER};
use serde::Deserialize;
use serde_json::{Value, json};

use super::egress::Egress;
use crate::certificates::Served;
use crate::container::{environment, security, token_mount, token_volume};
use crate::short_hash::short_hash;

const PROGRAM: &str = "/usr/local/bin/remanence-dreamer";
const CONTAINER: &str = "dreamer";
/// Seconds that a pod may take to start and to end, on top of what is dreamt.
const AROUND: u64 = 300;

/// How dreamers' pods are to be: the chart's `dreamer` values.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dreamer {
    /// The image.
    pub image: String,
    /// `IfNotPresent`, `Always` or `Never`.
    pub image_pull_policy: String,
    /// Its user; left to the platform where it is absent.
    #[serde(default)]
    pub run_as_user: Option<i64>,
    /// Requests and limits, where a schedule or Dream says nothing.
    #[serde(default)]
    pub resources: Value,
    /// Where its spans go by OTLP; without, nothing is traced.
    #[serde(default)]
    pub traces: Option<String>,
}

/// What dreamers' pods are made with.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// How they are to be.
    pub dreamer: Dreamer,
    /// The broker's URL.
    pub broker: String,
    /// What they are to trust of it.
    pub served: Served,
    /// Where they may connect to; anywhere, as far as the chart goes, where it is absent.
    pub egress: Option<Egress>,
    /// The operator's own namespace.
    pub namespace: String,
}

impl Surroundings {
    /// The spec of a Job whose pod has the label `(key, name)`; it may dream `seconds` long in all.
    pub fn job(&self, dreaming: &Dreaming, label: (&str, &str), seconds: u64) -> Value {
        let labels = labels(label);
        let template = &dreaming.job_template;
        let mut pod = json!({
            "restartPolicy": "Never",
            // It has nothing to say to the apiserver.
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "terminationGracePeriodSeconds": 15,
            "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [self.container(dreaming)],
            "volumes": [token_volume()],
        });
        if let Some(account) = &template.service_account_name {
            pod["serviceAccountName"] = account.as_str().into();
        }
        if !template.node_selector.is_empty() {
            pod["nodeSelector"] = json!(template.node_selector);
        }
        if !template.tolerations.is_empty() {
            pod["tolerations"] = json!(template.tolerations);
        }
        json!({
            // A dream that failed is not tried again at once: the next one reads what it did not.
            "backoffLimit": 0,
            "activeDeadlineSeconds": seconds + AROUND,
            // A pod that a node took away is.
            "podFailurePolicy": {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}]},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        })
    }

    fn container(&self, dreaming: &Dreaming) -> Value {
        let traces = self.dreamer.traces.as_deref();
        let mut env = environment(&self.broker, &self.served.trusted(), traces);
        let key = dreaming
            .model
            .as_ref()
            .and_then(|model| model.api_key_secret_ref.as_ref());
        env.extend(key.map(|key| secret("REMANENCE_MODEL_KEY", key)));
        for (number, log) in dreaming.session_logs.iter().enumerate() {
            let Some(reference) = &log.s3.secret_ref else { continue };
            for (name, key) in [
                ("ACCESS_KEY_ID", "accessKeyId"),
                ("SECRET_ACCESS_KEY", "secretAccessKey"),
            ] {
                let reference = SecretKeyRef {
                    name: reference.name.clone(),
                    key: key.to_owned(),
                };
                env.push(secret(&format!("REMANENCE_LOGS_{number}_{name}"), &reference));
            }
        }
        let own = dreaming.job_template.resources.as_ref();
        json!({
            "name": CONTAINER,
            "image": self.dreamer.image,
            "imagePullPolicy": self.dreamer.image_pull_policy,
            "command": [PROGRAM],
            "env": env,
            "resources": own.map_or_else(|| self.dreamer.resources.clone(), |own| json!(own)),
            "securityContext": security(self.dreamer.run_as_user),
            "volumeMounts": [token_mount()],
            "terminationMessagePolicy": "FallbackToLogsOnError",
        })
    }
}

/// The labels of a dreamer's Jobs and pods.
pub fn labels((key, name): (&str, &str)) -> Value {
    json!({MANAGED_BY: MANAGER, DREAMER_LABEL: "true", key: name})
}

/// Tells one build from another.
pub fn fingerprint(built: &Value) -> String {
    short_hash(built.to_string(), 16)
}

fn secret(name: &str, reference: &SecretKeyRef) -> Value {
    json!({"name": name, "valueFrom": {"secretKeyRef": {"name": reference.name, "key": reference.key}}})
}
