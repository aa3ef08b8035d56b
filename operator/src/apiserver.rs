//! An apiserver for tests that follows a script: each request is expected, in this order, and no other.
#![allow(clippy::unwrap_used)]

use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tower_test::mock;

type Request = axum::http::Request<Body>;
type Response = axum::http::Response<Body>;

/// A request that is expected, and its answer.
pub(crate) struct Call {
    method: &'static str,
    path: &'static str,
    status: u16,
    pub(crate) answer: Value,
}

/// One that goes well.
pub(crate) fn call(method: &'static str, path: &'static str, answer: Value) -> Call {
    Call {
        method,
        path,
        status: 200,
        answer,
    }
}

/// One that does not.
pub(crate) fn failing(method: &'static str, path: &'static str, code: u16) -> Call {
    let reason = if code == 404 { "NotFound" } else { "X" };
    let answer = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": "no", "reason": reason});
    Call {
        method,
        path,
        status: code,
        answer,
    }
}

/// A client of it, and what was sent, once all that was expected was asked and the last client is gone.
pub(crate) fn scripted(expected: Vec<Call>) -> (Client, JoinHandle<Vec<Value>>) {
    let (service, handle) = mock::pair::<Request, Response>();
    (Client::new(service, "default"), tokio::spawn(play(handle, expected)))
}

async fn play(mut handle: mock::Handle<Request, Response>, expected: Vec<Call>) -> Vec<Value> {
    let mut sent = Vec::new();
    for call in expected {
        let (request, answer) = handle
            .next_request()
            .await
            .unwrap_or_else(|| panic!("{} {} was not asked", call.method, call.path));
        let asked = (request.method().as_str().to_owned(), request.uri().path().to_owned());
        assert_eq!((asked.0.as_str(), asked.1.as_str()), (call.method, call.path));
        let bytes = request.into_body().collect_bytes().await.unwrap();
        sent.push(serde_json::from_slice(&bytes).unwrap_or(Value::Null));
        let body = Body::from(call.answer.to_string().into_bytes());
        answer.send_response(axum::http::Response::builder().status(call.status).body(body).unwrap());
    }
    if let Some((request, _)) = handle.next_request().await {
        panic!("nobody expected {} {}", request.method(), request.uri());
    }
    sent
}
