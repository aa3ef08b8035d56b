//! What a model may answer, and the check that it did.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::fact::Kind;

/// Most facts of one answer.
const MOST: usize = 64;
/// Longest fact and longest quotation, in characters.
const LONGEST: usize = 600;

/// A fact that a model proposes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proposal {
    /// The passage it rests on, from 1.
    pub(super) passage: usize,
    /// The words there.
    pub(super) quote: String,
    /// The fact.
    pub(super) fact: String,
    pub(super) kind: Kind,
    pub(super) importance: u8,
    /// The known line it replaces, from 1; 0 for none.
    #[serde(default)]
    pub(super) replaces: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proposals {
    facts: Vec<Proposal>,
}

/// The schema, of the parts that all APIs know.
pub(super) fn schema() -> Value {
    let fact = json!({
        "type": "object",
        "properties": {
            "passage": {"type": "integer"},
            "quote": {"type": "string"},
            "fact": {"type": "string"},
            "kind": {"type": "string", "enum": ["user", "feedback", "project", "reference"]},
            "importance": {"type": "integer"},
            "replaces": {"type": "integer"},
        },
        "required": ["passage", "quote", "fact", "kind", "importance", "replaces"],
        "additionalProperties": false,
    });
    json!({
        "type": "object",
        "properties": {"facts": {"type": "array", "items": fact}},
        "required": ["facts"],
        "additionalProperties": false,
    })
}

/// The proposals of an answer.
///
/// # Errors
/// What is wrong with it, in words for the model.
pub(super) fn parse(text: &str) -> Result<Vec<Proposal>, String> {
    let all: Proposals = serde_json::from_str(bare(text)).map_err(|error| error.to_string())?;
    if all.facts.len() > MOST {
        return Err(format!("{} facts are too many, {MOST} are allowed", all.facts.len()));
    }
    for (at, fact) in all.facts.iter().enumerate() {
        let at = at + 1;
        if !(1..=10).contains(&fact.importance) {
            return Err(format!("fact {at}: importance is {}, not 1 to 10", fact.importance));
        }
        if let Some(name) = [("fact", &fact.fact), ("quote", &fact.quote)]
            .iter()
            .find_map(|(name, text)| (text.chars().count() > LONGEST || text.trim().is_empty()).then_some(name))
        {
            return Err(format!(
                "fact {at}: {name} is empty or longer than {LONGEST} characters"
            ));
        }
    }
    Ok(all.facts)
}

/// Without what some models thought before, and the fence that they put around JSON.
fn bare(text: &str) -> &str {
    let text = text.trim();
    // Where the template of the prompt opens it, only its end stands in the answer.
    let thought = text.split_once("</think>").filter(|_| !text.starts_with(['{', '`']));
    let text = thought.map_or(text, |(_, rest)| rest.trim());
    let inner = text
        .strip_prefix("```json")
        .or(text.strip_prefix("```"))
        .and_then(|rest| rest.trim_end().strip_suffix("```"));
    inner.unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn fact() -> Value {
        json!({"passage": 1, "quote": "a b", "fact": "A b", "kind": "user", "importance": 5, "replaces": 0})
    }

    fn with(name: &str, value: Value) -> String {
        let mut fact = fact();
        fact[name] = value;
        json!({"facts": [fact]}).to_string()
    }

    #[test]
    fn what_the_schema_asks_passes() {
        assert_eq!(parse(r#"{"facts": []}"#).unwrap(), []);
        let plain = json!({"facts": [fact()]}).to_string();
        assert_eq!(parse(&plain).unwrap().len(), 1);
        assert_eq!(parse(&format!("```json\n{plain}\n```")).unwrap().len(), 1);
        for thought in [
            "<think>hm, {\"facts\": []}</think>",
            "<think>\n\n</think>\n\n",
            "I look.\n</think>",
        ] {
            assert_eq!(parse(&format!("{thought}{plain}")).unwrap().len(), 1, "{thought}");
        }
        assert_eq!(
            parse(&format!("<think></think>```json\n{plain}\n```")).unwrap().len(),
            1
        );
        assert_eq!(
            parse(&with("fact", json!("The tag </think> ends it"))).unwrap().len(),
            1
        );
    }

    #[test]
    fn what_breaks_it_is_told_in_words() {
        for (answer, part) in [
            ("no facts here".to_owned(), "expected"),
            (r#"{"fact": []}"#.to_owned(), "unknown field"),
            (with("kind", json!("secret")), "unknown variant"),
            (with("importance", json!(11)), "not 1 to 10"),
            (with("passage", json!("one")), "invalid type"),
            (with("run", json!("rm -rf")), "unknown field"),
            (with("quote", json!(" ")), "quote is empty"),
            (json!({"facts": vec![fact(); 65]}).to_string(), "too many"),
        ] {
            let wrong = parse(&answer).unwrap_err();
            assert!(wrong.contains(part), "{answer}: {wrong}");
        }
    }
}
