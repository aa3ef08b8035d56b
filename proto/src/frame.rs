//! One message as one frame of a `SOCK_SEQPACKET` socket, with or without a descriptor.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use prost::Message;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

/// Longest frame; a journal is the longest thing in one.
pub const MAX: usize = 128 << 10;

/// What came in a frame.
#[derive(Debug)]
pub struct Frame<M> {
    /// The message.
    pub message: M,
    /// The descriptor that came with it.
    pub descriptor: Option<OwnedFd>,
}

/// Sends `message`, and `descriptor` with it.
///
/// # Errors
/// When the peer is gone.
pub fn send(socket: impl AsFd, message: &impl Message, descriptor: Option<BorrowedFd<'_>>) -> io::Result<()> {
    let bytes = message.encode_to_vec();
    let descriptors: Vec<BorrowedFd<'_>> = descriptor.into_iter().collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(io::Error::other("no room for a descriptor"));
    }
    let sent = sendmsg(socket, &[IoSlice::new(&bytes)], &mut control, SendFlags::NOSIGNAL)?;
    if sent == bytes.len() {
        Ok(())
    } else {
        Err(io::Error::other("the frame was cut"))
    }
}

/// Waits for a frame; `None` when the peer is gone. A descriptor too many is closed, not kept.
///
/// # Errors
/// When the frame can't be read as a message.
pub fn receive<M: Message + Default>(socket: impl AsFd) -> io::Result<Option<Frame<M>>> {
    let mut bytes = vec![0; MAX];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC;
    let received = recvmsg(socket, &mut [IoSliceMut::new(&mut bytes)], &mut control, flags)?;
    let descriptor = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    if received.bytes == 0 {
        return Ok(None);
    }
    if received.flags.contains(ReturnFlags::TRUNC) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is too long"));
    }
    let message = M::decode(&bytes[..received.bytes]).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
    Ok(Some(Frame { message, descriptor }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Read;

    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    use super::*;
    use crate::handover::{FromSidecar, Hello, from_sidecar};

    fn pair() -> (OwnedFd, OwnedFd) {
        socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap()
    }

    #[test]
    fn a_message_and_its_descriptor_arrive_and_an_end_is_an_end() {
        let (near, far) = pair();
        let (mut reader, writer) = io::pipe().unwrap();
        let hello = FromSidecar {
            message: Some(from_sidecar::Message::Hello(Hello {
                versions: vec![1],
                program: "test".into(),
                init: Vec::new(),
            })),
        };
        send(&near, &hello, Some(writer.as_fd())).unwrap();
        drop((near, writer));
        let frame = receive::<FromSidecar>(&far).unwrap().unwrap();
        assert_eq!(frame.message, hello);
        rustix::io::write(frame.descriptor.unwrap(), b"through").unwrap();
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "through");
        assert!(receive::<FromSidecar>(&far).unwrap().is_none());
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        let (near, far) = pair();
        rustix::io::write(&near, &[0xff; 9]).unwrap();
        assert_eq!(
            receive::<FromSidecar>(&far).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
    }
}
