//! `remanence mount`: stores as folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use remanence_sidecar::aside::{self, Waiting};
use remanence_sidecar::fs::root::SESSIONS;
use remanence_sidecar::mount::folder_of;
use remanence_sidecar::mount_point;
use remanence_sidecar::{
    Access, AttachmentConfig, AttachmentSettings, Consistency, Durability, MountConfig, Timing, serve,
};
use remanence_store::intent::Conflicts;
use remanence_store::settings::Settings;
use remanence_store::url::StoreUrl;
use serde::Serialize;

use crate::attach::{ForStore, Named, check_name, spread, unknown};
use crate::detach;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::Output;
use crate::stop::stop;
use crate::stopped::{report, waits};

/// Mount stores as folders for an agent, until interrupted
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence mount --store project=file:///srv/mem/project --at /mnt/memory --agent reviewer
  remanence mount --store project=file:///srv/mem/project --store rules=file:///srv/mem/rules \\
      --read-only rules --sessions file:///srv/mem/sessions \\
      --at /mnt/memory --agent reviewer --daemon
  remanence mount --store 'reviewer=s3://bucket/reviewer?endpoint=http://localhost:9000' \\
      --durability reviewer=local --at /mnt/memory --agent reviewer

Stores that do not exist yet are made. It runs until SIGINT or SIGTERM, then writes what is
left, unmounts and exits 0. `remanence unmount DIR` does the same from elsewhere.")]
pub(crate) struct Args {
    /// A store and the name of its folder
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
    /// The name that the agent writes under
    #[arg(long, value_name = "NAME", value_parser = agent_name)]
    agent: String,
    /// When a write returns: once it is in the store, or once it is in the journal
    #[arg(long, value_name = "[NAME=]store|local")]
    durability: Vec<ForStore<Durability>>,
    /// What happens to an edit that can't be merged: it is kept beside the other, or refused
    #[arg(long, value_name = "[NAME=]merge|refuse")]
    conflicts: Vec<ForStore<ConflictsWord>>,
    /// How fresh an opened file is
    #[arg(long, value_name = "[NAME=]close-to-open|strict")]
    consistency: Vec<ForStore<Consistency>>,
    /// Where the journal and cached contents are kept [default: ~/.cache/remanence]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Owner shown for all files [default: you]
    #[arg(long, value_name = "N")]
    uid: Option<u32>,
    /// Group shown for all files [default: yours]
    #[arg(long, value_name = "N")]
    gid: Option<u32>,
    /// Continue in the background once it is mounted
    #[arg(long)]
    daemon: bool,
    /// This is what `--daemon` started
    #[arg(long, hide = true)]
    detached: bool,
}

/// What becomes of an edit that can't be merged; the store knows more ways than a mount is asked for.
#[derive(Debug, Clone, Copy, Default)]
struct ConflictsWord(Conflicts);

impl FromStr for ConflictsWord {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "merge" => Ok(Self(Conflicts::Merge)),
            "refuse" => Ok(Self(Conflicts::Refuse)),
            _ => Err(format!("`{word}` is neither `merge` nor `refuse`")),
        }
    }
}

fn agent_name(name: &str) -> Result<String, String> {
    check_name(name).map(|()| name.to_owned())
}

/// What a script hears once it is mounted.
#[derive(Serialize)]
struct Mounted {
    at: PathBuf,
    agent: String,
    stores: Vec<String>,
    pid: u32,
    /// Journals that it leaves alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waiting: Vec<Waiting>,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let settings = args.settings()?;
    let at = mount_point::absolute(&args.at)?;
    let cache = std::path::absolute(args.cache.clone().unwrap_or_else(cache))?;
    if args.daemon && !args.detached {
        return detach::start(&detach::log_file(&cache, &at), out);
    }
    if !args.detached {
        return args.serve(settings, at, cache, out).await;
    }
    detach::leave()?;
    let served = args.serve(settings, at, cache, out).await;
    if let Err(failure) = &served {
        detach::tell(failure);
    }
    served
}

/// How each store is attached, by name.
type AllSettings = BTreeMap<String, AttachmentSettings>;

impl Args {
    /// Serves the mount until it is told to end.
    async fn serve(&self, settings: AllSettings, at: PathBuf, cache: PathBuf, out: &mut Output) -> Outcome {
        let config = self.config(settings, at, cache).await?;
        let (at, folder) = (config.at.clone(), folder_of(&config.cache, &config.at)?);
        let mut told = Ok(());
        let ready = || told = self.tell(at, &folder, out);
        let stopped = serve(config, ready, stop()?).await?;
        // A reader of our output that has gone does not end the mount.
        told.or_else(|failure| {
            if failure.exit == Exit::Done {
                Ok(())
            } else {
                Err(failure)
            }
        })?;
        report(&stopped, out)
    }

    /// Says that it is mounted, and which journals in its folder of the cache it leaves alone.
    fn tell(&self, at: PathBuf, folder: &Path, out: &mut Output) -> Outcome {
        let is_written = |name: &str| {
            let named = self.stores.iter().any(|s| s.name == name) && !self.read_only.iter().any(|r| r == name);
            named || (name == SESSIONS && self.sessions.is_some())
        };
        // It is mounted, whatever an old journal is like.
        let waiting = aside::waiting(folder, is_written).unwrap_or_else(|error| {
            out.hint(format!("{}: {error}", folder.display()));
            Vec::new()
        });
        let mounted = Mounted {
            at,
            agent: self.agent.clone(),
            stores: self.stores.iter().map(|s| s.name.clone()).collect(),
            pid: std::process::id(),
            waiting,
        };
        out.print(&mounted, |out, m| {
            out.line(format!("mounted {}", m.at.display()))?;
            m.waiting.iter().try_for_each(|waiting| out.line(waits(waiting)))
        })?;
        if self.detached {
            out.bytes(&[detach::TOLD])?;
        }
        out.flush()?;
        Ok(())
    }

    /// Checks the options against the stores that are named.
    fn settings(&self) -> Result<AllSettings, Failure> {
        for (index, store) in self.stores.iter().enumerate() {
            if self.stores[..index].iter().any(|s| s.name == store.name) {
                return Err(Failure::usage(format!(
                    "--store: two stores are named `{}`",
                    store.name
                )));
            }
        }
        for name in &self.read_only {
            if !self.stores.iter().any(|s| s.name == *name) {
                return Err(unknown("--read-only", name, &self.stores));
            }
        }
        let durability = spread("--durability", &self.durability, &self.stores)?;
        let conflicts = spread("--conflicts", &self.conflicts, &self.stores)?;
        let consistency = spread("--consistency", &self.consistency, &self.stores)?;
        let settings = self.stores.iter().map(|store| {
            let name = store.name.clone();
            let settings = AttachmentSettings {
                access: if self.read_only.contains(&name) {
                    Access::ReadOnly
                } else {
                    Access::ReadWrite
                },
                durability: durability[&name],
                conflicts: conflicts[&name].0,
                consistency: consistency[&name],
                ..AttachmentSettings::default()
            };
            (name, settings)
        });
        Ok(settings.collect())
    }

    async fn config(&self, mut settings: AllSettings, at: PathBuf, cache: PathBuf) -> Result<MountConfig, Failure> {
        let mut attachments = Vec::new();
        for store in &self.stores {
            let settings = settings.remove(&store.name).unwrap_or_default();
            let backend = store.url.connect().await?.without_maintain();
            let read_only = settings.access == Access::ReadOnly;
            attachments.push(AttachmentConfig {
                name: store.name.clone(),
                backend: if read_only { backend.read_only() } else { backend },
                settings,
                init: (!read_only).then(Settings::memory),
                ring: None,
            });
        }
        let sessions = match &self.sessions {
            None => None,
            Some(url) => Some(AttachmentConfig {
                name: SESSIONS.into(),
                backend: url.connect().await?.without_maintain(),
                // Transcripts are many small appends, which no caller should wait for.
                settings: AttachmentSettings {
                    durability: Durability::Local,
                    ..AttachmentSettings::default()
                },
                init: Some(Settings::sessions()),
                ring: None,
            }),
        };
        Ok(MountConfig {
            attachments,
            sessions,
            at,
            agent: self.agent.clone(),
            cache,
            contents: MountConfig::CONTENTS,
            uid: self.uid,
            gid: self.gid,
            grace: MountConfig::GRACE,
            timing: Timing::default(),
        })
    }
}

/// The user's folder for journals and caches.
pub(super) fn cache() -> PathBuf {
    let folder = |variable: &str| std::env::var_os(variable).filter(|v| !v.is_empty()).map(PathBuf::from);
    folder("XDG_CACHE_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(|| "/var/cache".into())
        .join("remanence")
}
