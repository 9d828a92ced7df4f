//! The parts of a message.

use serde_json::{Value, json};

use crate::{body, refusal, text};

fn blocks(content: &Value) -> Value {
    let request = json!({"messages": [{"role": "user", "content": content}]});
    body(&request)["messages"][0]["content"].clone()
}

#[test]
fn parts_become_blocks() {
    let image = |source: Value| json!([{"type": "image", "source": source}]);
    for (part, expected) in [
        (text("a"), json!([text("a")])),
        (
            json!({"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}),
            json!([{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}]),
        ),
        (
            json!({"type": "image_url", "image_url": {"url": "https://x.test/a.png", "detail": "low"}}),
            image(json!({"type": "url", "url": "https://x.test/a.png"})),
        ),
        (
            json!({"type": "image_url", "image_url": "https://x.test/a.png"}),
            image(json!({"type": "url", "url": "https://x.test/a.png"})),
        ),
        (
            json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}),
            image(json!({"type": "base64", "media_type": "image/png", "data": "iVBO"})),
        ),
        (
            json!({"type": "image_url", "image_url": {"url": "DATA:image/JPG;x=y;base64,/9j/"}}),
            image(json!({"type": "base64", "media_type": "image/jpeg", "data": "/9j/"})),
        ),
        (
            json!({"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"}}),
            json!([{
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBE"},
                "title": "a.pdf",
            }]),
        ),
        (
            json!({"type": "file", "file": {"file_data": "data:image/gif;base64,R0lG", "filename": "a.gif"}}),
            image(json!({"type": "base64", "media_type": "image/gif", "data": "R0lG"})),
        ),
        (
            json!({"type": "file", "file": {"file_data": "https://x.test/a.pdf"}}),
            json!([{"type": "document", "source": {"type": "url", "url": "https://x.test/a.pdf"}}]),
        ),
        (
            json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a"}}),
            json!([{"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a"}}]),
        ),
    ] {
        assert_eq!(blocks(&json!([part])), expected, "{part}");
    }
}

#[test]
fn a_hostile_url_stays_a_string() {
    let url = "data:image/png;base64,a\",\"x\":\"\\";
    let part = json!({"type": "image_url", "image_url": {"url": url}});
    assert_eq!(
        blocks(&json!([part]))[0]["source"]["data"],
        "a\",\"x\":\"\\"
    );
}

#[test]
fn what_says_nothing_is_dropped_and_what_is_said_is_not_trimmed() {
    for (content, expected) in [
        (json!(" a \n"), json!([text(" a \n")])),
        (
            json!([text(""), text("a"), text(" \n\t")]),
            json!([text("a")]),
        ),
        (json!([text("\u{a0}")]), json!(".")),
        (json!(""), json!(".")),
        (json!([]), json!(".")),
        (json!(null), json!(".")),
        (json!("\\"), json!([text("\\")])),
    ] {
        assert_eq!(blocks(&content), expected, "{content}");
    }
}

#[test]
fn what_claude_cannot_read_is_refused_with_its_place() {
    for (content, place) in [
        (
            json!([{"type": "input_audio", "input_audio": {"data": "a"}}]),
            "messages[0].content[0] is sound",
        ),
        (
            json!([text("a"), {"type": "video"}]),
            "messages[0].content[1].type",
        ),
        (json!([{"type": "image_url"}]), "messages[0].content[0]"),
        (
            json!([{"type": "image_url", "image_url": {"url": "ftp://x"}}]),
            "messages[0].content[0]",
        ),
        (
            json!([{"type": "image_url", "image_url": {"url": "data:image/png,raw"}}]),
            "messages[0].content[0]",
        ),
        (
            json!([{"type": "image_url", "image_url": {"url": "data:text/html;base64,a"}}]),
            "messages[0].content[0]",
        ),
        (
            json!([{"type": "file", "file": {"file_id": "file-1"}}]),
            "messages[0].content[0] needs 'file_data'",
        ),
        (json!(["a"]), "messages[0].content[0].type"),
        (json!(7), "messages[0].content"),
    ] {
        let error = refusal(&json!({"messages": [{"role": "user", "content": content}]}));
        assert_eq!(
            (error.status(), error.param),
            (400, Some("messages")),
            "{content}"
        );
        assert!(error.message.starts_with(place), "{}", error.message);
    }
}

#[test]
fn half_a_surrogate_pair_is_not_nothing() {
    let request = br#"{"messages":[{"role":"user","content":"\ud83d"}]}"#;
    let body = isthmus::anthropic::request::encode(request, "m")
        .unwrap()
        .body;
    assert!(
        String::from_utf8(body)
            .unwrap()
            .contains(r#""text":"\ud83d""#)
    );
}
