//! What can go wrong with a Dream, and what to do about it.

use std::io;

use jiff::Timestamp;
use remanence_store::StoreError;
use remanence_store::backend::BackendError;

use super::dream::LONGEST_INSTRUCTIONS;
use crate::record::Phase;

/// Why a Dream, or what was asked about one, did not happen.
#[derive(Debug, thiserror::Error)]
pub enum DreamError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object store.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// Sessions that are not there.
    #[error(
        "{place}: no such folder of sessions; name a folder of <agent>/<session>.jsonl, a session store or a prefix of logs"
    )]
    NoSessions {
        /// What was named.
        place: String,
    },
    /// An address that does not parse.
    #[error("{place}: {why}")]
    Address {
        /// What was named.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// A transcript that cannot be read.
    #[error("sessions cannot be read: {0}")]
    Read(#[from] io::Error),
    /// The store takes no more writes.
    #[error("{url}: the store is archived; nothing can be dreamt into it")]
    Archived {
        /// The store.
        url: String,
    },
    /// The clock is wrong.
    #[error(
        "{url}: the clock says {now}, which can't be; nothing was dreamt. Set the clock right, or say the time with --now"
    )]
    Clock {
        /// The store.
        url: String,
        /// What the clock says.
        now: Timestamp,
    },
    /// Somebody else dreamt at the same time.
    #[error("dream {dream} finished first; nothing was changed. Dream again for what it did not read")]
    Another {
        /// The other one.
        dream: String,
    },
    /// The files changed again and again.
    #[error(
        "{url}: the same lines were written all the time; nothing was changed. Dream again when the agents are quieter"
    )]
    Busy {
        /// The store.
        url: String,
    },
    /// A folder, or a link, is where the ledger belongs.
    #[error(
        "{url}: /{} is no file, and dreams keep what they know there; nothing was changed. Move it away and dream again",
        crate::ledger::PATH
    )]
    NoLedger {
        /// The store.
        url: String,
    },
    /// No such Dream.
    #[error("{url}: there is no dream {dream}; `remanence dreams --store {url}` lists them")]
    NoDream {
        /// The store.
        url: String,
        /// What was asked for.
        dream: String,
    },
    /// None that fits.
    #[error("{url}: no dream {what}; `remanence dreams --store {url}` lists them")]
    NoneThat {
        /// The store.
        url: String,
        /// What was looked for.
        what: &'static str,
    },
    /// A Dream in a phase in which this makes no sense.
    #[error("dream {dream} is {phase:?}: it cannot be {asked}")]
    Phase {
        /// The Dream.
        dream: String,
        /// Its phase.
        phase: Phase,
        /// What was asked.
        asked: &'static str,
    },
    /// The memory moved on under a proposal.
    #[error("dream {dream} was proposed on a memory that was dreamt over since; dream again")]
    MovedOn {
        /// The Dream.
        dream: String,
    },
    /// A redaction took a proposal's words.
    #[error("what dream {dream} proposed held words that were redacted since: it is void; dream again")]
    Void {
        /// The Dream.
        dream: String,
    },
    /// A person's line that was written since says otherwise.
    #[error(
        "dream {dream} cannot be approved: a line that a person wrote in {file} since it was proposed says otherwise than \"{fact}\"; dream again for a proposal without that, or reject it"
    )]
    Overruled {
        /// The Dream.
        dream: String,
        /// Where the line stands.
        file: String,
        /// What was proposed.
        fact: String,
    },
    /// Later edits are in the way.
    #[error("dream {dream} cannot be {asked} without touching later edits: {why}")]
    InTheWay {
        /// The Dream.
        dream: String,
        /// What was asked.
        asked: &'static str,
        /// What is in the way.
        why: String,
    },
    /// A file that is not there.
    #[error("{url}: there is no file {path}; `remanence ls -R --store {url}` lists them")]
    NoFile {
        /// The store.
        url: String,
        /// The file.
        path: String,
    },
    /// Something that is no file of the memory.
    #[error("{path}: is none of the Markdown files that memory is made of")]
    NoMemory {
        /// What was named.
        path: String,
    },
    /// A line that is not there.
    #[error("{path}: has no line {line}")]
    NoLine {
        /// The file.
        path: String,
        /// The line.
        line: usize,
    },
    /// Instructions that are too long.
    #[error("the instructions have {is} characters, {most} are allowed", most = LONGEST_INSTRUCTIONS)]
    Instructions {
        /// How many.
        is: usize,
    },
    /// A task that ended badly.
    #[error("the dream ended badly: {0}")]
    Task(#[from] tokio::task::JoinError),
}
