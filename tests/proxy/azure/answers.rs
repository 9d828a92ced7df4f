//! What comes back from Azure: streams, errors, images that take their time.

use isthmus::answer::Body;

use super::{DONE, ask_for, azure, deployments, done, missing};
use crate::fake::{Gateway, Upstream, ask, chat, gateway_of, get, json, post};

const EVENTS: &str = concat!(
    "data: {\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"object\":\"\",\"prompt_filter_results\":[]}\n\n",
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hi\"},\"finish_reason\":null}]}\n\n",
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: [DONE]\n\n",
);
const OVERLOADED: &str = "data: {\"error\":{\"message\":\"That model is currently overloaded with other requests.\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n";

fn stream(events: &'static str) -> Upstream {
    Upstream::Answers(200, vec![("content-type", "text/event-stream")], events)
}

const STREAMED: &str = r#"{"model":"gpt-4o","messages":[],"stream":true}"#;

/// Two resources behind one model.
const POOL: &str = r#"{
    "providers": {
        "east": {"kind": "azure", "endpoint": "https://east.openai.azure.com", "key": "$KEY"},
        "west": {"kind": "azure", "endpoint": "https://west.openai.azure.com", "key": "$KEY"}
    },
    "models": {"gpt-4o": ["east/one", "west/two"]}
}"#;

fn pool() -> Gateway {
    gateway_of([
        ("GATEWAY", POOL),
        ("KEY", "azure-key"),
        ("PROXY_API_KEYS", "client-key"),
    ])
}

#[test]
fn an_error_as_first_event_goes_to_the_next_target_unseen() {
    let gateway = pool().meets(stream(OVERLOADED)).meets(stream(EVENTS));
    let got = gateway.send(chat(STREAMED));
    assert_eq!(got.status(), 200);
    assert_eq!(got.text().matches("data: ").count(), 3, "{}", got.text());
    assert_eq!(deployments(&gateway), ["one", "two"]);
    let gateway = pool().meets(stream(OVERLOADED)).meets(stream(OVERLOADED));
    let got = gateway.send(chat(STREAMED));
    assert_eq!(got.status(), 503);
    assert!(got.message().contains("overloaded"));
    assert_eq!(got.header("content-type"), Some("application/json"));
}

#[test]
fn a_stream_without_an_event_goes_to_the_next_target_too() {
    let pool = gateway_of([
        ("GATEWAY", POOL),
        ("KEY", "azure-key"),
        ("PROXY_API_KEYS", "client-key"),
    ]);
    let gateway = pool.meets(stream("")).meets(stream(EVENTS));
    assert_eq!(gateway.send(chat(STREAMED)).status(), 200);
    assert_eq!(deployments(&gateway), ["one", "two"]);
}

#[test]
fn what_is_wrong_with_one_target_alone_goes_to_the_next() {
    let pool = || {
        gateway_of([
            ("GATEWAY", POOL),
            ("KEY", "azure-key"),
            ("PROXY_API_KEYS", "client-key"),
        ])
    };
    let refused = json(401, r#"{"error":{"code":"401","message":"m"}}"#);
    let gateway = pool().meets(refused).meets(done());
    assert_eq!(gateway.send(ask_for("gpt-4o")).status(), 200);
    assert_eq!(deployments(&gateway), ["one", "two"]);
    let no_list = json(404, "{}");
    let gateway = pool().meets(missing()).meets(no_list).meets(done());
    assert_eq!(gateway.send(ask_for("gpt-4o")).status(), 200);
    assert_eq!(deployments(&gateway).last().unwrap(), "two");
    let filtered = json(400, r#"{"error":{"code":"content_filter","message":"m"}}"#);
    let gateway = pool().meets(filtered);
    assert_eq!(gateway.send(ask_for("gpt-4o")).status(), 400);
}

#[test]
fn a_stream_without_a_content_type_is_one_all_the_same() {
    let gateway = azure(&[]).meets(Upstream::Answers(200, vec![], EVENTS));
    let got = gateway.send(chat(STREAMED));
    assert_eq!(
        got.header("content-type"),
        Some("text/event-stream; charset=utf-8")
    );
    assert_eq!(got.header("cache-control"), Some("no-cache, no-transform"));
    assert!(got.text().ends_with("data: [DONE]\n\n"));
    let gateway = azure(&[]).meets(Upstream::Answers(200, vec![], DONE));
    let got = gateway.send(chat(STREAMED));
    assert_eq!(
        got.header("content-type"),
        Some("text/event-stream; charset=utf-8")
    );
    assert!(got.text().ends_with("data: [DONE]\n\n"), "{}", got.text());
}

#[test]
fn our_own_credential_refused_is_the_operators_matter() {
    let refusal = r#"{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint for https://res.openai.azure.com."}}"#;
    let gateway = azure(&[]).meets(json(401, refusal));
    let got = gateway.send(ask_for("m"));
    assert_eq!(got.refusal(), (502, "upstream_auth_error".to_owned()));
    assert!(!got.text().contains("res.openai"), "{}", got.text());
    assert!(!got.text().contains("subscription key"));
    assert!(
        gateway.line()["detail"]
            .as_str()
            .unwrap()
            .contains("invalid subscription key")
    );
    let gateway =
        azure(&[("AZURE_OPENAI_API_KEY", ""), ("PROXY_API_KEYS", "")]).meets(json(401, refusal));
    let got = gateway.send(ask_for("m"));
    assert_eq!(got.refusal(), (401, "invalid_api_key".to_owned()));
}

#[test]
fn a_wait_said_in_words_is_a_header() {
    for (said, seconds, millis) in [
        ("Please retry after 45 seconds.", "45", "45000"),
        (
            "Rate limit is exceeded. Try again in 12 seconds.",
            "12",
            "12000",
        ),
        ("Please retry after 800 milliseconds.", "1", "800"),
    ] {
        let body = format!(r#"{{"error":{{"code":"429","message":"{said}"}}}}"#);
        let gateway = azure(&[]).meets(json(429, &body));
        let got = gateway.send(ask_for("m"));
        assert_eq!(got.refusal(), (429, "rate_limit_exceeded".to_owned()));
        assert_eq!(got.header("retry-after"), Some(seconds), "{said}");
        assert_eq!(got.header("retry-after-ms"), Some(millis), "{said}");
    }
}

/// What is read to its end reaches the client at its end.
#[test]
fn streams_that_need_no_repair_are_not_read() {
    for (method, path, body) in [
        (
            "POST",
            "/v1/responses",
            r#"{"model":"m","input":"x","stream":true}"#,
        ),
        (
            "POST",
            "/v1/images/generations",
            r#"{"model":"gpt-image-1","prompt":"x","stream":true}"#,
        ),
        ("GET", "/v1/responses/resp_1?stream=true", ""),
    ] {
        for content_type in ["text/event-stream; charset=utf-8", ""] {
            let events = "event: response.created\ndata: {\"type\":\"response.created\"}\n\n";
            let headers = vec![("content-type", content_type)];
            let gateway = azure(&[]).meets(Upstream::Answers(200, headers, events));
            let asked = ask(method, path).key("client-key").json(body);
            let got = gateway.send(asked);
            assert_eq!(got.text(), events, "{path}");
            let is_told = method == "POST" || !content_type.is_empty();
            assert_eq!(gateway.platform.reads.get() == 0, is_told, "{path}");
        }
    }
    let whole = r#"{"id":"r","object":"response","output":[{"content":[{"type":"output_text","text":"x"}]}]}"#;
    let gateway = azure(&[]).meets(json(200, whole));
    let got = gateway.send(post(
        "/v1/responses",
        r#"{"model":"m","input":"x","stream":true}"#,
    ));
    assert!(got.text().contains(r#""annotations":[]"#), "{}", got.text());
}

#[test]
fn images_of_the_old_kind_are_waited_for() {
    let submitted = |location| {
        let headers = vec![
            ("operation-location", location),
            ("content-type", "application/json"),
        ];
        Upstream::Answers(202, headers, r#"{"id":"op","status":"notRunning"}"#)
    };
    let there =
        "https://res.openai.azure.com/openai/operations/images/op?api-version=2023-06-01-preview";
    let old = || azure(&[("AZURE_OPENAI_APIVERSION", "2023-06-01-preview")]);
    let body = r#"{"model":"dall-e-2","prompt":"a cat"}"#;
    let gateway = old()
        .meets(submitted(there))
        .meets(json(200, r#"{"id":"op","status":"running"}"#))
        .meets(json(200, r#"{"id":"op","status":"succeeded","result":{"created":1,"data":[{"url":"https://img"}]}}"#));
    let got = gateway.send(post("/v1/images/generations", body));
    assert_eq!(
        got.text(),
        r#"{"created":1,"data":[{"url":"https://img"}]}"#
    );
    let sent = gateway.platform.sent.take();
    assert_eq!(
        sent[0].url,
        "https://res.openai.azure.com/openai/images/generations:submit?api-version=2023-06-01-preview"
    );
    assert_eq!(
        (sent[2].method.as_str(), sent[2].url.as_str()),
        ("GET", there)
    );
    assert_eq!(sent[2].headers.get("api-key"), Some("azure-key"));
    let failed = r#"{"id":"op","status":"failed","error":{"code":"contentFilter","message":"Your task failed as a result of our safety system."}}"#;
    let gateway = old().meets(submitted(there)).meets(json(200, failed));
    let got = gateway.send(post("/v1/images/generations", body));
    assert_eq!(got.refusal(), (400, "content_policy_violation".to_owned()));
    // The key goes nowhere else.
    let gateway = old().meets(submitted("https://elsewhere.test/op"));
    let got = gateway.send(post("/v1/images/generations", body));
    assert_eq!(got.refusal(), (502, "upstream_nonsense".to_owned()));
    assert_eq!(gateway.platform.sent.take().len(), 1);
}

#[test]
fn what_azure_leaves_unsaid_is_said() {
    let gateway = azure(&[]).meets(Upstream::Answers(204, vec![], ""));
    let got = gateway.send(ask("DELETE", "/v1/files/file-1").key("client-key"));
    assert_eq!(got.status(), 200);
    assert_eq!(
        got.json(),
        serde_json::json!({"id": "file-1", "object": "file", "deleted": true})
    );
    let voices = azure(&[]).send(get("/v1/audio/voices"));
    assert!(
        voices.json()["voices"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["id"] == "alloy")
    );
}

/// An account of OpenAI's is nobody's at Azure.
#[test]
fn openais_account_headers_stay_behind() {
    let gateway = azure(&[("AZURE_OPENAI_API_KEY", ""), ("PROXY_API_KEYS", "")]).meets(done());
    gateway.send(
        ask_for("m")
            .header("openai-organization", "org")
            .header("x-ms-model-mesh-model-name", "other"),
    );
    let sent = gateway.sent();
    assert_eq!(sent.headers.get("api-key"), Some("client-key"));
    assert_eq!(sent.headers.get("openai-organization"), None);
    assert_eq!(sent.headers.get("x-ms-model-mesh-model-name"), None);
}

const RESPONSE: &str = "event: response.created\ndata: {\"type\":\"response.created\"}\n\n";

#[test]
fn an_event_stream_that_needs_no_change_is_not_read_ahead() {
    let typed = || vec![("content-type", "text/event-stream; charset=utf-8")];
    let streamed = r#"{"model":"m","input":"hi","stream":true}"#;
    for (ask, headers) in [
        (post("/v1/responses", streamed), typed()),
        (post("/v1/responses", streamed), Vec::new()),
        (post("/v1/images/generations", streamed), typed()),
        (get("/v1/responses/resp_1?stream=true"), typed()),
        (chat(r#"{"model":"m","messages":[]}"#), typed()),
    ] {
        let gateway = azure(&[]).meets(Upstream::Answers(200, headers, RESPONSE));
        let got = gateway.send(ask);
        assert_eq!((got.status(), got.text()), (200, RESPONSE.to_owned()));
        let (Body::Events { body, .. } | Body::Native(body)) = &got.0.body else {
            panic!("it was made anew");
        };
        assert!(!body.is_kept);
    }
    // What ignores `stream` is still repaired.
    let whole = r#"{"id":"resp_1","output":[{"content":[{"type":"output_text","text":"t"}]}]}"#;
    let gateway = azure(&[]).meets(json(200, whole));
    let got = gateway.send(post("/v1/responses", streamed)).text();
    assert!(got.contains("annotations"), "{got}");
}

/// The image tool of Responses has a deployment of its own.
#[test]
fn a_limited_key_names_no_second_deployment_in_a_header() {
    let header = "x-ms-oai-image-generation-deployment";
    let ask = || {
        let body = r#"{"model":"gpt-4o","input":"hi"}"#;
        post("/v1/responses", body).header(header, "dear")
    };
    let limited = azure(&[("PROXY_API_KEYS", "a:client-key:gpt-*")]);
    assert_eq!(
        limited.send(ask()).refusal(),
        (400, "invalid_model".to_owned())
    );
    assert!(limited.asked_nobody());
    let free = azure(&[]).meets(json(200, "{}"));
    free.send(ask());
    assert_eq!(free.sent().headers.get(header), Some("dear"));
}

#[test]
fn an_operation_that_moved_is_no_result() {
    let there = "https://res.openai.azure.com/openai/operations/images/1?api-version=x";
    let body = r#"{"model":"dall-e-2","prompt":"p"}"#;
    let gateway = azure(&[("AZURE_OPENAI_APIVERSION", "2023-06-01-preview")])
        .meets(Upstream::Answers(
            202,
            vec![("operation-location", there)],
            "{}",
        ))
        .meets(Upstream::Answers(
            302,
            vec![("location", "https://x.test/")],
            "<html>",
        ));
    let got = gateway.send(post("/v1/images/generations", body));
    assert_eq!(got.refusal().0, 502);
}

#[test]
fn a_marked_answer_to_a_stream_is_an_answer() {
    let text: &'static str = format!("\u{feff}{DONE}").leak();
    let gateway = azure(&[]).meets(json(200, text));
    let got = gateway.send(chat(STREAMED));
    assert_eq!(got.status(), 200, "{}", got.text());
    assert!(got.text().ends_with("data: [DONE]\n\n"), "{}", got.text());
}

/// The first resource has done it: a response is stored, a job runs.
#[test]
fn what_was_accepted_is_not_asked_of_another() {
    for (path, asked) in [
        ("/v1/responses", 1),
        ("/v1/fine_tuning/jobs", 1),
        ("/v1/chat/completions", 2),
    ] {
        let gateway = pool().meets(Upstream::BreaksOff).meets(done());
        gateway.send(post(path, r#"{"model":"gpt-4o","messages":[]}"#));
        assert_eq!(gateway.platform.sent.take().len(), asked, "{path}");
    }
}

/// A gateway in front of Azure may believe the body.
#[test]
fn a_limited_key_names_one_model_in_path_and_body() {
    let body = r#"{"model":"o1","messages":[]}"#;
    let path = "/v1/engines/gpt-4o/chat/completions";
    let limited = azure(&[("PROXY_API_KEYS", "a:client-key:gpt-*")]).meets(done());
    let got = limited.send(post(path, body));
    assert_eq!(got.refusal(), (400, "invalid_model".to_owned()));
    let got = limited.send(post(path, &body.replace("o1", "gpt-4o")));
    assert_eq!(got.status(), 200);
}
