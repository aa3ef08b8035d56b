//! Takes the mount over from the node plugin, and keeps it informed.
//!
//! The plugin holds a descriptor of the mount as well, so that the mount outlives either of the two: when the plugin is
//! replaced, it is given the descriptor back; when the sidecar is, the plugin offers it to the next one.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use remanence_proto::frame;
use remanence_proto::handover::{
    FromNode, FromSidecar, Goodbye, Hello, Leaving, Offer, Served, from_node, from_sidecar as say,
};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

/// The hand-over versions spoken, newest first.
const VERSIONS: [u32; 1] = [1];
/// How soon an absent plugin is asked again; it is absent only while it is being replaced.
const RETRY: Duration = Duration::from_millis(50);
const RECONNECT: Duration = Duration::from_secs(1);

/// Why a mount was not taken over.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// Nobody offers one.
    #[error("{}: no mount was offered within {} s: {source}; does the node plugin run on this node?", path.display(), patience.as_secs())]
    Nobody {
        /// The socket.
        path: PathBuf,
        /// How long was waited.
        patience: Duration,
        /// What connecting said.
        source: io::Error,
    },
    /// The plugin says no.
    #[error("the node plugin refuses to hand the mount over: {0}")]
    Refused(String),
    /// The conversation broke.
    #[error("{}: the hand-over broke off: {source}", path.display())]
    Broken {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A mount that was offered.
#[derive(Debug)]
pub struct Received {
    /// The mount: a descriptor of `/dev/fuse`.
    pub mount: OwnedFd,
    /// What is known of it.
    pub offer: Offer,
    /// To the plugin.
    pub link: Link,
}

/// The connection to the plugin, before the mount is served.
#[derive(Debug)]
pub struct Link {
    path: PathBuf,
    socket: OwnedFd,
}

/// The connection to the plugin while the mount is served.
#[derive(Debug)]
pub struct Held {
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    path: PathBuf,
    /// None while the plugin is away; and for good once goodbye was said.
    socket: Mutex<Option<Arc<OwnedFd>>>,
    leaving: AtomicBool,
    over: AtomicBool,
}

/// Waits, for `patience` at most, for the plugin at `socket` to offer the pod's mount, and takes it.
///
/// # Errors
/// When there is no plugin, or none that speaks a version that is known here.
pub fn receive(socket: &Path, patience: Duration) -> Result<Received, HandoverError> {
    let broken = |source| HandoverError::Broken {
        path: socket.to_owned(),
        source,
    };
    let deadline = Instant::now() + patience;
    let connection = loop {
        match dial(socket) {
            Ok(connection) => break connection,
            Err(source) if Instant::now() >= deadline => {
                return Err(HandoverError::Nobody {
                    path: socket.to_owned(),
                    patience,
                    source,
                });
            }
            Err(_) => thread::sleep(RETRY),
        }
    };
    say_hello(&connection, None).map_err(broken)?;
    set_socket_timeout(&connection, Timeout::Recv, Some(patience)).map_err(|e| broken(e.into()))?;
    let frame = frame::receive::<FromNode>(&connection).map_err(broken)?;
    let frame = frame.ok_or_else(|| broken(io::ErrorKind::UnexpectedEof.into()))?;
    set_socket_timeout(&connection, Timeout::Recv, None).map_err(|e| broken(e.into()))?;
    match (frame.message.message, frame.descriptor) {
        (Some(from_node::Message::Offer(offer)), Some(mount)) => Ok(Received {
            mount,
            offer,
            link: Link {
                path: socket.to_owned(),
                socket: connection,
            },
        }),
        (Some(from_node::Message::Refusal(refusal)), _) => Err(HandoverError::Refused(refusal.message)),
        _ => Err(broken(io::Error::other("an answer without a mount"))),
    }
}

impl Link {
    /// Tells the plugin that the mount is served, by which its deadline is met, and stays connected: a plugin that is
    /// replaced gets `mount` back. `init` is the INIT request of the mount, for a successor.
    ///
    /// # Errors
    /// When no thread can be had; a plugin that is away is told later.
    pub fn served(self, mount: OwnedFd, init: Vec<u8>) -> io::Result<Held> {
        let socket = Arc::new(self.socket);
        let served = message(say::Message::Served(Served { init: init.clone() }));
        // A plugin that went away meanwhile is noticed, and told, by the thread.
        let told = frame::send(&socket, &served, None).is_ok();
        let state = Arc::new(State {
            path: self.path,
            socket: Mutex::new(told.then_some(socket)),
            leaving: AtomicBool::new(false),
            over: AtomicBool::new(false),
        });
        let held = Held { state: state.clone() };
        thread::Builder::new()
            .name("handover".into())
            .spawn(move || state.stay_connected(&mount, &init))?;
        Ok(held)
    }
}

impl Held {
    /// Tells the plugin that the sidecar was told to end and now writes what is left. Whoever is killed over that says
    /// no goodbye, and the pod must not wait for a successor that never comes.
    pub fn leaving(&self) {
        let socket = self.state.socket.lock();
        self.state.leaving.store(true, Ordering::SeqCst);
        if let Some(socket) = &*socket {
            say_leaving(socket);
        }
    }

    /// Tells the plugin that the sidecar leaves on purpose: it lets go of the mount.
    pub fn goodbye(self) {
        let mut socket = self.state.socket.lock();
        self.state.over.store(true, Ordering::SeqCst);
        if let Some(socket) = socket.take() {
            say_goodbye(&socket);
        }
    }
}

impl State {
    fn stay_connected(&self, mount: &OwnedFd, init: &[u8]) {
        loop {
            let socket = self.socket.lock().clone();
            if let Some(socket) = socket {
                // The plugin has nothing more to say: this returns when it is gone.
                while let Ok(Some(_)) = frame::receive::<FromNode>(&socket) {}
            }
            *self.socket.lock() = None;
            loop {
                // Whoever said goodbye hands nothing back.
                if self.over.load(Ordering::SeqCst) {
                    return;
                }
                if self.reconnect(mount, init) {
                    break;
                }
                thread::sleep(RECONNECT);
            }
        }
    }

    /// Whether the mount was given back.
    fn reconnect(&self, mount: &OwnedFd, init: &[u8]) -> bool {
        let given = dial(&self.path).and_then(|socket| {
            say_hello(&socket, Some((mount, init)))?;
            Ok(socket)
        });
        match given {
            Ok(socket) => {
                tracing::info!("gave the mount back to a new node plugin");
                let mut current = self.socket.lock();
                if self.leaving.load(Ordering::SeqCst) {
                    say_leaving(&socket);
                }
                if self.over.load(Ordering::SeqCst) {
                    say_goodbye(&socket);
                }
                *current = Some(Arc::new(socket));
                true
            }
            Err(error) => {
                tracing::debug!(%error, "no node plugin");
                false
            }
        }
    }
}

/// The plugin closes the connection in return; one that is away holds nothing.
fn say_goodbye(socket: &OwnedFd) {
    let _ = frame::send(socket, &message(say::Message::Goodbye(Goodbye {})), None);
}

/// One that is away is told when it is back.
fn say_leaving(socket: &OwnedFd) {
    let _ = frame::send(socket, &message(say::Message::Leaving(Leaving {})), None);
}

fn dial(path: &Path) -> io::Result<OwnedFd> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    connect(&socket, &SocketAddrUnix::new(path)?)?;
    Ok(socket)
}

fn say_hello(socket: &OwnedFd, mount: Option<(&OwnedFd, &[u8])>) -> io::Result<()> {
    let hello = Hello {
        versions: VERSIONS.to_vec(),
        program: concat!("remanence-sidecar ", env!("CARGO_PKG_VERSION")).into(),
        init: mount.map(|(_, init)| init.to_vec()).unwrap_or_default(),
    };
    let descriptor = mount.map(|(mount, _)| mount.as_fd());
    frame::send(socket, &message(say::Message::Hello(hello)), descriptor)
}

fn message(message: say::Message) -> FromSidecar {
    FromSidecar { message: Some(message) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Read;

    use rustix::net::{accept_with, bind, listen};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// A plugin's listener; one that a predecessor left is removed.
    fn plugin(at: &Path) -> OwnedFd {
        let _ = std::fs::remove_file(at);
        let listener = socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap();
        bind(&listener, &SocketAddrUnix::new(at).unwrap()).unwrap();
        listen(&listener, 4).unwrap();
        set_socket_timeout(&listener, Timeout::Recv, Some(PATIENCE)).unwrap();
        listener
    }

    fn accept(listener: &OwnedFd) -> OwnedFd {
        let connection = accept_with(listener, SocketFlags::CLOEXEC).unwrap();
        set_socket_timeout(&connection, Timeout::Recv, Some(PATIENCE)).unwrap();
        connection
    }

    fn heard(connection: &OwnedFd) -> (say::Message, Option<OwnedFd>) {
        let frame = frame::receive::<FromSidecar>(connection).unwrap().unwrap();
        (frame.message.message.unwrap(), frame.descriptor)
    }

    #[test]
    fn a_new_plugin_is_given_the_mount_back_and_told_what_its_predecessor_did_not_hear() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("s");
        // Any descriptor does for the mount.
        let (mut reader, mount) = io::pipe().unwrap();
        let first = plugin(&at);
        let socket = at.clone();
        let sidecar = thread::spawn(move || receive(&socket, PATIENCE).unwrap());
        let connection = accept(&first);
        let (hello, descriptor) = heard(&connection);
        assert!(matches!(hello, say::Message::Hello(_)) && descriptor.is_none());
        let offer = from_node::Message::Offer(Offer::default());
        frame::send(&connection, &FromNode { message: Some(offer) }, Some(mount.as_fd())).unwrap();
        drop(mount);
        let received = sidecar.join().unwrap();
        let held = received.link.served(received.mount, b"asked".to_vec()).unwrap();
        assert!(matches!(heard(&connection).0, say::Message::Served(served) if served.init == b"asked"));

        drop((first, connection));
        held.leaving();
        let second = plugin(&at);
        let connection = accept(&second);
        let (hello, descriptor) = heard(&connection);
        assert!(matches!(hello, say::Message::Hello(hello) if hello.init == b"asked"));
        rustix::io::write(descriptor.unwrap(), b"through").unwrap();
        let mut through = [0; 7];
        reader.read_exact(&mut through).unwrap();
        assert_eq!(&through, b"through");
        assert!(matches!(heard(&connection).0, say::Message::Leaving(_)));
        held.goodbye();
        assert!(matches!(heard(&connection).0, say::Message::Goodbye(_)));
    }
}
