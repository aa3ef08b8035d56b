//! The commands, a file each; the decisions on dreams share one.

pub(crate) mod cat;
mod cluster_dream;
pub(crate) mod completions;
pub(crate) mod decide;
pub(crate) mod diff;
pub(crate) mod dream;
pub(crate) mod dreams;
pub(crate) mod edit;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod log;
pub(crate) mod ls;
pub(crate) mod maintain;
mod model;
pub(crate) mod mount;
pub(crate) mod mv;
pub(crate) mod put;
pub(crate) mod redact;
pub(crate) mod restore;
pub(crate) mod rm;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod ui;
pub(crate) mod unmount;
pub(crate) mod why;

use std::sync::Arc;

use remanence_store::history;
use remanence_store::intent::{Entry, Intent, Outcome as Written};
use remanence_store::op::Place;
use remanence_store::tree::{Node, Tree};
use remanence_store::{At, Author, FileId, Store};

use crate::args::Command;
use crate::exit::{Failure, Outcome};
use crate::output::Output;
use crate::path;
use decide::Decision;

/// Runs a command.
pub(crate) fn run(command: Command, out: &mut Output) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match command {
            Command::Mount(args) => mount::run(&args, out).await,
            Command::Unmount(args) => unmount::run(&args, out),
            Command::Status(args) => status::run(&args, out).await,
            Command::Ls(args) => ls::run(&args, out).await,
            Command::Cat(args) => cat::run(&args, out).await,
            Command::Put(args) => put::run(&args, out).await,
            Command::Edit(args) => edit::run(&args, out).await,
            Command::Rm(args) => rm::run(&args, out).await,
            Command::Mv(args) => mv::run(&args, out).await,
            Command::Log(args) => log::run(&args, out).await,
            Command::Show(args) => show::run(&args, out).await,
            Command::Diff(args) => diff::run(&args, out).await,
            Command::Restore(args) => restore::run(&args, out).await,
            Command::Redact(args) => redact::run(&args, out).await,
            Command::Import(args) => import::run(&args, out).await,
            Command::Export(args) => export::run(&args, out).await,
            Command::Init(args) => init::run(&args, out).await,
            Command::Maintain(args) => maintain::run(&args, out).await,
            Command::Dream(args) => dream::run(&args, out).await,
            Command::Dreams(args) => dreams::run(&args, out).await,
            Command::Approve(args) => decide::run(&args, Decision::Approve, out).await,
            Command::Reject(args) => decide::run(&args, Decision::Reject, out).await,
            Command::Undo(args) => decide::run(&args, Decision::Undo, out).await,
            Command::Why(args) => why::run(&args, out).await,
            Command::Ui(args) => ui::run(&args, out).await,
            Command::Completions(args) => completions::run(&args, out),
        }
    })
}

/// The tree a command looks at: as it is, or as it was.
async fn tree_at(store: &Store, at: Option<At>) -> Result<Arc<Tree>, Failure> {
    match at {
        None => Ok(store.tree()),
        Some(at) => Ok(Arc::new(history::tree_of(store, at).await?)),
    }
}

/// What a path names now, or named then: a file is found by the path it has now, too.
fn find<'a>(store: &Store, tree: &'a Tree, path: &str, at: Option<At>) -> Result<&'a Arc<Node>, Failure> {
    let node = match at {
        None => tree.lookup(path),
        Some(at) => history::node_then(&store.tree(), tree, path, at),
    };
    node.ok_or_else(|| {
        let when = at.map_or(String::new(), |at| format!(" at {at}"));
        Failure::failed(format!("{path}: no such file or folder{when} in {}", store.url()))
    })
}

/// The place for a new name, with the intents that make its missing folders.
fn place(store: &Store, tree: &Tree, full: &str) -> Result<(Place, Vec<Intent>), Failure> {
    let mut intents = Vec::new();
    let (mut parent, mut at) = (FileId::ROOT, String::new());
    for name in path::folder(full).split('/').filter(|n| !n.is_empty()) {
        at = path::join(&at, name);
        parent = match tree.lookup(&at) {
            Some(node) if node.is_dir() => node.id,
            Some(_) => return Err(Failure::failed(format!("{at}: is not a folder"))),
            None => {
                let file = FileId::random(store.random());
                let place = Place {
                    parent,
                    name: name.into(),
                };
                intents.push(Intent::Mkdir {
                    file,
                    path: at.clone(),
                    place,
                    mode: 0o755,
                    exists_ok: true,
                });
                file
            }
        };
    }
    let name = path::name(full).to_owned();
    Ok((Place { parent, name }, intents))
}

/// Commits all of the intents or none, and answers with what became of the last.
async fn commit(store: &Store, author: Author, intents: Vec<Intent>) -> Result<Written, Failure> {
    let outcomes = store.commit_all(Entry::new(author, intents)).await;
    store.close().await;
    outcomes?
        .pop()
        .ok_or_else(|| Failure::failed(format!("{}: nothing was written", store.url())))
}
