//! From a request of the apiserver to its answer.

use std::sync::Arc;

use k8s_openapi::ByteString;
use kube::{Api, Client};
use remanence_api::Agent;
use remanence_api::names::{AGENT_LABEL, GATE};
use serde_json::{Value, json};

use super::check::{Seen, refusal};
use super::inject::{Common, inject};
use super::injection::Injection;
use super::mounts::list;
use super::sidecar::Sidecar;
use crate::certificates::Served;
use crate::cluster::Cluster;
use crate::plan::{self, Labels, Plan, Purport};

/// What the webhook needs.
#[derive(Clone)]
pub struct Admission {
    /// What is known of the cluster.
    pub cluster: Cluster,
    /// How sidecars are to be.
    pub sidecar: Sidecar,
    /// The broker's URL.
    pub broker: String,
    /// What sidecars are to trust of it.
    pub served: Served,
}

/// What becomes of a pod.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    /// It stays as it is.
    Same,
    /// It becomes this one.
    Changed(Box<Value>),
    /// It is refused.
    Refused(String),
}

impl Verdict {
    /// A word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Changed(_) => "injected",
            Self::Refused(_) => "refused",
        }
    }
}

impl Admission {
    /// Answers an `AdmissionReview`; says the verdict's word too.
    pub async fn answer(&self, review: &Value, client: &Client) -> (Value, &'static str) {
        let request = &review["request"];
        let namespace = request["namespace"].as_str().unwrap_or_default();
        self.cluster.ready().await;
        let agent = self.agent(&request["object"], namespace, client).await;
        let verdict = self.judge(&request["object"], namespace, agent.as_deref());
        let word = verdict.word();
        let mut response = json!({"uid": request["uid"], "allowed": true});
        match verdict {
            Verdict::Same => {}
            Verdict::Changed(pod) => {
                let patch = json!([
                    {"op": "add", "path": "/metadata/annotations", "value": pod["metadata"]["annotations"]},
                    {"op": "replace", "path": "/spec", "value": pod["spec"]},
                ]);
                response["patchType"] = "JSONPatch".into();
                response["patch"] = json!(ByteString(patch.to_string().into_bytes()));
            }
            Verdict::Refused(why) => {
                response["allowed"] = false.into();
                response["status"] =
                    json!({"code": 403, "reason": "Forbidden", "message": format!("remanence: {why}")});
            }
        }
        let answer = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response});
        (answer, word)
    }

    /// The Agent that a pod names. One made a moment ago, by the same `kubectl apply` maybe, is not known from the watch
    /// yet, and a pod made without it would lack what the Agent mounts.
    async fn agent(&self, pod: &Value, namespace: &str, client: &Client) -> Option<Arc<Agent>> {
        let label = label(pod)?;
        if let Some(known) = self.cluster.agent(namespace, label) {
            return Some(known);
        }
        let asked = Api::<Agent>::namespaced(client.clone(), namespace).get_opt(label).await;
        match asked {
            Ok(found) => found.map(Arc::new),
            Err(error) => {
                tracing::warn!(agent = label, namespace, %error, "the Agent of a new pod can't be asked for");
                None
            }
        }
    }

    /// What becomes of a pod that is to be created, and whose label names `agent`.
    pub fn judge(&self, pod: &Value, namespace: &str, agent: Option<&Agent>) -> Verdict {
        let Some(label) = label(pod) else {
            return Verdict::Same;
        };
        let injection = Injection::of(agent);
        let seen = Seen {
            pod,
            label,
            agent,
            injection: &injection,
        };
        if let Some(why) = refusal(&seen) {
            return Verdict::Refused(why);
        }
        let lacking = match agent {
            Some(agent) => first_lacking(&plan::plan(&self.cluster, agent, Some(&labels(pod)), Purport::Start)),
            None => Some(format!("there is no Agent {label} in the namespace {namespace}")),
        };
        if let Some(lacking) = lacking.as_ref().filter(|_| agent.is_none() && is_of_job(pod)) {
            return Verdict::Refused(format!(
                "{lacking}; the Job makes its pod once there is (one made before may lack what the Agent mounts, and \
                 to replace it would count as a failure of the Job)"
            ));
        }
        let is_placed = pod["spec"]["nodeName"].as_str().is_some_and(|node| !node.is_empty());
        if let Some(lacking) = lacking.as_ref().filter(|_| is_placed) {
            return Verdict::Refused(format!(
                "a pod that comes with nodeName can't wait for its memory, and {lacking}; create it when all is ready"
            ));
        }
        // A second look must not give back a gate that the operator, or nobody, has to lift.
        let is_gated = list(&pod["spec"], "schedulingGates")
            .iter()
            .any(|gate| gate["name"] == GATE);
        let common = Common {
            sidecar: &self.sidecar,
            broker: &self.broker,
            trusted: &self.served.trusted(),
        };
        let changed = inject(pod, label, &injection, &common, lacking.is_some() || is_gated);
        if changed == *pod {
            Verdict::Same
        } else {
            Verdict::Changed(Box::new(changed))
        }
    }
}

fn label(pod: &Value) -> Option<&str> {
    pod["metadata"]["labels"][AGENT_LABEL].as_str()
}

/// Whether a Job made it: it tries again to create what is refused, and counts as failures only pods that were there.
fn is_of_job(pod: &Value) -> bool {
    list(&pod["metadata"], "ownerReferences")
        .iter()
        .any(|owner| owner["kind"] == "Job" && owner["controller"] == true)
}

fn first_lacking(plan: &Plan) -> Option<String> {
    plan.lacking.first().map(|lacking| lacking.message.clone())
}

fn labels(pod: &Value) -> Labels {
    let labels = pod["metadata"]["labels"].as_object().into_iter().flatten();
    labels
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}
