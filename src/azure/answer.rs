//! What of a whole answer has to change for OpenAI's clients to take it.
//!
//! A file below for each kind of answer; what nobody has to change keeps every byte.

mod chat;
mod embeddings;
mod fine_tuning;
mod images;
mod responses;

use crate::azure::Manner;
use crate::azure::annotations::is_annotation;
use crate::azure::errors;
use crate::dialect::Decoded;
use crate::json::{Patch, Value, apply, quoted, sort};
use crate::surface::{self, Operation};

/// The longest answer that is read. Text and tool calls stay far below; what is longer holds audio or images in
/// base64, and passes as it is.
const MAX_READ: usize = 8 << 20;

/// The longest answer that may be an error in place of images.
const MAX_ERROR: usize = 64 << 10;

/// What an answer is the answer to.
pub struct Context<'a> {
    pub operation: Operation,
    pub method: &'a str,
    /// Below `/v1`.
    pub path: &'a str,
    /// The model the client asked for.
    pub model: Option<&'a str>,
    /// For what lacks an id of its own: unique, without a prefix.
    pub id: &'a str,
    pub now_secs: u64,
    /// The client asked for embeddings in base64.
    pub wants_base64: bool,
}

/// The kinds of answers that are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Chat,
    Completions,
    Responses,
    Embeddings,
    Images,
    FineTuning,
}

/// How much of a successful answer has to be read; a longer one passes unchanged, and None unread.
pub fn bound(manner: &Manner, operation: Operation, method: &str, path: &str) -> Option<usize> {
    Some(match kind(manner, operation, method, path)? {
        Kind::Images => MAX_ERROR,
        _ => MAX_READ,
    })
}

pub fn normalise(manner: &Manner, context: &Context<'_>, text: &[u8]) -> Decoded {
    let Some(kind) = kind(manner, context.operation, context.method, context.path) else {
        return Decoded::AsItIs;
    };
    let Some(root) = Value::first(text).filter(|root| root.is_object()) else {
        return Decoded::AsItIs;
    };
    if is_error(kind, root) {
        let status = errors::status_in_success(text);
        return Decoded::Refused { status };
    }
    let repair = Repair {
        context,
        strips: manner.options.strip_azure_fields,
    };
    let mut edits = match kind {
        Kind::Images => return whole(images::result(root)),
        Kind::Chat => repair.chat(root),
        Kind::Completions => repair.completions(root),
        Kind::Responses => repair.responses(root),
        Kind::Embeddings => repair.embeddings(root),
        Kind::FineTuning => fine_tuning::edits(root),
    };
    if edits.is_empty() {
        return Decoded::AsItIs;
    }
    sort(&mut edits);
    Decoded::json(apply(text, &edits))
}

/// An answer that stands inside of another.
fn whole(inside: Option<Value<'_>>) -> Decoded {
    inside.map_or(Decoded::AsItIs, |it| Decoded::json(it.raw().to_vec()))
}

/// OpenAI answers 200 where Azure says that a file or job was created.
pub fn status(upstream: u16) -> u16 {
    match upstream {
        201 => 200,
        status => status,
    }
}

/// What OpenAI says of a deleted file, where the versions before 2024 answered 204 and nothing.
pub fn deleted_file(path: &str) -> Option<Vec<u8>> {
    let id = path.strip_prefix("files/").filter(|id| !id.contains('/'))?;
    let id = quoted(&surface::decode(id));
    Some(format!(r#"{{"id":{id},"object":"file","deleted":true}}"#).into_bytes())
}

fn kind(manner: &Manner, operation: Operation, method: &str, path: &str) -> Option<Kind> {
    match operation {
        Operation::Chat if method == "POST" => Some(Kind::Chat),
        Operation::Completions => Some(Kind::Completions),
        Operation::Responses if method == "POST" => Some(Kind::Responses),
        Operation::Embeddings if manner.spoken.is_inference() => Some(Kind::Embeddings),
        Operation::ImageGeneration | Operation::ImageEdit | Operation::ImageVariation => {
            Some(Kind::Images)
        }
        Operation::Relay if path.starts_with("responses/") && method != "DELETE" => {
            Some(Kind::Responses)
        }
        Operation::Relay if fine_tuning::is_path(path) => Some(Kind::FineTuning),
        _ => None,
    }
}

/// Responses and jobs tell of their own failures in a member of that name: those are answers.
fn is_error(kind: Kind, root: Value<'_>) -> bool {
    let is_answer = match kind {
        Kind::FineTuning => true,
        Kind::Responses => {
            root.get("output").is_some() || root.get("status").is_some_and(Value::is_string)
        }
        Kind::Chat | Kind::Completions => has_any(root, "choices"),
        Kind::Embeddings | Kind::Images => has_any(root, "data"),
    };
    let error = root.get("error");
    let has_error = error.is_some_and(|it| it.is_object() || it.is_string() && !it.is_empty());
    !is_answer && (has_error || kind == Kind::Images && images::is_failed(root))
}

fn has_any(root: Value<'_>, name: &str) -> bool {
    root.get(name)
        .is_some_and(|list| list.elements().next().is_some())
}

/// What repairs share.
struct Repair<'a> {
    context: &'a Context<'a>,
    /// Whether the content filter's annotations go.
    strips: bool,
}

impl Repair<'_> {
    fn strip(&self, patch: &mut Patch<'_>) {
        if self.strips {
            patch.retain(|name, _| !is_annotation(name));
        }
    }

    /// Foundry's models may leave out which they are, or be called "".
    fn name_model(&self, patch: &mut Patch<'_>) {
        if let Some(model) = self.context.model {
            set_if_blank(patch, "model", || quoted(model));
        }
    }
}

fn set_if_blank(patch: &mut Patch<'_>, name: &str, value: impl FnOnce() -> String) {
    if is_blank(patch.get(name)) {
        patch.set(name, &value());
    }
}

/// Missing, null and the empty string mean the same.
fn is_blank(value: Option<Value<'_>>) -> bool {
    value.is_none_or(|it| it.is_null() || it.is_string() && it.is_empty())
}
