//! The broker: the one service that pods talk to. It tells a sidecar what to attach, lends it just enough access to the
//! object store, and passes on that something was committed. Keys never leave it.
//!
//! It knows the cluster only by two traits: [`Tokens`] says whose a token is, [`Directory`] what that pod may have.

use std::sync::Arc;
use std::time::Duration;

use remanence_proto::broker::broker_server::BrokerServer;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;

mod author;
mod directory;
mod hints;
mod lend;
mod session;
pub mod sign;
mod sts;
mod tls;
mod tokens;

pub use directory::{Access, Denied, Directory, Grant, Granted, Keys, S3Keys, Sts};
pub use session::Broker;
pub use tokens::{AUDIENCE, Caller, TokenError, TokenReviews, Tokens};

/// How long a presigned request holds.
const VALIDITY: Duration = Duration::from_mins(15);
/// A connection of which nothing was heard is asked, and given up if it does not answer.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(20));
/// What a stream may have on its way: sidecars send little, and there are many.
const WINDOW: u32 = 64 << 10;

/// Why the broker does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address.
    #[error("the broker's listener: {0}")]
    Listener(#[from] std::io::Error),
    /// The server.
    #[error("the broker's server: {0}")]
    Server(#[from] tonic::transport::Error),
}

/// Serves until `stop`. The certificate is `tls`'s to choose at each connection, so that it may be changed meanwhile.
///
/// # Errors
/// When the listener can't be used.
pub async fn serve(
    listener: TcpListener,
    tls: ServerConfig,
    tokens: Arc<dyn Tokens>,
    directory: Arc<dyn Directory>,
    stop: CancellationToken,
) -> Result<(), ServeError> {
    let connections = tls::accept(listener, tls, stop.clone());
    let broker = Broker::new(tokens, directory, stop.clone());
    Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE.0))
        .http2_keepalive_timeout(Some(KEEPALIVE.1))
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_concurrent_streams(16)
        .add_service(BrokerServer::new(broker))
        .serve_with_incoming_shutdown(connections, stop.cancelled_owned())
        .await?;
    Ok(())
}
