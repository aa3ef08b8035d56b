//! A store in a temporary folder, sessions beside it, and dreams over them.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

pub mod api;
pub mod attack;
pub mod desk;

use std::fs;
use std::path::PathBuf;

use bytes::Bytes;
use jiff::Timestamp;
use remanence_dreamer::{Dreamt, Request, Sessions};
use remanence_store::intent::{Base, Create, Entry, Intent, Piece};
use remanence_store::op::Place;
use remanence_store::settings::Settings;
use remanence_store::url::StoreUrl;
use remanence_store::{Author, FileId, Options, Store};
use tempfile::TempDir;

/// A person's typed words, as Claude Code writes them.
pub fn typed(time: &str, text: &str) -> String {
    let message = serde_json::json!({"role": "user", "content": text});
    serde_json::json!({"type": "user", "timestamp": time, "message": message}).to_string()
}

/// The agent's words.
pub fn said(time: &str, text: &str) -> String {
    let message = serde_json::json!({"role": "assistant", "content": [{"type": "text", "text": text}]});
    serde_json::json!({"type": "assistant", "timestamp": time, "message": message}).to_string()
}

/// A command with its result.
pub fn tool(time: &str, command: &str, result: &str) -> String {
    used(time, "Bash", &serde_json::json!({"command": command}), result)
}

/// A tool use with its result.
pub fn used(time: &str, name: &str, input: &serde_json::Value, result: &str) -> String {
    let used = serde_json::json!([{"type": "tool_use", "id": time, "name": name, "input": input}]);
    let back = serde_json::json!([{"type": "tool_result", "tool_use_id": time, "content": result}]);
    let used =
        serde_json::json!({"type": "assistant", "timestamp": time, "message": {"role": "assistant", "content": used}});
    let back = serde_json::json!({"type": "user", "timestamp": time, "message": {"role": "user", "content": back}});
    format!("{used}\n{back}")
}

/// A memory store with sessions beside it.
pub struct World {
    dir: TempDir,
    pub store: Store,
}

impl World {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("memory")).unwrap();
        fs::create_dir_all(dir.path().join("sessions")).unwrap();
        let store = open(&dir.path().join("memory")).await;
        Self { dir, store }
    }

    /// Another store, for sessions.
    pub fn in_store(store: Store) -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            store,
        }
    }

    /// Another handle on the same store.
    pub async fn again(&self) -> Store {
        open(&self.dir.path().join("memory")).await
    }

    pub fn sessions(&self) -> PathBuf {
        self.dir.path().join("sessions")
    }

    /// Writes or replaces a transcript.
    pub fn session(&self, path: &str, lines: &[String]) {
        let mut text = lines.join("\n");
        text.push('\n');
        self.session_bytes(path, text.as_bytes());
    }

    pub fn session_bytes(&self, path: &str, bytes: &[u8]) {
        let path = self.sessions().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub async fn dream(&self, now: &str) -> Dreamt {
        self.dream_with(Request {
            now: Some(at(now)),
            ..Request::default()
        })
        .await
    }

    pub async fn dream_with(&self, request: Request) -> Dreamt {
        let sessions = Sessions::at(self.sessions().to_str().unwrap()).await.unwrap();
        remanence_dreamer::dream(&self.store, &[sessions], &request)
            .await
            .unwrap()
    }

    /// All memory as one text.
    pub async fn memory(&self) -> String {
        let mut out = String::new();
        for (path, text) in self.files().await {
            if !path.starts_with("/.dream/") {
                out.extend(["== ", &path, "\n", &text, "\n"]);
            }
        }
        out
    }

    pub async fn files(&self) -> Vec<(String, String)> {
        self.store.sync().await.unwrap();
        let tree = self.store.tree();
        let mut out = Vec::new();
        for node in tree.nodes() {
            if let Some(content) = node.content() {
                let text = self.store.read_all(content).await.unwrap();
                out.push((tree.path(node.id).unwrap(), String::from_utf8_lossy(&text).into_owned()));
            }
        }
        out.sort();
        out
    }

    pub async fn read(&self, path: &str) -> Option<String> {
        self.files()
            .await
            .into_iter()
            .find(|(p, _)| p == path)
            .map(|(_, text)| text)
    }

    /// A whole file, written by somebody.
    pub async fn write(&self, author: Author, path: &str, text: &str) {
        self.write_bytes(author, path, text.as_bytes()).await;
    }

    pub async fn write_bytes(&self, author: Author, path: &str, bytes: &[u8]) {
        self.store.sync().await.unwrap();
        let tree = self.store.tree();
        let content = vec![Piece::New(Bytes::copy_from_slice(bytes))];
        let (file, create, base) = if let Some(node) = tree.lookup(path) {
            let base = Base::Version {
                version: node.version,
                content: node.content().unwrap().clone(),
            };
            (node.id, None, base)
        } else {
            let place = Place {
                parent: FileId::ROOT,
                name: path.trim_start_matches('/').to_owned(),
            };
            (
                FileId::random(self.store.random()),
                Some(Create::at(place)),
                Base::Nothing,
            )
        };
        let path = path.to_owned();
        let put = Intent::Put {
            file,
            path,
            create,
            base,
            content,
            mode: None,
            mtime: None,
            expect: None,
        };
        self.store.commit_all(Entry::new(author, vec![put])).await.unwrap();
    }

    /// Gives a file in the root another name there.
    pub async fn rename(&self, author: Author, from: &str, path: &str) {
        self.store.sync().await.unwrap();
        let tree = self.store.tree();
        let rename = Intent::Rename {
            file: tree.lookup(from).unwrap().id,
            from: from.to_owned(),
            path: path.to_owned(),
            place: Place {
                parent: FileId::ROOT,
                name: path.trim_start_matches('/').to_owned(),
            },
            no_replace: true,
            over: Base::Head,
            there: None,
        };
        self.store.commit_all(Entry::new(author, vec![rename])).await.unwrap();
    }

    /// Makes a folder, and those it is in.
    pub async fn folder(&self, author: Author, path: &str) {
        let (mut parent, mut at, mut intents) = (FileId::ROOT, String::new(), Vec::new());
        for name in path.trim_start_matches('/').split('/') {
            at = format!("{at}/{name}");
            let file = FileId::random(self.store.random());
            let name = name.to_owned();
            let place = Place { parent, name };
            intents.push(Intent::Mkdir {
                file,
                path: at.clone(),
                place,
                mode: 0o755,
                exists_ok: true,
            });
            parent = file;
        }
        self.store.commit_all(Entry::new(author, intents)).await.unwrap();
    }

    /// Takes a file away.
    pub async fn remove(&self, author: Author, path: &str) {
        self.store.sync().await.unwrap();
        let tree = self.store.tree();
        let node = tree.lookup(path).unwrap();
        let remove = Intent::Remove {
            file: node.id,
            path: path.to_owned(),
            base: Base::Version {
                version: node.version,
                content: node.content().unwrap().clone(),
            },
            expect: None,
        };
        self.store.commit_all(Entry::new(author, vec![remove])).await.unwrap();
    }

    pub async fn settings(&self, settings: Settings) {
        let entry = Entry::new(Author::user("ada"), vec![Intent::Settings { settings }]);
        self.store.commit_all(entry).await.unwrap();
    }

    /// The number of the line that holds a text, from 1, with its file.
    pub async fn line_of(&self, part: &str) -> (String, usize) {
        for (path, text) in self.files().await {
            if let Some(at) = text.lines().position(|line| line.contains(part))
                && !path.starts_with("/.dream/")
            {
                return (path, at + 1);
            }
        }
        panic!("{part} is in no file");
    }
}

async fn open(dir: &std::path::Path) -> Store {
    let backend = StoreUrl::of_directory(dir).connect().await.unwrap().without_maintain();
    Store::open_or_init(backend, &Settings::memory(), Options::default())
        .await
        .unwrap()
}

pub fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}
