//! Dreams without a store: files, ledger and transcripts in memory.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};

use remanence_dreamer::gather::SessionName;
use remanence_dreamer::ledger::Ledger;
use remanence_dreamer::orient::{LineAuthor, MemoryFile, Removed};
use remanence_dreamer::plan::{Input, Plan, plan};
use remanence_dreamer::reading::Session;
use remanence_dreamer::settings::Settings;
use remanence_dreamer::unfounded::Unfounded;

use super::{at, typed};

/// A memory on a desk.
#[derive(Default)]
pub struct Desk {
    pub files: BTreeMap<String, String>,
    pub authors: BTreeMap<String, Vec<LineAuthor>>,
    pub ledger: Ledger,
    pub sessions: BTreeMap<String, Vec<u8>>,
    pub removed: Vec<Removed>,
    pub settings: Settings,
    pub again: bool,
    /// Who types in the sessions.
    pub strangers: bool,
    /// The version of all sessions, where their store knows one.
    pub version: Option<String>,
    /// Bytes of a session from here on cannot be read.
    pub fails_at: Option<usize>,
    /// The session that cannot be opened.
    pub shut: Option<String>,
    dreams: u32,
}

impl Desk {
    /// Somebody typed this; `day` is a day of May 2026, the agent comes before the slash.
    pub fn typed(&mut self, path: &str, day: u32, text: &str) -> &mut Self {
        self.line(path, &typed(&format!("2026-05-{day:02}T10:00:00Z"), text))
    }

    pub fn line(&mut self, path: &str, line: &str) -> &mut Self {
        let session = self.sessions.entry(path.to_owned()).or_default();
        session.extend_from_slice(line.as_bytes());
        session.push(b'\n');
        self
    }

    pub fn bytes(&mut self, path: &str, bytes: Vec<u8>) -> &mut Self {
        self.sessions.insert(path.to_owned(), bytes);
        self
    }

    /// Dreams in the night after a day of May 2026.
    pub fn dream(&mut self, day: u32) -> Plan {
        self.dream_at(&format!("2026-05-{day:02}T23:00:00Z"))
    }

    pub fn dream_at(&mut self, now: &str) -> Plan {
        self.dreams += 1;
        let files = self.files.iter().map(|(path, text)| MemoryFile {
            path: path.clone(),
            text: text.clone(),
            authors: self.authors.get(path).cloned().unwrap_or_default(),
        });
        let input = Input {
            files: files.collect(),
            ledger: self.ledger.clone(),
            removed: self.removed.clone(),
            settings: self.settings.clone(),
            now: at(now),
            dream: format!("dream-{}", self.dreams),
            again: self.again,
            unfounded: Unfounded::default(),
            passage_bytes: None,
            until: BTreeMap::new(),
        };
        let sessions = self.sessions.iter().map(|(path, bytes)| {
            let mut session = session(path, bytes, self.fails_at);
            session.strangers = self.strangers;
            session.name.version.clone_from(&self.version);
            if self.shut.as_ref() == Some(path) {
                session.open = Box::new(|_| Err(io::Error::other("it went away")));
            }
            Ok(session)
        });
        let plan = plan(&input, sessions).unwrap();
        for write in &plan.writes {
            match &write.text {
                Some(text) => self.files.insert(write.path.clone(), text.clone()),
                None => self.files.remove(&write.path),
            };
        }
        // What is kept is what was written and read again.
        self.ledger = Ledger::parse(&plan.ledger.render());
        plan
    }

    /// All lines with facts.
    pub fn facts(&self) -> Vec<String> {
        let lines = self.files.values().flat_map(|text| text.lines());
        lines
            .filter(|l| l.starts_with("- ") && !l.starts_with("- ["))
            .map(|l| l[2..].to_owned())
            .collect()
    }

    pub fn all(&self) -> String {
        self.files
            .iter()
            .flat_map(|(path, text)| [path.as_str(), "\n", text.as_str()])
            .collect()
    }

    /// The only fact that holds a text.
    pub fn fact(&self, part: &str) -> String {
        let found: Vec<String> = self
            .facts()
            .into_iter()
            .filter(|f| f.to_lowercase().contains(&part.to_lowercase()))
            .collect();
        assert_eq!(found.len(), 1, "{part} in {:#?}", self.facts());
        found[0].clone()
    }

    pub fn has(&self, part: &str) -> bool {
        self.all().to_lowercase().contains(&part.to_lowercase())
    }
}

/// Nothing can be read there.
struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the line was cut"))
    }
}

fn session<'a>(path: &str, bytes: &'a [u8], fails_at: Option<usize>) -> Session<'a> {
    let agent = path.split('/').next().unwrap().to_owned();
    let name = SessionName {
        store: "desk".into(),
        agent,
        path: path.to_owned(),
        file: None,
        version: None,
    };
    let open = Box::new(move |from: u64| {
        let rest = bytes.get(from as usize..).unwrap_or_default();
        let read: Box<dyn Read + 'a> = match fails_at {
            Some(at) => {
                let whole = at.saturating_sub(from as usize).min(rest.len());
                Box::new(Cursor::new(&rest[..whole]).chain(Failing))
            }
            None => Box::new(Cursor::new(rest)),
        };
        Ok(read) as io::Result<_>
    });
    Session {
        name,
        size: bytes.len() as u64,
        start: at("2026-05-01T00:00:00Z"),
        strangers: false,
        open,
    }
}
