//! The webhook: what a labelled pod gets, which pods are refused, and who decided on a Dream.

mod check;
mod decision;
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
