//! Asks a model about everything people typed, request by request, within the budget.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::Range;

use serde_json::Value;

use super::ask::{Answer, Ask, Repair};
use super::budget::{Bill, Meter, Spent, Tokens};
use super::known::{Known, Line};
use super::passages::Passage;
use super::schema::{self, Proposal};
use super::{Engine, Failure, Price, prompt, support};
use crate::consolidate::source_key;
use crate::fact::{Candidate, Finding, Kind, Mark, Op};
use crate::secrets::{MASKED, Secrets};
use crate::text::words::features;

/// Most bytes and most passages of one request: small models lose the thread in long ones.
const REQUEST_BYTES: usize = 8 << 10;
const REQUEST_PASSAGES: usize = 40;
/// Most tokens of one answer, and what it may take beside the words it repeats: for itself, and for each passage.
/// A small model that begins to repeat itself goes on to the end of what it may.
const ANSWER_TOKENS: u64 = 4096;
const ANSWER_FRAME_TOKENS: u64 = 256;
const PASSAGE_FRAME_TOKENS: u64 = 96;
/// What a model that thinks before it answers may take for that.
const THINKING_TOKENS: u64 = 16 << 10;
/// Fewer bytes than this make no token, by and large.
const TOKEN_BYTES: u64 = 3;
/// A model whose first answers are all no use is asked no more.
const PATIENCE: u32 = 3;

/// What a model is to read, and what its findings are held against.
pub(crate) struct Material<'a> {
    /// What people typed.
    pub(crate) passages: &'a [Passage],
    /// Memory's lines.
    pub(crate) known: Vec<String>,
    /// Never shown to a model.
    pub(crate) secrets: &'a Secrets,
    /// Words that are names.
    pub(crate) names: &'a BTreeSet<String>,
    /// The owner's instructions.
    pub(crate) orders: Option<&'a str>,
    /// What the rules found in the same words.
    pub(crate) rules: &'a [Candidate],
}

/// The answers of one Dream: what was asked once is not asked again when it is planned anew.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    given: HashMap<String, Result<Vec<Proposal>, String>>,
    meter: Option<Meter>,
    bill: Bill,
}

impl Answers {
    /// None yet; what they cost goes on the bill.
    pub(crate) fn on(bill: &Bill) -> Self {
        Self {
            bill: bill.clone(),
            ..Self::default()
        }
    }
}

/// What a model came to.
#[derive(Debug, Default)]
pub(crate) struct Extracted {
    /// Facts that passed.
    pub(crate) candidates: Vec<Candidate>,
    /// Proposals that did not, and why.
    pub(crate) unsupported: Vec<(Candidate, &'static str)>,
    /// Known facts that what a rule found takes the place of, by the key of the rule's source.
    pub(crate) replaced: HashMap<String, String>,
    /// Where the words begin that it did not read, by store and path.
    pub(crate) until: BTreeMap<(String, String), u64>,
    /// What is to be said of it.
    pub(crate) reasons: Vec<String>,
    /// What it cost.
    pub(crate) spent: Spent,
    /// Why the Dream cannot go on.
    pub(crate) failed: Option<String>,
}

/// Reads all passages, as far as budget and model allow.
pub(crate) async fn read(engine: &Engine, material: &Material<'_>, answers: &mut Answers) -> Extracted {
    let mut out = Extracted::default();
    let shown = masked(material);
    let known = Known::new(
        material.known.iter().map(String::as_str),
        material.secrets,
        material.names,
    );
    let orders = material.orders.map(|orders| material.secrets.masked(orders));
    let schema = schema::schema();
    let price = engine.model.price();
    let bill = answers.bill.clone();
    let new = || Meter::new(&engine.budget, price, bill);
    let meter = answers.meter.get_or_insert_with(new);
    let mut conversation = Conversation {
        engine,
        schema: &schema,
        meter,
        given: &mut answers.given,
    };
    let thinking = if price.is_some_and(Price::reasons) {
        THINKING_TOKENS
    } else {
        0
    };
    let (mut usable, mut useless) = (0u32, 0u32);
    let mut last_useless = None;
    let mut waiting: VecDeque<Range<usize>> = batches(&shown).into();
    while let Some(batch) = waiting.pop_front() {
        let passages = &shown[batch.clone()];
        if passages.iter().all(|p| p.text.is_empty()) {
            continue;
        }
        let stems = passages.iter().flat_map(|p| features(&p.text, material.names).stems);
        let near = known.nearest(&stems.collect());
        let user = prompt::user(passages, &near, orders.as_deref());
        let most = thinking + answer_tokens(passages);
        // A budget too small for many passages may do for fewer.
        if usable + useless == 0 && batch.len() > 1 && !conversation.may_ask(&user, most) {
            let middle = batch.start + batch.len() / 2;
            waiting.push_front(middle..batch.end);
            waiting.push_front(batch.start..middle);
            continue;
        }
        match conversation.proposals(&user, most).await {
            Ok(Ok(proposals)) => {
                usable += 1;
                for proposal in proposals {
                    take(&proposal, &shown, batch.clone(), &near, material, &mut out);
                }
            }
            Ok(Err(why)) => {
                useless += 1;
                last_useless = Some(why.clone());
                out.reasons.push(format!(
                    "the model's answer about {} passages was no use, rules alone read them: {why}",
                    passages.len()
                ));
                if usable == 0 && useless == PATIENCE {
                    break;
                }
            }
            Err(Stop(why)) if usable == 0 => {
                out.failed = Some(why);
                break;
            }
            Err(Stop(why)) => {
                out.until = left(&shown, batch.start);
                let rest = shown.len() - batch.start;
                out.reasons
                    .push(format!("{rest} passages are left for the next dream: {why}"));
                break;
            }
        }
    }
    if usable == 0 && out.failed.is_none() {
        out.failed = last_useless.map(|why| format!("its answer was no use: {why}"));
    }
    if out.failed.is_some() {
        // The rules read nothing then.
        out.reasons.clear();
    }
    out.spent = conversation.meter.spent();
    out
}

/// The request, or what comes after it, cannot be made.
struct Stop(String);

struct Conversation<'a> {
    engine: &'a Engine,
    schema: &'a Value,
    meter: &'a Meter,
    given: &'a mut HashMap<String, Result<Vec<Proposal>, String>>,
}

impl Conversation<'_> {
    /// The proposals for one request, with one try to repair an answer; inside, why an answer is no use.
    async fn proposals(&mut self, user: &str, most: u64) -> Result<Result<Vec<Proposal>, String>, Stop> {
        if let Some(given) = self.given.get(user) {
            return Ok(given.clone());
        }
        let mut outcome = self.once(user, most, None).await?;
        if let Err((wrong, Some(answer))) = &outcome {
            let repair = Repair {
                answer: answer.clone(),
                wrong: wrong.clone(),
            };
            self.meter.repair();
            outcome = self.once(user, most, Some(&repair)).await?;
        }
        let outcome = outcome.map_err(|(why, _)| why);
        if outcome.is_err() {
            self.meter.useless();
        }
        self.given.insert(user.to_owned(), outcome.clone());
        Ok(outcome)
    }

    /// Whether a request was answered, or the budget allows it.
    fn may_ask(&self, user: &str, most: u64) -> bool {
        self.given.contains_key(user) || self.meter.allows(self.tokens(user, None), most)
    }

    /// The tokens of a request, estimated.
    fn tokens(&self, user: &str, repair: Option<&Repair>) -> u64 {
        let repeated = repair.map_or(0, |repair| repair.answer.len() + repair.wrong.len());
        let bytes = prompt::SYSTEM.len() + user.len() + repeated + self.schema.to_string().len();
        bytes as u64 / TOKEN_BYTES
    }

    /// Asks once; an answer that breaks the schema comes with what is wrong with it.
    async fn once(
        &mut self,
        user: &str,
        most: u64,
        repair: Option<&Repair>,
    ) -> Result<Result<Vec<Proposal>, (String, Option<String>)>, Stop> {
        let input = self.tokens(user, repair);
        let ask = Ask {
            system: prompt::SYSTEM,
            user,
            repair,
            schema: self.schema,
            most,
            deadline: self.meter.deadline(),
            tries: self.meter.tries(input, most),
        };
        let estimate = |output: usize| Tokens {
            input,
            output: output as u64 / TOKEN_BYTES,
            ..Tokens::default()
        };
        match self.engine.model.ask(&ask).await {
            Ok(Answer { text, tokens }) => {
                self.meter.count(tokens, estimate(text.len()));
                Ok(schema::parse(&text).map_err(|wrong| (wrong, Some(text))))
            }
            Err(Failure::Unusable { why, tokens }) => {
                self.meter.count(tokens, estimate((most * TOKEN_BYTES) as usize));
                Ok(Err((why, None)))
            }
            Err(Failure::Late(why)) => Err(Stop(self.meter.too_late(&why))),
            Err(Failure::Broken(why)) => Err(Stop(why)),
        }
    }
}

/// Most tokens of an answer about passages: of all their words there is a quotation and a fact, and what is around them.
fn answer_tokens(passages: &[Passage]) -> u64 {
    let words: usize = passages.iter().map(|passage| passage.text.len()).sum();
    let frames = ANSWER_FRAME_TOKENS + PASSAGE_FRAME_TOKENS * passages.len() as u64;
    (frames + 3 * words as u64 / TOKEN_BYTES).min(ANSWER_TOKENS)
}

/// What may leave this machine: no secret, nor a piece of one.
fn masked(material: &Material<'_>) -> Vec<Passage> {
    let mask = |passage: &Passage| {
        let text = material.secrets.masked(&passage.text);
        let left = text.replace(MASKED, " ");
        let says = left.split_whitespace().count() >= 2;
        Passage {
            source: passage.source.clone(),
            text: if says { text } else { String::new() },
        }
    };
    material.passages.iter().map(mask).collect()
}

/// Passages that are asked about together.
fn batches(shown: &[Passage]) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut bytes = 0;
    for (at, passage) in shown.iter().enumerate() {
        let fits = bytes + passage.text.len() <= REQUEST_BYTES;
        match out.last_mut() {
            Some(last) if fits && last.len() < REQUEST_PASSAGES => {
                last.end = at + 1;
                bytes += passage.text.len();
            }
            _ => {
                out.push(at..at + 1);
                bytes = passage.text.len();
            }
        }
    }
    out
}

/// Where each transcript's first line begins of which nothing was read.
fn left(shown: &[Passage], from: usize) -> BTreeMap<(String, String), u64> {
    let (read, rest) = shown.split_at(from);
    let place = |passage: &Passage| {
        let session = &passage.source.session;
        (session.store.clone(), session.path.clone())
    };
    // Up to where each was read, by the last passage of it.
    let used: BTreeMap<(String, String), u64> = read.iter().map(|p| (place(p), p.source.span.1)).collect();
    let mut out = BTreeMap::new();
    for passage in rest {
        let (place, from) = (place(passage), passage.source.span.0);
        if from >= used.get(&place).copied().unwrap_or(0) {
            out.entry(place).or_insert(from);
        }
    }
    out
}

/// Takes a proposal if its words bear it out, and keeps it out with the reason if not.
fn take(
    proposal: &Proposal,
    shown: &[Passage],
    batch: Range<usize>,
    near: &[Line],
    material: &Material<'_>,
    out: &mut Extracted,
) {
    let at = proposal.passage.checked_sub(1).map(|at| batch.start + at);
    let Some(at) = at.filter(|at| batch.contains(at)) else {
        let first = &shown[batch.start];
        let candidate = Candidate::new(refused(proposal), support::source(first, &proposal.quote));
        out.unsupported
            .push((candidate, "a model named words that it was not shown"));
        return;
    };
    let source = support::source(&shown[at], &proposal.quote);
    let finding = match support::check(proposal, shown, at, material.names) {
        Ok(finding) => finding,
        Err(why) => {
            out.unsupported.push((Candidate::new(refused(proposal), source), why));
            return;
        }
    };
    let beside = |rule: &&Candidate| rule.source.session == source.session && rule.source.span == source.span;
    let mut rules = material.rules.iter().filter(beside);
    let found = rules.find(|rule| support::is_found_by(rule, &finding, material.names));
    let named = proposal.replaces.checked_sub(1).and_then(|at| near.get(at));
    let replaces = named.filter(|line| support::may_replace(&line.text, &finding, material.names));
    if let Some(rule) = found {
        // The rule's words are the person's own; the model may add what they are about.
        if let (Some(line), Op::State) = (replaces, rule.finding.op) {
            out.replaced.insert(source_key(&rule.source), line.text.clone());
        }
        return;
    }
    let mut candidate = Candidate::new(finding, source);
    candidate.finding.mark.change = replaces.is_some();
    candidate
        .earlier
        .extend(support::earlier(&candidate.finding, shown, at, material.names));
    candidate.replaces = replaces.map(|line| line.text.clone());
    out.candidates.push(candidate);
}

/// A proposal as it is kept out: of its text only a hash is kept.
fn refused(proposal: &Proposal) -> Finding {
    Finding {
        op: Op::State,
        text: proposal.fact.clone(),
        kind: Kind::Project,
        importance: proposal.importance,
        mark: Mark::default(),
    }
}
