//! An S3 server of one test, which says whom it lets in. It is the test's own, so nothing of the installation's is touched,
//! and it stays when the installation goes.

use serde_json::{Value, json};

use crate::kubectl::{feed, kubectl_json};
use crate::probe::visitor;
use crate::space::Space;
use crate::until;

/// Puts its input below a path of the filer, which asks for no key and is for its own pod alone.
const PUT: &str = r#"
import socket, sys
body = sys.stdin.buffer.read()
head = "PUT %s HTTP/1.1\r\nHost: s3\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (sys.argv[1], len(body))
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

/// The server, in a pod of the space.
pub struct S3<'a> {
    space: &'a Space,
}

impl<'a> S3<'a> {
    /// Starts one as the chart's own is, but for whom it lets in: everybody, until [`S3::admit`].
    pub fn start(space: &'a Space) -> Self {
        let embedded = kubectl_json(&["--namespace=remanence-system", "get", "deployment", "remanence-s3"]);
        let mut spec = embedded["spec"]["template"]["spec"].clone();
        // Identities of a file can't be taken away while it runs.
        let container = &mut spec["containers"][0];
        drop_where(&mut container["args"], |word| {
            word.as_str().is_some_and(|word| word.starts_with("-s3.config="))
        });
        drop_where(&mut container["volumeMounts"], |mount| mount["name"] == "identities");
        // The server's image need have no shell.
        let shell = visitor()["containers"][0].take();
        if let Some(containers) = spec["containers"].as_array_mut() {
            containers.push(shell);
        }
        spec["volumes"] = json!([{"name": "data", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}]);
        let labels = json!({"app": "s3"});
        space.apply(&json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "s3"},
            "spec": {"selector": labels, "ports": [{"port": 8333}]},
        }));
        space.start(&json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "s3", "labels": labels}, "spec": spec,
        }));
        Self { space }
    }

    /// Where it answers.
    pub fn endpoint(&self) -> String {
        format!("http://s3.{}.svc:8333", self.space.name)
    }

    /// Lets an identity in, to do anything; answers a Secret `keys` with its keys.
    pub fn admit(&self, name: &str) -> Value {
        self.let_in(name, "Admin,Read,Write,List,Tagging")
    }

    /// Lets an identity in, to read and list; answers a Secret `keys` with its keys.
    pub fn admit_reader(&self, name: &str) -> Value {
        self.let_in(name, "Read,List")
    }

    /// Lets it in no more, from now on.
    pub fn expel(&self, name: &str) {
        self.configure(&format!("-user={name} -delete -apply"));
    }

    /// Makes an object, without a key; `path` begins with its bucket, which need not be there yet.
    pub fn put(&self, path: &str, text: &str) {
        let script = format!("python3 -c '{PUT}' /buckets/{path} <<'END'\n{text}\nEND");
        // It listens before all of it is there.
        until(&format!("{path} is put"), || self.space.try_sh("s3", &script));
    }

    fn let_in(&self, name: &str, actions: &str) -> Value {
        let secret = format!("{name}-secret");
        self.configure(&format!(
            "-user={name} -access_key={name} -secret_key={secret} -actions={actions} -apply"
        ));
        json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"},
            "stringData": {"accessKeyId": name, "secretAccessKey": secret},
        })
    }

    fn configure(&self, words: &str) {
        let namespace = format!("--namespace={}", self.space.name);
        let command = [
            namespace.as_str(),
            "exec",
            "--stdin",
            "s3",
            "--container=seaweedfs",
            "--",
            "weed",
            "shell",
            "-master=127.0.0.1:9333",
        ];
        // It listens before all of it is there.
        until(&format!("s3.configure {words}"), || {
            let said = feed(&command, &format!("s3.configure {words}\n"))?;
            if said.contains("isStatic") { Ok(()) } else { Err(said) }
        });
    }
}

fn drop_where(list: &mut Value, which: impl Fn(&Value) -> bool) {
    if let Some(list) = list.as_array_mut() {
        list.retain(|one| !which(one));
    }
}
