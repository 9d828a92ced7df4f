//! One candidate as a choice.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::base64;
use crate::gemini::citations::Citations;
use crate::gemini::finish::{self, Calls, Finish};
use crate::gemini::logprobs;
use crate::json::Writer;
use crate::sound::Format;

use super::blob::Blob;
use super::calls::{Call, Manner, Place, write_signature};
use super::code;
use super::fence;
use super::places::Places;
use super::read::{Candidate, Content, Part};

/// The parts, sorted into what OpenAI's message has a place for. What Google's own tools were asked stays out.
#[derive(Default)]
pub(super) struct Choice<'t> {
    index: usize,
    text: Vec<u8>,
    reasoning: Vec<u8>,
    calls: Writer,
    call_count: usize,
    /// Google's ids of the calls. One that comes again is none: nobody could tell the results apart.
    ids: BTreeSet<&'t [u8]>,
    function_call: Option<Call<'t>>,
    images: Writer,
    image_count: usize,
    audio: Vec<Blob<'t>>,
    annotations: Writer,
    refusal: Vec<u8>,
    logprobs: Option<&'t [u8]>,
    finish: Option<Finish>,
}

impl<'t> Choice<'t> {
    pub(super) fn read(index: usize, candidate: &Candidate<'t>, manner: Manner<'_>) -> Self {
        let mut choice = Self {
            index,
            logprobs: candidate.logprobs,
            finish: Finish::of(candidate.finish_reason),
            ..Self::default()
        };
        let mut places = Places::default();
        for part in candidate.parts() {
            choice.add(&part, &mut places, manner);
        }
        if choice.finish == Some(Finish::Filter) && choice.is_empty() {
            let refusal = finish::refusal(candidate.finish_reason, candidate.finish_message);
            choice.refusal = refusal.into_owned();
        }
        let mut citations = Citations::default();
        citations.ground(candidate.grounding);
        citations.cite(candidate.citations);
        choice.annotations = citations.annotations(&places);
        choice
    }

    /// Of a prompt that was not answered.
    pub(super) fn blocked(index: usize, reason: &[u8], message: &[u8]) -> Self {
        Self {
            index,
            refusal: finish::prompt_refusal(reason, message).into_owned(),
            finish: Some(Finish::Filter),
            ..Self::default()
        }
    }

    /// There is nothing a client could use; thoughts alone are no answer.
    pub(super) fn is_empty(&self) -> bool {
        let has_none = self.call_count == 0 && self.image_count == 0;
        has_none && self.text.is_empty() && self.audio.is_empty()
    }

    /// Why there is no answer, where the model's call was none.
    pub(super) fn failure(&self) -> Option<&'static str> {
        match self.finish {
            Some(Finish::Malformed(code)) if self.is_empty() => Some(code),
            _ => None,
        }
    }

    fn add(&mut self, part: &Part<'t>, places: &mut Places, manner: Manner<'_>) {
        let is_text = matches!(part.content, Content::Text(_));
        places.begin_part(is_text && !part.is_thought);
        match part.content {
            Content::Text(text) if part.is_thought => self.reasoning.extend_from_slice(text),
            Content::Text(text) => self.say(text, places),
            Content::Call(call) => {
                if let Some(call) = Call::read(call, part.signature) {
                    self.call(call, manner);
                }
            }
            // Models draw and compute before they answer: only the words of it are for the client.
            _ if part.is_thought => {}
            Content::Inline(blob) => self.inline(blob, part.signature, places),
            Content::Code { language, code } => self.code(language, code, places),
            Content::CodeResult(output) => self.code(b"output", output, places),
            Content::Other => {}
        }
    }

    fn say(&mut self, text: &[u8], places: &mut Places) {
        self.text.extend_from_slice(text);
        places.add(text);
    }

    fn code(&mut self, language: &[u8], code: &[u8], places: &mut Places) {
        let is_new_line = self.text.is_empty() || code::ends_line(&self.text);
        let text = code::fenced(language, code, is_new_line);
        self.say(&text, places);
    }

    fn inline(&mut self, blob: Blob<'t>, signature: &[u8], places: &mut Places) {
        if blob.is("image/") {
            write_image(&mut self.images, &blob, signature, self.image_count);
            self.image_count += 1;
        } else if blob.is("audio/") {
            self.audio.push(blob);
        } else {
            self.say(&blob.url(), places);
        }
    }

    /// Calls that came with the reason that they are malformed are never to be made.
    fn call(&mut self, mut call: Call<'t>, manner: Manner<'_>) {
        let is_malformed = matches!(self.finish, Some(Finish::Malformed(_)));
        let is_one_too_many = manner.expects.one_call && self.call_count > 0;
        if is_malformed || is_one_too_many {
            return;
        }
        let place = Place {
            choice: self.index,
            number: self.call_count,
        };
        if !self.ids.insert(call.id) {
            call.id = b"";
        }
        call.write(&mut self.calls, manner, place);
        self.function_call = self.function_call.or(Some(call));
        self.call_count += 1;
    }

    pub(super) fn write(&self, out: &mut Writer, manner: Manner<'_>, now_secs: u64) {
        out.open();
        out.number("index", u64::try_from(self.index).unwrap_or(u64::MAX));
        out.open_member("message");
        out.word("role", "assistant");
        self.write_content(out, manner);
        self.write_calls(out, manner);
        if self.image_count > 0 {
            out.list("images", &self.images);
        }
        if !self.audio.is_empty() {
            let id = format!("audio_{}_{}", manner.id, self.index);
            let data = sound(&self.audio, manner.expects.sound);
            write_audio(out, &id, &data, now_secs);
        }
        if !self.annotations.is_empty() {
            out.list("annotations", &self.annotations);
        }
        out.close();
        logprobs::write(out, self.logprobs);
        let calls = match self.call_count {
            0 => Calls::None,
            _ if manner.expects.function_call => Calls::Function,
            _ => Calls::Tools,
        };
        let finish = self.finish.unwrap_or(Finish::Stop);
        out.word("finish_reason", finish.word(calls));
        out.close();
    }

    fn write_content(&self, out: &mut Writer, manner: Manner<'_>) {
        let text = if manner.expects.unfence {
            fence::unfenced(&self.text)
        } else {
            &self.text
        };
        let is_filtered = self.finish == Some(Finish::Filter);
        let is_elsewhere = is_filtered || self.call_count > 0 || !self.audio.is_empty();
        if self.text.is_empty() && is_elsewhere {
            out.raw("content", b"null");
        } else {
            out.joined("content", text);
        }
        if self.refusal.is_empty() {
            out.raw("refusal", b"null");
        } else {
            out.joined("refusal", &self.refusal);
        }
        if !self.reasoning.is_empty() {
            out.joined("reasoning_content", &self.reasoning);
        }
    }

    fn write_calls(&self, out: &mut Writer, manner: Manner<'_>) {
        match &self.function_call {
            Some(call) if manner.expects.function_call => call.write_legacy(out, manner),
            Some(_) => out.list("tool_calls", &self.calls),
            None => {}
        }
    }
}

/// An item of `images`, where the gateways of the field put them. Models that draw go on from a picture of theirs by its
/// signature.
pub(crate) fn write_image(out: &mut Writer, blob: &Blob<'_>, signature: &[u8], index: usize) {
    out.open();
    out.word("type", "image_url");
    out.number("index", u64::try_from(index).unwrap_or(u64::MAX));
    out.open_member("image_url");
    out.joined("url", &blob.url());
    out.close();
    write_signature(out, signature);
    out.close();
}

/// In base64. Pieces of sound are one, and may need what makes a file of them.
fn sound<'t>(pieces: &[Blob<'t>], format: Format) -> Cow<'t, [u8]> {
    let [first, ..] = pieces else {
        return Cow::Borrowed(b"");
    };
    if pieces.len() == 1 && format == Format::Pcm {
        return Cow::Borrowed(first.data);
    }
    let samples: Vec<u8> = pieces.iter().filter_map(Blob::bytes).flatten().collect();
    let (_, file) = format.file(&first.mime(), samples);
    Cow::Owned(base64::encode(&file).into_bytes())
}

/// Nothing of it is kept here, but OpenAI's has an end.
fn write_audio(out: &mut Writer, id: &str, data: &[u8], now_secs: u64) {
    out.open_member("audio");
    out.string("id", id);
    out.joined("data", data);
    out.number("expires_at", now_secs + 3600);
    out.word("transcript", "");
    out.close();
}
