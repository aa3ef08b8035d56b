//! What a call fails with.

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::process::Command;

use rustix::io::Errno;

/// The errno of what must fail.
pub(crate) fn errno<T: Debug>(result: io::Result<T>) -> Errno {
    let error = result.expect_err("this must fail");
    Errno::from_raw_os_error(error.raw_os_error().expect("an errno"))
}

/// Writes a file, and closes it with an eye on what the close says.
pub(crate) fn write_and_close(path: &Path, text: &str) -> io::Result<()> {
    // The standard library looks away when it closes.
    let python = "f = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)\n\
                  os.write(f, sys.argv[2].encode())\n\
                  try: os.close(f)\n\
                  except OSError as e: print(e.errno)\n";
    run(python, path, text)
}

/// Sets a file's length by its path; the standard library opens it for that.
pub(crate) fn truncate(path: &Path, length: u64) -> io::Result<()> {
    let python = "try: os.truncate(sys.argv[1], int(sys.argv[2]))\n\
                  except OSError as e: print(e.errno)\n";
    run(python, path, &length.to_string())
}

/// Sets a file's length by a handle, which must succeed, and closes that with an eye on what the close says.
pub(crate) fn truncate_and_close(path: &Path, length: u64) -> io::Result<()> {
    let python = "f = os.open(sys.argv[1], os.O_WRONLY)\n\
                  os.ftruncate(f, int(sys.argv[2]))\n\
                  try: os.close(f)\n\
                  except OSError as e: print(e.errno)\n";
    run(python, path, &length.to_string())
}

/// Runs Python, which prints the errno of what it is asked to look at.
fn run(python: &str, path: &Path, argument: &str) -> io::Result<()> {
    let output = Command::new("python3")
        .arg("-c")
        .arg(format!("import os,sys\n{python}"))
        .arg(path)
        .arg(argument)
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match said.parse() {
        Ok(errno) => Err(io::Error::from_raw_os_error(errno)),
        Err(_) if output.status.success() => Ok(()),
        Err(_) => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}

/// As [`errno`], of a call that answers with one.
pub(crate) fn raw<T: Debug>(result: Result<T, Errno>) -> Errno {
    result.expect_err("this must fail")
}
