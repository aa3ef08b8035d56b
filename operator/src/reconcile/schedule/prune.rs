//! Deletes the oldest Dreams that are over, where a schedule has more of them for a store than it keeps.

use std::collections::BTreeMap;
use std::sync::Arc;

use kube::ResourceExt;
use kube::api::DeleteParams;
use remanence_api::names::SCHEDULE_LABEL;
use remanence_api::{Dream, DreamSchedule};

use crate::dream::is_of_day;
use crate::reconcile::{Context, ReconcileError};

pub(super) async fn run(schedule: &DreamSchedule, context: &Context) -> Result<(), ReconcileError> {
    let api = context.api::<Dream>(&schedule.namespace().unwrap_or_default());
    for dream in surplus(schedule, context) {
        let name = dream.name_any();
        match api.delete(&name, &DeleteParams::default()).await {
            Err(kube::Error::Api(status)) if status.code == 404 => {}
            other => drop(other.map_err(ReconcileError::api(format!("the Dream {name}")))?),
        }
    }
    Ok(())
}

fn surplus(schedule: &DreamSchedule, context: &Context) -> Vec<Arc<Dream>> {
    let name = schedule.name_any();
    let over = context.cluster.dreams.state_filter(|dream| {
        dream.namespace() == schedule.namespace()
            && dream.labels().get(SCHEDULE_LABEL) == Some(&name)
            && dream.metadata.deletion_timestamp.is_none()
            && dream.status.as_ref().is_some_and(|status| status.phase.is_over())
    });
    let mut by_store: BTreeMap<String, Vec<Arc<Dream>>> = BTreeMap::new();
    for dream in over {
        by_store
            .entry(dream.spec.store_ref.name.clone())
            .or_default()
            .push(dream);
    }
    let kept = usize::try_from(schedule.spec.dreams_history_limit).unwrap_or_default();
    let mut surplus = Vec::new();
    for mut dreams in by_store.into_values() {
        dreams.sort_by_key(|dream| std::cmp::Reverse(dream.status.as_ref().and_then(|status| status.started.clone())));
        surplus.extend(dreams.into_iter().skip(kept));
    }
    if schedule.spec.dreaming.budget.daily_cost.is_some() {
        // By them it is known what the day has cost.
        surplus.retain(|dream| !is_of_day(dream, (context.now)()));
    }
    surplus
}
