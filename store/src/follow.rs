//! Following the log: by the ring at once, else by polling, quickly while the store changes and slowly when idle.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::id::Seq;
use crate::ring::Ring;
use crate::shared::Shared;

/// After the store fell silent this long, the newest slot is checked once.
const SILENT: Duration = Duration::from_secs(1);

/// Follows until told to stop.
pub(crate) async fn follow(
    shared: Arc<Shared>,
    ring: Option<Arc<Ring>>,
    active: Duration,
    idle: Duration,
    stop: CancellationToken,
) {
    let mut interval = active;
    let mut verified = true;
    loop {
        let before = shared.tree().seq;
        tokio::select! {
            // In a fixed order, so that a simulated run repeats.
            biased;
            () = stop.cancelled() => return,
            seq = heard(ring.as_deref()) => {
                // Our own commit rings here, too.
                if seq.is_some_and(|seq| seq <= shared.tree().seq) {
                    continue;
                }
            }
            () = shared.active.notified() => {
                // Our own commit or a catch-up elsewhere: others may answer soon.
                interval = active;
                verified = false;
                continue;
            }
            () = tokio::time::sleep(interval) => {
                if interval >= SILENT && !verified {
                    let looked = shared.verify().await;
                    verified = looked.is_ok();
                    report(&shared, looked);
                }
            }
        }
        report(&shared, shared.advance().await.map(drop));
        if shared.tree().seq == before {
            interval = (interval * 3 / 2).min(idle);
        } else {
            interval = active;
            verified = false;
        }
    }
}

async fn heard(ring: Option<&Ring>) -> Option<Seq> {
    match ring {
        Some(ring) => ring.heard().await,
        None => std::future::pending().await,
    }
}

fn report(shared: &Shared, result: crate::error::Result<()>) {
    match result {
        Ok(()) => shared.set_follow_trouble(None),
        Err(error) => shared.set_follow_trouble(Some(error.to_string())),
    }
}
