//! Each field wrong in turn: the object is refused, and the message says why.
#![allow(clippy::unwrap_used)]

use kube::core::cel::ValidationErrors;
use remanence_api::{Agent, Dream, DreamSchedule, MemoryStore, MemoryStoreClass};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What is said of an object: by its types, else by its rules.
fn judge<K: DeserializeOwned>(
    kind: &str,
    name: &str,
    spec: &Value,
    rules: fn(&K) -> Result<(), ValidationErrors>,
) -> Result<(), String> {
    let object = json!({
        "apiVersion": "remanence.dev/v1alpha1", "kind": kind,
        "metadata": {"name": name, "namespace": "team-a"}, "spec": spec,
    });
    let object: K = serde_json::from_value(object).map_err(|error| error.to_string())?;
    rules(&object).map_err(|errors| format!("{errors:?}"))
}

fn set(base: &Value, path: &str, value: &Value) -> Value {
    let mut spec = base.clone();
    let place = spec.pointer_mut(path);
    *place.unwrap_or_else(|| panic!("{path} is not in {base}")) = value.clone();
    spec
}

/// Each of the values at its path is refused, and what is said of it has the words.
fn refuses(judge: impl Fn(&Value) -> Result<(), String>, good: &Value, wrong: &[(&str, Value, &str)]) {
    for (path, value, said) in wrong {
        let refused = judge(&set(good, path, value)).expect_err(path);
        assert!(refused.contains(said), "{path} = {value}: {refused}");
    }
}

#[test]
fn a_class_with_a_wrong_field_is_refused() {
    let class = |spec: &Value| judge::<MemoryStoreClass>("MemoryStoreClass", "c", spec, MemoryStoreClass::validate_cel);
    let good = json!({
        "s3": {"bucket": "memories", "prefix": "m/{namespace}/{name}", "endpoint": "https://s3.example.com", "sse": "aws:kms:key",
            "caBundle": "-----BEGIN CERTIFICATE-----"},
        "credentials": {"mode": "Broker", "secretRef": {"namespace": "n", "name": "s"}, "sts": {"endpoint": "http://sts:1", "roleArn": "r"}},
    });
    class(&good).unwrap();
    let wrong = [
        ("/s3/bucket", json!("a/b"), "letters, digits"),
        ("/s3/prefix", json!("{name}"), "must have both"),
        ("/s3/prefix", json!("{namespace}/{name}/"), "neither begin nor end"),
        ("/s3/prefix", json!("{namespace} {name}"), "the prefix may have"),
        ("/s3/prefix", json!("{team}/{namespace}/{name}"), "the prefix may have"),
        ("/s3/prefix", json!("{namespace}/{name}}"), "the prefix may have"),
        ("/s3/prefix", json!("{namespace}/{name}/{name}"), "once each"),
        ("/s3/prefix", json!("../{namespace}/{name}"), "'.' or '..'"),
        ("/s3/prefix", json!("m/./{namespace}/{name}"), "'.' or '..'"),
        ("/s3/prefix", json!("{namespace}/{name}/.."), "'.' or '..'"),
        ("/s3/prefix", json!("_remanence/{namespace}/{name}"), "tries the bucket"),
        (
            "/s3/prefix",
            json!("m/{namespace}-{name}"),
            "between {namespace} and {name}",
        ),
        ("/s3/endpoint", json!("s3.example.com"), "http://host"),
        ("/s3/endpoint", json!("https://user:secret@s3"), "without a user"),
        ("/s3/sse", json!("none"), "AES256"),
        ("/s3/caBundle", json!("cert"), "must be PEM"),
        ("/credentials/secretRef/namespace", json!("A.b"), "a namespace's name"),
        ("/credentials/secretRef/name", json!("x/y"), "a Secret's name"),
        ("/credentials/secretRef/name", json!("A B"), "a Secret's name"),
        ("/credentials/secretRef/name", json!("a..b"), "a Secret's name"),
        ("/credentials/mode", json!("Keys"), "Broker"),
        ("/credentials/mode", json!("Ambient"), "takes neither"),
        ("/credentials/sts/endpoint", json!("sts"), "http://host"),
        ("/credentials", json!({"mode": "Broker"}), "needs secretRef"),
    ];
    refuses(class, &good, &wrong);
    for prefix in [
        ".m/..{namespace}/{name}.",
        "_remanence-{namespace}/{name}",
        "{name}_{namespace}/m!1",
    ] {
        class(&set(&good, "/s3/prefix", &json!(prefix))).unwrap_or_else(|why| panic!("{prefix}: {why}"));
    }
}

#[test]
fn an_address_has_a_host_and_a_port_that_there_can_be() {
    let class = |endpoint: &str| {
        let spec = json!({
            "s3": {"bucket": "memories", "endpoint": endpoint}, "credentials": {"mode": "Ambient"},
        });
        judge::<MemoryStoreClass>("MemoryStoreClass", "c", &spec, MemoryStoreClass::validate_cel)
    };
    let schedule = |url: &str| {
        let spec = json!({"schedule": "0 3 * * *", "model": {"provider": "OpenAI", "name": "m", "baseURL": url}});
        judge::<DreamSchedule>("DreamSchedule", "nightly", &spec, DreamSchedule::validate_cel)
    };
    for wrong in [
        "http://",
        "http://:80",
        "http://s3:",
        "http://s3:0",
        "http://s3:65536",
        "http://s3:99999",
        "http://s3:http",
        "http://s3:1:2",
        "http://-s3",
        "http://s3..storage",
        "http://.s3",
        "http://s3,storage",
        "http://[::1",
        "http://::1",
        "http://[s3]",
        "http://[::1]:0",
        "ftp://s3",
        "http://user@s3",
    ] {
        for refused in [class(wrong), schedule(wrong)] {
            let refused = refused.expect_err(wrong);
            assert!(refused.contains("a port of 1 to 65535"), "{wrong}: {refused}");
        }
    }
    for right in [
        "http://s3",
        "https://s3.eu-1.example.com",
        "http://s3.storage.svc.cluster.local.:8333/",
        "http://my_s3:65535",
        "http://10.0.0.1:1",
        "https://[fd00::1]:9000",
        "https://[::1]",
    ] {
        class(right).unwrap_or_else(|why| panic!("{right}: {why}"));
        schedule(right).unwrap_or_else(|why| panic!("{right}: {why}"));
    }
    assert!(class("http://s3/bucket").is_err());
    schedule("http://[fd00::1]:8000/v1").unwrap();
}

#[test]
fn a_store_with_a_wrong_field_is_refused() {
    let store = |name: &str, spec: &Value| judge::<MemoryStore>("MemoryStore", name, spec, MemoryStore::validate_cel);
    let good = json!({
        "limits": {"fileSize": "100Ki", "files": 10},
        "sharing": [{"namespaces": {"from": "Selector", "selector": {"matchLabels": {"a": "b"}}}, "maxAccess": "ReadOnly"}],
        "pinned": ["RULES.md"], "deletionPolicy": "Retain", "purpose": "Memory", "history": {"retention": "99999d"},
    });
    store("project", &good).unwrap();
    let wrong = [
        ("/limits/fileSize", json!("10 MB"), "100Ki"),
        ("/limits/fileSize", json!(0), "not a size"),
        ("/sharing/0/namespaces/selector", Value::Null, "needs a selector"),
        ("/sharing/0/namespaces/from", json!("All"), "only Selector takes one"),
        ("/sharing/0/namespaces/from", json!("Others"), "Selector"),
        ("/sharing/0/maxAccess", json!("Write"), "ReadOnly"),
        ("/pinned/0", json!("/RULES.md"), "relative to the store"),
        ("/pinned/0", json!(".."), "match no file"),
        ("/pinned/0", json!("../RULES.md"), "match no file"),
        ("/pinned/0", json!("./RULES.md"), "match no file"),
        ("/pinned/0", json!("rules/./of.md"), "match no file"),
        ("/pinned/0", json!("rules//of.md"), "match no file"),
        ("/deletionPolicy", json!("Gone"), "Retain"),
        ("/purpose", json!("Notes"), "Sessions"),
        ("/history/retention", json!("1.5h"), "not a span"),
        ("/history/retention", json!("100000d"), "at most 99999d"),
        ("/history/retention", json!("10000w"), "at most 99999d"),
    ];
    refuses(|spec| store("project", spec), &good, &wrong);
    for path in ["rules/of..us.md", ".hidden", "..x/*"] {
        store("project", &set(&good, "/pinned/0", &json!(path))).unwrap_or_else(|why| panic!("{path}: {why}"));
    }
    for name in ["a.b", &"a".repeat(64)] {
        let refused = store(name, &good).expect_err(name);
        assert!(refused.contains("DNS label"), "{refused}");
    }
    let refused = store("project", &json!({"expiry": "1d"})).unwrap_err();
    assert!(refused.contains("for purpose Sessions"), "{refused}");
    store("project", &json!({"expiry": "1d", "purpose": "Sessions"})).unwrap();
}

#[test]
fn an_agent_with_a_wrong_field_is_refused() {
    let agent = |name: &str, spec: &Value| judge::<Agent>("Agent", name, spec, Agent::validate_cel);
    let good = json!({
        "harness": "ClaudeCode", "home": "/root", "memory": {"limits": {"fileSize": "1Mi"}}, "notes": ["/n.md"], "containers": ["main"],
        "serviceAccountNames": ["reviewer.v1"],
        "sessions": {"mountPath": "/s", "retention": "30d"},
        "stores": [{"name": "project", "storeRef": {"name": "project"}, "access": "ReadOnly", "durability": "Local",
            "conflicts": "Refuse", "consistency": "Strict", "create": false, "dream": "Contribute"}],
    });
    agent("reviewer", &good).unwrap();
    let wrong = [
        ("/harness", json!("Other"), "ClaudeCode"),
        ("/home", json!("root"), "absolute path"),
        ("/memory/limits/fileSize", json!("big"), "not a size"),
        ("/home", json!("/a/../b"), "'..' in it"),
        ("/home", json!("/mnt/memory/p"), "where the stores are"),
        ("/notes/0", json!("n.md"), "absolute paths"),
        ("/notes/0", json!("/"), "notes are files"),
        ("/notes/0", json!("/n/"), "notes are files"),
        ("/notes/0", json!("/a/../n.md"), "'..' in them"),
        ("/notes/0", json!("/mnt"), "where the stores are"),
        ("/notes/0", json!("/mnt/memory/n.md"), "where the stores are"),
        ("/notes/0", json!("/proc/n.md"), "/proc"),
        ("/notes/0", json!("/s"), "a note is at sessions.mountPath"),
        ("/serviceAccountNames/0", json!("A B"), "a ServiceAccount's name"),
        ("/containers/0", json!("remanence"), "injected sidecar"),
        ("/sessions/retention", json!("soon"), "not a span"),
        ("/sessions/mountPath", json!("s"), "absolute path"),
        ("/sessions/mountPath", json!("/"), "must not be '/'"),
        ("/sessions/mountPath", json!("/a/../b"), "'..' in it"),
        ("/sessions/mountPath", json!("/a/.."), "'..' in it"),
        ("/sessions/mountPath", json!("/mnt//memory/p"), "'//'"),
        ("/sessions/mountPath", json!("/mnt/"), "must not be /mnt"),
        ("/sessions/mountPath", json!("/mnt/memory"), "where the stores are"),
        ("/sessions/mountPath", json!("/mnt/memory/p"), "where the stores are"),
        ("/sessions/mountPath", json!("/proc"), "/proc"),
        ("/sessions/mountPath", json!("/dev/shm/s"), "/dev"),
        ("/sessions/mountPath", json!("/n.md/"), "a note is at"),
        ("/sessions/mountPath", json!("/n.md/s"), "a note is at"),
        ("/stores/0/name", json!("Project"), "DNS label"),
        ("/stores/0/name", json!("reviewer"), "own name"),
        ("/stores/0/storeRef", json!({}), "either name or fromPodLabel"),
        ("/stores/0/storeRef/name", json!("Project"), "a store's name"),
        (
            "/stores/0/storeRef",
            json!({"name": "a", "namespace": "A.b"}),
            "a namespace's name",
        ),
        ("/stores/0/storeRef", json!({"fromPodLabel": "a/b/c"}), "a label's key"),
        ("/stores/0/storeRef", json!({"fromPodLabel": "A b"}), "a label's key"),
        (
            "/stores/0/storeRef",
            json!({"name": "a", "fromPodLabel": "b"}),
            "either name or fromPodLabel",
        ),
        ("/stores/0/access", json!("All"), "ReadWrite"),
        ("/stores/0/durability", json!("Disk"), "Local"),
        ("/stores/0/conflicts", json!("Lose"), "Merge"),
        ("/stores/0/consistency", json!("Loose"), "Strict"),
        ("/stores/0/dream", json!("Perhaps"), "Contribute"),
        (
            "/stores/0/storeRef",
            json!({"fromPodLabel": "b"}),
            "needs storeRef.name",
        ),
    ];
    refuses(|spec| agent("reviewer", spec), &good, &wrong);
    for (path, value) in [
        ("/home", "/"),
        ("/home", "/home/a..b/.config/"),
        ("/notes/0", "/s.md"),
        ("/notes/0", "/s/n.md"),
        ("/notes/0", "/mnt/memory.md"),
        ("/sessions/mountPath", "/mnt/sessions/"),
        ("/sessions/mountPath", "/developer/.s..x"),
    ] {
        agent("reviewer", &set(&good, path, &json!(value))).unwrap_or_else(|why| panic!("{path} = {value}: {why}"));
    }
    let labelled = json!({"stores": [{"name": "a", "storeRef": {"fromPodLabel": "example.com/Customer_1.x"}}]});
    agent("reviewer", &labelled).unwrap();
    let elsewhere = json!({"stores": [{"name": "a", "storeRef": {"name": "a", "namespace": "n"}, "create": true}]});
    assert!(
        agent("reviewer", &elsewhere)
            .unwrap_err()
            .contains("own namespace only")
    );
    assert!(
        agent("reviewer", &json!({"sessions": {}}))
            .unwrap_err()
            .contains("needs a mountPath")
    );
    assert!(agent(&"a".repeat(55), &json!({})).unwrap_err().contains("at most 54"));
}

#[test]
fn a_schedule_with_a_wrong_field_is_refused() {
    let schedule =
        |name: &str, spec: &Value| judge::<DreamSchedule>("DreamSchedule", name, spec, DreamSchedule::validate_cel);
    let good = json!({
        "schedule": "0 3 * * *", "timeZone": "Europe/Berlin", "review": "Manual", "after": {"sessions": 5},
        "model": {"provider": "Anthropic", "name": "m", "baseURL": "https://gateway.example.com/v1",
            "apiKeySecretRef": {"name": "model", "key": "key"}},
        "jobTemplate": {"serviceAccountName": "dreamer"},
        "budget": {"cost": "2.00", "dailyCost": "10", "duration": "30m", "maxLossPercent": 25, "memorySize": "64Ki"},
        "sessionLogs": [{"s3": {"bucket": "logs", "prefix": "ci/", "endpoint": "http://s3:1", "secretRef": {"name": "logs"}}}],
    });
    schedule("nightly", &good).unwrap();
    let wrong = [
        ("/schedule", json!("TZ=UTC 0 3 * * *"), "set timeZone instead"),
        ("/schedule", json!("every night"), "as cron does"),
        ("/timeZone", json!("Berlin time"), "IANA"),
        ("/timeZone", json!("local"), "IANA"),
        ("/review", json!("Never"), "Manual"),
        ("/model/provider", json!("Other"), "OpenAI"),
        ("/model/baseURL", json!("gateway"), "http://host"),
        ("/model/apiKeySecretRef", Value::Null, "needs apiKeySecretRef"),
        ("/model/apiKeySecretRef/name", json!("x/y"), "a Secret's name"),
        ("/model/apiKeySecretRef/key", json!("a/b"), "a key of a Secret"),
        ("/sessionLogs/0/s3/secretRef/name", json!("A B"), "a Secret's name"),
        (
            "/jobTemplate/serviceAccountName",
            json!("A B"),
            "a ServiceAccount's name",
        ),
        ("/budget/cost", json!("two"), "US dollars"),
        ("/budget/dailyCost", json!("-1"), "US dollars"),
        ("/budget/duration", json!("1.5h"), "not a span"),
        ("/budget/memorySize", json!("64KB"), "not a size"),
        ("/sessionLogs/0/s3/bucket", json!("a/b"), "letters, digits"),
        ("/sessionLogs/0/s3/endpoint", json!("s3"), "http://host"),
        ("/sessionLogs/0/s3/prefix", json!("/ci"), "begin with"),
    ];
    refuses(|spec| schedule("nightly", spec), &good, &wrong);
    for name in ["Nightly", &"a".repeat(41)] {
        let refused = schedule(name, &good).expect_err(name);
        assert!(refused.contains("at most 40"), "{refused}");
    }
}

#[test]
fn a_schedule_is_written_as_cron_does() {
    let schedule = |text: &str| {
        let spec = json!({"schedule": text});
        judge::<DreamSchedule>("DreamSchedule", "nightly", &spec, DreamSchedule::validate_cel)
    };
    for wrong in [
        "0 3 * *",
        "0 3 * * * *",
        "60 3 * * *",
        "0 24 * * *",
        "0 3 0 * *",
        "0 3 32 * *",
        "0 3 * 13 *",
        "0 3 * * 7",
        "0 3 * * monday",
        "0 3 * * mon-",
        "*/0 3 * * *",
        "0,, 3 * * *",
        "@nightly",
        "@every",
        "@every day",
    ] {
        let refused = schedule(wrong).expect_err(wrong);
        assert!(refused.contains("as cron does"), "{wrong}: {refused}");
    }
    for right in [
        "0 3 * * *",
        " 05  3 ? * * ",
        "*/15 0-6,22 1-31/2 jan-MAR,12 Mon-fri",
        "7/10 23 31 1 0",
        "@daily",
        "@every 1h30m",
    ] {
        schedule(right).unwrap_or_else(|why| panic!("{right}: {why}"));
    }
}

#[test]
fn a_dream_with_a_wrong_field_is_refused() {
    let dream = |name: &str, spec: &Value| judge::<Dream>("Dream", name, spec, Dream::validate_cel);
    let digest = format!("sha256:{}", "a".repeat(64));
    let good = json!({
        "storeRef": {"name": "project"}, "budget": {"cost": "1"},
        "decision": {"verdict": "Approve", "proposalDigest": digest},
    });
    dream("project-1", &good).unwrap();
    let wrong = [
        ("/budget", json!({"dailyCost": "1"}), "DreamSchedule's"),
        ("/storeRef/name", json!("A.b"), "a store's name"),
        ("/decision/verdict", json!("Maybe"), "Reject"),
        (
            "/decision/proposalDigest",
            json!(format!("sha256:{}", "x".repeat(64))),
            "proposalDigest is",
        ),
    ];
    refuses(|spec| dream("project-1", spec), &good, &wrong);
    assert!(dream(&"a".repeat(64), &good).unwrap_err().contains("at most 63"));
}

#[test]
fn what_was_said_of_a_dream_stays_said() {
    let dream = |spec: Value| -> Dream {
        serde_json::from_value(json!({
            "apiVersion": "remanence.dev/v1alpha1", "kind": "Dream", "metadata": {"name": "d"}, "spec": spec,
        }))
        .unwrap()
    };
    let digest = format!("sha256:{}", "a".repeat(64));
    let decided = |verdict: &str, by: &str| json!({"storeRef": {"name": "project"}, "decision": {"verdict": verdict, "proposalDigest": digest, "by": by}});
    let plain = json!({"storeRef": {"name": "project"}});
    let mut other = decided("Reject", "a");
    other["decision"]["proposalDigest"] = format!("sha256:{}", "b".repeat(64)).into();
    for (before, after, said) in [
        (plain.clone(), json!({"storeRef": {"name": "other"}}), "can't change"),
        (
            plain.clone(),
            json!({"storeRef": {"name": "project"}, "dryRun": true}),
            "can't change",
        ),
        (decided("Reject", "a"), decided("Approve", "a"), "for good"),
        (decided("Reject", "a"), decided("Reject", "b"), "for good"),
        (decided("Reject", "a"), plain.clone(), "for good"),
        (decided("Approve", "a"), plain.clone(), "for good"),
        (decided("Approve", "a"), decided("Approve", "b"), "for good"),
        (decided("Approve", "a"), other, "for good"),
        (
            json!({"storeRef": {"name": "project"}, "cancel": true}),
            plain.clone(),
            "for good",
        ),
        (
            json!({"storeRef": {"name": "project"}, "undo": {"by": "a"}}),
            plain.clone(),
            "for good",
        ),
    ] {
        let refused = dream(after.clone())
            .validate_cel_update(&dream(before))
            .expect_err(said);
        assert!(format!("{refused:?}").contains(said), "{after}: {refused:?}");
    }
    dream(decided("Approve", "a"))
        .validate_cel_update(&dream(plain))
        .unwrap();
    dream(decided("Approve", "a"))
        .validate_cel_update(&dream(decided("Approve", "a")))
        .unwrap();
    // Whether it can't be carried out is asked at admission.
    dream(decided("Reject", "b"))
        .validate_cel_update(&dream(decided("Approve", "a")))
        .unwrap();
}

#[test]
fn a_dream_that_has_begun_can_only_be_decided_on() {
    let dream = |spec: &Value, status: Value| -> Dream {
        serde_json::from_value(json!({
            "apiVersion": "remanence.dev/v1alpha1", "kind": "Dream", "metadata": {"name": "d"}, "spec": spec, "status": status,
        }))
        .unwrap()
    };
    let made = json!({
        "storeRef": {"name": "project"}, "instructions": "ignore: canteen", "model": {"provider": "OpenAI", "name": "m"},
        "budget": {"cost": "1"}, "jobTemplate": {"serviceAccountName": "dreamer"},
    });
    let with = |field: &str, value: Value| {
        let mut spec = made.clone();
        spec[field] = value;
        spec
    };
    let decision = json!({"verdict": "Approve", "proposalDigest": format!("sha256:{}", "a".repeat(64))});
    let others = [
        with("instructions", json!("ignore: weather")),
        with("instructions", json!("")),
        with("model", Value::Null),
        with("model", json!({"provider": "OpenAI", "name": "n"})),
        with("budget", json!({"cost": "2"})),
        with("jobTemplate", json!({})),
        with("sessionLogs", json!([{"s3": {"bucket": "logs"}}])),
    ];
    for status in [Value::Null, json!({"phase": "Pending"})] {
        for other in &others {
            let changed = dream(other, status.clone()).validate_cel_update(&dream(&made, status.clone()));
            changed.unwrap_or_else(|why| panic!("{other}: {why:?}"));
        }
    }
    for phase in ["Running", "Proposed", "Applied", "Failed"] {
        let status = json!({"phase": phase});
        let before = dream(&made, status.clone());
        for other in &others {
            let refused = dream(other, status.clone())
                .validate_cel_update(&before)
                .expect_err(phase);
            assert!(
                format!("{refused:?}").contains("stays as it was made"),
                "{other}: {refused:?}"
            );
        }
        for allowed in [
            made.clone(),
            with("decision", decision.clone()),
            with("undo", json!({})),
            with("cancel", json!(true)),
        ] {
            let changed = dream(&allowed, status.clone()).validate_cel_update(&before);
            changed.unwrap_or_else(|why| panic!("{phase} {allowed}: {why:?}"));
        }
    }
}

#[test]
fn what_can_not_change_is_refused_to() {
    let store = |spec: Value| -> MemoryStore {
        serde_json::from_value(json!({
            "apiVersion": "remanence.dev/v1alpha1", "kind": "MemoryStore", "metadata": {"name": "s"}, "spec": spec,
        }))
        .unwrap()
    };
    for (before, after, said) in [
        (
            json!({"className": "a"}),
            json!({"className": "b"}),
            "class can't change",
        ),
        (json!({"className": "a"}), json!({}), "class can't change"),
        (json!({}), json!({"purpose": "Sessions"}), "purpose can't change"),
        (json!({"archived": true}), json!({}), "for good"),
    ] {
        let refused = store(after.clone())
            .validate_cel_update(&store(before))
            .expect_err(said);
        assert!(format!("{refused:?}").contains(said), "{after}: {refused:?}");
    }
    store(json!({"className": "a"}))
        .validate_cel_update(&store(json!({})))
        .unwrap();
    // Once it is made, the class that it was made with is the only one to name; also where another one is named by now.
    let made = |spec: Value| {
        let mut made = store(spec);
        made.status = serde_json::from_value(json!({"className": "a"})).unwrap();
        made
    };
    for (before, after, stands) in [
        (json!({}), json!({"className": "a"}), true),
        (json!({}), json!({"className": "b"}), false),
        (json!({"className": "b"}), json!({"className": "b"}), true),
        (json!({"className": "b"}), json!({"className": "a"}), true),
        (json!({"className": "b"}), json!({"className": "c"}), false),
        (json!({"className": "a"}), json!({}), false),
    ] {
        let refused = made(after.clone()).validate_cel_update(&made(before.clone()));
        assert_eq!(refused.is_ok(), stands, "{before} {after}: {refused:?}");
    }
}

#[test]
fn a_classs_place_can_not_change() {
    let class = |bucket: &str, prefix: &str, region: &str| -> MemoryStoreClass {
        serde_json::from_value(json!({
            "apiVersion": "remanence.dev/v1alpha1", "kind": "MemoryStoreClass", "metadata": {"name": "c"},
            "spec": {"s3": {"bucket": bucket, "prefix": prefix, "region": region}, "credentials": {"mode": "Ambient"}},
        }))
        .unwrap()
    };
    let before = class("memories", "{namespace}/{name}", "eu-1");
    for (after, said) in [
        (class("others", "{namespace}/{name}", "eu-1"), "bucket can't change"),
        (class("memories", "m/{namespace}/{name}", "eu-1"), "prefix can't change"),
    ] {
        let refused = after.validate_cel_update(&before).expect_err(said);
        assert!(format!("{refused:?}").contains(said), "{refused:?}");
    }
    let moved = class("memories", "{namespace}/{name}", "eu-2");
    moved.validate_cel_update(&before).unwrap();
}
