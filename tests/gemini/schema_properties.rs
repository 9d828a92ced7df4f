//! What holds of any schema.

use std::time::{Duration, Instant};

use isthmus::gemini::{Host, schema};
use isthmus::json;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};

use crate::any_json::any_json;

const ALLOWED: [&str; 20] = [
    "type",
    "format",
    "description",
    "nullable",
    "enum",
    "items",
    "minItems",
    "maxItems",
    "properties",
    "required",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "anyOf",
    "propertyOrdering",
    "additionalProperties",
];

const KINDS: [&str; 7] = [
    "string", "number", "integer", "boolean", "array", "object", "null",
];

fn light(text: &str) -> Option<Vec<u8>> {
    schema::json(json::Value::first(text.as_bytes())?).map(std::borrow::Cow::into_owned)
}

fn compiled(text: &str, host: Host, number_enums: bool) -> Option<Vec<u8>> {
    schema::restricted(json::Value::first(text.as_bytes())?, host, number_enums)
}

fn check(schema: &Value, host: Host) {
    let schema = schema.as_object().expect("a schema is an object");
    for name in schema.keys() {
        assert!(ALLOWED.contains(&&**name), "{name}");
    }
    assert!(host == Host::Vertex || !schema.contains_key("additionalProperties"));
    let kind = schema
        .get("type")
        .map(|kind| kind.as_str().expect("one kind"));
    assert!(kind.is_none_or(|kind| KINDS.contains(&kind)), "{kind:?}");
    let list = |name: &str| schema.get(name).map(|it| it.as_array().expect("a list"));
    assert!(kind.is_some() || list("anyOf").is_some());
    assert_eq!(kind == Some("array"), schema.contains_key("items"));
    for name in ["enum", "required", "propertyOrdering", "anyOf"] {
        assert!(list(name).is_none_or(|it| !it.is_empty()), "{name}");
    }
    for value in list("enum").into_iter().flatten() {
        assert!(value.as_str().is_some_and(|it| !it.is_empty()));
    }
    let properties = schema.get("properties").map(|it| it.as_object().unwrap());
    assert!(properties.is_none_or(|it| !it.is_empty()));
    for name in list("required")
        .into_iter()
        .chain(list("propertyOrdering"))
        .flatten()
    {
        assert!(properties.unwrap().contains_key(name.as_str().unwrap()));
    }
    if host == Host::Vertex && schema.contains_key("anyOf") {
        assert_eq!(schema.len(), 1, "any_of is the only field");
    }
    let additional = schema
        .get("additionalProperties")
        .filter(|it| !it.is_boolean());
    let children = properties.into_iter().flat_map(Map::values);
    let alternatives = list("anyOf").into_iter().flatten();
    let all = children
        .chain(alternatives)
        .chain(schema.get("items"))
        .chain(additional);
    all.for_each(|child| check(child, host));
}

fn check_all(text: &str) {
    if let Some(once) = light(text) {
        let once = String::from_utf8(once).unwrap();
        assert!(json::is_json(once.as_bytes()), "{once}");
        assert_eq!(
            light(&once).map(|it| String::from_utf8(it).unwrap()),
            Some(once)
        );
    }
    for host in [Host::Studio, Host::Vertex] {
        for number_enums in [true, false] {
            let Some(once) = compiled(text, host, number_enums) else {
                continue;
            };
            let once = String::from_utf8(once).unwrap();
            check(&serde_json::from_str(&once).unwrap(), host);
            let twice = compiled(&once, host, number_enums);
            let twice = twice.map(|it| String::from_utf8(it).unwrap());
            assert_eq!(twice, Some(once), "{text} {host:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn compiled_schemas_are_closed_and_settled(schema in schema()) {
        let mut root = Map::new();
        let defs: Map<_, _> = ["A", "B"].into_iter().map(|it| (it.to_owned(), schema.clone())).collect();
        if let Value::Object(members) = &schema {
            root.clone_from(members);
        }
        root.insert("$defs".to_owned(), Value::Object(defs));
        check_all(&Value::Object(root).to_string());
        check_all(&schema.to_string());
    }

    #[test]
    fn any_json_is_read(value in any_json(&KINDS)) {
        check_all(&value.to_string());
    }

    #[test]
    fn any_text_is_read(text in "[\\[\\]{}\":,\\\\a-z$#/0-9 ]{0,60}") {
        let _ = (light(&text), compiled(&text, Host::Studio, true), compiled(&text, Host::Vertex, false));
    }
}

/// Schemas, sound and unsound, with all the keywords that are looked at.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Bool(true)),
        Just(Value::Bool(false)),
        select(KINDS.to_vec()).prop_map(|it| serde_json::json!({"type": it})),
        any_json(&KINDS),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let list = vec(inner.clone(), 0..4).prop_map(Value::Array);
        let map = vec(
            (select(vec!["a", "b", "type", "$ref"]), inner.clone()),
            0..4,
        )
        .prop_map(|it| Value::Object(it.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()));
        let names = || vec(select(vec!["a", "b", "c", "", "type"]), 0..4);
        let kinds = vec(select(KINDS.to_vec()), 0..4);
        let scalar = || {
            prop_oneof![
                Just(Value::Null),
                select(vec!["", "a", "b", "enum", "date-time", "1"]).prop_map(Value::from),
                (-2..3).prop_map(Value::from),
                select(vec![0.5, -1.5, 1e300]).prop_map(Value::from),
                any::<bool>().prop_map(Value::from),
            ]
        };
        let references = vec![
            "#",
            "#/$defs/A",
            "#/definitions/A",
            "#/$defs/B",
            "#/properties/a",
            "#/$defs/A/properties/b",
            "#x",
            "x",
        ];
        let member = prop_oneof![
            (
                select(vec!["items", "additionalProperties", "not", "if"]),
                inner.clone()
            ),
            (
                select(vec!["items", "anyOf", "oneOf", "allOf", "prefixItems"]),
                list
            ),
            (
                select(vec![
                    "properties",
                    "$defs",
                    "definitions",
                    "patternProperties"
                ]),
                map
            ),
            (
                select(vec!["required", "propertyOrdering"]),
                names().prop_map(Value::from)
            ),
            (Just("type"), select(KINDS.to_vec()).prop_map(Value::from)),
            (Just("type"), kinds.prop_map(Value::from)),
            (Just("enum"), vec(scalar(), 0..4).prop_map(Value::Array)),
            (Just("$ref"), select(references).prop_map(Value::from)),
            (
                select(vec![
                    "const",
                    "format",
                    "description",
                    "nullable",
                    "minimum",
                    "exclusiveMinimum",
                    "exclusiveMaximum",
                    "maximum",
                    "minLength",
                    "maxItems",
                    "pattern",
                    "title",
                    "default",
                    "$schema",
                    "strict",
                    "minProperties",
                ]),
                scalar(),
            ),
        ];
        vec(member, 0..6).prop_map(|members| {
            let members = members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value));
            Value::Object(members.collect())
        })
    })
}

/// In a build that is not optimised, on a machine that is busy.
const SOON: Duration = Duration::from_secs(10);

#[test]
#[expect(clippy::disallowed_methods, reason = "tests run on the host alone")]
fn hostile_schemas_cost_little() {
    let nested =
        |open: &str, close: &str, times: usize| open.repeat(times) + "1" + &close.repeat(times);
    let doubling: Vec<_> = (0..60)
        .map(|it| format!(r##""d{it}":{{"properties":{{"a":{{"$ref":"#/$defs/d{0}"}},"b":{{"$ref":"#/properties/x/../$defs/d{0}"}},"c":{{"allOf":[{{"$ref":"#/$defs/d{0}"}}]}}}}}}"##, it + 1))
        .collect();
    let doubling = format!(
        r##"{{"properties":{{"x":{{"$ref":"#/$defs/d0"}}}},"$defs":{{{}}}}}"##,
        doubling.join(",")
    );
    let pointers: Vec<_> = (0..60)
        .map(|it| format!(r##""p{it}":{{"properties":{{"a":{{"$ref":"#/properties/p{0}"}},"b":{{"$ref":"#/properties/p{0}"}}}}}}"##, it + 1))
        .collect();
    let many: Vec<_> = (0..5_000)
        .map(|it| format!(r##""p{it}":{{"$ref":"#/$defs/big"}}"##))
        .collect();
    let big = format!(
        r#"{{"properties":{{{}}},"$defs":{{"big":{{"description":"{}"}}}}}}"#,
        many.join(","),
        "d".repeat(100_000)
    );
    let words: Vec<_> = (0..5_000)
        .map(|it| format!(r#"{{"properties":{{"p{it}":{{}}}}}}"#))
        .collect();
    let wide = format!(
        r#"{{"description":"{}","anyOf":[{}]}}"#,
        "d".repeat(100_000),
        words.join(",")
    );
    // All of one name, and the next names are taken.
    let (cycles, taken): (Vec<_>, Vec<_>) = (0..2_000)
        .map(|it| {
            let inner = format!(r##"{{"items":{{"$ref":"#/properties/p{it}/properties/x"}}}}"##);
            let cycle = format!(r#""p{it}":{{"properties":{{"x":{inner}}}}}"#);
            (cycle, format!(r#""x_{it}":{{}}"#))
        })
        .unzip();
    let (cycles, taken) = (cycles.join(","), taken.join(","));
    let cyclic = format!(r#"{{"properties":{{{cycles}}},"$defs":{{{taken}}}}}"#);
    let optional = |list: &str| nested(&format!(r#"{{"{list}":[{{"type":"null"}},"#), "]}", 2_000);
    for text in [
        doubling,
        format!(r#"{{"properties":{{{}}}}}"#, pointers.join(",")),
        big,
        wide,
        nested(r#"{"items":"#, "}", 2_000),
        nested(r#"{"$defs":{"$ref":"#, "}}", 2_000),
        nested(r#"{"properties":{"a":"#, "}}", 2_000),
        nested(r#"{"allOf":["#, "]}", 2_000),
        nested(r#"{"anyOf":[{"type":"string"},"#, "]}", 2_000),
        optional("anyOf"),
        optional("oneOf"),
        nested(r#"{"type":["string","array"],"items":"#, "}", 2_000),
        nested("[", "]", 100_000),
        r##"{"$ref":"#"}"##.to_owned(),
        r##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##
            .to_owned(),
        format!(r##"{{"allOf":[{{"$ref":"#{}"}}]}}"##, "/a".repeat(100_000)),
        cyclic,
    ] {
        let start = Instant::now();
        let most = 20 * text.len() + (64 << 10);
        let outputs = [
            light(&text),
            compiled(&text, Host::Studio, true),
            compiled(&text, Host::Vertex, true),
        ];
        for output in outputs.into_iter().flatten() {
            assert!(output.len() < most, "{} of {}", output.len(), text.len());
        }
        let head: String = text.chars().take(60).collect();
        assert!(start.elapsed() < SOON, "{head} {:?}", start.elapsed());
    }
}

#[test]
fn deep_schemas_settle() {
    for (open, close) in [
        (r#"{"items":"#, "}"),
        (r#"{"properties":{"a":"#, "}}"),
        (r#"{"anyOf":[{"type":"string"},"#, "]}"),
        (
            r#"{"description":"d","anyOf":[{"type":"string"},{"type":"null"},"#,
            "]}",
        ),
        (
            r#"{"type":["string","array"],"description":"d","items":"#,
            "}",
        ),
        (r#"{"prefixItems":[{"type":"integer"},"#, "]}"),
        (r#"{"additionalProperties":"#, "}"),
    ] {
        // About once and twice the depth that is kept.
        for depth in (14..19).chain(30..36) {
            let inner = r#"{"type":["string","integer"],"description":"i"}"#;
            let text = open.repeat(depth) + inner + &close.repeat(depth);
            check_all(&text);
        }
    }
}
