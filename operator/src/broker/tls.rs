//! Connections, once their handshake is done; a slow one keeps nobody else waiting.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

const HANDSHAKE: Duration = Duration::from_secs(10);
/// Rest after an accept that failed: usually there are no descriptors left.
const REST: Duration = Duration::from_millis(100);

/// Accepts connections until `stop`.
pub(super) fn accept(
    listener: TcpListener,
    mut tls: ServerConfig,
    stop: CancellationToken,
) -> ReceiverStream<std::io::Result<TlsStream<TcpStream>>> {
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let (done, connections) = mpsc::channel(16);
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stop.cancelled() => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let (acceptor, done) = (acceptor.clone(), done.clone());
                    tokio::spawn(async move {
                        if let Err(error) = stream.set_nodelay(true) {
                            tracing::debug!(%peer, %error, "no TCP_NODELAY");
                        }
                        match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                            // Nobody takes it when the server is ending.
                            Ok(Ok(stream)) => drop(done.send(Ok(stream)).await),
                            Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS"),
                            Err(_) => tracing::debug!(%peer, "the TLS handshake took too long"),
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the broker can't accept a connection");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    });
    ReceiverStream::new(connections)
}
