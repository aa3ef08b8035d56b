//! Who calls, as the front proxy's headers say it. They count only on a connection with its certificate.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use percent_encoding::percent_decode_str;

use super::front_proxy::Headers;

/// A caller, as the apiserver knows them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Caller {
    /// The name.
    pub name: String,
    /// The uid; often empty.
    pub uid: Option<String>,
    /// The groups.
    pub groups: Vec<String>,
    /// What else is known, e.g. scopes: it may narrow what they may do.
    pub extra: BTreeMap<String, Vec<String>>,
}

impl Caller {
    /// From a request's headers; `None` where they name nobody.
    pub(super) fn of(headers: &HeaderMap, named: &Headers) -> Option<Self> {
        let values = |names: &[String]| -> Vec<String> {
            let all = names.iter().flat_map(|name| headers.get_all(name));
            all.filter_map(|value| Some(value.to_str().ok()?.to_owned()))
                .filter(|value| !value.is_empty())
                .collect()
        };
        let mut extra: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in headers {
            let key = named.extra_prefixes.iter().find_map(|prefix| {
                let rest = name.as_str().get(prefix.len()..)?;
                name.as_str()[..prefix.len()]
                    .eq_ignore_ascii_case(prefix)
                    .then_some(rest)
            });
            if let (Some(key), Ok(value)) = (key, value.to_str()) {
                // The apiserver escapes what a header's name can't hold.
                let key = percent_decode_str(key).decode_utf8_lossy().into_owned();
                extra.entry(key).or_default().push(value.to_owned());
            }
        }
        Some(Self {
            name: values(&named.user).into_iter().next()?,
            uid: values(&named.uid).into_iter().next(),
            groups: values(&named.groups),
            extra,
        })
    }
}
