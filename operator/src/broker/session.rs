//! One pod's stream, from its token to its end.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use remanence_api::conditions::reasons;
use remanence_proto::broker::{
    Attachment, Attachments, Dreams, Ending, FromPod, Hello, Noted, Problem, Report, Sign, Signed, SignedRequest, Task,
    ToPod, Welcome, broker_server, from_pod, to_pod,
};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};

use super::directory::{Access, Denied, Directory, Grant, Granted};
use super::hints::{Hints, Listener, Outbox};
use super::loans::{Answer, Loans};
use super::metrics::{BrokerMetrics, Counted};
use super::peers::{self, Peers};
use super::tokens::{Caller, TokenError, Tokens};
use super::{VALIDITY, author};

/// The protocol versions spoken.
pub(super) const VERSIONS: [u32; 1] = [1];
/// How long a caller may take to say hello.
const HELLO: Duration = Duration::from_secs(10);
/// Messages on their way to a pod, at most.
const OUTBOX: usize = 32;
/// How long a pod with new stores waits to be told of them while one has no answer. Most have one at once; those that have
/// none yet follow, and keep the others waiting no longer.
const SOON: Duration = Duration::from_secs(2);
/// Requests of one message, at most.
const SIGN: usize = 64;

/// Says which CA certificates the broker is known by.
pub type Trusted = Arc<dyn Fn() -> String + Send + Sync>;

/// The service.
pub struct Broker {
    shared: Arc<Shared>,
}

/// What the broker works with.
pub struct Parts {
    /// Says whose a token is.
    pub tokens: Arc<dyn Tokens>,
    /// Says what a pod may have.
    pub directory: Arc<dyn Directory>,
    /// The CA certificates by which pods know the broker, and those by which they will.
    pub trusted: Trusted,
    /// The other replicas, to which rings are passed on.
    pub peers: Option<Peers>,
    /// Who listens for what; shared with those who commit without being pods.
    pub hints: Arc<Hints>,
    /// What is counted.
    pub metrics: BrokerMetrics,
}

struct Shared {
    parts: Parts,
    stop: CancellationToken,
}

impl Broker {
    /// A broker that ends its streams at `stop`, and with it those to the other replicas. Needs a Tokio runtime.
    pub fn new(parts: Parts, stop: CancellationToken) -> Self {
        if let Some(peers) = parts.peers.clone() {
            let trusted = parts.trusted.clone();
            tokio::spawn(peers::stay_connected(peers, parts.hints.clone(), trusted, stop.clone()));
        }
        Self {
            shared: Arc::new(Shared { parts, stop }),
        }
    }
}

#[tonic::async_trait]
impl broker_server::Broker for Broker {
    type SessionStream = Pin<Box<dyn futures::Stream<Item = Result<ToPod, Status>> + Send>>;

    async fn session(&self, request: Request<Streaming<FromPod>>) -> Result<Response<Self::SessionStream>, Status> {
        let token = bearer(request.metadata())?;
        let parts = &self.shared.parts;
        let caller = parts.tokens.prove(token).await.map_err(|error| match error {
            TokenError::Invalid(_) => {
                parts.metrics.refused.inc();
                Status::unauthenticated(error.to_string())
            }
            TokenError::Unavailable(_) => Status::unavailable(error.to_string()),
        })?;
        let (outbox, messages) = mpsc::channel(OUTBOX);
        if parts.peers.as_ref().is_some_and(|peers| peers.include(&caller)) {
            let stop = self.shared.stop.clone();
            tokio::spawn(hear(parts.hints.clone(), request.into_inner(), outbox, stop));
            return Ok(Response::new(Box::pin(ReceiverStream::new(messages))));
        }
        let session = Session {
            listener: parts.hints.listener(outbox.clone()),
            _counted: parts.metrics.stream(),
            shared: self.shared.clone(),
            caller,
            outbox,
            author: None,
            granted: Vec::new(),
            dreams: None,
            loans: Loans::default(),
            told: None,
            told_dreams: None,
            told_end: false,
        };
        tokio::spawn(session.run(request.into_inner()));
        // A pause before each message has it sent alone: the buffer of a stream, which is kept, would else grow to that of
        // many.
        let messages = ReceiverStream::new(messages).then(|message| async {
            tokio::task::yield_now().await;
            message
        });
        Ok(Response::new(Box::pin(messages)))
    }
}

/// Hears what another replica rings, until it is gone or this one is to `stop`: a server ends when its streams have ended.
/// `_outbox` keeps the stream open as long.
async fn hear(hints: Arc<Hints>, mut incoming: Streaming<FromPod>, _outbox: Outbox, stop: CancellationToken) {
    loop {
        let message = tokio::select! {
            () = stop.cancelled() => return,
            message = incoming.message() => message,
        };
        let Ok(Some(message)) = message else { return };
        if let Some(from_pod::Message::Ring(ring)) = message.message {
            hints.tell(&ring, None);
        }
    }
}

fn bearer(metadata: &MetadataMap) -> Result<&str, Status> {
    let value = metadata.get("authorization").and_then(|value| value.to_str().ok());
    value
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(|| Status::unauthenticated("there is no `authorization: Bearer …` with the pod's token"))
}

struct Session {
    shared: Arc<Shared>,
    caller: Caller,
    outbox: Outbox,
    listener: Listener,
    _counted: Counted,
    /// What is signed into commits; known once the pod was welcomed.
    author: Option<String>,
    /// What the pod may have.
    granted: Vec<Grant>,
    /// What it is to dream, where it is a dreamer.
    dreams: Option<Vec<Task>>,
    loans: Loans,
    /// The attachments that the pod was told last.
    told: Option<Vec<Attachment>>,
    /// What a dreamer was told last.
    told_dreams: Option<Vec<Task>>,
    /// The pod was told that it is being deleted.
    told_end: bool,
}

/// The stream is over.
struct Over;

impl Session {
    async fn run(mut self, mut incoming: Streaming<FromPod>) {
        let (namespace, pod) = (self.caller.namespace.clone(), self.caller.pod.clone());
        tracing::debug!(namespace, pod, "a pod connects");
        if self.converse(&mut incoming).await.is_err() {
            tracing::debug!(namespace, pod, "a pod's stream ends");
        }
    }

    async fn converse(&mut self, incoming: &mut Streaming<FromPod>) -> Result<(), Over> {
        let version = match tokio::time::timeout(HELLO, incoming.message()).await {
            Ok(Ok(Some(FromPod {
                message: Some(from_pod::Message::Hello(hello)),
            }))) => self.agree(&hello).await?,
            _ => {
                return self
                    .end(Status::failed_precondition("the first message is a hello"))
                    .await;
            }
        };
        // Before the first answer, so that no change is missed.
        let mut changes = self.shared.parts.directory.changes();
        self.look(version).await?;
        let stop = self.shared.stop.clone();
        loop {
            let retry = self.loans.retry();
            let again = async move {
                match retry {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                // What was taken away is not signed for any more, whatever is asked meanwhile.
                biased;
                () = stop.cancelled() => return self.end(Status::unavailable("the broker is ending")).await,
                changed = changes.changed() => match changed {
                    Ok(()) => self.look(version).await?,
                    Err(_) => return self.end(Status::unavailable("the broker is ending")).await,
                },
                Some(answer) = self.loans.answered() => {
                    self.settle(answer).await?;
                    self.tell().await?;
                }
                message = incoming.message() => match message {
                    Ok(Some(message)) => self.take(message).await?,
                    Ok(None) | Err(_) => return Err(Over),
                },
                () = again => self.look(version).await?,
            }
        }
    }

    async fn agree(&self, hello: &Hello) -> Result<u32, Over> {
        let common = VERSIONS.iter().find(|version| hello.versions.contains(version));
        if let Some(version) = common {
            return Ok(*version);
        }
        let status = Status::failed_precondition(format!(
            "no common version: the broker speaks {VERSIONS:?}, {} {:?}; update the older of the two",
            hello.program, hello.versions
        ));
        self.end(status).await
    }

    async fn end<T>(&self, status: Status) -> Result<T, Over> {
        // A pod that has gone needs no reason.
        let _ = self.outbox.send(Err(status)).await;
        Err(Over)
    }

    async fn say(&self, message: to_pod::Message) -> Result<(), Over> {
        let message = ToPod { message: Some(message) };
        self.outbox.send(Ok(message)).await.map_err(|_| Over)
    }

    async fn problem(&self, store: &str, reason: &str, message: &str) -> Result<(), Over> {
        // What the pod alone is wrong about is nothing for people.
        if reason != reasons::NOT_ATTACHED {
            self.shared.parts.directory.warn(&self.caller, store, reason, message);
        }
        self.say(to_pod::Message::Problem(Problem {
            store: store.to_owned(),
            reason: reason.to_owned(),
            message: message.to_owned(),
        }))
        .await
    }

    /// Asks what the pod may have now, and tells it what has changed.
    async fn look(&mut self, version: u32) -> Result<(), Over> {
        match self.shared.parts.directory.resolve(&self.caller).await {
            Ok(granted) => self.grant(granted, version).await?,
            Err(denied) => self.deny(denied).await?,
        }
        self.tell_end().await
    }

    /// Tells a pod that it is being deleted: the kubelet does not end one whose sidecar still waits for its memory.
    async fn tell_end(&mut self) -> Result<(), Over> {
        if self.told_end || !self.shared.parts.directory.is_ending(&self.caller) {
            return Ok(());
        }
        self.told_end = true;
        self.say(to_pod::Message::Ending(Ending {})).await
    }

    async fn deny(&mut self, denied: Denied) -> Result<(), Over> {
        self.granted.clear();
        self.dreams = None;
        self.loans.clear();
        self.listener.listen(Vec::new());
        self.problem("", &denied.reason, &denied.message).await?;
        if self.author.is_some() && self.told.as_ref().is_some_and(|told| !told.is_empty()) {
            self.told = Some(Vec::new());
            self.say(to_pod::Message::Attachments(Attachments::default())).await?;
        }
        Ok(())
    }

    async fn grant(&mut self, granted: Granted, version: u32) -> Result<(), Over> {
        if self.author.is_none() {
            let identity = author::identity(&granted.agent, &self.caller);
            self.author = Some(if granted.dreams.is_some() {
                author::dreamer(&identity)
            } else {
                author::metadata(&identity)
            });
            self.say(to_pod::Message::Welcome(Welcome {
                version,
                identity: Some(identity),
                ca: (self.shared.parts.trusted)(),
            }))
            .await?;
        }
        self.granted = granted.stores;
        self.dreams = granted.dreams;
        if self.loans.want(&self.granted) {
            let until = Instant::now() + SOON;
            while self.loans.are_new() {
                let Ok(Some(answer)) = tokio::time::timeout_at(until, self.loans.answered()).await else {
                    break;
                };
                self.settle(answer).await?;
            }
        }
        self.tell().await
    }

    /// Takes in whether a store can be lent.
    async fn settle(&mut self, answer: Answer) -> Result<(), Over> {
        match self.loans.take(answer) {
            Some((store, why)) => self.problem(&store, reasons::CREDENTIALS_UNAVAILABLE, &why).await,
            None => Ok(()),
        }
    }

    /// Tells the pod what it has, where that is not what it was told last.
    async fn tell(&mut self) -> Result<(), Over> {
        let attachments: BTreeMap<_, _> = self
            .granted
            .iter()
            .map(|grant| {
                let mut attachment = grant.attachment.clone();
                // Without credentials the sidecar keeps what it has, and waits for what it has not.
                if let Ok(lent) = self.loans.lent(&attachment.store) {
                    attachment.credentials = Some(lent.credentials.clone());
                    attachment.place.clone_from(&lent.terms.place);
                }
                (attachment.name.clone(), attachment)
            })
            .collect();
        let attachments: Vec<_> = attachments.into_values().collect();
        self.listener.listen(self.loans.names());
        if self.told.as_ref() != Some(&attachments) {
            self.told = Some(attachments.clone());
            self.say(to_pod::Message::Attachments(Attachments { attachments }))
                .await?;
        }
        // A dreamer begins at once, and fails with what it has not got by then.
        if let Some(tasks) = &self.dreams
            && !self.loans.are_new()
            && self.told_dreams.as_ref() != Some(tasks)
        {
            let tasks = tasks.clone();
            self.told_dreams = Some(tasks.clone());
            self.say(to_pod::Message::Dreams(Dreams { tasks })).await?;
        }
        Ok(())
    }

    /// A dreamer tells how it goes.
    async fn note(&self, report: &Report) -> Result<(), Over> {
        let mut noted = Noted {
            id: report.id,
            ..Noted::default()
        };
        if let Err(why) = self.shared.parts.directory.note(&self.caller, report).await {
            noted.error = why.message;
            noted.passing = why.passing;
        }
        self.say(to_pod::Message::Noted(noted)).await
    }

    async fn take(&mut self, message: FromPod) -> Result<(), Over> {
        match message.message {
            Some(from_pod::Message::Sign(sign)) => self.sign(sign).await,
            Some(from_pod::Message::Ring(ring)) => {
                // Who may not write has nothing to say.
                let lent = self.loans.lent(&ring.store);
                if lent.is_ok_and(|lent| lent.terms.access == Access::ReadWrite) {
                    self.shared.parts.metrics.rings.inc();
                    self.listener.ring(&ring);
                }
                Ok(())
            }
            Some(from_pod::Message::Refresh(refresh)) => self.refresh(&refresh.store).await,
            Some(from_pod::Message::Report(report)) => self.note(&report).await,
            // A second hello, or what a newer sidecar says.
            Some(from_pod::Message::Hello(_)) | None => Ok(()),
        }
    }

    async fn sign(&self, sign: Sign) -> Result<(), Over> {
        let author = self.author.as_deref().unwrap_or_default();
        let lent = self.loans.lent(&sign.store);
        let requests = sign.requests.iter().enumerate().map(|(at, request)| match &lent {
            _ if at >= SIGN => refused(format!("more than {SIGN} requests in one message")),
            Ok(lent) => lent.sign(request.request.as_ref(), author),
            Err(why) => refused(why.clone()),
        });
        let requests: Vec<_> = requests.collect();
        let refused = requests.iter().filter(|request| !request.error.is_empty()).count() as u64;
        let metrics = &self.shared.parts.metrics;
        metrics.refused.inc_by(refused);
        metrics.signed.inc_by(requests.len() as u64 - refused);
        let signed = Signed {
            id: sign.id,
            requests,
            valid_seconds: VALIDITY.as_secs() as u32,
        };
        self.say(to_pod::Message::Signed(signed)).await
    }

    async fn refresh(&mut self, store: &str) -> Result<(), Over> {
        match self.loans.renew(store) {
            Ok(()) => Ok(()),
            Err((reason, why)) => self.problem(store, reason, &why).await,
        }
    }
}

fn refused(error: String) -> SignedRequest {
    SignedRequest {
        error,
        ..SignedRequest::default()
    }
}
