//! `GET /info`: what a model is.

use crate::json::Writer;

/// What a model does, of what the API has words for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Chat,
    Completion,
    Embeddings,
    Image,
    Speech,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Chat => "chat_completion",
            Self::Completion => "text_generation",
            Self::Embeddings => "embeddings",
            Self::Image => "image_generation",
            Self::Speech => "audio_generation",
        }
    }
}

/// `org/name` are the provider and the model; of a name without a slash both are it.
pub fn body(model: &str, kind: Option<Kind>) -> Vec<u8> {
    let (provider, name) = model.split_once('/').unwrap_or((model, model));
    let mut out = Writer::default();
    out.open();
    out.string("model_name", name);
    if let Some(kind) = kind {
        out.word("model_type", kind.word());
    }
    out.string("model_provider_name", provider);
    out.close();
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{Kind, body};

    #[test]
    fn names_are_cut_at_the_first_slash() {
        for (model, kind, wanted) in [
            (
                "TinyLlama/TinyLlama-1.1B",
                Some(Kind::Chat),
                r#"{"model_name":"TinyLlama-1.1B","model_type":"chat_completion","model_provider_name":"TinyLlama"}"#,
            ),
            (
                "a/b/c",
                Some(Kind::Embeddings),
                r#"{"model_name":"b/c","model_type":"embeddings","model_provider_name":"a"}"#,
            ),
            (
                "gpt-4o",
                None,
                r#"{"model_name":"gpt-4o","model_provider_name":"gpt-4o"}"#,
            ),
        ] {
            assert_eq!(String::from_utf8(body(model, kind)).unwrap(), wanted);
        }
    }
}
