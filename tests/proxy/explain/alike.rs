//! What an explanation says is what is sent: for each kind of provider, the same call explained and sent for real.

use isthmus::json::apply;
use isthmus::platform::Edit;
use serde_json::{Value, json};

use super::{CLIENT, SECRET, ask_with_key, explained, form, secret};
use crate::fake::{Ask, Gateway, Sent, gateway_of, json as answers};

const HELLO: &str = r#"{ "model": "gpt-4o", "messages":[{"role":"system","content":"x"},{"role":"user","content":"hi"}], "max_tokens": 5}"#;
const STREAM: &str =
    r#"{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"hi"}]}"#;
const THREE: &str =
    r#"{"model":"gemini-3.8-flash","n":3,"messages":[{"role":"user","content":"hi"}]}"#;
const PROMPTS: &str = r#"{"model":"gemini-3.8-flash","prompt":["a","b"]}"#;
const INPUT: &str = r#"{"model":"gpt-4o","input":"hi"}"#;
const BATCH: &str = r#"{"input_file_id":"f","endpoint":"/v1/chat/completions"}"#;
const JSON: &str = "application/json";
const FORM: &str = "multipart/form-data; boundary=BB";
/// An answer to every dialect, and a token.
const ANSWER: &str = r#"{"content":[],"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}],"access_token":"tops3cret-token","expires_in":3599}"#;

/// A gateway by its document, or by flat settings.
enum Set {
    Flat(&'static [(&'static str, &'static str)]),
    It(Value),
}

fn gateway(set: &Set) -> Gateway {
    let account = json!({
        "type": "service_account", "project_id": "p", "private_key_id": "1",
        "client_email": "me@p.iam.gserviceaccount.com", "token_uri": "https://oauth2.test/token",
        "private_key": "-----BEGIN PRIVATE KEY-----\nMAo=\n-----END PRIVATE KEY-----\n",
    });
    let user = json!({
        "type": "authorized_user", "client_id": "id", "client_secret": secret("app"),
        "refresh_token": secret("refresh"), "quota_project_id": "billed",
        "token_uri": "https://oauth2.test/token",
    });
    let mut settings = vec![
        ("PROXY_API_KEYS", format!("alice:{CLIENT}")),
        ("KEY", secret("key")),
        ("KEYS", [secret("1"), secret("2"), secret("3")].join(",")),
        ("EXTRA", secret("extra")),
        ("ACCOUNT", account.to_string()),
        ("USER", user.to_string()),
    ];
    match set {
        Set::Flat(more) => settings.extend(
            more.iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        ),
        Set::It(options) => {
            let document = json!({"providers": {"it": options}});
            settings.push(("GATEWAY", document.to_string()));
        }
    }
    gateway_of(settings)
}

/// Each kind of provider in each of its forms.
fn kinds() -> Vec<(&'static str, Set)> {
    let azure = "https://r.openai.azure.com";
    let it = Set::It;
    vec![
        (
            "openai",
            it(json!({"kind": "openai", "endpoint": "https://up.test/v1", "key": "$KEY"})),
        ),
        (
            "openai with headers",
            it(
                json!({"kind": "openai", "endpoint": "https://up.test/v1", "headers": {"X-Own": "$EXTRA"}}),
            ),
        ),
        (
            "classic",
            it(json!({"kind": "azure", "endpoint": azure, "key": "$KEY"})),
        ),
        (
            "v1",
            it(
                json!({"kind": "azure", "form": "v1", "endpoint": azure, "key": "$KEY", "deployments": {"gpt-4o": "prod"}}),
            ),
        ),
        (
            "pinned",
            it(
                json!({"kind": "azure", "endpoint": format!("{azure}/openai/deployments/one/chat/completions?api-version=2025-01-01-preview"), "key": "$KEY"}),
            ),
        ),
        (
            "foundry",
            it(
                json!({"kind": "foundry", "endpoint": "https://r.services.ai.azure.com", "key": "$KEY"}),
            ),
        ),
        (
            "anthropic",
            it(
                json!({"kind": "foundry", "form": "anthropic", "endpoint": "https://r.services.ai.azure.com", "key": "$KEY"}),
            ),
        ),
        (
            "serverless",
            Set::Flat(&[
                (
                    "AZURE_AI_STUDIO_DEPLOYMENTS",
                    "gpt-4o=Mistral-large-x:eastus2",
                ),
                ("AZURE_OPENAI_KEY_GPT_4O", "tops3cret-serverless"),
            ]),
        ),
        (
            "entra",
            Set::Flat(&[
                ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"),
                ("AZURE_TENANT_ID", "T"),
                ("AZURE_CLIENT_ID", "C"),
                ("AZURE_CLIENT_SECRET", "tops3cret-application"),
            ]),
        ),
        (
            "limited",
            Set::Flat(&[
                ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"),
                ("AZURE_OPENAI_API_KEY", "tops3cret-key"),
                ("TOKEN_RATE_LIMIT", "1000000"),
            ]),
        ),
        ("google", it(json!({"kind": "google", "key": "$KEY"}))),
        (
            "google's keys",
            it(json!({"kind": "google", "key": "$KEYS"})),
        ),
        (
            "google's OpenAI",
            it(json!({"kind": "google", "key": "$KEY", "dialect": "openai"})),
        ),
        (
            "vertex",
            it(json!({"kind": "vertex", "credentials": "$ACCOUNT", "location": "eu"})),
        ),
        (
            "vertex for a user",
            it(json!({"kind": "vertex", "credentials": "$USER", "project": "p"})),
        ),
        (
            "vertex express",
            it(json!({"kind": "vertex", "key": "$KEY"})),
        ),
        (
            "vertex in OpenAI's",
            it(json!({"kind": "vertex", "credentials": "$ACCOUNT", "dialect": "openai"})),
        ),
    ]
}

struct Call {
    method: &'static str,
    path: &'static str,
    content_type: &'static str,
    body: String,
    headers: &'static [(&'static str, &'static str)],
}

impl Call {
    fn ask(&self) -> Ask {
        let ask = ask_with_key(self.method, self.path)
            .header("user-agent", "test/1")
            .header("openai-beta", "b=1")
            .header("cookie", "c");
        let ask = self
            .headers
            .iter()
            .fold(ask, |ask, (name, value)| ask.header(name, value));
        if self.body.is_empty() {
            return ask;
        }
        ask.header("content-type", self.content_type)
            .body(self.body.as_bytes(), 16)
    }
}

fn calls() -> Vec<Call> {
    let usual = |path, body: &str| Call {
        method: "POST",
        path,
        content_type: JSON,
        body: body.to_owned(),
        headers: &[],
    };
    let uploaded = |path, body: String| Call {
        content_type: FORM,
        ..usual(path, &body)
    };
    let bare = |method, path, headers| Call {
        method,
        path,
        headers,
        ..usual("", "")
    };
    let file = ("file\"; filename=\"a.mp3", "sound");
    let lines = r#"{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o"}}"#;
    vec![
        usual("/v1/chat/completions?a=b%20c", HELLO),
        usual("/v1/chat/completions", STREAM),
        usual("/v1/chat/completions", THREE),
        usual("/v1/completions", PROMPTS),
        usual("/v1/embeddings", INPUT),
        usual("/v1/responses", INPUT),
        usual("/v1/batches", BATCH),
        uploaded(
            "/v1/audio/transcriptions",
            form(&[("model", "gpt-4o"), file]),
        ),
        uploaded(
            "/v1/audio/transcriptions",
            form(&[file, ("model", "gpt-4o")]),
        ),
        uploaded(
            "/v1/images/edits",
            form(&[
                ("prompt", "a cat"),
                ("model", "gpt-4o"),
                ("image\"; filename=\"a.png", "png"),
            ]),
        ),
        uploaded(
            "/v1/files",
            form(&[("purpose", "batch"), ("file\"; filename=\"a.jsonl", lines)]),
        ),
        bare("GET", "/v1/files/f?limit=2", &[]),
        bare("DELETE", "/v1/responses/r", &[]),
        bare(
            "GET",
            "/v1/realtime?model=gpt-4o",
            &[
                ("upgrade", "websocket"),
                ("sec-websocket-protocol", "realtime"),
            ],
        ),
    ]
}

#[test]
fn the_explanation_is_what_is_sent() {
    let (mut sent_at_all, mut refused) = (0, 0);
    for (kind, set) in kinds() {
        for call in calls() {
            let case = format!("{kind}: {} {}", call.method, call.path);
            let gateway = gateway(&set);
            assert!(
                gateway.config.warnings.is_empty(),
                "{kind}: {:?}",
                gateway.config.warnings
            );
            let explanation = explained(&gateway, call.ask());
            assert_eq!(explanation, explained(&gateway, call.ask()), "{case}");
            let told = &explanation["targets"][0];
            for _ in 0..9 {
                gateway.script(answers(200, ANSWER));
            }
            let got = gateway.send(call.ask());
            if let Some(problem) = told["problem"].as_str() {
                assert!(gateway.asked_nobody(), "{case}");
                let (_, code) = got.refusal();
                assert_eq!(problem, format!("{code}: {}", got.message()), "{case}");
                refused += 1;
                continue;
            }
            let mut sent = gateway.platform.sent.take();
            sent.retain(|it| !it.url.contains("/token"));
            let requests = told["requests"].as_array().unwrap();
            assert_eq!(requests.len(), sent.len(), "{case}: {explanation}");
            for (request, sent) in requests.iter().zip(&sent) {
                assert_eq!(request["method"], sent.method, "{case}");
                assert_eq!(request["url"], sent.url, "{case}");
                compare_bodies(request, &call.body, sent, &case);
                compare_headers(request, sent, &case);
            }
            sent_at_all += 1;
        }
    }
    assert!(
        sent_at_all > 120 && refused > 20,
        "{sent_at_all}, {refused}"
    );
}

fn compare_bodies(request: &Value, client: &str, sent: &Sent, case: &str) {
    if let Some(body) = request.get("body") {
        let sent: Value = serde_json::from_str(&sent.body).unwrap();
        assert_eq!(*body, sent, "{case}");
        return;
    }
    let changes = request["changes"].as_array().unwrap();
    let edits = changes.iter().map(|change| {
        let at = |end: usize| change["at"][end].as_u64().unwrap();
        let range = usize::try_from(at(0)).unwrap()..usize::try_from(at(1)).unwrap();
        assert_eq!(change["from"], client[range], "{case}");
        Edit {
            range: at(0)..at(1),
            text: change["to"].as_str().unwrap().to_owned(),
        }
    });
    let edits: Vec<Edit> = edits.collect();
    let body = apply(client.as_bytes(), &edits);
    assert_eq!(String::from_utf8(body).unwrap(), sent.body, "{case}");
}

/// The same names; the same values but for credentials, which are masked, and they alone.
fn compare_headers(request: &Value, sent: &Sent, case: &str) {
    let shown = request["headers"].as_object().unwrap();
    assert_eq!(
        shown.len(),
        sent.headers.iter().count(),
        "{case}: {shown:?}"
    );
    for (name, value) in sent.headers.iter() {
        let shown = shown[name]
            .as_str()
            .unwrap_or_else(|| panic!("{case}: {name}"));
        if value.contains(SECRET) {
            let scheme = if value.starts_with("Bearer ") {
                "Bearer <"
            } else {
                "<"
            };
            assert!(
                shown.starts_with(scheme) && shown.ends_with('>'),
                "{case}: {name}: {shown}"
            );
        } else {
            assert_eq!(shown, value, "{case}: {name}");
        }
        assert_ne!(name, "x-isthmus-explain");
    }
}
