//! What is known of a model beside its name.

use crate::json::Writer;

/// Absent when unknown, never guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Tokens, in and out together; of Google's those in.
    pub context_length: Option<u64>,
    pub max_output_tokens: Option<u64>,
    /// Of `text`, `image`, `audio`, `video`, `file`.
    pub input: &'static [&'static str],
    /// Of `text`, `image`, `audio`, `embeddings`.
    pub output: &'static [&'static str],
    /// In the words of [`Operation::name`](crate::surface::Operation::name).
    pub operations: Vec<&'static str>,
    /// Of a chat, as OpenAI names them.
    pub parameters: Vec<&'static str>,
}

impl Facts {
    /// Writes what is known, as other gateways and servers name it, but members that are there.
    pub fn write(&self, out: &mut Writer, is_there: impl Fn(&str) -> bool) {
        for (name, number) in [
            ("context_length", self.context_length),
            // As vLLM has it.
            ("max_model_len", self.context_length),
            ("max_output_tokens", self.max_output_tokens),
        ] {
            if let Some(number) = number.filter(|_| !is_there(name)) {
                out.number(name, number);
            }
        }
        let has_modalities = !self.input.is_empty() || !self.output.is_empty();
        if has_modalities && !is_there("architecture") {
            out.open_member("architecture");
            words("input_modalities", self.input, out);
            words("output_modalities", self.output, out);
            out.close();
        }
        for (name, known) in [
            ("supported_operations", &self.operations),
            ("supported_parameters", &self.parameters),
        ] {
            if !is_there(name) {
                words(name, known, out);
            }
        }
    }
}

fn words(name: &str, words: &[&str], out: &mut Writer) {
    if words.is_empty() {
        return;
    }
    out.open_list(name);
    for word in words {
        out.item(["\"", word, "\""].concat().as_bytes());
    }
    out.close_list();
}
