//! Pictures that are told by their addresses, and fetched through the gateway.

use crate::fake::{Gateway, Upstream, ask, get, json, post};

use super::file;

const FILE: &str = r#"{"lab": {
  "api_key_variable": "OPENAI_API_TOKEN",
  "prefix": "me/",
  "target_base_url": "http://gpu.test:8000",
  "models": {
    "flux": {"endpoints": [
      {"path": "v1/images/generations", "target_model_name": "FLUX.1"},
      {"path": "v1/images/edits", "target_model_name": "FLUX.1"},
      {"path": "v1/chat/completions", "target_model_name": "FLUX.1"},
      {"path": "v1/images/data", "target_model_name": "FLUX.1"}
    ]},
    "other": {"endpoints": [{"path": "v1/images/generations", "target_model_name": "o"}]}
  }
}}"#;

fn gateway(base: &str) -> Gateway {
    file(FILE, &[("BASE_URL", base)])
}

fn draw(gateway: &Gateway) -> String {
    let got = gateway.send(post(
        "/v1/images/generations",
        r#"{"model":"me/flux","prompt":"x"}"#,
    ));
    assert_eq!(got.status(), 200);
    assert_eq!(got.header("content-type"), Some("application/json"));
    got.text()
}

/// `BASE_URL`, the server's answer -> the client's.
#[test]
fn addresses_below_the_gateway_name_the_model() {
    const OURS: &str =
        r#"{"created":1, "data":[{"url":"https://p/v1/images/data/12"},{"url":null}]}"#;
    const MOVED: &str =
        r#"{"created":1, "data":[{"url":"https://p/v1/images/data/me%2Fflux/12"},{"url":null}]}"#;
    for (base, answer, got) in [
        ("https://p", OURS, MOVED),
        ("https://p/", OURS, MOVED),
        ("'https://p/v1/'", OURS, MOVED),
        ("", OURS, OURS),
        ("https://q", OURS, OURS),
        ("https://p", r#"{"data": null}"#, r#"{"data": null}"#),
        ("https://p", "no JSON", "no JSON"),
    ] {
        let gateway = gateway(base).meets(json(200, answer));
        assert_eq!(draw(&gateway), got, "{base} {answer}");
    }
}

#[test]
fn a_servers_own_addresses_are_moved_where_its_owner_says_so() {
    let answer = r#"{"data":[{"url":"http://gpu.test:8000/files/12.png"}]}"#;
    let moved = r#"{"data":[{"url":"https://p/v1/images/data/me%2Fflux/12.png"}]}"#;
    let text = FILE.replace("\"prefix\"", "\"rewrite_image_urls\": true, \"prefix\"");
    let gateway = file(&text, &[("BASE_URL", "https://p")]).meets(json(200, answer));
    assert_eq!(draw(&gateway), moved);
    let gateway = file(&text, &[]).meets(json(200, answer));
    assert_eq!(draw(&gateway), answer);
    let warning = "FOAP_CONFIG.lab.rewrite_image_urls is not in force: BASE_URL is not set.";
    assert_eq!(gateway.config.warnings, [warning]);
}

/// What is no answer with addresses passes unread.
#[test]
fn other_answers_pass() {
    let large = format!(r#"{{"data":[{{"b64_json":"{}"}}]}}"#, "A".repeat(300 << 10));
    let large = json(200, &large);
    let events = Upstream::Answers(
        200,
        vec![("content-type", "text/event-stream")],
        "data: {}\n\n",
    );
    let refused = json(
        400,
        r#"{"error":{"message":"https://p/v1/images/data/1","code":"x"}}"#,
    );
    for (upstream, status, reads) in [(large, 200, 1), (events, 200, 0), (refused, 400, 1)] {
        let gateway = gateway("https://p").meets(upstream);
        let got = gateway.send(post("/v1/images/generations", r#"{"model":"me/flux"}"#));
        assert_eq!(got.status(), status);
        assert!(!got.text().contains("flux"));
        assert_eq!(gateway.platform.reads.get(), reads);
    }
    let answer = r#"{"data":[{"url":"https://p/v1/images/data/12"}]}"#;
    let gateway = gateway("https://p").meets(json(200, answer));
    let got = gateway.send(post("/v1/chat/completions", r#"{"model":"me/flux"}"#));
    assert_eq!(
        (got.text().as_str(), gateway.platform.reads.get()),
        (answer, 0)
    );
}

#[test]
fn a_picture_is_fetched_from_its_models_server() {
    for path in [
        "/v1/images/data/me%2Fflux/12?a=b",
        "/v1/images/data/me/flux/12?a=b",
    ] {
        let picture = Upstream::Answers(200, vec![("content-type", "image/png")], "picture");
        let gateway = gateway("").meets(picture);
        let got = gateway.send(get(path));
        assert_eq!(
            (got.status(), got.text().as_str()),
            (200, "picture"),
            "{path}"
        );
        assert_eq!(got.header("content-type"), Some("image/png"));
        assert_eq!(gateway.platform.reads.get(), 0);
        let sent = gateway.sent();
        assert_eq!((sent.method.as_str(), sent.body.as_str()), ("GET", ""));
        assert_eq!(sent.url, "http://gpu.test:8000/v1/images/data/12?a=b");
        assert_eq!(
            sent.headers.get("authorization"),
            Some("Bearer openai-token")
        );
        assert_eq!(gateway.line()["operation"], "image_data");
    }
}

#[test]
fn pictures_are_not_everybodys() {
    for (path, key, refusal) in [
        (
            "/v1/images/data/me/other/12",
            "client-key",
            (404, "unsupported_operation"),
        ),
        (
            "/v1/images/data/nobody/12",
            "client-key",
            (404, "model_not_found"),
        ),
        (
            "/v1/images/data/me/flux/..",
            "client-key",
            (400, "invalid_path"),
        ),
        (
            "/v1/images/data/me/flux/%2e%2e%2fx",
            "client-key",
            (400, "invalid_path"),
        ),
        (
            "/v1/images/data/me%0Aflux/12",
            "client-key",
            (400, "invalid_model"),
        ),
        (
            "/v1/images/data/me/flux/12",
            "wrong-key",
            (401, "invalid_api_key"),
        ),
        (
            "/v1/images/data/me/flux/12",
            "limited-key",
            (403, "model_not_allowed"),
        ),
    ] {
        let keys = "client-key,limited:limited-key:me/other";
        let gateway = file(FILE, &[("PROXY_API_KEYS", keys)]);
        let got = gateway.send(ask("GET", path).key(key));
        let (status, code) = refusal;
        assert_eq!(got.refusal(), (status, code.to_owned()), "{path}");
        assert!(gateway.asked_nobody());
    }
    let keys = "limited:limited-key:me/flux";
    let gateway = file(FILE, &[("PROXY_API_KEYS", keys)]).meets(json(200, "{}"));
    let ask = ask("GET", "/v1/images/data/me%2Fflux/12").key("limited-key");
    assert_eq!(gateway.send(ask).status(), 200);
}
