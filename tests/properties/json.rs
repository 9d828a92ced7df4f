//! The JSON scan against a full parser.

use isthmus::openai::json::{Found, Scan};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::cut;

fn scan(pieces: &[&[u8]]) -> Result<Found, String> {
    let mut scan = Scan::default();
    for piece in pieces {
        scan.push(piece)
            .map_err(|error| error.message.into_owned())?;
    }
    scan.finish().map_err(|error| error.message.into_owned())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..6)
                .prop_map(|members| { Value::Object(members.into_iter().collect::<Map<_, _>>()) }),
        ]
    })
}

/// Every kind of text a string can hold, and now and then a long one.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => any::<String>(),
        2 => "[a-z\"\\\\/\u{0}-\u{1f}é中😀]{0,40}",
        1 => "[ -~]{2000,3000}",
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("model".to_owned()),
        Just("stream".to_owned()),
        Just("models".to_owned()),
        text(),
    ]
}

/// A member of the outermost object as text: the key perhaps escaped, blanks anywhere.
fn member() -> impl Strategy<Value = String> {
    (key(), value(), any::<bool>(), blanks(), blanks()).prop_map(|(key, value, escape, a, b)| {
        let key = if escape {
            escaped(&key)
        } else {
            Value::from(key).to_string()
        };
        format!("{a}{key}{b}:{a}{value}{b}")
    })
}

fn blanks() -> impl Strategy<Value = String> {
    "[ \t\r\n]{0,3}"
}

fn escaped(text: &str) -> String {
    let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    format!("\"{}\"", units.collect::<String>())
}

/// An object with duplicates, as text.
fn object() -> impl Strategy<Value = String> {
    let members = prop::collection::vec(member(), 0..6);
    (members, any::<bool>()).prop_map(|(members, mark)| {
        let mark = if mark { "\u{feff}" } else { "" };
        format!("{mark}{{{}}}", members.join(","))
    })
}

fn parse(text: &str) -> Map<String, Value> {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).expect("generated JSON")
}

fn apply(text: &str, found: &Found, model: &str) -> String {
    let edits = isthmus::surface::Naming::Json(found.clone()).rename(model);
    let mut out = String::new();
    let mut at = 0;
    let offset = |at: u64| usize::try_from(at).unwrap();
    for edit in edits {
        out.push_str(&text[at..offset(edit.range.start)]);
        out.push_str(&edit.text);
        at = offset(edit.range.end);
    }
    out + &text[at..]
}

proptest! {
    #[test]
    fn finds_what_a_full_parser_finds(text in object()) {
        let parsed = parse(&text);
        match scan(&[text.as_bytes()]) {
            Ok(found) => {
                let model = parsed.get("model").and_then(Value::as_str);
                prop_assert_eq!(found.model.as_deref(), model);
                let stream = parsed.get("stream") == Some(&Value::Bool(true));
                prop_assert_eq!(found.stream, stream);
                prop_assert_eq!(found.is_empty, parsed.is_empty());
            }
            Err(problem) => {
                let model = parsed.get("model").expect("only a model is refused here");
                let no_name = !model.is_string() && !model.is_null();
                let too_long = model.as_str().is_some_and(|model| Value::from(model).to_string().len() > 1000);
                prop_assert!(no_name || too_long, "{}", problem);
            }
        }
    }

    #[test]
    fn replaces_the_model_and_nothing_else(text in object(), model in "[a-z\"\\\\/é ]{1,12}") {
        let Ok(found) = scan(&[text.as_bytes()]) else { return Ok(()); };
        let renamed = apply(&text, &found, &model);
        let mut expected = parse(&text);
        expected.insert("model".to_owned(), model.into());
        prop_assert_eq!(parse(&renamed), expected);
        prop_assert!(renamed.starts_with('{'), "the mark is gone");
    }

    #[test]
    fn any_cut_finds_the_same(text in object(), cuts in cut::cuts()) {
        let whole = scan(&[text.as_bytes()]);
        prop_assert_eq!(scan(&cuts.apply(text.as_bytes())), whole);
    }

    /// One byte of valid JSON changed, dropped or doubled: the scan and the parser agree whether it still is.
    #[test]
    fn refuses_what_a_full_parser_refuses(
        text in object(),
        at in any::<prop::sample::Index>(),
        byte in prop_oneof![prop::sample::select(b"{}[]\",:\\0123456789-+.eEtfn u\n\x01".to_vec()), 0..=127u8],
        how in 0..3,
    ) {
        let mut bytes = text.trim_start_matches('\u{feff}').as_bytes().to_vec();
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] = byte,
            1 => { bytes.remove(at); }
            _ => bytes.insert(at, byte),
        }
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()); };
        let parsed = serde_json::from_str::<IgnoredAny>(&text);
        match (scan(&[text.as_bytes()]), parsed) {
            (Ok(_), Ok(_)) => {}
            (Ok(_), Err(problem)) => prop_assert!(false, "taken for JSON: {problem}\n{text}"),
            (Err(problem), Ok(_)) => {
                prop_assert!(!problem.contains("not valid JSON"), "{problem}\n{text}");
            }
            (Err(problem), Err(_)) => prop_assert!(problem.len() < 200),
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cuts in cut::cuts()) {
        let _ = scan(&cuts.apply(&bytes));
    }
}

#[test]
fn depth_is_bounded_on_both_sides_of_the_bound() {
    let nested = |depth: usize| {
        format!(
            "{{\"a\":{}{}}}",
            "[".repeat(depth - 1),
            "]".repeat(depth - 1)
        )
    };
    assert!(scan(&[nested(512).as_bytes()]).is_ok());
    assert!(scan(&[nested(513).as_bytes()]).unwrap_err().contains("512"));
}

#[test]
fn a_huge_string_costs_nothing_to_keep() {
    let text = format!("{{\"a\":\"{}\",\"model\":\"m\"}}", "x\\n".repeat(4 << 20));
    let found = scan(&text.as_bytes().chunks(65_536).collect::<Vec<_>>()).unwrap();
    assert_eq!(found.model.as_deref(), Some("m"));
}
