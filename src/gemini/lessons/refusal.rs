//! Refusals that are known by their words. What a client sent may be quoted in them: they are known by how they begin,
//! or by words no quotation mark stands before.

use super::Lesson;
use crate::gemini::errors::shape::Fault;
use crate::gemini::model::Level;

/// How messages begin.
const BEGINNINGS: [(&str, Lesson); 14] = [
    ("Penalty is not enabled", Lesson::NoPenalties),
    ("Logprobs is not enabled", Lesson::NoLogprobs),
    (
        "Developer instruction is not enabled",
        Lesson::NoInstruction,
    ),
    ("Multiple candidates is not enabled", Lesson::OneCandidate),
    ("Model tried to generate text", Lesson::ReadAloud),
    (
        "Function calling with a response mime type",
        Lesson::NoJsonWithTools,
    ),
    (
        "Tool use with a response mime type",
        Lesson::NoJsonWithTools,
    ),
    (
        "Function call is missing a thought_signature",
        Lesson::NoSignatures,
    ),
    ("Invalid thought signature", Lesson::NoSignatures),
    ("Corrupted thought signature", Lesson::NoSignatures),
    ("Thinking is not enabled", Lesson::NoThinking),
    ("Thinking level is not supported", Lesson::NoThinking),
    ("Thinking budget is not supported", Lesson::NoThinking),
    ("Budget 0 is invalid", Lesson::ThinkMore),
];

/// Google's own words, further inside.
const WORDS: [(&str, Lesson); 3] = [
    ("maximum allowed nesting depth", Lesson::NoSchema),
    ("too many states for serving", Lesson::NoSchema),
    (
        "Thinking_config.include_thoughts is only enabled when thinking is enabled",
        Lesson::NoThinking,
    ),
];

pub(super) fn lesson(fault: &Fault) -> Option<Lesson> {
    let message = fault.message.as_str();
    let beginning = BEGINNINGS.iter().find(|(it, _)| message.starts_with(it));
    let words = || WORDS.iter().find(|(words, _)| fault.says(words));
    if let Some((_, lesson)) = beginning.or_else(words) {
        return Some(*lesson);
    }
    if is_of_a_level(message) {
        Some(Lesson::ThinkMore)
    } else if lacks_signature(message) || has_bad_signature(message) {
        Some(Lesson::NoSignatures)
    } else if message.lines().any(is_of_an_enum) {
        Some(Lesson::NoNumberEnums)
    } else {
        None
    }
}

/// "Thinking level MINIMAL is not supported for this model."
fn is_of_a_level(message: &str) -> bool {
    let behind = message.strip_prefix("Thinking level ");
    let parts = behind.and_then(|rest| rest.split_once(' '));
    parts.is_some_and(|(level, rest)| {
        Level::of(level).is_some() && rest.starts_with("is not supported")
    })
}

/// Vertex AI: "Unable to submit request because function call `NAME` in the 2. content block is missing a
/// `thought_signature`". A name has no quotation mark in it.
fn lacks_signature(message: &str) -> bool {
    let behind = message.strip_prefix("Unable to submit request because function call `");
    let behind = behind.and_then(|rest| rest.split_once('`'));
    let place = behind.and_then(|(_, rest)| rest.strip_prefix(" in the "));
    let said = place.map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    said.is_some_and(|said| said.starts_with(". content block is missing a `thought_signature`"))
}

/// `Invalid value at 'contents[1].parts[0].thought_signature' (TYPE_BYTES), Base64 decoding failed for ...`
fn has_bad_signature(message: &str) -> bool {
    let behind = message.strip_prefix("Invalid value at 'contents[");
    let place = behind.and_then(|rest| rest.split_once('\''));
    place.is_some_and(|(place, _)| {
        let place = place.to_ascii_lowercase();
        place.ends_with(".thought_signature") || place.ends_with(".thoughtsignature")
    })
}

/// `* GenerateContentRequest.tools[0].function_declarations[0].parameters.properties[x].enum: only allowed for STRING
/// type`. The names of properties are the client's: blanks in them could be words.
fn is_of_an_enum(line: &str) -> bool {
    let line = line.trim().trim_start_matches("* ").trim_end_matches('.');
    let place = line.strip_suffix("enum: only allowed for STRING type");
    place.is_some_and(|place| {
        let is_path = place.is_empty() || place.ends_with('.');
        is_path && !place.contains(char::is_whitespace)
    })
}
