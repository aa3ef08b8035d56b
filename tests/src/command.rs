//! The `remanence` command line, as somebody would use it.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::prerequisites;

/// Runs `remanence` with `args` and answers what it printed; anything but success fails the test.
pub fn remanence<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> String {
    succeed(Command::new(prerequisites::binary()).args(args))
}

/// Runs `remanence` with `args` and `-o json`, and answers what it said.
pub fn remanence_json<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Value {
    let mut command = Command::new(prerequisites::binary());
    let printed = succeed(command.args(args).args(["-o", "json"]));
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{command:?} printed no JSON ({error}): {printed}"))
}

/// Runs a command to its end and answers what it printed; anything but success fails the test with all it said.
pub fn succeed(command: &mut Command) -> String {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("running {command:?}: {error}"));
    let (printed, complaints) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success(),
        "{command:?}: {}\n{printed}{complaints}",
        output.status
    );
    printed.into_owned()
}

/// Runs a command that is to fail with exit code 1, and answers what it complained of.
pub fn refused(command: &mut Command) -> String {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("running {command:?}: {error}"));
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{command:?}: {complaint}");
    complaint
}
