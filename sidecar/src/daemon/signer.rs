//! Has the broker sign the requests to one store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use remanence_proto::broker::{self as proto, request};
use remanence_store::backend::presigned::{Request, SignError, Signed, Signer};

use super::broker::Link;

/// The broker as a signer.
pub(super) struct BrokerSigner {
    pub(super) link: Arc<Link>,
    pub(super) store: String,
}

#[async_trait]
impl Signer for BrokerSigner {
    async fn sign(&self, requests: &[Request]) -> Result<Vec<Result<Signed, SignError>>, SignError> {
        let asked = requests.iter().map(message).collect();
        // By our own clock, and from before it was asked: the broker's is another one.
        let now = Instant::now();
        let answer = self.link.sign(&self.store, asked).await;
        let answer = answer.map_err(|away| SignError::Away(away.to_string()))?;
        let expires = now + Duration::from_secs(answer.valid_seconds.into());
        let signed = answer.requests.into_iter().map(|request| {
            if !request.error.is_empty() {
                return Err(SignError::Refused(request.error));
            }
            let headers = request.headers.into_iter().map(|header| (header.name, header.value));
            Ok(Signed {
                url: request.url,
                headers: headers.collect(),
                expires,
            })
        });
        Ok(signed.collect())
    }
}

fn message(request: &Request) -> proto::Request {
    let request = match request {
        Request::Get(key) => request::Request::Get(key.clone()),
        Request::Put(key) => request::Request::Put(key.clone()),
        Request::List { prefix, after, max } => request::Request::List(proto::List {
            prefix: prefix.clone(),
            start_after: after.clone(),
            max_keys: u32::try_from(*max).unwrap_or(u32::MAX),
        }),
    };
    proto::Request { request: Some(request) }
}
