//! The served OpenAPI document covers every route and every field of the committed samples.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;

use std::collections::BTreeSet;

use hookswitch_http::HttpLimits;
use serde_json::Value;

use client::world;

#[tokio::test]
async fn the_document_and_the_router_name_the_same_routes() {
    let world = world(HttpLimits::default(), 8).await;
    let document = world.get("/api/v1/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap();
    let routed: BTreeSet<&str> = include_str!("../src/serve.rs")
        .lines()
        .filter_map(|line| line.trim().strip_prefix(".route(\""))
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(
        paths.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        routed
    );
    for (path, methods) in paths {
        for method in methods.as_object().unwrap().keys() {
            let head = format!("Host: {}\r\n", world.host());
            let answer = world.send(&method.to_uppercase(), path, &head, "").await;
            assert_eq!(answer.status, 401, "{method} {path}");
        }
    }
}

#[test]
fn the_samples_follow_their_schemas() {
    let document = document();
    for (schema, sample) in [
        (
            "Frame",
            include_str!("../../hookswitch-wire/samples/view-frame.json"),
        ),
        (
            "RecentsPage",
            include_str!("../../hookswitch-wire/samples/recents.json"),
        ),
    ] {
        let sample: Value = serde_json::from_str(sample).unwrap();
        let schema = &document["components"]["schemas"][schema];
        follows(&document, schema, &sample).unwrap();
    }
}

#[test]
fn a_wrong_field_would_be_found() {
    let document = document();
    let sample = include_str!("../../hookswitch-wire/samples/view-frame.json");
    let mut sample: Value = serde_json::from_str(sample).unwrap();
    sample["view"]["calls"][0]["surprise"] = true.into();
    let schema = &document["components"]["schemas"]["Frame"];
    let error = follows(&document, schema, &sample).unwrap_err();
    assert!(error.contains("surprise"), "{error}");
}

#[test]
fn the_page_of_prose_names_every_field() {
    let prose = include_str!("../../../docs/http.md");
    let words: BTreeSet<&str> = prose
        .split(|c: char| !c.is_ascii_lowercase() && c != '_')
        .collect();
    for sample in [
        include_str!("../../hookswitch-wire/samples/view-frame.json"),
        include_str!("../../hookswitch-wire/samples/recents.json"),
        include_str!("../../hookswitch-wire/samples/state.json"),
    ] {
        let mut names = BTreeSet::new();
        collect_names(&serde_json::from_str(sample).unwrap(), &mut names);
        let missing: Vec<_> = names
            .iter()
            .filter(|name| !words.contains(name.as_str()))
            .collect();
        assert!(missing.is_empty(), "docs/http.md does not name {missing:?}");
    }
}

fn document() -> Value {
    serde_json::from_str(include_str!("../openapi.json")).unwrap()
}

/// Checks a value against a schema: the keywords that our document uses, and no unknown fields.
fn follows(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(&reference[1..]);
        return follows(document, target.ok_or(reference)?, value);
    }
    if let Some(ways) = schema["oneOf"].as_array() {
        let errors: Vec<_> = ways
            .iter()
            .map(|way| follows(document, way, value).err())
            .collect();
        return match errors.iter().filter(|error| error.is_none()).count() {
            1 => Ok(()),
            count => Err(format!("{count} ways fit {value}: {errors:?}")),
        };
    }
    if schema.get("const").is_some_and(|only| only != value) {
        return Err(format!("{value} is not {}", schema["const"]));
    }
    let allowed = schema["enum"].as_array();
    if allowed.is_some_and(|allowed| !allowed.contains(value)) {
        return Err(format!("{value} is not in the list"));
    }
    check_type(schema, value)?;
    match value {
        Value::Object(fields) => check_fields(document, schema, fields),
        Value::Array(items) => items
            .iter()
            .try_for_each(|item| follows(document, &schema["items"], item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn check_fields(
    document: &Value,
    schema: &Value,
    fields: &serde_json::Map<String, Value>,
) -> Result<(), String> {
    for name in schema["required"].as_array().into_iter().flatten() {
        if !fields.contains_key(name.as_str().unwrap()) {
            return Err(format!("{name} is missing"));
        }
    }
    for (name, value) in fields {
        let field = schema["properties"].get(name);
        follows(document, field.ok_or(format!("{name} is unknown"))?, value)
            .map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

fn check_type(schema: &Value, value: &Value) -> Result<(), String> {
    let is = |name: &Value| match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some(_) | None => false,
    };
    let wanted = &schema["type"];
    let fits = wanted.is_null()
        || wanted
            .as_array()
            .map_or_else(|| is(wanted), |names| names.iter().any(is));
    if fits {
        Ok(())
    } else {
        Err(format!("{value} is no {}", schema["type"]))
    }
}

fn collect_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                names.insert(name.clone());
                collect_names(value, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
