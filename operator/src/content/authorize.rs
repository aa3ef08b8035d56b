//! Whether a caller may: asked of the apiserver in their name, and remembered shortly, since one command makes many
//! requests.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec};
use kube::api::PostParams;
use kube::{Api, Client};
use parking_lot::Mutex;

use super::{Caller, GROUP, VERSION};

/// How long an answer is taken from memory.
const FRESH: Duration = Duration::from_secs(5);
/// Answers kept, at most.
const KEPT: usize = 4096;

/// What is done with a store's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Reading, history included.
    Get,
    /// Committing.
    Update,
    /// Destroying bytes of the history.
    Delete,
}

impl Verb {
    /// As in RBAC.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// Says what callers may.
#[async_trait]
pub trait Authorize: Send + Sync + 'static {
    /// Whether the caller may; an error where nobody can say.
    async fn may(&self, caller: &Caller, verb: Verb, namespace: &str, store: &str) -> Result<bool, String>;
}

/// Asks by `SubjectAccessReview`.
pub struct AccessReviews {
    client: Client,
    known: Mutex<HashMap<Question, (Instant, bool)>>,
}

type Question = (Caller, Verb, String, String);

impl AccessReviews {
    /// Asks by `client`, which needs the right to create `subjectaccessreviews`.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            known: Mutex::default(),
        }
    }

    fn remembered(&self, question: &Question) -> Option<bool> {
        let known = self.known.lock();
        let (when, may) = known.get(question)?;
        (when.elapsed() < FRESH).then_some(*may)
    }

    fn remember(&self, question: Question, may: bool) {
        let mut known = self.known.lock();
        if known.len() >= KEPT {
            known.retain(|_, (when, _)| when.elapsed() < FRESH);
        }
        if known.len() < KEPT {
            known.insert(question, (Instant::now(), may));
        }
    }
}

#[async_trait]
impl Authorize for AccessReviews {
    async fn may(&self, caller: &Caller, verb: Verb, namespace: &str, store: &str) -> Result<bool, String> {
        let question = (caller.clone(), verb, namespace.to_owned(), store.to_owned());
        if let Some(may) = self.remembered(&question) {
            return Ok(may);
        }
        let extra = caller.extra.iter().map(|(key, values)| (key.clone(), values.clone()));
        let review = SubjectAccessReview {
            spec: SubjectAccessReviewSpec {
                user: Some(caller.name.clone()),
                uid: caller.uid.clone(),
                groups: Some(caller.groups.clone()),
                extra: Some(extra.collect()),
                resource_attributes: Some(ResourceAttributes {
                    group: Some(GROUP.to_owned()),
                    version: Some(VERSION.to_owned()),
                    resource: Some("memorystores".to_owned()),
                    subresource: Some("content".to_owned()),
                    namespace: Some(namespace.to_owned()),
                    name: Some(store.to_owned()),
                    verb: Some(verb.word().to_owned()),
                    ..ResourceAttributes::default()
                }),
                ..SubjectAccessReviewSpec::default()
            },
            ..SubjectAccessReview::default()
        };
        let api: Api<SubjectAccessReview> = Api::all(self.client.clone());
        let answer = api.create(&PostParams::default(), &review).await;
        let status = answer.map_err(|error| error.to_string())?.status.unwrap_or_default();
        let may = status.allowed && status.denied != Some(true);
        self.remember(question, may);
        Ok(may)
    }
}
