//! Tools, the choice among them, and answers of a certain form.

use serde_json::{Value, json};

use crate::{body, hello, refusal, text};

fn tool(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name, "parameters": {"type": "object"}}})
}

fn defined(name: &str) -> Value {
    json!({"name": name, "input_schema": {"type": "object"}})
}

#[test]
fn definitions() {
    let nothing = json!({"type": "object", "properties": {}});
    let cache = json!({"type": "ephemeral"});
    for (function, expected) in [
        (
            json!({"name": "f", "description": "d", "strict": true, "parameters": {"type": "object", "x": 1}}),
            json!({"name": "f", "description": "d", "input_schema": {"type": "object", "x": 1}}),
        ),
        (
            json!({"name": "f"}),
            json!({"name": "f", "input_schema": nothing}),
        ),
        (
            json!({"name": "f", "parameters": {}}),
            json!({"name": "f", "input_schema": nothing}),
        ),
        (
            json!({"name": "f", "parameters": null}),
            json!({"name": "f", "input_schema": nothing}),
        ),
        (
            json!({"name": "f", "parameters": {"properties": {}}}),
            json!({"name": "f", "input_schema": nothing}),
        ),
        (
            json!({"name": "f", "cache_control": cache}),
            json!({"name": "f", "input_schema": nothing, "cache_control": cache}),
        ),
    ] {
        let tools = json!([{"type": "function", "function": function}]);
        assert_eq!(
            body(&hello(json!({"tools": tools})))["tools"],
            json!([expected]),
            "{function}"
        );
    }
    let own = json!({"type": "web_search_20250305", "name": "web_search"});
    assert_eq!(body(&hello(json!({"tools": [own]})))["tools"], json!([own]));
    for tools in [json!([]), Value::Null] {
        let body = body(&hello(json!({"tools": tools, "tool_choice": "auto"})));
        assert_eq!(
            (&body["tools"], &body["tool_choice"]),
            (&Value::Null, &Value::Null)
        );
    }
}

#[test]
fn choices() {
    let named = json!({"type": "function", "function": {"name": "f"}});
    for (more, expected) in [
        (json!({}), Value::Null),
        (json!({"tool_choice": "auto"}), Value::Null),
        (json!({"tool_choice": "none"}), json!({"type": "none"})),
        (json!({"tool_choice": "required"}), json!({"type": "any"})),
        (
            json!({"tool_choice": named}),
            json!({"type": "tool", "name": "f"}),
        ),
        (json!({"parallel_tool_calls": true}), Value::Null),
        (
            json!({"parallel_tool_calls": false}),
            json!({"type": "auto", "disable_parallel_tool_use": true}),
        ),
        (
            json!({"tool_choice": "required", "parallel_tool_calls": false}),
            json!({"type": "any", "disable_parallel_tool_use": true}),
        ),
        (
            json!({"tool_choice": "none", "parallel_tool_calls": false}),
            json!({"type": "none"}),
        ),
    ] {
        let mut request = hello(more.clone());
        request["tools"] = json!([tool("f"), tool("g")]);
        assert_eq!(body(&request)["tool_choice"], expected, "{more}");
    }
}

#[test]
fn a_choice_among_some() {
    let allowed =
        json!({"mode": "required", "tools": [{"type": "function", "function": {"name": "g"}}]});
    let choice = json!({"type": "allowed_tools", "allowed_tools": allowed});
    let body = body(&hello(
        json!({"tools": [tool("f"), tool("g")], "tool_choice": choice}),
    ));
    assert_eq!(body["tools"], json!([defined("g")]));
    assert_eq!(body["tool_choice"], json!({"type": "any"}));
}

#[test]
fn functions_from_before_there_were_tools() {
    let functions = json!([{"name": "f", "parameters": {"type": "object"}}]);
    let one = |kind: Value| {
        let mut kind = kind;
        kind["disable_parallel_tool_use"] = json!(true);
        kind
    };
    for (choice, expected) in [
        (Value::Null, one(json!({"type": "auto"}))),
        (json!("none"), json!({"type": "none"})),
        (
            json!({"name": "f"}),
            one(json!({"type": "tool", "name": "f"})),
        ),
    ] {
        let body = body(&hello(
            json!({"functions": functions, "function_call": choice}),
        ));
        assert_eq!(body["tools"], json!([defined("f")]));
        assert_eq!(body["tool_choice"], expected, "{choice}");
    }
}

#[test]
fn tools_once_called_stay_defined() {
    let call = json!({"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let messages = json!([
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "a"},
    ]);
    let body = body(&json!({"messages": messages}));
    assert_eq!(
        body["tools"],
        json!([{"name": "f", "input_schema": {"type": "object", "properties": {}}}])
    );
    assert_eq!(body["tool_choice"], json!({"type": "none"}));
}

#[test]
fn what_is_no_tool_is_refused() {
    for (more, param) in [
        (
            json!({"tools": [{"type": "custom", "custom": {"name": "f"}}]}),
            "tools",
        ),
        (json!({"tools": [{"type": "custom", "name": "f"}]}), "tools"),
        (
            json!({"tools": [{"type": "function", "function": {}}]}),
            "tools",
        ),
        (json!({"tools": [1]}), "tools"),
        (
            json!({"tools": [tool("f")], "tool_choice": "perhaps"}),
            "tool_choice",
        ),
        (
            json!({"tools": [tool("f")], "tool_choice": {"type": "function"}}),
            "tool_choice",
        ),
        (
            json!({"functions": [{"name": "f"}], "function_call": {}}),
            "tool_choice",
        ),
    ] {
        let error = refusal(&hello(more.clone()));
        assert_eq!((error.status(), error.param), (400, Some(param)), "{more}");
    }
}

fn formatted(schema: &Value, more: Value) -> Value {
    let named = json!({"name": "city", "description": "A city.", "schema": schema});
    let mut request = hello(more);
    request["response_format"] = json!({"type": "json_schema", "json_schema": named});
    body(&request)
}

#[test]
fn a_schema_is_the_input_of_a_tool() {
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    let answer_tool = json!({
        "name": "answer_as_json",
        "description":
            "Give your final answer by calling this tool, alone: its input is the answer. A city.",
        "input_schema": schema,
    });
    let named = json!({"type": "tool", "name": "answer_as_json"});
    for (more, tools, choice) in [
        (json!({}), json!([answer_tool]), named.clone()),
        (
            json!({"tools": [tool("f")]}),
            json!([defined("f"), answer_tool]),
            json!({"type": "any"}),
        ),
        (
            json!({"tools": [tool("f")], "tool_choice": "none"}),
            json!([defined("f"), answer_tool]),
            named.clone(),
        ),
        // What the client wants called comes first.
        (
            json!({"tools": [tool("f")], "tool_choice": "required"}),
            json!([defined("f")]),
            json!({"type": "any"}),
        ),
    ] {
        let body = formatted(&schema, more.clone());
        assert_eq!(body["tools"], tools, "{more}");
        assert_eq!(body["tool_choice"], choice, "{more}");
        assert_eq!(body["system"], Value::Null, "{more}");
    }
}

#[test]
fn what_cannot_be_a_tool_is_asked_for_in_words() {
    let bare =
        "Answer with one JSON value and nothing else: no explanation around it, no code fence.";
    let array = json!({"type": "array"});
    let said = text(&format!("{bare} It must match this JSON schema: {array}"));
    let body_of_array = formatted(&array, json!({}));
    assert_eq!(
        (&body_of_array["system"], &body_of_array["tools"]),
        (&json!([said]), &Value::Null)
    );

    // A model that thinks cannot be forced to call.
    let object = json!({"type": "object"});
    let said = text(&format!("{bare} It must match this JSON schema: {object}"));
    let thinking = formatted(&object, json!({"reasoning_effort": "low"}));
    assert_eq!(
        (&thinking["system"], &thinking["tools"]),
        (&json!([said]), &Value::Null)
    );
    assert_eq!(thinking["thinking"]["type"], "enabled");

    let any = body(&hello(json!({"response_format": {"type": "json_object"}})));
    assert_eq!(any["system"], json!([text(bare)]));
}
