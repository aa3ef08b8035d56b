//! What a person may create in a store: what a commit to files is made of, and a commit bears their own name.

use remanence_store::op::Op;
use remanence_store::slot::Slot;
use remanence_store::{Author, Seq};

use super::Caller;
use super::answer::Problem;
use crate::broker::sign;

/// What a commit is made of, below the store's id. Proposals are dreams' own. Batches and indexes are for readers' speed
/// and name other commits' authors, so nobody's word is taken for them: pods and the operator write them.
const WRITABLE: [&str; 2] = ["log", "data"];

/// Checks an object before it is created; the commit's number, if it is one.
pub(super) fn check(key: &str, body: &[u8], id: &str, caller: &Caller) -> Result<Option<Seq>, Problem> {
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
    let seq = name
        .parse()
        .map_err(|_| Problem::Bad(format!("{key} names no slot of the log")))?;
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
    Ok(Some(seq))
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
