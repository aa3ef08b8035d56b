//! Writes what follows from the types: `crds/`, the chart of the CRDs and `docs/reference.md`. With `--check` it only
//! tells what differs. `cargo xtask crds` runs it.

mod reference;
mod yaml;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use remanence_api::{Agent, Dream, DreamSchedule, MemoryStore, MemoryStoreClass};

/// Kept when the chart is uninstalled: deleting a CRD deletes all its objects.
const KEEP: &str = "helm.sh/resource-policy";

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let outcome = files().and_then(|files| {
        if check {
            compare(&root, &files)
        } else {
            write(&root, &files)
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Every generated file: its path below the repository and its text.
fn files() -> Result<Vec<(PathBuf, String)>, String> {
    let crds = [
        MemoryStoreClass::crd(),
        MemoryStore::crd(),
        Agent::crd(),
        DreamSchedule::crd(),
        Dream::crd(),
    ];
    let mut files = Vec::new();
    for crd in &crds {
        let file = format!("{}.yaml", crd.spec.names.plural);
        files.push((Path::new("crds").join(&file), render(crd)?));
        let mut kept = crd.clone();
        let annotations = kept.metadata.annotations.get_or_insert_default();
        annotations.insert(KEEP.to_owned(), "keep".to_owned());
        files.push((Path::new("charts/remanence-crds/templates").join(&file), render(&kept)?));
    }
    files.push((PathBuf::from("docs/reference.md"), reference::render(&crds)));
    Ok(files)
}

fn render(crd: &CustomResourceDefinition) -> Result<String, String> {
    let value = serde_json::to_value(crd).map_err(|error| error.to_string())?;
    let text = yaml::render(&value);
    if text.contains("{{") {
        return Err(format!(
            "{}: `{{{{` would be read by Helm; word it otherwise",
            crd.spec.names.kind
        ));
    }
    Ok(format!(
        "# Made by `cargo xtask crds` from api/src; change it there.\n{text}"
    ))
}

fn write(root: &Path, files: &[(PathBuf, String)]) -> Result<(), String> {
    for (path, text) in files {
        let whole = root.join(path);
        let folder = whole.parent().unwrap_or(root);
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&whole, text));
        written.map_err(|error| format!("{}: {error}", path.display()))?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

fn compare(root: &Path, files: &[(PathBuf, String)]) -> Result<(), String> {
    let differs =
        |(path, text): &&(PathBuf, String)| std::fs::read_to_string(root.join(path)).ok().as_ref() != Some(text);
    let stale: Vec<String> = files
        .iter()
        .filter(differs)
        .map(|(path, _)| path.display().to_string())
        .collect();
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} differ from the types; run `cargo xtask crds` and commit",
        stale.join(", ")
    ))
}
