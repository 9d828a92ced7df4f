//! What refusals taught about a deployment.

mod refusal;
mod words;

use crate::json::Value;
use crate::surface::Operation;

use refusal::Complaint;

/// A set of lessons. It only ever grows, so that what is sent again for a lesson is not sent again without end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lessons(u32);

/// One of them. The numbers are remembered outside of a request: a new lesson gets a number of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// It takes `max_completion_tokens`, not `max_tokens`.
    MaxCompletionTokens = 0,
    /// The other way round.
    MaxTokens = 1,
    /// It knows no developer.
    NoDeveloper = 2,
    /// It knows no instructions at all.
    NoSystem = 3,
}

/// The number of the first of [`DROPPABLE`].
const FIRST_DROPPABLE: usize = 4;

/// Parameters a request can go without and still be the same request: how the answer is drawn, labelled or billed,
/// not what it is about. In the order of their numbers.
const DROPPABLE: [&str; 22] = [
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "stop",
    "parallel_tool_calls",
    "stream_options",
    "reasoning_effort",
    "verbosity",
    "user",
    "store",
    "metadata",
    "service_tier",
    "seed",
    // Only where it is 1.
    "n",
    "safety_identifier",
    "prompt_cache_key",
    "prediction",
    // Numbers that come as a list are encoded here.
    "encoding_format",
];

/// The mode a request asks its model for: what is refused in one may be taken in another (`temperature` by GPT-5.1 with
/// an effort of `none`).
pub fn mode(request: &[u8]) -> &'static str {
    let effort = Value::first(request).and_then(|body| {
        let responses = || body.get("reasoning")?.get("effort");
        body.get("reasoning_effort").or_else(responses)
    });
    match effort {
        None => "",
        Some(effort) if effort.is_null() => "",
        Some(effort) if effort.is("none") => "none",
        Some(_) => "some",
    }
}

/// Whether a request's members are named as parameters are. Azure repeats in a refusal what it does not know: a name of
/// the client's making could read like a sentence of Azure's.
pub fn may_be_believed(request: &[u8]) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    Value::first(request).is_some_and(|body| {
        let mut names = body.members().map(|(name, _)| name.as_str());
        names.all(|name| name.is_some_and(|name| name.bytes().all(is_plain)))
    })
}

impl Lessons {
    /// As it is remembered: a number.
    pub fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    pub fn bits(self) -> u32 {
        self.0
    }

    pub fn has(self, lesson: Lesson) -> bool {
        self.0 & bit(lesson as usize) != 0
    }

    pub fn drops(self, parameter: &str) -> bool {
        number(parameter).is_some_and(|it| self.0 & bit(it) != 0)
    }

    /// Those an operation can be taught, and is changed by: what is unknown to one may well be known to another.
    #[must_use]
    pub fn about(self, operation: Operation) -> Self {
        let of = |names: &[&str]| {
            let bits = names.iter().filter_map(|name| number(name)).map(bit);
            bits.fold(0, |all, bit| all | bit)
        };
        let scope = match operation {
            Operation::Chat | Operation::Completions => u32::MAX,
            Operation::Responses => of(&["temperature", "top_p", "top_logprobs"]),
            Operation::Embeddings => of(&["user", "encoding_format"]),
            _ => 0,
        };
        Self(self.0 & scope)
    }

    /// What a refusal teaches beside what was known; None if it is not exactly known, or nothing new.
    pub fn learn(self, operation: Operation, status: u16, body: &[u8]) -> Option<Self> {
        if !matches!(status, 400 | 422) {
            return None;
        }
        let taught = Self(taught(&refusal::complaint(body)?)?);
        let learnt = Self(self.0 | taught.0);
        (taught.about(operation) == taught && learnt != self).then_some(learnt)
    }
}

fn taught(complaint: &Complaint) -> Option<u32> {
    match complaint {
        Complaint::Instead { refused, wanted } => match (refused.as_str(), wanted.as_str()) {
            ("max_tokens", "max_completion_tokens") => {
                Some(bit(Lesson::MaxCompletionTokens as usize))
            }
            ("max_completion_tokens", "max_tokens") => Some(bit(Lesson::MaxTokens as usize)),
            _ => None,
        },
        // One that cannot be dropped would be refused again, so that the others are in vain.
        Complaint::Parameters(names) => names.iter().try_fold(0, |bits, name| {
            let bit = parameter(name)?;
            Some(bits | bit)
        }),
        Complaint::Role(role) => match role.as_str() {
            "developer" => Some(bit(Lesson::NoDeveloper as usize)),
            "system" => Some(bit(Lesson::NoSystem as usize)),
            _ => None,
        },
    }
}

fn parameter(name: &str) -> Option<u32> {
    match name {
        "max_completion_tokens" => Some(bit(Lesson::MaxTokens as usize)),
        // The number of alternatives is refused without it.
        "logprobs" => Some(bit(number(name)?) | bit(number("top_logprobs")?)),
        _ => number(name).map(bit),
    }
}

fn number(parameter: &str) -> Option<usize> {
    let place = DROPPABLE.iter().position(|it| *it == parameter)?;
    Some(FIRST_DROPPABLE + place)
}

const fn bit(number: usize) -> u32 {
    1 << number
}

#[cfg(test)]
mod tests {
    use super::{DROPPABLE, FIRST_DROPPABLE, Lesson, Lessons};
    use crate::surface::Operation;

    const NONE: Lessons = Lessons(0);

    #[test]
    fn there_is_a_number_for_each() {
        assert!(FIRST_DROPPABLE + DROPPABLE.len() <= 32);
        assert!(FIRST_DROPPABLE > Lesson::NoSystem as usize);
        let all = Lessons::from_bits(u32::MAX);
        assert!(DROPPABLE.iter().all(|it| all.drops(it)));
        for kept in [
            "tools",
            "tool_choice",
            "messages",
            "response_format",
            "model",
        ] {
            assert!(!all.drops(kept), "{kept}");
        }
    }

    fn dropped(text: &str) -> Vec<&'static str> {
        let learnt = NONE
            .learn(Operation::Chat, 400, text.as_bytes())
            .unwrap_or_default();
        let dropped = DROPPABLE.into_iter().filter(|it| learnt.drops(it));
        dropped.collect()
    }

    #[test]
    fn refused_parameters_are_dropped() {
        for (text, expected) in [
            (
                r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}"#,
                &["temperature"][..],
            ),
            (
                r#"{"error":{"message":"Unsupported parameter: 'temperature' is not supported with this model.","type":"invalid_request_error","param":"temperature","code":null}}"#,
                &["temperature"],
            ),
            (
                r#"{"error":{"message":"Unsupported parameter: 'logprobs' is not supported with this model."}}"#,
                &["logprobs", "top_logprobs"],
            ),
            (
                r#"{"error":{"message":"Unrecognized request argument supplied: stream_options. Please contact us through an Azure support request at: https://go.microsoft.com/","code":null}}"#,
                &["stream_options"],
            ),
            (
                r#"{"error":{"message":"Unrecognized request argument supplied: reasoning_effort","type":"invalid_request_error","param":null,"code":null}}"#,
                &["reasoning_effort"],
            ),
            (
                r#"{"error":{"message":"Unrecognized request arguments supplied: store, metadata"}}"#,
                &["store", "metadata"],
            ),
            (
                r#"{"error":{"message":"Unknown parameter: 'stream_options'.","code":"unknown_parameter","param":"stream_options"}}"#,
                &["stream_options"],
            ),
            (
                r#"{"detail":"Extra parameters ['n'] are not allowed when extra-parameters is not set or set to be 'error'. Set extra-parameters to 'pass-through' to pass to the model."}"#,
                &["n"],
            ),
            (
                r#"{"error":{"message":"Extra parameters ['logit_bias', 'user'] are not allowed when extra-parameters is not set or set to be 'error'."}}"#,
                &["logit_bias", "user"],
            ),
            (
                r#"{"error":{"code":"Invalid input","message":"{\"detail\": [{\"type\": \"extra_forbidden\", \"loc\": [\"body\", \"stream_options\", \"include_usage\"], \"msg\": \"Extra inputs are not permitted\", \"input\": true}]}","status":422}}"#,
                &["stream_options"],
            ),
            (
                r#"{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted"}]}"#,
                &["seed"],
            ),
        ] {
            assert_eq!(dropped(text), expected, "{text}");
        }
    }

    #[test]
    fn other_lessons() {
        for (message, lesson) in [
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                Lesson::MaxCompletionTokens,
            ),
            (
                "Unsupported parameter: 'max_completion_tokens' is not supported with this model. Use 'max_tokens' instead.",
                Lesson::MaxTokens,
            ),
            (
                "Unrecognized request argument supplied: max_completion_tokens",
                Lesson::MaxTokens,
            ),
            (
                "Unsupported value: 'messages[0].role' does not support 'developer' with this model.",
                Lesson::NoDeveloper,
            ),
            (
                "Unsupported value: 'messages[12].role' does not support 'system' with this model.",
                Lesson::NoSystem,
            ),
            (
                "Invalid value: 'developer'. Supported values are: 'system', 'assistant', 'user', 'function', and 'tool'.",
                Lesson::NoDeveloper,
            ),
        ] {
            let body = serde_json::json!({"error": {"message": message}}).to_string();
            let learnt = NONE
                .learn(Operation::Chat, 400, body.as_bytes())
                .expect(message);
            assert!(learnt.has(lesson), "{message}");
            assert_eq!(learnt.bits().count_ones(), 1, "{message}");
            assert_eq!(
                learnt.learn(Operation::Chat, 400, body.as_bytes()),
                None,
                "nothing new"
            );
            for status in [200, 401, 404, 429, 500] {
                assert_eq!(
                    NONE.learn(Operation::Chat, status, body.as_bytes()),
                    None,
                    "{status}"
                );
            }
        }
    }

    #[test]
    fn nothing_is_learnt_of_what_is_not_exactly_known() {
        for message in [
            "",
            "temperature",
            "Unsupported parameter: 'tools' is not supported with this model.",
            "Unsupported parameter: 'response_format' is not supported with this model.",
            "Unsupported parameter: 'temperature' is not a number.",
            "Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. Supported values are: 'low', 'medium', and 'high'.",
            "Unsupported value: 'messages[0].role' does not support 'tool' with this model.",
            "Unsupported value: 'messages[0].role' does not support 'developer' here",
            "Invalid value: 'developer'.",
            "Invalid value: 'assistant'. Supported values are: 'system'.",
            "Unrecognized request argument supplied: foo",
            "Unrecognized request argument supplied: max_tokens",
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'foo' instead.",
            "Unsupported parameter: 'foo' is not supported with this model. Use 'max_tokens' instead.",
            "Unrecognized request arguments supplied: foo, user",
            "Unknown parameter: 'messages[0].foo'.",
            "Unknown parameter: ''.",
            "Extra parameters ['foo'] are not allowed when extra-parameters is not set",
            "Extra parameters ['n', 'foo'] are not allowed when extra-parameters is not set",
            "Extra parameters [] are not allowed when extra-parameters is not set",
            "Could not finish the message because max_tokens or model output limit was reached",
        ] {
            let body = serde_json::json!({"error": {"message": message}}).to_string();
            assert_eq!(
                NONE.learn(Operation::Chat, 400, body.as_bytes()),
                None,
                "{message}"
            );
        }
        for body in [
            "",
            "null",
            "<html>",
            r#"{"error":"Unknown parameter: 'user'."}"#,
            r#"{"detail":[]}"#,
            r#"{"detail":[{"type":"extra_forbidden","loc":["body","user"]},{"type":"missing","loc":["body","model"]}]}"#,
            r#"{"detail":[{"type":"extra_forbidden","loc":["body","messages",0,"name"]}]}"#,
            r#"{"detail":[{"type":"extra_forbidden","loc":["query","user"]}]}"#,
        ] {
            assert_eq!(
                NONE.learn(Operation::Chat, 422, body.as_bytes()),
                None,
                "{body}"
            );
        }
    }

    #[test]
    fn one_operation_teaches_nothing_about_another() {
        let stop = br#"{"error":{"message":"Unknown parameter: 'stop'."}}"#;
        let top_p = br#"{"error":{"message":"Unsupported parameter: 'top_p' is not supported with this model."}}"#;
        assert_eq!(NONE.learn(Operation::Responses, 400, stop), None);
        assert!(
            NONE.learn(Operation::Responses, 400, top_p)
                .unwrap()
                .drops("top_p")
        );
        assert_eq!(NONE.learn(Operation::Relay, 400, top_p), None);
        let all = Lessons::from_bits(u32::MAX);
        assert!(all.about(Operation::Embeddings).drops("user"));
        assert!(!all.about(Operation::Embeddings).drops("seed"));
    }

    #[test]
    fn a_deployment_teaches_more_than_once() {
        let refusal =
            |name: &str| format!(r#"{{"error":{{"message":"Unknown parameter: '{name}'."}}}}"#);
        let once = NONE
            .learn(Operation::Chat, 400, refusal("user").as_bytes())
            .unwrap();
        let twice = once
            .learn(Operation::Chat, 400, refusal("stop").as_bytes())
            .unwrap();
        assert!(twice.drops("user") && twice.drops("stop"));
        assert_eq!(Lessons::from_bits(twice.bits()), twice);
    }
}
