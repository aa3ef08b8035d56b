//! `after`: a run of its own once so many transcripts are new.

use std::sync::Arc;

use k8s_openapi::api::batch::v1::Job;
use kube::ResourceExt;
use kube::api::{Patch, PatchParams};
use remanence_api::conditions::{Verdict, reasons};
use remanence_api::names::{FIELD_MANAGER, SCHEDULE_LABEL};
use remanence_api::{DreamSchedule, MemoryStore};

use super::build;
use super::status::last_run;
use crate::dream::reading;
use crate::reconcile::dream::job_ended;
use crate::reconcile::{Context, ReconcileError};
use crate::short_hash::short_hash;

/// What a look came to.
#[derive(Debug, Default)]
pub(super) struct After {
    /// How many transcripts there are, where the schedule asks.
    pub(super) transcripts: Option<Transcripts>,
    /// Why the apiserver does not take the Job that is due.
    pub(super) refused: Option<Verdict>,
}

impl From<Transcripts> for After {
    fn from(transcripts: Transcripts) -> Self {
        Self {
            transcripts: Some(transcripts),
            refused: None,
        }
    }
}

/// How many transcripts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transcripts {
    /// Those that count as read.
    pub(super) read: i64,
    /// All of them.
    pub(super) seen: i64,
}

/// Begins a run if one is due.
pub(super) async fn run(
    schedule: &DreamSchedule,
    stores: &[Arc<MemoryStore>],
    context: &Context,
) -> Result<After, ReconcileError> {
    let Some(after) = &schedule.spec.after else {
        return Ok(After::default());
    };
    let before = schedule.status.clone().unwrap_or_default();
    let now = transcripts(stores, context);
    let all_read = Transcripts { read: now, seen: now };
    // A run by the clock has read all.
    let Some(read) = before
        .transcripts
        .filter(|_| last_run(schedule, context) == before.last_run)
    else {
        return Ok(all_read.into());
    };
    // Retention takes the oldest, which were read. They count no more, or as many that come would be no news.
    let gone = before.transcripts_seen.unwrap_or(read).saturating_sub(now).max(0);
    let read = read.saturating_sub(gone).clamp(0, now.max(0));
    let unread = Transcripts { read, seen: now };
    if schedule.spec.suspend || now - read < i64::from(after.sessions) || is_at_it(schedule, context) {
        return Ok(unread.into());
    }
    let name = job_name(schedule);
    let job = build::job(schedule, &name, &context.dreams);
    let api = context.api::<Job>(&schedule.namespace().unwrap_or_default());
    let applied = api
        .patch(&name, &PatchParams::apply(FIELD_MANAGER), &Patch::Apply(&job))
        .await;
    let Err(error) = applied.map_err(ReconcileError::api(format!("the Job {name}"))) else {
        return Ok(all_read.into());
    };
    let mut refused = error.refused(reasons::JOB_REFUSED, "its Job after new transcripts")?;
    // The next attempt has another name. A condition with the name in it would make another version of the schedule each
    // time, and so the next attempt.
    refused.message = refused.message.replace(&name, "…");
    Ok(After {
        refused: Some(refused),
        ..After::from(unread)
    })
}

/// The Job's name. The schedule as it is now begins one run, however often it is looked at. Once its status says how many
/// transcripts count as read it is another version, and so is the name another: as many as now may come together again
/// while the Job is kept.
fn job_name(schedule: &DreamSchedule) -> String {
    let (uid, version) = (schedule.uid(), schedule.resource_version());
    let hash = short_hash(
        format!("{} {}", uid.unwrap_or_default(), version.unwrap_or_default()),
        8,
    );
    format!("{}-after-{hash}", schedule.name_any())
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

/// Whether a run of it has not ended.
pub(super) fn is_at_it(schedule: &DreamSchedule, context: &Context) -> bool {
    let name = schedule.name_any();
    let its = |job: &Job| {
        job.namespace() == schedule.namespace()
            && job.labels().get(SCHEDULE_LABEL) == Some(&name)
            && job_ended(job).is_none()
    };
    !context.cluster.jobs.state_filter(its).is_empty()
}
