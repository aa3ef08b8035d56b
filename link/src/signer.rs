//! Has the broker sign the requests to one store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::future::try_join_all;
use remanence_proto::broker::{self as proto, request};
use remanence_store::backend::presigned::{Request, SignError, Signed, Signer};

use super::stream::Link;

/// Requests of one message: the broker keeps a buffer of the longest answer for each pod.
const BATCH: usize = 8;

/// The broker as a signer.
pub(super) struct BrokerSigner {
    pub(super) link: Arc<Link>,
    pub(super) store: String,
}

#[async_trait]
impl Signer for BrokerSigner {
    async fn sign(&self, requests: &[Request]) -> Result<Vec<Result<Signed, SignError>>, SignError> {
        let batches = requests.chunks(BATCH).map(|batch| self.sign_batch(batch));
        Ok(try_join_all(batches).await?.into_iter().flatten().collect())
    }
}

impl BrokerSigner {
    async fn sign_batch(&self, requests: &[Request]) -> Result<Vec<Result<Signed, SignError>>, SignError> {
        // By our own clock, and from before it was asked: the broker's is another one.
        let now = Instant::now();
        let answer = self
            .link
            .sign(&self.store, requests.iter().map(message).collect())
            .await;
        let answer = answer.map_err(|away| SignError::Away(away.to_string()))?;
        if answer.requests.len() != requests.len() {
            return Err(SignError::Refused("the broker answered something else".to_owned()));
        }
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
