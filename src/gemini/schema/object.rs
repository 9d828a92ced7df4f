//! What objects and arrays hold.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::gemini::Host;
use crate::json::{Value, inside};

use super::DEEPEST;
use super::compile::Compiler;
use super::node::Node;
use super::openapi::{Additional, Kind, Schema};

/// What an array is of, where nothing is said: "items: missing field" is an error.
const ANY_ITEM: &[u8] = br#"{"type":"string"}"#;

impl<'t> Compiler<'t> {
    pub(super) fn fill_object(&mut self, object: &mut Schema<'t>, node: &Node<'t>, depth: usize) {
        let mut defined = BTreeSet::new();
        for (key, schemas) in properties(node) {
            if let Some(property) = self.schema(&schemas, None, None, depth) {
                defined.extend(key.as_str());
                let name = String::from_utf8_lossy(inside(key));
                object.properties.push((name, property));
            }
        }
        object.required = named(node, "required", &defined);
        object.ordering = named(node, "propertyOrdering", &defined);
        if self.host == Host::Vertex {
            object.additional = self.additional(node, depth);
        }
    }

    fn additional(&mut self, node: &Node<'t>, depth: usize) -> Option<Additional<'t>> {
        let said = node.get("additionalProperties")?;
        if !said.is_object() || said.is_empty() {
            let is_no = said.raw() == b"false";
            return Some(if is_no {
                Additional::No
            } else {
                Additional::Any
            });
        }
        let like = self.schema(&[said], None, None, depth);
        Some(like.map_or(Additional::No, |it| Additional::Like(Box::new(it))))
    }

    /// A tuple is an array of any of its kinds.
    pub(super) fn items(&mut self, node: &Node<'t>, depth: usize) -> Schema<'t> {
        let items = node.get("items");
        let places = node.get("prefixItems").into_iter().chain(items);
        let mut kinds: Vec<_> = places.flat_map(Value::elements).collect();
        kinds.extend(items.filter(|it| it.is_object() && !it.is_empty()));
        let items = match kinds.as_slice() {
            [] => None,
            [one] => self.schema(&[*one], None, None, depth),
            _ if depth >= DEEPEST => Some(Schema::of(Kind::Object)),
            several => {
                let members = self.each(several, None, None, depth);
                Some(self.united(Schema::default(), members))
            }
        };
        let any = || self.schema(&[Value::first(ANY_ITEM)?], None, None, depth);
        items
            .or_else(any)
            .unwrap_or_else(|| Schema::of(Kind::String))
    }
}

/// Each property, with all that is said of it.
fn properties<'t>(node: &Node<'t>) -> Vec<(Value<'t>, Vec<Value<'t>>)> {
    let mut found: Vec<(Value<'t>, Vec<Value<'t>>)> = Vec::new();
    let mut known: BTreeMap<Cow<'t, str>, (usize, usize)> = BTreeMap::new();
    for (number, layer) in node.layers.iter().enumerate() {
        for (key, schema) in layer.get("properties").into_iter().flat_map(Value::members) {
            let Some(name) = key.as_str() else { continue };
            let (place, last) = *known.entry(name).or_insert((found.len(), number));
            match found.get_mut(place) {
                None => found.push((key, vec![schema])),
                // Of several members of one name the last counts.
                Some((_, schemas)) if last == number => *schemas = vec![schema],
                Some((_, schemas)) => schemas.push(schema),
            }
        }
    }
    found
}

/// The names of properties in a list, of all layers: "required[0]: property is not defined" is an error.
fn named<'t>(node: &Node<'t>, list: &str, defined: &BTreeSet<Cow<'_, str>>) -> Vec<&'t [u8]> {
    let mut known = BTreeSet::new();
    let lists = node.layers.iter().filter_map(|layer| layer.get(list));
    let names = lists.flat_map(Value::elements).filter(|name| {
        let text = name.as_str();
        text.is_some_and(|text| defined.contains(&text) && known.insert(text))
    });
    names.map(Value::raw).collect()
}
