//! The author of a pod's commits, as its token proved it.

use remanence_proto::broker::Identity;
use remanence_store::Author;
use remanence_store::author::AgentAuthor;

use super::tokens::Caller;

/// What the pod is told of itself.
pub(super) fn identity(agent: &str, caller: &Caller) -> Identity {
    Identity {
        agent: agent.to_owned(),
        namespace: caller.namespace.clone(),
        pod: caller.pod.clone(),
        service_account: caller.service_account.clone(),
        pod_uid: caller.uid.clone(),
    }
}

/// What is signed as an object's metadata.
pub(super) fn metadata(identity: &Identity) -> String {
    text(&agent(identity))
}

/// The same of a dreamer, whose commits are a dream's.
pub(super) fn dreamer(identity: &Identity) -> String {
    text(&Author::dream(format!("{}/{}", identity.namespace, identity.pod)))
}

fn text(author: &Author) -> String {
    // Plain strings have no way to fail.
    serde_json::to_string(author).expect("an author serialises")
}

fn agent(identity: &Identity) -> Author {
    Author::Agent(AgentAuthor {
        agent: identity.agent.clone(),
        namespace: Some(identity.namespace.clone()),
        pod: Some(identity.pod.clone()),
        service_account: Some(identity.service_account.clone()),
        session: None,
    })
}
