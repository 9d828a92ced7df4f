//! What a client sends back of our own answers is accepted, and nothing is lost of it that Google needs.

use isthmus::gemini::options::{Options, ToolSchemas};
use isthmus::gemini::stream::{Rules, Translation};
use isthmus::gemini::{Context, Encoded, Expects, Host, Manner, decode, streams};
use isthmus::stream::{Ended, Step};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Map, Value, json};

use super::rules::{check_members, check_turns, held};
use super::{body, encode};
use crate::cut::{Cuts, cuts};

const SENTINEL: &str = "skip_thought_signature_validator";

/// Each with whether it is one of Gemini 3's.
const MODELS: [(&str, bool); 6] = [
    ("gemini-3.8-flash", true),
    ("gemini-3-flash-preview", true),
    ("gemini-3-pro-image", true),
    ("gemini-2.5-flash", false),
    ("gemini-2.0-flash", false),
    ("gemma-4-31b-it", false),
];

const NAMES: [&str; 9] = [
    "get_weather",
    "a b",
    "a/b",
    "a_b",
    "ns.tool:x",
    "\u{e9}t\u{e9} \"\\",
    "1st",
    "mcp__server_with_a_long_name__tool_with_a_longer_name_than_fits_there",
    "mcp__server_with_a_long_name__tool_with_a_longer_name_than_fits_here",
];

/// Who talks to whom, and how.
#[derive(Clone, Debug)]
struct Talk {
    model: (&'static str, bool),
    manner: Manner,
    /// The names of the tools, each with whether it is a custom one.
    tools: Vec<(&'static str, bool)>,
    /// They are `functions`.
    is_legacy: bool,
    one_call: bool,
    streams: bool,
    /// The client keeps no members but OpenAI's.
    forgets: bool,
}

/// What Google answers with.
#[derive(Clone, Debug)]
enum Said {
    Text(String, Option<String>),
    Thought(String, Option<String>),
    Call(Called),
    Image(&'static str, Option<String>),
    Other(Value),
}

#[derive(Clone, Debug)]
struct Called {
    tool: Index,
    id: Id,
    args: Option<Value>,
    text: String,
    signature: Option<String>,
    /// The model puts the name of a module in front.
    is_prefixed: bool,
}

#[derive(Clone, Copy, Debug)]
enum Id {
    Issued,
    Empty,
    Absent,
}

/// One answer and what the client does with it.
#[derive(Clone, Debug)]
struct Round {
    parts: Vec<Said>,
    reason: Option<&'static str>,
    cuts: Cuts,
    results: Vec<(Index, Outcome)>,
    then_says: bool,
}

/// What a tool said, in the forms clients have for it.
#[derive(Clone, Debug)]
struct Outcome {
    content: Value,
    response: Value,
}

/// What Google has to see again.
#[derive(Debug, Default, PartialEq)]
struct Kept {
    calls: Vec<Vec<Value>>,
    results: Vec<Vec<Value>>,
    text: String,
    images: Vec<Value>,
}

fn talk() -> impl Strategy<Value = Talk> {
    let tools = (subsequence(NAMES.to_vec(), 1..5), any::<u8>());
    let flags = any::<[bool; 7]>();
    (select(MODELS.to_vec()), tools, flags).prop_map(|(model, (names, customs), flags)| {
        let [
            is_vertex,
            in_ids,
            is_legacy,
            one_call,
            streams,
            forgets,
            restricted,
        ] = flags;
        let is_custom = |at: usize| !is_legacy && customs >> (2 * at) & 3 == 3;
        let tools = names.into_iter().enumerate();
        let schemas = [ToolSchemas::Json, ToolSchemas::Restricted];
        Talk {
            model,
            manner: Manner {
                host: [Host::Studio, Host::Vertex][usize::from(is_vertex)],
                options: Options {
                    signatures_in_ids: in_ids,
                    tool_schemas: schemas[usize::from(restricted)],
                    ..Options::default()
                },
            },
            tools: tools.map(|(at, name)| (name, is_custom(at))).collect(),
            is_legacy: is_legacy && customs & 1 == 1,
            one_call: one_call && customs & 2 == 2,
            streams,
            forgets,
        }
    })
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "[a-z ]{0,8}",
        1 => select(vec!["\u{e9}\n\"\\", "\u{1f600}", "\u{0}\u{2028}", "```\n", "{}"]).prop_map(str::to_owned),
    ]
}

fn signature() -> impl Strategy<Value = Option<String>> {
    option::of("[A-Za-z0-9+/]{4,12}={0,2}")
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        words().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        select(vec![
            json!(null),
            json!(true),
            json!(1.0),
            json!(-0.5),
            json!(1e300),
            json!([]),
            json!({})
        ]),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            object(inner)
        ]
    })
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    vec((words(), inner), 0..3)
        .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}

fn said() -> impl Strategy<Value = Said> {
    let call = (
        any::<Index>(),
        select(vec![Id::Issued, Id::Empty, Id::Absent]),
        option::of(object(value())),
        words(),
        signature(),
        any::<u8>(),
    );
    let call = call.prop_map(|(tool, id, args, text, signature, prefix)| {
        Said::Call(Called {
            tool,
            id,
            args,
            text,
            signature,
            is_prefixed: prefix % 8 == 0,
        })
    });
    let images = select(vec!["iVBORw==", "/9j/4A=="]);
    let other = select(vec![
        json!({"toolCall": {"id": "t", "toolType": "GOOGLE_SEARCH_WEB", "args": {}}, "thoughtSignature": "VA=="}),
        json!({"toolResponse": {"id": "t", "toolType": "GOOGLE_SEARCH_WEB", "response": {}}}),
        json!({"inlineData": {"mimeType": "image/png", "data": "AA=="}, "thought": true}),
        json!({}),
    ]);
    prop_oneof![
        3 => (words(), signature()).prop_map(|(text, signature)| Said::Text(text, signature)),
        1 => (words(), signature()).prop_map(|(text, signature)| Said::Thought(text, signature)),
        5 => call,
        1 => (images, signature()).prop_map(|(data, signature)| Said::Image(data, signature)),
        1 => other.prop_map(Said::Other),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let of = |content: Value, response: Value| Outcome { content, response };
    let text = |text: &str| json!({"type": "text", "text": text});
    prop_oneof![
        object(value()).prop_map(move |it| of(it.to_string().into(), it)),
        vec(value(), 0..3).prop_map(move |it| {
            let it = Value::from(it);
            of(it.to_string().into(), json!({"output": it}))
        }),
        select(vec!["sunny", "", " ", "{broken", "12 degrees", "1.2.3"])
            .prop_map(move |it| of(it.into(), json!({"output": it}))),
        Just(of(
            json!([text("a"), text("\nb")]),
            json!({"output": "a\nb"})
        )),
        Just(of(json!([text("{\"a\":"), text("1}")]), json!({"a": 1}))),
        Just(of(json!([]), json!({"output": ""}))),
        Just(of(json!(null), json!({"output": ""}))),
    ]
}

fn round() -> impl Strategy<Value = Round> {
    let reasons = select(vec![Some("STOP"), Some("OTHER"), None]);
    let results = vec((any::<Index>(), outcome()), 8..9);
    let parts = vec(said(), 0..6);
    (parts, reasons, cuts(), results, any::<bool>()).prop_map(
        |(parts, reason, cuts, results, then_says)| Round {
            parts,
            reason,
            cuts,
            results,
            then_says,
        },
    )
}

impl Talk {
    fn request(&self, messages: &[Value]) -> Value {
        let parameters = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let functions = self.tools.iter().map(|(name, is_custom)| {
            match (self.is_legacy, is_custom) {
                (true, _) => json!({"name": name, "parameters": parameters}),
                (_, true) => json!({"type": "custom", "custom": {"name": name}}),
                _ => json!({"type": "function", "function": {"name": name, "parameters": parameters}}),
            }
        });
        let tools: Vec<Value> = functions.collect();
        let mut request = json!({"model": "m", "messages": messages, "stream": self.streams});
        request[if self.is_legacy { "functions" } else { "tools" }] = tools.into();
        if self.one_call {
            request["parallel_tool_calls"] = false.into();
        }
        request
    }

    fn ask(&self, messages: &[Value]) -> (Encoded, Value) {
        let request = self.request(messages);
        let encoded = encode(&self.manner, self.model.0, &request);
        let encoded = encoded.unwrap_or_else(|error| panic!("{error:?}: {request}"));
        let body = body(&encoded);
        check_members(&body, self.manner.host);
        check_turns(&body, self.model.1, self.sends_ids());
        (encoded, body)
    }

    fn sends_ids(&self) -> bool {
        self.manner.host == Host::Studio
    }

    fn reads_one(&self) -> bool {
        self.is_legacy || self.one_call
    }

    /// Whether a call's signature gets through the client.
    fn keeps_signatures(&self) -> bool {
        !self.forgets || self.manner.options.signatures_in_ids && !self.is_legacy
    }

    /// The message a client has of an answer.
    fn receive(&self, parts: &[Value], round: &Round, number: usize, expects: &Expects) -> Value {
        let mut message = if streams(expects) {
            self.receive_stream(parts, round, number, expects)
        } else {
            self.receive_whole(parts, round, number, expects)
        };
        if self.forgets {
            forget(&mut message);
        }
        message
    }

    fn receive_whole(
        &self,
        parts: &[Value],
        round: &Round,
        number: usize,
        expects: &Expects,
    ) -> Value {
        let answer = event(parts, round.reason).to_string().into_bytes();
        let id = format!("answer{number}");
        let context = Context {
            model: "m",
            id: &id,
            now_secs: 1,
            host: self.manner.host,
            options: self.manner.options,
        };
        let decoded = decode(&[answer], expects, &context).expect("an answer");
        let mut answer: Value = serde_json::from_slice(&decoded.body).expect("JSON");
        answer["choices"][0]["message"].take()
    }

    fn receive_stream(
        &self,
        parts: &[Value],
        round: &Round,
        number: usize,
        expects: &Expects,
    ) -> Value {
        let mut translation = Translation::new(Rules {
            model: "m".to_owned(),
            id: format!("answer{number}"),
            now_secs: 1,
            host: self.manner.host,
            options: self.manner.options,
            expects: expects.clone(),
            sources: 1,
        });
        let one_by_one = parts
            .iter()
            .map(|part| event(std::slice::from_ref(part), None));
        let end = event(&[json!({"text": ""})], Some(round.reason.unwrap_or("STOP")));
        let events = one_by_one.chain([end]);
        let stream: String = events
            .map(|event| format!("data: {event}\r\n\r\n"))
            .collect();
        let mut out = Vec::new();
        for window in round.cuts.apply(stream.as_bytes()) {
            match translation.push(window) {
                Step::Instead(bytes) => out.extend(bytes),
                _ => panic!("an answer is no error"),
            }
        }
        let tail = translation.finish(Ended::Cleanly);
        assert!(tail.is_whole);
        out.extend(tail.bytes);
        assembled(std::str::from_utf8(&out).unwrap())
    }
}

fn event(parts: &[Value], reason: Option<&str>) -> Value {
    let mut candidate = json!({"content": {"role": "model", "parts": parts}, "index": 0});
    if let Some(reason) = reason {
        candidate["finishReason"] = reason.into();
    }
    json!({"candidates": [candidate], "usageMetadata": {"promptTokenCount": 1}})
}

/// As OpenAI's SDKs put deltas together: texts are joined, items of lists go by their index.
fn assembled(stream: &str) -> Value {
    let mut message = json!({});
    for line in stream
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("data: "))
    {
        if line != "[DONE]" {
            let chunk: Value = serde_json::from_str(line).expect("JSON");
            add(&mut message, &chunk["choices"][0]["delta"]);
        }
    }
    for call in message["tool_calls"].as_array_mut().into_iter().flatten() {
        call.as_object_mut().unwrap().remove("index");
    }
    message
}

fn add(sum: &mut Value, delta: &Value) {
    match (&mut *sum, delta) {
        (_, Value::Null) => {}
        (Value::String(sum), Value::String(delta)) if delta != "assistant" => sum.push_str(delta),
        (Value::Object(sum), Value::Object(delta)) => {
            for (name, value) in delta {
                add(sum.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(sum), Value::Array(delta)) => {
            for item in delta {
                match sum.iter_mut().find(|it| it["index"] == item["index"]) {
                    Some(known) => add(known, item),
                    None => sum.push(item.clone()),
                }
            }
        }
        (sum, delta) => *sum = delta.clone(),
    }
}

/// Leaves what OpenAI's message has.
fn forget(message: &mut Value) {
    let keep = |object: &mut Value, names: &[&str]| {
        if let Some(object) = object.as_object_mut() {
            object.retain(|name, _| names.contains(&name.as_str()));
        }
    };
    keep(
        message,
        &["role", "content", "refusal", "tool_calls", "function_call"],
    );
    keep(&mut message["function_call"], &["name", "arguments"]);
    for call in message["tool_calls"].as_array_mut().into_iter().flatten() {
        keep(call, &["id", "type", "function", "custom"]);
    }
}

/// A conversation as far as it got.
struct Course<'t> {
    talk: &'t Talk,
    messages: Vec<Value>,
    kept: Kept,
    issued: usize,
}

impl Course<'_> {
    fn go_on(&mut self, round: &Round, number: usize) {
        let (encoded, body) = self.talk.ask(&self.messages);
        let declared = &body["tools"][0]["functionDeclarations"];
        let parts: Vec<Value> = round
            .parts
            .iter()
            .map(|it| self.part(it, declared))
            .collect();
        let message = self.talk.receive(&parts, round, number, &encoded.expects);
        let count = self.keep(&parts, round, declared, &message);
        self.messages.push(message.clone());
        self.answer(&message, round, count);
        if count == 0 || round.then_says {
            self.messages
                .push(json!({"role": "user", "content": "and?"}));
        }
    }

    /// A part as Google gives it.
    fn part(&mut self, said: &Said, declared: &Value) -> Value {
        let (mut part, signature) = match said {
            Said::Text(text, signature) => (json!({"text": text}), signature),
            Said::Thought(text, signature) => (json!({"text": text, "thought": true}), signature),
            Said::Image(data, signature) => (
                json!({"inlineData": {"mimeType": "image/png", "data": data}}),
                signature,
            ),
            Said::Call(called) => (
                json!({"functionCall": self.call(called, declared)}),
                &called.signature,
            ),
            Said::Other(part) => return part.clone(),
        };
        if let Some(signature) = signature {
            part["thoughtSignature"] = signature.as_str().into();
        }
        part
    }

    fn call(&mut self, called: &Called, declared: &Value) -> Value {
        let at = called.tool.index(self.talk.tools.len());
        let name = declared[at]["name"].as_str().unwrap();
        let prefix = if called.is_prefixed {
            "default_api:"
        } else {
            ""
        };
        let mut call = json!({"name": format!("{prefix}{name}")});
        match called.id {
            Id::Issued => {
                self.issued += 1;
                call["id"] = format!("fc{}", self.issued).into();
            }
            Id::Empty => call["id"] = "".into(),
            Id::Absent => {}
        }
        match &called.args {
            _ if self.talk.tools[at].1 => call["args"] = json!({"input": called.text}),
            Some(args) => call["args"] = args.clone(),
            None => {}
        }
        call
    }

    /// Notes what has to come back, and how many calls of it.
    fn keep(&mut self, parts: &[Value], round: &Round, declared: &Value, message: &Value) -> usize {
        let mut calls = Vec::new();
        for (part, said) in parts.iter().zip(&round.parts) {
            match said {
                Said::Text(text, _) => self.kept.text.push_str(text),
                Said::Image(..) if !self.talk.forgets => self.kept.images.push(part.clone()),
                Said::Call(called) if calls.is_empty() || !self.talk.reads_one() => {
                    let at = called.tool.index(self.talk.tools.len());
                    let call = &part["functionCall"];
                    let given = &message["tool_calls"][calls.len()]["id"];
                    let mut kept = json!({"functionCall": {
                        "name": declared[at]["name"],
                        "args": call.get("args").cloned().unwrap_or(json!({})),
                    }});
                    if self.talk.sends_ids() && !self.talk.is_legacy {
                        let generated =
                            || Value::from(given.as_str().unwrap().split("__thought__").next());
                        let issued = call.get("id").filter(|id| *id != "").cloned();
                        kept["functionCall"]["id"] = issued.unwrap_or_else(generated);
                    }
                    let signature = called
                        .signature
                        .as_deref()
                        .filter(|_| self.talk.keeps_signatures());
                    let sentinel = (calls.is_empty() && self.talk.model.1).then_some(SENTINEL);
                    if let Some(signature) = signature.or(sentinel) {
                        kept["thoughtSignature"] = signature.into();
                    }
                    calls.push(kept);
                }
                _ => {}
            }
        }
        let count = calls.len();
        if count > 0 {
            self.kept.calls.push(calls);
        }
        count
    }

    /// The tools' results, in any order.
    fn answer(&mut self, message: &Value, round: &Round, count: usize) {
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|at| round.results[*at].0.index(1000));
        for at in order {
            let content = &round.results[at].1.content;
            self.messages.push(if self.talk.is_legacy {
                let name = &message["function_call"]["name"];
                json!({"role": "function", "name": name, "content": content})
            } else {
                let id = &message["tool_calls"][at]["id"];
                json!({"role": "tool", "tool_call_id": id, "content": content})
            });
        }
        let responses = round.results.iter().take(count);
        if count > 0 {
            let responses = responses.map(|(_, outcome)| outcome.response.clone());
            self.kept.results.push(responses.collect());
        }
    }
}

/// What Google sees again.
fn seen(request: &Value) -> Kept {
    let mut kept = Kept::default();
    for content in request["contents"].as_array().unwrap() {
        let results = held(content, "functionResponse");
        if !results.is_empty() {
            let results = results.iter().map(|it| it["response"].clone());
            kept.results.push(results.collect());
        }
        if content["role"] != "model" {
            continue;
        }
        let mut calls = Vec::new();
        for part in content["parts"].as_array().unwrap() {
            kept.text
                .push_str(part["text"].as_str().unwrap_or_default());
            if part.get("functionCall").is_some() {
                calls.push(part.clone());
            } else if part.get("inlineData").is_some() {
                kept.images.push(part.clone());
            }
        }
        if !calls.is_empty() {
            kept.calls.push(calls);
        }
    }
    kept
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn answers_come_back_to_google_whole(talk in talk(), rounds in vec(round(), 1..4)) {
        let mut course = Course {
            talk: &talk,
            messages: vec![json!({"role": "user", "content": "hi"})],
            kept: Kept::default(),
            issued: 0,
        };
        for (number, round) in rounds.iter().enumerate() {
            course.go_on(round, number);
        }
        let (_, body) = talk.ask(&course.messages);
        prop_assert_eq!(seen(&body), course.kept);
    }
}
