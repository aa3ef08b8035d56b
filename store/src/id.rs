//! Identifiers: what names a store, a mount, a file, a write and a version.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::random::Random;

/// Number of a slot in a store's log; the first commit is 1.
pub type Seq = u64;

/// Implements a fixed-width lower-case hex identifier over an unsigned integer.
macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $int:ty, $digits:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub $int);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{:0", $digits, "x}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                if s.len() != $digits {
                    return Err(ParseIdError { what: stringify!($name), text: s.to_owned() });
                }
                <$int>::from_str_radix(s, 16)
                    .map(Self)
                    .map_err(|_| ParseIdError { what: stringify!($name), text: s.to_owned() })
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

hex_id!(
    /// A file, folder or symlink of a store; stable over renames. The root folder is 1.
    FileId, u64, 16
);
hex_id!(
    /// One mount (or one command) that writes; its op counters make commits exactly-once.
    MountId, u64, 16
);
hex_id!(
    /// One incarnation of a store: a store made again under the same prefix gets a new id.
    StoreId, u64, 16
);
hex_id!(
    /// One commit as its writer stamped it, so that it can recognise its own slot.
    WriteId, u128, 32
);
hex_id!(
    /// A data object: contents that do not ride in a slot. Never reused.
    DataId, u128, 32
);

impl FileId {
    /// The root folder of every store.
    pub const ROOT: Self = Self(1);

    /// A new random id (never the root's or 0).
    pub fn random(random: &dyn Random) -> Self {
        loop {
            let id = random.u64();
            if id > 1 {
                return Self(id);
            }
        }
    }
}

impl MountId {
    /// A new random id.
    pub fn random(random: &dyn Random) -> Self {
        Self(random.u64())
    }
}

impl StoreId {
    /// A new random id.
    pub fn random(random: &dyn Random) -> Self {
        Self(random.u64())
    }
}

impl WriteId {
    /// A new random id.
    pub fn random(random: &dyn Random) -> Self {
        Self(random.u128())
    }
}

impl DataId {
    /// A new random id.
    pub fn random(random: &dyn Random) -> Self {
        Self(random.u128())
    }
}

/// Text that is not the identifier it should be.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is not a {what}")]
pub struct ParseIdError {
    what: &'static str,
    text: String,
}

/// A version: the op that made it, written `SEQ.OP` (ops count from 1 in their commit).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version {
    /// The commit's slot.
    pub seq: Seq,
    /// The op within the commit, from 1; 0 only for "before any".
    pub op: u32,
}

impl Version {
    /// The state before anything was written.
    pub const NONE: Self = Self { seq: 0, op: 0 };
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.seq, self.op)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{self}")
    }
}

impl FromStr for Version {
    type Err = ParseIdError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        At::from_str(s).and_then(|at| match at.op {
            Some(op) => Ok(Self { seq: at.seq, op }),
            None => Err(ParseIdError {
                what: "version (SEQ.OP)",
                text: s.to_owned(),
            }),
        })
    }
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A moment in a store's history, `SEQ[.OP]`: after that commit, or after that op of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct At {
    /// The commit's slot.
    pub seq: Seq,
    /// The op within the commit, from 1; `None` = the whole commit.
    pub op: Option<u32>,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.op {
            Some(op) => write!(f, "{}.{op}", self.seq),
            None => write!(f, "{}", self.seq),
        }
    }
}

impl FromStr for At {
    type Err = ParseIdError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let error = || ParseIdError {
            what: "version (SEQ or SEQ.OP)",
            text: s.to_owned(),
        };
        let (seq, op) = match s.split_once('.') {
            Some((seq, op)) => (seq, Some(op)),
            None => (s, None),
        };
        Ok(Self {
            seq: seq.parse().map_err(|_| error())?,
            op: op.map(str::parse).transpose().map_err(|_| error())?,
        })
    }
}

impl From<Version> for At {
    fn from(v: Version) -> Self {
        Self {
            seq: v.seq,
            op: Some(v.op),
        }
    }
}
