//! Roles and turns.

use serde_json::{Value, json};

use crate::{body, refusal, text};

fn translated(messages: &Value) -> (Value, Value) {
    let mut body = body(&json!({"messages": messages}));
    (body["system"].take(), body["messages"].take())
}

fn user(content: Value) -> Value {
    json!({"role": "user", "content": content})
}

fn assistant(content: Value) -> Value {
    json!({"role": "assistant", "content": content})
}

fn call(id: &str, arguments: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}})
}

fn calling(calls: Value) -> Value {
    json!({"role": "assistant", "content": null, "tool_calls": calls})
}

fn result(id: &str, content: &str) -> Value {
    json!({"role": "tool", "tool_call_id": id, "content": content})
}

fn tool_use(id: &str, input: Value) -> Value {
    json!({"type": "tool_use", "id": id, "name": "f", "input": input})
}

fn tool_result(id: &str, content: &str) -> Value {
    json!({"type": "tool_result", "tool_use_id": id, "content": [text(content)]})
}

#[test]
fn turns_alternate_and_begin_and_end_with_the_user() {
    let go_on = user(json!([text("Continue.")]));
    for (messages, system, expected) in [
        (
            json!([{"role": "system", "content": "s"}, user(json!("a")), {"role": "developer", "content": "d"}]),
            json!([text("s"), text("d")]),
            json!([user(json!([text("a")]))]),
        ),
        (
            json!([
                user(json!("a")),
                user(json!("b")),
                assistant(json!("c")),
                assistant(json!("d")),
                user(json!("e"))
            ]),
            Value::Null,
            json!([
                user(json!([text("a"), text("b")])),
                assistant(json!([text("c"), text("d")])),
                user(json!([text("e")])),
            ]),
        ),
        (
            json!([assistant(json!("hello")), user(json!("a"))]),
            Value::Null,
            json!([
                user(json!(".")),
                assistant(json!([text("hello")])),
                user(json!([text("a")]))
            ]),
        ),
        (
            json!([user(json!("a")), assistant(json!("b "))]),
            Value::Null,
            json!([
                user(json!([text("a")])),
                assistant(json!([text("b ")])),
                go_on
            ]),
        ),
        (
            json!([{"role": "system", "content": "s"}]),
            Value::Null,
            json!([user(json!([text("s")]))]),
        ),
        (
            json!([user(json!("a")), assistant(json!("")), user(json!("b"))]),
            Value::Null,
            json!([user(json!([text("a"), text("b")]))]),
        ),
        (
            json!([user(json!("a")), assistant(json!("b")), user(json!(" "))]),
            Value::Null,
            json!([
                user(json!([text("a")])),
                assistant(json!([text("b")])),
                user(json!("."))
            ]),
        ),
        (
            json!([user(json!("a")), {"role": "assistant", "content": null, "refusal": "no"}, user(json!("b"))]),
            Value::Null,
            json!([
                user(json!([text("a")])),
                assistant(json!([text("no")])),
                user(json!([text("b")]))
            ]),
        ),
        (
            json!([{"role": "user", "content": "a", "name": "x", "cache_control": {"type": "ephemeral"}}]),
            Value::Null,
            json!([user(
                json!([{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}])
            )]),
        ),
    ] {
        assert_eq!(translated(&messages), (system, expected), "{messages}");
    }
}

#[test]
fn results_stand_together_right_behind_their_calls() {
    let messages = json!([
        user(json!("a")),
        {
            "role": "assistant",
            "content": "let me see",
            "tool_calls": [call("call_1", "{\"x\": 1.50}"), call("call_2", "")],
        },
        result("call_2", "two"),
        {"role": "system", "content": "late"},
        {"role": "tool", "tool_call_id": "call_1", "content": [text("one")], "cache_control": {"type": "ephemeral"}},
        user(json!("b")),
    ]);
    let mut first = tool_result("call_1", "one");
    first["cache_control"] = json!({"type": "ephemeral"});
    let expected = json!([
        user(json!([text("a")])),
        assistant(json!([
            text("let me see"),
            tool_use("call_1", json!({"x": 1.50})),
            tool_use("call_2", json!({})),
        ])),
        user(json!([tool_result("call_2", "two"), first, text("b")])),
    ]);
    assert_eq!(translated(&messages), (json!([text("late")]), expected));
}

#[test]
fn a_result_may_be_empty_or_a_picture() {
    let image = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,aa"}});
    let messages = json!([
        calling(json!([call("1", "{}"), call("2", "{}")])),
        result("1", ""),
        {"role": "tool", "tool_call_id": "2", "content": [image]},
    ]);
    let (_, turns) = translated(&messages);
    let source = json!({"type": "base64", "media_type": "image/png", "data": "aa"});
    let expected = json!([
        {"type": "tool_result", "tool_use_id": "1"},
        {"type": "tool_result", "tool_use_id": "2", "content": [{"type": "image", "source": source}]},
    ]);
    assert_eq!(turns[2]["content"], expected);
}

#[test]
fn ids_are_made_fit_and_unlike() {
    let messages = json!([
        calling(json!([call("f:0", "{}"), call("f.0", "{}")])),
        result("f:0", "a"),
        result("f.0", "b"),
        calling(json!([call("f:0", "{}"), call("", "{}")])),
        result("", "c"),
        result("f:0", "d"),
    ]);
    let (_, turns) = translated(&messages);
    let ids = |turn: &Value, name: &str| -> Vec<String> {
        let blocks = turn["content"].as_array().unwrap().iter();
        blocks
            .map(|block| block[name].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&turns[1], "id"), ["f_0", "f_0_1"]);
    assert_eq!(ids(&turns[2], "tool_use_id"), ["f_0", "f_0_1"]);
    assert_eq!(ids(&turns[3], "id"), ["f_0_2", "_"]);
    assert_eq!(ids(&turns[4], "tool_use_id"), ["_", "f_0_2"]);
}

#[test]
fn function_calls_from_before_there_were_tools() {
    let calling = |arguments: &str| {
        let call = json!({"name": "f", "arguments": arguments});
        json!({"role": "assistant", "content": null, "function_call": call})
    };
    let returned = |content: &str| json!({"role": "function", "name": "f", "content": content});
    let messages = json!([
        user(json!("a")),
        calling("{\"x\":1}"),
        returned("one"),
        calling("{}"),
        returned("two"),
    ]);
    let expected = json!([
        user(json!([text("a")])),
        assistant(json!([tool_use("function_call", json!({"x": 1}))])),
        user(json!([tool_result("function_call", "one")])),
        assistant(json!([tool_use("function_call_1", json!({}))])),
        user(json!([tool_result("function_call_1", "two")])),
    ]);
    assert_eq!(translated(&messages).1, expected);
}

#[test]
fn thoughts_go_back_only_with_their_signature() {
    let signed = json!({"type": "thinking", "thinking": "hm", "signature": "sig"});
    let redacted = json!({"type": "redacted_thinking", "data": "xx"});
    for (thoughts, expected) in [
        (
            json!([signed, redacted]),
            json!([signed, redacted, text("b")]),
        ),
        (
            json!([{"type": "thinking", "thinking": "hm"}]),
            json!([text("b")]),
        ),
        (
            json!([{"type": "thinking", "thinking": "hm", "signature": ""}]),
            json!([text("b")]),
        ),
        (
            json!([{"type": "thinking", "thinking": "hm", "signature": null}, {"type": "odd"}, 1]),
            json!([text("b")]),
        ),
        (json!(null), json!([text("b")])),
    ] {
        let said = json!({
            "role": "assistant", "content": "b", "reasoning_content": "hm", "thinking_blocks": thoughts,
        });
        let (_, turns) = translated(&json!([user(json!("a")), said, user(json!("c"))]));
        assert_eq!(turns[1]["content"], expected, "{thoughts}");
    }
    // Nothing but thoughts is no turn.
    let said = json!({"role": "assistant", "content": null, "thinking_blocks": [signed]});
    let (_, turns) = translated(&json!([user(json!("a")), said]));
    assert_eq!(turns, json!([user(json!([text("a")]))]));
}

#[test]
fn a_conversation_that_makes_no_sense_is_refused_with_its_place() {
    for (messages, said) in [
        (json!([1]), "messages[0].role"),
        (json!([{"content": "a"}]), "messages[0].role"),
        (
            json!([{"role": "narrator", "content": "a"}]),
            "messages[0].role",
        ),
        (
            json!([result("1", "a")]),
            "messages[0] answers no tool call",
        ),
        (
            json!([calling(json!([call("1", "{}")])), result("2", "a")]),
            "messages[1] answers no tool call",
        ),
        (
            json!([
                calling(json!([call("1", "{}")])),
                result("1", "a"),
                result("1", "a")
            ]),
            "messages[2] answers",
        ),
        (
            json!([calling(json!([call("1", "{}")])), user(json!("a"))]),
            "messages[1] must be the tool's message",
        ),
        (
            json!([calling(json!([call("1", "{}")])), assistant(json!("a"))]),
            "messages[1] must be the tool's message",
        ),
        (
            json!([calling(json!([call("c1", "{}")]))]),
            "messages[1] must be the tool's message for the call before it: c1.",
        ),
        (
            json!([calling(json!([call("1", "{}"), call("1", "{}")]))]),
            "messages[0].tool_calls[1].id",
        ),
        (
            json!([calling(json!([call("1", "{}"), call("2", "{x")]))]),
            "messages[0].tool_calls[1].function.arguments",
        ),
        (
            json!([calling(json!([call("1", "[1]")]))]),
            "messages[0].tool_calls[0].function.arguments",
        ),
        (
            json!([{"role": "assistant", "function_call": {"name": "f", "arguments": 7}}]),
            "messages[0].function.arguments",
        ),
        (
            json!([calling(json!([call("1", "{} {}")]))]),
            "messages[0].tool_calls[0].function.arguments",
        ),
        (
            json!([calling(
                json!([{"id": "1", "type": "custom", "custom": {}}])
            )]),
            "messages[0].tool_calls[0]",
        ),
        (
            json!([calling(
                json!([{"id": "1", "function": {"arguments": "{}"}}])
            )]),
            "messages[0].tool_calls[0]",
        ),
    ] {
        let error = refusal(&json!({"messages": messages}));
        assert_eq!(
            (error.status(), error.param),
            (400, Some("messages")),
            "{messages}"
        );
        assert!(error.message.starts_with(said), "{}", error.message);
    }
}
