//! The daemon as it runs in a container: the program itself, with a node plugin that the test plays.

use std::io::Write;
use std::net::TcpStream;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use remanence_proto::broker::attachment::Access::ReadWrite;
use remanence_proto::frame;
use remanence_proto::handover::{FromNode, FromSidecar, Offer, from_node, from_sidecar};
use remanence_tests::cluster::{Bucket, Cluster};
use remanence_tests::cuttable_proxy::CuttableProxy;
use remanence_tests::metric_names::{named, told};
use remanence_tests::prerequisites::{binary, seaweedfs_url};
use remanence_tests::process;
use rustix::mount::UnmountFlags;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, accept, bind, listen, socket_with};
use rustix::process::{Pid, Signal, kill_process};

use crate::pod::{apart, mount};

/// What a pod gives the sidecar.
const MEMORY: u64 = 64 << 20;

struct Sidecar {
    child: Child,
    at: PathBuf,
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        rustix::mount::unmount(&self.at, UnmountFlags::DETACH).expect("the mount is there");
    }
}

fn plugin(socket: &Path) -> OwnedFd {
    let plugin = socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap();
    bind(&plugin, &SocketAddrUnix::new(socket).unwrap()).unwrap();
    listen(&plugin, 4).unwrap();
    plugin
}

fn heard(connection: &OwnedFd) -> from_sidecar::Message {
    let frame = frame::receive::<FromSidecar>(connection).unwrap().unwrap();
    frame.message.message.unwrap()
}

/// What the node plugin and the kubelet set up for a pod.
struct Setting {
    dir: tempfile::TempDir,
    at: PathBuf,
    listener: OwnedFd,
}

impl Setting {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().join("mnt");
        std::fs::create_dir(&at).unwrap();
        std::fs::write(dir.path().join("token"), "token-of-one").unwrap();
        Self {
            listener: plugin(&dir.path().join("s")),
            at,
            dir,
        }
    }

    /// The container's command.
    fn command(&self, cluster: &Cluster) -> Command {
        let broker = cluster.config(self.dir.path().join("token"));
        let mut command = Command::new(binary().with_file_name("remanence-sidecar"));
        command
            .env_clear()
            .env("REMANENCE_BROKER", &broker.url)
            .env("REMANENCE_BROKER_CA", broker.ca.as_deref().unwrap())
            .env("REMANENCE_TOKEN", &broker.token)
            .env("REMANENCE_AGENT", "agent-of-one")
            .env("REMANENCE_DIR", &self.at)
            .env("REMANENCE_CACHE", self.dir.path().join("cache"))
            .env("REMANENCE_HANDOVER", self.dir.path().join("s"))
            .env("REMANENCE_LISTEN", "127.0.0.1:0");
        command
    }

    /// The container, started.
    fn start(&self, cluster: &Cluster) -> Sidecar {
        Sidecar {
            child: self.command(cluster).spawn().unwrap(),
            at: self.at.clone(),
        }
    }

    /// Hands the mount to whoever connects, and hears that it is served.
    async fn hand_over(&self, fuse: &OwnedFd) -> OwnedFd {
        let (listener, fuse) = (self.listener.try_clone().unwrap(), fuse.try_clone().unwrap());
        apart(move || {
            let connection = accept(&listener).unwrap();
            assert!(matches!(heard(&connection), from_sidecar::Message::Hello(_)));
            let offer = FromNode {
                message: Some(from_node::Message::Offer(Offer {
                    version: 1,
                    volume: "csi-1".into(),
                    ..Offer::default()
                })),
            };
            frame::send(&connection, &offer, Some(fuse.as_fd())).unwrap();
            assert!(matches!(heard(&connection), from_sidecar::Message::Served(_)));
            connection
        })
        .await
    }

    /// Waits as the container's postStart does.
    async fn wait(&self, cluster: &Cluster, timeout: &'static str) -> Output {
        let mut wait = self.command(cluster);
        wait.args(["wait", "--timeout", timeout]);
        apart(move || wait.output().unwrap()).await
    }

    async fn gate(&self, cluster: &Cluster) {
        let waited = self.wait(cluster, "30s").await;
        let said = String::from_utf8_lossy(&waited.stderr);
        assert!(waited.status.success(), "the gate opens: {said}");
    }

    /// The gate stays closed for longer than the kubelet waits; what it says of why.
    async fn closed(&self, cluster: &Cluster) -> String {
        let waited = self.wait(cluster, "1s").await;
        assert!(!waited.status.success(), "the gate opened");
        String::from_utf8(waited.stderr).unwrap()
    }

    /// Another mount in place of one that nobody serves any more, as the plugin makes it for the next sidecar.
    fn mount_anew(&self, old: OwnedFd) -> OwnedFd {
        drop(old);
        rustix::mount::unmount(&self.at, UnmountFlags::DETACH).unwrap();
        mount(&self.at)
    }
}

async fn ended(child: &mut Child) -> std::process::ExitStatus {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < deadline, "the daemon ends");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_daemon_takes_over_serves_and_says_goodbye_on_seaweedfs() {
    let (cluster, store) = (Cluster::start().await, Bucket::new(&seaweedfs_url()).await);
    cluster.grant("one", vec![store.granted("project", ReadWrite)]);
    let setting = Setting::new();
    let fuse = mount(&setting.at);
    let started = Instant::now();
    let mut sidecar = setting.start(&cluster);
    let connection = setting.hand_over(&fuse).await;
    setting.gate(&cluster).await;
    println!("start to ready: {:?}", started.elapsed());
    let folder = setting.at.join("project");
    apart(move || {
        for n in 0..200 {
            std::fs::write(folder.join(format!("{n}.md")), format!("note {n}\n")).unwrap();
        }
    })
    .await;
    let used = process::peak(sidecar.child.id()).unwrap();
    println!("the sidecar's peak: {:.1} MiB", used as f64 / f64::from(1 << 20));
    assert!(used <= MEMORY, "{used} bytes");

    let port = std::fs::read_to_string(setting.dir.path().join("cache/port")).unwrap();
    let port: u16 = port.parse().unwrap();
    let metrics = apart(move || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
        std::io::read_to_string(stream).unwrap()
    })
    .await;
    assert!(metrics.contains("remanence_sidecar_broker_connected 1"), "{metrics}");
    assert!(
        metrics.contains("remanence_sidecar_store_head{attachment=\"project\"} "),
        "{metrics}"
    );
    assert_eq!(told("remanence_sidecar_", &metrics), named("remanence_sidecar_"));

    kill_process(Pid::from_raw(sidecar.child.id().cast_signed()).unwrap(), Signal::TERM).unwrap();
    let said = apart(move || [heard(&connection), heard(&connection)]).await;
    assert!(
        matches!(
            said,
            [from_sidecar::Message::Leaving(_), from_sidecar::Message::Goodbye(_)]
        ),
        "{said:?}"
    );
    drop(fuse);
    let status = ended(&mut sidecar.child).await;
    assert!(status.success(), "{status}");
    let store = store.open().await;
    assert_eq!(store.tree().nodes().filter(|node| !node.is_dir()).count(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_daemon_that_is_killed_leaves_an_error_and_nobody_waiting_on_seaweedfs() {
    let (cluster, store) = (Cluster::start().await, Bucket::new(&seaweedfs_url()).await);
    cluster.grant("one", vec![store.granted("project", ReadWrite)]);
    let setting = Setting::new();
    let fuse = mount(&setting.at);
    let mut sidecar = setting.start(&cluster);
    let connection = setting.hand_over(&fuse).await;
    setting.gate(&cluster).await;
    let file = setting.at.join("project/a.md");
    apart(move || std::fs::write(file, "acknowledged\n").unwrap()).await;
    sidecar.child.kill().unwrap();
    ended(&mut sidecar.child).await;
    drop(connection);
    // Waits for an answer that nobody gives.
    let file = setting.at.join("project/new.md");
    let waiting = tokio::task::spawn_blocking(move || std::fs::read(file).unwrap_err().kind());

    let mut next = setting.command(&cluster);
    sidecar.child = next.stderr(Stdio::piped()).spawn().unwrap();
    let connection = setting.hand_over(&fuse).await;
    let goodbye = apart(move || heard(&connection)).await;
    assert!(matches!(goodbye, from_sidecar::Message::Goodbye(_)), "{goodbye:?}");
    drop((fuse, setting.listener));
    assert!(!ended(&mut sidecar.child).await.success());
    let said = std::io::read_to_string(sidecar.child.stderr.take().unwrap()).unwrap();
    let last: serde_json::Value = serde_json::from_str(said.trim_end().rsplit('\n').next().unwrap()).unwrap();
    assert_eq!(last["level"], "ERROR", "{said}");
    let message = last["fields"]["message"].as_str().unwrap();
    assert!(message.contains("delete it"), "{said}");
    assert_eq!(waiting.await.unwrap(), std::io::ErrorKind::ConnectionAborted);
    let store = store.open().await;
    assert!(store.tree().lookup("/a.md").is_some(), "what was acknowledged is there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_pod_that_starts_while_broker_or_store_are_away_begins_when_they_are_back_on_seaweedfs() {
    let mut cluster = Cluster::start().await;
    let proxy = CuttableProxy::before(&seaweedfs_url()).unwrap();
    let store = Bucket::new(proxy.url()).await;
    cluster.grant("one", vec![store.granted("project", ReadWrite)]);
    cluster.kill_broker().await;
    proxy.cut();
    let setting = Setting::new();
    let fuse = mount(&setting.at);
    let mut sidecar = setting.start(&cluster);
    let connection = setting.hand_over(&fuse).await;
    let said = setting.closed(&cluster).await;
    assert!(said.contains("no stream to the broker"), "{said}");
    // The kubelet ends a sidecar whose postStart has failed, and starts it anew.
    kill_process(Pid::from_raw(sidecar.child.id().cast_signed()).unwrap(), Signal::TERM).unwrap();
    assert!(ended(&mut sidecar.child).await.success());
    drop(connection);

    let fuse = setting.mount_anew(fuse);
    sidecar.child = setting.command(&cluster).spawn().unwrap();
    let connection = setting.hand_over(&fuse).await;
    cluster.revive_broker().await;
    setting.closed(&cluster).await;
    // One that is killed before anybody used its mount has lost nothing either.
    sidecar.child.kill().unwrap();
    ended(&mut sidecar.child).await;
    drop(connection);

    let fuse = setting.mount_anew(fuse);
    sidecar.child = setting.command(&cluster).spawn().unwrap();
    let _connection = setting.hand_over(&fuse).await;
    setting.closed(&cluster).await;
    proxy.mend();
    setting.gate(&cluster).await;
    let file = setting.at.join("project/a.md");
    apart(move || std::fs::write(file, "here\n").unwrap()).await;
    assert!(store.open().await.tree().lookup("/a.md").is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_pod_that_is_deleted_while_it_waits_is_waited_for_no_longer_on_seaweedfs() {
    let cluster = Cluster::start().await;
    let proxy = CuttableProxy::before(&seaweedfs_url()).unwrap();
    let store = Bucket::new(proxy.url()).await;
    cluster.grant("one", vec![store.granted("project", ReadWrite)]);
    proxy.cut();
    let setting = Setting::new();
    let fuse = mount(&setting.at);
    let _sidecar = setting.start(&cluster);
    let _connection = setting.hand_over(&fuse).await;
    setting.closed(&cluster).await;
    let (waited, ()) = tokio::join!(setting.wait(&cluster, "30s"), async { cluster.delete("one") });
    let said = String::from_utf8_lossy(&waited.stderr);
    assert!(!waited.status.success() && said.contains("being deleted"), "{said}");
    assert!(!said.contains("not ready in 30 s"), "it waited to the end: {said}");
}
