//! `after`: a run of its own once so many transcripts are new.

use std::sync::Arc;

use k8s_openapi::api::batch::v1::Job;
use kube::ResourceExt;
use kube::api::{Patch, PatchParams};
use remanence_api::names::{FIELD_MANAGER, SCHEDULE_LABEL};
use remanence_api::{DreamSchedule, MemoryStore};
use sha2::{Digest, Sha256};

use super::build;
use super::status::last_run;
use crate::dream::reading;
use crate::reconcile::dream::job_ended;
use crate::reconcile::{Context, ReconcileError};

/// How many transcripts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transcripts {
    /// Those that count as read.
    pub(super) read: i64,
    /// All of them.
    pub(super) seen: i64,
}

/// Begins a run if one is due. Says how many transcripts there are; `None` where the schedule does not ask.
pub(super) async fn run(
    schedule: &DreamSchedule,
    stores: &[Arc<MemoryStore>],
    context: &Context,
) -> Result<Option<Transcripts>, ReconcileError> {
    let Some(after) = &schedule.spec.after else {
        return Ok(None);
    };
    let before = schedule.status.clone().unwrap_or_default();
    let now = transcripts(stores, context);
    let all_read = Transcripts { read: now, seen: now };
    // A run by the clock has read all.
    let Some(read) = before
        .transcripts
        .filter(|_| last_run(schedule, context) == before.last_run)
    else {
        return Ok(Some(all_read));
    };
    // Retention takes the oldest, which were read. They count no more, or as many that come would be no news.
    let gone = before.transcripts_seen.unwrap_or(read).saturating_sub(now).max(0);
    let read = read.saturating_sub(gone).clamp(0, now.max(0));
    if schedule.spec.suspend || now - read < i64::from(after.sessions) || is_at_it(schedule, context) {
        return Ok(Some(Transcripts { read, seen: now }));
    }
    let name = job_name(schedule);
    let job = build::job(schedule, &name, &context.dreams);
    let api = context.api::<Job>(&schedule.namespace().unwrap_or_default());
    let applied = api
        .patch(&name, &PatchParams::apply(FIELD_MANAGER), &Patch::Apply(&job))
        .await;
    applied.map_err(ReconcileError::api(format!("the Job {name}")))?;
    Ok(Some(all_read))
}

/// The Job's name. The schedule as it is now begins one run, however often it is looked at. Once its status says how many
/// transcripts count as read it is another version, and so is the name another: as many as now may come together again
/// while the Job is kept.
fn job_name(schedule: &DreamSchedule) -> String {
    let (uid, version) = (schedule.uid(), schedule.resource_version());
    let hash = Sha256::digest(format!("{} {}", uid.unwrap_or_default(), version.unwrap_or_default()));
    let name = schedule.name_any();
    format!(
        "{name}-after-{:02x}{:02x}{:02x}{:02x}",
        hash[0], hash[1], hash[2], hash[3]
    )
}

/// How many transcripts there are in all session stores that are read.
fn transcripts(stores: &[Arc<MemoryStore>], context: &Context) -> i64 {
    let mut sessions: Vec<_> = stores
        .iter()
        .flat_map(|store| reading(&context.cluster, store).sessions)
        .collect();
    sessions.sort_by_key(|store| store.uid());
    sessions.dedup_by_key(|store| store.uid());
    sessions.iter().filter_map(|store| store.status.as_ref()?.files).sum()
}

fn is_at_it(schedule: &DreamSchedule, context: &Context) -> bool {
    let name = schedule.name_any();
    let its = |job: &Job| {
        job.namespace() == schedule.namespace()
            && job.labels().get(SCHEDULE_LABEL) == Some(&name)
            && job_ended(job).is_none()
    };
    !context.cluster.jobs.state_filter(its).is_empty()
}
