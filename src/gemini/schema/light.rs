//! JSON Schema for models that know it: nearly all may stay, and most keywords nobody knows are passed over.
//!
//! Not taken are references of most forms ("`$ref` was set alongside unsupported fields") and drafts' own names.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;

use crate::json::{Value, Writer, inside};

use super::DEEPEST;
use super::hoisted::Hoisted;
use super::pointers::Pointers;

/// What marks a schema in which something may have to change.
const MARKS: [&str; 4] = ["\"$", "\"allOf\"", "\"definitions\"", "\"strict\""];

/// About the document, or for OpenAI: said of the outermost schema.
const OF_THE_ROOT: [&str; 4] = ["$schema", "$comment", "$id", "strict"];

/// Keywords whose value is one schema; of `items` it may be a list.
const ONE: [&str; 7] = [
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
];

const LISTS: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];

/// Where a document keeps its definitions, of late and before.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

/// Keywords that hold schemas by names, which are no keywords.
const MAPS: [&str; 4] = ["properties", "$defs", "definitions", "patternProperties"];

/// Without one of these an object is any object.
const TELLING: [&str; 6] = [
    "properties",
    "patternProperties",
    "$ref",
    "anyOf",
    "oneOf",
    "allOf",
];

/// None: an object without properties.
pub(super) fn clean(schema: Value<'_>) -> Option<Cow<'_, [u8]>> {
    if !schema.is_object() {
        return None;
    }
    let text = schema.raw();
    if !MARKS
        .iter()
        .any(|mark| memmem::find(text, mark.as_bytes()).is_some())
    {
        return asks(schema).then_some(Cow::Borrowed(text));
    }
    let mut light = Light {
        pointers: Pointers::of(schema),
        root: schema.range().start,
        places: BTreeSet::new(),
        hoisted: Hoisted::default(),
        is_changed: false,
    };
    let mut out = Writer::default();
    light.schema(&mut out, None, schema, 0);
    let cleaned = if light.is_changed {
        Cow::Owned(out.into_bytes())
    } else {
        Cow::Borrowed(text)
    };
    Value::first(&cleaned).is_some_and(asks).then_some(cleaned)
}

/// Whether anything is asked of the value but that it is an object.
fn asks(schema: Value<'_>) -> bool {
    schema.members().any(|(key, value)| {
        let is_something = !value.is_null() && !value.is_empty();
        match key.as_str().as_deref() {
            Some("type") => !value.is("object"),
            Some("enum" | "const") => true,
            Some("additionalProperties") => value.is_object() && is_something,
            Some(name) => TELLING.contains(&name) && is_something,
            None => false,
        }
    })
}

struct Light<'t> {
    pointers: Pointers<'t>,
    /// Where the outermost schema stands.
    root: u64,
    /// Where the schemas that are being written stand, each inside of the one before.
    places: BTreeSet<u64>,
    /// What contains itself.
    hoisted: Hoisted<'t>,
    is_changed: bool,
}

/// A schema, with what is merged into it; later ones are over earlier ones.
#[derive(Default)]
struct Merged<'t> {
    layers: Vec<Value<'t>>,
    /// It is what a definition says: nothing else is said beside.
    reference: Option<Cow<'t, str>>,
    /// It stands for an object that cannot be written out.
    is_opaque: bool,
    described: Option<Value<'t>>,
    /// Where it and what is merged into it stand, as far as they are new among what is being written.
    entered: Vec<u64>,
}

/// A member of the merged schema, with the values of all layers that count.
struct Member<'t> {
    name: Cow<'t, str>,
    key: Value<'t>,
    values: Vec<Value<'t>>,
}

enum Means<'t> {
    /// One of the definitions.
    Definition(Cow<'t, str>),
    Elsewhere(Value<'t>),
    Nothing,
}

impl<'t> Light<'t> {
    fn schema(&mut self, out: &mut Writer, key: Option<&str>, schema: Value<'t>, depth: usize) {
        if !schema.is_object() || depth > DEEPEST {
            return put(out, key, schema.raw());
        }
        let mut merged = Merged::default();
        self.enter(schema, &mut merged);
        self.merge(schema, &mut merged, depth == 0, 0);
        match key {
            Some(key) => out.open_member(key),
            None => out.open(),
        }
        if let Some(reference) = &merged.reference {
            out.string("$ref", reference);
        }
        let members = self.members(&merged, depth == 0);
        merged.write_opaque(out, &members);
        for member in &members {
            self.member(out, member, depth);
        }
        if depth == 0 {
            self.definitions(out, &members);
        }
        out.close();
        for place in merged.entered {
            self.places.remove(&place);
        }
    }

    /// The document's own, and those that were made on the way: last, for each may make more.
    fn definitions(&mut self, out: &mut Writer, members: &[Member<'t>]) {
        let own = members.iter().find(|it| it.name == "$defs");
        if own.is_none() && self.hoisted.is_empty() {
            return;
        }
        out.open_member("$defs");
        if let Some(own) = own {
            self.map(out, &own.values, 0);
        }
        while let Some((name, schema)) = self.hoisted.next() {
            self.schema(out, Some(&name), schema, 1);
        }
        out.close();
    }

    fn enter(&mut self, schema: Value<'t>, merged: &mut Merged<'t>) {
        let place = schema.range().start;
        if self.places.insert(place) {
            merged.entered.push(place);
        }
    }

    fn merge(&mut self, schema: Value<'t>, merged: &mut Merged<'t>, is_root: bool, level: usize) {
        if level > DEEPEST || !schema.is_object() {
            return;
        }
        if let Some(reference) = schema.get("$ref") {
            let text = reference.as_str().unwrap_or_default();
            match self.meaning(&text, is_root) {
                Means::Definition(name) => {
                    self.is_changed |= !reference.is(&name) || level > 0;
                    merged.reference = Some(name);
                }
                Means::Elsewhere(target) => {
                    self.is_changed = true;
                    if self.is_cyclic(target, merged) {
                        let name = self.hoisted.name(target, &text, &mut self.pointers);
                        merged.reference = name.map(|it| format!("#/$defs/{it}").into());
                    }
                    if merged.reference.is_none() {
                        self.write_out(target, merged, is_root, level);
                    }
                }
                Means::Nothing => self.is_changed = true,
            }
        }
        if let Some(only) = only_member(schema) {
            self.is_changed = true;
            self.merge(only, merged, is_root, level + 1);
        }
        merged.layers.push(schema);
    }

    /// Whether the reference leads out of the schema it stands in and around it, or to what did so before. One that
    /// leads to nothing but itself says nothing.
    fn is_cyclic(&self, target: Value<'t>, merged: &Merged<'t>) -> bool {
        let place = target.range().start;
        let is_around = self.places.contains(&place) && !merged.entered.contains(&place);
        is_around || self.hoisted.has(place)
    }

    /// Puts what is referred to in the reference's place, unless it is too much.
    fn write_out(
        &mut self,
        target: Value<'t>,
        merged: &mut Merged<'t>,
        is_root: bool,
        level: usize,
    ) {
        let is_new = !self.places.contains(&target.range().start);
        if is_new && self.pointers.spend(target.raw().len()) {
            self.enter(target, merged);
            return self.merge(target, merged, is_root, level + 1);
        }
        merged.is_opaque = true;
        merged.described = self.pointers.description(target);
    }

    /// The outermost schema has to be an object, and cannot be a reference.
    fn meaning(&mut self, reference: &str, is_root: bool) -> Means<'t> {
        let Some(target) = self.pointers.find(reference) else {
            // A name given by `$anchor` is known.
            let is_anchor = reference.len() > 1
                && reference.starts_with('#')
                && !reference.starts_with("#/")
                && !is_root;
            return if is_anchor {
                Means::Definition(Cow::Owned(reference.to_owned()))
            } else {
                Means::Nothing
            };
        };
        let current = |name: &str| format!("#/$defs/{name}");
        let one = |name: &&str| !is_root && !name.contains('/');
        if reference
            .strip_prefix("#/$defs/")
            .is_some_and(|name| one(&name))
        {
            return Means::Definition(Cow::Owned(reference.to_owned()));
        }
        let old = reference.strip_prefix("#/definitions/").filter(one);
        match old.map(current) {
            // Two definitions of one name, an old and a new one.
            Some(name) if self.pointers.find(&name).is_some() => Means::Elsewhere(target),
            Some(name) => Means::Definition(Cow::Owned(name)),
            None => Means::Elsewhere(target),
        }
    }

    fn members(&mut self, merged: &Merged<'t>, is_root: bool) -> Vec<Member<'t>> {
        let mut members: Vec<Member<'t>> = Vec::new();
        let mut known = BTreeMap::new();
        for layer in &merged.layers {
            let is_merged = only_member(*layer).is_some();
            let is_document = is_root || layer.range().start == self.root;
            for (key, value) in layer.members() {
                let name = key.as_str().unwrap_or_default();
                let is_gone = name == "$ref"
                    || name == "allOf" && is_merged
                    || is_document && OF_THE_ROOT.contains(&&*name)
                    || is_document && !is_root && DEFINITIONS.contains(&&*name)
                    || merged.reference.is_some() && !name.starts_with('$');
                if is_gone {
                    self.is_changed |= name != "$ref";
                    continue;
                }
                let is_old = is_root && name == "definitions";
                self.is_changed |= is_old;
                let name = if is_old { Cow::Borrowed("$defs") } else { name };
                let place = *known.entry(name.clone()).or_insert(members.len());
                match members.get_mut(place) {
                    None => members.push(Member {
                        name,
                        key,
                        values: vec![value],
                    }),
                    // The new definitions are over the old ones.
                    Some(member) if is_old => member.values.insert(0, value),
                    Some(member) if adds_up(&member.name) => member.values.push(value),
                    Some(member) => member.values = vec![value],
                }
            }
        }
        members
    }

    fn member(&mut self, out: &mut Writer, member: &Member<'t>, depth: usize) {
        if depth == 0 && member.name == "$defs" {
            return;
        }
        let key = match &*member.name {
            "$defs" => Cow::Borrowed("$defs"),
            _ => String::from_utf8_lossy(inside(member.key)),
        };
        let (name, values) = (&&*member.name, member.values.as_slice());
        let Some(value) = values.last() else { return };
        if MAPS.contains(name) && values.iter().all(|it| it.is_object()) {
            out.open_member(&key);
            self.map(out, values, depth);
            out.close();
        } else if value.is_array() && (LISTS.contains(name) || *name == "items") {
            out.open_list(&key);
            value
                .elements()
                .for_each(|it| self.schema(out, None, it, depth + 1));
            out.close_list();
        } else if ONE.contains(name) {
            self.schema(out, Some(&key), *value, depth + 1);
        } else if values.len() > 1 && values.iter().all(|it| it.is_array()) {
            out.open_list(&key);
            let mut known = BTreeSet::new();
            let all = values.iter().flat_map(|it| it.elements()).map(Value::raw);
            all.filter(|it| known.insert(*it))
                .for_each(|it| out.item(it));
            out.close_list();
        } else {
            out.raw(&key, value.raw());
        }
    }

    /// Schemas by name; of several of one name the last counts.
    fn map(&mut self, out: &mut Writer, maps: &[Value<'t>], depth: usize) {
        let mut last = BTreeMap::new();
        for (key, schema) in maps.iter().flat_map(|it| it.members()) {
            last.insert(inside(key), schema.range().start);
        }
        for (key, schema) in maps.iter().flat_map(|it| it.members()) {
            if last.get(inside(key)) == Some(&schema.range().start) {
                let name = String::from_utf8_lossy(inside(key));
                self.schema(out, Some(&name), schema, depth + 1);
            }
        }
    }
}

impl<'t> Merged<'t> {
    fn write_opaque(&self, out: &mut Writer, members: &[Member<'t>]) {
        if !self.is_opaque || self.reference.is_some() {
            return;
        }
        let says = |name: &str| members.iter().any(|it| it.name == name);
        if !says("type") {
            out.word("type", "object");
        }
        if !says("description") {
            out.value("description", self.described);
        }
    }
}

/// What several layers say of these is meant together.
fn adds_up(name: &str) -> bool {
    name == "required" || MAPS.contains(&name)
}

/// `allOf` one schema is that schema.
fn only_member(schema: Value<'_>) -> Option<Value<'_>> {
    let mut members = schema.get("allOf")?.elements();
    let only = members.next().filter(|it| it.is_object());
    only.filter(|_| members.next().is_none())
}

fn put(out: &mut Writer, key: Option<&str>, value: &[u8]) {
    match key {
        Some(key) => out.raw(key, value),
        None => out.item(value),
    }
}
