//! containerd, the kubelet, the network of pods and Services, and names.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::cluster::machine::Machine;
use crate::cluster::place::Place;
use crate::cluster::tools::Tools;
use crate::cluster::{cgroups, environment, image, link};

const PATIENCE: Duration = Duration::from_mins(2);
/// Addresses of pods.
pub(crate) const PODS: &str = "198.18.0.0/24";
const PARTS: [&str; 3] = ["containerd", "kubelet", "kube-proxy"];

/// A negative `oom_score_adj` takes `CAP_SYS_RESOURCE`, which a container may not have.
const CONTAINERD: &str = r#"
version = 2
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
"#;

pub(crate) fn start(place: &Place, machine: &Machine, tools: &Tools) -> Result<()> {
    println!("starting containerd");
    let network = place.path("cni");
    let setting = format!("{CONTAINERD}    conf_dir = {:?}\n", network.display().to_string());
    place.write("containerd.toml", &setting)?;
    // Nothing outside the cluster has a name in it.
    place.write("resolv.conf", "")?;
    place.write("cni/pods.conflist", &format!("{:#}", pod_network()))?;
    let config = place.path("containerd.toml").display().to_string();
    machine.run(place, "containerd", &["containerd".into(), "--config".into(), config])?;
    image::wait_for_containerd(place, machine)?;
    image::load(machine, &tools.pause)?;

    println!("starting kubelet, kube-proxy and dns");
    let address = link::node(place)?.to_string();
    place.write("kubelet.yaml", &format!("{:#}", kubelet(place, &address)))?;
    let run = |part: &str, flags| tools.run(place, machine, part, flags);
    run(
        "kubelet",
        vec![
            place.flag("config", "kubelet.yaml"),
            place.flag("kubeconfig", "kubelet.kubeconfig"),
            format!("--hostname-override={}", place.name),
            format!("--node-ip={address}"),
        ],
    )?;
    run(
        "kube-proxy",
        vec![
            place.flag("kubeconfig", "proxy.kubeconfig"),
            format!("--hostname-override={}", place.name),
            format!("--cluster-cidr={PODS}"),
            "--proxy-mode=iptables".into(),
            // Limits of the whole machine are not this cluster's to set.
            "--conntrack-max-per-core=0".into(),
            "--conntrack-tcp-timeout-established=0".into(),
            "--conntrack-tcp-timeout-close-wait=0".into(),
        ],
    )?;
    run(
        "dns",
        vec![place.flag("kubeconfig", "kubeconfig"), format!("--listen={address}:53")],
    )?;
    environment::wait(place, machine, "the node", PATIENCE, &PARTS, |kubectl| {
        kubectl
            .args(["wait", "--for=condition=Ready", "--timeout=15s"])
            .arg(format!("node/{}", place.name));
    })?;
    environment::wait(
        place,
        machine,
        "the default ServiceAccount",
        PATIENCE,
        &["kube-controller-manager"],
        |kubectl| {
            kubectl.args(["get", "serviceaccount", "default"]);
        },
    )
}

fn kubelet(place: &Place, address: &str) -> serde_json::Value {
    json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {"anonymous": {"enabled": false}, "x509": {"clientCAFile": place.path("ca.crt")}},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": cgroups::name(place),
        "clusterDNS": [address],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
        "enforceNodeAllocatable": [],
        // The disk is shared with much else: pods are not to pay for it.
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "failCgroupV1": false,
        "failSwapOn": false,
        "imageGCHighThresholdPercent": 100,
        "maxPods": 200,
        "resolvConf": place.path("resolv.conf"),
        "registerNode": true,
        "serializeImagePulls": false,
        // Sooner than a user's cluster, so that tests wait less.
        "syncFrequency": "10s",
    })
}

/// Every pod has a link of its own to the node, so that traffic between pods passes the rules for Services.
fn pod_network() -> serde_json::Value {
    json!({
        "cniVersion": "0.4.0",
        "name": "pods",
        "plugins": [
            {
                "type": "ptp",
                // What leaves the cluster for this machine bears the node's address, and so is answered.
                "ipMasq": true,
                "ipam": {
                    "type": "host-local",
                    "dataDir": "/run/cni",
                    "ranges": [[{"subnet": PODS}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            },
            {"type": "portmap", "capabilities": {"portMappings": true}},
        ],
    })
}
