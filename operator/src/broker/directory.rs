//! What the broker must know of the cluster.

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::identity::Identity;
use remanence_proto::broker::{Attachment, Report, Task};
use tokio::sync::watch;

use super::tokens::Caller;

/// Says what a pod may have.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// What the pod may have now. Waits until the cluster is known well enough to say so: an answer of "nothing" is
    /// taken at its word.
    async fn resolve(&self, caller: &Caller) -> Result<Granted, Denied>;

    /// Writes down how a dream goes.
    async fn note(&self, caller: &Caller, report: &Report) -> Result<(), NotNoted>;

    /// Tells whoever looks at the pod what keeps it from that store, or from all where none is named. It may be called
    /// again and again, and nobody waits for it.
    fn warn(&self, caller: &Caller, store: &str, reason: &str, message: &str);

    /// Whether the pod is being deleted.
    fn is_ending(&self, caller: &Caller) -> bool;

    /// Changes whenever an answer of [`Directory::resolve`] or [`Directory::is_ending`] may have changed.
    fn changes(&self) -> watch::Receiver<u64>;
}

/// Why a pod gets nothing.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}: {message}")]
pub struct Denied {
    /// As in the conditions.
    pub reason: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// Why a dreamer's report is not written down.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct NotNoted {
    /// What is wrong.
    pub message: String,
    /// It may be otherwise soon.
    pub passing: bool,
}

/// What a pod may have.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The Agent it is; the schedule or Dream that a dreamer is for.
    pub agent: String,
    /// The stores.
    pub stores: Vec<Grant>,
    /// What it is to dream, where it is a dreamer.
    pub dreams: Option<Vec<Task>>,
}

/// One store of a pod.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// What the pod is told; its `place` is filled in where it is known, its `credentials` are not.
    pub attachment: Attachment,
    /// The store's id: writes go nowhere else.
    pub id: String,
    /// What opens it.
    pub keys: Keys,
}

/// What opens a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keys {
    /// The broker signs each request.
    Presigned(S3Keys),
    /// The pod gets a session for this prefix and access.
    Session(S3Keys, Sts),
    /// The pod has its own.
    Ambient,
    /// They can't be had now, for the reason given. A pod that has the store already keeps it, and what it was lent.
    Unavailable(String),
}

/// Keys of an object store.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Keys {
    /// The access key's id.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
    /// The session's token, where the keys are a session's.
    pub session_token: Option<String>,
}

impl S3Keys {
    /// As the SDK's signer takes them.
    pub(super) fn identity(&self) -> Identity {
        let token = self.session_token.clone();
        Credentials::new(&self.access_key_id, &self.secret_access_key, token, None, "remanence").into()
    }
}

impl std::fmt::Debug for S3Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Keys")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// Who gives out sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sts {
    /// Its URL; the store's endpoint where it is empty.
    pub endpoint: String,
    /// The role to take; `MinIO` needs none.
    pub role_arn: String,
}

/// What may be done with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// GET and LIST.
    ReadOnly,
    /// Creating what a commit is made of, too.
    ReadWrite,
}

impl Grant {
    /// What may be done.
    pub fn access(&self) -> Access {
        match self.attachment.access() {
            remanence_proto::broker::attachment::Access::ReadOnly => Access::ReadOnly,
            remanence_proto::broker::attachment::Access::ReadWrite => Access::ReadWrite,
        }
    }
}
