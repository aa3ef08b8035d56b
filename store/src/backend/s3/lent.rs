//! Credentials that somebody lends for a while.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};

/// Who lends credentials, and how the endpoint is known.
#[derive(Clone)]
pub struct Lent {
    /// Who lends.
    pub lender: Arc<dyn Lender>,
    /// Certificates to trust, PEM; the system's where left out.
    pub ca_bundle: Option<Vec<u8>>,
}

/// Lends credentials.
#[async_trait]
pub trait Lender: Send + Sync {
    /// Credentials that hold from now on; an error says why there are none, for people.
    async fn lend(&self) -> Result<LentKeys, String>;
}

/// Credentials of a session.
#[derive(Clone)]
pub struct LentKeys {
    /// The access key's id.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
    /// The session's token; empty where the keys are nobody's session.
    pub session_token: String,
    /// How long they hold.
    pub valid: Duration,
}

/// A lender as the SDK takes it.
pub(super) struct Provided(pub(super) Arc<dyn Lender>);

impl std::fmt::Debug for Provided {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provided").finish_non_exhaustive()
    }
}

impl ProvideCredentials for Provided {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let keys = self.0.lend().await.map_err(CredentialsError::provider_error)?;
            let token = Some(keys.session_token).filter(|token| !token.is_empty());
            Ok(Credentials::new(
                keys.access_key_id,
                keys.secret_access_key,
                token,
                Some(SystemTime::now() + keys.valid),
                "lent",
            ))
        })
    }
}
