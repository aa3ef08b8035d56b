//! Small things that only take room: proposals nobody can approve any more, indexes nobody needs any more.

use crate::error::Result;
use crate::index;
use crate::maintain::MaintainReport;
use crate::maintain::rights::Rights;
use crate::proposal;

/// Deletes proposals based on a state past retention: what they were made on is gone, so they can't be merged.
pub(super) async fn proposals(rights: &Rights, report: &mut MaintainReport) -> Result<()> {
    let horizon = rights.store.tree().horizon;
    if horizon == 0 {
        return Ok(());
    }
    for listed in rights.list(proposal::PREFIX).await? {
        let Some(object) = rights.get(&listed.key, None).await? else {
            continue;
        };
        if proposal::base(&object).is_some_and(|base| base < horizon) {
            rights.delete(&listed.key).await?;
            report.proposals_dropped += 1;
        }
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
