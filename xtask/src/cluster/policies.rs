//! What enforces `NetworkPolicies`: the engine of `sigs.k8s.io/kube-network-policies`.

use std::time::Duration;

use anyhow::Result;

use crate::cluster::machine::Machine;
use crate::cluster::node::PODS;
use crate::cluster::place::Place;
use crate::cluster::tools::Tools;
use crate::run;

const PART: &str = "kube-network-policies";
const QUEUE: &str = "100";
const LIMIT: Duration = Duration::from_secs(20);

/// The first packet of each connection that a pod makes waits for the engine's verdict. The engine itself would have the
/// kernel do so by nftables, which takes an expression that not every kernel has (`CONFIG_NFT_QUEUE`), and not for what a
/// pod sends to its own node, where this cluster has its apiserver.
const RULES: &str = r#"
for chain in INPUT POSTROUTING; do
    rule="$chain --source $1 -m conntrack --ctstate NEW -j NFQUEUE --queue-num $2"
    iptables --wait -t mangle -C $rule 2>/dev/null || iptables --wait -t mangle -A $rule
done
"#;

/// Starts it. While it does not run, no pod connects to anything.
pub(crate) fn start(place: &Place, machine: &Machine, tools: &Tools) -> Result<()> {
    let flags = vec![
        place.flag("kubeconfig", "kubeconfig"),
        format!("--hostname-override={}", place.name),
        format!("--nfqueue-id={QUEUE}"),
    ];
    tools.run(place, machine, PART, flags)?;
    let mut command = machine.enter(LIMIT, "sh");
    command.args(["-ec", RULES, "sh", PODS, QUEUE]);
    run::output(&mut command, &format!("sending pods' packets to {PART}")).map(drop)
}
