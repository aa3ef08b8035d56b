//! `remanence mount`: stores as folders.

use std::path::PathBuf;
use std::str::FromStr;

use remanence_store::url::StoreUrl;

use crate::attach::{ForStore, Named, check_name, spread, unknown};
use crate::exit::{Failure, Outcome};
use crate::output::Output;

/// Mount stores as folders for an agent, until interrupted
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence mount --store project=file:///srv/mem/project --at /mnt/memory --agent reviewer
  remanence mount --store project=file:///srv/mem/project --store rules=file:///srv/mem/rules \\
      --read-only rules --sessions file:///srv/mem/sessions --at /mnt/memory --agent reviewer --daemon
  remanence mount --store 'reviewer=s3://bucket/reviewer?endpoint=http://localhost:9000' \\
      --durability reviewer=local --at /mnt/memory --agent reviewer

Stores that are not there yet are made. It runs until SIGINT or SIGTERM, then writes what is left, unmounts and exits
0. `remanence unmount DIR` does the same from elsewhere.")]
pub(crate) struct Args {
    /// A store and the folder it is to be
    #[arg(long = "store", value_name = "NAME=URL", required = true, num_args = 1..)]
    stores: Vec<Named>,
    /// Attach this store for reading only
    #[arg(long, value_name = "NAME")]
    read_only: Vec<String>,
    /// The agent's session store, at `.sessions`
    #[arg(long, value_name = "URL")]
    sessions: Option<StoreUrl>,
    /// Where to mount; an empty folder
    #[arg(long, value_name = "DIR")]
    at: PathBuf,
    /// Who writes
    #[arg(long, value_name = "NAME", value_parser = agent_name)]
    agent: String,
    /// When a write returns: once it is in the store, or once it is in the journal
    #[arg(long, value_name = "[NAME=]store|local")]
    durability: Vec<ForStore<Durability>>,
    /// What becomes of an edit that can't be merged: kept beside, or refused
    #[arg(long, value_name = "[NAME=]merge|refuse")]
    conflicts: Vec<ForStore<Conflicts>>,
    /// How fresh an opened file is
    #[arg(long, value_name = "[NAME=]close-to-open|strict")]
    consistency: Vec<ForStore<Consistency>>,
    /// Where the journal and cached contents lie [default: a folder of this mount in the user's cache]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Owner shown for all files [default: you]
    #[arg(long, value_name = "N")]
    uid: Option<u32>,
    /// Group shown for all files [default: yours]
    #[arg(long, value_name = "N")]
    gid: Option<u32>,
    /// Go on in the background once it is mounted
    #[arg(long)]
    daemon: bool,
}

/// An option's values by the words that stand for them.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$default:meta])? $variant:ident = $word:literal),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        enum $name { $($(#[$default])? $variant),* }

        impl FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                match word {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(format!("`{word}` is none of {}", [$($word),*].join(", "))),
                }
            }
        }
    };
}

words!(
    /// When a write returns.
    Durability { #[default] Store = "store", Local = "local" }
);
words!(
    /// What becomes of an edit that can't be merged.
    Conflicts { #[default] Merge = "merge", Refuse = "refuse" }
);
words!(
    /// How fresh an opened file is.
    Consistency { #[default] CloseToOpen = "close-to-open", Strict = "strict" }
);

fn agent_name(name: &str) -> Result<String, String> {
    check_name(name).map(|()| name.to_owned())
}

pub(crate) fn run(args: &Args, _out: &mut Output) -> Outcome {
    for name in &args.read_only {
        if !args.stores.iter().any(|s| s.name == *name) {
            return Err(unknown("--read-only", name, &args.stores));
        }
    }
    let durability = spread("--durability", &args.durability, &args.stores)?;
    let conflicts = spread("--conflicts", &args.conflicts, &args.stores)?;
    let consistency = spread("--consistency", &args.consistency, &args.stores)?;
    Err(Failure::failed(format!(
        "{}: mount is not part of this build",
        args.at.display()
    )))
}
