//! What is printed of a cluster's objects.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use serde_json::{Value, json};

/// Reads one request and answers it with an object.
fn answer(mut stream: TcpStream, object: &Value) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    let body = object.to_string();
    let head = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nConnection: close";
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
}

#[test]
fn an_object_is_printed_without_what_the_apiserver_keeps_for_itself() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": format!("http://{}", listener.local_addr().unwrap())}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": "team-a"}}],
        "users": [{"name": "u", "user": {}}],
    });
    std::fs::write(&kubeconfig, config.to_string()).unwrap();
    let apiserver = std::thread::spawn(move || {
        let object = json!({
            "apiVersion": "remanence.dev/v1alpha1", "kind": "Dream", "spec": {"storeRef": {"name": "project"}},
            "metadata": {"name": "project-x7k2p", "namespace": "team-a", "managedFields": [{"manager": "remanence"}]},
        });
        answer(listener.accept().unwrap().0, &object);
    });
    let printed = Command::new(env!("CARGO_BIN_EXE_remanence"))
        .args(["dream", "--store", "k8s://project", "-o", "json"])
        .env("KUBECONFIG", &kubeconfig)
        .output()
        .unwrap();
    assert!(printed.status.success(), "{printed:?}");
    apiserver.join().unwrap();
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(printed["metadata"]["name"], "project-x7k2p");
    assert_eq!(printed["metadata"]["managedFields"], Value::Null);
}
