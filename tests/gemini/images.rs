//! Images and edits.

use isthmus::error::Error;
use isthmus::gemini::{Expects, images};
use isthmus::surface::Operation;
use serde_json::{Value, json};

use crate::operation::{Asking, BLOCKED, Part, answered, candidate, field, said, sent};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn asking() -> Asking {
    Asking::new(Operation::ImageGeneration, "gemini-3.1-flash-image")
}

fn edit() -> Asking {
    Asking::new(Operation::ImageEdit, "gemini-3.1-flash-image")
}

fn picture(name: &str) -> Part<'_> {
    (name, Some("a.png"), Some("image/png"), PNG)
}

#[test]
fn a_prompt_becomes_a_turn() {
    let request = json!({
        "model": "m", "prompt": "cat", "size": "1536x1024", "n": 1, "response_format": "b64_json",
        "background": "opaque", "moderation": "low", "style": "vivid", "output_compression": 50,
        "stream": false, "partial_images": 0, "user": "u",
    });
    let body = json!({
        "contents": [{"role": "user", "parts": [{"text": "cat"}]}],
        "generationConfig": {"responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": "3:2"}},
    });
    assert_eq!(asking().sent(&request), [(":generateContent", body)]);
}

#[test]
fn sizes_and_qualities_are_googles() {
    let config = |asking: Asking, more: Value| {
        let mut request = json!({"prompt": "cat"});
        request
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        asking.sent(&request).remove(0).1["generationConfig"]["imageConfig"].take()
    };
    let older = Asking::new(Operation::ImageGeneration, "gemini-2.5-flash-image");
    for (asking, more, expected) in [
        (asking(), json!({}), Value::Null),
        (
            asking(),
            json!({"size": "auto", "quality": "auto"}),
            Value::Null,
        ),
        (
            asking(),
            json!({"quality": "high"}),
            json!({"imageSize": "2K"}),
        ),
        (
            asking(),
            json!({"size": "1024x1792", "quality": "hd"}),
            json!({"aspectRatio": "9:16", "imageSize": "2K"}),
        ),
        (
            asking(),
            json!({"size": "4000x1000"}),
            json!({"aspectRatio": "4:1"}),
        ),
        (
            older,
            json!({"size": "4000x1000"}),
            json!({"aspectRatio": "21:9"}),
        ),
        (older, json!({"quality": "high"}), Value::Null),
    ] {
        assert_eq!(config(asking, more.clone()), expected, "{more}");
    }
}

#[test]
fn each_picture_is_a_request() {
    let sent = asking().sent(&json!({"prompt": "cat", "n": 10}));
    assert_eq!(sent.len(), 10);
    assert!(sent.iter().all(|it| *it == sent[0]));
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    for (request, param) in [
        (json!({}), "prompt"),
        (json!({"prompt": " "}), "prompt"),
        (json!({"prompt": 1}), "prompt"),
        (json!({"prompt": "a", "n": 11}), "n"),
        (json!({"prompt": "a", "n": "2"}), "n"),
        (json!({"prompt": "a", "size": "large"}), "size"),
        (json!({"prompt": "a", "stream": true}), "stream"),
        (
            json!({"prompt": "a", "partial_images": 1}),
            "partial_images",
        ),
        (
            json!({"prompt": "a", "response_format": "png"}),
            "response_format",
        ),
        (
            json!({"prompt": "a", "output_format": "gif"}),
            "output_format",
        ),
    ] {
        let error = asking().refusal(&request);
        assert_eq!(
            (error.status(), error.param),
            (400, Some(param)),
            "{request}"
        );
    }
}

#[test]
fn an_edit_carries_its_pictures() {
    let parts = [
        field("model", "m"),
        picture("image[]"),
        (
            "image[]",
            Some("b"),
            Some("application/octet-stream"),
            b"\xff\xd8\xffx",
        ),
        ("image", Some("c.HEIC"), None, b"??"),
        field("prompt", "a \"hat\""),
        field("n", "2"),
        field("size", "1024x1024"),
    ];
    let sent = sent(&edit().form(&parts).unwrap());
    let blob = |mime: &str, data: &str| json!({"inlineData": {"mimeType": mime, "data": data}});
    let body = json!({
        "contents": [{"role": "user", "parts": [
            blob("image/png", "iVBORw0KGgo="), blob("image/jpeg", "/9j/eA=="), blob("image/heic", "Pz8="),
            {"text": "a \"hat\""},
        ]}],
        "generationConfig": {"responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": "1:1"}},
    });
    assert_eq!(
        sent,
        [
            (":generateContent", body.clone()),
            (":generateContent", body)
        ]
    );
}

#[test]
fn an_edit_may_come_as_json() {
    let request = json!({
        "prompt": "hat",
        "images": [{"image_url": "data:image/png;base64,AAAA"}, {"image_url": {"url": "data:image/webp;x=y;base64,BBBB"}}],
    });
    let sent = edit().sent(&request);
    let parts = &sent[0].1["contents"][0]["parts"];
    assert_eq!(
        parts[0]["inlineData"],
        json!({"mimeType": "image/png", "data": "AAAA"})
    );
    assert_eq!(
        parts[1]["inlineData"],
        json!({"mimeType": "image/webp", "data": "BBBB"})
    );
    for images in [
        json!(null),
        json!([]),
        json!([{"file_id": "file-1"}]),
        json!([{"image_url": "https://example.com/a.png"}]),
        json!([{"image_url": "data:image/png;base64,a.c"}]),
        json!([{"image_url": "data:image/png;base64,"}]),
    ] {
        let error = edit().refusal(&json!({"prompt": "hat", "images": images}));
        assert_eq!(error.param, Some("images"), "{images}");
    }
    let masked = json!({"prompt": "hat", "images": [{"image_url": "data:image/png;base64,AAAA"}], "mask": {}});
    assert_eq!(edit().refusal(&masked).param, Some("mask"));
}

#[test]
fn an_edit_that_cannot_be_made_is_refused() {
    let refusal = |parts: &[Part<'_>]| edit().form(parts).unwrap_err();
    let prompt = field("prompt", "hat");
    let check = |error: Error, param| assert_eq!((error.status(), error.param), (400, Some(param)));
    check(refusal(&[prompt]), "image");
    check(refusal(&[picture("image")]), "prompt");
    check(
        refusal(&[prompt, picture("image"), picture("mask")]),
        "mask",
    );
    check(
        refusal(&[prompt, ("image", Some("a.png"), None, b"")]),
        "image",
    );
    check(
        refusal(&[
            prompt,
            ("image", Some("a.txt"), Some("text/plain"), b"hello"),
        ]),
        "image",
    );
    check(
        refusal(&[prompt, picture("image"), field("stream", "true")]),
        "stream",
    );
    check(
        refusal(&[prompt, picture("image"), field("n", "many")]),
        "n",
    );
    let mut many = vec![prompt];
    many.extend([picture("image"); 17]);
    check(refusal(&many), "image");
    let large = vec![0x89; 6 << 20];
    let large = [
        ("image", Some("a.png"), None, large.as_slice()),
        prompt,
        field("n", "10"),
    ];
    assert_eq!(refusal(&large).status(), 413);
    assert_eq!(
        edit()
            .bytes(b"", "multipart/form-data")
            .unwrap_err()
            .status(),
        400
    );
}

#[test]
fn imagen_is_asked_as_it_was() {
    let imagen = Asking::new(Operation::ImageGeneration, "imagen-4.0-generate-001");
    let request = json!({"prompt": "cat", "n": 6, "size": "1792x1024", "output_format": "jpeg", "quality": "hd"});
    let body = |count: u64| {
        json!({"instances": [{"prompt": "cat"}], "parameters": {
            "sampleCount": count, "aspectRatio": "16:9", "sampleImageSize": "2K",
            "outputOptions": {"mimeType": "image/jpeg"}, "includeRaiReason": true,
        }})
    };
    assert_eq!(
        imagen.sent(&request),
        [(":predict", body(4)), (":predict", body(2))]
    );
    let edit = Asking {
        operation: Operation::ImageEdit,
        ..imagen
    };
    let refused = edit
        .form(&[field("prompt", "hat"), picture("image")])
        .unwrap_err();
    assert_eq!(refused.status(), 400);
    let expects = Expects::Images(images::Expects {
        imagen: true,
        ..images::Expects::default()
    });
    let answer = json!({"predictions": [
        {"bytesBase64Encoded": "AAAA", "mimeType": "image/jpeg"}, {"raiFilteredReason": "no"},
    ]});
    let answer = said(&[answer], expects.clone());
    assert_eq!(answer["data"], json!([{"b64_json": "AAAA"}]));
    assert_eq!(answer["output_format"], "jpeg");
    assert_eq!(
        answered(&[json!({})], expects).unwrap_err().code,
        "moderation_blocked"
    );
}

fn drawn(mime: &str) -> Value {
    candidate(
        json!([
            {"text": "ok"},
            {"inlineData": {"mimeType": "image/png", "data": "dGhvdWdodA=="}, "thought": true},
            {"inlineData": {"mimeType": mime, "data": "iVBORw0="}},
        ]),
        "STOP",
    )
}

#[test]
fn pictures_come_as_a_list() {
    let b64 = Expects::Images(images::Expects::default());
    let answer = said(&[drawn("image/png"), drawn("image/png")], b64.clone());
    assert_eq!(
        answer,
        json!({
            "created": 1_700_000_000,
            "data": [{"b64_json": "iVBORw0="}, {"b64_json": "iVBORw0="}],
            "output_format": "png",
            "usage": {
                "input_tokens": 6, "output_tokens": 4, "total_tokens": 10,
                "input_tokens_details": {"text_tokens": 6, "image_tokens": 0},
            },
        })
    );
    let urls = Expects::Images(images::Expects {
        url: true,
        ..images::Expects::default()
    });
    let answer = said(&[drawn("image/jpeg")], urls);
    assert_eq!(
        answer["data"],
        json!([{"url": "data:image/jpeg;base64,iVBORw0="}])
    );
    assert_eq!(answer["output_format"], "jpeg");
    let mut detailed = drawn("image/png");
    detailed["usageMetadata"] = json!({
        "promptTokenCount": 10, "candidatesTokenCount": 100, "totalTokenCount": 110,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 2}, {"modality": "IMAGE", "tokenCount": 8}],
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 90}, {"modality": "TEXT"}],
    });
    let answer = said(&[detailed], b64);
    assert_eq!(
        answer["usage"]["input_tokens_details"],
        json!({"text_tokens": 2, "image_tokens": 8})
    );
    assert_eq!(
        answer["usage"]["output_tokens_details"],
        json!({"text_tokens": 10, "image_tokens": 90})
    );
}

#[test]
fn without_a_picture_it_is_an_error() {
    let error = |bodies: &[Value]| {
        let expects = Expects::Images(images::Expects::default());
        let error = answered(bodies, expects).unwrap_err();
        (error.status(), error.openai_type(), error.code)
    };
    let blocked = (400, "image_generation_user_error", "moderation_blocked");
    for reason in [
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "SAFETY",
    ] {
        assert_eq!(error(&[candidate(json!([]), reason)]), blocked, "{reason}");
    }
    assert_eq!(error(&[serde_json::from_str(BLOCKED).unwrap()]), blocked);
    let empty = (502, "server_error", "no_image");
    for answer in [
        candidate(json!([]), "NO_IMAGE"),
        candidate(json!([{"text": "I cannot"}]), "STOP"),
        json!({"candidates": []}),
    ] {
        assert_eq!(error(&[answer]), empty);
    }
    let some = answered(
        &[candidate(json!([]), "IMAGE_SAFETY"), drawn("image/png")],
        Expects::Images(images::Expects::default()),
    );
    assert!(some.is_ok());
}
