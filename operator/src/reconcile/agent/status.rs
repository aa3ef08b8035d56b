//! What is told of an Agent.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
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
        let message = if plan.lacking.is_empty() {
            "each store is attached as wished"
        } else {
            "some stores can't be attached, see Ready; each other one is attached as wished"
        };
        return Verdict::of(types::ACCESS_LOWERED, false, reasons::GRANTED, message);
    }
    Verdict::of(
        types::ACCESS_LOWERED,
        true,
        reasons::MAX_ACCESS,
        plan.lowered.join("; "),
    )
}

/// Writes it and says what is new in it; `is_passing` where nothing is wrong, but all is not there yet.
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
    if !context.apply_status(&api, agent, after).await? {
        return Ok(());
    }
    let before = agent.status.clone().unwrap_or_default().conditions;
    if let Some(ready) = conditions::find(&after.conditions, types::READY) {
        let was_ready = conditions::holds(&before, types::READY);
        // Good news only where there was bad before.
        let is_relief = !was_ready && context.events.has_spoken(&agent.uid().unwrap_or_default());
        if ready.status == "True" && is_relief {
            say(agent, Mood::Normal, ready, context).await;
        } else if ready.status != "True" && !is_passing {
            say(agent, Mood::Warning, ready, context).await;
        }
    }
    let lowered = conditions::find(&after.conditions, types::ACCESS_LOWERED).filter(|lowered| lowered.status == "True");
    let known = conditions::find(&before, types::ACCESS_LOWERED).map(|known| &known.message);
    if let Some(lowered) = lowered
        && known != Some(&lowered.message)
    {
        say(agent, Mood::Warning, lowered, context).await;
    }
    Ok(())
}

async fn say(agent: &Agent, mood: Mood, condition: &Condition, context: &Context) {
    context
        .events
        .say(&reference(agent), mood, &condition.reason, &condition.message)
        .await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan;

    #[test]
    fn what_is_not_attached_is_not_said_to_be_attached_as_wished() {
        assert_eq!(lowered(&Plan::default()).message, "each store is attached as wished");
        let lacking = vec![plan::lacking(reasons::STORE_NOT_FOUND, "there is none".to_owned())];
        let told = lowered(&Plan {
            lacking,
            ..Plan::default()
        });
        assert!(
            !told.holds && told.message.contains("can't be attached"),
            "{}",
            told.message
        );
    }
}
