//! A schema as all that is said of its value, in one place or in several: `$ref` and `allOf` are not in the subset.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::json::Value;

use super::DEEPEST;
use super::openapi::Kind;
use super::pointers::Pointers;

/// What a schema says, and what the ones it refers to say. Of each keyword the last layer that has it counts: what
/// stands beside a `$ref` is over what it refers to.
#[derive(Default)]
pub(super) struct Node<'t> {
    pub(super) layers: Vec<Rc<Layer<'t>>>,
    pub(super) is_nullable: bool,
    /// Nothing satisfies it.
    pub(super) is_false: bool,
    /// What it has to be one of: none, or at least two.
    pub(super) alternatives: Vec<Value<'t>>,
    /// The kind of a value of which none is said or seen.
    pub(super) guess: Option<Kind>,
    /// Descriptions of what could not be copied.
    described: Option<Value<'t>>,
}

/// One object of the text, read once.
pub(super) struct Layer<'t> {
    /// Where it stands.
    pub(super) place: u64,
    members: Vec<(Cow<'t, str>, Value<'t>)>,
    /// What a copy of it would copy.
    size: usize,
}

impl<'t> Layer<'t> {
    fn of(object: Value<'t>) -> Self {
        let members = object.members();
        let named = members.map(|(key, value)| (key.as_str().unwrap_or_default(), value));
        let mut layer = Self {
            place: object.range().start,
            members: named.collect(),
            size: object.raw().len(),
        };
        for name in ["anyOf", "oneOf", "allOf"] {
            let taken_apart = layer.get(name).map_or(0, |it| it.raw().len());
            layer.size = layer.size.saturating_sub(taken_apart);
        }
        layer
    }

    /// Null is a value here: `const` may be it.
    pub(super) fn get(&self, name: &str) -> Option<Value<'t>> {
        let (_, value) = self.members.iter().rev().find(|(key, _)| key == name)?;
        Some(*value)
    }

    fn list(&self, name: &str) -> impl Iterator<Item = Value<'t>> + use<'t> {
        self.get(name).into_iter().flat_map(Value::elements)
    }
}

impl<'t> Node<'t> {
    /// All of the schemas at once. `base`: what the alternatives of a node have from it.
    pub(super) fn of(schemas: &[Value<'t>], base: Option<&Self>, above: &mut Above<'t>) -> Self {
        let mut node = Self::default();
        if let Some(base) = base {
            node.layers.clone_from(&base.layers);
            node.is_nullable = base.is_nullable;
        }
        for schema in schemas {
            node.add(*schema, above, 0);
        }
        if node.layers.iter().all(|layer| layer.members.is_empty()) {
            node.guess = Some(Kind::Object);
        }
        node
    }

    fn add(&mut self, schema: Value<'t>, above: &mut Above<'t>, level: usize) {
        self.is_false |= schema.raw() == b"false";
        if !schema.is_object() || level > DEEPEST {
            return;
        }
        let layer = Layer::of(schema);
        if let Some(reference) = layer.get("$ref").and_then(Value::as_str) {
            self.add_target(&reference, above, level);
        }
        for member in layer.list("allOf") {
            self.add(member, above, level + 1);
        }
        self.is_nullable |= layer.get("nullable").is_some_and(Value::is_true);
        let all = layer.list("anyOf").chain(layer.list("oneOf"));
        let (nulls, others): (Vec<_>, Vec<_>) = all.partition(|it| is_null(*it));
        self.is_nullable |= !nulls.is_empty();
        match (nulls.as_slice(), others.as_slice()) {
            ([], []) => {}
            ([..], []) => self.guess = Some(Kind::Null),
            ([..], [one]) => self.add(*one, above, level + 1),
            _ => self.alternatives = others,
        }
        self.layers.push(Rc::new(layer));
    }

    /// A reference back to where it stands cannot be followed, nor one too many: then it is some object.
    fn add_target(&mut self, reference: &str, above: &mut Above<'t>, level: usize) {
        let target = above.pointers.find(reference);
        let Some(target) = target.filter(|it| it.is_object()) else {
            self.guess = Some(Kind::Object);
            return;
        };
        let place = target.range().start;
        let is_here = self.layers.iter().any(|layer| layer.place == place);
        if !above.places.contains(&place) && !is_here && above.pointers.spend(target.raw().len()) {
            return self.add(target, above, level + 1);
        }
        self.guess = Some(Kind::Object);
        self.described = above.pointers.description(target);
    }

    /// What is said last, if it is not null.
    pub(super) fn get(&self, name: &str) -> Option<Value<'t>> {
        let said = |layer: &Rc<Layer<'t>>| layer.get(name).filter(|it| !it.is_null());
        self.layers.iter().rev().find_map(said)
    }

    pub(super) fn description(&self) -> Option<Value<'t>> {
        let said = self.get("description").filter(|it| it.is_string());
        said.or(self.described)
    }

    pub(super) fn size(&self) -> usize {
        self.layers.iter().map(|layer| layer.size).sum()
    }
}

/// What stands above a node, and what it refers to.
pub(super) struct Above<'t> {
    pub(super) pointers: Pointers<'t>,
    places: BTreeSet<u64>,
}

impl<'t> Above<'t> {
    pub(super) fn of(root: Value<'t>) -> Self {
        Self {
            pointers: Pointers::of(root),
            places: BTreeSet::new(),
        }
    }

    /// A node is above those in it, until [`Self::leave`].
    pub(super) fn enter(&mut self, node: &Node<'t>) -> Vec<u64> {
        let places = node.layers.iter().map(|layer| layer.place);
        places.filter(|place| self.places.insert(*place)).collect()
    }

    pub(super) fn leave(&mut self, entered: &[u64]) {
        for place in entered {
            self.places.remove(place);
        }
    }
}

fn is_null(schema: Value<'_>) -> bool {
    let is_it = |name: &str| schema.get(name).is_some_and(Value::is_null);
    let is_kind = |kind: Value<'_>| {
        kind.as_str()
            .is_some_and(|it| it.eq_ignore_ascii_case("null"))
    };
    schema.get("type").is_some_and(is_kind) || is_it("const")
}
