//! A chunk that was cut in the middle, completed so that it says that it was.
//!
//! Half of it is at the client already, and in an event stream nothing can be taken back: closed as it is, it would be
//! JSON that no client can parse. Whatever it began to say is ended, and an `error` member added, which OpenAI's SDKs
//! look for first.

/// What follows the half of an object for it to be a whole one with these members too; None if it is no such half.
pub fn rest_of(half: &[u8], members: &str) -> Option<String> {
    let mut cut = Cut::default();
    for byte in half {
        cut.read(*byte)?;
    }
    cut.end(members)
}

/// Where in the grammar a text stops. `open` are the brackets that wait for their ends, the outermost first.
#[derive(Default)]
struct Cut {
    open: Vec<u8>,
    at: At,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum At {
    /// A value comes; in a list that has just begun there may be none.
    #[default]
    Value,
    FirstItem,
    FirstKey,
    Key,
    Colon,
    CommaOrEnd,
    Text {
        is_key: bool,
        escape: Escape,
    },
    /// Whether it may end here.
    Number {
        is_whole: bool,
    },
    /// What is to come of `true`, `false` or `null`.
    Word(&'static [u8]),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Begun,
    Unicode { left: u8 },
}

const TEXT: At = At::Text {
    is_key: false,
    escape: Escape::None,
};
const KEY: At = At::Text {
    is_key: true,
    escape: Escape::None,
};

impl Cut {
    fn read(&mut self, byte: u8) -> Option<()> {
        if let At::Number { .. } = self.at {
            if matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E') {
                let is_whole = byte.is_ascii_digit();
                self.at = At::Number { is_whole };
                return Some(());
            }
            self.at = At::CommaOrEnd;
        }
        self.at = match (self.at, byte) {
            (At::Text { is_key, escape }, byte) => text(is_key, escape, byte),
            (At::Word([next, rest @ ..]), byte) if *next == byte => word(rest),
            (at, b' ' | b'\t' | b'\r' | b'\n') if !matches!(at, At::Word(_)) => at,
            (At::FirstKey | At::Key, b'"') => KEY,
            (At::Colon, b':') => At::Value,
            (At::Value | At::FirstItem, byte) if byte != b']' => self.value(byte)?,
            (At::FirstKey | At::CommaOrEnd, b'}') => self.close(b'{')?,
            (At::FirstItem | At::CommaOrEnd, b']') => self.close(b'[')?,
            (At::CommaOrEnd, b',') => match self.open.last()? {
                b'{' => At::Key,
                _ => At::Value,
            },
            _ => return None,
        };
        Some(())
    }

    fn value(&mut self, byte: u8) -> Option<At> {
        Some(match byte {
            b'{' => {
                self.open.push(byte);
                At::FirstKey
            }
            b'[' => {
                self.open.push(byte);
                At::FirstItem
            }
            b'"' => TEXT,
            b'-' => At::Number { is_whole: false },
            b'0'..=b'9' => At::Number { is_whole: true },
            b't' => At::Word(b"rue"),
            b'f' => At::Word(b"alse"),
            b'n' => At::Word(b"ull"),
            _ => return None,
        })
    }

    fn close(&mut self, opening: u8) -> Option<At> {
        (self.open.pop()? == opening).then_some(At::CommaOrEnd)
    }

    fn end(self, members: &str) -> Option<String> {
        let (outermost, inner) = self.open.split_first()?;
        if *outermost != b'{' {
            return None;
        }
        let mut rest = String::new();
        let has_members = self.end_of_value(&mut rest, inner.is_empty());
        for bracket in inner.iter().rev() {
            rest.push(if *bracket == b'{' { '}' } else { ']' });
        }
        if has_members || !inner.is_empty() {
            rest.push(',');
        }
        rest.push_str(members);
        rest.push('}');
        Some(rest)
    }

    /// Ends what was being said; gives whether a comma must come before the next member.
    fn end_of_value(&self, rest: &mut String, is_outermost: bool) -> bool {
        match self.at {
            At::Text { is_key, escape } => {
                match escape {
                    Escape::None => {}
                    Escape::Begun => rest.push('n'),
                    Escape::Unicode { left } => (0..left).for_each(|_| rest.push('0')),
                }
                rest.push_str(if is_key { "\":null" } else { "\"" });
            }
            At::Number { is_whole: false } => rest.push('0'),
            At::Word(left) => rest.push_str(&String::from_utf8_lossy(left)),
            At::Colon => rest.push_str(":null"),
            At::Value => rest.push_str("null"),
            At::Key if is_outermost => return false,
            At::Key => rest.push_str("\"\":null"),
            At::FirstKey | At::FirstItem => return false,
            At::CommaOrEnd | At::Number { is_whole: true } => {}
        }
        true
    }
}

fn text(is_key: bool, escape: Escape, byte: u8) -> At {
    let escape = match (escape, byte) {
        (Escape::None, b'"') if is_key => return At::Colon,
        (Escape::None, b'"') => return At::CommaOrEnd,
        (Escape::None, b'\\') => Escape::Begun,
        (Escape::Begun, b'u') => Escape::Unicode { left: 4 },
        (Escape::Unicode { left: 2.. }, _) => escape.after_a_digit(),
        _ => Escape::None,
    };
    At::Text { is_key, escape }
}

impl Escape {
    fn after_a_digit(self) -> Self {
        match self {
            Self::Unicode { left } => Self::Unicode {
                left: left.saturating_sub(1),
            },
            other => other,
        }
    }
}

fn word(rest: &'static [u8]) -> At {
    if rest.is_empty() {
        At::CommaOrEnd
    } else {
        At::Word(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::rest_of;

    /// However it is cut, it can be read, and says that it was.
    #[test]
    fn any_half_becomes_a_whole() {
        let whole = r#"{"id" : "c\u00e9\"\\", "n":[-1.5e+3, true,false,null, [] , {}, {"a":{"b":"x"}}], "e":{}, "t":"é€"}"#;
        for at in 1..whole.len() {
            let half = &whole.as_bytes()[..at];
            let rest = rest_of(half, r#""error":{"code":"c"}"#).unwrap();
            let text = [half, rest.as_bytes()].concat();
            let value: serde_json::Value = serde_json::from_str(&String::from_utf8_lossy(&text))
                .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&text)));
            assert_eq!(value["error"]["code"], "c");
        }
    }

    #[test]
    fn what_is_no_half_of_an_object_is_left() {
        for text in [
            "",
            "[1",
            "{}",
            "{\"a\":1}",
            "{\"a\" 1",
            "{]",
            "nonsense",
            "{\"a\":x",
        ] {
            assert_eq!(rest_of(text.as_bytes(), "\"error\":1"), None, "{text}");
        }
    }
}
