//! Connections, tried from inside of pods.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::manifest::{IDLE, spec};

/// Has Python.
const IMAGE: &str = "docker.io/library/python:3-slim";

/// Prints a line for each address: `open` where somebody answers, `closed` where nobody listens, `dropped` where nothing
/// comes back, as an engine for `NetworkPolicies` has it.
const ASK: &str = r#"
import socket, sys, threading
def ask(target):
    host, port = target.rsplit(":", 1)
    try:
        # Bytes are taken as they are; for a text, Python would want a module that not every image has.
        socket.create_connection((host.encode(), int(port)), 3).close()
        found = "open"
    except ConnectionRefusedError:
        found = "closed"
    except TimeoutError:
        found = "dropped"
    except OSError as error:
        found = str(error)
    print(target, found, flush=True)
threads = [threading.Thread(target=ask, args=(target,)) for target in sys.argv[1:]]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"#;

/// Lets everybody connect, and never says a word. An address that its machine does not have is added to it.
const SERVE: &str = r#"
import os, signal, socket, sys
added, servers = set(), []
def end(*_):
    for host in added:
        os.system(f"ip address delete {host}/32 dev lo")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
for target in sys.argv[1:]:
    host, port = target.rsplit(":", 1)
    if host != "0.0.0.0" and host not in added:
        os.system(f"ip address add {host}/32 dev lo")
        added.add(host)
    servers.append(socket.create_server((host, int(port)), backlog=100))
while True:
    signal.pause()
"#;

/// The spec of a pod in which connections are tried.
pub fn visitor() -> Value {
    let mut spec = spec(IDLE);
    spec["containers"][0]["image"] = IMAGE.into();
    spec
}

/// The spec of a pod to which one can connect at that port.
pub fn listener(port: u16) -> Value {
    let mut spec = visitor();
    spec["containers"][0]["command"] = json!(["python3", "-c", SERVE, format!("0.0.0.0:{port}")]);
    spec
}

/// The spec of a pod that gives its node more addresses, as `ADDRESS:PORT`, for servers outside of the cluster.
pub fn outside(targets: &[&str]) -> Value {
    let mut spec = visitor();
    spec["hostNetwork"] = true.into();
    spec["securityContext"] = json!({"runAsUser": 0});
    let container = &mut spec["containers"][0];
    container["securityContext"] = json!({"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN", "NET_BIND_SERVICE"]}});
    let command = ["python3", "-c", SERVE].into_iter().chain(targets.iter().copied());
    container["command"] = command.collect();
    spec
}

/// What comes of connecting to each of `targets`, from a pod that runs [`visitor`]; `exec` runs a script in it.
///
/// # Errors
/// What `exec` complains of.
pub fn connect(
    targets: &[String],
    exec: impl FnOnce(&str) -> Result<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    let answer = exec(&format!("python3 -c '{ASK}' {}", targets.join(" ")))?;
    let lines = answer.lines().filter_map(|line| line.split_once(' '));
    Ok(lines
        .map(|(target, found)| (target.to_owned(), found.to_owned()))
        .collect())
}
