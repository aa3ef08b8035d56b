//! Signing a pod's requests to the object store: what may be signed, and the signature.

mod keys;
mod presign;

pub(super) use keys::WRITABLE;
pub use keys::{KeyError, check};
pub(super) use presign::region;
pub use presign::{PresignError, Presigner};
