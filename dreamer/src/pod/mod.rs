//! The dreamer in a pod: hears from the broker which stores to dream, dreams one after the other with what it is lent, and
//! reports each.

mod open;
mod outcome;
mod purse;
mod report;
mod request;
mod told;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use remanence_link::{BrokerConfig, Link, connect};
use remanence_proto::broker::Task;

use crate::edge::name;
use crate::model::Key;
use outcome::Outcome;
use purse::Purse;
use report::{Reporter, Unreported};
use told::{Problems, Told};

/// For the broker's log.
const PROGRAM: &str = concat!("remanence-dreamer ", env!("CARGO_PKG_VERSION"));
/// How long the broker may take to say what there is to do.
const PATIENCE: Duration = Duration::from_mins(2);

/// What the dreamer needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Who tells what to do.
    pub broker: BrokerConfig,
    /// What tells this run from others.
    pub run: String,
    /// The key of the model's API.
    pub model_key: Option<Key>,
    /// Keys to session logs, by number.
    pub log_keys: BTreeMap<u32, LogKey>,
}

/// A key to session logs.
#[derive(Clone)]
pub struct LogKey {
    /// Its id.
    pub id: String,
    /// The secret.
    pub secret: String,
}

impl std::fmt::Debug for LogKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ran {
    /// Stores that were dreamt.
    pub dreamt: usize,
    /// Stores of which it came to nothing.
    pub failed: usize,
}

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The broker said nothing.
    #[error("the broker does not say what to dream within {}s{}", PATIENCE.as_secs(), why.as_ref().map(|why| format!(": {why}")).unwrap_or_default())]
    NothingTold {
        /// What it said instead.
        why: Option<String>,
    },
    /// A report can't be delivered; what was dreamt is in the store.
    #[error(transparent)]
    Unreported(#[from] Unreported),
    /// It was told to end.
    #[error("stopped; what was not dreamt yet is read by the next dream")]
    Stopped,
}

/// Dreams what there is to dream, until that is done or `stop` comes.
///
/// # Errors
/// When the broker does not answer, or it was stopped.
pub async fn run(config: Config, stop: impl Future<Output = ()>) -> Result<Ran, RunError> {
    let problems = Arc::new(Problems::default());
    let (link, events) = connect(config.broker.clone(), PROGRAM, problems.clone());
    let told = Told::follow(events);
    tokio::select! {
        ran = work(&config, &link, told, &problems) => ran,
        () = stop => Err(RunError::Stopped),
    }
}

async fn work(config: &Config, link: &Arc<Link>, mut told: Told, problems: &Problems) -> Result<Ran, RunError> {
    let first = tokio::time::timeout(PATIENCE, told.tasks()).await;
    let first = first.map_err(|_| RunError::NothingTold { why: problems.any() })?;
    tracing::info!(stores = first.len(), "what there is to dream");
    let mut ran = Ran::default();
    let mut purse = Purse::default();
    for store in first.into_iter().map(|task| task.store) {
        // What was said of it may have changed, or it is no longer to be dreamt.
        let Some(mut task) = told.task(&store) else {
            tracing::info!(store, "is not to be dreamt any more");
            continue;
        };
        purse.limit(&mut task);
        let reporter = Reporter {
            link,
            store: &store,
            dream: name(Timestamp::now(), &format!("{} {store}", config.run)),
        };
        let outcome = dream_one(config, link, &told, problems, &task, &reporter).await?;
        let failed = outcome.is_failure();
        tracing::info!(store, dream = reporter.dream, failed, "dreamt");
        let report = outcome.report();
        purse.spend(report.cost_micros);
        reporter.tell(report).await?;
        if failed {
            ran.failed += 1;
        } else {
            ran.dreamt += 1;
        }
    }
    Ok(ran)
}

#[tracing::instrument(name = "dream", skip_all, fields(store = %task.store, dream = reporter.dream))]
async fn dream_one(
    config: &Config,
    link: &Arc<Link>,
    told: &Told,
    problems: &Problems,
    task: &Task,
    reporter: &Reporter<'_>,
) -> Result<Outcome, RunError> {
    let opened = match open::open(link, told, problems, task, &config.log_keys).await {
        Ok(opened) => opened,
        Err(why) => return Ok(Outcome::failed(why)),
    };
    reporter.tell(report::running(opened.store.tree().seq)).await?;
    let outcome = match request::request(task, &reporter.dream, config.model_key.as_ref()) {
        Ok(mut request) => {
            request.whole.clone_from(&opened.whole);
            outcome::dream(&opened, &request, Duration::from_secs(task.seconds.into())).await
        }
        Err(request::NotNow::UsedUp) => Outcome::nothing("today's budget is used up; it is dreamt tomorrow"),
        Err(request::NotNow::Unpaid) => Outcome::nothing(
            "budget.cost is 0, which pays for no model; raise it, or leave out the model to dream by rules",
        ),
        Err(request::NotNow::Model(why)) => Outcome::failed(why.to_string()),
    };
    opened.close().await;
    Ok(outcome)
}
