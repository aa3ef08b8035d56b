//! `remanence edit`: a file in the user's editor, then a commit on what they saw.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use remanence_store::intent::Base;
use remanence_store::tree::NodeKind;
use serde_json::json;
use tempfile::TempDir;

use super::put::{intents, report};
use super::{commit, path};
use crate::author::AuthorArg;
use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::Output;

/// Change a file in your editor ($VISUAL, $EDITOR, or vi); what others wrote meanwhile is merged
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence edit --store file:///srv/mem/project notes/build.md

A file that does not exist is made once you save it. Where others changed the same lines while you were editing, theirs \
stay and yours are kept in a file beside it, whose name is printed.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// The file
    #[arg(value_parser = path::parse)]
    path: String,
    #[command(flatten)]
    author: AuthorArg,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let (store, author) = args.store.write(&args.author).await?;
    let tree = store.tree();
    let (base, before) = match tree.lookup(&args.path).map(|node| (node, &node.kind)) {
        None => (Base::Nothing, None),
        Some((node, NodeKind::File { content, .. })) => {
            let bytes = store.read(content, 0..content.len()).await?;
            let base = Base::Version {
                version: node.version,
                content: content.clone(),
            };
            (base, Some(bytes))
        }
        Some(_) => return Err(Failure::failed(format!("{}: is not a file", args.path))),
    };
    // Only its owner can look into it.
    let folder = TempDir::with_prefix("remanence-edit-")?;
    let file = folder.path().join(path::name(&args.path));
    std::fs::write(&file, before.as_deref().unwrap_or_default())?;
    let edited = edit(&file);
    // An editor may take the file away.
    let after = std::fs::read(&file);
    let is_same = after
        .as_ref()
        .is_ok_and(|after| before.as_deref().unwrap_or_default() == after);
    if let Err(failure) = edited {
        return Err(if is_same || after.is_err() {
            failure
        } else {
            keep(folder, &args.path, failure)
        });
    }
    let after = after?;
    if is_same {
        out.hint(format!("{}: nothing was changed", args.path));
        let version = match base {
            Base::Version { version, .. } => Some(version),
            _ => None,
        };
        let unchanged = json!({"path": args.path, "version": version, "changed": false});
        return out.print(&unchanged, |_, _| Ok(()));
    }
    let size = after.len() as u64;
    let written = match intents(&store, &tree, &args.path, base, None, after.into()) {
        Ok(intents) => commit(&store, author, intents).await,
        Err(failure) => Err(failure),
    };
    match written {
        Ok(outcome) => report(&args.path, size, outcome, out),
        Err(failure) => Err(keep(folder, &args.path, failure)),
    }
}

/// Leaves the text where it is, and says so: nobody is to type it again.
fn keep(folder: TempDir, path: &str, failure: Failure) -> Failure {
    let kept = folder.keep().join(path::name(path));
    failure.hint(format!("your text is kept in {}", kept.display()))
}

/// Runs the editor, as a shell would: it may be a command with options.
fn edit(file: &Path) -> Result<(), Failure> {
    let named = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let editor = named("VISUAL")
        .or_else(|| named("EDITOR"))
        .unwrap_or_else(|| "vi".into());
    let mut script: OsString = editor.clone();
    script.push(" \"$1\"");
    let status = Command::new("sh")
        .arg("-c")
        .arg(script)
        .arg("editor")
        .arg(file)
        .status();
    let status = status.map_err(|error| Failure::failed(format!("sh: {error}")))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::failed(format!(
        "the editor `{}` ended with {status}; nothing was written",
        editor.to_string_lossy()
    )))
}
