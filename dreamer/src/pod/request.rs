//! From a task to what is asked of a Dream. Pure.

use std::collections::BTreeSet;
use std::time::Duration;

use remanence_proto::broker::{Model, Task, task};

use crate::edge::Request;
use crate::model::{Budget, Choice, Connection, Key, NotUsable, Patience};
use crate::settings::Facts;

/// Why a task is not begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotNow {
    /// The day has nothing left to spend.
    UsedUp,
    /// It may cost nothing, on any day.
    Unpaid,
    /// The model.
    Model(NotUsable),
}

/// What is asked of the Dream `id`.
pub(super) fn request(task: &Task, id: &str, key: Option<&Key>) -> Result<Request, NotNow> {
    let engine = match &task.model {
        // The words wait for a day on which the model can see them.
        Some(_) if task.left_micros == Some(0) => return Err(NotNow::UsedUp),
        Some(_) if task.cost_micros == Some(0) => return Err(NotNow::Unpaid),
        Some(model) => choice(model)
            .engine(connection(model, key), budget(task))
            .map_err(NotNow::Model)?,
        None => None,
    };
    Ok(Request {
        facts: match task.facts() {
            task::Facts::All => Facts::All,
            task::Facts::Own => Facts::Own,
            task::Facts::Shared => Facts::Shared,
        },
        // Whose they are is known once they are open.
        whole: BTreeSet::new(),
        memory_size: usize::try_from(task.memory_size).ok().filter(|size| *size > 0),
        instructions: Some(task.instructions.clone()).filter(|text| !text.is_empty()),
        now: None,
        dry_run: task.dry_run,
        review: task.review,
        again: false,
        engine,
        id: Some(id.to_owned()),
        max_loss_percent: u8::try_from(task.max_loss_percent).ok(),
    })
}

fn choice(model: &Model) -> Choice {
    match model.provider.as_str() {
        "Anthropic" => Choice::Anthropic(model.name.clone()),
        _ => Choice::OpenAi(model.name.clone()),
    }
}

fn connection(model: &Model, key: Option<&Key>) -> Connection {
    Connection {
        url: Some(model.base_url.clone()).filter(|url| !url.is_empty()),
        key: key.cloned(),
        patience: Patience::default(),
    }
}

fn budget(task: &Task) -> Budget {
    Budget {
        tokens: task.tokens.unwrap_or(Budget::default().tokens),
        cost: task.cost_micros.map(|micros| micros as f64 / 1e6),
        time: Duration::from_secs(task.seconds.into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn model(provider: &str) -> Task {
        Task {
            store: "team-a/project".to_owned(),
            seconds: 60,
            model: Some(Model {
                provider: provider.to_owned(),
                name: "claude-haiku-4-5".to_owned(),
                base_url: String::new(),
            }),
            ..Task::default()
        }
    }

    #[test]
    fn a_task_without_a_model_is_dreamt_by_rules() {
        let task = Task {
            review: true,
            memory_size: 65536,
            max_loss_percent: 10,
            ..Task::default()
        };
        let request = request(&task, "2026-06-01-a1b2c3", None).unwrap();
        assert!(request.engine.is_none() && request.review && request.instructions.is_none());
        assert_eq!((request.memory_size, request.max_loss_percent), (Some(65536), Some(10)));
        assert_eq!(request.id.as_deref(), Some("2026-06-01-a1b2c3"));
    }

    #[test]
    fn a_model_needs_its_key_and_something_left_to_spend() {
        let key = Key::new("some-key");
        let refused = request(&model("Anthropic"), "d", None).unwrap_err();
        assert!(matches!(refused, NotNow::Model(NotUsable::NoKey { .. })));
        let engine = request(&model("Anthropic"), "d", key.as_ref()).unwrap().engine.unwrap();
        assert_eq!(engine.model.name(), "anthropic:claude-haiku-4-5");
        assert_eq!(engine.budget.time, Duration::from_mins(1));
        for (cost, left, why) in [
            (Some(0), Some(0), NotNow::UsedUp),
            (Some(0), Some(4), NotNow::Unpaid),
            (Some(0), None, NotNow::Unpaid),
        ] {
            let spent = Task {
                cost_micros: cost,
                left_micros: left,
                ..model("Anthropic")
            };
            assert_eq!(request(&spent, "d", key.as_ref()).unwrap_err(), why);
        }
    }
}
