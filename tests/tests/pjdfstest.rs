//! POSIX conformance: `pjdfstest` on a real mount. What does not pass is listed with its reason in `pjdfstest.skips`,
//! and what is listed there must indeed not pass.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use remanence_tests::command::remanence;
use remanence_tests::mounted::Mount;
use remanence_tests::prerequisites;
use tempfile::TempDir;

const SKIPS: &str = include_str!("pjdfstest.skips");

/// Less would hide calls that wait for the store; the finest difference of times that the mount keeps is far below.
const SETTINGS: &str = r#"
[features]
posix_fallocate = {}
rename_ctime = {}
utime_now = {}
utimensat = {}

[settings]
naptime = 0.02

[dummy_auth]
entries = [["nobody", "nogroup"], ["daemon", "daemon"]]
"#;

#[test]
fn pjdfstest_durability_store() {
    conform("store");
}

#[test]
fn pjdfstest_durability_local() {
    conform("local");
}

fn conform(durability: &str) {
    let suite = prerequisites::pjdfstest();
    let folder = TempDir::with_prefix("remanence-pjdfstest-").expect("a temporary folder");
    let settings = folder.path().join("pjdfstest.toml");
    fs::write(&settings, SETTINGS).expect("settings of the suite");
    let url = format!("file://{}", folder.path().join("store").display());
    remanence(["init", "--store", &url]);
    let mounted = Mount::of("tester")
        .store("files", &url)
        .option("--durability", durability)
        .start();

    let output = Command::new("timeout")
        .args([
            "600".as_ref(),
            suite.as_os_str(),
            "--configuration-file".as_ref(),
            settings.as_os_str(),
        ])
        .args(["--path".as_ref(), mounted.store("files").as_os_str()])
        .args(["--secondary-fs".as_ref(), folder.path().as_os_str()])
        .stdin(Stdio::null())
        .output()
        .expect("timeout, of coreutils, runs pjdfstest");
    let printed = String::from_utf8_lossy(&output.stdout);
    let outcomes = outcomes(&printed);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        printed.contains("Summary"),
        "pjdfstest did not finish: {}\n{printed}{complaints}",
        output.status
    );
    let differences = differences(&outcomes, &skips());
    assert!(
        differences.is_empty(),
        "{}\n\n{printed}{complaints}",
        differences.join("\n")
    );
    mounted.stop();
}

/// Test to outcome, of lines such as `rename::exdev   FAILED`.
fn outcomes(printed: &str) -> BTreeMap<&str, &str> {
    let lines = printed.lines().filter_map(|line| line.split_once(char::is_whitespace));
    lines
        .map(|(name, outcome)| (name, outcome.trim()))
        .filter(|(_, outcome)| ["ok", "FAILED", "skipped"].contains(outcome))
        .collect()
}

/// Test to the reason above it.
fn skips() -> BTreeMap<&'static str, &'static str> {
    let mut reason = None;
    let mut skips = BTreeMap::new();
    for line in SKIPS.lines().filter(|line| !line.is_empty()) {
        if let Some(text) = line.strip_prefix("# ") {
            reason = Some(text);
        } else {
            skips.insert(line, reason.expect("a reason stands above the first test"));
        }
    }
    skips
}

fn differences(outcomes: &BTreeMap<&str, &str>, skips: &BTreeMap<&str, &str>) -> Vec<String> {
    let mut differences = Vec::new();
    for (name, outcome) in outcomes {
        match (*outcome, skips.get(name)) {
            ("ok", Some(reason)) => differences.push(format!("{name} passes, yet is listed as: {reason}")),
            ("ok", None) | (_, Some(_)) => {}
            (_, None) => differences.push(format!("{name}: {outcome}, and no reason is listed")),
        }
    }
    let gone = skips.keys().filter(|name| !outcomes.contains_key(*name));
    differences.extend(gone.map(|name| format!("{name} is listed, and the suite has no such test")));
    differences
}
