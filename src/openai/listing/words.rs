//! What the members of an item are called, here and elsewhere.

/// What we add where it is known and not there.
pub const OURS: [&str; 6] = [
    "context_length",
    "max_model_len",
    "max_output_tokens",
    "architecture",
    "supported_operations",
    "supported_parameters",
];

/// Written anew for every item.
pub const OPENAIS: [&str; 4] = ["id", "object", "created", "owned_by"];

/// What is read beside those, of a list that says too much: OpenAI's of old, Azure's, and the name to be shown.
pub const KNOWN: [&str; 16] = [
    "name",
    "permission",
    "root",
    "parent",
    "created_at",
    "updated_at",
    "status",
    "capabilities",
    "lifecycle_status",
    "deprecation",
    "model",
    "fine_tune",
    "owner",
    "scale_settings",
    "sku",
    "version",
];

/// A list of thousands has no room for longer ones.
pub const LONGEST_KNOWN: usize = 2 << 10;

/// Tokens in and out together, as Groq, LM Studio, vLLM and `OpenRouter` call them.
pub const CONTEXT: [&[&str]; 5] = [
    &["context_length"],
    &["context_window"],
    &["max_context_length"],
    &["max_model_len"],
    &["top_provider", "context_length"],
];

/// What an answer may have, as Groq, `OpenRouter` and GitHub call it.
pub const OUTPUT: [&[&str]; 4] = [
    &["max_output_tokens"],
    &["max_completion_tokens"],
    &["top_provider", "max_completion_tokens"],
    &["limits", "max_output_tokens"],
];

/// Lists of words: how `OpenRouter` calls each, inside of `architecture`, and how GitHub and xAI do.
pub const MODALITIES: [(&str, [&str; 2]); 2] = [
    (
        "input_modalities",
        ["supported_input_modalities", "input_modalities"],
    ),
    (
        "output_modalities",
        ["supported_output_modalities", "output_modalities"],
    ),
];

/// Who made a model, where nobody is said to own it.
pub const OWNERS: [&str; 5] = ["owned_by", "organization", "owner", "publisher", "author"];
