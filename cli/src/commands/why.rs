//! `remanence why`: the words a line came from.

use std::io;
use std::str::FromStr;

use remanence_dreamer::{ByAddress, Why, index, why};

use crate::cluster::{ClusterSessions, Namespace};
use crate::exit::Outcome;
use crate::open::{Place, StoreArg};
use crate::output::Output;
use crate::path;

/// Show the words in a session that a line of memory came from
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence why --store file:///srv/mem/project build.md:3")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// A file and the number of a line in it
    #[arg(value_name = "FILE:LINE")]
    line: Line,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let store = args.store.read().await?;
    let (path, line) = (&args.line.path, args.line.number);
    let why = match &args.store.place {
        Place::Url(_) => why(&store, path, line, &ByAddress).await?,
        Place::Object(url) => {
            let namespace = &Namespace::of(url).await?;
            why(&store, path, line, &ClusterSessions { namespace }).await?
        }
    };
    out.print(&why, print)
}

fn print(out: &mut Output, why: &Why) -> io::Result<()> {
    out.line(format!("{}:{}: {}", why.path, why.line, why.text.trim()))?;
    if let Some(author) = &why.author {
        let when = why
            .written
            .map_or(String::new(), |time| format!(", {}", out.time(time)));
        out.line(format!("written by {author}{when}"))?;
    }
    let item = why.text.trim().trim_start_matches("- ");
    if index::is_entry(&why.path, item) {
        out.hint("dreams keep the list of memory's files; the lines in the file itself tell where they came from");
    } else if why.sources.is_empty() {
        out.hint("it is not known which session it came from");
    }
    for source in &why.sources {
        let when = out.time(source.time);
        let line = source.line.map_or(String::new(), |line| format!(", line {line}"));
        out.line(format!("said to {} {when} ({}{line})", source.agent, source.path))?;
        if let Some(words) = &source.words {
            for line in words.lines() {
                out.line(format!("    {line}"))?;
            }
        }
        if let Some(note) = &source.note {
            out.line(format!("    ({note})"))?;
        }
    }
    Ok(())
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    path: String,
    number: usize,
}

impl FromStr for Line {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || format!("`{text}` does not name a line; write FILE:LINE, e.g. `build.md:3`");
        let (file, number) = text.rsplit_once(':').ok_or_else(error)?;
        let number = number.parse().ok().filter(|n| *n > 0).ok_or_else(error)?;
        Ok(Self {
            path: path::parse(file)?,
            number,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_named_by_file_and_number() {
        let line = |path: &str, number| {
            Ok(Line {
                path: path.into(),
                number,
            })
        };
        assert_eq!("build.md:3".parse(), line("/build.md", 3));
        assert_eq!("a:b.md:12".parse(), line("/a:b.md", 12));
        for text in ["build.md", "build.md:", "build.md:0", "build.md:x", "../x:1"] {
            assert!(text.parse::<Line>().is_err(), "{text}");
        }
    }
}
