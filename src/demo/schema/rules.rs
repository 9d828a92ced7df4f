//! Schemas that hold at once: what `allOf`, `$ref` and their siblings come to, without merging them.

use serde_json::{Map, Value};

use crate::surface::decode;

use super::scalar;

/// Real schemas combine a handful; this bounds the work a hostile one causes.
const MAX_PARTS: usize = 128;

const MAX_POINTER: usize = 1024;

/// OpenAI's limit for the values of one `enum`.
const MAX_ENUM: usize = 1000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    String,
    Object,
    Array,
    Number,
    Integer,
    Boolean,
    Null,
}

impl Kind {
    /// In the order in which they are tried; null only if nothing else will do.
    const ALL: [Self; 7] = [
        Self::String,
        Self::Object,
        Self::Array,
        Self::Number,
        Self::Integer,
        Self::Boolean,
        Self::Null,
    ];

    /// Whether a schema's `type` has a place for values of this kind.
    fn is_named(self, name: &str) -> bool {
        matches!(
            (name, self),
            ("string", Self::String)
                | ("object", Self::Object)
                | ("array", Self::Array)
                | ("number", Self::Number | Self::Integer)
                | ("integer", Self::Integer)
                | ("boolean", Self::Boolean)
                | ("null", Self::Null)
        )
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::String(_) => Self::String,
            Value::Object(_) => Self::Object,
            Value::Array(_) => Self::Array,
            Value::Bool(_) => Self::Boolean,
            Value::Null => Self::Null,
            Value::Number(number) if number.as_f64().is_some_and(|x| x.fract() != 0.0) => {
                Self::Number
            }
            Value::Number(_) => Self::Integer,
        }
    }
}

type Part<'a> = &'a Map<String, Value>;

/// Parts that hold at once, and choices (`anyOf`, `oneOf`) of each of which one branch will have to.
/// References are followed within `root`. No part is in it twice, so a circle of references ends.
#[derive(Clone)]
pub(super) struct Rules<'a> {
    root: &'a Value,
    parts: Vec<Part<'a>>,
    choices: Vec<&'a Vec<Value>>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(root: &'a Value) -> Option<Self> {
        Self::none(root).and(root)
    }

    fn none(root: &'a Value) -> Self {
        Self {
            root,
            parts: vec![],
            choices: vec![],
        }
    }

    /// With one more schema; none if that one is false, or not to be found.
    pub(super) fn and(mut self, schema: &'a Value) -> Option<Self> {
        let part = match schema {
            Value::Bool(true) => return Some(self),
            Value::Object(part) => part,
            _ => return None,
        };
        if self.parts.iter().any(|known| std::ptr::eq(*known, part)) {
            return Some(self);
        }
        if self.parts.len() == MAX_PARTS {
            return None;
        }
        self.parts.push(part);
        let choices = ["anyOf", "oneOf"].iter().filter_map(|key| part.get(*key));
        self.choices.extend(choices.filter_map(Value::as_array));
        if let Some(reference) = part.get("$ref") {
            let target = resolve(self.root, reference.as_str()?)?;
            self = self.and(target)?;
        }
        let all = part.get("allOf").and_then(Value::as_array);
        all.into_iter().flatten().try_fold(self, Self::and)
    }

    /// A choice still to be made, and the rules besides it.
    pub(super) fn next_choice(&self) -> Option<(&'a Vec<Value>, Self)> {
        let mut rules = self.clone();
        let choice = rules.choices.pop()?;
        Some((choice, rules))
    }

    /// The only values `enum` and `const` leave, if either is there.
    pub(super) fn fixed(&self) -> Option<Vec<&'a Value>> {
        let constants = self.all("const").map(|value| vec![value]);
        let enums = self.all("enum").filter_map(Value::as_array);
        let enums = enums.map(|values| values.iter().take(MAX_ENUM).collect::<Vec<_>>());
        constants.chain(enums).reduce(|mut kept, values| {
            kept.retain(|value| values.contains(value));
            kept
        })
    }

    /// The kinds of value allowed, best first. Without a `type` the keywords tell what is meant.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        if self.all("type").next().is_none() {
            return vec![self.guess()];
        }
        Kind::ALL
            .into_iter()
            .filter(|kind| self.allow(*kind))
            .collect()
    }

    pub(super) fn allow_value(&self, value: &Value) -> bool {
        self.allow(Kind::of(value)) && scalar::fits(value, self)
    }

    /// What it costs to look at the rules once: `fixed` compares all values of all enums.
    pub(super) fn weight(&self) -> usize {
        let enums = self.all("enum").filter_map(Value::as_array).map(Vec::len);
        1 + self.parts.len() / 8 + enums.skip(1).sum::<usize>()
    }

    fn allow(&self, kind: Kind) -> bool {
        self.parts.iter().all(|part| match part.get("type") {
            None => true,
            // The way of OpenAPI 3.0.
            Some(_) if kind == Kind::Null && part.get("nullable") == Some(&Value::Bool(true)) => {
                true
            }
            Some(Value::String(name)) => kind.is_named(name),
            Some(Value::Array(names)) => names
                .iter()
                .take(Kind::ALL.len())
                .any(|name| name.as_str().is_some_and(|name| kind.is_named(name))),
            Some(_) => false,
        })
    }

    fn guess(&self) -> Kind {
        const SIGNS: [(&str, Kind); 13] = [
            ("properties", Kind::Object),
            ("required", Kind::Object),
            ("additionalProperties", Kind::Object),
            ("minProperties", Kind::Object),
            ("items", Kind::Array),
            ("prefixItems", Kind::Array),
            ("minItems", Kind::Array),
            ("maxItems", Kind::Array),
            ("minimum", Kind::Number),
            ("maximum", Kind::Number),
            ("exclusiveMinimum", Kind::Number),
            ("exclusiveMaximum", Kind::Number),
            ("multipleOf", Kind::Number),
        ];
        let sign = SIGNS.iter().find(|(key, _)| self.all(key).next().is_some());
        sign.map_or(Kind::String, |(_, kind)| *kind)
    }

    /// The rules of one property. `additionalProperties` of a part is for what that part does not name.
    pub(super) fn property(&self, name: &str) -> Option<Self> {
        self.inner(|part| {
            let named = part.get("properties").and_then(|named| named.get(name));
            named.or_else(|| part.get("additionalProperties"))
        })
    }

    /// The rules of one element, at its place in a tuple or beyond.
    pub(super) fn item(&self, index: usize) -> Option<Self> {
        self.inner(|part| match (prefix(part).get(index), part.get("items")) {
            (Some(own), _) => Some(own),
            // The older form of a tuple has its rest here.
            (None, Some(Value::Array(_))) => part.get("additionalItems"),
            (None, items) => items,
        })
    }

    fn inner(&self, schema: impl Fn(Part<'a>) -> Option<&'a Value>) -> Option<Self> {
        let mut schemas = self.parts.iter().filter_map(|part| schema(part));
        schemas.try_fold(Self::none(self.root), Self::and)
    }

    pub(super) fn property_names(&self) -> impl Iterator<Item = &'a str> {
        let properties = self.all("properties").filter_map(Value::as_object);
        properties.flat_map(Map::keys).map(String::as_str)
    }

    pub(super) fn prefix_length(&self) -> usize {
        let lengths = self.parts.iter().map(|part| prefix(part).len());
        lengths.max().unwrap_or(0)
    }

    /// Every value the parts have for a keyword.
    pub(super) fn all(&self, key: &str) -> impl Iterator<Item = &'a Value> {
        self.parts.iter().filter_map(move |part| part.get(key))
    }

    pub(super) fn numbers(&self, key: &str) -> impl Iterator<Item = f64> {
        self.all(key).filter_map(Value::as_f64)
    }

    pub(super) fn strings(&self, key: &str) -> impl Iterator<Item = &'a str> {
        let arrays = self.all(key).filter_map(Value::as_array);
        arrays.flatten().filter_map(Value::as_str)
    }

    pub(super) fn at_least(&self, key: &str) -> Option<usize> {
        self.sizes(key).max()
    }

    pub(super) fn at_most(&self, key: &str) -> Option<usize> {
        self.sizes(key).min()
    }

    fn sizes(&self, key: &str) -> impl Iterator<Item = usize> {
        let sizes = self.all(key).filter_map(Value::as_u64);
        sizes.map(|size| usize::try_from(size).unwrap_or(usize::MAX))
    }
}

/// The schemas of a tuple's first elements, under either name they had.
fn prefix(part: Part<'_>) -> &[Value] {
    let prefix = part.get("prefixItems").or_else(|| part.get("items"));
    prefix.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A reference within the document: `#` and a JSON pointer, not too long to be followed many times.
fn resolve<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix('#')?;
    (pointer.len() <= MAX_POINTER).then(|| root.pointer(&decode(pointer)))?
}
