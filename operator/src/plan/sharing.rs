//! What a store shares with a namespace.

use kube::ResourceExt;
use kube::core::{Selector, SelectorExt};
use remanence_api::MemoryStore;
use remanence_api::store::{Access, From, Share};

use super::Labels;

/// The most that Agents of a namespace may do; `None` where it is not shared with them.
pub(super) fn access(store: &MemoryStore, namespace: &str, labels: &Labels) -> Option<Access> {
    let home = store.namespace().unwrap_or_default();
    let fits = |share: &&Share| match share.namespaces.from {
        From::Same => home == namespace,
        From::All => true,
        From::Selector => {
            let selector = share.namespaces.selector.clone().unwrap_or_default();
            // A selector that can't be read selects nobody.
            Selector::try_from(selector).is_ok_and(|selector| selector.matches(labels))
        }
    };
    store
        .spec
        .sharing
        .iter()
        .filter(fits)
        .map(|share| share.max_access)
        .max()
}
