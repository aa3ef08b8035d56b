//! A model on this machine that says what a script tells it, in the protocols of Claude Code and Codex.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;
use serde_json::{Value, json};

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
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    script: Mutex<VecDeque<Turn>>,
    requests: Mutex<Vec<Value>>,
    stopped: AtomicBool,
    calls: AtomicUsize,
}

impl ModelServer {
    /// Starts a model without a script on a free port of the loopback.
    pub fn start() -> io::Result<Self> {
        Self::at(Ipv4Addr::LOCALHOST.into())
    }

    /// Starts a model without a script on a free port of an address of this machine.
    pub fn at(address: IpAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((address, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let accepting = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Ok(Self {
            address,
            shared,
            accepting: Some(accepting),
        })
    }

    /// Where agents find it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Replaces the script; past its end the model says "Done.".
    pub fn follow(&self, script: impl IntoIterator<Item = Turn>) {
        *self.shared.script.lock() = script.into_iter().collect();
        self.shared.requests.lock().clear();
    }

    /// The requests answered from the present script.
    pub fn requests(&self) -> Vec<Value> {
        self.shared.requests.lock().clone()
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        // Wakes the accepting thread; if nobody listens any more there is nothing to wake.
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take()
            && accepting.join().is_err()
            && !thread::panicking()
        {
            panic!("the scripted model panicked");
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::Acquire) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // An agent that hangs up in the middle of an answer is no concern of the model.
            drop(serve(stream, &shared));
        });
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let Some((method, path, body)) = read_request(&mut reader)? else {
        return Ok(());
    };
    let (kind, answer) = match (method.as_str(), path.split('?').next().unwrap_or_default()) {
        ("POST", "/v1/messages") => ("text/event-stream", shared.messages(&body)),
        ("POST", "/v1/responses") => ("text/event-stream", shared.responses(&body)),
        ("POST", "/v1/messages/count_tokens") => ("application/json", json!({"input_tokens": 1}).to_string()),
        _ => ("application/json", "{}".to_owned()),
    };
    let mut stream = reader.into_inner();
    let length = answer.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    )?;
    if method != "HEAD" {
        stream.write_all(answer.as_bytes())?;
    }
    stream.shutdown(Shutdown::Write)
}

fn read_request(reader: &mut impl BufRead) -> io::Result<Option<(String, String, Value)>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let (method, path) = (method.to_owned(), path.to_owned());
    let (mut length, mut chunked) = (0, false);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().map_err(io::Error::other)?,
            "transfer-encoding" => chunked = value.trim().eq_ignore_ascii_case("chunked"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    while chunked {
        line.clear();
        reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        reader.take(size as u64).read_to_end(&mut body)?;
        reader.read_line(&mut line)?;
        chunked = size > 0;
    }
    Ok(Some((method, path, serde_json::from_slice(&body).unwrap_or_default())))
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
