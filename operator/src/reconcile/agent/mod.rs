//! Agents: their own stores, and those that they ask for by name, are made with them, and their status says whether
//! their pods can start.

mod build;
mod status;

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use kube::api::{Patch, PatchParams};
use kube::runtime::controller::Action;
use remanence_api::conditions::{Verdict, reasons};
use remanence_api::names::FIELD_MANAGER;
use remanence_api::{Agent, MemoryStore};

use super::{Context, ReconcileError, make};
use crate::plan::{self, Purport, World};

/// By then the stores of a new Agent are made, also where a thousand Agents are made at once, unless something is slow,
/// which its status tells.
const MADE: Duration = Duration::from_secs(30);

/// Looks at an Agent.
///
/// # Errors
/// When the apiserver can't be written.
pub async fn reconcile(agent: Arc<Agent>, context: Arc<Context>) -> Result<Action, ReconcileError> {
    if agent.metadata.deletion_timestamp.is_some() {
        return Ok(Action::await_change());
    }
    let refused = apply(&agent, &context).await?;
    let plan = plan::plan(&context.cluster, &agent, None, Purport::Start);
    // Those that a pod's label names are made with the pod.
    let wanted: Vec<String> = plan.lacking.iter().filter_map(|l| l.make.clone()).collect();
    let refused = refused.or(make::stores(&agent, &wanted, &context).await?);
    let next = if refused.is_some() {
        Action::requeue(make::REFUSED)
    } else {
        Action::await_change()
    };
    let is_passing = refused.is_none() && plan.lacking.iter().all(|lacking| lacking.passing);
    if is_passing && !plan.lacking.is_empty() && is_new(&agent, &context.time()) {
        // What would be told now is over in a moment: a thousand new Agents are not written thrice.
        return Ok(Action::requeue(MADE));
    }
    let after = status::build(&agent, &plan, refused, &context);
    status::apply(&agent, &after, is_passing, &context).await?;
    Ok(next)
}

/// Whether nothing was told of an Agent that was made just now.
fn is_new(agent: &Agent, now: &Time) -> bool {
    let made = agent.creation_timestamp();
    agent.status.is_none() && made.is_some_and(|made| now.0.duration_since(made.0).unsigned_abs() < MADE)
}

/// Applies the Agent's own stores where they differ. Says why where the apiserver finds one wrong.
async fn apply(agent: &Agent, context: &Context) -> Result<Option<Verdict>, ReconcileError> {
    let namespace = agent.namespace().unwrap_or_default();
    for wanted in build::stores(agent) {
        let name = wanted.name_any();
        let found = context.cluster.store(&namespace, &name);
        let is_done = found.is_some_and(|found| {
            // One that is not ours is left alone, and so is one that is on its way out.
            !plan::is_owned(&found, agent) || found.metadata.deletion_timestamp.is_some() || found.spec == wanted.spec
        });
        if is_done {
            continue;
        }
        let api = context.api::<MemoryStore>(&namespace);
        let params = PatchParams::apply(FIELD_MANAGER).force();
        let applied = api.patch(&name, &params, &Patch::Apply(&wanted)).await;
        if let Err(error) = applied.map_err(ReconcileError::api(format!("the MemoryStore {name}"))) {
            return error
                .refused(reasons::STORE_NOT_READY, &format!("its store {name}"))
                .map(Some);
        }
    }
    Ok(None)
}
