//! Who wrote a commit.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who wrote: an agent, a person, a dream or maintenance. In JSON the first key tells which:
/// `{"agent": …}`, `{"user": …}`, `{"dream": …}` or `{"maintenance": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Author {
    /// An agent through its mount.
    Agent(AgentAuthor),
    /// A person (or their script) through the command line.
    User {
        /// The person's name as their system knows it.
        user: String,
    },
    /// A Dream.
    Dream {
        /// The dream's id.
        dream: String,
    },
    /// Retention, packing, collection or redaction.
    Maintenance {
        /// What ran, e.g. `maintain` or `redact`, and for whom.
        maintenance: String,
    },
}

/// An agent as author; what is not known (outside Kubernetes) is left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
pub struct AgentAuthor {
    /// The Agent's name.
    pub agent: String,
    /// Its namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
    /// Its `ServiceAccount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account: Option<String>,
    /// Its session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

impl Author {
    /// An agent of which only the name is known.
    pub fn agent(name: impl Into<String>) -> Self {
        Self::Agent(AgentAuthor {
            agent: name.into(),
            ..AgentAuthor::default()
        })
    }

    /// A person.
    pub fn user(name: impl Into<String>) -> Self {
        Self::User { user: name.into() }
    }

    /// A dream.
    pub fn dream(id: impl Into<String>) -> Self {
        Self::Dream { dream: id.into() }
    }

    /// The name alone, as conflict siblings and tables show it.
    pub fn name(&self) -> &str {
        match self {
            Self::Agent(a) => &a.agent,
            Self::User { user } => user,
            Self::Dream { dream } => dream,
            Self::Maintenance { maintenance } => maintenance,
        }
    }

    /// Whether it is who was `proved`. A session is the agent's own word, and a dream's name the dreamer's, which nobody
    /// proves.
    pub fn is_as(&self, proved: &Self) -> bool {
        match (self, proved) {
            (Self::Agent(said), Self::Agent(proved)) => {
                let without = |author: &AgentAuthor| AgentAuthor {
                    session: None,
                    ..author.clone()
                };
                without(said) == without(proved)
            }
            (Self::Dream { .. }, Self::Dream { .. }) => true,
            _ => self == proved,
        }
    }

    /// Whether a person wrote it.
    pub fn is_person(&self) -> bool {
        matches!(self, Self::User { .. })
    }
}

impl fmt::Display for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(_) => write!(f, "agent {}", self.name()),
            Self::User { .. } => write!(f, "user {}", self.name()),
            Self::Dream { .. } => write!(f, "dream {}", self.name()),
            Self::Maintenance { .. } => write!(f, "{}", self.name()),
        }
    }
}
