//! What is known of a model of Google's by its name.

use crate::facts::Facts;
use crate::gemini::Host;
use crate::gemini::model::{Family, Model, Thinking};
use crate::providers::names::google::bare;

/// Of every chat model since 2.5, as documented.
const CONTEXT: u64 = 1_048_576;
const OUTPUT: u64 = 65_536;

/// Names of embeddings, by what they begin with. OpenAI's `text-embedding-3-small` is not among them.
const EMBEDDINGS: [&str; 5] = [
    "gemini-embedding-",
    "text-embedding-00",
    "text-multilingual-embedding-",
    "textembedding-gecko",
    "embedding-00",
];

/// What the names of Gemini's models are made of, beside numbers. A name that says more (`live`, `native-audio`,
/// `computer-use`) is of a model that is unlike the others.
const WORDS: [&str; 13] = [
    "gemini",
    "pro",
    "flash",
    "lite",
    "preview",
    "latest",
    "exp",
    "experimental",
    "thinking",
    "customtools",
    "image",
    "generation",
    "tts",
];

/// A name that is not plainly one of Google's tells nothing.
pub fn of(model: &str, host: Host) -> Facts {
    let name = bare(model).to_ascii_lowercase();
    // `gemini-2.5-pro@default`, as Vertex AI writes versions.
    let name = name.split('@').next().unwrap_or_default();
    let model = Model::of(name, host);
    if EMBEDDINGS.iter().any(|start| name.starts_with(start)) {
        embeddings()
    } else if name.starts_with("imagen-") {
        imagen()
    } else if name.starts_with("gemma-") {
        gemma(model)
    } else if name.starts_with("gemini-") && is_plain(name) {
        gemini(name, model)
    } else {
        Facts::default()
    }
}

fn is_plain(name: &str) -> bool {
    name.split('-')
        .all(|word| is_number(word) || WORDS.contains(&word))
}

/// `2.5`, `001`, `8b`.
fn is_number(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit())
}

/// Of text: OpenAI's clients cannot send more.
fn embeddings() -> Facts {
    Facts {
        input: &["text"],
        output: &["embeddings"],
        operations: vec!["embeddings"],
        ..Facts::default()
    }
}

fn imagen() -> Facts {
    Facts {
        input: &["text"],
        output: &["image"],
        operations: vec!["image_generation"],
        ..Facts::default()
    }
}

/// Some of them see and some hear: the name does not tell.
fn gemma(model: Model) -> Facts {
    Facts {
        output: &["text"],
        operations: vec!["chat", "completions"],
        parameters: parameters(model),
        ..Facts::default()
    }
}

fn gemini(name: &str, model: Model) -> Facts {
    match model.family {
        // Shut down, whatever they could do.
        Family::Gemini(major, minor) if (major, minor) < (1, 5) => Facts::default(),
        _ if model.is_speech() => Facts {
            input: &["text"],
            output: &["audio"],
            operations: vec!["speech"],
            ..Facts::default()
        },
        _ if model.is_image() => Facts {
            input: &["text", "image"],
            output: &["text", "image"],
            operations: vec!["chat", "image_generation", "image_edit"],
            parameters: parameters(model),
            ..Facts::default()
        },
        _ => Facts {
            context_length: has_large_limits(name, model).then_some(CONTEXT),
            max_output_tokens: has_large_limits(name, model).then_some(OUTPUT),
            input: &["text", "image", "audio", "video", "file"],
            output: &["text"],
            operations: vec!["chat", "completions", "transcription", "translation"],
            parameters: parameters(model),
        },
    }
}

/// Said of names that tell their version, or that they are the latest.
fn has_large_limits(name: &str, model: Model) -> bool {
    let number = name.split('-').nth(1).filter(|word| is_number(word));
    let is_dated = number.is_some() || name.ends_with("-latest");
    is_dated && matches!(model.family, Family::Gemini(major, minor) if (major, minor) >= (2, 5))
}

/// What a chat's translation makes use of ([`crate::gemini::chat`]). What a drawing model makes of tools and formats is
/// told nowhere.
fn parameters(model: Model) -> Vec<&'static str> {
    let is_gemini = matches!(model.family, Family::Gemini(..));
    let is_text = !model.is_image();
    let groups: [(bool, &[&str]); 10] = [
        (
            true,
            &["max_tokens", "max_completion_tokens", "stop", "n", "seed"],
        ),
        (model.takes_sampling(), &["temperature", "top_p", "top_k"]),
        (
            model.takes_penalties(),
            &["presence_penalty", "frequency_penalty"],
        ),
        (model.takes_logprobs(), &["logprobs", "top_logprobs"]),
        (model.thinking() != Thinking::Never, &["reasoning_effort"]),
        // Where there is no mode for it the model is told to.
        (is_text, &["response_format"]),
        (is_text && model.takes_json(), &["structured_outputs"]),
        (
            is_text && model.takes_tools(),
            &["tools", "tool_choice", "parallel_tool_calls"],
        ),
        (
            is_text && is_gemini,
            &["web_search_options", "service_tier"],
        ),
        (model.is_image(), &["modalities"]),
    ];
    let taken = groups.into_iter().filter(|(is_taken, _)| *is_taken);
    taken.flat_map(|(_, names)| names.iter().copied()).collect()
}
