//! Presigned requests: AWS signature version 4 in the query, the precondition and the author among what is signed.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use remanence_proto::broker::{Header, Place, SignedRequest, request};
use remanence_store::backend::{AUTHOR_METADATA, key};

use crate::broker::directory::S3Keys;

/// What stays as it is in a query, by RFC 3986 …
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// … and in a path.
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// Keys in one answer to a LIST, at most, by S3's own limit.
const PAGE: u32 = 1000;

/// No server but AWS's own minds headers that are not signed, and `x-amz-copy-source` would have it copy an object of
/// another store into this one. This condition, which no object meets, stops a copy and means nothing to a plain PUT.
const NO_COPY: (&str, &str) = ("x-amz-copy-source-if-match", "\"none\"");

/// Why nothing can be signed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PresignError {
    /// The class.
    #[error("the class's endpoint `{0}` is not `http://host[:port]` or `https://host[:port]`")]
    Endpoint(String),
    /// The signing itself.
    #[error("can't be signed: {0}")]
    Signing(String),
}

/// Signs requests to one store with one key.
pub struct Presigner {
    identity: Identity,
    region: String,
    /// Scheme, host and what stands before each key, with a `/` at the end where it is not the root.
    base: String,
    /// The bucket's own URL, for LIST.
    bucket: String,
    prefix: String,
    sse: Vec<(&'static str, String)>,
    is_aws: bool,
    validity: Duration,
}

impl Presigner {
    /// Signs for the store at `place` with `keys`; a signature holds for `validity`.
    ///
    /// # Errors
    /// When the endpoint is none.
    pub fn new(place: &Place, keys: &S3Keys, validity: Duration) -> Result<Self, PresignError> {
        let bucket = bucket_url(place)?;
        let prefix = key::base(&place.prefix);
        Ok(Self {
            identity: keys.identity(),
            region: region(place).to_owned(),
            base: format!("{bucket}{}", utf8_percent_encode(&prefix, PATH)),
            bucket,
            prefix,
            sse: sse(&place.sse),
            is_aws: is_aws(place),
            validity,
        })
    }

    /// Signs a request that was found to be allowed; `author` goes into what is created.
    ///
    /// # Errors
    /// When the signer refuses.
    pub fn presign(
        &self,
        request: &request::Request,
        author: &str,
        now: SystemTime,
    ) -> Result<SignedRequest, PresignError> {
        match request {
            request::Request::Get(key) => self.signed("GET", self.object(key), Vec::new(), now),
            request::Request::Put(key) => {
                let mut headers = vec![
                    ("if-none-match".to_owned(), "*".to_owned()),
                    (format!("x-amz-meta-{AUTHOR_METADATA}"), author.to_owned()),
                ];
                if !self.is_aws {
                    headers.push((NO_COPY.0.to_owned(), NO_COPY.1.to_owned()));
                }
                headers.extend(self.sse.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
                self.signed("PUT", self.object(key), headers, now)
            }
            request::Request::List(list) => {
                let prefix = format!("{}{}", self.prefix, list.prefix);
                let mut query = format!(
                    "list-type=2&max-keys={}&prefix={}",
                    list.max_keys.clamp(1, PAGE),
                    utf8_percent_encode(&prefix, QUERY)
                );
                if !list.start_after.is_empty() {
                    let after = format!("{}{}", self.prefix, list.start_after);
                    query = format!("{query}&start-after={}", utf8_percent_encode(&after, QUERY));
                }
                self.signed("GET", format!("{}?{query}", self.bucket), Vec::new(), now)
            }
        }
    }

    fn object(&self, key: &str) -> String {
        format!("{}{}", self.base, utf8_percent_encode(key, PATH))
    }

    fn signed(
        &self,
        method: &str,
        url: String,
        headers: Vec<(String, String)>,
        now: SystemTime,
    ) -> Result<SignedRequest, PresignError> {
        let signing = |error: String| PresignError::Signing(error);
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.expires_in = Some(self.validity);
        let parameters = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name("s3")
            .time(now)
            .settings(settings)
            .build()
            .map_err(|error| signing(error.to_string()))?
            .into();
        let named = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let signable = SignableRequest::new(method, &url, named, SignableBody::UnsignedPayload)
            .map_err(|error| signing(error.to_string()))?;
        let (instructions, _) = sign(signable, &parameters)
            .map_err(|error| signing(error.to_string()))?
            .into_parts();
        let mut mark = if url.contains('?') { '&' } else { '?' };
        let mut signed = url;
        for (name, value) in instructions.params() {
            signed = format!("{signed}{mark}{name}={}", utf8_percent_encode(value, QUERY));
            mark = '&';
        }
        Ok(SignedRequest {
            url: signed,
            headers: headers
                .into_iter()
                .map(|(name, value)| Header { name, value })
                .collect(),
            error: String::new(),
        })
    }
}

/// The region, of which most servers take any.
pub(in crate::broker) fn region(place: &Place) -> &str {
    if place.region.is_empty() {
        "us-east-1"
    } else {
        &place.region
    }
}

/// Whether the endpoint is AWS's.
pub(in crate::broker) fn is_aws(place: &Place) -> bool {
    let host = url::Url::parse(&place.endpoint).ok();
    place.endpoint.is_empty() || host.is_some_and(|url| url.host_str().is_some_and(|h| h.ends_with(".amazonaws.com")))
}

/// The bucket's URL, with a `/` at the end.
fn bucket_url(place: &Place) -> Result<String, PresignError> {
    let endpoint = if place.endpoint.is_empty() {
        format!("https://s3.{}.amazonaws.com", region(place))
    } else {
        place.endpoint.trim_end_matches('/').to_owned()
    };
    let bad = || PresignError::Endpoint(endpoint.clone());
    let url = url::Url::parse(&endpoint).map_err(|_| bad())?;
    let host = url.host_str().ok_or_else(bad)?;
    if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || !url.username().is_empty() {
        return Err(bad());
    }
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    let (scheme, bucket) = (url.scheme(), &place.bucket);
    Ok(if place.path_style {
        format!("{scheme}://{host}{port}{path}/{bucket}/")
    } else {
        format!("{scheme}://{bucket}.{host}{port}{path}/")
    })
}

/// The headers that ask for encryption.
fn sse(word: &str) -> Vec<(&'static str, String)> {
    const KIND: &str = "x-amz-server-side-encryption";
    match word.strip_prefix("aws:kms:") {
        Some(key) => vec![
            (KIND, "aws:kms".to_owned()),
            ("x-amz-server-side-encryption-aws-kms-key-id", key.to_owned()),
        ],
        None if word.is_empty() => Vec::new(),
        None => vec![(KIND, word.to_owned())],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn presigner() -> Presigner {
        let place = Place {
            bucket: "memories".into(),
            prefix: "team a/project".into(),
            endpoint: "http://s3.storage:8333".into(),
            path_style: true,
            ..Place::default()
        };
        let keys = S3Keys {
            access_key_id: "id".into(),
            secret_access_key: "secret".into(),
            session_token: None,
        };
        Presigner::new(&place, &keys, Duration::from_mins(15)).unwrap()
    }

    #[test]
    fn the_precondition_and_the_author_are_signed() {
        let put = request::Request::Put("0123/log/1".into());
        let signed = presigner()
            .presign(&put, r#"{"agent":"a"}"#, SystemTime::now())
            .unwrap();
        assert!(
            signed
                .url
                .starts_with("http://s3.storage:8333/memories/team%20a/project/0123/log/1?"),
            "{}",
            signed.url
        );
        assert!(
            signed.url.contains(
                "X-Amz-SignedHeaders=host%3Bif-none-match%3Bx-amz-copy-source-if-match%3Bx-amz-meta-remanence-author"
            ),
            "{}",
            signed.url
        );
        assert!(!signed.url.contains("secret"));
        let headers: Vec<_> = signed
            .headers
            .iter()
            .map(|h| (h.name.as_str(), h.value.as_str()))
            .collect();
        assert_eq!(
            headers,
            [
                ("if-none-match", "*"),
                ("x-amz-meta-remanence-author", r#"{"agent":"a"}"#),
                NO_COPY,
            ]
        );
    }

    #[test]
    fn a_bucket_stands_in_the_path_or_before_the_host() {
        let of = |endpoint: &str, path_style| {
            bucket_url(&Place {
                bucket: "b".into(),
                endpoint: endpoint.into(),
                region: "eu-west-1".into(),
                path_style,
                ..Place::default()
            })
        };
        assert_eq!(of("", false).unwrap(), "https://b.s3.eu-west-1.amazonaws.com/");
        assert_eq!(of("https://h:9/x/", true).unwrap(), "https://h:9/x/b/");
        for bad in ["ftp://h", "h:9", "http://u@h"] {
            assert!(of(bad, true).is_err(), "{bad}");
        }
    }
}
