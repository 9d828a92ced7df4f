//! A call whose arguments come in pieces, each with the path of its place. Only Vertex AI does that, when it is asked
//! to.

use crate::gemini::answer::cursor::{Cursor, inside, unescaped};
use crate::gemini::answer::read::{elements, members, strings, values};
use crate::json::Writer;

/// Deeper arguments are no model's; and what is written by recursion must not be deep.
const MAX_DEPTH: usize = 64;

/// What arrays may have: an index makes all those before it.
const MAX_INDEX: usize = 10_000;

/// All values of a call together. An object's are looked for one by one.
const MAX_VALUES: usize = 20_000;

const MAX_BYTES: usize = 4 << 20;

/// The call so far. Strings stand as they do between quotes.
#[derive(Debug)]
pub(super) struct Partial {
    pub(super) id: Vec<u8>,
    pub(super) name: Vec<u8>,
    pub(super) signature: Vec<u8>,
    args: Node,
    values: usize,
    bytes: usize,
}

#[derive(Debug, Default)]
enum Node {
    #[default]
    Nothing,
    /// JSON.
    Value(Vec<u8>),
    /// What stands between the quotes; it may go on.
    Text(Vec<u8>),
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
}

enum Step {
    Key(String),
    Index(usize),
}

/// The pieces make no arguments, or more than can be held.
#[derive(Debug)]
pub(super) struct Unusable;

impl Partial {
    pub(super) fn new(call: &[u8], signature: &[u8]) -> Self {
        let [id, name] = strings(call, [b"id", b"name"]);
        Self {
            id: id.to_vec(),
            name: name.to_vec(),
            signature: signature.to_vec(),
            args: Node::Object(Vec::new()),
            values: 0,
            bytes: 0,
        }
    }

    /// Takes the `partialArgs` of a piece, and `args`, should they come whole after all.
    pub(super) fn take(&mut self, call: &[u8]) -> Result<(), Unusable> {
        let [partial, args] = values(call, [b"partialArgs", b"args"]);
        if let Some(args) = args {
            self.make_room(args)?;
            self.args.replace_by(args);
        }
        for piece in elements(partial.unwrap_or_default(), Cursor::value) {
            self.take_piece(piece)?;
        }
        Ok(())
    }

    pub(super) fn args(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.args.write(&mut out);
        out.into_bytes()
    }

    fn take_piece(&mut self, piece: &[u8]) -> Result<(), Unusable> {
        let names: [&[u8]; 5] = [
            b"jsonPath",
            b"stringValue",
            b"numberValue",
            b"boolValue",
            b"nullValue",
        ];
        let [path, text, number, truth, null] = members(piece, names);
        let path = unescaped(path.map(inside).unwrap_or_default());
        let steps = steps(&path).ok_or(Unusable)?;
        let value = number.or(truth).or(null.map(|_| &b"null"[..]));
        self.make_room(piece)?;
        let node = self.node(steps)?;
        match (text, value) {
            (Some(text), _) => node.append(inside(text)),
            (None, Some(value)) => *node = Node::Value(value.to_vec()),
            (None, None) => {}
        }
        Ok(())
    }

    fn make_room(&mut self, piece: &[u8]) -> Result<(), Unusable> {
        self.bytes += piece.len();
        (self.bytes <= MAX_BYTES).then_some(()).ok_or(Unusable)
    }

    /// The node at a path, made with all that leads to it.
    fn node(&mut self, steps: Vec<Step>) -> Result<&mut Node, Unusable> {
        let mut node = &mut self.args;
        for step in steps {
            let made;
            (node, made) = node.child(step).ok_or(Unusable)?;
            self.values += made;
            if self.values > MAX_VALUES {
                return Err(Unusable);
            }
        }
        Ok(node)
    }
}

impl Node {
    /// The child a step leads to, and how many had to be made. What is no container becomes one.
    fn child(&mut self, step: Step) -> Option<(&mut Self, usize)> {
        match step {
            Step::Key(name) => {
                if !matches!(self, Self::Object(_)) {
                    *self = Self::Object(Vec::new());
                }
                let Self::Object(members) = self else {
                    return None;
                };
                let found = members.iter().position(|(key, _)| *key == name);
                let at = found.unwrap_or(members.len());
                if found.is_none() {
                    members.push((name, Self::Nothing));
                }
                let (_, node) = members.get_mut(at)?;
                Some((node, usize::from(found.is_none())))
            }
            Step::Index(index) => {
                if !matches!(self, Self::Array(_)) {
                    *self = Self::Array(Vec::new());
                }
                let Self::Array(items) = self else {
                    return None;
                };
                let made = (index + 1).saturating_sub(items.len());
                if made > 0 {
                    items.resize_with(index + 1, Self::default);
                }
                Some((items.get_mut(index)?, made))
            }
        }
    }

    fn append(&mut self, more: &[u8]) {
        if let Self::Text(text) = self {
            text.extend_from_slice(more);
        } else {
            *self = Self::Text(more.to_vec());
        }
    }

    /// The members of an object, so that pieces may still join them.
    fn replace_by(&mut self, object: &[u8]) {
        let mut cursor = Cursor::new(object);
        if !cursor.enter(b'{') {
            return;
        }
        let mut members = Vec::new();
        while let Some(key) = cursor.key() {
            let name = unescaped(key).into_owned();
            members.push((name, Self::Value(cursor.value().to_vec())));
        }
        *self = Self::Object(members);
    }

    /// Nodes are never deeper than [`MAX_DEPTH`].
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Nothing => out.item(b"null"),
            Self::Value(value) => out.item(value),
            Self::Text(text) => out.item(&[b"\"", &text[..], b"\""].concat()),
            Self::Object(members) => {
                out.open();
                for (name, node) in members {
                    let mut value = Writer::default();
                    node.write(&mut value);
                    let key = crate::json::quoted(name).into_bytes();
                    out.item(&[&key[..], b":", &value.into_bytes()].concat());
                }
                out.close();
            }
            Self::Array(items) => {
                let mut list = Writer::default();
                for item in items {
                    item.write(&mut list);
                }
                out.item(&[b"[", &list.into_bytes()[..], b"]"].concat());
            }
        }
    }
}

/// The steps of a path like `$.a.b[0]['c']`; None if it is none, leads nowhere, or too far.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, behind) = step(rest)?;
        steps.push(step);
        rest = behind;
    }
    (1..=MAX_DEPTH).contains(&steps.len()).then_some(steps)
}

fn step(path: &str) -> Option<(Step, &str)> {
    if let Some(name) = path.strip_prefix('.') {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (name, rest) = name.split_at(end);
        return (!name.is_empty()).then(|| (Step::Key(name.to_owned()), rest));
    }
    let inside = path.strip_prefix('[')?;
    for quote in ['\'', '"'] {
        if let Some(name) = inside.strip_prefix(quote) {
            let (name, rest) = name.split_once(&[quote, ']'].iter().collect::<String>())?;
            return Some((Step::Key(name.to_owned()), rest));
        }
    }
    let (index, rest) = inside.split_once(']')?;
    let index = index.parse().ok().filter(|index| *index <= MAX_INDEX)?;
    Some((Step::Index(index), rest))
}

#[cfg(test)]
mod tests {
    use super::Partial;

    fn args(pieces: &[&str]) -> Option<String> {
        let mut partial = Partial::new(br#"{"name":"w"}"#, b"");
        for piece in pieces {
            let call = format!(r#"{{"partialArgs":[{piece}]}}"#);
            partial.take(call.as_bytes()).ok()?;
        }
        Some(String::from_utf8(partial.args()).unwrap())
    }

    #[test]
    fn pieces_find_their_places() {
        for (pieces, expected) in [
            (&[][..], "{}"),
            (
                &[
                    r#"{"jsonPath":"$.city","stringValue":"Bos","willContinue":true}"#,
                    r#"{"jsonPath":"$.city","stringValue":"t\non"},{"jsonPath":"$.n","numberValue":2}"#,
                    r#"{"jsonPath":"$.city","stringValue":""}"#,
                ],
                r#"{"city":"Bost\non","n":2}"#,
            ),
            (
                &[
                    r#"{"jsonPath":"$.a[1].b","boolValue":true}"#,
                    r#"{"jsonPath":"$.a[0]","nullValue":"NULL_VALUE"}"#,
                    r#"{"jsonPath":"$.a[2]['x.y']","numberValue":1.50}"#,
                ],
                r#"{"a":[null,{"b":true},{"x.y":1.50}]}"#,
            ),
            (
                &[r#"{"jsonPath":"$[\"a]b\"]","nullValue":null}"#],
                r#"{"a]b":null}"#,
            ),
        ] {
            assert_eq!(args(pieces).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_leads_nowhere_or_too_far_is_not_usable() {
        let deep = format!(r#"{{"jsonPath":"${}","numberValue":1}}"#, ".a".repeat(65));
        let wide: Vec<_> = (0..11)
            .map(|at| format!(r#"{{"jsonPath":"$.a{at}[10000]","numberValue":1}}"#))
            .collect();
        let wide: Vec<_> = wide.iter().map(String::as_str).collect();
        assert_eq!(args(&[&deep]), None);
        assert_eq!(args(&wide), None);
        for path in [
            "", "$", "a", "$.", "$..a", "$[10001]", "$[-1]", "$['a", "$[a]",
        ] {
            let piece = format!(r#"{{"jsonPath":"{path}","numberValue":1}}"#);
            assert_eq!(args(&[&piece]), None, "{path}");
        }
    }
}
