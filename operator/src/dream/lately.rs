//! How schedules' dreams went lately. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use remanence_api::dream::Phase;
use remanence_api::names::SCHEDULE_LABEL;
use remanence_api::{Dream, DreamSchedule};

use super::select::selected;
use crate::cluster::Cluster;

/// How a schedule's dreams went lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lately {
    /// The schedule's namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// When its `CronJob` last began a run.
    pub last_run: Option<Timestamp>,
    /// When a run last went well; when the schedule was made, where none has.
    pub last_success: Option<Timestamp>,
    /// Stores of which the newest Dream came to nothing.
    pub failing: usize,
}

/// How the schedules fare that are not suspended.
pub fn lately(cluster: &Cluster) -> Vec<Lately> {
    let mut dreams: BTreeMap<(String, String), Vec<Arc<Dream>>> = BTreeMap::new();
    for dream in cluster.dreams.state() {
        if let Some(schedule) = dream.labels().get(SCHEDULE_LABEL).cloned() {
            let place = (dream.namespace().unwrap_or_default(), schedule);
            dreams.entry(place).or_default().push(dream);
        }
    }
    let schedules = cluster.schedules.state_filter(|schedule| !schedule.spec.suspend);
    let fares = schedules.iter().map(|schedule| {
        let place = (schedule.namespace().unwrap_or_default(), schedule.name_any());
        let its = dreams.get(&place).map(Vec::as_slice).unwrap_or_default();
        of(schedule, its, cluster)
    });
    fares.collect()
}

fn of(schedule: &DreamSchedule, dreams: &[Arc<Dream>], cluster: &Cluster) -> Lately {
    let (namespace, name) = (schedule.namespace().unwrap_or_default(), schedule.name_any());
    let place = ObjectRef::new(&name).within(&namespace);
    let runs = cluster.cron_jobs.get(&place).and_then(|job| job.status.clone());
    let runs = runs.unwrap_or_default();
    let mut success = runs.last_successful_time.map(|time| time.0);
    let mut newest: BTreeMap<&str, (Timestamp, Phase)> = BTreeMap::new();
    for dream in dreams {
        let Some(status) = &dream.status else { continue };
        let Some(started) = status.started.as_ref().map(|time| time.0) else {
            continue;
        };
        match status.phase {
            // It may still go either way.
            Phase::Pending | Phase::Running => continue,
            Phase::Failed | Phase::Canceled => {}
            // Runs that no clock began are not the CronJob's.
            _ => success = success.max(Some(started)),
        }
        let last = newest
            .entry(dream.spec.store_ref.name.as_str())
            .or_insert((started, status.phase));
        if started > last.0 {
            *last = (started, status.phase);
        }
    }
    let failed: BTreeSet<&str> = newest
        .into_iter()
        .filter(|(_, (_, phase))| *phase == Phase::Failed)
        .map(|(store, _)| store)
        .collect();
    Lately {
        last_run: runs.last_schedule_time.map(|time| time.0),
        last_success: success.or_else(|| schedule.creation_timestamp().map(|time| time.0)),
        failing: still_dreamt(&failed, schedule, cluster),
        namespace,
        name,
    }
}

/// How many of the stores it still dreams: of one that is gone nothing will ever go well.
fn still_dreamt(failed: &BTreeSet<&str>, schedule: &DreamSchedule, cluster: &Cluster) -> usize {
    if failed.is_empty() {
        return 0;
    }
    let stores = selected(cluster, schedule).unwrap_or_default();
    stores
        .iter()
        .filter(|store| failed.contains(store.name_any().as_str()))
        .count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use k8s_openapi::api::batch::v1::CronJob;
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures::{self, Night};

    fn at(day: u8) -> String {
        format!("2026-01-0{day}T03:00:00Z")
    }

    fn time(day: u8) -> Timestamp {
        at(day).parse().unwrap()
    }

    fn dream(store: &str, day: u8, phase: &str) -> Dream {
        let status = json!({"phase": phase, "started": at(day)});
        let spec = json!({"storeRef": {"name": store}});
        let mut dream = fixtures::dream("team-a", &format!("{store}-{day}"), spec, status);
        dream.metadata.labels = Some([(SCHEDULE_LABEL.to_owned(), "nightly".to_owned())].into());
        dream
    }

    fn told(spec: &Value, runs: &Value, dreams: &[Dream]) -> Vec<Lately> {
        let mut schedule = fixtures::schedule("team-a", "nightly", spec.clone());
        schedule.metadata.creation_timestamp = Some(serde_json::from_value(json!(at(1))).unwrap());
        let job: CronJob =
            serde_json::from_value(json!({"metadata": {"name": "nightly", "namespace": "team-a"}, "status": runs}))
                .unwrap();
        let night = Night {
            schedules: &[schedule],
            cron_jobs: &[job],
            dreams,
            ..Night::default()
        };
        let stores = ["project", "other"].map(|name| fixtures::store("team-a", name, json!({})));
        lately(&fixtures::dreaming(fixtures::cluster(&[], &stores, &[], &[]), &night))
    }

    #[test]
    fn a_run_that_went_well_is_told_whoever_began_it() {
        let every_night = json!({"schedule": "0 3 * * *"});
        for (runs, dreams, success) in [
            (json!({}), vec![], 1),
            (json!({"lastSuccessfulTime": at(3)}), vec![], 3),
            (
                json!({"lastSuccessfulTime": at(3)}),
                vec![dream("project", 4, "NoChange")],
                4,
            ),
            (
                json!({"lastSuccessfulTime": at(3)}),
                vec![dream("project", 4, "Failed"), dream("project", 2, "Applied")],
                3,
            ),
            (json!({}), vec![dream("project", 4, "Running")], 1),
        ] {
            let told = told(&every_night, &runs, &dreams);
            assert_eq!(told[0].last_success, Some(time(success)), "{runs} {}", dreams.len());
        }
        let begun = told(&every_night, &json!({"lastScheduleTime": at(5)}), &[]);
        assert_eq!(
            (begun[0].last_run, begun[0].last_success),
            (Some(time(5)), Some(time(1)))
        );
    }

    #[test]
    fn a_store_fails_as_long_as_its_newest_dream_did() {
        let every_night = json!({"schedule": "0 3 * * *"});
        for (dreams, failing) in [
            (vec![dream("project", 2, "Failed")], 1),
            (vec![dream("project", 2, "Failed"), dream("other", 2, "Failed")], 2),
            (vec![dream("project", 2, "Failed"), dream("project", 3, "NoChange")], 0),
            (vec![dream("project", 2, "Applied"), dream("project", 3, "Failed")], 1),
            // It is at it.
            (vec![dream("project", 2, "Failed"), dream("project", 3, "Running")], 1),
            (vec![dream("gone", 2, "Failed")], 0),
        ] {
            let told = told(&every_night, &json!({}), &dreams);
            assert_eq!(told[0].failing, failing, "{}", dreams.len());
        }
    }

    #[test]
    fn nothing_is_told_of_a_suspended_schedule() {
        let suspended = json!({"schedule": "0 3 * * *", "suspend": true});
        assert!(told(&suspended, &json!({}), &[dream("project", 2, "Failed")]).is_empty());
    }
}
