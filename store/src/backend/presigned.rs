//! A prefix of an S3 bucket of which somebody else holds the keys: each request is signed by a [`Signer`], ahead of time
//! where it can be foreseen.
//!
//! The precondition of a create is part of its signature, so whoever holds one can append, but neither overwrite nor
//! delete. A create is sent once and its answer reported as it is, except where the signature was refused: then nothing
//! was done, and the same bytes are sent with a new one.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;

use self::signatures::Signatures;
use super::fault::{Fault, LENT_KEYS, sort_answer};
use super::http::{Answer, Http, HttpError};
use super::{AUTHOR_METADATA, Append, Backend, BackendError, Created, Listed, Read, Result, key, wire};

mod listing;
mod signatures;

/// How often a read is tried, and the first wait between tries.
const READS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(50);

/// What is to be signed; keys are relative to the store's prefix.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Request {
    /// GET of an object; a Range header may be added.
    Get(String),
    /// PUT of an object that is absent, as part of the signature.
    Put(String),
    /// One page of keys.
    List {
        /// What they begin with.
        prefix: String,
        /// What they come after; may be empty.
        after: String,
        /// At most so many.
        max: usize,
    },
}

/// A request that may be sent.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Where to.
    pub url: String,
    /// To be sent exactly so.
    pub headers: Vec<(String, String)>,
    /// After this the signature is refused.
    pub expires: Instant,
}

/// Why a request was not signed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SignError {
    /// The signer can't be asked now.
    #[error("no signature: {0}")]
    Away(String),
    /// The signer says no.
    #[error("not signed: {0}")]
    Refused(String),
}

/// Signs requests for one store.
#[async_trait]
pub trait Signer: Send + Sync {
    /// Signs each of the requests, in their order. An outer error is that of all.
    async fn sign(
        &self,
        requests: &[Request],
    ) -> std::result::Result<Vec<std::result::Result<Signed, SignError>>, SignError>;
}

/// Where a store lies whose requests are signed by another.
#[derive(Debug, Clone)]
pub struct Place {
    /// The store's URL, for messages.
    pub url: String,
    /// The endpoint that requests go to, to know whether to speak TLS.
    pub endpoint: String,
    /// Certificates to trust, PEM; the system's where left out.
    pub ca_bundle: Option<Vec<u8>>,
    /// The store's prefix in the bucket, with no `/` at either end.
    pub prefix: String,
    /// Whether objects may be created.
    pub writable: bool,
}

/// The store at `place`, with what `signer` signs.
///
/// # Errors
/// When the certificates can't be used.
pub fn backend(place: &Place, signer: Arc<dyn Signer>) -> Result<Backend> {
    let http = Http::new(&place.endpoint, place.ca_bundle.as_deref()).map_err(|error| BackendError::Refused {
        what: place.url.clone(),
        cause: error.to_string(),
    })?;
    let presigned = Arc::new(Presigned {
        http,
        signatures: Arc::new(Signatures::new(signer, place.writable)),
        base: key::base(&place.prefix),
        place: place.url.clone(),
    });
    Ok(Backend {
        url: place.url.clone(),
        read: presigned.clone(),
        append: place.writable.then_some(presigned as Arc<dyn Append>),
        maintain: None,
    })
}

struct Presigned {
    http: Http,
    signatures: Arc<Signatures>,
    base: String,
    /// For messages.
    place: String,
}

impl Presigned {
    /// Sends a signed request; one whose signature from earlier is refused is signed anew.
    async fn send(
        &self,
        request: &Request,
        extra: &[(String, String)],
        body: &Bytes,
    ) -> std::result::Result<Answer, Fault> {
        let method = if matches!(request, Request::Put(_)) {
            "PUT"
        } else {
            "GET"
        };
        let limit = wire::patience(body.len());
        loop {
            let (signed, fresh) = self.signatures.of(request).await.map_err(|error| match error {
                SignError::Away(_) => Fault::Unknown(format!("{}: {error}", self.place)),
                SignError::Refused(_) => Fault::Refused(format!("{}: {error}", self.place)),
            })?;
            if method == "PUT" && !is_conditional(&signed) {
                return Err(Fault::Refused(format!(
                    "{}: the broker signed a PUT that could overwrite; it is not sent",
                    self.place
                )));
            }
            let headers: Vec<_> = signed.headers.iter().chain(extra).cloned().collect();
            let answer = self.http.send(method, &signed.url, &headers, body.clone(), limit);
            let answer = answer.await.map_err(|error| match error {
                HttpError::Unusable(cause) => Fault::Refused(format!("{}: {cause}", self.place)),
                HttpError::NotSent(cause) | HttpError::Unknown(cause) => {
                    Fault::Unknown(format!("{}: {cause}", self.place))
                }
            })?;
            match answer.status {
                200..=299 => return Ok(answer),
                // Expired by the server's clock, or the key behind it was changed: nothing was done.
                400 | 401 | 403 if !fresh => self.signatures.forget(),
                status @ (400 | 401 | 403) => {
                    let (code, message) = listing::error(&answer.body);
                    return Err(Fault::Refused(format!(
                        "{}: HTTP {status} {code}: {message}; the object store does not take what the broker signed: \
                         check the keys of the store's class, their rights on this prefix, and the clock where the \
                         broker runs",
                        self.place
                    )));
                }
                status => {
                    let (code, message) = listing::error(&answer.body);
                    return Err(sort_answer(&self.place, LENT_KEYS, status, &code, &message));
                }
            }
        }
    }

    /// As [`Presigned::send`], tried again while the outcome is unknown.
    async fn read(&self, request: &Request, extra: &[(String, String)]) -> std::result::Result<Answer, Fault> {
        let mut tries = 0;
        loop {
            match self.send(request, extra, &Bytes::new()).await {
                Err(Fault::Unknown(_)) if tries + 1 < READS => {
                    tokio::time::sleep(PAUSE * 2_u32.pow(tries)).await;
                    tries += 1;
                }
                other => return other,
            }
        }
    }
}

fn is_conditional(signed: &Signed) -> bool {
    let mut headers = signed.headers.iter();
    headers.any(|(name, value)| name.eq_ignore_ascii_case("if-none-match") && value == "*")
}

fn check(what: impl Fn() -> String, checked: std::result::Result<(), String>) -> Result<()> {
    checked.map_err(|cause| BackendError::Refused { what: what(), cause })
}

fn range_header(range: &Range<u64>) -> (String, String) {
    ("range".to_owned(), wire::range_header(range))
}

#[async_trait]
impl Read for Presigned {
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        let what = || format!("GET {key}");
        check(what, key::check(key))?;
        let extra: Vec<_> = range.as_ref().map(range_header).into_iter().collect();
        let answer = self.read(&Request::Get(key.to_owned()), &extra).await;
        let bytes = answer.map(|answer| wire::cut(answer.body, answer.status != 206, range.as_ref()));
        wire::found(bytes, what)
    }

    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>> {
        let what = || format!("LIST {prefix}");
        check(what, key::check_prefix(prefix))?;
        let mut found: Vec<Listed> = Vec::new();
        let mut after = after.unwrap_or("").to_owned();
        while found.len() < max {
            let request = Request::List {
                prefix: prefix.to_owned(),
                after: after.clone(),
                max: (max - found.len()).min(wire::PAGE),
            };
            let answer = self.read(&request, &[]).await.map_err(|fault| fault.of(what()))?;
            let page = listing::page(&answer.body).map_err(|cause| BackendError::Unknown { what: what(), cause })?;
            let Some(last) = page.objects.last() else { break };
            let relative = |key: &str| key.strip_prefix(&self.base).map(str::to_owned);
            let Some(next) = relative(&last.key) else { break };
            after = next;
            found.extend(page.objects.into_iter().filter_map(|object| {
                Some(Listed {
                    key: relative(&object.key)?,
                    size: object.size,
                    etag: object.etag,
                    modified: object.modified,
                })
            }));
            if !page.truncated {
                break;
            }
        }
        Ok(found)
    }

    async fn proved_author(&self, key: &str) -> Result<Option<String>> {
        let what = || format!("GET {key}");
        check(what, key::check(key))?;
        match self.read(&Request::Get(key.to_owned()), &[range_header(&(0..1))]).await {
            Ok(answer) => Ok(answer
                .headers
                .get(format!("x-amz-meta-{AUTHOR_METADATA}"))
                .map(str::to_owned)),
            Err(Fault::Absent | Fault::BeyondEnd) => Ok(None),
            Err(fault) => Err(fault.of(what())),
        }
    }
}

#[async_trait]
impl Append for Presigned {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created> {
        let what = || format!("PUT {key}");
        check(what, key::check(key))?;
        match self.send(&Request::Put(key.to_owned()), &[], &body).await {
            Ok(_) => Ok(Created::Yes),
            Err(Fault::Exists) => Ok(Created::Exists),
            Err(fault) => Err(fault.of(what())),
        }
    }
}
