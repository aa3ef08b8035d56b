//! The address of a store: `file:///dir` or `s3://bucket/prefix?endpoint=…&region=…&path-style=true&sse=…`.
//!
//! Read by hand and strictly, since a typing error must not quietly make a second, empty store. Secrets have no place in
//! an address: it is printed and kept.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, percent_encode};

use crate::backend::local::LocalDir;
use crate::backend::{Backend, Result, key, s3};

/// What is escaped in a path; `@` so that no path looks like a password.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'?')
    .add(b'@')
    .add(b'\\');
/// What is escaped in a parameter's value.
const VALUE: &AsciiSet = &PATH.add(b'&').add(b'+').add(b'=');

const FORMS: &str = "write `file:///folder` or `s3://bucket/prefix?endpoint=…&region=…&path-style=true`";

/// Where a store lies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StoreUrl {
    /// A directory, absolute.
    Directory(PathBuf),
    /// A prefix in an S3 bucket.
    S3(S3Url),
}

/// A prefix in an S3 bucket, and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct S3Url {
    /// The bucket.
    pub bucket: String,
    /// The prefix, without slashes at its ends; may be empty.
    pub prefix: String,
    /// Where the S3 API answers; AWS or the environment's choice when absent.
    pub endpoint: Option<String>,
    /// The region; the environment's choice when absent.
    pub region: Option<String>,
    /// Whether the bucket stands in the path; by default only where an endpoint is given.
    pub path_style: Option<bool>,
    /// The server-side encryption to ask for.
    pub sse: Option<Sse>,
}

/// Server-side encryption of new objects.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sse {
    /// Keys of the object store (`AES256`).
    Aes256,
    /// Keys of a key service (`aws:kms`), of the given id or the bucket's own (`aws:kms:ID`).
    Kms(Option<String>),
}

/// Why a text is not the address of a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a store's URL: {0}")]
pub struct UrlError(String);

impl StoreUrl {
    /// The address of the directory `path`.
    pub fn of_directory(path: &Path) -> Self {
        Self::Directory(path.to_owned())
    }

    /// The directory, if it is one.
    pub fn directory(&self) -> Option<&Path> {
        match self {
            Self::Directory(path) => Some(path),
            Self::S3(_) => None,
        }
    }

    /// A backend with all rights that the address and the environment give. Makes no request: what is wrong with the
    /// credentials, the bucket or the folder shows at the first one.
    pub async fn connect(&self) -> Result<Backend> {
        match self {
            Self::Directory(path) => Ok(LocalDir::backend(path)),
            Self::S3(url) => s3::connect(url).await,
        }
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "file://{}", percent_encode(path.as_os_str().as_bytes(), PATH)),
            Self::S3(url) => url.fmt(f),
        }
    }
}

impl fmt::Display for S3Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.bucket)?;
        if !self.prefix.is_empty() {
            write!(f, "/{}", percent_encode(self.prefix.as_bytes(), PATH))?;
        }
        let parameters = [
            ("endpoint", self.endpoint.as_deref().map(Cow::Borrowed)),
            ("region", self.region.as_deref().map(Cow::Borrowed)),
            (
                "path-style",
                self.path_style.map(|on| if on { "true" } else { "false" }.into()),
            ),
            ("sse", self.sse.as_ref().map(|sse| sse.to_string().into())),
        ];
        let mut mark = '?';
        for (name, value) in parameters {
            if let Some(value) = value {
                write!(f, "{mark}{name}={}", percent_encode(value.as_bytes(), VALUE))?;
                mark = '&';
            }
        }
        Ok(())
    }
}

impl fmt::Display for Sse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aes256 => f.write_str("AES256"),
            Self::Kms(None) => f.write_str("aws:kms"),
            Self::Kms(Some(key)) => write!(f, "aws:kms:{key}"),
        }
    }
}

impl FromStr for Sse {
    type Err = UrlError;

    fn from_str(word: &str) -> std::result::Result<Self, UrlError> {
        match word.split_at_checked("aws:kms".len()) {
            _ if word == "AES256" => Ok(Self::Aes256),
            Some(("aws:kms", "")) => Ok(Self::Kms(None)),
            Some(("aws:kms", key)) if key.len() > 1 && key.starts_with(':') => Ok(Self::Kms(Some(key[1..].to_owned()))),
            _ => Err(UrlError("`sse` is `AES256`, `aws:kms` or `aws:kms:KEY-ID`".to_owned())),
        }
    }
}

impl FromStr for StoreUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> std::result::Result<Self, UrlError> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(UrlError(if text.starts_with('/') {
                format!("`{text}` is a bare path; write `file://{text}`")
            } else {
                format!("there is no scheme; {FORMS}")
            }));
        };
        if rest.contains('#') {
            return Err(UrlError("it has a `#`; write `%23` if a name has one".to_owned()));
        }
        let (place, query) = match rest.split_once('?') {
            Some((place, query)) => (place, Some(query)),
            None => (rest, None),
        };
        match scheme {
            "file" => parse_directory(place, query).map(Self::Directory),
            "s3" => parse_s3(place, query).map(Self::S3),
            _ => Err(UrlError(format!("the scheme `{scheme}` is not known; {FORMS}"))),
        }
    }
}

fn parse_directory(place: &str, query: Option<&str>) -> std::result::Result<PathBuf, UrlError> {
    if query.is_some() {
        return Err(UrlError(
            "a folder takes no parameters; write `%3F` if its name has a `?`".to_owned(),
        ));
    }
    if !place.starts_with('/') {
        return Err(UrlError(format!(
            "the path is not absolute; write three slashes and the whole path: `file:///{place}`"
        )));
    }
    let path = PathBuf::from(OsString::from_vec(percent_decode_str(place).collect()));
    if path.as_os_str().as_bytes().contains(&0) {
        return Err(UrlError("the path has a NUL in it".to_owned()));
    }
    if path.components().any(|part| part == Component::ParentDir) {
        return Err(UrlError("the path has a `..` in it; write it without".to_owned()));
    }
    if path.parent().is_none() {
        return Err(UrlError("the whole file system is no store; name a folder".to_owned()));
    }
    // Anew from its parts: without `//`, `/./` and a `/` at the end.
    Ok(path.components().collect())
}

fn parse_s3(place: &str, query: Option<&str>) -> std::result::Result<S3Url, UrlError> {
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    if bucket.contains('@') {
        return Err(UrlError(no_secrets("before the bucket")));
    }
    if bucket.is_empty() {
        return Err(UrlError("the bucket is missing; write `s3://bucket/prefix`".to_owned()));
    }
    if !bucket.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
        return Err(UrlError(format!(
            "`{bucket}` is not a bucket's name (letters, digits, `.`, `-`, `_`)"
        )));
    }
    let prefix = decode(prefix, "the prefix")?.trim_matches('/').to_owned();
    if !prefix.is_empty() {
        key::check(&prefix).map_err(UrlError)?;
    }
    let mut url = S3Url {
        bucket: bucket.to_owned(),
        prefix,
        ..S3Url::default()
    };
    let mut seen = Vec::new();
    for parameter in query.unwrap_or("").split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if seen.contains(&name) {
            return Err(UrlError(format!("the parameter `{name}` is there twice")));
        }
        seen.push(name);
        set_parameter(&mut url, name, &decode(value, name)?)?;
    }
    Ok(url)
}

fn set_parameter(url: &mut S3Url, name: &str, value: &str) -> std::result::Result<(), UrlError> {
    match name {
        "endpoint" => url.endpoint = Some(check_endpoint(value)?),
        "region" if !value.is_empty() => url.region = Some(value.to_owned()),
        "region" => return Err(UrlError("`region` is empty; leave it out or name one".to_owned())),
        "path-style" => {
            let on = value
                .parse()
                .map_err(|_| UrlError("`path-style` is `true` or `false`".to_owned()))?;
            url.path_style = Some(on);
        }
        "sse" => url.sse = Some(value.parse()?),
        _ if ["key", "secret", "token", "password"]
            .iter()
            .any(|word| name.to_ascii_lowercase().contains(word)) =>
        {
            return Err(UrlError(no_secrets(&format!("in the parameter `{name}`"))));
        }
        _ => {
            return Err(UrlError(format!(
                "the parameter `{name}` is not known; there are endpoint, region, path-style and sse"
            )));
        }
    }
    Ok(())
}

fn check_endpoint(value: &str) -> std::result::Result<String, UrlError> {
    let url = url::Url::parse(value)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| UrlError("`endpoint` is not `http://host[:port]` or `https://host[:port]`".to_owned()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError(no_secrets("in the endpoint")));
    }
    Ok(value.trim_end_matches('/').to_owned())
}

fn no_secrets(place: &str) -> String {
    format!(
        "there is a user or a secret {place}; take it out and give it by the environment (AWS_ACCESS_KEY_ID, \
         AWS_SECRET_ACCESS_KEY), a profile (AWS_PROFILE) or the machine's role"
    )
}

fn decode<'a>(text: &'a str, what: &str) -> std::result::Result<Cow<'a, str>, UrlError> {
    percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| UrlError(format!("{what} is not UTF-8 once its %-escapes are read")))
}
