//! What is answered when something is wrong: a `Status`, as of any API of Kubernetes.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use remanence_store::StoreError;
use remanence_store::backend::BackendError;
use serde_json::json;

use super::GROUP;

/// Why a request is not served.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Problem {
    /// Nobody vouches for a caller.
    #[error("the request names no caller; it has to come through the apiserver")]
    NoCaller,
    /// The caller may not.
    #[error("{0}")]
    Forbidden(String),
    /// There is no such store.
    #[error("memorystores.remanence.dev \"{0}\" not found")]
    NoStore(String),
    /// There is no such object, version or file.
    #[error("{what}")]
    Absent {
        /// What is looked for: `objects`, `versions`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The message.
        what: String,
    },
    /// The request makes no sense.
    #[error("{0}")]
    Bad(String),
    /// The request is too large.
    #[error("{0}")]
    TooLarge(String),
    /// There is such an object already.
    #[error("{0} is there already")]
    Exists(String),
    /// What is there stands against it.
    #[error("{0}")]
    Conflict(String),
    /// It can't be had now.
    #[error("{0}")]
    Unavailable(String),
    /// The object store.
    #[error(transparent)]
    Storage(#[from] BackendError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Problem {
    /// An object that is not there.
    pub(super) fn no_object(key: &str) -> Self {
        Self::Absent {
            kind: "objects",
            name: key.to_owned(),
            what: format!("there is no object {key}"),
        }
    }

    /// Status and reason. The command line tells by the status what to do next, see `docs/kubectl-memory.md`.
    fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NoCaller => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::NoStore(_) | Self::Absent { .. } => (StatusCode::NOT_FOUND, "NotFound"),
            Self::Bad(_) => (StatusCode::BAD_REQUEST, "BadRequest"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge"),
            Self::Exists(_) => (StatusCode::PRECONDITION_FAILED, "AlreadyExists"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "Conflict"),
            Self::Storage(BackendError::Unknown { .. }) | Self::Unavailable(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable")
            }
            Self::Storage(BackendError::Full { .. }) => (StatusCode::INSUFFICIENT_STORAGE, "InternalError"),
            Self::Storage(BackendError::Refused { .. }) => (StatusCode::BAD_GATEWAY, "InternalError"),
            Self::Store(error) => of_store(error),
        }
    }
}

fn of_store(error: &StoreError) -> (StatusCode, &'static str) {
    match error {
        StoreError::NotFound { .. } | StoreError::NoVersion { .. } => (StatusCode::NOT_FOUND, "NotFound"),
        StoreError::Refused { .. } | StoreError::Redacted { .. } => (StatusCode::CONFLICT, "Conflict"),
        StoreError::Backend(BackendError::Unknown { .. }) => (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable"),
        _ => (StatusCode::BAD_GATEWAY, "InternalError"),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (code, reason) = self.status();
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.to_string(), "reason": reason, "code": code.as_u16(),
        });
        if let Self::Absent { kind, name, .. } = &self {
            status["details"] = json!({"group": GROUP, "kind": kind, "name": name});
        }
        (code, Json(status)).into_response()
    }
}
