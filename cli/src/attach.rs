//! What `remanence mount` attaches: `NAME=URL`, and options for all stores or for one.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use remanence_store::name;
use remanence_store::url::StoreUrl;

use crate::exit::Failure;

/// Names that the mount's root has for itself.
const TAKEN: [&str; 2] = ["CLAUDE.md", "AGENTS.md"];

/// A store and the folder it is attached as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) url: StoreUrl,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, url) = text
            .split_once('=')
            .filter(|(name, _)| !name.contains("://"))
            .ok_or_else(|| format!("`{text}` has no name; write NAME=URL, e.g. `project={text}`"))?;
        check_name(name)?;
        Ok(Self {
            name: name.into(),
            url: url.parse().map_err(|e| format!("{name}: {e}"))?,
        })
    }
}

/// Checks the name of an attachment: an ordinary folder of the mount.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    name::check(name).map_err(|e| e.to_string())?;
    if name.starts_with('.') || TAKEN.contains(&name) {
        return Err(format!(
            "`{name}` is a name that the mount keeps for itself; use another"
        ));
    }
    Ok(())
}

/// `VALUE` for all stores or `NAME=VALUE` for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForStore<T> {
    name: Option<String>,
    value: T,
}

impl<T: FromStr<Err: Display>> FromStr for ForStore<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (Some(name.to_owned()), value),
            None => (None, text),
        };
        let value = value.parse().map_err(|e: T::Err| e.to_string())?;
        Ok(Self { name, value })
    }
}

/// One option's value for each of the stores: what names one beats what is for all.
///
/// # Errors
/// When a name is none of the stores, or there are two values for the same.
pub(crate) fn spread<T: Copy + Default>(
    option: &str,
    values: &[ForStore<T>],
    stores: &[Named],
) -> Result<BTreeMap<String, T>, Failure> {
    for (index, value) in values.iter().enumerate() {
        if values[..index].iter().any(|earlier| earlier.name == value.name) {
            let whose = match &value.name {
                Some(name) => format!("for `{name}`"),
                None => "for all stores".to_owned(),
            };
            return Err(Failure::usage(format!(
                "{option}: there are two values {whose}; leave one out"
            )));
        }
    }
    let mut of = BTreeMap::new();
    let general = values.iter().find(|v| v.name.is_none()).map(|v| v.value);
    for store in stores {
        of.insert(store.name.clone(), general.unwrap_or_default());
    }
    for ForStore { name, value } in values {
        if let Some(name) = name {
            let slot = of.get_mut(name).ok_or_else(|| unknown(option, name, stores))?;
            *slot = *value;
        }
    }
    Ok(of)
}

/// An option that names a store which is not attached.
pub(crate) fn unknown(option: &str, name: &str, stores: &[Named]) -> Failure {
    let names: Vec<&str> = stores.iter().map(|s| s.name.as_str()).collect();
    Failure::usage(format!(
        "{option}: no store is attached as `{name}`; the names are: {}",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn stores() -> Vec<Named> {
        ["project=file:///a", "own=s3://b/p?endpoint=http://localhost:1"]
            .map(|t| t.parse().unwrap())
            .into()
    }

    #[test]
    fn a_store_has_a_name_and_a_url() {
        let stores = stores();
        assert_eq!(stores[0].name, "project");
        assert_eq!(stores[1].url.to_string(), "s3://b/p?endpoint=http://localhost:1");
        for (text, says) in [
            ("file:///a", "write NAME=URL"),
            ("s3://b/p?endpoint=http://localhost", "write NAME=URL"),
            ("=file:///a", "empty"),
            ("..=file:///a", "`..`"),
            (".sessions=file:///a", "keeps for itself"),
            ("CLAUDE.md=file:///a", "keeps for itself"),
            ("a/b=file:///a", "`/`"),
            ("a=/srv/x", "file:///srv/x"),
        ] {
            let error = text.parse::<Named>().unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn an_option_is_for_all_stores_or_for_one() {
        let values: Vec<ForStore<u8>> = ["1", "own=2"].map(|t| t.parse().unwrap()).into();
        let of = spread("--x", &values, &stores()).unwrap();
        assert_eq!((of["project"], of["own"]), (1, 2));
        for (twice, says) in [(["1", "2"], "for all stores"), (["own=1", "own=2"], "for `own`")] {
            let values: Vec<ForStore<u8>> = twice.map(|t| t.parse().unwrap()).into();
            let error = spread("--x", &values, &stores()).unwrap_err();
            assert!(error.message.contains(says), "{}", error.message);
        }
        let error = spread("--x", &["other=1".parse::<ForStore<u8>>().unwrap()], &stores()).unwrap_err();
        assert!(
            error.message.contains("`other`") && error.message.contains("project, own"),
            "{}",
            error.message
        );
    }
}
