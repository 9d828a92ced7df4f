//! Calls of the client's tools.

use sha2::{Digest, Sha256};

use crate::gemini::answer::cursor::unescaped;
use crate::gemini::answer::read::{strings, values};
use crate::gemini::chat;
use crate::gemini::options::Options;
use crate::hex;
use crate::json::Writer;

/// A `functionCall`. Its strings are what stands between their quotes.
#[derive(Clone, Copy, Debug)]
pub struct Call<'t> {
    /// Empty before Gemini 3.5.
    pub id: &'t [u8],
    pub name: &'t [u8],
    /// JSON; absent where there are none.
    pub args: Option<&'t [u8]>,
    pub signature: &'t [u8],
}

/// What all calls of an answer are written by.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    pub expects: &'a chat::Expects,
    pub options: Options,
    /// The answer's.
    pub id: &'a str,
}

/// Which of them it is: of which choice of the client's, and the number there.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub choice: usize,
    pub number: usize,
}

impl<'t> Call<'t> {
    /// None if it calls nothing.
    pub fn read(call: &'t [u8], signature: &'t [u8]) -> Option<Self> {
        let [id, name] = strings(call, [b"id", b"name"]);
        let [args] = values(call, [b"args"]);
        (!name.is_empty()).then_some(Self {
            id,
            name,
            args,
            signature,
        })
    }

    /// As an item of `tool_calls`.
    pub fn write(&self, out: &mut Writer, manner: Manner<'_>, place: Place) {
        out.open();
        self.write_members(out, manner, place);
        out.close();
    }

    /// The same in a stream, where it has a number.
    pub fn write_piece(&self, out: &mut Writer, manner: Manner<'_>, place: Place) {
        out.open();
        out.number("index", u64::try_from(place.number).unwrap_or(u64::MAX));
        self.write_members(out, manner, place);
        out.close();
    }

    fn write_members(&self, out: &mut Writer, manner: Manner<'_>, place: Place) {
        out.joined("id", &self.id(manner, place));
        let theirs = unescaped(self.name);
        let name = manner.expects.names.original(&theirs);
        if manner.expects.names.is_custom(name) {
            out.word("type", "custom");
            out.open_member("custom");
            out.string("name", name);
            out.joined("input", &self.input());
        } else {
            out.word("type", "function");
            out.open_member("function");
            out.string("name", name);
            out.joined("arguments", &self.arguments());
        }
        out.close();
        write_signature(out, self.signature);
    }

    /// As the member `function_call`, from before there were tools.
    pub fn write_legacy(&self, out: &mut Writer, manner: Manner<'_>) {
        let theirs = unescaped(self.name);
        out.open_member("function_call");
        out.string("name", manner.expects.names.original(&theirs));
        out.joined("arguments", &self.arguments());
        write_signature(out, self.signature);
        out.close();
    }

    fn id(&self, manner: Manner<'_>, place: Place) -> Vec<u8> {
        let mut id = match self.id {
            [] => new_id(manner.id, place).into_bytes(),
            id => id.to_vec(),
        };
        if manner.options.signatures_in_ids && !self.signature.is_empty() {
            id.extend_from_slice(b"__thought__");
            id.extend_from_slice(self.signature);
        }
        id
    }

    fn arguments(&self) -> Vec<u8> {
        let mut text = Vec::new();
        quote_compact(self.args.unwrap_or(b"{}"), &mut text);
        text
    }

    /// A custom tool's text is the argument `input` of the function it became.
    fn input(&self) -> Vec<u8> {
        let [input] = values(self.args.unwrap_or_default(), [b"input"]);
        match input {
            Some([b'"', inside @ .., b'"']) => inside.to_vec(),
            _ => self.arguments(),
        }
    }
}

/// Where Google's own OpenAI-compatible endpoint puts them, too.
pub(crate) fn write_signature(out: &mut Writer, signature: &[u8]) {
    if !signature.is_empty() {
        out.open_member("extra_content");
        out.open_member("google");
        out.joined("thought_signature", signature);
        out.close();
        out.close();
    }
}

/// Unique and stable: a client sends it back with the result, and it has to be the same however the answer was cut.
fn new_id(answer: &str, place: Place) -> String {
    let Place { choice, number } = place;
    let digest = Sha256::digest(format!("{answer}/{choice}/{number}"));
    let letters = hex::encode(digest.get(..12).unwrap_or_default());
    ["call_", &letters].concat()
}

/// JSON as what stands between the quotes of a string: without the blanks between its parts, digits and escapes as
/// they are.
pub fn quote_compact(json: &[u8], out: &mut Vec<u8>) {
    let (mut is_inside, mut is_escaped) = (false, false);
    out.reserve(json.len() + json.len() / 4);
    for byte in json {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' if !is_inside => continue,
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            _ => out.push(*byte),
        }
        is_inside ^= *byte == b'"' && !is_escaped;
        is_escaped = !is_escaped && *byte == b'\\';
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, new_id, quote_compact};

    #[test]
    fn arguments_become_a_string() {
        for (json, expected) in [
            ("{ }", "{}"),
            (r#"{ "a" : "x \" y" }"#, r#"{"a":"x \" y"}"#),
            (r#"{"a":"\\" , "b" : 1.0}"#, r#"{"a":"\\","b":1.0}"#),
            ("[1,\n\t2]", "[1,2]"),
        ] {
            let mut text = b"\"".to_vec();
            quote_compact(json.as_bytes(), &mut text);
            text.push(b'"');
            let read: String = serde_json::from_slice(&text).unwrap();
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn ids_are_stable_and_differ() {
        let id = |choice, number| new_id("x", Place { choice, number });
        assert_eq!(id(0, 0), id(0, 0));
        assert_eq!(id(0, 0).len(), "call_".len() + 24);
        assert_ne!(id(0, 1), id(1, 0));
        assert_ne!(
            id(0, 0),
            new_id(
                "y",
                Place {
                    choice: 0,
                    number: 0
                }
            )
        );
    }
}
