//! What the tools said.

use serde_json::{Value, json};

use super::{Listener, NEW, OLD, assistant, call, calling, result, text, turn, user};

fn answered(listener: &Listener, content: Value) -> Value {
    let messages = json!([
        user(json!("a")),
        calling(json!([call("1", "")])),
        result("1", content)
    ]);
    let mut contents = listener.contents(messages);
    contents.as_array_mut().unwrap().drain(2..).collect()
}

fn response(content: Value) -> Value {
    answered(&Listener::studio(OLD), content)[0]["parts"][0]["functionResponse"]["response"].take()
}

#[test]
fn a_response_is_an_object() {
    let pieces = |texts: &[&str]| -> Value {
        let pieces = texts.iter().map(|it| json!({"type": "text", "text": it}));
        pieces.collect()
    };
    for (content, expected) in [
        (json!("{\"temp\": 12}"), json!({"temp": 12})),
        (json!(" \n{\"a\":\"b\\n\"}\n"), json!({"a": "b\n"})),
        (json!("{}"), json!({})),
        (json!("sunny"), json!({"output": "sunny"})),
        (json!("{sunny"), json!({"output": "{sunny"})),
        (
            json!("nearly \"true\""),
            json!({"output": "nearly \"true\""}),
        ),
        (json!("[1,2]"), json!({"output": [1, 2]})),
        (json!("1"), json!({"output": 1})),
        (json!("-1.5"), json!({"output": -1.5})),
        (json!("true"), json!({"output": true})),
        (json!("null"), json!({"output": null})),
        (json!("\"a\\u00e9\""), json!({"output": "a\u{e9}"})),
        (json!("01"), json!({"output": "01"})),
        (json!(""), json!({"output": ""})),
        (json!(null), json!({"output": ""})),
        (json!([]), json!({"output": ""})),
        // Numbers are doubles at Google.
        (
            json!("12345678901234567"),
            json!({"output": "12345678901234567"}),
        ),
        (json!("1e999"), json!({"output": "1e999"})),
        (
            json!("{\"id\": [1763650000000000, 1234567890123456789]}"),
            json!({"output": "{\"id\": [1763650000000000, 1234567890123456789]}"}),
        ),
        (
            json!("[{\"a\":-1e999}]"),
            json!({"output": "[{\"a\":-1e999}]"}),
        ),
        (
            json!("{\"99999999999999999999\\\"\": 0.30000000000000004, \"b\": -9007199254740992}"),
            json!({"99999999999999999999\"": 0.300_000_000_000_000_04, "b": -9_007_199_254_740_992_i64}),
        ),
        (json!("[".repeat(1000)), json!({"output": "[".repeat(1000)})),
        (pieces(&["[1,", "2]"]), json!({"output": [1, 2]})),
        (pieces(&["a\n", "\"b\""]), json!({"output": "a\n\"b\""})),
    ] {
        assert_eq!(response(content.clone()), expected, "{content}");
    }
}

#[test]
fn results_follow_the_order_of_the_calls() {
    let contents = Listener::studio(OLD).contents(json!([
        user(json!("a")),
        calling(json!([call("1", ""), call("2", "")])),
        result("2", json!("y")),
        // Hoisted, and so not in between.
        {"role": "system", "content": "s"},
        assistant(json!("")),
        result("1", json!("x")),
        // Some servers begin anew with each message.
        calling(json!([call("1", "")])),
        result("1", json!("z")),
    ]));
    let answer = |id: &str, output: &str| json!({"functionResponse": {"id": id, "name": "f", "response": {"output": output}}});
    assert_eq!(
        contents[2],
        turn("user", json!([answer("1", "x"), answer("2", "y")]))
    );
    assert_eq!(contents[4], turn("user", json!([answer("1", "z")])));
}

#[test]
fn pictures_of_tools_are_where_the_model_sees_them() {
    let picture = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"}});
    let sound = json!({"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}});
    let remote = json!({"type": "image_url", "image_url": {"url": "https://h.example/a.png"}});
    let content = json!([{"type": "text", "text": "seen"}, picture, sound, remote]);
    let blob = |mime: &str| json!({"inlineData": {"mimeType": mime, "data": "AA=="}});
    let file = json!({"fileData": {"fileUri": "https://h.example/a.png"}});
    let typed =
        json!({"fileData": {"mimeType": "image/png", "fileUri": "https://h.example/a.png"}});
    let answer = |parts: Value| {
        let mut answer = json!({"id": "1", "name": "f", "response": {"output": "seen"}});
        if !parts.is_null() {
            answer["parts"] = parts;
        }
        turn("user", json!([{"functionResponse": answer}]))
    };
    let (png, wav) = (blob("image/png"), blob("audio/wav"));
    assert_eq!(
        answered(&Listener::studio(NEW), content.clone()),
        json!([
            answer(json!([png])),
            turn("user", json!([wav, file, text(" ")]))
        ])
    );
    assert_eq!(
        answered(&Listener::studio(OLD), content.clone()),
        json!([
            answer(Value::Null),
            turn("user", json!([png, wav, file, text(" ")]))
        ])
    );
    let mut vertex = Listener::vertex(NEW);
    vertex.options.call_ids = Some(true);
    assert_eq!(
        answered(&vertex, content),
        json!([
            answer(json!([png, typed])),
            turn("user", json!([wav, text(" ")]))
        ])
    );
}

#[test]
fn each_call_has_one_result() {
    let two = || calling(json!([call("1", ""), call("2", "")]));
    let legacy = json!({"role": "assistant", "function_call": {"name": "f", "arguments": ""}});
    let function = json!({"role": "function", "name": "f", "content": ""});
    for messages in [
        json!([user(json!("a")), two()]),
        json!([user(json!("a")), two(), result("2", json!("r"))]),
        json!([
            two(),
            result("2", json!("r")),
            user(json!("a")),
            result("1", json!("r"))
        ]),
        json!([
            two(),
            result("1", json!("r")),
            calling(json!([call("3", "")])),
            result("3", json!("r"))
        ]),
        json!([
            two(),
            result("1", json!("r")),
            result("2", json!("r")),
            result("2", json!("r"))
        ]),
        json!([
            two(),
            result("1", json!("r")),
            result("2", json!("r")),
            user(json!("a")),
            result("2", json!("r"))
        ]),
        json!([two(), result("3", json!("r"))]),
        json!([two(), {"role": "tool", "content": "r"}]),
        json!([user(json!("a")), result("1", json!("r"))]),
        json!([
            calling(json!([call("1", ""), call("1", "")])),
            result("1", json!("r"))
        ]),
        json!([
            calling(json!([call("1", ""), call("1__thought__s", "")])),
            result("1", json!("r"))
        ]),
        json!([legacy]),
        json!([legacy, function, function]),
        json!([legacy, result("1", json!("r"))]),
        json!([two(), function]),
    ] {
        let error = Listener::studio(NEW).refuse(messages);
        let body: Value = serde_json::from_str(&error.openai_body()).unwrap();
        assert_eq!(body["error"]["code"], Value::Null);
        assert_eq!(body["error"]["type"], "invalid_request_error");
    }
}
