//! The webhook's server.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use axum::{Json, Router};
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsConfig, from_tcp_rustls};
use rustls::ServerConfig;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::decision;
use super::review::Admission;
use crate::metrics::Metrics;

/// Pods are smaller than that in etcd.
const LARGEST: usize = 4 << 20;
/// How long requests may go on when the server ends.
const GRACE: Duration = Duration::from_secs(5);

#[derive(Clone)]
struct Served {
    admission: Admission,
    metrics: Arc<Metrics>,
}

/// Serves until `stop`.
///
/// # Errors
/// When the listener can't be used.
pub async fn serve(
    listener: TcpListener,
    mut tls: ServerConfig,
    admission: Admission,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
) -> std::io::Result<()> {
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    listener.set_nonblocking(true)?;
    let router = router(admission, metrics);
    let handle = Handle::new();
    let ended = handle.clone();
    tokio::spawn(async move {
        stop.cancelled().await;
        ended.graceful_shutdown(Some(GRACE));
    });
    from_tcp_rustls(listener, RustlsConfig::from_config(Arc::new(tls)))?
        .handle(handle)
        .serve(router.into_make_service())
        .await
}

/// The routes.
pub(super) fn router(admission: Admission, metrics: Arc<Metrics>) -> Router {
    Router::new()
        .route("/mutate", post(mutate))
        .route(
            "/dreams",
            post(|Json(review): Json<Value>| async move { Json(decision::stamp(&review)) }),
        )
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(Served { admission, metrics })
}

#[tracing::instrument(name = "admit", skip_all)]
async fn mutate(State(served): State<Served>, Json(review): Json<Value>) -> Json<Value> {
    let since = Instant::now();
    let (answer, word) = served.admission.answer(&review).await;
    served.metrics.admitted(word, since.elapsed());
    Json(answer)
}
