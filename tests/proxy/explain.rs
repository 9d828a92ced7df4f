//! Calls explained instead of sent.

mod alike;
mod inquiries;

use isthmus::clients::Caller;
use isthmus::config::{Config, Settings};
use isthmus::exchange;
use isthmus::surface::{Call, Route, Unread};
use serde_json::{Value, json};

use crate::fake::{
    Ask, Fake, FakeBody, Gateway, Got, ask, gateway, gateway_of, headers_of, json as answers,
    recognised,
};

/// Stands in every secret.
const SECRET: &str = "tops3cret";
const CLIENT: &str = "tops3cret-client";

fn secret(name: &str) -> String {
    format!("{SECRET}-{name}")
}

fn ask_with_key(method: &str, path: &str) -> Ask {
    ask(method, path).key(CLIENT)
}

fn chat(model: &str) -> Ask {
    let body = json!({"model": model, "messages": [{"role": "user", "content": "hi"}]});
    ask_with_key("POST", "/v1/chat/completions").json(&body.to_string())
}

fn form(parts: &[(&str, &str)]) -> String {
    let parts = parts.iter().map(|(name, content)| {
        format!("--BB\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n")
    });
    parts.collect::<String>() + "--BB--\r\n"
}

fn explain(gateway: &Gateway, ask: Ask) -> Got {
    let got = gateway.send(ask.header("x-isthmus-explain", "1"));
    assert!(gateway.asked_nobody(), "an upstream was asked");
    assert!(gateway.platform.store.borrow().is_empty());
    assert!(gateway.platform.jobs.borrow().is_empty());
    assert!(!got.text().contains(SECRET), "{}", got.text());
    got
}

fn explained(gateway: &Gateway, ask: Ask) -> Value {
    let got = explain(gateway, ask);
    assert_eq!(got.status(), 200, "{}", got.text());
    let explanation = got.json();
    assert_eq!(explanation["object"], "isthmus.explanation");
    explanation
}

/// Two resources of Azure's, Google, a server, and pools over them.
fn many() -> Gateway {
    let document = json!({
        "providers": {
            "azure-east": {"kind": "azure", "endpoint": "https://east.openai.azure.com", "key": "$KEY", "deployments": {"mine": "mine-prod"}},
            "azure-west": {"kind": "azure", "endpoint": "https://west.openai.azure.com", "key": "$KEY"},
            "google": {"kind": "google", "key": "$KEYS"},
            "up": {"kind": "openai", "endpoint": "https://up.test/v1", "key": "$KEY"},
            "local": {"kind": "demo"},
            "lost": {"kind": "openai", "endpoint": "https://lost.test/v1", "key": "$NOT_SET"},
        },
        "models": {
            "gpt-4o": ["azure-east/gpt-4o-prod", "azure-west/gpt-4o", "up/*"],
            "claude-*": "up/*",
            "first-is-lost": ["lost/x", "up/x"],
            "not-there": ["google/gemini-3.8-flash", "up/x"],
        },
        "clients": {
            "alice": {"key": "$CLIENT"},
            "bob": {"key": "$BOB", "models": ["gpt-4o"], "rpm": 1},
        },
        "default": "up",
    });
    gateway_of([
        ("GATEWAY", document.to_string()),
        ("KEY", secret("key")),
        ("KEYS", format!("{},{}", secret("1"), secret("2"))),
        ("CLIENT", CLIENT.to_owned()),
        ("BOB", secret("bob")),
    ])
}

#[test]
fn the_whole_of_an_explanation() {
    let gateway = many();
    let got = explain(&gateway, chat("gpt-4o"));
    assert_eq!(got.header("cache-control"), Some("no-store"));
    assert_eq!(got.header("x-isthmus-target"), None);
    let explanation = got.json();
    let mut head = explanation.as_object().unwrap().clone();
    let targets = head.remove("targets").unwrap();
    let expected = json!({
        "object": "isthmus.explanation",
        "operation": "chat",
        "model": "gpt-4o",
        "stream": false,
        "client": "alice",
        "route": "GATEWAY.models.gpt-4o",
        "strategy": "failover",
    });
    assert_eq!(Value::from(head), expected);
    let east = "https://east.openai.azure.com/openai/deployments/gpt-4o-prod/chat/completions?api-version=2024-10-21";
    assert_eq!(
        targets[0],
        json!({
            "provider": "azure-east",
            "target": "azure-east/gpt-4o-prod",
            "otherwise": "a deployment that the provider lists for the model",
            "requests": [{
                "method": "POST",
                "url": east,
                "headers": {"content-type": "application/json", "api-key": "<key of the provider `azure-east`>"},
                "changes": targets[0]["requests"][0]["changes"],
            }],
        })
    );
    let names = targets
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["target"].clone());
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["azure-east/gpt-4o-prod", "azure-west/gpt-4o", "up/gpt-4o"]
    );
    assert_eq!(targets[2]["requests"][0]["changes"], json!([]));
}

#[test]
fn the_targets_are_those_that_are_tried() {
    let gateway = many();
    let explanation = explained(&gateway, chat("gpt-4o"));
    for status in [503, 429, 200] {
        gateway.script(answers(status, "{}"));
    }
    assert_eq!(gateway.send(chat("gpt-4o")).status(), 200);
    let sent = gateway.platform.sent.take();
    let tried: Vec<&str> = sent.iter().map(|it| it.url.as_str()).collect();
    let targets = explanation["targets"].as_array().unwrap();
    let told = targets
        .iter()
        .map(|it| it["requests"][0]["url"].as_str().unwrap());
    assert_eq!(told.collect::<Vec<_>>(), tried);
}

#[test]
fn one_line_and_nothing_of_it_is_an_error() {
    let gateway = many();
    explained(&gateway, chat("gpt-4o"));
    let line = gateway.line();
    assert_eq!(
        (
            &line["status"],
            &line["attempts"],
            &line["client"],
            &line["model_asked"]
        ),
        (&json!(200), &json!(0), &json!("alice"), &json!("gpt-4o"))
    );
    for absent in ["error", "detail", "provider", "target", "upstream_status"] {
        assert_eq!(line.get(absent), None, "{absent}");
    }
    assert!(!line.to_string().contains(SECRET));
}

#[test]
fn the_rule_that_gave_the_pool() {
    let alias = gateway([
        (
            "AZURE_AI_STUDIO_DEPLOYMENTS",
            "mistral=Mistral-large-x:eastus2",
        ),
        ("AZURE_OPENAI_KEY", "tops3cret-any"),
        ("OPENAI_API_KEY", "tops3cret-openai"),
        ("PROXY_API_KEYS", CLIENT),
    ]);
    let many = many();
    for (gateway, model, rule) in [
        (&many, "GPT-4o", "GATEWAY.models.gpt-4o"),
        (
            &many,
            "claude-opus-4-5",
            "GATEWAY.models.claude-* (pattern)",
        ),
        (&alias, "Mistral", "AZURE_AI_STUDIO_DEPLOYMENTS"),
        (&many, "Azure-East/x", "selector azure-east/"),
        (&many, "mine", "mapped by azure-east"),
        (&many, "gemini-3.8-flash", "names of google"),
        (&many, "anything", "default provider"),
        (&alias, "anything", "default provider"),
    ] {
        let explanation = explained(gateway, chat(model));
        assert_eq!(explanation["route"], rule, "{model}");
        assert_eq!(explanation["model"], model);
    }
}

#[test]
fn names_that_would_be_tried_and_what_is_known_of_them() {
    let gateway = gateway([
        ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"),
        ("AZURE_OPENAI_API_KEY", "tops3cret-azure"),
        ("PROXY_API_KEYS", CLIENT),
    ]);
    let first = |ask| explained(&gateway, ask)["targets"][0].clone();
    let told = first(chat("gpt-3.5-turbo"));
    assert_eq!(told["target"], "azure/gpt-3.5-turbo");
    assert_eq!(
        told["names"],
        json!(["gpt-3.5-turbo", "gpt-35-turbo", "gpt-35-turbo-0613"])
    );
    assert_eq!(first(chat("gpt-4.1")).get("names"), None);

    let missing = r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#;
    let refusal = r#"{"error":{"message":"Unsupported parameter: 'user' is not supported with this model."}}"#;
    for answer in [(404, missing), (400, refusal), (200, r#"{"choices":[]}"#)] {
        gateway.script(answers(answer.0, answer.1));
    }
    let body = r#"{"model":"gpt-3.5-turbo","user":"u","messages":[]}"#;
    let call = || ask_with_key("POST", "/v1/chat/completions").json(body);
    assert_eq!(gateway.send(call()).status(), 200);
    let sent = gateway.platform.sent.take();
    gateway.platform.store.borrow_mut().clear();
    let told = first(call());
    assert_eq!(
        told["names"],
        json!(["gpt-35-turbo", "gpt-3.5-turbo", "gpt-35-turbo-0613"])
    );
    assert_eq!(told["learnt"], json!(["user is left out"]));
    assert_eq!(told["requests"][0]["url"], sent[2].url);
    assert!(told["requests"][0]["changes"].to_string().contains("user"));
}

#[test]
fn whose_credential_is_said_in_words() {
    let app = [
        ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"),
        ("AZURE_TENANT_ID", "T"),
        ("AZURE_CLIENT_ID", "C"),
        ("AZURE_CLIENT_SECRET", "tops3cret-app"),
        ("PROXY_API_KEYS", CLIENT),
    ];
    let document = json!({"providers": {"up": {"kind": "openai", "headers": {"X-Own": "$EXTRA"}}}})
        .to_string();
    let own = [
        ("GATEWAY", document.as_str()),
        ("EXTRA", "tops3cret-extra"),
        ("PROXY_API_KEYS", CLIENT),
    ];
    for (gateway, model, header, words) in [
        (
            many(),
            "up/x",
            "authorization",
            "Bearer <key of the provider `up`>",
        ),
        (
            many(),
            "google/gemini-3.8-flash",
            "x-goog-api-key",
            "<one of 2 keys of `google`, in turn>",
        ),
        (
            gateway(app),
            "m",
            "authorization",
            "Bearer <token of Microsoft Entra ID>",
        ),
        (gateway(own), "m", "x-own", "<header of the provider `up`>"),
    ] {
        let explanation = explained(&gateway, chat(model));
        assert_eq!(
            explanation["targets"][0]["requests"][0]["headers"][header], words,
            "{explanation}"
        );
    }
}

#[test]
fn keys_do_not_take_their_turn_for_an_explanation() {
    let gateway = many();
    let key = || {
        gateway.script(answers(
            200,
            r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}"#,
        ));
        gateway.send(chat("gemini-3.8-flash"));
        let sent = gateway.sent();
        sent.headers.get("x-goog-api-key").map(str::to_owned)
    };
    let before = key();
    explained(&gateway, chat("gemini-3.8-flash"));
    assert_eq!([before, key()], [Some(secret("1")), Some(secret("2"))]);
}

#[test]
fn a_target_that_cannot_be_asked_says_why() {
    let gateway = many();
    let explanation = explained(&gateway, chat("first-is-lost"));
    let targets = explanation["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 2);
    let problem = targets[0]["problem"].as_str().unwrap();
    assert!(
        problem.starts_with("configuration_error: ") && problem.contains("NOT_SET"),
        "{problem}"
    );
    assert_eq!(
        targets[1]["requests"][0]["url"],
        "https://up.test/v1/chat/completions"
    );

    // Google has no such operation, and another target may.
    let responses =
        ask_with_key("POST", "/v1/responses").json(r#"{"model":"not-there","input":"hi"}"#);
    let explanation = explained(&gateway, responses);
    let targets = explanation["targets"].as_array().unwrap();
    let problem = targets[0]["problem"].as_str().unwrap();
    assert!(problem.starts_with("unsupported_operation: "), "{problem}");
    assert_eq!(targets[0]["requests"], json!([]));
    assert_eq!(targets.len(), 2);

    // A request that is wrong is refused for good.
    let wrong = r#"{"model":"not-there","messages":"hi"}"#;
    let wrong = || ask_with_key("POST", "/v1/chat/completions").json(wrong);
    let explanation = explained(&gateway, wrong());
    let targets = explanation["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 1);
    let real = gateway.send(wrong());
    let said = format!("{}: {}", real.refusal().1, real.message());
    assert_eq!(targets[0]["problem"], said);
}

#[test]
fn the_built_in_provider_answers_here() {
    let gateway = gateway([("PROXY_API_KEYS", CLIENT)]);
    let explanation = explained(&gateway, chat("m"));
    let expected =
        json!([{"provider": "demo", "target": "demo/m", "requests": [], "note": "answered here"}]);
    assert_eq!(explanation["targets"], expected);
    let wrong = ask_with_key("POST", "/v1/chat/completions").json(r#"{"model":"m"}"#);
    let explanation = explained(&gateway, wrong);
    assert!(
        explanation["targets"][0]["problem"].is_string(),
        "{explanation}"
    );
}

#[test]
fn several_requests_are_shown_and_the_rest_counted() {
    let gateway = many();
    let prompts: Vec<String> = (0..11).map(|n| format!("p{n}")).collect();
    let body = json!({"model": "gemini-3.8-flash", "prompt": prompts}).to_string();
    let ask = ask_with_key("POST", "/v1/completions").json(&body);
    let explanation = explained(&gateway, ask);
    let told = &explanation["targets"][0];
    let requests = told["requests"].as_array().unwrap();
    assert_eq!((requests.len(), &told["more_requests"]), (8, &json!(3)));
    assert!(requests[7]["body"].to_string().contains("p7"));
}

#[test]
fn what_is_large_is_told_by_its_size() {
    let gateway = many();
    let text = "x".repeat(600 << 10);
    let body =
        json!({"model": "gemini-3.8-flash", "messages": [{"role": "user", "content": text}]});
    let ask = ask_with_key("POST", "/v1/chat/completions")
        .header("content-type", "application/json")
        .body(body.to_string().as_bytes(), 1 << 20);
    let got = explain(&gateway, ask);
    assert!(got.bytes().len() < 4096);
    let request = &got.json()["targets"][0]["requests"][0];
    assert!(
        request["body_bytes"].as_u64().unwrap() > 600 << 10,
        "{request}"
    );
    assert_eq!(request.get("body"), None);
}

#[test]
fn of_very_many_changes_the_first_are_shown() {
    let gateway = many();
    let line = r#"{"custom_id":"1","url":"/v1/chat/completions","body":{"model":"mine"}}"#;
    let lines = vec![line; 150].join("\n");
    let file = form(&[("purpose", "batch"), ("file\"; filename=\"a.jsonl", &lines)]);
    let upload = ask_with_key("POST", "/v1/files?model=azure-east/mine")
        .header("content-type", "multipart/form-data; boundary=BB")
        .body(file.as_bytes(), 1 << 10);
    let explanation = explained(&gateway, upload);
    let request = &explanation["targets"][0]["requests"][0];
    let changes = request["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 100, "{explanation}");
    assert!(
        request["more_changes"].as_u64().unwrap() >= 50,
        "{explanation}"
    );
}

#[test]
fn what_is_nested_too_deep_is_told_as_text() {
    let gateway = many();
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(150), "]".repeat(150));
    let call =
        json!({"id": "c1", "type": "function", "function": {"name": "f", "arguments": deep}});
    let messages = json!([
        {"role": "user", "content": "hi"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "done"},
    ]);
    let body = json!({"model": "gemini-3.8-flash", "messages": messages}).to_string();
    let ask = ask_with_key("POST", "/v1/chat/completions").json(&body);
    let explanation = explained(&gateway, ask);
    let body = &explanation["targets"][0]["requests"][0]["body"];
    assert!(body.as_str().unwrap().contains("[[[["), "{explanation}");
}

#[test]
fn a_form_that_is_sent_as_it_comes_goes_to_one_target() {
    let gateway = many();
    let form = form(&[
        ("model", "gpt-4o"),
        (
            "file\"; filename=\"a.mp3",
            "sound and more of it, to be streamed",
        ),
    ]);
    let ask = || {
        ask_with_key("POST", "/v1/audio/transcriptions")
            .header("content-type", "multipart/form-data; boundary=BB")
            .body(form.as_bytes(), 100)
    };
    let held = explained(&gateway, ask());
    assert_eq!(held["targets"].as_array().unwrap().len(), 3);
    assert!(held.get("other_targets").is_none());
    // More than is held, by its own word.
    let explanation = explained(&gateway, ask().header("content-length", "99000000"));
    assert_eq!(explanation["operation"], "transcription");
    assert_eq!(explanation["targets"].as_array().unwrap().len(), 1);
    assert!(
        explanation["other_targets"]
            .as_str()
            .unwrap()
            .starts_with("not tried: ")
    );
}

#[test]
fn media_are_not_fetched() {
    let document =
        json!({"providers": {"google": {"kind": "google", "key": "$KEY", "fetch_media": true}}});
    let gateway = gateway_of([
        ("GATEWAY", document.to_string()),
        ("KEY", secret("key")),
        ("PROXY_API_KEYS", CLIENT.to_owned()),
    ]);
    let shown = |url: &str| {
        let body = json!({"model": "gemini-3.8-flash", "messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": url}},
        ]}]});
        let ask = ask_with_key("POST", "/v1/chat/completions").json(&body.to_string());
        explained(&gateway, ask)["targets"][0].clone()
    };
    let told = shown("https://h.example/a.png");
    assert_eq!(told["fetched_before"], json!(["https://h.example/a.png"]));
    let inline =
        json!({"mimeType": "<its media type>", "data": "<base64 of what stands at the address>"});
    assert_eq!(
        told["requests"][0]["body"]["contents"][0]["parts"][0]["inlineData"],
        inline
    );
    let told = shown("https://10.0.0.1/a.png");
    assert!(
        told["problem"]
            .as_str()
            .unwrap()
            .starts_with("invalid_image_url: "),
        "{told}"
    );
}

#[test]
fn a_clients_limits_hold_and_nothing_is_counted() {
    let gateway = many();
    let of_bob = |path: &str, body: &str| ask("POST", path).key(&secret("bob")).json(body);
    let hello = r#"{"model":"gpt-4o","messages":[]}"#;
    for _ in 0..3 {
        let explanation = explained(&gateway, of_bob("/v1/chat/completions", hello));
        assert_eq!(explanation["limits"], json!({"rpm": 1}));
    }
    for (path, body, refusal) in [
        (
            "/v1/chat/completions",
            r#"{"model":"other","messages":[]}"#,
            (403, "model_not_allowed"),
        ),
        ("/v1/batches", "{}", (403, "model_not_allowed")),
        ("/v1/chat/completions", "[]", (400, "invalid_json")),
        (
            "/v1/chat/completions",
            r#"{"messages":[]}"#,
            (400, "model_required"),
        ),
    ] {
        let (status, code) = explain(&gateway, of_bob(path, body)).refusal();
        assert_eq!((status, code.as_str()), refusal, "{path} {body}");
    }
    gateway.script(answers(200, "{}"));
    assert_eq!(
        gateway.send(of_bob("/v1/chat/completions", hello)).status(),
        200
    );
}

#[test]
fn only_a_client_of_ours_is_told() {
    let anonymous = gateway([
        ("OPENAI_API_KEY", "tops3cret-key"),
        ("ALLOW_ANONYMOUS", "true"),
    ]);
    let passing = gateway([("OPENAI_BASE_URL", "https://up.test/v1")]);
    for gateway in [&anonymous, &passing] {
        let got = explain(gateway, chat("m"));
        assert_eq!(got.refusal(), (403, "explain_not_allowed".to_owned()));
        assert!(got.message().contains("isthmus check"), "{}", got.message());
        let list = explain(gateway, ask_with_key("GET", "/v1/models"));
        assert_eq!(list.status(), 403);
    }
    let stranger = ask("GET", "/v1/files").key("nobody's");
    assert_eq!(explain(&many(), stranger).status(), 401);
}

#[test]
fn what_the_header_may_say() {
    for (value, is_explained) in [
        ("1", true),
        (" TRUE ", true),
        ("Yes", true),
        ("0", false),
        ("", false),
        ("No", false),
        ("False", false),
    ] {
        let gateway = many().meets(answers(200, "{}"));
        let got = gateway.send(chat("up/x").header("x-isthmus-explain", value));
        assert_eq!(got.status(), 200);
        assert_eq!(gateway.asked_nobody(), is_explained, "{value}");
        if !is_explained {
            assert_eq!(gateway.sent().headers.get("x-isthmus-explain"), None);
        }
    }
    let gateway = many();
    let got = gateway.send(chat("up/x").header("x-isthmus-explain", "please"));
    assert_eq!(got.refusal(), (400, "invalid_header".to_owned()));
    assert!(gateway.asked_nobody());
}

/// As a program on the owner's machine asks.
fn by_the_owner(settings: &[(&str, &str)], model: &str) -> Value {
    let config = Config::read(&settings.iter().copied().collect::<Settings>());
    let Ok(Route::Call(wanted)) = recognised("/v1/chat/completions") else {
        panic!("no call");
    };
    let body = json!({"model": model, "messages": []}).to_string();
    let unread = Unread {
        method: "POST".to_owned(),
        query: String::new(),
        headers: headers_of(&[("content-type", "application/json")]),
        body: FakeBody::cut(body.as_bytes(), 9),
    };
    let platform = Fake::default();
    let run = async {
        let call = Call::read(wanted, unread, config.body_limits).await?;
        exchange::explain(&platform, &config, &Caller::owner(), call).await
    };
    futures_util::FutureExt::now_or_never(run).unwrap().unwrap()
}

#[test]
fn the_owner_is_told_without_a_key() {
    let open = by_the_owner(&[("OPENAI_BASE_URL", "https://up.test/v1")], "m");
    assert_eq!(open["client"], "owner");
    let headers = &open["targets"][0]["requests"][0]["headers"];
    assert_eq!(headers["authorization"], "Bearer <the caller's own key>");
    let closed = by_the_owner(&[("OPENAI_API_KEY", "tops3cret-key")], "m");
    let headers = &closed["targets"][0]["requests"][0]["headers"];
    assert_eq!(
        headers["authorization"],
        "Bearer <key of the provider `openai`>"
    );
    assert!(!closed.to_string().contains(SECRET));
}

/// In the order in which a call would try them, and with what bounds it.
#[test]
fn order_and_limits_of_a_pool_are_told() {
    let document = r#"{
        "providers": {"a": {"kind": "demo"}, "b": {"kind": "demo", "tpm": 9000, "priority": 1}},
        "models": {"m": {"targets": ["a/x", "b/x"], "strategy": "weighted", "attempts": 2, "hedge": 5}},
        "clients": {"alice": {"key": "$KEY", "daily_tokens": 7}},
        "limits": {"tpm": 30000}
    }"#;
    let gateway = gateway([("GATEWAY", document), ("KEY", CLIENT)]);
    let got = explain(&gateway, chat("m"));
    let explanation = got.json();
    assert_eq!(explanation["strategy"], "weighted", "{}", got.text());
    let rules = json!(["weighted", "2 attempts at most", "hedge 5 % after 0.25 s"]);
    assert_eq!(explanation["rules"], rules);
    assert_eq!(explanation["limits"], json!({"daily_tokens": 7}));
    assert_eq!(explanation["limits_of_all"], json!({"tpm": 30_000}));
    let targets = explanation["targets"].as_array().unwrap().iter();
    let targets: Vec<_> = targets.map(|it| (&it["target"], &it["limits"])).collect();
    assert_eq!(
        targets,
        [
            (&json!("b/x"), &json!({"tpm": 9000})),
            (&json!("a/x"), &Value::Null)
        ]
    );
}
