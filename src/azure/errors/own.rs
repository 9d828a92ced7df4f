//! Errors as Azure's own clients read them: OpenAI's, under Azure's codes, and always under one.

use std::borrow::Cow;

use serde_json::Value;

use crate::dialect::Refusal;
use crate::headers::Headers;

use super::shape::Fault;
use super::verdict::{self, Verdict};

/// What Azure says of a deployment that is not there.
const NO_DEPLOYMENT: &str = "DeploymentNotFound";

/// A refusal of Azure's for a client of Azure's: what Azure said, in its own words.
pub fn refusal(status: u16, headers: &Headers, body: &[u8], is_ours: bool) -> Refusal {
    super::refused(status, headers, body, is_ours, in_its_words)
}

fn in_its_words(status: u16, fault: &Fault) -> Verdict {
    let verdict = verdict::on(status, fault);
    Verdict {
        code: fault.code.clone().or(verdict.code),
        ..verdict
    }
}

/// Azure's word for an error that has this one of OpenAI's. Its gateway says no more than the status where there is
/// no better word.
pub fn code(status: u16, openais: Option<&str>) -> Cow<'_, str> {
    match openais {
        Some("model_not_found") if status == 404 => NO_DEPLOYMENT.into(),
        Some(code) if !code.is_empty() => code.into(),
        _ => status.to_string().into(),
    }
}

/// A refusal in OpenAI's shape, in such words. What was right already keeps every byte.
pub fn worded(refusal: Refusal) -> Refusal {
    let body = body(refusal.status, &refusal.body);
    Refusal {
        body: body.unwrap_or(refusal.body),
        ..refusal
    }
}

fn body(status: u16, openais: &[u8]) -> Option<Vec<u8>> {
    let mut whole: Value = serde_json::from_slice(openais).ok()?;
    let error = whole.get_mut("error")?.as_object_mut()?;
    let before = error.get("code").and_then(Value::as_str);
    let code = code(status, before);
    if before == Some(&code) {
        return None;
    }
    let code = code.into_owned();
    error.insert("code".to_owned(), code.into());
    Some(whole.to_string().into_bytes())
}
