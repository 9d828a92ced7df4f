//! What of a client's request has to change.

use isthmus::error::Error;
use isthmus::gemini::compat::{Request, Spoken, edits};
use isthmus::gemini::schema;
use isthmus::json;
use isthmus::surface::Operation;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const MODEL: &str = "gemini-3.8-flash";

fn request(operation: Operation, text: &[u8]) -> Request<'_> {
    Request {
        operation,
        text,
        model: MODEL,
        counts_tokens: false,
    }
}

fn sent(spoken: Spoken, operation: Operation, text: &str) -> Result<String, Error> {
    let edits = edits(spoken, &request(operation, text.as_bytes()))?;
    Ok(String::from_utf8(json::apply(text.as_bytes(), &edits)).unwrap())
}

fn chat(spoken: Spoken, text: &str) -> String {
    sent(spoken, Operation::Chat, text).unwrap()
}

fn changed(spoken: Spoken, request: &Value) -> Value {
    serde_json::from_str(&chat(spoken, &request.to_string())).unwrap()
}

/// A chat with these members beside its messages.
fn with(members: Value) -> Value {
    let mut request = json!({"model": MODEL, "messages": [{"role": "user", "content": "a"}]});
    for (name, value) in members.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

#[test]
fn bytes_outside_of_a_change_survive() {
    let text = "\u{feff} { \"model\" : \"x\", \"messages\":[ {\"role\":\"user\",\"content\":\"\\u00e9/\"}], \
                \"temperature\" : 1.0e0,\"seed\":1 ,\"user\":\"u\" }";
    let expected = " { \"model\" : \"gemini-3.8-flash\", \"messages\":[ {\"role\":\"user\",\"content\":\"\\u00e9/\"}], \
                    \"temperature\" : 1.0e0 }";
    assert_eq!(chat(Spoken::Studio, text), expected);
    let known =
        format!("{{\"model\":\"{MODEL}\",\"messages\":[{{\"role\":\"user\",\"content\":\"a\"}}]}}");
    let none = edits(Spoken::Studio, &request(Operation::Chat, known.as_bytes())).unwrap();
    assert_eq!(none, []);
    for odd in ["", "[]", "7", "{"] {
        assert_eq!(chat(Spoken::Studio, odd), odd);
    }
}

#[test]
fn studio_gets_what_it_knows() {
    let known = json!({
        "max_tokens": 1, "max_completion_tokens": 2, "temperature": 0.5, "top_p": 0.1, "stop": ["a"], "stream": true,
        "stream_options": {"include_usage": true}, "reasoning_effort": "low", "modalities": ["text"],
        "audio": {"voice": "Kore"}, "service_tier": "flex", "response_format": {"type": "json_object"},
        "extra_body": {"google": {"cached_content": "c"}, "x": 1},
        "tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "auto",
        "parallel_tool_calls": true,
    });
    let known = with(known);
    assert_eq!(changed(Spoken::Studio, &known), known);
    let unknown = with(json!({
        "n": 1, "frequency_penalty": 0, "presence_penalty": 1, "seed": 1, "logit_bias": {}, "logprobs": true,
        "top_logprobs": 2, "store": true, "user": "u", "metadata": {}, "top_k": 1, "reasoning": {}, "verbosity": "low",
        "prediction": {}, "safety_identifier": "s", "temperature": null, "tools": null, "functions": [],
        "service_tier": "auto", "google": "x",
    }));
    assert_eq!(changed(Spoken::Studio, &unknown), with(json!({})));
    assert_eq!(changed(Spoken::Vertex, &unknown)["seed"], 1);
    assert_eq!(changed(Spoken::Vertex, &unknown)["n"], 1);
}

#[test]
fn of_several_members_of_one_name_the_last_is_sent() {
    let text = r#"{"model":"a","n":5,"n":1.0,"messages":[{"role":"developer"}],"temperature":1,"model":"b",
        "messages":[{"role":"developer","content":"c"}],"temperature":2,"reasoning_effort":"max","reasoning_effort":"xhigh"}"#;
    let system = r#""messages":[{"role":"system","content":"c"}]"#;
    let sent = chat(Spoken::Studio, text);
    for (part, times) in [
        (system, 1),
        ("messages", 1),
        ("\"model\":\"gemini-3.8-flash\"", 1),
        ("\"temperature\":2", 1),
        ("temperature", 1),
        ("\"n\"", 0),
        ("\"reasoning_effort\":\"high\"", 1),
    ] {
        assert_eq!(sent.matches(part).count(), times, "{part}: {sent}");
    }
    let sent = chat(Spoken::Vertex, text);
    for (part, times) in [(system, 1), ("messages", 1), ("\"temperature\":1", 1)] {
        assert_eq!(sent.matches(part).count(), times, "{part}: {sent}");
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    for (members, param) in [
        (json!({"n": 2}), "n"),
        (json!({"n": 0}), "n"),
        (json!({"n": "1"}), "n"),
        (json!({"functions": [{"name": "f"}]}), "functions"),
    ] {
        let text = with(members.clone()).to_string();
        let error = sent(Spoken::Studio, Operation::Chat, &text).unwrap_err();
        assert_eq!((error.status(), error.param), (400, Some(param)));
        assert!(
            sent(Spoken::Vertex, Operation::Chat, &text).is_ok(),
            "{members}"
        );
    }
    let text = with(json!({"n": null})).to_string();
    assert!(sent(Spoken::Studio, Operation::Chat, &text).is_ok());
}

#[test]
fn googles_own_members_stand_in_extra_body() {
    let google = json!({"thinking_config": {"include_thoughts": true}});
    let table = [
        (
            json!({"google": google, "reasoning_effort": "low"}),
            json!({"extra_body": {"google": google}}),
        ),
        (
            json!({"google": google, "extra_body": null}),
            json!({"extra_body": {"google": google}}),
        ),
        (
            json!({"google": google, "extra_body": {"x": 1}}),
            json!({"extra_body": {"google": google, "x": 1}}),
        ),
        (
            json!({"google": google, "extra_body": {"google": {"a": 1}}, "reasoning_effort": "low"}),
            json!({"extra_body": {"google": {"a": 1}}, "reasoning_effort": "low"}),
        ),
        (
            json!({"extra_body": {"google": google}, "reasoning_effort": "low"}),
            json!({"extra_body": {"google": google}}),
        ),
    ];
    for (members, expected) in table {
        assert_eq!(changed(Spoken::Studio, &with(members)), with(expected));
    }
    let beside = with(json!({"google": google}));
    assert_eq!(changed(Spoken::Vertex, &beside), beside);
}

#[test]
fn efforts_end_with_high() {
    for (asked, sent) in [
        ("none", "none"),
        ("minimal", "minimal"),
        ("medium", "medium"),
        ("xhigh", "high"),
        ("max", "high"),
    ] {
        for spoken in [Spoken::Studio, Spoken::Vertex] {
            let request = with(json!({"reasoning_effort": asked}));
            let expected = with(json!({"reasoning_effort": sent}));
            assert_eq!(changed(spoken, &request), expected);
        }
    }
}

/// The schema as it is sent, if anything is asked at all.
fn restricted(spoken: Spoken, schema: &Value) -> Option<Value> {
    let text = schema.to_string();
    let value = json::Value::first(text.as_bytes()).unwrap();
    let schema = schema::restricted(value, spoken.host(), false)?;
    Some(serde_json::from_slice(&schema).unwrap())
}

fn schemas() -> [Value; 3] {
    let text = json!({"type": ["string", "null"]});
    [
        json!({"type": "object", "properties": {"a": text}, "additionalProperties": false, "required": ["a"]}),
        json!({"type": "object", "properties": {}}),
        json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "properties": {"b": text}}}}),
    ]
}

#[test]
fn tools_are_described_as_google_knows_them() {
    let other = json!({"type": "google_search"});
    for schema in schemas() {
        let function =
            json!({"name": "f", "strict": true, "description": null, "parameters": schema});
        let tool = json!({"type": "function", "function": function, "cache_control": {}});
        let request = with(json!({"tools": [tool, other], "functions": null}));
        let declared = |spoken: Spoken| {
            let mut function = json!({"name": "f"});
            if let Some(schema) = restricted(spoken, &schema) {
                function["parameters"] = schema;
            }
            function
        };
        let sent = changed(Spoken::Studio, &request);
        let tool = json!({"type": "function", "function": declared(Spoken::Studio)});
        assert_eq!(sent["tools"], json!([tool, other]));
        let parameters = &declared(Spoken::Vertex)["parameters"];
        let sent = changed(Spoken::Vertex, &request);
        assert_eq!(sent["tools"][0]["function"]["parameters"], *parameters);
        let legacy = with(json!({"functions": [{"name": "f", "parameters": schema}]}));
        let sent = changed(Spoken::Vertex, &legacy);
        assert_eq!(sent["functions"][0]["parameters"], *parameters);
    }
}

#[test]
fn nothing_is_said_of_tools_where_there_are_none() {
    let none = with(json!({"tools": [], "tool_choice": "none", "parallel_tool_calls": false}));
    assert_eq!(changed(Spoken::Studio, &none), with(json!({})));
    assert_eq!(changed(Spoken::Vertex, &none), none);
}

#[test]
fn an_answers_schema_is_as_googles_and_not_strict() {
    for schema in schemas() {
        let named = json!({"name": "n", "strict": true, "schema": schema});
        let request =
            with(json!({"response_format": {"type": "json_schema", "json_schema": named}}));
        for spoken in [Spoken::Studio, Spoken::Vertex] {
            let expected = match restricted(spoken, &schema) {
                Some(schema) => {
                    json!({"type": "json_schema", "json_schema": {"name": "n", "schema": schema}})
                }
                None => json!({"type": "json_object"}),
            };
            assert_eq!(changed(spoken, &request)["response_format"], expected);
        }
    }
}

#[test]
fn conversations_are_told_as_google_takes_them() {
    let signed = json!({"google": {"thought_signature": "s"}});
    let unsigned = json!({"google": {"thought_signature": "skip_thought_signature_validator"}});
    let call = |id: &str, more: &[(&str, &Value)]| {
        let mut call =
            json!({"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}});
        for (name, value) in more {
            call[*name] = (*value).clone();
        }
        call
    };
    let asked = |calls: &[Value]| {
        with(json!({"messages": [{"role": "assistant", "content": null, "tool_calls": calls}]}))
    };
    let index = json!(0);
    let table = [
        (
            asked(&[call("a", &[("index", &index)]), call("b", &[])]),
            asked(&[call("a", &[("extra_content", &unsigned)]), call("b", &[])]),
        ),
        (
            asked(&[call("a", &[("extra_content", &signed)])]),
            asked(&[call("a", &[("extra_content", &signed)])]),
        ),
        (
            asked(&[call("a", &[("extra_content", &json!({"google": {}}))])]),
            asked(&[call("a", &[("extra_content", &unsigned)])]),
        ),
        (
            with(
                json!({"messages": [{"role": "developer", "content": "x"}, {"role": "assistant", "content": "y",
                "reasoning_content": "z", "annotations": [], "refusal": null, "tool_calls": null}]}),
            ),
            with(
                json!({"messages": [{"role": "system", "content": "x"}, {"role": "assistant", "content": "y"}]}),
            ),
        ),
        (
            with(json!({"messages": ["odd", 7, {}]})),
            with(json!({"messages": ["odd", 7, {}]})),
        ),
    ];
    for (request, expected) in table {
        assert_eq!(changed(Spoken::Studio, &request), expected);
    }
    let kept = with(json!({"messages": [{"role": "user", "content": "a", "x": null}]}));
    assert_eq!(changed(Spoken::Vertex, &kept), kept);
}

#[test]
fn other_requests() {
    use Operation::{Embeddings, ImageGeneration, Relay};
    let table = [
        (
            Spoken::Studio,
            Embeddings,
            r#"{"input":"a","dimensions":3,"encoding_format":"base64","user":"u"}"#,
            r#"{"model":"gemini-3.8-flash","input":"a","dimensions":3,"encoding_format":"base64"}"#,
        ),
        (
            Spoken::Studio,
            ImageGeneration,
            r#"{"model":null,"prompt":"a","n":2,"quality":"hd","size":"1024x1024","response_format":"b64_json"}"#,
            r#"{"model":"gemini-3.8-flash","prompt":"a","n":2,"size":"1024x1024","response_format":"b64_json"}"#,
        ),
        (
            Spoken::Vertex,
            Embeddings,
            r#"{"model":"x","user":"u"}"#,
            r#"{"model":"gemini-3.8-flash","user":"u"}"#,
        ),
        (
            Spoken::Studio,
            Relay,
            r#"{"input_file_id":"f"}"#,
            r#"{"input_file_id":"f"}"#,
        ),
        (
            Spoken::Studio,
            Relay,
            r#"{"model":"x"}"#,
            r#"{"model":"gemini-3.8-flash"}"#,
        ),
        (
            Spoken::Others,
            Operation::Chat,
            r#"{"model":"x","seed":1}"#,
            r#"{"model":"gemini-3.8-flash","seed":1}"#,
        ),
    ];
    for (spoken, operation, text, expected) in table {
        assert_eq!(sent(spoken, operation, text).unwrap(), expected);
    }
}

/// Members that mean something, and others, with values that fit and that do not.
fn members() -> impl Strategy<Value = String> {
    let names = [
        "model",
        "messages",
        "n",
        "google",
        "extra_body",
        "tools",
        "functions",
        "tool_choice",
        "response_format",
        "reasoning_effort",
        "service_tier",
        "seed",
        "stop",
        "\\u0073eed",
    ];
    let values = [
        "null",
        "1",
        "\"max\"",
        "[]",
        "{}",
        "{\"google\":{\"thinking_config\":{}}}",
        "{\"x\":1,\"google\":null}",
        "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":1,\"parameters\":{\"type\":\"object\"}}},7]",
        "[{\"name\":\"f\",\"parameters\":{},\"parameters\":null}]",
        "{\"json_schema\":{\"strict\":true,\"schema\":{\"a\":1}},\"type\":\"json_schema\"}",
        "[{\"role\":\"developer\",\"x\":1},{\"tool_calls\":[{\"index\":0},{\"id\":1}],\"tool_calls\":null},7]",
        "[{\"tool_calls\":null,\"role\":\"developer\",\"tool_calls\":[{\"extra_content\":{}, \"y\":2}]}]",
    ];
    let member = (select(names.to_vec()), select(values.to_vec()));
    vec(member, 0..12).prop_map(|members| {
        let member = |(name, value): (&str, &str)| format!("\"{name}\" : {value}");
        let members: Vec<String> = members.into_iter().map(member).collect();
        format!("{{{}}}", members.join(" , "))
    })
}

proptest! {
    #[test]
    fn what_is_sent_is_json_and_stays_as_it_is(text in members(), mark: bool) {
        let text = if mark { format!("\u{feff}{text}") } else { text };
        for spoken in [Spoken::Studio, Spoken::Vertex, Spoken::Others] {
            let Ok(once) = sent(spoken, Operation::Chat, &text) else { continue };
            prop_assert!(json::is_json(once.as_bytes()), "{text} -> {once}");
            let twice = sent(spoken, Operation::Chat, &once).unwrap();
            prop_assert_eq!(&twice, &once, "{}", text);
        }
    }

    #[test]
    fn no_text_is_too_strange(bytes in vec(any::<u8>(), 0..200)) {
        for spoken in [Spoken::Studio, Spoken::Vertex] {
            let _ = edits(spoken, &request(Operation::Chat, &bytes));
        }
    }
}
