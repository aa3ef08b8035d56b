//! Events on the objects a user looks at. One is written when there is something new to say, not each time it is true.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};
use parking_lot::Mutex;
use remanence_api::names::FIELD_MANAGER;

/// The apiserver takes no longer notes.
const LONGEST: usize = 1024;
/// Objects of which it is remembered what was said last; forgotten all at once, which costs a repetition each.
const REMEMBERED: usize = 20_000;
/// How often at most the same is said in words that may be others each time; the apiserver keeps Events for an hour.
const SELDOM: Duration = Duration::from_mins(30);

/// Whether all is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mood {
    /// It is.
    Normal,
    /// It is not.
    Warning,
}

/// Writes Events.
pub struct Events {
    client: Client,
    instance: String,
    said: Mutex<HashMap<String, (String, String)>>,
    seldom: Mutex<HashMap<(String, String, String), Instant>>,
}

impl Events {
    /// Writes by `client` as `instance`.
    pub fn new(client: Client, instance: String) -> Self {
        Self {
            client,
            instance,
            said: Mutex::default(),
            seldom: Mutex::default(),
        }
    }

    /// Says it of the object, unless that was the last thing said.
    pub async fn say(&self, about: &ObjectReference, mood: Mood, reason: &str, note: &str) {
        let uid = about.uid.clone().unwrap_or_default();
        let said = (reason.to_owned(), note.to_owned());
        {
            let mut last = self.said.lock();
            if last.get(&uid) == Some(&said) {
                return;
            }
            if last.len() >= REMEMBERED {
                last.clear();
            }
            last.insert(uid.clone(), said);
        }
        if !self.try_write(about, mood, reason, note).await {
            self.said.lock().remove(&uid);
        }
    }

    /// Says it of the object and of something `of` it, in these words or others, and again while it lasts, but seldom.
    pub async fn say_seldom(&self, about: &ObjectReference, of: &str, mood: Mood, reason: &str, note: &str) {
        let key = (about.uid.clone().unwrap_or_default(), of.to_owned(), reason.to_owned());
        {
            let mut last = self.seldom.lock();
            if last.get(&key).is_some_and(|last| last.elapsed() < SELDOM) {
                return;
            }
            if last.len() >= REMEMBERED {
                last.clear();
            }
            last.insert(key.clone(), Instant::now());
        }
        if !self.try_write(about, mood, reason, note).await {
            self.seldom.lock().remove(&key);
        }
    }

    /// Whether something was said of the object.
    pub fn has_spoken(&self, uid: &str) -> bool {
        self.said.lock().contains_key(uid)
    }

    /// An Event is a courtesy: what it says is also a condition or a log line. Answers whether it is written; one that is
    /// not may be said again.
    async fn try_write(&self, about: &ObjectReference, mood: Mood, reason: &str, note: &str) -> bool {
        let written = self.write(about, mood, reason, note).await;
        if let Err(error) = &written {
            tracing::debug!(%error, reason, note, "an Event can't be written");
        }
        written.is_ok()
    }

    async fn write(&self, about: &ObjectReference, mood: Mood, reason: &str, note: &str) -> Result<(), kube::Error> {
        let now = Timestamp::now();
        let name = about.name.clone().unwrap_or_default();
        let namespace = about.namespace.clone().unwrap_or_else(|| "default".to_owned());
        let event = Event {
            metadata: ObjectMeta {
                name: Some(format!("{name}.{:x}", now.as_nanosecond())),
                namespace: Some(namespace.clone()),
                ..ObjectMeta::default()
            },
            event_time: Some(MicroTime(now)),
            action: Some("Reconcile".to_owned()),
            reason: Some(reason.to_owned()),
            note: Some(cut(note)),
            regarding: Some(about.clone()),
            reporting_controller: Some(FIELD_MANAGER.to_owned()),
            reporting_instance: Some(self.instance.clone()),
            type_: Some(match mood {
                Mood::Normal => "Normal".to_owned(),
                Mood::Warning => "Warning".to_owned(),
            }),
            ..Event::default()
        };
        let api: Api<Event> = Api::namespaced(self.client.clone(), &namespace);
        api.create(&PostParams::default(), &event).await.map(drop)
    }
}

fn cut(note: &str) -> String {
    if note.len() <= LONGEST {
        return note.to_owned();
    }
    let mut end = LONGEST - '…'.len_utf8();
    while !note.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &note[..end])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::apiserver::{call, scripted};

    #[tokio::test]
    async fn what_is_said_in_other_words_each_time_is_said_once_in_a_while() {
        let path = "/apis/events.k8s.io/v1/namespaces/team-a/events";
        let told = || call("POST", path, json!({"metadata": {}, "eventTime": null}));
        let (client, apiserver) = scripted(vec![told(), told(), told()]);
        let events = Events::new(client, "test".to_owned());
        let pod = ObjectReference {
            namespace: Some("team-a".to_owned()),
            uid: Some("uid-p".to_owned()),
            ..ObjectReference::default()
        };
        for (of, reason, note) in [
            ("project", "Away", "request 1"),
            ("project", "Away", "request 2"),
            ("handbook", "Away", "request 3"),
            ("project", "Refused", "request 4"),
            ("project", "Away", "request 5"),
        ] {
            events.say_seldom(&pod, of, Mood::Warning, reason, note).await;
        }
        drop(events);
        let sent = apiserver.await.unwrap();
        let notes: Vec<_> = sent.iter().map(|event| event["note"].as_str().unwrap()).collect();
        assert_eq!(notes, ["request 1", "request 3", "request 4"]);
    }
}
