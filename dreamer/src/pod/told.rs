//! What the broker has told so far.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use remanence_link::{Event, Observer};
use remanence_proto::broker::{Attachment, Problem, Task};
use tokio::sync::{mpsc, watch};

#[derive(Debug, Default)]
struct State {
    attachments: Vec<Attachment>,
    tasks: Option<Vec<Task>>,
}

/// What the broker has told, kept up to date.
pub(super) struct Told(watch::Receiver<State>);

impl Told {
    /// Takes in what the broker says for as long as this lives.
    pub(super) fn follow(mut events: mpsc::Receiver<Event>) -> Self {
        let (sender, receiver) = watch::channel(State::default());
        tokio::spawn(async move {
            loop {
                let event = tokio::select! {
                    event = events.recv() => event,
                    () = sender.closed() => None,
                };
                match event {
                    Some(Event::Attachments(attachments)) => {
                        sender.send_modify(|state| state.attachments = attachments);
                    }
                    Some(Event::Dreams(tasks)) => {
                        sender.send_modify(|state| state.tasks = Some(tasks));
                    }
                    Some(Event::Welcome(_)) => {}
                    None => return,
                }
            }
        });
        Self(receiver)
    }

    /// All there is to do, once it was said.
    pub(super) async fn tasks(&mut self) -> Vec<Task> {
        match self.0.wait_for(|state| state.tasks.is_some()).await {
            Ok(state) => state.tasks.clone().unwrap_or_default(),
            // The stream is given up with the program only.
            Err(_) => std::future::pending().await,
        }
    }

    /// What there is to do with a store now.
    pub(super) fn task(&self, store: &str) -> Option<Task> {
        self.0
            .borrow()
            .tasks
            .iter()
            .flatten()
            .find(|task| task.store == store)
            .cloned()
    }

    /// A store as it is lent.
    pub(super) fn attachment(&self, store: &str) -> Option<Attachment> {
        self.0
            .borrow()
            .attachments
            .iter()
            .find(|attachment| attachment.store == store)
            .cloned()
    }
}

/// What stands in the way, by store; that of the pod as a whole under the empty name.
#[derive(Default)]
pub(super) struct Problems(Mutex<BTreeMap<String, String>>);

impl Observer for Problems {
    fn connected(&self, connected: bool) {
        if connected {
            self.0.lock().clear();
        }
    }

    fn problem(&self, problem: &Problem) {
        let told = format!("{}: {}", problem.reason, problem.message);
        self.0.lock().insert(problem.store.clone(), told);
    }
}

impl Problems {
    /// That of a store.
    pub(super) fn of(&self, store: &str) -> Option<String> {
        self.0.lock().get(store).cloned()
    }

    /// Any.
    pub(super) fn any(&self) -> Option<String> {
        self.0.lock().values().next().cloned()
    }
}
