//! What a model can do, in Azure's words, as far as its names tell.

use serde_json::{Value, json};

use crate::catalogue::list::Entry;
use crate::json::Writer;

/// `GET /v1/models/{model}/capabilities`.
pub(super) fn describe(entry: &Entry) -> Vec<u8> {
    let (model, deployment) = (&entry.id, entry.deployment.as_deref().unwrap_or_default());
    json!({
        "id": model,
        "object": "model.capabilities",
        "capabilities": capabilities(kind(model).or(kind(deployment)).unwrap_or(Kind::Chat)),
        "lifecycle_status": "generally-available",
        "status": "succeeded",
        "deprecation": {},
    })
    .to_string()
    .into_bytes()
}

/// What the list says of a model on a host of its own, beside OpenAI's members.
pub(super) fn of_an_alias(out: &mut Writer) {
    let mut capabilities = capabilities(Kind::Chat);
    if let Some(capabilities) = capabilities.as_object_mut() {
        capabilities.insert("completion".to_owned(), true.into());
    }
    out.raw("capabilities", capabilities.to_string().as_bytes());
    out.word("lifecycle_status", "active");
    out.word("status", "ready");
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Chat,
    Completion,
    Embeddings,
    /// Images, videos, speech.
    Other,
}

fn capabilities(kind: Kind) -> Value {
    json!({
        "fine_tune": false,
        "inference": true,
        "completion": kind == Kind::Completion,
        "chat_completion": kind == Kind::Chat,
        "embeddings": kind == Kind::Embeddings,
    })
}

/// None for a chat model, or a name that tells nothing.
fn kind(name: &str) -> Option<Kind> {
    const BEGIN: [(&str, Kind); 11] = [
        ("text-embedding", Kind::Embeddings),
        ("embed", Kind::Embeddings),
        ("cohere-embed", Kind::Embeddings),
        ("dall-e", Kind::Other),
        ("gpt-image", Kind::Other),
        ("flux", Kind::Other),
        ("mai-image", Kind::Other),
        ("sora", Kind::Other),
        ("whisper", Kind::Other),
        ("tts", Kind::Other),
        ("davinci-002", Kind::Completion),
    ];
    let name = name.to_ascii_lowercase();
    let by_begin = BEGIN.iter().find(|(word, _)| name.starts_with(word));
    let by_end = || match name.as_str() {
        "babbage-002" => Some(Kind::Completion),
        name if name.ends_with("-transcribe") || name.ends_with("-tts") => Some(Kind::Other),
        // The makers of open models call their chat models so.
        name if name.starts_with("gpt-") && name.contains("-instruct") => Some(Kind::Completion),
        _ => None,
    };
    by_begin.map(|(_, kind)| *kind).or_else(by_end)
}

#[cfg(test)]
mod tests {
    use super::{Entry, describe};

    #[test]
    fn names_tell() {
        for (model, deployment, can) in [
            ("gpt-4o", "prod", "chat_completion"),
            ("text-embedding-3-small", "e", "embeddings"),
            ("search", "Cohere-embed-v3-english", "embeddings"),
            ("gpt-3.5-turbo-instruct", "x", "completion"),
            ("Phi-3-mini-4k-instruct", "x", "chat_completion"),
            ("whisper-1", "w", ""),
            ("gpt-4o-mini-tts", "t", ""),
            ("dall-e-3", "d", ""),
        ] {
            let entry = Entry {
                id: model.to_owned(),
                members: String::new(),
                deployment: Some(deployment.to_owned()),
            };
            let said: serde_json::Value = serde_json::from_slice(&describe(&entry)).unwrap();
            for one in ["completion", "chat_completion", "embeddings"] {
                assert_eq!(said["capabilities"][one], one == can, "{model}");
            }
            assert_eq!(said["capabilities"]["inference"], true);
        }
    }
}
