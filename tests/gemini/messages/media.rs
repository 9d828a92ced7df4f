//! Pictures, sounds and files.

use isthmus::gemini::chat::messages::remote;
use isthmus::gemini::media::Fetched;
use isthmus::json;
use serde_json::{Value, json};

use super::{GEMMA, Listener, NEW, OLD, assistant, text, turn, user};

const PNG: &str = "data:image/png;base64,AA==";
const FILE: &str = "https://generativelanguage.googleapis.com/v1beta/files/abc";
const WEB: &str = "https://h.example/a.webp?x=1";
const VIDEO: &str = "https://www.youtube.com/watch?v=1";

fn image(url: &str) -> Value {
    json!({"type": "image_url", "image_url": {"url": url}})
}

fn file(file: Value) -> Value {
    json!({"type": "file", "file": file})
}

fn sound(data: &str, format: &str) -> Value {
    json!({"type": "input_audio", "input_audio": {"data": data, "format": format}})
}

fn inline(mime: &str, data: &str) -> Value {
    json!({"inlineData": {"mimeType": mime, "data": data}})
}

fn at(mime: &str, uri: &str) -> Value {
    json!({"fileData": {"mimeType": mime, "fileUri": uri}})
}

fn somewhere(uri: &str) -> Value {
    json!({"fileData": {"fileUri": uri}})
}

/// What one part becomes; it has a text beside it.
fn shown(listener: &Listener, part: Value) -> Value {
    let parts = listener.parts(json!([{"type": "text", "text": "look"}, part]));
    assert_eq!(parts.as_array().unwrap().len(), 2, "{parts}");
    parts[1].clone()
}

#[test]
fn data_travels_in_the_request() {
    let pdf = "data:application/pdf;base64,JVBERi0=";
    for (part, expected) in [
        (image(PNG), inline("image/png", "AA==")),
        (image("data:;base64,_-8\n"), inline("image/jpeg", "/+8=")),
        (image("data:text/plain,a%20b"), inline("text/plain", "YSBi")),
        // Some clients write the address alone.
        (
            json!({"type": "image_url", "image_url": PNG}),
            inline("image/png", "AA=="),
        ),
        (sound("UklGRg==", "wav"), inline("audio/wav", "UklGRg==")),
        (sound("SUQz", "mp3"), inline("audio/mp3", "SUQz")),
        (sound("SUQz", "opus"), inline("audio/ogg", "SUQz")),
        (sound("SUQz", "pcm16"), inline("audio/pcm", "SUQz")),
        (
            sound("data:audio/flac;base64,SUQz", "wav"),
            inline("audio/flac", "SUQz"),
        ),
        (
            file(json!({"filename": "a.pdf", "file_data": pdf})),
            inline("application/pdf", "JVBERi0="),
        ),
        (
            file(json!({"file_data": "JVBERi0="})),
            inline("application/pdf", "JVBERi0="),
        ),
        (
            file(json!({"filename": "a.csv", "file_data": "YSxi"})),
            inline("text/csv", "YSxi"),
        ),
        (
            file(json!({"filename": "a.x", "file_data": "YSxi"})),
            inline("application/octet-stream", "YSxi"),
        ),
        (
            file(json!({"file_data": "YSxi", "format": "text/css"})),
            inline("text/css", "YSxi"),
        ),
    ] {
        for listener in [Listener::studio(OLD), Listener::vertex(NEW)] {
            assert_eq!(shown(&listener, part.clone()), expected, "{part}");
        }
    }
}

#[test]
fn addresses_are_for_those_who_can_open_them() {
    let (studio, vertex) = (Listener::studio(NEW), Listener::vertex(NEW));
    for (part, at_studio, at_vertex) in [
        (image(FILE), Some(somewhere(FILE)), None),
        (
            file(json!({"file_id": "files/abc"})),
            Some(somewhere(FILE)),
            None,
        ),
        (
            file(json!({"file_id": FILE, "format": "video/mp4"})),
            Some(at("video/mp4", FILE)),
            None,
        ),
        (
            image("gs://b/a.png"),
            None,
            Some(at("image/png", "gs://b/a.png")),
        ),
        (image("gs://b/a"), None, Some(at("image/jpeg", "gs://b/a"))),
        (
            file(json!({"file_id": "gs://b/a"})),
            None,
            Some(at("application/pdf", "gs://b/a")),
        ),
        (
            file(json!({"file_id": "gs://b/a", "filename": "a.mp4"})),
            None,
            Some(at("video/mp4", "gs://b/a")),
        ),
        (
            json!({"type": "image_url", "image_url": {"url": "gs://b/a.png", "mime_type": "image/heic"}}),
            None,
            Some(at("image/heic", "gs://b/a.png")),
        ),
        (
            image(VIDEO),
            Some(somewhere(VIDEO)),
            Some(at("video/mp4", VIDEO)),
        ),
        (
            image(WEB),
            Some(somewhere(WEB)),
            Some(at("image/webp", WEB)),
        ),
        (
            image("http://h.example/a"),
            Some(somewhere("http://h.example/a")),
            Some(at("image/jpeg", "http://h.example/a")),
        ),
    ] {
        for (listener, expected) in [(&studio, at_studio), (&vertex, at_vertex)] {
            match expected {
                Some(expected) => assert_eq!(shown(listener, part.clone()), expected, "{part}"),
                None => drop(listener.refuse(json!([user(json!([part]))]))),
            }
        }
    }
}

#[test]
fn what_was_fetched_is_sent_along() {
    for mut listener in [
        Listener::studio(GEMMA),
        Listener::studio(NEW),
        Listener::vertex(NEW),
    ] {
        listener.fetched = vec![Fetched {
            url: WEB.to_owned(),
            mime: "image/webp".to_owned(),
            data: "AA==".to_owned(),
        }];
        listener.options.fetch_media = true;
        assert_eq!(shown(&listener, image(WEB)), inline("image/webp", "AA=="));
        // The address tells what the store did not.
        listener.fetched[0].mime = "application/octet-stream".to_owned();
        assert_eq!(shown(&listener, image(WEB)), inline("image/webp", "AA=="));
    }
    let mut gemma = Listener::studio(GEMMA);
    gemma.options.fetch_media = true;
    for listener in [gemma, Listener::studio("gemini-2.0-flash")] {
        let error = listener.refuse(json!([user(json!([image(WEB)]))]));
        assert!(error.message.contains("data URL"), "{}", error.message);
    }
}

#[test]
fn what_has_to_be_fetched_is_listed_once() {
    let listed = |messages: &Value| {
        let text = messages.to_string();
        remote(json::Value::first(text.as_bytes()))
    };
    let messages = json!([
        user(json!("https://h.example/text")),
        user(json!([image(WEB), image(PNG), image("gs://b/a"), image(VIDEO), image(FILE), image(WEB)])),
        assistant(json!([{"type": "text", "text": WEB}])),
        {"role": "tool", "tool_call_id": "1", "content": [file(json!({"file_id": "http://h.example/b"}))]},
        {"role": "user", "content": [{"type": "image_url", "image_url": "https://h.example/\"c"}]},
        1,
    ]);
    assert_eq!(
        listed(&messages),
        [WEB, "http://h.example/b", "https://h.example/\"c"]
    );
    let many: Value = (0..40)
        .map(|it| image(&format!("https://h.example/{it}")))
        .collect();
    assert_eq!(listed(&json!([user(many)])).len(), 16);
}

#[test]
fn media_has_a_text_beside_it() {
    for listener in [Listener::studio(OLD), Listener::vertex(NEW)] {
        let picture = inline("image/png", "AA==");
        assert_eq!(
            listener.parts(json!([image(PNG)])),
            json!([picture, text(" ")])
        );
        let contents = listener.contents(json!([user(json!([image(PNG)])), user(json!("a"))]));
        assert_eq!(contents, json!([turn("user", json!([picture, text("a")]))]));
    }
    let told = Listener::studio(GEMMA)
        .contents(json!([{"role": "system", "content": "s"}, user(json!([image(PNG)]))]));
    assert_eq!(
        told[0]["parts"],
        json!([text("s\n\n"), inline("image/png", "AA==")])
    );
}

#[test]
fn only_gemini_3_looks_less_closely_at_one_picture() {
    let part =
        |detail: &str| json!({"type": "image_url", "image_url": {"url": PNG, "detail": detail}});
    let mut low = inline("image/png", "AA==");
    low["mediaResolution"] = json!({"level": "MEDIA_RESOLUTION_LOW"});
    assert_eq!(shown(&Listener::studio(NEW), part("low")), low);
    assert_eq!(
        shown(&Listener::studio(NEW), part("high")),
        inline("image/png", "AA==")
    );
    assert_eq!(
        shown(&Listener::studio(OLD), part("low")),
        inline("image/png", "AA==")
    );
}

#[test]
fn pictures_of_the_assistant_are_its_own() {
    let contents = Listener::studio(OLD).contents(json!([
        user(json!("draw")),
        {"role": "assistant", "content": "Here:", "images": [{"type": "image_url", "index": 0, "image_url": {"url": PNG}}]},
        {"role": "assistant", "content": null, "images": [{"image_url": {"url": PNG}}]},
        user(json!("more")),
    ]));
    let picture = inline("image/png", "AA==");
    assert_eq!(
        contents[1],
        turn("model", json!([text("Here:"), picture, picture]))
    );
}

#[test]
fn what_shows_nothing_is_refused() {
    for part in [
        json!({"type": "image_url"}),
        json!({"type": "image_url", "image_url": {}}),
        image(""),
        image("ftp://h.example/a"),
        image("AA=="),
        image("data:image/png;base64,a.b"),
        image("data:image/png;base64,"),
        image("data:,"),
        image("data:image/png;base64"),
        json!({"type": "input_audio", "input_audio": {"data": "AA=="}}),
        json!({"type": "input_audio", "input_audio": {"format": "wav"}}),
        sound("AA==", "a/b"),
        sound("a.b", "wav"),
        file(json!({})),
        file(json!({"file_id": "file-abc"})),
        file(json!({"file_data": "a.b"})),
        json!({"type": "video_url", "video_url": {"url": PNG}}),
    ] {
        let error = Listener::studio(NEW).refuse(json!([user(json!([part]))]));
        assert!(
            error.message.starts_with("messages[0].content[0]"),
            "{part}: {}",
            error.message
        );
    }
}
