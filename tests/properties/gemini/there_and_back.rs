//! What a client sends back of our own answers is accepted, and nothing is lost of it that Google needs.

use isthmus::gemini::stream::{Rules, Translation};
use isthmus::gemini::{Context, Encoded, Expects, Host, decode, streams};
use isthmus::stream::{Ended, Step};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::client::{assembled, forget};
use super::rules::{check_members, check_turns, held};
use super::talk::{Called, Id, Round, Said, Talk, round, talk};
use super::{body, encode};

const SENTINEL: &str = "skip_thought_signature_validator";

/// What Google has to see again.
#[derive(Debug, Default, PartialEq)]
struct Kept {
    calls: Vec<Vec<Value>>,
    results: Vec<Vec<Value>>,
    text: String,
    images: Vec<Value>,
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
        let events: Vec<_> = events
            .map(|event| format!("data: {event}\r\n\r\n"))
            .collect();
        let stream = events.concat();
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
            Id::Repeated => call["id"] = "fc".into(),
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
                        let is_new = |id: &&Value| {
                            let mut before = calls.iter();
                            **id != "" && before.all(|it: &Value| it["functionCall"]["id"] != **id)
                        };
                        let issued = call.get("id").filter(is_new).cloned();
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
    #![proptest_config(ProptestConfig::with_cases(300))]

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
