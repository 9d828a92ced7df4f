//! Where a schema's references lead, and how much may be copied from there.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::json::Value;

/// No pointer to a schema goes further.
const MOST_STEPS: usize = 64;

/// What may be copied: this, and so many times the schema. References to references double with each: ten lines can say
/// a gigabyte.
const FREE: usize = 32 << 10;
const TIMES: usize = 16;

/// What a copy counts at least.
const COPY: usize = 32;

pub(super) struct Pointers<'t> {
    root: Value<'t>,
    /// Containers on the way of a pointer, by where they stand: each is read once.
    opened: BTreeMap<u64, BTreeMap<Cow<'t, str>, Value<'t>>>,
    allowance: usize,
}

impl<'t> Pointers<'t> {
    pub(super) fn of(root: Value<'t>) -> Self {
        Self {
            root,
            opened: BTreeMap::new(),
            allowance: FREE + TIMES * root.raw().len(),
        }
    }

    /// What a local reference means: `#`, or a pointer (RFC 6901) behind it.
    pub(super) fn find(&mut self, reference: &str) -> Option<Value<'t>> {
        let path = reference.strip_prefix('#')?;
        if path.is_empty() {
            return Some(self.root);
        }
        let mut at = self.root;
        for (number, step) in path.strip_prefix('/')?.split('/').enumerate() {
            if number == MOST_STEPS {
                return None;
            }
            at = self.member(at, &unescaped(step))?;
        }
        Some(at)
    }

    /// A member, or an element by its number.
    fn member(&mut self, container: Value<'t>, name: &str) -> Option<Value<'t>> {
        let place = container.range().start;
        let opened = self.opened.entry(place).or_insert_with(|| open(container));
        opened.get(name).copied()
    }

    /// The description of something that is not copied, if at least that can be.
    pub(super) fn description(&mut self, target: Value<'t>) -> Option<Value<'t>> {
        let described = self.member(target, "description");
        let described = described.filter(|it| it.is_string())?;
        self.spend(described.raw().len()).then_some(described)
    }

    /// Whether so much more may be copied.
    pub(super) fn spend(&mut self, bytes: usize) -> bool {
        match self.allowance.checked_sub(bytes.saturating_add(COPY)) {
            Some(left) => {
                self.allowance = left;
                true
            }
            None => false,
        }
    }
}

fn open(container: Value<'_>) -> BTreeMap<Cow<'_, str>, Value<'_>> {
    let members = container.members();
    let named = members.filter_map(|(key, value)| Some((key.as_str()?, value)));
    let elements = container.elements().enumerate();
    let numbered = elements.map(|(number, value)| (Cow::Owned(number.to_string()), value));
    named.chain(numbered).collect()
}

fn unescaped(step: &str) -> Cow<'_, str> {
    if !step.contains(['%', '~']) {
        return Cow::Borrowed(step);
    }
    let step = without_percents(step);
    Cow::Owned(step.replace("~1", "/").replace("~0", "~"))
}

fn without_percents(step: &str) -> String {
    let mut out = Vec::with_capacity(step.len());
    let mut rest = step.as_bytes();
    while let [first, behind @ ..] = rest {
        let digits = behind.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        let is_code = |it: &&str| it.bytes().all(|byte| byte.is_ascii_hexdigit());
        let coded = digits.filter(|it| *first == b'%' && is_code(it));
        if let Some(byte) = coded.and_then(|it| u8::from_str_radix(it, 16).ok()) {
            out.push(byte);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = behind;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Pointers;
    use crate::json::Value;

    #[test]
    fn pointers_lead_to_values() {
        let text =
            br##"{"$defs":{"a b":1,"c/d~":2,"100%":3,"~1":4},"list":[5,{"x":6}],"":7,"$ref":"#"}"##;
        let mut pointers = Pointers::of(Value::first(text).unwrap());
        for (reference, expected) in [
            ("#/$defs/a%20b", Some("1")),
            ("#/%24defs/a b", Some("1")),
            ("#/$defs/c~1d~0", Some("2")),
            ("#/$defs/c%7E1d~0", Some("2")),
            ("#/$defs/100%", Some("3")),
            ("#/$defs/~01", Some("4")),
            ("#/list/0", Some("5")),
            ("#/list/1/x", Some("6")),
            ("#/", Some("7")),
            ("#/list/2", None),
            ("#/list/x", None),
            ("#/list/0/0", None),
            ("#anchor", None),
            ("https://example.com/x.json", None),
            ("", None),
        ] {
            let found = pointers.find(reference).map(Value::raw);
            assert_eq!(found, expected.map(str::as_bytes), "{reference}");
        }
        assert_eq!(pointers.find("#").unwrap().raw(), text);
    }

    #[test]
    fn copies_are_counted() {
        let mut pointers = Pointers::of(Value::first(b"{}").unwrap());
        assert!(pointers.spend(super::FREE));
        assert!(!pointers.spend(1));
    }
}
