//! What `cargo xtask test` installs, starts and names to the tests.

use std::env;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// The `remanence` binary.
pub fn binary() -> PathBuf {
    path("REMANENCE_BIN")
}

/// The `pjdfstest` binary.
pub fn pjdfstest() -> PathBuf {
    path("REMANENCE_PJDFSTEST")
}

/// The `fsx` binary.
pub fn fsx() -> PathBuf {
    path("REMANENCE_FSX")
}

/// Claude Code, which only `--agents` installs.
pub fn claude() -> PathBuf {
    path("REMANENCE_CLAUDE")
}

/// Codex, which only `--agents` installs.
pub fn codex() -> PathBuf {
    path("REMANENCE_CODEX")
}

/// The URL of an empty store on `SeaweedFS`; the credentials for it are in the environment.
pub fn seaweedfs_url() -> String {
    unique_store(&required("REMANENCE_TEST_S3_SEAWEEDFS"))
}

/// The URL of an empty store on moto; the credentials for it are in the environment.
pub fn moto_url() -> String {
    unique_store(&required("REMANENCE_TEST_S3_MOTO"))
}

/// The URL of an empty store on `MinIO`; the credentials for it are in the environment.
pub fn minio_url() -> String {
    unique_store(&required("REMANENCE_TEST_S3_MINIO"))
}

/// Whether the run asked for short tests only.
pub fn quick() -> bool {
    env::var_os("REMANENCE_QUICK").is_some()
}

/// The value of `name`, without which the test has nothing to run on.
pub fn required(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test --agents`, which provides it"))
}

fn path(name: &str) -> PathBuf {
    let path = PathBuf::from(required(name));
    assert!(
        path.is_file(),
        "{name} names {}, which is not there: run `cargo xtask test --agents`",
        path.display()
    );
    path
}

/// Tests share a bucket, so each takes a prefix of its own below that of `base`.
fn unique_store(base: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let (path, query) = base.split_once('?').unwrap_or((base, ""));
    format!("{path}/{}-{number}?{query}", std::process::id())
}
