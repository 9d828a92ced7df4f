//! Any request becomes one that Google takes, or is refused.

use isthmus::gemini::options::{Options, Threshold, ToolSchemas};
use isthmus::gemini::{Host, Manner};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};

use super::asked::request;
use super::rules::{check_members, check_turns, held};
use super::{body, encode};

/// What a model can be asked, told here once more. Penalties: on AI Studio, on Vertex AI.
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
    check_choice(request, &names);
}

fn check_choice(request: &Value, names: &[&str]) {
    let Some(config) = request.get("toolConfig") else {
        return;
    };
    assert!(
        !names.is_empty() && !config.as_object().unwrap().is_empty(),
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
