//! `cargo xtask manifests`: the charts as Helm renders them, and the examples, before kube-score. What is meant as it is
//! says so in an annotation `kube-score/ignore` on the object, with the reason beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::build::workspace;
use crate::cache::Cache;
use crate::cluster::tools::kubectl_and_helm;
use crate::{install, run};

const LIMIT: Duration = Duration::from_mins(2);
/// The oldest that is supported.
const KUBERNETES: &str = "v1.33";
/// Charts and values: as they come, and with all that can be switched on.
const CHARTS: [(&str, &[&str]); 3] = [
    ("remanence-crds", &[]),
    ("remanence", &[]),
    (
        "remanence",
        &[
            "s3.embedded.enabled=true",
            "s3.embedded.size=1Gi",
            "metrics.serviceMonitor.enabled=true",
            "metrics.podMonitor.enabled=true",
            "metrics.rules.enabled=true",
            "metrics.dashboard.enabled=true",
        ],
    ),
];

pub(crate) fn run() -> Result<ExitCode> {
    let (helm, kube_score) = {
        let cache = Cache::lock()?;
        (kubectl_and_helm(&cache)?.1, install::kube_score(&cache)?)
    };
    let folder = TempDir::with_prefix("remanence-manifests-").context("making a folder for manifests")?;
    let mut sets = Vec::new();
    for (number, (chart, settings)) in CHARTS.iter().enumerate() {
        let rendered = folder.path().join(format!("{number}-{chart}.yaml"));
        render(&helm, chart, settings, &rendered)?;
        sets.push(vec![rendered]);
    }
    sets.push(examples()?);
    let mut all_right = true;
    for set in &sets {
        all_right &= score(&kube_score, set)?;
    }
    Ok(if all_right {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn render(helm: &Path, chart: &str, settings: &[&str], into: &Path) -> Result<()> {
    let mut command = run::bounded(LIMIT, helm);
    command
        .args(["template", "remanence"])
        .arg(workspace().join("charts").join(chart));
    command.args(["--namespace", "remanence-system", "--kube-version", KUBERNETES]);
    for setting in settings {
        command.args(["--set", setting]);
    }
    let (status, output) = run::captured(&mut command)?;
    if !status.success() {
        bail!("{}: {}\n{output}", run::describe(&command), run::reason(status));
    }
    fs::write(into, output).with_context(|| format!("writing {}", into.display()))
}

fn examples() -> Result<Vec<PathBuf>> {
    let folder = workspace().join("examples");
    let entries = fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("reading {}", folder.display()))?.path();
        if path.extension().is_some_and(|end| end == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Whether it finds nothing; what it finds is printed.
fn score(kube_score: &Path, files: &[PathBuf]) -> Result<bool> {
    let mut command = run::bounded(LIMIT, kube_score);
    command.args([
        "score",
        "--kubernetes-version",
        KUBERNETES,
        "--exit-one-on-warning",
        "--output-format=ci",
    ]);
    let (status, output) = run::captured(command.args(files))?;
    for line in output
        .lines()
        .filter(|line| !line.starts_with("[OK]") && !line.starts_with("[SKIPPED]"))
    {
        println!("{line}");
    }
    Ok(status.success())
}
