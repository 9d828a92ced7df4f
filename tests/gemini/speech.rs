//! Speech.

use isthmus::gemini::lessons::{Lesson, Lessons};
use isthmus::gemini::speech::Expects;
use isthmus::gemini::{self};
use isthmus::sound::Format;
use isthmus::surface::Operation;
use serde_json::{Value, json};

use crate::operation::{Asking, BLOCKED, answered, candidate, context};

fn asking() -> Asking {
    Asking::new(Operation::Speech, "gemini-2.5-flash-preview-tts")
}

fn expects(asking: Asking, request: &Value) -> Expects {
    match asking.json(request).unwrap().expects {
        gemini::Expects::Speech(expects) => expects,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_is_read_by_a_voice() {
    let request = json!({"model": "m", "input": "Hi \"you\"", "voice": "coral", "speed": 1.5});
    let body = json!({
        "contents": [{"role": "user", "parts": [{"text": "Hi \"you\""}]}],
        "generationConfig": {
            "responseModalities": ["AUDIO"],
            "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Aoede"}}},
        },
    });
    assert_eq!(asking().sent(&request), [(":generateContent", body)]);
}

#[test]
fn directions_stand_in_the_text() {
    let text = |asking: Asking, request: Value| {
        asking.sent(&request).remove(0).1["contents"][0]["parts"][0]["text"].take()
    };
    let taught = Asking {
        lessons: Lessons::default().with(Lesson::ReadAloud),
        ..asking()
    };
    let plain = json!({"input": "Hi", "instructions": ""});
    let directed = json!({"input": "Hi", "instructions": "Whisper"});
    assert_eq!(text(asking(), plain.clone()), "Hi");
    assert_eq!(text(asking(), directed.clone()), "Whisper: Hi");
    assert_eq!(text(taught, plain), "Read aloud: Hi");
    assert_eq!(text(taught, directed), "Read aloud. Whisper: Hi");
}

#[test]
fn a_voice_has_a_name_or_an_id() {
    let voice = |voice: Value| {
        let mut sent = asking().sent(&json!({"input": "Hi", "voice": voice}));
        let config = &mut sent[0].1["generationConfig"]["speechConfig"]["voiceConfig"];
        config["prebuiltVoiceConfig"]["voiceName"].take()
    };
    assert_eq!(voice(json!("echo")), "Puck");
    assert_eq!(voice(json!({"id": "echo"})), "Puck");
    assert_eq!(voice(json!("nobody")), "Kore");
    assert_eq!(voice(json!(null)), "Kore");
}

#[test]
fn two_may_speak() {
    let snake = |name: &str, voice: &str| json!({"speaker": name, "voice_config": {"prebuilt_voice_config": {"voice_name": voice}}});
    let camel = |name: &str, voice: &str| json!({"speaker": name, "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}});
    let request = |speakers: Value| {
        let several = json!({"speaker_voice_configs": speakers});
        let config = json!({"multi_speaker_voice_config": several, "language_code": "de-DE"});
        json!({"input": "Joe: Hi", "instructions": "Calmly", "extra_body": {"google": {"speech_config": config}}})
    };
    let sent = asking().sent(&request(json!([
        snake("Joe", "Kore"),
        camel("Jane", "Puck")
    ])));
    let body = &sent[0].1;
    assert_eq!(
        body["generationConfig"]["speechConfig"],
        json!({
            "multiSpeakerVoiceConfig": {"speakerVoiceConfigs": [camel("Joe", "Kore"), camel("Jane", "Puck")]},
            "languageCode": "de-DE",
        })
    );
    assert_eq!(body["contents"][0]["parts"][0]["text"], "Calmly:\nJoe: Hi");
    for speakers in [
        json!([]),
        json!([snake("Joe", "Kore")]),
        json!([snake("a", "Kore"), snake("b", "Kore"), snake("c", "Kore")]),
        json!([snake("Joe", "Kore"), {"speaker": "Jane"}]),
    ] {
        assert_eq!(
            asking().refusal(&request(speakers)).param,
            Some("speech_config")
        );
    }
}

#[test]
fn formats_are_kept_or_come_as_wav() {
    let format =
        |format: Value| expects(asking(), &json!({"input": "a", "response_format": format})).format;
    assert_eq!(format(json!("pcm")), Format::Pcm);
    for wav in [
        json!("wav"),
        json!("mp3"),
        json!("opus"),
        json!("aac"),
        json!(null),
    ] {
        assert_eq!(format(wav), Format::Wav);
    }
    assert_eq!(format(json!("flac")), Format::Flac);
    let pieces = json!({"input": "a", "response_format": "flac", "stream_format": "sse"});
    assert_eq!(expects(asking(), &pieces).format, Format::Wav);
    let strict = asking().strictly();
    assert!(
        strict
            .json(&json!({"input": "a", "response_format": "flac"}))
            .is_ok()
    );
    assert_eq!(strict.refusal(&pieces).param, Some("response_format"));
    for refused in [json!("mp3"), json!(null)] {
        let error = strict.refusal(&json!({"input": "a", "response_format": refused}));
        assert_eq!(error.param, Some("response_format"));
    }
    assert_eq!(
        expects(strict, &json!({"input": "a", "response_format": "wav"})).format,
        Format::Wav
    );
    let streamed = json!({"input": "a", "stream_format": "sse"});
    assert!(expects(asking(), &streamed).stream);
    assert_eq!(
        asking().sent(&streamed)[0].0,
        ":streamGenerateContent?alt=sse"
    );
    assert!(!expects(asking(), &json!({"input": "a", "stream_format": "audio"})).stream);
}

#[test]
fn what_cannot_be_said_is_refused() {
    for (request, param) in [
        (json!({}), "input"),
        (json!({"input": ""}), "input"),
        (json!({"input": ["a"]}), "input"),
        (json!({"input": "a", "instructions": 1}), "instructions"),
        (json!({"input": "a", "voice": 1}), "voice"),
        (json!({"input": "a", "voice": {"id": 1}}), "voice"),
        (
            json!({"input": "a", "response_format": "midi"}),
            "response_format",
        ),
        (
            json!({"input": "a", "stream_format": "ws"}),
            "stream_format",
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

fn heard(format: Format, mime: &str, pieces: &[&str]) -> (&'static str, Vec<u8>) {
    let parts = pieces
        .iter()
        .map(|data| json!({"inlineData": {"mimeType": mime, "data": data}}));
    let body = candidate(parts.collect(), "STOP");
    let expects = Expects {
        stream: false,
        format,
    };
    let decoded = answered(&[body], gemini::Expects::Speech(expects)).unwrap();
    (decoded.content_type, decoded.body)
}

fn wav(rate: u32, samples: &[u8]) -> Vec<u8> {
    let length = u32::try_from(samples.len()).unwrap();
    let mut file = b"RIFF".to_vec();
    file.extend((length + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(rate.to_le_bytes());
    file.extend((rate * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(length.to_le_bytes());
    file.extend(samples);
    file
}

#[test]
fn samples_are_wrapped_or_bare() {
    let usual = "audio/L16;codec=pcm;rate=24000";
    for (format, mime, pieces, kind, bytes) in [
        (
            Format::Wav,
            usual,
            &["AQACAA=="][..],
            "audio/wav",
            wav(24_000, &[1, 0, 2, 0]),
        ),
        (
            Format::Wav,
            "audio/l16; rate=16000",
            &["AQACAA"],
            "audio/wav",
            wav(16_000, &[1, 0, 2, 0]),
        ),
        (
            Format::Wav,
            "audio/pcm",
            &["AQACAA=="],
            "audio/wav",
            wav(24_000, &[1, 0, 2, 0]),
        ),
        (
            Format::Wav,
            "audio/pcm;rate=0",
            &["AQAC"],
            "audio/wav",
            wav(24_000, &[1, 0]),
        ),
        // Each piece is in base64 of its own, and may end amid a sample.
        (
            Format::Wav,
            usual,
            &["AQ==", "AAI=", "AA"],
            "audio/wav",
            wav(24_000, &[1, 0, 2, 0]),
        ),
        (
            Format::Pcm,
            usual,
            &["AQ==", "AAIAAw=="],
            "audio/pcm",
            vec![1, 0, 2, 0, 3],
        ),
        (
            Format::Pcm,
            "audio/wav",
            &["UklGRg=="],
            "audio/wav",
            b"RIFF".to_vec(),
        ),
    ] {
        assert_eq!(
            heard(format, mime, pieces),
            (kind, bytes),
            "{mime} {pieces:?}"
        );
    }
}

#[test]
fn escapes_are_no_base64() {
    let body = candidate(
        json!([{"inlineData": {"mimeType": "audio/pcm", "data": "A/8="}}]),
        "STOP",
    );
    let body = body.to_string().replace("A/8=", r"A\/8\u003d").into_bytes();
    let expects = gemini::Expects::Speech(Expects {
        stream: false,
        format: Format::Pcm,
    });
    let decoded = gemini::decode(&[body], &expects, &context()).unwrap();
    assert_eq!(decoded.body, [3, 255]);
}

#[test]
fn silence_is_an_error() {
    let error = |body: Value| {
        let error = answered(&[body], gemini::Expects::Speech(Expects::default())).unwrap_err();
        (error.status(), error.code)
    };
    assert_eq!(
        error(serde_json::from_str(BLOCKED).unwrap()),
        (400, "content_filter")
    );
    assert_eq!(
        error(candidate(json!([]), "SAFETY")),
        (400, "content_filter")
    );
    assert_eq!(
        error(candidate(json!([{"text": "a"}]), "OTHER")),
        (502, "no_audio")
    );
    let spoiled = json!([{"inlineData": {"mimeType": "audio/pcm", "data": "?"}}]);
    assert_eq!(error(candidate(spoiled, "STOP")).0, 502);
}
