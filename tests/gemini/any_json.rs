//! JSON of any shape, with the words that are looked at wherever they may stand.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

pub type Words = &'static [&'static str];

/// Mostly one of these.
pub fn word(words: Words) -> impl Strategy<Value = String> + Clone {
    prop_oneof![9 => select(words).prop_map(str::to_owned), 1 => any::<String>()]
}

pub fn any_json(words: Words) -> impl Strategy<Value = Value> + Clone {
    let leaf = prop_oneof![
        6 => word(words).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((word(words), inner), 0..6).prop_map(Value::from_iter),
        ]
    })
}
