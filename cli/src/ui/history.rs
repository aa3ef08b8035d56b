//! Who did what to a store, and what a commit changed.

use axum::Json;
use axum::extract::{Path, Query, State};
use remanence_store::diff::{self, Shown};
use remanence_store::history::{self, LogEntry, LogQuery};

use super::answer::Answer;
use super::name::Name;
use super::stores::Inside;
use crate::cluster::Namespace;
use crate::exit::Failure;

/// Entries that are shown at once; the page asks for older ones by `at`.
const PAGE: usize = 100;

pub(super) async fn log(
    State(namespace): State<Namespace>,
    Path(store): Path<Name>,
    Query(inside): Query<Inside>,
) -> Answer<Vec<LogEntry>> {
    let store = namespace.content(&store).read().await?;
    let query = LogQuery {
        at: inside.at()?,
        limit: PAGE,
        ..LogQuery::of(inside.path()?)
    };
    Ok(Json(history::log(&store, &query).await?))
}

pub(super) async fn show(
    State(namespace): State<Namespace>,
    Path(store): Path<Name>,
    Query(inside): Query<Inside>,
) -> Answer<Shown> {
    let at = inside.at()?.ok_or_else(|| Failure::usage("which commit?"))?;
    let store = namespace.content(&store).read().await?;
    Ok(Json(diff::show(&store, &inside.path()?, at).await?))
}
