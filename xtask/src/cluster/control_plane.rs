//! etcd, the apiserver, the controllers and the scheduler.

use std::time::Duration;

use anyhow::Result;

use crate::cluster::machine::Machine;
use crate::cluster::place::Place;
use crate::cluster::tools::Tools;
use crate::cluster::{access, certificates, environment, link};

const PATIENCE: Duration = Duration::from_mins(2);
/// Addresses of Services; of the range for benchmarks, like those of pods.
pub(crate) const SERVICES: &str = "198.18.1.0/24";
const PARTS: [&str; 2] = ["etcd", "kube-apiserver"];

pub(crate) fn start(place: &Place, machine: &Machine, tools: &Tools) -> Result<()> {
    certificates::make(place)?;
    access::make(place)?;
    println!("starting etcd and kube-apiserver");
    let run = |part: &str, flags| tools.run(place, machine, part, flags);
    run("etcd", etcd(place))?;
    run("kube-apiserver", apiserver(place)?)?;
    environment::wait(place, machine, "the apiserver", PATIENCE, &PARTS, |kubectl| {
        kubectl.args(["get", "--raw=/readyz"]);
    })?;
    println!("starting kube-controller-manager and kube-scheduler");
    run("kube-controller-manager", controllers(place))?;
    run(
        "kube-scheduler",
        vec![
            place.flag("kubeconfig", "scheduler.kubeconfig"),
            "--leader-elect=false".into(),
            "--bind-address=127.0.0.1".into(),
        ],
    )
}

fn etcd(place: &Place) -> Vec<String> {
    vec![
        place.flag("data-dir", "etcd"),
        // A cluster that is not to survive this machine need not wait for its disk.
        "--unsafe-no-fsync".into(),
        "--listen-client-urls=http://127.0.0.1:2379".into(),
        "--advertise-client-urls=http://127.0.0.1:2379".into(),
        "--listen-peer-urls=http://127.0.0.1:2380".into(),
        "--log-level=warn".into(),
    ]
}

fn apiserver(place: &Place) -> Result<Vec<String>> {
    Ok(vec![
        "--etcd-servers=http://127.0.0.1:2379".into(),
        "--secure-port=6443".into(),
        format!("--advertise-address={}", link::node(place)?),
        format!("--service-cluster-ip-range={SERVICES}"),
        "--allow-privileged=true".into(),
        "--authorization-mode=Node,RBAC".into(),
        "--enable-admission-plugins=NodeRestriction".into(),
        "--service-account-issuer=https://kubernetes.default.svc".into(),
        // No DNS knows the node's name, and `kubectl exec` and `logs` go by its address.
        "--kubelet-preferred-address-types=InternalIP".into(),
        place.flag("service-account-key-file", "sa.pub"),
        place.flag("service-account-signing-key-file", "sa.key"),
        place.flag("client-ca-file", "ca.crt"),
        place.flag("tls-cert-file", "apiserver.crt"),
        place.flag("tls-private-key-file", "apiserver.key"),
        place.flag("token-auth-file", "tokens"),
        place.flag("kubelet-client-certificate", "kubelet-client.crt"),
        place.flag("kubelet-client-key", "kubelet-client.key"),
        place.flag("requestheader-client-ca-file", "front-proxy-ca.crt"),
        place.flag("proxy-client-cert-file", "front-proxy-client.crt"),
        place.flag("proxy-client-key-file", "front-proxy-client.key"),
        "--requestheader-allowed-names=front-proxy-client".into(),
        "--requestheader-username-headers=X-Remote-User".into(),
        "--requestheader-group-headers=X-Remote-Group".into(),
        "--requestheader-extra-headers-prefix=X-Remote-Extra-".into(),
    ])
}

fn controllers(place: &Place) -> Vec<String> {
    vec![
        place.flag("kubeconfig", "controllers.kubeconfig"),
        place.flag("root-ca-file", "ca.crt"),
        place.flag("service-account-private-key-file", "sa.key"),
        place.flag("cluster-signing-cert-file", "ca.crt"),
        place.flag("cluster-signing-key-file", "ca.key"),
        "--use-service-account-credentials=true".into(),
        "--leader-elect=false".into(),
        "--bind-address=127.0.0.1".into(),
    ]
}
