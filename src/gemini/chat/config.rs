//! How the answer is drawn: `generationConfig`, but for its form ([`super::format`]).

use crate::error::{Error, Result, invalid};
use crate::gemini::Manner;
use crate::gemini::asked::{Asked, number};
use crate::gemini::google::Google;
use crate::gemini::lessons::{Lesson, Lessons};
use crate::gemini::model::Model;
use crate::json::{Fields, Value, Writer};
use crate::openai::stop;

use super::speech;
use super::thinking::Thoughts;

/// Google's limit of candidates, and of what is asked for at once in their stead.
const MAX_CHOICES: u64 = 8;

/// OpenAI takes 4.
const MAX_STOPS: usize = 5;

pub const MAX_LOGPROBS: u64 = 20;

/// Google's is an int32, and positive.
const SEED: i128 = 0x7fff_ffff;

/// What Google's numbers hold: a limit that no answer comes near is as good as a larger one.
const MAX_INT32: u64 = 0x7fff_ffff;

/// The members of `generationConfig` that a chat's or completion's fields ask for.
#[derive(Debug)]
pub struct Config {
    members: Writer,
    requests: usize,
}

impl Config {
    pub fn read(
        request: &Fields<'_>,
        model: Model,
        manner: &Manner,
        lessons: Lessons,
    ) -> Result<Self> {
        refuse_bias(request, manner)?;
        let mut members = Writer::default();
        let out = &mut members;
        let choices = request.integer("n", 1..=MAX_CHOICES)?.unwrap_or(1);
        let together = model.takes_candidates() && !lessons.has(Lesson::OneCandidate);
        if choices > 1 && together {
            out.number("candidateCount", choices);
        }
        write_limit(out, request)?;
        write_sampling(out, request, model, manner)?;
        write_penalties(out, request, model, lessons)?;
        write_seed(out, request.get("seed"))?;
        write_stops(out, request.get("stop"))?;
        write_logprobs(out, request, model, lessons)?;
        speech::write(out, request, model, manner.options.strict)?;
        let thoughts = Thoughts::read(request, &Google::read(request)?)?;
        thoughts.write(out, model, manner.options.include_thoughts, lessons);
        let requests = if together { 1 } else { choices };
        Ok(Self {
            members,
            requests: usize::try_from(requests).unwrap_or(1),
        })
    }

    /// How many requests give the choices that are wanted (`n`): 1 where the model gives them together.
    pub fn requests(&self) -> usize {
        self.requests
    }

    /// Writes the members into an object that is open.
    pub fn write(&self, out: &mut Writer) {
        out.items(&self.members);
    }
}

fn refuse_bias(request: &Fields<'_>, manner: &Manner) -> Result<()> {
    let bias = request.get("logit_bias").filter(|bias| !bias.is_empty());
    if bias.is_none() || !manner.options.strict {
        return Ok(());
    }
    let problem = "Gemini has nothing like 'logit_bias'.";
    Err(Error::bad_request("unsupported_parameter", problem).param("logit_bias"))
}

/// The most tokens of the answer, thoughts among them; the older name is still the one most send.
fn write_limit(out: &mut Writer, request: &Fields<'_>) -> Result<()> {
    for name in ["max_completion_tokens", "max_tokens"] {
        if let Some(limit) = request.integer(name, 1..=u64::MAX)? {
            out.number("maxOutputTokens", limit.min(MAX_INT32));
            return Ok(());
        }
    }
    Ok(())
}

fn write_sampling(
    out: &mut Writer,
    request: &Fields<'_>,
    model: Model,
    manner: &Manner,
) -> Result<()> {
    let temperature = number(request, "temperature", 0.0..=2.0)?;
    let top_p = number(request, "top_p", 0.0..=1.0)?;
    let top_k = top_k(request)?;
    let by_default = model.takes_sampling();
    if !manner.options.sampling.unwrap_or(by_default) {
        return Ok(());
    }
    out.value("temperature", temperature.map(|(value, _)| value));
    out.value("topP", top_p.map(|(value, _)| value));
    if let Some(top_k) = top_k {
        out.number("topK", top_k.min(MAX_INT32));
    }
    Ok(())
}

/// It is not OpenAI's. Where it comes from 0 and -1 say that there is none.
fn top_k(request: &Fields<'_>) -> Result<Option<u64>> {
    match request.get("top_k").map(Value::raw) {
        Some(b"0" | b"-1") => Ok(None),
        _ => request.integer("top_k", 1..=u64::MAX),
    }
}

/// A penalty of 0 is none; most models refuse even that.
fn write_penalties(
    out: &mut Writer,
    request: &Fields<'_>,
    model: Model,
    lessons: Lessons,
) -> Result<()> {
    let takes = model.takes_penalties() && !lessons.has(Lesson::NoPenalties);
    for (name, own) in [
        ("presence_penalty", "presencePenalty"),
        ("frequency_penalty", "frequencyPenalty"),
    ] {
        match number(request, name, -2.0..=2.0)? {
            Some((value, penalty)) if takes && penalty != 0.0 => out.raw(own, value.raw()),
            _ => {}
        }
    }
    Ok(())
}

fn write_seed(out: &mut Writer, seed: Option<Value<'_>>) -> Result<()> {
    let Some(seed) = seed else {
        return Ok(());
    };
    let digits = std::str::from_utf8(seed.raw()).ok();
    let number = digits.and_then(|digits| digits.parse::<i128>().ok());
    let number = number.ok_or_else(|| invalid("seed", "an integer"))?;
    out.raw("seed", (number & SEED).to_string().as_bytes());
    Ok(())
}

fn write_stops(out: &mut Writer, stop: Option<Value<'_>>) -> Result<()> {
    let mut stops = stop::sequences(stop)?;
    stops.retain(|stop| !stop.is_empty());
    if stops.len() > MAX_STOPS {
        let expected = format!("at most {MAX_STOPS} strings");
        return Err(invalid("stop", &expected));
    }
    if !stops.is_empty() {
        out.open_list("stopSequences");
        for stop in stops {
            out.item(stop.raw());
        }
        out.close_list();
    }
    Ok(())
}

fn write_logprobs(
    out: &mut Writer,
    request: &Fields<'_>,
    model: Model,
    lessons: Lessons,
) -> Result<()> {
    let wanted = request.get("logprobs").map(Value::raw);
    let others = match wanted {
        None | Some(b"true" | b"false") => request.integer("top_logprobs", 0..=MAX_LOGPROBS)?,
        // A completion says with one number what a chat says with two fields.
        Some(_) => request.integer("logprobs", 0..=MAX_LOGPROBS)?,
    };
    let is_wanted = !matches!(wanted, None | Some(b"false"));
    if !is_wanted || !model.takes_logprobs() || lessons.has(Lesson::NoLogprobs) {
        return Ok(());
    }
    out.raw("responseLogprobs", b"true");
    if let Some(others) = others {
        out.number("logprobs", others);
    }
    Ok(())
}
