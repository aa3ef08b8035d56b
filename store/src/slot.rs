//! A slot: one commit as an object. One JSON header line, then the raw bodies.

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::author::Author;
use crate::content::ObjectRef;
use crate::id::{MountId, Seq, WriteId};
use crate::op::Op;

/// The format this program reads and writes.
pub const FORMAT: u32 = 1;

/// The header of a commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Format version.
    pub format: u32,
    /// The slot's number.
    pub seq: Seq,
    /// The writer's stamp on this commit.
    pub write: WriteId,
    /// The stamp of the commit in the slot before; all zero for the first.
    pub previous: WriteId,
    /// When, by the writer's clock.
    pub time: Timestamp,
    /// Who.
    pub author: Author,
    /// The mount that wrote.
    pub mount: MountId,
    /// First op counter of the mount that this commit settles.
    pub first: u64,
    /// Last op counter of the mount that this commit settles.
    pub last: u64,
    /// What was done.
    pub ops: Vec<Op>,
    /// Number of body bytes behind the header line.
    pub body: u64,
}

/// A slot as it was read: its header with extents made absolute, and how long the header line is.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The header; extents of this slot count from the object's first byte.
    pub header: Header,
    /// Length of the header line, newline included.
    pub header_len: u64,
}

/// A slot that is damaged, truncated, foreign or of a newer format.
#[derive(Debug, thiserror::Error)]
#[error("slot {seq} {why}")]
pub struct SlotError {
    /// The slot.
    pub seq: Seq,
    /// What is wrong with it.
    pub why: String,
    /// Its format, where that is newer than this program's.
    pub newer: Option<u32>,
}

impl SlotError {
    pub(crate) fn of(seq: Seq, why: impl Into<String>) -> Self {
        let (why, newer) = (why.into(), None);
        Self { seq, why, newer }
    }
}

impl Header {
    /// Encodes the slot. Extents that refer to this slot must count from the end of the header line.
    pub fn encode(&self, bodies: &[Bytes]) -> Bytes {
        let mut out = BytesMut::from(self.line().as_slice());
        for body in bodies {
            out.extend_from_slice(body);
        }
        out.freeze()
    }

    /// The header line with its newline.
    pub fn line(&self) -> Vec<u8> {
        // Serialising our own plain types to memory has no way to fail.
        let mut line = serde_json::to_vec(self).expect("a header serialises");
        line.push(b'\n');
        line
    }
}

impl Slot {
    /// Decodes the header line of slot `seq` from the start of the object (the bodies need not be there).
    ///
    /// # Errors
    /// When the line is not a header of this format and slot.
    pub fn decode(seq: Seq, object: &[u8]) -> Result<Self, SlotError> {
        let end = object
            .iter()
            .position(|b| *b == b'\n')
            .ok_or_else(|| SlotError::of(seq, "is damaged: it has no header line (truncated, or not a slot)"))?;
        Self::from_line(seq, &object[..end])
    }

    /// Decodes a header line without its newline.
    ///
    /// # Errors
    /// When the line is not a header of this format and slot.
    pub fn from_line(seq: Seq, line: &[u8]) -> Result<Self, SlotError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let error = |why: String| SlotError::of(seq, why);
        let format: Format =
            serde_json::from_slice(line).map_err(|e| error(format!("is damaged: its header is not a commit ({e})")))?;
        if format.format > FORMAT {
            return Err(SlotError {
                newer: Some(format.format),
                ..error(format!(
                    "has format {}, newer than this program's {FORMAT}: update remanence",
                    format.format
                ))
            });
        }
        let mut header: Header =
            serde_json::from_slice(line).map_err(|e| error(format!("is damaged: its header is not a commit ({e})")))?;
        if header.seq != seq {
            return Err(error(format!("is foreign: its header says slot {}", header.seq)));
        }
        let header_len = line.len() as u64 + 1;
        for op in &mut header.ops {
            if let Some(content) = op.content_mut() {
                for extent in &mut content.extents {
                    if extent.object == ObjectRef::Slot(seq) {
                        extent.offset += header_len;
                    }
                }
            }
        }
        Ok(Self { header, header_len })
    }

    /// The header with its own extents counted from the end of the header line again, as it is stored.
    pub fn stored_header(&self) -> Header {
        let mut header = self.header.clone();
        for op in &mut header.ops {
            if let Some(content) = op.content_mut() {
                for extent in &mut content.extents {
                    if extent.object == ObjectRef::Slot(header.seq) {
                        extent.offset -= self.header_len;
                    }
                }
            }
        }
        header
    }

    /// Total size of the original object in bytes.
    pub fn size(&self) -> u64 {
        self.header_len + self.header.body
    }
}

/// The stub that takes a slot's place once its bodies are dropped: the header line alone. It is a function of the
/// slot, so a late duplicate of either write does no harm.
///
/// # Errors
/// When `object` is no slot.
pub fn stub(seq: Seq, object: &Bytes) -> Result<Bytes, SlotError> {
    let slot = Slot::decode(seq, object)?;
    let len = usize::try_from(slot.header_len)
        .unwrap_or(object.len())
        .min(object.len());
    Ok(object.slice(..len))
}

/// Key of slot `seq` below the store's id.
pub fn key(seq: Seq) -> String {
    format!("log/{seq:020}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::content::{Content, Extent, Hash};
    use crate::id::FileId;
    use crate::op::Place;

    fn header() -> Header {
        let body = b"hello\n";
        Header {
            format: FORMAT,
            seq: 7,
            write: WriteId(1),
            previous: WriteId(2),
            time: "2026-01-02T03:04:05Z".parse().unwrap(),
            author: Author::agent("a"),
            mount: MountId(3),
            first: 4,
            last: 4,
            ops: vec![Op::Put {
                file: FileId(5),
                path: "/x".into(),
                place: Some(Place {
                    parent: FileId::ROOT,
                    name: "x".into(),
                }),
                base: None,
                content: Content {
                    extents: vec![Extent {
                        object: ObjectRef::Slot(7),
                        offset: 0,
                        length: 6,
                        hash: Hash::of(body),
                    }],
                },
                whole_lines: true,
                mode: Some(0o644),
                mtime: None,
                alias: None,
                merged: None,
            }],
            body: 6,
        }
    }

    #[test]
    fn extents_are_relative_in_the_object_and_absolute_in_memory() {
        let object = header().encode(&[Bytes::from_static(b"hello\n")]);
        let slot = Slot::decode(7, &object).unwrap();
        let extent = slot.header.ops[0].content().unwrap().extents[0];
        let from = usize::try_from(extent.offset).unwrap();
        assert_eq!(&object[from..from + 6], b"hello\n");
        assert_eq!(slot.stored_header(), header());
        assert_eq!(slot.size(), object.len() as u64);
    }

    #[test]
    fn the_stub_is_the_header_line_and_its_own_stub() {
        let object = header().encode(&[Bytes::from_static(b"hello\n")]);
        let once = stub(7, &object).unwrap();
        assert_eq!(once.last(), Some(&b'\n'));
        assert_eq!(stub(7, &once).unwrap(), once);
    }

    #[test]
    fn damaged_foreign_and_newer_slots_are_named() {
        let object = header().encode(&[]);
        assert!(Slot::decode(8, &object).unwrap_err().to_string().contains("foreign"));
        assert!(
            Slot::decode(7, &object[..20])
                .unwrap_err()
                .to_string()
                .contains("truncated")
        );
        let newer = String::from_utf8(object.to_vec())
            .unwrap()
            .replace("\"format\":1", "\"format\":9");
        assert!(
            Slot::decode(7, newer.as_bytes())
                .unwrap_err()
                .to_string()
                .contains("newer")
        );
    }
}
