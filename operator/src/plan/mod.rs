//! Which stores a pod attaches, with which access, and what stands in the way. Pure: the gate, the broker and the
//! Agent's status all ask here, so that they never disagree.

mod sharing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::{Resource, ResourceExt};
use remanence_api::agent::{Attach, Conflicts, Consistency, Durability};
use remanence_api::conditions::{self, reasons, types};
use remanence_api::names::session_store;
use remanence_api::store::{Access, Purpose};
use remanence_api::{Agent, MemoryStore};

pub use sharing::unread;

/// Labels of an object.
pub type Labels = BTreeMap<String, String>;

/// What must be known of the cluster.
pub trait World {
    /// A store.
    fn store(&self, namespace: &str, name: &str) -> Option<Arc<MemoryStore>>;
    /// A namespace's labels; `None` where there is no such namespace.
    fn namespace_labels(&self, namespace: &str) -> Option<Labels>;
}

/// What the plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purport {
    /// A pod that is to start: every store must be ready.
    Start,
    /// A pod that runs: what was ready once stays, whatever befalls its class or keys.
    Serve,
}

/// A store to attach.
#[derive(Debug, Clone)]
pub struct Attached {
    /// The folder's name; empty for sessions.
    pub folder: String,
    /// The store.
    pub store: Arc<MemoryStore>,
    /// What the pod may do.
    pub access: Access,
    /// As the Agent says.
    pub durability: Durability,
    /// As the Agent says.
    pub conflicts: Conflicts,
    /// As the Agent says.
    pub consistency: Consistency,
    /// Told to the agent.
    pub instructions: String,
}

/// Why a store can't be attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// One of the reasons.
    pub reason: &'static str,
    /// What is wrong and what to do.
    pub message: String,
    /// The store that is to be made, where the Agent says so.
    pub make: Option<String>,
    /// It is being worked on: nothing is wrong.
    pub passing: bool,
}

/// What an Agent's pod has and lacks.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// What is attached.
    pub attached: Vec<Attached>,
    /// What is not.
    pub lacking: Vec<Lacking>,
    /// Wishes for access that were lowered, a sentence each.
    pub lowered: Vec<String>,
}

/// A store that an Agent wants.
struct Wanted<'a> {
    folder: String,
    namespace: String,
    name: String,
    wish: Access,
    /// Made with the Agent, and its alone.
    own: bool,
    entry: Option<&'a Attach>,
}

/// The plan for a pod of `agent` with the labels `pod`; without them for the Agent as such, which leaves out what
/// depends on the pod.
pub fn plan(world: &dyn World, agent: &Agent, pod: Option<&Labels>, purport: Purport) -> Plan {
    let mut plan = Plan::default();
    for wanted in wanted(agent, pod) {
        match wanted.and_then(|wanted| resolve(world, agent, wanted, purport)) {
            Ok((attached, lowered)) => {
                plan.attached.push(attached);
                plan.lowered.extend(lowered);
            }
            Err(lacking) => plan.lacking.push(lacking),
        }
    }
    plan
}

/// Whether an Agent's pods attach that store: by its own name, by a reference, or perhaps by a label of theirs.
pub fn concerns(agent: &Agent, namespace: &str, store: &str) -> bool {
    // Asked of every Agent with each change of a store: nothing is copied where the answer is no.
    let here = agent.metadata.namespace.as_deref().unwrap_or_default();
    let own = here == namespace && {
        let name = agent.metadata.name.as_deref().unwrap_or_default();
        store.starts_with(name) && (name == store || session_store(name) == store)
    };
    own || agent.spec.stores.iter().any(|entry| {
        let reference = &entry.store_ref;
        let there = reference.namespace.as_deref().unwrap_or(here);
        there == namespace && reference.name.as_deref().is_none_or(|name| name == store)
    })
}

/// Whether Agents of a namespace, which has those labels, may give their sessions to a store's dreams.
pub fn may_contribute(store: &MemoryStore, namespace: &str, labels: &Labels) -> bool {
    sharing::contribution(store, namespace, labels)
}

/// Whether a pod with that `ServiceAccount` may be the Agent.
///
/// # Errors
/// Why not.
pub fn may_be(agent: &Agent, service_account: &str) -> Result<(), Lacking> {
    let allowed = &agent.spec.service_account_names;
    if allowed.is_empty() || allowed.iter().any(|name| name == service_account) {
        return Ok(());
    }
    Err(lacking(
        reasons::SERVICE_ACCOUNT,
        format!(
            "the ServiceAccount {service_account} may not be the Agent {}: it allows {}; run the pod as one of them or \
             add it to spec.serviceAccountNames",
            agent.name_any(),
            allowed.join(", ")
        ),
    ))
}

fn wanted<'a>(agent: &'a Agent, pod: Option<&Labels>) -> Vec<Result<Wanted<'a>, Lacking>> {
    let namespace = agent.namespace().unwrap_or_default();
    let agent_name = agent.name_any();
    let own = |folder: &str, name: String| {
        Ok(Wanted {
            folder: folder.to_owned(),
            namespace: namespace.clone(),
            name,
            wish: Access::ReadWrite,
            own: true,
            entry: None,
        })
    };
    let mut all = Vec::new();
    if agent.spec.memory.is_some() {
        all.push(own(&agent_name, agent_name.clone()));
    }
    for entry in &agent.spec.stores {
        let reference = &entry.store_ref;
        let name = match (&reference.name, &reference.from_pod_label) {
            (Some(name), _) => Ok(name.clone()),
            (None, Some(label)) => match pod {
                Some(pod) => by_label(entry, label, pod),
                None => continue,
            },
            // The schema refuses it; an object from before a rule may still have it.
            (None, None) => continue,
        };
        all.push(name.map(|name| Wanted {
            folder: entry.name.clone(),
            namespace: reference.namespace.clone().unwrap_or_else(|| namespace.clone()),
            name,
            wish: entry.access,
            own: false,
            entry: Some(entry),
        }));
    }
    if agent.keeps_sessions() {
        all.push(own("", session_store(&agent_name)));
    }
    all
}

fn by_label(entry: &Attach, label: &str, pod: &Labels) -> Result<String, Lacking> {
    let Some(value) = pod.get(label) else {
        let message = format!(
            "the pod lacks the label {label}, whose value names the store of the folder {}; add it to the pod template",
            entry.name
        );
        return Err(lacking(reasons::POD_LABEL, message));
    };
    if is_dns_label(value) {
        return Ok(value.clone());
    }
    let message = format!(
        "the pod's label {label} is `{value}`, which is no store's name (small letters, digits and `-`, at most 63); \
         correct it in the pod template"
    );
    Err(lacking(reasons::POD_LABEL, message))
}

fn is_dns_label(name: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let inner = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    name.len() <= 63 && inner && edge(name.chars().next()) && edge(name.chars().last())
}

fn resolve(
    world: &dyn World,
    agent: &Agent,
    wanted: Wanted<'_>,
    purport: Purport,
) -> Result<(Attached, Option<String>), Lacking> {
    let called = format!("the store {}/{}", wanted.namespace, wanted.name);
    let Some(store) = world.store(&wanted.namespace, &wanted.name) else {
        return Err(absent(&wanted, &called));
    };
    let granted = granted(world, agent, &wanted, &store, &called)?;
    check_ready(&store, purport, &called)?;
    let granted = if store.spec.archived { Access::ReadOnly } else { granted };
    let lowered = (granted < wanted.wish).then(|| {
        let why = if store.spec.archived {
            "it is archived"
        } else {
            "its maxAccess for this namespace is ReadOnly"
        };
        format!("{called} is attached read-only as {}: {why}", wanted.folder)
    });
    let entry = wanted.entry;
    // Transcripts are many small appends, which no caller should wait for.
    let otherwise = if store.spec.purpose == Purpose::Sessions {
        Durability::Local
    } else {
        Durability::Store
    };
    let attached = Attached {
        folder: wanted.folder,
        access: granted.min(wanted.wish),
        durability: entry.map_or(otherwise, |e| e.durability),
        conflicts: entry.map_or_else(Conflicts::default, |e| e.conflicts),
        consistency: entry.map_or_else(Consistency::default, |e| e.consistency),
        instructions: entry.map(|e| e.instructions.clone()).unwrap_or_default(),
        store,
    };
    Ok((attached, lowered))
}

fn absent(wanted: &Wanted<'_>, called: &str) -> Lacking {
    if wanted.own {
        return Lacking {
            passing: true,
            ..lacking(reasons::STORE_NOT_READY, format!("{called} is being made"))
        };
    }
    if wanted.entry.is_some_and(|entry| entry.create) {
        return Lacking {
            make: Some(wanted.name.clone()),
            passing: true,
            ..lacking(reasons::STORE_NOT_READY, format!("{called} is being made"))
        };
    }
    let message = format!(
        "{called} does not exist; create it, or correct storeRef of the folder {}",
        wanted.folder
    );
    lacking(reasons::STORE_NOT_FOUND, message)
}

/// The most an Agent may do in the store.
fn granted(
    world: &dyn World,
    agent: &Agent,
    wanted: &Wanted<'_>,
    store: &MemoryStore,
    called: &str,
) -> Result<Access, Lacking> {
    if wanted.own {
        if is_owned(store, agent) {
            return Ok(Access::ReadWrite);
        }
        let message = format!(
            "{called} is there already and not this Agent's; delete it or give the Agent another name (or attach it by \
             spec.stores and leave out spec.memory)"
        );
        return Err(lacking(reasons::STORE_TAKEN, message));
    }
    let namespace = agent.namespace().unwrap_or_default();
    let labels = world.namespace_labels(&namespace).unwrap_or_default();
    sharing::access(store, &namespace, &labels).ok_or_else(|| {
        let message = match controlling_agent(store) {
            // What anybody wrote into its sharing would be taken back.
            Some(owner) => format!(
                "{called} is the Agent {}'s own and can't be shared; keep what others are to read in a MemoryStore that \
                 each of them attaches by spec.stores",
                owner.name
            ),
            None => format!(
                "{called} is not shared with the namespace {namespace}; its owner can add the namespace to spec.sharing"
            ),
        };
        lacking(reasons::NOT_SHARED, message)
    })
}

/// The Agent that a store says it was made with.
fn controlling_agent(store: &MemoryStore) -> Option<&OwnerReference> {
    store.owner_references().iter().find(|owner| {
        let group = owner.api_version.split_once('/').map(|(group, _)| group);
        owner.controller == Some(true) && group == Some(&*Agent::group(&())) && owner.kind == Agent::kind(&())
    })
}

/// Whether the store was made with the Agent. A reference is its writer's word: whoever may write stores can put into it
/// the uid of another namespace's Agent, whose sessions would be read for the store.
pub fn is_owned(store: &MemoryStore, agent: &Agent) -> bool {
    let uid = agent.uid().unwrap_or_default();
    let is_here = store.namespace() == agent.namespace();
    // No object has two controllers.
    is_here && controlling_agent(store).is_some_and(|owner| owner.name == agent.name_any() && owner.uid == uid)
}

fn check_ready(store: &MemoryStore, purport: Purport, called: &str) -> Result<(), Lacking> {
    let status = store.status.clone().unwrap_or_default();
    if purport == Purport::Serve && status.store_id.is_some() && status.prefix.is_some() {
        return Ok(());
    }
    if store.metadata.deletion_timestamp.is_some() {
        return Err(lacking(reasons::STORE_DELETED, format!("{called} is being deleted")));
    }
    let ready = conditions::find(&status.conditions, types::READY);
    if ready.is_some_and(|c| c.status == "True") && status.store_id.is_some() {
        return Ok(());
    }
    let Some(ready) = ready else {
        return Err(Lacking {
            passing: true,
            ..lacking(reasons::STORE_NOT_READY, format!("{called} is being made"))
        });
    };
    let message = format!("{called} is not ready ({}: {})", ready.reason, ready.message);
    Err(lacking(reasons::STORE_NOT_READY, message))
}

/// What can't be attached, where something is wrong and nothing is to be made.
pub(crate) fn lacking(reason: &'static str, message: String) -> Lacking {
    Lacking {
        reason,
        message,
        make: None,
        passing: false,
    }
}
