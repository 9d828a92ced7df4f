//! Tool calls, which may come without their numbers, ids and arguments.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::json::{self, Patch, Value, quoted};
use crate::platform::Edit;

use super::is_blank;

/// More than any model calls at once; what comes beyond shares the last number.
const MAX_CALLS: usize = 1024;

/// A choice's calls are named by its number and theirs.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    /// Of the answer: unique, without a prefix.
    pub id: &'a str,
    pub choice: u64,
}

/// The calls of one choice in the order of their appearance. Always `calls.len() <= MAX_CALLS`, and `last` is one of
/// them unless there is none.
#[derive(Default)]
pub(super) struct Calls {
    calls: Vec<Call>,
    /// Of the last fragment: one without a name of any kind goes on with it.
    last: usize,
}

struct Call {
    /// A digest of the id that came with it.
    id: Option<u64>,
    /// The number it came with.
    index: Option<u64>,
}

impl Calls {
    pub fn are_there(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Gives a fragment of a stream its number, and a call that begins all that belongs to it.
    pub fn repair(&mut self, call: Value<'_>, owner: Owner<'_>, edits: &mut Vec<Edit>) {
        if !call.is_object() {
            return;
        }
        let mut patch = Patch::of(call);
        let index = patch.get("index").and_then(Value::as_u64);
        let function = patch.get("function").filter(|it| it.is_object());
        let begins = function.is_some_and(|it| !is_blank(it.get("name")));
        let known = self.calls.len();
        let number = self.number(digest(patch.get("id")), index, begins);
        if index != u64::try_from(number).ok() {
            patch.set("index", &number.to_string());
        }
        if self.calls.len() > known {
            complete(&mut patch, owner, number);
        } else if is_blank(patch.get("id")) {
            patch.remove("id");
        }
        edits.extend(patch.edits());
        if let Some(function) = function {
            repair_arguments(function, self.calls.len() > known, edits);
        }
    }

    /// A call is known by its id, else by the number it came with. One that has a name of a function begins: Google
    /// gives calls whole, several of them with the same number or with none, and with empty ids.
    fn number(&mut self, id: Option<u64>, index: Option<u64>, begins: bool) -> usize {
        let by_id = || self.calls.iter().position(|it| it.id == id);
        let by_index = || self.calls.iter().rposition(|it| it.index == index);
        let known = id
            .and_then(|_| by_id())
            .or_else(|| index.filter(|_| !begins).and_then(|_| by_index()));
        let goes_on = id.is_none() && !begins;
        self.last = match known {
            Some(known) => known,
            None if goes_on => self.last,
            None if self.calls.len() < MAX_CALLS => {
                self.calls.push(Call { id, index });
                self.calls.len() - 1
            }
            None => MAX_CALLS - 1,
        };
        self.last
    }
}

/// Repairs a call of a whole answer.
pub(super) fn repair_whole(
    call: Value<'_>,
    owner: Owner<'_>,
    number: usize,
    edits: &mut Vec<Edit>,
) {
    if !call.is_object() {
        return;
    }
    let mut patch = Patch::of(call);
    complete(&mut patch, owner, number);
    edits.extend(patch.edits());
    let Some(function) = call.get("function").filter(|it| it.is_object()) else {
        return;
    };
    let given = function.get("arguments");
    // Nothing that follows could fill an empty text.
    match given.filter(|it| it.is_string() && it.is_empty()) {
        Some(empty) => edits.push(json::replace(empty, quoted("{}"))),
        None => repair_arguments(function, true, edits),
    }
}

fn complete(call: &mut Patch<'_>, owner: Owner<'_>, number: usize) {
    if is_blank(call.get("id")) {
        let Owner { id, choice } = owner;
        call.set("id", &quoted(&format!("call_{id}_{choice}_{number}")));
    }
    if is_blank(call.get("type")) {
        call.set("type", &quoted("function"));
    }
}

/// Arguments as the text that OpenAI's clients put together and parse. A call that begins without any takes none.
fn repair_arguments(function: Value<'_>, begins: bool, edits: &mut Vec<Edit>) {
    match function.get("arguments").filter(|it| !it.is_null()) {
        Some(given) if given.is_string() => {}
        Some(given) => edits.push(json::replace(given, quoted(&json::compact(given.raw())))),
        None => {
            let mut patch = Patch::of(function);
            if begins {
                patch.set("arguments", &quoted("{}"));
            } else {
                patch.remove("arguments");
            }
            edits.extend(patch.edits());
        }
    }
}

fn digest(id: Option<Value<'_>>) -> Option<u64> {
    let id = id.filter(|_| !is_blank(id))?;
    let mut hasher = DefaultHasher::new();
    id.raw().hash(&mut hasher);
    Some(hasher.finish())
}
