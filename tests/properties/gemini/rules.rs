//! Google's rules of a request, each with the words of its refusal or its place in Google's reference.

use isthmus::gemini::Host;
use serde_json::{Map, Value};

use Kind::{Any, Bool, Integer, List, Note, Number, Object, OneOf, Strings, Text, Word};

/// What a member may be.
pub(super) enum Kind {
    Any,
    Bool,
    /// It says something.
    Text,
    /// A text that may be empty.
    Note,
    Integer(i64, i64),
    Number(f64, f64),
    Word(&'static [&'static str]),
    List(&'static Kind),
    /// Text under any names.
    Strings,
    Object(&'static [(&'static str, Kind)]),
    /// An object of exactly one of the first members, and any of the second.
    OneOf(
        &'static [(&'static str, Kind)],
        &'static [(&'static str, Kind)],
    ),
}

const INT32: Kind = Integer(1, i32::MAX as i64);

const BLOB: Kind = Object(&[("mimeType", Text), ("data", Text)]);

const PART: Kind = OneOf(
    &[
        ("text", Text),
        ("inlineData", BLOB),
        ("fileData", Object(&[("mimeType", Text), ("fileUri", Text)])),
        (
            "functionCall",
            Object(&[
                ("id", Text),
                ("name", Text),
                ("args", Object(&[("*", Any)])),
            ]),
        ),
        (
            "functionResponse",
            Object(&[
                ("id", Text),
                ("name", Text),
                ("response", Object(&[("*", Any)])),
                ("parts", List(&RESULT_PART)),
            ]),
        ),
    ],
    &[
        ("thoughtSignature", Text),
        (
            "mediaResolution",
            Object(&[("level", Word(&["MEDIA_RESOLUTION_LOW"]))]),
        ),
    ],
);

const RESULT_PART: Kind = OneOf(
    &[
        ("inlineData", BLOB),
        ("fileData", Object(&[("mimeType", Text), ("fileUri", Text)])),
    ],
    &[],
);

const CONTENT: Kind = Object(&[("role", Word(&["user", "model"])), ("parts", List(&PART))]);

const DECLARATION: Kind = Object(&[
    ("name", Text),
    ("description", Note),
    ("parameters", Any),
    ("parametersJsonSchema", Any),
]);

const TOOL: Kind = OneOf(
    &[
        ("functionDeclarations", List(&DECLARATION)),
        ("googleSearch", Any),
        ("googleSearchRetrieval", Any),
        ("codeExecution", Any),
        ("urlContext", Any),
        ("googleMaps", Any),
        ("fileSearch", Any),
        ("retrieval", Any),
        ("enterpriseWebSearch", Any),
        ("parallelAiSearch", Any),
        ("exaAiSearch", Any),
    ],
    &[],
);

const TOOL_CONFIG: Kind = Object(&[
    (
        "functionCallingConfig",
        Object(&[
            ("mode", Word(&["AUTO", "ANY", "NONE", "VALIDATED"])),
            ("allowedFunctionNames", List(&Text)),
        ]),
    ),
    ("includeServerSideToolInvocations", Bool),
]);

const GENERATION: Kind = Object(&[
    ("candidateCount", Integer(2, 8)),
    ("stopSequences", List(&Text)),
    ("maxOutputTokens", INT32),
    ("temperature", Number(0.0, 2.0)),
    ("topP", Number(0.0, 1.0)),
    ("topK", INT32),
    ("seed", Integer(0, i32::MAX as i64)),
    (
        "responseMimeType",
        Word(&["application/json", "text/x.enum"]),
    ),
    ("responseSchema", Any),
    ("responseJsonSchema", Any),
    ("presencePenalty", Number(-2.0, 2.0)),
    ("frequencyPenalty", Number(-2.0, 2.0)),
    ("responseLogprobs", Bool),
    ("logprobs", Integer(0, 20)),
    (
        "responseModalities",
        List(&Word(&["TEXT", "IMAGE", "AUDIO", "VIDEO"])),
    ),
    (
        "speechConfig",
        Object(&[(
            "voiceConfig",
            Object(&[("prebuiltVoiceConfig", Object(&[("voiceName", Text)]))]),
        )]),
    ),
    (
        "thinkingConfig",
        Object(&[
            ("includeThoughts", Bool),
            ("thinkingBudget", Integer(-1, 32_768)),
            ("thinkingLevel", Word(&["minimal", "low", "medium", "high"])),
        ]),
    ),
]);

const SAFETY: Kind = Object(&[("category", Text), ("threshold", Text), ("method", Text)]);

const REQUEST: Kind = Object(&[
    ("contents", List(&CONTENT)),
    (
        "systemInstruction",
        Object(&[("parts", List(&Object(&[("text", Text)])))]),
    ),
    ("tools", List(&TOOL)),
    ("toolConfig", TOOL_CONFIG),
    ("safetySettings", List(&SAFETY)),
    ("generationConfig", GENERATION),
    ("cachedContent", Text),
    ("serviceTier", Word(&["standard", "flex", "priority"])),
    ("labels", Strings),
]);

/// What one side alone knows: "Cannot find field" says the other.
const ONLY: [(&str, Host); 11] = [
    ("labels", Host::Vertex),
    ("method", Host::Vertex),
    ("retrieval", Host::Vertex),
    ("enterpriseWebSearch", Host::Vertex),
    ("parallelAiSearch", Host::Vertex),
    ("exaAiSearch", Host::Vertex),
    ("responseLogprobs", Host::Vertex),
    ("logprobs", Host::Vertex),
    ("fileSearch", Host::Studio),
    ("includeServerSideToolInvocations", Host::Studio),
    ("serviceTier", Host::Studio),
];

/// Every member is known there and of its type, and no list is empty.
pub(super) fn check_members(request: &Value, host: Host) {
    check(&REQUEST, request, host, "request");
}

fn check(kind: &Kind, value: &Value, host: Host, at: &str) {
    match kind {
        Any => {}
        Bool => assert!(value.is_boolean(), "{at}: {value}"),
        Note => assert!(value.is_string(), "{at}: {value}"),
        Text => {
            let text = value.as_str();
            assert!(text.is_some_and(|it| !it.is_empty()), "{at}: {value}");
        }
        Integer(least, most) => {
            let number = value.as_i64();
            let fits = number.is_some_and(|it| (*least..=*most).contains(&it));
            assert!(fits, "{at}: {value}");
        }
        Number(least, most) => {
            let number = value.as_f64();
            let fits = number.is_some_and(|it| (*least..=*most).contains(&it));
            assert!(fits, "{at}: {value}");
        }
        Word(words) => {
            let word = value.as_str();
            assert!(word.is_some_and(|it| words.contains(&it)), "{at}: {value}");
        }
        List(kind) => {
            let items = value.as_array().unwrap_or_else(|| panic!("{at}: {value}"));
            assert!(!items.is_empty(), "{at} is empty");
            for (index, item) in items.iter().enumerate() {
                check(kind, item, host, &format!("{at}[{index}]"));
            }
        }
        Strings => {
            let members = value.as_object().unwrap_or_else(|| panic!("{at}: {value}"));
            assert!(members.values().all(Value::is_string), "{at}: {value}");
        }
        Object(known) => {
            check_object(known, &[], value, host, at);
        }
        OneOf(first, second) => {
            let found = check_object(first, second, value, host, at);
            assert_eq!(found, 1, "{at}: {value}");
        }
    }
}

/// How many of the first kind it has.
fn check_object(
    first: &[(&str, Kind)],
    second: &[(&str, Kind)],
    value: &Value,
    host: Host,
    at: &str,
) -> usize {
    let members = value.as_object().unwrap_or_else(|| panic!("{at}: {value}"));
    let mut found = 0;
    for (name, value) in members {
        let is_it = |(known, _): &&(&str, Kind)| *known == "*" || known == name;
        let own = first.iter().find(is_it);
        found += usize::from(own.is_some());
        let (known, kind) = own
            .or_else(|| second.iter().find(is_it))
            .unwrap_or_else(|| panic!("{at} has no {name}"));
        let only = ONLY.iter().find(|(it, _)| it == known);
        assert!(only.is_none_or(|(_, it)| *it == host), "{at} has no {name}");
        check(kind, value, host, &format!("{at}.{name}"));
    }
    found
}

/// The order of turns, and of calls and results among them. `signs`: the model is one of Gemini 3's; `ids`: they are
/// sent.
pub(super) fn check_turns(request: &Value, signs: bool, ids: bool) {
    let contents = request["contents"].as_array().expect("contents");
    assert_eq!(contents[0]["role"], "user", "{request}");
    for (index, content) in contents.iter().enumerate() {
        let calls = held(content, "functionCall");
        let results = held(content, "functionResponse");
        let parts = content["parts"].as_array().unwrap();
        if !calls.is_empty() {
            assert_eq!(content["role"], "model");
            // "the number of function response parts is equal to the number of function call parts"
            let next = contents
                .get(index + 1)
                .map(|it| held(it, "functionResponse"));
            let answered = |it: &&Map<String, Value>| (it.get("id").cloned(), it["name"].clone());
            let calls: Vec<_> = calls.iter().map(answered).collect();
            let answers: Vec<_> = next.iter().flatten().map(answered).collect();
            assert_eq!(calls, answers, "{request}");
            for (at, (id, _)) in calls.iter().enumerate() {
                assert!(ids || id.is_none(), "{request}");
                let is_first = calls.iter().position(|(it, _)| it == id) == Some(at);
                assert!(id.is_none() || is_first, "{request}");
            }
        }
        if !results.is_empty() {
            assert_eq!(
                (results.len(), &content["role"]),
                (parts.len(), &"user".into())
            );
            let before = contents.get(index.wrapping_sub(1));
            assert!(before.is_some_and(|it| !held(it, "functionCall").is_empty()));
        }
        let first = parts.iter().find(|part| part.get("functionCall").is_some());
        let is_signed = |part: &Value| part["thoughtSignature"].is_string();
        assert!(!signs || first.is_none_or(is_signed), "{request}");
    }
}

/// The members of that name of a content's parts.
pub(super) fn held<'v>(content: &'v Value, name: &str) -> Vec<&'v Map<String, Value>> {
    let parts = content["parts"].as_array().into_iter().flatten();
    parts
        .filter_map(|part| part.get(name)?.as_object())
        .collect()
}
