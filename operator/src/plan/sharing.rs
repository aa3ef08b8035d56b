//! What a store shares with a namespace.

use kube::ResourceExt;
use kube::core::{Selector, SelectorExt};
use remanence_api::MemoryStore;
use remanence_api::store::{Access, From, Share};

use super::Labels;

/// The most that Agents of a namespace may do; `None` where it is not shared with them.
pub(super) fn access(store: &MemoryStore, namespace: &str, labels: &Labels) -> Option<Access> {
    fitting(store, namespace, labels).map(|share| share.max_access).max()
}

/// Whether Agents of a namespace may give their sessions to the store's dreams.
pub(super) fn contribution(store: &MemoryStore, namespace: &str, labels: &Labels) -> bool {
    let is_home = store.namespace().as_deref() == Some(namespace);
    fitting(store, namespace, labels).any(|share| is_home || share.contribute)
}

/// What of a store's sharing can't be read, and so shares with nobody.
pub fn unread(store: &MemoryStore) -> Option<String> {
    let shares = store.spec.sharing.iter().enumerate();
    let wrong = shares.filter_map(|(number, share)| {
        let selector = share.namespaces.selector.clone()?;
        let error = Selector::try_from(selector).err()?;
        Some(format!(
            "spec.sharing[{number}].namespaces.selector can't be read and selects nobody: {error}"
        ))
    });
    let wrong: Vec<String> = wrong.collect();
    (!wrong.is_empty()).then(|| wrong.join("; "))
}

/// The entries that concern a namespace.
fn fitting<'a>(store: &'a MemoryStore, namespace: &'a str, labels: &'a Labels) -> impl Iterator<Item = &'a Share> {
    let home = store.namespace().unwrap_or_default();
    let fits = move |share: &&Share| match share.namespaces.from {
        From::Same => home == namespace,
        From::All => true,
        From::Selector => {
            let selector = share.namespaces.selector.clone().unwrap_or_default();
            // A selector that can't be read selects nobody.
            Selector::try_from(selector).is_ok_and(|selector| selector.matches(labels))
        }
    };
    store.spec.sharing.iter().filter(fits)
}
