//! Any request becomes one that Google takes, or is refused.

use isthmus::gemini::options::{Options, Threshold, ToolSchemas};
use isthmus::gemini::{Host, Manner};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::rules::{check_members, check_turns, held};
use super::{body, encode};

/// What a model can be asked, told here once more: the name, and whether it knows JSON Schema.
#[derive(Clone, Copy, Debug)]
struct Model {
    name: &'static str,
    version: (u8, u8),
    thinks: Thinks,
    instructed: bool,
    penalties: [bool; 2],
    candidates: bool,
}

#[derive(Clone, Copy, Debug)]
enum Thinks {
    Never,
    /// Budgets that are not -1 or, where it may be off, 0.
    Budget(i64, i64, bool),
    Levels(&'static [&'static str]),
}

const ALL: Thinks = Thinks::Levels(&["minimal", "low", "medium", "high"]);
const FROM_LOW: Thinks = Thinks::Levels(&["low", "medium", "high"]);

const fn model(name: &'static str, version: (u8, u8), thinks: Thinks) -> Model {
    Model {
        name,
        version,
        thinks,
        instructed: true,
        penalties: [false, false],
        candidates: false,
    }
}

const GEMMA: (u8, u8) = (0, 0);

const MODELS: [Model; 12] = [
    model("gemini-3.8-flash", (3, 8), FROM_LOW),
    model("gemini-3.6-flash", (3, 6), ALL),
    model("gemini-3.5-flash-lite", (3, 5), ALL),
    model("gemini-3.1-pro-preview", (3, 1), FROM_LOW),
    model(
        "gemini-3-pro-preview",
        (3, 0),
        Thinks::Levels(&["low", "high"]),
    ),
    Model {
        penalties: [false, true],
        candidates: true,
        ..model("gemini-2.5-flash", (2, 5), Thinks::Budget(0, 24_576, true))
    },
    Model {
        penalties: [false, true],
        candidates: true,
        ..model("gemini-2.5-pro", (2, 5), Thinks::Budget(128, 32_768, false))
    },
    Model {
        penalties: [false, true],
        ..model("gemini-2.5-flash-image", (2, 5), Thinks::Never)
    },
    Model {
        penalties: [true, true],
        candidates: true,
        ..model("gemini-2.0-flash", (2, 0), Thinks::Never)
    },
    Model {
        instructed: false,
        ..model("gemini-3.1-flash-tts-preview", (3, 1), Thinks::Never)
    },
    Model {
        instructed: false,
        ..model("gemma-3-27b-it", GEMMA, Thinks::Never)
    },
    Model {
        instructed: false,
        ..model(
            "gemma-4-31b-it",
            GEMMA,
            Thinks::Levels(&["minimal", "high"]),
        )
    },
];

fn manner() -> impl Strategy<Value = Manner> {
    let sampling = select(vec![None, Some(true), Some(false)]);
    let safety = select(vec![None, Some(Threshold::None)]);
    (any::<[bool; 5]>(), sampling.clone(), sampling, safety).prop_map(
        |([is_vertex, include_thoughts, restricted, labels, strict], sampling, ids, safety)| {
            Manner {
                host: [Host::Studio, Host::Vertex][usize::from(is_vertex)],
                options: Options {
                    include_thoughts,
                    safety: [safety; 5],
                    tool_schemas: [ToolSchemas::Json, ToolSchemas::Restricted]
                        [usize::from(restricted)],
                    sampling,
                    call_ids: ids,
                    labels,
                    strict,
                    ..Options::default()
                },
            }
        },
    )
}

/// What may stand anywhere, and mostly should not.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => Just(Value::Null),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        4 => select(vec![
            json!(true), json!(false), json!(0), json!(-1), json!(1), json!(u64::MAX), json!(1e308), json!(0.1),
            json!(""), json!("a"), json!("1"), json!("auto"), json!([]), json!([null]), json!([""]), json!([1, "a"]),
            json!([[]]), json!({}), json!({"a": null}), json!({"type": null}), json!({"type": "function"}),
        ]),
    ]
}

/// The fields of a request, each with values that clients send.
fn fields() -> Vec<(&'static str, Vec<Value>)> {
    let numbers = || {
        vec![
            json!(0),
            json!(-0.0),
            json!(0.7),
            json!(1),
            json!(2),
            json!(2.1),
            json!(-2),
            json!("0.5"),
        ]
    };
    let counts = || {
        vec![
            json!(0),
            json!(1),
            json!(5),
            json!(4096),
            json!(4_294_967_296_u64),
            json!(1.0),
        ]
    };
    vec![
        (
            "audio",
            vec![
                json!({"voice": "alloy", "format": "mp3"}),
                json!({"voice": {"id": "v"}}),
                json!({"voice": ""}),
            ],
        ),
        (
            "cached_content",
            vec![json!("abc"), json!("cachedContents/abc")],
        ),
        (
            "extra_body",
            vec![
                json!({"google": {"thinking_config": {"thinking_budget": 5, "thinking_level": "LOW", "include_thoughts": true}}}),
                json!({"google": {"thinkingConfig": {"thinkingBudget": 99_999_999}}, "x": 1}),
                json!({"extra_body": {"google": {"safetySettings": []}}}),
            ],
        ),
        ("frequency_penalty", numbers()),
        (
            "function_call",
            vec![
                json!("auto"),
                json!("none"),
                json!({"name": "f"}),
                json!({"name": "nobody"}),
            ],
        ),
        (
            "functions",
            vec![
                json!([{"name": "f"}]),
                json!([{"name": "f", "parameters": {"type": "object", "properties": {}}}]),
            ],
        ),
        (
            "google",
            vec![
                json!({"safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF", "method": "SEVERITY", "x": 1}]}),
            ],
        ),
        ("logit_bias", vec![json!({"5": -100})]),
        ("logprobs", vec![json!(true), json!(false)]),
        ("max_completion_tokens", counts()),
        ("max_tokens", counts()),
        (
            "metadata",
            vec![json!({"a": "b", "A b": "c", "long": "x".repeat(64)})],
        ),
        (
            "modalities",
            vec![
                json!(["text"]),
                json!(["text", "audio"]),
                json!(["image", "TEXT", "text"]),
            ],
        ),
        ("n", counts()),
        ("parallel_tool_calls", vec![json!(true), json!(false)]),
        (
            "prediction",
            vec![json!({"type": "content", "content": "x"})],
        ),
        ("presence_penalty", numbers()),
        ("reasoning", vec![json!({"effort": "high"}), json!({})]),
        (
            "reasoning_effort",
            ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
                .map(Value::from)
                .to_vec(),
        ),
        ("response_format", formats()),
        (
            "safety_settings",
            vec![json!([{"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "OFF"}])],
        ),
        ("seed", vec![json!(-5), json!(u64::MAX), json!(1.5)]),
        (
            "service_tier",
            ["auto", "default", "flex", "scale", "priority"]
                .map(Value::from)
                .to_vec(),
        ),
        (
            "stop",
            vec![
                json!("x"),
                json!(["a", "", "b"]),
                json!([]),
                json!(["1", "2", "3", "4", "5", "6"]),
                json!([null]),
            ],
        ),
        ("store", vec![json!(true)]),
        ("stream", vec![json!(true), json!(false)]),
        (
            "stream_options",
            vec![json!({"include_usage": true, "include_obfuscation": false})],
        ),
        ("temperature", numbers()),
        (
            "thinking",
            vec![
                json!({"type": "enabled", "budget_tokens": 1}),
                json!({"type": "disabled"}),
            ],
        ),
        ("tool_choice", choices()),
        ("tools", tools()),
        ("top_k", counts()),
        (
            "top_logprobs",
            vec![json!(0), json!(5), json!(20), json!(21)],
        ),
        ("top_p", numbers()),
        ("user", vec![json!("u")]),
        ("verbosity", vec![json!("low")]),
        (
            "web_search_options",
            vec![json!({}), json!({"search_context_size": "low"})],
        ),
    ]
}

fn formats() -> Vec<Value> {
    let of = |schema: Value| json!({"type": "json_schema", "json_schema": {"name": "n", "strict": true, "description": "d", "schema": schema}});
    vec![
        json!({"type": "text"}),
        json!({"type": "json_object"}),
        json!({"type": "json_schema", "json_schema": {"name": "n"}}),
        of(
            json!({"type": "object", "properties": {"a": {"type": ["string", "null"]}}, "required": ["a"], "additionalProperties": false}),
        ),
        of(json!({"type": "string", "enum": ["a", "", "b"]})),
        of(
            json!({"$ref": "#/definitions/R", "definitions": {"R": {"type": "object", "properties": {"r": {"$ref": "#/definitions/R"}}}}}),
        ),
        of(json!({})),
    ]
}

fn choices() -> Vec<Value> {
    let f = json!({"type": "function", "function": {"name": "f"}});
    let search = json!({"type": "web_search"});
    vec![
        json!("auto"),
        json!("none"),
        json!("required"),
        json!({"type": "custom", "custom": {"name": "c"}}),
        json!({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [f, search]}}),
        json!({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [f]}}),
        json!({"type": "allowed_tools", "mode": "auto", "tools": [search]}),
        search,
        f,
    ]
}

fn tools() -> Vec<Value> {
    let of = |parameters: Value| json!({"type": "function", "function": {"name": "f", "description": "", "parameters": parameters}});
    let zod = json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "additionalProperties": false,
                     "properties": {"u": {"type": "string", "format": "uri", "default": "x", "examples": ["y"]},
                                    "n": {"anyOf": [{"type": "integer"}, {"type": "null"}]}, "k": {"const": "k"}}});
    let referring = json!({"$ref": "#/$defs/A", "$defs": {"A": {"properties": {"a": {"$ref": "#/$defs/A", "description": "d"}}}}});
    vec![
        json!([]),
        json!([of(zod.clone())]),
        json!([of(referring)]),
        json!([of(json!({"type": "object", "properties": {}})), {"type": "custom", "custom": {"name": "c"}}]),
        json!([of(json!({})), of(zod), {"type": "web_search"}, {"google_search": {"exclude_domains": ["x"]}}]),
        json!([of(json!({"anyOf": [{"required": ["a"]}], "properties": {"a": {"enum": [1, 2]}}})), {"type": "function", "function": {"name": "a.b c", "strict": true}}]),
        json!([of(json!({"type": null, "properties": {"a": {}}}))]),
        json!([{"type": "web_search"}]),
        json!([{"type": "code_interpreter"}, {"type": "url_context"}, {"type": "enterprise_web_search"}]),
        json!([{"type": "file_search"}]),
        json!([{"function": {"name": "f"}}, {"type": "function", "name": "g"}]),
    ]
}

/// What is said and shown, mostly soundly.
fn content() -> impl Strategy<Value = Value> {
    let sound = select(vec![
        json!({"type": "text", "text": "t", "cache_control": {"type": "ephemeral"}}),
        json!({"type": "text", "text": ""}),
        json!({"type": "refusal", "refusal": "no"}),
        json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}}),
        json!({"type": "image_url", "image_url": {"url": "https://example.com/a.webp"}}),
        json!({"type": "image_url", "image_url": {"url": "https://youtu.be/x"}}),
        json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}}),
        json!({"type": "file", "file": {"file_data": "AAAA", "filename": "a.txt"}}),
    ]);
    let unsound = select(vec![
        json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}),
        json!({"type": "image_url", "image_url": "gs://bucket/a"}),
        json!({"type": "input_audio", "input_audio": {"data": " ", "format": "wav"}}),
        json!({"type": "file", "file": {"file_id": "files/abc"}}),
        json!({"type": "file", "file": {"file_data": "data:,"}}),
    ]);
    let parts = prop_oneof![40 => sound, 2 => unsound, 1 => odd()];
    prop_oneof![
        6 => text(),
        6 => vec(parts, 0..4).prop_map(Value::from),
    ]
}

fn text() -> impl Strategy<Value = Value> {
    let texts = ["hi", "", " ", "{\"a\": [1]}", "\u{e9}\"\\"].map(Value::from);
    let parts = json!([{"type": "text", "text": "t"}, {"type": "text", "text": ""}]);
    let all = texts.into_iter().chain([json!(null), parts]);
    select(all.collect::<Vec<_>>())
}

/// A call and a result, a turn, or something odd.
fn messages() -> impl Strategy<Value = Vec<Value>> {
    let told = (select(vec!["system", "developer"]), text());
    let said = (select(vec!["user", "assistant"]), content());
    let said = prop_oneof![1 => told, 3 => said];
    let said = said
        .prop_map(|(role, content)| vec![json!({"role": role, "content": content, "name": "n"})]);
    let called = (content(), content(), content(), any::<[bool; 3]>());
    let called = called.prop_map(|(said, first, second, [is_custom, is_parallel, is_turned])| {
        let id = "i".repeat(80);
        let mut calls = vec![json!({"id": id, "type": "function", "function": {"name": "a.b c", "arguments": "{\"a\": 1.0}"}})];
        let mut results = vec![json!({"role": "tool", "tool_call_id": id, "content": first})];
        if is_parallel {
            calls.push(match is_custom {
                true => json!({"id": "b", "type": "custom", "custom": {"name": "c", "input": "x\n"}}),
                false => json!({"id": "b", "function": {"name": "a.b c", "arguments": ""}}),
            });
            results.push(json!({"role": "tool", "tool_call_id": "b", "content": second}));
        }
        if is_turned {
            results.reverse();
        }
        let mut messages = vec![json!({"role": "assistant", "content": said, "tool_calls": calls, "reasoning_content": "hm"})];
        messages.extend(results);
        messages
    });
    let legacy = content().prop_map(|content| vec![
        json!({"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}}),
        json!({"role": "function", "name": "f", "content": content}),
    ]);
    let odd = odd().prop_map(|odd| vec![odd]);
    let one = prop_oneof![24 => said, 12 => called, 3 => legacy, 1 => odd];
    vec(one, 1..4).prop_map(|all| all.concat())
}

fn request() -> impl Strategy<Value = Value> {
    let field = select(fields()).prop_flat_map(|(name, values)| {
        let value = prop_oneof![19 => select(values), 1 => odd()];
        value.prop_map(move |value| (name, value))
    });
    (messages(), vec(field, 0..9)).prop_map(|(messages, fields)| {
        let mut request = Map::new();
        for (name, value) in fields {
            request.insert(name.to_owned(), value);
        }
        request.insert("messages".to_owned(), messages.into());
        request.into()
    })
}

/// What holds between the members of a request, for this model there.
fn check(request: &Value, model: Model, manner: &Manner) {
    let is_vertex = manner.host == Host::Vertex;
    let sends_ids = manner.options.call_ids.unwrap_or(!is_vertex);
    check_members(request, manner.host);
    check_turns(request, model.version >= (3, 0), sends_ids);
    let instructed = request.get("systemInstruction").is_some();
    assert!(model.instructed || !instructed, "{request}");
    let last = request["contents"].as_array().and_then(|it| it.last());
    assert!(model.version < (3, 6) || last.unwrap()["role"] == "user");
    check_tools(request, model, manner);
    let config = &request["generationConfig"];
    let has = |name: &str| config.get(name).is_some();
    assert!(model.candidates || !has("candidateCount"));
    let samples = manner.options.sampling.unwrap_or(model.version < (3, 6));
    assert!(samples || !has("temperature") && !has("topP") && !has("topK"));
    let penalised = has("presencePenalty") || has("frequencyPenalty");
    assert!(!penalised || model.penalties[usize::from(is_vertex)]);
    assert!(has("responseLogprobs") || !has("logprobs"));
    let stops = config["stopSequences"].as_array();
    assert!(stops.is_none_or(|it| it.len() <= 5));
    assert!(!has("responseSchema") || !has("responseJsonSchema"));
    assert!(has("responseMimeType") || !has("responseSchema") && !has("responseJsonSchema"));
    let knows_json = model.version >= (2, 0);
    assert!(knows_json || !has("responseJsonSchema"));
    check_schema(&config["responseJsonSchema"]);
    check_thinking(config.get("thinkingConfig"), model.thinks);
    assert!(has("responseModalities") || !model.name.contains("-tts"));
}

fn check_tools(request: &Value, model: Model, manner: &Manner) {
    let tools: Vec<&Value> = request["tools"].as_array().into_iter().flatten().collect();
    let declared = tools
        .iter()
        .filter_map(|it| it["functionDeclarations"].as_array());
    let declared: Vec<&Value> = declared.flatten().collect();
    assert!(model.name != "gemma-3-27b-it" || tools.is_empty());
    let is_mixed = tools.len() > 1 && !declared.is_empty();
    assert!(!is_mixed || model.version >= (3, 0), "{request}");
    let binds = request["generationConfig"]
        .get("responseMimeType")
        .is_some();
    assert!(
        model.version >= (3, 0) || !binds || tools.is_empty(),
        "{request}"
    );
    let mut names = Vec::new();
    for function in &declared {
        let name = function["name"].as_str().unwrap();
        assert!(
            is_name(name, manner.host) && !names.contains(&name),
            "{name}"
        );
        names.push(name);
        assert!(
            function.get("parameters").is_none() || function.get("parametersJsonSchema").is_none()
        );
        let knows_json =
            model.version >= (2, 0) && manner.options.tool_schemas == ToolSchemas::Json;
        assert!(knows_json || function.get("parametersJsonSchema").is_none());
        for field in ["parameters", "parametersJsonSchema"] {
            let Some(schema) = function.get(field) else {
                continue;
            };
            let kind = schema["type"]
                .as_str()
                .or(schema["anyOf"].as_array().map(|_| "object"));
            assert_eq!(kind, Some("object"), "{schema}");
            let properties = schema["properties"].as_object();
            assert!(properties.is_none_or(|it| !it.is_empty()), "{schema}");
        }
        check_schema(&function["parametersJsonSchema"]);
    }
    let contents = request["contents"].as_array().unwrap().iter();
    for call in contents.flat_map(|it| held(it, "functionCall")) {
        assert!(is_name(call["name"].as_str().unwrap(), manner.host));
    }
    let Some(config) = request.get("toolConfig") else {
        return;
    };
    assert!(
        !declared.is_empty() && !config.as_object().unwrap().is_empty(),
        "{request}"
    );
    let calling = &config["functionCallingConfig"];
    if let Some(allowed) = calling.get("allowedFunctionNames") {
        assert!(["ANY", "VALIDATED"].contains(&calling["mode"].as_str().unwrap()));
        let allowed = allowed.as_array().unwrap();
        assert!(
            allowed
                .iter()
                .all(|it| names.contains(&it.as_str().unwrap()))
        );
    }
}

fn is_name(name: &str, host: Host) -> bool {
    let begins = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
    let marks = if host == Host::Vertex { "_.-" } else { "_.:-" };
    let all = name
        .chars()
        .all(|it| it.is_ascii_alphanumeric() || marks.contains(it));
    begins && all && name.len() <= 64
}

/// "If a schema node has $ref set, then only description and default can be set alongside it", and the root has none.
fn check_schema(root: &Value) {
    assert!(
        root.get("$ref").is_none() && root.get("$schema").is_none(),
        "{root}"
    );
    let mut nodes = vec![root];
    while let Some(node) = nodes.pop() {
        if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
            assert!(reference.starts_with("#/$defs/"), "{root}");
            assert!(
                node.as_object()
                    .unwrap()
                    .keys()
                    .all(|it| it.starts_with('$')),
                "{root}"
            );
        }
        nodes.extend(node.as_object().into_iter().flat_map(Map::values));
        nodes.extend(node.as_array().into_iter().flatten());
    }
}

fn check_thinking(config: Option<&Value>, thinks: Thinks) {
    let Some(config) = config else { return };
    let (budget, level) = (config.get("thinkingBudget"), config.get("thinkingLevel"));
    match thinks {
        Thinks::Never => panic!("it does not think: {config}"),
        Thinks::Budget(least, most, may_be_off) => {
            assert!(level.is_none(), "{config}");
            let budget = budget.and_then(Value::as_i64).unwrap_or(-1);
            let fits = budget == -1 || (least..=most).contains(&budget);
            assert!(fits && (may_be_off || budget != 0), "{config}");
            // "Thinking_config.include_thoughts is only enabled when thinking is enabled"
            assert!(budget != 0 || config["includeThoughts"] != true);
        }
        Thinks::Levels(levels) => {
            assert!(budget.is_none(), "{config}");
            let level = level.map(|it| it.as_str().unwrap());
            assert!(level.is_none_or(|it| levels.contains(&it)), "{config}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_request_is_one_google_takes_or_is_refused(
        request in request(),
        model in select(MODELS.to_vec()),
        manner in manner(),
    ) {
        match encode(&manner, model.name, &request) {
            Err(error) => {
                prop_assert!([400, 413].contains(&error.status()), "{:?}", error);
                prop_assert!(!error.message.is_empty());
            }
            Ok(encoded) => {
                let asked = request["n"].as_u64().unwrap_or(1);
                let body = body(&encoded);
                let together = body["generationConfig"]["candidateCount"].as_u64();
                let requests = u64::try_from(encoded.requests.len()).unwrap();
                prop_assert_eq!(together.unwrap_or(requests), asked);
                check(&body, model, &manner);
            }
        }
    }
}
