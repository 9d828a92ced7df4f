//! Legacy completions.

use isthmus::gemini::Expects;
use isthmus::gemini::completions;
use isthmus::surface::Operation;
use serde_json::{Value, json};

use crate::operation::{Asking, BLOCKED, answered, candidate, said};

fn asking() -> Asking {
    Asking::new(Operation::Completions, "gemini-2.5-flash")
}

fn newer() -> Asking {
    Asking::new(Operation::Completions, "gemini-3.8-flash")
}

fn expects(asking: Asking, request: &Value) -> completions::Expects {
    match asking.json(request).unwrap().expects {
        Expects::Completions(expects) => expects,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_prompt_is_a_turn() {
    let request =
        json!({"model": "m", "prompt": "Once", "max_tokens": 16, "suffix": null, "echo": false});
    let sent = asking().sent(&request);
    let [(":generateContent", body)] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!(body["contents"][0]["parts"][0]["text"], "Once");
    assert_eq!(body["generationConfig"]["maxOutputTokens"], 16);
    let bare = asking().sent(&json!({"prompt": "Once", "suffix": "", "best_of": 3}));
    assert_eq!(bare[0].1["generationConfig"].get("maxOutputTokens"), None);
    let streamed = asking().sent(&json!({"prompt": "Once", "stream": true}));
    assert_eq!(streamed[0].0, ":streamGenerateContent?alt=sse");
}

#[test]
fn each_prompt_and_where_it_must_each_choice_is_a_request() {
    let request = json!({"prompt": ["a", "b"], "n": 3});
    let texts = |asking: Asking| {
        let sent = asking.sent(&request).into_iter();
        let text = sent.map(|(_, body)| body["contents"][0]["parts"][0]["text"].clone());
        text.collect::<Vec<_>>()
    };
    assert_eq!(texts(asking()), ["a", "b"]);
    assert_eq!(expects(asking(), &request).choices_per_prompt, 3);
    assert_eq!(texts(newer()), ["a", "a", "a", "b", "b", "b"]);
    assert_eq!(expects(newer(), &request).choices_per_prompt, 1);
}

#[test]
fn what_the_answer_needs_to_know_is_kept() {
    let request = json!({
        "prompt": ["a", "b"], "echo": true, "stream": true, "stream_options": {"include_usage": true},
    });
    let kept = completions::Expects {
        stream: true,
        usage: true,
        choices_per_prompt: 1,
        echo: Some(vec!["a".into(), "b".into()]),
    };
    assert_eq!(expects(asking(), &request), kept);
    let plain = expects(asking(), &json!({"prompt": "a", "stream_options": null}));
    assert!(!plain.stream && !plain.usage && plain.echo.is_none());
}

#[test]
fn probabilities_are_asked_for_as_in_a_chat() {
    let sent = asking()
        .on_vertex()
        .sent(&json!({"prompt": "a", "logprobs": 3}));
    assert_eq!(sent[0].1["generationConfig"]["logprobs"], 3);
    let sent = asking().sent(&json!({"prompt": "a", "logprobs": null}));
    assert_eq!(sent[0].1["generationConfig"].get("logprobs"), None);
}

#[test]
fn what_cannot_be_done_is_refused() {
    let many = vec!["a"; 129];
    for (request, param) in [
        (json!({}), "prompt"),
        (json!({"prompt": null}), "prompt"),
        (json!({"prompt": ""}), "prompt"),
        (json!({"prompt": []}), "prompt"),
        (json!({"prompt": ["a", ""]}), "prompt"),
        (json!({"prompt": [1, 2]}), "prompt"),
        (json!({"prompt": [[1, 2]]}), "prompt"),
        (json!({"prompt": {"a": 1}}), "prompt"),
        (json!({"prompt": many}), "prompt"),
        (json!({"prompt": "a", "suffix": "z"}), "suffix"),
        (json!({"prompt": "a", "n": 0}), "n"),
        (json!({"prompt": "a", "n": 129}), "n"),
        (json!({"prompt": "a", "logprobs": true}), "logprobs"),
        (json!({"prompt": "a", "echo": "yes"}), "echo"),
        (json!({"prompt": "a", "stream": 1}), "stream"),
    ] {
        let error = asking().refusal(&request);
        assert_eq!(
            (error.status(), error.param),
            (400, Some(param)),
            "{request}"
        );
    }
    let error = newer().refusal(&json!({"prompt": ["a", "b", "c"], "n": 50}));
    assert_eq!(error.param, Some("n"));
    let error = newer().refusal(&json!({"prompt": "a".repeat(9 << 20), "n": 8}));
    assert_eq!((error.status(), error.param), (413, Some("n")));
    assert!(asking().bytes(b"[]", "application/json").is_err());
}

fn expecting(choices: usize, echo: Option<&[&str]>) -> Expects {
    Expects::Completions(completions::Expects {
        choices_per_prompt: choices,
        echo: echo.map(|all| all.iter().map(|it| (*it).to_owned()).collect()),
        ..completions::Expects::default()
    })
}

#[test]
fn an_answer_is_a_text_completion() {
    let answer = candidate(
        json!([{"text": "hm", "thought": true}, {"text": "Once \""}, {"text": "upon"}]),
        "MAX_TOKENS",
    );
    let completion = said(&[answer], expecting(1, None));
    assert_eq!(
        completion,
        json!({
            "id": "cmpl-r1", "object": "text_completion", "created": 1_700_000_000,
            "model": "gemini-2.5-flash",
            "choices": [
                {"text": "Once \"upon", "index": 0, "logprobs": null, "finish_reason": "length"},
            ],
            "usage": {
                "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
            },
        })
    );
    let bare = said(&[json!({"candidates": [{}]})], expecting(1, None));
    assert_eq!(
        (&bare["id"], &bare["model"]),
        (&json!("cmpl-7"), &json!("asked"))
    );
    assert_eq!(bare["choices"][0]["text"], "");
    assert_eq!(bare["usage"]["total_tokens"], 0);
}

#[test]
fn choices_are_numbered_through_prompt_by_prompt() {
    let two = |first: &str, second: &str| {
        let candidate = |text: &str| json!({"content": {"parts": [{"text": text}]}});
        json!({"candidates": [candidate(first), candidate(second)]})
    };
    let numbered = |completion: &Value| {
        let choices = completion["choices"].as_array().unwrap();
        let said = choices
            .iter()
            .map(|it| (it["index"].as_u64().unwrap(), it["text"].to_string()));
        said.collect::<Vec<_>>()
    };
    let together = said(
        &[two("1", "2"), two("3", "4")],
        expecting(2, Some(&["a\n", "b"])),
    );
    let expected = [
        (0, r#""a\n1""#),
        (1, r#""a\n2""#),
        (2, r#""b3""#),
        (3, r#""b4""#),
    ];
    assert_eq!(
        numbered(&together),
        expected.map(|(at, text)| (at, text.to_owned()))
    );
    let one = |text: &str| candidate(json!([{"text": text}]), "STOP");
    let alone = said(
        &[one("1"), one("2"), one("3"), one("4")],
        expecting(1, Some(&["a", "b"])),
    );
    let expected = [
        (0, r#""a1""#),
        (1, r#""a2""#),
        (2, r#""b3""#),
        (3, r#""b4""#),
    ];
    assert_eq!(
        numbered(&alone),
        expected.map(|(at, text)| (at, text.to_owned()))
    );
    assert_eq!(alone["usage"]["prompt_tokens"], 12);
    let turned = json!({"candidates": [{"index": 1}, {"index": 0}, {"index": 9}]});
    let turned = said(&[turned], expecting(2, None));
    let indexes: Vec<_> = numbered(&turned).into_iter().map(|(at, _)| at).collect();
    assert_eq!(indexes, [1, 0]);
}

#[test]
fn every_end_has_its_reason() {
    let reason = |answer: Value| {
        let completion = said(&[answer], expecting(1, None));
        completion["choices"][0]["finish_reason"].clone()
    };
    for (google, ours) in [
        ("STOP", "stop"),
        ("OTHER", "stop"),
        ("SOMETHING_NEW", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("LANGUAGE", "content_filter"),
        ("MALFORMED_FUNCTION_CALL", "stop"),
    ] {
        assert_eq!(
            reason(candidate(json!([{"text": "a"}]), google)),
            ours,
            "{google}"
        );
    }
    assert_eq!(
        reason(serde_json::from_str(BLOCKED).unwrap()),
        "content_filter"
    );
    assert_eq!(reason(json!({"candidates": []})), "stop");
    assert_eq!(reason(json!({"usageMetadata": {}})), "stop");
    let broken = candidate(json!([]), "MALFORMED_FUNCTION_CALL");
    let error = answered(&[broken], expecting(1, None)).unwrap_err();
    assert_eq!(
        (error.status(), error.code),
        (502, "malformed_function_call")
    );
}

#[test]
fn thoughts_are_counted_once() {
    let usage = |prompt: u64, said: u64, thoughts: u64, total: u64| {
        let usage = json!({
            "promptTokenCount": prompt, "candidatesTokenCount": said, "thoughtsTokenCount": thoughts,
            "totalTokenCount": total, "cachedContentTokenCount": 1, "toolUsePromptTokenCount": 4,
        });
        said_usage(json!({"candidates": [], "usageMetadata": usage}))
    };
    assert_eq!(usage(10, 5, 3, 22)["completion_tokens"], 8);
    assert_eq!(usage(10, 5, 3, 15)["completion_tokens"], 5);
    assert_eq!(usage(10, 5, 3, 0)["total_tokens"], 22);
    let details = usage(10, 5, 3, 22);
    assert_eq!(details["prompt_tokens"], 14);
    assert_eq!(details["prompt_tokens_details"]["cached_tokens"], 1);
    assert_eq!(details["completion_tokens_details"]["reasoning_tokens"], 3);
}

fn said_usage(answer: Value) -> Value {
    said(&[answer], expecting(1, None))["usage"].clone()
}

#[test]
fn probabilities_stand_in_lists() {
    let result = json!({
        "chosenCandidates": [
            {"token": "\u{e9}", "logProbability": -0.10}, {"token": "\"b"}, {"token": "c", "logProbability": -3},
        ],
        "topCandidates": [
            {"candidates": [{"token": "\u{e9}", "logProbability": -0.1}, {"token": "e", "logProbability": -2.5}]},
            {"candidates": [{"token": "a", "logProbability": -1}, {"token": "a", "logProbability": -2}]},
        ],
    });
    let mut answer = candidate(json!([{"text": "\u{e9}\"bc"}]), "STOP");
    answer["candidates"][0]["logprobsResult"] = result;
    let completion = said(
        std::slice::from_ref(&answer),
        expecting(1, Some(&["\u{e9}\u{e9}"])),
    );
    assert_eq!(
        completion["choices"][0]["logprobs"],
        json!({
            "tokens": ["\u{e9}", "\"b", "c"],
            "token_logprobs": [-0.1, 0, -3],
            "top_logprobs": [{"\u{e9}": -0.1, "e": -2.5}, {"a": -1, "\"b": 0}, {"c": -3}],
            "text_offset": [2, 3, 5],
        })
    );
    answer["candidates"][0]["logprobsResult"] = json!({"chosenCandidates": [{"token": "a"}]});
    let completion = said(&[answer], expecting(1, None));
    assert_eq!(
        completion["choices"][0]["logprobs"]["top_logprobs"],
        Value::Null
    );
}

#[test]
fn what_is_no_answer_is_an_error() {
    for answer in [json!([]), json!("a"), json!({"error": {"code": 500}})] {
        let error = answered(std::slice::from_ref(&answer), expecting(1, None)).unwrap_err();
        assert_eq!(error.status(), 502, "{answer}");
    }
    assert!(answered(&[], expecting(1, None)).is_err());
}
