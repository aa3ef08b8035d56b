//! A model on this machine that says what a script tells it, in the protocols of Claude Code, Codex and dreamers.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// What the model answers to one request of a conversation.
pub enum Turn {
    /// Words, which end the agent's turn.
    Say(String),
    /// A call of one of the agent's tools.
    Call {
        /// The tool, as the agent names it.
        tool: &'static str,
        /// Its arguments.
        input: Value,
    },
}

/// A running model; it stops when dropped.
pub struct ModelServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

#[derive(Default)]
struct Shared {
    script: Mutex<VecDeque<Turn>>,
    requests: Mutex<Vec<Value>>,
    calls: AtomicUsize,
    key: Mutex<Option<String>>,
    held: watch::Sender<bool>,
}

impl ModelServer {
    /// Starts a model without a script on a free port of the loopback.
    pub fn start() -> io::Result<Self> {
        Self::at(Ipv4Addr::LOCALHOST.into())
    }

    /// Starts a model without a script on a free port of an address of this machine.
    pub fn at(address: IpAddr) -> io::Result<Self> {
        let runtime = Runtime::new()?;
        let listener = runtime.block_on(TcpListener::bind((address, 0)))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let service = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&shared));
        runtime.spawn(async move { axum::serve(listener, service).await });
        Ok(Self {
            address,
            shared,
            runtime: Some(runtime),
        })
    }

    /// Where agents find it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Replaces the script; past its end the model says "Done.", and to a dreamer that there are no facts.
    pub fn follow(&self, script: impl IntoIterator<Item = Turn>) {
        *self.shared.script.lock() = script.into_iter().collect();
        self.shared.requests.lock().clear();
    }

    /// Lets in no dreamer that has another key.
    pub fn admit_only(&self, key: &str) {
        *self.shared.key.lock() = Some(key.to_owned());
    }

    /// Gives dreamers no answer until [`ModelServer::release`].
    pub fn hold(&self) {
        self.shared.held.send_replace(true);
    }

    /// Answers what waits, and what comes.
    pub fn release(&self) {
        self.shared.held.send_replace(false);
    }

    /// The requests of the present script; those of dreamers as soon as they are there.
    pub fn requests(&self) -> Vec<Value> {
        self.shared.requests.lock().clone()
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let events = |events: String| ([(CONTENT_TYPE, "text/event-stream")], events).into_response();
    match (&method, uri.path()) {
        (&Method::POST, "/v1/messages") => events(shared.messages(&body)),
        (&Method::POST, "/v1/responses") => events(shared.responses(&body)),
        (&Method::POST, "/v1/messages/count_tokens") => Json(json!({"input_tokens": 1})).into_response(),
        (&Method::POST, "/v1/chat/completions") => shared.completion(&headers, body).await,
        _ => Json(json!({})).into_response(),
    }
}

impl Shared {
    /// Side requests, such as one for a title, carry no tools and get no turn of the script.
    fn turn(&self, request: &Value) -> Turn {
        if request["tools"].as_array().is_none_or(Vec::is_empty) {
            return Turn::Say("ok".to_owned());
        }
        self.requests.lock().push(request.clone());
        self.script
            .lock()
            .pop_front()
            .unwrap_or_else(|| Turn::Say("Done.".to_owned()))
    }

    fn next_call(&self) -> usize {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }

    /// The protocol of dreamers.
    async fn completion(&self, headers: &HeaderMap, request: Value) -> Response {
        let wanted = self.key.lock().as_ref().map(|key| format!("Bearer {key}"));
        let given = headers.get(AUTHORIZATION).and_then(|given| given.to_str().ok());
        if wanted.is_some_and(|wanted| given != Some(wanted.as_str())) {
            let refusal = Json(json!({"error": {"message": "Incorrect API key provided."}}));
            return (StatusCode::UNAUTHORIZED, refusal).into_response();
        }
        self.requests.lock().push(request);
        // It ends together with this server.
        self.held.subscribe().wait_for(|held| !*held).await.ok();
        let text = match self.script.lock().pop_front() {
            Some(Turn::Say(text)) => text,
            _ => json!({"facts": []}).to_string(),
        };
        let message = json!({"role": "assistant", "content": text});
        Json(json!({
            "choices": [{"message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1},
        }))
        .into_response()
    }

    /// The protocol of Claude Code.
    fn messages(&self, request: &Value) -> String {
        let number = self.next_call();
        let (block, delta, stop) = match self.turn(request) {
            Turn::Say(text) => (
                json!({"type": "text", "text": ""}),
                json!({"type": "text_delta", "text": text}),
                "end_turn",
            ),
            Turn::Call { tool, input } => (
                json!({"type": "tool_use", "id": format!("toolu_{number:06}"), "name": tool, "input": {}}),
                json!({"type": "input_json_delta", "partial_json": input.to_string()}),
                "tool_use",
            ),
        };
        let usage = json!({"input_tokens": 1, "output_tokens": 1});
        let message = json!({
            "id": format!("msg_{number:06}"), "type": "message", "role": "assistant", "model": request["model"],
            "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage,
        });
        events([
            json!({"type": "message_start", "message": message}),
            json!({"type": "content_block_start", "index": 0, "content_block": block}),
            json!({"type": "content_block_delta", "index": 0, "delta": delta}),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": null}, "usage": usage}),
            json!({"type": "message_stop"}),
        ])
    }

    /// The protocol of Codex.
    fn responses(&self, request: &Value) -> String {
        let number = self.next_call();
        let call = format!("call_{number:06}");
        let item = match self.turn(request) {
            Turn::Say(text) => json!({
                "type": "message", "role": "assistant", "id": format!("msg_{number:06}"),
                "content": [{"type": "output_text", "text": text}],
            }),
            Turn::Call { tool, input } => {
                json!({"type": "function_call", "name": tool, "arguments": input.to_string(), "call_id": call})
            }
        };
        let id = format!("resp_{number:06}");
        let usage = json!({
            "input_tokens": 1, "input_tokens_details": null,
            "output_tokens": 1, "output_tokens_details": null, "total_tokens": 2,
        });
        events([
            json!({"type": "response.created", "response": {"id": id}}),
            json!({"type": "response.output_item.done", "item": item}),
            json!({"type": "response.completed", "response": {"id": id, "usage": usage}}),
        ])
    }
}

fn events(events: impl IntoIterator<Item = Value>) -> String {
    let name = |event: &Value| event["type"].as_str().unwrap_or_default().to_owned();
    let lines = events
        .into_iter()
        .map(|event| format!("event: {}\ndata: {event}\n\n", name(&event)));
    lines.collect::<Vec<_>>().concat()
}
