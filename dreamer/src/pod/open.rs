//! Opens what a task names: the store to tidy, the session stores and logs to read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use remanence_link::{Link, backend, url};
use remanence_proto::broker::{Logs, Task};
use remanence_store::backend::s3::{self, Lender, Lent, LentKeys};
use remanence_store::backend::{Backend, BackendError};
use remanence_store::url::StoreUrl;
use remanence_store::{Options, Store};

use super::LogKey;
use super::told::{Problems, Told};
use crate::edge::Sessions;

/// What a dream works on.
pub(super) struct Opened {
    pub(super) store: Store,
    pub(super) sessions: Vec<Sessions>,
    /// Those of them whose facts all belong in the store.
    pub(super) whole: BTreeSet<String>,
    /// Why some sessions are not read.
    pub(super) reasons: Vec<String>,
}

impl Opened {
    /// Ends what was opened.
    pub(super) async fn close(self) {
        self.store.close().await;
        for sessions in self.sessions {
            if let Sessions::Store { store, .. } = sessions {
                store.close().await;
            }
        }
    }
}

/// Opens it.
///
/// # Errors
/// Why the store to tidy can't be. Sessions that can't be read now wait for the next dream.
#[tracing::instrument(name = "open stores", skip_all)]
pub(super) async fn open(
    link: &Arc<Link>,
    told: &Told,
    problems: &Problems,
    task: &Task,
    keys: &BTreeMap<u32, LogKey>,
) -> Result<Opened, String> {
    let store = attached(link, told, problems, &task.store).await?;
    let mut opened = Opened {
        store,
        sessions: Vec::new(),
        whole: BTreeSet::new(),
        reasons: Vec::new(),
    };
    for name in &task.sessions {
        match attached(link, told, problems, name).await {
            Ok(store) => {
                let strangers = task.strangers.contains(name);
                if task.whole.contains(name) {
                    opened.whole.insert(store.url().to_owned());
                }
                opened.sessions.push(Sessions::Store { store, strangers });
            }
            Err(why) => opened.reasons.push(why),
        }
    }
    for logs in &task.logs {
        match bucket(logs, keys).await {
            Ok(backend) => opened.sessions.push(Sessions::Logs(backend)),
            Err(error) => opened.reasons.push(format!("session logs: {error}")),
        }
    }
    Ok(opened)
}

/// A store that the broker lends.
async fn attached(link: &Arc<Link>, told: &Told, problems: &Problems, name: &str) -> Result<Store, String> {
    let attachment = told.attachment(name);
    let Some(attachment) = attachment.filter(|attachment| attachment.credentials.is_some()) else {
        let why = problems
            .of(name)
            .unwrap_or_else(|| "the broker does not lend it".to_owned());
        return Err(format!("the store {name} can't be opened: {why}"));
    };
    let failed = |error: String| format!("the store {name} can't be opened: {error}");
    let backend = backend(&attachment, link)
        .await
        .map_err(|error| failed(error.to_string()))?;
    let options = Options {
        // That the bucket keeps its promise is the class's business, which a pod has no right to try.
        probe: false,
        // Nobody on this machine would hear another.
        ring: Some(link.ring(name)),
        ..Options::default()
    };
    Store::open(backend, options)
        .await
        .map_err(|error| failed(error.to_string()))
}

async fn bucket(logs: &Logs, keys: &BTreeMap<u32, LogKey>) -> Result<Backend, BackendError> {
    let url = url(&logs.place.clone().unwrap_or_default())?;
    let Some(number) = logs.key else {
        return Ok(StoreUrl::S3(url).connect().await?.read_only());
    };
    let Some(key) = keys.get(&number) else {
        return Err(BackendError::Refused {
            what: format!("bucket {}", url.bucket),
            cause: "its key is not in the environment of this pod".to_owned(),
        });
    };
    let lent = Lent {
        lender: Arc::new(Fixed(key.clone())),
        ca_bundle: None,
    };
    Ok(s3::connect_lent(&url, lent).await?.read_only())
}

/// A key as it is.
struct Fixed(LogKey);

#[async_trait]
impl Lender for Fixed {
    async fn lend(&self) -> Result<LentKeys, String> {
        Ok(LentKeys {
            access_key_id: self.0.id.clone(),
            secret_access_key: self.0.secret.clone(),
            session_token: String::new(),
            valid: Duration::from_hours(24),
        })
    }
}
