//! What is known of a dreamer's Job.

use k8s_openapi::api::batch::v1::Job;
use kube::ResourceExt;
use remanence_api::Dream;

use crate::short_hash::short_hash;

/// Names of Jobs take so many characters, so that their pods' may be longer.
const LONGEST: usize = 52;

/// The name of a Dream's Job: told from others by the object's uid, so that a Dream made again has another.
pub(super) fn name(dream: &Dream) -> String {
    let hash = short_hash(dream.uid().unwrap_or_default(), 6);
    let name = dream.name_any();
    // Names are ASCII.
    let short = name
        .get(..LONGEST.min(name.len()))
        .unwrap_or(&name)
        .trim_end_matches('-');
    format!("{short}-{hash}")
}

/// Why a Job ended; `None` where it did not.
pub(in crate::reconcile) fn ended(job: &Job) -> Option<String> {
    let conditions = job.status.as_ref()?.conditions.as_ref()?;
    let last = conditions
        .iter()
        .find(|c| matches!(c.type_.as_str(), "Complete" | "Failed") && c.status == "True")?;
    let told = [last.reason.as_deref(), last.message.as_deref()];
    let told: Vec<&str> = told.into_iter().flatten().filter(|text| !text.is_empty()).collect();
    Some(if told.is_empty() {
        last.type_.clone()
    } else {
        told.join(": ")
    })
}
