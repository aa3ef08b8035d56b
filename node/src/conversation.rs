//! The plugin's half of the hand-over: one thread for each pod talks to one sidecar after the other.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use remanence_proto::frame;
use remanence_proto::handover::{FromNode, FromSidecar, Hello, Refusal, from_node as say, from_sidecar as heard};
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{SocketFlags, accept_with};

use crate::pod::Pod;

/// The hand-over versions spoken, newest first.
const VERSIONS: [u32; 1] = [1];
/// How long somebody may be silent who has just connected.
const PATIENCE: Duration = Duration::from_secs(10);
/// When a connection is taken again after one could not be.
const PAUSE: Duration = Duration::from_secs(1);

/// Talks to whoever connects, until the listener is shut down.
pub(crate) fn start(pod: Arc<Pod>, listener: Arc<OwnedFd>) -> io::Result<()> {
    let name = format!("pod-{}", pod.uid.get(..8).unwrap_or(&pod.uid));
    thread::Builder::new().name(name).spawn(move || {
        while let Some(connection) = next(|| accept_with(&listener, SocketFlags::CLOEXEC)) {
            let connection = Arc::new(connection);
            pod.connected(Some(connection.clone()));
            if let Err(error) = talk(&pod, &connection) {
                tracing::warn!(pod = pod.uid, %error, "the hand-over broke off");
            }
            pod.connected(None);
        }
    })?;
    Ok(())
}

/// The next connection; `None` once the listener is shut down. Nobody else ever listens for the pod, so whatever else is
/// in the way, too many open files above all, is waited out.
fn next(mut accept: impl FnMut() -> rustix::io::Result<OwnedFd>) -> Option<OwnedFd> {
    loop {
        match accept() {
            Ok(connection) => return Some(connection),
            Err(Errno::INVAL) => return None,
            Err(error) => {
                tracing::warn!(%error, "a sidecar's connection can't be taken");
                thread::sleep(PAUSE);
            }
        }
    }
}

fn talk(pod: &Pod, connection: &OwnedFd) -> io::Result<()> {
    set_socket_timeout(connection, Timeout::Recv, Some(PATIENCE))?;
    let Some(frame) = frame::receive::<FromSidecar>(connection)? else {
        return Ok(());
    };
    set_socket_timeout(connection, Timeout::Recv, None)?;
    let Some(heard::Message::Hello(hello)) = frame.message.message else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it did not begin with Hello",
        ));
    };
    match frame.descriptor {
        Some(descriptor) => pod.given_back(descriptor, hello.init),
        None => offer(pod, connection, &hello)?,
    }
    let outcome = listen(pod, connection);
    if !matches!(outcome, Ok(Ended::Goodbye)) {
        pod.lost();
    }
    outcome.map(|_| ())
}

fn offer(pod: &Pod, connection: &OwnedFd, hello: &Hello) -> io::Result<()> {
    let refuse = |message: String| {
        let refusal = say::Message::Refusal(Refusal { message });
        frame::send(connection, &FromNode { message: Some(refusal) }, None)
    };
    let Some(version) = VERSIONS.into_iter().find(|version| hello.versions.contains(version)) else {
        return refuse(format!(
            "it speaks hand-over versions {:?}, this node plugin {VERSIONS:?}; bring both to the same release",
            hello.versions
        ));
    };
    match pod.offer(version) {
        Ok((offer, mount)) => {
            tracing::info!(pod = pod.uid, program = hello.program, "handing the mount over");
            let offer = say::Message::Offer(offer);
            frame::send(connection, &FromNode { message: Some(offer) }, Some(mount.as_fd()))
        }
        Err(error) => {
            refuse(error.to_string())?;
            Err(error)
        }
    }
}

enum Ended {
    Goodbye,
    Silence,
}

fn listen(pod: &Pod, connection: &OwnedFd) -> io::Result<Ended> {
    let mut leaving = false;
    while let Some(frame) = frame::receive::<FromSidecar>(connection)? {
        match frame.message.message {
            Some(heard::Message::Served(served)) => pod.served(served.init),
            Some(heard::Message::Goodbye(_)) => {
                pod.goodbye();
                return Ok(Ended::Goodbye);
            }
            Some(heard::Message::Leaving(_)) => leaving = true,
            // What a newer sidecar says beyond this is not for this plugin.
            Some(heard::Message::Hello(_)) | None => {}
        }
    }
    if leaving {
        tracing::warn!(pod = pod.uid, "the sidecar was ended before it was done");
        pod.goodbye();
        return Ok(Ended::Goodbye);
    }
    Ok(Ended::Silence)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rustix::net::{
        AddressFamily, Shutdown, SocketAddrUnix, SocketType, bind, connect, listen, shutdown, socket_with,
    };

    use super::*;

    fn socket() -> OwnedFd {
        socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap()
    }

    #[test]
    fn a_listener_goes_on_after_a_failure_until_it_is_shut_down() {
        let folder = tempfile::tempdir().unwrap();
        let address = SocketAddrUnix::new(folder.path().join("s")).unwrap();
        let listener = socket();
        bind(&listener, &address).unwrap();
        listen(&listener, 4).unwrap();
        let client = socket();
        connect(&client, &address).unwrap();
        let mut failure = Some(Errno::MFILE);
        let connection = next(|| match failure.take() {
            Some(failure) => Err(failure),
            None => accept_with(&listener, SocketFlags::CLOEXEC),
        });
        assert!(connection.is_some());
        shutdown(&listener, Shutdown::Both).unwrap();
        assert!(next(|| accept_with(&listener, SocketFlags::CLOEXEC)).is_none());
    }
}
