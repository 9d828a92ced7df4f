//! What that project's users send, and what has to come of it, in one table.

use crate::fake::{Sent, Upstream, json, post};

use super::{OPENAI, file};

const AZURE: &str = r#"{"azure": {"api_key_variable": "OPENAI_API_TOKEN",
  "target_base_url": "https://r.openai.azure.com/openai/deployments/D",
  "models": {"d": {"endpoints": [{"path": "v1/chat/completions", "target_model_name": "gpt-4o"}]}}}}"#;
const LAB: &str = r#"{"lab": {"target_base_url": "http://gpu.test",
  "models": {"flux": {"endpoints": [{"path": "v1/images/generations", "target_model_name": "f"}]}}}}"#;

struct Row {
    file: &'static str,
    path: &'static str,
    model: &'static str,
    upstream: Option<Upstream>,
    /// URL, model, header and key as the upstream sees them.
    sent: Option<[&'static str; 4]>,
    status: u16,
    /// A part of the answer.
    answer: &'static str,
    retry_after: Option<&'static str>,
}

fn rows() -> [Row; 5] {
    let limited = Upstream::Answers(
        429,
        vec![("content-type", "application/json"), ("retry-after", "7")],
        r#"{"error":{"message":"slow","type":"x","param":null,"code":"rate_limit_exceeded"}}"#,
    );
    [
        Row {
            file: OPENAI,
            path: "/v1/chat/completions",
            model: "openai-gpt-4o",
            upstream: Some(json(200, "{}")),
            sent: Some([
                "https://api.openai.com/v1/chat/completions",
                r#""model":"gpt-4o""#,
                "authorization",
                "Bearer openai-token",
            ]),
            status: 200,
            answer: "{}",
            retry_after: None,
        },
        Row {
            file: OPENAI,
            path: "/v1/embeddings",
            model: "openai-gpt-4o",
            upstream: None,
            sent: None,
            status: 404,
            answer: "API path v1/embeddings not supported",
            retry_after: None,
        },
        Row {
            file: AZURE,
            path: "/v1/chat/completions",
            model: "d",
            upstream: Some(json(200, "{}")),
            sent: Some([
                "https://r.openai.azure.com/openai/deployments/D/chat/completions?api-version=2024-10-21",
                r#""messages":[]"#,
                "api-key",
                "openai-token",
            ]),
            status: 200,
            answer: "{",
            retry_after: None,
        },
        Row {
            file: OPENAI,
            path: "/v1/embeddings",
            model: "openai-text-embedding-3-small",
            upstream: Some(limited),
            sent: Some([
                "https://api.openai.com/v1/embeddings",
                r#""model":"text-embedding-3-small-1""#,
                "authorization",
                "Bearer openai-token",
            ]),
            status: 429,
            answer: "slow",
            retry_after: Some("7"),
        },
        Row {
            file: LAB,
            path: "/v1/images/generations",
            model: "flux",
            upstream: Some(json(
                200,
                r#"{"data":[{"url":"https://p/v1/images/data/12"}]}"#,
            )),
            sent: Some([
                "http://gpu.test/v1/images/generations",
                r#""model":"f""#,
                "content-type",
                "application/json",
            ]),
            status: 200,
            answer: r#"{"data":[{"url":"https://p/v1/images/data/flux/12"}]}"#,
            retry_after: None,
        },
    ]
}

#[test]
fn every_row_holds() {
    for row in rows() {
        let mut gateway = file(row.file, &[("BASE_URL", "https://p")]);
        if let Some(upstream) = row.upstream {
            gateway = gateway.meets(upstream);
        }
        let body = format!(r#"{{"model":"{}","messages":[]}}"#, row.model);
        let got = gateway.send(post(row.path, &body));
        assert_eq!(got.status(), row.status, "{}", got.text());
        assert!(got.text().contains(row.answer), "{}", got.text());
        assert_eq!(got.header("retry-after"), row.retry_after);
        let sent: Option<Sent> = gateway.platform.sent.borrow_mut().pop();
        assert_eq!(sent.is_some(), row.sent.is_some());
        if let (Some(sent), Some([url, part, header, value])) = (sent, row.sent) {
            assert_eq!(sent.url, url);
            assert!(sent.body.contains(part), "{}", sent.body);
            assert_eq!(sent.headers.get(header), Some(value));
        }
    }
}
