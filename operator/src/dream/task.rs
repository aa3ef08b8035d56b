//! What a dreamer is told of one store. Pure.

use kube::ResourceExt;
use remanence_api::MemoryStore;
use remanence_api::dreaming::{Dreaming, LogBucket, Provider, Review};
use remanence_proto::broker::{Logs, Model, Place, Task};

use super::contribute::Reading;

/// What a dreamer is told of `store`; `left` is what the day's budget has left, in millionths of a US dollar.
pub(super) fn task(
    store: &MemoryStore,
    reading: &Reading,
    dreaming: &Dreaming,
    dry_run: bool,
    left: Option<u64>,
) -> Task {
    let budget = &dreaming.budget;
    let cost = [budget.cost.as_deref().map(micros), left].into_iter().flatten().min();
    let logs = if reading.own {
        &[][..]
    } else {
        &dreaming.session_logs[..]
    };
    Task {
        store: called(store),
        sessions: reading.sessions.iter().map(|sessions| called(sessions)).collect(),
        strangers: reading.strangers.clone(),
        logs: logs
            .iter()
            .enumerate()
            .map(|(number, log)| logs_at(&log.s3, number))
            .collect(),
        facts: reading.facts.into(),
        whole: reading.whole.clone(),
        review: dreaming.review == Review::Manual,
        dry_run,
        instructions: dreaming.instructions.clone(),
        memory_size: budget.memory_size.bytes(),
        max_loss_percent: budget.max_loss_percent.into(),
        seconds: u32::try_from(budget.duration.as_std().as_secs()).unwrap_or(u32::MAX),
        model: dreaming.model.as_ref().map(|model| Model {
            provider: match model.provider {
                Provider::Anthropic => "Anthropic".to_owned(),
                Provider::OpenAi => "OpenAI".to_owned(),
            },
            name: model.name.clone(),
            base_url: model.base_url.clone().unwrap_or_default(),
        }),
        tokens: budget.tokens,
        cost_micros: cost,
        left_micros: left,
    }
}

/// How a store is called on a stream.
pub(crate) fn called(store: &MemoryStore) -> String {
    format!("{}/{}", store.namespace().unwrap_or_default(), store.name_any())
}

/// Millionths of a US dollar of an amount that the schema has let pass.
pub(super) fn micros(dollars: &str) -> u64 {
    dollars
        .parse::<f64>()
        .map_or(0, |dollars| (dollars * 1e6).round() as u64)
}

/// An S3 endpoint as a [`Place`] has it: empty for AWS.
pub(crate) fn endpoint(named: Option<&str>) -> String {
    named.unwrap_or_default().trim_end_matches('/').to_owned()
}

fn logs_at(s3: &LogBucket, number: usize) -> Logs {
    Logs {
        place: Some(Place {
            bucket: s3.bucket.clone(),
            prefix: s3.prefix.trim_end_matches('/').to_owned(),
            endpoint: endpoint(s3.endpoint.as_deref()),
            region: s3.region.clone(),
            path_style: s3.path_style.unwrap_or(s3.endpoint.is_some()),
            ..Place::default()
        }),
        key: s3.secret_ref.as_ref().map(|_| number as u32),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use remanence_proto::broker::task::Facts;
    use serde_json::json;

    use super::*;
    use crate::fixtures;

    #[test]
    fn a_task_says_what_the_schedule_says_and_no_key() {
        let dreaming: Dreaming = serde_json::from_value(json!({
            "model": {"provider": "OpenAI", "name": "m", "baseURL": "http://vllm:8000/v1", "apiKeySecretRef": {"name": "model", "key": "k"}},
            "review": "Manual", "instructions": "ignore: canteen",
            "budget": {"tokens": 5, "cost": "2.50", "duration": "10m", "memorySize": "64Ki"},
            "sessionLogs": [{"s3": {"bucket": "open"}}, {"s3": {"bucket": "logs", "prefix": "ci/", "endpoint": "http://s3:1/", "secretRef": {"name": "logs"}}}],
        }))
        .unwrap();
        let store = fixtures::store("team-a", "project", json!({}));
        let mut reading = Reading {
            sessions: vec![fixtures::store("team-a", "reviewer-sessions", json!({})).into()],
            strangers: vec!["team-a/reviewer-sessions".to_owned()],
            facts: Facts::Shared,
            whole: vec!["team-a/reviewer-sessions".to_owned()],
            own: false,
        };
        let told = task(&store, &reading, &dreaming, false, None);
        assert_eq!(told.store, "team-a/project");
        assert_eq!(told.sessions, ["team-a/reviewer-sessions"]);
        assert_eq!((&told.strangers, &told.whole), (&told.sessions, &told.sessions));
        assert_eq!((told.review, told.seconds, told.memory_size), (true, 600, 64 << 10));
        assert_eq!((told.tokens, told.cost_micros), (Some(5), Some(2_500_000)));
        let places: Vec<_> = told.logs.iter().map(|l| (l.place.clone().unwrap(), l.key)).collect();
        assert_eq!((places[0].0.path_style, places[0].1), (false, None));
        assert_eq!(
            (places[1].0.prefix.as_str(), places[1].0.endpoint.as_str(), places[1].1),
            ("ci", "http://s3:1", Some(1))
        );
        // The day has less left than one dream may cost.
        let told = task(&store, &reading, &dreaming, false, Some(7));
        assert_eq!((told.cost_micros, told.left_micros), (Some(7), Some(7)));
        // Logs are nobody's own.
        reading.own = true;
        assert!(task(&store, &reading, &dreaming, true, None).logs.is_empty());
    }
}
