//! Keeps the certificates' Secret, what is served, and what the apiserver trusts of the webhook in step.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::ByteString;
use k8s_openapi::api::admissionregistration::v1::MutatingWebhookConfiguration;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::api::{ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Api, Client};
use remanence_api::names::{MANAGED_BY, MANAGER};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{Bundle, IssueError, Served, next};

/// How often it is looked whether another replica renewed, or a renewal is due.
const LOOK: Duration = Duration::from_mins(1);
/// Attempts against other replicas who renew at once.
const TRIES: usize = 10;

/// Why the certificates can't be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The apiserver.
    #[error("{what}: {source}")]
    Api {
        /// What was asked.
        what: String,
        /// The answer.
        source: Box<kube::Error>,
    },
    /// Issuing.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// What was issued can't be served.
    #[error("{0}")]
    Unusable(String),
    /// Others were quicker each time.
    #[error("the Secret {0} changes too often to be renewed")]
    Contended(String),
}

/// Keeps certificates.
pub struct Keeper {
    /// The apiserver.
    pub client: Client,
    /// The operator's namespace.
    pub namespace: String,
    /// The Secret.
    pub secret: String,
    /// The webhook's configuration.
    pub webhook: String,
    /// The content API's `APIService`, where there is one.
    pub content_api: Option<String>,
    /// The names that are served.
    pub names: Vec<String>,
    /// Where it is served.
    pub served: Served,
}

impl Keeper {
    /// Looks once.
    ///
    /// # Errors
    /// When something can't be read or written; what is served stays as it was.
    pub async fn look(&self) -> Result<(), KeepError> {
        let bundle = self.newest().await?;
        // First trusted, then served: or the apiserver meets a certificate it does not know.
        self.publish(&bundle).await?;
        if let Some(name) = &self.content_api {
            // Pods must not wait for what people look into stores by.
            if let Err(error) = self.publish_content(name, &bundle).await {
                tracing::warn!(%error, "the apiserver does not know the content API's certificate yet");
            }
        }
        self.served.set(&bundle).map_err(KeepError::Unusable)
    }

    /// Looks until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "the certificates can't be looked after now");
            }
        }
    }

    async fn newest(&self) -> Result<Bundle, KeepError> {
        let api: Api<Secret> = Api::namespaced(self.client.clone(), &self.namespace);
        let failed = |source: kube::Error| KeepError::Api {
            what: format!("the Secret {}/{}", self.namespace, self.secret),
            source: Box::new(source),
        };
        for _ in 0..TRIES {
            let found = api.get_opt(&self.secret).await.map_err(failed)?;
            let bundle = found.as_ref().and_then(read);
            let Some(followed) = next(bundle.as_ref(), &self.names, Timestamp::now())? else {
                if let Some(bundle) = bundle {
                    return Ok(bundle);
                }
                continue;
            };
            tracing::info!(secret = self.secret, "certificates are issued");
            let written = match found {
                None => api.create(&PostParams::default(), &self.secret(&followed, None)).await,
                Some(old) => {
                    let secret = self.secret(&followed, old.metadata.resource_version);
                    api.replace(&self.secret, &PostParams::default(), &secret).await
                }
            };
            match written {
                Ok(_) => return Ok(followed),
                // Another replica was quicker.
                Err(kube::Error::Api(status)) if status.code == 409 => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Err(KeepError::Contended(self.secret.clone()))
    }

    fn secret(&self, bundle: &Bundle, version: Option<String>) -> Secret {
        let data = bundle.write().into_iter().map(|(key, bytes)| (key, ByteString(bytes)));
        Secret {
            metadata: ObjectMeta {
                name: Some(self.secret.clone()),
                resource_version: version,
                labels: Some(BTreeMap::from([(MANAGED_BY.to_owned(), MANAGER.to_owned())])),
                ..ObjectMeta::default()
            },
            data: Some(data.collect()),
            ..Secret::default()
        }
    }

    /// Tells the apiserver what to trust of the content API, unless it knows.
    async fn publish_content(&self, name: &str, bundle: &Bundle) -> Result<(), KeepError> {
        let api: Api<APIService> = Api::all(self.client.clone());
        let failed = |source: kube::Error| KeepError::Api {
            what: format!("the APIService {name}"),
            source: Box::new(source),
        };
        let trusted = ByteString(bundle.trusted().into_bytes());
        let found = api.get(name).await.map_err(failed)?;
        if found.spec.is_some_and(|spec| spec.ca_bundle.as_ref() == Some(&trusted)) {
            return Ok(());
        }
        let patch = Patch::Merge(json!({"spec": {"caBundle": trusted}}));
        api.patch(name, &PatchParams::default(), &patch).await.map_err(failed)?;
        Ok(())
    }

    /// Tells the apiserver what to trust of the webhook, unless it knows.
    async fn publish(&self, bundle: &Bundle) -> Result<(), KeepError> {
        let api: Api<MutatingWebhookConfiguration> = Api::all(self.client.clone());
        let failed = |source: kube::Error| KeepError::Api {
            what: format!("the MutatingWebhookConfiguration {}", self.webhook),
            source: Box::new(source),
        };
        let trusted = ByteString(bundle.trusted().into_bytes());
        let found = api.get(&self.webhook).await.map_err(failed)?;
        let webhooks = found.webhooks.unwrap_or_default();
        if webhooks
            .iter()
            .all(|hook| hook.client_config.ca_bundle.as_ref() == Some(&trusted))
        {
            return Ok(());
        }
        let hooks: Vec<_> = webhooks
            .iter()
            .map(|hook| json!({"name": hook.name, "clientConfig": {"caBundle": trusted}}))
            .collect();
        let patch = Patch::Strategic(json!({"webhooks": hooks}));
        api.patch(&self.webhook, &PatchParams::default(), &patch)
            .await
            .map_err(failed)?;
        Ok(())
    }
}

fn read(secret: &Secret) -> Option<Bundle> {
    let data = secret.data.as_ref()?;
    Bundle::read(&data.iter().map(|(key, bytes)| (key.clone(), bytes.0.clone())).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::SignedDuration;
    use serde_json::Value;

    use super::*;
    use crate::apiserver::{call, scripted};

    const SECRET: &str = "/api/v1/namespaces/remanence-system/secrets/remanence-certificates";
    const WEBHOOK: &str = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/remanence";

    fn names() -> Vec<String> {
        vec!["remanence-webhook.remanence-system.svc".to_owned()]
    }

    fn kept(bundle: &Bundle) -> Value {
        let data = bundle.write().into_iter().map(|(key, bytes)| (key, ByteString(bytes)));
        let secret = Secret {
            data: Some(data.collect()),
            ..Secret::default()
        };
        serde_json::to_value(secret).unwrap()
    }

    fn trusting(bundle: &Bundle) -> Value {
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": "remanence"},
            "webhooks": [{
                "name": "pods.remanence.dev", "admissionReviewVersions": ["v1"], "sideEffects": "None",
                "clientConfig": {"caBundle": ByteString(bundle.trusted().into_bytes())},
            }],
        })
    }

    #[tokio::test]
    async fn certificates_that_expired_while_nobody_was_there_are_followed_told_and_served() {
        let now = Timestamp::now();
        // The certificate alone; and the authority with it, after which the apiserver has to be told whom to trust.
        for (days, told) in [(200, false), (4100, true)] {
            let then = now - SignedDuration::from_hours(24 * days);
            let expired = next(None, &names(), then).unwrap().unwrap();
            let mut expected = vec![
                call("GET", SECRET, kept(&expired)),
                call("PUT", SECRET, kept(&expired)),
                call("GET", WEBHOOK, trusting(&expired)),
            ];
            if told {
                expected.push(call("PATCH", WEBHOOK, trusting(&expired)));
            }
            let (client, apiserver) = scripted(expected);
            let keeper = Keeper {
                client,
                namespace: "remanence-system".to_owned(),
                secret: "remanence-certificates".to_owned(),
                webhook: "remanence".to_owned(),
                content_api: None,
                names: names(),
                served: Served::default(),
            };
            keeper.look().await.unwrap();
            let served = keeper.served.clone();
            drop(keeper);
            let sent = apiserver.await.unwrap();
            let written = read(&serde_json::from_value(sent[1].clone()).unwrap()).unwrap();
            assert_ne!(written, expired);
            assert_eq!(next(Some(&written), &names(), now).unwrap(), None, "it is due already");
            assert_eq!(written.trusted() != expired.trusted(), told, "after {days} days");
            assert_eq!(served.trusted(), written.trusted());
            if told {
                let trusted = sent[3]["webhooks"][0]["clientConfig"]["caBundle"].clone();
                let trusted: ByteString = serde_json::from_value(trusted).unwrap();
                assert_eq!(trusted.0, written.trusted().into_bytes());
            }
        }
    }
}
