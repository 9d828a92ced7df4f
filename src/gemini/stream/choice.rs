//! One choice of a stream.

use std::collections::BTreeSet;

use crate::gemini::answer::blob::Blob;
use crate::gemini::answer::calls::{Call, Manner, Place};
use crate::gemini::answer::code;
use crate::gemini::answer::fence::Fence;
use crate::gemini::answer::message::write_image;
use crate::gemini::answer::places::Places;
use crate::gemini::answer::read::{Candidate, Content, Part, strings, values};
use crate::gemini::citations::Citations;
use crate::gemini::finish::{self, Calls, Finish};
use crate::json::Writer;

use super::chunks::Chunks;
use super::partial::Partial;

/// What must survive between chunks: whether the client knows of the choice, what it was given (`calls`, `ids`, `images`,
/// `has_content`; whether a line ends there), why the model stopped, the call whose arguments come in pieces, a fence
/// that may be one, and for its annotations what they are and where its text's characters stand.
pub(super) struct Choice {
    pub(super) index: usize,
    /// The number of the stream it is in.
    pub(super) source: usize,
    pub(super) finish: Option<Finish>,
    has_begun: bool,
    calls: usize,
    /// Google's ids of them. One that comes again is none: nobody could tell the results apart.
    ids: BTreeSet<Vec<u8>>,
    images: usize,
    /// Text, pictures or sound.
    has_content: bool,
    is_new_line: bool,
    partial: Option<Partial>,
    fence: Option<Fence>,
    places: Places,
    citations: Citations,
}

/// What a choice writes with.
pub(super) struct Pen<'a> {
    pub(super) chunks: &'a mut Chunks,
    pub(super) manner: Manner<'a>,
    /// Of the event at hand, until a piece of text takes them along.
    pub(super) logprobs: Option<&'a [u8]>,
}

/// Why a choice is not usable: the model's call was none.
pub(super) struct Malformed(pub(super) &'static str);

impl Choice {
    pub(super) fn new(index: usize, source: usize, manner: Manner<'_>) -> Self {
        Self {
            index,
            source,
            finish: None,
            has_begun: false,
            calls: 0,
            ids: BTreeSet::new(),
            images: 0,
            has_content: false,
            is_new_line: true,
            partial: None,
            fence: manner.expects.unfence.then(Fence::default),
            places: Places::default(),
            citations: Citations::default(),
        }
    }

    pub(super) fn take(
        &mut self,
        candidate: &Candidate<'_>,
        pen: &mut Pen<'_>,
    ) -> Result<(), Malformed> {
        let finish = Finish::of(candidate.finish_reason);
        for part in candidate.parts() {
            self.part(&part, finish, pen)?;
        }
        if pen.logprobs.is_some() {
            self.give(b"", pen);
        }
        self.citations.ground(candidate.grounding);
        self.citations.cite(candidate.citations);
        match finish {
            Some(Finish::Malformed(code)) => self.malformed(code),
            Some(Finish::Filter) => {
                let refusal = finish::refusal(candidate.finish_reason, candidate.finish_message);
                self.refuse(&refusal, pen);
                Ok(())
            }
            Some(finish) => {
                self.end_partial(pen);
                self.stop(finish);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The prompt was not answered.
    pub(super) fn block(&mut self, reason: &[u8], message: &[u8], pen: &mut Pen<'_>) {
        self.refuse(&finish::prompt_refusal(reason, message), pen);
    }

    /// The choice's last words, once nothing can follow.
    pub(super) fn finish(&mut self, pen: &mut Pen<'_>) {
        let rest = self.fence.as_mut().map(Fence::finish);
        self.give_piece(&rest.unwrap_or_default(), pen);
        self.begin(pen);
        let calls = match self.calls {
            0 => Calls::None,
            _ if pen.manner.expects.function_call => Calls::Function,
            _ => Calls::Tools,
        };
        let word = self.finish.unwrap_or(Finish::Stop).word(calls);
        let annotations = self.citations.annotations(&self.places);
        pen.chunks.finish(self.index, word, &annotations);
    }

    fn part(
        &mut self,
        part: &Part<'_>,
        finish: Option<Finish>,
        pen: &mut Pen<'_>,
    ) -> Result<(), Malformed> {
        match part.content {
            Content::Text(text) if part.is_thought => self.think(text, pen),
            Content::Text(text) => self.text(text, pen),
            content => {
                self.places.begin_part(false);
                match content {
                    Content::Call(call) => self.call(call, part.signature, finish, pen)?,
                    // Models draw and compute before they answer: only the words of it are for the client.
                    _ if part.is_thought => {}
                    Content::Inline(blob) => self.inline(&blob, part.signature, pen),
                    Content::Code { language, code } => self.code(language, code, pen),
                    Content::CodeResult(output) => self.code(b"output", output, pen),
                    Content::Text(_) | Content::Other => {}
                }
            }
        }
        Ok(())
    }

    pub(super) fn text(&mut self, text: &[u8], pen: &mut Pen<'_>) {
        self.places.go_on(true);
        self.say(text, pen);
    }

    fn think(&mut self, text: &[u8], pen: &mut Pen<'_>) {
        self.places.go_on(false);
        if !text.is_empty() {
            self.begin(pen);
            pen.chunks.reasoning(self.index, text);
        }
    }

    fn say(&mut self, text: &[u8], pen: &mut Pen<'_>) {
        if text.is_empty() {
            return;
        }
        self.has_content = true;
        match &mut self.fence {
            Some(fence) => {
                let text = fence.push(text);
                self.give_piece(&text, pen);
            }
            None => self.give(text, pen),
        }
    }

    fn give_piece(&mut self, text: &[u8], pen: &mut Pen<'_>) {
        if !text.is_empty() {
            self.give(text, pen);
        }
    }

    fn give(&mut self, text: &[u8], pen: &mut Pen<'_>) {
        self.begin(pen);
        self.places.add(text);
        self.is_new_line = code::ends_line(text);
        pen.chunks.text(self.index, text, pen.logprobs.take());
    }

    fn code(&mut self, language: &[u8], code: &[u8], pen: &mut Pen<'_>) {
        let text = code::fenced(language, code, self.is_new_line);
        self.say(&text, pen);
    }

    fn inline(&mut self, blob: &Blob<'_>, signature: &[u8], pen: &mut Pen<'_>) {
        if blob.is("image/") {
            self.image(blob, signature, pen);
        } else if blob.is("audio/") {
            self.begin(pen);
            self.has_content = true;
            let id = format!("audio_{}_{}", pen.manner.id, self.index);
            pen.chunks.sound(self.index, &id, blob);
        } else {
            self.say(&blob.url(), pen);
        }
    }

    fn image(&mut self, blob: &Blob<'_>, signature: &[u8], pen: &mut Pen<'_>) {
        self.begin(pen);
        self.has_content = true;
        let number = self.images;
        self.images += 1;
        pen.chunks.delta(self.index, |delta| {
            delta.open_list("images");
            write_image(delta, blob, signature, number);
            delta.close_list();
        });
    }

    /// A call comes whole; or it is opened with its name, goes on without one, and is closed by a piece that does not
    /// say that it continues.
    fn call(
        &mut self,
        call: &[u8],
        signature: &[u8],
        finish: Option<Finish>,
        pen: &mut Pen<'_>,
    ) -> Result<(), Malformed> {
        if matches!(finish, Some(Finish::Malformed(_))) {
            return Ok(());
        }
        let [name] = strings(call, [b"name"]);
        let [continues, pieces] = values(call, [b"willContinue", b"partialArgs"]);
        let continues = continues == Some(b"true");
        if !name.is_empty() {
            self.end_partial(pen);
            if !continues && pieces.is_none() {
                if let Some(call) = Call::read(call, signature) {
                    self.give_call(call, pen);
                }
                return Ok(());
            }
            self.partial = Some(Partial::new(call, signature));
        }
        if let Some(partial) = &mut self.partial {
            let taken = partial.take(call);
            taken.map_err(|_| Malformed("malformed_function_call"))?;
            if !continues {
                self.end_partial(pen);
            }
        }
        Ok(())
    }

    fn end_partial(&mut self, pen: &mut Pen<'_>) {
        let Some(partial) = self.partial.take() else {
            return;
        };
        let call = Call {
            id: &partial.id,
            name: &partial.name,
            args: Some(&partial.args()),
            signature: &partial.signature,
        };
        self.give_call(call, pen);
    }

    fn give_call(&mut self, mut call: Call<'_>, pen: &mut Pen<'_>) {
        let manner = pen.manner;
        let place = Place {
            choice: self.index,
            number: self.calls,
        };
        let reads_one = manner.expects.one_call || manner.expects.function_call;
        if reads_one && self.calls > 0 {
            return;
        }
        if !self.ids.insert(call.id.to_vec()) {
            call.id = b"";
        }
        self.begin(pen);
        self.calls += 1;
        pen.chunks.delta(self.index, |delta| {
            if manner.expects.function_call {
                call.write_legacy(delta, manner);
            } else {
                delta.open_list("tool_calls");
                call.write_piece(delta, manner, place);
                delta.close_list();
            }
        });
    }

    /// With text there is an answer all the same. What calls were given before it are not to be made.
    fn malformed(&mut self, code: &'static str) -> Result<(), Malformed> {
        self.partial = None;
        if self.calls > 0 || !self.has_content {
            return Err(Malformed(code));
        }
        self.stop(Finish::Malformed(code));
        Ok(())
    }

    fn refuse(&mut self, refusal: &[u8], pen: &mut Pen<'_>) {
        self.partial = None;
        let is_known = self.finish == Some(Finish::Filter);
        self.stop(Finish::Filter);
        if is_known || self.has_content || self.calls > 0 {
            return;
        }
        self.begin(pen);
        let refused = |delta: &mut Writer| delta.joined("refusal", refusal);
        pen.chunks.delta(self.index, refused);
    }

    /// The reason may be said again; that something was cut is not taken back.
    fn stop(&mut self, finish: Finish) {
        if matches!(self.finish, None | Some(Finish::Stop)) {
            self.finish = Some(finish);
        }
    }

    fn begin(&mut self, pen: &mut Pen<'_>) {
        if !self.has_begun {
            self.has_begun = true;
            pen.chunks.begin(self.index);
        }
    }
}
