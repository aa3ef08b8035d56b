//! The webhook's server.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use axum::{Json, Router};
use kube::Client;
use rustls::ServerConfig;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::decision;
use super::review::Admission;
use crate::https;
use crate::metrics::Metrics;

/// Pods are smaller than that in etcd.
const LARGEST: usize = 4 << 20;

#[derive(Clone)]
struct Served {
    admission: Admission,
    client: Client,
    metrics: Arc<Metrics>,
}

/// Serves until `stop`.
///
/// # Errors
/// When the listener can't be used.
pub async fn serve(
    listener: TcpListener,
    tls: ServerConfig,
    admission: Admission,
    client: Client,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
) -> std::io::Result<()> {
    https::serve(listener, tls, router(admission, client, metrics), stop).await
}

/// The routes.
pub(super) fn router(admission: Admission, client: Client, metrics: Arc<Metrics>) -> Router {
    Router::new()
        .route("/mutate", post(mutate))
        .route(
            "/dreams",
            post(|Json(review): Json<Value>| async move { Json(decision::stamp(&review)) }),
        )
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(Served {
            admission,
            client,
            metrics,
        })
}

#[tracing::instrument(name = "admit", skip_all)]
async fn mutate(State(served): State<Served>, Json(review): Json<Value>) -> Json<Value> {
    let since = Instant::now();
    let (answer, word) = served.admission.answer(&review, &served.client).await;
    served.metrics.admitted(word, since.elapsed());
    Json(answer)
}
