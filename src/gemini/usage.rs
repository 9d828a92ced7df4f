//! What an answer cost, as each side counts it.

use crate::gemini::answer::cursor::Cursor;
use crate::gemini::answer::read::{Answer, number, strings, values};
use crate::json::Writer;

/// Google's counts. Of a stream each event says all that it knows so far; some say it only at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    prompt: u64,
    prompt_audio: u64,
    prompt_images: u64,
    cached: u64,
    tool_prompt: u64,
    candidates: u64,
    candidates_audio: u64,
    candidates_images: u64,
    thoughts: u64,
    total: u64,
}

/// OpenAI's counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub prompt: u64,
    /// These three are parts of the prompt.
    pub cached: u64,
    pub prompt_audio: u64,
    pub prompt_images: u64,
    pub completion: u64,
    /// These three are parts of the completion.
    pub reasoning: u64,
    pub completion_audio: u64,
    pub completion_images: u64,
    pub total: u64,
}

impl Counts {
    /// Takes a `usageMetadata`, field by field the greater.
    pub fn raise(&mut self, metadata: &[u8]) {
        let mut cursor = Cursor::new(metadata);
        if !cursor.enter(b'{') {
            return;
        }
        while let Some(key) = cursor.key() {
            let count = match key {
                b"promptTokenCount" => &mut self.prompt,
                b"cachedContentTokenCount" => &mut self.cached,
                b"toolUsePromptTokenCount" => &mut self.tool_prompt,
                b"candidatesTokenCount" => &mut self.candidates,
                b"thoughtsTokenCount" => &mut self.thoughts,
                b"totalTokenCount" => &mut self.total,
                b"promptTokensDetails" => {
                    let (audio, images) = by_modality(&mut cursor);
                    raise(&mut self.prompt_audio, audio);
                    raise(&mut self.prompt_images, images);
                    continue;
                }
                b"candidatesTokensDetails" => {
                    let (audio, images) = by_modality(&mut cursor);
                    raise(&mut self.candidates_audio, audio);
                    raise(&mut self.candidates_images, images);
                    continue;
                }
                _ => {
                    cursor.value();
                    continue;
                }
            };
            raise(count, number(cursor.value()).unwrap_or(0));
        }
    }

    /// Some models count their thoughts among the candidates' tokens: then prompt and candidates are the total.
    pub fn usage(&self) -> Usage {
        let is_inclusive = self.prompt.saturating_add(self.candidates) == self.total;
        let thoughts = if is_inclusive { 0 } else { self.thoughts };
        let prompt = self.prompt.saturating_add(self.tool_prompt);
        let completion = self.candidates.saturating_add(thoughts);
        let total = match self.total {
            0 => prompt.saturating_add(completion),
            total => total,
        };
        Usage {
            prompt,
            cached: self.cached,
            prompt_audio: self.prompt_audio,
            prompt_images: self.prompt_images,
            completion,
            reasoning: self.thoughts,
            completion_audio: self.candidates_audio,
            completion_images: self.candidates_images,
            total,
        }
    }
}

impl Usage {
    /// Of a whole answer.
    pub fn of(metadata: Option<&[u8]>) -> Self {
        let mut counts = Counts::default();
        counts.raise(metadata.unwrap_or_default());
        counts.usage()
    }

    /// Of several answers what they cost together.
    pub fn sum(answers: &[Answer<'_>]) -> Self {
        let mut sum = Self::default();
        for answer in answers {
            sum.add(&Self::of(answer.usage));
        }
        sum
    }

    pub fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.prompt, other.prompt),
            (&mut self.cached, other.cached),
            (&mut self.prompt_audio, other.prompt_audio),
            (&mut self.prompt_images, other.prompt_images),
            (&mut self.completion, other.completion),
            (&mut self.reasoning, other.reasoning),
            (&mut self.completion_audio, other.completion_audio),
            (&mut self.completion_images, other.completion_images),
            (&mut self.total, other.total),
        ] {
            *sum = sum.saturating_add(more);
        }
    }

    /// The member `usage` of chats and completions.
    pub fn write(&self, out: &mut Writer) {
        out.open_member("usage");
        out.number("prompt_tokens", self.prompt);
        out.number("completion_tokens", self.completion);
        out.number("total_tokens", self.total);
        out.open_member("prompt_tokens_details");
        out.number("cached_tokens", self.cached);
        out.number("audio_tokens", self.prompt_audio);
        out.close();
        out.open_member("completion_tokens_details");
        out.number("reasoning_tokens", self.reasoning);
        out.number("audio_tokens", self.completion_audio);
        out.close();
        out.close();
    }

    /// The member `usage` of pictures.
    pub fn write_of_images(&self, out: &mut Writer) {
        out.open_member("usage");
        self.write_ends(out);
        write_images(out, "input_tokens_details", self.prompt, self.prompt_images);
        if self.completion_images > 0 {
            let details = "output_tokens_details";
            write_images(out, details, self.completion, self.completion_images);
        }
        out.close();
    }

    /// The member `usage` of speech.
    pub fn write_of_speech(&self, out: &mut Writer) {
        out.open_member("usage");
        self.write_ends(out);
        out.close();
    }

    /// The member `usage` of transcriptions.
    pub fn write_of_transcription(&self, out: &mut Writer) {
        out.open_member("usage");
        out.word("type", "tokens");
        self.write_ends(out);
        out.open_member("input_token_details");
        out.number("text_tokens", self.prompt.saturating_sub(self.prompt_audio));
        out.number("audio_tokens", self.prompt_audio);
        out.close();
        out.close();
    }

    fn write_ends(&self, out: &mut Writer) {
        out.number("input_tokens", self.prompt);
        out.number("output_tokens", self.completion);
        out.number("total_tokens", self.total);
    }
}

/// OpenAI's word for the tier an answer was given in, if it says one: as it stands between quotes.
pub fn tier(metadata: &[u8]) -> Option<Vec<u8>> {
    let [tier] = strings(metadata, [b"serviceTier"]);
    let tier = tier.to_ascii_lowercase();
    match &tier[..] {
        b"" | b"unspecified" | b"service_tier_unspecified" => None,
        b"standard" => Some(b"default".to_vec()),
        _ => Some(tier),
    }
}

fn write_images(out: &mut Writer, name: &str, tokens: u64, images: u64) {
    out.open_member(name);
    out.number("text_tokens", tokens.saturating_sub(images));
    out.number("image_tokens", images);
    out.close();
}

fn raise(count: &mut u64, said: u64) {
    *count = said.max(*count);
}

/// Sounds and pictures.
fn by_modality(cursor: &mut Cursor<'_>) -> (u64, u64) {
    let (mut audio, mut images) = (0_u64, 0_u64);
    if !cursor.enter(b'[') {
        return (0, 0);
    }
    while cursor.item() {
        let [modality, count] = values(cursor.value(), [b"modality", b"tokenCount"]);
        let count = || count.and_then(number).unwrap_or(0);
        match modality {
            Some(b"\"AUDIO\"") => audio = audio.saturating_add(count()),
            Some(b"\"IMAGE\"") => images = images.saturating_add(count()),
            _ => {}
        }
    }
    (audio, images)
}

#[cfg(test)]
mod tests {
    use super::{Counts, Usage, tier};

    #[test]
    fn counts_become_openais() {
        for (metadata, [prompt, completion, total, reasoning]) in [
            ("{}", [0, 0, 0, 0]),
            ("null", [0, 0, 0, 0]),
            (
                r#"{"promptTokenCount":9,"candidatesTokenCount":29,"totalTokenCount":296,"thoughtsTokenCount":258}"#,
                [9, 287, 296, 258],
            ),
            (
                r#"{"promptTokenCount":10,"candidatesTokenCount":50,"totalTokenCount":60,"thoughtsTokenCount":40}"#,
                [10, 50, 60, 40],
            ),
            (
                r#"{"promptTokenCount":3,"toolUsePromptTokenCount":4,"candidatesTokenCount":5,"thoughtsTokenCount":null}"#,
                [7, 5, 12, 0],
            ),
            (
                r#"{"promptTokenCount":"3","candidatesTokenCount":0.0,"totalTokenCount":-1}"#,
                [3, 0, 3, 0],
            ),
        ] {
            let usage = Usage::of(Some(metadata.as_bytes()));
            let read = [usage.prompt, usage.completion, usage.total, usage.reasoning];
            assert_eq!(read, [prompt, completion, total, reasoning], "{metadata}");
        }
    }

    #[test]
    fn a_streams_counts_only_grow() {
        let mut counts = Counts::default();
        counts.raise(br#"{"promptTokenCount":9,"candidatesTokenCount":4,"totalTokenCount":13}"#);
        counts.raise(br#"{"trafficType":"ON_DEMAND"}"#);
        counts.raise(
            br#"{"promptTokensDetails":[{"modality":"AUDIO","tokenCount":2},{"modality":"AUDIO"},{"modality":"IMAGE","tokenCount":3}]}"#,
        );
        let mut usage = counts.usage();
        assert_eq!((usage.prompt, usage.completion, usage.total), (9, 4, 13));
        assert_eq!((usage.prompt_audio, usage.prompt_images), (2, 3));
        let one = usage;
        usage.add(&one);
        assert_eq!((usage.prompt, usage.completion, usage.total), (18, 8, 26));
    }

    #[test]
    fn tiers_have_openais_names() {
        for (said, expected) in [
            (r#"{"serviceTier":"standard"}"#, Some("default")),
            (r#"{"serviceTier":"FLEX"}"#, Some("flex")),
            (r#"{"serviceTier":"priority"}"#, Some("priority")),
            (r#"{"serviceTier":"unspecified"}"#, None),
            ("{}", None),
        ] {
            let word = tier(said.as_bytes());
            assert_eq!(word.as_deref(), expected.map(str::as_bytes), "{said}");
        }
    }
}
