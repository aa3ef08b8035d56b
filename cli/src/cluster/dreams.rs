//! Dreams as objects: made, waited for, and decided on, with the caller's own rights.

use std::time::{Duration, Instant};

use kube::api::{ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use remanence_api::conditions::{self, types};
use remanence_api::dream::{Dream, DreamSpec, DreamtStore, Phase, Verdict};
use remanence_api::dreaming::{Dreaming, Review};
use serde_json::json;

use super::access::access;
use super::{Kind, ObjectUrl};
use crate::exit::Failure;

/// How often a Dream that is waited for is looked at.
const LOOK: Duration = Duration::from_millis(300);
/// How long the operator may take to carry a decision out.
const DECIDED: Duration = Duration::from_mins(1);

/// The Dreams of a namespace.
pub(crate) struct Dreams {
    api: Api<Dream>,
    /// For messages.
    url: String,
    /// As which objects of the namespace are named.
    about: ObjectUrl,
}

/// What a Dream that is made by hand is to do.
pub(crate) struct Wanted {
    pub(crate) dry_run: bool,
    pub(crate) review: bool,
    pub(crate) instructions: String,
}

impl Dreams {
    pub(crate) async fn of(url: &ObjectUrl) -> Result<Self, Failure> {
        let (client, namespace) = access(url).await?;
        Ok(Self {
            api: Api::namespaced(client, &namespace),
            url: url.to_string(),
            about: ObjectUrl {
                namespace: Some(namespace),
                ..url.clone()
            },
        })
    }

    /// The store that a Dream is about.
    pub(crate) fn store_of(&self, dream: &Dream) -> ObjectUrl {
        ObjectUrl {
            kind: Kind::Store,
            name: dream.spec.store_ref.name.clone(),
            ..self.about.clone()
        }
    }

    fn failed(&self, error: kube::Error) -> Failure {
        let why = match error {
            kube::Error::Api(status) => status.message,
            error => error.to_string(),
        };
        Failure::failed(format!("{}: {why}", self.url))
    }

    pub(crate) async fn get(&self, name: &str) -> Result<Dream, Failure> {
        self.api.get(name).await.map_err(|error| self.failed(error))
    }

    /// Makes one for the store, to run now.
    pub(crate) async fn make(&self, wanted: Wanted) -> Result<Dream, Failure> {
        let store = self.about.name.clone();
        let dream = Dream {
            metadata: ObjectMeta {
                generate_name: Some(format!("{}-", short(&store))),
                ..ObjectMeta::default()
            },
            spec: DreamSpec {
                store_ref: DreamtStore { name: store },
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
        made.map_err(|error| self.failed(error))
    }

    /// Waits until it is over or waits itself; says at each look how far it is.
    pub(crate) async fn wait(&self, name: &str, seen: impl Fn(Phase)) -> Result<Dream, Failure> {
        loop {
            let dream = self.get(name).await?;
            let phase = phase(&dream);
            seen(phase);
            if phase.is_over() || phase == Phase::Proposed {
                return Ok(dream);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Decides on what a Dream proposes, and waits until that is carried out.
    pub(crate) async fn decide(&self, name: &str, verdict: Verdict) -> Result<Dream, Failure> {
        let dream = self.get(name).await?;
        let digest = dream.status.as_ref().and_then(|status| status.proposal_digest.clone());
        let Some(digest) = digest else {
            return Err(Failure::failed(format!(
                "{}: proposes nothing; it is {:?}",
                self.url,
                phase(&dream)
            )));
        };
        let decision = json!({"verdict": verdict, "proposalDigest": digest});
        self.ask(name, &json!({"spec": {"decision": decision}}), |dream| {
            matches!(phase(dream), Phase::Applied | Phase::Rejected | Phase::Superseded)
        })
        .await
    }

    /// Takes an applied Dream back, and waits until that is done.
    pub(crate) async fn undo(&self, name: &str) -> Result<Dream, Failure> {
        self.ask(name, &json!({"spec": {"undo": {}}}), |dream| {
            phase(dream) == Phase::Undone
        })
        .await
    }

    async fn ask(
        &self,
        name: &str,
        patch: &serde_json::Value,
        is_done: impl Fn(&Dream) -> bool,
    ) -> Result<Dream, Failure> {
        let patched = self
            .api
            .patch(name, &PatchParams::default(), &Patch::Merge(patch))
            .await;
        let generation = patched.map_err(|error| self.failed(error))?.metadata.generation;
        let deadline = Instant::now() + DECIDED;
        loop {
            let dream = self.get(name).await?;
            if is_done(&dream) {
                return Ok(dream);
            }
            let status = dream.status.clone().unwrap_or_default();
            let decided = conditions::find(&status.conditions, types::DECIDED);
            let refused = decided.filter(|c| c.status == "False" && c.observed_generation >= generation);
            if let Some(refused) = refused {
                return Err(Failure::failed(format!("{}: {}", self.url, refused.message)));
            }
            if Instant::now() > deadline {
                return Err(Failure::failed(format!(
                    "{}: is asked for, but not carried out within {} s; `kubectl describe dream {name}` says how it goes on",
                    self.url,
                    DECIDED.as_secs()
                )));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// How a Dream is called in what is typed.
    pub(crate) fn typed(dream: &Dream) -> String {
        format!("dream/{}", dream.name_any())
    }
}

pub(crate) fn phase(dream: &Dream) -> Phase {
    dream.status.as_ref().map(|status| status.phase).unwrap_or_default()
}

/// So short that a made name is one of a Dream.
fn short(store: &str) -> &str {
    store.get(..57).unwrap_or(store)
}
