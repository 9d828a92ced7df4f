//! What the assistant called, and the signatures that prove it.

use isthmus::gemini::lessons::Lesson;
use serde_json::{Value, json};

use super::{Listener, NEW, OLD, assistant, call, calling, result, text, turn, user};

const SENTINEL: &str = "skip_thought_signature_validator";

/// The parts of the model's turn that one message of the assistant becomes, whose calls are answered.
fn called(listener: &Listener, message: Value) -> Value {
    let ids = message["tool_calls"].as_array().cloned();
    let answer = |call: Value| result(call["id"].as_str().unwrap_or_default(), json!("r"));
    let mut messages = vec![user(json!("a")), message.clone()];
    messages.extend(ids.unwrap_or_default().into_iter().map(answer));
    if message.get("function_call").is_some() {
        messages.push(json!({"role": "function", "name": "f", "content": "r"}));
    }
    listener.contents(messages.into())[1]["parts"].take()
}

fn with_more(mut object: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    object.as_object_mut().unwrap().extend(more);
    object
}

#[test]
fn arguments_are_an_object() {
    let args = |call: Value| {
        called(&Listener::studio(OLD), calling(json!([call])))[0]["functionCall"]["args"].take()
    };
    for (arguments, expected) in [
        (
            json!(" {\"a\": [1.0, \"\\u00e9\\n\"]} "),
            json!({"a": [1.0, "\u{e9}\n"]}),
        ),
        (json!({"a": 1}), json!({"a": 1})),
        (json!("{}"), json!({})),
        (json!(""), json!({})),
        (json!(" \n"), json!({})),
        (json!(null), json!({})),
        (json!("{bad \"\\"), json!({"_raw": "{bad \"\\"})),
        (json!("[1]"), json!({"_raw": "[1]"})),
        (json!("null"), json!({"_raw": "null"})),
        (json!("{} {}"), json!({"_raw": "{} {}"})),
        (json!(1), json!({"_raw": 1})),
        (
            json!("{\"a\":".repeat(1000)),
            json!({"_raw": "{\"a\":".repeat(1000)}),
        ),
    ] {
        let call = json!({"id": "1", "function": {"name": "f", "arguments": arguments}});
        assert_eq!(args(call), expected, "{arguments}");
    }
    assert_eq!(
        args(json!({"id": "1", "function": {"name": "f"}})),
        json!({})
    );
    let custom =
        json!({"id": "1", "type": "custom", "custom": {"name": "f", "input": "say \"hi\""}});
    assert_eq!(args(custom), json!({"input": "say \"hi\""}));
}

#[test]
fn digits_and_escapes_of_arguments_stay() {
    let digits = "{\"a\":1.0,\"b\":0.1234567890123456789012}";
    let heard = Listener::studio(OLD).with(|setting| {
        let messages = json!([
            user(json!("a")),
            calling(json!([call("1", digits)])),
            result("1", json!(digits))
        ]);
        let messages = messages.to_string();
        let messages = isthmus::json::Value::first(messages.as_bytes());
        let read = isthmus::gemini::chat::messages::Conversation::read(messages, setting);
        let mut out = isthmus::json::Writer::default();
        read.unwrap().write(&mut out);
        String::from_utf8(out.into_bytes()).unwrap()
    });
    assert_eq!(heard.matches(digits).count(), 2, "{heard}");
}

#[test]
fn text_comes_before_calls_and_calls_in_their_order() {
    let message = json!({
        "role": "assistant",
        "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        "tool_calls": [call("1", "{}"), call("2", "{\"x\":1}")],
    });
    let call =
        |id: &str, args: Value| json!({"functionCall": {"id": id, "name": "f", "args": args}});
    let expected = json!([
        text("a"),
        text("b"),
        call("1", json!({})),
        call("2", json!({"x": 1}))
    ]);
    assert_eq!(called(&Listener::studio(OLD), message), expected);
}

#[test]
fn ids_go_where_they_are_known() {
    let has_ids = |listener: &Listener| {
        let messages = json!([
            user(json!("a")),
            calling(json!([call("1", "")])),
            result("1", json!("r"))
        ]);
        let contents = listener.contents(messages);
        let call = contents[1]["parts"][0]["functionCall"].get("id").cloned();
        let answer = contents[2]["parts"][0]["functionResponse"]
            .get("id")
            .cloned();
        assert_eq!(call, answer);
        call == Some(json!("1"))
    };
    for model in [OLD, NEW] {
        let (mut studio, mut vertex) = (Listener::studio(model), Listener::vertex(model));
        assert_eq!((has_ids(&studio), has_ids(&vertex)), (true, false));
        studio.options.call_ids = Some(false);
        vertex.options.call_ids = Some(true);
        assert_eq!((has_ids(&studio), has_ids(&vertex)), (false, true));
    }
    let nameless = calling(json!([call("", "")]));
    let parts = called(&Listener::studio(OLD), nameless);
    assert_eq!(parts, json!([{"functionCall": {"name": "f", "args": {}}}]));
}

#[test]
fn signatures_are_found_wherever_clients_put_them() {
    let google = json!({"extra_content": {"google": {"thought_signature": "g"}}});
    let vertex = json!({"extra_content": {"vertex": {"thought_signature": "v"}}});
    let specific = json!({"provider_specific_fields": {"thought_signature": "p"}});
    let both = json!({"extra_content": {"google": {}, "vertex": {"thought_signature": "v"}}});
    let empty = json!({"extra_content": {"google": {"thought_signature": ""}}});
    let function = |more: Value| {
        let function = with_more(json!({"name": "f", "arguments": ""}), more);
        json!({"id": "1__thought__i==", "function": function})
    };
    let plain = || function(json!({}));
    let signed = function(json!({"thought_signature": "t"}));
    for (call, signature) in [
        (with_more(plain(), google.clone()), "g"),
        (with_more(plain(), vertex.clone()), "v"),
        (with_more(plain(), both), "v"),
        (with_more(signed.clone(), google), "g"),
        (with_more(signed.clone(), specific.clone()), "t"),
        (signed, "t"),
        (with_more(plain(), specific.clone()), "p"),
        (function(specific), "p"),
        (with_more(plain(), empty), "i=="),
        (plain(), "i=="),
    ] {
        for model in [OLD, NEW] {
            let parts = called(&Listener::studio(model), calling(json!([call])));
            let expected = json!([{"functionCall": {"id": "1", "name": "f", "args": {}},
                                   "thoughtSignature": signature}]);
            assert_eq!(parts, expected, "{call}");
        }
    }
}

#[test]
fn gemini_3_gets_a_sentinel_where_no_signature_came() {
    let signed = |id: &str| {
        let extra = json!({"extra_content": {"google": {"thought_signature": "s"}}});
        with_more(call(id, ""), extra)
    };
    let signatures = |listener: &Listener, calls: Value| -> Vec<Value> {
        let parts = called(listener, calling(calls));
        let parts = parts.as_array().unwrap().iter();
        parts.map(|part| part["thoughtSignature"].clone()).collect()
    };
    let neither = json!([call("1", ""), call("2", "")]);
    let first = json!([signed("1"), call("2", "")]);
    let second = json!([call("1", ""), signed("2")]);
    for listener in [Listener::studio(NEW), Listener::vertex(NEW)] {
        assert_eq!(
            signatures(&listener, neither.clone()),
            [json!(SENTINEL), Value::Null]
        );
        assert_eq!(
            signatures(&listener, first.clone()),
            [json!("s"), Value::Null]
        );
        assert_eq!(
            signatures(&listener, second.clone()),
            [json!(SENTINEL), json!("s")]
        );
    }
    let old = Listener::studio(OLD);
    assert_eq!(signatures(&old, neither), [Value::Null, Value::Null]);
    assert_eq!(signatures(&old, first.clone()), [json!("s"), Value::Null]);
    // Those that came along were refused.
    for listener in [Listener::studio(NEW), old] {
        let taught = listener.taught(Lesson::NoSignatures);
        for calls in [&first, &second] {
            assert_eq!(
                signatures(&taught, calls.clone()),
                [json!(SENTINEL), Value::Null]
            );
        }
    }
}

#[test]
fn every_turn_of_the_model_begins_its_calls_with_a_signature() {
    let contents = Listener::studio(NEW).contents(json!([
        user(json!("a")),
        calling(json!([call("1", "")])),
        result("1", json!("r")),
        calling(json!([call("1__thought__s", "")])),
        result("1", json!("r")),
        assistant(json!("b")),
        calling(json!([call("2", "")])),
        result("2__thought__x", json!("r")),
    ]));
    let signature =
        |turn: usize, part: usize| contents[turn]["parts"][part]["thoughtSignature"].clone();
    assert_eq!(signature(1, 0), SENTINEL);
    assert_eq!(signature(3, 0), "s");
    assert_eq!(
        (signature(5, 0), signature(5, 1)),
        (Value::Null, json!(SENTINEL))
    );
}

#[test]
fn a_messages_signature_goes_on_its_last_words() {
    let extra = json!({"extra_content": {"google": {"thought_signature": "s"}}});
    let picture = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}});
    let inline = json!({"inlineData": {"mimeType": "image/png", "data": "AA=="}});
    let pieces = json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]);
    let signed = |part: Value| with_more(part, json!({"thoughtSignature": "s"}));
    let legacy = json!({"name": "f", "arguments": "{}"});
    let plain_call = json!({"functionCall": {"name": "f", "args": {}}});
    for (message, parts) in [
        (
            json!({"content": pieces}),
            json!([text("a"), signed(text("b"))]),
        ),
        (
            json!({"content": "a", "images": [picture]}),
            json!([signed(text("a")), inline]),
        ),
        (
            json!({"images": [picture, picture]}),
            json!([inline, signed(inline.clone())]),
        ),
        (
            json!({"content": "a", "function_call": legacy}),
            json!([signed(text("a")), plain_call]),
        ),
        (
            json!({"content": "", "function_call": legacy}),
            json!([signed(plain_call.clone())]),
        ),
    ] {
        let message = with_more(
            with_more(message, json!({"role": "assistant"})),
            extra.clone(),
        );
        assert_eq!(
            called(&Listener::studio(OLD), message.clone()),
            parts,
            "{message}"
        );
        let taught = Listener::studio(OLD).taught(Lesson::NoSignatures);
        let unsigned = called(&taught, message);
        assert!(!unsigned.to_string().contains("\"s\""), "{unsigned}");
    }
    let drawn = with_more(picture, extra);
    let message = json!({"role": "assistant", "content": "a", "images": [drawn]});
    assert_eq!(
        called(&Listener::studio(OLD), message),
        json!([text("a"), signed(inline)])
    );
}

#[test]
fn answers_come_back_as_they_were_given() {
    let answer = json!({
        "role": "assistant", "content": "Checking.", "refusal": null, "reasoning_content": "hm",
        "tool_calls": [
            {"id": "fc-1", "type": "function", "function": {"name": "f", "arguments": "{\"city\":\"Paris\"}"},
             "extra_content": {"google": {"thought_signature": "U0lHMQ=="}}, "index": 0},
            {"id": "call_2", "type": "function", "function": {"name": "f", "arguments": "{\"n\":1.0}"}},
        ],
        "extra_content": {"google": {"thought_signature": "VEVYVA=="}},
    });
    let expected = json!([
        {"text": "Checking.", "thoughtSignature": "VEVYVA=="},
        {"functionCall": {"id": "fc-1", "name": "f", "args": {"city": "Paris"}}, "thoughtSignature": "U0lHMQ=="},
        {"functionCall": {"id": "call_2", "name": "f", "args": {"n": 1.0}}},
    ]);
    assert_eq!(called(&Listener::studio(NEW), answer), expected);
}

#[test]
fn legacy_calls_have_no_id() {
    let contents = Listener::studio(NEW).contents(json!([
        user(json!("x")),
        {"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{\"a\":1}"}},
        {"role": "function", "name": "f", "content": "ok"},
    ]));
    let call =
        json!({"functionCall": {"name": "f", "args": {"a": 1}}, "thoughtSignature": SENTINEL});
    let answer = json!({"functionResponse": {"name": "f", "response": {"output": "ok"}}});
    let expected = json!([
        turn("user", json!([text("x")])),
        turn("model", json!([call])),
        turn("user", json!([answer]))
    ]);
    assert_eq!(contents, expected);
}

#[test]
fn what_is_no_call_is_refused() {
    for (message, place) in [
        (calling(json!({})), "messages[0].tool_calls "),
        (calling(json!([1])), "messages[0].tool_calls[0] "),
        (
            calling(json!([{"id": "1", "function": {"arguments": ""}}])),
            "messages[0].tool_calls[0] ",
        ),
        (
            calling(json!([{"id": "1", "type": "custom", "function": {"name": "f"}}])),
            "messages[0].tool_calls[0] ",
        ),
        (
            calling(json!([{"id": "1", "type": "mcp"}])),
            "messages[0].tool_calls[0].type",
        ),
        (
            json!({"role": "assistant", "function_call": "auto"}),
            "messages[0].function_call",
        ),
    ] {
        let error = Listener::studio(OLD).refuse(json!([message]));
        assert!(
            error.message.starts_with(place),
            "{message}: {}",
            error.message
        );
    }
}
