//! Stores that an Agent's entries ask for with `create: true`: made with the Agent where they have a name, with its pods
//! where a pod's label names them.

use std::collections::BTreeMap;
use std::time::Duration;

use kube::ResourceExt;
use kube::api::{ObjectMeta, Patch, PatchParams};
use remanence_api::conditions::{Verdict, reasons};
use remanence_api::names::{FIELD_MANAGER, FINALIZER, MADE_FOR, MANAGED_BY, MANAGER};
use remanence_api::{Agent, MemoryStore, MemoryStoreSpec};

use super::{Context, ReconcileError, reference};
use crate::events::Mood;

/// How soon it is tried again where the apiserver refused: a quota that grows sends no message.
pub(super) const REFUSED: Duration = Duration::from_mins(1);

/// Makes them all. Says why where the apiserver finds one wrong.
pub(super) async fn stores(
    agent: &Agent,
    names: &[String],
    context: &Context,
) -> Result<Option<Verdict>, ReconcileError> {
    let mut refused = None;
    for name in names {
        if let Err(error) = make(agent, name, context).await {
            let what = format!("the store {name} can't be made");
            refused.get_or_insert(error.refused(reasons::STORE_NOT_READY, &what)?);
        }
    }
    Ok(refused)
}

/// Makes one. It outlives the Agent: it is the customer's, or whatever its name stands for.
async fn make(agent: &Agent, name: &str, context: &Context) -> Result<(), ReconcileError> {
    let namespace = agent.namespace().unwrap_or_default();
    let mut store = MemoryStore::new(name, MemoryStoreSpec::default());
    store.metadata = ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(namespace.clone()),
        labels: Some(BTreeMap::from([(MANAGED_BY.to_owned(), MANAGER.to_owned())])),
        finalizers: Some(vec![FINALIZER.to_owned()]),
        annotations: Some(BTreeMap::from([(MADE_FOR.to_owned(), agent.name_any())])),
        ..ObjectMeta::default()
    };
    let api = context.api::<MemoryStore>(&namespace);
    let params = PatchParams::apply(FIELD_MANAGER);
    api.patch(name, &params, &Patch::Apply(&store))
        .await
        .map_err(ReconcileError::api(format!("the MemoryStore {name}")))?;
    let note = format!("made the MemoryStore {name}");
    context
        .events
        .say(&reference(agent), Mood::Normal, reasons::STORE_MADE, &note)
        .await;
    Ok(())
}
