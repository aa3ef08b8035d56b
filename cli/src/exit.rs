//! How a command ends: one place decides the exit code.

use std::io;
use std::process::ExitCode;

use remanence_dreamer::DreamError;
use remanence_sidecar::MountError;
use remanence_sidecar::mount_point::MountPointError;
use remanence_store::StoreError;
use remanence_store::backend::{BackendError, chain};
use remanence_store::export::ExportError;
use remanence_store::import::ImportError;
use remanence_store::intent::Refused;
use remanence_store::restore::RestoreError;

/// Exit codes; `remanence --help` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done. Also when the reader of our output went away.
    Done = 0,
    /// It could not be done.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What the help says of exit codes.
pub(crate) const HELP: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage.";

/// Why a command did not do what it should.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// What to do about it, where the message does not say.
    pub(crate) hint: Option<String>,
    /// The version that a file is at, where that is why.
    pub(crate) now: Option<String>,
}

/// What a command comes to.
pub(crate) type Outcome = Result<(), Failure>;

impl Failure {
    /// It could not be done.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Failed,
            message: message.into(),
            hint: None,
            now: None,
        }
    }

    /// The command line makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            ..Self::failed(message)
        }
    }

    /// It could not be done, and that was reported already.
    pub(crate) fn told(exit: Exit) -> Self {
        Self {
            exit,
            ..Self::failed("")
        }
    }

    /// For programs.
    pub(crate) fn json(&self) -> serde_json::Value {
        let mut error = serde_json::json!({ "error": self.message });
        if let Some(hint) = &self.hint {
            error["hint"] = hint.as_str().into();
        }
        if let Some(now) = &self.now {
            error["now"] = now.as_str().into();
        }
        error
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Errors that are failures, told in their own words.
macro_rules! failed {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::failed(chain(&error))
            }
        })*
    };
}

failed!(
    RestoreError,
    ImportError,
    ExportError,
    DreamError,
    MountError,
    MountPointError,
    serde_json::Error
);

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let now = match &error {
            StoreError::Refused {
                refused: Refused::Stale { now, .. },
                ..
            } => Some(now.clone()),
            _ => None,
        };
        Self {
            now,
            ..Self::failed(chain(&error))
        }
    }
}

impl From<BackendError> for Failure {
    fn from(error: BackendError) -> Self {
        StoreError::from(error).into()
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // Whoever read our output has seen enough: `remanence log | head` is no failure.
        let exit = match error.kind() {
            io::ErrorKind::BrokenPipe => Exit::Done,
            _ => Exit::Failed,
        };
        Self {
            exit,
            ..Self::failed(chain(&error))
        }
    }
}
