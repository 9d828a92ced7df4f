//! Transcription and translation.

use isthmus::gemini::transcription::{Expects, Format};
use isthmus::gemini::{self};
use isthmus::surface::Operation;
use serde_json::{Value, json};

use crate::operation::{Asking, BLOCKED, Part, answered, candidate, field, said, sent};

fn asking() -> Asking {
    Asking::new(Operation::Transcription, "gemini-3.5-flash-lite")
}

const SOUND: Part<'static> = ("file", Some("a.mp3"), Some("audio/mpeg"), b"ID3 sound");

fn body(asking: Asking, parts: &[Part<'_>]) -> Value {
    let mut sent = sent(&asking.form(parts).unwrap());
    assert_eq!(sent.len(), 1);
    sent.remove(0).1
}

fn expects(asking: Asking, parts: &[Part<'_>]) -> Expects {
    match asking.form(parts).unwrap().expects {
        gemini::Expects::Transcription(expects) => expects,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_model_is_told_to_write_down_what_it_hears() {
    let heard = body(asking(), &[field("model", "whisper-1"), SOUND]);
    assert_eq!(
        heard,
        json!({"contents": [{"role": "user", "parts": [
            {"inlineData": {"mimeType": "audio/mp3", "data": "SUQzIHNvdW5k"}},
            {"text": "Generate a verbatim transcript of the speech. Output only the transcript."},
        ]}]})
    );
}

#[test]
fn the_instruction_says_what_the_fields_say() {
    let text = |asking: Asking, more: &[Part<'_>]| {
        let mut parts = vec![SOUND];
        parts.extend(more);
        let mut body = body(asking, &parts);
        body["contents"][0]["parts"][1]["text"]
            .take()
            .as_str()
            .unwrap()
            .to_owned()
    };
    let translation = Asking {
        operation: Operation::Translation,
        ..asking()
    };
    for (asking, more, wanted) in [
        (
            translation,
            vec![],
            &["Translate the speech to English.", "only the translation"][..],
        ),
        (
            asking(),
            vec![field("language", "de")],
            &["verbatim transcript", "language of the speech is: de"],
        ),
        (
            asking(),
            vec![field("prompt", "Zo\u{eb} \"Q\"")],
            &["Zo\u{eb} \"Q\""],
        ),
        (
            asking(),
            vec![
                field("keywords[]", "Ada"),
                field("keywords[]", "Bob"),
                field("languages[]", "de"),
                field("languages[]", "en"),
            ],
            &["written down: Ada, Bob", "speech is: de, en."],
        ),
        (asking(), vec![field("response_format", "srt")], &["SubRip"]),
        (asking(), vec![field("response_format", "vtt")], &["WebVTT"]),
    ] {
        let text = text(asking, &more);
        assert!(wanted.iter().all(|it| text.contains(it)), "{text}");
    }
}

#[test]
fn the_kind_of_sound_is_found() {
    for (name, kind, bytes, mime) in [
        (Some("a.MP3"), None, &b"x"[..], "audio/mp3"),
        (
            Some("a.mpga"),
            Some("application/octet-stream"),
            b"x",
            "audio/mp3",
        ),
        (Some("a.wav"), Some("audio/mpeg"), b"x", "audio/wav"),
        (Some("a.m4a"), None, b"x", "audio/m4a"),
        (Some("a.mp4"), None, b"x", "audio/mp4"),
        (Some("a.opus"), None, b"x", "audio/ogg"),
        (Some("a.flac"), None, b"x", "audio/flac"),
        (Some("a.webm"), None, b"x", "audio/webm"),
        (Some("a.aac"), None, b"x", "audio/aac"),
        (
            Some("blob"),
            Some("video/webm;codecs=opus"),
            b"x",
            "audio/webm",
        ),
        (Some("audio"), Some("Audio/X-WAV"), b"x", "audio/wav"),
        (
            Some("a"),
            Some("application/octet-stream"),
            b"RIFF....WAVE",
            "audio/wav",
        ),
        (Some("a"), None, b"OggS", "audio/ogg"),
        (Some("a"), None, b"fLaC", "audio/flac"),
        (Some("a"), None, b"\x1a\x45\xdf\xa3", "audio/webm"),
        (Some("a"), None, b"....ftypM4A ", "audio/mp4"),
        (Some("a"), None, b"\xff\xf1x", "audio/aac"),
        (Some("a"), None, b"\xff\xfbx", "audio/mp3"),
        (Some("a.dat"), None, b"ID3x", "audio/mp3"),
    ] {
        let body = body(asking(), &[("file", name, kind, bytes)]);
        let found = &body["contents"][0]["parts"][0]["inlineData"]["mimeType"];
        assert_eq!(found, mime, "{name:?} {kind:?}");
    }
}

#[test]
fn what_cannot_be_heard_is_refused() {
    for (parts, param) in [
        (vec![field("model", "m")], "file"),
        (vec![("file", Some("a.mp3"), None, &b""[..])], "file"),
        (
            vec![("file", Some("a.txt"), Some("text/plain"), b"hello")],
            "file",
        ),
        (
            vec![SOUND, field("response_format", "xml")],
            "response_format",
        ),
        (vec![SOUND, field("temperature", "hot")], "temperature"),
        (vec![SOUND, field("temperature", "1.1")], "temperature"),
        (vec![SOUND, field("temperature", ".5")], "temperature"),
        (vec![SOUND, field("temperature", "NaN")], "temperature"),
        (vec![SOUND, field("stream", "maybe")], "stream"),
        (vec![SOUND, ("language", None, None, b"\xff")], "language"),
    ] {
        let error = asking().form(&parts).unwrap_err();
        assert_eq!(
            (error.status(), error.param),
            (400, Some(param)),
            "{parts:?}"
        );
    }
    assert!(asking().bytes(b"{}", "application/json").is_err());
}

#[test]
fn plain_text_may_be_streamed() {
    for (format, streams) in [
        ("json", true),
        ("text", true),
        ("", true),
        ("verbose_json", false),
        ("srt", false),
        ("vtt", false),
    ] {
        let parts = [
            SOUND,
            field("stream", "true"),
            field("response_format", format),
        ];
        assert_eq!(expects(asking(), &parts).stream, streams, "{format}");
        let method = sent(&asking().form(&parts).unwrap())[0].0;
        assert_eq!(method.starts_with(":stream"), streams, "{format}");
    }
    assert!(!expects(asking(), &[SOUND, field("temperature", "0.2")]).stream);
}

fn expecting(format: Format) -> gemini::Expects {
    gemini::Expects::Transcription(Expects {
        format,
        ..Expects::default()
    })
}

fn transcript(text: &str) -> Value {
    let mut answer = candidate(
        json!([{"text": "hm", "thought": true}, {"text": text}]),
        "STOP",
    );
    answer["usageMetadata"]["promptTokensDetails"] =
        json!([{"modality": "TEXT", "tokenCount": 1}, {"modality": "AUDIO", "tokenCount": 2}]);
    answer
}

#[test]
fn json_has_the_usage() {
    let usage = json!({
        "type": "tokens", "input_tokens": 3, "input_token_details": {"text_tokens": 1, "audio_tokens": 2},
        "output_tokens": 2, "total_tokens": 5,
    });
    let answer = transcript(" H\u{e9} \"you\"\n");
    assert_eq!(
        said(std::slice::from_ref(&answer), expecting(Format::Json)),
        json!({"text": "H\u{e9} \"you\"", "usage": usage})
    );
    let verbose = |expects: Expects| {
        said(
            std::slice::from_ref(&answer),
            gemini::Expects::Transcription(expects),
        )
    };
    let expects = Expects {
        format: Format::VerboseJson,
        language: Some("de".to_owned()),
        ..Expects::default()
    };
    assert_eq!(
        verbose(expects.clone()),
        json!({
            "task": "transcribe", "language": "de", "duration": 0.06, "text": "H\u{e9} \"you\"", "segments": [],
            "usage": usage,
        })
    );
    let translated = verbose(Expects {
        translates: true,
        ..expects
    });
    assert_eq!(
        (&translated["task"], &translated["language"]),
        (&json!("translate"), &json!("english"))
    );
}

#[test]
fn other_forms_are_text() {
    let plain = |format, text: &str| {
        let decoded = answered(&[transcript(text)], expecting(format)).unwrap();
        assert_eq!(decoded.content_type, "text/plain; charset=utf-8");
        String::from_utf8(decoded.body).unwrap()
    };
    assert_eq!(plain(Format::Text, " a\nb "), "a\nb\n");
    assert_eq!(plain(Format::Srt, "```srt\n1\n00:00\n```"), "1\n00:00\n");
    assert_eq!(plain(Format::Srt, "1\n00:00"), "1\n00:00\n");
    assert_eq!(
        plain(Format::Vtt, "```\nWEBVTT\n\n00:00\n```"),
        "WEBVTT\n\n00:00\n"
    );
    assert_eq!(plain(Format::Vtt, "00:00"), "WEBVTT\n\n00:00\n");
}

#[test]
fn silence_is_a_text_and_a_refusal_an_error() {
    assert_eq!(
        said(&[candidate(json!([]), "STOP")], expecting(Format::Json))["text"],
        ""
    );
    let error = |body: Value| {
        let error = answered(&[body], expecting(Format::Json)).unwrap_err();
        (error.status(), error.code)
    };
    assert_eq!(
        error(serde_json::from_str(BLOCKED).unwrap()),
        (400, "content_filter")
    );
    assert_eq!(
        error(candidate(json!([]), "RECITATION")),
        (400, "content_filter")
    );
    assert_eq!(
        error(candidate(json!([]), "MALFORMED_RESPONSE")),
        (502, "malformed_response")
    );
    let cut = candidate(json!([{"text": "a"}]), "RECITATION");
    assert_eq!(said(&[cut], expecting(Format::Json))["text"], "a");
}
