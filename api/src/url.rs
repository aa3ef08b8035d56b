//! Rules for addresses of servers.

use kube::core::{Message, Rule};

/// A DNS name, or an IPv4 address. Names that only a container's network knows may have `_` in them.
const HOST: &str = "[a-zA-Z0-9_]([-a-zA-Z0-9_]*[a-zA-Z0-9_])?([.][a-zA-Z0-9_]([-a-zA-Z0-9_]*[a-zA-Z0-9_])?)*[.]?";
/// The dots in front and at the end stand for `[` and `]`, which expressions in CEL would need escapes for.
const IPV6: &str = ".[0-9a-fA-F:.]+.";
const PORT: &str = "(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?";
/// What a server's address has.
const PARTS: &str = "a DNS name or an IP address (IPv6 in [ ]), and a port of 1 to 65535 if any";

/// Where an API answers that has its server to itself.
pub(crate) fn endpoint() -> Rule {
    let message = format!(
        "the endpoint must be http://host[:port] or https://host[:port], as in http://s3.storage:8333: {PARTS}, without a \
         user, a path or a bucket"
    );
    rule("/?", message)
}

/// Where an API answers, perhaps below a path.
pub(crate) fn base_url() -> Rule {
    let message = format!(
        "baseURL must be http://host[:port][/path] or https://…, as in http://vllm:8000/v1: {PARTS}, without a user"
    );
    rule("(/[^@ ]*)?", message)
}

fn rule(path: &str, message: String) -> Rule {
    Rule::new(format!(
        "self.matches('^https?://{HOST}{PORT}{path}$') || (self.contains('://[') && self.contains(']') && \
         self.matches('^https?://{IPV6}{PORT}{path}$'))"
    ))
    .message(Message::Message(message))
}
