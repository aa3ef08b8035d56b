//! Requests to a model's API: tried again where that may help, never longer than the deadline.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use remanence_store::backend::http::{Answer, Http, HttpError};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::ask::Ask;
use super::choice::{Key, NotUsable};
use super::{Connection, Failure};

/// Longest pause between two tries that nobody asked for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// So much of an API's own words is passed on.
const QUOTED: usize = 300;

/// How long and how often a request is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// Most tries.
    pub tries: u32,
    /// The first pause; every further one is twice as long.
    pub pause: Duration,
    /// Longest wait for one answer.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 6,
            pause: Duration::from_secs(1),
            answer: Duration::from_mins(3),
        }
    }
}

/// One API endpoint.
#[derive(Debug)]
pub(super) struct Endpoint {
    http: Http,
    url: String,
    headers: Vec<(String, String)>,
    key: Option<Key>,
    patience: Patience,
}

impl Endpoint {
    /// The endpoint `path` under the connection's base or the provider's own.
    pub(super) fn new(
        connection: Connection,
        own: &str,
        path: &str,
        headers: Vec<(String, String)>,
    ) -> Result<Self, NotUsable> {
        let base = connection.url.unwrap_or_else(|| own.to_owned());
        let unusable = |why: &str| NotUsable::Url {
            url: base.clone(),
            why: why.to_owned(),
        };
        if !base.starts_with("https://") && !base.starts_with("http://") {
            return Err(unusable("it begins with neither https:// nor http://"));
        }
        if base.contains('@') {
            return Err(unusable("it holds a login; give the key by its environment variable"));
        }
        let http = Http::new(&base, None).map_err(|error| unusable(&error.to_string()))?;
        Ok(Self {
            http,
            url: format!("{}{path}", base.trim_end_matches('/')),
            headers,
            key: connection.key,
            patience: connection.patience,
        })
    }

    /// Whether this is a host of the provider's own.
    pub(super) fn is_at(&self, host: &str) -> bool {
        self.url.starts_with(host)
    }

    /// Sends JSON until an answer comes that is one, as often as the budget allows.
    pub(super) async fn post(&self, body: &Value, ask: &Ask<'_>) -> Result<Value, Failure> {
        let body = Bytes::from(body.to_string());
        let mut pause = self.patience.pause;
        let mut last = None;
        for left in (0..self.patience.tries.max(1)).rev() {
            let limit = self
                .patience
                .answer
                .min(ask.deadline.saturating_duration_since(Instant::now()));
            if limit.is_zero() {
                return Err(Failure::Late("the time is up".to_owned()));
            }
            if let Err(over) = ask.tries.begin() {
                return Err(Failure::Broken(match last {
                    Some(last) => format!("{over} ({last})"),
                    None => over,
                }));
            }
            let answer = self
                .http
                .send("POST", &self.url, &self.headers, body.clone(), limit)
                .await;
            if !matches!(answer, Err(HttpError::Unknown(_))) {
                ask.tries.settled();
            }
            let (why, wait) = match answer {
                Ok(answer) if answer.status == 200 => return self.json(&answer),
                Ok(answer) => match self.refusal(&answer) {
                    (why, Some(wait)) => (why, wait),
                    (why, None) => return Err(Failure::Broken(why)),
                },
                Err(HttpError::Unusable(why)) => return Err(Failure::Broken(self.said(&why))),
                Err(HttpError::NotSent(why) | HttpError::Unknown(why)) => (self.said(&why), Duration::ZERO),
            };
            if left == 0 {
                return Err(Failure::Broken(format!("{why} (tried {} times)", self.patience.tries)));
            }
            let wait = wait.max(pause);
            if Instant::now() + wait >= ask.deadline {
                let asked = if wait > pause {
                    format!(", it asks to wait {} seconds", wait.as_secs())
                } else {
                    String::new()
                };
                return Err(Failure::Late(format!(
                    "{why}{asked}; the time does not allow another try"
                )));
            }
            tracing::info!(why, wait_ms = wait.as_millis() as u64, "the model is asked again");
            sleep(wait).await;
            last = Some(why);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Err(Failure::Broken(self.said("was not asked")))
    }

    fn json(&self, answer: &Answer) -> Result<Value, Failure> {
        let value: Value = serde_json::from_slice(&answer.body).map_err(|_| {
            let kind = answer.headers.get("content-type").unwrap_or("something else");
            Failure::Broken(self.said(&format!("answers {kind}, not JSON; is this the base URL of an API?")))
        })?;
        // Some gateways say of every answer that it is a good one.
        if value.get("error").is_some_and(|error| !error.is_null()) {
            let why = format!("answers with an error{}", self.own_words(&answer.body));
            return Err(Failure::Broken(self.said(&why)));
        }
        Ok(value)
    }

    /// What a status says, and how long to wait where another try may help.
    fn refusal(&self, answer: &Answer) -> (String, Option<Duration>) {
        let status = answer.status;
        let why = match status {
            // An API may repeat a part of the key here.
            401 | 403 => self.why_no_key(),
            404 => format!("there is no such model or URL{}", self.own_words(&answer.body)),
            429 => "too many requests".to_owned(),
            503 | 529 => "it is overloaded".to_owned(),
            _ => format!("the request is refused{}", self.own_words(&answer.body)),
        };
        let again = matches!(status, 408 | 409 | 425 | 429 | 500..=599);
        (
            self.said(&format!("{why} ({status})")),
            again.then(|| retry_after(answer.headers.get("retry-after"))),
        )
    }

    /// What to say of the key where an API takes none or this one not.
    fn why_no_key(&self) -> String {
        match self.key.as_ref().map(Key::variable) {
            Some(Some(variable)) => format!("the key is refused; set {variable} to one that is valid"),
            Some(None) => "the key is refused; give one that is valid".to_owned(),
            None => "it asks for a key".to_owned(),
        }
    }

    /// What an API says of an error, where it does.
    fn own_words(&self, body: &[u8]) -> String {
        let parsed: Option<Value> = serde_json::from_slice(body).ok();
        let message = parsed.as_ref().and_then(|value| {
            let error = value.get("error")?;
            error.get("message").unwrap_or(error).as_str()
        });
        let Some(message) = message else { return String::new() };
        let message: String = message.chars().filter(|c| !c.is_control()).take(QUOTED).collect();
        match &self.key {
            Some(key) => format!(": {}", key.masked_in(&message)),
            None => format!(": {message}"),
        }
    }

    fn said(&self, why: &str) -> String {
        format!("{}: {why}", self.url)
    }
}

/// `Retry-After` in seconds or as a date.
fn retry_after(header: Option<&str>) -> Duration {
    let Some(text) = header.map(str::trim) else {
        return Duration::ZERO;
    };
    if let Ok(seconds) = text.parse::<u32>() {
        return Duration::from_secs(seconds.into());
    }
    let until = rfc2822::parse(text).map(|date| date.timestamp().as_second() - Timestamp::now().as_second());
    Duration::from_secs(u64::try_from(until.unwrap_or(0)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_refused_learns_which_key_that_was() {
        let says = |key: Option<Key>| {
            let connection = Connection {
                url: Some("http://127.0.0.1:1/v1".to_owned()),
                key,
                ..Connection::default()
            };
            let endpoint = Endpoint::new(connection, "", "", Vec::new()).map_err(|error| error.to_string())?;
            Ok::<_, String>(endpoint.why_no_key())
        };
        let key = Key::new("loom");
        assert_eq!(
            says(key.clone().map(|key| key.read_from("MILL_KEY"))),
            Ok("the key is refused; set MILL_KEY to one that is valid".to_owned())
        );
        assert_eq!(says(key), Ok("the key is refused; give one that is valid".to_owned()));
        assert_eq!(says(None), Ok("it asks for a key".to_owned()));
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_as_a_date() {
        assert_eq!(retry_after(Some("7")), Duration::from_secs(7));
        assert_eq!(retry_after(Some("Mon, 04 May 2020 10:00:00 GMT")), Duration::ZERO);
        assert!(retry_after(Some("Fri, 04 May 2096 10:00:00 GMT")) > Duration::from_hours(24));
        assert_eq!(retry_after(Some("soon")), Duration::ZERO);
        assert_eq!(retry_after(None), Duration::ZERO);
    }
}
