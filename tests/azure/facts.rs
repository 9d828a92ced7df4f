//! What is known of models by their names.

use isthmus::azure::facts;
use isthmus::azure::family::Family;
use isthmus::facts::Facts;
use isthmus::surface::Operation;

fn known(model: &str) -> Facts {
    facts::of(Family::of(model), model)
}

/// Names, what they can be asked for, what goes in and what comes out.
const MODELS: [(&str, &str, &str, &str); 27] = [
    ("gpt-35-turbo gpt-4-turbo-2024-04-09", "chat", "", ""),
    (
        "gpt-4o gpt-4o-2024-08-06 openai/gpt-4o-mini gpt-4.1-nano",
        "chat responses",
        "text image",
        "text",
    ),
    (
        "ft:gpt-4o-mini-2024-07-18:me::abc o1-2024-12-17 o3 o4-mini",
        "chat responses",
        "text image",
        "text",
    ),
    (
        "o3-mini o3-mini-2025-01-31",
        "chat responses",
        "text",
        "text",
    ),
    ("o1-mini o1-preview", "chat", "", ""),
    (
        "gpt-5 gpt-5.1 gpt-5.4-mini gpt-6-sol gpt-5-chat",
        "chat responses",
        "",
        "",
    ),
    (
        "gpt-5-codex codex-mini o3-pro gpt-5.5-pro o3-deep-research",
        "responses",
        "",
        "",
    ),
    (
        "model-router DeepSeek-R1 Phi-4 grok-4 gpt-oss-120b",
        "chat",
        "",
        "",
    ),
    (
        "Phi-3-mini-4k-instruct Meta-Llama-3.1-70B-Instruct",
        "chat",
        "",
        "",
    ),
    (
        "gpt-4o-audio-preview gpt-audio-mini",
        "chat",
        "text audio",
        "text audio",
    ),
    (
        "gpt-4o-realtime-preview gpt-realtime gpt-4o-mini-realtime-preview",
        "",
        "",
        "",
    ),
    (
        "text-embedding-ada-002 text-embedding-3-large",
        "embeddings",
        "text",
        "embeddings",
    ),
    (
        "Cohere-embed-v3-english embed-v-4-0",
        "embeddings",
        "",
        "embeddings",
    ),
    (
        "Cohere-rerank-v4 mistral-ocr-2503 mistral-document-ai-2505",
        "",
        "",
        "",
    ),
    ("mistral-embed Cohere-something-embed", "", "", ""),
    ("dall-e-3", "image_generation", "text", "image"),
    (
        "gpt-image-1 gpt-image-1.5-mini",
        "image_generation image_edit",
        "text image",
        "image",
    ),
    ("FLUX-1.1-pro FLUX.2-pro MAI-Image-2.5", "", "", "image"),
    ("sora-2 grok-2-image", "", "", ""),
    (
        "whisper whisper-001",
        "transcription translation",
        "audio",
        "text",
    ),
    (
        "gpt-4o-transcribe gpt-4o-mini-transcribe gpt-4o-transcribe-diarize",
        "transcription",
        "audio",
        "text",
    ),
    (
        "tts tts-1 tts-hd gpt-4o-mini-tts",
        "speech",
        "text",
        "audio",
    ),
    (
        "gpt-35-turbo-instruct gpt-3.5-turbo-instruct-0914",
        "completions",
        "text",
        "text",
    ),
    ("davinci-002 babbage-002", "completions", "text", "text"),
    ("claude-sonnet-4-5", "", "", ""),
    (
        "prod team/prod - our-audio our-tts whispering my-transcribe",
        "",
        "",
        "",
    ),
    ("GPT-4O", "chat responses", "text image", "text"),
];

#[test]
fn names_tell_what_a_model_is_for() {
    for (names, operations, input, output) in MODELS {
        for name in names.split(' ') {
            let facts = known(name);
            assert_eq!(facts.operations.join(" "), operations, "{name}");
            assert_eq!(facts.input.join(" "), input, "{name}");
            assert_eq!(facts.output.join(" "), output, "{name}");
            assert_eq!(
                (facts.context_length, facts.max_output_tokens),
                (None, None)
            );
            // Only what can be chatted with has parameters.
            let is_for_chat = facts.operations.contains(&Operation::Chat.name());
            assert!(is_for_chat || facts.parameters.is_empty(), "{name}");
        }
    }
}

/// A name, what its chats take, and what they do not.
const PARAMETERS: [(&str, &str, &str); 12] = [
    (
        "gpt-4o",
        "tools tool_choice parallel_tool_calls temperature top_p logprobs top_logprobs stop seed n logit_bias \
         response_format structured_outputs max_tokens max_completion_tokens presence_penalty frequency_penalty stream",
        "reasoning_effort verbosity",
    ),
    (
        "gpt-4o-2024-05-13",
        "response_format tools",
        "structured_outputs",
    ),
    (
        "gpt-4",
        "tools temperature response_format",
        "structured_outputs parallel_tool_calls reasoning_effort",
    ),
    (
        "o1-mini",
        "max_completion_tokens seed",
        "tools tool_choice response_format reasoning_effort temperature stream",
    ),
    (
        "o3-mini",
        "tools reasoning_effort structured_outputs stop stream",
        "temperature top_p logprobs top_logprobs presence_penalty parallel_tool_calls n verbosity",
    ),
    ("o4-mini", "tools reasoning_effort", "stop temperature"),
    (
        "gpt-5",
        "reasoning_effort verbosity parallel_tool_calls structured_outputs",
        "temperature top_p stop logit_bias logprobs frequency_penalty",
    ),
    (
        "gpt-5.1",
        "reasoning_effort verbosity temperature top_p",
        "stop presence_penalty",
    ),
    ("gpt-5.5", "reasoning_effort verbosity", "temperature top_p"),
    (
        "gpt-5.2-chat",
        "tools top_p",
        "temperature reasoning_effort structured_outputs",
    ),
    (
        "Mistral-large-2407",
        "temperature top_p max_tokens seed stop response_format",
        "tools logprobs n logit_bias structured_outputs reasoning_effort verbosity",
    ),
    (
        "grok-4",
        "tools temperature presence_penalty",
        "stop frequency_penalty reasoning_effort logprobs",
    ),
];

#[test]
fn families_tell_what_a_chat_takes() {
    for (name, taken, refused) in PARAMETERS {
        let facts = known(name);
        for parameter in taken.split_whitespace() {
            assert!(facts.parameters.contains(&parameter), "{name}: {parameter}");
        }
        for parameter in refused.split_whitespace() {
            assert!(
                !facts.parameters.contains(&parameter),
                "{name}: {parameter}"
            );
        }
    }
}

#[test]
fn a_hint_of_the_owners_is_as_good_as_a_name() {
    let facts = facts::of(Family::O3, "prod");
    assert_eq!(facts.operations, ["chat", "responses"]);
    assert_eq!(facts.parameters, known("o3").parameters);
    assert!(facts.input.is_empty() && facts.output.is_empty());
}
