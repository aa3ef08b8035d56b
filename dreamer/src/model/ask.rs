//! One question to a model, and its answer.

use serde_json::Value;
use tokio::time::Instant;

use super::budget::{Tokens, Tries};

/// A question.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// What it is to do; the same in every request, so that it can be cached.
    pub system: &'a str,
    /// What it is to do it with.
    pub user: &'a str,
    /// An answer that was no use, to be put right.
    pub repair: Option<&'a Repair>,
    /// The JSON schema of the answer.
    pub schema: &'a Value,
    /// Most tokens of the answer.
    pub most: u64,
    /// When there is no more use in an answer.
    pub deadline: Instant,
    /// What may be spent on it.
    pub tries: Tries<'a>,
}

/// An answer that broke the schema, and how.
#[derive(Debug, Clone)]
pub struct Repair {
    /// The answer.
    pub answer: String,
    /// What is wrong with it.
    pub wrong: String,
}

impl Repair {
    /// The words that ask for a better answer.
    pub(super) fn request(&self) -> String {
        format!(
            "That answer cannot be used: {}. Answer again: only JSON, as the schema asks.",
            self.wrong
        )
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it said; meant to be JSON.
    pub text: String,
    /// What it cost; none where the model does not say.
    pub tokens: Option<Tokens>,
}
