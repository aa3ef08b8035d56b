//! `remanence redact`: destroys the bytes of a version.

use std::collections::BTreeSet;

use remanence_store::At;
use remanence_store::maintain::{RedactReport, redact};

use crate::author::AuthorArg;
use crate::cluster::Content;
use crate::exit::{Failure, Outcome};
use crate::open::{Place, StoreArg};
use crate::output::{Output, some};
use crate::path;

/// Destroy the bytes of one version for good; who wrote it and when remain
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence put --store file:///srv/mem/project notes/build.md < cleaned.md
  remanence redact --store file:///srv/mem/project notes/build.md --at 17.1

The newest version can't be redacted: write a clean one or remove the file first.

It destroys the bytes that this one version brought, and all copies of just these bytes. Another version that holds the
same secret in other text keeps it: `remanence log` lists the versions, redact each.

Exit code 1 also where bytes are left: in live files that were written meanwhile, or in names, which stay in the log.")]
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
    out.print(&report, |out, report| out.line(done(report)))?;
    left(&report).map_or(Ok(()), Err)
}

/// What was destroyed.
fn done(report: &RedactReport) -> String {
    let redacted = format!("redacted {} {}", report.path, report.version);
    match (report.objects, report.scanned) {
        (0, _) => format!("{redacted}: nothing was left to destroy"),
        (objects, 0) => format!(
            "{redacted}: its bytes are gone from {}. Copies were not searched for: the bytes are too few, or \
             an earlier run had destroyed them; change what was secret",
            some(objects, "object")
        ),
        (objects, _) => format!("{redacted}: its bytes are gone from {}", some(objects, "object")),
    }
}

/// What holds the bytes all the same.
fn left(report: &RedactReport) -> Option<Failure> {
    let (mut holds, mut hints) = (Vec::new(), Vec::new());
    if !report.again.is_empty() {
        holds.push(format!("live files, written meanwhile: {}", list(&report.again)));
        hints.push(
            "write clean versions of these files or remove them, then redact the versions that hold the bytes \
             (`remanence log FILE` lists them)",
        );
    }
    if !report.in_headers.is_empty() {
        holds.push(format!(
            "headers of commits, in a name for example: {}",
            list(&report.in_headers)
        ));
        hints.push("the header of a commit stays for ever: change what was secret");
    }
    if holds.is_empty() {
        return None;
    }
    let message = format!(
        "{} {}: its bytes are not gone from {}",
        report.path,
        report.version,
        holds.join("; nor from ")
    );
    Some(Failure::failed(message).hint(hints.join("; ")))
}

fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use remanence_store::Version;

    use super::*;

    fn report() -> RedactReport {
        RedactReport {
            path: "/a.md".into(),
            version: Version { seq: 17, op: 1 },
            objects: 2,
            proposals: 0,
            noncurrent: 0,
            scanned: 40,
            again: BTreeSet::new(),
            in_headers: BTreeSet::new(),
        }
    }

    #[test]
    fn what_still_holds_the_bytes_is_named_with_what_to_do() {
        assert!(left(&report()).is_none());
        let both = RedactReport {
            again: BTreeSet::from(["/b.md".to_owned(), "/c.md".to_owned()]),
            in_headers: BTreeSet::from(["log/00000000000000000018".to_owned()]),
            ..report()
        };
        let failure = left(&both).expect("they are not gone");
        for words in ["/a.md 17.1: ", "/b.md, /c.md", "log/00000000000000000018"] {
            assert!(failure.message.contains(words), "{words}: {}", failure.message);
        }
        let hint = failure.hint.expect("there is something to do");
        assert!(
            hint.contains("redact the versions") && hint.contains("change what was secret"),
            "{hint}"
        );
    }

    #[test]
    fn nothing_is_said_to_be_proved_that_was_not() {
        assert_eq!(
            done(&report()),
            "redacted /a.md 17.1: its bytes are gone from 2 objects"
        );
        let unproved = RedactReport { scanned: 0, ..report() };
        assert!(done(&unproved).contains("not searched for"));
        let before = RedactReport { objects: 0, ..unproved };
        assert_eq!(done(&before), "redacted /a.md 17.1: nothing was left to destroy");
    }
}
