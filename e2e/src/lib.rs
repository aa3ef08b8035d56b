//! What the cluster story is told with: a namespace for each test, kubectl, and manifests as a user writes them.
//!
//! The tests run on the cluster that `REMANENCE_E2E_KUBECONFIG` names; `cargo xtask test` brings one. Remanence is installed
//! there as `cargo xtask cluster up` does it: from this tree, as the releases `remanence-crds` and `remanence` in the namespace
//! `remanence-system`, with the embedded S3 server, whose class `embedded` is the default one. Everything they make lies in
//! namespaces of their own, which go with them.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

mod browser;
mod class;
mod kubectl;
pub mod manifest;
mod page;
mod plugin;
pub mod probe;
mod s3;
mod space;
mod turn;
mod writers;

pub use browser::Browser;
pub use class::{Class, NEXT_LOOK};
pub use kubectl::{apply, helm, kubectl, kubectl_json, try_kubectl};
pub use page::Page;
pub use plugin::Plugin;
pub use s3::S3;
pub use space::Space;
pub use turn::{Turn, alone, together};
pub use writers::Writers;

use std::time::{Duration, Instant};

/// How long anything may take that a cluster does by itself.
const PATIENCE: Duration = Duration::from_mins(3);

/// Asks until there is an answer; fails the test with `what` was waited for and the last word against it.
pub fn until<T>(what: &str, ask: impl FnMut() -> Result<T, String>) -> T {
    within(PATIENCE, what, ask)
}

/// As [`until`], with a deadline of its own.
pub fn within<T>(patience: Duration, what: &str, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(why) => assert!(
                Instant::now() < deadline,
                "{what}: not within {} s: {why}",
                patience.as_secs()
            ),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}
