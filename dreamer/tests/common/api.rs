//! A model's API on loopback that answers as a script says, and keeps what it was asked.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use remanence_dreamer::model::{Budget, Choice, Connection, Engine, Key, Patience};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
    pub at: Instant,
}

impl Asked {
    /// The passages it was shown.
    pub fn passages(&self) -> Vec<(usize, String)> {
        let user = self.body["messages"]
            .as_array()
            .unwrap()
            .iter()
            .find(|m| m["role"] == "user")
            .unwrap();
        let text = user["content"].as_str().unwrap();
        let (_, passages) = text.split_once("Passages:\n").unwrap();
        let passage = |line: &str| {
            let (number, rest) = line.strip_prefix('[')?.split_once("] (")?;
            Some((number.parse().ok()?, rest.split_once(") ")?.1.to_owned()))
        };
        passages.lines().filter_map(passage).collect()
    }

    pub fn prompt(&self) -> String {
        self.body["messages"].to_string()
    }
}

/// What it answers.
pub enum Reply {
    Json(Value),
    Status(u16, Vec<(&'static str, String)>, String),
    /// Half an answer, then nothing more.
    Cut,
    /// No answer at all.
    Silence,
}

/// The server; it ends with the test.
pub struct Api {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
    /// How long is waited for one answer.
    answer: Duration,
    /// How long before the first try that is made again.
    pause: Duration,
}

/// Longer than any answer takes that comes.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(5);

impl Drop for Api {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Api {
    /// `script` gets each request with its number, from 0.
    pub async fn start(script: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let kept = Arc::clone(&asked);
        let script = Arc::new(script);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&kept), Arc::clone(&script)));
            }
        });
        Self {
            url,
            asked,
            task,
            answer: LONG,
            pause: SHORT,
        }
    }

    /// One that is not there: nobody listens at its port.
    pub async fn absent() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            asked: Arc::default(),
            task: tokio::spawn(async {}),
            answer: LONG,
            pause: SHORT,
        }
    }

    /// For one that is silent.
    pub fn impatient(mut self) -> Self {
        self.answer = Duration::from_millis(600);
        self
    }

    /// For one that is asked again after this long, then after twice as long.
    pub fn with_pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// As an OpenAI-compatible server.
    pub fn openai(&self, budget: Budget) -> Engine {
        self.engine("openai:tiny", format!("{}/v1", self.url), budget)
    }

    pub fn anthropic(&self, budget: Budget) -> Engine {
        self.engine("anthropic:claude-haiku-4-5", self.url.clone(), budget)
    }

    fn engine(&self, name: &str, url: String, budget: Budget) -> Engine {
        let connection = Connection {
            url: Some(url),
            key: Key::new(&key()),
            patience: Patience {
                tries: 3,
                pause: self.pause,
                answer: self.answer,
            },
        };
        let choice: Choice = name.parse().unwrap();
        choice.engine(connection, budget).unwrap().unwrap()
    }
}

/// Made here, so that no scanner takes it for one.
pub fn key() -> String {
    format!("sk-{}", "q7Wz".repeat(9))
}

async fn serve<F>(stream: TcpStream, kept: Arc<Mutex<Vec<Asked>>>, script: Arc<F>)
where
    F: Fn(&Asked, usize) -> Reply,
{
    let mut stream = BufReader::new(stream);
    while let Some(asked) = request(&mut stream).await {
        let number = {
            let mut kept = kept.lock().unwrap();
            kept.push(asked.clone());
            kept.len() - 1
        };
        let reply = match script(&asked, number) {
            Reply::Json(value) => answer(200, &[("content-type", "application/json".into())], &value.to_string()),
            Reply::Status(status, headers, body) => answer(status, &headers, &body),
            Reply::Cut => {
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n{\"choices\": [")
                    .await;
                return;
            }
            Reply::Silence => {
                // Until the other side gives up.
                let _ = stream.read_u8().await;
                return;
            }
        };
        if stream.write_all(reply.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn request(stream: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|n| *n > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    stream.read_exact(&mut body).await.ok()?;
    Some(Asked {
        path,
        headers,
        body: serde_json::from_slice(&body).ok()?,
        at: Instant::now(),
    })
}

fn answer(status: u16, headers: &[(&'static str, String)], body: &str) -> String {
    let mut out = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        out.extend([name, ": ", value, "\r\n"]);
    }
    format!("{out}\r\n{body}")
}

/// A chat completion with this text.
pub fn completion(text: &str) -> Reply {
    Reply::Json(json!({
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 60, "prompt_tokens_details": {"cached_tokens": 400}},
    }))
}

/// A message of Anthropic's API with this text.
pub fn message(text: &str) -> Reply {
    Reply::Json(json!({
        "type": "message", "role": "assistant", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": text}],
        "usage": {"input_tokens": 500, "output_tokens": 60, "cache_read_input_tokens": 300,
            "cache_creation_input_tokens": 100},
    }))
}

/// One fact as a model gives it.
pub fn fact(passage: usize, quote: &str, fact: &str) -> Value {
    json!({"passage": passage, "quote": quote, "fact": fact, "kind": "project", "importance": 6, "replaces": 0})
}

pub fn facts(all: &[Value]) -> String {
    json!({ "facts": all }).to_string()
}
