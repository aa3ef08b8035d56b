//! The daemon as it runs in a container: the program itself, with a node plugin that the test plays.

use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use remanence_proto::broker::attachment::Access::ReadWrite;
use remanence_proto::frame;
use remanence_proto::handover::{FromNode, FromSidecar, Offer, from_node, from_sidecar};
use remanence_tests::cluster::{Bucket, Cluster};
use remanence_tests::prerequisites::{binary, seaweedfs_url};
use rustix::mount::UnmountFlags;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, accept, bind, listen, socket_with};
use rustix::process::{Pid, Signal, kill_process};

use crate::pod::{apart, mount};

/// What a pod gives the sidecar.
const MEMORY: u64 = 64 << 20;

struct Sidecar {
    child: Child,
    at: std::path::PathBuf,
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

fn memory(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_daemon_takes_over_serves_and_says_goodbye_on_seaweedfs() {
    let program = binary().with_file_name("remanence-sidecar");
    let (cluster, store) = (Cluster::start().await, Bucket::new(&seaweedfs_url()).await);
    cluster.grant("one", vec![store.granted("project", ReadWrite)]);
    let dir = tempfile::tempdir().unwrap();
    let (at, socket, token) = (dir.path().join("mnt"), dir.path().join("s"), dir.path().join("token"));
    std::fs::create_dir(&at).unwrap();
    std::fs::write(&token, "token-of-one").unwrap();
    let listener = plugin(&socket);
    let broker = cluster.config(token);
    let listen = format!("127.0.0.1:{}", free_port());
    let mut command = Command::new(&program);
    command
        .env_clear()
        .env("REMANENCE_BROKER", &broker.url)
        .env("REMANENCE_BROKER_CA", broker.ca.as_deref().unwrap())
        .env("REMANENCE_TOKEN", &broker.token)
        .env("REMANENCE_AGENT", "agent-of-one")
        .env("REMANENCE_DIR", &at)
        .env("REMANENCE_CACHE", dir.path().join("cache"))
        .env("REMANENCE_HANDOVER", &socket)
        .env("REMANENCE_LISTEN", &listen)
        .stderr(Stdio::inherit());
    let fuse = mount(&at);
    let started = Instant::now();
    let mut sidecar = Sidecar {
        child: command.spawn().unwrap(),
        at: at.clone(),
    };
    let connection = apart(move || {
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
        // The plugin holds the mount, too, as long as nobody says goodbye.
        (connection, fuse)
    })
    .await;
    let gate = {
        let (program, listen) = (program.clone(), listen.clone());
        apart(move || {
            let mut wait = Command::new(program);
            wait.args(["wait", "--timeout", "30s"]).env("REMANENCE_LISTEN", listen);
            wait.status().unwrap()
        })
        .await
    };
    assert!(gate.success(), "the gate opens");
    println!("start to ready: {:?}", started.elapsed());
    let folder = at.join("project");
    apart(move || {
        for n in 0..200 {
            std::fs::write(folder.join(format!("{n}.md")), format!("note {n}\n")).unwrap();
        }
    })
    .await;
    let used = memory(&sidecar.child);
    println!("the sidecar's peak: {:.1} MiB", used as f64 / f64::from(1 << 20));
    assert!(used <= MEMORY, "{used} bytes");

    let metrics = apart(move || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(listen).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    })
    .await;
    assert!(metrics.contains("remanence_sidecar_broker_connected 1"), "{metrics}");
    assert!(
        metrics.contains("remanence_sidecar_store_head{attachment=\"project\"} "),
        "{metrics}"
    );

    kill_process(Pid::from_raw(sidecar.child.id().cast_signed()).unwrap(), Signal::TERM).unwrap();
    let (connection, fuse) = connection;
    let goodbye = apart(move || heard(&connection)).await;
    assert!(matches!(goodbye, from_sidecar::Message::Goodbye(_)), "{goodbye:?}");
    drop(fuse);
    let deadline = Instant::now() + Duration::from_secs(10);
    let status = loop {
        if let Some(status) = sidecar.child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < deadline, "the daemon ends after its goodbye");
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert!(status.success(), "{status}");
    let store = store.open().await;
    assert_eq!(store.tree().nodes().filter(|node| !node.is_dir()).count(), 200);
}
