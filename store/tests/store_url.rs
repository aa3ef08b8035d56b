//! Addresses of stores: what is taken, what is refused, and with which words.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use remanence_store::url::{S3Url, Sse, StoreUrl};

fn refusal(text: &str) -> String {
    text.parse::<StoreUrl>().unwrap_err().to_string()
}

#[test]
fn a_folder_is_read_and_written_back() {
    let url: StoreUrl = "file:///srv/mem//project/".parse().unwrap();
    assert_eq!(url.directory(), Some(Path::new("/srv/mem/project")));
    assert_eq!(url.to_string(), "file:///srv/mem/project");

    let odd = StoreUrl::of_directory(Path::new("/srv/a b?c#d%e@f/ü"));
    assert_eq!(odd.to_string().parse::<StoreUrl>().unwrap(), odd);
}

#[test]
fn a_bucket_is_read_and_written_back() {
    let text =
        "s3://bucket/team/a?endpoint=http://127.0.0.1:8333&region=eu-central-1&path-style=true&sse=aws:kms:alias/k";
    let url: StoreUrl = text.parse().unwrap();
    let expected = S3Url {
        bucket: "bucket".into(),
        prefix: "team/a".into(),
        endpoint: Some("http://127.0.0.1:8333".into()),
        region: Some("eu-central-1".into()),
        path_style: Some(true),
        sse: Some(Sse::Kms(Some("alias/k".into()))),
    };
    assert_eq!(url, StoreUrl::S3(expected));
    assert_eq!(url.to_string(), text);
    let bare: StoreUrl = "s3://bucket".parse().unwrap();
    assert_eq!(bare.to_string(), "s3://bucket");
    let escaped: StoreUrl = "s3://bucket/a%20b%3F?endpoint=https%3A%2F%2Fs3.local/".parse().unwrap();
    assert_eq!(escaped.to_string(), "s3://bucket/a%20b%3F?endpoint=https://s3.local");
}

#[test]
fn what_is_wrong_is_named_with_its_remedy() {
    for (text, words) in [
        ("/srv/mem", "write `file:///srv/mem`"),
        ("project", "there is no scheme"),
        ("gs://bucket/a", "the scheme `gs` is not known"),
        ("file://srv/mem", "`file:///srv/mem`"),
        ("file:///", "name a folder"),
        ("file:///srv/../etc", "`..`"),
        ("file:///srv?region=a", "no parameters"),
        ("s3://", "the bucket is missing"),
        ("s3:///prefix", "the bucket is missing"),
        ("s3://buck et/a", "not a bucket's name"),
        ("s3://bucket/a/../b", "`..`"),
        ("s3://bucket/a#b", "`%23`"),
        ("s3://bucket?endpiont=http://a", "the parameter `endpiont` is not known"),
        ("s3://bucket?endpoint=localhost:8333", "`endpoint` is not"),
        ("s3://bucket?path-style=yes", "`true` or `false`"),
        ("s3://bucket?sse=DES", "`AES256`"),
        ("s3://bucket?region=", "`region` is empty"),
        ("s3://bucket?region=a&region=b", "twice"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains(words), "{text}: {refusal}");
    }
}

#[test]
fn a_secret_is_refused_and_not_repeated() {
    for text in [
        "s3://AKIA:hunter2@bucket/a",
        "s3://bucket?endpoint=http://user:hunter2@host",
        "s3://bucket?secret-access-key=hunter2",
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains("AWS_PROFILE"), "{refusal}");
        assert!(!refusal.contains("hunter2"), "{refusal}");
    }
}
