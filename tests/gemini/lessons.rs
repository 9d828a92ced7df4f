//! What refusals teach, and what they do not.

use isthmus::gemini::lessons::{Lesson, Lessons};
use serde_json::json;

fn learn(status: u16, message: &str) -> Option<Lessons> {
    let error = json!({"code": status, "message": message, "status": "INVALID_ARGUMENT"});
    let body = json!({ "error": error }).to_string();
    let listed = json!([{ "error": error }]).to_string();
    let learned = Lessons::default().learn(status, body.as_bytes());
    let again = Lessons::default().learn(status, listed.as_bytes());
    assert_eq!(learned, again, "{message}");
    learned
}

const TAUGHT: [(&str, Lesson); 21] = [
    (
        "Penalty is not enabled for models/gemini-2.5-flash",
        Lesson::NoPenalties,
    ),
    ("Logprobs is not enabled for this model", Lesson::NoLogprobs),
    (
        "Developer instruction is not enabled for models/gemma-3-27b-it",
        Lesson::NoInstruction,
    ),
    (
        "Multiple candidates is not enabled for this model",
        Lesson::OneCandidate,
    ),
    (
        "Model tried to generate text, but it should only be used for TTS.",
        Lesson::ReadAloud,
    ),
    (
        "Function calling with a response mime type: 'application/json' is unsupported",
        Lesson::NoJsonWithTools,
    ),
    (
        "Tool use with a response mime type: 'application/json' is unsupported",
        Lesson::NoJsonWithTools,
    ),
    (
        "Function call is missing a thought_signature in functionCall parts. This is required. Additional data, \
         function call `default_api:f`, position 2.",
        Lesson::NoSignatures,
    ),
    (
        "Unable to submit request because function call `f` in the 12. content block is missing a \
         `thought_signature`. Learn more: ...",
        Lesson::NoSignatures,
    ),
    ("Invalid thought signature.", Lesson::NoSignatures),
    ("Corrupted thought signature.", Lesson::NoSignatures),
    (
        "Invalid value at 'contents[1].parts[0].thought_signature' (TYPE_BYTES), Base64 decoding failed for \"x\"",
        Lesson::NoSignatures,
    ),
    (
        "Thinking is not enabled for models/gemini-2.0-flash",
        Lesson::NoThinking,
    ),
    (
        "Thinking level is not supported for this model.",
        Lesson::NoThinking,
    ),
    (
        "Unable to submit request because Thinking_config.include_thoughts is only enabled when thinking is enabled.",
        Lesson::NoThinking,
    ),
    (
        "Thinking level MINIMAL is not supported for this model. Please retry with other thinking level.",
        Lesson::ThinkMore,
    ),
    (
        "Budget 0 is invalid. This model only works in thinking mode.",
        Lesson::ThinkMore,
    ),
    (
        "A schema in GenerationConfig in the request exceeds the maximum allowed nesting depth.",
        Lesson::NoSchema,
    ),
    (
        "The specified schema produces a constraint that has too many states for serving. Typical causes: ...",
        Lesson::NoSchema,
    ),
    (
        "* GenerateContentRequest.tools[0].function_declarations[0].parameters.properties[n].enum: only allowed for \
         STRING type\n",
        Lesson::NoNumberEnums,
    ),
    (
        "Invalid request:\n* GenerateContentRequest.tools[0].function_declarations[3].parameters.properties[a].items: \
         missing field.\n* GenerateContentRequest.generation_config.response_schema.enum: only allowed for STRING type",
        Lesson::NoNumberEnums,
    ),
];

#[test]
fn google_s_words_teach() {
    for (message, lesson) in TAUGHT {
        let expected = Lessons::default().with(lesson);
        assert_eq!(learn(400, message), Some(expected), "{message}");
        assert_eq!(expected.learn(400, b"{}"), None);
        let body = json!({"error": {"message": message}}).to_string();
        assert_eq!(expected.learn(400, body.as_bytes()), None, "{message}");
    }
}

#[test]
fn a_client_s_words_teach_nothing() {
    for message in [
        "Invalid value: \"Penalty is not enabled\"",
        "Unknown name \"too many states for serving\": Cannot find field.",
        "Invalid value at 'maximum allowed nesting depth'",
        "Function 'Thinking is not enabled' is not declared",
        "Unable to submit request because function call `x in the 1. content block is missing a `thought_signature`",
        "Invalid value at 'contents[0].parts[0].text' (TYPE_STRING), \"thought_signature' (TYPE_BYTES)\"",
        "* GenerateContentRequest.tools[0].function_declarations[0].parameters.properties[a b.enum: only allowed for \
         STRING type",
        "* GenerateContentRequest.tools[0].function_declarations[0].parameters.properties[xenum: only allowed for \
         STRING type",
        "Thinking level SIDEWAYS is not supported",
        "Request contains an invalid argument.",
        "",
    ] {
        assert_eq!(learn(400, message), None, "{message}");
    }
}

#[test]
fn only_a_bad_request_teaches() {
    for (message, _) in TAUGHT {
        for status in [403, 404, 429, 500] {
            assert_eq!(learn(status, message), None, "{status} {message}");
        }
    }
    for body in [
        "",
        "<html>Penalty is not enabled</html>",
        "[]",
        "{\"error\":[]}",
    ] {
        assert_eq!(
            Lessons::default().learn(400, body.as_bytes()),
            None,
            "{body}"
        );
    }
}
