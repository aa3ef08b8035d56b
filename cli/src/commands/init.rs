//! `remanence init`: makes a store, or changes what it says of itself.

use std::collections::BTreeSet;

use remanence_store::intent::Intent;
use remanence_store::settings::{Purpose, Settings};
use remanence_store::store::Options;
use remanence_store::{Store, StoreError, StoreId};
use serde::Serialize;
use serde_json::{Map, Value};

use super::commit;
use crate::author::AuthorArg;
use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::{Output, drives};
use crate::path;
use crate::size::Size;

/// Make a store, or change the limits and description of one that exists
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence init --store file:///srv/mem/project --description 'How we build and release'
  remanence init --store file:///srv/mem/project --file-size 1Mi --files 50000
  remanence init --store file:///srv/mem/project --pin rules.md     # no dream touches it")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Largest file [default of a new store: 100Ki]
    #[arg(long, value_name = "SIZE")]
    file_size: Option<Size>,
    /// Most files [default of a new store: 10000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    files: Option<u64>,
    /// Most bytes in all files together [default of a new store: no such limit]
    #[arg(long, value_name = "SIZE")]
    size: Option<Size>,
    /// What the agents are told about it
    #[arg(long, value_name = "TEXT", value_parser = description)]
    description: Option<String>,
    /// Make it a store of session transcripts (1Gi a file) instead of memories
    #[arg(long)]
    sessions: bool,
    /// A path that no dream touches; can be given more than once
    #[arg(long, value_name = "PATH", value_parser = path::parse)]
    pin: Vec<String>,
    /// Let dreams touch a path again
    #[arg(long, value_name = "PATH", value_parser = path::parse)]
    unpin: Vec<String>,
    #[command(flatten)]
    author: AuthorArg,
}

/// Agents and people are shown it.
fn description(text: &str) -> Result<String, String> {
    match text.chars().find(|c| drives(*c)) {
        None => Ok(text.to_owned()),
        Some(c) => Err(format!(
            "it holds the character U+{:04X}, which does not show: remove it",
            u32::from(c)
        )),
    }
}

#[derive(Serialize)]
struct Made {
    url: String,
    id: StoreId,
    created: bool,
    changed: Vec<Changed>,
    settings: Settings,
}

#[derive(Serialize)]
struct Changed {
    setting: String,
    from: Value,
    to: Value,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let backend = args.store.url("init")?.connect().await?.without_maintain();
    let (store, created) = match Store::open(backend.clone(), Options::default()).await {
        // One for sessions without a commit may be what a killed maker left.
        Ok(store) if !args.sessions || store.tree().seq > 0 => (store, false),
        Ok(_) | Err(StoreError::Absent { .. } | StoreError::Deleted { .. }) => {
            let fresh = if args.sessions {
                Settings::sessions()
            } else {
                Settings::memory()
            };
            let settings = args.onto(&fresh);
            (Store::open_or_init(backend, &settings, Options::default()).await?, true)
        }
        Err(error) => return Err(error.into()),
    };
    let before = store.tree().settings.clone();
    if args.sessions && before.purpose != Purpose::Sessions {
        return Err(Failure::failed(format!(
            "{}: is a store of memories and can't become one of sessions; make another",
            store.url()
        )));
    }
    let settings = args.onto(&before);
    let changed = changes(&before, &settings)?;
    if !changed.is_empty() {
        let intents = vec![Intent::Settings {
            settings: settings.clone(),
        }];
        commit(&store, args.author.author(), intents).await?;
    }
    let made = Made {
        url: store.url().into(),
        id: store.id(),
        created,
        changed,
        settings,
    };
    out.print(&made, |out, made| {
        if made.created {
            out.line(format!("made {} ({})", made.url, made.id))?;
        } else if made.changed.is_empty() {
            out.line(format!("{} already exists with these settings ({})", made.url, made.id))?;
        }
        for change in &made.changed {
            out.line(format!("{}: {} -> {}", change.setting, change.from, change.to))?;
        }
        Ok(())
    })
}

impl Args {
    fn onto(&self, settings: &Settings) -> Settings {
        let mut settings = settings.clone();
        settings.file_size = self.file_size.map_or(settings.file_size, |size| size.0);
        settings.files = self.files.unwrap_or(settings.files);
        settings.size = self.size.map_or(settings.size, |size| Some(size.0));
        settings.description = self.description.clone().unwrap_or(settings.description);
        settings.pinned.extend(self.pin.iter().cloned());
        settings.pinned.retain(|path| !self.unpin.contains(path));
        settings.pinned.sort();
        settings.pinned.dedup();
        settings
    }
}

/// What differs, by the names that settings have as data.
fn changes(before: &Settings, after: &Settings) -> Result<Vec<Changed>, Failure> {
    let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
    let both = [&before, &after].into_iter().filter_map(Value::as_object);
    let names: BTreeSet<&String> = both.flat_map(Map::keys).collect();
    let changed = names.into_iter().map(|name| Changed {
        setting: name.clone(),
        from: before[name].clone(),
        to: after[name].clone(),
    });
    Ok(changed.filter(|change| change.from != change.to).collect())
}
