//! What of a pod depends on its Agent.

use kube::ResourceExt;
use remanence_api::Agent;
use remanence_api::agent::Harness;
use remanence_api::names::MOUNT_PATH;
use serde::Serialize;
use serde_json::json;

use crate::short_hash::short_hash;

/// What is mounted besides the memory itself, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Injection {
    /// The containers; all where it is empty.
    pub containers: Vec<String>,
    /// Where sessions are mounted.
    pub sessions: Option<String>,
    /// Where the note is mounted.
    pub notes: Vec<String>,
    /// A settings file: its path and its text.
    pub settings: Option<(String, String)>,
}

impl Injection {
    /// What an Agent's pods get; one that is not known is taken for a plain one.
    pub fn of(agent: Option<&Agent>) -> Self {
        let Some(agent) = agent else {
            return Self::default();
        };
        Self {
            containers: agent.spec.containers.clone(),
            sessions: agent.keeps_sessions().then(|| agent.sessions_path()).flatten(),
            notes: agent.note_paths(),
            settings: settings(agent),
        }
    }

    /// Tells whether a pod has it: the same for the same injection.
    pub fn fingerprint(&self) -> String {
        let text = serde_json::to_vec(self).expect("plain values serialise");
        short_hash(text, 16)
    }
}

/// Claude Code keeps a memory of its own; here it is the agent's own store.
fn settings(agent: &Agent) -> Option<(String, String)> {
    if agent.spec.harness != Harness::ClaudeCode || agent.spec.memory.is_none() {
        return None;
    }
    let text = json!({"autoMemoryDirectory": format!("{MOUNT_PATH}/{}", agent.name_any())}).to_string();
    Some(("/etc/claude-code/managed-settings.json".to_owned(), text))
}
