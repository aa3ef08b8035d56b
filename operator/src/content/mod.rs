//! The content API: what people read and write in stores, by the apiserver's aggregation. The apiserver says who the
//! caller is, by headers that its front proxy's certificate vouches for, and RBAC on `memorystores/content` says what they
//! may do; nobody needs a key of the object store.
//!
//! It serves objects, as a store's own code reads and creates them, so that a person's command line and an agent's mount
//! run the same merge. What is created here is checked: a commit bears its caller's name, and changes files only.

mod answer;
mod audit;
mod authorize;
mod caller;
mod discovery;
mod front_proxy;
mod metrics;
mod objects;
mod redact;
mod server;
mod stores;

pub use authorize::{AccessReviews, Authorize, Verb};
pub use caller::Caller;
pub use front_proxy::FrontProxy;
pub use metrics::ContentMetrics;
pub use server::{Parts, serve};
pub use stores::Stores;

/// The API's group.
pub const GROUP: &str = "content.remanence.dev";
/// Its version.
pub const VERSION: &str = "v1alpha1";
