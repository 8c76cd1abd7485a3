//! As much of JSON Schema as `docs/report.schema.json` uses; a keyword that is not known here fails the test that meets it.

use serde_json::Value;

/// All that is wrong with a document, each with the path to it.
pub(crate) fn violations(schema: &Value, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, document, "$", &mut found);
    found
}

/// The schema that the documentation publishes.
pub(crate) fn published() -> Value {
    let text = include_str!("../../docs/report.schema.json");
    serde_json::from_str(text).expect("the schema is JSON")
}

fn check(root: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    let keywords = schema.as_object().expect("a schema is an object");
    for (keyword, wanted) in keywords {
        let good = match keyword.as_str() {
            "$schema" | "$defs" | "title" => true,
            "$ref" => {
                let name = wanted.as_str().and_then(|r| r.strip_prefix("#/$defs/")).expect("a reference into $defs");
                check(root, &root["$defs"][name], value, path, found);
                true
            }
            "anyOf" => wanted.as_array().expect("anyOf is a list").iter().any(|one| {
                let mut inner = Vec::new();
                check(root, one, value, path, &mut inner);
                inner.is_empty()
            }),
            "type" => match wanted {
                Value::Array(types) => types.iter().any(|t| is_type(t, value)),
                one => is_type(one, value),
            },
            "const" => value == wanted,
            "enum" => wanted.as_array().expect("enum is a list").contains(value),
            "minimum" => value.as_f64().is_none_or(|n| n >= wanted.as_f64().expect("a minimum is a number")),
            "pattern" => {
                let pattern = regex_lite::Regex::new(wanted.as_str().expect("a pattern is text")).expect("it is one");
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            "required" => wanted.as_array().expect("required is a list").iter().all(|name| {
                let there = value.as_object().is_none_or(|o| o.contains_key(name.as_str().expect("a name")));
                if !there {
                    found.push(format!("{path}: there is no {name}"));
                }
                true
            }),
            "properties" => {
                for (name, inner) in wanted.as_object().expect("properties is an object") {
                    if let Some(member) = value.get(name) {
                        check(root, inner, member, &format!("{path}.{name}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                assert_eq!(wanted, &Value::Bool(false), "only false is known");
                let known = schema["properties"].as_object().expect("it stands beside properties");
                for name in value.as_object().into_iter().flat_map(|o| o.keys()).filter(|n| !known.contains_key(*n)) {
                    found.push(format!("{path}: {name} is not in the schema"));
                }
                true
            }
            "items" => {
                for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, wanted, item, &format!("{path}[{i}]"), found);
                }
                true
            }
            unknown => panic!("the keyword {unknown} is not known to this test"),
        };
        if !good {
            found.push(format!("{path}: {value} is not as {keyword} {wanted} says"));
        }
    }
}

fn is_type(wanted: &Value, value: &Value) -> bool {
    match wanted.as_str().expect("a type is named") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        unknown => panic!("the type {unknown} is not one"),
    }
}
