//! The other replicas: what a pod rings at one of them, pods at the others hear.
//!
//! Each replica opens a stream to each of the others as pods do, proves itself by the operator's own token, and says
//! nothing but rings. Without it pods at different replicas would find out by polling.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use remanence_proto::broker::broker_client::BrokerClient;
use remanence_proto::broker::{FromPod, Hello, from_pod};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::metadata::MetadataValue;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

use super::hints::Hints;
use super::session::{Trusted, VERSIONS};
use super::tokens::Caller;

/// How often replicas are looked for.
const LOOK: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(5);
/// A connection of which nothing was heard is asked, and given up if it does not answer.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(5));
/// Rings on their way to a replica, at most.
const OUTBOX: usize = 256;

/// How replicas find and know one another.
#[derive(Debug, Clone)]
pub struct Peers {
    /// `host:port` of a headless Service, whose addresses are those of all replicas.
    pub service: String,
    /// The name in their certificate.
    pub name: String,
    /// This replica's own address.
    pub own: IpAddr,
    /// The file with the operator's own token for the broker.
    pub token: PathBuf,
    /// Namespace and name of the `ServiceAccount` that all replicas run as.
    pub account: (String, String),
}

impl Peers {
    /// Whether a caller is a replica.
    pub(super) fn include(&self, caller: &Caller) -> bool {
        (&caller.namespace, &caller.service_account) == (&self.account.0, &self.account.1)
    }
}

/// Keeps a stream to each of the other replicas until `stop`.
pub(super) async fn stay_connected(peers: Peers, hints: Arc<Hints>, trusted: Trusted, stop: CancellationToken) {
    let connected: Arc<Mutex<HashSet<IpAddr>>> = Arc::default();
    loop {
        match tokio::net::lookup_host(&peers.service).await {
            Ok(addresses) => {
                for address in addresses.filter(|address| address.ip() != peers.own) {
                    if !connected.lock().insert(address.ip()) {
                        continue;
                    }
                    let (peers, hints, connected) = (peers.clone(), hints.clone(), connected.clone());
                    let ca = trusted();
                    let stop = stop.clone();
                    tokio::spawn(async move {
                        tokio::select! {
                            ended = converse(&peers, address, ca, &hints) => {
                                let why = ended.err().map(|error| error.to_string());
                                tracing::debug!(%address, why, "the stream to another replica ended");
                            }
                            () = stop.cancelled() => {}
                        }
                        hints.part(address.ip());
                        connected.lock().remove(&address.ip());
                    });
                }
            }
            Err(error) => tracing::debug!(service = peers.service, %error, "other replicas can't be looked up"),
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// One stream to a replica, until it ends.
async fn converse(peers: &Peers, address: SocketAddr, ca: String, hints: &Hints) -> anyhow::Result<()> {
    // Read anew each time: the kubelet renews it.
    let token = tokio::fs::read_to_string(&peers.token).await?;
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(ca))
        .domain_name(&peers.name);
    let channel = Endpoint::from_shared(format!("https://{address}"))?
        .tls_config(tls)?
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEPALIVE.0)
        .keep_alive_timeout(KEEPALIVE.1)
        .keep_alive_while_idle(true)
        .connect()
        .await?;
    let (outbox, messages) = mpsc::channel(OUTBOX);
    let hello = from_pod::Message::Hello(Hello {
        versions: VERSIONS.to_vec(),
        program: concat!("remanence-operator ", env!("CARGO_PKG_VERSION")).to_owned(),
    });
    outbox.send(FromPod { message: Some(hello) }).await?;
    let mut request = tonic::Request::new(ReceiverStream::new(messages));
    let mut bearer = MetadataValue::try_from(format!("Bearer {}", token.trim()))?;
    bearer.set_sensitive(true);
    request.metadata_mut().insert("authorization", bearer);
    let mut stream = BrokerClient::new(channel).session(request).await?.into_inner();
    hints.join(address.ip(), outbox);
    // A replica has nothing to say; this returns when it is gone.
    while stream.message().await?.is_some() {}
    Ok(())
}
