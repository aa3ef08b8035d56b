//! The server: where it listens, and what answers there.

use std::net::Ipv4Addr;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tokio::net::TcpListener;

use super::guard::{Guard, Key};
use super::{dreams, guard, history, page, stores};
use crate::cluster::Namespace;
use crate::exit::{Failure, Outcome};

/// Bytes of the largest request.
const LARGEST: usize = 16 << 10;

/// A server that listens already.
pub(crate) struct Server {
    listener: TcpListener,
    namespace: Namespace,
    key: Key,
    port: u16,
}

impl Server {
    /// Listens on a port of the loopback; 0 takes a free one.
    pub(crate) async fn bind(port: u16, namespace: Namespace) -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(|error| {
            Failure::failed(format!("127.0.0.1:{port}: {error}")).hint("without --port it takes one that is free")
        })?;
        Ok(Self {
            port: listener.local_addr()?.port(),
            listener,
            namespace,
            key: Key::new()?,
        })
    }

    /// The page's address, with the key: behind the `#`, so that the browser keeps it out of every request line, log and
    /// `Referer`.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/#key={}", self.port, self.key)
    }

    /// Serves until `stopped`; what is being answered then is cut off.
    pub(crate) async fn serve(self, stopped: impl Future<Output = ()>) -> Outcome {
        let router = router(self.namespace, Guard::new(self.port, &self.key));
        tokio::select! {
            served = axum::serve(self.listener, router).into_future() => served.map_err(Failure::from),
            () = stopped => Ok(()),
        }
    }
}

fn router(namespace: Namespace, guard: Guard) -> Router {
    let api = Router::new()
        .route("/about", get(stores::about))
        .route("/stores", get(stores::all))
        .route("/stores/{store}/files", get(stores::files))
        .route("/stores/{store}/file", get(stores::file))
        .route("/stores/{store}/why", get(stores::why))
        .route("/stores/{store}/log", get(history::log))
        .route("/stores/{store}/show", get(history::show))
        .route("/dreams", get(dreams::all))
        .route("/dreams/{dream}", get(dreams::one))
        .route("/dreams/{dream}/evidence", get(dreams::evidence))
        .route("/dreams/{dream}/approve", post(dreams::approve))
        .route("/dreams/{dream}/reject", post(dreams::reject))
        .route("/dreams/{dream}/undo", post(dreams::undo))
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(from_fn_with_state(guard.clone(), guard::caller))
        .with_state(namespace);
    Router::new()
        .merge(page::router())
        .nest("/api", api)
        .layer(from_fn_with_state(guard, guard::host))
        .layer(from_fn(guard::harmless))
}
