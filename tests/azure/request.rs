//! What becomes of a client's request at each kind of Azure's endpoints.

use isthmus::azure::family::Family;
use isthmus::azure::lessons::Lessons;
use isthmus::azure::request::{Request, edits};
use isthmus::azure::version::Version;
use isthmus::azure::{Manner, Options, Spoken};
use isthmus::error::Error;
use isthmus::json;
use isthmus::openai::streaming::asks_for_usage;
use isthmus::surface::Operation;
use serde_json::Value;

/// An endpoint as the tables name it: what is spoken there, or the version of a classic one.
fn manner(endpoint: &str, model: &str) -> Manner {
    let spoken = match endpoint {
        "v1" => Spoken::V1,
        "models" => Spoken::Models,
        "single" => Spoken::Single,
        _ => Spoken::Classic,
    };
    Manner {
        spoken,
        version: Version::parse(endpoint).unwrap_or(Version::V1),
        family: Family::of(model),
        is_direct: true,
        options: Options::default(),
    }
}

struct Sent<'a> {
    manner: Manner,
    operation: Operation,
    path: &'a str,
    model: Option<&'a str>,
    lessons: Lessons,
}

impl<'a> Sent<'a> {
    fn to(manner: Manner, operation: Operation) -> Self {
        Self {
            manner,
            operation,
            path: "",
            model: None,
            lessons: Lessons::default(),
        }
    }

    fn model(self, model: &'a str) -> Self {
        let model = Some(model);
        Self { model, ..self }
    }

    fn path(self, path: &'a str) -> Self {
        Self { path, ..self }
    }

    /// The text after its edits, which are in order, and after which nothing is left to do.
    fn text(&self, text: &str) -> Result<String, Error> {
        let once = self.apply(text)?;
        assert_eq!(self.apply(&once)?, once, "again, from {text}");
        Ok(once)
    }

    fn apply(&self, text: &str) -> Result<String, Error> {
        let edits = edits(
            &self.manner,
            &Request {
                operation: self.operation,
                path: self.path,
                text: text.as_bytes(),
                model: self.model,
                lessons: self.lessons,
                counts_tokens: false,
            },
        )?;
        let mut at = 0;
        for edit in &edits {
            assert!(
                at <= edit.range.start && edit.range.start <= edit.range.end,
                "{edits:?}"
            );
            at = edit.range.end;
        }
        Ok(String::from_utf8(json::apply(text.as_bytes(), &edits)).unwrap())
    }

    #[track_caller]
    fn becomes(&self, before: &str, after: &str) {
        let text = self.text(before).unwrap();
        if before == after {
            assert_eq!(text, after);
        } else {
            let value: Value = serde_json::from_str(&text).expect(&text);
            assert_eq!(
                value,
                serde_json::from_str::<Value>(after).unwrap(),
                "{before}"
            );
        }
    }
}

/// A chat with these members besides its messages.
fn chat(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{"messages":[{{"role":"user","content":"hi"}}]{comma}{members}}}"#)
}

/// A chat with these messages.
fn said(messages: &str) -> String {
    format!(r#"{{"messages":[{messages}]}}"#)
}

const AS_IT_IS: &str = "as it is";

/// Rows of: endpoint, model, members before, members after.
fn check_chats(rows: &[(&str, &str, &str, &str)], build: fn(&str) -> String, options: Options) {
    for (endpoint, model, before, after) in rows {
        let manner = Manner {
            is_direct: true,
            options,
            ..manner(endpoint, model)
        };
        let after = if *after == AS_IT_IS { before } else { after };
        Sent::to(manner, Operation::Chat).becomes(&build(before), &build(after));
    }
}

#[test]
fn the_token_limit_goes_by_the_name_the_model_knows() {
    let (old, new) = (r#""max_tokens":9"#, r#""max_completion_tokens":9"#);
    let both = r#""max_tokens":5,"max_completion_tokens":9"#;
    let unset = r#""max_tokens":9,"max_completion_tokens":null"#;
    check_chats(
        &[
            ("2025-04-01-preview", "gpt-5", old, new),
            ("2025-04-01-preview", "gpt-5-chat", old, new),
            ("2024-10-21", "o3-mini", both, new),
            ("2024-10-21", "o3-mini", unset, new),
            ("2024-02-01", "o1", new, AS_IT_IS),
            ("v1", "model-router", old, new),
            ("models", "gpt-5.4", old, new),
            ("v1", "gpt-4o", old, AS_IT_IS),
            ("v1", "gpt-4o", new, AS_IT_IS),
            ("2024-06-01", "gpt-4o", new, old),
            ("2024-06-01", "prod", both, old),
            ("2024-06-01", "prod", unset, old),
            ("2024-10-21", "prod", both, AS_IT_IS),
            ("v1", "prod", both, AS_IT_IS),
            ("models", "prod", new, old),
            ("single", "Mistral-large", new, old),
            ("v1", "DeepSeek-V3", new, old),
            ("v1", "gpt-oss-120b", new, AS_IT_IS),
        ],
        chat,
        Options::default(),
    );
}

#[test]
fn sampling_that_says_nothing_goes_where_it_is_refused() {
    let idle = r#""temperature":1,"top_p":1.0,"presence_penalty":0,"frequency_penalty":0.0,"n":1,"logprobs":false,"logit_bias":{}"#;
    let penalties = r#""temperature":1,"top_p":1.0,"logprobs":false,"reasoning_effort":"none""#;
    let meant = r#""temperature":0.2,"top_p":0.5,"presence_penalty":1,"n":2,"logprobs":true,"logit_bias":{"1":2},"stop":["a"]"#;
    let none = format!(r#"{idle},"reasoning_effort":"none""#);
    let low = format!(r#"{idle},"reasoning_effort":"low""#);
    let nulls = r#""temperature":null,"logit_bias":null"#;
    check_chats(
        &[
            ("2024-10-21", "o3", idle, ""),
            ("v1", "o1-mini", idle, ""),
            ("v1", "gpt-5", idle, ""),
            ("v1", "gpt-5", meant, AS_IT_IS),
            ("v1", "gpt-5", nulls, AS_IT_IS),
            (
                "v1",
                "gpt-5.1",
                idle,
                r#""temperature":1,"top_p":1.0,"logprobs":false"#,
            ),
            ("v1", "gpt-5.1", &low, r#""reasoning_effort":"low""#),
            ("v1", "gpt-5.6", idle, ""),
            ("v1", "gpt-7", &none, penalties),
            ("v1", "gpt-5-chat", idle, AS_IT_IS),
            (
                "v1",
                "gpt-5.2-chat",
                r#""temperature":1,"top_p":1"#,
                r#""top_p":1"#,
            ),
            ("v1", "gpt-4o", idle, AS_IT_IS),
            ("v1", "prod", idle, AS_IT_IS),
            (
                "2024-10-21",
                "gpt-4o",
                r#""max_tokens":50,"temperature":0.3,"n":2,"stop":["x"],"seed":7,"logprobs":true,"user":"u1""#,
                AS_IT_IS,
            ),
            (
                "models",
                "grok-4",
                idle,
                r#""temperature":1,"top_p":1.0,"presence_penalty":0,"n":1,"logprobs":false,"logit_bias":{}"#,
            ),
        ],
        chat,
        Options::default(),
    );
}

#[test]
fn what_is_refused_goes_where_the_owner_wants_it() {
    let all = r#""temperature":0.2,"top_p":0.5,"presence_penalty":1,"frequency_penalty":1,"logprobs":true,"top_logprobs":1,"logit_bias":{"1":2},"stop":["a"],"parallel_tool_calls":false,"tools":[1],"max_tokens":9"#;
    let thinking = |effort: &str| format!(r#"{all},"reasoning_effort":"{effort}""#);
    let limit = r#""tools":[1],"max_completion_tokens":9"#;
    let options = Options {
        drop_unsupported: true,
        ..Options::default()
    };
    check_chats(
        &[
            (
                "2024-10-21",
                "o3",
                &thinking("low"),
                &format!(r#"{limit},"reasoning_effort":"low""#),
            ),
            ("2024-10-21", "o1", all, &format!(r#"{limit},"stop":["a"]"#)),
            (
                "v1",
                "gpt-5",
                all,
                &format!(r#"{limit},"parallel_tool_calls":false"#),
            ),
            (
                "v1",
                "gpt-5",
                &thinking("minimal"),
                &format!(r#"{limit},"reasoning_effort":"minimal""#),
            ),
            (
                "v1",
                "gpt-5.2",
                all,
                &format!(
                    r#"{limit},"temperature":0.2,"top_p":0.5,"logprobs":true,"top_logprobs":1,"parallel_tool_calls":false"#
                ),
            ),
            ("v1", "gpt-5", r#""n":2"#, AS_IT_IS),
            ("v1", "gpt-4o", all, AS_IT_IS),
            ("v1", "gpt-4o", &thinking("low"), all),
            ("v1", "prod", &thinking("low"), AS_IT_IS),
            (
                "v1",
                "grok-3-mini",
                r#""stop":"a","frequency_penalty":1"#,
                r#""frequency_penalty":1"#,
            ),
        ],
        chat,
        options,
    );
}

#[test]
fn stream_options_go_where_they_are_refused() {
    let asked = r#""stream":true,"stream_options":{"include_usage":true}"#;
    check_chats(
        &[
            ("2024-10-21", "gpt-4o", asked, AS_IT_IS),
            ("v1", "prod", asked, AS_IT_IS),
            ("2024-02-01", "gpt-4o", asked, r#""stream":true"#),
            ("2024-08-01-preview", "prod", asked, r#""stream":true"#),
            (
                "v1",
                "gpt-4o",
                r#""stream_options":{"include_usage":true}"#,
                "",
            ),
            (
                "v1",
                "gpt-4o",
                r#""stream":false,"stream_options":null"#,
                r#""stream":false"#,
            ),
            ("v1", "o1-mini", asked, ""),
            (
                "2025-01-01-preview",
                "gpt-4o",
                r#""stream":true,"data_sources":[{"type":"azure_search"}],"stream_options":{"include_usage":true}"#,
                r#""stream":true,"data_sources":[{"type":"azure_search"}]"#,
            ),
        ],
        chat,
        Options::default(),
    );
}

#[test]
fn usage_is_asked_for_where_the_owner_wants_it() {
    let options = Options {
        always_include_usage: true,
        ..Options::default()
    };
    let plain = r#""stream":true"#;
    let asked = r#""stream":true,"stream_options":{"include_usage":true}"#;
    let on_your_data = r#""stream":true,"dataSources":[1]"#;
    check_chats(
        &[
            ("v1", "gpt-4o", plain, asked),
            (
                "2024-10-21",
                "prod",
                r#""stream":true,"stream_options":null"#,
                asked,
            ),
            (
                "v1",
                "prod",
                r#""stream":true,"stream_options":{"include_usage":false,"a":1}"#,
                r#""stream":true,"stream_options":{"include_usage":true,"a":1}"#,
            ),
            ("v1", "prod", r#""stream":true,"stream_options":{}"#, asked),
            ("v1", "prod", asked, AS_IT_IS),
            ("v1", "prod", "", AS_IT_IS),
            ("v1", "prod", r#""stream":false"#, AS_IT_IS),
            ("2024-02-01", "prod", plain, AS_IT_IS),
            ("v1", "prod", on_your_data, AS_IT_IS),
            ("models", "mistral-large", plain, AS_IT_IS),
        ],
        chat,
        options,
    );
    assert!(asks_for_usage(chat(asked).as_bytes()));
    for text in [
        "",
        "[]",
        r#"{"stream_options":null}"#,
        r#"{"stream_options":{"include_usage":false}}"#,
    ] {
        assert!(!asks_for_usage(text.as_bytes()), "{text}");
    }
}

#[test]
fn tools_are_there_or_are_not() {
    let bare = r#""tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"c"}}],"tool_choice":"auto""#;
    let empty = r#"{"type":"object","properties":{}}"#;
    let whole = bare.replace(
        r#""name":"f""#,
        &format!(r#""name":"f","parameters":{empty}"#),
    );
    check_chats(
        &[
            (
                "2024-10-21",
                "gpt-4o",
                r#""tools":[],"tool_choice":"auto","parallel_tool_calls":true"#,
                "",
            ),
            ("v1", "prod", r#""tool_choice":"none""#, ""),
            ("v1", "prod", r#""tools":null,"tool_choice":null"#, AS_IT_IS),
            ("v1", "prod", bare, &whole),
            ("models", "prod", &whole.replace(empty, "null"), &whole),
            ("v1", "prod", &whole, AS_IT_IS),
            (
                "v1",
                "prod",
                r#""tools":[{"type":"function"},7,null]"#,
                AS_IT_IS,
            ),
        ],
        chat,
        Options::default(),
    );
}

#[test]
fn later_fields_do_not_reach_earlier_versions() {
    let kept = r#""store":true,"metadata":{"a":"b"}"#;
    check_chats(
        &[
            ("2024-10-21", "prod", kept, ""),
            ("2024-12-01-preview", "prod", kept, AS_IT_IS),
            ("v1", "prod", kept, AS_IT_IS),
            (
                "2024-02-01",
                "prod",
                r#""user_security_context":{"source_ip":"1.2.3.4"},"data_sources":[],"seed":1,"foo":1e400"#,
                AS_IT_IS,
            ),
        ],
        chat,
        Options::default(),
    );
}

#[test]
fn instructions_come_from_whom_the_model_knows() {
    let developer = r#"{"role":"developer","content":"x"},{"role":"user","content":"hi"}"#;
    let system = &developer.replace("developer", "system");
    let user = &developer.replace("developer", "user");
    check_chats(
        &[
            ("2024-02-01", "gpt-4o", developer, system),
            ("2024-10-21", "prod", developer, system),
            ("2025-01-01-preview", "gpt-4o", developer, AS_IT_IS),
            ("v1", "prod", developer, AS_IT_IS),
            ("v1", "gpt-35-turbo", developer, system),
            ("v1", "gpt-5-chat", developer, system),
            ("v1", "DeepSeek-R1", developer, system),
            ("2024-02-01", "o1", developer, AS_IT_IS),
            ("2024-10-21", "o3-mini", system, AS_IT_IS),
            ("v1", "o1-mini", developer, user),
            ("v1", "o1-preview", system, user),
            ("models", "prod", developer, system),
            ("single", "gpt-4o", developer, system),
            ("models", "gpt-5", developer, AS_IT_IS),
        ],
        said,
        Options::default(),
    );
}

#[test]
fn messages_lose_what_strict_servers_refuse() {
    let kept = r#"{"role":"assistant","content":"a","reasoning_content":"r","thinking_blocks":[],"provider_specific_fields":{},"cache_control":{"type":"ephemeral"}}"#;
    let plain = r#"{"role":"assistant","content":"a"}"#;
    let called = r#"{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}"#;
    let parts = r#"{"role":"user","content":[{"type":"text","text":"a\n"},{"type":"text","text":"\u00e9","cache_control":{}}]}"#;
    let image = r#"{"type":"image_url","image_url":{"url":"https://x/y.png"}}"#;
    let seen = format!(
        r#"{{"role":"user","content":[{{"type":"text","text":"what","cache_control":1}},{image}]}}"#
    );
    let only = r#"{"role":"assistant","tool_calls":[]}"#;
    check_chats(
        &[
            ("models", "prod", kept, plain),
            ("v1", "Phi-4", kept, plain),
            ("v1", "prod", kept, AS_IT_IS),
            ("2024-10-21", "gpt-4o", kept, AS_IT_IS),
            (
                "single",
                "prod",
                called,
                &called.replace(r#""index":0,"#, ""),
            ),
            ("v1", "prod", called, AS_IT_IS),
            (
                "models",
                "prod",
                parts,
                r#"{"role":"user","content":"a\né"}"#,
            ),
            ("v1", "prod", parts, AS_IT_IS),
            (
                "models",
                "Phi-4-multimodal-instruct",
                &seen,
                &seen.replace(r#","cache_control":1"#, ""),
            ),
            (
                "models",
                "prod",
                r#"{"role":"user","content":[]}"#,
                AS_IT_IS,
            ),
            (
                "models",
                "prod",
                r#"{"role":"user","content":[{"type":"text"}]}"#,
                AS_IT_IS,
            ),
            (
                "2024-06-01",
                "prod",
                only,
                r#"{"role":"assistant","tool_calls":[],"content":null}"#,
            ),
            ("2024-10-21", "prod", only, AS_IT_IS),
            ("models", "prod", "7,null,[],{}", AS_IT_IS),
        ],
        said,
        Options::default(),
    );
}

#[test]
fn images_of_a_chat_have_one_shape() {
    let part = |image: &str| {
        format!(r#"{{"role":"user","content":[{{"type":"image_url","image_url":{image}}}]}}"#)
    };
    let object = part(r#"{"url":"https://x/y.png","detail":"low"}"#);
    check_chats(
        &[
            (
                "2024-10-21",
                "gpt-4o",
                &part(r#""https://x/y.png""#),
                &part(r#"{"url":"https://x/y.png"}"#),
            ),
            (
                "models",
                "prod",
                &part(r#""data:,""#),
                &part(r#"{"url":"data:,"}"#),
            ),
            (
                "v1",
                "prod",
                &object.replace(r#""detail""#, r#""format":"png","detail""#),
                &object,
            ),
            ("v1", "prod", &object, AS_IT_IS),
        ],
        said,
        Options::default(),
    );
}

/// A chat to a deployment that answered with these messages before.
fn check_taught(messages: &[&str], model: &str, before: &str, after: &str) {
    let lessons = messages
        .iter()
        .fold(Lessons::default(), |lessons, message| {
            let body = serde_json::json!({"error": {"message": message}}).to_string();
            let learnt = lessons.learn(Operation::Chat, 400, body.as_bytes());
            learnt.expect(message)
        });
    let sent = Sent::to(manner("v1", model), Operation::Chat);
    Sent { lessons, ..sent }.becomes(before, after);
}

#[test]
fn a_token_limit_that_was_learnt_goes_before_the_family() {
    let new = "Unsupported parameter: 'max_tokens' is not supported with this model. \
               Use 'max_completion_tokens' instead.";
    let old = "Unrecognized request argument supplied: max_completion_tokens";
    let (old_limit, new_limit) = (
        chat(r#""max_tokens":1"#),
        chat(r#""max_completion_tokens":1"#),
    );
    check_taught(&[new], "prod", &old_limit, &new_limit);
    check_taught(&[old], "prod", &new_limit, &old_limit);
    check_taught(&[old], "gpt-5", &new_limit, &old_limit);
    check_taught(&[new, old], "prod", &old_limit, &old_limit);
    check_taught(&[new, old], "gpt-5", &old_limit, &new_limit);
}

#[test]
fn parameters_that_were_refused_go() {
    let refused = |name: &str| format!("Unknown parameter: '{name}'.");
    let check = |name: &str, model, before: &str, after: &str| {
        check_taught(&[&refused(name)], model, &chat(before), &chat(after));
    };
    check(
        "temperature",
        "prod",
        r#""temperature":0,"top_p":0"#,
        r#""top_p":0"#,
    );
    check("stop", "gpt-4o", r#""stop":["a"]"#, "");
    check("n", "prod", r#""n":1"#, "");
    check("n", "prod", r#""n":2"#, r#""n":2"#);
    check(
        "reasoning_effort",
        "gpt-5.5",
        r#""reasoning_effort":"none","top_p":1"#,
        "",
    );
    check(
        "stream_options",
        "prod",
        r#""stream":true,"stream_options":{}"#,
        r#""stream":true"#,
    );
}

#[test]
fn roles_that_were_refused_are_others() {
    let refused = |role: &str| {
        format!("Unsupported value: 'messages[0].role' does not support '{role}' with this model.")
    };
    let (developer, system) = (refused("developer"), refused("system"));
    let message = |role: &str| said(&format!(r#"{{"role":"{role}","content":"x"}}"#));
    let check = |lessons: &[&str], to| {
        check_taught(lessons, "prod", &message("developer"), &message(to));
    };
    check(&[&developer], "system");
    check(&[&developer, &system], "user");
}

/// Rows of: endpoint, operation, path, body before, body after, where the deployment is `d`.
fn check_names(rows: &[(&str, Operation, &str, &str, &str)]) {
    for (endpoint, operation, path, before, after) in rows {
        let sent = Sent::to(manner(endpoint, "prod"), *operation).path(path);
        sent.model("d").becomes(before, after);
    }
}

const NAMED: &str = r#"{"model":"a","x":1}"#;
const RENAMED: &str = r#"{"model":"d","x":1}"#;
const NAMELESS: &str = r#"{"x":1}"#;
const NULL: &str = r#"{"model":null,"x":1}"#;

#[test]
fn a_path_with_the_deployment_needs_no_model() {
    use Operation::{Chat, Embeddings, ImageGeneration, Relay, Responses, Speech};
    let (stable, preview) = ("2024-10-21", "2025-04-01-preview");
    check_names(&[
        (stable, Chat, "chat/completions", NAMED, NAMED),
        (stable, Chat, "chat/completions", NAMELESS, NAMELESS),
        (stable, Chat, "chat/completions", NULL, NULL),
        (stable, Embeddings, "embeddings", NAMED, NAMED),
        (stable, Speech, "audio/speech", NAMED, NAMED),
        (
            stable,
            ImageGeneration,
            "images/generations",
            NAMED,
            NAMELESS,
        ),
        (preview, Responses, "responses", NAMED, RENAMED),
        (preview, Responses, "responses", NAMELESS, RENAMED),
        (preview, Relay, "assistants", NAMED, RENAMED),
        (preview, Relay, "threads/t/runs", NAMELESS, NAMELESS),
        (preview, Relay, "threads/t/runs", NULL, NULL),
    ]);
}

#[test]
fn elsewhere_the_model_is_the_deployment() {
    use Operation::{Chat, Embeddings, ImageGeneration, Relay, Responses};
    let twice = r#"{"model":"a","x":1,"model":"b"}"#;
    check_names(&[
        ("v1", Chat, "chat/completions", NAMED, RENAMED),
        ("v1", Chat, "chat/completions", NAMELESS, RENAMED),
        ("v1", Chat, "chat/completions", NULL, RENAMED),
        ("v1", Chat, "chat/completions", twice, RENAMED),
        ("v1", Responses, "responses", NULL, RENAMED),
        ("v1", ImageGeneration, "images/generations", NAMED, RENAMED),
        ("v1", Relay, "responses/compact", NAMED, RENAMED),
        ("v1", Relay, "videos", NAMED, RENAMED),
        ("models", Embeddings, "embeddings", NAMED, RENAMED),
        ("single", Chat, "chat/completions", NAMED, RENAMED),
    ]);
    for endpoint in ["2024-10-21", "v1", "models", "single"] {
        Sent::to(manner(endpoint, "prod"), Chat).becomes(NAMED, NAMED);
    }
    let doubled = Sent::to(manner("v1", "prod"), Chat).model("d").text(twice);
    assert_eq!(doubled.unwrap(), r#"{"model":"d","x":1,"model":"d"}"#);
    let hostile = Sent::to(manner("v1", "prod"), Chat).model("a\"b\u{1}");
    hostile.becomes(NAMED, r#"{"model":"a\"b\u0001","x":1}"#);
}

#[test]
fn a_byte_order_mark_goes() {
    let sent = Sent::to(manner("v1", "prod"), Operation::Chat).model("d");
    assert_eq!(sent.text("\u{feff}{}").unwrap(), r#"{"model":"d"}"#);
    assert_eq!(sent.text("\u{feff} [1]").unwrap(), "\u{feff} [1]");
}

#[test]
fn responses() {
    let item = r#"{"type":"reasoning","id":"r","status":"completed","content":null,"summary":[]}"#;
    let message = r#"{"type":"message","status":"completed","role":"assistant","content":null}"#;
    for (endpoint, model, before, after) in [
        (
            "v1",
            "prod",
            r#"{"prompt":null,"input":"x"}"#,
            r#"{"input":"x"}"#,
        ),
        (
            "v1",
            "prod",
            r#"{"context_management":[]}"#,
            r#"{"context_management":[]}"#,
        ),
        (
            "2025-04-01-preview",
            "prod",
            r#"{"context_management":[]}"#,
            "{}",
        ),
        (
            "v1",
            "gpt-5-codex",
            r#"{"temperature":1,"top_p":1,"input":"x"}"#,
            r#"{"input":"x"}"#,
        ),
        (
            "v1",
            "gpt-5",
            r#"{"temperature":0}"#,
            r#"{"temperature":0}"#,
        ),
        (
            "v1",
            "gpt-5.5",
            r#"{"temperature":1,"reasoning":{"effort":"none"}}"#,
            r#"{"temperature":1,"reasoning":{"effort":"none"}}"#,
        ),
        (
            "v1",
            "prod",
            r#"{"temperature":1,"tools":[],"metadata":{}}"#,
            r#"{"temperature":1,"tools":[],"metadata":{}}"#,
        ),
    ] {
        Sent::to(manner(endpoint, model), Operation::Responses).becomes(before, after);
    }
    let sent = Sent::to(manner("v1", "prod"), Operation::Responses);
    sent.becomes(
        &format!(r#"{{"input":[{message},{item}]}}"#),
        &format!(r#"{{"input":[{message},{{"type":"reasoning","id":"r","summary":[]}}]}}"#),
    );
    let compact = Sent::to(manner("v1", "prod"), Operation::Relay).path("responses/compact");
    compact.becomes(r#"{"a":null}"#, "{}");
}

#[test]
fn images() {
    let asked = r#"{"model":"a","prompt":"cat","response_format":"b64_json","n":1}"#;
    for (endpoint, model, after) in [
        (
            "2025-04-01-preview",
            "gpt-image-1",
            r#"{"prompt":"cat","n":1}"#,
        ),
        (
            "2024-10-21",
            "dall-e-3",
            r#"{"prompt":"cat","response_format":"b64_json","n":1}"#,
        ),
        ("v1", "gpt-image-2", r#"{"model":"d","prompt":"cat","n":1}"#),
        (
            "v1",
            "prod",
            r#"{"model":"d","prompt":"cat","response_format":"b64_json","n":1}"#,
        ),
    ] {
        let sent = Sent::to(manner(endpoint, model), Operation::ImageGeneration);
        sent.model("d").becomes(asked, after);
    }
}

#[test]
fn embeddings() {
    let sent = |endpoint| {
        Sent::to(
            manner(endpoint, "Cohere-embed-v3-english"),
            Operation::Embeddings,
        )
    };
    let one = r#"{"input":"a","dimensions":256,"encoding_format":"base64"}"#;
    let several = r#"{"input":["a","b"],"input_type":"query"}"#;
    sent("2024-10-21").becomes(one, one);
    sent("v1").becomes(r#"{"input":[1,2]}"#, r#"{"input":[1,2]}"#);
    sent("models").becomes(one, &one.replace(r#""a""#, r#"["a"]"#));
    sent("single").becomes(several, several);
    for tokens in [r#"{"input":[1,2]}"#, r#"{"input":[[1],[2]]}"#] {
        let error = sent("models").text(tokens).unwrap_err();
        assert_eq!((error.status(), error.param), (400, Some("input")));
    }
}

#[test]
fn a_chat_with_what_does_not_chat_is_told_where_to_go() {
    for (model, operation) in [
        ("gpt-5-codex", Operation::Chat),
        ("o3-pro", Operation::Chat),
        ("codex-mini", Operation::Completions),
    ] {
        let error = Sent::to(manner("v1", model), operation)
            .text("{}")
            .unwrap_err();
        assert_eq!(
            (error.status(), error.code, error.param),
            (400, "unsupported_operation", Some("model"))
        );
        assert!(error.message.contains("/v1/responses"));
    }
    let sent = Sent::to(manner("v1", "gpt-5-codex"), Operation::Responses);
    sent.becomes("{}", "{}");
}

#[test]
fn batches_are_for_paths_as_azure_names_them() {
    let sent = Sent::to(manner("2024-10-21", ""), Operation::Relay).path("batches");
    let batch = |endpoint: &str| format!(r#"{{"input_file_id":"f","endpoint":"{endpoint}"}}"#);
    sent.becomes(&batch("/v1/chat/completions"), &batch("/chat/completions"));
    sent.becomes(&batch("/v1/responses"), &batch("/v1/responses"));
}
