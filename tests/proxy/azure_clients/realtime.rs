//! Realtime sessions, as Azure's clients ask for them.

use super::{AT, UP, behind, call};
use crate::fake::{ask, json};

/// The model is the `deployment` of the query, or as OpenAI has it.
#[test]
fn a_websocket_names_its_deployment_in_the_query() {
    for (typed, asked) in [
        (
            "/openai/realtime?api-version=2024-10-01-preview&deployment=prod&intent=x",
            format!("{UP}/realtime?model=gpt-4o&intent=x"),
        ),
        (
            "/openai/realtime?deployment=prod&model=other&Deployment=third",
            format!("{UP}/realtime?model=gpt-4o"),
        ),
        (
            "/openai/realtime?api-version=2025-04-01-preview&model=prod",
            format!("{UP}/realtime?model=gpt-4o"),
        ),
        (
            "/openai/deployments/prod/realtime?api-version=2025-04-01-preview",
            format!("{UP}/realtime?model=gpt-4o"),
        ),
        (
            "/openai/v1/realtime?model=prod",
            format!("{UP}/realtime?model=gpt-4o"),
        ),
        (
            "/openai/realtime?deployment=a%26b%2Bc",
            format!("{UP}/realtime?model=a%26b%2Bc"),
        ),
        (
            "/openai/realtime?api-version=2025-04-01-preview&deployment=east",
            format!("{AT}/openai/realtime?api-version=2025-04-01-preview&deployment=east-4o"),
        ),
        (
            "/openai/realtime?api-version=2024-10-21&deployment=east",
            format!("{AT}/openai/realtime?api-version=2025-04-01-preview&deployment=east-4o"),
        ),
        (
            "/openai/v1/realtime?model=east",
            format!("{AT}/openai/realtime?api-version=2025-04-01-preview&deployment=east-4o"),
        ),
    ] {
        let gateway = behind().meets(json(101, ""));
        let got = gateway.send(call("GET", typed).header("upgrade", "websocket"));
        assert_eq!(got.status(), 101, "{typed}: {}", got.text());
        assert_eq!(gateway.sent().url, asked, "{typed}");
    }
}

/// A page cannot set headers: its key is in the query, and stays behind.
#[test]
fn a_websockets_key_may_be_in_its_query() {
    for place in [
        "/openai/realtime?deployment=prod",
        "/openai/v1/realtime?model=prod",
        "/v1/realtime?model=prod",
    ] {
        for (key, status) in [("client-key", 101), ("stranger", 401)] {
            let gateway = behind().meets(json(101, ""));
            let path = format!("{place}&api%2Dkey={key}");
            let got = gateway.send(ask("GET", &path).header("upgrade", "websocket"));
            assert_eq!(got.status(), status, "{path}");
            if status == 101 {
                assert_eq!(gateway.sent().url, format!("{UP}/realtime?model=gpt-4o"));
            }
        }
    }
    let gateway = behind();
    let got = gateway.send(ask("GET", "/openai/files?api-key=client-key"));
    assert_eq!(got.status(), 401);
}
