//! Lists in a pod, as JSON: a typed pod would lose the fields that a newer apiserver knows.

use serde_json::{Value, json};

/// The items of a list; none where there is none.
pub(super) fn list<'a>(object: &'a Value, field: &str) -> &'a [Value] {
    object[field].as_array().map_or(&[], Vec::as_slice)
}

/// A list to change, made where there is none.
pub(super) fn list_mut<'a>(object: &'a mut Value, field: &str) -> &'a mut Vec<Value> {
    if !object[field].is_array() {
        object[field] = json!([]);
    }
    object[field].as_array_mut().expect("made above")
}

/// Puts an item where its name is, else at the end.
pub(super) fn put(items: &mut Vec<Value>, item: Value) {
    match items.iter_mut().find(|other| other["name"] == item["name"]) {
        Some(place) => *place = item,
        None => items.push(item),
    }
}
