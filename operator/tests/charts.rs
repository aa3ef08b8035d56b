//! What the charts render, with their switches on and off.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};

use k8s_openapi::api::networking::v1::NetworkPolicyEgressRule;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use remanence_api::names::SIDECAR;
use remanence_operator::dream::Egress;

/// Runs Helm in the charts' folder.
fn helm(words: &[&str]) -> Output {
    let program = std::env::var_os("REMANENCE_HELM").unwrap_or_else(|| "helm".into());
    let charts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../charts");
    let run = Command::new(program).args(words).current_dir(charts).output();
    run.unwrap_or_else(|error| {
        panic!("helm: {error}; `cargo xtask test` brings one, or install it and set REMANENCE_HELM to its path")
    })
}

fn template(settings: &[&str]) -> Result<String, String> {
    let mut words = vec!["template", "r", "remanence", "--namespace", "remanence-system"];
    words.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    let output = helm(&words);
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}

/// The documents of a kind.
fn of_kind<'a>(rendered: &'a str, kind: &str) -> Vec<&'a str> {
    let line = format!("kind: {kind}");
    let documents = rendered.split("\n---");
    documents
        .filter(|document| document.lines().any(|l| l == line))
        .collect()
}

#[test]
fn helm_finds_nothing_wrong_with_the_charts() {
    let output = helm(&["lint", "--strict", "remanence", "remanence-crds"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn helm_keeps_the_custom_resources() {
    let output = helm(&["template", "c", "remanence-crds"]);
    let rendered = String::from_utf8(output.stdout).unwrap();
    assert_eq!(of_kind(&rendered, "CustomResourceDefinition").len(), 5);
    assert_eq!(rendered.matches("helm.sh/resource-policy: keep").count(), 5);
}

#[test]
fn helm_switches_turn_parts_on_and_off() {
    let plain = template(&[]).unwrap();
    for (setting, kind, count) in [
        ("s3.embedded.enabled=true", "MemoryStoreClass", 1),
        ("metrics.serviceMonitor.enabled=true", "ServiceMonitor", 1),
        ("metrics.podMonitor.enabled=true", "PodMonitor", 1),
        ("metrics.rules.enabled=true", "PrometheusRule", 1),
    ] {
        assert!(of_kind(&plain, kind).is_empty(), "{kind}");
        assert_eq!(of_kind(&template(&[setting]).unwrap(), kind).len(), count, "{setting}");
    }
    assert_eq!(of_kind(&plain, "Job").len(), 1);
    assert!(of_kind(&template(&["uninstall.guard=false"]).unwrap(), "Job").is_empty());
    let volume = template(&["s3.embedded.enabled=true", "s3.embedded.size=1Gi"]).unwrap();
    assert_eq!(of_kind(&volume, "PersistentVolumeClaim").len(), 1);
}

#[test]
fn helm_spreads_the_operator_as_it_is_told() {
    let of = |key: &str, value: &str| format!("operator.topologySpreadConstraints[0].{key}={value}");
    let whole = [
        of("topologyKey", "zone"),
        of("maxSkew", "1"),
        of("whenUnsatisfiable", "ScheduleAnyway"),
    ];
    let rendered = template(&whole.each_ref().map(String::as_str)).unwrap();
    let spread = rendered.split("topologySpreadConstraints:").nth(1).unwrap();
    let spread = spread.split("securityContext:").next().unwrap();
    assert!(
        spread.contains("app.kubernetes.io/name: remanence-operator") && spread.contains("topologyKey: zone"),
        "{spread}"
    );
    let refused = template(&[&whole[1]]).unwrap_err();
    assert!(refused.contains("topologyKey"), "{refused}");
}

#[test]
fn helm_names_the_collector_of_traces_to_all_that_send_them() {
    assert!(!template(&[]).unwrap().contains("OTEL_"));
    let rendered = template(&["traces.endpoint=http://collector:4317"]).unwrap();
    let operator = of_kind(&rendered, "Deployment")[0];
    assert!(operator.contains("{name: OTEL_EXPORTER_OTLP_ENDPOINT, value: \"http://collector:4317\"}"));
    // Once for sidecars, once for dreamers; the node plugin, which has the most rights, sends nothing.
    assert_eq!(operator.matches(r#"\"traces\":\"http://collector:4317\""#).count(), 2);
    assert!(!of_kind(&rendered, "DaemonSet")[0].contains("4317"));
    assert!(
        template(&["traces.endpoint=collector"])
            .unwrap_err()
            .contains("endpoint")
    );
}

#[test]
fn helm_brings_a_dashboard_that_grafana_can_read() {
    let rendered = template(&["metrics.dashboard.enabled=true"]).unwrap();
    let line = rendered
        .lines()
        .find_map(|line| line.trim().strip_prefix("remanence.json: "));
    let text: String = serde_json::from_str(line.unwrap()).unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(dashboard["title"], "Remanence");
    assert!(rendered.contains("grafana_dashboard: \"1\""));
}

#[test]
fn helm_points_each_alert_to_its_runbook() {
    let rendered = template(&["metrics.rules.enabled=true"]).unwrap();
    let book = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/runbooks.md")).unwrap();
    let after = |text: &str, mark: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix(mark));
        lines.map(str::to_owned).collect()
    };
    let alerts = after(&rendered, "- alert: ");
    assert_eq!(alerts, after(&book, "## "));
    let urls = after(&rendered, "runbook_url: ");
    for (alert, url) in alerts.iter().zip(&urls) {
        assert!(
            url.ends_with(&format!("docs/runbooks.md#{}", alert.to_lowercase())),
            "{url}"
        );
    }
    assert_eq!(alerts.len(), urls.len());
}

#[test]
fn helm_has_an_alert_for_a_sidecar_that_does_not_answer() {
    let rendered = template(&["metrics.rules.enabled=true"]).unwrap();
    let sidecars = format!(r#"(up{{container=\"{SIDECAR}\"}}) == 0"#);
    assert!(rendered.contains(&sidecars), "{rendered}");
}

#[test]
fn helm_gives_the_operator_only_the_secrets_that_are_named() {
    let rendered = template(&[
        "classes[0].name=a,classes[0].spec.s3.bucket=b",
        "classes[0].spec.credentials.secretRef.namespace=storage,classes[0].spec.credentials.secretRef.name=one",
        "classSecrets[0].namespace=storage,classSecrets[0].name=two",
    ])
    .unwrap();
    let roles = of_kind(&rendered, "Role");
    let keys: Vec<_> = roles
        .iter()
        .filter(|role| role.contains("name: remanence-class-keys"))
        .collect();
    assert_eq!(keys.len(), 1);
    assert!(keys[0].contains("namespace: storage"), "{}", keys[0]);
    assert!(keys[0].contains(r#"resourceNames: ["two","one"]"#), "{}", keys[0]);
    // Nothing reads Secrets in the cluster as a whole.
    let cluster_wide = of_kind(&rendered, "ClusterRole");
    assert!(cluster_wide.iter().all(|role| !role.contains("secrets")));
}

#[test]
fn helm_lets_nothing_but_the_node_plugin_be_privileged() {
    let rendered = template(&["s3.embedded.enabled=true"]).unwrap();
    let documents = rendered.split("\n---");
    let privileged: Vec<_> = documents.filter(|d| d.contains("privileged: true")).collect();
    assert_eq!(privileged.len(), 1);
    assert!(privileged[0].contains("kind: DaemonSet") && privileged[0].contains("automountServiceAccountToken: false"));
    assert!(!rendered.contains("hostNetwork") && !rendered.contains("hostPID"));
}

#[test]
fn helm_leaves_users_to_the_platform_where_it_is_told_to() {
    let settings = [
        "s3.embedded.enabled=true",
        "operator.runAsUser=null",
        "s3.embedded.runAsUser=null",
    ];
    let named = template(&settings[..1]).unwrap();
    // Of the operator, the S3 server and the uninstall guard.
    assert_eq!(named.matches("runAsUser: 65534").count(), 3);
    let left = template(&settings).unwrap();
    assert!(!left.contains("runAsUser: 65534") && !left.contains("fsGroup:"));
    // A number as OpenShift has them.
    let large = template(&["operator.runAsUser=1000660000"]).unwrap();
    assert_eq!(large.matches("runAsUser: 1000660000").count(), 2);
}

#[test]
fn helm_bounds_who_connects_to_whom_unless_it_is_told_not_to() {
    for (setting, policies) in [
        ("networkPolicy.enabled=true", 3),
        ("s3.embedded.enabled=true", 4),
        ("uninstall.guard=false", 2),
        ("networkPolicy.enabled=false", 0),
    ] {
        let rendered = template(&[setting]).unwrap();
        assert_eq!(of_kind(&rendered, "NetworkPolicy").len(), policies, "{setting}");
        assert_eq!(rendered.contains("REMANENCE_DREAM_EGRESS"), policies > 0, "{setting}");
    }
}

#[test]
fn helm_tells_the_operator_where_dreamers_may_connect_to() {
    let private = "networkPolicy.dreams.egress[0].to[0].ipBlock.cidr=10.9.0.0/16";
    let rendered = template(&[private, "s3.embedded.enabled=true"]).unwrap();
    let value = rendered.split("name: REMANENCE_DREAM_EGRESS\n").nth(1).unwrap();
    let value = value.lines().next().unwrap().trim().strip_prefix("value: ").unwrap();
    let text: String = serde_json::from_str(value).unwrap();
    // As the operator reads it.
    let egress: Egress = serde_json::from_str(&text).unwrap();
    let ports = |rule: &NetworkPolicyEgressRule| -> Vec<IntOrString> {
        let ports = rule.ports.iter().flatten();
        ports.filter_map(|port| port.port.clone()).collect()
    };
    let expected = [vec![8444], vec![8333], vec![53, 53], vec![5353, 5353], vec![]];
    let numbers = |ports: Vec<i32>| ports.into_iter().map(IntOrString::Int).collect::<Vec<_>>();
    let expected: Vec<_> = expected.into_iter().map(numbers).collect();
    assert_eq!(egress.always.iter().map(ports).collect::<Vec<_>>(), expected);
    // A rule without a peer would be one for everybody.
    let peers = |rule: &NetworkPolicyEgressRule| rule.to.as_ref().is_some_and(|to| !to.is_empty());
    assert!(egress.always.iter().all(peers) && !egress.outside.is_empty());
}

#[test]
fn helm_switches_the_content_api_on_and_off_whole() {
    let with = template(&[]).unwrap();
    let without = template(&["contentApi.enabled=false"]).unwrap();
    assert_eq!(
        (
            of_kind(&with, "APIService").len(),
            of_kind(&without, "APIService").len()
        ),
        (1, 0)
    );
    for trace in [
        "remanence-content",
        "REMANENCE_CONTENT_API",
        "port: content",
        "subjectaccessreviews",
    ] {
        assert!(with.contains(trace) && !without.contains(trace), "{trace}");
    }
}

#[test]
fn helm_gives_a_namespaces_roles_what_they_may_with_memories() {
    for (readers, reader, writer) in [
        ("view", "view", "edit"),
        ("edit", "edit", "edit"),
        ("admin", "admin", "admin"),
    ] {
        let rendered = template(&[&format!("contentApi.readers={readers}")]).unwrap();
        let roles = of_kind(&rendered, "ClusterRole");
        for (who, role, verbs) in [
            ("reader", reader, r#"["get"]"#),
            ("writer", writer, r#"["get","update"]"#),
            ("redactor", "admin", r#"["get","update","delete"]"#),
        ] {
            let found = roles
                .iter()
                .find(|r| r.contains(&format!("name: remanence-content-{who}")))
                .unwrap();
            assert!(
                found.contains(&format!("aggregate-to-{role}: ")) && found.contains(verbs),
                "{readers}: {found}"
            );
        }
    }
}

#[test]
fn helm_has_the_pods_of_some_namespaces_let_be_by_webhook_and_policy_alike() {
    for (setting, expected) in [
        (
            "webhook.excludedNamespaces=null",
            r#"["kube-system","remanence-system"]"#,
        ),
        (
            "webhook.excludedNamespaces={ingress,kube-system}",
            r#"["kube-system","remanence-system","ingress"]"#,
        ),
    ] {
        let rendered = template(&[setting]).unwrap();
        for (kind, name) in [
            ("MutatingWebhookConfiguration", "remanence"),
            ("ValidatingAdmissionPolicy", "remanence-pods"),
        ] {
            let all = of_kind(&rendered, kind);
            let name = format!("\n  name: {name}\n");
            let found = all.iter().find(|document| document.contains(&name)).unwrap();
            assert!(found.contains(&format!("values: {expected}")), "{setting}: {found}");
        }
    }
}

#[test]
fn helm_renders_what_mounts_and_admission_stand_on() {
    let rendered = template(&[]).unwrap();
    let only = |kind: &str| {
        let found = of_kind(&rendered, kind);
        assert_eq!(found.len(), 1, "{kind}");
        found[0]
    };
    let webhook = only("MutatingWebhookConfiguration");
    let of_pods = webhook
        .split("- name: ")
        .find(|part| part.starts_with("pods.remanence.dev"));
    let driver = [
        "attachRequired: false",
        "podInfoOnMount: true",
        "fsGroupPolicy: None",
        "requiresRepublish: true",
        "volumeLifecycleModes: [Ephemeral]",
    ];
    let admission = [
        "failurePolicy: Fail",
        "reinvocationPolicy: IfNeeded",
        "- {key: remanence.dev/agent, operator: Exists}",
        "operations: [CREATE]",
    ];
    for (text, settings) in [
        (only("CSIDriver"), &driver[..]),
        (of_pods.unwrap(), &admission[..]),
        (only("Deployment"), &["replicas: 2"][..]),
        (only("PodDisruptionBudget"), &["minAvailable: 1"][..]),
    ] {
        for setting in settings {
            assert!(text.lines().any(|line| line.trim() == *setting), "{setting}: {text}");
        }
    }
    assert!(only("DaemonSet").contains("mountPropagation: Bidirectional"));
    let single = template(&["operator.replicas=1"]).unwrap();
    let budget = of_kind(&single, "PodDisruptionBudget")[0];
    assert!(
        budget.contains("maxUnavailable: 1"),
        "a node could not be drained: {budget}"
    );
}

#[test]
fn helm_refuses_values_that_are_wrong() {
    for (setting, said) in [
        ("operator.replicas=0", "replicas"),
        ("image.pullPolicy=Sometimes", "pullPolicy"),
        ("sidecar.cacheSize=2GB", "cacheSize"),
        ("sidecar.runAsUser=0", "runAsUser"),
        ("node.kubeletDir=var/lib", "kubeletDir"),
        ("classes[0].name=a", "spec"),
        ("classSecrets[0].name=a", "namespace"),
        ("networkPolicy.outside[0]=x", "outside"),
        ("networkPolicy.dns[0].from[0].podSelector=x", "from"),
        ("unknown=1", "unknown"),
        (
            "s3.embedded.enabled=true,classes[0].name=embedded,classes[0].spec.s3.bucket=b,classes[0].spec.credentials.mode=Ambient",
            "give each a name of its own",
        ),
    ] {
        let refused = template(&[setting]).expect_err(setting);
        assert!(refused.contains(said), "{setting}: {refused}");
    }
}

#[test]
fn helm_takes_a_class_whose_name_is_a_number() {
    let class = "classes[0].spec.s3.bucket=b,classes[0].spec.credentials.mode=Ambient";
    let words = [
        "template",
        "r",
        "remanence",
        "--set-string",
        "classes[0].name=2024",
        "--set",
        class,
    ];
    let output = helm(&words);
    let rendered = String::from_utf8(output.stdout).unwrap();
    assert_eq!(of_kind(&rendered, "MemoryStoreClass").len(), 1);
    assert!(rendered.contains("name: \"2024\""));
}

#[test]
fn helm_takes_a_list_that_is_null_for_an_empty_one() {
    for setting in [
        "networkPolicy.dns=null",
        "networkPolicy.dreams=null",
        "networkPolicy.outside=null",
        "webhook.excludedNamespaces=null",
        "classSecrets=null",
        "classes=null",
    ] {
        let rendered = template(&[setting]).unwrap_or_else(|error| panic!("{setting}: {error}"));
        assert!(!rendered.contains(r#"\"outside\":null"#), "{setting}");
    }
}
