//! Runs the scenarios of a pack in plain directories: `pack PACK_DIR RESULTS_DIR [FILTER]`.
//!
//! A scenario has `expect.json` (`run.stages`, `run.now`, `run.budget_bytes`) and `stages/NN/{sessions,memory}`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use remanence_dreamer::gather::SessionName;
use remanence_dreamer::ledger::{self, Ledger};
use remanence_dreamer::orient::MemoryFile;
use remanence_dreamer::plan::{Input, Session, plan};
use remanence_dreamer::settings::Settings;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let (Some(pack), Some(results)) = (args.next(), args.next()) else {
        return Err("usage: pack PACK_DIR RESULTS_DIR [FILTER]".into());
    };
    let filter = args.next().unwrap_or_default();
    let mut found = Vec::new();
    scenarios(Path::new(&pack), &mut found)?;
    found.sort();
    for scenario in found.iter().filter(|s| s.to_string_lossy().contains(&filter)) {
        run(scenario, Path::new(&results))?;
    }
    Ok(())
}

fn scenarios(dir: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if dir.join("expect.json").is_file() {
        found.push(dir.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            scenarios(&path, found)?;
        }
    }
    Ok(())
}

fn run(scenario: &Path, results: &Path) -> Result<()> {
    let expect: serde_json::Value = serde_json::from_slice(&fs::read(scenario.join("expect.json"))?)?;
    let id = expect["id"].as_str().ok_or("a scenario without an id")?;
    let stages = expect["run"]["stages"].as_u64().unwrap_or(1);
    let budget = expect["run"]["budget_bytes"].as_u64().unwrap_or(25_600);
    let mut memory: BTreeMap<String, String> = BTreeMap::new();
    let mut sessions: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut ledger = Ledger::default();
    for stage in 1..=stages {
        let dir = scenario.join(format!("stages/{stage:02}"));
        for (path, file) in files_under(&dir.join("memory"))? {
            memory.insert(path, String::from_utf8_lossy(&fs::read(file)?).into_owned());
        }
        sessions.extend(files_under(&dir.join("sessions"))?);
        let now: Timestamp = match expect["run"]["now"][stage as usize - 1].as_str() {
            Some(text) => text.parse()?,
            None => "2026-06-01T03:00:00Z".parse()?,
        };
        let settings = Settings {
            memory_size: budget as usize,
            ..Settings::default()
        };
        let files = memory
            .iter()
            .map(|(path, text)| MemoryFile {
                path: path.clone(),
                text: text.clone(),
                authors: Vec::new(),
            })
            .collect();
        let input = Input {
            files,
            ledger: ledger.clone(),
            removed: Vec::new(),
            settings,
            now,
            dream: format!("{id}-{stage}"),
            again: false,
        };
        let opened = sessions.iter().map(|(path, file)| open(path, file, now));
        let plan = plan(&input, opened)?;
        if let Some(refused) = &plan.refused {
            println!("{id} stage {stage}: {refused}");
        }
        for write in &plan.writes {
            match &write.text {
                Some(text) => memory.insert(write.path.clone(), text.clone()),
                None => memory.remove(&write.path),
            };
        }
        ledger = Ledger::parse(&plan.ledger.render());
        let out = results.join(id).join(format!("stage-{stage:02}"));
        let _ = fs::remove_dir_all(&out);
        for (path, text) in &memory {
            let path = out.join(path);
            fs::create_dir_all(path.parent().unwrap_or(&out))?;
            fs::write(path, text)?;
        }
        fs::create_dir_all(out.join(".dream"))?;
        fs::write(out.join(ledger::PATH), ledger.render())?;
    }
    Ok(())
}

fn open(path: &str, file: &Path, start: Timestamp) -> io::Result<Session<'static>> {
    let agent = path.split('/').next().unwrap_or_default().to_owned();
    let name = SessionName {
        store: "sessions".into(),
        agent,
        path: path.to_owned(),
        file: None,
        version: None,
    };
    let size = fs::metadata(file)?.len();
    let file = file.to_owned();
    let open = Box::new(move |at| {
        let mut file = File::open(&file)?;
        file.seek(SeekFrom::Start(at))?;
        Ok(Box::new(file) as Box<dyn Read>)
    });
    Ok(Session {
        name,
        size,
        start,
        open,
    })
}

fn files_under(dir: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut out = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(next) = todo.pop().filter(|d| d.is_dir()) {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                todo.push(path);
            } else if let Ok(relative) = path.strip_prefix(dir) {
                out.push((relative.to_string_lossy().into_owned(), path.clone()));
            }
        }
    }
    Ok(out)
}
