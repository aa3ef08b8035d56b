//! Reads the transcripts, asks the model where there is one, and plans what memory becomes.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::dream::Request;
use super::error::DreamError;
use super::sessions::Found;
use crate::consolidate::source_key;
use crate::fact::Trust;
use crate::ledger::Known;
use crate::model::{self, Answers, Engine, Extracted, Material};
use crate::orient::{Author, orient};
use crate::plan::{Input, Plan, conclude};
use crate::reading::Reading;
use crate::record::{Phase, Record};

/// Most bytes of what people typed that are kept for a model at once; the rest waits for the next Dream.
const MOST_PASSAGES: usize = 8 << 20;
/// More bytes than this make a token, by and large.
const TOKEN_BYTES: u64 = 4;

/// The plan of one Dream, described in its record.
pub(super) async fn plan(
    mut input: Input,
    found: &[Found],
    request: &Request,
    answers: &mut Answers,
    record: &mut Record,
) -> Result<Plan, DreamError> {
    let Some(engine) = &request.engine else {
        let input = Arc::new(input);
        let reading = read(&input, found).await?;
        return decide(input, reading, record).await;
    };
    let most = engine.budget.tokens.saturating_mul(TOKEN_BYTES);
    input.passage_bytes = Some(usize::try_from(most).unwrap_or(MOST_PASSAGES).min(MOST_PASSAGES));
    let mut input = Arc::new(input);
    let mut reading = read(&input, found).await?;
    let extracted = ask(engine, &input, &mut reading, request, answers).await;
    record.spent = Some(extracted.spent);
    record.reasons.extend(extracted.reasons);
    if let Some(why) = extracted.failed {
        record.phase = Phase::Failed;
        record
            .reasons
            .push(format!("the model failed, nothing was changed: {why}"));
        return Ok(Plan::nothing(input.ledger.clone()));
    }
    if !extracted.until.is_empty() {
        // The rules read no further than the model did.
        let part = Arc::make_mut(&mut input);
        part.until = extracted.until;
        part.passage_bytes = None;
        reading = read(&input, found).await?;
    }
    for candidate in &mut reading.shared.candidates {
        if let Some(old) = extracted.replaced.get(&source_key(&candidate.source)) {
            candidate.finding.mark.change = true;
            candidate.replaces = Some(old.clone());
        }
    }
    reading.shared.candidates.extend(extracted.candidates);
    reading.shared.unsupported.extend(extracted.unsupported);
    decide(input, reading, record).await
}

#[tracing::instrument(name = "read transcripts", skip_all, fields(transcripts = found.len()))]
async fn read(input: &Arc<Input>, found: &[Found]) -> Result<Reading, DreamError> {
    let (handle, input, found) = (Handle::current(), Arc::clone(input), found.to_vec());
    let reading = tokio::task::spawn_blocking(move || {
        Reading::of(&input, found.into_iter().map(|found| Ok(found.session(&handle))))
    });
    Ok(reading.await??)
}

#[tracing::instrument(name = "ask model", skip_all, fields(model = engine.model.name()))]
async fn ask(
    engine: &Engine,
    input: &Input,
    reading: &mut Reading,
    request: &Request,
    answers: &mut Answers,
) -> Extracted {
    let passages = reading.shared.passages.take().unwrap_or_default();
    let memory = orient(&input.files, &input.ledger, &reading.shared.names, &input.settings);
    // No text of a tool or an agent is shown to a model, from memory neither.
    let typed = |known: &Known| known.sources.iter().any(|source| source.trust == Trust::Typed);
    let facts = memory.facts.into_iter().filter(|fact| typed(&fact.known));
    let theirs = memory.foreign.into_iter().filter(|line| line.author == Author::Person);
    let material = Material {
        passages: &passages.all,
        known: facts
            .map(|fact| fact.text)
            .chain(theirs.map(|line| line.line))
            .collect(),
        secrets: &reading.shared.secrets,
        names: &reading.shared.names,
        orders: request.instructions.as_deref(),
        rules: &reading.shared.candidates,
    };
    let mut extracted = model::read(engine, &material, answers).await;
    for (place, at) in passages.rest {
        extracted.until.entry(place).or_insert(at);
    }
    extracted
}

#[tracing::instrument(name = "decide", skip_all)]
async fn decide(input: Arc<Input>, reading: Reading, record: &mut Record) -> Result<Plan, DreamError> {
    let planned = tokio::task::spawn_blocking(move || conclude(&input, reading)).await?;
    describe(record, &planned);
    Ok(planned)
}

fn describe(record: &mut Record, planned: &Plan) {
    record.sessions.clone_from(&planned.sessions);
    record.facts = planned.counts.clone();
    record.files = planned.writes.iter().map(|w| w.path.clone()).collect();
    record.reasons.extend(planned.reasons.iter().cloned());
    record.phase = match (&planned.refused, planned.writes.is_empty()) {
        (Some(_), _) => Phase::Failed,
        (None, true) => Phase::NoChange,
        (None, false) => Phase::Applied,
    };
    if record.phase == Phase::NoChange && planned.reasons.is_empty() {
        let why = if planned.sessions.is_empty() {
            "nothing was said since the last dream"
        } else {
            "nothing that was said is worth keeping or new"
        };
        record.reasons.push(why.to_owned());
    }
}
