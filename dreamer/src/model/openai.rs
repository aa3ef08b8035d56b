//! Chat completions, as `OpenAI`, vLLM, Ollama, llama.cpp and gateways speak them.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::ask::{Answer, Ask};
use super::budget::Tokens;
use super::choice::NotUsable;
use super::http::Endpoint;
use super::prices::Price;
use super::{Connection, Failure, Model};

const BASE: &str = "https://api.openai.com/v1";

/// A model there, or behind another base URL.
#[derive(Debug)]
pub(super) struct OpenAi {
    name: String,
    model: String,
    price: Option<Price>,
    endpoint: Endpoint,
}

impl OpenAi {
    pub(super) fn new(model: &str, connection: Connection, price: Option<Price>) -> Result<Self, NotUsable> {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        if let Some(key) = &connection.key {
            headers.push(("authorization".to_owned(), format!("Bearer {}", key.reveal())));
        }
        Ok(Self {
            name: format!("openai:{model}"),
            model: model.to_owned(),
            price,
            endpoint: Endpoint::new(connection, BASE, "/chat/completions", headers)?,
        })
    }

    fn body(&self, ask: &Ask<'_>) -> Value {
        let mut messages = vec![
            json!({"role": "system", "content": ask.system}),
            json!({"role": "user", "content": ask.user}),
        ];
        if let Some(repair) = ask.repair {
            messages.push(json!({"role": "assistant", "content": repair.answer}));
            messages.push(json!({"role": "user", "content": repair.request()}));
        }
        let schema = json!({"name": "facts", "strict": true, "schema": ask.schema});
        let mut body = json!({
            "model": self.model,
            "messages": messages,
            "response_format": {"type": "json_schema", "json_schema": schema},
        });
        // The newer name is not known everywhere, and OpenAI's own models take no other and no temperature.
        if self.endpoint.is_at(BASE) {
            body["max_completion_tokens"] = ask.most.into();
        } else {
            body["max_tokens"] = ask.most.into();
            body["temperature"] = 0.into();
        }
        body
    }
}

#[async_trait]
impl Model for OpenAi {
    fn name(&self) -> &str {
        &self.name
    }

    fn price(&self) -> Option<&Price> {
        self.price.as_ref()
    }

    async fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Failure> {
        let said = self.endpoint.post(&self.body(ask), ask).await?;
        let choice = &said["choices"][0];
        if !choice["message"].is_object() {
            let name = &self.name;
            return Err(Failure::Broken(format!("{name}: the answer is no chat completion")));
        }
        let tokens = said["usage"].as_object().map(|usage| {
            let count = |value: Option<&Value>| value.and_then(Value::as_u64).unwrap_or(0);
            let details = usage.get("prompt_tokens_details");
            let cached = count(details.and_then(|details| details.get("cached_tokens")));
            Tokens {
                input: count(usage.get("prompt_tokens")).saturating_sub(cached),
                cached,
                cache_writes: 0,
                output: count(usage.get("completion_tokens")),
            }
        });
        let unusable = |why: &str| Failure::Unusable {
            why: why.to_owned(),
            tokens,
        };
        if choice["message"]["refusal"].is_string() || choice["finish_reason"] == "content_filter" {
            return Err(unusable("the model refused"));
        }
        if choice["finish_reason"] == "length" {
            return Err(unusable("the answer was too long and is cut off"));
        }
        let text = choice["message"]["content"].as_str().unwrap_or_default().to_owned();
        Ok(Answer { text, tokens })
    }
}
