//! Who speaks when.

use isthmus::gemini::chat::messages::Conversation;
use isthmus::gemini::lessons::Lesson;
use serde_json::{Value, json};

use super::{
    GEMMA, Listener, NEW, OLD, assistant, call, calling, result, text, turn, user, written,
};

fn system(content: Value) -> Value {
    json!({"role": "system", "content": content})
}

fn pieces(texts: &[&str]) -> Value {
    let pieces = texts.iter().map(|it| json!({"type": "text", "text": it}));
    pieces.collect()
}

#[test]
fn neighbours_of_one_role_are_one_turn() {
    let said = |role, texts: &[&str]| turn(role, texts.iter().map(|it| text(it)).collect());
    for (messages, contents) in [
        (
            json!([
                user(json!("a")),
                user(pieces(&["b", "c"])),
                assistant(json!("d")),
                assistant(json!("e")),
                user(json!("f"))
            ]),
            json!([
                said("user", &["a", "b", "c"]),
                said("model", &["d", "e"]),
                said("user", &["f"])
            ]),
        ),
        // Nothing is left of what says nothing.
        (
            json!([user(json!("a")), assistant(json!("")), user(json!("b")), assistant(pieces(&[""])),
                   assistant(Value::Null), {"role": "assistant"}, user(pieces(&["", "c"]))]),
            json!([said("user", &["a", "b", "c"])]),
        ),
        // What was refused, and how, was said.
        (
            json!([user(json!("a")), assistant(json!([{"type": "refusal", "refusal": "no"}])),
                   {"role": "assistant", "content": null, "refusal": "never"}, user(json!("b"))]),
            json!([
                said("user", &["a"]),
                said("model", &["no", "never"]),
                said("user", &["b"])
            ]),
        ),
        // Thoughts are not said again, nor sounds that only have an id.
        (
            json!([user(json!("a")),
                   {"role": "assistant", "content": "b", "reasoning_content": "hm", "annotations": [],
                    "audio": {"id": "1"}, "refusal": null, "tool_calls": []},
                   user(json!("c"))]),
            json!([
                said("user", &["a"]),
                said("model", &["b"]),
                said("user", &["c"])
            ]),
        ),
        // Contents begin with the user.
        (
            json!([assistant(json!("a")), user(json!("b"))]),
            json!([
                said("user", &[" "]),
                said("model", &["a"]),
                said("user", &["b"])
            ]),
        ),
        // And are never empty.
        (json!([user(json!(""))]), json!([said("user", &[" "])])),
        (json!([{"role": "user"}]), json!([said("user", &[" "])])),
    ] {
        assert_eq!(
            Listener::studio(OLD).body(messages),
            json!({"contents": contents})
        );
    }
}

#[test]
fn a_turn_after_results_stands_alone() {
    let messages = json!([
        user(json!("a")),
        calling(json!([call("1", "{}")])),
        result("1", json!("b")),
        user(json!("c")),
        user(json!("d"))
    ]);
    let contents = Listener::studio(OLD).contents(messages);
    assert_eq!(contents[3], turn("user", json!([text("c"), text("d")])));
    assert_eq!(contents.as_array().unwrap().len(), 4);
}

#[test]
fn instructions_are_apart_in_their_order() {
    let messages = json!([
        {"role": "developer", "content": pieces(&["a", "", "b"])},
        user(json!("q")),
        system(json!("c \"\\\u{e9}")),
        system(json!("")),
    ]);
    for listener in [Listener::studio(OLD), Listener::vertex(NEW)] {
        let expected = json!({
            "systemInstruction": {"parts": [text("a"), text("b"), text("c \"\\\u{e9}")]},
            "contents": [turn("user", json!([text("q")]))],
        });
        assert_eq!(listener.body(messages.clone()), expected);
    }
}

#[test]
fn models_without_instructions_hear_them_from_the_user() {
    let gemma = Listener::studio(GEMMA);
    let taught = Listener::studio(OLD).taught(Lesson::NoInstruction);
    for listener in [gemma, taught] {
        for (messages, contents) in [
            (
                json!([system(json!("a")), user(json!("x")), system(json!("b"))]),
                json!([turn("user", json!([text("a\n\nb\n\n"), text("x")]))]),
            ),
            (
                json!([system(json!("a")), assistant(json!("x")), user(json!("y"))]),
                json!([
                    turn("user", json!([text("a\n\n")])),
                    turn("model", json!([text("x")])),
                    turn("user", json!([text("y")]))
                ]),
            ),
            (
                json!([system(json!("a"))]),
                json!([turn("user", json!([text("a")]))]),
            ),
        ] {
            assert_eq!(listener.body(messages), json!({"contents": contents}));
        }
    }
}

#[test]
fn instructions_alone_are_said_by_the_user() {
    let body = Listener::studio(NEW).body(json!([system(pieces(&["a", "b"])), user(json!(""))]));
    assert_eq!(
        body,
        json!({"contents": [turn("user", json!([text("a"), text("b")]))]})
    );
}

#[test]
fn instructions_of_ours_come_last() {
    let told = |model, messages: Value| {
        Listener::studio(model).with(|setting| {
            let messages = messages.to_string();
            let messages = isthmus::json::Value::first(messages.as_bytes());
            let mut conversation = Conversation::read(messages, setting).unwrap();
            conversation.instruct("in \"JSON\"");
            written(&conversation)
        })
    };
    let messages = json!([system(json!("a")), user(json!("x"))]);
    assert_eq!(
        told(OLD, messages.clone())["systemInstruction"]["parts"],
        json!([text("a"), text("in \"JSON\"")])
    );
    assert_eq!(
        told(GEMMA, messages)["contents"][0]["parts"],
        json!([text("a\n\nin \"JSON\"\n\n"), text("x")])
    );
    assert_eq!(
        told(OLD, json!([system(json!("a"))])),
        json!({
            "systemInstruction": {"parts": [text("in \"JSON\"")]},
            "contents": [turn("user", json!([text("a")]))],
        })
    );
}

#[test]
fn a_text_is_a_conversation() {
    for (prompt, said) in [("Once \"upon\"", "Once \"upon\""), ("", " ")] {
        let body = Listener::studio(OLD).with(|it| written(&Conversation::of_text(prompt, it)));
        assert_eq!(
            body,
            json!({"contents": [turn("user", json!([text(said)]))]})
        );
    }
}

#[test]
fn the_assistant_does_not_end_a_conversation_with_new_models() {
    let messages = json!([user(json!("a")), assistant(json!("b"))]);
    let mut contents = json!([
        turn("user", json!([text("a")])),
        turn("model", json!([text("b")]))
    ]);
    for model in [OLD, "gemini-3.5-flash", GEMMA] {
        assert_eq!(Listener::studio(model).contents(messages.clone()), contents);
    }
    let go_on = turn("user", json!([text("Continue.")]));
    contents.as_array_mut().unwrap().push(go_on);
    for mut listener in [Listener::studio("gemini-3.6-flash"), Listener::vertex(NEW)] {
        assert_eq!(listener.contents(messages.clone()), contents);
        listener.options.strict = true;
        assert_eq!(listener.refuse(messages.clone()).code, "unsupported_value");
    }
}

#[test]
fn what_is_no_conversation_is_refused() {
    for (messages, place) in [
        (json!(null), "'messages'"),
        (json!([]), "'messages'"),
        (json!({}), "'messages'"),
        (json!("hello"), "'messages'"),
        (json!([1]), "messages[0].role"),
        (json!([{"content": "a"}]), "messages[0].role"),
        (
            json!([user(json!("a")), {"role": "model", "content": "a"}]),
            "messages[1].role",
        ),
        (json!([user(json!(1))]), "messages[0].content "),
        (
            json!([user(json!({"type": "text", "text": "a"}))]),
            "messages[0].content ",
        ),
        (json!([user(json!(["a"]))]), "messages[0].content[0].type"),
        (
            json!([user(
                json!([{"type": "text", "text": "a"}, {"type": "text"}])
            )]),
            "messages[0].content[1].text",
        ),
        (
            json!([user(json!([{"type": "text", "text": {"value": "a"}}]))]),
            "messages[0].content[0].text",
        ),
        (
            json!([system(
                json!([{"type": "image_url", "image_url": {"url": "data:,"}}])
            )]),
            "messages[0].content[0].type",
        ),
    ] {
        let error = Listener::studio(OLD).refuse(messages.clone());
        assert_eq!(error.code, "invalid_value");
        assert!(
            error.message.starts_with(place),
            "{messages}: {}",
            error.message
        );
    }
}
