//! `cargo xtask bench --cluster`: what memory costs in a cluster.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use tempfile::TempDir;

use super::measured;
use crate::build::{self, Profile};
use crate::cluster::{Borrowed, KUBECONFIG};
use crate::table::Marks;
use crate::{image, run};

pub(super) const MARKS: Marks<'static> = [
    "<!-- table: cargo xtask bench --cluster --write -->",
    "<!-- end of cluster table -->",
];
/// Three times what it takes on two cores.
const LIMIT: Duration = Duration::from_mins(90);

pub(super) fn run(quick: bool) -> Result<String> {
    let binaries = build::binaries(Profile::Release, &["bench", "remanence"])?;
    let named = env::var_os(KUBECONFIG).map(PathBuf::from);
    // Dropped, and so ended, when all is measured.
    let borrowed = if named.is_some() {
        None
    } else {
        let programs = image::build(Profile::Release)?;
        Some(Borrowed::start(&build::target()?.join("debug/xtask"), &programs)?)
    };
    let kubeconfig = named.or_else(|| borrowed.as_ref().map(Borrowed::kubeconfig));
    let folder = TempDir::with_prefix("remanence-bench-")?;
    let mut command = run::bounded(LIMIT, binaries.join("bench"));
    // `kubectl memory` is the same program by another name.
    command.env("REMANENCE_BIN", binaries.join("remanence"));
    command.arg("cluster").envs(kubeconfig.map(|file| ("KUBECONFIG", file)));
    measured(&mut command, quick, folder.path())
}
