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
use remanence_store::random::{OsRandom, Random};
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

    /// The broker says that the pod is being deleted.
    fn ending(&self) {}
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
    signed: Awaited<Signed>,
    noted: Awaited<Noted>,
    next: AtomicU64,
    /// By store, which may be attached more than once; a bell is gone with its attachment.
    rings: Mutex<HashMap<String, Vec<Weak<Ring>>>>,
    sessions: Mutex<HashMap<String, watch::Sender<Given>>>,
    /// CA certificates that the broker will be known by.
    learned: Mutex<Option<String>>,
}

/// A session, and when it came.
pub(super) type Given = (Session, Instant);

/// Who waits for answers, by the number of the question.
type Awaited<T> = Mutex<HashMap<u64, oneshot::Sender<T>>>;

/// A question that nobody waits for any more once this is gone.
struct Asked<'a, T> {
    awaited: &'a Awaited<T>,
    id: u64,
}

impl<T> Drop for Asked<'_, T> {
    fn drop(&mut self) {
        self.awaited.lock().remove(&self.id);
    }
}

/// Keeps a stream open for as long as the receiver lives.
pub fn connect(
    config: BrokerConfig,
    program: &'static str,
    observer: Arc<dyn Observer>,
) -> (Arc<Link>, mpsc::Receiver<Event>) {
    let link = Arc::new(Link::new(program));
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
    let mut outage = Outage::default();
    while !events.is_closed() {
        let ended = tokio::select! {
            ended = link.converse(&config, &events, &*observer) => ended,
            () = events.closed() => Ended::Over,
        };
        if let Some(ca) = link.learned.lock().take() {
            config.ca = Some(ca);
        }
        let was_connected = link.outbox.send_replace(None).is_some();
        // Whoever waits for an answer hears that there will be none.
        link.signed.lock().clear();
        link.noted.lock().clear();
        observer.connected(false);
        if matches!(ended, Ended::Over) {
            return;
        }
        let why = ended.to_string();
        if outage.is_news(was_connected, &why) {
            tracing::warn!(broker = config.url, why, "no broker; going on with what there is");
        }
        tokio::select! {
            () = tokio::time::sleep(outage.pause(&OsRandom)) => {}
            () = events.closed() => {}
        }
    }
}

/// A time without a broker.
struct Outage {
    pause: Duration,
    /// What was said of it last.
    said: String,
}

impl Default for Outage {
    fn default() -> Self {
        Self {
            pause: BACKOFF.0,
            said: String::new(),
        }
    }
}

impl Outage {
    /// Takes in why there is no stream, or none any more if it `was_connected`; whether that is worth saying.
    fn is_news(&mut self, was_connected: bool, why: &str) -> bool {
        if was_connected {
            *self = Self::default();
        }
        let is_news = self.said != why;
        why.clone_into(&mut self.said);
        is_news
    }

    /// How long the broker is left alone now: ever longer, and apart from one another, since all pods lose it at once.
    fn pause(&mut self, random: &dyn Random) -> Duration {
        let part = f64::from(random.u64() as u32) / f64::from(u32::MAX);
        let pause = self.pause.mul_f64(0.5 + part / 2.0);
        self.pause = (self.pause * 2).min(BACKOFF.1);
        pause
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
    fn new(program: &'static str) -> Self {
        Self {
            program,
            outbox: watch::Sender::new(None),
            signed: Mutex::default(),
            noted: Mutex::default(),
            next: AtomicU64::new(1),
            rings: Mutex::default(),
            sessions: Mutex::default(),
            learned: Mutex::default(),
        }
    }

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
                if let Some(waiting) = self.signed.lock().remove(&signed.id) {
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
            Some(to_pod::Message::Problem(problem)) => {
                tracing::warn!(store = problem.store, reason = problem.reason, "{}", problem.message);
                observer.problem(&problem);
            }
            Some(to_pod::Message::Ending(_)) => observer.ending(),
            Some(to_pod::Message::Dreams(told)) => {
                events.send(Event::Dreams(told.tasks)).await.map_err(|_| Ended::Over)?;
            }
            Some(to_pod::Message::Noted(noted)) => {
                if let Some(waiting) = self.noted.lock().remove(&noted.id) {
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
        let store = store.to_owned();
        self.ask(&self.signed, |id| from_pod::Message::Sign(Sign { id, store, requests }))
            .await
    }

    /// Reports how a dream goes; the report's `id` is chosen here.
    ///
    /// # Errors
    /// When the broker is away.
    pub async fn report(&self, report: Report) -> Result<Noted, Away> {
        self.ask(&self.noted, |id| from_pod::Message::Report(Report { id, ..report }))
            .await
    }

    /// Asks the question of a number, and waits for its answer.
    async fn ask<T>(&self, awaited: &Awaited<T>, question: impl FnOnce(u64) -> from_pod::Message) -> Result<T, Away> {
        let asked = async {
            let outbox = self.connected().await?;
            let id = self.next.fetch_add(1, Ordering::Relaxed);
            let (sender, answer) = oneshot::channel();
            awaited.lock().insert(id, sender);
            // However the waiting ends.
            let _asked = Asked { awaited, id };
            let message = Some(question(id));
            let sent = outbox.send(FromPod { message }).await;
            sent.map_err(|_| Away::NotConnected)?;
            answer.await.map_err(|_| Away::NotConnected)
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
            renew(sender, session);
        }
    }

    /// The sessions of a store, as they come; `first` is known already.
    pub(super) fn sessions(&self, store: &str, first: &Session) -> watch::Receiver<Given> {
        let mut sessions = self.sessions.lock();
        let sender = sessions
            .entry(store.to_owned())
            .or_insert_with(|| watch::Sender::new((first.clone(), Instant::now())));
        renew(sender, first);
        sender.subscribe()
    }

    /// Asks for a new session; it comes with the attachments, to [`Link::sessions`].
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

/// Takes a session in. One that is told again, with something else that the pod has, holds no longer for that.
fn renew(sender: &watch::Sender<Given>, session: &Session) {
    sender.send_if_modified(|(known, came)| {
        let is_new = known != session;
        if is_new {
            known.clone_from(session);
            *came = Instant::now();
        }
        is_new
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use futures::FutureExt;
    use remanence_proto::broker::Attachments;
    use remanence_proto::broker::broker_server::{self, BrokerServer};
    use remanence_store::backend::s3::Lender;
    use remanence_store::random::SeededRandom;
    use tokio::net::TcpListener;
    use tokio_stream::wrappers::TcpListenerStream;
    use tonic::transport::Server;
    use tonic::{Response, Status, Streaming};

    use super::*;
    use crate::lender::BrokerLender;

    /// A broker that attaches nothing and then says no more; tells when a stream has ended.
    struct Quiet {
        ended: mpsc::Sender<()>,
    }

    #[tonic::async_trait]
    impl broker_server::Broker for Quiet {
        type SessionStream = ReceiverStream<Result<ToPod, Status>>;

        async fn session(
            &self,
            request: tonic::Request<Streaming<FromPod>>,
        ) -> Result<Response<Self::SessionStream>, Status> {
            let (outbox, messages) = mpsc::channel(1);
            let (mut incoming, ended) = (request.into_inner(), self.ended.clone());
            tokio::spawn(async move {
                let message = Some(to_pod::Message::Attachments(Attachments::default()));
                outbox.send(Ok(ToPod { message })).await.unwrap();
                while let Ok(Some(_)) = incoming.message().await {}
                ended.send(()).await.unwrap();
            });
            Ok(Response::new(ReceiverStream::new(messages)))
        }
    }

    struct Nobody;

    impl Observer for Nobody {
        fn connected(&self, _: bool) {}

        fn problem(&self, _: &Problem) {}
    }

    #[tokio::test]
    async fn a_stream_ends_with_whoever_hears_what_the_broker_says() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = BrokerConfig {
            url: format!("http://{}", listener.local_addr().unwrap()),
            ca: None,
            // This broker asks for no proof.
            token: "/dev/null".into(),
        };
        let (ended, mut streams) = mpsc::channel(1);
        let server = Server::builder().add_service(BrokerServer::new(Quiet { ended }));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        let (_link, mut events) = connect(config, "test", Arc::new(Nobody));
        assert!(matches!(events.recv().await, Some(Event::Attachments(_))));
        drop(events);
        let ended = tokio::time::timeout(Duration::from_secs(10), streams.recv()).await;
        assert_eq!(ended, Ok(Some(())));
    }

    #[tokio::test]
    async fn a_question_that_is_given_up_leaves_nothing_behind() {
        let link = Link::new("test");
        let (outbox, mut messages) = mpsc::channel(2);
        link.outbox.send_replace(Some(outbox));
        assert!(link.sign("team-a/project", Vec::new()).now_or_never().is_none());
        assert!(link.report(Report::default()).now_or_never().is_none());
        assert!(messages.try_recv().is_ok() && messages.try_recv().is_ok(), "asked");
        assert!(link.signed.lock().is_empty() && link.noted.lock().is_empty());
    }

    const STORE: &str = "team-a/project";

    fn session(key: &str, valid: Duration) -> Session {
        Session {
            access_key_id: key.to_owned(),
            valid_seconds: valid.as_secs() as u32,
            ..Session::default()
        }
    }

    fn lend(link: &Link, session: &Session) {
        link.give(Some(&Credentials {
            store: STORE.to_owned(),
            credentials: Some(credentials::Credentials::Session(session.clone())),
        }));
    }

    async fn is_asked_for(messages: &mut mpsc::Receiver<FromPod>) {
        let asked = messages.recv().await.unwrap().message;
        assert!(matches!(asked, Some(from_pod::Message::Refresh(refresh)) if refresh.store == STORE));
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_is_renewed_before_it_ends_and_used_meanwhile() {
        let link = Arc::new(Link::new("test"));
        let (outbox, mut messages) = mpsc::channel(8);
        link.outbox.send_replace(Some(outbox));
        let lender = BrokerLender {
            link: link.clone(),
            store: STORE.to_owned(),
            sessions: link.sessions(STORE, &session("first", Duration::from_hours(1))).into(),
        };
        assert_eq!(lender.lend().await.unwrap().access_key_id, "first");
        assert!(messages.try_recv().is_err(), "it is fresh");

        lend(&link, &session("second", Duration::from_mins(4)));
        let answer = async {
            is_asked_for(&mut messages).await;
            lend(&link, &session("third", Duration::from_hours(1)));
        };
        let (lent, ()) = tokio::join!(lender.lend(), answer);
        assert_eq!(lent.unwrap().access_key_id, "third");

        // The broker's STS is silent: what there is serves almost to its end.
        lend(&link, &session("fourth", Duration::from_mins(4)));
        let lent = lender.lend().await.unwrap();
        is_asked_for(&mut messages).await;
        assert_eq!(lent.access_key_id, "fourth");
        assert!(lent.valid < Duration::from_mins(4), "{:?}", lent.valid);
        lend(&link, &session("fifth", Duration::from_secs(5)));
        let why = lender.lend().await.err();
        assert_eq!(why.as_deref(), Some("the broker gives no new session"));
        link.outbox.send_replace(None);
        let why = lender.lend().await.err();
        assert_eq!(why.as_deref(), Some("the broker does not answer"));
    }

    #[test]
    fn a_session_that_is_told_again_is_no_newer_for_that() {
        let link = Link::new("test");
        let first = session("first", Duration::from_hours(1));
        let sessions = link.sessions(STORE, &first);
        lend(&link, &first);
        drop(link.sessions(STORE, &first));
        assert!(!sessions.has_changed().unwrap());
        lend(&link, &session("second", Duration::from_hours(1)));
        assert!(sessions.has_changed().unwrap());
    }

    #[test]
    fn pods_that_lose_the_broker_at_once_do_not_all_come_back_at_once() {
        let pauses: BTreeSet<Duration> = (0..8)
            .map(|pod| Outage::default().pause(&SeededRandom::new(pod)))
            .collect();
        assert_eq!(pauses.len(), 8, "{pauses:?}");
        assert!(
            pauses.iter().all(|pause| (BACKOFF.0 / 2..=BACKOFF.0).contains(pause)),
            "{pauses:?}"
        );
    }

    #[test]
    fn each_outage_is_told_once() {
        let mut outage = Outage::default();
        let ends = [
            (false, "refused"),
            (false, "refused"),
            (true, "refused"),
            (false, "refused"),
            (false, "no route"),
        ];
        let told = ends.map(|(was_connected, why)| outage.is_news(was_connected, why));
        assert_eq!(told, [true, false, true, false, true]);
    }
}
