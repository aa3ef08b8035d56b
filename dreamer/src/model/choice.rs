//! Which model: `rules`, `anthropic:NAME` or `openai:NAME`, and how it is reached.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::anthropic::Anthropic;
use super::budget::Budget;
use super::http::Patience;
use super::openai::OpenAi;
use super::prices::Price;
use super::{Engine, Model};

/// What finds and words the facts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Choice {
    /// Rules alone: no network, no key.
    #[default]
    Rules,
    /// A model of Anthropic's Messages API.
    Anthropic(String),
    /// A model behind a chat completions API, or of a server that speaks like it.
    OpenAi(String),
}

impl FromStr for Choice {
    type Err = NotUsable;

    fn from_str(text: &str) -> Result<Self, NotUsable> {
        match text.split_once(':') {
            None if text == "rules" => Ok(Self::Rules),
            Some(("anthropic", name)) if !name.is_empty() => Ok(Self::Anthropic(name.to_owned())),
            Some(("openai", name)) if !name.is_empty() => Ok(Self::OpenAi(name.to_owned())),
            _ => Err(NotUsable::Name { name: text.to_owned() }),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rules => f.write_str("rules"),
            Self::Anthropic(name) => write!(f, "anthropic:{name}"),
            Self::OpenAi(name) => write!(f, "openai:{name}"),
        }
    }
}

/// How a model is reached.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// The API's base, instead of the provider's own: for chat completions with the `/v1` that most servers have.
    pub url: Option<String>,
    /// The key.
    pub key: Option<Key>,
    /// How long and how often it is tried.
    pub patience: Patience,
}

impl Choice {
    /// The environment variable that holds the key by default; rules need none.
    pub fn key_variable(&self) -> Option<&'static str> {
        match self {
            Self::Rules => None,
            Self::Anthropic(_) => Some("ANTHROPIC_API_KEY"),
            Self::OpenAi(_) => Some("OPENAI_API_KEY"),
        }
    }

    /// The model with its budget; none for rules. No request is made.
    ///
    /// # Errors
    /// When the key is missing, the URL is none, or a cost is limited that cannot be told.
    pub fn engine(&self, connection: Connection, budget: Budget) -> Result<Option<Engine>, NotUsable> {
        let name = self.to_string();
        let price = Price::of_model(&name);
        if let Some(variable) = self.key_variable()
            && connection.key.is_none()
            && connection.url.is_none()
        {
            return Err(NotUsable::NoKey { name, variable });
        }
        if *self != Self::Rules && budget.cost.is_some() && price.is_none() {
            return Err(NotUsable::NoPrice { name });
        }
        let model: Arc<dyn Model> = match self {
            Self::Rules => return Ok(None),
            Self::Anthropic(model) => Arc::new(Anthropic::new(model, connection, price)?),
            Self::OpenAi(model) => Arc::new(OpenAi::new(model, connection, price)?),
        };
        Ok(Some(Engine { model, budget }))
    }
}

/// A key; it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    text: String,
    /// The environment variable that it was read from.
    variable: Option<String>,
}

impl Key {
    /// Takes a key, without the line end that files have; none where nothing is left.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self {
            text: text.to_owned(),
            variable: None,
        })
    }

    /// The same key, which was read from an environment variable.
    #[must_use]
    pub fn read_from(mut self, variable: &str) -> Self {
        self.variable = Some(variable.to_owned());
        self
    }

    pub(super) fn variable(&self) -> Option<&str> {
        self.variable.as_deref()
    }

    pub(super) fn reveal(&self) -> &str {
        &self.text
    }

    /// A text in which the key does not stand.
    pub(super) fn masked_in(&self, text: &str) -> String {
        text.replace(&self.text, "[key]")
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Why a model cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotUsable {
    /// No such model.
    #[error("{name}: no such model; take `rules`, `anthropic:NAME` or `openai:NAME`")]
    Name {
        /// What was asked for.
        name: String,
    },
    /// No key.
    #[error("{name}: needs a key; set {variable}, or name another API with a URL")]
    NoKey {
        /// The model.
        name: String,
        /// Where a key is looked for.
        variable: &'static str,
    },
    /// No price.
    #[error("{name}: what it costs is not known, so a cost cannot be kept to; limit its tokens instead")]
    NoPrice {
        /// The model.
        name: String,
    },
    /// No URL.
    #[error("{url}: is no base URL of an API ({why})")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_model_is_named_by_provider_and_name() {
        for name in ["rules", "anthropic:claude-haiku-4-5", "openai:qwen2.5:7b"] {
            assert_eq!(name.parse::<Choice>().unwrap().to_string(), name);
        }
        for name in ["", "gpt-4o", "anthropic:", "mistral:large"] {
            assert!(name.parse::<Choice>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_key_is_never_shown() {
        let key = Key::new(&format!("sk-{}\n", "a1B2".repeat(6))).unwrap();
        assert!(!format!("{key:?}").contains("a1B2"));
        assert_eq!(key.masked_in(&format!("bad key {}", key.reveal())), "bad key [key]");
        assert_eq!(Key::new(" \n"), None);
    }

    #[test]
    fn what_is_missing_is_said_before_anything_is_asked() {
        let choice: Choice = "openai:gpt-4o".parse().unwrap();
        let missing = choice.engine(Connection::default(), Budget::default()).unwrap_err();
        assert!(missing.to_string().contains("OPENAI_API_KEY"), "{missing}");
        let choice: Choice = "openai:my-own".parse().unwrap();
        let connection = Connection {
            url: Some("http://127.0.0.1:8080/v1".into()),
            ..Connection::default()
        };
        let budget = Budget {
            cost: Some(1.0),
            ..Budget::default()
        };
        let no_price = choice.engine(connection, budget).unwrap_err();
        assert!(matches!(no_price, NotUsable::NoPrice { .. }), "{no_price}");
    }
}
