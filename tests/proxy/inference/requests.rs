//! What goes out: extra parameters, the model, what a target of another kind takes.

use serde_json::Value;

use super::{CHAT, COMPLETION, EMBEDDINGS, gateway, parsed, post, refusal};
use crate::fake::{Gateway, ask, gateway_of, json};

const NOT_ALLOWED: &str = "are not allowed when extra-parameters is not set or set to be 'error'. Set extra-parameters to 'pass-through' to pass to the model.";

/// Path, default, header, body -> the body that goes out, or the names that are refused.
#[test]
fn extra_parameters() {
    let chat = r#"{"model":"m", "n" : 2,"messages":[ ],"tools":[{"x":1}],"foo":{"a":[1, 2]}, "tool_choice":"auto"}"#;
    for (path, usual, header, body, wanted) in [
        (CHAT, "", None, chat, Ok(chat)),
        (
            CHAT,
            "",
            Some(("extra-parameters", "pass-through")),
            chat,
            Ok(chat),
        ),
        (
            CHAT,
            "",
            Some(("extra-parameters", "drop")),
            chat,
            Ok(r#"{"model":"m","messages":[ ],"tools":[{"x":1}], "tool_choice":"auto"}"#),
        ),
        (
            CHAT,
            "DROP",
            None,
            r#"{"foo":1,"model":"m"}"#,
            Ok(r#"{"model":"m"}"#),
        ),
        (
            CHAT,
            "drop",
            Some(("extra-parameters", "pass-through")),
            chat,
            Ok(chat),
        ),
        (
            CHAT,
            "",
            Some(("unknown-parameters", "drop")),
            r#"{"model":"m","user":"u"}"#,
            Ok(r#"{"model":"m"}"#),
        ),
        (CHAT, "error", None, chat, Err("['n', 'foo']")),
        (
            CHAT,
            "",
            Some(("extra-parameters", "error")),
            chat,
            Err("['n', 'foo']"),
        ),
        (
            CHAT,
            "error",
            None,
            r#"{"model":"m","it's":1,"a\"b":2,"a'\"":3,"\\":4,"\u0001":5,"n":6,"n":7}"#,
            Err(r#"["it's", 'a"b', 'a\'"', '\\', '\x01', 'n']"#),
        ),
        (
            CHAT,
            "error",
            None,
            r#"{"messages":[],"model":"m","frequency_penalty":0,"presence_penalty":0,"temperature":1,"top_p":1,"max_tokens":5,"seed":1,"stop":"x","stream":false,"response_format":{"type":"text"},"tools":[],"tool_choice":"none","modalities":["audio"]}"#,
            Ok(
                r#"{"messages":[],"model":"m","frequency_penalty":0,"presence_penalty":0,"temperature":1,"top_p":1,"max_tokens":5,"seed":1,"stop":"x","stream":false,"response_format":{"type":"text"},"tools":[],"tool_choice":"none","modalities":["audio"]}"#,
            ),
        ),
        (
            EMBEDDINGS,
            "error",
            None,
            r#"{"input":["a"],"model":"m","dimensions":4,"encoding_format":"float"}"#,
            Ok(r#"{"input":["a"],"model":"m","dimensions":4,"encoding_format":"float"}"#),
        ),
        (
            EMBEDDINGS,
            "error",
            None,
            r#"{"input":["a"],"model":"m","messages":1}"#,
            Err("['messages']"),
        ),
    ] {
        let gateway = gateway(&[("EXTRA_PARAMETERS_DEFAULT", usual)]).meets(json(200, "{}"));
        let asked = post(path, body);
        let asked = match header {
            Some((name, value)) => asked.header(name, value),
            None => asked,
        };
        let got = gateway.send(asked);
        match wanted {
            Ok(sent) => {
                let it = gateway.sent();
                assert_eq!(it.body, sent);
                assert_eq!(it.headers.get("extra-parameters"), None);
            }
            Err(names) => {
                let (status, code, message) = refusal(&got);
                assert_eq!(
                    (status, code.as_str()),
                    (400, "extra_parameters_not_allowed")
                );
                assert_eq!(message, format!("Extra parameters {names} {NOT_ALLOWED}"));
                assert_eq!(got.json()["detail"], message.as_str());
                assert!(gateway.asked_nobody());
            }
        }
    }
}

#[test]
fn another_word_than_the_three_is_refused() {
    for word in ["ignore", "Drop", "ERROR", "pass_through"] {
        let gateway = gateway(&[]);
        let got = gateway.send(post(CHAT, r#"{"model":"m"}"#).header("extra-parameters", word));
        let text = format!(
            "Unexpected EXTRA_PARAMETERS option {word}, expected options are ['error', 'drop', 'pass-through']"
        );
        assert_eq!(got.json()["detail"], text.as_str());
        assert_eq!(
            refusal(&got),
            (400, "invalid_extra_parameters".to_owned(), text)
        );
        assert!(gateway.asked_nobody());
    }
}

/// Settings, headers, body -> the model that is asked for; None: nobody is asked.
#[test]
fn the_model_is_found() {
    const TWO: &str = r#"{"providers":{"x":{"kind":"openai","endpoint":"https://up.test/v1"}},"models":{"a":"x/a","b":"x/b"}}"#;
    const ONE: &str = r#"{"providers":{"x":{"kind":"openai","endpoint":"https://up.test/v1"}},"models":{"a":"x/there"}}"#;
    const MESH: (&str, &str) = ("x-ms-model-mesh-model-name", "mesh");
    const MANAGED: (&str, &str) = ("azureml-model-deployment", "managed");
    for (document, default, headers, body, wanted) in [
        (TWO, "", vec![], r#"{"model":"m"}"#, Some("m")),
        (TWO, "d", vec![MESH, MANAGED], r#"{"model":"m"}"#, Some("m")),
        (
            TWO,
            "d",
            vec![MANAGED, MESH],
            r#"{"messages":[]}"#,
            Some("mesh"),
        ),
        (
            TWO,
            "d",
            vec![MANAGED],
            r#"{"model":null}"#,
            Some("managed"),
        ),
        (
            TWO,
            "d",
            vec![("azureml-model-deployment", " ")],
            r#"{"model":" "}"#,
            Some("d"),
        ),
        (TWO, "", vec![], "{}", None),
        (ONE, "", vec![], "{}", Some("there")),
        (ONE, "b", vec![], "{}", Some("b")),
    ] {
        let gateway = gateway_of([
            ("GATEWAY", document),
            ("DEFAULT_MODEL", default),
            ("PROXY_API_KEYS", "client-key"),
        ])
        .meets(json(200, COMPLETION));
        let asked = headers
            .into_iter()
            .fold(post(CHAT, body), |asked, (name, value)| {
                asked.header(name, value)
            });
        let got = gateway.send(asked);
        let Some(wanted) = wanted else {
            let text = "No model specified in request. Please provide a model name in the request body or as a x-ms-model-mesh-model-name header.";
            assert_eq!(
                refusal(&got),
                (400, "no_model_name".to_owned(), text.to_owned())
            );
            assert!(gateway.asked_nobody());
            continue;
        };
        assert_eq!(got.status(), 200, "{body}: {}", got.text());
        let sent = gateway.sent();
        assert_eq!(parsed(&sent.body)["model"], wanted, "{body}");
        for gone in ["x-ms-model-mesh-model-name", "azureml-model-deployment"] {
            assert_eq!(sent.headers.get(gone), None);
        }
    }
}

#[test]
fn a_model_in_a_header_is_hostile_text_and_within_the_keys_limits() {
    let gateway = gateway_of([
        ("OPENAI_BASE_URL", "https://up.test/v1"),
        ("PROXY_API_KEYS", "alice:client-key:ok"),
    ]);
    let got = gateway.send(post(CHAT, "{}").header("azureml-model-deployment", "secret"));
    assert_eq!(refusal(&got).0, 403);
    let got = gateway.send(post(CHAT, "{}").header("azureml-model-deployment", "a\u{9}b"));
    assert!(matches!(got.status(), 400 | 403));
    assert!(gateway.asked_nobody());
}

#[test]
fn a_pinned_deployment_needs_no_name() {
    let endpoint = "https://res.openai.azure.com/openai/deployments/pinned/chat/completions?api-version=2024-10-21";
    let gateway = gateway_of([
        ("AZURE_OPENAI_ENDPOINT", endpoint),
        ("AZURE_OPENAI_API_KEY", "k"),
        ("PROXY_API_KEYS", "client-key"),
    ])
    .meets(json(200, COMPLETION));
    assert_eq!(gateway.send(post(CHAT, r#"{"messages":[]}"#)).status(), 200);
    assert!(
        gateway
            .sent()
            .url
            .contains("/deployments/pinned/chat/completions?")
    );
}

/// What a chat's body becomes for a server that speaks OpenAI's API.
#[test]
fn a_chat_for_openais() {
    for (body, wanted) in [
        (
            r#"{"model":"m","stream":true}"#,
            r#"{"stream_options":{"include_usage":true},"model":"m","stream":true}"#,
        ),
        (
            r#"{"model":"m","stream":true,"stream_options":null}"#,
            r#"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#,
        ),
        (
            r#"{"model":"m","stream":true,"stream_options":{ "x": [1, 2] }}"#,
            r#"{"model":"m","stream":true,"stream_options":{"x":[1, 2],"include_usage":true}}"#,
        ),
        (
            r#"{"model":"m","stream":true,"stream_options":{"include_usage":false}}"#,
            r#"{"model":"m","stream":true,"stream_options":{"include_usage":false}}"#,
        ),
        (r#"{"model":"m","modalities":["text"]}"#, r#"{"model":"m"}"#),
        (
            r#"{"modalities":["text", "audio"],"model":"m"}"#,
            r#"{"modalities":["text", "audio"],"model":"m"}"#,
        ),
        (
            r#"{"modalities":["text"],"stream":true}"#,
            r#"{"stream_options":{"include_usage":true},"model":"d","stream":true}"#,
        ),
        (r#"{"modalities":["text"]}"#, r#"{"model":"d"}"#),
    ] {
        let gateway = gateway(&[("DEFAULT_MODEL", "d")]).meets(json(200, COMPLETION));
        gateway.send(post(CHAT, body));
        let sent = gateway.sent().body;
        assert_eq!(parsed(&sent), parsed(wanted), "{body}");
    }
}

fn azures(form: &str) -> Gateway {
    let document = format!(
        r#"{{"providers":{{"a":{{"kind":"azure","form":"{form}","endpoint":"https://res.services.ai.azure.com","key":"k"}}}}}}"#
    );
    gateway_of([
        ("GATEWAY", document),
        ("PROXY_API_KEYS", "client-key".to_owned()),
    ])
}

/// Azure's own gets what is its own: the kind of a text, other encodings, pictures, extra parameters.
#[test]
fn azure_itself_gets_what_is_its_own() {
    let body = r#"{"model":"m","input":["a"],"input_type":"query","encoding_format":"int8"}"#;
    let gateway = azures("models").meets(json(200, r#"{"id":"e1","data":[]}"#));
    let got = gateway.send(post(EMBEDDINGS, body));
    assert_eq!(got.json()["id"], "e1");
    assert_eq!(parsed(&gateway.sent().body), parsed(body));

    let pictures = r#"{"model":"m","input":[{"image":"data:image/png;base64,AA=="}]}"#;
    let gateway = azures("models").meets(json(200, r#"{"id":"e1","data":[]}"#));
    let asked =
        post("/models/images/embeddings", pictures).header("extra-parameters", "pass-through");
    assert_eq!(gateway.send(asked).status(), 200);
    let sent = gateway.sent();
    assert!(
        sent.url
            .starts_with("https://res.services.ai.azure.com/models/images/embeddings?api-version=")
    );
    assert_eq!(parsed(&sent.body), parsed(pictures));
    assert_eq!(sent.headers.get("extra-parameters"), Some("pass-through"));
}

#[test]
fn nobody_else_has_embeddings_of_pictures() {
    let pictures = r#"{"model":"m","input":[{"image":"data:image/png;base64,AA=="}]}"#;
    for gateway in [
        gateway(&[]),
        azures("classic"),
        gateway_of([
            ("GOOGLE_AI_STUDIO_API_KEY", "k"),
            ("PROXY_API_KEYS", "client-key"),
        ]),
        gateway_of([("PROXY_API_KEYS", "client-key")]),
    ] {
        let got = gateway.send(post("/models/images/embeddings", pictures));
        assert_eq!(refusal(&got).0, 404, "{}", got.text());
        assert!(gateway.asked_nobody());
    }
}

/// Of several targets each gets the request as it takes it, from what the client meant.
#[test]
fn each_target_gets_it_in_its_own_way() {
    let document = r#"{"providers":{
        "o":{"kind":"openai","endpoint":"https://up.test/v1","key":"k"},
        "a":{"kind":"azure","form":"models","endpoint":"https://res.services.ai.azure.com","key":"k"}},
        "models":{"m":["o/x","a/y","o/z"]}}"#;
    let gateway = gateway_of([("GATEWAY", document), ("PROXY_API_KEYS", "client-key")]);
    for _ in 0..2 {
        gateway.script(json(500, "{}"));
    }
    gateway.script(json(200, r#"{"data":[]}"#));
    let body = r#"{"input":["a"],"input_type":"document","model":"m"}"#;
    assert_eq!(gateway.send(post(EMBEDDINGS, body)).status(), 200);
    let sent = gateway.platform.sent.take();
    let bodies: Vec<Value> = sent.iter().map(|it| parsed(&it.body)).collect();
    assert_eq!(bodies[0], parsed(r#"{"input":["a"],"model":"x"}"#));
    assert_eq!(
        bodies[1],
        parsed(r#"{"input":["a"],"input_type":"document","model":"y"}"#)
    );
    assert_eq!(bodies[2], parsed(r#"{"input":["a"],"model":"z"}"#));
}

#[test]
fn google_is_told_what_a_text_is_for() {
    for (kind, task) in [
        ("query", Some("RETRIEVAL_QUERY")),
        ("document", Some("RETRIEVAL_DOCUMENT")),
        ("text", None),
    ] {
        let gateway = gateway_of([
            ("GOOGLE_AI_STUDIO_API_KEY", "k"),
            ("PROXY_API_KEYS", "client-key"),
        ])
        .meets(json(200, r#"{"embeddings":[{"values":[1]}]}"#));
        let body =
            format!(r#"{{"model":"gemini-embedding-001","input":["a"],"input_type":"{kind}"}}"#);
        let got = gateway.send(post(EMBEDDINGS, &body));
        assert_eq!(got.json()["id"], "embd-id-of-the-request", "{}", got.text());
        let sent = gateway.sent().body;
        assert_eq!(sent.contains("taskType"), task.is_some(), "{sent}");
        assert!(task.is_none_or(|task| sent.contains(task)), "{sent}");
    }
}

#[test]
fn two_keys_that_differ_are_no_key() {
    for (bearer, key, is_let_in) in [
        ("Bearer client-key", "client-key", true),
        ("client-key", "client-key", true),
        ("Basic eDp5", "client-key", true),
        ("Bearer client-key", "other", false),
        ("Bearer other", "client-key", false),
    ] {
        let gateway = gateway(&[]).meets(json(200, COMPLETION));
        let asked = ask("POST", CHAT)
            .header("authorization", bearer)
            .header("api-key", key);
        let got = gateway.send(asked.json(r#"{"model":"m"}"#));
        if is_let_in {
            assert_eq!(got.status(), 200, "{bearer} {key}");
        } else {
            assert_eq!(refusal(&got).0, 401);
            assert_eq!(refusal(&got).1, "unauthorized");
            assert!(gateway.asked_nobody());
        }
    }
}
