//! A request that asks for the usage, whatever else its client says.

use isthmus::openai::streaming::{asks_for_usage, include_usage};
use isthmus::platform::Edit;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

proptest! {
    #[test]
    fn asking_keeps_what_a_client_says(options in options(), mark: bool) {
        let mark = if mark { "\u{feff}" } else { "" };
        let members = options.as_ref().map_or(String::new(), |it| format!(",\"stream_options\":{it}"));
        let text = format!("{mark}{{\"stream\":true{members}, \"model\": \"m\"}}");
        let asked = changed(&text, &include_usage(text.as_bytes()));
        let options = options.unwrap_or(Value::Null);
        let is_odd = |it: &Value| !it.is_null() && !it.is_boolean();
        if !(options.is_null() || options.is_object()) || is_odd(&options["include_usage"]) {
            // It is the upstream's to refuse.
            prop_assert_eq!(asked, text);
            return Ok(());
        }
        prop_assert!(asks_for_usage(asked.as_bytes()), "{}", asked);
        let parsed: Value = serde_json::from_str(asked.trim_start_matches('\u{feff}')).unwrap();
        let mut expected = options;
        if expected.is_null() {
            expected = json!({});
        }
        expected["include_usage"] = true.into();
        prop_assert_eq!(&parsed["stream_options"], &expected);
        prop_assert_eq!(include_usage(asked.as_bytes()), []);
    }
}

fn changed(text: &str, edits: &[Edit]) -> String {
    String::from_utf8(isthmus::json::apply(text.as_bytes(), edits)).unwrap()
}

fn options() -> impl Strategy<Value = Option<Value>> {
    select(vec![
        None,
        Some(json!(null)),
        Some(json!({})),
        Some(json!({"include_usage": null})),
        Some(json!({"include_usage": false, "include_obfuscation": false})),
        Some(json!({"include_obfuscation": false})),
        Some(json!({"include_usage": true})),
        Some(json!({"include_usage": "yes"})),
        Some(json!("x")),
        Some(json!([1])),
        Some(json!(true)),
    ])
}
