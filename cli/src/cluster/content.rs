//! The content API of one store: who we are there, its objects, and redaction.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode};
use kube::Client;
use kube::client::Body;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use remanence_store::backend::Backend;
use remanence_store::maintain::RedactReport;
use remanence_store::{At, Store};
use serde::Deserialize;

use super::ObjectUrl;
use super::access::access;
use super::objects::Objects;
use crate::exit::Failure;
use crate::open::apart;

/// What stays as it is in a part of a path.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// And in several.
pub(super) const PARTS: &AsciiSet = &PART.remove(b'/');

/// A store behind the apiserver.
pub(crate) struct Content {
    client: Client,
    /// Where the API has it.
    path: String,
    /// For messages.
    url: String,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// A `Status` of Kubernetes.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Status {
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) details: Details,
}

/// What it is about.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Details {
    #[serde(default)]
    pub(super) kind: String,
}

/// The store, as the API tells of it.
#[derive(Deserialize)]
struct About {
    user: String,
}

impl Content {
    /// Makes ready to ask; asks nothing yet.
    pub(crate) async fn of(url: &ObjectUrl) -> Result<Self, Failure> {
        url.expect_store()?;
        let (client, namespace) = access(url).await?;
        Ok(Self::new(client, &namespace, &url.name))
    }

    /// The content of a store; asks nothing yet.
    pub(super) fn new(client: Client, namespace: &str, name: &str) -> Self {
        Self {
            client,
            path: format!("/apis/content.remanence.dev/v1alpha1/namespaces/{namespace}/memorystores/{name}/content"),
            url: ObjectUrl {
                namespace: Some(namespace.to_owned()),
                name: name.to_owned(),
                ..ObjectUrl::default()
            }
            .to_string(),
        }
    }

    /// Opens the store for reading.
    pub(crate) async fn read(self) -> Result<Store, Failure> {
        Ok(Store::open(self.backend().read_only(), apart()).await?)
    }

    /// Who the cluster says that we are.
    pub(crate) async fn user(&self) -> Result<String, Failure> {
        let answer = self.ask("GET", "", &[], Bytes::new()).await?;
        let about: About = self.parsed(&answer)?;
        Ok(about.user)
    }

    /// Its objects, as a store's own code reads and creates them.
    pub(crate) fn backend(self) -> Backend {
        let url = self.url.clone();
        let objects = Arc::new(Objects { content: self });
        Backend {
            url,
            read: objects.clone(),
            append: Some(objects),
            maintain: None,
        }
    }

    /// Destroys the bytes of a version; `goes_on` hears of it each time that this takes longer than one request.
    pub(crate) async fn redact(&self, path: &str, at: At, mut goes_on: impl FnMut()) -> Result<RedactReport, Failure> {
        let path = utf8_percent_encode(path, PART);
        let below = format!("/versions/{at}?path={path}");
        loop {
            let answer = self.ask("DELETE", &below, &[], Bytes::new()).await?;
            if answer.status != StatusCode::ACCEPTED {
                return self.parsed(&answer);
            }
            goes_on();
        }
    }

    async fn ask(&self, method: &str, below: &str, headers: &[(&str, &str)], body: Bytes) -> Result<Answer, Failure> {
        let answer = self.send(method, below, headers, body).await;
        answer.map_err(|error| Failure::failed(format!("{}: {error}", self.url)))
    }

    /// The answer's JSON, if it is one of success.
    fn parsed<T: for<'de> Deserialize<'de>>(&self, answer: &Answer) -> Result<T, Failure> {
        if answer.status.is_success() {
            return Ok(serde_json::from_slice(&answer.body)?);
        }
        Err(Failure::failed(format!("{}: {}", self.url, complaint(answer))))
    }

    /// Sends one request.
    pub(super) async fn send(
        &self,
        method: &str,
        below: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, kube::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{below}", self.path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).map_err(kube::Error::HttpError)?;
        let response = self.client.send(request).await?;
        Ok(Answer {
            status: response.status(),
            body: response.into_body().collect_bytes().await?,
        })
    }
}

/// What an answer that is no success says.
pub(super) fn complaint(answer: &Answer) -> String {
    let status: Status = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said = if status.message.is_empty() {
        format!("HTTP {}", answer.status)
    } else {
        status.message
    };
    match answer.status {
        StatusCode::NOT_FOUND if said.contains("could not find the requested resource") => {
            format!("{said}: the cluster has no content API; the chart's value contentApi.enabled switches it on")
        }
        _ => said,
    }
}
