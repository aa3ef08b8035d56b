//! `remanence put`: standard input becomes a file.

use std::io::{IsTerminal, Read};
use std::str::FromStr;

use bytes::Bytes;
use remanence_store::intent::{Base, Create, Expect, Intent, Outcome as Written, Piece};
use remanence_store::op::Merged;
use remanence_store::settings::Settings;
use remanence_store::tree::{NodeKind, Tree, is_of_dreams};
use remanence_store::{FileId, Store, Version};
use serde::Serialize;

use super::{commit, place};
use crate::author::AuthorArg;
use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::Output;
use crate::path;

/// Write standard input to a file; makes its folders, and the store
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  echo 'The build needs 8 GB.' | remanence put --store file:///srv/mem/project notes/build.md
  remanence put --store file:///srv/mem/project notes/build.md --if-version 17.1 < build.md
  remanence put --store file:///srv/mem/project new.md --if-version absent < new.md")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// The file
    #[arg(value_parser = path::parse)]
    path: String,
    /// Only if the file is at this version (`absent`: only if there is none)
    #[arg(long, value_name = "SEQ.OP")]
    if_version: Option<IfVersion>,
    #[command(flatten)]
    author: AuthorArg,
}

/// Says which condition was not met.
pub(super) fn not_met(mut failure: Failure, path: &str, if_version: Option<&IfVersion>) -> Failure {
    let (Some(now), Some(IfVersion(expect))) = (&failure.now, if_version) else {
        return failure;
    };
    failure.message = match (expect, now.as_str()) {
        (Expect::Absent, now) => format!("{path}: is there already, at version {now}; nothing was written"),
        (Expect::Version(version), "absent") => {
            format!("{path}: is not at version {version}: there is no such file, or none any more; nothing was written")
        }
        (Expect::Version(version), now) => format!(
            "{path}: is not at version {version} but at {now} now; nothing was written. Read it again and redo the change"
        ),
    };
    failure
}

/// What a file must be at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IfVersion(pub(crate) Expect);

impl FromStr for IfVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "absent" {
            return Ok(Self(Expect::Absent));
        }
        let version = Version::from_str(text).map_err(|e| e.to_string())?;
        Ok(Self(Expect::Version(version)))
    }
}

#[derive(Serialize)]
struct Put {
    path: String,
    version: Version,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    merged: Option<Merged>,
    /// Where it was kept, if it could not be merged with what another wrote at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    sibling: Option<String>,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    if args.path == "/" {
        return Err(Failure::usage("/: is the store's root folder; name a file in it"));
    }
    // A condition on a version means that the store is there.
    let must_exist = matches!(args.if_version, Some(IfVersion(Expect::Version(_))));
    let (store, author) = if must_exist {
        args.store.write(&args.author).await?
    } else {
        args.store.write_or_make(&args.author, &Settings::memory()).await?
    };
    let tree = store.tree();
    let bytes = read_stdin(&store, &tree, &args.path, out)?;
    let size = bytes.len() as u64;
    let condition = args.if_version.map(|IfVersion(expect)| expect);
    let intents = intents(&store, &tree, &args.path, Base::Head, condition, bytes)?;
    let outcome = commit(&store, author, intents)
        .await
        .map_err(|failure| not_met(failure, &args.path, args.if_version.as_ref()))?;
    report(&args.path, size, outcome, out)
}

/// Prints what became of a content that was written.
pub(super) fn report(path: &str, size: u64, outcome: Written, out: &mut Output) -> Outcome {
    let put = Put {
        path: path.to_owned(),
        version: outcome.version,
        bytes: size,
        merged: outcome.merged,
        sibling: outcome.sibling,
    };
    if let Some(sibling) = &put.sibling {
        out.hint(format!("{path}: changed meanwhile; yours is kept as {sibling}"));
    }
    out.print(&put, |out, put| out.line(format!("{} {}", put.version, put.path)))
}

/// Writes a file's whole content; makes the file and its folders where they are missing.
pub(super) fn intents(
    store: &Store,
    tree: &Tree,
    path: &str,
    base: Base,
    expect: Option<Expect>,
    bytes: Bytes,
) -> Result<Vec<Intent>, Failure> {
    let path = path.to_owned();
    let (file, create, mut intents) = match tree.lookup(&path).map(|n| (n.id, &n.kind)) {
        Some((_, NodeKind::Dir)) => return Err(Failure::failed(format!("{path}: is a folder"))),
        Some((_, NodeKind::Symlink { target })) => {
            return Err(Failure::failed(format!(
                "{path}: is a link to {target}; write to that or remove it first"
            )));
        }
        Some((file, NodeKind::File { .. })) => (file, None, Vec::new()),
        None => {
            let (place, folders) = place(store, tree, &path)?;
            (FileId::random(store.random()), Some(Create::at(place)), folders)
        }
    };
    intents.push(Intent::Put {
        file,
        path,
        create,
        base,
        content: Piece::all_new(bytes),
        mode: None,
        mtime: None,
        expect,
    });
    Ok(intents)
}

/// Reads no more than the store takes: the input may have no end.
fn read_stdin(store: &Store, tree: &Tree, path: &str, out: &Output) -> Result<Bytes, Failure> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        out.hint("reading from the terminal; end with Ctrl-D");
    }
    let limit = tree.settings.file_size;
    let there = tree.lookup(path).map_or(0, |node| node.size());
    // One that is larger already may stay so.
    let most = if is_of_dreams(path) {
        u64::MAX - 1
    } else {
        limit.max(there)
    };
    let mut bytes = Vec::new();
    stdin.lock().take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(Failure::failed(format!(
            "{path}: the input is over the store's limit of {limit} bytes a file; nothing was written"
        ))
        .hint(format!(
            "`remanence init --store '{}' --file-size SIZE` raises the limit",
            store.url()
        )));
    }
    Ok(bytes.into())
}
