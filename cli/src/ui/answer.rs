//! How a command's failure is answered: with its own words.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::exit::{Exit, Failure};

/// What the page is answered.
pub(super) type Answer<T> = Result<Json<T>, Refused>;

/// A failure: of this question, or of the cluster behind it.
pub(super) struct Refused(Failure);

impl<E: Into<Failure>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self.0.exit {
            Exit::Usage => StatusCode::BAD_REQUEST,
            _ => StatusCode::BAD_GATEWAY,
        };
        (status, Json(self.0.json())).into_response()
    }
}
