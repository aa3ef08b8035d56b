//! The stores of the namespace, what is in them, and why a line is there.

use axum::Json;
use axum::extract::{Path, Query, State};
use remanence_api::MemoryStore;
use remanence_dreamer::Why;
use remanence_store::At;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::name::Name;
use crate::cluster::{ClusterSessions, Namespace};
use crate::commands::cat::{File, read};
use crate::commands::ls::{Item, list};
use crate::exit::Failure;
use crate::path;

/// Most bytes of a file that are shown; a transcript may have a thousand times as many.
const MOST: u64 = 512 << 10;

/// Where the page is, and as whom.
#[derive(Serialize)]
pub(super) struct About {
    namespace: String,
    user: Option<String>,
}

/// What in a store is meant.
#[derive(Deserialize)]
pub(super) struct Inside {
    path: String,
    at: Option<String>,
}

impl Inside {
    pub(super) fn path(&self) -> Result<String, Failure> {
        path::parse(&self.path).map_err(|why| Failure::usage(format!("{}: {why}", self.path)))
    }

    pub(super) fn at(&self) -> Result<Option<At>, Failure> {
        let at = self.at.as_deref().map(str::parse).transpose();
        at.map_err(|error| Failure::usage(format!("at: {error}")))
    }
}

/// A line of a file.
#[derive(Deserialize)]
pub(super) struct Line {
    path: String,
    line: usize,
}

/// A file, or the beginning of one.
#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    file: File,
    /// Its text; what is not UTF-8 is replaced.
    content: String,
    is_cut: bool,
}

pub(super) async fn about(State(namespace): State<Namespace>) -> Answer<About> {
    Ok(Json(About {
        user: namespace.user().await?,
        namespace: namespace.name().to_owned(),
    }))
}

pub(super) async fn all(State(namespace): State<Namespace>) -> Answer<Vec<MemoryStore>> {
    Ok(Json(namespace.stores().await?))
}

pub(super) async fn files(
    State(namespace): State<Namespace>,
    Path(store): Path<Name>,
    Query(inside): Query<Inside>,
) -> Answer<Vec<Item>> {
    let store = namespace.content(&store).read().await?;
    Ok(Json(list(&store, &inside.path()?, inside.at()?, false).await?))
}

pub(super) async fn file(
    State(namespace): State<Namespace>,
    Path(store): Path<Name>,
    Query(inside): Query<Inside>,
) -> Answer<Shown> {
    let store = namespace.content(&store).read().await?;
    let (file, bytes) = read(&store, &inside.path()?, inside.at()?, MOST).await?;
    Ok(Json(Shown {
        is_cut: file.bytes > MOST,
        content: String::from_utf8_lossy(&bytes).into_owned(),
        file,
    }))
}

pub(super) async fn why(
    State(namespace): State<Namespace>,
    Path(store): Path<Name>,
    Query(line): Query<Line>,
) -> Answer<Why> {
    let store = namespace.content(&store).read().await?;
    let sessions = ClusterSessions { namespace: &namespace };
    Ok(Json(
        remanence_dreamer::why(&store, &line.path, line.line, &sessions).await?,
    ))
}
