//! Signing a pod's requests to the object store: what may be signed, and the signature.

mod keys;
mod presign;

pub(super) use keys::WRITABLE;
pub use keys::{KeyError, check};
pub use presign::{PresignError, Presigner};
pub(super) use presign::{is_aws, region};
