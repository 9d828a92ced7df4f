//! The bound of an answer, under the name the model knows it by.

use crate::azure::family::TokenLimit;
use crate::azure::lessons::Lesson;
use crate::azure::request::Draft;
use crate::json::Patch;

const OLD: &str = "max_tokens";
const NEW: &str = "max_completion_tokens";

pub(super) fn repair(draft: &mut Draft<'_, '_>) {
    match wanted(draft) {
        TokenLimit::MaxCompletionTokens => {
            if is_set(&draft.body, OLD) && !is_set(&draft.body, NEW) {
                rename(&mut draft.body, OLD, NEW);
            } else {
                draft.body.remove(OLD);
            }
        }
        // Of both the new one counts, here too: a client that knows it means it.
        TokenLimit::MaxTokens => {
            if is_set(&draft.body, NEW) {
                rename(&mut draft.body, NEW, OLD);
            } else {
                draft.body.remove(NEW);
            }
        }
        TokenLimit::Either => {}
    }
}

fn wanted(draft: &Draft<'_, '_>) -> TokenLimit {
    let is_taught = |lesson| draft.lessons.has(lesson);
    match (
        is_taught(Lesson::MaxCompletionTokens),
        is_taught(Lesson::MaxTokens),
    ) {
        (true, false) => return TokenLimit::MaxCompletionTokens,
        (false, true) => return TokenLimit::MaxTokens,
        // Nothing, or one thing and its opposite.
        _ => {}
    }
    let is_unknown_there = draft.is_before(2024, 9, 1) || draft.is_inference();
    match draft.traits.token_limit {
        TokenLimit::Either if is_unknown_there => TokenLimit::MaxTokens,
        field => field,
    }
}

fn is_set(body: &Patch<'_>, name: &str) -> bool {
    body.get(name).is_some_and(|it| !it.is_null())
}

fn rename(body: &mut Patch<'_>, name: &str, to: &str) {
    body.remove(to);
    body.rename(name, to);
}
