//! What it says, in tokens: how text is counted and where an answer ends.

use serde_json::{Value, json};

use crate::error::{Result, invalid};

use super::fields::Fields;
use super::{MAX_OUTPUT, whole};

/// The longest run of letters that is one token.
const MAX_WORD: usize = 12;

/// As much of the client's text as an answer repeats, in characters.
const MAX_EXCERPT: usize = 400;

/// The demo's tokens: the white space before it, then up to [`MAX_WORD`] letters and digits, or one other
/// character. White space at the end is a token of its own. Together they are the text again.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at_checked(first_piece(rest))?;
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

fn first_piece(text: &str) -> usize {
    let word = text.trim_start();
    let letters = word
        .chars()
        .take(MAX_WORD)
        .take_while(|character| character.is_alphanumeric())
        .map(char::len_utf8)
        .sum();
    let length = match letters {
        0 => word.chars().next().map_or(0, char::len_utf8),
        _ => letters,
    };
    text.len() - word.len() + length
}

pub(super) fn count(text: &str) -> u64 {
    whole(pieces(text).count())
}

/// The beginning of a text, with an ellipsis where it goes on.
pub(super) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(MAX_EXCERPT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What to say to a text: the text.
pub(super) fn reply(text: &str) -> String {
    match text.trim() {
        "" => "You said nothing.".to_owned(),
        text => format!("You said: {}", excerpt(text)),
    }
}

/// Where an answer ends, however long it would be.
pub(super) struct Limits {
    stops: Vec<String>,
    most: usize,
}

impl Limits {
    /// `most` is the client's limit; `choices` share what the demo says at all.
    pub(super) fn new(stops: Vec<String>, most: Option<u64>, choices: usize) -> Self {
        let ours = MAX_OUTPUT / choices.max(1);
        let theirs = most.map_or(ours, |most| usize::try_from(most).unwrap_or(ours));
        Self {
            stops,
            most: theirs.min(ours),
        }
    }

    pub(super) fn speak(&self, text: &str) -> Spoken {
        let end = self.stops.iter().filter_map(|stop| text.find(stop)).min();
        let text = end.and_then(|end| text.get(..end)).unwrap_or(text);
        self.write(text)
    }

    /// As [`Self::speak`], for a tool's arguments, in which stop sequences are not looked for.
    pub(super) fn write(&self, text: &str) -> Spoken {
        let mut all = pieces(text).map(str::to_owned);
        let pieces = all.by_ref().take(self.most).collect();
        let finish = match all.next() {
            Some(_) => Finish::Length,
            None => Finish::Stop,
        };
        Spoken { pieces, finish }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Finish {
    Stop,
    Length,
}

impl Finish {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
        }
    }
}

/// One choice: its tokens and why they end.
pub(super) struct Spoken {
    pub(super) pieces: Vec<String>,
    pub(super) finish: Finish,
}

impl Spoken {
    pub(super) fn text(&self) -> String {
        self.pieces.concat()
    }

    pub(super) fn count(&self) -> u64 {
        whole(self.pieces.len())
    }
}

/// `stop`: a string or up to four.
pub(super) fn stops(fields: &Fields) -> Result<Vec<String>> {
    let refused = || invalid("stop", "a string or an array of up to 4 strings");
    let stops = match fields.get("stop") {
        None => vec![],
        Some(Value::String(stop)) => vec![stop.clone()],
        Some(Value::Array(stops)) if stops.len() <= 4 => stops
            .iter()
            .map(|stop| stop.as_str().map(str::to_owned).ok_or_else(refused))
            .collect::<Result<_>>()?,
        Some(_) => return Err(refused()),
    };
    Ok(stops.into_iter().filter(|stop| !stop.is_empty()).collect())
}

/// The demo is certain of every token: a probability of one, whose logarithm is zero.
pub(super) fn logprob(piece: &str) -> Value {
    json!({"token": piece, "logprob": 0.0, "bytes": piece.as_bytes(), "top_logprobs": []})
}
