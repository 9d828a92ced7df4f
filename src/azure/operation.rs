//! Answers that are not there yet: the images of 2023's preview versions come by asking again.

use crate::headers::Headers;
use crate::json::Value;

/// The state of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    Running,
    /// The answer, as OpenAI has it.
    Succeeded(Vec<u8>),
    /// An error object, in a body of its own.
    Failed(Vec<u8>),
}

/// Where to ask again. Only at the very server that was asked: the credential goes along.
pub fn location<'a>(asked: &str, headers: &'a Headers) -> Option<&'a str> {
    let location = headers.get("operation-location")?;
    (origin(location)? == origin(asked)?).then_some(location)
}

fn origin(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    url.get(..scheme.len() + 3 + end)
}

/// How long the upstream wants to be left alone.
pub fn pause_millis(headers: &Headers) -> u32 {
    let secs = headers.get("retry-after").and_then(|it| it.parse().ok());
    secs.unwrap_or(1_u32).clamp(1, 10) * 1000
}

/// Reads the answer to asking again. What is not understood is an answer like any other.
pub fn read(body: &[u8]) -> Operation {
    let Some(whole) = Value::first(body) else {
        return Operation::Succeeded(body.to_vec());
    };
    let status = whole.get("status").and_then(Value::as_str);
    match status.as_deref().unwrap_or_default() {
        "notRunning" | "running" => Operation::Running,
        "failed" | "canceled" | "cancelled" | "deleted" => Operation::Failed(body.to_vec()),
        _ => {
            let result = whole.get("result").filter(|it| it.is_object());
            Operation::Succeeded(result.map_or(body, Value::raw).to_vec())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Operation, location, pause_millis, read};
    use crate::headers::Headers;

    fn headers(name: &str, value: &str) -> Headers {
        let mut headers = Headers::default();
        headers.push(name, value);
        headers
    }

    #[test]
    fn only_the_server_that_was_asked_is_asked_again() {
        let asked = "https://r.openai.azure.com/openai/images/generations:submit?api-version=x";
        let at = |url| location(asked, &headers("operation-location", url)).is_some();
        assert!(at(
            "https://r.openai.azure.com/openai/operations/images/1?api-version=x"
        ));
        for elsewhere in [
            "https://evil.test/r.openai.azure.com/",
            "https://r.openai.azure.com.evil.test/x",
            "https://r.openai.azure.com@evil.test/x",
            "http://r.openai.azure.com/x",
            "https://r.openai.azure.com:8443/x",
            "/openai/operations/images/1",
        ] {
            assert!(!at(elsewhere), "{elsewhere}");
        }
        assert_eq!(location(asked, &Headers::default()), None);
    }

    #[test]
    fn states_are_read() {
        assert_eq!(
            read(br#"{"id":"1","status":"notRunning"}"#),
            Operation::Running
        );
        let done = br#"{"status":"succeeded","result":{"created":1,"data":[]}}"#;
        let result = br#"{"created":1,"data":[]}"#;
        assert_eq!(read(done), Operation::Succeeded(result.to_vec()));
        let failed = br#"{"status":"failed","error":{"code":"contentFilter","message":"m"}}"#;
        assert_eq!(read(failed), Operation::Failed(failed.to_vec()));
        assert_eq!(read(b"<html>"), Operation::Succeeded(b"<html>".to_vec()));
    }

    #[test]
    fn pauses_are_bounded() {
        assert_eq!(pause_millis(&headers("retry-after", "3")), 3000);
        assert_eq!(pause_millis(&headers("retry-after", "86400")), 10_000);
        assert_eq!(pause_millis(&Headers::default()), 1000);
    }
}
