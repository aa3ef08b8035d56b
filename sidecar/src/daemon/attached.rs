//! What is attached, and what is to be: brings the mount from one to the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use remanence_link::{Link, backend};
use remanence_proto::broker::{Attachment, Identity, attachment};
use remanence_store::Author;
use remanence_store::author::AgentAuthor;

use super::settings;
use crate::fs::root::SESSIONS;
use crate::mount::{Mount, Stopped};
use crate::open::AttachmentConfig;

/// The mount and its stores.
pub(super) struct Attached {
    mount: Mount,
    link: Arc<Link>,
    /// By folder; `None` until the broker has said it.
    wanted: Option<BTreeMap<String, Attachment>>,
    current: BTreeMap<String, Attachment>,
    /// What stood in the way last, by folder; said once.
    troubles: BTreeMap<String, String>,
}

impl Attached {
    /// With nothing attached yet.
    pub(super) fn new(mount: Mount, link: Arc<Link>) -> Self {
        Self {
            mount,
            link,
            wanted: None,
            current: BTreeMap::new(),
            troubles: BTreeMap::new(),
        }
    }

    /// Who writes what is attached from now on.
    pub(super) fn welcome(&mut self, identity: &Identity) {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        self.mount.set_author(Author::Agent(AgentAuthor {
            agent: identity.agent.clone(),
            namespace: given(&identity.namespace),
            pod: given(&identity.pod),
            service_account: given(&identity.service_account),
            session: None,
        }));
    }

    /// What is to be attached.
    pub(super) fn want(&mut self, attachments: Vec<Attachment>) {
        let by_folder = attachments
            .into_iter()
            .map(|attachment| (folder(&attachment), attachment));
        self.wanted = Some(by_folder.collect());
    }

    /// Whether everything that is to be attached is.
    pub(super) fn is_complete(&self) -> bool {
        self.wanted.as_ref().is_some_and(|wanted| {
            wanted.len() == self.current.len()
                && wanted
                    .iter()
                    .all(|(folder, w)| self.current.get(folder).is_some_and(|c| is_same(c, w)))
        })
    }

    /// What stands in the way of what is not attached yet.
    pub(super) fn trouble(&self) -> Option<String> {
        let wanted = self.wanted.as_ref()?;
        let (folder, why) = self.troubles.iter().find(|(folder, _)| wanted.contains_key(*folder))?;
        Some(format!("{folder} can't be attached yet: {why}"))
    }

    /// Waits until somebody else has unmounted.
    pub(super) async fn unmounted(&mut self) {
        self.mount.unmounted().await;
    }

    /// Detaches and attaches as far as possible.
    pub(super) async fn settle(&mut self) {
        let Some(wanted) = self.wanted.clone() else { return };
        let gone = self
            .current
            .iter()
            .filter(|(folder, current)| wanted.get(*folder).is_none_or(|wanted| !is_same(current, wanted)));
        let gone: Vec<String> = gone.map(|(folder, _)| folder.clone()).collect();
        for folder in gone {
            let left = self.mount.detach(&folder).await.unwrap_or_default();
            if left > 0 {
                tracing::warn!(folder, left, "detached with changes that are only in the journal");
            }
            self.current.remove(&folder);
            tracing::info!(folder, "detached");
        }
        for (folder, attachment) in wanted {
            if let Some(current) = self.current.get_mut(&folder) {
                if current.instructions != attachment.instructions {
                    self.mount.fs().instruct(&folder, &attachment.instructions);
                    current.instructions = attachment.instructions;
                }
                continue;
            }
            match self.attach(&folder, &attachment).await {
                Ok(()) => {
                    tracing::info!(folder, store = attachment.store, "attached");
                    self.troubles.remove(&folder);
                    self.current.insert(folder, attachment);
                }
                Err(why) => {
                    if self.troubles.get(&folder) != Some(&why) {
                        tracing::error!(folder, store = attachment.store, why, "can't be attached yet");
                        self.troubles.insert(folder, why);
                    }
                }
            }
        }
    }

    async fn attach(&mut self, folder: &str, attachment: &Attachment) -> Result<(), String> {
        let settings = settings::of(attachment)?;
        let ring = self.link.ring(&attachment.store);
        let opened = backend(attachment, &self.link).await;
        let config = AttachmentConfig {
            name: folder.to_owned(),
            backend: opened.map_err(|error| error.to_string())?,
            settings,
            init: None,
            ring: Some(ring),
        };
        let attached = if folder == SESSIONS {
            self.mount.attach_sessions(config).await
        } else {
            self.mount.attach(config).await
        };
        attached.map(drop).map_err(|error| error.to_string())
    }

    /// Writes what is left.
    pub(super) async fn stop(self) -> Stopped {
        self.mount.stop().await
    }
}

/// The folder of an attachment.
fn folder(attachment: &Attachment) -> String {
    if attachment.purpose() == attachment::Purpose::Sessions {
        SESSIONS.to_owned()
    } else {
        attachment.name.clone()
    }
}

/// Whether an attachment may stay: new credentials of the same kind come by themselves, and words are only for the note.
/// Where the broker can lend none now, what it lent before goes on, at the place that it was lent for.
fn is_same(current: &Attachment, wanted: &Attachment) -> bool {
    let is_lent = wanted.credentials.is_some();
    let plain = |attachment: &Attachment| Attachment {
        credentials: None,
        place: attachment.place.clone().filter(|_| is_lent),
        description: String::new(),
        instructions: String::new(),
        ..attachment.clone()
    };
    let kind = |attachment: &Attachment| {
        let credentials = attachment.credentials.as_ref()?.credentials.as_ref()?;
        Some(std::mem::discriminant(credentials))
    };
    (!is_lent || kind(current) == kind(wanted)) && plain(current) == plain(wanted)
}

#[cfg(test)]
mod tests {
    use remanence_proto::broker::{Ambient, Credentials, Place, Presigned, credentials};

    use super::*;

    fn lent(kind: credentials::Credentials) -> Attachment {
        Attachment {
            name: "project".to_owned(),
            store: "team-a/project".to_owned(),
            access: attachment::Access::ReadWrite.into(),
            place: Some(Place {
                bucket: "memories".to_owned(),
                ..Place::default()
            }),
            credentials: Some(Credentials {
                store: "team-a/project".to_owned(),
                credentials: Some(kind),
            }),
            ..Attachment::default()
        }
    }

    #[test]
    fn what_can_not_be_lent_again_now_stays_unless_less_may_be_done_with_it() {
        let current = lent(credentials::Credentials::Presigned(Presigned {}));
        let without = Attachment {
            credentials: None,
            ..current.clone()
        };
        let lost = Attachment {
            place: None,
            ..without.clone()
        };
        let lowered = Attachment {
            access: attachment::Access::ReadOnly.into(),
            ..without.clone()
        };
        let other = Attachment {
            store: "team-a/other".to_owned(),
            ..without.clone()
        };
        let moved = Attachment {
            place: Some(Place::default()),
            ..current.clone()
        };
        for (wanted, stays, what) in [
            (&current, true, "the same"),
            (&without, true, "without credentials"),
            (&lost, true, "without its class"),
            (&lowered, false, "with less access"),
            (&other, false, "another store"),
            (&moved, false, "at another place"),
            (
                &lent(credentials::Credentials::Ambient(Ambient {})),
                false,
                "otherwise lent",
            ),
        ] {
            assert_eq!(is_same(&current, wanted), stays, "{what}");
        }
    }
}
