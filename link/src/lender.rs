//! Sessions of a store, renewed by the broker before they end.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use remanence_store::backend::s3::{Lender, LentKeys};
use tokio::sync::{Mutex, watch};

use super::stream::{Given, Link};

/// A session is renewed when it has less than this left …
const RENEW: Duration = Duration::from_mins(5);
/// … and used up to this.
const MARGIN: Duration = Duration::from_secs(10);
/// How long a new one is waited for.
const ANSWER: Duration = Duration::from_secs(5);

/// The broker as a lender of sessions.
pub(super) struct BrokerLender {
    pub(super) link: Arc<Link>,
    pub(super) store: String,
    pub(super) sessions: Mutex<watch::Receiver<Given>>,
}

#[async_trait]
impl Lender for BrokerLender {
    async fn lend(&self) -> Result<LentKeys, String> {
        let mut sessions = self.sessions.lock().await;
        if let Some(keys) = keys(&sessions.borrow_and_update(), RENEW) {
            return Ok(keys);
        }
        let renewed = match self.link.refresh(&self.store).await {
            Ok(()) => match tokio::time::timeout(ANSWER, sessions.changed()).await {
                Ok(_) => Ok(()),
                Err(_) => Err("the broker gives no new session".to_owned()),
            },
            Err(away) => Err(away.to_string()),
        };
        match keys(&sessions.borrow_and_update(), MARGIN) {
            Some(keys) => Ok(keys),
            None => Err(renewed.err().unwrap_or_else(|| "the session has ended".to_owned())),
        }
    }
}

/// The keys of a session that has `left` to live.
fn keys((session, came): &Given, left: Duration) -> Option<LentKeys> {
    let valid = Duration::from_secs(session.valid_seconds.into()).checked_sub(came.elapsed())?;
    (valid > left).then(|| LentKeys {
        access_key_id: session.access_key_id.clone(),
        secret_access_key: session.secret_access_key.clone(),
        session_token: session.session_token.clone(),
        // The SDK asks again when these end.
        valid: valid.saturating_sub(left),
    })
}
