//! What the programs in a cluster tell of themselves: logs, always; traces, where a collector is named.
//!
//! The words are those of OpenTelemetry's own specification: `OTEL_EXPORTER_OTLP_ENDPOINT` is the switch, and
//! `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER` and the rest are understood as there
//! (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>).

use std::env;
use std::io;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// Filter of logs, in tracing's words: `info,remanence_store=debug`.
pub const LOG: &str = "REMANENCE_LOG";
/// Where spans go by OTLP over gRPC, as `http://collector:4317`; unset or empty, nothing is traced.
pub const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// Spans that are passed on: ours, and the reconciliations that kube's controllers open a span for.
const TRACED: &str = "off,remanence_store=info,remanence_sidecar=info,remanence_dreamer=info,remanence_operator=info,kube_runtime::controller=info";

/// Traces can't be sent.
#[derive(Debug, thiserror::Error)]
#[error("traces can't be sent to {endpoint} ({ENDPOINT}): {source}")]
pub struct TelemetryError {
    endpoint: String,
    source: ExporterBuildError,
}

/// What runs beside the program until it ends.
#[derive(Debug)]
#[must_use = "spans that are under way are lost unless it is finished"]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Writes logs to standard error as JSON, a line each, and sends spans if a collector is named. Called once, within the
/// runtime, whose threads send the spans.
///
/// # Errors
/// When the collector's address is none.
pub fn start(program: &'static str) -> Result<Telemetry, TelemetryError> {
    let filter = EnvFilter::try_from_env(LOG).unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(io::stderr)
        .with_filter(filter);
    let endpoint = env::var(ENDPOINT).ok().filter(|endpoint| !endpoint.is_empty());
    let traces = endpoint.map(|endpoint| provider(program, endpoint)).transpose()?;
    let spans = traces.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(program))
            .with_filter(EnvFilter::new(TRACED))
    });
    tracing_subscriber::registry().with(logs).with(spans).init();
    Ok(Telemetry { traces })
}

fn provider(program: &'static str, endpoint: String) -> Result<SdkTracerProvider, TelemetryError> {
    // It reads the endpoint itself, with all that the specification says of it.
    let exporter = SpanExporter::builder()
        .with_tonic()
        .build()
        .map_err(|source| TelemetryError { endpoint, source })?;
    // What the environment says of the resource goes before the name given here.
    let named = env::var_os("OTEL_SERVICE_NAME").is_some();
    let mut resource = Resource::builder();
    if !named {
        resource = resource.with_service_name(program);
    }
    Ok(SdkTracerProvider::builder()
        .with_resource(resource.build())
        .with_batch_exporter(exporter)
        .build())
}

impl Telemetry {
    /// Sends what is left of the spans, for a few seconds at most.
    pub async fn finish(self) {
        let Some(traces) = self.traces else { return };
        // It waits for the sender, which needs this runtime's threads.
        let ended = tokio::task::spawn_blocking(move || traces.shutdown()).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(%error, "the last spans are lost");
        }
    }
}
