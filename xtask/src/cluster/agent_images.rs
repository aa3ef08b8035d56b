//! Images of the real agents under the names that `examples/` give them: the programs as they are installed here, on a
//! shell. For this machine alone, as their licences are not ours to pass on.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::buildah::Images;
use crate::cache::Cache;
use crate::cluster::stand_ins::{SHELL, build, unpack};
use crate::install::{self, CLAUDE_CODE, CODEX, apt_get, fresh};

/// Changes with what is made below.
const EDITION: &str = "agents 1";
/// Who an agent is, and the shell in which its tools run.
const USER: &str = "COPY bash/ /\nRUN mkdir -p /etc /home/agent && echo 'agent:x:1000:1000::/home/agent:/bin/bash' > /etc/passwd\nENV SHELL=/bin/bash\n";

/// The images' archives, made once.
pub(crate) fn make(cache: &Cache) -> Result<Vec<PathBuf>> {
    let agents = install::agents(cache)?;
    let folder = cache.folder("agent-images");
    let archives = ["claude-code.tar", "codex.tar"].map(|file| folder.join(file));
    let what = format!("{EDITION} {CLAUDE_CODE} {CODEX}");
    fresh(&folder, &archives[1], &what, "images of the real agents", || {
        let images = Images::new(&folder)?;
        let context = folder.join("context");
        for part in ["busybox", "bash", "bin"] {
            fs::create_dir_all(context.join(part)).context("making a folder for an image")?;
        }
        apt_get(&["update"])?;
        unpack(&context, &["busybox-static"], "busybox")?;
        unpack(&context, &["bash", "libtinfo6", "libc6"], "bash")?;
        let image = |package: &str, program: &Path, settings: &str, archive: &PathBuf| {
            let (name, command) = (name(package), command(package));
            let copy = context.join("bin").join(command);
            fs::copy(program, &copy).with_context(|| format!("copying {}", program.display()))?;
            let text =
                format!("{SHELL}{USER}{settings}COPY bin/{command} /usr/bin/{command}\nUSER 1000\nCMD [\"bash\"]\n");
            build(&images, &name, &text, &context, archive)
        };
        image(CLAUDE_CODE, &agents.claude, "", &archives[0])?;
        image(CODEX, &codex_itself(&agents.codex)?, &codex_settings()?, &archives[1])?;
        // Half a gigabyte that lies in the archives too.
        fs::remove_dir_all(&context).with_context(|| format!("removing {}", context.display()))
    })?;
    Ok(archives.to_vec())
}

/// `registry.example.com/codex:0.169.0`.
fn name(package: &str) -> String {
    let (package, version) = package.rsplit_once('@').unwrap_or((package, "latest"));
    let name = package.rsplit_once('/').map_or(package, |(_, name)| name);
    format!("registry.example.com/{name}:{version}")
}

/// What a user types.
fn command(package: &str) -> &'static str {
    if package == CODEX { "codex" } else { "claude" }
}

/// The program that npm's script would start; it needs nothing.
fn codex_itself(script: &Path) -> Result<PathBuf> {
    let modules = script
        .ancestors()
        .nth(2)
        .context("a program of npm's lies in its modules")?;
    let vendor = modules.join("@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex");
    vendor
        .canonicalize()
        .with_context(|| format!("{}: has the package changed?", vendor.display()))
}

/// The step by which the example's own Dockerfile settles how Codex works in a container.
fn codex_settings() -> Result<String> {
    let file = crate::build::workspace().join("examples/codex/Dockerfile");
    let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let step = text.lines().find_map(|line| {
        line.trim()
            .strip_prefix("&& ")
            .filter(|step| step.contains("/etc/codex"))
    });
    step.map(|step| format!("RUN {step}\n"))
        .with_context(|| format!("{} settles nothing in /etc/codex", file.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::build::workspace;

    #[test]
    fn the_examples_name_what_is_tested() {
        for (package, example) in [(CLAUDE_CODE, "claude-code"), (CODEX, "codex")] {
            let read = |file: &str| fs::read_to_string(workspace().join("examples").join(file)).unwrap();
            let image = format!("image: {}\n", name(package));
            assert!(
                read(&format!("{example}.yaml")).contains(&image),
                "{example}.yaml names another than {image}"
            );
            let dockerfile = read(&format!("{example}/Dockerfile"));
            assert!(
                dockerfile.contains(package),
                "{example}/Dockerfile installs another than {package}"
            );
        }
        assert!(codex_settings().unwrap().contains("sandbox_mode"));
    }
}
