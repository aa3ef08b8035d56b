//! Which stores a schedule dreams. Pure.

use std::sync::Arc;

use kube::ResourceExt;
use kube::core::{Selector, SelectorExt};
use remanence_api::store::Purpose;
use remanence_api::{DreamSchedule, MemoryStore};

use crate::cluster::Cluster;

/// A selector that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("spec.storeSelector can't be read: {0}")]
pub struct Unselectable(String);

/// The stores that a schedule dreams, by name: memories of its namespace that its selector fits, but for those that take
/// no more writes.
///
/// # Errors
/// When the selector is none.
pub fn selected(cluster: &Cluster, schedule: &DreamSchedule) -> Result<Vec<Arc<MemoryStore>>, Unselectable> {
    let wanted = schedule.spec.store_selector.clone().unwrap_or_default();
    let selector = Selector::try_from(wanted).map_err(|error| Unselectable(error.to_string()))?;
    let namespace = schedule.namespace();
    let mut stores = cluster
        .stores
        .state_filter(|store| store.namespace() == namespace && is_dreamt(store) && selector.matches(store.labels()));
    stores.sort_by_key(|store| store.name_any());
    Ok(stores)
}

/// Whether a store can be dreamt at all.
fn is_dreamt(store: &MemoryStore) -> bool {
    store.spec.purpose == Purpose::Memory && !store.spec.archived && store.metadata.deletion_timestamp.is_none()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures;

    #[test]
    fn a_schedule_dreams_the_memories_of_its_namespace() {
        let mut red = fixtures::store("team-a", "red", json!({}));
        red.metadata.labels = Some([("colour".to_owned(), "red".to_owned())].into());
        let stores = [
            fixtures::store("team-a", "project", json!({})),
            red,
            fixtures::store("team-a", "old", json!({"archived": true})),
            fixtures::store("team-a", "reviewer-sessions", json!({"purpose": "Sessions"})),
            fixtures::store("team-b", "theirs", json!({})),
        ];
        let cluster = fixtures::cluster(&[], &stores, &[], &[]);
        let of = |selector: Value| -> Result<Vec<String>, Unselectable> {
            let mut spec = json!({"schedule": "0 3 * * *"});
            if !selector.is_null() {
                spec["storeSelector"] = selector;
            }
            let found = selected(&cluster, &fixtures::schedule("team-a", "nightly", spec))?;
            Ok(found.iter().map(|store| store.name_any()).collect())
        };
        assert_eq!(of(Value::Null).unwrap(), ["project", "red"]);
        assert_eq!(of(json!({})).unwrap(), ["project", "red"]);
        assert_eq!(of(json!({"matchLabels": {"colour": "red"}})).unwrap(), ["red"]);
        assert!(of(json!({"matchLabels": {"colour": "blue"}})).unwrap().is_empty());
        let wrong = json!({"matchExpressions": [{"key": "colour", "operator": "Like", "values": ["r"]}]});
        assert!(of(wrong).is_err());
    }
}
