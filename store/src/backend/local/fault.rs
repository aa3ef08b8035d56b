//! What the file system said, and what the caller must do about it.

use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::backend::BackendError;

/// A failed step on a file or folder of the directory.
#[derive(Debug)]
pub(super) enum Fault {
    /// The key or prefix names nothing this backend may touch.
    Key(String),
    /// The directory itself was there earlier in this process, and is gone.
    NoRoot(PathBuf),
    /// Something other than a plain file lies where an object should.
    Foreign(PathBuf),
    /// A system call failed.
    Call {
        /// The call and its object.
        doing: &'static str,
        /// What it was done to.
        path: PathBuf,
        /// What the kernel answered.
        errno: Errno,
    },
}

/// Result of a step.
pub(super) type Step<T> = Result<T, Fault>;

/// Names the step that failed.
pub(super) trait During<T> {
    /// Attaches what was being done, and to what.
    fn during(self, doing: &'static str, path: impl AsRef<Path>) -> Step<T>;
}

impl<T> During<T> for rustix::io::Result<T> {
    fn during(self, doing: &'static str, path: impl AsRef<Path>) -> Step<T> {
        self.map_err(|errno| Fault::Call {
            doing,
            path: path.as_ref().to_owned(),
            errno,
        })
    }
}

impl Fault {
    /// The error of the request `what`.
    pub(super) fn of(self, what: String) -> BackendError {
        let refused = |cause| BackendError::Refused {
            what: what.clone(),
            cause,
        };
        match self {
            Self::Key(cause) => refused(cause),
            Self::NoRoot(root) => refused(format!(
                "the folder {} was there and is gone; mount it or move it back (it is not made again, so that no \
                 second, empty store takes its place)",
                root.display()
            )),
            Self::Foreign(path) => refused(format!(
                "{} is not a plain file or folder (a link, a device, or a file in a folder's place); links are not \
                 followed here: remove it or use another folder",
                path.display()
            )),
            Self::Call { doing, path, errno } => {
                let cause = format!("cannot {doing} {}: {}", path.display(), text(errno));
                match errno {
                    Errno::NOSPC | Errno::DQUOT => BackendError::Full { what, cause },
                    Errno::ACCESS | Errno::PERM => {
                        refused(format!("{cause}; give this user read and write access to the folder"))
                    }
                    Errno::ROFS => refused(format!("{cause}; mount the file system writable or use another folder")),
                    Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::ISDIR | Errno::NAMETOOLONG | Errno::FBIG => {
                        refused(format!("{cause}; check the folder and what was put into it"))
                    }
                    _ => BackendError::Unknown { what, cause },
                }
            }
        }
    }
}

/// The kernel's sentence for `errno`.
fn text(errno: Errno) -> String {
    std::io::Error::from(errno).to_string()
}
