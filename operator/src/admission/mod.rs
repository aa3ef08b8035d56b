//! The webhook: what a labelled pod gets, and which pods are refused.

mod check;
mod inject;
mod injection;
mod mounts;
mod review;
mod server;
mod sidecar;
#[cfg(test)]
mod tests;

pub use injection::Injection;
pub use review::{Admission, Verdict};
pub use server::serve;
pub use sidecar::Sidecar;
