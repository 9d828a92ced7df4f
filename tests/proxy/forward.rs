//! One mode that relays all, and addresses that are asked for through us.

use crate::fake::{Ask, Gateway, Upstream, ask, gateway, gateway_of, get, json, post, usual};

const HELLO: &str = r#"{"model":"m"}"#;
const ALLOWED: (&str, &str) = ("FORWARD_ALLOWED_HOSTS", "up.test, api.openai.com");

/// Nobody is configured, and clients bring their own.
fn open(hosts: &str) -> Gateway {
    gateway([
        ("AZURE_OPENAI_PROXY_MODE", "openai"),
        ("FORWARD_ALLOWED_HOSTS", hosts),
    ])
}

fn url(gateway: &Gateway, ask: Ask) -> String {
    gateway.script(json(200, "{}"));
    let got = gateway.send(ask);
    assert_eq!(got.status(), 200, "{}", got.text());
    gateway.sent().url
}

/// Method, path and query -> what OpenAI is asked.
#[test]
fn the_mode_relays_whatever_is_asked() {
    for (method, path, asked) in [
        ("GET", "/v1/assistants?limit=1", "/v1/assistants?limit=1"),
        ("POST", "/v1/new/thing", "/v1/new/thing"),
        ("DELETE", "/v1/models/ft:m", "/v1/models/ft:m"),
        ("PATCH", "/v1/x", "/v1/x"),
        ("GET", "/v1/embeddings", "/v1/embeddings"),
        ("PUT", "/v1/chat/completions", "/v1/chat/completions"),
        ("POST", "/v1/models", "/v1/models"),
        ("GET", "/v1/health", "/v1/health"),
        ("GET", "/threads/t", "/v1/threads/t"),
        (
            "GET",
            "/dashboard/billing/usage",
            "/v1/dashboard/billing/usage",
        ),
        ("GET", "/v2/x?q=%20", "/v2/x?q=%20"),
        ("POST", "/backend/x/", "/backend/x"),
        ("GET", "/openai", "/openai"),
    ] {
        let gateway = gateway([
            ("AZURE_OPENAI_PROXY_MODE", "openai"),
            ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"),
        ]);
        let request = ask(method, path).key("theirs");
        let request = if method == "GET" {
            request
        } else {
            request.json(HELLO)
        };
        gateway.script(json(200, "{}"));
        assert_eq!(gateway.send(request).status(), 200, "{method} {path}");
        let sent = gateway.sent();
        assert_eq!(sent.method, method);
        assert_eq!(sent.url, format!("https://api.openai.com{asked}"));
        assert_eq!(sent.headers.get("authorization"), Some("Bearer theirs"));
        assert_eq!(sent.body, if method == "GET" { "" } else { HELLO });
    }
}

#[test]
fn what_is_outside_of_the_api_is_the_servers_own() {
    for (setting, pasted, asked) in [
        (
            "OPENAI_API_ENDPOINT",
            "https://up.test",
            "https://up.test/x",
        ),
        (
            "OPENAI_API_ENDPOINT",
            "https://up.test/p/",
            "https://up.test/p/x",
        ),
        (
            "OPENAI_BASE_URL",
            "https://up.test/p/v1",
            "https://up.test/p/x",
        ),
        (
            "OPENAI_BASE_URL",
            "https://up.test/v4",
            "https://up.test/v4/x",
        ),
    ] {
        let gateway = gateway([(setting, pasted), ("AZURE_OPENAI_PROXY_MODE", "openai")]);
        assert_eq!(url(&gateway, get("/x")), asked, "{pasted}");
    }
    let keyed = gateway([
        ("AZURE_OPENAI_PROXY_MODE", "openai"),
        ("OPENAI_API_KEY", "ours"),
        ("PROXY_API_KEYS", "a:client-key,b:limited:m"),
        ("GOOGLE_AI_STUDIO_API_KEY", "g"),
    ]);
    keyed.script(json(200, "{}"));
    // Whatever model its body names.
    let named = post("/x", r#"{"model":"gemini-2.5-pro"}"#);
    assert_eq!(keyed.send(named).status(), 200);
    let sent = keyed.sent();
    assert_eq!(sent.url, "https://api.openai.com/x");
    assert_eq!(sent.headers.get("authorization"), Some("Bearer ours"));
    let limited = keyed.send(ask("GET", "/x").key("limited"));
    assert_eq!(limited.refusal(), (403, "model_not_allowed".to_owned()));
    assert_eq!(keyed.send(ask("GET", "/x")).status(), 401);
}

#[test]
fn what_is_local_stays_local_in_every_mode() {
    for mode in ["openai", "azure", "google", "vertex"] {
        let gateway = gateway([("AZURE_OPENAI_PROXY_MODE", mode)]);
        for (method, path, status) in [
            ("GET", "/healthz", 200),
            ("GET", "/health", 200),
            ("POST", "/health", 405),
            ("GET", "/", 200),
            ("GET", "/v1/../x", 400),
            ("TRACE", "/v1/x", 405),
            ("CONNECT", "/x", 405),
        ] {
            let got = gateway.send(ask(method, path).key("k"));
            assert_eq!(got.status(), status, "{mode} {method} {path}");
        }
        assert!(gateway.asked_nobody());
    }
    // The document's word comes before the mode's.
    let document =
        r#"{"providers": {"a": {"kind": "openai", "endpoint": "https://a.test"}}, "default": "a"}"#;
    let settings = [("AZURE_OPENAI_PROXY_MODE", "openai"), ("GATEWAY", document)];
    assert_eq!(gateway(settings).send(get("/x")).status(), 404);
}

/// Headers of the client -> the credential that OpenAI gets.
#[test]
fn openai_gets_the_clients_authorization_alone() {
    for (headers, credential) in [
        (&[("authorization", "Bearer a")][..], "Bearer a"),
        (&[("authorization", "bearer a")], "Bearer a"),
        (&[("authorization", "a")], "Bearer a"),
        (&[("api-key", "a")], "Bearer a"),
        (
            &[("api-key", "azures"), ("authorization", "Bearer a")],
            "Bearer a",
        ),
    ] {
        let gateway = open("").meets(json(200, "{}"));
        let request = ask("POST", "/v1/chat/completions").json(HELLO);
        let add = |ask: Ask, (name, value): &(&str, &str)| ask.header(name, value);
        gateway.send(headers.iter().fold(request, add));
        let sent = gateway.sent();
        assert_eq!(sent.headers.get("authorization"), Some(credential));
        assert_eq!(sent.headers.get("api-key"), None);
    }
    let got = open("").send(ask("GET", "/v1/files"));
    assert_eq!(got.refusal(), (401, "missing_api_key".to_owned()));
}

#[test]
fn a_tunnel_is_refused_in_words_that_help() {
    for path in ["", "/", "api.openai.com:443", "/v1/files"] {
        let got = usual().send(ask("CONNECT", path));
        assert_eq!(got.refusal(), (405, "method_not_allowed".to_owned()));
        assert!(got.message().contains("OPENAI_BASE_URL"));
        assert!(got.header("allow").unwrap().contains("POST"));
    }
}

#[test]
fn openais_own_host_is_the_bare_path() {
    for path in [
        "/proxy/https://api.openai.com/v1/chat/completions",
        "/proxy/https:/api.openai.com/v1/chat/completions",
        "/proxy/https%3A%2F%2Fapi.openai.com%2Fv1%2Fchat%2Fcompletions",
        "/proxy/API.OpenAI.com.:443/v1/chat/completions",
        "//proxy//api.openai.com/v1/chat/completions",
    ] {
        let azure = gateway([
            ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"),
            ("AZURE_OPENAI_API_KEY", "ours"),
            ("PROXY_API_KEYS", "a:client-key:m"),
        ]);
        assert_eq!(
            url(&azure, post(path, HELLO)),
            "https://r.openai.azure.com/openai/deployments/m/chat/completions?api-version=2024-10-21",
            "{path}"
        );
        let openai = url(&open("api.openai.com"), post(path, HELLO));
        assert_eq!(openai, "https://api.openai.com/v1/chat/completions");
        let server = gateway([("OPENAI_BASE_URL", "https://up.test/v1")]);
        let asked = url(&server, post(path, HELLO));
        assert_eq!(asked, "https://up.test/v1/chat/completions");
    }
    let query = "/proxy/https%3A%2F%2Fapi.openai.com%2Fv1%2Ffiles%3Flimit%3D1?after=x";
    let asked = url(&open("api.openai.com"), get(query));
    assert_eq!(asked, "https://api.openai.com/v1/files?limit=1&after=x");
    let twice = "/proxy/api.openai.com/proxy/api.openai.com/v1/files";
    let got = open("api.openai.com").send(get(twice));
    assert_eq!(got.refusal(), (403, "forward_not_allowed".to_owned()));
}

/// What is listed, what is asked -> what is asked of the host; None: it is refused.
#[test]
fn only_listed_hosts_are_asked() {
    for (listed, asked, url) in [
        (
            "up.test",
            "https://up.test/a/?x=1",
            Some("https://up.test/a/?x=1"),
        ),
        ("up.test", "up.test/a", Some("https://up.test/a")),
        ("up.test", "UP.test./a", Some("https://up.test/a")),
        (
            " \"https://Up.Test/v1\" ,",
            "up.test/a",
            Some("https://up.test/a"),
        ),
        ("up.test", "http://up.test/a", None),
        (
            "http://up.test",
            "http://up.test/a",
            Some("http://up.test/a"),
        ),
        (
            "http://up.test",
            "https://up.test/a",
            Some("https://up.test/a"),
        ),
        ("http://up.test, b.test", "http://b.test/a", None),
        ("up.test", "up.test:8443/a", None),
        (
            "up.test:8443",
            "up.test:8443/a",
            Some("https://up.test:8443/a"),
        ),
        ("up.test:8443", "up.test/a", None),
        ("*.up.test", "a.b.up.test/a", Some("https://a.b.up.test/a")),
        ("*.up.test", "up.test/a", None),
        ("*.up.test", "notup.test/a", None),
        ("*.up.test", "xn--80ak6aa92e.up.test/a", None),
        (
            "xn--80ak6aa92e.up.test",
            "XN--80ak6aa92e.up.test/a",
            Some("https://xn--80ak6aa92e.up.test/a"),
        ),
        ("up.test", "up.test.evil.test/a", None),
        ("up.test", "evil.test/up.test", None),
        ("up.test", "https://up.test@evil.test/a", None),
        ("up.test", "https%3A%2F%2Fup.test%40evil.test/a", None),
        ("*", "up.test/a", None),
        ("*.test", "up.test/a", None),
        ("127.0.0.1", "127.0.0.1/a", None),
        ("2130706433", "2130706433/a", None),
        ("0x7f.1", "0x7f.1/a", None),
        ("0177.0.0.1", "0177.0.0.1/a", None),
        ("8.8.8.8", "8.8.8.8./a", None),
        ("[::1]", "[::1]/a", None),
        ("localhost", "localhost/a", None),
        ("a.localhost", "a.localhost/a", None),
        ("db.internal", "db.internal/a", None),
        ("nas.local", "nas.local/a", None),
        ("intranet", "intranet/a", None),
        ("gateway.test", "gateway.test/a", None),
        ("gateway.test:8443", "GATEWAY.test.:8443/a", None),
    ] {
        let gateway = open(listed).meets(json(200, "{}"));
        let request = get(&format!("/proxy/{asked}")).header("host", "Gateway.test:443");
        let got = gateway.send(request);
        if let Some(url) = url {
            assert_eq!(gateway.sent().url, url, "{listed} {asked}");
            continue;
        }
        let refusal = (403, "forward_not_allowed".to_owned());
        assert_eq!(got.refusal(), refusal, "{listed} {asked}");
        assert!(gateway.asked_nobody());
    }
}

#[test]
fn a_refusal_says_what_allows_it() {
    let got = open("up.test").send(get("/proxy/http://other.test:8080/a"));
    let message = got.message();
    assert!(
        message.contains("`http://other.test:8080`") && message.contains("FORWARD_ALLOWED_HOSTS")
    );
    // By default it is OpenAI alone, and who is not let in is told nothing.
    let got = usual().send(get("/proxy/up.test/a"));
    assert_eq!(got.refusal(), (403, "forward_not_allowed".to_owned()));
    let got = usual().send(ask("GET", "/proxy/up.test/a"));
    assert_eq!(got.refusal(), (401, "missing_api_key".to_owned()));
    let gateway = open("up.test, 127.0.0.1, ftp://x.test, u:p@x.test, a.test");
    let warnings = gateway.config.warnings.join("\n");
    for item in ["Item 2 of", "Item 3 of", "Item 4 of"] {
        assert!(warnings.contains(item), "{warnings}");
    }
    assert_eq!(gateway.config.warnings.len(), 3);
    assert!(!warnings.contains("u:p"));
}

#[test]
fn a_forwarded_call_goes_as_it_is() {
    let gateway = open("up.test").meets(json(200, "{}"));
    let request = ask("POST", "/proxy/https://up.test/v1//messages/?beta=true")
        .header("x-api-key", "theirs")
        .header("cookie", "c")
        .header("x-forwarded-for", "1.2.3.4")
        .header("cf-connecting-ip", "1.2.3.4")
        .header("anthropic-version", "2023-06-01")
        .header("content-type", "application/json; charset=x")
        .body(b"{not json", 3);
    assert_eq!(gateway.send(request).status(), 200);
    let sent = gateway.sent();
    assert_eq!(sent.url, "https://up.test/v1//messages/?beta=true");
    assert_eq!(sent.body, "{not json");
    let headers: Vec<_> = sent.headers.iter().collect();
    assert_eq!(
        headers,
        [
            ("anthropic-version", "2023-06-01"),
            ("content-type", "application/json; charset=x"),
            ("x-api-key", "theirs"),
        ]
    );
    let line = gateway.line();
    assert_eq!(line["operation"], "relay");
    assert_eq!(line["provider"], "up.test");
    let socket = ask("GET", "/proxy/wss://up.test/v1/realtime")
        .header("upgrade", "websocket")
        .header(
            "sec-websocket-protocol",
            "realtime, openai-insecure-api-key.theirs",
        );
    let gateway = open("up.test").meets(json(101, ""));
    assert_eq!(gateway.send(socket).status(), 101);
    let sent = gateway.sent();
    assert_eq!(sent.headers.get("authorization"), Some("Bearer theirs"));
    assert_eq!(sent.headers.get("sec-websocket-protocol"), Some("realtime"));
}

#[test]
fn an_answer_comes_back_as_it_is() {
    let theirs = vec![
        ("content-type", "text/plain"),
        ("set-cookie", "c"),
        ("retry-after", "3"),
    ];
    let gateway = open("up.test").meets(Upstream::Answers(429, theirs, "slow down"));
    let got = gateway.send(get("/proxy/up.test/a"));
    assert_eq!((got.status(), got.text().as_str()), (429, "slow down"));
    assert_eq!(got.header("retry-after"), Some("3"));
    assert_eq!(got.header("set-cookie"), None);
    assert_eq!(got.header("access-control-allow-origin"), Some("*"));
    assert_eq!(gateway.platform.reads.get(), 0);

    let events = "data: {}\n\n";
    let stream = Upstream::Answers(200, vec![("content-type", "text/event-stream")], events);
    let gateway = open("up.test").meets(stream);
    let got = gateway.send(post("/proxy/up.test/a", "{}").header("accept", "text/event-stream"));
    assert_eq!(got.header("x-accel-buffering"), Some("no"));
    assert!(got.0.unfinished.is_some());
    assert_eq!(
        gateway.sent().headers.get("accept-encoding"),
        Some("identity")
    );

    for (upstream, status, code) in [
        (
            Upstream::Answers(302, vec![("location", "https://evil.test")], ""),
            502,
            "upstream_redirect",
        ),
        (json(700, ""), 502, "upstream_nonsense"),
        (Upstream::Unreachable, 502, "upstream_unreachable"),
        (Upstream::TimesOut, 504, "upstream_timeout"),
    ] {
        let gateway = open("up.test").meets(upstream);
        let got = gateway.send(get("/proxy/up.test/a"));
        assert_eq!(got.refusal(), (status, code.to_owned()));
        assert_eq!(gateway.platform.sent.borrow().len(), 1);
    }
}

/// Two providers on one host, and one on another port.
const PROVIDERS: &str = r#"{"providers": {
    "a": {"kind": "openai", "endpoint": "https://up.test:443/a/v1", "key": "$KEY_A"},
    "b": {"kind": "openai", "endpoint": "https://up.test/b/v1", "key": "$KEY_B"},
    "c": {"kind": "openai", "endpoint": "http://up.test/a/v1", "key": "$KEY_C"},
    "d": {"kind": "azure", "endpoint": "https://r.up.test", "key": "$KEY_D"}
}, "default": "a"}"#;

/// What is asked -> the credential that goes along where clients have keys of ours.
#[test]
fn no_key_of_ours_goes_to_a_host_it_is_not_for() {
    for (asked, credential) in [
        (
            "https://up.test/a/v1/chat/completions",
            Some("Bearer key-a"),
        ),
        ("https://up.test/b/v1/files?x=1", Some("Bearer key-b")),
        ("http://up.test/a/v1/x", Some("Bearer key-c")),
        ("https://up.test/a/v1", None),
        ("https://up.test/a/v10/x", None),
        ("https://up.test/admin", None),
        ("https://up.test//a/v1/x", None),
        ("https://up.test/a/v1//x", None),
        ("https://up.test:8443/a/v1/x", None),
        (
            "https://r.up.test/openai/deployments/d/chat/completions",
            None,
        ),
        ("https://other.test/a/v1/x", None),
    ] {
        let gateway = gateway([
            ("GATEWAY", PROVIDERS),
            ("KEY_A", "key-a"),
            ("KEY_B", "key-b"),
            ("KEY_C", "key-c"),
            ("KEY_D", "key-d"),
            ("PROXY_API_KEYS", "client-key"),
            (
                "FORWARD_ALLOWED_HOSTS",
                "http://up.test,*.up.test,up.test:8443,other.test",
            ),
        ])
        .meets(json(200, "{}"));
        let request = post(&format!("/proxy/{asked}"), HELLO)
            .header("api-key", "client-key")
            .header("openai-organization", "theirs");
        assert_eq!(gateway.send(request).status(), 200);
        let sent = gateway.sent();
        // The provider's address as it is written.
        assert_eq!(sent.url.replace(":443/", "/"), asked);
        assert_eq!(sent.body, HELLO);
        assert_eq!(sent.headers.get("authorization"), credential, "{asked}");
        assert!(!sent.headers.as_packed().contains("client-key"));
        for name in ["api-key", "openai-organization"] {
            assert_eq!(sent.headers.get(name), None);
        }
    }
}

#[test]
fn settings_that_cannot_be_read_let_nothing_out() {
    for broken in [
        ("GATEWAY", r#"{"clients": {"a": {"key": "client-key"}}"#),
        ("GATEWAY", "kv"),
        ("AZURE_OPENAI_PROXY_MODE", "nonsense"),
    ] {
        let gateway = gateway([broken, ALLOWED]);
        let got = gateway.send(get("/proxy/up.test/x"));
        assert_eq!(got.refusal(), (500, "configuration_error".to_owned()));
        assert!(gateway.asked_nobody());
    }
}

#[test]
fn only_keys_without_limits_to_models_are_let_anywhere() {
    let limited = || {
        gateway([
            ("OPENAI_API_KEY", "ours"),
            ("PROXY_API_KEYS", "a:client-key:m,b:free"),
            ALLOWED,
        ])
    };
    let code = |got: crate::fake::Got| got.refusal();
    let elsewhere = post("/proxy/up.test/v1/chat/completions", HELLO);
    assert_eq!(
        code(limited().send(elsewhere)),
        (403, "model_not_allowed".to_owned())
    );
    let routed = post("/proxy/api.openai.com/v1/chat/completions", HELLO);
    assert_eq!(limited().meets(json(200, "{}")).send(routed).status(), 200);
    let other = post(
        "/proxy/api.openai.com/v1/chat/completions",
        r#"{"model":"n"}"#,
    );
    assert_eq!(
        code(limited().send(other)),
        (403, "model_not_allowed".to_owned())
    );
    let relayed = get("/proxy/api.openai.com/v1/files");
    assert_eq!(
        code(limited().send(relayed)),
        (403, "model_not_allowed".to_owned())
    );

    let explained = ask("GET", "/proxy/up.test/x")
        .key("free")
        .header("x-isthmus-explain", "1");
    let gateway = limited();
    assert_eq!(
        code(gateway.send(explained)),
        (400, "invalid_header".to_owned())
    );
    assert!(gateway.asked_nobody());

    let closed = gateway_of([("OPENAI_API_KEY", "ours"), ALLOWED]);
    let got = closed.send(get("/proxy/up.test/x"));
    assert_eq!(got.refusal(), (403, "gateway_closed".to_owned()));
    let bare = open("up.test").send(ask("GET", "/proxy/up.test/x"));
    assert_eq!(bare.refusal(), (401, "missing_api_key".to_owned()));
}

#[test]
fn a_clients_share_of_requests_counts_there_too() {
    let document = r#"{"clients": {"a": {"key": "$A", "rpm": 1}}}"#;
    let gateway = gateway([("GATEWAY", document), ("A", "client-key"), ALLOWED]);
    gateway.script(json(200, "{}"));
    assert_eq!(gateway.send(get("/proxy/up.test/x")).status(), 200);
    assert_eq!(gateway.send(get("/proxy/up.test/x")).status(), 429);
}

#[test]
fn nothing_secret_of_an_address_is_written_down() {
    for asked in [
        "https%3A%2F%2Fup.test%2Fx%3Fkey%3Dsecret",
        "https://user:secret@up.test/x",
        "https%3A%2F%2Fuser%3Asecret%40up.test%2Fx",
    ] {
        let gateway = open("up.test").meets(json(200, "{}"));
        let got = gateway.send(get(&format!("/proxy/{asked}")));
        assert!(!gateway.line().to_string().contains("secret"), "{asked}");
        assert!(got.status() == 200 || !got.text().contains("secret"));
    }
}

#[test]
fn a_body_is_passed_on_unread() {
    let gateway = open("up.test").meets(json(200, "{}"));
    let large = vec![b' '; 1 << 16];
    let request = ask("POST", "/proxy/up.test/upload")
        .key("theirs")
        .header("content-type", "application/json")
        .header("content-length", "999999999999")
        .body(&large, 4096);
    assert_eq!(gateway.send(request).status(), 200);
    assert_eq!(gateway.sent().body.len(), large.len());
}
