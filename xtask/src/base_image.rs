//! The least that a program of this machine needs in an image: the libraries it is linked with, CA certificates, a user.
//! What is built here fits this machine's glibc, whichever that is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::buildah::Images;
use crate::run;

/// Its name in the store of images that it is built in.
pub(crate) const NAME: &str = "localhost/remanence-base:1";

const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Loaded by glibc when it is asked for names, so that no program names them.
const OTHERS: [&str; 2] = ["libnss_dns.so.2", "libresolv.so.2"];

/// Builds it for `programs`.
pub(crate) fn build(images: &Images, programs: &[PathBuf], folder: &Path) -> Result<()> {
    let root = folder.join("root");
    for library in libraries(programs)? {
        copy(&library, &root)?;
    }
    if !Path::new(CERTIFICATES).exists() {
        bail!(
            "{CERTIFICATES} is missing, without which no S3 server could be trusted; run: apt-get install ca-certificates"
        );
    }
    copy(Path::new(CERTIFICATES), &root)?;
    write(
        &root.join("etc/passwd"),
        "root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65534:65534:nonroot:/:/sbin/nologin\n",
    )?;
    write(&root.join("etc/group"), "root:x:0:\nnonroot:x:65534:\n")?;
    let tmp = root.join("tmp");
    fs::create_dir_all(&tmp).with_context(|| format!("making {}", tmp.display()))?;
    fs::set_permissions(&tmp, fs::Permissions::from_mode(0o1777)).context("opening /tmp to all")?;
    let dockerfile = folder.join("Dockerfile");
    write(&dockerfile, "FROM scratch\nCOPY root/ /\n")?;
    images.build(NAME, &dockerfile, folder, &[])
}

/// What the dynamic linker loads, itself included, under the names by which it looks for them.
fn libraries(programs: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let output = run::output(Command::new("ldd").args(programs), "ldd")?;
    let mut found: Vec<PathBuf> = output
        .split_whitespace()
        .filter(|word| word.starts_with('/') && !word.ends_with(':'))
        .map(PathBuf::from)
        .collect();
    let beside = found
        .iter()
        .find(|path| path.ends_with("libc.so.6"))
        .and_then(|path| path.parent());
    if let Some(folder) = beside.map(Path::to_owned) {
        found.extend(
            OTHERS
                .map(|name| folder.join(name))
                .into_iter()
                .filter(|path| path.exists()),
        );
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn copy(file: &Path, root: &Path) -> Result<()> {
    let target = root.join(file.strip_prefix("/").unwrap_or(file));
    fs::create_dir_all(target.parent().unwrap_or(root))
        .with_context(|| format!("making a folder for {}", target.display()))?;
    fs::copy(file, &target).with_context(|| format!("copying {}", file.display()))?;
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::create_dir_all(file.parent().unwrap_or(file))
        .with_context(|| format!("making a folder for {}", file.display()))?;
    fs::write(file, text).with_context(|| format!("writing {}", file.display()))
}
