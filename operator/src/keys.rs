//! The keys of classes, read from their Secrets when they are needed and remembered shortly: a Secret that rotates is
//! taken up within a minute, and nobody needs the right to list or watch Secrets.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Secret;
use kube::runtime::reflector::Store;
use kube::{Api, Client};
use parking_lot::Mutex;
use remanence_api::MemoryStoreClass;
use remanence_api::class::{CredentialsMode, SecretRef};
use remanence_api::conditions::reasons;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::broker::S3Keys;

/// How long keys are taken from memory, and how often it is looked whether they are still the same.
const FRESH: Duration = Duration::from_secs(30);
/// How long a failure is.
const FAILED: Duration = Duration::from_secs(3);

const ID: &str = "accessKeyId";
const SECRET: &str = "secretAccessKey";
const TOKEN: &str = "sessionToken";

/// Why there are no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NoKeys {
    /// One of the reasons.
    pub reason: &'static str,
    /// What is wrong and what to do.
    pub message: String,
    /// Whether it may be otherwise soon without anybody's doing.
    pub passing: bool,
}

/// What was read, and when.
type Known = (Instant, Result<S3Keys, NoKeys>);

/// Reads keys.
pub struct KeyRing {
    client: Client,
    known: Mutex<HashMap<SecretRef, Known>>,
    changed: Arc<watch::Sender<u64>>,
}

impl KeyRing {
    /// Reads by `client`; raises `changed` when keys are others than before.
    pub fn new(client: Client, changed: Arc<watch::Sender<u64>>) -> Self {
        Self {
            client,
            known: Mutex::default(),
            changed,
        }
    }

    /// Looks after the keys of all `classes` until `stop`. No object changes when a Secret does, and on a replica that
    /// does not lead nobody else would ask: pods would be lent requests signed with the old keys for as long as nothing
    /// else happened in the cluster.
    pub async fn follow(self: Arc<Self>, classes: Store<MemoryStoreClass>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(FRESH) => {}
                () = stop.cancelled() => return,
            }
            for class in classes.state() {
                // Why there are none is told by the class's condition.
                let _ = self.of(&class).await;
            }
        }
    }

    /// The keys of a class; `None` where pods and operator have credentials of their own.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn of(&self, class: &MemoryStoreClass) -> Result<Option<S3Keys>, NoKeys> {
        let credentials = &class.spec.credentials;
        if credentials.mode == CredentialsMode::Ambient {
            return Ok(None);
        }
        let Some(reference) = &credentials.secret_ref else {
            return Err(NoKeys {
                reason: reasons::SECRET_MALFORMED,
                message: "mode Broker needs spec.credentials.secretRef".to_owned(),
                passing: false,
            });
        };
        if let Some((when, known)) = self.known.lock().get(reference) {
            let lasts = if known.is_ok() { FRESH } else { FAILED };
            if when.elapsed() < lasts {
                return known.clone().map(Some);
            }
        }
        let read = self.read(reference).await;
        self.learn(reference, &read);
        read.map(Some)
    }

    /// Remembers what was read. Whoever was lent other keys hears of it; that there are none takes nothing away.
    fn learn(&self, reference: &SecretRef, read: &Result<S3Keys, NoKeys>) {
        let known = (Instant::now(), read.clone());
        let before = self.known.lock().insert(reference.clone(), known);
        if read.is_ok() && before.is_some_and(|(_, before)| before != *read) {
            tracing::info!(
                namespace = reference.namespace,
                secret = reference.name,
                "the keys are others now"
            );
            self.changed.send_modify(|n| *n += 1);
        }
    }

    async fn read(&self, reference: &SecretRef) -> Result<S3Keys, NoKeys> {
        let SecretRef { namespace, name } = reference;
        let api: Api<Secret> = Api::namespaced(self.client.clone(), namespace);
        match api.get_opt(name).await {
            Ok(Some(secret)) => keys_of(&secret, namespace, name),
            Ok(None) => Err(NoKeys {
                reason: reasons::SECRET_NOT_FOUND,
                message: format!("the Secret {namespace}/{name} does not exist; create it with {ID} and {SECRET}"),
                passing: false,
            }),
            Err(kube::Error::Api(status)) if status.code == 403 => Err(NoKeys {
                reason: reasons::SECRET_FORBIDDEN,
                message: format!(
                    "the operator may not read the Secret {namespace}/{name}; name it in the chart's value classSecrets"
                ),
                passing: false,
            }),
            Err(error) => Err(NoKeys {
                reason: reasons::SECRET_UNREADABLE,
                message: format!("the Secret {namespace}/{name} can't be read now, and is asked for again: {error}"),
                passing: true,
            }),
        }
    }
}

fn keys_of(secret: &Secret, namespace: &str, name: &str) -> Result<S3Keys, NoKeys> {
    let malformed = |what: String| NoKeys {
        reason: reasons::SECRET_MALFORMED,
        message: format!(
            "the Secret {namespace}/{name} {what}; it needs {ID} and {SECRET}, and {TOKEN} if the keys are a session's"
        ),
        passing: false,
    };
    let value = |key: &str| -> Result<Option<String>, NoKeys> {
        let Some(bytes) = secret.data.as_ref().and_then(|data| data.get(key)) else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes.0).map_err(|_| malformed(format!("has a {key} that is no text")))?;
        // A line end at the end is how `--from-file` and editors leave it.
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(malformed(format!("has a {key} that is empty or has blanks in it")));
        }
        Ok(Some(text.to_owned()))
    };
    let needed = |key: &str| value(key)?.ok_or_else(|| malformed(format!("lacks {key}")));
    Ok(S3Keys {
        access_key_id: needed(ID)?,
        secret_access_key: needed(SECRET)?,
        session_token: value(TOKEN)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;
    use crate::apiserver::{call, failing, scripted};
    use crate::fixtures;

    fn secret(pairs: &[(&str, &str)]) -> Secret {
        let data = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), k8s_openapi::ByteString(v.as_bytes().to_vec())));
        Secret {
            data: Some(data.collect()),
            ..Secret::default()
        }
    }

    const AT: &str = "/api/v1/namespaces/storage/secrets/s3";

    /// The Secret, as the apiserver has it.
    fn kept(id: &str) -> Value {
        let secret = secret(&[(ID, id), (SECRET, "s")]);
        serde_json::to_value(secret).unwrap()
    }

    fn class() -> MemoryStoreClass {
        let mut class = fixtures::class("standard");
        let reference = json!({"mode": "Broker", "secretRef": {"namespace": "storage", "name": "s3"}});
        class.spec.credentials = serde_json::from_value(reference).unwrap();
        class
    }

    impl KeyRing {
        /// As if it were later.
        fn age(&self) {
            for (when, _) in self.known.lock().values_mut() {
                *when = when.checked_sub(FRESH).unwrap();
            }
        }
    }

    #[tokio::test]
    async fn keys_that_rotate_are_told_once_and_those_that_vanish_or_stay_are_not() {
        let answers = [
            (call("GET", AT, kept("one")), "at first", 0),
            (call("GET", AT, kept("one")), "the same", 0),
            (call("GET", AT, kept("two")), "rotated", 1),
            (failing("GET", AT, 404), "gone", 1),
            (call("GET", AT, kept("three")), "back, and others", 2),
        ];
        let (mut calls, mut expected) = (Vec::new(), Vec::new());
        for (call, what, told) in answers {
            calls.push(call);
            expected.push((what, told));
        }
        let (client, apiserver) = scripted(calls);
        let (changed, changes) = watch::channel(0);
        let ring = KeyRing::new(client, Arc::new(changed));
        for (what, told) in expected {
            let first = ring.of(&class()).await;
            // From memory.
            assert_eq!(ring.of(&class()).await, first, "{what}");
            assert_eq!(*changes.borrow(), told, "{what}");
            ring.age();
        }
        drop(ring);
        apiserver.await.unwrap();
    }

    #[tokio::test]
    async fn a_secret_that_is_not_given_now_is_not_said_to_be_gone() {
        for (code, reason, passing) in [
            (404, reasons::SECRET_NOT_FOUND, false),
            (403, reasons::SECRET_FORBIDDEN, false),
            (503, reasons::SECRET_UNREADABLE, true),
        ] {
            let (client, apiserver) = scripted(vec![failing("GET", AT, code)]);
            let ring = KeyRing::new(client, Arc::default());
            let why = ring.of(&class()).await.unwrap_err();
            assert_eq!((why.reason, why.passing), (reason, passing), "{code}: {why}");
            drop(ring);
            apiserver.await.unwrap();
        }
    }

    #[test]
    fn keys_are_read_as_editors_leave_them() {
        let keys = keys_of(&secret(&[(ID, "AK\n"), (SECRET, "s3cr/et+\r\n")]), "n", "s").unwrap();
        assert_eq!(
            (keys.access_key_id.as_str(), keys.secret_access_key.as_str()),
            ("AK", "s3cr/et+")
        );
    }

    #[test]
    fn a_malformed_secret_says_what_it_lacks() {
        for (pairs, said) in [
            (&[(ID, "AK")][..], "lacks secretAccessKey"),
            (&[(SECRET, "x")][..], "lacks accessKeyId"),
            (&[(ID, ""), (SECRET, "x")][..], "accessKeyId that is empty"),
            (&[(ID, "A K"), (SECRET, "x")][..], "blanks"),
        ] {
            let error = keys_of(&secret(pairs), "n", "s").unwrap_err();
            assert_eq!(error.reason, reasons::SECRET_MALFORMED);
            assert!(
                error.message.contains(said) && error.message.contains("n/s"),
                "{}",
                error.message
            );
        }
    }
}
