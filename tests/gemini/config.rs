//! Everything of a chat request but its messages and tools.

use isthmus::error::Error;
use isthmus::gemini::chat::{self, config::Config};
use isthmus::gemini::lessons::{Lesson, Lessons};
use isthmus::gemini::model::Model;
use isthmus::gemini::options::{Options, Threshold};
use isthmus::gemini::{Encoded, Expects, Host, Manner, Request, encode};
use isthmus::json::{Fields, Value as Json};
use isthmus::surface::Operation;
use serde_json::{Value, json};

const FLASH_25: &str = "gemini-2.5-flash";
const FLASH_38: &str = "gemini-3.8-flash";

/// A chat, and who is asked how.
#[derive(Clone, Copy)]
struct Ask<'a> {
    model: &'a str,
    asked: &'a str,
    host: Host,
    options: Options,
    lessons: Lessons,
}

fn ask(model: &str) -> Ask<'_> {
    Ask {
        model,
        asked: model,
        host: Host::Studio,
        options: Options::default(),
        lessons: Lessons::default(),
    }
}

impl Ask<'_> {
    fn on_vertex(self) -> Self {
        Self {
            host: Host::Vertex,
            ..self
        }
    }

    fn knowing(self, lesson: Lesson) -> Self {
        Self {
            lessons: self.lessons.with(lesson),
            ..self
        }
    }

    fn strictly(self) -> Self {
        let options = Options {
            strict: true,
            ..self.options
        };
        Self { options, ..self }
    }

    fn encode(self, more: &Value) -> Result<Encoded, Error> {
        let mut request = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
        let more = more.as_object().unwrap().clone();
        request.as_object_mut().unwrap().extend(more);
        let text = request.to_string();
        let request = Request {
            operation: Operation::Chat,
            text: text.as_bytes(),
            content_type: "application/json",
            asked: self.asked,
            model: self.model,
            lessons: self.lessons,
            fetched: &[],
        };
        let manner = Manner {
            host: self.host,
            options: self.options,
        };
        encode(&manner, &request)
    }

    fn body(self, more: &Value) -> Value {
        let encoded = self.encode(more);
        let encoded = encoded.unwrap_or_else(|error| panic!("{more}: {error:?}"));
        serde_json::from_slice(&encoded.requests[0].body).expect("JSON")
    }

    /// `generationConfig`, null if there is none.
    fn drawn(self, more: &Value) -> Value {
        self.body(more)["generationConfig"].take()
    }

    fn expects(self, more: &Value) -> chat::Expects {
        match self.encode(more).unwrap().expects {
            Expects::Chat(expects) => expects,
            other => panic!("{other:?}"),
        }
    }

    fn refused(self, more: &Value) -> Error {
        match self.encode(more) {
            Err(error) => error,
            Ok(_) => panic!("{more} was taken"),
        }
    }
}

#[test]
fn fields_of_an_older_model() {
    for (given, expected) in [
        (json!({}), Value::Null),
        (json!({"max_tokens": 10}), json!({"maxOutputTokens": 10})),
        (
            json!({"max_completion_tokens": 20, "max_tokens": 10}),
            json!({"maxOutputTokens": 20}),
        ),
        (
            json!({"max_tokens": u64::MAX, "top_k": u64::MAX}),
            json!({"maxOutputTokens": i32::MAX, "topK": i32::MAX}),
        ),
        (
            json!({"max_completion_tokens": null, "max_tokens": 10}),
            json!({"maxOutputTokens": 10}),
        ),
        (
            json!({"temperature": 0.2, "top_p": 0.9, "top_k": 40}),
            json!({"temperature": 0.2, "topP": 0.9, "topK": 40}),
        ),
        (json!({"top_k": 0}), Value::Null),
        (json!({"top_k": -1}), Value::Null),
        (json!({"temperature": 0}), json!({"temperature": 0})),
        (json!({"temperature": null}), Value::Null),
        (json!({"n": 1}), Value::Null),
        (json!({"n": 2}), json!({"candidateCount": 2})),
        (json!({"stop": "END"}), json!({"stopSequences": ["END"]})),
        (
            json!({"stop": ["", "a", "\n\u{e9}"]}),
            json!({"stopSequences": ["a", "\n\u{e9}"]}),
        ),
        (json!({"stop": [""]}), Value::Null),
        (json!({"stop": null}), Value::Null),
        (
            json!({"seed": 9_007_199_254_740_991_u64}),
            json!({"seed": 2_147_483_647}),
        ),
        (json!({"seed": -1}), json!({"seed": 2_147_483_647})),
        (json!({"seed": 42}), json!({"seed": 42})),
        (
            json!({"presence_penalty": 0.5, "frequency_penalty": 0}),
            Value::Null,
        ),
        (json!({"logprobs": true, "top_logprobs": 5}), Value::Null),
        (
            json!({"user": "u", "store": true, "metadata": {"a": "b"}, "verbosity": "low", "logit_bias": {"1": 1},
                   "prediction": {}, "prompt_cache_key": "k", "safety_identifier": "s", "unknown": [1]}),
            Value::Null,
        ),
    ] {
        assert_eq!(ask(FLASH_25).drawn(&given), expected, "{given}");
    }
}

#[test]
fn digits_stay_as_they_are() {
    let text = r#"{"model":"m","messages":[],"temperature":0.10,"top_p":1E-1}"#;
    let fields = Fields::of(Json::first(text.as_bytes()).unwrap());
    let manner = Manner::default();
    let model = Model::of(FLASH_25, Host::Studio);
    let config = Config::read(&fields, model, &manner, Lessons::default()).unwrap();
    let mut out = isthmus::json::Writer::default();
    config.write(&mut out);
    assert_eq!(out.into_bytes(), br#""temperature":0.10,"topP":1E-1"#);
}

#[test]
fn newer_models_take_less() {
    let given = json!({"temperature": 0, "top_p": 0.5, "top_k": 3, "presence_penalty": 0.5, "max_tokens": 5});
    for (model, expected) in [
        (
            "gemini-3.5-flash",
            json!({"temperature": 0, "topP": 0.5, "topK": 3, "maxOutputTokens": 5}),
        ),
        ("gemini-3.6-flash", json!({"maxOutputTokens": 5})),
        ("gemini-flash-latest", json!({"maxOutputTokens": 5})),
    ] {
        assert_eq!(ask(model).drawn(&given), expected, "{model}");
    }
}

#[test]
fn penalties_by_model_and_host() {
    let given = json!({"presence_penalty": 0.5, "frequency_penalty": -1});
    let both = json!({"presencePenalty": 0.5, "frequencyPenalty": -1});
    for (asked, expected) in [
        (ask("gemini-2.0-flash"), both.clone()),
        (ask(FLASH_25), Value::Null),
        (ask(FLASH_25).on_vertex(), both),
        (
            ask(FLASH_25).on_vertex().knowing(Lesson::NoPenalties),
            Value::Null,
        ),
        (ask(FLASH_38).on_vertex(), Value::Null),
    ] {
        assert_eq!(asked.drawn(&given), expected);
    }
    let nothing = json!({"presence_penalty": 0.0, "frequency_penalty": 0});
    assert_eq!(ask("gemini-2.0-flash").drawn(&nothing), Value::Null);
}

#[test]
fn probabilities_are_vertex_s() {
    let vertex = ask(FLASH_25).on_vertex();
    for (given, expected) in [
        (json!({"logprobs": true}), json!({"responseLogprobs": true})),
        (
            json!({"logprobs": true, "top_logprobs": 5}),
            json!({"responseLogprobs": true, "logprobs": 5}),
        ),
        (
            json!({"logprobs": true, "top_logprobs": 0}),
            json!({"responseLogprobs": true, "logprobs": 0}),
        ),
        (json!({"logprobs": false, "top_logprobs": 5}), Value::Null),
    ] {
        assert_eq!(vertex.drawn(&given), expected, "{given}");
    }
    let wanted = json!({"logprobs": true});
    let taught = vertex.knowing(Lesson::NoLogprobs);
    assert_eq!(taught.drawn(&wanted), Value::Null);
}

#[test]
fn several_choices() {
    for (asked, n, requests, together) in [
        (ask(FLASH_25), 2, 1, json!(2)),
        (ask(FLASH_25), 8, 1, json!(8)),
        (
            ask(FLASH_25).knowing(Lesson::OneCandidate),
            3,
            3,
            Value::Null,
        ),
        (ask(FLASH_38), 1, 1, Value::Null),
        (ask(FLASH_38), 4, 4, Value::Null),
        (ask("gemini-2.5-flash-image"), 2, 2, Value::Null),
        (ask("gemma-4-31b-it"), 2, 2, Value::Null),
    ] {
        let given = json!({"n": n});
        let encoded = asked.encode(&given).unwrap().requests;
        assert_eq!(encoded.len(), requests, "{} {n}", asked.model);
        assert!(encoded.iter().all(|it| *it == encoded[0]));
        let drawn = asked.drawn(&given);
        assert_eq!(drawn["candidateCount"], together, "{} {n}", asked.model);
    }
}

#[test]
fn effort_as_levels_and_budgets() {
    let level = |level: &str| json!({"thinkingConfig": {"thinkingLevel": level}});
    let budget = |budget: i64| json!({"thinkingConfig": {"thinkingBudget": budget}});
    for (model, expected) in [
        (
            FLASH_25,
            [0, 1024, 1024, 8192, 24576, 24576, 24576].map(budget),
        ),
        (
            "gemini-2.5-flash-lite",
            [0, 1024, 1024, 8192, 24576, 24576, 24576].map(budget),
        ),
        (
            "gemini-2.5-pro",
            [128, 1024, 1024, 8192, 24576, 24576, 24576].map(budget),
        ),
        (
            FLASH_38,
            ["low", "low", "low", "medium", "high", "high", "high"].map(level),
        ),
        (
            "gemini-3.1-pro-preview",
            ["low", "low", "low", "medium", "high", "high", "high"].map(level),
        ),
        (
            "gemini-3.5-flash-lite",
            [
                "minimal", "minimal", "low", "medium", "high", "high", "high",
            ]
            .map(level),
        ),
        (
            "gemini-3-pro-preview",
            ["low", "low", "low", "high", "high", "high", "high"].map(level),
        ),
        ("gemini-2.0-flash", [(); 7].map(|()| Value::Null)),
        ("gemma-3-27b-it", [(); 7].map(|()| Value::Null)),
        ("gemini-2.5-flash-image", [(); 7].map(|()| Value::Null)),
    ] {
        let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
        for (effort, expected) in efforts.into_iter().zip(expected) {
            let given = json!({"reasoning_effort": effort});
            assert_eq!(ask(model).drawn(&given), expected, "{model} {effort}");
            let given = json!({"reasoning": {"effort": effort}});
            assert_eq!(ask(model).drawn(&given), expected, "{model} {effort}");
        }
    }
}

#[test]
fn budgets_of_clients() {
    let enabled = |tokens: i64| json!({"thinking": {"type": "enabled", "budget_tokens": tokens}});
    let google = |config: Value| json!({"extra_body": {"google": {"thinking_config": config}}});
    for (model, given, expected) in [
        (FLASH_25, enabled(2048), json!({"thinkingBudget": 2048})),
        (FLASH_25, enabled(99_999), json!({"thinkingBudget": 24576})),
        (
            "gemini-2.5-flash-lite",
            enabled(5),
            json!({"thinkingBudget": 512}),
        ),
        ("gemini-2.5-pro", enabled(0), json!({"thinkingBudget": 128})),
        (
            FLASH_25,
            json!({"thinking": {"type": "disabled"}}),
            json!({"thinkingBudget": 0}),
        ),
        (
            FLASH_25,
            json!({"thinking": {"type": "enabled"}}),
            json!({"thinkingBudget": -1}),
        ),
        (FLASH_38, enabled(1024), json!({"thinkingLevel": "low"})),
        (FLASH_38, enabled(5000), json!({"thinkingLevel": "medium"})),
        (FLASH_38, enabled(10_000), json!({"thinkingLevel": "high"})),
        (
            FLASH_38,
            json!({"thinking": {"type": "disabled"}}),
            json!({"thinkingLevel": "low"}),
        ),
        (
            FLASH_38,
            json!({"thinking": {"type": "adaptive"}}),
            Value::Null,
        ),
        (
            FLASH_25,
            google(json!({"thinking_budget": 300, "include_thoughts": true})),
            json!({"thinkingBudget": 300, "includeThoughts": true}),
        ),
        (
            FLASH_25,
            google(json!({"thinkingBudget": -1})),
            json!({"thinkingBudget": -1}),
        ),
        (
            FLASH_38,
            google(json!({"thinking_level": "LOW", "include_thoughts": false})),
            json!({"thinkingLevel": "low", "includeThoughts": false}),
        ),
        (
            FLASH_38,
            google(json!({"thinking_level": "minimal"})),
            json!({"thinkingLevel": "low"}),
        ),
        (
            FLASH_25,
            google(json!({"thinking_level": "medium"})),
            json!({"thinkingBudget": 8192}),
        ),
        (
            FLASH_38,
            google(json!({"thinking_budget": 24576})),
            json!({"thinkingLevel": "high"}),
        ),
        (
            FLASH_38,
            json!({"reasoning_effort": "high", "thinking": {"type": "enabled", "budget_tokens": 100},
                   "google": {"thinking_config": {"thinking_level": "medium"}}}),
            json!({"thinkingLevel": "medium"}),
        ),
        (
            FLASH_38,
            json!({"reasoning_effort": "high", "google": {"thinking_config": {"include_thoughts": true}}}),
            json!({"thinkingLevel": "high", "includeThoughts": true}),
        ),
        (
            "gemini-2.0-flash",
            google(json!({"thinking_budget": 1})),
            Value::Null,
        ),
    ] {
        let drawn = ask(model).drawn(&given);
        assert_eq!(drawn["thinkingConfig"], expected, "{model} {given}");
    }
}

#[test]
fn thoughts_are_told_where_the_owner_wants_them() {
    let shown = |model| {
        let mut asked = ask(model);
        asked.options.include_thoughts = true;
        asked
    };
    for (asked, given, expected) in [
        (shown(FLASH_25), json!({}), json!({"includeThoughts": true})),
        (
            shown(FLASH_38),
            json!({"reasoning_effort": "low"}),
            json!({"thinkingLevel": "low", "includeThoughts": true}),
        ),
        (
            shown(FLASH_25),
            json!({"reasoning_effort": "none"}),
            json!({"thinkingBudget": 0}),
        ),
        (shown("gemini-2.5-flash-lite"), json!({}), Value::Null),
        (
            shown("gemini-2.5-flash-lite"),
            json!({"reasoning_effort": "low"}),
            json!({"thinkingBudget": 1024, "includeThoughts": true}),
        ),
        (
            shown(FLASH_38),
            json!({"google": {"thinking_config": {"include_thoughts": false}}}),
            json!({"includeThoughts": false}),
        ),
        (shown("gemini-2.0-flash"), json!({}), Value::Null),
        (
            shown(FLASH_38).knowing(Lesson::NoThinking),
            json!({"reasoning_effort": "low"}),
            Value::Null,
        ),
        (
            ask(FLASH_38).knowing(Lesson::ThinkMore),
            json!({"reasoning_effort": "low"}),
            json!({"thinkingLevel": "medium"}),
        ),
        (
            ask(FLASH_38).knowing(Lesson::ThinkMore),
            json!({"reasoning_effort": "high"}),
            json!({"thinkingLevel": "high"}),
        ),
        (
            ask(FLASH_25).knowing(Lesson::ThinkMore),
            json!({"reasoning_effort": "none"}),
            json!({"thinkingBudget": 1024}),
        ),
    ] {
        let drawn = asked.drawn(&given);
        assert_eq!(drawn["thinkingConfig"], expected, "{} {given}", asked.model);
    }
}

#[test]
fn what_the_answer_is_made_of() {
    let speaks = |voice: &str| {
        let config = json!({"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}});
        json!({"responseModalities": ["AUDIO"], "speechConfig": config})
    };
    let tts = "gemini-3.1-flash-tts-preview";
    for (model, given, expected) in [
        (
            FLASH_25,
            json!({"modalities": ["text", "image"]}),
            json!({"responseModalities": ["TEXT", "IMAGE"]}),
        ),
        (FLASH_25, json!({"modalities": []}), Value::Null),
        (
            tts,
            json!({"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "pcm16"}}),
            speaks("Kore"),
        ),
        (tts, json!({"audio": {"voice": "zephyr"}}), speaks("Zephyr")),
        (
            tts,
            json!({"audio": {"voice": {"id": "voice_1"}}}),
            speaks("Kore"),
        ),
        (tts, json!({}), json!({"responseModalities": ["AUDIO"]})),
        (
            FLASH_25,
            json!({"modalities": ["audio"]}),
            json!({"responseModalities": ["AUDIO"]}),
        ),
    ] {
        assert_eq!(ask(model).drawn(&given), expected, "{model} {given}");
    }
    let mp3 = json!({"audio": {"voice": "alloy", "format": "mp3"}});
    assert_eq!(ask(tts).drawn(&mp3), speaks("Kore"));
    assert_eq!(ask(tts).strictly().refused(&mp3).param, Some("audio"));
    let wav = json!({"audio": {"voice": "alloy", "format": "wav"}});
    assert_eq!(ask(tts).strictly().drawn(&wav), speaks("Kore"));
}

fn of_schema(schema: Value) -> Value {
    let named = json!({"name": "n", "strict": true, "schema": schema});
    json!({"response_format": {"type": "json_schema", "json_schema": named}})
}

#[test]
fn forms_of_the_answer() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let of = |schema: &Value| json!({"responseMimeType": "application/json", "responseJsonSchema": schema});
    let described = json!({"response_format": {"type": "json_schema",
        "json_schema": {"name": "n", "description": "d \"q\"", "schema": schema}}});
    let both = json!({"description": "d \"q\"", "type": "object", "properties": {"a": {"type": "string"}}});
    let own = json!({"type": "object", "description": "own", "properties": {"a": {}}});
    let beside_own = json!({"response_format": {"type": "json_schema",
        "json_schema": {"name": "n", "description": "d", "schema": own}}});
    for (given, expected) in [
        (json!({"response_format": {"type": "text"}}), Value::Null),
        (json!({"response_format": null}), Value::Null),
        (
            json!({"response_format": {"type": "json_object"}}),
            json!({"responseMimeType": "application/json"}),
        ),
        (of_schema(schema.clone()), of(&schema)),
        (described, of(&both)),
        (beside_own, of(&own)),
        (
            json!({"response_format": {"type": "json_schema", "json_schema": {"name": "n"}}}),
            json!({"responseMimeType": "application/json"}),
        ),
        (
            of_schema(json!({"type": "string", "enum": ["yes", "", "no"]})),
            json!({"responseMimeType": "text/x.enum",
                   "responseSchema": {"type": "STRING", "enum": ["yes", "no"]}}),
        ),
        (
            of_schema(json!({"type": "string", "enum": ["yes", null]})),
            of(&json!({"type": "string", "enum": ["yes", null]})),
        ),
        (
            of_schema(json!({"type": "integer", "enum": [1]})),
            of(&json!({"type": "integer", "enum": [1]})),
        ),
    ] {
        assert_eq!(ask(FLASH_25).drawn(&given), expected, "{given}");
        assert!(!ask(FLASH_25).expects(&given).unfence);
    }
}

#[test]
fn models_without_json_are_told() {
    let given = of_schema(json!({"type": "object", "properties": {"a": {}}}));
    assert_eq!(ask("gemma-3-27b-it").drawn(&given), Value::Null);
    assert!(ask("gemma-3-27b-it").expects(&given).unfence);
    // Gemma 4 has it, and is bound by the subset of OpenAPI.
    let drawn = ask("gemma-4-31b-it").drawn(&given);
    assert_eq!(drawn["responseMimeType"], "application/json");
    assert!(drawn["responseSchema"].is_object() && drawn["responseJsonSchema"].is_null());
    let simpler = ask(FLASH_25).knowing(Lesson::NoSchema);
    assert_eq!(
        simpler.drawn(&given),
        json!({"responseMimeType": "application/json"})
    );
    assert!(!simpler.expects(&given).unfence);
}

#[test]
fn safety_is_the_owner_s_unless_the_client_says_otherwise() {
    let setting =
        |category: &str, threshold: &str| json!({"category": category, "threshold": threshold});
    let (harassment, hate) = ("HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_HATE_SPEECH");
    let mut owned = ask(FLASH_25);
    owned.options.safety[0] = Some(Threshold::None);
    owned.options.safety[1] = Some(Threshold::Off);
    for (asked, given, expected) in [
        (ask(FLASH_25), json!({}), Value::Null),
        (ask(FLASH_25), json!({"safety_settings": []}), Value::Null),
        (
            owned,
            json!({}),
            json!([setting(harassment, "BLOCK_NONE"), setting(hate, "OFF")]),
        ),
        (
            owned,
            json!({"safety_settings": [setting(harassment, "BLOCK_ONLY_HIGH")]}),
            json!([setting(hate, "OFF"), setting(harassment, "BLOCK_ONLY_HIGH")]),
        ),
        (
            ask(FLASH_25),
            json!({"safety_settings": [setting(hate, "OFF")],
                   "extra_body": {"google": {"safetySettings": [setting(hate, "BLOCK_NONE"), setting(hate, "OFF"),
                       setting("HARM_CATEGORY_JAILBREAK", "OFF")]}}}),
            json!([
                setting(hate, "OFF"),
                setting("HARM_CATEGORY_JAILBREAK", "OFF")
            ]),
        ),
    ] {
        assert_eq!(asked.body(&given)["safetySettings"], expected, "{given}");
    }
    let mut by_severity = setting(hate, "OFF");
    by_severity["method"] = json!("SEVERITY");
    let given = json!({"safety_settings": [by_severity]});
    let studio = ask(FLASH_25).body(&given);
    assert_eq!(studio["safetySettings"], json!([setting(hate, "OFF")]));
    let vertex = ask(FLASH_25).on_vertex().body(&given);
    assert_eq!(vertex["safetySettings"], given["safety_settings"]);
}

#[test]
fn caches_tiers_and_labels() {
    let (studio, unlabelled) = (ask(FLASH_25), ask(FLASH_25).on_vertex());
    let mut vertex = unlabelled;
    vertex.options.labels = true;
    let theirs = "projects/p/locations/l/cachedContents/1";
    for (asked, given, name, expected) in [
        (
            studio,
            json!({"cached_content": "1"}),
            "cachedContent",
            json!("cachedContents/1"),
        ),
        (
            studio,
            json!({"extra_body": {"extra_body": {"google": {"cached_content": "cachedContents/2"}}},
                   "google": {"cached_content": "3"}}),
            "cachedContent",
            json!("cachedContents/2"),
        ),
        (
            vertex,
            json!({"google": {"cachedContent": theirs}}),
            "cachedContent",
            json!(theirs),
        ),
        (
            studio,
            json!({"service_tier": "auto"}),
            "serviceTier",
            Value::Null,
        ),
        (
            studio,
            json!({"service_tier": "default"}),
            "serviceTier",
            json!("standard"),
        ),
        (
            studio,
            json!({"service_tier": "flex"}),
            "serviceTier",
            json!("flex"),
        ),
        (
            studio,
            json!({"service_tier": "priority"}),
            "serviceTier",
            json!("priority"),
        ),
        (
            studio,
            json!({"service_tier": "scale"}),
            "serviceTier",
            Value::Null,
        ),
        (
            vertex,
            json!({"service_tier": "flex"}),
            "serviceTier",
            Value::Null,
        ),
        (
            studio,
            json!({"metadata": {"a": "b"}}),
            "labels",
            Value::Null,
        ),
        (
            vertex,
            json!({"metadata": {"team": "a-1_", "Team": "b", "x": "Y", "1": "c", "n": 1, "e": "",
                   "long": "x".repeat(64)}}),
            "labels",
            json!({"team": "a-1_", "e": ""}),
        ),
        (
            unlabelled,
            json!({"metadata": {"a": "b"}}),
            "labels",
            Value::Null,
        ),
        (
            vertex,
            json!({"metadata": {"A": "b"}}),
            "labels",
            Value::Null,
        ),
    ] {
        assert_eq!(asked.body(&given)[name], expected, "{given}");
    }
}

#[test]
fn streams_have_a_method_of_their_own() {
    let method = |given: Value| ask(FLASH_25).encode(&given).unwrap().requests[0].method;
    assert_eq!(method(json!({})), ":generateContent");
    assert_eq!(method(json!({"stream": false})), ":generateContent");
    let streamed = json!({"stream": true, "stream_options": {"include_usage": true}});
    assert_eq!(method(streamed.clone()), ":streamGenerateContent?alt=sse");
    let expects = ask(FLASH_25).expects(&streamed);
    assert!(expects.stream && expects.usage);
    let expects = ask(FLASH_25).expects(&json!({"stream_options": {"include_usage": true}}));
    assert!(!expects.stream && !expects.usage);
    for (given, expected) in [
        (json!({}), false),
        (json!({"parallel_tool_calls": true}), false),
        (json!({"parallel_tool_calls": null}), false),
        (json!({"parallel_tool_calls": false}), true),
    ] {
        assert_eq!(ask(FLASH_25).expects(&given).one_call, expected, "{given}");
    }
}

#[test]
fn what_is_of_another_type_is_refused_by_its_name() {
    for (given, param) in [
        (json!({"max_tokens": 0}), "max_tokens"),
        (
            json!({"max_completion_tokens": "5"}),
            "max_completion_tokens",
        ),
        (json!({"temperature": "hot"}), "temperature"),
        (json!({"temperature": 2.5}), "temperature"),
        (json!({"top_p": -0.1}), "top_p"),
        (json!({"top_k": 1.5}), "top_k"),
        (json!({"n": 0}), "n"),
        (json!({"n": 9}), "n"),
        (json!({"n": "2"}), "n"),
        (json!({"stop": 1}), "stop"),
        (json!({"stop": ["a", 1]}), "stop"),
        (json!({"stop": ["1", "2", "3", "4", "5", "6"]}), "stop"),
        (json!({"seed": 1.5}), "seed"),
        (json!({"presence_penalty": "a"}), "presence_penalty"),
        (json!({"frequency_penalty": 3}), "frequency_penalty"),
        (json!({"logprobs": "yes"}), "logprobs"),
        (json!({"logprobs": 3}), "logprobs"),
        (
            json!({"logprobs": true, "top_logprobs": 21}),
            "top_logprobs",
        ),
        (json!({"stream": "yes"}), "stream"),
        (json!({"stream_options": true}), "stream_options"),
        (json!({"parallel_tool_calls": 1}), "parallel_tool_calls"),
        (json!({"modalities": "text"}), "modalities"),
        (json!({"modalities": ["smell"]}), "modalities"),
        (json!({"audio": "alloy"}), "audio"),
        (json!({"audio": {"voice": 1}}), "audio"),
        (json!({"reasoning_effort": "very"}), "reasoning_effort"),
        (json!({"reasoning": {"effort": 1}}), "reasoning"),
        (json!({"reasoning": "low"}), "reasoning"),
        (json!({"thinking": "on"}), "thinking"),
        (json!({"thinking": {"type": "on"}}), "thinking"),
        (json!({"thinking": {"budget_tokens": "x"}}), "thinking"),
        (json!({"extra_body": 1}), "extra_body"),
        (json!({"extra_body": {"google": []}}), "extra_body"),
        (json!({"google": "x"}), "google"),
        (json!({"google": {"thinking_config": 1}}), "thinking_config"),
        (
            json!({"google": {"thinking_config": {"thinking_level": "x"}}}),
            "thinking_config",
        ),
        (
            json!({"google": {"thinking_config": {"thinking_budget": 0.5}}}),
            "thinking_config",
        ),
        (
            json!({"google": {"thinking_config": {"include_thoughts": 1}}}),
            "thinking_config",
        ),
        (json!({"safety_settings": {}}), "safety_settings"),
        (
            json!({"safety_settings": [{"category": "C"}]}),
            "safety_settings",
        ),
        (
            json!({"safety_settings": vec![json!({"category": "C", "threshold": "OFF"}); 33]}),
            "safety_settings",
        ),
        (json!({"cached_content": {}}), "cached_content"),
        (json!({"service_tier": 1}), "service_tier"),
        (json!({"response_format": "json"}), "response_format"),
        (
            json!({"response_format": {"type": "xml"}}),
            "response_format",
        ),
        (
            json!({"response_format": {"type": "json_schema"}}),
            "response_format",
        ),
        (of_schema(json!([1])), "response_format"),
    ] {
        let error = ask(FLASH_38).refused(&given);
        assert_eq!((error.status(), error.param), (400, Some(param)), "{given}");
    }
    let bias = json!({"logit_bias": {"1": 5}});
    let refused = ask(FLASH_38).strictly().refused(&bias);
    assert_eq!(refused.param, Some("logit_bias"));
    let nothing = json!({"logit_bias": {}});
    assert!(ask(FLASH_38).strictly().encode(&nothing).is_ok());
    assert_eq!(ask(FLASH_38).strictly().drawn(&nothing), Value::Null);
}

#[test]
fn prompts_are_drawn_alike() {
    let text = r#"{"prompt": "Once", "max_tokens": 16, "n": 2, "stop": ["x"], "logprobs": 3, "tools": [1],
        "google": {"safety_settings": [{"category": "C", "threshold": "OFF"}]}}"#;
    let fields = Fields::of(Json::first(text.as_bytes()).unwrap());
    let manner = Manner {
        host: Host::Vertex,
        options: Options::default(),
    };
    let request = Request {
        operation: Operation::Completions,
        text: text.as_bytes(),
        content_type: "application/json",
        asked: FLASH_25,
        model: FLASH_25,
        lessons: Lessons::default(),
        fetched: &[],
    };
    let body = chat::prompted(&manner, &request, &fields, "Once").unwrap();
    let mut body: Value = serde_json::from_slice(&body).unwrap();
    // The conversation is tested where it is told.
    body.as_object_mut().unwrap().remove("contents");
    let config = json!({"candidateCount": 2, "maxOutputTokens": 16, "stopSequences": ["x"],
        "responseLogprobs": true, "logprobs": 3});
    let safety = json!([{"category": "C", "threshold": "OFF"}]);
    assert_eq!(
        body,
        json!({"generationConfig": config, "safetySettings": safety})
    );
}
