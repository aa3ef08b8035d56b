//! The daemon beside an agent: serves the pod's memory.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use remanence_sidecar::MountConfig;
use remanence_sidecar::daemon::{self, BrokerConfig, DaemonConfig};
use remanence_telemetry as telemetry;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Serves a pod's memory stores as folders
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM (the default)
    Serve,
    /// Wait until the daemon in this container is ready
    Wait {
        /// How long at most, e.g. 30s
        #[arg(long, value_parser = duration, default_value = "30s")]
        timeout: Duration,
    },
}

#[derive(clap::Args)]
struct Serve {
    /// The broker's URL
    #[arg(long, env = "REMANENCE_BROKER", global = true)]
    broker: Option<String>,
    /// The broker's CA certificates, PEM
    #[arg(long, env = "REMANENCE_BROKER_CA", global = true, hide_env_values = true)]
    broker_ca: Option<String>,
    /// The file with the pod's token for the broker
    #[arg(
        long,
        env = "REMANENCE_TOKEN",
        global = true,
        default_value = "/var/run/secrets/remanence.dev/token"
    )]
    token: PathBuf,
    /// The Agent
    #[arg(long, env = "REMANENCE_AGENT", global = true)]
    agent: Option<String>,
    /// Where the agent sees its memory
    #[arg(long, env = "REMANENCE_DIR", global = true, default_value = "/mnt/memory")]
    at: PathBuf,
    /// Where journal and cached contents lie
    #[arg(long, env = "REMANENCE_CACHE", global = true, default_value = "/var/cache/remanence")]
    cache: PathBuf,
    /// What cached contents of all stores may take there together, in bytes; journals come on top of it
    #[arg(long, env = "REMANENCE_CACHE_BYTES", global = true, default_value_t = MountConfig::CONTENTS)]
    cache_bytes: u64,
    /// The socket on which the node plugin offers the mount
    #[arg(
        long,
        env = "REMANENCE_HANDOVER",
        global = true,
        default_value = "/run/remanence/handover/s"
    )]
    handover: PathBuf,
    /// Where health and metrics are answered; port 0 is any that is free
    #[arg(long, env = "REMANENCE_LISTEN", global = true, default_value = "0.0.0.0:9464")]
    listen: SocketAddr,
    /// Owner shown for all files; left out: the first user of the pod who looks and is not root
    #[arg(long, env = "REMANENCE_UID", global = true)]
    uid: Option<u32>,
    /// Group shown for all files
    #[arg(long, env = "REMANENCE_GID", global = true)]
    gid: Option<u32>,
    /// How long it may take at the end to write what is left
    #[arg(long, env = "REMANENCE_GRACE", global = true, value_parser = duration, default_value = "25s")]
    grace: Duration,
}

fn duration(text: &str) -> Result<Duration, String> {
    let number = text
        .strip_suffix("ms")
        .map(|n| (n, 1))
        .or(text.strip_suffix('s').map(|n| (n, 1000)));
    let (number, unit) = number.ok_or_else(|| format!("`{text}` has no unit; write 30s or 500ms"))?;
    let number: u64 = number
        .parse()
        .map_err(|_| format!("`{text}` is not like 30s or 500ms"))?;
    Ok(Duration::from_millis(number * unit))
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let args = Args::parse();
    match args.command {
        // For whoever asks, apart from the daemon's log.
        Some(Command::Wait { timeout }) => match daemon::wait(&args.serve.cache, timeout).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("remanence-sidecar: {why}");
                ExitCode::FAILURE
            }
        },
        Some(Command::Serve) | None => telemetry::run("remanence-sidecar", serve(args.serve)).await,
    }
}

async fn serve(args: Serve) -> Result<()> {
    let listener = TcpListener::bind(args.listen).await;
    let listener = listener.with_context(|| format!("listening on {} for health and metrics", args.listen))?;
    let config = DaemonConfig {
        broker: BrokerConfig {
            url: args.broker.context("no broker is named; set REMANENCE_BROKER")?,
            ca: args.broker_ca,
            token: args.token,
        },
        agent: args.agent.context("no agent is named; set REMANENCE_AGENT")?,
        at: args.at,
        cache: args.cache,
        contents: args.cache_bytes,
        uid: args.uid,
        gid: args.gid,
        grace: args.grace,
    };
    let stopped = daemon::run(config, args.handover, listener, stop()?).await?;
    if stopped.left.is_empty() {
        return Ok(());
    }
    let left: Vec<_> = stopped
        .left
        .iter()
        .map(|(name, left)| format!("{left} of {name}"))
        .collect();
    bail!(
        "changes are not in the store yet: {}; they are in the journal ({})",
        left.join(", "),
        stopped.journal.display()
    )
}

/// Comes when the daemon is to end.
fn stop() -> Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
