//! A bucket of a test's own, on an S3 server of its own.

use serde_json::{Value, json};

use crate::kubectl::kubectl;
use crate::probe::visitor;
use crate::space::Space;
use crate::until;

/// Its name, and that of its server's pod and Service.
const NAME: &str = "logs";
/// Who may list and read it.
const KEY_ID: &str = "reader";

/// Puts its input below a path of the filer, which asks for no key and is for its own pod alone.
const PUT: &str = r#"
import socket, sys
body = sys.stdin.buffer.read()
head = "PUT %s HTTP/1.1\r\nHost: logs\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (sys.argv[1], len(body))
# Bytes are taken as they are; for a text, Python would want a module that not every image has.
with socket.create_connection((b"127.0.0.1", 8888), 10) as connection:
    connection.sendall(head.encode() + body)
    answer = b""
    while piece := connection.recv(4096):
        answer += piece
status = answer.split(b"\r\n")[0].decode()
print(status)
sys.exit(0 if " 20" in status else 1)
"#;

/// A bucket that one key may read and nobody may write, by S3.
pub struct Bucket<'a> {
    space: &'a Space,
    secret: String,
}

impl<'a> Bucket<'a> {
    /// Starts its server in the space.
    pub fn start(space: &'a Space) -> Self {
        // Not known outside of this test.
        let secret = format!("secret-of-{}", space.name);
        let identities = json!({"identities": [{
            "name": KEY_ID,
            "credentials": [{"accessKey": KEY_ID, "secretKey": secret}],
            "actions": ["Read", "List"],
        }]});
        space.apply(&json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "logs-server"},
            "stringData": {"identities.json": identities.to_string()},
        }));
        space.apply(&json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": NAME},
            "spec": {"selector": {"role": NAME}, "ports": [{"port": 8333}]},
        }));
        space.start(&json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": NAME, "labels": {"role": NAME}},
            "spec": server(),
        }));
        Self { space, secret }
    }

    /// Where it is, as a schedule or Dream names it; its key is in the Secret `key`.
    pub fn place(&self, prefix: &str, key: &str) -> Value {
        json!({
            "bucket": NAME, "prefix": prefix, "endpoint": format!("http://{NAME}.{}.svc:8333", self.space.name),
            "secretRef": {"name": key},
        })
    }

    /// A Secret with the key that may read it.
    pub fn key(&self, name: &str) -> Value {
        key(name, &self.secret)
    }

    /// A Secret with one that may not.
    pub fn wrong_key(&self, name: &str) -> Value {
        key(name, &format!("not-the-{}", self.secret))
    }

    /// Makes an object.
    pub fn put(&self, path: &str, text: &str) {
        let script = format!("python3 -c '{PUT}' /buckets/{NAME}/{path} <<'END'\n{text}\nEND");
        // The server may not be all there yet.
        until(&format!("{path} is in the bucket {NAME}"), || {
            self.space.try_sh(NAME, &script)
        });
    }
}

fn key(name: &str, secret: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name},
        "stringData": {"accessKeyId": KEY_ID, "secretAccessKey": secret},
    })
}

/// The server that the chart can bring, and beside it a shell from which its parts are reached.
fn server() -> Value {
    let mut spec = visitor();
    let image = kubectl(&[
        "--namespace=remanence-system",
        "get",
        "deployment",
        "remanence-s3",
        "--output=jsonpath={.spec.template.spec.containers[0].image}",
    ]);
    let server = json!({
        "name": "seaweedfs",
        "image": image,
        "command": ["weed"],
        "args": [
            "server", "-ip=127.0.0.1", "-ip.bind=0.0.0.0", "-dir=/data", "-master.volumeSizeLimitMB=64", "-volume.max=20",
            "-master.telemetry=false", "-s3", "-s3.port=8333", "-s3.config=/etc/seaweedfs/identities.json",
        ],
        "readinessProbe": {"tcpSocket": {"port": 8333}, "periodSeconds": 1},
        "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "tmp", "mountPath": "/tmp"},
            {"name": "identities", "mountPath": "/etc/seaweedfs", "readOnly": true},
        ],
    });
    if let Some(containers) = spec["containers"].as_array_mut() {
        containers.push(server);
    }
    spec["volumes"] = json!([
        {"name": "data", "emptyDir": {}},
        {"name": "tmp", "emptyDir": {}},
        {"name": "identities", "secret": {"secretName": "logs-server"}},
    ]);
    spec
}
