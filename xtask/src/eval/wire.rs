//! Stands between a dream and a model's server, and remembers what went over.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

/// Longer than anybody waits for an answer.
const SILENCE: Duration = Duration::from_mins(10);

/// A port that hands every request on.
pub(super) struct Wire {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Wire {
    /// In front of the server at `host:port`; it serves until the task ends.
    pub(super) fn before(server: String) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a free port")?;
        let port = listener.local_addr().context("looking for a free port")?.port();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, seen) = (server.clone(), Arc::clone(&seen));
                // Who hung up has given up; the dream's record says why.
                thread::spawn(move || hand_on(&client, &server, &seen));
            }
        });
        Ok(Self { port, requests })
    }

    /// The base URL for a client.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// The bodies of the requests since this was last asked.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One request, and its answer, as they are; then both hang up.
fn hand_on(client: &TcpStream, server: &str, seen: &Mutex<Vec<String>>) -> io::Result<()> {
    client.set_read_timeout(Some(SILENCE))?;
    let mut reader = BufReader::new(client);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        if line.trim().is_empty() {
            break;
        }
        if !lower.starts_with("connection:") {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let text = String::from_utf8_lossy(&body).into_owned();
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    let mut upstream = TcpStream::connect(server)?;
    upstream.set_read_timeout(Some(SILENCE))?;
    write!(upstream, "{head}Connection: close\r\n\r\n")?;
    upstream.write_all(&body)?;
    // A client that waits no longer ends the work on its answer.
    let (waiting, working) = (client.try_clone()?, upstream.try_clone()?);
    thread::spawn(move || {
        let mut rest = &waiting;
        let _ = io::copy(&mut rest, &mut io::sink());
        working.shutdown(Shutdown::Both)
    });
    let mut back = client;
    io::copy(&mut upstream, &mut back)?;
    client.shutdown(Shutdown::Both)
}

/// The status of an answer to a GET.
pub(super) fn status(server: &str, path: &str) -> Result<u16> {
    let mut stream = TcpStream::connect(server).context("connecting")?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n"
    )?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    let status = line.split(' ').nth(1).context("an answer without a status")?;
    status.parse().context("an answer without a status")
}
