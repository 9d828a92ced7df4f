//! Whole answers of Azure's and Foundry's, and what OpenAI's clients get of each.

use isthmus::azure::answer::{self, Context};
use isthmus::azure::family::Family;
use isthmus::azure::version::Version;
use isthmus::azure::{Manner, Options, Spoken};
use isthmus::dialect::Decoded;
use isthmus::openai::unstreamed::as_events;
use isthmus::surface::Operation;
use serde_json::Value;

fn manner(spoken: Spoken) -> Manner {
    Manner {
        spoken,
        version: Version::DEFAULT,
        family: Family::Unknown,
        is_direct: true,
        options: Options::default(),
    }
}

fn stripping() -> Manner {
    let mut manner = manner(Spoken::Classic);
    manner.options.strip_azure_fields = true;
    manner
}

/// The operation, and the path below `/v1`.
type Asked = (Operation, &'static str);

const CHAT: Asked = (Operation::Chat, "chat/completions");
const TEXT: Asked = (Operation::Completions, "completions");
const RESPONSES: Asked = (Operation::Responses, "responses");
const EMBEDDINGS: Asked = (Operation::Embeddings, "embeddings");
const IMAGES: Asked = (Operation::ImageGeneration, "images/generations");
const JOBS: Asked = (Operation::Relay, "fine_tuning/jobs");

fn normalise(manner: &Manner, (operation, path): Asked, text: &str) -> Decoded {
    let context = Context {
        operation,
        method: "POST",
        path,
        model: Some("asked"),
        id: "7",
        now_secs: 1_700_000_000,
        wants_base64: false,
    };
    answer::normalise(manner, &context, text.as_bytes())
}

fn changed(manner: &Manner, asked: Asked, text: &str) -> String {
    match normalise(manner, asked, text) {
        Decoded::AsItIs => text.to_owned(),
        Decoded::Changed { body: bytes, .. } => {
            let changed = String::from_utf8(bytes).unwrap();
            serde_json::from_str::<Value>(&changed).unwrap_or_else(|_| panic!("{changed}"));
            changed
        }
        Decoded::Refused { status } => panic!("{status}: {text}"),
    }
}

#[track_caller]
fn untouched(manner: &Manner, asked: Asked, text: &str) {
    assert!(
        matches!(normalise(manner, asked, text), Decoded::AsItIs),
        "{text}"
    );
}

const ANNOTATED: &str = r#"{ "id":"chatcmpl-9","object":"chat.completion","created":1,"model":"m","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}],"choices":[{"index":0,"finish_reason":"stop","logprobs":null,"content_filter_results":{"hate":{"filtered":false}},"content_filter_offsets":{},"message":{"role":"assistant","content":"hello","context":{"citations":[]}}}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7} }"#;

#[test]
fn annotations_stay_to_the_byte_or_go() {
    untouched(&manner(Spoken::Classic), CHAT, ANNOTATED);
    assert_eq!(
        changed(&stripping(), CHAT, ANNOTATED),
        r#"{ "id":"chatcmpl-9","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"hello","context":{"citations":[]}}}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7} }"#
    );
}

/// A chat answer with this as its only choice's members.
fn chat(choice: &str) -> String {
    format!(
        r#"{{"id":"i","object":"chat.completion","created":1,"model":"m","choices":[{{{choice}}}]}}"#
    )
}

#[test]
fn choices_are_repaired_where_they_stand() {
    for (given, expected) in [
        (
            r#""message":{"role":"assistant"}"#,
            r#""message":{"content":null,"role":"assistant"}"#,
        ),
        (
            r#""message":{"content":"a","tool_calls":null,"function_call":null}"#,
            r#""message":{"content":"a"}"#,
        ),
        (
            r#""message":{"tool_calls":[ ],"content":"a"}"#,
            r#""message":{"content":"a"}"#,
        ),
        (r#""finish_reason":"end_turn""#, r#""finish_reason":"stop""#),
        (r#""finish_reason":"eos""#, r#""finish_reason":"stop""#),
        (r#""finish_reason":"""#, r#""finish_reason":"stop""#),
        (r#""finish_reason":null"#, r#""finish_reason":null"#),
        (
            r#""finish_reason":"content_filter""#,
            r#""finish_reason":"content_filter""#,
        ),
        (
            r#""message":{"content":null,"tool_calls":[{"id":"t","function":{"name":"f","arguments":{ "a": 1.50, "b c": "\" {" }}}]}"#,
            r#""message":{"content":null,"tool_calls":[{"type":"function","id":"t","function":{"name":"f","arguments":"{\"a\":1.50,\"b c\":\"\\\" {\"}"}}]}"#,
        ),
        (
            r#""message":{"content":null,"tool_calls":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{}}]}"#,
            r#""message":{"content":null,"tool_calls":[{"type":"function","function":{"arguments":"{}","name":"f"}},{"type":"custom","custom":{}}]}"#,
        ),
        (
            r#""message":{"content":null,"tool_calls":[{"type":"function","function":{"name":"f","arguments":"{ }"}}]}"#,
            r#""message":{"content":null,"tool_calls":[{"type":"function","function":{"name":"f","arguments":"{ }"}}]}"#,
        ),
    ] {
        let got = changed(&manner(Spoken::Single), CHAT, &chat(given));
        assert_eq!(got, chat(expected));
    }
}

#[test]
fn what_an_answer_is_called_is_made_up_where_it_is_missing() {
    for (asked, given, expected) in [
        (
            CHAT,
            r#"{"model":"","choices":[]}"#,
            r#"{"id":"chatcmpl-7","object":"chat.completion","created":1700000000,"model":"asked","choices":[]}"#,
        ),
        (
            CHAT,
            r#"{"id":"bare","object":"extensions.chat.completion","created":1,"model":null,"choices":[]}"#,
            r#"{"id":"bare","object":"chat.completion","created":1,"model":"asked","choices":[]}"#,
        ),
        (
            TEXT,
            r#"{"id":"","object":"text.completion","created":1,"model":"m","choices":[{"text":"a"}]}"#,
            r#"{"id":"cmpl-7","object":"text_completion","created":1,"model":"m","choices":[{"text":"a"}]}"#,
        ),
    ] {
        assert_eq!(changed(&manner(Spoken::Models), asked, given), expected);
    }
    for other in [r#"{"object":"list","data":[]}"#, "[]", "", "<html>", "{"] {
        untouched(&manner(Spoken::Models), CHAT, other);
    }
}

#[test]
fn reasoning_is_counted_once_and_only_if_the_sum_is_right() {
    let usage = |completion: u32, total: u32| {
        format!(
            r#"{{"id":"i","object":"chat.completion","created":1,"model":"m","choices":[],"usage":{{"prompt_tokens":10,"completion_tokens":{completion},"total_tokens":{total},"completion_tokens_details":{{"reasoning_tokens":30}}}}}}"#
        )
    };
    let got = |text: String| changed(&manner(Spoken::Models), CHAT, &text);
    assert_eq!(got(usage(5, 45)), usage(35, 45));
    assert_eq!(got(usage(35, 45)), usage(35, 45));
    assert_eq!(got(usage(5, 44)), usage(5, 44));
}

#[test]
fn responses_have_annotations_and_no_filters_if_so_wished() {
    let given = r#"{"id":"r","object":"response","status":"completed","model":"m","content_filters":[{"blocked":false}],"error":null,"output":[{"type":"reasoning","summary":[]},{"type":"message","content":[{"type":"output_text","text":"ok"},{"type":"output_text","text":"ok","annotations":[{}]},{"type":"refusal","refusal":"no"}]}]}"#;
    let annotated = given.replacen(
        r#"{"type":"output_text","text":"ok"}"#,
        r#"{"annotations":[],"type":"output_text","text":"ok"}"#,
        1,
    );
    assert_eq!(changed(&manner(Spoken::V1), RESPONSES, given), annotated);
    let stripped = annotated.replace(r#""content_filters":[{"blocked":false}],"#, "");
    assert_eq!(changed(&stripping(), RESPONSES, given), stripped);
    let stored = (Operation::Relay, "responses/r");
    assert_eq!(changed(&stripping(), stored, given), stripped);
    let failed = r#"{"id":"r","object":"response","status":"failed","model":"m","error":{"code":"server_error","message":"m"},"output":[]}"#;
    untouched(&manner(Spoken::V1), RESPONSES, failed);
}

#[test]
fn embeddings_of_foundrys_models_get_what_they_lack() {
    let given = r#"{"id":"e","data":[{"embedding":[0.10]},{"object":"embedding","index":1,"embedding":"AAAA"}],"model":""}"#;
    assert_eq!(
        changed(&manner(Spoken::Models), EMBEDDINGS, given),
        r#"{"object":"list","id":"e","data":[{"object":"embedding","index":0,"embedding":[0.10]},{"object":"embedding","index":1,"embedding":"AAAA"}],"model":"asked"}"#
    );
    untouched(&manner(Spoken::Classic), EMBEDDINGS, given);
    untouched(
        &manner(Spoken::Models),
        EMBEDDINGS,
        r#"{"object":"list","model":"m","data":[1]}"#,
    );
}

#[test]
fn an_error_under_success_is_refused() {
    for (asked, text, expected) in [
        (
            IMAGES,
            r#"{"created":1,"error":{"code":"contentFilter","message":"m"}}"#,
            Some(400),
        ),
        (
            IMAGES,
            r#"{"created":1,"data":[],"error":{"code":"x","message":"m"}}"#,
            Some(500),
        ),
        (
            IMAGES,
            r#"{"created":1,"data":[{"url":"u"}],"error":{"code":"x"}}"#,
            None,
        ),
        (IMAGES, r#"{"created":1,"data":[{"url":"u"}]}"#, None),
        (IMAGES, r#"{"id":"o","status":"canceled"}"#, Some(500)),
        (CHAT, r#"{"error":{"status":429,"message":"m"}}"#, Some(429)),
        (CHAT, r#"{"error":"broken"}"#, Some(500)),
        (
            RESPONSES,
            r#"{"error":{"message":"m","type":"server_error"}}"#,
            Some(500),
        ),
        (
            JOBS,
            r#"{"object":"fine_tuning.job","status":"failed","error":{"message":"m"}}"#,
            None,
        ),
    ] {
        let status = match normalise(&manner(Spoken::Classic), asked, text) {
            Decoded::Refused { status } => Some(status),
            _ => None,
        };
        assert_eq!(status, expected, "{text}");
    }
}

#[test]
fn images_of_the_old_form_are_in_their_operations_result() {
    let given = r#"{"id":"o","status":"succeeded","created":1,"result":{"created":2,"data":[{"url":"u"}]}}"#;
    let images = r#"{"created":2,"data":[{"url":"u"}]}"#;
    assert_eq!(changed(&manner(Spoken::Classic), IMAGES, given), images);
}

#[test]
fn jobs_have_openais_states() {
    let classic = manner(Spoken::Classic);
    let job = |status| format!(r#"{{"object":"fine_tuning.job","status":"{status}"}}"#);
    for (azures, openais) in [
        ("created", "queued"),
        ("pending", "queued"),
        ("notRunning", "queued"),
        ("running", "running"),
        ("succeeded", "succeeded"),
        ("canceled", "cancelled"),
        ("cancelled", "cancelled"),
        ("failed", "failed"),
    ] {
        assert_eq!(changed(&classic, JOBS, &job(azures)), job(openais));
    }
    let list =
        r#"{"object":"list","data":[{"id":"a","status":"pending"},{"id":"b","status":"running"}]}"#;
    assert_eq!(
        changed(&classic, JOBS, list),
        list.replace("pending", "queued")
    );
    let job = r#"{"id":"a","status":"created"}"#;
    let path = (Operation::Relay, "fine_tuning/jobs/a/cancel");
    assert_eq!(
        changed(&classic, path, job),
        job.replace("created", "queued")
    );
    untouched(&classic, (Operation::Relay, "batches/a"), job);
    untouched(
        &classic,
        (Operation::Relay, "fine_tuning/jobs_of_mine"),
        job,
    );
}

#[test]
fn files_are_answered_as_openai_answers() {
    assert_eq!(
        [200, 201, 202, 204].map(answer::status),
        [200, 200, 202, 204]
    );
    let said = |path| answer::deleted_file(path).map(|body| String::from_utf8(body).unwrap());
    let deleted = r#"{"id":"file-\"1","object":"file","deleted":true}"#;
    assert_eq!(said("files/file-%221").as_deref(), Some(deleted));
    assert_eq!(said("files/a/content"), None);
    assert_eq!(said("assistants/a"), None);
}

#[test]
fn only_what_may_have_to_change_is_read() {
    let bound =
        |spoken, (operation, path), method| answer::bound(&manner(spoken), operation, method, path);
    for asked in [CHAT, TEXT, RESPONSES, JOBS] {
        assert!(
            bound(Spoken::Classic, asked, "POST").is_some(),
            "{}",
            asked.1
        );
    }
    assert!(bound(Spoken::Models, EMBEDDINGS, "POST").is_some());
    assert!(bound(Spoken::Classic, IMAGES, "POST") < bound(Spoken::Classic, CHAT, "POST"));
    for (asked, method) in [
        (EMBEDDINGS, "POST"),
        (CHAT, "GET"),
        ((Operation::Relay, "files"), "POST"),
        ((Operation::Relay, "files/f/content"), "GET"),
        ((Operation::Relay, "batches"), "POST"),
        ((Operation::Relay, "responses/r"), "DELETE"),
        ((Operation::Speech, "audio/speech"), "POST"),
    ] {
        assert_eq!(bound(Spoken::Classic, asked, method), None, "{}", asked.1);
    }
}

fn events(text: &str, include_usage: bool) -> Vec<String> {
    let stream = as_events(text.as_bytes(), include_usage).unwrap();
    let stream = String::from_utf8(stream).unwrap();
    let events = stream.strip_suffix("\n\n").unwrap().split("\n\n");
    events
        .map(|event| event.strip_prefix("data: ").unwrap().to_owned())
        .inspect(|data| assert!(!data.contains('\n')))
        .collect()
}

#[test]
fn an_answer_becomes_a_stream() {
    let given = r#"{
        "id": "c", "object": "chat.completion", "created": 1, "model": "m", "system_fingerprint": null,
        "prompt_filter_results": [{"prompt_index": 0}],
        "choices": [
            {"index": 0, "finish_reason": "stop", "logprobs": null, "content_filter_results": {"hate": {}},
             "message": {"role": "assistant", "content": "hel lo", "refusal": null, "reasoning_content": "r"}},
            {"index": 1, "finish_reason": "tool_calls",
             "message": {"content": null, "tool_calls": [{"id": "a"}, {"id": "b"}], "context": {"intent": "i"}}}
        ],
        "usage": {"total_tokens": 7}
    }"#;
    let head = r#""object":"chat.completion.chunk","id":"c","created":1,"model":"m","system_fingerprint":null"#;
    let chunk = |choices: &str, more: &str| format!(r#"{{{head},"choices":[{choices}]{more}}}"#);
    let expected = [
        chunk(
            r#"{"index":0,"delta":{"role":"assistant","content":"hel lo","reasoning_content":"r"},"logprobs":null,"content_filter_results":{"hate":{}},"finish_reason":null}"#,
            r#","prompt_filter_results":[{"prompt_index":0}]"#,
        ),
        chunk(r#"{"index":0,"delta":{},"finish_reason":"stop"}"#, ""),
        chunk(
            r#"{"index":1,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"a"},{"index":1,"id":"b"}],"context":{"intent":"i"}},"finish_reason":null}"#,
            "",
        ),
        chunk(r#"{"index":1,"delta":{},"finish_reason":"tool_calls"}"#, ""),
        chunk("", r#","usage":{"total_tokens":7}"#),
        "[DONE]".to_owned(),
    ];
    assert_eq!(events(given, true), expected);
    let without_usage = [&expected[..4], &expected[5..]].concat();
    assert_eq!(events(given, false), without_usage);
}

#[test]
fn a_text_completion_becomes_a_stream() {
    let given = r#"{"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"text":"a b","index":0,"logprobs":null,"finish_reason":"length"}]}"#;
    let head = r#"{"object":"text_completion","id":"c","created":1,"model":"m","choices""#;
    assert_eq!(
        events(given, false),
        [
            format!(
                r#"{head}:[{{"index":0,"text":"a b","logprobs":null,"finish_reason":null}}]}}"#
            ),
            format!(r#"{head}:[{{"index":0,"text":"","finish_reason":"length"}}]}}"#),
            "[DONE]".to_owned(),
        ]
    );
}

#[test]
fn what_is_no_completion_becomes_no_stream() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"choices":null}"#,
        r#"{"error":{}}"#,
        "data: {}",
    ] {
        assert_eq!(as_events(text.as_bytes(), true), None, "{text}");
    }
}

#[test]
fn an_answer_cut_anywhere_breaks_nothing() {
    let odd = r#"{"id":1,"model":"m","choices":[1,"a",null,{"message":[],"index":{}},{"message":{"tool_calls":[1,{"function":[]},{"function":{"arguments":[1]}}]}}],"usage":[],"data":[1,[],{"id":{}}],"output":[{"content":[1,{"type":"output_text"}]}]}"#;
    for asked in [CHAT, TEXT, RESPONSES, EMBEDDINGS, IMAGES, JOBS] {
        for text in [odd, ANNOTATED] {
            changed(&manner(Spoken::Models), asked, text);
            changed(&stripping(), asked, text);
            for end in 0..text.len() {
                normalise(&stripping(), asked, &text[..end]);
                as_events(&text.as_bytes()[..end], true);
            }
        }
    }
    for event in events(odd, true).iter().filter(|it| *it != "[DONE]") {
        serde_json::from_str::<Value>(event).unwrap_or_else(|_| panic!("{event}"));
    }
}
