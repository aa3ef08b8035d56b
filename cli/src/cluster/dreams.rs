//! Dreams as objects: made, waited for, and decided on, with the caller's own rights.

use std::cmp::Reverse;
use std::time::{Duration, Instant};

use kube::api::{ListParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use remanence_api::conditions::{self, reasons, types};
use remanence_api::dream::{Dream, DreamSpec, DreamtStore, Phase, Verdict};
use remanence_api::dreaming::{Dreaming, Review};
use serde_json::json;

use super::namespace::said;
use super::{Content, Kind, Namespace};
use crate::exit::Failure;

/// How often a Dream that is waited for is looked at.
const LOOK: Duration = Duration::from_millis(300);
/// How long the operator may take to carry a decision out.
const DECIDED: Duration = Duration::from_mins(1);

/// The Dreams of a namespace.
pub(crate) struct Dreams {
    api: Api<Dream>,
    pub(super) namespace: Namespace,
}

/// What a Dream that is made by hand is to do.
pub(crate) struct Wanted {
    pub(crate) dry_run: bool,
    pub(crate) review: bool,
    pub(crate) instructions: String,
}

impl Dreams {
    pub(super) fn new(namespace: Namespace) -> Self {
        Self {
            api: Api::namespaced(namespace.client.clone(), namespace.name()),
            namespace,
        }
    }

    /// The store that a Dream is about.
    pub(super) fn store_of(&self, dream: &Dream) -> Content {
        self.namespace.content(&dream.spec.store_ref.name)
    }

    fn failed(&self, name: &str, why: &str) -> Failure {
        Failure::failed(format!("{}: {why}", self.namespace.object(Kind::Dream, name)))
    }

    /// All of them, the newest first.
    pub(crate) async fn list(&self) -> Result<Vec<Dream>, Failure> {
        let listed = self.api.list(&ListParams::default()).await;
        let failed = |error| Failure::failed(format!("Dreams can't be listed: {}", said(error)));
        let mut dreams = listed.map_err(failed)?.items;
        dreams.sort_by_key(|dream| Reverse(dream.creation_timestamp()));
        Ok(dreams.into_iter().map(shown).collect())
    }

    pub(crate) async fn get(&self, name: &str) -> Result<Dream, Failure> {
        let got = self.api.get(name).await;
        got.map(shown).map_err(|error| self.failed(name, &said(error)))
    }

    /// Makes one for the store, to run now.
    pub(crate) async fn make(&self, store: &str, wanted: Wanted) -> Result<Dream, Failure> {
        let dream = Dream {
            metadata: ObjectMeta {
                generate_name: Some(format!("{}-", short(store))),
                ..ObjectMeta::default()
            },
            spec: DreamSpec {
                store_ref: DreamtStore { name: store.to_owned() },
                dry_run: wanted.dry_run,
                decision: None,
                undo: None,
                cancel: false,
                dreaming: Dreaming {
                    review: if wanted.review {
                        Review::Manual
                    } else {
                        Review::Automatic
                    },
                    instructions: wanted.instructions,
                    ..Dreaming::default()
                },
            },
            status: None,
        };
        let made = self.api.create(&PostParams::default(), &dream).await;
        made.map(shown).map_err(|error| {
            let store = self.namespace.object(Kind::Store, store);
            Failure::failed(format!("{store}: {}", said(error)))
        })
    }

    /// Waits until it is over or waits itself; says at each look how far it is. One that can't begin is not waited for.
    pub(crate) async fn wait(&self, name: &str, seen: impl Fn(Phase)) -> Result<Dream, Failure> {
        loop {
            let dream = self.get(name).await?;
            let phase = phase(&dream);
            seen(phase);
            if phase.is_over() || phase == Phase::Proposed {
                return Ok(dream);
            }
            if let Some(why) = in_the_way(&dream) {
                let why = format!("can't begin: {why}; it waits, until that is otherwise or the Dream is deleted");
                return Err(self.failed(name, &why));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Decides on what a Dream proposed when it was looked at, and waits until that is carried out.
    pub(crate) async fn decide(&self, seen: &Dream, verdict: Verdict) -> Result<Dream, Failure> {
        let name = &seen.name_any();
        let digest = seen.status.as_ref().and_then(|status| status.proposal_digest.as_ref());
        let Some(digest) = digest else {
            return Err(self.failed(name, &format!("proposes nothing; it is {:?}", phase(seen))));
        };
        let decision = json!({"verdict": verdict, "proposalDigest": digest});
        let wanted = match verdict {
            Verdict::Approve => Phase::Applied,
            Verdict::Reject => Phase::Rejected,
        };
        self.ask(name, &json!({"spec": {"decision": decision}}), wanted).await
    }

    /// Takes an applied Dream back, and waits until that is done.
    pub(crate) async fn undo(&self, name: &str) -> Result<Dream, Failure> {
        self.ask(name, &json!({"spec": {"undo": {}}}), Phase::Undone).await
    }

    async fn ask(&self, name: &str, patch: &serde_json::Value, wanted: Phase) -> Result<Dream, Failure> {
        let patched = self
            .api
            .patch(name, &PatchParams::default(), &Patch::Merge(patch))
            .await;
        let generation = patched
            .map_err(|error| self.failed(name, &said(error)))?
            .metadata
            .generation;
        let deadline = Instant::now() + DECIDED;
        loop {
            let dream = self.get(name).await?;
            match came_to(&dream, wanted, generation) {
                Some(Ok(())) => return Ok(dream),
                Some(Err(why)) => return Err(self.failed(name, &why)),
                None => {}
            }
            if Instant::now() > deadline {
                let within = DECIDED.as_secs();
                let why = format!(
                    "was asked for, but not carried out within {within} s; `kubectl describe dream {name}` shows how far it is"
                );
                return Err(self.failed(name, &why));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// How a Dream is called in what is typed.
    pub(crate) fn typed(dream: &Dream) -> String {
        format!("dream/{}", dream.name_any())
    }
}

/// What it came to that a Dream was to be `wanted`, asked for with that generation; `None` while that is open.
fn came_to(dream: &Dream, wanted: Phase, generation: Option<i64>) -> Option<Result<(), String>> {
    let now = phase(dream);
    if now == wanted {
        return Some(Ok(()));
    }
    let status = dream.status.as_ref();
    let decided = status.and_then(|status| conditions::find(&status.conditions, types::DECIDED));
    if let Some(refused) = decided.filter(|c| c.status == "False" && c.observed_generation >= generation) {
        return Some(Err(refused.message.clone()));
    }
    let may_become = if wanted == Phase::Undone {
        now == Phase::Applied
    } else {
        !now.is_over()
    };
    (!may_become).then(|| Err(format!("is {now:?}, so it does not become {wanted:?}")))
}

/// Why nothing comes of a Dream before somebody mends that.
fn in_the_way(dream: &Dream) -> Option<&str> {
    let status = dream.status.as_ref()?;
    let ready = conditions::find(&status.conditions, types::READY)?;
    let for_somebody = [reasons::STORE_NOT_FOUND, reasons::NOT_A_MEMORY, reasons::ARCHIVED];
    let waits = status.phase == Phase::Pending && for_somebody.contains(&ready.reason.as_str());
    waits.then_some(ready.message.as_str())
}

pub(crate) fn phase(dream: &Dream) -> Phase {
    dream.status.as_ref().map(|status| status.phase).unwrap_or_default()
}

/// As people see it: `kubectl get -o json` leaves that out, too.
fn shown(mut dream: Dream) -> Dream {
    dream.metadata.managed_fields = None;
    dream
}

/// So short that a made name is one of a Dream.
fn short(store: &str) -> &str {
    store.get(..57).unwrap_or(store)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn dream(phase: &str, decided: Option<(&str, i64)>) -> Dream {
        let conditions = decided.map(|(status, generation)| {
            json!({
                "type": "Decided", "status": status, "reason": "NotCarriedOut", "message": "dream again",
                "observedGeneration": generation, "lastTransitionTime": "2026-06-01T12:00:00Z",
            })
        });
        let conditions: Vec<_> = conditions.into_iter().collect();
        serde_json::from_value(json!({
            "apiVersion": "remanence.dev/v1alpha1", "kind": "Dream", "metadata": {"name": "d"},
            "spec": {"storeRef": {"name": "project"}},
            "status": {"phase": phase, "conditions": conditions},
        }))
        .unwrap()
    }

    #[test]
    fn a_dream_that_can_not_begin_is_not_waited_for() {
        for (phase, reason, can_not) in [
            ("Pending", "StoreNotFound", true),
            ("Pending", "NotAMemory", true),
            ("Pending", "Archived", true),
            ("Pending", "WaitingForPod", false),
            ("Pending", "StoreNotReady", false),
            ("Running", "Archived", false),
        ] {
            let mut dream = dream(phase, Some(("False", 1)));
            let ready = &mut dream.status.as_mut().unwrap().conditions[0];
            (ready.type_, ready.reason) = ("Ready".to_owned(), reason.to_owned());
            let expected = can_not.then_some("dream again");
            assert_eq!(in_the_way(&dream), expected, "{phase} {reason}");
        }
        assert_eq!(in_the_way(&dream("Pending", None)), None);
    }

    #[test]
    fn only_what_was_asked_for_is_well() {
        let refused = Some(Err("dream again".to_owned()));
        for (phase, decided, wanted, is) in [
            ("Applied", Some(("True", 2)), Phase::Applied, Some(Ok(()))),
            ("Rejected", None, Phase::Rejected, Some(Ok(()))),
            ("Superseded", Some(("False", 2)), Phase::Applied, refused.clone()),
            ("Rejected", Some(("False", 2)), Phase::Applied, refused.clone()),
            ("Proposed", Some(("False", 2)), Phase::Applied, refused),
            // Of a decision before this one.
            ("Proposed", Some(("False", 1)), Phase::Rejected, None),
            ("Proposed", None, Phase::Applied, None),
            ("Applied", Some(("True", 1)), Phase::Undone, None),
        ] {
            assert_eq!(
                came_to(&dream(phase, decided), wanted, Some(2)),
                is,
                "{phase} {decided:?}"
            );
        }
        let over = came_to(&dream("Superseded", None), Phase::Applied, Some(2));
        assert!(over.unwrap().unwrap_err().contains("is Superseded"));
    }
}
