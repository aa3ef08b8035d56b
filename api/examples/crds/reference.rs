//! The reference of all fields, from the schemas.

use std::fmt::{Display, Write as _};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray,
};
use remanence_api::Duration;

const HEAD: &str = "# Reference\n\n\
    Made by `cargo xtask crds` from `api/src`. Every kind is of group `remanence.dev/v1alpha1` and in the category \
    `remanence`: `kubectl get remanence`. What a rule refuses, `kubectl apply` says in its words.\n";

/// The page.
pub(crate) fn render(crds: &[CustomResourceDefinition]) -> String {
    let mut out = HEAD.to_owned();
    for crd in crds {
        let names = &crd.spec.names;
        let version = &crd.spec.versions[0];
        let Some(schema) = version.schema.as_ref().and_then(|s| s.open_api_v3_schema.as_ref()) else {
            continue;
        };
        line(&mut out, &format!("\n## {}", names.kind));
        line(&mut out, &format!("\n{}\n", text(schema)));
        let scope = if crd.spec.scope == "Cluster" {
            "cluster-scoped"
        } else {
            "namespaced"
        };
        line(
            &mut out,
            &format!("`{}` ({scope}).", crd.metadata.name.as_deref().unwrap_or_default()),
        );
        rules(&mut out, "", schema);
        for part in ["spec", "status"] {
            let Some(schema) = schema.properties.as_ref().and_then(|p| p.get(part)) else {
                continue;
            };
            line(&mut out, "\n| field | type | default | meaning |\n|---|---|---|---|");
            fields(&mut out, part, schema);
            rules(&mut out, part, schema);
        }
        columns(&mut out, crd);
    }
    out
}

fn fields(out: &mut String, path: &str, schema: &JSONSchemaProps) {
    for (name, field) in schema.properties.iter().flatten() {
        let path = format!("{path}.{name}");
        let required = schema.required.iter().flatten().any(|r| r == name);
        let default = match &field.default {
            Some(default) => format!("`{}`", default.0),
            None if required => "required".to_owned(),
            None => String::new(),
        };
        line(
            out,
            &format!(
                "| `{path}` | {} | {} | {} |",
                kind(field),
                cell(&default),
                cell(&meaning(&path, field))
            ),
        );
        nested(out, &path, field);
    }
}

/// Fields of a field. Kubernetes' own types are named, not spelled out.
fn nested(out: &mut String, path: &str, field: &JSONSchemaProps) {
    if path.ends_with(".conditions") || path.ends_with(".selector") {
        return;
    }
    match &field.items {
        Some(JSONSchemaPropsOrArray::Schema(item)) => fields(out, &format!("{path}[]"), item),
        _ => fields(out, path, field),
    }
}

fn kind(field: &JSONSchemaProps) -> String {
    if let Some(values) = &field.enum_ {
        let values: Vec<String> = values
            .iter()
            .filter_map(|v| v.0.as_str())
            .map(|v| format!("`{v}`"))
            .collect();
        return values.join(" ");
    }
    if field.x_kubernetes_int_or_string == Some(true) {
        return "size".to_owned();
    }
    if is_duration(field) {
        return "duration".to_owned();
    }
    let name = field.type_.as_deref().unwrap_or("object");
    match &field.items {
        Some(JSONSchemaPropsOrArray::Schema(item)) => format!("list of {}", kind(item)),
        _ => name.to_owned(),
    }
}

fn is_duration(field: &JSONSchemaProps) -> bool {
    let mut rules = field.x_kubernetes_validations.iter().flatten();
    rules.any(|rule| rule.message.as_deref() == Some(Duration::RULE))
}

/// What a field is, and what it may be.
fn meaning(path: &str, field: &JSONSchemaProps) -> String {
    // Nobody writes a status, and of sizes and durations the rules say it.
    let rules_say = field.x_kubernetes_int_or_string == Some(true) || is_duration(field);
    if path.starts_with("status") || rules_say {
        return text(field);
    }
    let mut parts = limits(field);
    if let Some(JSONSchemaPropsOrArray::Schema(item)) = &field.items {
        parts.extend(limits(item).into_iter().map(|limit| format!("each {limit}")));
    }
    let told = parts.join(", ");
    let mut chars = told.chars();
    match chars.next() {
        None => text(field),
        Some(first) => format!("{} {}{}.", text(field), first.to_uppercase(), chars.as_str()),
    }
}

fn limits(field: &JSONSchemaProps) -> Vec<String> {
    let pattern = field.pattern.as_ref().map(|pattern| format!("matching `{pattern}`"));
    let all = [
        range(field.minimum, field.maximum, ""),
        range(field.min_length, field.max_length, " characters"),
        range(field.min_items, field.max_items, " entries"),
        pattern,
    ];
    all.into_iter().flatten().collect()
}

fn range<N: Display>(least: Option<N>, most: Option<N>, what: &str) -> Option<String> {
    match (least, most) {
        (None, None) => None,
        (Some(least), None) => Some(format!("at least {least}{what}")),
        (None, Some(most)) => Some(format!("at most {most}{what}")),
        (Some(least), Some(most)) => Some(format!("{least} to {most}{what}")),
    }
}

/// The rules of a schema and of everything below it, as their messages.
fn rules(out: &mut String, path: &str, schema: &JSONSchemaProps) {
    let mut found = Vec::new();
    collect(&mut found, path, schema, path.is_empty());
    if !found.is_empty() {
        out.push('\n');
    }
    for (path, message) in found {
        let place = if path.is_empty() {
            "object".to_owned()
        } else {
            format!("`{path}`")
        };
        line(out, &format!("- {place}: {message}"));
    }
}

fn collect(found: &mut Vec<(String, String)>, path: &str, schema: &JSONSchemaProps, alone: bool) {
    for rule in schema.x_kubernetes_validations.iter().flatten() {
        let message = rule.message.clone().unwrap_or_else(|| rule.rule.clone());
        found.push((path.to_owned(), message));
    }
    if alone {
        return;
    }
    for (name, field) in schema.properties.iter().flatten() {
        collect(found, &format!("{path}.{name}"), field, false);
    }
    if let Some(JSONSchemaPropsOrArray::Schema(item)) = &schema.items {
        collect(found, &format!("{path}[]"), item, false);
    }
}

fn columns(out: &mut String, crd: &CustomResourceDefinition) {
    let columns = crd.spec.versions[0].additional_printer_columns.iter().flatten();
    let (wide, narrow): (Vec<_>, Vec<_>) = columns.partition(|c| c.priority.unwrap_or(0) > 0);
    let names = |columns: &[_]| -> String {
        let upper = columns.iter().map(|c: &&k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceColumnDefinition| c.name.to_uppercase());
        upper.collect::<Vec<_>>().join(" ")
    };
    line(
        out,
        &format!(
            "\n`kubectl get {}` shows NAME {}.",
            crd.spec.names.plural,
            names(&narrow)
        ),
    );
    if !wide.is_empty() {
        line(out, &format!("With `-o wide` also {}.", names(&wide)));
    }
}

fn text(schema: &JSONSchemaProps) -> String {
    schema
        .description
        .as_deref()
        .unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn line(out: &mut String, text: &str) {
    // Writing into a string does not fail.
    let _ = writeln!(out, "{text}");
}
