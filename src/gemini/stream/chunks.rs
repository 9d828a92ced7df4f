//! The client's events, as they are written.

use crate::base64;
use crate::gemini::answer::blob::Blob;
use crate::gemini::answer::head::Head;
use crate::gemini::answer::read::Answer;
use crate::gemini::logprobs;
use crate::gemini::usage::Usage;
use crate::gemini::{Expects, completions};
use crate::json::{self, Writer};
use crate::sound::{Format, rate, wave};
use crate::sse::MAX_EVENT;

use super::Rules;

/// What all events have in common, what is written of them, and whether any was: until then an error can still be an
/// answer of its own. Of a transcription all that was heard, for its last event.
pub(super) struct Chunks {
    shape: Shape,
    /// The beginning of every chunk, up to its choices; empty until there is one.
    head: Vec<u8>,
    /// Behind a chunk's choices.
    tail: &'static [u8],
    out: Vec<u8>,
    has_begun: bool,
    transcript: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Shape {
    Chat,
    /// Prompts that are said again before their answers, and how many choices each has.
    Completions {
        echo: Vec<String>,
        choices_per_prompt: usize,
    },
    /// `is_headless`: the samples are to be a file, and its head is still to come.
    Speech {
        is_headless: bool,
    },
    Transcription,
}

/// What ends a chunk, behind its choices: where a stream is to end with its usage, all others say that they have none.
const WITH_USAGE: &[u8] = b"],\"usage\":null}\n\n";
const WITHOUT_USAGE: &[u8] = b"]}\n\n";

const SPEECH: &[u8] = b"{\"type\":\"speech.audio.delta\",\"audio\":\"";

impl Chunks {
    pub(super) fn new(rules: &Rules) -> Self {
        let (shape, usage) = match &rules.expects {
            Expects::Completions(expects) => (completions(expects, rules.sources), expects.usage),
            Expects::Speech(expects) => {
                let is_headless = expects.format == Format::Wav;
                (Shape::Speech { is_headless }, false)
            }
            Expects::Transcription(_) => (Shape::Transcription, false),
            Expects::Chat(expects) => (Shape::Chat, expects.usage),
            _ => (Shape::Chat, false),
        };
        Self {
            shape,
            head: Vec::new(),
            tail: if usage { WITH_USAGE } else { WITHOUT_USAGE },
            out: Vec::new(),
            has_begun: false,
            transcript: Vec::new(),
        }
    }

    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Whether the answer is sound, and nothing but sound.
    pub(super) fn is_speech(&self) -> bool {
        matches!(self.shape, Shape::Speech { .. })
    }

    /// Whether there are words for why an answer was filtered.
    pub(super) fn can_refuse(&self) -> bool {
        !matches!(self.shape, Shape::Speech { .. } | Shape::Transcription)
    }

    /// More was heard than an event can say.
    pub(super) fn is_full(&self) -> bool {
        self.transcript.len() > MAX_EVENT
    }

    /// Makes room for what a chunk will become.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.out.reserve(bytes);
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Takes the id, the time and the model; as long as nothing was given out the newest event is right.
    pub(super) fn name(&mut self, rules: &Rules, answer: &Answer<'_>) {
        let (prefix, object) = match self.shape {
            Shape::Completions { .. } => ("cmpl-", "text_completion"),
            _ => ("chatcmpl-", "chat.completion.chunk"),
        };
        let head = Head {
            prefix,
            id: &rules.id,
            object,
            now_secs: rules.now_secs,
            model: &rules.model,
        };
        let mut out = Writer::default();
        out.open();
        head.write(&mut out, answer);
        out.open_list("choices");
        self.head = [b"data: ", &out.into_bytes()[..]].concat();
    }

    /// A choice's first chunk.
    pub(super) fn begin(&mut self, index: usize) {
        match &self.shape {
            Shape::Chat => {
                self.open(index);
                let role = br#""delta":{"role":"assistant","content":"","refusal":null}"#;
                self.out.extend_from_slice(role);
                self.close();
            }
            Shape::Completions {
                echo,
                choices_per_prompt,
            } => {
                let prompt = echo.get(index / choices_per_prompt);
                if let Some(quoted) = prompt.map(|prompt| json::quoted(prompt)) {
                    self.open(index);
                    self.quote(b"\"text\":", quoted.as_bytes(), b"");
                    self.close();
                }
            }
            Shape::Speech { .. } | Shape::Transcription => {}
        }
    }

    /// A piece of the text, as it stands between quotes.
    pub(super) fn text(&mut self, index: usize, text: &[u8], logprobs: Option<&[u8]>) {
        match self.shape {
            Shape::Chat => {
                self.open(index);
                self.quote(b"\"delta\":{\"content\":\"", text, b"\"}");
                self.close_with(logprobs);
            }
            Shape::Completions { .. } => {
                self.open(index);
                self.quote(b"\"text\":\"", text, b"\"");
                self.close();
            }
            Shape::Transcription => {
                self.transcript.extend_from_slice(text);
                self.event(b"{\"type\":\"transcript.text.delta\",\"delta\":\"", text);
            }
            Shape::Speech { .. } => {}
        }
    }

    pub(super) fn reasoning(&mut self, index: usize, text: &[u8]) {
        if matches!(self.shape, Shape::Chat) {
            self.open(index);
            self.quote(b"\"delta\":{\"reasoning_content\":\"", text, b"\"}");
            self.close();
        }
    }

    /// Anything else of a message.
    pub(super) fn delta(&mut self, index: usize, write: impl FnOnce(&mut Writer)) {
        if matches!(self.shape, Shape::Chat) {
            let mut delta = Writer::default();
            write(&mut delta);
            self.open(index);
            self.quote(b"\"delta\":{", &delta.into_bytes(), b"}");
            self.close();
        }
    }

    /// Sound, in base64. `id` names it where it is part of a message.
    pub(super) fn sound(&mut self, index: usize, id: &str, blob: &Blob<'_>) {
        if let Shape::Speech { is_headless } = &mut self.shape {
            if std::mem::take(is_headless) && !blob.data.starts_with(b"UklGR") {
                let head = base64::encode(&wave::head(rate(&blob.mime()), u32::MAX));
                self.event(SPEECH, head.as_bytes());
            }
            self.event(SPEECH, blob.data);
        }
        self.delta(index, |delta| {
            delta.open_member("audio");
            delta.string("id", id);
            delta.joined("data", blob.data);
            delta.word("transcript", "");
            delta.close();
        });
    }

    /// Why a choice ended, and where what it says is from.
    pub(super) fn finish(&mut self, index: usize, word: &str, annotations: &Writer) {
        let mut last = Writer::default();
        let word = match self.shape {
            Shape::Chat => {
                last.open_member("delta");
                if !annotations.is_empty() {
                    last.list("annotations", annotations);
                }
                last.close();
                word
            }
            Shape::Completions { .. } => {
                last.word("text", "");
                match word {
                    "length" | "content_filter" => word,
                    // There are no calls here.
                    _ => "stop",
                }
            }
            Shape::Speech { .. } | Shape::Transcription => return,
        };
        last.raw("logprobs", b"null");
        last.word("finish_reason", word);
        self.open(index);
        self.quote(b"", &last.into_bytes(), b"}");
        self.out.extend_from_slice(self.tail);
    }

    /// What follows the last choice's end.
    pub(super) fn end(&mut self, usage: &Usage) {
        let mut last = Writer::default();
        match self.shape {
            Shape::Chat | Shape::Completions { .. } if self.tail == WITHOUT_USAGE => {}
            Shape::Chat | Shape::Completions { .. } => {
                usage.write(&mut last);
                self.out.extend_from_slice(&self.head);
                self.quote(b"],", &last.into_bytes(), b"}\n\n");
            }
            Shape::Speech { .. } => {
                last.open();
                last.word("type", "speech.audio.done");
                usage.write_of_speech(&mut last);
                last.close();
                self.quote(b"data: ", &last.into_bytes(), b"\n\n");
            }
            Shape::Transcription => {
                last.open();
                last.word("type", "transcript.text.done");
                last.joined("text", &self.transcript);
                usage.write_of_transcription(&mut last);
                last.close();
                self.quote(b"data: ", &last.into_bytes(), b"\n\n");
            }
        }
        self.done();
    }

    /// An error that ends the stream. Its JSON may have lines; an event's has one.
    pub(super) fn fail(&mut self, body: &[u8]) {
        let line = json::compact(body);
        self.quote(b"data: ", line.as_bytes(), b"\n\n");
        self.done();
    }

    fn done(&mut self) {
        self.has_begun = true;
        self.out.extend_from_slice(b"data: [DONE]\n\n");
    }

    /// An event that is none of a chat's, up to the text that is its last member.
    fn event(&mut self, before: &[u8], text: &[u8]) {
        self.has_begun = true;
        self.out.extend_from_slice(b"data: ");
        self.quote(before, text, b"\"}\n\n");
    }

    /// Up to a choice's number.
    fn open(&mut self, index: usize) {
        self.has_begun = true;
        self.out.extend_from_slice(&self.head);
        self.out.extend_from_slice(b"{\"index\":");
        match u8::try_from(index) {
            Ok(digit @ 0..=9) => self.out.push(b'0' + digit),
            _ => self.out.extend_from_slice(index.to_string().as_bytes()),
        }
        self.out.push(b',');
    }

    fn close(&mut self) {
        self.out
            .extend_from_slice(b",\"logprobs\":null,\"finish_reason\":null}");
        self.out.extend_from_slice(self.tail);
    }

    fn close_with(&mut self, result: Option<&[u8]>) {
        let Some(result) = result else {
            self.close();
            return;
        };
        let mut written = Writer::default();
        logprobs::write(&mut written, Some(result));
        self.quote(b",", &written.into_bytes(), b",\"finish_reason\":null}");
        self.out.extend_from_slice(self.tail);
    }

    fn quote(&mut self, before: &[u8], text: &[u8], behind: &[u8]) {
        self.out.extend_from_slice(before);
        self.out.extend_from_slice(text);
        self.out.extend_from_slice(behind);
    }
}

/// The requests go prompt by prompt, as many for each.
fn completions(expects: &completions::Expects, sources: usize) -> Shape {
    let echo = expects.echo.clone().unwrap_or_default();
    let choices = sources
        .max(1)
        .saturating_mul(expects.choices_per_prompt.max(1));
    Shape::Completions {
        choices_per_prompt: (choices / echo.len().max(1)).max(1),
        echo,
    }
}
