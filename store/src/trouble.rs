//! An object store that does not do what it should: back-off, and when to give up.

use std::time::Duration;

use tokio::time::Instant;

use crate::backend::BackendError;
use crate::error::Result;
use crate::shared::Shared;

/// Longest wait between tries at an object store that can't be reached.
const BACKOFF_MAX: Duration = Duration::from_secs(2);

/// After so many tries, some seconds, a refusal will hardly pass by itself.
const REFUSED: u32 = 8;

/// A request that is tried again.
pub(crate) struct Trouble<'a> {
    shared: &'a Shared,
    since: Instant,
    tries: u32,
    unknown: bool,
}

impl<'a> Trouble<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        Self {
            shared,
            since: Instant::now(),
            tries: 0,
            unknown: false,
        }
    }

    /// It went well at last.
    pub(crate) fn over<T>(&self, value: T) -> T {
        if self.tries > 0 {
            self.shared.set_trouble(None);
            self.shared.change_health(|h| h.refused = None);
        }
        value
    }

    /// Waits after an error; gives it back where trying again is no use.
    pub(crate) async fn backend(&mut self, error: BackendError) -> Result<()> {
        self.unknown |= matches!(error, BackendError::Unknown { .. });
        let expired = self.shared.give_up.is_some_and(|limit| self.since.elapsed() >= limit);
        // A refusal is definite unless an earlier try may have come through.
        if expired || (!self.unknown && self.shared.give_up.is_some()) {
            return Err(error.into());
        }
        if !self.unknown && self.tries >= REFUSED && matches!(error, BackendError::Refused { .. }) {
            self.shared.change_health(|h| h.refused = Some(error.to_string()));
        }
        self.wait(error.to_string()).await
    }

    /// Waits before the next try.
    pub(crate) async fn wait(&mut self, why: String) -> Result<()> {
        self.tries += 1;
        if self.tries > 2 {
            self.shared.set_trouble(Some(why));
        }
        let pause = Duration::from_millis(10)
            .saturating_mul(1 << self.tries.min(12))
            .min(BACKOFF_MAX);
        tokio::select! {
            // In a fixed order, so that a simulated run repeats.
            biased;
            () = self.shared.nudge.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
        Ok(())
    }
}
