//! An answer of `generateContent`, as the operations beside chat read it.

use crate::error::{Error, Kind, Result};
use crate::gemini::nonsense;
use crate::json::{Value, Writer, inside, is_json, member};

#[derive(Clone, Copy)]
pub(super) struct Reply<'t>(Value<'t>);

/// How a candidate came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Stopped,
    Length,
    Filtered,
    /// The model said what is no answer; the word is for the client.
    Broken(&'static str),
}

/// Reasons that are more than an end; all others, known or not, are.
const ENDINGS: [(&str, Ending); 14] = [
    ("MAX_TOKENS", Ending::Length),
    ("SAFETY", Ending::Filtered),
    ("RECITATION", Ending::Filtered),
    ("LANGUAGE", Ending::Filtered),
    ("BLOCKLIST", Ending::Filtered),
    ("PROHIBITED_CONTENT", Ending::Filtered),
    ("SPII", Ending::Filtered),
    ("IMAGE_SAFETY", Ending::Filtered),
    ("IMAGE_PROHIBITED_CONTENT", Ending::Filtered),
    ("IMAGE_RECITATION", Ending::Filtered),
    (
        "MALFORMED_FUNCTION_CALL",
        Ending::Broken("malformed_function_call"),
    ),
    (
        "UNEXPECTED_TOOL_CALL",
        Ending::Broken("unexpected_tool_call"),
    ),
    ("TOO_MANY_TOOL_CALLS", Ending::Broken("too_many_tool_calls")),
    ("MALFORMED_RESPONSE", Ending::Broken("malformed_response")),
];

impl<'t> Reply<'t> {
    pub(super) fn read(body: &'t [u8]) -> Result<Self> {
        let root = Some(body).filter(|body| is_json(body));
        let root = root.and_then(Value::first).filter(|it| it.is_object());
        root.filter(|it| member(*it, "error").is_none())
            .map(Self)
            .ok_or_else(nonsense)
    }

    pub(super) fn all(bodies: &'t [Vec<u8>]) -> Result<Vec<Self>> {
        bodies.iter().map(|body| Self::read(body)).collect()
    }

    pub(super) fn get(self, name: &str) -> Option<Value<'t>> {
        member(self.0, name)
    }

    pub(super) fn candidates(self) -> impl Iterator<Item = Value<'t>> {
        let candidates = self.get("candidates");
        candidates.into_iter().flat_map(Value::elements)
    }

    /// Whether the prompt was refused.
    pub(super) fn is_blocked(self) -> bool {
        let feedback = self.get("promptFeedback");
        feedback.is_some_and(|it| member(it, "blockReason").is_some())
    }

    /// How it ended as a whole: as what went wrong first, if anything did.
    pub(super) fn ending(self) -> Ending {
        if self.is_blocked() {
            return Ending::Filtered;
        }
        let mut endings = self.candidates().map(ending);
        let wrong = endings.find(|it| matches!(it, Ending::Filtered | Ending::Broken(_)));
        wrong.unwrap_or(Ending::Stopped)
    }

    pub(super) fn counts(self) -> Counts {
        self.get("usageMetadata")
            .map(Counts::of)
            .unwrap_or_default()
    }
}

pub(super) fn ending(candidate: Value<'_>) -> Ending {
    let reason = member(candidate, "finishReason").and_then(Value::as_str);
    let mut known = ENDINGS.iter();
    let found = known.find(|(name, _)| Some(*name) == reason.as_deref());
    found.map_or(Ending::Stopped, |(_, ending)| *ending)
}

/// What a candidate says or shows, without what it thought: image models think in pictures, too.
fn parts(candidate: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    let content = member(candidate, "content");
    let parts = content.and_then(|it| member(it, "parts"));
    let parts = parts.into_iter().flat_map(Value::elements);
    parts.filter(|part| !part.get("thought").is_some_and(Value::is_true))
}

/// Its text, as it stands between a string's quotes.
pub(super) fn text(candidate: Value<'_>) -> Vec<u8> {
    let mut joined = Vec::new();
    for part in parts(candidate) {
        joined.extend_from_slice(part.get("text").map(inside).unwrap_or_default());
    }
    joined
}

/// A part's type and its base64. Google may write its padding as `\u003d`.
#[derive(Clone)]
pub(super) struct Blob<'t> {
    pub(super) mime: String,
    pub(super) data: Value<'t>,
}

/// A candidate's media of a kind (`image/`).
pub(super) fn blobs<'t>(
    candidate: Value<'t>,
    kind: &'static str,
) -> impl Iterator<Item = Blob<'t>> {
    parts(candidate).filter_map(move |part| {
        let blob = member(part, "inlineData")?;
        let mime = member(blob, "mimeType")?.as_str()?.to_ascii_lowercase();
        let data = member(blob, "data").filter(|it| !inside(*it).is_empty())?;
        mime.starts_with(kind).then_some(Blob { mime, data })
    })
}

/// What answers that hold nothing of what was asked for come to. `filtered`: the code OpenAI has for what its filter
/// holds back; `empty`: for what should not be.
pub(super) fn nothing(replies: &[Reply<'_>], filtered: &'static str, empty: &'static str) -> Error {
    let mut endings = replies.iter().map(|it| it.ending());
    let wrong = endings.find(|it| *it != Ending::Stopped);
    if wrong == Some(Ending::Filtered) {
        return withheld(filtered);
    }
    let code = match wrong {
        Some(Ending::Broken(code)) => code,
        _ => empty,
    };
    let problem = "Google's answer holds nothing of what was asked for.";
    Error::new(Kind::BadGateway, code, problem)
}

pub(super) fn withheld(code: &'static str) -> Error {
    let problem = "Google's content filter holds the answer back.";
    Error::bad_request(code, problem)
}

/// Tokens, as OpenAI counts them: what was read includes what came from a cache, what was written the thoughts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) input: u64,
    pub(super) input_audio: u64,
    pub(super) input_images: u64,
    cached: u64,
    pub(super) output: u64,
    output_audio: u64,
    pub(super) output_images: u64,
    reasoning: u64,
    pub(super) total: u64,
}

impl Counts {
    fn of(usage: Value<'_>) -> Self {
        let prompt = count(usage, "promptTokenCount");
        let said = count(usage, "candidatesTokenCount");
        let reasoning = count(usage, "thoughtsTokenCount");
        let total = count(usage, "totalTokenCount");
        // Some models count the thoughts among what they said.
        let is_inclusive = prompt.saturating_add(said) == total;
        let output = said.saturating_add(if is_inclusive { 0 } else { reasoning });
        let input = prompt.saturating_add(count(usage, "toolUsePromptTokenCount"));
        let spent_on = |name, modality| spent_on(usage, name, modality);
        Self {
            input,
            input_audio: spent_on("promptTokensDetails", "AUDIO"),
            input_images: spent_on("promptTokensDetails", "IMAGE"),
            cached: count(usage, "cachedContentTokenCount"),
            output,
            output_audio: spent_on("candidatesTokensDetails", "AUDIO"),
            output_images: spent_on("candidatesTokensDetails", "IMAGE"),
            reasoning,
            total: match total {
                0 => input.saturating_add(output),
                total => total,
            },
        }
    }

    /// Of several answers what they cost together.
    pub(super) fn sum(replies: &[Reply<'_>]) -> Self {
        let counts = replies.iter().map(|it| it.counts());
        counts.fold(Self::default(), |mut sum, more| {
            for (sum, more) in [
                (&mut sum.input, more.input),
                (&mut sum.input_audio, more.input_audio),
                (&mut sum.input_images, more.input_images),
                (&mut sum.cached, more.cached),
                (&mut sum.output, more.output),
                (&mut sum.output_audio, more.output_audio),
                (&mut sum.output_images, more.output_images),
                (&mut sum.reasoning, more.reasoning),
                (&mut sum.total, more.total),
            ] {
                *sum = sum.saturating_add(more);
            }
            sum
        })
    }

    /// As chats and completions have it.
    pub(super) fn write_completion(&self, out: &mut Writer) {
        out.open_member("usage");
        out.number("prompt_tokens", self.input);
        out.number("completion_tokens", self.output);
        out.number("total_tokens", self.total);
        out.open_member("prompt_tokens_details");
        out.number("cached_tokens", self.cached);
        out.number("audio_tokens", self.input_audio);
        out.close();
        out.open_member("completion_tokens_details");
        out.number("reasoning_tokens", self.reasoning);
        out.number("audio_tokens", self.output_audio);
        out.close();
        out.close();
    }
}

/// A count that may be absent, a string where it is a 64-bit number, and `4.0` where it was any number at all.
pub(super) fn count(of: Value<'_>, name: &str) -> u64 {
    let Some(said) = member(of, name) else {
        return 0;
    };
    let text = said.as_str();
    let text = text.or_else(|| Some(String::from_utf8_lossy(said.raw())));
    let whole = text.as_deref().and_then(|text| text.split('.').next());
    whole.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn spent_on(usage: Value<'_>, name: &str, modality: &str) -> u64 {
    let details = member(usage, name).into_iter().flat_map(Value::elements);
    let matching = details.filter(|it| it.get("modality").is_some_and(|it| it.is(modality)));
    matching.fold(0, |sum: u64, it| {
        sum.saturating_add(count(it, "tokenCount"))
    })
}
