//! Schemas as Google takes them.

use std::borrow::Cow;

use isthmus::gemini::{Host, schema};
use isthmus::json;
use serde_json::{Value, json};

fn light(schema: &Value) -> Option<Value> {
    let text = schema.to_string();
    let cleaned = schema::json(json::Value::first(text.as_bytes()).unwrap())?;
    Some(serde_json::from_slice(&cleaned).unwrap())
}

fn compiled(schema: &Value, host: Host, number_enums: bool) -> Option<Value> {
    let text = schema.to_string();
    let value = json::Value::first(text.as_bytes()).unwrap();
    let compiled = schema::restricted(value, host, number_enums)?;
    Some(serde_json::from_slice(&compiled).unwrap())
}

/// What becomes of a property.
fn property(schema: &Value, host: Host) -> Value {
    let root = json!({"type": "object", "properties": {"x": schema, "y": {"type": "null"}}});
    compiled(&root, host, true).unwrap()["properties"]["x"].clone()
}

fn assert_light(table: &[(Value, Value)]) {
    for (schema, expected) in table {
        assert_eq!(light(schema).as_ref(), Some(expected), "{schema}");
    }
}

fn assert_properties(table: &[(Value, Value)]) {
    for (schema, expected) in table {
        for host in [Host::Studio, Host::Vertex] {
            assert_eq!(&property(schema, host), expected, "{schema} {host:?}");
        }
    }
}

#[test]
fn what_need_not_change_keeps_its_bytes() {
    for text in [
        r#"{ "type" : "object", "properties": {"b": {"type":["string","null"]}, "a": {"minimum": 1.0e2}} }"#,
        r#"{"properties":{"$ref":{"type":"string"},"strict":true,"allOf":{"x": 1.10}}}"#,
        r##"{"properties":{"a":{"$ref":"#/$defs/A"}}, "$defs":{"A":{"type":"integer", "maximum": 12345678901234567890}}}"##,
        r##"{"properties":{"a":{"$ref":"#A"},"b":{"$anchor":"A"}}}"##,
        r#"{"allOf":[{"required":["a"]},{"required":["b"]}],"properties":{"a":true,"b":{}}}"#,
        r#"{"type":"array","items":{"type":"string"}}"#,
        r#"{"enum":["a"]}"#,
        r#"{"type":"object","additionalProperties":{"type":"string"}}"#,
    ] {
        let cleaned = schema::json(json::Value::first(text.as_bytes()).unwrap());
        let Some(Cow::Borrowed(bytes)) = cleaned else {
            panic!("{text} {cleaned:?}");
        };
        assert_eq!(bytes, text.as_bytes());
    }
}

#[test]
fn what_changes_keeps_its_digits_and_its_order() {
    let text = r#"{"$schema":"s","properties":{"z":{"minimum":1.50e3},"a\u00e9":{"maximum":12345678901234567890123}}}"#;
    let kept =
        r#"{"properties":{"z":{"minimum":1.50e3},"a\u00e9":{"maximum":12345678901234567890123}}}"#;
    let value = json::Value::first(text.as_bytes()).unwrap();
    assert_eq!(schema::json(value).unwrap(), kept.as_bytes());
    let text = r#"{"properties":{"z":{"type":"number","minimum":1.50e3},"a\u00e9":{"type":"integer","maximum":12345678901234567890123}}}"#;
    let value = json::Value::first(text.as_bytes()).unwrap();
    let compiled = schema::restricted(value, Host::Studio, true).unwrap();
    assert_eq!(
        compiled,
        text.replacen('{', r#"{"type":"object","#, 1).as_bytes()
    );
}

#[test]
fn nothing_is_said_of_any_object() {
    for schema in [
        json!({}),
        json!(true),
        json!(null),
        json!({"type": "object"}),
        json!({"type": "object", "properties": {}}),
        json!({"$schema": "s", "type": "object", "properties": {}, "additionalProperties": false}),
        json!({"type": "object", "properties": {}, "required": [], "additionalProperties": true}),
        json!({"$ref": "#/$defs/none"}),
        json!({"$ref": "#/$defs/A", "$defs": {"A": {"type": "object", "properties": {}}}}),
    ] {
        assert_eq!(light(&schema), None, "{schema}");
        assert_eq!(compiled(&schema, Host::Studio, true), None, "{schema}");
    }
}

#[test]
fn drafts_own_keywords_go_from_the_root() {
    let x = json!({"x": {"type": "string"}});
    assert_light(&[
        (
            json!({"$schema": "s", "$id": "i", "$comment": "c", "strict": true, "type": "object", "properties": x}),
            json!({"type": "object", "properties": x}),
        ),
        (
            json!({"$schema": "s", "properties": {"strict": {}, "y": {"$id": "i", "$comment": "c"}}}),
            json!({"properties": {"strict": {}, "y": {"$id": "i", "$comment": "c"}}}),
        ),
    ]);
}

#[test]
fn references_are_to_definitions() {
    let a = json!({"type": "object", "properties": {"n": {"type": "integer"}}});
    assert_light(&[
        (
            json!({"properties": {"x": {"$ref": "#/definitions/A"}}, "definitions": {"A": a}}),
            json!({"properties": {"x": {"$ref": "#/$defs/A"}}, "$defs": {"A": a}}),
        ),
        (
            json!({"properties": {"x": {"$ref": "#/$defs/A", "description": "d", "default": 1}}, "$defs": {"A": a}}),
            json!({"properties": {"x": {"$ref": "#/$defs/A"}}, "$defs": {"A": a}}),
        ),
        (
            json!({"properties": {"x": {"allOf": [{"$ref": "#/$defs/A"}], "title": "T"}}, "$defs": {"A": a}}),
            json!({"properties": {"x": {"$ref": "#/$defs/A"}}, "$defs": {"A": a}}),
        ),
        (
            json!({"properties": {"x": {"items": {"$ref": "#/properties/y"}}, "y": {"type": "string"}}}),
            json!({"properties": {"x": {"items": {"type": "string"}}, "y": {"type": "string"}}}),
        ),
        (
            json!({"properties": {"x": {"$ref": "#/properties/y", "description": "d"}, "y": {"type": "string", "description": "e"}}}),
            json!({"properties": {"x": {"type": "string", "description": "d"}, "y": {"type": "string", "description": "e"}}}),
        ),
        // The outermost has to be an object.
        (
            json!({"$schema": "s", "$ref": "#/definitions/A", "definitions": {"A": {"properties": {"next": {"$ref": "#/definitions/A"}}}}}),
            json!({"properties": {"next": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"properties": {"next": {"$ref": "#/$defs/A"}}}}}),
        ),
        (
            json!({"properties": {"y": {"$ref": "https://example.com/y"}, "z": {"$ref": "#/$defs/none", "description": "z"}}}),
            json!({"properties": {"y": {}, "z": {"description": "z"}}}),
        ),
        // An old and a new definition of one name.
        (
            json!({"properties": {"x": {"$ref": "#/definitions/A"}, "y": {"$ref": "#/$defs/A"}}, "$defs": {"A": a}, "definitions": {"A": {"type": "string"}, "B": true}}),
            json!({"properties": {"x": {"type": "string"}, "y": {"$ref": "#/$defs/A"}}, "$defs": {"B": true, "A": a}}),
        ),
    ]);
}

#[test]
fn what_contains_itself_becomes_a_definition() {
    let list = |of: &str| json!({"type": "array", "items": {"$ref": of}});
    assert_light(&[
        // The document itself, whose own definitions are not repeated.
        (
            json!({"$schema": "s", "description": "d", "properties": {"x": {"$ref": "#", "description": "x"}, "a": {"$ref": "#/$defs/root"}}, "$defs": {"root": {"type": "string"}}}),
            json!({"description": "d", "properties": {"x": {"$ref": "#/$defs/root_1"}, "a": {"$ref": "#/$defs/root"}}, "$defs": {
                "root": {"type": "string"},
                "root_1": {"description": "d", "properties": {"x": {"$ref": "#/$defs/root_1"}, "a": {"$ref": "#/$defs/root"}}}
            }}),
        ),
        // From inside of a definition.
        (
            json!({"properties": {"a": {"$ref": "#/definitions/A"}}, "definitions": {"A": list("#")}}),
            json!({"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {
                "A": list("#/$defs/root"),
                "root": {"properties": {"a": {"$ref": "#/$defs/A"}}}
            }}),
        ),
        // Two that contain each other.
        (
            json!({"properties": {"a": list("#/properties/b"), "b": list("#/properties/a")}}),
            json!({
                "properties": {"a": {"type": "array", "items": list("#/$defs/a")}, "b": list("#/$defs/a")},
                "$defs": {"a": {"type": "array", "items": list("#/$defs/a")}}
            }),
        ),
        // Behind an `allOf`, and a part of a definition.
        (
            json!({"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"properties": {"b%": {"properties": {"c": {"allOf": [{"$ref": "#/$defs/A/properties/b%25"}]}}}}}}}),
            json!({"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {
                "A": {"properties": {"b%": {"properties": {"c": {"$ref": "#/$defs/b25"}}}}},
                "b25": {"properties": {"c": {"$ref": "#/$defs/b25"}}}
            }}),
        ),
        // References to nothing but each other say nothing.
        (
            json!({"properties": {"a": {"$ref": "#/properties/b"}, "b": {"$ref": "#/properties/a"}, "c": {"$ref": "#/properties/c"}}}),
            json!({"properties": {"a": {"type": "object"}, "b": {"type": "object"}, "c": {"type": "object"}}}),
        ),
    ]);
}

#[test]
fn all_of_one_is_that_one() {
    assert_light(&[
        (
            json!({"allOf": [{"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a"], "description": "inner"}],
                "properties": {"b": {"type": "integer"}, "c": {}}, "required": ["b", "a"], "description": "outer"}),
            json!({"properties": {"a": {"type": "string"}, "b": {"type": "integer"}, "c": {}}, "required": ["a", "b"], "description": "outer"}),
        ),
        (
            json!({"properties": {"x": {"allOf": [{"allOf": [{"type": "string"}]}]}}}),
            json!({"properties": {"x": {"type": "string"}}}),
        ),
    ]);
}

#[test]
fn keywords_of_others_are_dropped() {
    assert_properties(&[
        (
            json!({"type": "string", "title": "T", "default": "d", "examples": ["e"], "example": "e", "const2": 1,
                "description": "d", "minLength": 1, "maxLength": 2, "pattern": "^a"}),
            json!({"type": "string", "description": "d", "minLength": 1, "maxLength": 2, "pattern": "^a"}),
        ),
        (
            json!({"type": "array", "items": {"type": "number", "multipleOf": 2}, "uniqueItems": true, "minItems": 1, "maxItems": 3, "contains": {}}),
            json!({"type": "array", "items": {"type": "number"}, "minItems": 1, "maxItems": 3}),
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "boolean", "readOnly": true}}, "patternProperties": {}, "propertyNames": {},
                "minProperties": 1, "maxProperties": 2, "propertyOrdering": ["a", "b"], "if": {}, "not": {}, "dependentRequired": {}}),
            json!({"type": "object", "properties": {"a": {"type": "boolean"}}, "minProperties": 1, "maxProperties": 2, "propertyOrdering": ["a"]}),
        ),
        (
            json!({"type": "STRING", "description": 1, "pattern": 2, "minLength": "x"}),
            json!({"type": "string"}),
        ),
    ]);
}

#[test]
fn additional_properties_are_vertex_ais() {
    for (said, vertex) in [
        (json!(true), json!(true)),
        (json!({}), json!(true)),
        (json!(false), json!(false)),
        (
            json!({"type": ["integer", "null"]}),
            json!({"type": "integer", "nullable": true}),
        ),
    ] {
        let schema = json!({"type": "object", "additionalProperties": said});
        assert_eq!(property(&schema, Host::Studio), json!({"type": "object"}));
        let expected = json!({"type": "object", "additionalProperties": vertex});
        assert_eq!(property(&schema, Host::Vertex), expected);
    }
}

#[test]
fn kinds_are_said() {
    let any = json!({"type": "object"});
    assert_properties(&[
        (json!(true), any.clone()),
        (json!({}), any.clone()),
        (json!(5), any.clone()),
        (
            json!({"description": "d"}),
            json!({"type": "string", "description": "d"}),
        ),
        (json!({"properties": {}}), any.clone()),
        (
            json!({"items": {"type": "null"}}),
            json!({"type": "array", "items": {"type": "null"}}),
        ),
        (
            json!({"enum": ["a"]}),
            json!({"type": "string", "enum": ["a"]}),
        ),
        (json!({"type": "unheard of"}), json!({"type": "string"})),
        (json!({"type": "null"}), json!({"type": "null"})),
        (json!({"type": ["null"]}), json!({"type": "null"})),
        (
            json!({"type": ["string", "null"], "minLength": 1}),
            json!({"type": "string", "nullable": true, "minLength": 1}),
        ),
        (
            json!({"type": "string", "nullable": true}),
            json!({"type": "string", "nullable": true}),
        ),
    ]);
    let root = json!({"properties": {"a": false, "b": {"type": "string"}}, "required": ["a", "b", "c", 1, "b"]});
    let expected =
        json!({"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]});
    assert_eq!(compiled(&root, Host::Studio, true), Some(expected));
    let root = json!({"properties": {"a": {"type": "string"}}, "required": ["x"]});
    let expected = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    assert_eq!(compiled(&root, Host::Studio, true), Some(expected));
}

#[test]
fn several_kinds_are_alternatives() {
    let schema = json!({"type": ["string", "integer", "null"], "description": "d", "minLength": 2, "minimum": 3});
    assert_eq!(
        property(&schema, Host::Studio),
        json!({"description": "d", "nullable": true, "anyOf": [{"type": "string", "minLength": 2}, {"type": "integer", "minimum": 3}]})
    );
    assert_eq!(
        property(&schema, Host::Vertex),
        json!({"anyOf": [
            {"type": "string", "description": "d", "nullable": true, "minLength": 2},
            {"type": "integer", "description": "d", "nullable": true, "minimum": 3},
        ]})
    );
}

#[test]
fn alternatives() {
    assert_properties(&[
        (
            json!({"anyOf": [{"type": "string", "description": "inner"}, {"type": "null"}], "description": "outer"}),
            json!({"type": "string", "description": "outer", "nullable": true}),
        ),
        (
            json!({"oneOf": [{"type": "null"}, {"type": "integer", "minimum": 1}], "default": null}),
            json!({"type": "integer", "minimum": 1, "nullable": true}),
        ),
        (
            json!({"anyOf": [{"const": "a"}, {"enum": ["b"], "description": "d"}, {"const": null}, {"const": "a"}]}),
            json!({"type": "string", "nullable": true, "enum": ["a", "b"]}),
        ),
        (
            json!({"anyOf": [{"type": "null"}]}),
            json!({"type": "null"}),
        ),
        (
            json!({"anyOf": [false, {"type": "boolean"}]}),
            json!({"type": "boolean"}),
        ),
        (
            json!({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
            json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
        ),
    ]);
    let schema = json!({"description": "d", "title": "T", "anyOf": [{"type": "string"}, {"type": "integer", "description": "i"}, {"type": "null"}]});
    assert_eq!(
        property(&schema, Host::Studio),
        json!({"description": "d", "nullable": true, "anyOf": [{"type": "string"}, {"type": "integer", "description": "i"}]})
    );
    assert_eq!(
        property(&schema, Host::Vertex),
        json!({"anyOf": [
            {"type": "string", "description": "d", "nullable": true},
            {"type": "integer", "description": "i", "nullable": true},
        ]})
    );
}

#[test]
fn objects_with_one_member_or_another_stay_objects() {
    let a = json!({"a": {"type": "string"}});
    let schema = json!({"type": "object", "properties": a, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]});
    assert_eq!(
        property(&schema, Host::Studio),
        json!({"type": "object", "properties": a})
    );
    assert_eq!(
        property(&schema, Host::Vertex),
        json!({"anyOf": [
            {"type": "object", "properties": a, "required": ["a"]},
            {"type": "object", "properties": a},
        ]})
    );
    let object = json!({"type": "object", "properties": a});
    let root = json!({"anyOf": [object, object]});
    assert_eq!(
        compiled(&root, Host::Studio, true),
        Some(json!({"type": "object", "anyOf": [object, object]}))
    );
}

#[test]
fn enums_are_strings() {
    let mixed = json!({"anyOf": [{"type": "string"}, {"type": "integer"}]});
    assert_properties(&[
        (
            json!({"enum": ["a", "", null, "b"], "description": "d"}),
            json!({"type": "string", "enum": ["a", "b"], "nullable": true, "description": "d"}),
        ),
        (json!({"enum": [""]}), json!({"type": "string"})),
        (
            json!({"type": "string", "enum": []}),
            json!({"type": "string"}),
        ),
        (json!({"enum": [null]}), json!({"type": "null"})),
        (
            json!({"const": "a"}),
            json!({"type": "string", "enum": ["a"]}),
        ),
        (
            json!({"type": "integer", "enum": [1, 2]}),
            json!({"type": "integer", "format": "enum", "enum": ["1", "2"]}),
        ),
        (
            json!({"enum": [1, 2.5, null]}),
            json!({"type": "number", "format": "enum", "enum": ["1", "2.5"], "nullable": true}),
        ),
        (
            json!({"const": true}),
            json!({"type": "boolean", "format": "enum", "enum": ["true"]}),
        ),
        (
            json!({"type": "string", "enum": [1, 2]}),
            json!({"type": "string", "enum": ["1", "2"]}),
        ),
        (
            json!({"type": ["integer", "null"], "enum": [1, null]}),
            json!({"type": "integer", "format": "enum", "enum": ["1"], "nullable": true}),
        ),
        (
            json!({"type": "integer", "enum": ["1"]}),
            json!({"type": "string", "enum": ["1"]}),
        ),
        (
            json!({"type": ["string", "integer"], "enum": ["a", 1]}),
            mixed,
        ),
        (
            json!({"type": "string", "enum": ["a", 1]}),
            json!({"type": "string"}),
        ),
        (
            json!({"type": "object", "enum": [{}]}),
            json!({"type": "object"}),
        ),
    ]);
}

#[test]
fn enums_of_numbers_are_told_where_they_are_refused() {
    let schema = json!({"properties": {
        "a": {"type": "integer", "enum": [1, 2], "description": "d \"q\""},
        "b": {"type": "boolean", "format": "enum", "enum": ["true"]},
        "c": {"enum": ["x"]},
    }});
    let expected = json!({"type": "object", "properties": {
        "a": {"type": "integer", "description": "d \"q\" One of: 1, 2."},
        "b": {"type": "boolean", "description": "One of: true."},
        "c": {"type": "string", "enum": ["x"]},
    }});
    assert_eq!(compiled(&schema, Host::Studio, false), Some(expected));
}

#[test]
fn limits_are_inclusive() {
    let whole = |said: Value| property(&said, Host::Studio);
    for (said, least, most) in [
        (
            json!({"exclusiveMinimum": 0, "exclusiveMaximum": 10}),
            json!(1),
            json!(9),
        ),
        (
            json!({"exclusiveMinimum": 0.5, "exclusiveMaximum": 9.5}),
            json!(1),
            json!(9),
        ),
        (
            json!({"exclusiveMinimum": -1.0, "exclusiveMaximum": 2.0}),
            json!(0),
            json!(1),
        ),
        (
            json!({"minimum": 3, "exclusiveMinimum": true, "maximum": 5, "exclusiveMaximum": true}),
            json!(4),
            json!(4),
        ),
        (
            json!({"minimum": 3, "exclusiveMinimum": false, "maximum": 5, "exclusiveMaximum": false}),
            json!(3),
            json!(5),
        ),
        (
            json!({"minimum": 3, "exclusiveMinimum": 7, "maximum": 5, "exclusiveMaximum": 4}),
            json!(8),
            json!(3),
        ),
        (
            json!({"minimum": 3, "exclusiveMinimum": 1, "maximum": 5, "exclusiveMaximum": 9}),
            json!(3),
            json!(5),
        ),
        (
            json!({"exclusiveMinimum": i64::MAX, "exclusiveMaximum": 1e300}),
            json!(i64::MAX),
            json!(1e300),
        ),
    ] {
        let mut schema = said.clone();
        schema["type"] = json!("integer");
        let expected = json!({"type": "integer", "minimum": least, "maximum": most});
        assert_eq!(whole(schema), expected, "{said}");
    }
    assert_properties(&[
        (
            json!({"type": "number", "exclusiveMinimum": 0.5, "exclusiveMaximum": 2}),
            json!({"type": "number", "minimum": 0.5, "maximum": 2}),
        ),
        (
            json!({"type": "number", "minimum": "1", "exclusiveMinimum": true}),
            json!({"type": "number"}),
        ),
    ]);
}

#[test]
fn formats() {
    for (kind, kept, dropped) in [
        ("string", ["date-time", "enum"], ["uri", "date"]),
        ("number", ["float", "double"], ["int32", "enum"]),
        ("integer", ["int32", "int64"], ["float", "uint8"]),
    ] {
        for format in kept {
            let schema = json!({"type": kind, "format": format});
            assert_eq!(property(&schema, Host::Studio), schema);
        }
        for format in dropped {
            let schema = json!({"type": kind, "format": format});
            assert_eq!(property(&schema, Host::Studio), json!({"type": kind}));
        }
    }
}

#[test]
fn arrays_have_items() {
    let of = |items: Value| json!({"type": "array", "items": items});
    let text = json!({"type": "string"});
    let both = json!({"anyOf": [text, {"type": "integer"}]});
    assert_properties(&[
        (json!({"type": "array"}), of(text.clone())),
        (of(json!({})), of(text.clone())),
        (of(json!(true)), of(text.clone())),
        (of(json!(false)), of(text.clone())),
        (of(json!([])), of(text.clone())),
        (
            of(json!([{"type": "integer"}])),
            of(json!({"type": "integer"})),
        ),
        (
            of(json!([{"type": "string"}, {"type": "integer"}])),
            of(both.clone()),
        ),
        (
            json!({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}),
            of(both.clone()),
        ),
        (
            json!({"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}),
            of(both),
        ),
    ]);
}

#[test]
fn references_are_written_out() {
    let root = json!({
        "properties": {
            "a": {"$ref": "#/$defs/A", "description": "own"},
            "b": {"$ref": "#/definitions/B%20b"},
            "c": {"$ref": "#/properties/a"},
            "d": {"$ref": "https://example.com/d"},
            "e": {"$ref": "#/$defs/Tree"},
        },
        "$defs": {
            "A": {"type": "string", "description": "A", "title": "A"},
            "Tree": {"type": "object", "description": "t", "properties": {"left": {"$ref": "#/$defs/Tree"}, "right": {"anyOf": [{"$ref": "#/$defs/Tree"}, {"type": "null"}]}}},
        },
        "definitions": {"B b": {"allOf": [{"$ref": "#/$defs/A"}, {"minLength": 1, "description": "last"}]}},
    });
    let expected = json!({"type": "object", "properties": {
        "a": {"type": "string", "description": "own"},
        "b": {"type": "string", "minLength": 1, "description": "last"},
        "c": {"type": "string", "description": "own"},
        "d": {"type": "object"},
        "e": {"type": "object", "description": "t", "properties": {
            "left": {"type": "object", "description": "t"},
            "right": {"type": "object", "description": "t", "nullable": true},
        }},
    }});
    assert_eq!(compiled(&root, Host::Studio, true), Some(expected.clone()));
    assert_eq!(compiled(&root, Host::Vertex, true), Some(expected));
}

#[test]
fn all_of_is_merged() {
    let schema = json!({
        "allOf": [
            {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a"], "description": "first"},
            {"properties": {"b": {"maxLength": 2}, "c": {"type": "integer"}}, "required": ["c", "a"], "description": "last"},
        ],
        "properties": {"d": {"type": "boolean"}},
    });
    assert_properties(&[(
        schema,
        json!({"type": "object", "description": "last", "required": ["a", "c"], "properties": {
            "a": {"type": "string"}, "b": {"type": "string", "maxLength": 2}, "c": {"type": "integer"}, "d": {"type": "boolean"},
        }}),
    )]);
}
