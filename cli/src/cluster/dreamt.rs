//! What a Dream changed, or would change, and the words that each line of it rests on.

use remanence_api::dream::{Dream, Phase};
use remanence_dreamer::{Change, Why, evidence_of_commit, evidence_of_proposal, proposed};
use remanence_store::diff::{FileDiff, diff};
use remanence_store::tree::is_of_dreams;
use remanence_store::{At, Seq, history};
use serde::Serialize;

use super::dreams::phase;
use super::{ClusterSessions, Dreams};
use crate::exit::Failure;

/// The files of a Dream; none of one that neither wrote nor waits.
#[derive(Default, Serialize)]
pub(crate) struct Changes {
    /// What it changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) changed: Vec<FileDiff>,
    /// What it would change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) proposed: Vec<Change>,
}

/// Where in the store its changes are.
enum Lies {
    /// Beside the log, by this name.
    Proposed(String),
    /// In this commit.
    Committed(Seq),
}

fn lies(dream: &Dream) -> Option<Lies> {
    let status = dream.status.as_ref()?;
    match phase(dream) {
        Phase::Proposed => status.id.clone().map(Lies::Proposed),
        Phase::Applied | Phase::Undone => Seq::try_from(status.result?).ok().map(Lies::Committed),
        _ => None,
    }
}

impl Dreams {
    /// What a Dream changed, or would change on the memory as it is now.
    pub(crate) async fn changes(&self, dream: &Dream) -> Result<Changes, Failure> {
        let mut changes = Changes::default();
        let Some(lies) = lies(dream) else { return Ok(changes) };
        let store = self.store_of(dream).read().await?;
        match lies {
            Lies::Proposed(id) => changes.proposed = proposed(&store, &id).await?,
            Lies::Committed(seq) => {
                let at = At { seq, op: None };
                let old = history::tree_at(&store, history::before(at)).await?;
                let new = history::tree_at(&store, at).await?;
                changes.changed = diff(&store, &old, &new, "/").await?;
                // Its own notes are in the record.
                changes.changed.retain(|file| !is_of_dreams(&file.path));
            }
        }
        Ok(changes)
    }

    /// What the lines rest on that it wrote or would write.
    pub(crate) async fn evidence(&self, dream: &Dream) -> Result<Vec<Why>, Failure> {
        let Some(lies) = lies(dream) else { return Ok(Vec::new()) };
        let store = self.store_of(dream).read().await?;
        let sessions = ClusterSessions {
            namespace: &self.namespace,
        };
        Ok(match lies {
            Lies::Proposed(id) => evidence_of_proposal(&store, &id, &sessions).await?,
            Lies::Committed(seq) => evidence_of_commit(&store, seq, &sessions).await?,
        })
    }
}
