//! Applies the `CronJob` where it differs, and before it what its pods may connect to. One of that name that is somebody
//! else's is left alone.

use k8s_openapi::api::batch::v1::CronJob;
use kube::ResourceExt;
use kube::api::{Patch, PatchParams};
use kube::runtime::reflector::ObjectRef;
use remanence_api::DreamSchedule;
use remanence_api::conditions::{Verdict, reasons};
use remanence_api::names::{BUILT_ANNOTATION, FIELD_MANAGER, SCHEDULE_LABEL};

use super::build;
use crate::dream::network_policy;
use crate::reconcile::{Context, ReconcileError, confine};

/// Applies it; says how it stands.
pub(super) async fn run(schedule: &DreamSchedule, stores: usize, context: &Context) -> Result<Verdict, ReconcileError> {
    let (namespace, name) = (schedule.namespace().unwrap_or_default(), schedule.name_any());
    let wanted = build::cron_job(schedule, &context.dreams);
    let api = context.api::<CronJob>(&namespace);
    let known = context.cluster.cron_jobs.get(&ObjectRef::new(&name).within(&namespace));
    let found = match known {
        Some(found) => Some((*found).clone()),
        // One without our label is not known here.
        None => api
            .get_opt(&name)
            .await
            .map_err(ReconcileError::api(format!("the CronJob {name}")))?,
    };
    if found.as_ref().is_some_and(|found| !is_its(found, schedule)) {
        let message =
            format!("a CronJob {name} is there already and not this schedule's; delete it or rename one of them");
        return Ok(Verdict::not_ready(reasons::JOB_TAKEN, message));
    }
    let label = (SCHEDULE_LABEL, name.as_str());
    let policy = network_policy(
        schedule,
        label,
        &schedule.spec.dreaming,
        &context.cluster,
        &context.dreams,
    );
    if let Err(error) = confine::run(&namespace, label, policy.as_ref(), context).await {
        return error.refused(reasons::JOB_REFUSED, "its NetworkPolicy");
    }
    let built = wanted["metadata"]["annotations"][BUILT_ANNOTATION].as_str();
    let is_done = found.is_some_and(|found| found.annotations().get(BUILT_ANNOTATION).map(String::as_str) == built);
    if !is_done {
        let params = PatchParams::apply(FIELD_MANAGER).force();
        let applied = api.patch(&name, &params, &Patch::Apply(&wanted)).await;
        if let Err(error) = applied.map_err(ReconcileError::api(format!("the CronJob {name}"))) {
            return error.refused(reasons::JOB_REFUSED, "its CronJob");
        }
    }
    Ok(Verdict::ready(match (schedule.spec.suspend, stores) {
        (true, _) => "suspended: no run begins".to_owned(),
        (false, 0) => "there is no store to dream yet".to_owned(),
        (false, stores) => format!("dreams {stores} {}", if stores == 1 { "store" } else { "stores" }),
    }))
}

fn is_its(found: &CronJob, schedule: &DreamSchedule) -> bool {
    let uid = schedule.uid().unwrap_or_default();
    found
        .owner_references()
        .iter()
        .any(|owner| owner.controller == Some(true) && owner.uid == uid)
}
