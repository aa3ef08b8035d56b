//! An S3 server of one test, which says whom it lets in. It is the test's own, so nothing of the installation's is touched,
//! and it stays when the installation goes.

use serde_json::{Value, json};

use crate::kubectl::{feed, kubectl};
use crate::space::Space;
use crate::until;

/// The server, in a pod of the space.
pub struct S3<'a> {
    space: &'a Space,
}

impl<'a> S3<'a> {
    /// Starts one as the chart's own is, but for whom it lets in: everybody, until [`S3::admit`].
    pub fn start(space: &'a Space) -> Self {
        let embedded = kubectl(&[
            "--namespace=remanence-system",
            "get",
            "deployment",
            "remanence-s3",
            "--output=json",
        ]);
        let embedded: Value = serde_json::from_str(&embedded).unwrap();
        let mut spec = embedded["spec"]["template"]["spec"].clone();
        // Identities of a file can't be taken away while it runs.
        let container = &mut spec["containers"][0];
        drop_where(&mut container["args"], |word| {
            word.as_str().is_some_and(|word| word.starts_with("-s3.config="))
        });
        drop_where(&mut container["volumeMounts"], |mount| mount["name"] == "identities");
        container["name"] = "main".into();
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

    /// Lets an identity in; answers a Secret `keys` with its keys.
    pub fn admit(&self, name: &str) -> Value {
        let secret = format!("{name}-secret");
        let rights = "-actions=Admin,Read,Write,List,Tagging";
        self.configure(&format!(
            "-user={name} -access_key={name} -secret_key={secret} {rights} -apply"
        ));
        json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"},
            "stringData": {"accessKeyId": name, "secretAccessKey": secret},
        })
    }

    /// Lets it in no more, from now on.
    pub fn expel(&self, name: &str) {
        self.configure(&format!("-user={name} -delete -apply"));
    }

    fn configure(&self, words: &str) {
        let namespace = format!("--namespace={}", self.space.name);
        let shell = ["exec", "--stdin", "s3", "--", "weed", "shell", "-master=127.0.0.1:9333"];
        let command = [&[namespace.as_str()][..], &shell].concat();
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
