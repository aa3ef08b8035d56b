//! What a call fails with, and the one place that turns it into an errno and a log line.

use remanence_store::StoreError;
use remanence_store::intent::Refused;
use remanence_store::name::NameError;
use rustix::io::Errno;

/// Why a call failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FsError {
    /// No such path.
    #[error("no such file or folder")]
    NotFound,
    /// The path was changed by others; the kernel looks it up again.
    #[error("the path has a newer node")]
    Superseded,
    /// The path is taken.
    #[error("exists already")]
    Exists,
    /// Not a folder.
    #[error("is not a folder")]
    NotDir,
    /// A folder.
    #[error("is a folder")]
    IsDir,
    /// A folder with something in it.
    #[error("folder is not empty")]
    NotEmpty,
    /// A read-only attachment, the root, or what only dreams write.
    #[error("{0}")]
    ReadOnly(&'static str),
    /// Nothing of this kind is kept here.
    #[error("{0}")]
    NotPermitted(&'static str),
    /// The call makes no sense.
    #[error("{0}")]
    Invalid(&'static str),
    /// A name that is not allowed.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A name that is not UTF-8.
    #[error("the name is not UTF-8; a store's names are")]
    NotUtf8,
    /// Over the file limit.
    #[error("{size} bytes are over the store's limit of {limit} bytes a file")]
    TooLarge {
        /// The size it would have.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// A full store.
    #[error("the store is full ({limit} files); remove some or raise the limit")]
    Full {
        /// The limit.
        limit: u64,
    },
    /// A store that holds as many bytes as it may.
    #[error("the store is full ({limit} bytes in all); make files shorter, remove some or raise the limit")]
    NoRoom {
        /// The limit.
        limit: u64,
    },
    /// From one attachment to another.
    #[error("from one store to another a file is copied, not renamed")]
    CrossStore,
    /// In use as the root of an attachment.
    #[error("is the root of an attached store")]
    Busy,
    /// No such attribute.
    #[error("no such attribute")]
    NoAttribute,
    /// An attribute that is not kept.
    #[error("attributes other than user.remanence.* are not kept, and those can't be written")]
    AttributesNotKept,
    /// Unlinked, or never open for writing.
    #[error("not open for writing")]
    BadHandle,
    /// The cache disk can't take the journal's next record.
    #[error("the journal in {folder} can't be written: {cause}; free some space there")]
    CacheFull {
        /// The cache folder.
        folder: String,
        /// What the write said.
        cause: String,
    },
    /// The store refused it when it was committed; nothing was written.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It is not known whether the store has it; the journal goes on trying.
    #[error("not known yet whether the store has it ({0}); the journal goes on trying")]
    Unknown(String),
    /// The store takes nothing more from this mount; a successor finishes what is in the journal.
    #[error(
        "writes are refused until the store is mounted again: {cause}; what was accepted and is not in the store is kept \
         in {journal}, and the next mount brings it there once that is put right"
    )]
    Stopped {
        /// What the store said.
        cause: String,
        /// The journal.
        journal: String,
    },
    /// Contents can't be had.
    #[error("can't be read: {0}")]
    Unreadable(String),
}

impl From<StoreError> for FsError {
    fn from(error: StoreError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// Result of a filesystem call.
pub type Result<T> = std::result::Result<T, FsError>;

impl FsError {
    /// The errno a caller sees.
    pub fn errno(&self) -> Errno {
        match self {
            Self::NotFound | Self::Refused(Refused::NotFound { .. }) => Errno::NOENT,
            Self::Superseded | Self::Refused(Refused::Stale { .. }) => Errno::STALE,
            Self::Exists | Self::Refused(Refused::Exists { .. }) => Errno::EXIST,
            Self::NotDir | Self::Refused(Refused::NotDir { .. }) => Errno::NOTDIR,
            Self::IsDir | Self::Refused(Refused::IsDir { .. }) => Errno::ISDIR,
            Self::NotEmpty | Self::Refused(Refused::NotEmpty { .. }) => Errno::NOTEMPTY,
            // A tool that meets it says "read-only file system", which is what the agent should understand.
            Self::ReadOnly(_) | Self::Refused(Refused::ReadOnly { .. }) => Errno::ROFS,
            Self::NotPermitted(_) => Errno::PERM,
            Self::Name(NameError::NameTooLong(_) | NameError::PathTooLong(_)) => Errno::NAMETOOLONG,
            // The bytes are a fine name elsewhere, but not in the encoding a store's names have.
            Self::Name(NameError::NotNfc) | Self::NotUtf8 => Errno::ILSEQ,
            Self::Invalid(_) | Self::Name(_) | Self::Refused(Refused::Name { .. } | Refused::Invalid { .. }) => {
                Errno::INVAL
            }
            Self::TooLarge { .. } | Self::Refused(Refused::TooLarge { .. }) => Errno::FBIG,
            Self::Full { .. } | Self::NoRoom { .. } | Self::Refused(Refused::Full { .. } | Refused::NoRoom { .. }) => {
                Errno::DQUOT
            }
            Self::CrossStore => Errno::XDEV,
            Self::Busy => Errno::BUSY,
            Self::NoAttribute => Errno::NODATA,
            Self::AttributesNotKept => Errno::OPNOTSUPP,
            Self::BadHandle => Errno::BADF,
            Self::CacheFull { .. } => Errno::NOSPC,
            Self::Unknown(_)
            | Self::Stopped { .. }
            | Self::Unreadable(_)
            | Self::Refused(Refused::Redacted { .. } | Refused::Together { .. }) => Errno::IO,
        }
    }
}

/// The errno of a failed call, after a log line that says which call on what failed and why.
pub fn to_errno(error: &FsError, call: &'static str, object: impl std::fmt::Display) -> i32 {
    let errno = error.errno();
    match error {
        // What programs probe for all day.
        FsError::NotFound | FsError::Superseded | FsError::Exists | FsError::NoAttribute => {
            tracing::debug!(call, %object, %errno, "{error}");
        }
        FsError::Unknown(_) | FsError::Stopped { .. } | FsError::Unreadable(_) | FsError::CacheFull { .. } => {
            tracing::warn!(call, %object, %errno, "{error}");
        }
        _ => tracing::info!(call, %object, %errno, "{error}"),
    }
    errno.raw_os_error()
}
