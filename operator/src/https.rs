//! An HTTPS server, as the webhook and the content API are.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsConfig, from_tcp_rustls};
use rustls::ServerConfig;
use tokio_util::sync::CancellationToken;

/// How long requests may go on when the server ends.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until `stop`. The certificate is `tls`'s to choose at each connection.
///
/// # Errors
/// When the listener can't be used.
pub(crate) async fn serve(
    listener: TcpListener,
    mut tls: ServerConfig,
    router: Router,
    stop: CancellationToken,
) -> std::io::Result<()> {
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    listener.set_nonblocking(true)?;
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
