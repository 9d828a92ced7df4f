//! Paths that look like Azure's and are not.

use super::{HELLO, UP, behind, call, post};
use crate::fake::json;

/// Neither is Azure's: what OpenAI's and Google's own paths are, and what nobody serves.
#[test]
fn other_paths_stay_what_they_were() {
    for (path, asked) in [
        ("/v1/files/openai/content", "files/openai/content"),
        (
            "/threads/deployments/x/completions",
            "threads/deployments/x/completions",
        ),
        (
            "/v1/containers/c/openai/v1/files",
            "containers/c/openai/v1/files",
        ),
        (
            "/v1/some/deployments/d/completions",
            "some/deployments/d/completions",
        ),
    ] {
        let gateway = behind().meets(json(200, "{}"));
        gateway.send(post(path, r#"{"model":"prod"}"#));
        assert_eq!(gateway.sent().url, format!("{UP}/{asked}"));
        assert_eq!(gateway.line()["surface"], "openai");
    }
    for (method, path, status) in [
        ("POST", "/openai", 404),
        ("POST", "/openai/v1", 404),
        ("POST", "/openai/deployments", 405),
        ("POST", "/openai/deployments/d", 405),
        ("GET", "/openai/deployments/d/chat/completions", 405),
        ("POST", "/openai/deployments/d/nothing", 404),
        ("GET", "/PTU/deployments", 404),
        ("POST", "/x/deployments/d/nothing", 404),
        ("POST", "/openai/nothing/new", 404),
        ("POST", "/v1beta/openai/nothing", 404),
        ("POST", "/openai/deployments/%2e%2e/chat/completions", 400),
        (
            "POST",
            "/openai/deployments/..%2f..%2fadmin/chat/completions",
            400,
        ),
        ("POST", "/openai/deployments/a%00b/chat/completions", 400),
        ("POST", "/openai/deployments/a%0ab/chat/completions", 400),
    ] {
        let gateway = behind();
        assert_eq!(
            gateway.send(call(method, path).json(HELLO)).status(),
            status,
            "{method} {path}"
        );
        assert!(gateway.asked_nobody());
    }
}

/// As long as a URL may be, and every place in it a possible one.
#[test]
fn a_long_path_takes_no_time() {
    for (piece, end) in [
        ("/openai/deployments", "/nothing"),
        ("/deployments/d", "/x"),
        ("/openai", "/x%2F"),
    ] {
        let gateway = behind();
        let path = piece.repeat(16_384 / piece.len()) + end;
        assert_eq!(gateway.send(post(&path, HELLO)).status(), 404, "{piece}");
    }
}
