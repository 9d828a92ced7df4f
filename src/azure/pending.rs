//! Answers that are not there yet: the images of 2023's preview versions come by asking again.

use crate::headers::Headers;
use crate::json::Value;
use crate::origin;

/// Where to ask again. Only at the very server that was asked: the credential goes along.
pub fn location<'a>(asked: &str, headers: &'a Headers) -> Option<&'a str> {
    let location = headers.get("operation-location")?;
    origin::is_shared(asked, location).then_some(location)
}

/// How long the upstream wants to be left alone.
pub fn pause_millis(headers: &Headers) -> u32 {
    let secs = headers.get("retry-after").and_then(|it| it.parse().ok());
    secs.unwrap_or(1_u32).clamp(1, 10) * 1000
}

/// Whether the answer to asking again is that there is none yet. Any other is `answer`'s to read.
pub fn is_running(body: &[u8]) -> bool {
    let status = Value::first(body).and_then(|whole| whole.get("status"));
    status.is_some_and(|it| it.is("notRunning") || it.is("running"))
}

#[cfg(test)]
mod tests {
    use super::{is_running, location, pause_millis};
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
        assert!(is_running(br#"{"id":"1","status":"notRunning"}"#));
        assert!(is_running(br#"{"id":"1","status":"running"}"#));
        assert!(!is_running(
            br#"{"status":"succeeded","result":{"data":[]}}"#
        ));
        assert!(!is_running(br#"{"status":"failed","error":{"code":"c"}}"#));
        assert!(!is_running(b"<html>"));
    }

    #[test]
    fn pauses_are_bounded() {
        assert_eq!(pause_millis(&headers("retry-after", "3")), 3000);
        assert_eq!(pause_millis(&headers("retry-after", "86400")), 10_000);
        assert_eq!(pause_millis(&Headers::default()), 1000);
    }
}
