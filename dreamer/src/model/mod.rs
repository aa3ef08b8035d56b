//! Models: they propose facts with the words each rests on; code checks, merges and commits.
//!
//! A model is shown what people typed, secrets masked, and nothing that tools, files or pages said. What it proposes
//! passes the same stages as what the rules find, after its words were looked up where it says they stand.

mod anthropic;
mod ask;
mod budget;
mod choice;
mod http;
mod known;
mod openai;
pub mod passages;
mod prices;
mod prompt;
mod reader;
mod schema;
mod support;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

pub use ask::{Answer, Ask, Repair};
pub(crate) use budget::Bill;
pub use budget::{Budget, Spent, Tokens, Tries};
pub use choice::{Choice, Connection, Key, NotUsable};
pub use http::Patience;
pub use prompt::VERSION as PROMPT;
pub(crate) use reader::{Answers, Extracted, Material, read};
pub(crate) use support::is_quoted_from;

/// Something that answers a prompt with JSON.
#[async_trait]
pub trait Model: Send + Sync + fmt::Debug {
    /// Its provider and name, as the record shows them.
    fn name(&self) -> &str;

    /// What its tokens cost, where it is known.
    fn price(&self) -> Option<&Price>;

    /// Asks once; tries again by itself what is worth trying again, until the deadline.
    ///
    /// # Errors
    /// When no answer comes, or none that can be used.
    async fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Failure>;
}

/// A model and what a Dream may spend on it.
#[derive(Debug, Clone)]
pub struct Engine {
    /// The model.
    pub model: Arc<dyn Model>,
    /// What it may cost.
    pub budget: Budget,
}

pub use prices::Price;

/// Why a model gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The next request would fare no better.
    #[error("{0}")]
    Broken(String),
    /// This request has no usable answer; another may.
    #[error("{why}")]
    Unusable {
        /// What is wrong.
        why: String,
        /// What it cost all the same.
        tokens: Option<Tokens>,
    },
    /// The time is up.
    #[error("{0}")]
    Late(String),
}
