//! `remanence import`: plain files in.

use std::fmt::Write;
use std::path::PathBuf;

use remanence_store::import::{Imported, Source, import};
use remanence_store::settings::Settings;
use remanence_store::{Author, Store, Tree};

use crate::author::AuthorArg;
use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::{Output, some};

/// Files that are named when something was not imported.
const NAMED: usize = 20;

/// Import plain files into a store, as your edit; makes the store if there is none
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence import --store file:///srv/mem/project ./notes

Files with the same path are edited, others in the store stay. Links are imported as links, never followed.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// The folder to import
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    #[command(flatten)]
    author: AuthorArg,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let source = Source::scan(&args.dir)?;
    let (store, author) = open(args, &source).await?;
    let progress = out.progress("imported");
    let imported = import(&store, source, &author, &|files, bytes| {
        progress.at(files, bytes);
    })
    .await;
    drop(progress);
    let imported = imported?;
    store.close().await;
    for path in &imported.normalised {
        out.hint(format!(
            "{path}: its name is written in Unicode normal form NFC, unlike on disk"
        ));
    }
    for sibling in &imported.siblings {
        out.hint(format!("changed meanwhile; the imported file is kept as {sibling}"));
    }
    out.print(&imported, |out, i| {
        out.line(format!(
            "imported {} ({}) in {}, {} unchanged",
            some(i.written, "file"),
            some(i.bytes, "byte"),
            some(i.commits, "commit"),
            i.unchanged
        ))
    })?;
    complain(&imported)
}

/// The store, or a new one; not made for what would not fit into it.
async fn open(args: &Args, source: &Source) -> Result<(Store, Author), Failure> {
    match args.store.write(&args.author).await {
        Ok(opened) => Ok(opened),
        Err(_) if args.store.is_absent().await => {
            let settings = Settings::memory();
            source.check(&args.store.place.to_string(), &Tree::empty(), &settings)?;
            args.store.write_or_make(&args.author, &settings).await
        }
        Err(failure) => Err(failure),
    }
}

fn complain(imported: &Imported) -> Outcome {
    if imported.skipped.is_empty() {
        return Ok(());
    }
    let mut message = format!("{} not imported:", some(imported.skipped.len() as u64, "path"));
    for skipped in imported.skipped.iter().take(NAMED) {
        // Writing to a string can't fail.
        let _ = write!(message, "\n  {}: {}", skipped.path, skipped.why);
    }
    if imported.skipped.len() > NAMED {
        message.push_str("\n  … (`-o json` lists all)");
    }
    Err(Failure::failed(message))
}
