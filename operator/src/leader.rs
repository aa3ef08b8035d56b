//! One replica reconciles; all of them admit pods and serve the broker.

use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use kube_lease_manager::{LeaseManagerBuilder, LeaseManagerError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;

/// How long a leader that is gone is waited for, in seconds, and how long before that a living one renews.
const DURATION: u64 = 15;
const GRACE: u64 = 7;
const AGAIN: Duration = Duration::from_secs(5);

/// Takes part in the election until `stop`; says in `leading` how it stands.
pub async fn run(
    client: Client,
    namespace: String,
    identity: String,
    leading: watch::Sender<bool>,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        if let Err(error) = take_part(&client, &namespace, &identity, &leading, &metrics, &stop).await {
            tracing::warn!(%error, "the election of a leader is taken up again");
        }
        leading.send_replace(false);
        metrics.leads(false);
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn take_part(
    client: &Client,
    namespace: &str,
    identity: &str,
    leading: &watch::Sender<bool>,
    metrics: &Metrics,
    stop: &CancellationToken,
) -> Result<(), LeaseManagerError> {
    let manager = LeaseManagerBuilder::new(client.clone(), "remanence-operator")
        .with_namespace(namespace)
        .with_identity(identity)
        .with_duration(DURATION)
        .with_grace(GRACE)
        .build()
        .await?;
    let (mut state, task) = manager.watch().await;
    loop {
        tokio::select! {
            changed = state.changed() => {
                if changed.is_err() {
                    break;
                }
                let leads = *state.borrow_and_update();
                tracing::info!(leads, "the leader changed");
                metrics.leads(leads);
                leading.send_replace(leads);
            }
            () = stop.cancelled() => break,
        }
    }
    // The lease is given back, so that another replica need not wait for its end.
    drop(state);
    match task.await {
        Ok(ended) => ended.map(drop),
        Err(error) => {
            tracing::warn!(%error, "the election ended badly");
            Ok(())
        }
    }
}
