//! Changes to one object, as edits of the text it stands in.

use std::borrow::Cow;

use crate::json::view::{Value, without_mark};
use crate::platform::Edit;

/// An object's members, and what becomes of each. Of several members of one name all are meant.
pub struct Patch<'t> {
    object: Value<'t>,
    members: Vec<Member<'t>>,
    added: Vec<String>,
}

struct Member<'t> {
    key: Value<'t>,
    value: Value<'t>,
    name: Cow<'t, str>,
    new_key: Option<String>,
    new_value: Option<String>,
    is_gone: bool,
}

impl<'t> Patch<'t> {
    pub fn of(object: Value<'t>) -> Self {
        let members = object.members().map(|(key, value)| Member {
            key,
            value,
            name: key.as_str().unwrap_or_default(),
            new_key: None,
            new_value: None,
            is_gone: false,
        });
        Self {
            object,
            members: members.collect(),
            added: Vec::new(),
        }
    }

    /// The value as it stood before any change; of several the last.
    pub fn get(&self, name: &str) -> Option<Value<'t>> {
        let member = self.members.iter().rev().find(|it| it.name == name)?;
        Some(member.value)
    }

    /// All values of that name.
    pub fn values(&self, name: &str) -> impl Iterator<Item = Value<'t>> {
        let members = self.members.iter().filter(move |it| it.name == name);
        members.map(|it| it.value)
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn remove(&mut self, name: &str) {
        self.retain(|it, _| it != name);
    }

    /// Removes the members `keep` does not want.
    pub fn retain(&mut self, keep: impl Fn(&str, Value<'t>) -> bool) {
        for member in &mut self.members {
            member.is_gone |= !keep(&member.name, member.value);
        }
    }

    /// Gives a member a value, as JSON text, and adds it where there is none.
    pub fn set(&mut self, name: &str, value: &str) {
        let mut found = false;
        for member in self.named(name) {
            found = true;
            member.is_gone = false;
            member.new_value = (member.value.raw() != value.as_bytes()).then(|| value.to_owned());
        }
        if !found {
            self.added.push(format!("{}:{value}", quoted(name)));
        }
    }

    /// Gives a member another name; its value stays.
    pub fn rename(&mut self, name: &str, to: &str) {
        for member in self.named(name) {
            member.new_key = Some(quoted(to));
        }
    }

    fn named(&mut self, name: &str) -> impl Iterator<Item = &mut Member<'t>> {
        self.members.iter_mut().filter(move |it| it.name == name)
    }

    /// The edits of a text that is the object, with those `inside` of its members. A byte-order mark goes: RFC 8259
    /// section 8.1 allows a reader to refuse it, and Azure's do.
    pub fn edits_of_text(self, text: &[u8], inside: Vec<Edit>) -> Vec<Edit> {
        let mark = (text.len() - without_mark(text).len()) as u64;
        let mut edits = inside;
        edits.extend(self.edits());
        if mark > 0 {
            edits.push(Edit::remove(0..mark));
        }
        sort(&mut edits);
        edits
    }

    /// The edits, sorted and apart from each other.
    pub fn edits(self) -> Vec<Edit> {
        let mut edits = Vec::new();
        let kept = self.members.iter().filter(|it| !it.is_gone).count();
        if !self.added.is_empty() {
            let inside = self.object.range().start + 1;
            let comma = if kept > 0 { "," } else { "" };
            edits.push(Edit::insert(inside, self.added.join(",") + comma));
        }
        self.remove_runs(&mut edits);
        for member in self.members.iter().filter(|it| !it.is_gone) {
            let new_key = member.new_key.clone();
            let new_value = member.new_value.clone();
            edits.extend(new_key.map(|text| replace(member.key, text)));
            edits.extend(new_value.map(|text| replace(member.value, text)));
        }
        sort(&mut edits);
        edits
    }

    /// A run of members that go takes one comma along: the one in front, or, for the first ones, the one behind.
    fn remove_runs(&self, edits: &mut Vec<Edit>) {
        let mut kept_before: Option<&Member<'_>> = None;
        for run in self
            .members
            .chunk_by(|left, right| left.is_gone == right.is_gone)
        {
            let (Some(first), Some(last)) = (run.first(), run.last()) else {
                continue;
            };
            if !first.is_gone {
                kept_before = Some(last);
                continue;
            }
            let behind = self
                .members
                .iter()
                .find(|it| !it.is_gone && it.key.range().start > last.key.range().start);
            let range = match (kept_before, behind) {
                (Some(before), _) => before.value.range().end..last.value.range().end,
                (None, Some(behind)) => first.key.range().start..behind.key.range().start,
                (None, None) => first.key.range().start..last.value.range().end,
            };
            edits.push(Edit::remove(range));
        }
    }
}

/// Puts a text in a value's place.
pub fn replace(value: Value<'_>, text: String) -> Edit {
    Edit {
        range: value.range(),
        text,
    }
}

/// Puts a text in front of a value and one behind it; the value itself is not copied.
pub fn wrap(value: Value<'_>, before: &str, behind: &str) -> [Edit; 2] {
    let place = value.range();
    [
        Edit::insert(place.start, before),
        Edit::insert(place.end, behind),
    ]
}

/// Brings edits from several places into the order of the text. An insertion comes before what begins there.
pub fn sort(edits: &mut [Edit]) {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
}

/// A text with its edits made; they are sorted and apart from each other.
pub fn apply(text: &[u8], edits: &[Edit]) -> Vec<u8> {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let grown: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut out = Vec::with_capacity(text.len() + grown);
    let mut at = 0;
    for edit in edits {
        let between = text.get(at..place(edit.range.start));
        out.extend_from_slice(between.unwrap_or_default());
        out.extend_from_slice(edit.text.as_bytes());
        at = place(edit.range.end);
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    out
}

/// A string as JSON text.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Patch, apply};
    use crate::json::Value;

    fn changed(text: &str, change: impl Fn(&mut Patch)) -> String {
        let mut patch = Patch::of(Value::first(text.as_bytes()).unwrap());
        change(&mut patch);
        String::from_utf8(apply(text.as_bytes(), &patch.edits())).unwrap()
    }

    #[test]
    fn members_go_with_one_comma() {
        let text = r#"{"a":1, "b" : 2,"c":3 , "d":4}"#;
        let without = |names: &str| changed(text, |it| it.retain(|name, _| !names.contains(name)));
        assert_eq!(without("a"), r#"{"b" : 2,"c":3 , "d":4}"#);
        assert_eq!(without("ab"), r#"{"c":3 , "d":4}"#);
        assert_eq!(without("bc"), r#"{"a":1 , "d":4}"#);
        assert_eq!(without("ac"), r#"{"b" : 2 , "d":4}"#);
        assert_eq!(without("d"), r#"{"a":1, "b" : 2,"c":3}"#);
        assert_eq!(without("abcd"), "{}");
    }

    #[test]
    fn members_are_set_renamed_and_added() {
        assert_eq!(changed(r#"{"a":1}"#, |it| it.set("a", "2")), r#"{"a":2}"#);
        assert_eq!(
            changed(r#"{"a":1}"#, |it| it.set("b", "2")),
            r#"{"b":2,"a":1}"#
        );
        assert_eq!(changed("{ }", |it| it.set("b", "2")), r#"{"b":2 }"#);
        assert_eq!(
            changed(r#"{"a":1,"a":2}"#, |it| it.rename("a", "b")),
            r#"{"b":1,"b":2}"#
        );
        let all = changed(r#"{"a":1,"b":2}"#, |it| {
            it.retain(|_, _| false);
            it.set("c", "3");
        });
        assert_eq!(all, r#"{"c":3}"#);
    }
}
