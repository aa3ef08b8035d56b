//! Sessions of the object store's own security token service: `AssumeRole` with a policy of one store's prefix and access.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};
use jiff::Timestamp;
use remanence_proto::broker::{Place, Session};
use remanence_store::backend::http::Http;
use remanence_store::backend::key;
use serde_json::{Value, json};

use super::directory::{Access, S3Keys, Sts};
use super::sign::{is_aws, region};

/// How long a session holds.
const DURATION: Duration = Duration::from_hours(1);
const WAIT: Duration = Duration::from_secs(10);

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StsError {
    #[error("{endpoint}: {cause}")]
    Request { endpoint: String, cause: String },
    #[error("{endpoint} gives no session: HTTP {status}: {answer}")]
    Refused {
        endpoint: String,
        status: u16,
        answer: String,
    },
}

/// Takes a session for the store `id` at `place`.
///
/// # Errors
/// When there is none to be had.
pub(crate) async fn assume(
    place: &Place,
    keys: &S3Keys,
    sts: &Sts,
    id: &str,
    access: Access,
) -> Result<Session, StsError> {
    let endpoint = match (sts.endpoint.as_str(), place.endpoint.as_str()) {
        ("", "") => format!("https://sts.{}.amazonaws.com", region(place)),
        ("", endpoint) | (endpoint, _) => endpoint.trim_end_matches('/').to_owned(),
    };
    let failed = |cause: String| StsError::Request {
        endpoint: endpoint.clone(),
        cause,
    };
    let url = format!("{endpoint}/");
    let body = form(place, sts, id, access);
    let headers = signed_headers(&url, &body, place, keys).map_err(failed)?;
    let ca_bundle = (!place.ca_bundle.is_empty()).then_some(place.ca_bundle.as_bytes());
    let http = Http::new(&endpoint, ca_bundle).map_err(|error| failed(error.to_string()))?;
    let answer = http.send("POST", &url, &headers, body.into(), WAIT).await;
    let answer = answer.map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8_lossy(&answer.body);
    if answer.status != 200 {
        return Err(StsError::Refused {
            endpoint: endpoint.clone(),
            status: answer.status,
            answer: refusal(&text),
        });
    }
    session(&text).ok_or_else(|| failed("the answer names no credentials".to_owned()))
}

fn form(place: &Place, sts: &Sts, id: &str, access: Access) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", "AssumeRole")
        .append_pair("Version", "2011-06-15")
        .append_pair("DurationSeconds", &DURATION.as_secs().to_string())
        .append_pair("Policy", &policy(place, id, access).to_string())
        .append_pair("RoleSessionName", "remanence");
    if !sts.role_arn.is_empty() {
        form.append_pair("RoleArn", &sts.role_arn);
    }
    form.finish()
}

/// What the session may do.
fn policy(place: &Place, id: &str, access: Access) -> Value {
    let bucket = format!("arn:aws:s3:::{}", place.bucket);
    let prefix = key::base(&place.prefix);
    // Below the same prefix may lie what a deleted store has left.
    let readable = [super::sign::MANIFESTS, id].map(|folder| format!("{prefix}{folder}/*"));
    let objects = readable.each_ref().map(|keys| format!("{bucket}/{keys}"));
    let mut statements = vec![
        json!({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": objects}),
        json!({"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [bucket],
               "Condition": {"StringLike": {"s3:prefix": readable}}}),
    ];
    if access == Access::ReadWrite {
        let rooms = super::sign::WRITABLE.map(|room| format!("{bucket}/{prefix}{id}/{room}/*"));
        let mut put = json!({"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": rooms});
        if is_aws(place) {
            // AWS itself can be told to take creates only; others do not know the word and refuse the policy.
            put["Condition"] = json!({"Null": {"s3:if-none-match": "false"}});
        }
        statements.push(put);
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn signed_headers(url: &str, body: &str, place: &Place, keys: &S3Keys) -> Result<Vec<(String, String)>, String> {
    let identity = keys.identity();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region(place))
        .name("sts")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let signable = SignableRequest::new("POST", url, [kind].into_iter(), SignableBody::Bytes(body.as_bytes()))
        .map_err(|error| error.to_string())?;
    let (instructions, _) = sign(signable, &parameters)
        .map_err(|error| error.to_string())?
        .into_parts();
    let signed = instructions
        .headers()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(signed.chain([(kind.0.to_owned(), kind.1.to_owned())]).collect())
}

fn session(text: &str) -> Option<Session> {
    let mut document = Document::new(text);
    let mut root = document.root_element().ok()?;
    let mut session = Session::default();
    read(&mut root, &mut session);
    let complete = !session.access_key_id.is_empty() && !session.secret_access_key.is_empty() && session.expires > 0;
    let left = session.expires - Timestamp::now().as_second();
    session.valid_seconds = u32::try_from(left.max(0)).unwrap_or(u32::MAX);
    complete.then_some(session)
}

/// What a refusal says, without what differs from one to the next: it stands in a condition.
fn refusal(text: &str) -> String {
    let mut said = Vec::new();
    if let Ok(mut root) = Document::new(text).root_element() {
        reasons(&mut root, &mut said);
    }
    let said = if said.is_empty() {
        text.to_owned()
    } else {
        said.join(": ")
    };
    said.chars().take(300).collect()
}

fn reasons(element: &mut ScopedDecoder<'_, '_>, said: &mut Vec<String>) {
    while let Some(mut tag) = element.next_tag() {
        match tag.start_el().local() {
            "Error" => reasons(&mut tag, said),
            "Code" | "Message" => said.extend(try_data(&mut tag).ok().map(std::borrow::Cow::into_owned)),
            _ => {}
        }
    }
}

fn read(element: &mut ScopedDecoder<'_, '_>, session: &mut Session) {
    while let Some(mut tag) = element.next_tag() {
        let into = match tag.start_el().local() {
            "AssumeRoleResult" | "Credentials" => {
                read(&mut tag, session);
                continue;
            }
            "AccessKeyId" => &mut session.access_key_id,
            "SecretAccessKey" => &mut session.secret_access_key,
            "SessionToken" => &mut session.session_token,
            "Expiration" => {
                let time = try_data(&mut tag).ok().and_then(|text| text.parse::<Timestamp>().ok());
                session.expires = time.map_or(0, Timestamp::as_second);
                continue;
            }
            _ => continue,
        };
        *into = try_data(&mut tag).map(std::borrow::Cow::into_owned).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_session_is_read_and_bounded() {
        let expires = Timestamp::now() + jiff::SignedDuration::from_mins(10);
        let text = format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser>\
             <Arn></Arn></AssumedRoleUser><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey>\
             <SessionToken>T</SessionToken><Expiration>{expires}</Expiration></Credentials></AssumeRoleResult>\
             <ResponseMetadata/></AssumeRoleResponse>"
        );
        let session = session(&text).unwrap();
        assert_eq!(
            (
                session.access_key_id.as_str(),
                session.secret_access_key.as_str(),
                session.session_token.as_str()
            ),
            ("A", "S", "T")
        );
        assert!(
            (590..=600).contains(&session.valid_seconds),
            "{}",
            session.valid_seconds
        );
        assert!(super::session("<Error/>").is_none());
    }

    #[test]
    fn two_refusals_for_one_cause_read_the_same() {
        let refused = |id: u32| {
            refusal(&format!(
                "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                 <Code>AccessDenied</Code><Message>may not assume &lt;it&gt;</Message></Error>\
                 <RequestId>{id}</RequestId></ErrorResponse>"
            ))
        };
        assert_eq!(refused(1), "AccessDenied: may not assume <it>");
        assert_eq!(refused(1), refused(2));
        assert_eq!(refusal("no way"), "no way");
    }

    #[test]
    fn a_policy_names_the_store_and_read_only_has_no_put() {
        let place = Place {
            bucket: "b".into(),
            prefix: "team/p".into(),
            endpoint: "http://h".into(),
            ..Place::default()
        };
        let read = policy(&place, "id", Access::ReadOnly).to_string();
        assert!(!read.contains("PutObject"), "{read}");
        for (path, expected) in [
            (
                "/Statement/0/Resource",
                json!(["arn:aws:s3:::b/team/p/store/*", "arn:aws:s3:::b/team/p/id/*"]),
            ),
            (
                "/Statement/1/Condition/StringLike/s3:prefix",
                json!(["team/p/store/*", "team/p/id/*"]),
            ),
        ] {
            let policy = policy(&place, "id", Access::ReadOnly);
            assert_eq!(policy.pointer(path), Some(&expected), "{policy}");
        }
        let write = policy(&place, "id", Access::ReadWrite).to_string();
        assert!(write.contains("arn:aws:s3:::b/team/p/id/log/*"), "{write}");
        assert!(!write.contains("Delete"), "{write}");
    }
}
