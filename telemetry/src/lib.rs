//! What the programs in a cluster tell of themselves: logs, always; traces, where a collector is named.
//!
//! The words are those of OpenTelemetry's own specification: `OTEL_EXPORTER_OTLP_ENDPOINT` is the switch, and
//! `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER` and the rest are understood as there
//! (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>).

use std::env;
use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::{Directive, LevelFilter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// Filter of logs, in tracing's words: `info,remanence_store=debug`.
pub const LOG: &str = "REMANENCE_LOG";
/// Where spans go by OTLP over gRPC, as `http://collector:4317`; unset or empty, nothing is traced.
pub const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// Spans that are passed on: ours, and the reconciliations that kube's controllers open a span for.
const TRACED: &str = "off,remanence_store=info,remanence_sidecar=info,remanence_dreamer=info,remanence_operator=info,kube_runtime::controller=info";

/// What ended a program is said whichever of its parts are asked for.
const OURS: &str = "remanence_telemetry=warn";

/// Traces can't be sent.
#[derive(Debug, thiserror::Error)]
#[error("traces can't be sent to {endpoint} ({ENDPOINT}): {source}")]
struct TelemetryError {
    endpoint: String,
    source: ExporterBuildError,
}

/// What runs beside the program until it ends.
struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Does a program's `work`, with logs and traces; the last line of the log says what ended it. Called once, within the
/// runtime, whose threads send the spans.
pub async fn run<E: Display>(program: &'static str, work: impl Future<Output = Result<(), E>>) -> ExitCode {
    let ended = match start(program) {
        Ok(telemetry) => {
            let ended = work.await.map_err(|error| format!("{error:#}"));
            telemetry.finish().await;
            ended
        }
        Err(error) => Err(error.to_string()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Writes logs to standard error as JSON, a line each, also where the collector's address is none; and sends spans if a
/// collector is named.
fn start(program: &'static str) -> Result<Telemetry, TelemetryError> {
    let mut filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .with_env_var(LOG)
        .from_env_lossy();
    if let Ok(ours) = OURS.parse::<Directive>() {
        filter = filter.add_directive(ours);
    }
    let logs = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(io::stderr)
        .with_filter(filter);
    let endpoint = env::var(ENDPOINT).ok().filter(|endpoint| !endpoint.is_empty());
    let traces = endpoint.map(|endpoint| provider(program, endpoint)).transpose();
    let spans = traces.as_ref().ok().and_then(Option::as_ref).map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(program))
            .with_filter(EnvFilter::new(TRACED))
    });
    tracing_subscriber::registry().with(logs).with(spans).init();
    Ok(Telemetry { traces: traces? })
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
    async fn finish(self) {
        let Some(traces) = self.traces else { return };
        // It waits for the sender, which needs this runtime's threads.
        let ended = tokio::task::spawn_blocking(move || traces.shutdown()).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(%error, "the last spans are lost");
        }
    }
}
