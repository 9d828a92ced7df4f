//! What a conversation keeps as it grows: the same digest for each of its turns, so that they go where the prompt is
//! still in a cache. Prompt caches are an account's, not a client's: who calls is not part of it.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::json::Value;
use crate::platform::ClientBody;
use crate::surface::{Call, Naming, Operation};

/// Of one value. No cache holds a prompt of less than 1,024 tokens, which is about as much.
const MOST_BYTES: usize = 4 << 10;
/// Of what stands before the first word of the user: instructions, examples.
const MOST_MESSAGES: usize = 16;

/// In this order, wherever they stand in the request. Blanks inside of them count: a client writes them the same way
/// each time.
const ABOUT: [&str; 3] = ["instructions", "tools", "functions"];

/// What names the whole of it: by OpenAI's word a key for routing to caches, what the server has stored.
const NAMES: [&str; 3] = ["prompt_cache_key", "conversation", "previous_response_id"];

/// None where a call is no part of a conversation.
pub(super) fn digest(call: &Call<impl ClientBody>) -> Option<u64> {
    let begins = match call.wanted.operation {
        Operation::Chat => "messages",
        Operation::Responses => "input",
        Operation::Completions => "prompt",
        _ => return None,
    };
    if !matches!(call.naming, Naming::Json(_)) {
        return None;
    }
    let body = call.meant.as_deref().map(Cow::Borrowed);
    let body = body.unwrap_or_else(|| call.body.whole().into());
    let mut hasher = DefaultHasher::new();
    call.model.hash(&mut hasher);
    read(Value::first(&body)?, begins, &mut hasher);
    Some(hasher.finish())
}

fn read(request: Value<'_>, begins: &str, hasher: &mut DefaultHasher) {
    let members = Members::of(request, begins);
    let named = NAMES.iter().zip(members.names).find(|(_, it)| it.is_some());
    if let Some((name, Some(value))) = named {
        return feed(name, value, hasher);
    }
    for (name, value) in ABOUT.iter().zip(members.about) {
        if let Some(value) = value {
            feed(name, value, hasher);
        }
    }
    if let Some(value) = members.begins {
        beginning(value, hasher);
    }
}

/// What counts of a request, found in one walk.
#[derive(Default)]
struct Members<'t> {
    names: [Option<Value<'t>>; NAMES.len()],
    about: [Option<Value<'t>>; ABOUT.len()],
    begins: Option<Value<'t>>,
}

impl<'t> Members<'t> {
    fn of(request: Value<'t>, begins: &str) -> Self {
        let mut found = Self::default();
        for (key, value) in request.members() {
            let Some(key) = key.as_str() else {
                continue;
            };
            let place = |names: &[&str]| names.iter().position(|name| *name == key);
            let value = Some(value).filter(|it| !it.is_null() && !it.is_empty());
            let (named, about) = (place(&NAMES), place(&ABOUT));
            if let Some(place) = named.and_then(|at| found.names.get_mut(at)) {
                *place = value;
            } else if let Some(place) = about.and_then(|at| found.about.get_mut(at)) {
                *place = value;
            } else if key == begins {
                found.begins = value;
            }
        }
        found
    }
}

/// A text, or messages up to the first of the user's.
fn beginning(value: Value<'_>, hasher: &mut DefaultHasher) {
    let first = value.elements().next();
    if !first.is_some_and(Value::is_object) {
        // It grows at its end: its length is not the same the next time.
        return head(value).hash(hasher);
    }
    for message in value.elements().take(MOST_MESSAGES) {
        feed("", message, hasher);
        if message.get("role").is_some_and(|role| role.is("user")) {
            return;
        }
    }
}

fn feed(name: &str, value: Value<'_>, hasher: &mut DefaultHasher) {
    (name, value.raw().len(), head(value)).hash(hasher);
}

fn head(value: Value<'_>) -> &[u8] {
    let raw = value.raw();
    raw.get(..MOST_BYTES).unwrap_or(raw)
}
