//! What a person may create in a store: what a commit to files is made of, and a commit bears their own name.

use std::sync::Arc;

use remanence_store::backend::Backend;
use remanence_store::op::Op;
use remanence_store::slot::{self, Header, Slot};
use remanence_store::tree::Node;
use remanence_store::{Author, Seq, Store, Tree};

use super::Caller;
use super::answer::Problem;
use crate::broker::sign;
use crate::bucket::tend::options;

/// What a commit is made of, below the store's id. Proposals are dreams' own. Batches and indexes are for readers' speed
/// and name other commits' authors, so nobody's word is taken for them: pods and the operator write them.
const WRITABLE: [&str; 2] = ["log", "data"];

/// Where dreams keep what they read, what they did, and what was decided on them.
const DREAMS: &str = "/.dream";

/// Checks an object before it is created, by itself; the commit, if it is one.
pub(super) fn check(key: &str, body: &[u8], id: &str, caller: &Caller) -> Result<Option<Header>, Problem> {
    let below = key.strip_prefix(id).and_then(|rest| rest.strip_prefix('/'));
    let (room, name) = below.and_then(|rest| rest.split_once('/')).unwrap_or_default();
    if !WRITABLE.contains(&room) {
        return Err(Problem::Forbidden(format!(
            "{key} can't be created: only {WRITABLE:?} below the store's id"
        )));
    }
    if room != "log" {
        return Ok(None);
    }
    let seq: Seq = name.parse().unwrap_or_default();
    if seq == 0 || key != format!("{id}/{}", slot::key(seq)) {
        return Err(Problem::Bad(format!("{key} names no slot of the log")));
    }
    let slot = Slot::decode(seq, body).map_err(|error| Problem::Bad(error.to_string()))?;
    let author = &slot.header.author;
    if *author != Author::user(&caller.name) {
        return Err(Problem::Forbidden(format!(
            "the commit's author is {author}, and the caller is user {}: through this API everybody writes in their own name",
            caller.name
        )));
    }
    if let Some(op) = slot.header.ops.iter().find(|op| !is_about_files(op)) {
        return Err(Problem::Forbidden(format!(
            "a commit through this API changes files; {} does not",
            word(op)
        )));
    }
    Ok(Some(slot.header))
}

/// Checks a commit against the tree that it is made on: it has to be the next one, and to leave alone, by whatever way,
/// what dreams keep. That is believed as it lies there, and who decides on a Dream needs the verb `approve`.
pub(super) async fn check_next(commit: &Header, key: &str, backend: &Backend, id: &str) -> Result<(), Problem> {
    let store = Store::open(backend.clone().read_only(), options()).await?;
    let (found, tree) = (store.id().to_string(), store.tree());
    store.close().await;
    if found != id {
        return Err(Problem::Conflict("the store was made anew meanwhile".to_owned()));
    }
    if commit.seq <= tree.seq {
        return Err(Problem::Exists(key.to_owned()));
    }
    if commit.seq > tree.seq + 1 {
        // Perhaps what was created a moment ago is not listed yet.
        return Err(Problem::Unavailable(format!(
            "the commit before {key} is not known yet"
        )));
    }
    let mut after = Tree::clone(&tree);
    after
        .apply(commit)
        .map_err(|error| Problem::Conflict(error.to_string()))?;
    if dreams(&after) != dreams(&tree) {
        return Err(Problem::Forbidden(format!(
            "the commit changes {DREAMS}, where dreams keep what they read and what was decided on them: that changes by \
             their Dreams alone; leave it out"
        )));
    }
    Ok(())
}

/// What lies there, the folder itself included.
fn dreams(tree: &Tree) -> Vec<Arc<Node>> {
    let mut all: Vec<Arc<Node>> = tree.lookup(DREAMS).cloned().into_iter().collect();
    let mut next = 0;
    while let Some(node) = all.get(next) {
        let below: Vec<_> = tree.children(node.id).cloned().collect();
        all.extend(below);
        next += 1;
    }
    all
}

fn is_about_files(op: &Op) -> bool {
    matches!(
        op,
        Op::Put { .. }
            | Op::Append { .. }
            | Op::Symlink { .. }
            | Op::Rename { .. }
            | Op::Remove { .. }
            | Op::Mkdir { .. }
            | Op::Rmdir { .. }
            | Op::Setattr { .. }
            | Op::Dropped { .. }
    )
}

/// The op's name in the log.
fn word(op: &Op) -> String {
    let value = serde_json::to_value(op).unwrap_or_default();
    value["op"].as_str().unwrap_or("it").to_owned()
}

/// Refuses what lies outside the store: other stores' data below the same prefix are none of a caller's business.
pub(super) fn check_readable(key: &str, id: &str) -> Result<(), Problem> {
    sign::check_readable(key, id).map_err(|error| Problem::Forbidden(error.to_string()))
}
