//! Anthropic's Messages API.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::ask::{Answer, Ask};
use super::budget::Tokens;
use super::choice::NotUsable;
use super::http::Endpoint;
use super::prices::Price;
use super::{Connection, Failure, Model};

const BASE: &str = "https://api.anthropic.com";
const VERSION: &str = "2023-06-01";

/// A model there.
#[derive(Debug)]
pub(super) struct Anthropic {
    name: String,
    model: String,
    price: Option<Price>,
    endpoint: Endpoint,
}

impl Anthropic {
    pub(super) fn new(model: &str, connection: Connection, price: Option<Price>) -> Result<Self, NotUsable> {
        let mut headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("anthropic-version".to_owned(), VERSION.to_owned()),
        ];
        if let Some(key) = &connection.key {
            headers.push(("x-api-key".to_owned(), key.reveal().to_owned()));
        }
        let versioned = |url: &String| url.trim_end_matches('/').ends_with("/v1");
        let path = if connection.url.as_ref().is_some_and(versioned) {
            "/messages"
        } else {
            "/v1/messages"
        };
        Ok(Self {
            name: format!("anthropic:{model}"),
            model: model.to_owned(),
            price,
            endpoint: Endpoint::new(connection, BASE, path, headers)?,
        })
    }

    fn body(&self, ask: &Ask<'_>) -> Value {
        let mut messages = vec![json!({"role": "user", "content": ask.user})];
        if let Some(repair) = ask.repair {
            messages.push(json!({"role": "assistant", "content": repair.answer}));
            messages.push(json!({"role": "user", "content": repair.request()}));
        }
        json!({
            "model": self.model,
            "max_tokens": ask.most,
            "system": [{"type": "text", "text": ask.system, "cache_control": {"type": "ephemeral"}}],
            "messages": messages,
            "output_config": {"format": {"type": "json_schema", "schema": ask.schema}},
        })
    }
}

#[async_trait]
impl Model for Anthropic {
    fn name(&self) -> &str {
        &self.name
    }

    fn price(&self) -> Option<&Price> {
        self.price.as_ref()
    }

    async fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Failure> {
        let said = self.endpoint.post(&self.body(ask), ask).await?;
        let Some(content) = said["content"].as_array() else {
            let name = &self.name;
            return Err(Failure::Broken(format!(
                "{name}: the answer is not one of the Messages API"
            )));
        };
        let tokens = said["usage"].as_object().map(|usage| {
            let count = |name: &str| usage.get(name).and_then(Value::as_u64).unwrap_or(0);
            Tokens {
                input: count("input_tokens"),
                cached: count("cache_read_input_tokens"),
                cache_writes: count("cache_creation_input_tokens"),
                output: count("output_tokens"),
            }
        });
        let unusable = |why: &str| Failure::Unusable {
            why: why.to_owned(),
            tokens,
        };
        match said["stop_reason"].as_str() {
            Some("refusal") => return Err(unusable("the model refused")),
            Some("max_tokens") => return Err(unusable("the answer was too long and is cut off")),
            _ => {}
        }
        let text = content.iter().filter(|block| block["type"] == "text");
        let text: String = text.filter_map(|block| block["text"].as_str()).collect();
        Ok(Answer { text, tokens })
    }
}
