//! What is told of a schedule.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use remanence_api::conditions::{self, Verdict, reasons, types};
use remanence_api::{DreamSchedule, DreamScheduleStatus};

use super::after::Transcripts;
use crate::events::Mood;
use crate::reconcile::{Context, ReconcileError, reference};

pub(super) fn build(
    schedule: &DreamSchedule,
    stores: usize,
    transcripts: Option<Transcripts>,
    verdict: Verdict,
    context: &Context,
) -> DreamScheduleStatus {
    let before = schedule.status.clone().unwrap_or_default();
    DreamScheduleStatus {
        conditions: conditions::updated(
            &before.conditions,
            &[verdict],
            schedule.metadata.generation,
            &context.time(),
        ),
        stores: i32::try_from(stores).unwrap_or(i32::MAX),
        last_run: last_run(schedule, context),
        transcripts: transcripts.map(|transcripts| transcripts.read),
        transcripts_seen: transcripts.map(|transcripts| transcripts.seen),
    }
}

/// When its `CronJob` last began a run.
pub(super) fn last_run(schedule: &DreamSchedule, context: &Context) -> Option<Time> {
    let place = ObjectRef::new(&schedule.name_any()).within(&schedule.namespace().unwrap_or_default());
    context
        .cluster
        .cron_jobs
        .get(&place)?
        .status
        .as_ref()?
        .last_schedule_time
        .clone()
}

pub(super) async fn apply(
    schedule: &DreamSchedule,
    after: &DreamScheduleStatus,
    context: &Context,
) -> Result<(), ReconcileError> {
    if schedule.status.as_ref() == Some(after) {
        return Ok(());
    }
    let api = context.api(&schedule.namespace().unwrap_or_default());
    if !context.apply_status(&api, schedule, after).await? {
        return Ok(());
    }
    let Some(ready) = conditions::find(&after.conditions, types::READY) else {
        return Ok(());
    };
    if ready.reason == reasons::POD_HELD_UP {
        // A node says it in turns in two ways.
        context
            .events
            .say_seldom(
                &reference(schedule),
                "pod",
                Mood::Warning,
                &ready.reason,
                &ready.message,
            )
            .await;
        return Ok(());
    }
    // Good news only where there was bad before.
    let is_good = ready.status == "True";
    if !is_good || context.events.has_spoken(&schedule.uid().unwrap_or_default()) {
        let mood = if is_good { Mood::Normal } else { Mood::Warning };
        context
            .events
            .say(&reference(schedule), mood, &ready.reason, &ready.message)
            .await;
    }
    Ok(())
}
