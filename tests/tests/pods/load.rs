//! A thousand pods at one broker.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures::stream::{self, StreamExt};
use remanence_proto::broker::{FromPod, Request, Sign, ToPod, from_pod, request, to_pod};
use remanence_tests::process;
use tokio::sync::mpsc;
use tonic::Streaming;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

const PODS: usize = 1000;
const MOST: u64 = 100 << 20;

/// The measured process; ends with its input.
struct Broker(Child);

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().expect("the broker ends");
    }
}

impl Broker {
    fn memory(&self) -> u64 {
        process::resident(self.0.id()).unwrap()
    }
}

async fn open(endpoint: &Endpoint, pod: usize) -> (mpsc::Sender<FromPod>, Streaming<ToPod>) {
    let opened = crate::stream::open(endpoint, &format!("token-of-p{pod}"), &[1]).await;
    let (outbox, mut stream) = opened.unwrap();
    // As a sidecar that has just written: slots are signed for ahead.
    let wanted = |seq: u64| {
        let key = format!("0123/log/{seq:020}");
        [request::Request::Get(key.clone()), request::Request::Put(key)]
            .map(|request| Request { request: Some(request) })
    };
    let wanted: Vec<Request> = (1..33).flat_map(wanted).collect();
    let batches = wanted.chunks(8);
    let mut left = batches.len();
    for batch in batches {
        let sign = Sign {
            id: 1,
            store: format!("team-a/own-{pod}"),
            requests: batch.to_vec(),
        };
        let message = Some(from_pod::Message::Sign(sign));
        outbox.send(FromPod { message }).await.unwrap();
    }
    while left > 0 {
        if let Some(to_pod::Message::Signed(signed)) = stream.message().await.unwrap().unwrap().message {
            assert!(
                signed.requests.iter().all(|request| request.error.is_empty()),
                "{signed:?}"
            );
            left -= 1;
        }
    }
    (outbox, stream)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_streams_fit_into_100_mib() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pod_broker"))
        .arg(PODS.to_string())
        .envs([("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let port = lines.next().unwrap();
    let certificate: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let broker = Broker(child);
    let before = broker.memory();
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(certificate.join("\n")));
    let endpoint = Endpoint::from_shared(format!("https://localhost:{port}")).unwrap();
    let endpoint = endpoint
        .tls_config(tls)
        .unwrap()
        .connect_timeout(Duration::from_secs(10));
    let streams: Vec<_> = stream::iter(0..PODS)
        .map(|pod| open(&endpoint, pod))
        .buffer_unordered(16)
        .collect()
        .await;
    let after = broker.memory();
    println!(
        "a broker with {} streams: {} MiB, {} MiB without",
        streams.len(),
        after >> 20,
        before >> 20
    );
    assert!(after <= MOST, "{after} bytes");
}
