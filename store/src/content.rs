//! A file's content: extents of objects, in order.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::{DataId, Seq};

/// Where an extent's bytes lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectRef {
    /// In the slot of that commit.
    Slot(Seq),
    /// In a data object.
    Data(DataId),
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slot(seq) => write!(f, "log/{seq:020}"),
            Self::Data(id) => write!(f, "data/{id}"),
        }
    }
}

impl FromStr for ObjectRef {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let error = || format!("`{s}` is no object reference (log/SEQ or data/ID)");
        match s.split_once('/') {
            Some(("log", seq)) => seq.parse().map(Self::Slot).map_err(|_| error()),
            Some(("data", id)) => id.parse().map(Self::Data).map_err(|_| error()),
            _ => Err(error()),
        }
    }
}

impl Serialize for ObjectRef {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectRef {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(d)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// SHA-256 of an extent's bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let error = || format!("`{s}` is no SHA-256 in hex");
        if s.len() != 64 || !s.is_ascii() {
            return Err(error());
        }
        let mut out = [0; 32];
        for (byte, pair) in out.iter_mut().zip(s.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| error())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| error())?;
        }
        Ok(Self(out))
    }
}

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(d)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Bytes of one object. `offset` counts from the object's first byte (a slot's header line included).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Extent {
    /// The object.
    #[serde(rename = "in")]
    pub object: ObjectRef,
    /// Offset of the first byte in the object.
    #[serde(rename = "at")]
    pub offset: u64,
    /// Number of bytes; never 0.
    #[serde(rename = "len")]
    pub length: u64,
    /// Hash of exactly these bytes.
    #[serde(rename = "sha256")]
    pub hash: Hash,
}

/// A file's content: its extents in order; none for an empty file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Content {
    /// The extents.
    pub extents: Vec<Extent>,
}

impl Content {
    /// No bytes.
    pub const EMPTY: Self = Self { extents: Vec::new() };

    /// Length in bytes.
    pub fn len(&self) -> u64 {
        self.extents.iter().map(|e| e.length).sum()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.extents.is_empty()
    }
}

/// New bytes that a caller hands to a commit: whether they ride in the slot or are uploaded first is the
/// committer's choice (`SLOT_BODY_MAX`).
pub type Body = Bytes;

/// Bodies up to this many bytes ride in the slot; larger ones are uploaded as data objects first.
pub const SLOT_BODY_MAX: usize = 64 * 1024;
