//! The address of a store as an object: `k8s://[NAMESPACE/]NAME[?context=…&kubeconfig=…]`, and that of a dream, which
//! begins with `k8s+dream://`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

use crate::exit::{Failure, Outcome};

/// What an address is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    /// A `MemoryStore`.
    #[default]
    Store,
    /// A `Dream`.
    Dream,
}

impl Kind {
    /// What the address begins with.
    const fn scheme(self) -> &'static str {
        match self {
            Self::Store => "k8s://",
            Self::Dream => "k8s+dream://",
        }
    }

    /// The kind by how an address begins, and the rest.
    fn of(text: &str) -> Option<(Self, &str)> {
        let kinds = [Self::Store, Self::Dream];
        kinds
            .into_iter()
            .find_map(|kind| Some((kind, text.strip_prefix(kind.scheme())?)))
    }
}

/// An object, and by which of the user's accesses it is reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ObjectUrl {
    pub(crate) kind: Kind,
    /// The namespace; that of the context where left out.
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
    /// The context of the kubeconfig; the current one where left out.
    pub(crate) context: Option<String>,
    /// The kubeconfig; as kubectl finds it where left out.
    pub(crate) kubeconfig: Option<PathBuf>,
}

impl ObjectUrl {
    /// Whether a text is such an address.
    pub(crate) fn is_one(text: &str) -> bool {
        Kind::of(text).is_some()
    }

    /// Refuses a Dream where a store is meant.
    pub(crate) fn expect_store(&self) -> Outcome {
        match self.kind {
            Kind::Store => Ok(()),
            Kind::Dream => Err(Failure::usage(format!("{self}: is a Dream; name a store"))),
        }
    }
}

impl FromStr for ObjectUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, rest) = Kind::of(text).ok_or_else(|| format!("`{text}` is not a valid object address"))?;
        let scheme = kind.scheme();
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (namespace, name) = match place.split_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, place),
        };
        for part in namespace.into_iter().chain([name]) {
            if !is_name(part) {
                return Err(format!(
                    "`{part}` is not a valid object name; write {scheme}NAMESPACE/NAME, e.g. {scheme}team-a/project"
                ));
            }
        }
        let mut url = Self {
            kind,
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            ..Self::default()
        };
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "context" => url.context = Some(value.into_owned()),
                "kubeconfig" => url.kubeconfig = Some(PathBuf::from(value.into_owned())),
                _ => {
                    return Err(format!(
                        "the parameter `{key}` is not known; there are context and kubeconfig"
                    ));
                }
            }
        }
        Ok(url)
    }
}

/// As Kubernetes names objects.
pub(crate) fn is_name(text: &str) -> bool {
    let is_inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    let is_edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let bytes = text.as_bytes();
    bytes.len() <= 253
        && bytes.iter().all(|b| is_inner(*b))
        && is_edge(bytes.first().copied())
        && is_edge(bytes.last().copied())
}

impl fmt::Display for ObjectUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let namespace = self.namespace.as_ref().map_or(String::new(), |n| format!("{n}/"));
        write!(f, "{}{namespace}{}", self.kind.scheme(), self.name)?;
        let kubeconfig = self.kubeconfig.as_ref().map(|path| path.to_string_lossy().into_owned());
        let mut mark = '?';
        for (key, value) in [("context", self.context.clone()), ("kubeconfig", kubeconfig)] {
            if let Some(value) = value {
                write!(f, "{mark}{key}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC))?;
                mark = '&';
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_object_is_named_with_its_namespace_and_context_or_without() {
        for text in [
            "k8s://project",
            "k8s://team-a/project",
            "k8s+dream://team-a/project-x7",
            "k8s://team-a/project?context=prod%2Feu&kubeconfig=%2Fhome%2Fada%2Fk%20c",
        ] {
            assert_eq!(text.parse::<ObjectUrl>().unwrap().to_string(), text);
        }
        let url: ObjectUrl = "k8s://a/b?context=x%20y".parse().unwrap();
        assert_eq!(
            (url.namespace.as_deref(), url.context.as_deref()),
            (Some("a"), Some("x y"))
        );
        for bad in [
            "k8s://",
            "k8s://A",
            "k8s://a/b/c",
            "k8s://a/../b",
            "k8s://a?key=x",
            "k8s://-a",
        ] {
            assert!(bad.parse::<ObjectUrl>().is_err(), "{bad}");
        }
    }
}
