//! The page's server lets nobody in but the page that it sent, in the browser of whoever has its address.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A cluster where nobody answers: whoever gets past the guard is told so.
const NOWHERE: &str = "
apiVersion: v1
kind: Config
current-context: nowhere
clusters: [{name: nowhere, cluster: {server: 'http://127.0.0.1:9'}}]
contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody, namespace: team-a}}]
users: [{name: nobody, user: {}}]
";

struct Page {
    process: Child,
    port: u16,
    key: String,
    _folder: TempDir,
}

impl Page {
    fn serve() -> Self {
        let folder = TempDir::new().unwrap();
        let kubeconfig = folder.path().join("kubeconfig");
        std::fs::write(&kubeconfig, NOWHERE).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_remanence"))
            .args(["ui", "--kubeconfig"])
            .arg(&kubeconfig)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        let (host, key) = address.trim_end().split_once("/#key=").unwrap();
        let port = host.strip_prefix("http://127.0.0.1:").unwrap().parse().unwrap();
        Self {
            process,
            port,
            key: key.to_owned(),
            _folder: folder,
        }
    }

    /// What is answered to a request, headers included.
    fn ask(&self, request: &str, headers: &[(&str, &str)]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let headers = headers.collect::<Vec<_>>().concat();
        let length = if request.starts_with("POST") {
            "Content-Length: 0\r\n"
        } else {
            ""
        };
        let text = format!("{request} HTTP/1.1\r\n{headers}{length}Connection: close\r\n\r\n");
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn origin(&self) -> String {
        format!("http://{}", self.host())
    }

    fn authorization(&self) -> String {
        format!("Bearer {}", self.key)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[track_caller]
fn is(answer: &str, status: u16, says: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains(says), "`{says}` is not in {answer}");
}

#[test]
fn only_the_pages_own_questions_with_its_key_are_answered() {
    let page = Page::serve();
    let (host, origin, authorization) = (page.host(), page.origin(), page.authorization());
    let own = [("Host", host.as_str()), ("Authorization", authorization.as_str())];
    // Past the guard there is the cluster, which says in its own words that it can't be reached.
    let answer = page.ask("GET /api/stores", &own);
    is(&answer, 502, "MemoryStores can't be listed");

    let wrong = format!("Bearer {}", "0".repeat(page.key.len()));
    for authorization in [None, Some(wrong.as_str()), Some(page.key.as_str()), Some("Bearer ")] {
        let mut headers = vec![("Host", host.as_str())];
        headers.extend(authorization.map(|value| ("Authorization", value)));
        is(&page.ask("GET /api/stores", &headers), 401, "open the address");
    }
    // A name of somebody else's that leads here.
    for foreign in [
        "rebound.example",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.rebound.example",
    ] {
        let headers = [("Host", foreign), own[1]];
        is(&page.ask("GET /api/stores", &headers), 421, "another name");
        is(&page.ask("GET /", &headers), 421, "another name");
    }
    for foreign in [
        "https://example.net",
        "null",
        "http://127.0.0.1:1",
        &format!("https://{host}"),
    ] {
        let headers = [own[0], own[1], ("Origin", foreign)];
        is(&page.ask("GET /api/stores", &headers), 403, "another page");
        is(&page.ask("POST /api/dreams/x/approve", &headers), 403, "another page");
        is(
            &page.ask("OPTIONS /api/dreams/x/approve", &headers),
            403,
            "another page",
        );
    }
    // A change says where it comes from, and is no read.
    is(&page.ask("POST /api/dreams/x/undo", &own), 403, "another page");
    for change in ["approve", "reject", "undo"] {
        is(&page.ask(&format!("GET /api/dreams/x/{change}"), &own), 405, "");
    }
    let all = [own[0], own[1], ("Origin", &origin)];
    is(&page.ask("POST /api/dreams/x/undo", &all), 502, "k8s+dream://team-a/x");
    // Nothing but a name reaches the apiserver's paths.
    is(
        &page.ask("GET /api/dreams/..%2Fsecrets%2Fx", &own),
        400,
        "not a valid object name",
    );
}

#[test]
fn the_page_holds_nothing_of_anybodys_and_may_do_little() {
    let page = Page::serve();
    let host = page.host();
    for path in ["/", "/main.js", "/style.css", "/api/stores", "/nothing"] {
        let answer = page.ask(&format!("GET {path}"), &[("Host", &host)]);
        let head = answer.split("\r\n\r\n").next().unwrap().to_lowercase();
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
        ] {
            assert!(head.contains(header), "{path}: {header} is not in {head}");
        }
        assert!(!head.contains("access-control-allow"), "{path}: {head}");
        assert!(!answer.contains(&page.key), "{path} gives the key away");
    }
    let html = page.ask("GET /", &[("Host", &host)]);
    is(&html, 200, "<main");
    assert!(!html.contains("<script>") && !html.contains("style="), "{html}");
}

#[test]
fn it_listens_on_this_machine_alone_and_ends_on_ctrl_c() {
    let mut page = Page::serve();
    let listening = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let everywhere = format!("00000000:{:04X} 00000000:0000 0A", page.port);
    let here = format!("0100007F:{:04X} 00000000:0000 0A", page.port);
    assert!(
        listening.contains(&here) && !listening.contains(&everywhere),
        "{listening}"
    );
    let interrupt = Command::new("kill")
        .args(["-INT", &page.process.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    assert_eq!(page.process.wait().unwrap().code(), Some(0));
}

#[test]
fn a_port_that_is_taken_is_named_with_what_to_do() {
    let page = Page::serve();
    let folder = TempDir::new().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, NOWHERE).unwrap();
    let port = page.port.to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_remanence"))
        .args(["ui", "--port", &port, "--kubeconfig"])
        .arg(&kubeconfig)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains(&format!("127.0.0.1:{port}")) && said.contains("without --port"),
        "{said}"
    );
}
