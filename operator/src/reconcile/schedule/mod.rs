//! Schedules: one `CronJob` each, Jobs of their own where sessions grew, and no more records than they say.

mod after;
mod apply;
mod build;
mod prune;
mod status;

use std::sync::Arc;
use std::time::Duration;

use kube::ResourceExt;
use kube::runtime::controller::Action;
use remanence_api::DreamSchedule;
use remanence_api::conditions::{Verdict, reasons};
use remanence_api::names::SCHEDULE_LABEL;

use super::{Context, ReconcileError, held_up, make};
use crate::dream::selected;
use after::After;

/// How often it is looked at without a cause: what pods are to trust of the broker changes by itself. Costs no request
/// where it did not.
const LOOK: Duration = Duration::from_hours(1);

/// Looks at a schedule.
///
/// # Errors
/// When the apiserver can't be written.
pub async fn reconcile(schedule: Arc<DreamSchedule>, context: Arc<Context>) -> Result<Action, ReconcileError> {
    if schedule.metadata.deletion_timestamp.is_some() {
        return Ok(Action::await_change());
    }
    let stores = selected(&context.cluster, &schedule);
    let verdict = match &stores {
        Ok(stores) => apply::run(&schedule, stores.len(), &context).await?,
        Err(why) => Verdict::not_ready(reasons::SELECTOR_MALFORMED, why.to_string()),
    };
    let stores = stores.unwrap_or_default();
    let after = if verdict.holds {
        after::run(&schedule, &stores, &context).await?
    } else {
        After::default()
    };
    let verdict = after.refused.unwrap_or(verdict);
    let verdict = if verdict.holds {
        held_up(&schedule, &context).unwrap_or(verdict)
    } else {
        verdict
    };
    let again = if verdict.reason == reasons::JOB_REFUSED {
        make::REFUSED
    } else if after::is_at_it(&schedule, &context) {
        held_up::LOOK
    } else {
        LOOK
    };
    prune::run(&schedule, &context).await?;
    let after = status::build(&schedule, stores.len(), after.transcripts, verdict, &context);
    status::apply(&schedule, &after, &context).await?;
    Ok(Action::requeue(again))
}

/// That the pod of a run can't start.
fn held_up(schedule: &DreamSchedule, context: &Context) -> Option<Verdict> {
    let (namespace, name) = (schedule.namespace().unwrap_or_default(), schedule.name_any());
    let why = held_up::why(&namespace, (SCHEDULE_LABEL, &name), &context.cluster, &context.time())?;
    Some(Verdict::not_ready(reasons::POD_HELD_UP, why))
}
