//! Decisions about Dreams: who made one is written into it, whatever the request says. Who may, and what about, is a
//! `ValidatingAdmissionPolicy`'s business.

use k8s_openapi::ByteString;
use serde_json::{Value, json};

/// What people decide, below `spec`.
const DECISIONS: [&str; 2] = ["decision", "undo"];

/// Answers an `AdmissionReview` of a Dream.
pub(super) fn stamp(review: &Value) -> Value {
    let request = &review["request"];
    let patch: Vec<Value> = DECISIONS.iter().filter_map(|field| by(request, field)).collect();
    let mut response = json!({"uid": request["uid"], "allowed": true});
    if !patch.is_empty() {
        response["patchType"] = "JSONPatch".into();
        response["patch"] = json!(ByteString(json!(patch).to_string().into_bytes()));
    }
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response})
}

fn by(request: &Value, field: &str) -> Option<Value> {
    let new = request["object"]["spec"].get(field)?.as_object()?;
    let old = request["oldObject"]["spec"].get(field).and_then(Value::as_object);
    let without = |decision: &serde_json::Map<String, Value>| {
        let mut plain = decision.clone();
        plain.remove("by");
        plain
    };
    // The same decision applied again, mostly without a name, stays whose it was.
    let who = match old {
        Some(old) if without(old) == without(new) => old.get("by").cloned().unwrap_or_default(),
        _ => request["userInfo"]["username"].clone(),
    };
    (new.get("by") != Some(&who)).then(|| json!({"op": "add", "path": format!("/spec/{field}/by"), "value": who}))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]
    use super::*;

    /// What is changed in an object whose spec was `before`, null where it is created, and is to be `after`.
    fn stamped(before: Value, after: Value) -> Value {
        let old = if before.is_null() {
            Value::Null
        } else {
            json!({"spec": before})
        };
        let review = json!({"request": {
            "uid": "u", "userInfo": {"username": "ann"}, "object": {"spec": after}, "oldObject": old,
        }});
        let answer = stamp(&review);
        assert_eq!(answer["response"]["allowed"], true);
        let patch: Option<ByteString> = serde_json::from_value(answer["response"]["patch"].clone()).unwrap();
        patch.map_or(Value::Null, |patch| serde_json::from_slice(&patch.0).unwrap())
    }

    #[test]
    fn a_decision_bears_the_name_of_whoever_makes_it() {
        let decided = |by: Option<&str>| {
            let mut decision = json!({"verdict": "Approve", "proposalDigest": "sha256:1"});
            if let Some(by) = by {
                decision["by"] = by.into();
            }
            json!({"decision": decision})
        };
        let by = |who: &str| json!([{"op": "add", "path": "/spec/decision/by", "value": who}]);
        for (before, after, patch) in [
            (json!({}), decided(None), by("ann")),
            (json!({}), decided(Some("bob")), by("ann")),
            (json!({}), decided(Some("ann")), Value::Null),
            // Applied again by another: it stays whose it was.
            (decided(Some("bob")), decided(None), by("bob")),
            (decided(Some("bob")), decided(Some("bob")), Value::Null),
            (json!({}), json!({}), Value::Null),
            // Created with its decision: nobody's word counts but the caller's.
            (Value::Null, decided(Some("cfo")), by("ann")),
            (Value::Null, decided(None), by("ann")),
            (Value::Null, json!({}), Value::Null),
        ] {
            assert_eq!(stamped(before.clone(), after.clone()), patch, "{before} {after}");
        }
        let undo = stamped(json!({}), json!({"undo": {}}));
        assert_eq!(undo, json!([{"op": "add", "path": "/spec/undo/by", "value": "ann"}]));
    }
}
