//! Commits again what was acknowledged and is gone: a store that broke create-if-absent.

use super::Committer;
use super::attempt::Tried;
use super::kept::Kept;
use crate::error::Result;
use crate::merge::bodies::{Texts, Uploads};
use crate::planted::{self, Bug};
use crate::tree::Tree;

impl Committer {
    /// The last op counter of this mount that the log has settled.
    pub(super) fn settled(&self) -> u64 {
        self.settled_in(&self.shared.tree())
    }

    pub(super) fn settled_in(&self, tree: &Tree) -> u64 {
        tree.mounts.get(&self.shared.mount).copied().unwrap_or(0)
    }

    /// Whether something acknowledged is not in the log any more.
    pub(super) fn has_lost(&self, tree: &Tree) -> bool {
        let settled = self.settled_in(tree);
        self.kept.has_after(settled) && !planted::is(Bug::NoRecommit)
    }

    /// Commits again what was acknowledged and is no longer in the log, because its slot was overwritten.
    pub(super) async fn recommit_lost(&mut self) -> Result<()> {
        let tree = self.shared.tree();
        if !self.has_lost(&tree) {
            return Ok(());
        }
        let settled = self.settled_in(&tree);
        let lost = self.kept.after(settled);
        tracing::error!(
            store = self.shared.url(),
            entries = lost.len(),
            "acknowledged commits are gone; writing them again"
        );
        // Entries often keep bytes of those before them, whose slots may be gone.
        let mut texts = Texts::default();
        for Kept {
            counter,
            last,
            mut entry,
        } in lost
        {
            entry.late = true;
            // A slot of ours that was thought lost may turn up while another is tried.
            while counter > self.settled() {
                let resolved = self.resolve(&[&entry], &mut texts, (Uploads::new(), 0), true).await?;
                for refused in resolved
                    .attempt
                    .results
                    .iter()
                    .flatten()
                    .filter_map(|r| r.as_ref().err())
                {
                    tracing::error!(store = self.shared.url(), %refused, "acknowledged, gone, and can't be written again");
                }
                if resolved.attempt.ops.is_empty() {
                    self.own = self.remembered(&resolved.attempt);
                    // Others have written it again: no slot of this mount will ever hold it, and none need.
                    self.kept.forget(counter);
                    break;
                }
                if let Tried::Ours(slot) = self.try_slot(&[&entry], &resolved, (counter, last)).await?
                    && self.counts(&slot, last).await?
                {
                    self.own = resolved.attempt.own_of(&slot);
                    break;
                }
                self.retrying(|s| async move { s.advance().await }).await?;
            }
        }
        Ok(())
    }
}
