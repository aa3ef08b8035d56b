//! Who gets an answer: the page that this server sent, in the browser of whoever has its address. Not another user of
//! this machine, nor another page in the same browser, under whatever name it reaches this port.

use std::fmt;
use std::io;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sha2::{Digest, Sha256};

/// What the page may do: its own script and style, and ask this server; nothing inline, nothing from elsewhere, in no
/// other page, and no text may become markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// What each answer says of itself.
const HEADERS: [(header::HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (
        header::HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        header::HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// What the page's address holds and each of its questions brings along.
pub(super) struct Key([u8; 16]);

impl Key {
    pub(super) fn new() -> io::Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What a request is compared with.
#[derive(Clone)]
pub(super) struct Guard {
    /// As a browser names this server.
    hosts: [String; 2],
    /// Digests are compared: how long that takes tells nothing of the key.
    authorization: [u8; 32],
}

impl Guard {
    pub(super) fn new(port: u16, key: &Key) -> Self {
        // Browsers leave a port out that goes without saying.
        let port = if port == 80 { String::new() } else { format!(":{port}") };
        Self {
            hosts: [format!("127.0.0.1{port}"), format!("localhost{port}")],
            authorization: digest(format!("Bearer {key}").as_bytes()),
        }
    }

    fn is_origin(&self, origin: &[u8]) -> bool {
        let host = origin.strip_prefix(b"http://");
        host.is_some_and(|host| self.hosts.iter().any(|own| own.as_bytes() == host))
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Refuses what was meant for another host: a name that leads to this machine is not enough.
pub(super) async fn host(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).map(HeaderValue::as_bytes);
    if !host.is_some_and(|host| guard.hosts.iter().any(|own| own.as_bytes() == host)) {
        return refuse(StatusCode::MISDIRECTED_REQUEST, "this server has another name");
    }
    next.run(request).await
}

/// Refuses whoever lacks the key, and what another page asks. Browsers name the page's origin with all but reads.
pub(super) async fn caller(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let own = match headers.get(header::ORIGIN) {
        Some(origin) => guard.is_origin(origin.as_bytes()),
        None => matches!(*request.method(), Method::GET | Method::HEAD),
    };
    if !own {
        return refuse(StatusCode::FORBIDDEN, "another page asks");
    }
    let authorization = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    if authorization.map(digest) != Some(guard.authorization) {
        return refuse(
            StatusCode::UNAUTHORIZED,
            "the key is missing or another run's: open the address that `kubectl memory ui` printed",
        );
    }
    next.run(request).await
}

/// Tells the browser how little an answer may do.
pub(super) async fn harmless(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn refuse(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}
