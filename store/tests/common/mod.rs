//! Two mounts on one store in a folder, without kernel and cluster.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    missing_docs,
    unreachable_pub
)]

use bytes::Bytes;
use remanence_store::intent::{Base, Create, Entry, Intent, Outcome, Piece, Refused};
use remanence_store::op::Place;
use remanence_store::settings::Settings;
use remanence_store::url::StoreUrl;
use remanence_store::{Author, FileId, Options, Store};
use tempfile::TempDir;

pub struct World {
    pub dir: TempDir,
    settings: Settings,
}

impl World {
    pub fn new() -> Self {
        Self::with(Settings::memory())
    }

    pub fn with(settings: Settings) -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            settings,
        }
    }

    pub async fn open(&self) -> Store {
        self.open_with(Options::default()).await
    }

    pub async fn open_with(&self, options: Options) -> Store {
        let backend = StoreUrl::of_directory(self.dir.path()).connect().await.unwrap();
        Store::open_or_init(backend, &self.settings, options).await.unwrap()
    }

    pub async fn mount(&self, agent: &str) -> Agent {
        Agent {
            store: self.open().await,
            name: agent.to_owned(),
            late: false,
            refuse: false,
        }
    }
}

/// One mount and what it last served.
pub struct Agent {
    pub store: Store,
    pub name: String,
    pub late: bool,
    pub refuse: bool,
}

pub type Done = Result<Outcome, Refused>;

impl Agent {
    pub async fn run(&self, intents: Vec<Intent>) -> Vec<Done> {
        let mut entry = Entry::new(Author::agent(&self.name), intents);
        entry.late = self.late;
        if self.refuse {
            entry.conflicts = remanence_store::intent::Conflicts::Refuse;
        }
        self.store.commit(entry).await.unwrap()
    }

    pub async fn one(&self, intent: Intent) -> Done {
        self.run(vec![intent]).await.pop().unwrap()
    }

    pub fn id(&self, path: &str) -> FileId {
        self.store.tree().lookup(path).unwrap().id
    }

    pub fn place(&self, path: &str) -> Place {
        let (folder, name) = path.rsplit_once('/').unwrap();
        Place {
            parent: self.store.tree().lookup(folder).unwrap().id,
            name: name.to_owned(),
        }
    }

    /// The version of the file as this mount sees it now, as base of a later write.
    pub fn served(&self, path: &str) -> Base {
        let tree = self.store.tree();
        let node = tree.lookup(path).unwrap();
        Base::Version {
            version: node.version,
            content: node.content().unwrap().clone(),
        }
    }

    pub fn creating(&self, path: &str, text: &str, exclusive: bool) -> Intent {
        Intent::Put {
            file: FileId::random(self.store.random()),
            path: path.to_owned(),
            create: Some(Create {
                place: self.place(path),
                exclusive,
            }),
            base: Base::Nothing,
            content: vec![Piece::New(Bytes::from(text.to_owned()))],
            mode: Some(0o644),
            mtime: None,
            expect: None,
        }
    }

    pub async fn create(&self, path: &str, text: &str) -> Done {
        self.one(self.creating(path, text, false)).await
    }

    pub async fn edit(&self, path: &str, file: FileId, base: Base, text: &str) -> Done {
        self.one(Intent::Put {
            file,
            path: path.to_owned(),
            create: None,
            base,
            content: vec![Piece::New(Bytes::from(text.to_owned()))],
            mode: None,
            mtime: None,
            expect: None,
        })
        .await
    }

    pub async fn append(&self, path: &str, file: FileId, base: Base, text: &str) -> Done {
        let bytes = Bytes::from(text.to_owned());
        self.one(Intent::Append {
            file,
            path: path.to_owned(),
            base,
            bytes,
            mtime: None,
        })
        .await
    }

    pub async fn remove(&self, path: &str, file: FileId, base: Base) -> Done {
        self.one(Intent::Remove {
            file,
            path: path.to_owned(),
            base,
            expect: None,
        })
        .await
    }

    pub async fn rename(&self, from: &str, to: &str, file: FileId, over: Base) -> Done {
        self.one(self.renaming(from, to, file, over, None)).await
    }

    /// An atomic save over `there`, which this mount wrote last.
    pub async fn save(&self, from: &str, to: &str, file: FileId, there: FileId) -> Done {
        self.one(self.renaming(from, to, file, Base::Own, Some(there))).await
    }

    fn renaming(&self, from: &str, to: &str, file: FileId, over: Base, there: Option<FileId>) -> Intent {
        Intent::Rename {
            file,
            from: from.to_owned(),
            path: to.to_owned(),
            place: self.place(to),
            no_replace: false,
            over,
            there,
        }
    }

    pub fn making(&self, path: &str) -> Intent {
        Intent::Mkdir {
            file: FileId::random(self.store.random()),
            path: path.to_owned(),
            place: self.place(path),
            mode: 0o755,
            exists_ok: false,
        }
    }

    pub async fn mkdir(&self, path: &str) -> Done {
        self.one(self.making(path)).await
    }

    /// The file's text at the head of the log.
    pub async fn text(&self, path: &str) -> Option<String> {
        self.store.sync().await.unwrap();
        let tree = self.store.tree();
        let content = tree.lookup(path)?.content()?.clone();
        Some(String::from_utf8(self.store.read_all(&content).await.unwrap().to_vec()).unwrap())
    }

    /// All paths at the head of the log, sorted.
    pub async fn paths(&self) -> Vec<String> {
        self.store.sync().await.unwrap();
        let tree = self.store.tree();
        let mut paths: Vec<String> = tree.nodes().map(|n| tree.path(n.id).unwrap()).collect();
        paths.sort();
        paths
    }
}
