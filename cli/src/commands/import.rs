//! `remanence import`: plain files in.

use std::fmt::Write;
use std::path::PathBuf;

use remanence_store::import::{Imported, Source, import};
use remanence_store::settings::Settings;
use remanence_store::{Store, StoreError, Tree};

use crate::author::AuthorArg;
use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::Output;

/// Files that are named when something was not imported.
const NAMED: usize = 20;

/// Take plain files into a store, as an edit of yours; makes the store
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence import --store file:///srv/mem/project ./notes

Files of the same path are edited, others in the store stay. Links are taken as links, never followed.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// The folder to take in
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    #[command(flatten)]
    author: AuthorArg,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let source = Source::scan(&args.dir)?;
    let store = open(args, &source).await?;
    let progress = out.progress("imported");
    let imported = import(&store, source, &args.author.author(), &|files, bytes| {
        progress.at(files, bytes);
    })
    .await;
    drop(progress);
    let imported = imported?;
    store.close().await;
    for sibling in &imported.siblings {
        out.hint(format!("changed meanwhile; the imported file is kept as {sibling}"));
    }
    out.print(&imported, |out, i| {
        out.line(format!(
            "imported {} files ({} bytes) in {} commits, {} were the same already",
            i.written, i.bytes, i.commits, i.unchanged
        ))
    })?;
    complain(&imported)
}

/// The store, or a new one; not made for what would not fit into it.
async fn open(args: &Args, source: &Source) -> Result<Store, Failure> {
    match args.store.write().await {
        Ok(store) => Ok(store),
        Err(_) if is_absent(args).await => {
            let settings = Settings::memory();
            source.check(&args.store.url.to_string(), &Tree::empty(), &settings)?;
            args.store.write_or_make(&settings).await
        }
        Err(failure) => Err(failure),
    }
}

async fn is_absent(args: &Args) -> bool {
    let Ok(backend) = args.store.url.connect().await else {
        return false;
    };
    let opened = Store::open(backend.read_only(), remanence_store::Options::default()).await;
    matches!(opened, Err(StoreError::Absent { .. } | StoreError::Deleted { .. }))
}

fn complain(imported: &Imported) -> Outcome {
    if imported.skipped.is_empty() {
        return Ok(());
    }
    let mut message = format!("{} were not imported:", imported.skipped.len());
    for skipped in imported.skipped.iter().take(NAMED) {
        // Writing to a string can't fail.
        let _ = write!(message, "\n  {}: {}", skipped.path, skipped.why);
    }
    if imported.skipped.len() > NAMED {
        message.push_str("\n  … (`-o json` lists all)");
    }
    Err(Failure::failed(message))
}
