//! The flags that choose a model and limit what it may spend.

use std::env;
use std::time::Duration;

use remanence_dreamer::model::{Budget, Choice, Connection, Engine, Key, Patience};

use crate::exit::Failure;

/// A model, how it is reached and what it may cost
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelArgs {
    /// What finds and words the facts: `rules` (no network, no key), `anthropic:NAME` or `openai:NAME`
    #[arg(long, value_name = "MODEL", default_value = "rules")]
    model: Choice,
    /// The API's base URL instead of the provider's own, e.g. `http://127.0.0.1:8080/v1`
    #[arg(long, value_name = "URL")]
    model_url: Option<String>,
    /// The environment variable that holds the key [default: `ANTHROPIC_API_KEY` or `OPENAI_API_KEY`]
    #[arg(long, value_name = "VARIABLE")]
    model_key_env: Option<String>,
    /// Most tokens, in and out; what is not read by then is read by the next dream
    #[arg(long, value_name = "N", default_value_t = Budget::default().tokens)]
    budget_tokens: u64,
    /// Most US dollars, for models whose price is known
    #[arg(long, value_name = "USD", value_parser = cost)]
    budget_cost: Option<f64>,
    /// Most minutes that the model may take
    #[arg(long, value_name = "N", default_value_t = Budget::default().time.as_secs() / 60)]
    budget_minutes: u64,
}

impl ModelArgs {
    /// The model with its budget; none for rules.
    pub(crate) fn engine(&self) -> Result<Option<Engine>, Failure> {
        let variable = self.model_key_env.as_deref().or(self.model.key_variable());
        let key = variable.and_then(|variable| env::var(variable).ok());
        if let (Some(named), None) = (&self.model_key_env, &key) {
            return Err(Failure::failed(format!(
                "{named}: there is no such environment variable"
            )));
        }
        let connection = Connection {
            url: self.model_url.clone(),
            key: key
                .as_deref()
                .and_then(Key::new)
                .zip(variable)
                .map(|(key, variable)| key.read_from(variable)),
            patience: Patience::default(),
        };
        let budget = Budget {
            tokens: self.budget_tokens,
            cost: self.budget_cost,
            time: Duration::from_secs(self.budget_minutes.saturating_mul(60)),
        };
        self.model
            .engine(connection, budget)
            .map_err(|error| Failure::failed(error.to_string()))
    }
}

fn cost(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(cost) if cost.is_finite() && cost >= 0.0 => Ok(cost),
        _ => Err("is not an amount in US dollars".to_owned()),
    }
}
