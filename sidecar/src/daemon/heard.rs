//! What was heard of the broker, and whether that makes waiting for the memory vain.

use std::time::Duration;

use remanence_proto::broker::Problem;
use tokio::time::Instant;

/// How long a pod waits without a word of the broker. The kubelet does not end a pod whose hook waits, and it is the broker
/// that knows whether it is to end.
const SILENCE: Duration = Duration::from_mins(1);

/// What was heard of the broker.
pub(super) struct Heard {
    /// Since when it has said nothing, and there has been no stream on which it would.
    silent: Option<Instant>,
    /// What stands in the way, as it says on this stream.
    problem: Option<String>,
    /// The pod is being deleted.
    ending: bool,
}

impl Heard {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            silent: Some(now),
            problem: None,
            ending: false,
        }
    }

    pub(super) fn connected(&mut self, connected: bool, now: Instant) {
        if connected {
            self.silent = None;
        } else {
            self.problem = None;
            self.silent.get_or_insert(now);
        }
    }

    pub(super) fn problem(&mut self, problem: &Problem) {
        self.silent = None;
        self.problem = Some(format!("{}: {}", problem.reason, problem.message));
    }

    pub(super) fn ending(&mut self) {
        self.ending = true;
    }

    /// What keeps the pod from its memory, where the broker has said it.
    pub(super) fn said(&self) -> Option<String> {
        if self.ending {
            return Some("the pod is being deleted".to_owned());
        }
        self.problem.clone()
    }

    /// Whether nobody need wait any longer.
    pub(super) fn is_vain(&self, now: Instant) -> bool {
        self.ending || self.silent.is_some_and(|since| now - since >= SILENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_waits_as_long_as_the_broker_is_heard_and_a_minute_longer() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut heard = Heard::new(start);
        heard.connected(false, at(30));
        assert!(!heard.is_vain(at(59)) && heard.is_vain(at(60)));
        heard.connected(true, at(61));
        assert!(!heard.is_vain(at(500)));
        // A stream that ends, and one that does not come about.
        heard.connected(false, at(500));
        heard.connected(false, at(530));
        assert!(!heard.is_vain(at(559)) && heard.is_vain(at(560)));
        // Who is refused is not connected, and is spoken to.
        heard.problem(&Problem::default());
        assert!(!heard.is_vain(at(900)));
    }

    #[test]
    fn a_pod_that_is_being_deleted_waits_no_longer_whatever_else_is_in_the_way() {
        let now = Instant::now();
        let mut heard = Heard::new(now);
        heard.connected(true, now);
        heard.problem(&Problem::default());
        assert!(!heard.is_vain(now));
        heard.ending();
        assert!(heard.is_vain(now));
        assert_eq!(heard.said().as_deref(), Some("the pod is being deleted"));
    }
}
