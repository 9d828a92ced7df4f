//! A first look at a JSON request: `model` and `stream`, found without a parse.
//!
//! The scan checks the whole text against the grammar of RFC 8259, skips every value it does not need, and
//! remembers where the `model` stands, so that it can be replaced in the client's own bytes. The text may come
//! in windows cut anywhere; nothing of it is kept but the two values. As in a full parser the last duplicate
//! of a key counts; since an upstream may think otherwise, *every* `model` of the object is replaced.

mod nesting;
mod number;
mod place;
mod strings;

use std::ops::Range;

use crate::error::{Error, Result};

use self::nesting::{Container, MAX_DEPTH, Nesting};
use self::number::Number;
use self::place::Place;
use self::strings::{plain_prefix, unescape};

/// `"stream"` with every letter as `\u0073` is 36 bytes long: a longer key is neither of ours.
const MAX_KEY: usize = 36;
const MAX_MODEL: usize = 1024;
/// A second `model` is a mistake, a ninth is an attack.
const MAX_MODELS: usize = 8;

const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// What the scan found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent findings, not states of one thing"
)]
pub struct Found {
    /// The last `model`, if it is a string.
    pub model: Option<String>,
    /// Where each value of a `model` stands, quotes included.
    pub model_spans: Vec<Range<u64>>,
    /// Just behind the opening brace: where a first member can be inserted. None if the text is no object.
    pub inside_object: Option<u64>,
    /// The object has no member at all.
    pub is_empty: bool,
    pub stream: bool,
    /// There is a `Model` or `MODEL`, which some parsers (Go's) take for the `model`, or a `model` that is no name.
    pub is_ambiguous: bool,
    /// The text began with a byte-order mark, which JSON does not have.
    pub byte_order_mark: bool,
}

/// What must survive between windows: the place in the grammar (`expect`, `token`, `nesting`), the key or
/// value being captured, the place for messages, and what was found so far. Always
/// `nesting.depth <= MAX_DEPTH`, `captured.len() <= MAX_MODEL`.
pub struct Scan {
    expect: Expect,
    token: Token,
    nesting: Nesting,
    captured: Vec<u8>,
    /// What the value that comes next, or is being read, belongs to.
    member: Member,
    value_start: u64,
    model_problem: Option<&'static str>,
    place: Place,
    found: Found,
}

/// What may come next, between tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    KeyOrEnd,
    Key,
    Colon,
    CommaOrEnd,
    Nothing,
}

/// The token the window was cut in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    None,
    Mark {
        seen: usize,
    },
    String {
        role: Role,
        escape: Escape,
    },
    Number(Number),
    /// `true`, `false` or `null`, with what is still to come.
    Word {
        rest: &'static [u8],
        truth: bool,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Key,
    Value,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Begun,
    Unicode { left: u8 },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Member {
    Other,
    Model,
    Stream,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            expect: Expect::Value,
            token: Token::Mark { seen: 0 },
            nesting: Nesting::default(),
            captured: Vec::new(),
            member: Member::Other,
            value_start: 0,
            model_problem: None,
            place: Place::default(),
            found: Found::default(),
        }
    }
}

impl Scan {
    /// Takes the next bytes of the text.
    pub fn push(&mut self, window: &[u8]) -> Result<()> {
        let mut rest = window;
        while let Some((&byte, after)) = rest.split_first() {
            let taken = match self.token {
                Token::None => self.between(byte)?,
                Token::Mark { seen } => self.mark(seen, byte)?,
                Token::String {
                    role,
                    escape: Escape::None,
                } => {
                    let plain = plain_prefix(rest);
                    if plain > 0 {
                        let (text, after) = rest.split_at(plain);
                        self.capture(text);
                        self.place.advance(plain);
                        rest = after;
                        continue;
                    }
                    self.string_byte(role, byte)?
                }
                Token::String { role, escape } => self.escape_byte(role, escape, byte)?,
                Token::Number(number) => self.number_byte(number, byte)?,
                Token::Word { rest, truth } => self.word_byte(rest, truth, byte)?,
            };
            if taken == Taken::Yes {
                self.place.advance(1);
                rest = after;
            }
        }
        Ok(())
    }

    /// At the end of the text.
    pub fn finish(mut self) -> Result<Found> {
        if let Token::Number(number) = self.token {
            self.end_number(number)?;
        }
        let complete = matches!(self.token, Token::None) && self.expect == Expect::Nothing;
        if !complete {
            return Err(self.place.invalid("it ends too early"));
        }
        if let Some(problem) = self.model_problem {
            return Err(Error::bad_request("invalid_model", problem).param("model"));
        }
        Ok(self.found)
    }

    /// A byte-order mark may stand before everything else, and only there.
    fn mark(&mut self, seen: usize, byte: u8) -> Result<Taken> {
        if BYTE_ORDER_MARK.get(seen) == Some(&byte) {
            let seen = seen + 1;
            self.found.byte_order_mark = seen == BYTE_ORDER_MARK.len();
            self.token = if self.found.byte_order_mark {
                Token::None
            } else {
                Token::Mark { seen }
            };
            return Ok(Taken::Yes);
        }
        if seen > 0 {
            return Err(self.place.unexpected(byte));
        }
        self.token = Token::None;
        Ok(Taken::No)
    }

    fn between(&mut self, byte: u8) -> Result<Taken> {
        match (byte, self.expect) {
            (b' ' | b'\t' | b'\r', _) => {}
            (b'\n', _) => {
                self.place.break_line();
            }
            (b'"', Expect::Key | Expect::KeyOrEnd) => self.begin_string(Role::Key),
            (b':', Expect::Colon) => self.expect = Expect::Value,
            (b',', Expect::CommaOrEnd) => {
                self.expect = match self.nesting.inner() {
                    Some(Container::Object) => Expect::Key,
                    _ => Expect::Value,
                };
            }
            (b'}', Expect::KeyOrEnd | Expect::CommaOrEnd)
                if self.nesting.inner() == Some(Container::Object) =>
            {
                if self.expect == Expect::KeyOrEnd && self.nesting.depth == 1 {
                    self.found.is_empty = true;
                }
                self.close();
            }
            (b']', Expect::ValueOrEnd | Expect::CommaOrEnd)
                if self.nesting.inner() == Some(Container::Array) =>
            {
                self.close();
            }
            (_, Expect::Value | Expect::ValueOrEnd) => self.begin_value(byte)?,
            _ => return Err(self.place.unexpected(byte)),
        }
        Ok(Taken::Yes)
    }

    fn begin_value(&mut self, byte: u8) -> Result<()> {
        if self.nesting.depth == 1 {
            self.value_start = self.place.offset;
        }
        match byte {
            b'"' => self.begin_string(Role::Value),
            b'{' => {
                self.open(Container::Object)?;
                if self.nesting.depth == 1 {
                    self.found.inside_object = Some(self.place.offset + 1);
                }
            }
            b'[' => self.open(Container::Array)?,
            b'-' => self.token = Token::Number(Number::Minus),
            b'0' => self.token = Token::Number(Number::Zero),
            b'1'..=b'9' => self.token = Token::Number(Number::Integer),
            b't' => self.begin_word(b"rue", true),
            b'f' => self.begin_word(b"alse", false),
            b'n' => self.begin_word(b"ull", false),
            _ => return Err(self.place.unexpected(byte)),
        }
        Ok(())
    }

    fn begin_string(&mut self, role: Role) {
        self.captured.clear();
        self.token = Token::String {
            role,
            escape: Escape::None,
        };
    }

    fn begin_word(&mut self, rest: &'static [u8], truth: bool) {
        self.token = Token::Word { rest, truth };
    }

    fn open(&mut self, container: Container) -> Result<()> {
        if self.at_member() && self.member == Member::Model {
            self.end_model(None, Some("`model` must be a string."));
        }
        if self.at_member() && self.member == Member::Stream {
            self.found.stream = false;
        }
        if !self.nesting.push(container) {
            return Err(self
                .place
                .invalid(&format!("it is nested deeper than {MAX_DEPTH} levels")));
        }
        self.expect = match container {
            Container::Object => Expect::KeyOrEnd,
            Container::Array => Expect::ValueOrEnd,
        };
        Ok(())
    }

    fn close(&mut self) {
        self.nesting.pop();
        self.end_value();
    }

    /// The next value is a member of the outermost object.
    fn at_member(&self) -> bool {
        self.nesting.depth == 1 && self.found.inside_object.is_some()
    }

    fn string_byte(&mut self, role: Role, byte: u8) -> Result<Taken> {
        match byte {
            b'"' => {
                self.token = Token::None;
                match role {
                    Role::Key => self.end_key(),
                    Role::Value => self.end_string_value(),
                }
            }
            b'\\' => {
                self.capture(b"\\");
                self.token = Token::String {
                    role,
                    escape: Escape::Begun,
                };
            }
            _ => return Err(self.place.invalid("a string holds a control character")),
        }
        Ok(Taken::Yes)
    }

    fn escape_byte(&mut self, role: Role, escape: Escape, byte: u8) -> Result<Taken> {
        let escape = match (escape, byte) {
            (Escape::Begun, b'u') => Escape::Unicode { left: 4 },
            (Escape::Begun, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')
            | (Escape::Unicode { left: 1 }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                Escape::None
            }
            (Escape::Unicode { left }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                Escape::Unicode { left: left - 1 }
            }
            _ => return Err(self.place.invalid("a string holds an unknown escape")),
        };
        self.capture(&[byte]);
        self.token = Token::String { role, escape };
        Ok(Taken::Yes)
    }

    /// Keeps a key of the outermost object, or its model; one byte too many shows that it was too long.
    fn capture(&mut self, text: &[u8]) {
        let Token::String { role, .. } = self.token else {
            return;
        };
        let limit = match (role, self.member) {
            _ if !self.at_member() => return,
            (Role::Key, _) => MAX_KEY,
            (Role::Value, Member::Model) => MAX_MODEL,
            (Role::Value, _) => return,
        };
        let room = (limit + 1).saturating_sub(self.captured.len());
        self.captured.extend(text.iter().take(room));
    }

    fn end_key(&mut self) {
        self.expect = Expect::Colon;
        if self.at_member() {
            self.member = match unescape(&self.captured).as_deref() {
                Some("model") => Member::Model,
                Some("stream") => Member::Stream,
                Some(key) if key.eq_ignore_ascii_case("model") => {
                    self.found.is_ambiguous = true;
                    Member::Other
                }
                _ => Member::Other,
            };
        }
    }

    fn end_string_value(&mut self) {
        if self.at_member() {
            match self.member {
                Member::Model if self.captured.len() > MAX_MODEL => {
                    self.end_model(None, Some("`model` is longer than 1024 bytes."));
                }
                Member::Model => match unescape(&self.captured) {
                    Some(model) => self.end_model(Some(model), None),
                    None => self.end_model(None, Some("`model` is not valid Unicode.")),
                },
                Member::Stream => self.found.stream = false,
                Member::Other => {}
            }
        }
        self.end_value();
    }

    /// Each duplicate replaces what the one before said, as it would in a full parser.
    fn end_model(&mut self, model: Option<String>, problem: Option<&'static str>) {
        self.found.model = model;
        self.model_problem = problem;
        self.found.is_ambiguous |= problem.is_some();
        if self.found.model_spans.len() == MAX_MODELS {
            self.model_problem = Some("The request names its model more than 8 times.");
        } else if problem.is_none() {
            // The closing byte of the value is the one at `offset`.
            self.found
                .model_spans
                .push(self.value_start..self.place.offset + 1);
        }
    }

    fn end_value(&mut self) {
        if self.nesting.depth == 1 {
            self.member = Member::Other;
        }
        self.expect = if self.nesting.depth == 0 {
            Expect::Nothing
        } else {
            Expect::CommaOrEnd
        };
    }

    fn word_byte(&mut self, rest: &'static [u8], truth: bool, byte: u8) -> Result<Taken> {
        let Some((first, rest)) = rest.split_first().filter(|(first, _)| **first == byte) else {
            return Err(self.place.unexpected(byte));
        };
        if !rest.is_empty() {
            self.begin_word(rest, truth);
            return Ok(Taken::Yes);
        }
        self.token = Token::None;
        if self.at_member() {
            match self.member {
                // `null` is as good as absent, and can be replaced like a name.
                Member::Model if *first == b'l' => self.end_model(None, None),
                Member::Model => self.end_model(None, Some("`model` must be a string.")),
                Member::Stream => self.found.stream = truth,
                Member::Other => {}
            }
        }
        self.end_value();
        Ok(Taken::Yes)
    }

    fn number_byte(&mut self, number: Number, byte: u8) -> Result<Taken> {
        if let Some(longer) = number.with(byte) {
            self.token = Token::Number(longer);
            return Ok(Taken::Yes);
        }
        if number == Number::Zero && byte.is_ascii_digit() {
            return Err(self.place.invalid("a number begins with 0"));
        }
        self.end_number(number)?;
        Ok(Taken::No)
    }

    fn end_number(&mut self, number: Number) -> Result<()> {
        if !number.is_complete() {
            return Err(self.place.invalid("a number is not complete"));
        }
        self.token = Token::None;
        if self.at_member() {
            match self.member {
                Member::Model => self.end_model(None, Some("`model` must be a string.")),
                Member::Stream => self.found.stream = false,
                Member::Other => {}
            }
        }
        self.end_value();
        Ok(())
    }
}

/// Whether a byte was used up, or only ended what came before it.
#[derive(PartialEq, Eq)]
enum Taken {
    Yes,
    No,
}
