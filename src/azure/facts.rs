//! What is known of a model of Azure's by its name, and by its family.
//!
//! No lengths: Azure tells them of a deployment, and nobody of a name.

use crate::azure::family::{Family, Reasons, without_date};
use crate::facts::Facts;
use crate::surface::Operation;

use Part::{Begin, OfGpt, Word};

pub fn of(family: Family, model: &str) -> Facts {
    let model = bare(model);
    if let Some(special) = SPECIAL.iter().find(|special| special.is(&model)) {
        return special.facts();
    }
    let (input, output) = modalities(&model);
    Facts {
        input,
        output,
        operations: operations(family).iter().map(|it| it.name()).collect(),
        parameters: parameters(family, &model),
        ..Facts::default()
    }
}

/// Without the prefixes of makers and of what is fine-tuned.
fn bare(model: &str) -> String {
    let model = model.trim().to_ascii_lowercase().replace(['_', ' '], "-");
    let model = model.rsplit('/').next().unwrap_or_default();
    let model = model.strip_prefix("ft:").unwrap_or(model);
    model.split(':').next().unwrap_or_default().to_owned()
}

/// Models that are not for chats, or not for chats alone, by a part of their names.
struct Special {
    part: Part,
    operations: &'static [Operation],
    input: &'static [&'static str],
    output: &'static [&'static str],
}

enum Part {
    /// What the name begins with.
    Begin(&'static str),
    /// One of the words between its dashes.
    Word(&'static str),
    /// The same, of OpenAI's own names: others may mean anything.
    OfGpt(&'static str),
}

const fn special(
    part: Part,
    operations: &'static [Operation],
    input: &'static [&'static str],
    output: &'static [&'static str],
) -> Special {
    Special {
        part,
        operations,
        input,
        output,
    }
}

const TEXT: &[&str] = &["text"];
const AUDIO: &[&str] = &["audio"];
const IMAGE: &[&str] = &["image"];
const TEXT_AND_IMAGE: &[&str] = &["text", "image"];
const TEXT_AND_AUDIO: &[&str] = &["text", "audio"];
const VECTORS: &[&str] = &["embeddings"];

const IMAGES: &[Operation] = &[Operation::ImageGeneration, Operation::ImageEdit];
const GENERATION: &[Operation] = &[Operation::ImageGeneration];
const EMBEDDINGS: &[Operation] = &[Operation::Embeddings];
const COMPLETIONS: &[Operation] = &[Operation::Completions];
const SPEECH: &[Operation] = &[Operation::Speech];
const TRANSCRIPTION: &[Operation] = &[Operation::Transcription];
const WHISPER: &[Operation] = &[Operation::Transcription, Operation::Translation];

/// The first that fits counts. Of those without an operation all that is known is that they are not for chats.
static SPECIAL: [Special; 22] = [
    special(Begin("text-embedding"), EMBEDDINGS, TEXT, VECTORS),
    special(Begin("cohere-embed"), EMBEDDINGS, &[], VECTORS),
    special(Begin("embed-v"), EMBEDDINGS, &[], VECTORS),
    special(Begin("dall-e"), GENERATION, TEXT, IMAGE),
    special(Begin("gpt-image"), IMAGES, TEXT_AND_IMAGE, IMAGE),
    special(Begin("chatgpt-image"), IMAGES, TEXT_AND_IMAGE, IMAGE),
    special(Begin("flux"), &[], &[], IMAGE),
    special(Begin("mai-image"), &[], &[], IMAGE),
    special(Begin("whisper"), WHISPER, AUDIO, TEXT),
    special(OfGpt("transcribe"), TRANSCRIPTION, AUDIO, TEXT),
    special(Begin("tts"), SPEECH, TEXT, AUDIO),
    special(OfGpt("tts"), SPEECH, TEXT, AUDIO),
    special(OfGpt("realtime"), &[], &[], &[]),
    special(
        OfGpt("audio"),
        &[Operation::Chat],
        TEXT_AND_AUDIO,
        TEXT_AND_AUDIO,
    ),
    special(Begin("davinci-002"), COMPLETIONS, TEXT, TEXT),
    special(Begin("babbage-002"), COMPLETIONS, TEXT, TEXT),
    // Makers of open models call those for chats so.
    special(OfGpt("instruct"), COMPLETIONS, TEXT, TEXT),
    special(Word("embed"), &[], &[], &[]),
    special(Word("rerank"), &[], &[], &[]),
    special(Word("ocr"), &[], &[], &[]),
    special(Word("image"), &[], &[], &[]),
    special(Begin("mistral-document"), &[], &[], &[]),
];

impl Special {
    fn is(&self, model: &str) -> bool {
        let has = |word| model.split('-').any(|it| it == word);
        match self.part {
            Begin(begin) => {
                let rest = model.strip_prefix(begin);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
            }
            Word(word) => has(word),
            OfGpt(word) => model.starts_with("gpt-") && has(word),
        }
    }

    fn facts(&self) -> Facts {
        Facts {
            input: self.input,
            output: self.output,
            operations: self.operations.iter().map(|it| it.name()).collect(),
            ..Facts::default()
        }
    }
}

fn operations(family: Family) -> &'static [Operation] {
    match family {
        Family::Unknown => &[],
        Family::Early
        | Family::O1Mini
        | Family::Router
        | Family::GptOss
        | Family::DeepSeek
        | Family::Grok3
        | Family::Grok3Mini
        | Family::Grok4
        | Family::Open => &[Operation::Chat],
        Family::Gpt4o
        | Family::O1
        | Family::O3
        | Family::Gpt5
        | Family::Gpt51
        | Family::Gpt55
        | Family::Gpt5Chat
        | Family::Gpt52Chat => &[Operation::Chat, Operation::Responses],
        Family::ResponsesOnly => &[Operation::Responses],
        Family::GptImage => IMAGES,
    }
}

/// What goes in and comes out, by the names that tell; of a hint of the owner's nothing follows.
fn modalities(model: &str) -> (&'static [&'static str], &'static [&'static str]) {
    const SEEING: [&str; 9] = [
        "gpt-4o",
        "gpt-4o-mini",
        "gpt-4.1",
        "gpt-4.1-mini",
        "gpt-4.1-nano",
        "gpt-4.5-preview",
        "o1",
        "o3",
        "o4-mini",
    ];
    match without_date(model).unwrap_or(model) {
        "o3-mini" => (&["text"], &["text"]),
        name if SEEING.contains(&name) => (&["text", "image"], &["text"]),
        _ => (&[], &[]),
    }
}

/// As OpenAI and `OpenRouter` name them. A bound of the answer is sent under the name the model knows it by.
const PARAMETERS: [&str; 20] = [
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "n",
    "parallel_tool_calls",
    "presence_penalty",
    "reasoning_effort",
    "response_format",
    "seed",
    "stop",
    "stream",
    "structured_outputs",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "verbosity",
];

/// Of a chat; nothing of a family that is not known.
fn parameters(family: Family, model: &str) -> Vec<&'static str> {
    let traits = family.traits();
    if !operations(family).contains(&Operation::Chat) {
        return Vec::new();
    }
    // Unless it is told otherwise, it reasons.
    let reasons = matches!(traits.reasons, Reasons::Always | Reasons::UnlessToldNot);
    let is_taken = |name: &str| {
        let is_refused = traits.refuses.contains(&name);
        let is_refused_here = reasons && traits.refuses_reasoning.contains(&name);
        has(family, model, name) && !is_refused && !is_refused_here
    };
    let parameters = PARAMETERS.into_iter();
    parameters.filter(|name| is_taken(name)).collect()
}

/// Whether a family has it at all, as far as that is known.
fn has(family: Family, model: &str, name: &str) -> bool {
    use Family::{
        DeepSeek, Gpt4o, Gpt5, Gpt51, Gpt55, GptOss, Grok3, Grok3Mini, Grok4, O1, O1Mini, O3, Open,
        Router,
    };
    let traits = family.traits();
    match name {
        // Unknown to the schema of Azure AI Model Inference; the router's model is anyone's guess.
        "logit_bias" | "logprobs" | "n" | "top_logprobs" => !matches!(
            family,
            DeepSeek | GptOss | Grok3 | Grok3Mini | Grok4 | Open | Router
        ),
        // Of open models some have tools, some have none.
        "tools" | "tool_choice" => !matches!(family, O1Mini | GptOss | Open),
        "parallel_tool_calls" => matches!(family, Gpt4o | Gpt5 | Gpt51 | Gpt55),
        "reasoning_effort" => {
            traits.reasons != Reasons::Never || matches!(family, GptOss | Grok3Mini)
        }
        "response_format" => traits.takes_response_format && family != O1Mini,
        // Schemas came with the second gpt-4o.
        "structured_outputs" => {
            matches!(family, Gpt4o | O1 | O3 | Gpt5 | Gpt51 | Gpt55) && model != "gpt-4o-2024-05-13"
        }
        "stream" => traits.takes_stream,
        "verbosity" => matches!(family, Gpt5 | Gpt51 | Gpt55),
        _ => true,
    }
}
