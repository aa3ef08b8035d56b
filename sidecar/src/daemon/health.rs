//! How the daemon is doing, over HTTP: `/healthz`, `/readyz` and `/metrics`. A few lines of HTTP, since a server library
//! costs memory beside every agent.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use remanence_link::Observer;
use remanence_proto::broker::Problem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::heard::Heard;
use crate::fs::Fs;

/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest request.
const REQUEST: usize = 8 << 10;
/// The file that says where health is answered.
const NOTE: &str = "port";
/// How often a waiter asks, at first and at last: an outage may take long, and there is a waiter in each pod.
const ASK: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// How the daemon is doing.
pub(super) struct Health {
    fs: Arc<Fs>,
    ready: AtomicBool,
    connected: AtomicBool,
    connections: AtomicU64,
    heard: Mutex<Heard>,
    /// What can't be attached yet, and why.
    trouble: Mutex<Option<String>>,
}

impl Observer for Health {
    fn connected(&self, connected: bool) {
        let was = self.connected.swap(connected, Ordering::AcqRel);
        if connected && !was {
            self.connections.fetch_add(1, Ordering::Relaxed);
        }
        self.heard.lock().connected(connected, Instant::now());
    }

    /// Keeps what stands in the way, for whoever waits.
    fn problem(&self, problem: &Problem) {
        self.heard.lock().problem(problem);
    }

    fn ending(&self) {
        self.heard.lock().ending();
    }
}

impl Health {
    pub(super) fn new(fs: Arc<Fs>) -> Self {
        Self {
            fs,
            ready: AtomicBool::new(false),
            connected: AtomicBool::new(false),
            connections: AtomicU64::new(0),
            heard: Mutex::new(Heard::new(Instant::now())),
            trouble: Mutex::new(None),
        }
    }

    /// Everything that is to be attached was.
    pub(super) fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// Keeps what can't be attached yet, for whoever waits.
    pub(super) fn waits_for(&self, trouble: Option<String>) {
        *self.trouble.lock() = trouble;
    }

    /// Why it is not ready.
    fn why(&self) -> String {
        let told = self.heard.lock().said().or_else(|| self.trouble.lock().clone());
        told.unwrap_or_else(|| {
            let why = if self.connected.load(Ordering::Acquire) {
                "not everything is attached yet"
            } else {
                "there is no stream to the broker; the log of this container says why"
            };
            why.to_owned()
        })
    }

    fn answer(&self, path: &str) -> (&'static str, String) {
        match path {
            "/healthz" => ("200 OK", "ok\n".to_owned()),
            "/readyz" if self.ready.load(Ordering::Acquire) => ("200 OK", "ok\n".to_owned()),
            "/readyz" => {
                let is_vain = self.heard.lock().is_vain(Instant::now());
                // Which ends a waiter.
                let status = if is_vain { "410 Gone" } else { "503 Service Unavailable" };
                (status, format!("{}\n", self.why()))
            }
            "/metrics" => ("200 OK", self.metrics()),
            _ => ("404 Not Found", "there is /healthz, /readyz and /metrics\n".to_owned()),
        }
    }

    fn metrics(&self) -> String {
        let number = u64::from;
        let mut text = String::new();
        let mut metric = |name: &str, kind: &str, help: &str, values: &[(Option<&str>, u64)]| {
            // Writing into a string does not fail.
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (attachment, value) in values {
                let _ = match attachment {
                    Some(attachment) => writeln!(text, "{name}{{attachment=\"{attachment}\"}} {value}"),
                    None => writeln!(text, "{name} {value}"),
                };
            }
        };
        let plain = |value| [(None, value)];
        metric(
            "remanence_sidecar_ready",
            "gauge",
            "Whether everything was attached once.",
            &plain(number(self.ready.load(Ordering::Acquire))),
        );
        metric(
            "remanence_sidecar_broker_connected",
            "gauge",
            "Whether there is a stream to the broker.",
            &plain(number(self.connected.load(Ordering::Acquire))),
        );
        metric(
            "remanence_sidecar_broker_connections_total",
            "counter",
            "Streams to the broker so far.",
            &plain(self.connections.load(Ordering::Relaxed)),
        );
        let attachments = self.fs.attachments();
        let health: Vec<_> = attachments.iter().map(|a| (a, a.store.health())).collect();
        let mut of_each = |name: &str, kind: &str, help: &str, value: &dyn Fn(usize) -> u64| {
            let values: Vec<_> = (0..health.len())
                .map(|at| (Some(health[at].0.name.as_str()), value(at)))
                .collect();
            metric(name, kind, help, &values);
        };
        of_each("remanence_sidecar_store_head", "gauge", "Newest commit known.", &|at| {
            health[at].0.store.tree().seq
        });
        of_each(
            "remanence_sidecar_store_waiting",
            "gauge",
            "Changes waiting for the store.",
            &|at| health[at].1.waiting as u64,
        );
        of_each(
            "remanence_sidecar_store_conflicts_total",
            "counter",
            "Conflict siblings made by this mount.",
            &|at| health[at].1.conflicts,
        );
        of_each(
            "remanence_sidecar_store_trouble",
            "gauge",
            "Whether the object store can't be reached, or its store can't be gone on with.",
            &|at| number(health[at].1.trouble.is_some() || health[at].0.is_stopped()),
        );
        text
    }
}

/// Answers until the process ends.
pub(super) async fn serve(listener: TcpListener, health: Arc<Health>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let health = health.clone();
                tokio::spawn(async move {
                    if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, reply(stream, &health)).await {
                        tracing::debug!(%error, "a request for health broke off");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "can't accept a request for health");
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}

async fn reply(mut stream: TcpStream, health: &Health) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < REQUEST {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let line = String::from_utf8_lossy(&request);
    let mut words = line.split_whitespace();
    let (status, body) = match (words.next(), words.next()) {
        (Some("GET"), Some(path)) => health.answer(path),
        _ => ("405 Method Not Allowed", String::new()),
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

/// Notes where health is answered, beside the journal of the daemon: on a node's own network the port is any free one.
pub(super) fn note(cache: &Path, listener: &TcpListener) -> std::io::Result<()> {
    std::fs::write(cache.join(NOTE), listener.local_addr()?.port().to_string())
}

/// Waits until the daemon whose journal lies in `cache` is ready.
///
/// # Errors
/// What it waits for, when it is not ready within `patience` or waiting is of no use.
pub async fn wait(cache: &Path, patience: Duration) -> Result<(), String> {
    let started = Instant::now();
    loop {
        let (why, is_vain) = match ask(cache).await {
            Ok(answer) if answer.starts_with("HTTP/1.1 200") => return Ok(()),
            Ok(answer) => {
                let why = answer.split("\r\n\r\n").last().unwrap_or_default();
                (why.trim().to_owned(), answer.starts_with("HTTP/1.1 410"))
            }
            Err(error) => (format!("the daemon does not answer: {error}"), false),
        };
        if is_vain || started.elapsed() >= patience {
            return Err(format!("not ready in {} s: {why}", started.elapsed().as_secs()));
        }
        // Ever less often, but noticed within a twentieth of the time that it took.
        tokio::time::sleep((started.elapsed() / 20).clamp(ASK.0, ASK.1)).await;
    }
}

async fn ask(cache: &Path) -> std::io::Result<String> {
    // Read each time: an earlier process of the container may have left its own.
    let port = std::fs::read_to_string(cache.join(NOTE))?;
    let port: u16 = port.parse().map_err(std::io::Error::other)?;
    let exchange = async {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    };
    tokio::time::timeout(PATIENCE, exchange).await?
}
