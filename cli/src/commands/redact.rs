//! `remanence redact`: destroys the bytes of a version.

use remanence_store::At;
use remanence_store::maintain::redact;

use crate::author::AuthorArg;
use crate::cluster::Content;
use crate::exit::Outcome;
use crate::open::{Place, StoreArg};
use crate::output::Output;
use crate::path;

/// Destroy the bytes of one version for good; who wrote it and when remain
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence put --store file:///srv/mem/project notes/build.md < cleaned.md
  remanence redact --store file:///srv/mem/project notes/build.md --at 17.1

The newest version can't be redacted: write a clean one or remove the file first.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// The file
    #[arg(value_parser = path::parse)]
    path: String,
    /// The version
    #[arg(long, value_name = "SEQ[.OP]")]
    at: At,
    #[command(flatten)]
    author: AuthorArg,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let report = match &args.store.place {
        Place::Url(_) => {
            let store = args.store.maintain("redact").await?;
            let report = redact(&store, &args.path, args.at, args.author.author()).await?;
            store.close().await;
            report
        }
        // Whoever comes through a cluster's API may overwrite nothing; the operator does it for them.
        Place::Object(url) => {
            let mut is_told = false;
            let goes_on = || {
                if !std::mem::replace(&mut is_told, true) {
                    out.hint("the cluster goes through all that the store holds; it goes on without this command, too");
                }
            };
            Content::of(url).await?.redact(&args.path, args.at, goes_on).await?
        }
    };
    out.print(&report, |out, report| {
        if report.objects == 0 {
            return out.line(format!(
                "redacted {} {}: its bytes were gone already",
                report.path, report.version
            ));
        }
        out.line(format!(
            "redacted {} {}: its bytes are gone from {} objects",
            report.path, report.version, report.objects
        ))
    })
}
