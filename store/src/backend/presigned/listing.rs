//! What S3 answers, as far as it is XML.

use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};

use crate::backend::{Listed, wire};

/// A page of a LIST; keys begin with the store's prefix.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) objects: Vec<Listed>,
    pub(super) truncated: bool,
}

/// Reads a page.
pub(super) fn page(body: &[u8]) -> Result<Page, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the answer is not UTF-8".to_owned())?;
    parse(text).map_err(|error| format!("the answer is not a list of objects ({error})"))
}

fn parse(text: &str) -> Result<Page, XmlDecodeError> {
    let mut document = Document::new(text);
    let mut root = document.root_element()?;
    if !root.start_el().matches("ListBucketResult") {
        return Err(XmlDecodeError::custom("it has another root"));
    }
    let mut page = Page::default();
    while let Some(mut tag) = root.next_tag() {
        match tag.start_el().local() {
            "IsTruncated" => page.truncated = try_data(&mut tag)? == "true",
            "Contents" => page.objects.extend(object(&mut tag)?),
            _ => {}
        }
    }
    Ok(page)
}

fn object(contents: &mut ScopedDecoder<'_, '_>) -> Result<Option<Listed>, XmlDecodeError> {
    let (mut key, mut size, mut etag, mut modified) = (None, 0, None, None);
    while let Some(mut tag) = contents.next_tag() {
        match tag.start_el().local() {
            "Key" => key = Some(try_data(&mut tag)?.into_owned()),
            // Nothing here depends on it.
            "LastModified" => modified = try_data(&mut tag)?.trim().parse().ok(),
            "ETag" => etag = Some(wire::unquoted(&try_data(&mut tag)?)),
            "Size" => size = try_data(&mut tag)?.trim().parse().map_err(XmlDecodeError::unhandled)?,
            _ => {}
        }
    }
    Ok(key.map(|key| Listed {
        key,
        size,
        etag,
        modified,
    }))
}

/// Code and message of an error; empty where the body does not tell.
pub(super) fn error(body: &[u8]) -> (String, String) {
    let (mut code, mut message) = (String::new(), String::new());
    let Ok(text) = std::str::from_utf8(body) else {
        return (code, message);
    };
    let mut document = Document::new(text);
    if let Ok(mut root) = document.root_element() {
        while let Some(mut tag) = root.next_tag() {
            let into = match tag.start_el().local() {
                "Code" => &mut code,
                "Message" => &mut message,
                _ => continue,
            };
            if let Ok(data) = try_data(&mut tag) {
                *into = data.into_owned();
            }
        }
    }
    (code, message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_page_is_read_with_its_keys_as_they_are() {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>p/</Prefix>
<IsTruncated>true</IsTruncated><Contents><Key>p/a&amp;b</Key><LastModified>2026</LastModified><ETag>&quot;9f-2&quot;</ETag><Size>7</Size>
<Owner><ID>x</ID><DisplayName>y</DisplayName></Owner></Contents><Contents><Key>p/c</Key><LastModified>2026-05-12T09:00:00.000Z</LastModified><Size>0</Size></Contents>
</ListBucketResult>"#;
        let page = page(text.as_bytes()).unwrap();
        assert!(page.truncated);
        let listed: Vec<_> = page.objects.iter().map(|o| (o.key.as_str(), o.size)).collect();
        assert_eq!(listed, [("p/a&b", 7), ("p/c", 0)]);
        let etags: Vec<_> = page.objects.iter().map(|o| o.etag.as_deref()).collect();
        assert_eq!(etags, [Some("9f-2"), None]);
        let modified: Vec<_> = page.objects.iter().map(|o| o.modified).collect();
        let written = "2026-05-12T09:00:00Z".parse::<jiff::Timestamp>().unwrap();
        assert_eq!(modified, [None, Some(written)]);
    }

    #[test]
    fn what_is_no_page_is_no_empty_store() {
        for text in ["", "<html></html>", "not xml", "<Error><Code>x</Code></Error>"] {
            assert!(page(text.as_bytes()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_error_names_its_code() {
        let text = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
        assert_eq!(
            error(text.as_bytes()),
            ("AccessDenied".into(), "Request has expired".into())
        );
        assert_eq!(error(b"Bad Gateway"), (String::new(), String::new()));
    }
}
