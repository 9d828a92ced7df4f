//! A whole answer's usage, in every shape.

use isthmus::usage::of_answer;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::usage;

type Told = (u64, u64, u64);

const SHAPES: [(&str, Told); 16] = [
    // Chats and completions.
    (
        r#"{"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}"#,
        (7, 3, 10),
    ),
    (
        r#"{"choices":[{"message":{"content":"{\"usage\":{\"prompt_tokens\":1}}"}}],"usage":{
                "completion_tokens" : 3 , "prompt_tokens" : 7 } , "service_tier":"default" } "#,
        (7, 3, 10),
    ),
    // A total that counts what the others leave out.
    (
        r#"{"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":15}}"#,
        (7, 3, 15),
    ),
    // Responses, and their last events.
    (
        r#"{"object":"response","usage":{"input_tokens":7,"output_tokens":3,"total_tokens":10,
                "input_tokens_details":{"cached_tokens":5}},"user":null,"metadata":{"usage":"x"}}"#,
        (7, 3, 10),
    ),
    (
        r#"{"type":"response.completed","response":{"id":"r","usage":{"input_tokens":7,"output_tokens":3},
                "metadata":{}},"sequence_number":9}"#,
        (7, 3, 10),
    ),
    // Embeddings.
    (
        r#"{"data":[{"embedding":[0.1,-2e-3]}],"model":"m","usage":{"prompt_tokens":7,"total_tokens":7}}"#,
        (7, 0, 7),
    ),
    (
        r#"{"usage":{"total_tokens":7},"data":[{"embedding":"AAAA"}]}"#,
        (7, 0, 7),
    ),
    // Pictures, and what is heard.
    (
        r#"{"created":1,"data":[{"b64_json":"AAAA"}],"usage":{"total_tokens":10,"input_tokens":7,"output_tokens":3}}"#,
        (7, 3, 10),
    ),
    (
        r#"{"text":"a","usage":{"type":"tokens","input_tokens":7,"output_tokens":3,"total_tokens":10}}"#,
        (7, 3, 10),
    ),
    // What is missing, or no whole number, is what the others leave.
    (
        r#"{"usage":{"prompt_tokens":7,"completion_tokens":null,"total_tokens":10}}"#,
        (7, 3, 10),
    ),
    (
        r#"{"usage":{"prompt_tokens":"7","completion_tokens":3,"total_tokens":10}}"#,
        (7, 3, 10),
    ),
    (
        r#"{"usage":{"prompt_tokens":7,"completion_tokens":-3,"total_tokens":1.5}}"#,
        (7, 0, 7),
    ),
    (r#"{"usage":{"output_tokens":3}}"#, (0, 3, 3)),
    (
        r#"{"usage":{"prompt_tokens":18446744073709551615,"completion_tokens":3}}"#,
        (u64::MAX, 3, u64::MAX),
    ),
    // Of several members of one name the last counts.
    (
        r#"{"usage":null,"usage":{"prompt_tokens":7,"completion_tokens":3}}"#,
        (7, 3, 10),
    ),
    (
        "\u{feff}{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}\n",
        (7, 3, 10),
    ),
];

#[test]
fn every_shape_of_an_answer_is_read() {
    for (answer, (input, output, total)) in SHAPES {
        let expected = usage(input, output, total);
        assert_eq!(of_answer(answer.as_bytes()), Some(expected), "{answer}");
    }
}

#[test]
fn what_tells_no_tokens_has_no_usage() {
    for answer in [
        "",
        "[]",
        "{}",
        "a text",
        r#""usage""#,
        r#"{"usage":null}"#,
        r#"{"usage":{}}"#,
        r#"{"usage":7}"#,
        r#"{"usage":[{"prompt_tokens":7}]}"#,
        r#"{"text":"a","usage":{"type":"duration","seconds":12}}"#,
        r#"{"usage":{"prompt_tokens":-1,"total_tokens":"7"}}"#,
        r#"{"usage":{"prompt_tokens":7},"usage":null}"#,
        // Another's.
        r#"{"data":{"usage":{"prompt_tokens":7}}}"#,
        r#"{"choices":[{"usage":{"prompt_tokens":7}}]}"#,
        r#"{"response":{"output":[{"usage":{"prompt_tokens":7}}]}}"#,
        r#"{"response":{"metadata":{"usage":{"prompt_tokens":7}}}}"#,
        r#"{"text":"\"usage\":{\"prompt_tokens\":7}"}"#,
        r#"{"usage":{"details":{"prompt_tokens":7}}}"#,
        r#"[{"usage":{"prompt_tokens":7}}]"#,
    ] {
        assert_eq!(of_answer(answer.as_bytes()), None, "{answer}");
    }
}

/// What stands before the usage is not walked through again and again, whatever it is.
#[test]
fn hostile_answers_take_no_time() {
    let member = r#""usage":{"prompt_tokens":7,"completion_tokens":3}}"#;
    for (before, behind) in [
        ("[", ""),
        ("{\"a\":", ""),
        ("\\", ""),
        ("\\\"", ""),
        ("\"", ""),
        ("\"a\":[],", ""),
        ("", "]"),
        ("", "}"),
        ("", "\\\""),
        ("", " "),
        ("", ",\"a\":{}"),
    ] {
        let text = format!(
            "{{{}{member}{}",
            before.repeat(1 << 20),
            behind.repeat(1 << 20)
        );
        // In a time that grows faster than the text it would not end.
        let told = of_answer(text.as_bytes());
        assert!(
            told.is_none_or(|told| told == usage(7, 3, 10)),
            "{before} {behind}"
        );
    }
}

proptest! {
    /// As a full parser reads it.
    #[test]
    fn the_usage_of_any_answer_is_its_own(answer in answer(), pretty: bool) {
        let text = if pretty {
            serde_json::to_string_pretty(&answer).unwrap()
        } else {
            answer.to_string()
        };
        let expected = |holder: &Value| {
            let number = |name: &str| holder["usage"][name].as_u64();
            Some(usage(number("prompt_tokens")?, number("completion_tokens")?, number("total_tokens")?))
        };
        let expected = match answer.get("usage") {
            Some(_) => expected(&answer),
            None => expected(&answer["response"]),
        };
        prop_assert_eq!(of_answer(text.as_bytes()), expected, "{}", text);
    }
}

/// Any object, with a usage in some of the places where one may be.
fn answer() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f32>()
            .prop_filter("JSON has none", |it| it.is_finite())
            .prop_map(Value::from),
        "[ -~é💬]{0,12}".prop_map(Value::from),
        select(vec!["\\", "\"", "{\"usage\":{}}", "\\\"", "}", "]"]).prop_map(Value::from),
    ];
    let name = || {
        prop_oneof![
            "[a-z]{1,4}",
            select(vec!["usage\"", "response", "usag", "\\", "{"]).prop_map(str::to_owned)
        ]
    };
    let value = leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((name(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    let told = (any::<u32>(), any::<u32>()).prop_map(|(input, output)| {
        json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": u64::from(input) + 1})
    });
    let holder = move |told: BoxedStrategy<Value>, value: BoxedStrategy<Value>| {
        (vec((name(), value), 0..6), option::of(told), any::<Index>()).prop_map(
            |(members, told, at)| {
                let mut members: Vec<_> = members
                    .into_iter()
                    .filter(|(name, _)| name != "response")
                    .collect();
                if let Some(told) = told {
                    members.insert(at.index(members.len() + 1), ("usage".to_owned(), told));
                }
                members
            },
        )
    };
    let (told, value) = (told.boxed(), value.boxed());
    let inner = option::of(holder(told.clone(), value.clone()));
    (holder(told, value), inner, any::<Index>()).prop_map(|(mut members, inner, at)| {
        if let Some(inner) = inner {
            let inner = Value::Object(inner.into_iter().collect());
            members.insert(at.index(members.len() + 1), ("response".to_owned(), inner));
        }
        Value::Object(members.into_iter().collect())
    })
}
