//! Runs other programs so that none outlives the task.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What `timeout` answers when the program ran out of time.
const TIMED_OUT: i32 = 124;
/// Between two questions of [`until`].
const PAUSE: Duration = Duration::from_millis(20);

/// A command that gets `signal` when this process ends for whatever reason, Ctrl-C and panic included.
pub(crate) fn tied(signal: &str, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", signal, "--"]).arg(program);
    without_package(&mut command);
    command
}

/// Takes out what `cargo run` says of this package: build scripts watch those variables, and a cargo started from here
/// would build the same crates anew, and then the next plain cargo again.
fn without_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let of_package = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
            "CARGO_PRIMARY_",
        ];
        if of_package.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(&name);
        }
    }
}

/// A command with a deadline, in a process group of its own: at the deadline, or when this process ends, the whole
/// group is told to stop, so that a mount started by a test is unmounted rather than orphaned.
pub(crate) fn bounded(limit: Duration, program: impl AsRef<OsStr>) -> Command {
    let mut command = tied("TERM", "timeout");
    command
        .arg("--kill-after=30s")
        .arg(format!("{}s", limit.as_secs()))
        .arg(program);
    command
}

/// Runs `command` without standard input and hands over each line of its output, both streams in order.
pub(crate) fn lines(command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<ExitStatus> {
    let name = describe(command);
    let (reader, writer) = io::pipe().context("making a pipe")?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone().context("sharing a pipe")?)
        .stderr(writer);
    let mut child = command.spawn().with_context(|| format!("starting {name}"))?;
    // The command keeps write ends open, without which the loop below would never see the end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while read_line(&mut reader, &mut line).with_context(|| format!("reading the output of {name}"))? {
        on_line(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    child.wait().with_context(|| format!("waiting for {name}"))
}

/// Runs `command` and answers its output, which is worth showing only when it failed.
pub(crate) fn captured(command: &mut Command) -> Result<(ExitStatus, String)> {
    let mut output = String::new();
    let status = lines(command, |line| {
        output.push_str(line);
        output.push('\n');
    })?;
    Ok((status, output))
}

/// Runs `command`, which has to succeed, and answers its output; `what` is what it is run for.
pub(crate) fn output(command: &mut Command, what: &str) -> Result<String> {
    let (status, output) = captured(command)?;
    if !status.success() {
        bail!("{what}: {}\n{output}", reason(status));
    }
    Ok(output)
}

/// Asks until there is an answer; what stands in its way is told once the time is over. An error ends it at once.
pub(crate) fn until<T>(
    what: &str,
    patience: Duration,
    mut ask: impl FnMut() -> Result<Result<T, String>>,
) -> Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        match ask()? {
            Ok(answer) => return Ok(answer),
            Err(why) if Instant::now() > deadline => bail!("{what}: not within {} s: {why}", patience.as_secs()),
            Err(_) => thread::sleep(PAUSE),
        }
    }
}

/// How a task ends.
pub(crate) fn exit_code(passed: bool) -> ExitCode {
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The command as somebody would type it, without the wrappers that bound it.
pub(crate) fn describe(command: &Command) -> String {
    let mut words: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
    if command.get_program() == "setpriv" {
        words.drain(..3);
        if words.first().is_some_and(|word| word == "timeout") {
            words.drain(..3);
        }
    } else {
        words.insert(0, command.get_program().to_string_lossy());
    }
    // Cargo comes as the path of one toolchain.
    if words.first().is_some_and(|word| word.ends_with("/cargo")) {
        words[0] = "cargo".into();
    }
    words.join(" ")
}

/// Why a command failed, in words.
pub(crate) fn reason(status: ExitStatus) -> String {
    match status.code() {
        Some(TIMED_OUT) => "ran out of time".to_owned(),
        _ => status.to_string(),
    }
}

fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    /// A test that prints without end must not fill the memory.
    const LONGEST: u64 = 1 << 20;
    Ok(reader.take(LONGEST).read_until(b'\n', line)? > 0)
}
