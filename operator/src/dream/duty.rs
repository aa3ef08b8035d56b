//! What a dreamer's pod is to dream. Pure.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kube::ResourceExt;
use remanence_api::dream::Phase;
use remanence_api::names::SCHEDULE_LABEL;
use remanence_api::store::Purpose;
use remanence_api::{Dream, DreamSchedule, MemoryStore};
use remanence_proto::broker::Task;

use super::contribute::{Reading, reading};
use super::origin::Origin;
use super::select::selected;
use super::task::{micros, task};
use crate::cluster::Cluster;
use crate::plan::World;

/// One store to dream.
#[derive(Debug, Clone)]
pub struct Duty {
    /// The store.
    pub store: Arc<MemoryStore>,
    /// What is read for it.
    pub reading: Reading,
    /// What the dreamer is told.
    pub task: Task,
}

/// What a dreamer that is there for `origin` is to dream at `now`.
pub fn duties(cluster: &Cluster, origin: &Origin, now: Timestamp) -> Vec<Duty> {
    let (stores, left) = match origin {
        // A selector that can't be read is told on the schedule.
        Origin::Schedule(schedule) => (
            selected(cluster, schedule).unwrap_or_default(),
            left(cluster, schedule, now),
        ),
        Origin::Dream(dream) => (of_dream(cluster, dream).into_iter().collect(), None),
    };
    let dry_run = matches!(origin, Origin::Dream(dream) if dream.spec.dry_run);
    let made = stores.into_iter().filter(|store| is_made(store));
    made.map(|store| {
        let reading = reading(cluster, &store);
        let task = task(&store, &reading, origin.dreaming(), dry_run, left);
        Duty { store, reading, task }
    })
    .collect()
}

/// The store of a Dream that is not over yet.
fn of_dream(cluster: &Cluster, dream: &Dream) -> Option<Arc<MemoryStore>> {
    let phase = dream.status.as_ref().map(|status| status.phase).unwrap_or_default();
    let is_due =
        matches!(phase, Phase::Pending | Phase::Running) && !dream.spec.cancel && dream.spec.decision.is_none();
    let store = cluster.store(&dream.namespace()?, &dream.spec.store_ref.name)?;
    let fits = store.spec.purpose == Purpose::Memory && store.metadata.deletion_timestamp.is_none();
    (is_due && fits && (dream.spec.dry_run || !store.spec.archived)).then_some(store)
}

fn is_made(store: &MemoryStore) -> bool {
    store
        .status
        .as_ref()
        .is_some_and(|status| status.store_id.is_some() && status.prefix.is_some())
}

/// What the schedule may still spend today, in millionths of a US dollar.
fn left(cluster: &Cluster, schedule: &DreamSchedule, now: Timestamp) -> Option<u64> {
    let daily = micros(schedule.spec.dreaming.budget.daily_cost.as_deref()?);
    let name = schedule.name_any();
    let todays = cluster.dreams.state_filter(|dream| {
        dream.namespace() == schedule.namespace()
            && dream.labels().get(SCHEDULE_LABEL) == Some(&name)
            && is_of_day(dream, now)
    });
    let spent: u64 = todays
        .iter()
        .filter_map(|dream| dream.status.as_ref()?.cost.as_deref().map(micros))
        .sum();
    Some(daily.saturating_sub(spent))
}

/// Whether a Dream began on the day of `time`, by UTC: what it cost counts on that day.
pub(crate) fn is_of_day(dream: &Dream, time: Timestamp) -> bool {
    let day = |time: Timestamp| time.to_zoned(TimeZone::UTC).date();
    let started = dream.status.as_ref().and_then(|status| status.started.as_ref());
    started.is_some_and(|started| day(started.0) == day(time))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures::{self, Night};

    fn now() -> Timestamp {
        "2026-01-02T12:00:00Z".parse().unwrap()
    }

    fn told(stores: &[MemoryStore], dreams: &[Dream], origin: &Origin) -> Vec<(String, Option<u64>)> {
        let night = Night {
            dreams,
            ..Night::default()
        };
        let cluster = fixtures::dreaming(fixtures::cluster(&[], stores, &[], &[]), &night);
        let duties = duties(&cluster, origin, now());
        duties
            .iter()
            .map(|duty| (duty.task.store.clone(), duty.task.cost_micros))
            .collect()
    }

    fn schedule(budget: Value) -> Origin {
        let spec = json!({"schedule": "0 3 * * *", "budget": budget});
        Origin::Schedule(fixtures::schedule("team-a", "nightly", spec).into())
    }

    #[test]
    fn a_schedule_dreams_the_stores_that_are_made() {
        let stores = [
            fixtures::made(fixtures::store("team-a", "project", json!({}))),
            fixtures::store("team-a", "being-made", json!({})),
        ];
        assert_eq!(
            told(&stores, &[], &schedule(json!({}))),
            [("team-a/project".to_owned(), None)]
        );
        assert!(told(&[], &[], &schedule(json!({}))).is_empty());
    }

    #[test]
    fn what_the_day_has_left_bounds_each_dream() {
        let stores = [fixtures::made(fixtures::store("team-a", "project", json!({})))];
        let spent = |name: &str, day: &str, cost: &str| {
            let status = json!({"phase": "Applied", "cost": cost, "started": format!("2026-01-{day}T03:00:00Z")});
            let mut dream = fixtures::dream("team-a", name, json!({"storeRef": {"name": "project"}}), status);
            dream.metadata.labels = Some([(SCHEDULE_LABEL.to_owned(), "nightly".to_owned())].into());
            dream
        };
        let budget = json!({"cost": "2", "dailyCost": "3"});
        for (dreams, left) in [
            (vec![], 2_000_000),
            (vec![spent("a", "01", "9")], 2_000_000),
            (vec![spent("a", "02", "1.5")], 1_500_000),
            (vec![spent("a", "02", "1.5"), spent("b", "02", "1.5")], 0),
        ] {
            let told = told(&stores, &dreams, &schedule(budget.clone()));
            assert_eq!(told[0].1, Some(left), "{}", dreams.len());
        }
    }

    #[test]
    fn a_dream_by_hand_is_dreamt_until_it_is_over() {
        let stores = [fixtures::made(fixtures::store("team-a", "project", json!({})))];
        for (more, phase, is_due) in [
            (json!({}), "Pending", true),
            (json!({}), "Running", true),
            (json!({}), "Applied", false),
            (json!({"cancel": true}), "Running", false),
        ] {
            let mut spec = json!({"storeRef": {"name": "project"}});
            spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let dream = fixtures::dream("team-a", "d", spec, json!({"phase": phase}));
            let told = told(&stores, &[], &Origin::Dream(dream.into()));
            assert_eq!(!told.is_empty(), is_due, "{more} {phase}");
        }
    }
}
