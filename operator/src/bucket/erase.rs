//! Removes a deleted store's data, all versions of them, where its object says so. The manifests stay: they say that
//! the id was used.

use remanence_store::backend::Backend;
use remanence_store::{StoreError, StoreId};

/// Removes everything of the store `id`.
///
/// # Errors
/// When something can't be removed.
pub async fn erase(backend: &Backend, id: StoreId) -> Result<(), StoreError> {
    let Some(maintain) = &backend.maintain else {
        return Err(StoreError::NoMaintain {
            url: backend.url.clone(),
        });
    };
    for version in maintain.versions(&format!("{id}/")).await? {
        if version.version.is_some() {
            maintain.delete_version(&version).await?;
        } else {
            maintain.delete(&version.key).await?;
        }
    }
    Ok(())
}
