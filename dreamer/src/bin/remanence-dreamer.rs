//! The dreamer's program: in a Job's pod it dreams the stores that the broker names, one after the other.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;
use remanence_dreamer::model::Key;
use remanence_dreamer::pod::{self, Config, LogKey};
use remanence_link::BrokerConfig;
use remanence_telemetry as telemetry;
use tokio::signal::unix::{SignalKind, signal};

/// Dreams the stores that the broker names
#[derive(Parser)]
#[command(version)]
struct Args {
    /// The broker's URL
    #[arg(long, env = "REMANENCE_BROKER")]
    broker: String,
    /// The broker's CA certificates, PEM
    #[arg(long, env = "REMANENCE_BROKER_CA", hide_env_values = true)]
    broker_ca: Option<String>,
    /// The file with the pod's token for the broker
    #[arg(
        long,
        env = "REMANENCE_TOKEN",
        default_value = "/var/run/secrets/remanence.dev/token"
    )]
    token: PathBuf,
    /// What tells this run from others: the pod's uid
    #[arg(long, env = "POD_UID")]
    run: String,
}

fn main() -> ExitCode {
    let args = Args::parse();
    remanence_dreamer::step_back();
    start(args)
}

/// The last words of the log are the pod's termination message.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn start(args: Args) -> ExitCode {
    telemetry::run("remanence-dreamer", work(args)).await
}

async fn work(args: Args) -> Result<()> {
    let config = Config {
        broker: BrokerConfig {
            url: args.broker,
            ca: args.broker_ca,
            token: args.token,
        },
        run: args.run,
        model_key: std::env::var("REMANENCE_MODEL_KEY").ok().as_deref().and_then(Key::new),
        log_keys: log_keys(),
    };
    let mut terminate = signal(SignalKind::terminate())?;
    let ran = pod::run(config, async move {
        terminate.recv().await;
    })
    .await?;
    tracing::info!(dreamt = ran.dreamt, failed = ran.failed, "all is dreamt");
    if ran.failed > 0 {
        bail!(
            "{} of {} dreams failed; see the Dreams' reasons",
            ran.failed,
            ran.failed + ran.dreamt
        );
    }
    Ok(())
}

/// `REMANENCE_LOGS_<number>_ACCESS_KEY_ID` and `…_SECRET_ACCESS_KEY`.
fn log_keys() -> BTreeMap<u32, LogKey> {
    let named = |(name, id): (String, String)| {
        let number = name.strip_prefix("REMANENCE_LOGS_")?.strip_suffix("_ACCESS_KEY_ID")?;
        let secret = std::env::var(format!("REMANENCE_LOGS_{number}_SECRET_ACCESS_KEY")).ok()?;
        Some((number.parse().ok()?, LogKey { id, secret }))
    };
    // Variables that are no UTF-8 are none of ours.
    let all =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    all.filter_map(named).collect()
}
