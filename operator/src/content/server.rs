//! The server: only the apiserver's front proxy gets through its handshake.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{delete, get};
use rustls::ServerConfig;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::answer::Problem;
use super::authorize::{Authorize, Verb};
use super::objects::{self, Named};
use super::redact::{self, Redactions};
use super::stores::{Found, Stores};
use super::{Caller, ContentMetrics, FrontProxy, GROUP, VERSION, discovery};
use crate::broker::Hints;
use crate::https;

/// The largest object that is created, and the most bytes in one answer.
pub(super) const LARGEST: usize = 16 << 20;
/// Contents that are passed on at once: the operator's memory is small.
const AT_ONCE: usize = 4;

/// What the content API works with.
pub struct Parts {
    /// Who may say on whose behalf they come.
    pub front_proxy: FrontProxy,
    /// What callers may.
    pub authorize: Arc<dyn Authorize>,
    /// Where stores lie.
    pub stores: Stores,
    /// Who is told of commits.
    pub hints: Arc<Hints>,
    /// What is counted.
    pub metrics: ContentMetrics,
}

/// What requests share.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) parts: Arc<Parts>,
    pub(super) redactions: Redactions,
    room: Arc<Semaphore>,
}

impl Served {
    /// The caller and the store, if they may.
    pub(super) async fn open(
        &self,
        headers: &HeaderMap,
        verb: Verb,
        named: &Named,
    ) -> Result<(Caller, Found), Problem> {
        let caller = Caller::of(headers, &self.parts.front_proxy.headers()).ok_or(Problem::NoCaller)?;
        let (namespace, name) = (&named.namespace, &named.name);
        let may = self.parts.authorize.may(&caller, verb, namespace, name).await;
        if !may.map_err(|error| Problem::Unavailable(format!("it can't be asked what the caller may: {error}")))? {
            return Err(Problem::Forbidden(format!(
                "memorystores.{GROUP} \"{name}\" is forbidden: User \"{}\" cannot {} resource \"memorystores/content\" in API \
                 group \"{GROUP}\" in the namespace \"{namespace}\"",
                caller.name,
                verb.word()
            )));
        }
        let found = self.parts.stores.find(namespace, name).await?;
        Ok((caller, found))
    }

    /// Waits until there is room for a content, which is kept as long as its bytes are held in memory.
    pub(super) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        // It is never closed, so there is always one to be had.
        self.room.clone().acquire_owned().await.ok()
    }
}

/// Serves until `stop`. The certificate is `tls`'s to choose.
///
/// # Errors
/// When the listener can't be used.
pub async fn serve(
    listener: TcpListener,
    tls: ServerConfig,
    parts: Parts,
    stop: CancellationToken,
) -> std::io::Result<()> {
    https::serve(listener, tls, router(parts), stop).await
}

fn router(parts: Parts) -> Router {
    let served = Served {
        parts: Arc::new(parts),
        redactions: Redactions::default(),
        room: Arc::new(Semaphore::new(AT_ONCE)),
    };
    let store = format!("/apis/{GROUP}/{VERSION}/namespaces/{{namespace}}/memorystores/{{name}}/content");
    Router::new()
        .route(&store, get(objects::about))
        .route(&format!("{store}/objects"), get(objects::list))
        .route(
            &format!("{store}/objects/{{*key}}"),
            get(objects::get).put(objects::put),
        )
        .route(&format!("{store}/authors/{{*key}}"), get(objects::author))
        .route(&format!("{store}/versions/{{key}}"), delete(redact::delete))
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(from_fn_with_state(served.clone(), count))
        .with_state(served)
        .merge(discovery::router())
}

async fn count(State(served): State<Served>, request: Request, next: Next) -> Response {
    let verb = match *request.method() {
        Method::GET | Method::HEAD => Verb::Get,
        Method::DELETE => Verb::Delete,
        _ => Verb::Update,
    };
    let since = Instant::now();
    let span = tracing::info_span!("content", verb = verb.word(), path = request.uri().path());
    let response = next.run(request).instrument(span).await;
    let metrics = &served.parts.metrics;
    metrics.answered(verb.word(), response.status().as_u16(), since.elapsed());
    response
}
