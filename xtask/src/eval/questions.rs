//! Question sets of a pack: `questions.jsonl` beside a folder `sessions`, dreamt over at once.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::pack::{files_named, text};
use super::program::{Bench, Program};
use super::recall::{BYTES, Question, Ways, compare, unsupported};
use super::transcript::Raw;
use crate::table::share;

/// The question sets under a folder, by the file of each.
pub(super) fn files(pack: &Path) -> Result<Vec<PathBuf>> {
    files_named(pack, "questions.jsonl")
}

/// A table for each question set under a folder.
pub(super) fn measure(program: &Program, pack: &Path) -> Result<String> {
    let mut out = String::new();
    for file in files(pack)? {
        let _ = write!(
            out,
            "\n{}",
            set(program, &file).with_context(|| file.display().to_string())?
        );
    }
    Ok(out)
}

fn set(program: &Program, file: &Path) -> Result<String> {
    let folder = file.parent().context("a file without a folder")?;
    let questions = read(file)?;
    let bench = Bench::new(program)?;
    let into = bench.sessions().join("user");
    fs::create_dir_all(&into)?;
    let mut raw = Raw::default();
    for entry in fs::read_dir(folder.join("sessions")).context("a question set has a folder `sessions`")? {
        let path = entry?.path();
        fs::copy(&path, into.join(path.file_name().unwrap_or_default()))?;
        raw.add(&unpacked(&path)?);
    }
    let dreamt = bench.dream(None, BYTES)?;
    let lines = bench.memory()?.lines();
    let all: Vec<&Question> = questions.iter().collect();
    let ways = Ways {
        dreamt: &lines,
        without: &[],
        raw: &raw,
    };
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut out = compare(&name, &all, &ways);
    let junk = lines.iter().filter(|line| !all.iter().any(|q| q.needs(line))).count();
    out.push_str("\n| of its memory | lines | 95% interval |\n|---|---|---|\n");
    let _ = writeln!(out, "| no question needs it (junk) | {} |", share(junk, lines.len()));
    let nobody = unsupported(&lines, &raw.words());
    let _ = writeln!(out, "| nobody said it (unsupported) | {} |", share(nobody, lines.len()));
    let _ = writeln!(out, "\n{:.1} s, at most {} MB.", dreamt.seconds, dreamt.used.peak >> 20);
    Ok(out)
}

fn read(file: &Path) -> Result<Vec<Question>> {
    let told = fs::read_to_string(file)?;
    let told = told.lines().map(serde_json::from_str::<Value>);
    let told: Vec<Value> = told.collect::<Result<_, _>>()?;
    let scored = told
        .iter()
        .filter(|q| q["scored"] != false && q["gold_patterns"].is_array());
    scored
        .map(|q| Question::new(&text(&q["id"]), &q["gold_patterns"]))
        .collect()
}

fn unpacked(path: &PathBuf) -> Result<String> {
    if path.extension().is_none_or(|end| end != "gz") {
        return Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned());
    }
    let mut bytes = Vec::new();
    let packed = File::open(path).with_context(|| path.display().to_string())?;
    let read = MultiGzDecoder::new(packed).read_to_end(&mut bytes);
    read.with_context(|| path.display().to_string())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
