//! The sentences in which Azure's servers name what they do not take.

use serde_json::Value;

/// What a refusal is about.
pub(super) enum Complaint {
    /// These parameters, whatever their values.
    Parameters(Vec<String>),
    /// A parameter that should have been another.
    Instead { refused: String, wanted: String },
    /// Messages of this role.
    Role(String),
}

pub(super) fn complaint(body: &[u8]) -> Option<Complaint> {
    let body: Value = serde_json::from_slice(body).ok()?;
    match body.get("error").and_then(|error| error.get("message")) {
        Some(Value::String(message)) => said(message),
        Some(_) => None,
        None if body
            .get("code")
            .is_some_and(|it| it == "parameter_not_supported") =>
        {
            parameters(vec![place(body.get("detail")?)?])
        }
        None => detail(body.get("detail")?),
    }
}

/// A message may be JSON again: Mistral's models on Foundry (litellm#11696).
fn said(message: &str) -> Option<Complaint> {
    if message.starts_with('{') {
        let inside: Value = serde_json::from_str(message).ok()?;
        return detail(inside.get("detail")?);
    }
    sentence(message)
}

/// What the validator of a strict server says: a sentence, or every place it did not like.
fn detail(detail: &Value) -> Option<Complaint> {
    if let Some(text) = detail.as_str() {
        return sentence(text);
    }
    let forbidden = detail.as_array()?.iter().map(|problem| {
        let is_extra = problem.get("type")? == "extra_forbidden";
        is_extra.then(|| place(problem))?
    });
    parameters(forbidden.collect::<Option<_>>()?)
}

/// The parameter at fault: `"loc": ["body", "stream_options", "include_usage"]`.
fn place(problem: &Value) -> Option<String> {
    let steps = problem.get("loc")?;
    let is_body = steps.get(0)? == "body";
    is_body.then(|| steps.get(1)?.as_str().map(str::to_owned))?
}

fn sentence(text: &str) -> Option<Complaint> {
    unsupported_parameter(text)
        .or_else(|| unsupported_value(text))
        .or_else(|| invalid_role(text))
        .or_else(|| unrecognised(text))
        .or_else(|| unknown_parameter(text))
        .or_else(|| extra_parameters(text))
}

/// `Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.`
fn unsupported_parameter(text: &str) -> Option<Complaint> {
    let (name, rest) = quoted(text.strip_prefix("Unsupported parameter: ")?)?;
    let advice = rest.strip_prefix(" is not supported with this model.")?;
    match advice.strip_prefix(" Use ").and_then(quoted) {
        Some((wanted, " instead.")) => Some(Complaint::Instead {
            refused: name.to_owned(),
            wanted: wanted.to_owned(),
        }),
        _ => parameters(vec![name.to_owned()]),
    }
}

/// `Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.`
/// and `Unsupported value: 'messages[0].role' does not support 'developer' with this model.`
fn unsupported_value(text: &str) -> Option<Complaint> {
    let (name, rest) = quoted(text.strip_prefix("Unsupported value: ")?)?;
    let (value, rest) = rest
        .strip_prefix(" does not support ")?
        .split_once(" with this model.")?;
    if name.starts_with("messages[") && name.ends_with("].role") {
        let (role, _) = quoted(value)?;
        return Some(Complaint::Role(role.to_owned()));
    }
    let is_any_other_refused = rest.starts_with(" Only the default (");
    is_any_other_refused.then(|| parameters(vec![name.to_owned()]))?
}

/// `Invalid value: 'developer'. Supported values are: 'system', 'assistant', 'user', 'function', and 'tool'.`
fn invalid_role(text: &str) -> Option<Complaint> {
    let is_known = text.starts_with("Invalid value: 'developer'. Supported values are: 'system',");
    is_known.then(|| Complaint::Role("developer".to_owned()))
}

/// `Unrecognized request argument supplied: stream_options. Please contact us through …`, also of several.
fn unrecognised(text: &str) -> Option<Complaint> {
    let rest = text.strip_prefix("Unrecognized request argument")?;
    let names = rest.strip_prefix('s').unwrap_or(rest);
    let names = names.strip_prefix(" supplied: ")?;
    let names = names.split('.').next()?;
    parameters(names.split(',').map(|it| it.trim().to_owned()).collect())
}

/// `Unknown parameter: 'stream_options'.`
fn unknown_parameter(text: &str) -> Option<Complaint> {
    let (name, _) = quoted(text.strip_prefix("Unknown parameter: ")?)?;
    parameters(vec![name.to_owned()])
}

/// `Extra parameters ['n', 'user'] are not allowed when extra-parameters is not set or set to be 'error'. …`
/// (langchain#29679)
fn extra_parameters(text: &str) -> Option<Complaint> {
    let (names, rest) = text.strip_prefix("Extra parameters [")?.split_once(']')?;
    if !rest.starts_with(" are not allowed when extra-parameters is ") {
        return None;
    }
    let names = names
        .split(',')
        .map(|it| Some(quoted(it.trim())?.0.to_owned()));
    parameters(names.collect::<Option<_>>()?)
}

fn parameters(names: Vec<String>) -> Option<Complaint> {
    (!names.is_empty()).then_some(Complaint::Parameters(names))
}

/// The text in single quotes that a text begins with, and what comes behind.
fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('\'')?.split_once('\'')
}
