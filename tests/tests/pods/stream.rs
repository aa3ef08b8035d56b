//! The stream to the broker, by hand.

use std::time::Duration;

use remanence_proto::broker::broker_client::BrokerClient;
use remanence_proto::broker::{FromPod, Hello, ToPod, from_pod, to_pod};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

use remanence_tests::cluster::Cluster;

/// Where the broker answers.
pub(crate) fn endpoint(cluster: &Cluster) -> Endpoint {
    let config = cluster.config("unused".into());
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(config.ca.unwrap()));
    Endpoint::from_shared(config.url).unwrap().tls_config(tls).unwrap()
}

/// Opens one with a token and says hello, in these versions of the protocol.
pub(crate) async fn open(
    endpoint: &Endpoint,
    token: &str,
    versions: &[u32],
) -> Result<(mpsc::Sender<FromPod>, Streaming<ToPod>), tonic::Status> {
    let channel = endpoint.connect().await.unwrap();
    let (outbox, messages) = mpsc::channel(8);
    let hello = Hello {
        versions: versions.to_vec(),
        program: "by-hand".into(),
    };
    let message = Some(from_pod::Message::Hello(hello));
    outbox.send(FromPod { message }).await.unwrap();
    let mut request = tonic::Request::new(ReceiverStream::new(messages));
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    let stream = BrokerClient::new(channel).session(request).await?.into_inner();
    Ok((outbox, stream))
}

/// Waits until a pod is told something.
pub(crate) async fn hear(stream: &mut Streaming<ToPod>, is_it: impl Fn(&to_pod::Message) -> bool) {
    let heard = async {
        loop {
            let message = stream.message().await.unwrap().unwrap().message;
            if message.is_some_and(|message| is_it(&message)) {
                return;
            }
        }
    };
    let heard = tokio::time::timeout(Duration::from_mins(1), heard).await;
    assert!(heard.is_ok(), "the pod is not told within a minute");
}
