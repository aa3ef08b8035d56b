//! What is told of an Agent.

use kube::ResourceExt;
use remanence_api::conditions::{self, Verdict, reasons, types};
use remanence_api::names::session_store;
use remanence_api::{Agent, AgentStatus};

use crate::events::Mood;
use crate::plan::{Plan, World};
use crate::reconcile::{Context, ReconcileError, reference};

pub(super) fn build(agent: &Agent, plan: &Plan, refused: Option<Verdict>, context: &Context) -> AgentStatus {
    let before = agent.status.clone().unwrap_or_default();
    let verdicts = [refused.unwrap_or_else(|| ready(plan)), lowered(plan)];
    let (namespace, name) = (agent.namespace().unwrap_or_default(), agent.name_any());
    let sessions = agent
        .keeps_sessions()
        .then(|| context.cluster.store(&namespace, &session_store(&name)))
        .flatten();
    AgentStatus {
        conditions: conditions::updated(
            &before.conditions,
            &verdicts,
            agent.metadata.generation,
            &context.time(),
        ),
        stores: plan.attached.len() as i32,
        pods: context.cluster.pods_of(&namespace, &name).len() as i32,
        last_session: sessions.and_then(|store| store.status.as_ref()?.last_write.clone()),
    }
}

fn ready(plan: &Plan) -> Verdict {
    match plan.lacking.first() {
        None => Verdict::ready("its pods can start"),
        Some(first) => {
            let all: Vec<&str> = plan.lacking.iter().map(|l| l.message.as_str()).collect();
            Verdict::not_ready(first.reason, all.join("; "))
        }
    }
}

fn lowered(plan: &Plan) -> Verdict {
    if plan.lowered.is_empty() {
        return Verdict::of(
            types::ACCESS_LOWERED,
            false,
            reasons::GRANTED,
            "each store is attached as wished",
        );
    }
    Verdict::of(
        types::ACCESS_LOWERED,
        true,
        reasons::MAX_ACCESS,
        plan.lowered.join("; "),
    )
}

/// Writes it; `is_passing` where nothing is wrong, but all is not there yet.
pub(super) async fn apply(
    agent: &Agent,
    after: &AgentStatus,
    is_passing: bool,
    context: &Context,
) -> Result<(), ReconcileError> {
    if agent.status.as_ref() == Some(after) {
        return Ok(());
    }
    let api = context.api(&agent.namespace().unwrap_or_default());
    context.apply_status::<Agent, _>(&api, &agent.name_any(), after).await?;
    let about = reference(agent);
    let Some(ready) = conditions::find(&after.conditions, types::READY) else {
        return Ok(());
    };
    if ready.status == "True" {
        // Good news only where there was bad before.
        if context.events.has_spoken(&agent.uid().unwrap_or_default()) {
            context
                .events
                .say(&about, Mood::Normal, &ready.reason, &ready.message)
                .await;
        }
    } else if !is_passing {
        context
            .events
            .say(&about, Mood::Warning, &ready.reason, &ready.message)
            .await;
    }
    Ok(())
}
