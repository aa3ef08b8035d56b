//! Stands before an S3 server and counts the requests that pass, by kind: what really went over the wire.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::{Context, Result};
use remanence_tests::proxied_url::proxied_url;

/// A proxy that lives as long as this process.
pub(crate) struct CountingProxy {
    counts: Arc<Counts>,
    url: String,
}

/// Requests by kind.
#[derive(Debug, Default)]
struct Counts {
    put: AtomicU64,
    get: AtomicU64,
    list: AtomicU64,
    other: AtomicU64,
}

/// Requests up to a moment, or between two.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Requests {
    pub(crate) put: u64,
    pub(crate) get: u64,
    pub(crate) list: u64,
    other: u64,
}

impl Requests {
    pub(crate) fn all(self) -> u64 {
        self.put + self.get + self.list + self.other
    }

    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            put: self.put - earlier.put,
            get: self.get - earlier.get,
            list: self.list - earlier.list,
            other: self.other - earlier.other,
        }
    }

    /// By kind, in words.
    pub(crate) fn kinds(self) -> String {
        format!("{} PUT, {} GET, {} LIST", self.put, self.get, self.list)
    }
}

impl CountingProxy {
    /// Before the server of the store at `url`.
    pub(crate) fn before(url: &str) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a free port")?;
        let port = listener.local_addr().context("looking for a free port")?.port();
        let (url, real) = proxied_url(url, port)?;
        let counts = Arc::new(Counts::default());
        let shared = counts.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(io::Result::ok) {
                let (real, counts) = (real.clone(), shared.clone());
                // A connection that breaks is the client's to report: its request failed.
                thread::spawn(move || serve(client, &real, &counts).ok());
            }
        });
        Ok(Self { counts, url })
    }

    /// The store by way of this proxy.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn requests(&self) -> Requests {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Requests {
            put: read(&self.counts.put),
            get: read(&self.counts.get),
            list: read(&self.counts.list),
            other: read(&self.counts.other),
        }
    }
}

fn serve(client: TcpStream, real: &str, counts: &Counts) -> io::Result<()> {
    let server = TcpStream::connect(real)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let (mut answers, mut to_client) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        io::copy(&mut answers, &mut to_client).ok();
        to_client.shutdown(Shutdown::Both).ok();
    });
    let outcome = requests(BufReader::new(client), &server, counts);
    server.shutdown(Shutdown::Write)?;
    outcome
}

fn requests(mut from: BufReader<TcpStream>, mut to: &TcpStream, counts: &Counts) -> io::Result<()> {
    loop {
        let mut head = Vec::new();
        let mut length = 0;
        loop {
            let start = head.len();
            if from.read_until(b'\n', &mut head)? == 0 {
                return Ok(());
            }
            let line = String::from_utf8_lossy(&head[start..]).to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            if line.starts_with("transfer-encoding:") {
                return Err(io::Error::other("a request in chunks can't be followed"));
            }
            if line == "\r\n" {
                break;
            }
        }
        count(&head, counts);
        to.write_all(&head)?;
        io::copy(&mut from.by_ref().take(length), &mut to)?;
    }
}

fn count(head: &[u8], counts: &Counts) {
    let kind = if head.starts_with(b"PUT ") {
        &counts.put
    } else if head.starts_with(b"GET ") {
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let lists = line.windows(10).any(|part| part == b"list-type=");
        if lists { &counts.list } else { &counts.get }
    } else {
        &counts.other
    };
    kind.fetch_add(1, Ordering::Relaxed);
}
