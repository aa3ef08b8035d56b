//! Stores as objects of a cluster, reached through its content API: the caller's own identity, no key.

mod content;
mod objects;
mod place;

pub(crate) use content::Content;
pub(crate) use place::{ObjectUrl, SCHEME};
