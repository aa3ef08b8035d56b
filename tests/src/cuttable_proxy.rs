//! Stands before an S3 server, and can be cut, as a network can.

use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result};
use parking_lot::Mutex;

use crate::proxied_url::proxied_url;

/// A proxy that lives as long as this process.
pub struct CuttableProxy {
    state: Arc<Mutex<State>>,
    url: String,
}

#[derive(Default)]
struct State {
    cut: bool,
    /// Both ends of every connection.
    ends: Vec<TcpStream>,
}

impl CuttableProxy {
    /// Before the server of the store at `url`.
    pub fn before(url: &str) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a free port")?;
        let port = listener.local_addr().context("looking for a free port")?.port();
        let (url, real) = proxied_url(url, port)?;
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(io::Result::ok) {
                // What can't be passed on is closed, and the client's to report.
                shared.lock().pass(client, &real).ok();
            }
        });
        Ok(Self { state, url })
    }

    /// The store by way of this proxy.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Breaks off what is under way; nothing passes any more.
    pub fn cut(&self) {
        let mut state = self.state.lock();
        state.cut = true;
        for end in state.ends.drain(..) {
            // One that is closed already needs no more.
            end.shutdown(Shutdown::Both).ok();
        }
    }

    /// What comes from now on passes again.
    pub fn mend(&self) {
        self.state.lock().cut = false;
    }
}

impl State {
    fn pass(&mut self, client: TcpStream, real: &str) -> io::Result<()> {
        if self.cut {
            return Ok(());
        }
        let server = TcpStream::connect(real)?;
        for end in [&client, &server] {
            end.set_nodelay(true)?;
            self.ends.push(end.try_clone()?);
        }
        carry(client.try_clone()?, server.try_clone()?);
        carry(server, client);
        Ok(())
    }
}

/// Hands on what one says to the other, until either has gone.
fn carry(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        io::copy(&mut from, &mut to).ok();
        for end in [&from, &to] {
            end.shutdown(Shutdown::Both).ok();
        }
    });
}
