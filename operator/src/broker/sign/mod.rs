//! Signing a pod's requests to the object store: what may be signed, and the signature.

mod keys;
mod presign;

pub(crate) use keys::check_readable;
pub use keys::{KeyError, check};
pub(super) use keys::{MANIFESTS, WRITABLE};
pub use presign::{PresignError, Presigner};
pub(super) use presign::{is_aws, region};
