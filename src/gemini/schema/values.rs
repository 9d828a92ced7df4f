//! Enums: values are strings, whatever the kind.

use std::borrow::Cow;

use crate::json::{Value, inside};

use super::bounds::is_number;
use super::compile::{Compiler, Types};
use super::node::Node;
use super::openapi::{Kind, Schema, Text};

/// The schema of a value that is one of several known ones; None where they are not said, or not of one kind.
pub(super) fn enumerated<'t>(
    compiler: &mut Compiler<'t>,
    node: &Node<'t>,
    types: &Types,
    depth: usize,
) -> Option<Schema<'t>> {
    let all = said(node);
    let values: Vec<_> = all.iter().copied().filter(|it| !it.is_null()).collect();
    if values.is_empty() {
        return (!all.is_empty()).then(|| compiler.of_kind(node, Kind::Null, depth));
    }
    let kind = kind(node, types, &values)?;
    let mut schema = compiler.of_kind(node, kind, depth);
    schema.nullable |= types.has_null || values.len() < all.len();
    // "enum[0]: cannot be empty".
    let words = values.into_iter().filter(|it| !it.is(""));
    let words: Vec<_> = words.map(quoted).collect();
    if words.is_empty() {
        return Some(schema);
    }
    if kind == Kind::String {
        schema.values = words;
    } else if compiler.number_enums {
        schema.format = Some("enum");
        schema.values = words;
    } else {
        schema.description = Some(told(node.description(), &words));
    }
    Some(schema)
}

/// Whether null is one of the values.
pub(super) fn have_null(node: &Node<'_>) -> bool {
    said(node).into_iter().any(Value::is_null)
}

/// Of the last layer that says any; a `const` is an enum of one.
fn said<'t>(node: &Node<'t>) -> Vec<Value<'t>> {
    let layers = node.layers.iter().rev();
    let mut lists = layers.map(|layer| match layer.get("const") {
        Some(only) => vec![only],
        None => layer
            .get("enum")
            .into_iter()
            .flat_map(Value::elements)
            .collect(),
    });
    lists.find(|list| !list.is_empty()).unwrap_or_default()
}

fn kind(node: &Node<'_>, types: &Types, values: &[Value<'_>]) -> Option<Kind> {
    let are = |is_it: fn(&Value<'_>) -> bool| values.iter().all(is_it);
    if are(|it| it.is_string()) {
        // Numbers written as strings, as they are written here.
        let is_enum = node.get("format").is_some_and(|it| it.is("enum"));
        let scalar = |kind: &&Kind| is_enum && kind.is_scalar();
        return match types.kinds.as_slice() {
            [only] => Some(
                [only]
                    .into_iter()
                    .find(scalar)
                    .map_or(Kind::String, |it| *it),
            ),
            _ => Some(Kind::String),
        };
    }
    let seen = if are(|it| it.as_bool().is_some()) {
        Kind::Boolean
    } else if are(|it| is_number(*it)) {
        let is_whole = are(|it| {
            !it.raw()
                .iter()
                .any(|byte| matches!(byte, b'.' | b'e' | b'E'))
        });
        if is_whole {
            Kind::Integer
        } else {
            Kind::Number
        }
    } else {
        return None;
    };
    match types.kinds.as_slice() {
        [] => Some(seen),
        [said] => Some(*said).filter(|it| it.is_scalar() || *it == Kind::String),
        several => Some(seen).filter(|it| several.contains(it)),
    }
}

fn quoted(value: Value<'_>) -> Text<'_> {
    if value.is_string() {
        return Cow::Borrowed(value.raw());
    }
    Cow::Owned([b"\"", value.raw(), b"\""].concat())
}

/// The values in words, behind what else is said.
fn told<'t>(description: Option<Value<'t>>, words: &[Text<'t>]) -> Text<'t> {
    let before = description.map(inside).unwrap_or_default();
    let blank: &[u8] = if before.is_empty() { b"" } else { b" " };
    let bare = words.iter().map(|word| match &**word {
        [b'"', bare @ .., b'"'] => bare,
        other => other,
    });
    let list = bare.collect::<Vec<_>>().join(&b", "[..]);
    Cow::Owned([b"\"", before, blank, b"One of: ", &list, b".\""].concat())
}
