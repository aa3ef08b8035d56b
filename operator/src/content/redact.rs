//! Destroying the bytes of a version. It needs the right to overwrite, which is given to no caller, so it is done here.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use remanence_store::maintain::redact;
use remanence_store::{At, Author, Store, name};

use super::answer::Problem;
use super::authorize::Verb;
use super::objects::{Named, parameter};
use super::server::Served;
use crate::bucket::tend::options;

/// Redacts the version `key` of the file `?path=`.
pub(super) async fn delete(
    State(served): State<Served>,
    Path(named): Path<Named>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (caller, found) = served.open(&headers, Verb::Delete, &named).await?;
    let at: At = named
        .key
        .parse()
        .map_err(|_| Problem::Bad(format!("{} is no version; write SEQ or SEQ.OP", named.key)))?;
    let path = parameter(&query, "path").ok_or_else(|| Problem::Bad("the query names no path".to_owned()))?;
    name::check_path(&path).map_err(|error| Problem::Bad(error.to_string()))?;
    let _room = served.room().await;
    let store = Store::open(found.backend, options()).await?;
    let redacted = redact(&store, &path, at, Author::user(&caller.name)).await;
    store.close().await;
    let report = redacted?;
    tracing::info!(
        user = caller.name,
        namespace = named.namespace,
        store = named.name,
        path,
        version = %report.version,
        "redacted"
    );
    Ok(Json(report).into_response())
}
