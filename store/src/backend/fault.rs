//! What an S3 server's answer means for the caller.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::backend::BackendError;

/// Where to look when keys are refused: those of whoever runs the program, and those that a cluster gave it.
pub(crate) const OWN_KEYS: &str =
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the profile (AWS_PROFILE) or the machine's role";
pub(crate) const LENT_KEYS: &str = "the Secret that secretRef names";

/// An answer that is not success, sorted.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The object is not there (404 `NoSuchKey`).
    Absent,
    /// A precondition did not hold (412).
    Exists,
    /// The range lies beyond the end (416).
    BeyondEnd,
    /// The server does not know the request (501).
    NotImplemented(String),
    /// Not known whether it was done.
    Unknown(String),
    /// Not until somebody changes something.
    Refused(String),
    /// No room.
    Full(String),
}

impl Fault {
    /// The error of the request `what`.
    pub(crate) fn of(self, what: String) -> BackendError {
        match self {
            Self::Unknown(cause) => BackendError::Unknown { what, cause },
            Self::Full(cause) => BackendError::Full { what, cause },
            Self::Refused(cause) => BackendError::Refused { what, cause },
            Self::NotImplemented(cause) => BackendError::Refused {
                what,
                cause: format!("{cause}; the server lacks what a store needs: use another one"),
            },
            Self::Absent => refused(what, "404, where no object was asked for"),
            Self::Exists => refused(what, "412, where there was no precondition"),
            Self::BeyondEnd => refused(what, "416, where there was no range"),
        }
    }
}

fn refused(what: String, cause: &str) -> BackendError {
    BackendError::Refused {
        what,
        cause: format!("the server answered {cause}; it is not S3, or something stands between"),
    }
}

/// Sorts a failed request to `place` (bucket and endpoint, for messages), signed with `keys` from there.
pub(crate) fn sort<E>(place: &str, keys: &str, error: &SdkError<E, HttpResponse>) -> Fault
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let SdkError::ServiceError(answer) = error {
        let status = answer.raw().status().as_u16();
        let code = answer.err().code().unwrap_or("");
        return sort_answer(place, keys, status, code, answer.err().message().unwrap_or(""));
    }
    if let SdkError::ResponseError(answer) = error {
        let status = answer.raw().status().as_u16();
        if (400..500).contains(&status) {
            return sort_answer(place, keys, status, "", "the answer is not one of S3's");
        }
    }
    if let Some(fault) = credentials(place, error) {
        return fault;
    }
    let cause = chain(error);
    if matches!(error, SdkError::ConstructionFailure(_)) {
        return Fault::Refused(format!("{place}: {cause}"));
    }
    if cause.contains("invalid peer certificate") {
        return Fault::Refused(format!(
            "{place}: the server's certificate is not trusted ({cause}); set AWS_CA_BUNDLE to the PEM file of its CA"
        ));
    }
    if cause.contains("InvalidContentType") {
        return Fault::Refused(format!(
            "{place}: the server does not speak TLS; write `http://` in the endpoint if that is meant"
        ));
    }
    Fault::Unknown(format!("{place}: {cause}"))
}

/// Sorts an answer by status and code.
pub(crate) fn sort_answer(place: &str, keys: &str, status: u16, code: &str, message: &str) -> Fault {
    let told = match (code, message) {
        ("", "") => format!("{place}: HTTP {status}"),
        ("", message) => format!("{place}: HTTP {status}: {message}"),
        (code, "") => format!("{place}: {code}"),
        (code, message) => format!("{place}: {code}: {message}"),
    };
    let refused = |remedy: &str| Fault::Refused(format!("{told}; {remedy}"));
    match (status, code) {
        (404, "NoSuchKey" | "NoSuchVersion") => Fault::Absent,
        (_, "NoSuchBucket") => refused("make the bucket, or correct its name, the endpoint or the region in the URL"),
        (404, _) => refused("is this the address of an S3 API? correct the endpoint in the URL"),
        (412, _) => Fault::Exists,
        (416, _) => Fault::BeyondEnd,
        (507, _)
        | (_, "QuotaExceeded" | "InsufficientStorage" | "XMinioStorageFull" | "XMinioAdminBucketQuotaExceeded") => {
            Fault::Full(told)
        }
        (501 | 405, _) | (_, "NotImplemented") => Fault::NotImplemented(told),
        (408 | 409 | 425 | 429, _) | (_, "RequestTimeout" | "SlowDown" | "OperationAborted") => Fault::Unknown(told),
        (
            _,
            "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidToken" | "ExpiredToken" | "TokenRefreshRequired",
        ) => refused(&format!("the credentials are wrong or expired: check {keys}")),
        (_, "RequestTimeTooSkewed") => refused("set this machine's clock"),
        (301 | 307, _)
        | (_, "AuthorizationHeaderMalformed" | "PermanentRedirect" | "IllegalLocationConstraintException") => {
            refused("the bucket is in another region: give `region=` in the URL")
        }
        (403 | 401, _) => refused(
            "these credentials lack a right on this prefix: allow s3:GetObject, s3:PutObject and s3:ListBucket \
             (s3:DeleteObject only for maintenance)",
        ),
        (400..=499, _) => refused("the request is not accepted: check endpoint, region and the bucket's policy"),
        _ => Fault::Unknown(told),
    }
}

/// Sorts what went wrong before the request was sent: there is nothing to sign it with.
fn credentials(place: &str, error: &(dyn Error + 'static)) -> Option<Fault> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(credentials) = error.downcast_ref::<CredentialsError>() {
            let cause = chain(credentials);
            // The last resort of the chain is the machine itself; where it hands out none, there are none.
            let none =
                matches!(credentials, CredentialsError::CredentialsNotLoaded(_)) || cause.contains("IMDS is disabled");
            return Some(if none {
                Fault::Refused(format!(
                    "{place}: no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, \
                     or run where a role is given"
                ))
            } else if matches!(credentials, CredentialsError::InvalidConfiguration(_)) {
                Fault::Refused(format!(
                    "{place}: the credentials' configuration is wrong ({cause}); correct the AWS_… variables or the profile"
                ))
            } else {
                Fault::Unknown(format!("{place}: cannot get credentials ({cause})"))
            });
        }
        next = error.source();
    }
    None
}

/// An error with its causes, each once.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let cause = error.to_string();
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        next = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(status: u16, code: &str) -> Fault {
        sort_answer("bucket b at e", OWN_KEYS, status, code, "")
    }

    #[test]
    fn only_a_missing_key_is_an_absent_object() {
        assert!(matches!(sorted(404, "NoSuchKey"), Fault::Absent));
        for (status, code) in [(404, "NoSuchBucket"), (404, "")] {
            assert!(matches!(sorted(status, code), Fault::Refused(_)), "{status} {code}");
        }
    }

    #[test]
    fn an_outcome_that_is_not_known_is_never_guessed() {
        for (status, code) in [
            (409, "ConditionalRequestConflict"),
            (500, "InternalError"),
            (503, "SlowDown"),
            (503, ""),
            (504, ""),
            (429, "TooManyRequests"),
            (400, "RequestTimeout"),
        ] {
            assert!(matches!(sorted(status, code), Fault::Unknown(_)), "{status} {code}");
        }
        assert!(matches!(sorted(412, "PreconditionFailed"), Fault::Exists));
        assert!(matches!(sorted(507, ""), Fault::Full(_)));
    }

    #[test]
    fn keys_of_a_cluster_are_not_looked_for_in_the_environment() {
        let fault = sort_answer("bucket b at e", LENT_KEYS, 403, "SignatureDoesNotMatch", "");
        let message = fault.of("LIST ci/".to_owned()).to_string();
        assert!(message.contains("Secret") && !message.contains("AWS_"), "{message}");
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        for (status, code, remedy) in [
            (403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
            (403, "AccessDenied", "s3:ListBucket"),
            (301, "PermanentRedirect", "region="),
            (404, "NoSuchBucket", "make the bucket"),
            (403, "RequestTimeTooSkewed", "clock"),
        ] {
            let message = sorted(status, code).of("PUT log/1".to_owned()).to_string();
            assert!(
                message.contains(remedy) && message.contains("bucket b at e"),
                "{message}"
            );
        }
    }
}
