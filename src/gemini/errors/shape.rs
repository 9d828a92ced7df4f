//! The error in a body, whichever of the shapes it has.
//!
//! `{"error": {"code", "message", "status", "details"}}` of the service; the same as the only item of a list, where
//! streams are not asked for as events and on the OpenAI-compatible endpoint; `errors` inside of it, from before there
//! were details; `{"error": "invalid_grant", "error_description"}` where tokens are made; OpenAI's own, of other makers'
//! models and of ours; pages of what stands before it all; nothing.

use crate::json::{Value, is_json, member, without_mark};

/// Enough of a page to see what it was.
const QUOTED: usize = 500;

/// More details than this are not looked at.
const MAX_DETAILS: usize = 32;

/// What a body says is wrong. Null, empty and missing are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    pub form: Form,
    pub message: String,
    /// Google's `status`: `INVALID_ARGUMENT`.
    pub status: String,
    pub code: Option<u16>,
    /// Of `ErrorInfo`: `API_KEY_INVALID`.
    pub reasons: Vec<String>,
    /// Names of quotas and of what they count.
    pub quotas: Vec<String>,
    /// One of them is 0: the model is not for this account.
    pub is_none_allowed: bool,
    /// Of `RetryInfo`: "34.4s".
    pub delay: Option<String>,
    /// What in the request is wrong, by Google's name.
    pub field: Option<String>,
    /// OpenAI's `type` and `code`, where the error has them.
    pub kind: String,
    pub word: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// A page, or nothing at all.
    #[default]
    Page,
    Service,
    OpenAi,
    /// Of the endpoint that makes tokens.
    Token,
}

impl Fault {
    /// Whether these words are Google's own: behind a quotation mark they may be the client's.
    pub fn says(&self, words: &str) -> bool {
        let said = self.message.as_str();
        let before = said.find(words).and_then(|at| said.get(..at));
        before.is_some_and(|before| !before.contains(['"', '\'', '`']))
    }

    pub fn has_reason(&self, reason: &str) -> bool {
        self.reasons.iter().any(|it| it == reason)
    }
}

pub fn read(body: &[u8]) -> Fault {
    let whole = Value::first(body).filter(|_| is_json(without_mark(body)));
    let found = whole.and_then(|whole| match whole.elements().next() {
        Some(first) => of_object(first),
        None => of_object(whole),
    });
    found.unwrap_or_else(|| Fault {
        message: page(body),
        ..Fault::default()
    })
}

fn of_object(whole: Value<'_>) -> Option<Fault> {
    if !whole.is_object() {
        return None;
    }
    match member(whole, "error") {
        Some(error) if error.is_object() => Some(of_error(error)),
        Some(error) => Some(of_token(error.as_str()?.into_owned(), whole)),
        None => {
            let has = |name| member(whole, name).is_some();
            (has("message") || has("status")).then(|| of_error(whole))
        }
    }
}

/// <https://www.rfc-editor.org/rfc/rfc6749#section-5.2>
fn of_token(error: String, whole: Value<'_>) -> Fault {
    let message = text(whole, "error_description");
    Fault {
        form: Form::Token,
        message: message.unwrap_or_else(|| error.clone()),
        reasons: vec![error],
        ..Fault::default()
    }
}

fn of_error(error: Value<'_>) -> Fault {
    let mut fault = Fault {
        form: Form::Service,
        message: text(error, "message").unwrap_or_default(),
        status: text(error, "status").unwrap_or_default(),
        code: member(error, "code").and_then(number),
        ..Fault::default()
    };
    if let Some(kind) = text(error, "type").filter(|kind| fault.status.is_empty() && is_word(kind))
    {
        fault.form = Form::OpenAi;
        fault.kind = kind;
        fault.word = text(error, "code").filter(|code| is_word(code));
        fault.field = text(error, "param");
    }
    for older in items(error, "errors") {
        fault.reasons.extend(text(older, "reason"));
        if fault.message.is_empty() {
            fault.message = text(older, "message").unwrap_or_default();
        }
    }
    for detail in items(error, "details") {
        read_detail(&mut fault, detail);
    }
    fault
}

fn read_detail(fault: &mut Fault, detail: Value<'_>) {
    let kind = text(detail, "@type").unwrap_or_default();
    match kind.rsplit('.').next().unwrap_or_default() {
        "ErrorInfo" => {
            fault.reasons.extend(text(detail, "reason"));
            if let Some(metadata) = member(detail, "metadata") {
                let names = ["quota_limit", "quota_metric"];
                read_quota(fault, metadata, names, "quota_limit_value");
            }
        }
        "QuotaFailure" => {
            for violation in items(detail, "violations") {
                read_quota(fault, violation, ["quotaId", "quotaMetric"], "quotaValue");
            }
        }
        "RetryInfo" => fault.delay = text(detail, "retryDelay"),
        "BadRequest" => {
            let first = items(detail, "fieldViolations").next();
            fault.field = first.and_then(|it| text(it, "field"));
        }
        _ => {}
    }
}

fn read_quota(fault: &mut Fault, of: Value<'_>, names: [&str; 2], value: &str) {
    let said = names.into_iter().filter_map(|name| text(of, name));
    fault.quotas.extend(said);
    fault.is_none_allowed |= member(of, value).is_some_and(|it| it.is("0") || it.raw() == b"0");
}

fn items<'t>(of: Value<'t>, name: &str) -> impl Iterator<Item = Value<'t>> + use<'t> {
    let list = member(of, name).into_iter();
    list.flat_map(Value::elements).take(MAX_DETAILS)
}

fn text(of: Value<'_>, name: &str) -> Option<String> {
    let text = member(of, name)?.as_str()?.into_owned();
    Some(text).filter(|text| !text.is_empty())
}

fn is_word(text: &str) -> bool {
    let is_of = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    text.len() <= 64 && text.bytes().all(is_of)
}

/// Older errors have their numbers as strings.
fn number(value: Value<'_>) -> Option<u16> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    u16::try_from(number?).ok()
}

/// The title of a page, or what else it says; nothing of markup.
fn page(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if !text.starts_with('<') {
        return text.chars().take(QUOTED).collect();
    }
    let lower = text.to_ascii_lowercase();
    let title = lower.split_once("<title>").and_then(|(before, rest)| {
        let start = before.len() + "<title>".len();
        text.get(start..start + rest.find("</title>")?)
    });
    title
        .unwrap_or_default()
        .trim()
        .chars()
        .take(QUOTED)
        .collect()
}
