//! The stream to the broker: opened again whenever it ends; whoever needs it meanwhile waits or does without.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use remanence_proto::broker::broker_client::BrokerClient;
use remanence_proto::broker::{
    Attachment, Credentials, FromPod, Hello, Identity, Noted, Problem, Refresh, Report, Request, Ring as RingMessage,
    Session, Sign, Signed, Task, ToPod, credentials, from_pod, to_pod,
};
use remanence_store::id::Seq;
use remanence_store::ring::Ring;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::MetadataValue;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

/// The protocol versions spoken, newest first.
const VERSIONS: [u32; 1] = [1];
const CONNECT: Duration = Duration::from_secs(5);
/// A connection of which nothing was heard is asked, and given up if it does not answer.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));
/// First and longest wait before the broker is tried again.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// How long an answer, or a broker to ask, is waited for.
const ANSWER: Duration = Duration::from_secs(5);
/// Messages on their way to the broker, at most.
const OUTBOX: usize = 64;
/// What a stream may have on its way.
const WINDOW: u32 = 256 << 10;

/// Where the broker is and how to prove who we are.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// Its URL.
    pub url: String,
    /// Its CA's certificates, PEM; the system's are not trusted.
    pub ca: Option<String>,
    /// The file with the pod's token, which is renewed by the kubelet.
    pub token: PathBuf,
}

/// What the broker said.
#[derive(Debug)]
pub enum Event {
    /// Who this pod is.
    Welcome(Identity),
    /// What it has, from now on.
    Attachments(Vec<Attachment>),
    /// What it is to dream, from now on.
    Dreams(Vec<Task>),
}

/// Whoever wants to know how the stream is doing.
pub trait Observer: Send + Sync + 'static {
    /// There is a stream, or there is none any more.
    fn connected(&self, connected: bool);

    /// The broker says that something stands in the way.
    fn problem(&self, problem: &Problem);
}

/// Why the broker has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Away {
    /// There is no stream.
    #[error("the broker can't be reached")]
    NotConnected,
    /// There is one, and no answer.
    #[error("the broker does not answer")]
    Silent,
}

/// The stream, for those who use it.
pub struct Link {
    /// Program and version, for the broker's log.
    program: &'static str,
    outbox: watch::Sender<Option<mpsc::Sender<FromPod>>>,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Signed>>>,
    reported: Mutex<HashMap<u64, oneshot::Sender<Noted>>>,
    next: AtomicU64,
    /// By store, which may be attached more than once; a bell is gone with its attachment.
    rings: Mutex<HashMap<String, Vec<Weak<Ring>>>>,
    sessions: Mutex<HashMap<String, watch::Sender<Given>>>,
    /// CA certificates that the broker will be known by.
    learned: Mutex<Option<String>>,
}

/// A session, and when it came.
pub(super) type Given = (Session, Instant);

/// Keeps a stream open for as long as the receiver lives.
pub fn connect(
    config: BrokerConfig,
    program: &'static str,
    observer: Arc<dyn Observer>,
) -> (Arc<Link>, mpsc::Receiver<Event>) {
    let link = Arc::new(Link {
        program,
        outbox: watch::Sender::new(None),
        waiting: Mutex::default(),
        reported: Mutex::default(),
        next: AtomicU64::new(1),
        rings: Mutex::default(),
        sessions: Mutex::default(),
        learned: Mutex::default(),
    });
    let (sender, events) = mpsc::channel(16);
    tokio::spawn(stay_connected(link.clone(), config, sender, observer));
    (link, events)
}

async fn stay_connected(
    link: Arc<Link>,
    mut config: BrokerConfig,
    events: mpsc::Sender<Event>,
    observer: Arc<dyn Observer>,
) {
    let mut pause = BACKOFF.0;
    let mut last = String::new();
    while !events.is_closed() {
        let ended = link.converse(&config, &events, &*observer).await;
        if let Some(ca) = link.learned.lock().take() {
            config.ca = Some(ca);
        }
        let was_connected = link.outbox.send_replace(None).is_some();
        // Whoever waits for an answer hears that there will be none.
        link.waiting.lock().clear();
        link.reported.lock().clear();
        observer.connected(false);
        if was_connected {
            pause = BACKOFF.0;
        }
        let why = ended.to_string();
        if why != last {
            tracing::warn!(broker = config.url, why, "no broker; going on with what there is");
            last = why;
        }
        // Apart from one another, since all pods lose a broker at once.
        tokio::time::sleep(pause.mul_f64(0.5 + f64::from(std::process::id() % 64) / 128.0)).await;
        pause = (pause * 2).min(BACKOFF.1);
    }
}

/// Why a stream ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("{}: {source}", path.display())]
    Token { path: PathBuf, source: std::io::Error },
    #[error("the token is not one: {0}")]
    NotAToken(#[from] tonic::metadata::errors::InvalidMetadataValue),
    #[error("{}", remanence_store::backend::chain(.0))]
    Transport(#[from] tonic::transport::Error),
    #[error("{:?}: {}", .0.code(), .0.message())]
    Status(Box<tonic::Status>),
    #[error("the broker ended the stream")]
    Closed,
    #[error("nobody listens any more")]
    Over,
}

impl From<tonic::Status> for Ended {
    fn from(status: tonic::Status) -> Self {
        Self::Status(Box::new(status))
    }
}

fn endpoint(config: &BrokerConfig) -> Result<Endpoint, tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(config.url.clone())?
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEPALIVE.0)
        .keep_alive_timeout(KEEPALIVE.1)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW);
    match &config.ca {
        Some(ca) => endpoint.tls_config(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(ca))),
        None => Ok(endpoint),
    }
}

impl Link {
    /// One stream, until it ends.
    async fn converse(&self, config: &BrokerConfig, events: &mpsc::Sender<Event>, observer: &dyn Observer) -> Ended {
        match self.try_converse(config, events, observer).await {
            Ok(()) => Ended::Closed,
            Err(ended) => ended,
        }
    }

    async fn try_converse(
        &self,
        config: &BrokerConfig,
        events: &mpsc::Sender<Event>,
        observer: &dyn Observer,
    ) -> Result<(), Ended> {
        // Read anew each time: the kubelet renews it.
        let token = tokio::fs::read_to_string(&config.token).await;
        let token = token.map_err(|source| Ended::Token {
            path: config.token.clone(),
            source,
        })?;
        let channel: Channel = endpoint(config)?.connect().await?;
        let (outbox, messages) = mpsc::channel(OUTBOX);
        let hello = from_pod::Message::Hello(Hello {
            versions: VERSIONS.to_vec(),
            program: self.program.to_owned(),
        });
        // There is room for one.
        let _ = outbox.try_send(FromPod { message: Some(hello) });
        let mut request = tonic::Request::new(ReceiverStream::new(messages));
        let mut bearer = MetadataValue::try_from(format!("Bearer {}", token.trim()))?;
        bearer.set_sensitive(true);
        request.metadata_mut().insert("authorization", bearer);
        let mut stream = BrokerClient::new(channel).session(request).await?.into_inner();
        while let Some(message) = stream.message().await? {
            self.take(message, &outbox, events, observer).await?;
        }
        Ok(())
    }

    async fn take(
        &self,
        message: ToPod,
        outbox: &mpsc::Sender<FromPod>,
        events: &mpsc::Sender<Event>,
        observer: &dyn Observer,
    ) -> Result<(), Ended> {
        match message.message {
            Some(to_pod::Message::Welcome(welcome)) => {
                tracing::info!("the broker knows this pod");
                if !welcome.ca.is_empty() {
                    *self.learned.lock() = Some(welcome.ca);
                }
                let identity = welcome.identity.unwrap_or_default();
                events.send(Event::Welcome(identity)).await.map_err(|_| Ended::Over)?;
            }
            Some(to_pod::Message::Attachments(told)) => {
                // Only now does the broker know what this stream may ask for.
                self.outbox.send_replace(Some(outbox.clone()));
                observer.connected(true);
                for attachment in &told.attachments {
                    self.give(attachment.credentials.as_ref());
                }
                // Something may have been rung for while nobody listened.
                for ring in self.rings.lock().values().flatten().filter_map(Weak::upgrade) {
                    ring.hear(None);
                }
                let event = Event::Attachments(told.attachments);
                events.send(event).await.map_err(|_| Ended::Over)?;
            }
            Some(to_pod::Message::Signed(signed)) => {
                if let Some(waiting) = self.waiting.lock().remove(&signed.id) {
                    // Who asked may have stopped waiting.
                    let _ = waiting.send(signed);
                }
            }
            Some(to_pod::Message::Hint(hint)) => {
                let rings = self.rings.lock();
                let rings = rings.get(&hint.store).into_iter().flatten();
                rings
                    .filter_map(Weak::upgrade)
                    .for_each(|ring| ring.hear(Some(hint.seq)));
            }
            Some(to_pod::Message::Credentials(given)) => self.give(Some(&given)),
            Some(to_pod::Message::Problem(problem)) => {
                tracing::warn!(store = problem.store, reason = problem.reason, "{}", problem.message);
                observer.problem(&problem);
            }
            Some(to_pod::Message::Dreams(told)) => {
                events.send(Event::Dreams(told.tasks)).await.map_err(|_| Ended::Over)?;
            }
            Some(to_pod::Message::Noted(noted)) => {
                if let Some(waiting) = self.reported.lock().remove(&noted.id) {
                    // Who asked may have stopped waiting.
                    let _ = waiting.send(noted);
                }
            }
            // What a newer broker says.
            None => {}
        }
        Ok(())
    }

    /// Has requests to a store signed.
    pub(super) async fn sign(&self, store: &str, requests: Vec<Request>) -> Result<Signed, Away> {
        let asked = async {
            let outbox = self.connected().await?;
            let id = self.next.fetch_add(1, Ordering::Relaxed);
            let (answer, signed) = oneshot::channel();
            self.waiting.lock().insert(id, answer);
            let sign = from_pod::Message::Sign(Sign {
                id,
                store: store.to_owned(),
                requests,
            });
            let sent = outbox.send(FromPod { message: Some(sign) }).await;
            if sent.is_err() {
                self.waiting.lock().remove(&id);
                return Err(Away::NotConnected);
            }
            signed.await.map_err(|_| Away::NotConnected)
        };
        tokio::time::timeout(ANSWER, asked).await.map_err(|_| Away::Silent)?
    }

    /// Reports how a dream goes; the report's `id` is chosen here.
    ///
    /// # Errors
    /// When the broker is away.
    pub async fn report(&self, report: Report) -> Result<Noted, Away> {
        let asked = async {
            let outbox = self.connected().await?;
            let id = self.next.fetch_add(1, Ordering::Relaxed);
            let (answer, noted) = oneshot::channel();
            self.reported.lock().insert(id, answer);
            let message = Some(from_pod::Message::Report(Report { id, ..report }));
            if outbox.send(FromPod { message }).await.is_err() {
                self.reported.lock().remove(&id);
                return Err(Away::NotConnected);
            }
            noted.await.map_err(|_| Away::NotConnected)
        };
        tokio::time::timeout(ANSWER, asked).await.map_err(|_| Away::Silent)?
    }

    /// Waits for a broker.
    async fn connected(&self) -> Result<mpsc::Sender<FromPod>, Away> {
        let mut outbox = self.outbox.subscribe();
        let there = outbox.wait_for(Option::is_some).await.map_err(|_| Away::NotConnected)?;
        there.clone().ok_or(Away::NotConnected)
    }

    /// A bell for a store: rung through the broker, and heard from it.
    pub fn ring(self: &Arc<Self>, store: &str) -> Arc<Ring> {
        let (link, name) = (self.clone(), store.to_owned());
        let ring = Ring::through(move |seq: Seq| link.tell(&name, seq));
        let mut rings = self.rings.lock();
        rings.retain(|_, rings| {
            rings.retain(|ring| ring.strong_count() > 0);
            !rings.is_empty()
        });
        rings.entry(store.to_owned()).or_default().push(Arc::downgrade(&ring));
        drop(rings);
        ring
    }

    fn tell(&self, store: &str, seq: Seq) {
        let ring = from_pod::Message::Ring(RingMessage {
            store: store.to_owned(),
            seq,
        });
        if let Some(outbox) = &*self.outbox.borrow() {
            // At best effort: the others poll.
            let _ = outbox.try_send(FromPod { message: Some(ring) });
        }
    }

    /// Passes a session on to whoever uses it.
    fn give(&self, given: Option<&Credentials>) {
        if let Some(Credentials {
            store,
            credentials: Some(credentials::Credentials::Session(session)),
        }) = given
            && let Some(sender) = self.sessions.lock().get(store)
        {
            sender.send_replace((session.clone(), Instant::now()));
        }
    }

    /// The sessions of a store, as they come; `first` is known already.
    pub(super) fn sessions(&self, store: &str, first: Session) -> watch::Receiver<Given> {
        let first = (first, Instant::now());
        let mut sessions = self.sessions.lock();
        let sender = sessions
            .entry(store.to_owned())
            .or_insert_with(|| watch::Sender::new(first.clone()));
        sender.send_replace(first);
        sender.subscribe()
    }

    /// Asks for a new session; it comes by [`Link::sessions`].
    pub(super) async fn refresh(&self, store: &str) -> Result<(), Away> {
        let refresh = from_pod::Message::Refresh(Refresh {
            store: store.to_owned(),
        });
        let asked = async {
            let outbox = self.connected().await?;
            let sent = outbox.send(FromPod { message: Some(refresh) }).await;
            sent.map_err(|_| Away::NotConnected)
        };
        tokio::time::timeout(ANSWER, asked).await.map_err(|_| Away::Silent)?
    }
}
