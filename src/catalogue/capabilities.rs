//! What a model can do, in Azure's words: as it is told, else by the operations it serves, else as far as its names tell.

use crate::catalogue::list::Entry;
use crate::catalogue::shape::Told;
use crate::json::{Value, Writer};

/// Each of Azure's words, and whether it is so.
pub(super) type Capabilities = [(&'static str, bool); 5];

const WORDS: [&str; 5] = [
    "fine_tune",
    "inference",
    "completion",
    "chat_completion",
    "embeddings",
];

/// `GET /v1/models/{model}/capabilities`. Nobody's words are changed: an object in Azure's stays as it is, one in
/// others' has Azure's beside them.
pub(super) fn describe(entry: &Entry) -> Vec<u8> {
    let item = entry.item();
    let told = Told::of(&item);
    let mut out = Writer::default();
    out.open();
    out.string("id", &entry.id);
    out.word("object", "model.capabilities");
    match told.object("capabilities") {
        Some(own) if WORDS.iter().any(|word| own.get(word).is_some()) => {
            out.raw("capabilities", own.raw());
        }
        own => {
            out.open_member("capabilities");
            for (name, value) in own.into_iter().flat_map(Value::members) {
                out.item(&[name.raw(), b":", value.raw()].concat());
            }
            write(&of(entry, &told), &mut out);
            out.close();
        }
    }
    for (name, usual) in [
        ("lifecycle_status", "generally-available"),
        ("status", "succeeded"),
    ] {
        out.string(name, told.text(name).as_deref().unwrap_or(usual));
    }
    for name in ["created_at", "updated_at"] {
        if let Some(time) = told.number(name) {
            out.number(name, time);
        }
    }
    let deprecation = told.object("deprecation");
    out.raw("deprecation", deprecation.map_or(b"{}", Value::raw));
    out.close();
    out.into_bytes()
}

pub(super) fn write(capabilities: &Capabilities, out: &mut Writer) {
    for (word, can) in capabilities {
        out.flag(word, *can);
    }
}

/// What the list says of a model on a host of its own, beside OpenAI's members.
pub(super) fn of_an_alias(out: &mut Writer) {
    out.open_member("capabilities");
    write(
        &WORDS.map(|word| (word, word == "completion" || Kind::Chat.can(word))),
        out,
    );
    out.close();
    out.word("lifecycle_status", "active");
    out.word("status", "ready");
}

pub(super) fn of(entry: &Entry, told: &Told<'_>) -> Capabilities {
    let own = told.object("capabilities");
    let operations = told.words("supported_operations");
    let serves = |operation: &str| Some(operations.as_ref()?.iter().any(|it| it == operation));
    let by_operation = |word: &str| match word {
        "completion" => serves("completions"),
        "chat_completion" => serves("chat"),
        "embeddings" => serves("embeddings"),
        _ => None,
    };
    let by_name = kind_of(entry, told);
    WORDS.map(|word| {
        let own = own.and_then(|own| own.get(word)?.as_bool());
        let can = own.or_else(|| by_operation(word));
        (word, can.unwrap_or_else(|| by_name.can(word)))
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Chat,
    Completion,
    Embeddings,
    /// Images, videos, speech, moderation.
    Other,
}

impl Kind {
    fn can(self, word: &str) -> bool {
        match word {
            "inference" => true,
            "completion" => self == Self::Completion,
            "chat_completion" => self == Self::Chat,
            "embeddings" => self == Self::Embeddings,
            _ => false,
        }
    }
}

/// By the name a client sends, then the model behind it, then what that is called where it is served.
fn kind_of(entry: &Entry, told: &Told<'_>) -> Kind {
    let model = told.text("model").unwrap_or_default();
    let deployment = entry.deployment.as_deref().unwrap_or_default();
    let names = [entry.id.as_str(), &model, deployment];
    names.into_iter().find_map(kind).unwrap_or(Kind::Chat)
}

/// None for a chat model, or a name that tells nothing.
fn kind(name: &str) -> Option<Kind> {
    const WITHIN: [(&str, Kind); 6] = [
        ("embed", Kind::Embeddings),
        ("whisper", Kind::Other),
        ("-transcribe", Kind::Other),
        ("-tts", Kind::Other),
        ("moderation", Kind::Other),
        ("rerank", Kind::Other),
    ];
    const BEGIN: [(&str, Kind); 10] = [
        ("dall-e", Kind::Other),
        ("gpt-image", Kind::Other),
        ("flux", Kind::Other),
        ("imagen", Kind::Other),
        ("mai-image", Kind::Other),
        ("sora", Kind::Other),
        ("veo-", Kind::Other),
        ("tts", Kind::Other),
        ("davinci-002", Kind::Completion),
        ("babbage-002", Kind::Completion),
    ];
    // A provider's name may stand in front, or a maker's.
    let name = name.rsplit('/').next()?.to_ascii_lowercase();
    let within = WITHIN.iter().find(|(word, _)| name.contains(word));
    let begin = || BEGIN.iter().find(|(word, _)| name.starts_with(word));
    if let Some((_, kind)) = within.or_else(begin) {
        return Some(*kind);
    }
    // The makers of open models call their chat models so.
    let is_instruct = name.starts_with("gpt-") && name.contains("-instruct");
    is_instruct.then_some(Kind::Completion)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Entry, describe};

    fn described(id: &str, deployment: Option<&str>, members: &str) -> Value {
        let entry = Entry {
            id: id.to_owned(),
            members: members.to_owned(),
            deployment: deployment.map(str::to_owned),
        };
        serde_json::from_slice(&describe(&entry)).unwrap()
    }

    #[test]
    fn names_tell() {
        for (model, deployment, can) in [
            ("gpt-4o", "prod", "chat_completion"),
            ("text-embedding-3-small", "e", "embeddings"),
            ("search", "Cohere-embed-v3-english", "embeddings"),
            ("azure/text-embedding-3-small", "e", "embeddings"),
            ("gemini-embedding-001", "e", "embeddings"),
            ("gpt-3.5-turbo-instruct", "x", "completion"),
            ("babbage-002", "x", "completion"),
            ("Phi-3-mini-4k-instruct", "x", "chat_completion"),
            ("embedded/chat", "x", "chat_completion"),
            ("whisper-1", "w", ""),
            ("gpt-4o-mini-tts", "t", ""),
            ("gpt-4o-transcribe-diarize", "t", ""),
            ("dall-e-3", "d", ""),
        ] {
            let said = described(model, Some(deployment), "");
            for one in ["completion", "chat_completion", "embeddings"] {
                assert_eq!(said["capabilities"][one], one == can, "{model}");
            }
            assert_eq!(said["capabilities"]["inference"], true);
            assert_eq!(said["capabilities"]["fine_tune"], false);
        }
    }

    /// What is told -> what is said of it.
    #[test]
    fn what_is_told_counts() {
        let all = |completion: bool, chat: bool, embeddings: bool| {
            json!({"fine_tune": false, "inference": true, "completion": completion,
                   "chat_completion": chat, "embeddings": embeddings})
        };
        for (members, wanted) in [
            ("", json!({"capabilities": all(false, true, false)})),
            (
                r#""capabilities":{"inference":true},"status":"running","lifecycle_status":"preview",
                   "deprecation":{"inference":7},"created_at":5,"updated_at":6,"created":1"#,
                json!({"capabilities": {"inference": true}, "status": "running", "lifecycle_status": "preview",
                       "deprecation": {"inference": 7}, "created_at": 5, "updated_at": 6}),
            ),
            (
                r#""supported_operations":["completions","embeddings"]"#,
                json!({"capabilities": all(true, false, true)}),
            ),
            (
                r#""model":"text-embedding-3-large","status":"","deprecation":"2027-01-01""#,
                json!({"capabilities": all(false, false, true)}),
            ),
            (
                r#""capabilities":{"vision":true},"status":{"value":"loaded"}"#,
                json!({"capabilities": {"vision": true, "fine_tune": false, "inference": true, "completion": false,
                                        "chat_completion": true, "embeddings": false}}),
            ),
            (
                r#""capabilities":["streaming"],"lifecycle_status":null"#,
                json!({"capabilities": all(false, true, false)}),
            ),
        ] {
            let mut whole = json!({"id": "m", "object": "model.capabilities", "status": "succeeded",
                                   "lifecycle_status": "generally-available", "deprecation": {}});
            let wanted = wanted.as_object().unwrap().clone();
            whole.as_object_mut().unwrap().extend(wanted);
            assert_eq!(described("m", None, members), whole, "{members}");
        }
    }
}
