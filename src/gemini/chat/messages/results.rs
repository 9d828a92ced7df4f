//! What the tools said: each call has one result, in the order of the calls.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Setting;
use super::calls::{Call, Callee, Key};
use super::media::Shown;
use super::parts::{self, Part};
use super::text::{Text, bytes};
use crate::error::{Error, Result};
use crate::gemini::Host;
use crate::gemini::media::Media;
use crate::json::{Value, Writer, is_json};
use crate::openai::place::Place;

/// Up to here whole numbers are whole in a double, which every number becomes at Google.
const MAX_EXACT: u64 = 1 << 53;

/// The calls of one message of the assistant, and what came of them.
#[derive(Debug, Default)]
pub(super) struct Pending<'t> {
    place: Place,
    calls: Vec<Waiting<'t>>,
    by_key: BTreeMap<Key<'t>, usize>,
}

#[derive(Debug)]
struct Waiting<'t> {
    callee: Callee<'t>,
    result: Option<Answered<'t>>,
    /// What the tool shows and its result cannot hold.
    beside: Vec<Shown<'t>>,
}

impl<'t> Pending<'t> {
    pub(super) fn of(calls: &[Call<'t>], place: Place) -> Result<Self> {
        let mut pending = Self {
            place,
            ..Self::default()
        };
        for (index, call) in calls.iter().enumerate() {
            if pending.by_key.insert(call.key.clone(), index).is_some() {
                let place = place.below("tool_calls", index);
                return Err(refuse(&[&place.name(), ".id is that of another call."]));
            }
            pending.calls.push(Waiting {
                callee: call.callee.clone(),
                result: None,
                beside: Vec::new(),
            });
        }
        Ok(pending)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    pub(super) fn answer(
        &mut self,
        key: &Key<'t>,
        content: Option<Value<'t>>,
        setting: &Setting<'t>,
        place: Place,
    ) -> Result<()> {
        let at = self.by_key.get(key);
        let Some(waiting) = at.and_then(|at| self.calls.get_mut(*at)) else {
            let problem = " must be a response to a preceding message with 'tool_calls'.";
            return Err(refuse(&[&place.name(), problem]));
        };
        if waiting.result.is_some() {
            let problem = " is a second response to the same tool call.";
            return Err(refuse(&[&place.name(), problem]));
        }
        let (text, shown) = parts::result(content, setting, place)?;
        let (within, beside) = shown
            .into_iter()
            .partition(|shown| can_hold(setting, &shown.media));
        waiting.beside = beside;
        waiting.result = Some(Answered {
            callee: waiting.callee.clone(),
            response: Response::of(text),
            shown: within,
        });
        Ok(())
    }

    /// The results, and what has to be shown behind them. "Please ensure that the number of function response parts is
    /// equal to the number of function call parts of the function call turn": OpenAI says it, too.
    pub(super) fn settle(self) -> Result<(Vec<Part<'t>>, Vec<Part<'t>>)> {
        let (mut results, mut beside) = (Vec::new(), Vec::new());
        for (index, waiting) in self.calls.into_iter().enumerate() {
            let Some(result) = waiting.result else {
                let rule = "An assistant message with 'tool_calls' must be followed by tool messages \
                            responding to each 'tool_call_id'. Nothing responds to call ";
                let place = self.place.name();
                return Err(refuse(&[rule, &index.to_string(), " of ", &place, "."]));
            };
            results.push(Part::answered(result));
            beside.extend(waiting.beside.into_iter().map(Part::media));
        }
        Ok((results, beside))
    }
}

/// OpenAI has no code for these.
fn refuse(words: &[&str]) -> Error {
    Error::bad_request("", words.concat()).param("messages")
}

/// Results hold pictures and documents, and on AI Studio only such as travel in the request.
fn can_hold(setting: &Setting<'_>, media: &Media<'_>) -> bool {
    let (mime, is_possible) = match media {
        Media::Inline(inline) => (Some(&inline.mime), true),
        Media::File { mime, .. } => (mime.as_ref(), setting.manner.host == Host::Vertex),
    };
    let takes_time = mime.is_some_and(|it| it.starts_with("audio/") || it.starts_with("video/"));
    is_possible && !takes_time && setting.model.takes_result_parts()
}

/// A call's result.
#[derive(Debug)]
pub(super) struct Answered<'t> {
    callee: Callee<'t>,
    response: Response<'t>,
    shown: Vec<Shown<'t>>,
}

impl Answered<'_> {
    /// Writes the member that holds it into a part that is open.
    pub(super) fn write(&self, out: &mut Writer) {
        out.open_member("functionResponse");
        self.callee.write(out);
        self.response.write(out);
        if !self.shown.is_empty() {
            out.open_list("parts");
            for shown in &self.shown {
                out.open();
                shown.media.write(out);
                out.close();
            }
            out.close_list();
        }
        out.close();
    }
}

/// Google takes an object; anything else is its `output`.
#[derive(Debug)]
enum Response<'t> {
    Object(Cow<'t, [u8]>),
    Output(Cow<'t, [u8]>),
}

impl<'t> Response<'t> {
    fn of(text: Text<'t>) -> Self {
        match json_in(&text) {
            Some(json) if json.trim_ascii_start().starts_with(b"{") => Self::Object(json.into()),
            Some(json) => Self::Output(json.into()),
            None => Self::Output(text.into_literal()),
        }
    }

    fn write(&self, out: &mut Writer) {
        match self {
            Self::Object(object) => out.raw("response", object),
            Self::Output(output) => {
                out.open_member("response");
                out.raw("output", output);
                out.close();
            }
        }
    }
}

/// The JSON a text consists of, if it does.
fn json_in(text: &Text<'_>) -> Option<Vec<u8>> {
    // Most texts show by their first letter that they are none, and are not read.
    let first = text.inside().first()?;
    let may_be = matches!(
        first,
        b'{' | b'[' | b'\\' | b' ' | b'-' | b't' | b'f' | b'n'
    );
    if !may_be && !first.is_ascii_digit() {
        return None;
    }
    let json = Value::first(text.literal())?.as_str()?;
    let is_whole = is_json(json.as_bytes()) && is_exact(&json);
    is_whole.then(|| bytes(json).into_owned())
}

/// Whether all numbers keep their values: the digits of a long one are more likely a name than a quantity. A number that
/// is no double would be refused.
fn is_exact(json: &str) -> bool {
    let is_of_interest = |it: char| matches!(it, '"' | '-' | '0'..='9');
    let mut rest = json;
    while let Some(at) = rest.find(is_of_interest) {
        rest = rest.get(at..).unwrap_or_default();
        // A string, or a number.
        let token = Value::first(rest.as_bytes()).map_or(b"".as_slice(), Value::raw);
        if !token.starts_with(b"\"") && !std::str::from_utf8(token).is_ok_and(is_exact_number) {
            return false;
        }
        rest = rest.get(token.len().max(1)..).unwrap_or_default();
    }
    true
}

fn is_exact_number(number: &str) -> bool {
    if number.contains(['.', 'e', 'E']) {
        return number.parse().is_ok_and(f64::is_finite);
    }
    let digits = number.trim_start_matches('-');
    digits.parse().is_ok_and(|whole: u64| whole <= MAX_EXACT)
}
