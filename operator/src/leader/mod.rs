//! One replica reconciles; all of them admit pods and serve the broker.

mod version;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use kube_lease_manager::LeaseManagerBuilder;
use remanence_api::conditions::reasons;
use remanence_api::names::VERSION_ANNOTATION;
use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::events::{Events, Mood};
use crate::metrics::Metrics;
use crate::reconcile::reference;

const LEASE: &str = "remanence-operator";
/// How long a leader that is gone is waited for, in seconds, and how long before that a living one renews.
const DURATION: u64 = 15;
const GRACE: u64 = 7;
/// How soon it is tried again: after a failure, and while a newer version's mark stands.
const AGAIN: Duration = Duration::from_secs(5);
const STANDING_BY: Duration = Duration::from_secs(30);

/// A replica's part in the election. An operator that is older than one that has led stands by: it would not know all
/// that the newer one wrote, and take out of statuses what it does not know.
pub struct Election {
    /// The apiserver.
    pub client: Client,
    /// The operator's namespace.
    pub namespace: String,
    /// This replica's name.
    pub identity: String,
    /// This replica's version.
    pub version: &'static str,
    /// Says how it stands.
    pub leading: watch::Sender<bool>,
    /// Metrics.
    pub metrics: Arc<Metrics>,
    /// Events.
    pub events: Events,
}

impl Election {
    /// Takes part until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match self.take_part(&stop).await {
                Ok(true) => AGAIN,
                Ok(false) => STANDING_BY,
                Err(error) => {
                    tracing::warn!("the election of a leader is taken up again: {error:#}");
                    AGAIN
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Waits for the lease, and leads until it is lost; whether this version may.
    async fn take_part(&self, stop: &CancellationToken) -> Result<bool> {
        if !self.may_lead().await? {
            return Ok(false);
        }
        let manager = LeaseManagerBuilder::new(self.client.clone(), LEASE)
            .with_namespace(&self.namespace)
            .with_identity(&self.identity)
            .with_duration(DURATION)
            .with_grace(GRACE)
            .build()
            .await?;
        let (mut state, task) = manager.watch().await;
        let outcome = self.follow(&mut state, stop).await;
        self.lead(false);
        // The lease is given back, so that another replica need not wait for its end.
        drop(state);
        match task.await {
            Ok(ended) => ended.map(drop)?,
            Err(error) => tracing::warn!(%error, "the election ended badly"),
        }
        outcome
    }

    /// Leads whenever the lease says so.
    async fn follow(&self, state: &mut watch::Receiver<bool>, stop: &CancellationToken) -> Result<bool> {
        loop {
            tokio::select! {
                changed = state.changed() => {
                    if changed.is_err() {
                        return Ok(true);
                    }
                    let leads = *state.borrow_and_update();
                    // While the lease was waited for, a newer version may have had it.
                    if leads && !self.may_lead().await? {
                        return Ok(false);
                    }
                    if leads {
                        self.leave_mark().await?;
                    }
                    tracing::info!(leads, "the leader changed");
                    self.lead(leads);
                }
                () = stop.cancelled() => return Ok(true),
            }
        }
    }

    fn lead(&self, leads: bool) {
        self.metrics.leads(leads);
        self.leading.send_replace(leads);
    }

    /// Whether no newer version has led here; says so where one has.
    async fn may_lead(&self) -> Result<bool> {
        let lease = self.leases().get_opt(LEASE).await.with_context(|| self.lease())?;
        let Some(lease) = lease else { return Ok(true) };
        let Some(newer) = version::newer(&lease, self.version) else {
            return Ok(true);
        };
        let note = format!(
            "this operator, {}, stands by: {newer} has led here, and may have written what this one does not know. Pods \
             go on, and what is not ready yet waits. Run {newer} or newer; or, if the older one is to lead all the same: kubectl \
             -n {} annotate lease {LEASE} {VERSION_ANNOTATION}-",
            self.version, self.namespace
        );
        tracing::warn!("{note}");
        self.events
            .say(&reference(&lease), Mood::Warning, reasons::NEWER_VERSION, &note)
            .await;
        Ok(false)
    }

    /// Tells older versions that this one has led.
    async fn leave_mark(&self) -> Result<()> {
        let patch = Patch::Merge(json!({"metadata": {"annotations": {VERSION_ANNOTATION: self.version}}}));
        self.leases()
            .patch(LEASE, &PatchParams::default(), &patch)
            .await
            .map(drop)
            .with_context(|| self.lease())
    }

    fn leases(&self) -> Api<Lease> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    fn lease(&self) -> String {
        format!("the Lease {}/{LEASE}", self.namespace)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::Value;

    use super::*;
    use crate::apiserver::{Call, call, failing, scripted};

    const AT: &str = "/apis/coordination.k8s.io/v1/namespaces/remanence-system/leases/remanence-operator";
    const EVENTS: &str = "/apis/events.k8s.io/v1/namespaces/remanence-system/events";

    /// The Lease with the mark of that version.
    fn marked(version: Option<&str>) -> Value {
        json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {
                "name": "remanence-operator", "namespace": "remanence-system", "uid": "u",
                "annotations": version.map(|version| json!({VERSION_ANNOTATION: version})),
            },
        })
    }

    /// What comes of it, and what was sent; the election, that a replica of version 0.2.1 takes part in.
    async fn of<F>(expected: Vec<Call>, attempt: impl FnOnce(Election) -> F) -> (Result<bool>, Vec<Value>)
    where
        F: Future<Output = Result<bool>>,
    {
        let (client, apiserver) = scripted(expected);
        let election = Election {
            client: client.clone(),
            namespace: "remanence-system".to_owned(),
            identity: "one".to_owned(),
            version: "0.2.1",
            leading: watch::Sender::new(false),
            metrics: Arc::default(),
            events: Events::new(client, "one".to_owned()),
        };
        let outcome = attempt(election).await;
        (outcome, apiserver.await.unwrap())
    }

    #[tokio::test]
    async fn an_operator_older_than_one_that_has_led_asks_for_no_lease_and_says_what_to_do() {
        let event = call("POST", EVENTS, json!({"metadata": {}, "eventTime": null}));
        let expected = vec![call("GET", AT, marked(Some("0.3.0"))), event];
        let stop = CancellationToken::new();
        let (may, sent) = of(expected, |election| async move { election.take_part(&stop).await }).await;
        assert!(!may.unwrap());
        let event = &sent[1];
        assert_eq!(
            (&event["reason"], &event["type"]),
            (&json!("NewerVersion"), &json!("Warning"))
        );
        let note = event["note"].as_str().unwrap();
        assert!(note.contains("0.2.1, stands by: 0.3.0 has led"), "{note}");
        assert!(
            note.contains("annotate lease remanence-operator remanence.dev/version-"),
            "{note}"
        );
    }

    #[tokio::test]
    async fn a_newer_version_that_led_while_the_lease_was_waited_for_is_not_followed() {
        let event = call("POST", EVENTS, json!({"metadata": {}, "eventTime": null}));
        let expected = vec![call("GET", AT, marked(Some("1.0.0"))), event];
        let (won, mut state) = watch::channel(false);
        won.send_replace(true);
        let stop = CancellationToken::new();
        let (may, _) = of(expected, |election| async move {
            let may = election.follow(&mut state, &stop).await;
            assert!(!*election.leading.borrow(), "it led");
            may
        })
        .await;
        assert!(!may.unwrap());
    }

    #[tokio::test]
    async fn whoever_leads_leaves_the_mark_of_its_version() {
        for before in [None, Some("0.1.7"), Some("0.2.9")] {
            let expected = vec![
                call("GET", AT, marked(before)),
                call("PATCH", AT, marked(Some("0.2.1"))),
            ];
            let (won, mut state) = watch::channel(false);
            won.send_replace(true);
            let stop = CancellationToken::new();
            let (may, sent) = of(expected, |election| async move {
                let mut leading = election.leading.subscribe();
                let led = async {
                    leading.wait_for(|leads| *leads).await.unwrap();
                    stop.cancel();
                    std::future::pending::<()>().await;
                };
                tokio::select! {
                    outcome = election.follow(&mut state, &stop) => outcome,
                    () = led => Ok(true),
                }
            })
            .await;
            assert!(may.unwrap(), "{before:?}");
            assert_eq!(sent[1]["metadata"]["annotations"][VERSION_ANNOTATION], "0.2.1");
        }
    }

    #[tokio::test]
    async fn nobody_leads_without_having_looked_for_a_mark() {
        for expected in [
            vec![failing("GET", AT, 403)],
            vec![call("GET", AT, marked(None)), failing("PATCH", AT, 403)],
        ] {
            let (won, mut state) = watch::channel(false);
            won.send_replace(true);
            let stop = CancellationToken::new();
            let (outcome, _) = of(expected, |election| async move {
                let outcome = election.follow(&mut state, &stop).await;
                assert!(!*election.leading.borrow(), "it led");
                outcome
            })
            .await;
            let why = outcome.unwrap_err().to_string();
            assert!(why.contains("the Lease remanence-system/remanence-operator"), "{why}");
        }
    }
}
