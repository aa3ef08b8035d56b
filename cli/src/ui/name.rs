//! Objects' names in requests.

use std::ops::Deref;

use serde::Deserialize;

use crate::cluster::is_name;

/// A name that can be an object's: nothing else becomes part of a path that the apiserver is asked for.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Name(String);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if is_name(&text) {
            Ok(Self(text))
        } else {
            Err(format!("`{text}` is not a valid object name"))
        }
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
