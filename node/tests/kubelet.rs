//! The plugin as a kubelet and a sidecar see it: real mounts in a kubelet's folder of the test's own.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::fs::{self, File};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use remanence_node::DRIVER;
use remanence_node::messages::csi::node_client::NodeClient;
use remanence_node::messages::csi::{NodeGetInfoRequest, NodePublishVolumeRequest, NodeUnpublishVolumeRequest};
use remanence_node::server::{Config, Limits, serve};
use remanence_proto::frame;
use remanence_proto::handover::{FromNode, FromSidecar, Hello, Leaving, Served, from_node, from_sidecar as say};
use remanence_sidecar::handover;
use remanence_sidecar::{Mount, MountConfig, Timing};
use rustix::fs::{Mode, OFlags, openat};
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsmount, fsopen};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::Code;
use tonic::transport::{Channel, Endpoint};

const POD: &str = "3f2a";
const PATIENCE: Duration = Duration::from_secs(20);

struct Kubelet {
    folder: tempfile::TempDir,
    client: NodeClient<Channel>,
    stop: Option<oneshot::Sender<()>>,
    plugin: JoinHandle<()>,
}

impl Kubelet {
    async fn start(limits: Limits) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), limits).await
    }

    async fn start_in(folder: tempfile::TempDir, limits: Limits) -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "mounting needs root: run the tests with sudo"
        );
        for volume in ["memory", "handover"] {
            fs::create_dir_all(target(folder.path(), volume).parent().unwrap()).unwrap();
        }
        let config = Config {
            kubelet: folder.path().to_owned(),
            node: "node-1".into(),
            limits,
        };
        let (stop, stopped) = oneshot::channel();
        let plugin = tokio::spawn(async move {
            let stopped = async {
                // A test that is over is as good a reason.
                let _ = stopped.await;
            };
            serve(config, stopped).await.unwrap();
        });
        let socket = folder.path().join("plugins").join(DRIVER).join("csi.sock");
        let endpoint = Endpoint::from_shared(format!("unix://{}", socket.display())).unwrap();
        let deadline = Instant::now() + PATIENCE;
        let channel = loop {
            match endpoint.connect().await {
                Ok(channel) => break channel,
                Err(error) => assert!(Instant::now() < deadline, "the plugin does not answer: {error}"),
            }
            tokio::task::yield_now().await;
        };
        Self {
            folder,
            client: NodeClient::new(channel),
            stop: Some(stop),
            plugin,
        }
    }

    fn target(&self, volume: &str) -> PathBuf {
        target(self.folder.path(), volume)
    }

    async fn publish(&mut self, volume: &str, pod: &str) -> Result<(), tonic::Status> {
        let words = [
            ("csi.storage.k8s.io/pod.uid", pod),
            ("csi.storage.k8s.io/ephemeral", "true"),
            ("role", volume),
        ];
        let request = NodePublishVolumeRequest {
            volume_id: format!("csi-{volume}"),
            target_path: self.target(volume).display().to_string(),
            readonly: false,
            volume_context: words.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        };
        self.client.node_publish_volume(request).await.map(|_| ())
    }

    async fn unpublish(&mut self, volume: &str) {
        let request = NodeUnpublishVolumeRequest {
            volume_id: format!("csi-{volume}"),
            target_path: self.target(volume).display().to_string(),
        };
        self.client.node_unpublish_volume(request).await.unwrap();
    }

    /// All volumes of a pod.
    async fn publish_both(&mut self) {
        for volume in ["memory", "handover"] {
            self.publish(volume, POD).await.unwrap();
        }
    }

    async fn unpublish_both(&mut self) {
        for volume in ["memory", "handover"] {
            self.unpublish(volume).await;
        }
    }

    async fn take(&self) -> handover::Received {
        let socket = self.target("handover").join("s");
        tokio::task::spawn_blocking(move || handover::receive(&socket, PATIENCE))
            .await
            .unwrap()
            .unwrap()
    }

    /// Ends the plugin; what is left of it is in the kubelet's folder.
    async fn end(mut self) -> tempfile::TempDir {
        // The plugin may have ended by itself, which its handle then tells.
        let _ = self.stop.take().unwrap().send(());
        self.plugin.await.unwrap();
        self.folder
    }
}

fn target(kubelet: &Path, volume: &str) -> PathBuf {
    kubelet.join(format!("pods/{POD}/volumes/kubernetes.io~csi/{volume}/mount"))
}

fn is_mounted(at: &Path) -> bool {
    connection(at).is_some()
}

/// The number of the FUSE connection of what is mounted there.
fn connection(at: &Path) -> Option<String> {
    let table = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let point = at.display().to_string();
    let mut lines = table.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let mounted = lines.find(|fields| fields.get(4) == Some(&point.as_str()))?;
    mounted[2].strip_prefix("0:").map(str::to_owned)
}

/// How many requests of a connection have no answer yet.
fn unanswered(connection: &str) -> u32 {
    let context = fsopen("fusectl", FsOpenFlags::FSOPEN_CLOEXEC).unwrap();
    fsconfig_create(&context).unwrap();
    let root = fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty()).unwrap();
    let path = format!("{connection}/waiting");
    let file = openat(&root, &*path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).unwrap();
    let count = std::io::read_to_string(File::from(file)).unwrap();
    count.trim().parse().unwrap()
}

async fn sidecar(fd: OwnedFd, cache: &Path) -> Mount {
    let config = MountConfig {
        attachments: Vec::new(),
        sessions: None,
        at: "/mnt/memory".into(),
        agent: "reviewer".into(),
        cache: cache.to_owned(),
        contents: MountConfig::CONTENTS,
        uid: Some(0),
        gid: Some(0),
        grace: MountConfig::GRACE,
        timing: Timing::default(),
    };
    Mount::start_on(fd, config).await.unwrap()
}

/// The sidecar that took the mount over serves it, is read from, and leaves.
async fn serve_and_leave(received: handover::Received, memory: &Path) {
    let cache = tempfile::tempdir().unwrap();
    let mount = sidecar(received.mount.try_clone().unwrap(), cache.path()).await;
    let held = received.link.served(received.mount, Vec::new()).unwrap();
    let note = read(memory.join("CLAUDE.md")).await.unwrap();
    assert!(note.contains("memory"), "{note}");
    held.goodbye();
    mount.stop().await;
}

async fn read(path: PathBuf) -> std::io::Result<String> {
    tokio::task::spawn_blocking(move || fs::read_to_string(path))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mount_goes_to_the_sidecar_and_away_with_the_pod() {
    let mut kubelet = Kubelet::start(Limits::default()).await;
    let info = kubelet.client.node_get_info(NodeGetInfoRequest {}).await.unwrap();
    assert_eq!(info.into_inner().node_id, "node-1");
    // In either order, and again, as the kubelet does it.
    for volume in ["memory", "handover", "memory", "handover"] {
        kubelet.publish(volume, POD).await.unwrap();
    }
    let memory = kubelet.target("memory");
    assert!(is_mounted(&memory));
    let received = kubelet.take().await;
    serve_and_leave(received, &memory).await;
    for volume in ["memory", "handover"] {
        kubelet.unpublish(volume).await;
        kubelet.unpublish(volume).await;
    }
    assert!(!is_mounted(&memory));
    assert!(
        !kubelet.target("handover").exists(),
        "the kubelet wants the target gone"
    );
    kubelet.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mount_that_nobody_serves_fails_its_callers_and_goes_away() {
    let limits = Limits {
        start: Duration::from_millis(100),
        ..Limits::default()
    };
    let mut kubelet = Kubelet::start(limits).await;
    kubelet.publish("memory", POD).await.unwrap();
    let memory = kubelet.target("memory");
    fails(&memory).await;
    kubelet.unpublish("memory").await;
    assert!(!is_mounted(&memory));
    kubelet.end().await;
}

/// Whoever touches the mount gets an error, after some time.
async fn fails(memory: &Path) {
    let answer = tokio::time::timeout(PATIENCE, read(memory.join("CLAUDE.md"))).await;
    let error = answer.expect("nobody waits for ever").unwrap_err();
    let expected = [rustix::io::Errno::NOTCONN, rustix::io::Errno::CONNABORTED].map(|e| Some(e.raw_os_error()));
    assert!(expected.contains(&error.raw_os_error()), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mount_goes_with_its_pod_though_somebody_waits_at_it_whom_nobody_serves() {
    // By itself it would go in ten minutes.
    let mut kubelet = Kubelet::start(Limits::default()).await;
    kubelet.publish_both().await;
    let memory = kubelet.target("memory");
    let connection = connection(&memory).unwrap();
    let before = unanswered(&connection);
    let waiting = tokio::spawn(read(memory.join("CLAUDE.md")));
    let deadline = Instant::now() + PATIENCE;
    while unanswered(&connection) == before {
        assert!(Instant::now() < deadline, "nobody waits at the mount");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let gone = tokio::time::timeout(PATIENCE, kubelet.unpublish_both()).await;
    gone.expect("the pod goes");
    let answer = tokio::time::timeout(PATIENCE, waiting).await;
    answer.expect("nobody waits for ever").unwrap().unwrap_err();
    assert!(!is_mounted(&memory));
    kubelet.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_that_took_the_mount_and_does_not_answer_fails_its_callers() {
    let limits = Limits {
        serve: Duration::from_millis(100),
        ..Limits::default()
    };
    let mut kubelet = Kubelet::start(limits).await;
    kubelet.publish_both().await;
    let received = kubelet.take().await;
    fails(&kubelet.target("memory")).await;
    // It was alive all the while.
    drop(received);
    kubelet.unpublish_both().await;
    kubelet.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_that_died_and_has_no_successor_fails_its_callers() {
    let limits = Limits {
        takeover: Duration::from_millis(100),
        ..Limits::default()
    };
    let mut kubelet = Kubelet::start(limits).await;
    kubelet.publish_both().await;
    let socket = kubelet.target("handover").join("s");
    let mount = tokio::task::spawn_blocking(move || {
        let connection = hello(&socket, vec![1]);
        let offered = frame::receive::<FromNode>(&connection).unwrap().unwrap();
        let served = say::Message::Served(Served::default());
        frame::send(&connection, &FromSidecar { message: Some(served) }, None).unwrap();
        offered.descriptor.unwrap()
    });
    // As long as somebody has it open, only the plugin ends the mount.
    let mount = mount.await.unwrap();
    fails(&kubelet.target("memory")).await;
    drop(mount);
    kubelet.unpublish_both().await;
    kubelet.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_after_a_sidecar_that_died_or_left_gets_a_mount_of_its_own() {
    let mut kubelet = Kubelet::start(Limits::default()).await;
    kubelet.publish_both().await;
    let socket = kubelet.target("handover").join("s");
    let died = tokio::task::spawn_blocking(move || {
        let connection = hello(&socket, vec![1]);
        frame::receive::<FromNode>(&connection).unwrap().unwrap();
        let served = say::Message::Served(Served::default());
        frame::send(&connection, &FromSidecar { message: Some(served) }, None).unwrap();
    });
    died.await.unwrap();
    for _ in 0..2 {
        let received = kubelet.take().await;
        serve_and_leave(received, &kubelet.target("memory")).await;
    }
    kubelet.unpublish_both().await;
    kubelet.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mount_that_a_new_plugin_is_given_back_is_the_next_sidecars() {
    let mut kubelet = Kubelet::start(Limits::default()).await;
    let memory = kubelet.target("memory");
    let socket = kubelet.target("handover").join("s");
    kubelet.publish_both().await;
    for volume in ["memory", "handover"] {
        let note = format!("{{\"driverName\":\"{DRIVER}\"}}");
        fs::write(kubelet.target(volume).with_file_name("vol_data.json"), note).unwrap();
    }
    let mounted = connection(&memory).unwrap();
    let at = socket.clone();
    let (first, mount) = tokio::task::spawn_blocking(move || {
        let connection = hello(&at, vec![1]);
        let offered = frame::receive::<FromNode>(&connection).unwrap().unwrap();
        let served = say::Message::Served(Served::default());
        frame::send(&connection, &FromSidecar { message: Some(served) }, None).unwrap();
        (connection, offered.descriptor.unwrap())
    })
    .await
    .unwrap();

    // It finds the pod by itself; the kubelet has not called yet.
    let mut kubelet = Kubelet::start_in(kubelet.end().await, Limits::default()).await;
    let given = tokio::task::spawn_blocking(move || {
        let message = Hello {
            versions: vec![1],
            init: b"as the kernel asked".to_vec(),
            ..Hello::default()
        };
        // The sidecar dies: nobody but the new plugin can offer what it was given.
        drop(say_hello(&socket, message, Some(&mount)));
    });
    given.await.unwrap();
    let received = kubelet.take().await;
    assert_eq!(received.offer.init, b"as the kernel asked");
    assert_eq!(connection(&memory).as_ref(), Some(&mounted), "it was mounted anew");
    serve_and_leave(received, &memory).await;
    kubelet.unpublish_both().await;
    assert!(!is_mounted(&memory));
    drop(first);
    kubelet.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_that_dies_under_a_new_plugin_and_has_no_successor_fails_its_callers() {
    let mut kubelet = Kubelet::start(Limits::default()).await;
    kubelet.publish_both().await;
    let mount = kubelet.take().await.mount;
    let limits = Limits {
        takeover: Duration::from_millis(100),
        ..Limits::default()
    };
    let mut kubelet = Kubelet::start_in(kubelet.end().await, limits).await;
    kubelet.publish_both().await;
    let memory = kubelet.target("memory");
    let socket = kubelet.target("handover").join("s");
    let died = tokio::task::spawn_blocking(move || {
        let message = Hello {
            versions: vec![1],
            ..Hello::default()
        };
        drop(say_hello(&socket, message, Some(&mount)));
        mount
    });
    // As long as somebody has it open, only the plugin ends the mount.
    let mount = died.await.unwrap();
    fails(&memory).await;
    drop(mount);
    kubelet.unpublish_both().await;
    kubelet.end().await;
}

/// A sidecar that speaks these versions, as far as its hello.
fn hello(socket: &Path, versions: Vec<u32>) -> OwnedFd {
    let hello = Hello {
        versions,
        ..Hello::default()
    };
    say_hello(socket, hello, None)
}

fn say_hello(socket: &Path, hello: Hello, mount: Option<&OwnedFd>) -> OwnedFd {
    let connection = socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap();
    connect(&connection, &SocketAddrUnix::new(socket).unwrap()).unwrap();
    let message = FromSidecar {
        message: Some(say::Message::Hello(hello)),
    };
    frame::send(&connection, &message, mount.map(AsFd::as_fd)).unwrap();
    connection
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_with_no_version_in_common_is_told_so_and_one_with_several_gets_the_mount() {
    let mut kubelet = Kubelet::start(Limits::default()).await;
    kubelet.publish_both().await;
    let socket = kubelet.target("handover").join("s");
    let answered = tokio::task::spawn_blocking(move || {
        let answer = |versions| {
            let connection = hello(&socket, versions);
            frame::receive::<FromNode>(&connection).unwrap().unwrap()
        };
        (answer(vec![9]), answer(vec![9, 1]))
    });
    let (refused, offered) = answered.await.unwrap();
    let Some(from_node::Message::Refusal(refusal)) = refused.message.message else {
        panic!("it was not refused")
    };
    assert!(
        refusal.message.contains("versions [9], this node plugin [1]"),
        "{}",
        refusal.message
    );
    assert!(refused.descriptor.is_none());
    assert!(matches!(offered.message.message, Some(from_node::Message::Offer(offer)) if offer.version == 1));
    drop(offered.descriptor.unwrap());
    kubelet.unpublish_both().await;
    kubelet.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_the_successor_of_a_sidecar_that_was_killed_as_it_left() {
    let mut kubelet = Kubelet::start(Limits::default()).await;
    kubelet.publish_both().await;
    let socket = kubelet.target("handover").join("s");
    let killed = tokio::task::spawn_blocking(move || {
        let connection = hello(&socket, vec![1]);
        let send = |message| frame::send(&connection, &FromSidecar { message: Some(message) }, None).unwrap();
        let offered = frame::receive::<FromNode>(&connection).unwrap().unwrap();
        send(say::Message::Served(Served::default()));
        send(say::Message::Leaving(Leaving {}));
        // All its descriptors go with it.
        offered.descriptor.unwrap()
    });
    drop(killed.await.unwrap());
    let memory = kubelet.target("memory");
    let answer = tokio::time::timeout(PATIENCE, read(memory.join("CLAUDE.md"))).await;
    answer.expect("nobody waits for a successor").unwrap_err();
    kubelet.unpublish_both().await;
    assert!(!is_mounted(&memory));
    kubelet.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_reboot_a_pod_gets_its_mount_whatever_its_folders_look_like() {
    let folder = tempfile::tempdir().unwrap();
    let at = target(folder.path(), "memory");
    fs::create_dir_all(&at).unwrap();
    let note = format!("{{\"driverName\":\"{DRIVER}\"}}");
    fs::write(at.with_file_name("vol_data.json"), note).unwrap();
    // As a plugin left it that took the folder for the one of the hand-over.
    drop(UnixListener::bind(at.join("s")).unwrap());
    let mut kubelet = Kubelet::start_in(folder, Limits::default()).await;
    kubelet.publish_both().await;
    assert!(is_mounted(&at));
    let received = kubelet.take().await;
    assert_eq!(received.offer.volume, at.display().to_string());
    drop(received);
    for volume in ["memory", "handover"] {
        kubelet.unpublish(volume).await;
        assert!(!kubelet.target(volume).exists(), "{volume}");
    }
    assert!(!is_mounted(&at));
    kubelet.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_kubelets_own_word_is_refused() {
    let mut kubelet = Kubelet::start(Limits::default()).await;
    let refused = kubelet.publish("memory", "another").await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    assert!(!is_mounted(&kubelet.target("memory")));
    let request = NodePublishVolumeRequest {
        target_path: "/etc".into(),
        volume_context: HashMap::new(),
        ..NodePublishVolumeRequest::default()
    };
    let refused = kubelet.client.node_publish_volume(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    kubelet.end().await;
}
