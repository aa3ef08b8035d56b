//! Objects of our kinds that a newer version wrote: one that can't be read here must not keep all others of its kind
//! from being seen, as the error of a whole list would.

use std::fmt::Debug;
use std::sync::Arc;

use futures::StreamExt;
use kube::Client;
use kube::core::DeserializeGuard;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::watcher::{self, Event};
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;

use super::watch::{Events, stream};

/// All objects of a kind of ours; `known` is the reflector that they go to.
pub(super) fn guarded<K>(client: &Client, known: &Store<K>) -> Events<K>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
{
    let known = known.clone();
    let events: Events<DeserializeGuard<K>> = stream(client, watcher::Config::default());
    let read = events.filter_map(move |event| {
        let event = match event {
            Ok(event) => readable(event, &known).map(Ok),
            Err(error) => Some(Err(error)),
        };
        std::future::ready(event)
    });
    read.boxed()
}

/// The event, of what can be read. What can't be is as it was last known; where it was not, there is none of it.
fn readable<K>(event: Event<DeserializeGuard<K>>, known: &Store<K>) -> Option<Event<K>>
where
    K: Resource<DynamicType = ()> + Clone + 'static,
{
    Some(match event {
        Event::Init => Event::Init,
        Event::InitDone => Event::InitDone,
        Event::InitApply(object) => Event::InitApply(read(object, known)?),
        Event::Apply(object) => Event::Apply(read(object, known)?),
        Event::Delete(object) => Event::Delete(read(object, known)?),
    })
}

fn read<K>(object: DeserializeGuard<K>, known: &Store<K>) -> Option<K>
where
    K: Resource<DynamicType = ()> + Clone + 'static,
{
    let (namespace, name) = (object.namespace(), object.name_any());
    let error = match object.0 {
        Ok(object) => return Some(object),
        Err(error) => error,
    };
    let place = ObjectRef::<K>::new(&name);
    let last = known.get(&match &namespace {
        Some(namespace) => place.within(namespace),
        None => place,
    });
    tracing::warn!(
        kind = %K::kind(&()),
        namespace,
        name,
        known = last.is_some(),
        "this version can't read it, so it goes on as it was last known; a newer one wrote it? {error}"
    );
    last.map(|last| {
        let mut last = Arc::unwrap_or_clone(last);
        // Or it, and its namespace with it, could not be deleted.
        if error.metadata.deletion_timestamp.is_some() {
            *last.meta_mut() = error.metadata;
        }
        last
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use remanence_api::{Agent, Dream, DreamSchedule, MemoryStore, MemoryStoreClass};
    use serde::Serialize;
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures;

    fn wrapped<K: Resource + DeserializeOwned>(object: &Value) -> DeserializeGuard<K> {
        serde_json::from_value(object.clone()).unwrap()
    }

    #[test]
    fn an_object_of_a_newer_version_goes_on_as_it_was_known_and_holds_back_no_other() {
        let project = fixtures::store("team-a", "project", json!({"description": "known"}));
        let known = fixtures::cluster(&[], std::slice::from_ref(&project), &[], &[]).stores;
        let mut newer = serde_json::to_value(&project).unwrap();
        newer["spec"]["deletionPolicy"] = "Archive".into();
        newer["spec"]["description"] = "newer".into();
        type Wrapped = DeserializeGuard<MemoryStore>;
        let events: [fn(Wrapped) -> Event<Wrapped>; 3] = [Event::Apply, Event::InitApply, Event::Delete];
        for event in events {
            let seen = readable(event(wrapped(&newer)), &known);
            let (Event::Apply(seen) | Event::InitApply(seen) | Event::Delete(seen)) = seen.unwrap() else {
                panic!("an object's event stays one")
            };
            assert_eq!(seen.spec.description, "known");
        }
        newer["metadata"]["name"] = "other".into();
        for event in events {
            assert!(readable(event(wrapped(&newer)), &known).is_none());
        }
        let other = fixtures::store("team-a", "other", json!({"description": "readable"}));
        let other = serde_json::to_value(other).unwrap();
        let seen = readable(Event::Apply(wrapped::<MemoryStore>(&other)), &known);
        assert!(matches!(seen, Some(Event::Apply(store)) if store.spec.description == "readable"));
    }

    #[test]
    fn what_is_deleted_is_so_though_the_rest_of_it_can_not_be_read() {
        let project = fixtures::store("team-a", "project", json!({"description": "known"}));
        let known = fixtures::cluster(&[], std::slice::from_ref(&project), &[], &[]).stores;
        let mut newer = serde_json::to_value(&project).unwrap();
        newer["spec"]["limits"] = json!({"size": "16777216Ti"});
        newer["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
        newer["metadata"]["finalizers"] = json!(["remanence.dev/store"]);
        newer["metadata"]["resourceVersion"] = "2".into();
        let Some(Event::Apply(seen)) = readable(Event::Apply(wrapped::<MemoryStore>(&newer)), &known) else {
            panic!("it is known")
        };
        assert!(seen.metadata.deletion_timestamp.is_some());
        assert_eq!(seen.resource_version().as_deref(), Some("2"));
        assert_eq!((seen.finalizers().len(), seen.spec.description.as_str()), (1, "known"));
    }

    #[test]
    fn a_class_has_no_namespace_to_be_found_in() {
        let class = fixtures::class("standard");
        let known = fixtures::cluster(&[], &[], std::slice::from_ref(&class), &[]).classes;
        let mut newer = serde_json::to_value(class).unwrap();
        newer["spec"]["credentials"]["mode"] = "Vault".into();
        assert!(readable(Event::Apply(wrapped::<MemoryStoreClass>(&newer)), &known).is_some());
    }

    /// Read with a guard it is what it is without.
    fn is_read_whole<K>(object: &K)
    where
        K: Resource + Serialize + DeserializeOwned + PartialEq + Debug,
    {
        let value = serde_json::to_value(object).unwrap();
        assert_eq!(wrapped::<K>(&value).0.unwrap(), *object);
    }

    #[test]
    fn what_can_be_read_is_read_whole() {
        let dreaming = json!({
            "budget": {"tokens": 500_000, "cost": "2.00", "duration": "30m", "maxLossPercent": 25, "memorySize": "64Ki"},
            "model": {"provider": "OpenAI", "name": "m", "baseURL": "http://m:1/v1"},
            "jobTemplate": {"resources": {"limits": {"memory": "256Mi"}}, "nodeSelector": {"a": "b"}},
        });
        let with = |key: &str, value: Value| {
            let mut spec = dreaming.clone();
            spec[key] = value;
            spec
        };
        is_read_whole::<DreamSchedule>(&fixtures::schedule(
            "n",
            "nightly",
            with("schedule", json!("0 3 * * *")),
        ));
        let status = json!({"phase": "Applied", "sessions": 3, "started": "2026-01-01T00:00:00Z"});
        let spec = with("storeRef", json!({"name": "project"}));
        is_read_whole::<Dream>(&fixtures::dream("n", "d", spec, status));
        let limits = json!({"limits": {"fileSize": 4096, "files": 10, "size": "1Gi"}, "history": {"retention": "30d"}});
        is_read_whole::<MemoryStore>(&fixtures::made(fixtures::store("n", "project", limits)));
        is_read_whole::<MemoryStoreClass>(&fixtures::class("standard"));
        let stores = json!([{"name": "p", "storeRef": {"name": "p"}, "access": "ReadOnly"}]);
        is_read_whole::<Agent>(&fixtures::agent("n", "one", json!({"memory": {}, "stores": stores})));
    }
}
