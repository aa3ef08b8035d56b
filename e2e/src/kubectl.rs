//! kubectl and helm, as a user runs them.

use std::env;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Longer than anything that is asked of them takes; a hang must not take the whole run.
const LIMIT: &str = "240";

/// Runs kubectl and answers what it printed; anything but success fails the test.
pub fn kubectl(words: &[&str]) -> String {
    try_kubectl(words).unwrap_or_else(|why| panic!("kubectl {}: {why}", words.join(" ")))
}

/// What kubectl prints as JSON; anything but success fails the test.
pub fn kubectl_json(words: &[&str]) -> Value {
    serde_json::from_str(&kubectl(&[words, &["--output=json"]].concat())).unwrap()
}

/// Runs kubectl; answers what it printed, or what it complained of.
pub fn try_kubectl(words: &[&str]) -> Result<String, String> {
    feed(words, "")
}

/// Runs kubectl with something to read; answers what it printed, or what it complained of.
pub(crate) fn feed(words: &[&str], input: &str) -> Result<String, String> {
    answer(program("REMANENCE_KUBECTL", "kubectl").args(words), input)
}

/// Applies what a user wrote; answers what the apiserver said against it.
pub fn apply(words: &[&str], manifest: &Value) -> Result<String, String> {
    let words = [&["apply"][..], words, &["--filename", "-"]].concat();
    feed(&words, &manifest.to_string())
}

/// Runs helm in the repository's folder; answers what it printed, or what it complained of.
pub fn helm(words: &[&str]) -> Result<String, String> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    answer(
        program("REMANENCE_HELM", "helm").args(words).current_dir(repository),
        "",
    )
}

fn program(variable: &str, name: &str) -> Command {
    let kubeconfig = env::var_os("REMANENCE_E2E_KUBECONFIG").unwrap_or_else(|| {
        panic!(
            "REMANENCE_E2E_KUBECONFIG names no cluster: run `cargo xtask test`, which brings one; or `cargo xtask \
             cluster up`, `eval $(cargo xtask cluster env)` and `export REMANENCE_E2E_KUBECONFIG=$KUBECONFIG`"
        )
    });
    let mut command = Command::new("timeout");
    command
        .arg(LIMIT)
        .arg(env::var_os(variable).unwrap_or_else(|| name.into()));
    command.env("KUBECONFIG", kubeconfig);
    command
}

/// Runs a command with something to read; answers what it printed, or what it complained of after that.
pub(crate) fn answer(command: &mut Command, input: &str) -> Result<String, String> {
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped
        .spawn()
        .unwrap_or_else(|error| panic!("running {command:?}: {error}"));
    // A command that refuses early does not read its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(format!("{}{}", text(&output.stdout), text(&output.stderr)))
    }
}
