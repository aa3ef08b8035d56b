//! Small things that only take room: proposals nobody can approve any more, indexes nobody needs any more.

use jiff::Timestamp;

use crate::error::Result;
use crate::id::Seq;
use crate::index;
use crate::maintain::MaintainReport;
use crate::maintain::rights::Rights;
use crate::proposal::{self, Made};

/// Deletes proposals that nobody can approve any more: those that are decided, those made on a state past retention
/// (what they were made on is gone, so they can't be merged), and those from before `cutoff` that a newer one took the
/// place of.
pub(super) async fn proposals(rights: &Rights, cutoff: Timestamp, report: &mut MaintainReport) -> Result<()> {
    let tree = rights.store.tree();
    let mut gone = Vec::new();
    let mut waiting = Vec::new();
    for listed in rights.list(proposal::PREFIX).await? {
        let dream = listed.key.strip_prefix(proposal::PREFIX).unwrap_or_default();
        if tree.lookup(&proposal::record(dream)).is_some() {
            gone.push(listed.key);
            continue;
        }
        let object = rights.get(&listed.key, None).await?;
        if let Some(made) = object.as_ref().and_then(Made::of) {
            waiting.push((made.time, listed.key, made.base));
        }
    }
    waiting.sort_unstable();
    let newest = waiting.len().saturating_sub(1);
    let is_over = |at: usize, time: Timestamp, base: Seq| base < tree.horizon || (at < newest && time < cutoff);
    let over = waiting.into_iter().enumerate();
    gone.extend(over.filter_map(|(at, (time, key, base))| is_over(at, time, base).then_some(key)));
    for key in gone {
        rights.delete(&key).await?;
        report.proposals_dropped += 1;
    }
    Ok(())
}

/// Deletes indexes older than the newest one that the oldest retained state can be read from.
pub(super) async fn indexes(rights: &Rights, report: &mut MaintainReport) -> Result<()> {
    let horizon = rights.store.tree().horizon;
    let listed = rights.list("index/").await?;
    let older = listed
        .iter()
        .skip_while(|o| index::seq_of_key(&o.key).is_none_or(|seq| seq > horizon))
        .skip(1);
    for object in older {
        rights.delete(&object.key).await?;
        report.indexes_dropped += 1;
    }
    Ok(())
}
