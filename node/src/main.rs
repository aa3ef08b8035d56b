//! `remanence-node`: the node plugin, one on each node.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use remanence_node::server::{self, Config, Limits};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Mounts the memory of pods and hands it to their sidecars.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The kubelet's folder, at the same path here as for the kubelet.
    #[arg(long, env = "REMANENCE_KUBELET_DIR", default_value = "/var/lib/kubelet")]
    kubelet_dir: PathBuf,
    /// The name of this node.
    #[arg(long, env = "NODE_NAME")]
    node_name: String,
    /// Seconds from a mount to its pod's sidecar, whose image may have to come first; then calls on it fail.
    #[arg(long, env = "REMANENCE_START_DEADLINE", default_value_t = 600)]
    start_deadline: u64,
    /// Seconds from the offer of a mount to the sidecar's first answer, or from a sidecar's death to its successor.
    #[arg(long, env = "REMANENCE_SERVE_DEADLINE", default_value_t = 60)]
    serve_deadline: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .with_env_var("REMANENCE_LOG")
        .from_env_lossy();
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match serve(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(cli: Cli) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("waiting for signals")?;
    let serve = Duration::from_secs(cli.serve_deadline);
    let config = Config {
        kubelet: cli.kubelet_dir,
        node: cli.node_name,
        limits: Limits {
            start: Duration::from_secs(cli.start_deadline),
            serve,
            takeover: serve,
        },
    };
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    server::serve(config, stop).await.context("the node plugin")
}
