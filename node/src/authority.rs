//! Makes the kubelet's registration calls readable.
//!
//! The kubelet dials the registration socket by its path, and gRPC then puts that path where HTTP wants a host name
//! (`:authority`), which HTTP libraries refuse. Here the name is overwritten by one of the same length on its way in.

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;

const PREFACE: usize = 24;
const HEADER: usize = 9;
/// Frames of the registration are small.
const LONGEST: usize = 1 << 14;
const HEADERS: u8 = 1;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;
/// `:authority` in HPACK's static table.
const AUTHORITY: usize = 1;

/// The connection as the server can read it.
pub(crate) fn readable(stream: UnixStream) -> DuplexStream {
    let (near, far) = tokio::io::duplex(LONGEST);
    tokio::spawn(async move {
        let (from_kubelet, mut to_kubelet) = stream.into_split();
        let (mut from_server, to_server) = tokio::io::split(far);
        let inward = tokio::spawn(inward(from_kubelet, to_server));
        let outward = tokio::io::copy(&mut from_server, &mut to_kubelet).await;
        let inward = inward.await;
        tracing::debug!(?inward, ?outward, "a registration connection has ended");
    });
    near
}

async fn inward(mut from: OwnedReadHalf, mut to: impl AsyncWriteExt + Unpin) -> std::io::Result<()> {
    let mut preface = [0; PREFACE];
    from.read_exact(&mut preface).await?;
    to.write_all(&preface).await?;
    loop {
        let mut header = [0; HEADER];
        match from.read_exact(&mut header).await {
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return to.shutdown().await,
            read => read?,
        };
        let length = usize::from(header[0]) << 16 | usize::from(header[1]) << 8 | usize::from(header[2]);
        if length > LONGEST {
            return Err(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                "a frame is too long",
            ));
        }
        let mut payload = vec![0; length];
        from.read_exact(&mut payload).await?;
        if header[3] == HEADERS {
            let before = usize::from(header[4] & PADDED != 0) + if header[4] & PRIORITY != 0 { 5 } else { 0 };
            if let Some(block) = payload.get_mut(before..) {
                // A block that can't be read is the server's to refuse.
                let _ = overwrite_authority(block);
            }
        }
        to.write_all(&header).await?;
        to.write_all(&payload).await?;
    }
}

/// Walks the fields of a block and overwrites each literal `:authority`; `None` where the block ends too soon.
fn overwrite_authority(block: &mut [u8]) -> Option<()> {
    let mut at = 0;
    while let Some(&first) = block.get(at) {
        // Indexed; literal that is indexed; change of the table's size; literal that is not indexed.
        let (prefix, is_literal) = match first {
            0x80.. => (7, false),
            0x40.. => (6, true),
            0x20.. => (5, false),
            _ => (4, true),
        };
        let index = integer(block, &mut at, prefix)?;
        if !is_literal {
            continue;
        }
        if index == 0 {
            let (_, length) = string(block, &mut at)?;
            at += length;
        }
        let (is_huffman, length) = string(block, &mut at)?;
        let value = block.get_mut(at..at + length)?;
        if index == AUTHORITY {
            if is_huffman {
                zeros(value);
            } else {
                value.fill(b'0');
            }
        }
        at += length;
    }
    Some(())
}

/// The character `0` over and over, in Huffman code: it is five zero bits; what is over at the end is ones.
fn zeros(value: &mut [u8]) {
    let over = value.len() * 8 % 5;
    value.fill(0);
    if let Some(last) = value.last_mut() {
        *last = (1 << over) - 1;
    }
}

/// The head of a string: whether it is in Huffman code, and its length.
fn string(block: &[u8], at: &mut usize) -> Option<(bool, usize)> {
    let is_huffman = block.get(*at)? & 0x80 != 0;
    Some((is_huffman, integer(block, at, 7)?))
}

/// An integer that begins with the lower `prefix` bits of the byte at `at`.
fn integer(block: &[u8], at: &mut usize, prefix: u32) -> Option<usize> {
    let full = (1 << prefix) - 1;
    let mut value = usize::from(*block.get(*at)?) & full;
    *at += 1;
    if value < full {
        return Some(value);
    }
    for shift in [0, 7, 14] {
        let byte = *block.get(*at)?;
        *at += 1;
        value += usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_the_authority_is_overwritten() {
        // :method POST, :scheme http, :path /a, :authority /run/s, te: trailers
        let mut block = b"\x83\x86\x44\x02/a\x41\x06/run/s\x40\x02te\x08trailers".to_vec();
        overwrite_authority(&mut block).unwrap();
        assert_eq!(block, b"\x83\x86\x44\x02/a\x41\x06000000\x40\x02te\x08trailers");
    }

    #[test]
    fn huffman_code_stays_as_long_as_it_was() {
        for (length, last) in [(1, 0b111), (2, 1), (3, 0b1111), (4, 0b11), (5, 0)] {
            let mut block = vec![0x41, 0x80 | length];
            block.extend(vec![0xaa; usize::from(length)]);
            overwrite_authority(&mut block).unwrap();
            assert_eq!(block[block.len() - 1], last);
            assert!(block[2..block.len() - 1].iter().all(|byte| *byte == 0));
        }
    }

    #[test]
    fn a_block_that_is_cut_is_no_panic() {
        for cut in [
            &b"\x41"[..],
            b"\x41\x7f",
            b"\x41\x06/run",
            b"\x40\x02t",
            b"\x7f\xff\xff\xff\xff",
        ] {
            assert_eq!(overwrite_authority(&mut cut.to_vec()), None);
        }
    }
}
