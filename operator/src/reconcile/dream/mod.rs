//! Dreams: a Job for one made by hand and where its pod may connect to, what became of one whose pod is gone, and what
//! people decide on.

mod build;
mod job;
mod settle;
mod status;
mod step;

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use kube::api::{DeleteParams, Patch, PatchParams};
use kube::runtime::controller::Action;
use kube::runtime::reflector::ObjectRef;
use remanence_api::conditions::{Verdict, reasons};
use remanence_api::dream::Phase;
use remanence_api::names::{DREAM_LABEL, FIELD_MANAGER};
use remanence_api::store::Purpose;
use remanence_api::{Dream, MemoryStore};

use super::{Context, ReconcileError, confine, held_up};
use crate::cluster::has_ended;
use crate::dream::network_policy;
use crate::plan::World;
use settle::Settled;
use step::Step;

pub(super) use job::ended as job_ended;

/// When what could not be done is tried again.
const AGAIN: Duration = Duration::from_secs(15);

/// Looks at a Dream.
///
/// # Errors
/// When the apiserver can't be written.
pub async fn reconcile(dream: Arc<Dream>, context: Arc<Context>) -> Result<Action, ReconcileError> {
    if dream.metadata.deletion_timestamp.is_some() {
        return Ok(Action::await_change());
    }
    let step = step::next(&dream, &context.cluster, &context.time());
    if step != Step::Start && !runs(&dream, &context) {
        let (namespace, name) = (dream.namespace().unwrap_or_default(), dream.name_any());
        confine::run(&namespace, (DREAM_LABEL, &name), None, &context).await?;
    }
    let settled = match step {
        Step::Nothing => return Ok(Action::await_change()),
        Step::Wait => return Ok(Action::requeue(held_up::LOOK)),
        Step::Start => start(&dream, &context).await?,
        Step::HeldUp(why) => Settled::Now(Verdict::not_ready(reasons::POD_HELD_UP, why).into()),
        Step::Cancel(job) => {
            stop(&dream, &job, &context).await?;
            settle::ended(
                &dream,
                Phase::Canceled,
                reasons::CANCELED,
                "it was stopped by spec.cancel",
                &context,
            )
            .await
        }
        Step::Withdraw => settle::withdraw(&dream, &context).await,
        Step::Lost(why) => settle::ended(&dream, Phase::Failed, reasons::POD_LOST, &why, &context).await,
        Step::Supersede(by) => Settled::Now(settle::superseded(&by)),
        Step::Recall(decision) => settle::recall(&dream, &decision, &context).await,
        Step::Decide(decision) => settle::decide(&dream, &decision, &context).await,
        Step::Undo(by) => settle::undo(&dream, &by, &context).await,
    };
    match settled {
        Settled::Now(change) => {
            status::apply(&dream, change, &context).await?;
            Ok(Action::await_change())
        }
        Settled::Later(change) => {
            status::apply(&dream, change, &context).await?;
            Ok(Action::requeue(AGAIN))
        }
    }
}

/// Makes the Job of a Dream that was made by hand, once its store is there.
async fn start(dream: &Dream, context: &Context) -> Result<Settled, ReconcileError> {
    let (namespace, name) = (dream.namespace().unwrap_or_default(), dream.name_any());
    let store = context.cluster.store(&namespace, &dream.spec.store_ref.name);
    if let Err(why) = dreamable(store.as_deref(), dream) {
        // Its store's changes bring it back.
        return Ok(Settled::Now(why.into()));
    }
    let place = ObjectRef::new(&job::name(dream)).within(&namespace);
    if context.cluster.jobs.get(&place).is_none() {
        let label = (DREAM_LABEL, name.as_str());
        let policy = network_policy(dream, label, &dream.spec.dreaming, &context.cluster, &context.dreams);
        if let Err(error) = confine::run(&namespace, label, policy.as_ref(), context).await {
            // A quota that grows sends no message.
            return Ok(Settled::Later(
                error.refused(reasons::JOB_REFUSED, "its NetworkPolicy")?.into(),
            ));
        }
        let wanted = build::job(dream, &context.dreams);
        let api = context.api::<Job>(&namespace);
        let params = PatchParams::apply(FIELD_MANAGER);
        let applied = api.patch(&job::name(dream), &params, &Patch::Apply(&wanted)).await;
        if let Err(error) = applied.map_err(ReconcileError::api(format!("the Job of the Dream {name}"))) {
            return Ok(Settled::Later(error.refused(reasons::JOB_REFUSED, "its Job")?.into()));
        }
    }
    Ok(Settled::Now(
        Verdict::not_ready(
            reasons::WAITING_FOR_POD,
            format!("the Job {} has yet to begin", job::name(dream)),
        )
        .into(),
    ))
}

/// Whether a Dream made by hand has a pod, or may get one: what it reported need not be the last thing that it does.
fn runs(dream: &Dream, context: &Context) -> bool {
    let (namespace, name) = (dream.namespace().unwrap_or_default(), dream.name_any());
    let place = ObjectRef::new(&job::name(dream)).within(&namespace);
    let job = context.cluster.jobs.get(&place);
    let its = |pod: &Pod| pod.namespace() == dream.namespace() && pod.labels().get(DREAM_LABEL) == Some(&name);
    let lives = |pod: &Pod| its(pod) && !has_ended(pod);
    job.is_some_and(|job| job::ended(&job).is_none()) || !context.cluster.dreamers.state_filter(lives).is_empty()
}

/// Whether the store can be dreamt.
fn dreamable(store: Option<&MemoryStore>, dream: &Dream) -> Result<(), Verdict> {
    let name = &dream.spec.store_ref.name;
    let not = |reason, message: String| Err(Verdict::not_ready(reason, message));
    let Some(store) = store else {
        let message = format!("the store {name} does not exist; create it, or make a Dream of another");
        return not(reasons::STORE_NOT_FOUND, message);
    };
    if store.spec.purpose != Purpose::Memory {
        return not(
            reasons::NOT_A_MEMORY,
            format!("the store {name} holds sessions, which are read and not dreamt"),
        );
    }
    if store.spec.archived && !dream.spec.dry_run {
        return not(
            reasons::ARCHIVED,
            format!("the store {name} is archived and takes no more writes"),
        );
    }
    match store.status.as_ref() {
        Some(status) if status.store_id.is_some() => Ok(()),
        _ => not(
            reasons::STORE_NOT_READY,
            format!("the store {name} is not ready; see its condition"),
        ),
    }
}

/// Deletes the Job and with it the pod.
async fn stop(dream: &Dream, job: &str, context: &Context) -> Result<(), ReconcileError> {
    let api = context.api::<Job>(&dream.namespace().unwrap_or_default());
    match api.delete(job, &DeleteParams::background()).await {
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        other => other.map(drop).map_err(ReconcileError::api(format!("the Job {job}"))),
    }
}
