//! Pods that wait for their memory: the gate is lifted once all is there; until then an Event says what is missing. For
//! those that run, the stores are made that a label names which changed.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use kube::api::{DeleteParams, Patch, PatchParams, Preconditions};
use kube::runtime::controller::Action;
use remanence_api::conditions::{Verdict, reasons};
use remanence_api::names::{GATE, INJECTION_ANNOTATION};
use serde_json::json;

use super::{Context, ReconcileError, make, reference};
use crate::admission::Injection;
use crate::cluster::{agent_of, has_ended};
use crate::events::Mood;
use crate::plan::{self, Lacking, Purport};

/// What is to be done with a pod.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// It is on its way out.
    Nothing,
    /// It runs; stores that are to be made.
    Make(Vec<String>),
    /// Something is missing; perhaps stores are to be made.
    Wait(Lacking, Vec<String>),
    /// It was made before its Agent said what it needs.
    Replace,
    /// All is there.
    Lift,
}

/// Looks at a pod.
///
/// # Errors
/// When the apiserver can't be written.
pub async fn reconcile(pod: Arc<Pod>, context: Arc<Context>) -> Result<Action, ReconcileError> {
    match decide(&pod, &context) {
        Step::Nothing => {}
        Step::Make(wanted) => {
            if let Some(refused) = make_stores(&pod, &wanted, &context).await? {
                context
                    .events
                    .say(&reference(&*pod), Mood::Warning, refused.reason, &refused.message)
                    .await;
                return Ok(Action::requeue(make::REFUSED));
            }
        }
        Step::Wait(lacking, wanted) => {
            let refused = make_stores(&pod, &wanted, &context).await?;
            let again = refused.is_some();
            let (reason, why) = match refused {
                Some(refused) => (refused.reason, refused.message),
                None => (lacking.reason, lacking.message),
            };
            let note = format!("waiting for its memory: {why}");
            context
                .events
                .say(&reference(&*pod), Mood::Warning, reason, &note)
                .await;
            if again {
                return Ok(Action::requeue(make::REFUSED));
            }
        }
        Step::Replace => replace(&pod, &context).await?,
        Step::Lift => lift(&pod, &context).await?,
    }
    Ok(Action::await_change())
}

/// Makes the stores that its Agent's entries ask for. Says why where the apiserver finds one wrong.
async fn make_stores(pod: &Pod, names: &[String], context: &Context) -> Result<Option<Verdict>, ReconcileError> {
    let namespace = pod.namespace().unwrap_or_default();
    match context.cluster.agent(&namespace, agent_of(pod).unwrap_or_default()) {
        Some(agent) => make::stores(&agent, names, context).await,
        None => Ok(None),
    }
}

fn decide(pod: &Pod, context: &Context) -> Step {
    if pod.metadata.deletion_timestamp.is_some() || has_ended(pod) {
        return Step::Nothing;
    }
    if gate(pod).is_none() {
        return Step::Make(asked_for_later(pod, context));
    }
    let namespace = pod.namespace().unwrap_or_default();
    let name = agent_of(pod).unwrap_or_default();
    let Some(agent) = context.cluster.agent(&namespace, name) else {
        let message =
            format!("there is no Agent {name} in the namespace {namespace}; create it, or correct the pod's label");
        return Step::Wait(plan::lacking(reasons::AGENT_NOT_FOUND, message), Vec::new());
    };
    if let Err(lacking) = plan::may_be(&agent, account(pod)) {
        return Step::Wait(lacking, Vec::new());
    }
    if pod.annotations().get(INJECTION_ANNOTATION) != Some(&Injection::of(Some(&agent)).fingerprint()) {
        return Step::Replace;
    }
    let plan = plan::plan(&context.cluster, &agent, Some(pod.labels()), Purport::Start);
    let make = plan.lacking.iter().filter_map(|l| l.make.clone()).collect();
    match plan.lacking.into_iter().next() {
        Some(first) => Step::Wait(first, make),
        None => Step::Lift,
    }
}

/// The stores that are to be made for a pod that runs: it was let in with all of them, so its labels are others now.
fn asked_for_later(pod: &Pod, context: &Context) -> Vec<String> {
    let namespace = pod.namespace().unwrap_or_default();
    let agent = context.cluster.agent(&namespace, agent_of(pod).unwrap_or_default());
    let is_injected = pod.annotations().contains_key(INJECTION_ANNOTATION);
    let Some(agent) = agent.filter(|agent| is_injected && plan::may_be(agent, account(pod)).is_ok()) else {
        return Vec::new();
    };
    let plan = plan::plan(&context.cluster, &agent, Some(pod.labels()), Purport::Serve);
    plan.lacking.into_iter().filter_map(|lacking| lacking.make).collect()
}

fn account(pod: &Pod) -> &str {
    let spec = pod.spec.as_ref();
    spec.and_then(|spec| spec.service_account_name.as_deref())
        .unwrap_or("default")
}

/// Where our gate is among the pod's.
fn gate(pod: &Pod) -> Option<usize> {
    pod.spec
        .as_ref()?
        .scheduling_gates
        .as_ref()?
        .iter()
        .position(|gate| gate.name == GATE)
}

async fn lift(pod: &Pod, context: &Context) -> Result<(), ReconcileError> {
    let Some(index) = gate(pod) else { return Ok(()) };
    let name = pod.name_any();
    // Only if it is still there: the list may have changed.
    let patch = json!([
        {"op": "test", "path": format!("/spec/schedulingGates/{index}/name"), "value": GATE},
        {"op": "test", "path": "/metadata/uid", "value": pod.uid()},
        {"op": "remove", "path": format!("/spec/schedulingGates/{index}")},
    ]);
    let patch: kube::api::Patch<()> = Patch::Json(serde_json::from_value(patch).expect("a JSON patch"));
    let api = context.api::<Pod>(&pod.namespace().unwrap_or_default());
    match api.patch(&name, &PatchParams::default(), &patch).await {
        Ok(_) => {
            context.metrics.lifted();
            // Good news only where something was missing before.
            if context.events.has_spoken(&pod.uid().unwrap_or_default()) {
                context
                    .events
                    .say(
                        &reference(pod),
                        Mood::Normal,
                        reasons::ADMITTED,
                        "its memory is complete",
                    )
                    .await;
            }
            Ok(())
        }
        // Gone or changed meanwhile: the next event tells.
        Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409 | 422) => Ok(()),
        Err(error) => Err(ReconcileError::api(format!("the gate of the pod {name}"))(error)),
    }
}

/// A pod that never ran is deleted where something makes it again; else a person has to.
async fn replace(pod: &Pod, context: &Context) -> Result<(), ReconcileError> {
    let about = reference(pod);
    let why = "it was made before its Agent was, or before the Agent changed, and lacks what the Agent now mounts";
    if !pod
        .owner_references()
        .iter()
        .any(|owner| owner.controller == Some(true))
    {
        let note = format!("waiting for its memory: {why}; delete the pod and create it again");
        context.events.say(&about, Mood::Warning, reasons::WAITING, &note).await;
        return Ok(());
    }
    context
        .events
        .say(&about, Mood::Normal, reasons::WAITING, &format!("replaced: {why}"))
        .await;
    let params = DeleteParams {
        preconditions: Some(Preconditions {
            uid: pod.uid(),
            resource_version: None,
        }),
        ..DeleteParams::default()
    };
    let api = context.api::<Pod>(&pod.namespace().unwrap_or_default());
    match api.delete(&pod.name_any(), &params).await {
        Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(()),
        other => other
            .map(drop)
            .map_err(ReconcileError::api(format!("the pod {}", pod.name_any()))),
    }
}
