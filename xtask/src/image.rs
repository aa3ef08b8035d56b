//! `cargo xtask image`: the container image with all programs, by the same Dockerfile as anybody else's.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::base_image;
use crate::build::{self, Profile, workspace};
use crate::buildah::Images;
use crate::cache::Cache;
use crate::{install, run};

/// As the chart names it.
const REPOSITORY: &str = "ghcr.io/remanence-dev/remanence";
const LIMIT: Duration = Duration::from_mins(2);
/// More bytes than an image has whose programs are not optimised, but stripped.
const MOST: u64 = 250_000_000;
/// What runs beside agents, in the cluster and by hand; whatever else is built is for this repository alone.
const PROGRAMS: [&str; 5] = [
    "remanence",
    "remanence-operator",
    "remanence-node",
    "remanence-sidecar",
    "remanence-dreamer",
];
/// Further names of `remanence`, by which kubectl finds it as its plugin and the plugin's completion.
pub(crate) const PLUGIN: [&str; 2] = ["kubectl-memory", "kubectl_complete-memory"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Unoptimised programs: quick to build.
    #[arg(long)]
    debug: bool,
    /// A base image with glibc, libgcc and CA certificates, e.g. gcr.io/distroless/cc-debian12:nonroot; left out, one of
    /// this machine's own files.
    #[arg(long)]
    base: Option<String>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    {
        let _held = Cache::lock()?;
        install::packages(&[("buildah", "buildah"), ("strip", "binutils")], "building an image")?;
    }
    let profile = if args.debug { Profile::Dev } else { Profile::Release };
    let programs = build(profile)?;
    let name = format!("{REPOSITORY}:{}", env!("CARGO_PKG_VERSION"));
    let archive = folder()?.join("remanence.tar");
    make(&name, &programs, args.base.as_deref(), &archive)?;
    println!("{name} is in {}", archive.display());
    println!(
        "next: cargo xtask cluster load {0}, or docker load --input {0}",
        archive.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// An image in an archive.
pub(crate) struct Image {
    pub(crate) repository: &'static str,
    pub(crate) tag: String,
    pub(crate) archive: PathBuf,
}

/// The image of programs that are built, by a tag that changes with them; built unless it is there.
pub(crate) fn of(programs: &Path) -> Result<Image> {
    let mut hasher = DefaultHasher::new();
    for program in PROGRAMS.map(|name| programs.join(name)) {
        let is = fs::metadata(&program).with_context(|| format!("reading {}", program.display()))?;
        (program.file_name(), is.len(), is.mtime(), is.mtime_nsec()).hash(&mut hasher);
    }
    let dockerfile = workspace().join("Dockerfile");
    fs::read(&dockerfile)
        .with_context(|| format!("reading {}", dockerfile.display()))?
        .hash(&mut hasher);
    let tag = format!("dev-{:016x}", hasher.finish());
    let archive = folder()?.join(format!("{tag}.tar"));
    if !archive.exists() {
        remove_older()?;
        make(&format!("{REPOSITORY}:{tag}"), programs, None, &archive)?;
    }
    let size = size(&archive)?;
    ensure!(
        size <= MOST,
        "{}: {size} bytes, more than {MOST}; what does the image hold besides programs, stripped, and what they are linked with?",
        archive.display()
    );
    Ok(Image {
        repository: REPOSITORY,
        tag,
        archive,
    })
}

/// Builds the programs; answers their folder.
pub(crate) fn build(profile: Profile) -> Result<PathBuf> {
    build::binaries(profile, &PROGRAMS)
}

fn make(name: &str, programs: &Path, base: Option<&str>, archive: &Path) -> Result<()> {
    let start = Instant::now();
    println!("building the image {name}");
    let near = folder()?;
    let scratch = TempDir::with_prefix_in("context-", &near).context("making a folder for the image's files")?;
    let bin = scratch.path().join("bin");
    fs::create_dir(&bin).context("making a folder for the programs")?;
    let mut copies = Vec::new();
    for program in PROGRAMS.map(|name| programs.join(name)) {
        let copy = bin.join(program.file_name().context("a program has a name")?);
        let mut command = run::bounded(LIMIT, "strip");
        let what = format!("stripping {}", program.display());
        run::output(command.arg("-o").arg(&copy).arg(&program), &what)?;
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).context("letting all run a program")?;
        copies.push(copy);
    }
    for name in PLUGIN {
        symlink("remanence", bin.join(name)).with_context(|| format!("linking {name}"))?;
    }
    let images = Images::new(&near)?;
    let base = if let Some(base) = base {
        base
    } else {
        base_image::build(&images, &copies, scratch.path())?;
        base_image::NAME
    };
    let arguments = [("BASE", base), ("PROGRAMS", "prebuilt")];
    images.build(name, &workspace().join("Dockerfile"), scratch.path(), &arguments)?;
    images.save(name, archive)?;
    println!(
        "built in {:.0} s: {} MB",
        start.elapsed().as_secs_f64(),
        size(archive)? / 1_000_000
    );
    Ok(())
}

/// The bytes of an archive, in which nothing is compressed.
fn size(archive: &Path) -> Result<u64> {
    let is = fs::metadata(archive).with_context(|| format!("reading {}", archive.display()))?;
    Ok(is.len())
}

/// Where images lie.
fn folder() -> Result<PathBuf> {
    let folder = build::target()?.join("image");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}

/// Archives of programs that have changed since.
fn remove_older() -> Result<()> {
    let folder = folder()?;
    for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry.with_context(|| format!("reading {}", folder.display()))?.path();
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("dev-"))
        {
            fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
        }
    }
    Ok(())
}
