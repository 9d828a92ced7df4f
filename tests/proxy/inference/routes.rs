//! Which requests are this API's, and which are OpenAI's, typed carelessly.

use isthmus::surface::{self, Arrival, Operation, Route, Surface};

use super::{CHAT, COMPLETION, gateway, post, refusal};
use crate::fake::{ask, headers_of, json};

const AGENT: (&str, &str) = (
    "user-agent",
    "azsdk-python-ai-inference/1.0.0b9 Python/3.12",
);
const BEHIND: (&str, &str) = (
    "user-agent",
    "my-app azsdk-js-ai-inference-rest/1.0.0-beta.6 core-rest-pipeline/1",
);
const DOTNET: (&str, &str) = ("user-agent", "azsdk-net-AI.Inference/1.0.0-beta.5");
const OTHER: (&str, &str) = ("user-agent", "azsdk-python-storage/1.0 openai-ai-inference");
const EXTRA: (&str, &str) = ("extra-parameters", "drop");
const UNKNOWN: (&str, &str) = ("unknown-parameters", "drop");
const NONE: (&str, &str) = ("accept", "*/*");

const VERSION: &str = "api-version=2024-05-01-preview";

fn wanted(method: &str, path: &str, query: &str, header: (&str, &str)) -> Option<surface::Wanted> {
    let headers = headers_of(&[header]);
    let route = surface::recognise(&Arrival {
        method,
        path,
        query,
        headers: &headers,
    });
    match route {
        Ok(Route::Call(wanted)) if wanted.surface == Surface::Inference => Some(wanted),
        _ => None,
    }
}

#[test]
fn paths_and_what_tells_beside_them() {
    for (method, path, query, header, ours) in [
        ("POST", "/models/chat/completions", "", NONE, true),
        ("POST", "//models/embeddings/", "", NONE, true),
        ("POST", "/models/images/embeddings", "", NONE, true),
        ("GET", "/models/info", "", NONE, true),
        ("POST", "/chat/completions", VERSION, NONE, true),
        ("POST", "/embeddings", VERSION, NONE, true),
        ("POST", "/images/embeddings", VERSION, NONE, true),
        ("GET", "/info", VERSION, NONE, true),
        ("POST", "/chat/completions", "", EXTRA, true),
        ("POST", "/chat/completions", "", UNKNOWN, true),
        ("POST", "/chat/completions", "", AGENT, true),
        ("POST", "/chat/completions", "", BEHIND, true),
        ("POST", "/chat/completions", "", DOTNET, true),
        (
            "POST",
            "/openai/deployments/d/chat/completions",
            VERSION,
            AGENT,
            true,
        ),
        ("POST", "/deployments/d/embeddings", "", AGENT, true),
        ("POST", "/chat/completions", "", NONE, false),
        ("POST", "/chat/completions", "api-version=", NONE, false),
        ("POST", "/chat/completions", "x=api-version", NONE, false),
        ("POST", "/chat/completions", "", OTHER, false),
        ("POST", "/embeddings", "", NONE, false),
        ("GET", "/info", "", NONE, false),
        ("POST", "/v1/chat/completions", VERSION, AGENT, false),
        ("POST", "/v1/models/chat/completions", VERSION, AGENT, false),
        (
            "POST",
            "/openai/deployments/d/chat/completions",
            VERSION,
            NONE,
            false,
        ),
        (
            "POST",
            "/openai/deployments/d/images/generations",
            VERSION,
            AGENT,
            false,
        ),
        ("POST", "/openai/v1/chat/completions", VERSION, AGENT, false),
        ("POST", "/completions", VERSION, AGENT, false),
        ("GET", "/models", VERSION, AGENT, false),
        ("GET", "/models/gpt-4o", VERSION, AGENT, false),
    ] {
        let is_ours = wanted(method, path, query, header).is_some();
        assert_eq!(is_ours, ours, "{method} {path} {query} {header:?}");
    }
}

#[test]
fn what_is_wanted() {
    let of = |path, query, header| wanted("POST", path, query, header).unwrap();
    let chat = of(
        "/models/chat/completions",
        "api-version=2025%2D04-01&x=y",
        NONE,
    );
    assert_eq!(
        (chat.operation, chat.path.as_str()),
        (Operation::Chat, "chat/completions")
    );
    assert_eq!(
        (chat.model, chat.version.as_deref()),
        (None, Some("2025-04-01"))
    );
    let classic = of("/openai/deployments/my%20d/embeddings", "", AGENT);
    assert_eq!(
        (classic.operation, classic.version),
        (Operation::Embeddings, None)
    );
    assert_eq!(classic.model.as_deref(), Some("my d"));
}

#[test]
fn the_wrong_method_is_told_the_right_one() {
    for (method, path, allow) in [("GET", CHAT, "POST"), ("POST", "/models/info", "GET, HEAD")] {
        let got = gateway(&[]).send(ask(method, path).key("client-key"));
        assert_eq!(got.header("allow"), Some(allow));
        assert_eq!(refusal(&got).0, 405, "{path}");
    }
}

/// Nothing of the query goes further, whichever the path.
#[test]
fn the_version_stays_here() {
    for path in [
        CHAT,
        "/chat/completions?api-version=x&model=y",
        "/models/chat/completions",
    ] {
        let gateway = gateway(&[]).meets(json(200, COMPLETION));
        let got = gateway.send(post(path, r#"{"model":"m","messages":[]}"#));
        assert_eq!(got.text(), COMPLETION);
        assert_eq!(gateway.sent().url, "https://up.test/v1/chat/completions");
        assert_eq!(gateway.line()["surface"], "inference");
    }
}

#[test]
fn a_path_that_climbs_is_refused_by_strict_owners_too() {
    for word in ["strict", "lenient"] {
        let gateway = gateway(&[("INFERENCE_API_VERSION", word)]);
        let asked = ask(
            "POST",
            "/openai/deployments/..%2Fx/chat/completions?api-version=2025-04-01",
        );
        let got = gateway.send(asked.header(AGENT.0, AGENT.1).key("client-key").json("{}"));
        assert_eq!(got.status(), 400);
        assert!(gateway.asked_nobody());
    }
}

#[test]
fn a_strict_owner_wants_a_version_that_is_known() {
    const MISSING: &str =
        "The api-version query parameter (?api-version=) is required for all requests.";
    const UNSUPPORTED: &str = "Unsupported api-version 'x'. The supported api-versions are '2024-05-01-preview, 2025-04-01'.";
    for (method, path, wanted) in [
        (
            "POST",
            "/chat/completions",
            Some(("MissingApiVersionParameter", MISSING)),
        ),
        (
            "POST",
            "/models/embeddings?api-version=",
            Some(("MissingApiVersionParameter", MISSING)),
        ),
        (
            "GET",
            "/info",
            Some(("MissingApiVersionParameter", MISSING)),
        ),
        (
            "GET",
            "/info?api-version=x",
            Some(("UnsupportedApiVersionValue", UNSUPPORTED)),
        ),
        ("POST", CHAT, None),
        ("POST", "/chat/completions?api-version=2025-04-01", None),
        ("POST", "/v1/chat/completions", None),
    ] {
        let gateway = gateway(&[("INFERENCE_API_VERSION", "strict")]).meets(json(200, COMPLETION));
        let asked = ask(method, path)
            .key("client-key")
            .json(r#"{"model":"m","messages":[]}"#);
        let got = gateway.send(asked);
        let Some((code, message)) = wanted else {
            assert_eq!(got.status(), 200, "{path}");
            continue;
        };
        let body = serde_json::json!({"error": {"code": code, "message": message}});
        assert_eq!((got.status(), got.json()), (400, body), "{path}");
        assert_eq!(got.header("x-ms-error-code"), Some(code));
        assert!(gateway.asked_nobody());
    }
}
