//! `--daemon`: the same command again as a process of its own, which logs to a file and tells when it is ready.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::io::Errno;

use crate::exit::{Exit, Failure, Outcome};
use crate::output::Output;

/// What the process says after what it tells when it is ready, which may be several lines.
pub(crate) const TOLD: u8 = 0;

/// Starts the process and waits until it is ready. If it ends before, what it said is said here.
pub(crate) fn start(log: &Path, out: &mut Output) -> Outcome {
    let named = |e: std::io::Error| Failure::failed(format!("{}: {e}", log.display()));
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder).map_err(named)?;
    }
    let mut file = File::options()
        .create(true)
        .append(true)
        .read(true)
        .open(log)
        .map_err(named)?;
    let before = file.seek(SeekFrom::End(0)).map_err(named)?;
    let program = std::env::current_exe()?;
    let mut child = Command::new(&program)
        .args(std::env::args_os().skip(1))
        .arg("--detached")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(file.try_clone().map_err(named)?)
        .spawn()
        .map_err(|e| Failure::failed(format!("{}: {e}", program.display())))?;
    let mut ready = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_until(TOLD, &mut ready)?;
    }
    if ready.pop_if(|last| *last == TOLD).is_some() {
        return Ok(out.bytes(&ready)?);
    }
    let ended = child.wait()?;
    let mut said = Vec::new();
    file.seek(SeekFrom::Start(before)).map_err(named)?;
    file.read_to_end(&mut said).map_err(named)?;
    if !said.ends_with(b"\n") {
        // The disk that the log is on may be full.
        let why = String::from_utf8_lossy(&ready);
        return Err(Failure::failed(match why.trim() {
            "" => format!("the mount's process ended at once: {ended}"),
            why => why.to_owned(),
        }));
    }
    std::io::stderr().write_all(&said)?;
    Err(Failure::told(match ended.code() {
        Some(code) if code == Exit::Usage as i32 => Exit::Usage,
        _ => Exit::Failed,
    }))
}

/// Tells [`start`] why there will be no mount, in case the log has no room for it.
pub(crate) fn tell(failure: &Failure) {
    // Once the mount was ready nobody listens any more.
    let _ = writeln!(std::io::stdout(), "{}", failure.message);
}

/// Leaves the session and the folder it was started in: what ends them does not end this process.
pub(crate) fn leave() -> Outcome {
    std::env::set_current_dir("/")?;
    match rustix::process::setsid() {
        // Leading its own session already.
        Ok(_) | Err(Errno::PERM) => Ok(()),
        Err(errno) => Err(std::io::Error::from(errno).into()),
    }
}

/// Where a mount in the background logs to.
pub(crate) fn log_file(cache: &Path, at: &Path) -> PathBuf {
    let name = at.to_string_lossy().trim_matches('/').replace('/', "-");
    cache.join(format!("{name}.log"))
}
