//! Images that the chart and the examples take from a registry, made from packages where there is none: the same names,
//! the same programs, no more than is used.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::buildah::Images;
use crate::cache::Cache;
use crate::install::{self, LIMIT, apt_get, fresh, must};
use crate::run;

/// Changes with what is made below.
const EDITION: &str = "stand-ins 3";
const SEAWEEDFS: (&str, &str) = ("docker.io/chrislusf/seaweedfs:4.48", "seaweedfs.tar");
const BUSYBOX: (&str, &str) = ("docker.io/library/busybox:1.37", "busybox.tar");
const PYTHON: (&str, &str) = ("docker.io/library/python:3-slim", "python.tar");
/// An image that has busybox, from a context in which it is unpacked.
pub(super) const SHELL: &str = "FROM scratch\nCOPY busybox/bin/busybox /bin/busybox\nRUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\nRUN [\"/bin/mkdir\", \"-m\", \"1777\", \"/tmp\"]\n";
/// What Python's own packages need.
const LIBRARIES: [&str; 3] = ["libc6", "libexpat1", "zlib1g"];

/// The images' archives, made once.
pub(crate) fn make(cache: &Cache) -> Result<Vec<PathBuf>> {
    let weed = install::python(cache)?.weed();
    let folder = cache.folder("stand-ins");
    let archives = [SEAWEEDFS, BUSYBOX, PYTHON].map(|(_, file)| folder.join(file));
    fresh(
        &folder,
        &archives[2],
        EDITION,
        "images for the embedded S3 server and the examples",
        || {
            let images = Images::new(&folder)?;
            seaweedfs(&images, &weed, &folder)?;
            debian(&images, &folder)
        },
    )?;
    Ok(archives.to_vec())
}

fn seaweedfs(images: &Images, weed: &Path, folder: &Path) -> Result<()> {
    let context = folder.join("seaweedfs");
    fs::create_dir_all(&context).context("making a folder for an image")?;
    fs::copy(weed, context.join("weed")).with_context(|| format!("copying {}", weed.display()))?;
    let text = "FROM scratch\nCOPY weed /usr/bin/weed\nENTRYPOINT [\"/usr/bin/weed\"]\n";
    build(images, SEAWEEDFS.0, text, &context, &folder.join(SEAWEEDFS.1))
}

/// A shell, and Python with it, from Debian packages.
fn debian(images: &Images, folder: &Path) -> Result<()> {
    let context = folder.join("debian");
    for part in ["busybox", "python"] {
        fs::create_dir_all(context.join(part)).context("making a folder for an image")?;
    }
    apt_get(&["update"])?;
    unpack(&context, &["busybox-static"], "busybox")?;
    let python = python_package()?;
    let library = format!("lib{python}");
    unpack(
        &context,
        &[LIBRARIES.as_slice(), &[python.as_str(), library.as_str()]].concat(),
        "python",
    )?;
    build(
        images,
        BUSYBOX.0,
        &format!("{SHELL}CMD [\"sh\"]\n"),
        &context,
        &folder.join(BUSYBOX.1),
    )?;
    let program = python.trim_end_matches("-minimal");
    let python = format!(
        "{SHELL}COPY python/ /\nRUN [\"/bin/ln\", \"-s\", \"/usr/bin/{program}\", \"/bin/python3\"]\nCMD [\"python3\"]\n"
    );
    build(images, PYTHON.0, &python, &context, &folder.join(PYTHON.1))
}

/// `python3.11-minimal`, say: which one this distribution has.
fn python_package() -> Result<String> {
    let (status, output) = run::captured(Command::new("apt-cache").args(["depends", "python3-minimal"]))?;
    let found = output
        .split_whitespace()
        .find(|word| word.starts_with("python3.") && word.ends_with("-minimal"));
    match found {
        Some(package) if status.success() => Ok(package.to_owned()),
        _ => bail!("apt-cache knows no Python; run: apt-get update\n{output}"),
    }
}

/// Puts the files of Debian packages into a folder of the context.
pub(super) fn unpack(context: &Path, packages: &[&str], into: &str) -> Result<()> {
    let downloads = context.join("packages");
    fs::create_dir_all(&downloads).context("making a folder for packages")?;
    // By root, but apt would rather download as somebody who may not write here.
    let options = ["--quiet", "--option", "APT::Sandbox::User=root", "download"];
    must(
        run::bounded(LIMIT, "apt-get")
            .args(options)
            .args(packages)
            .current_dir(&downloads),
    )?;
    for entry in fs::read_dir(&downloads).context("reading downloaded packages")? {
        let package = entry.context("reading downloaded packages")?.path();
        must(
            run::bounded(LIMIT, "dpkg-deb")
                .arg("--extract")
                .arg(&package)
                .arg(context.join(into)),
        )?;
        fs::remove_file(&package).with_context(|| format!("removing {}", package.display()))?;
    }
    Ok(())
}

/// Builds an image and puts it into an archive.
pub(super) fn build(images: &Images, name: &str, text: &str, context: &Path, archive: &Path) -> Result<()> {
    let dockerfile = context.join("Dockerfile");
    fs::write(&dockerfile, text).with_context(|| format!("writing {}", dockerfile.display()))?;
    images.build(name, &dockerfile, context, &[])?;
    images.save(name, archive)
}
