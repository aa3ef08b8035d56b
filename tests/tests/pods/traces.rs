//! Spans, as a collector receives them.

use std::sync::Arc;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::trace::v1::Span;
use parking_lot::Mutex;
use remanence_proto::broker::attachment::Access::ReadWrite;
use remanence_tests::cluster::{Bucket, Cluster};
use remanence_tests::prerequisites::seaweedfs_url;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use crate::dreams::{Dreamer, Scene, task};

/// An OpenTelemetry collector that keeps what it receives.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0.lock().push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    /// Starts one; also its address.
    async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let collector = Self::default();
        let server = Server::builder().add_service(TraceServiceServer::new(collector.clone()));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        (collector, address)
    }

    /// All of it as text.
    fn text(&self) -> String {
        format!("{:?}", self.0.lock())
    }

    fn spans(&self) -> Vec<Span> {
        let received = self.0.lock();
        let resources = received.iter().flat_map(|request| &request.resource_spans);
        let scopes = resources.flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dream_is_one_trace_without_the_words_it_read_on_seaweedfs() {
    let scene = Scene::new("Remember that the ferry leaves from pier 41.").await;
    scene.employ(Scene::task());
    let (collector, address) = Collector::start().await;
    let (well, _) = Dreamer::new(&scene.cluster, "night")
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", &address)
        .with("OTEL_RESOURCE_ATTRIBUTES", "k8s.namespace.name=team-a")
        .run()
        .await;
    assert!(well);

    let spans = collector.spans();
    let named = |name: &str| spans.iter().find(|span| span.name == name);
    let dream = named("dream").unwrap_or_else(|| panic!("{spans:?}"));
    for name in ["open stores", "read transcripts", "decide", "write"] {
        let span = named(name).unwrap_or_else(|| panic!("no span {name}: {spans:?}"));
        assert_eq!(span.trace_id, dream.trace_id, "{name}");
        assert!(span.start_time_unix_nano >= dream.start_time_unix_nano, "{name}");
        assert!(span.end_time_unix_nano <= dream.end_time_unix_nano, "{name}");
    }
    let (commit, put) = (named("commit").unwrap(), named("put").unwrap());
    assert_eq!(put.parent_span_id, commit.span_id);
    let text = collector.text();
    for word in ["remanence-dreamer", "team-a/project", "k8s.namespace.name"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    for word in ["ferry", "pier 41", "token-of-night", "X-Amz-Signature"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_collector_a_dream_goes_on_on_seaweedfs() {
    let (cluster, project) = (Cluster::start().await, Bucket::new(&seaweedfs_url()).await);
    cluster.employ(
        "night",
        vec![project.granted("project", ReadWrite)],
        vec![task("project", &[])],
    );
    // Nobody listens there.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (well, _) = Dreamer::new(&cluster, "night")
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", &address)
        .run()
        .await;
    assert!(well);
}
