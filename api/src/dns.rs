//! Rules for names of other objects of a cluster, which are DNS names.

use kube::core::{Message, Rule};

/// A name without dots, of a `what`.
pub(crate) fn dns_label(what: &str) -> Rule {
    let message = format!("a {what}'s name is a DNS label: small letters, digits and '-'");
    Rule::new("self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')").message(Message::Message(message))
}

/// A name that may have dots, of a `what`.
pub(crate) fn dns_subdomain(what: &str) -> Rule {
    let message = format!(
        "a {what}'s name has small letters, digits, '-' and '.' only, and begins and ends with a letter or digit"
    );
    Rule::new("self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')")
        .message(Message::Message(message))
}
