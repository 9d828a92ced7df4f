//! JSON Schema compiled to the subset, from the outside in.

use std::borrow::Cow;

use crate::gemini::Host;
use crate::json::Value;

use super::node::{Above, Node};
use super::openapi::{Kind, Schema};
use super::{DEEPEST, bounds, values};

pub(super) struct Compiler<'t> {
    pub(super) host: Host,
    /// Enums of numbers may stay enums.
    pub(super) number_enums: bool,
    above: Above<'t>,
}

/// What `type` says.
#[derive(Default)]
pub(super) struct Types {
    /// Without null, each once.
    pub(super) kinds: Vec<Kind>,
    pub(super) has_null: bool,
}

/// None: an object without properties, or nothing that could be asked. "properties: should be non-empty for OBJECT
/// type" is said of the outermost alone.
pub(super) fn root(schema: Value<'_>, host: Host, number_enums: bool) -> Option<Schema<'_>> {
    let mut work = Compiler {
        host,
        number_enums,
        above: Above::of(schema),
    };
    let mut compiled = work.schema(&[schema], None, Some(Kind::Object), 0)?;
    if host == Host::Studio {
        compiled.name_objects();
    }
    let is_bare = compiled.properties.is_empty() && compiled.alternatives.is_empty();
    let is_nothing = compiled.kind == Some(Kind::Object) && is_bare;
    (!is_nothing).then_some(compiled)
}

impl<'t> Compiler<'t> {
    /// None for `false`. `guess` is the kind where none is said or seen. Depth is that of what is written, so that what
    /// was compiled once is not cut again.
    pub(super) fn schema(
        &mut self,
        schemas: &[Value<'t>],
        base: Option<&Node<'t>>,
        guess: Option<Kind>,
        depth: usize,
    ) -> Option<Schema<'t>> {
        if depth > DEEPEST {
            return Some(Schema::of(Kind::Object));
        }
        let mut node = Node::of(schemas, base, &mut self.above);
        if node.is_false {
            return None;
        }
        node.guess = node.guess.or(guess);
        let entered = self.above.enter(&node);
        let compiled = self.node(&node, depth);
        self.above.leave(&entered);
        Some(compiled)
    }

    fn node(&mut self, node: &Node<'t>, depth: usize) -> Schema<'t> {
        let types = Types::of(node);
        if let Some(schema) = values::enumerated(self, node, &types, depth) {
            return schema;
        }
        let mut compiled = if !node.alternatives.is_empty() {
            self.alternatives(node, &types, depth)
        } else if types.kinds.len() > 1 {
            self.one_of_kinds(node, &types.kinds, depth)
        } else {
            self.of_kind(node, types.kind(node), depth)
        };
        if types.has_null || values::have_null(node) {
            compiled.make_nullable(self.host);
        }
        compiled
    }

    /// With the keywords that belong to the kind.
    pub(super) fn of_kind(&mut self, node: &Node<'t>, kind: Kind, depth: usize) -> Schema<'t> {
        let mut compiled = Schema {
            kind: Some(kind),
            format: bounds::format(node, kind),
            description: node.description().map(|it| Cow::Borrowed(it.raw())),
            nullable: node.is_nullable && kind != Kind::Null,
            bounds: bounds::of(node, kind),
            ..Schema::default()
        };
        match kind {
            Kind::Array => compiled.items = Some(Box::new(self.items(node, depth + 1))),
            Kind::Object => self.fill_object(&mut compiled, node, depth + 1),
            _ => {}
        }
        compiled
    }

    /// A list of types is not known ("Proto field is not repeating, cannot start list").
    fn one_of_kinds(&mut self, node: &Node<'t>, kinds: &[Kind], depth: usize) -> Schema<'t> {
        if depth == DEEPEST {
            return Schema::of(Kind::Object);
        }
        let each = kinds.iter().map(|kind| Schema {
            description: None,
            nullable: false,
            ..self.of_kind(node, *kind, depth + 1)
        });
        let members = each.collect();
        self.united(Schema::around(node), members)
    }

    fn alternatives(&mut self, node: &Node<'t>, types: &Types, depth: usize) -> Schema<'t> {
        if depth == DEEPEST {
            return Schema::of(Kind::Object);
        }
        let kind = match (types.kinds.as_slice(), shape(node)) {
            ([one], _) => Some(*one),
            ([], shape) => shape,
            _ => None,
        };
        let mut outer = Schema::around(node);
        match (self.host, kind) {
            (Host::Studio, Some(kind)) => outer = self.of_kind(node, kind, depth),
            (Host::Studio, None) => {}
            (Host::Vertex, _) => {
                let copied = node.size().saturating_mul(node.alternatives.len());
                let is_spent = self.above.pointers.spend(copied);
                outer.description = outer.description.filter(|_| is_spent);
                let base = is_spent.then_some(node);
                let members = self.each(&node.alternatives, base, kind, depth);
                return self.united(outer, members);
            }
        }
        let members = self.each(&node.alternatives, None, kind, depth);
        self.united(outer, members)
    }

    /// The alternatives that are possible; they stand one deeper.
    pub(super) fn each(
        &mut self,
        alternatives: &[Value<'t>],
        base: Option<&Node<'t>>,
        guess: Option<Kind>,
        depth: usize,
    ) -> Vec<Schema<'t>> {
        let alternatives = alternatives.iter();
        let compiled = alternatives.filter_map(|it| self.schema(&[*it], base, guess, depth + 1));
        compiled.collect()
    }

    /// Alternatives as one schema, and no `anyOf` where one can be without. Vertex AI: "When using `any_of`, it must be
    /// the only field set".
    pub(super) fn united(&self, mut outer: Schema<'t>, mut members: Vec<Schema<'t>>) -> Schema<'t> {
        let all = members.len();
        members.retain(|member| member.kind != Some(Kind::Null));
        let is_null = members.len() < all;
        outer.nullable |= is_null;
        if members.len() == 1
            && let Some(mut only) = members.pop()
        {
            if self.host == Host::Vertex && !only.alternatives.is_empty() {
                return Schema::alone(&outer, only.alternatives);
            }
            only.nullable |= outer.nullable;
            only.description = outer.description.or(only.description);
            return only;
        }
        if members.is_empty() {
            let kind = if is_null { Kind::Null } else { Kind::Object };
            outer.kind = outer.kind.or(Some(kind));
            outer.nullable &= outer.kind != Some(Kind::Null);
            return outer;
        }
        if members.iter().all(Schema::is_one_string) {
            return Schema::of_words(outer, members);
        }
        match self.host {
            Host::Vertex => Schema::alone(&outer, members),
            // An object that only must have one member or another: `required` alone says nothing here.
            Host::Studio
                if outer.kind.is_some() && members.iter().all(|it| it.adds_nothing(&outer)) =>
            {
                outer
            }
            Host::Studio => Schema {
                alternatives: members,
                ..outer
            },
        }
    }
}

impl Types {
    fn of(node: &Node<'_>) -> Self {
        let mut types = Self::default();
        let Some(said) = node.get("type") else {
            return types;
        };
        let several = said.elements();
        for name in several.chain(said.is_string().then_some(said)) {
            match name.as_str().and_then(|name| Kind::of(&name)) {
                Some(Kind::Null) => types.has_null = true,
                Some(kind) if !types.kinds.contains(&kind) => types.kinds.push(kind),
                _ => {}
            }
        }
        types
    }

    /// The only one, or the one that the other keywords mean.
    fn kind(&self, node: &Node<'_>) -> Kind {
        let only = self.kinds.first().copied();
        let null = self.has_null.then_some(Kind::Null);
        let seen = || shape(node).or(node.guess).unwrap_or(Kind::String);
        only.or(null).unwrap_or_else(seen)
    }
}

/// The kind that keywords belong to.
fn shape(node: &Node<'_>) -> Option<Kind> {
    let has = |names: &[&str]| names.iter().any(|name| node.get(name).is_some());
    if has(&["properties", "additionalProperties", "patternProperties"]) {
        Some(Kind::Object)
    } else {
        has(&["items", "prefixItems"]).then_some(Kind::Array)
    }
}

impl<'t> Schema<'t> {
    /// What is said around alternatives.
    fn around(node: &Node<'t>) -> Self {
        Self {
            description: node.description().map(|it| Cow::Borrowed(it.raw())),
            nullable: node.is_nullable,
            ..Self::default()
        }
    }

    fn make_nullable(&mut self, host: Host) {
        if host == Host::Vertex && !self.alternatives.is_empty() {
            for alternative in &mut self.alternatives {
                alternative.make_nullable(host);
            }
        } else {
            self.nullable = self.kind != Some(Kind::Null);
        }
    }

    /// Alternatives that are one word each.
    fn of_words(outer: Self, members: Vec<Self>) -> Self {
        let mut words = Self::of(Kind::String);
        words.nullable = outer.nullable || members.iter().any(|it| it.nullable);
        words.description = outer.description;
        let mut known = std::collections::BTreeSet::new();
        let all = members.into_iter().flat_map(|it| it.values);
        words.values = all.filter(|word| known.insert(word.clone())).collect();
        words
    }

    /// What was said around the alternatives is said in each.
    fn alone(outer: &Self, mut members: Vec<Self>) -> Self {
        for member in &mut members {
            if outer.nullable {
                member.make_nullable(Host::Vertex);
            }
            // One with alternatives of its own has nothing beside them.
            if member.alternatives.is_empty() && member.description.is_none() {
                member.description.clone_from(&outer.description);
            }
        }
        Self {
            alternatives: members,
            ..Self::default()
        }
    }

    /// Several objects are an object: "schema didn't specify the schema type field".
    fn name_objects(&mut self) {
        let is_object = |it: &Self| it.kind == Some(Kind::Object);
        if self.kind.is_none() && self.alternatives.iter().all(is_object) {
            self.kind = Some(Kind::Object);
        }
        if self.alternatives.iter().all(|it| it.adds_nothing(self)) {
            self.alternatives.clear();
        }
    }

    fn adds_nothing(&self, outer: &Self) -> bool {
        let bare = Self {
            kind: outer.kind,
            ..Self::default()
        };
        *self == bare
    }
}
