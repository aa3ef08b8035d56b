//! The broker: the one service that pods talk to. It tells a sidecar what to attach, lends it just enough access to the
//! object store, and passes on that something was committed. Keys never leave it.
//!
//! It knows the cluster only by two traits: [`Tokens`] says whose a token is, [`Directory`] what that pod may have.

use std::time::Duration;

use remanence_proto::broker::broker_server::BrokerServer;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;

mod author;
mod directory;
mod hints;
mod lend;
mod loans;
mod metrics;
mod peers;
mod session;
pub mod sign;
mod sts;
mod tls;
mod tokens;

pub use directory::{Access, Denied, Directory, Grant, Granted, Keys, NotNoted, S3Keys, Sts};
pub use hints::Hints;
pub use metrics::BrokerMetrics;
pub use peers::Peers;
pub use session::{Broker, Parts, Trusted};
pub(crate) use sts::assume;
pub use tokens::{Caller, TokenError, TokenReviews, Tokens};

/// How long a presigned request holds.
const VALIDITY: Duration = Duration::from_mins(15);
/// A connection of which nothing was heard is asked, and given up if it does not answer.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(20));
/// After this a connection is to be made anew: by it the token is proved again, new CA certificates are learned, and pods
/// spread over the replicas.
const AGE: Duration = Duration::from_hours(6);
const GRACE: Duration = Duration::from_secs(5);
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
    parts: Parts,
    stop: CancellationToken,
) -> Result<(), ServeError> {
    raise_descriptors();
    let connections = tls::accept(listener, tls, stop.clone());
    let broker = Broker::new(parts, stop.clone());
    Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE.0))
        .http2_keepalive_timeout(Some(KEEPALIVE.1))
        .max_connection_age(AGE)
        .max_connection_age_grace(GRACE)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_concurrent_streams(16)
        .add_service(BrokerServer::new(broker))
        .serve_with_incoming_shutdown(connections, stop.cancelled_owned())
        .await?;
    Ok(())
}

/// Each pod takes a descriptor, and many systems begin with 1,024.
fn raise_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, current = ?limit.current, "as many pods as there are descriptors can be served");
    }
}
