//! What is to be done with a Dream. Pure.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use remanence_api::Dream;
use remanence_api::dream::{Decision, Phase};
use remanence_api::names::{DREAM_LABEL, SCHEDULE_LABEL};

use super::job;
use crate::cluster::{Cluster, has_ended};
use crate::reconcile::held_up;

/// What is to be done with a Dream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It goes on by itself, or is over.
    Nothing,
    /// It was made by hand and has not begun.
    Start,
    /// Its pod is about to begin.
    Wait,
    /// Its pod can't start; why.
    HeldUp(String),
    /// It is to be stopped, with that Job.
    Cancel(String),
    /// Its proposal is to be decided on no more.
    Withdraw,
    /// Its pod is gone and has not said what became of it; why.
    Lost(String),
    /// A newer Dream took its place.
    Supersede(String),
    /// It came with a decision, which may be one that its store knows.
    Recall(Decision),
    /// Its proposal was decided on.
    Decide(Decision),
    /// It is to be taken back, by somebody.
    Undo(String),
}

pub(super) fn next(dream: &Dream, cluster: &Cluster, now: &Time) -> Step {
    let phase = dream.status.as_ref().map(|status| status.phase).unwrap_or_default();
    match phase {
        Phase::Pending | Phase::Running => unfinished(dream, phase, cluster, now),
        Phase::Proposed if dream.spec.cancel => Step::Withdraw,
        Phase::Proposed => {
            if let Some(newer) = newer(dream, cluster) {
                return Step::Supersede(newer);
            }
            dream.spec.decision.clone().map_or(Step::Nothing, Step::Decide)
        }
        Phase::Applied => match &dream.spec.undo {
            Some(undo) => Step::Undo(undo.by.clone().unwrap_or_default()),
            None => Step::Nothing,
        },
        _ => Step::Nothing,
    }
}

fn unfinished(dream: &Dream, phase: Phase, cluster: &Cluster, now: &Time) -> Step {
    let by_hand = !dream.labels().contains_key(SCHEDULE_LABEL);
    if phase == Phase::Pending {
        if let Some(decision) = &dream.spec.decision {
            return Step::Recall(decision.clone());
        }
        if !by_hand {
            // Its run is about to say more.
            return Step::Nothing;
        }
    }
    let namespace = dream.namespace().unwrap_or_default();
    let pod = dream.status.as_ref().and_then(|status| status.pod.clone());
    let pod = pod.map(|name| (cluster.dreamers.get(&ObjectRef::new(&name).within(&namespace)), name));
    if dream.spec.cancel {
        let run = pod
            .as_ref()
            .and_then(|(pod, _)| pod.as_ref()?.owner_references().first().map(|job| job.name.clone()));
        return Step::Cancel(run.filter(|_| !by_hand).unwrap_or_else(|| job::name(dream)));
    }
    if by_hand {
        // Another pod may take the place of one that a node took away: the Job says when it is over.
        let found = cluster.jobs.get(&ObjectRef::new(&job::name(dream)).within(&namespace));
        return match (found.as_deref().map(job::ended), phase) {
            (Some(Some(why)), _) => Step::Lost(format!("its Job ended before it said what became of it ({why})")),
            (None, Phase::Running) => Step::Lost("its Job was deleted before it said what became of it".to_owned()),
            (None, _) => Step::Start,
            (Some(None), Phase::Pending) if dream.status.is_none() => Step::Start,
            (Some(None), Phase::Pending) => {
                let why = held_up::why(&namespace, (DREAM_LABEL, &dream.name_any()), cluster, now);
                why.map_or(Step::Wait, Step::HeldUp)
            }
            (Some(None), _) => Step::Nothing,
        };
    }
    match pod {
        Some((Some(pod), _)) if !has_ended(&pod) => Step::Nothing,
        Some((_, name)) => Step::Lost(format!("its pod {name} ended before it said what became of it")),
        None => Step::Nothing,
    }
}

/// A Dream of the same store that was applied or proposed later.
fn newer(dream: &Dream, cluster: &Cluster) -> Option<String> {
    let since = |dream: &Dream| dream.status.as_ref().and_then(|status| status.started.clone());
    let own = since(dream)?;
    let takes_place = |other: &Dream| {
        let phase = other.status.as_ref().map(|status| status.phase);
        other.namespace() == dream.namespace()
            && other.spec.store_ref == dream.spec.store_ref
            && other.name_any() != dream.name_any()
            && matches!(phase, Some(Phase::Proposed | Phase::Applied))
            && since(other).is_some_and(|other| other > own)
    };
    cluster
        .dreams
        .state_filter(takes_place)
        .first()
        .map(|other| other.name_any())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]
    use k8s_openapi::api::batch::v1::Job;
    use k8s_openapi::api::core::v1::Pod;
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures::{self, Night};

    fn digest() -> String {
        format!("sha256:{}", "a".repeat(64))
    }

    fn dream(more: Value, status: Value) -> Dream {
        let mut spec = json!({"storeRef": {"name": "project"}});
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fixtures::dream("team-a", "d", spec, status)
    }

    fn scheduled(mut dream: Dream) -> Dream {
        dream.metadata.labels = Some([(SCHEDULE_LABEL.to_owned(), "nightly".to_owned())].into());
        dream
    }

    fn job(dream: &Dream, ended: bool) -> Job {
        let conditions = if ended {
            json!([{"type": "Failed", "status": "True", "reason": "DeadlineExceeded"}])
        } else {
            json!([])
        };
        serde_json::from_value(json!({
            "metadata": {"name": job::name(dream), "namespace": "team-a"}, "status": {"conditions": conditions},
        }))
        .unwrap()
    }

    fn pod(phase: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": {"name": "p", "namespace": "team-a", "ownerReferences": [
                {"apiVersion": "batch/v1", "kind": "Job", "name": "nightly-1", "uid": "u", "controller": true}]},
            "status": {"phase": phase},
        }))
        .unwrap()
    }

    fn step(dream: &Dream, others: &[Dream], jobs: &[Job], pods: &[Pod]) -> Step {
        let night = Night {
            dreams: others,
            jobs,
            dreamers: pods,
            ..Night::default()
        };
        next(
            dream,
            &fixtures::dreaming(fixtures::cluster(&[], &[], &[], &[]), &night),
            &Time("2026-01-01T00:00:00Z".parse().unwrap()),
        )
    }

    #[test]
    fn a_dream_made_by_hand_begins_once_and_is_followed_to_its_end() {
        let new = dream(json!({}), Value::Null);
        let waiting = dream(json!({}), json!({"phase": "Pending"}));
        let running = dream(json!({}), json!({"phase": "Running", "pod": "p"}));
        assert_eq!(step(&new, &[], &[], &[]), Step::Start);
        assert_eq!(step(&waiting, &[], &[job(&waiting, false)], &[]), Step::Wait);
        assert_eq!(
            step(&running, &[], &[job(&running, false)], &[pod("Failed")]),
            Step::Nothing
        );
        for (dream, jobs, said) in [
            (&waiting, vec![job(&waiting, true)], "DeadlineExceeded"),
            (&running, vec![job(&running, true)], "DeadlineExceeded"),
            (&running, vec![], "deleted"),
        ] {
            let Step::Lost(why) = step(dream, &[], &jobs, &[]) else {
                panic!("{said}")
            };
            assert!(why.contains(said), "{why}");
        }
    }

    #[test]
    fn a_dream_whose_pod_can_not_start_says_why() {
        let waiting = dream(json!({}), json!({"phase": "Pending"}));
        let held = |reason: &str| {
            let mut pod = pod("Pending");
            pod.metadata.labels = Some([(DREAM_LABEL.to_owned(), "d".to_owned())].into());
            let container = json!({
                "name": "dreamer", "ready": false, "restartCount": 0, "image": "i", "imageID": "i",
                "state": {"waiting": {"reason": reason, "message": "secret \"keys\" not found"}},
            });
            pod.status.as_mut().unwrap().container_statuses = Some(vec![serde_json::from_value(container).unwrap()]);
            step(&waiting, &[], &[job(&waiting, false)], &[pod])
        };
        assert_eq!(
            held("CreateContainerConfigError"),
            Step::HeldUp("its pod p can't start: CreateContainerConfigError: secret \"keys\" not found".to_owned())
        );
        assert_eq!(held("ContainerCreating"), Step::Wait);
    }

    #[test]
    fn a_dream_of_a_schedule_starts_nothing_and_is_lost_with_its_pod() {
        assert_eq!(
            step(&scheduled(dream(json!({}), Value::Null)), &[], &[], &[]),
            Step::Nothing
        );
        let running = scheduled(dream(json!({}), json!({"phase": "Running", "pod": "p"})));
        assert_eq!(step(&running, &[], &[], &[pod("Running")]), Step::Nothing);
        for pods in [vec![pod("Failed")], vec![pod("Succeeded")], vec![]] {
            assert!(matches!(step(&running, &[], &[], &pods), Step::Lost(_)));
        }
    }

    #[test]
    fn cancel_stops_the_run_and_touches_nothing_that_is_over() {
        let cancel = || json!({"cancel": true});
        let by_hand = dream(cancel(), json!({"phase": "Running", "pod": "p"}));
        assert_eq!(
            step(&by_hand, &[], &[], &[pod("Running")]),
            Step::Cancel(job::name(&by_hand))
        );
        let of_schedule = scheduled(dream(cancel(), json!({"phase": "Running", "pod": "p"})));
        assert_eq!(
            step(&of_schedule, &[], &[], &[pod("Running")]),
            Step::Cancel("nightly-1".to_owned())
        );
        let approved = json!({
            "cancel": true, "decision": {"verdict": "Approve", "proposalDigest": digest(), "by": "ann"},
        });
        for (spec, phase, next) in [
            (cancel(), "Proposed", Step::Withdraw),
            (approved.clone(), "Proposed", Step::Withdraw),
            (approved, "Canceled", Step::Nothing),
        ] {
            assert_eq!(
                step(&dream(spec, json!({"phase": phase})), &[], &[], &[]),
                next,
                "{phase}"
            );
        }
        for phase in ["Applied", "NoChange", "Rejected", "Failed", "Canceled"] {
            assert_eq!(
                step(&dream(cancel(), json!({"phase": phase})), &[], &[], &[]),
                Step::Nothing,
                "{phase}"
            );
        }
    }

    #[test]
    fn a_decision_is_carried_out_on_a_proposal_and_nowhere_else() {
        let decided = json!({"decision": {"verdict": "Approve", "proposalDigest": digest(), "by": "ann"}});
        for (phase, carried_out) in [
            ("Proposed", true),
            ("Applied", false),
            ("Rejected", false),
            ("NoChange", false),
        ] {
            let step = step(&dream(decided.clone(), json!({"phase": phase})), &[], &[], &[]);
            assert_eq!(matches!(step, Step::Decide(_)), carried_out, "{phase}");
        }
        // Made with its decision: nothing runs.
        let again = dream(decided, Value::Null);
        assert!(matches!(step(&again, &[], &[], &[]), Step::Recall(_)));
    }

    #[test]
    fn undo_takes_back_what_was_applied_and_nothing_else() {
        let undone = json!({"undo": {"by": "ann"}});
        for phase in ["Pending", "Proposed", "NoChange", "Rejected", "Undone", "Failed"] {
            let dream = dream(
                undone.clone(),
                json!({"phase": phase, "started": "2026-01-01T00:00:00Z"}),
            );
            assert!(!matches!(step(&dream, &[], &[], &[]), Step::Undo(_)), "{phase}");
        }
        let applied = dream(undone, json!({"phase": "Applied"}));
        assert_eq!(step(&applied, &[], &[], &[]), Step::Undo("ann".to_owned()));
    }

    #[test]
    fn a_newer_dream_of_the_same_store_takes_the_place_of_a_proposal() {
        let at = |day: u8, phase: &str| json!({"phase": phase, "started": format!("2026-01-0{day}T00:00:00Z")});
        let waiting = dream(json!({}), at(2, "Proposed"));
        for (phase, day, store, superseded) in [
            ("Proposed", 3, "project", true),
            ("Applied", 3, "project", true),
            ("NoChange", 3, "project", false),
            ("Proposed", 1, "project", false),
            ("Proposed", 3, "other", false),
        ] {
            let other = fixtures::dream("team-a", "e", json!({"storeRef": {"name": store}}), at(day, phase));
            let found = step(&waiting, &[waiting.clone(), other], &[], &[]);
            assert_eq!(
                found == Step::Supersede("e".to_owned()),
                superseded,
                "{phase} {day} {store}"
            );
        }
    }
}
