//! The operator's program.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use kube::Client;
use remanence_operator::args::Args;
use remanence_operator::run::run;
use remanence_operator::uninstall;
use remanence_telemetry as telemetry;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Memory for agents' pods.
#[derive(Debug, Parser)]
#[command(name = "remanence-operator", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Reconcile stores and agents, admit their pods, and lend them access.
    Run(Box<Args>),
    /// Say whether pods still mount memories, which an uninstall would break.
    MayUninstall,
}

/// How long a replica that is to end goes on serving.
const DRAIN: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    telemetry::run("remanence-operator", obey(Cli::parse().command)).await
}

async fn obey(command: Command) -> Result<()> {
    let client = Client::try_default().await.context("no way to the apiserver")?;
    let args = match command {
        Command::Run(args) => *args,
        Command::MayUninstall => return uninstall::check(client).await,
    };
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let due = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            // Nodes hear a moment later that this pod goes, and send it requests until then.
            _ = terminate.recv() => tokio::time::sleep(DRAIN).await,
            _ = interrupt.recv() => {}
        }
        due.cancel();
    });
    run(args, client, stop).await
}
