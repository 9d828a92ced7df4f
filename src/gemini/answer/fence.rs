//! A fence around the whole answer, taken off: a model that was only told to answer in JSON likes to show it as code.
//!
//! Texts are what stands between quotes: a line break is the two letters of its escape.

/// Longer blanks around a fence are no model's.
const MAX_BLANKS: usize = 256;

/// What must survive between the pieces of a text: what may be a fence, at the end that has come so far.
#[derive(Debug, Default)]
pub struct Fence {
    held: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing but what may be the opening fence.
    #[default]
    Start,
    Inside,
    /// There is none.
    Off,
}

enum Opening {
    /// It ends here.
    At(usize),
    None,
    /// More has to be seen.
    Unknown,
}

impl Fence {
    /// What may be given out of the text so far.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut text = std::mem::take(&mut self.held);
        text.extend_from_slice(piece);
        if self.state == State::Start {
            match opening(&text) {
                Opening::At(end) => {
                    self.state = State::Inside;
                    text.drain(..end);
                }
                Opening::None => self.state = State::Off,
                Opening::Unknown => {
                    self.held = text;
                    return Vec::new();
                }
            }
        }
        if self.state == State::Inside {
            self.held = text.split_off(closing(&text));
        }
        text
    }

    /// What is left of the text at its end: the closing fence is not.
    pub fn finish(&mut self) -> Vec<u8> {
        let held = std::mem::take(&mut self.held);
        if self.state == State::Inside && is_fence(&held) {
            return Vec::new();
        }
        held
    }
}

/// A whole text without its fence; one that is not closed stays.
pub fn unfenced(text: &[u8]) -> &[u8] {
    let Opening::At(start) = opening(text) else {
        return text;
    };
    let inside = text.get(start..).unwrap_or_default();
    let (before, behind) = inside.split_at(closing(inside));
    if is_fence(behind) { before } else { text }
}

/// Blanks, three backticks, a language, a line break.
fn opening(text: &[u8]) -> Opening {
    let mut at = 0;
    while let Some(width) = blank(text.get(at..).unwrap_or_default()) {
        at += width;
    }
    let rest = text.get(at..).unwrap_or_default();
    let ticks = rest.iter().take_while(|byte| **byte == b'`').count();
    let behind = rest.get(ticks..).unwrap_or_default();
    let word = behind.iter().take_while(|it| it.is_ascii_alphanumeric());
    let word = word.count();
    if at > MAX_BLANKS || ticks > 3 || word > MAX_BLANKS {
        return Opening::None;
    }
    let behind = behind.get(word..).unwrap_or_default();
    let width = match behind {
        _ if ticks < 3 && (word > 0 || !behind.is_empty()) => return Opening::None,
        b"" | br"\r" => return Opening::Unknown,
        [b'\\', b'r', b'\\', b'n', ..] => 4,
        _ => match blank(behind) {
            Some(width) => width,
            None => return Opening::None,
        },
    };
    Opening::At(at + ticks + word + width)
}

/// Where blanks and a fence begin that may be the text's last: blanks, up to three backticks, blanks.
fn closing(text: &[u8]) -> usize {
    let end = without_blanks(text);
    let ticks = end.iter().rev().take_while(|byte| **byte == b'`').count();
    let is_closing = ticks <= 3;
    let end = match ticks {
        1..=3 => without_blanks(end.get(..end.len() - ticks).unwrap_or_default()),
        _ => end,
    };
    let length = text.len() - end.len();
    if is_closing && length <= MAX_BLANKS {
        end.len()
    } else {
        text.len()
    }
}

fn is_fence(end: &[u8]) -> bool {
    end.windows(3).any(|three| three == b"```")
}

fn without_blanks(mut text: &[u8]) -> &[u8] {
    loop {
        text = match text {
            [rest @ .., b' '] => rest,
            [rest @ .., b'\\', b'n' | b'r' | b't'] if !ends_escaping(rest) => rest,
            _ => return text,
        }
    }
}

/// Whether what follows is escaped: a text may end in backslashes that are.
pub(super) fn ends_escaping(text: &[u8]) -> bool {
    text.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// How many letters the blank takes that a text begins with.
fn blank(text: &[u8]) -> Option<usize> {
    match text {
        [b' ', ..] => Some(1),
        [b'\\', b'n' | b'r' | b't', ..] => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Fence, unfenced};

    const TEXTS: [(&str, &str); 10] = [
        (r#"```json\n{\"a\":1}\n```"#, r#"{\"a\":1}"#),
        (r"```\n[1]\n```\n", "[1]"),
        (r"\n ```JSON\r\n[1] ``` ", "[1]"),
        (r"{}", "{}"),
        (r"a ```x``` b", r"a ```x``` b"),
        (r"```json [1]```", "[1]"),
        (r"````md\nx\n````", r"````md\nx\n````"),
        (r"`a`", "`a`"),
        (r"", ""),
        (r#"```json\n\"a\\n```"#, r#"\"a\\n"#),
    ];

    #[test]
    fn a_fence_around_it_all_is_taken_off() {
        for (text, expected) in TEXTS {
            let whole = unfenced(text.as_bytes());
            assert_eq!(std::str::from_utf8(whole).unwrap(), expected);
        }
        assert_eq!(unfenced(br"```json\n{"), br"```json\n{");
    }

    #[test]
    fn so_it_is_in_pieces() {
        for (text, expected) in TEXTS {
            for size in 1..=text.len().max(1) {
                let mut fence = Fence::default();
                let mut given = Vec::new();
                for piece in pieces(text, size) {
                    given.extend(fence.push(piece.as_bytes()));
                }
                given.extend(fence.finish());
                let given = String::from_utf8(given).unwrap();
                assert_eq!(given, expected, "{text} in pieces of {size}");
            }
        }
    }

    /// No piece ends inside an escape: each comes from a string of its own.
    fn pieces(text: &str, size: usize) -> Vec<String> {
        let mut pieces = vec![String::new()];
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            if pieces.last().unwrap().len() >= size {
                pieces.push(String::new());
            }
            let piece = pieces.last_mut().unwrap();
            piece.push(letter);
            if letter == '\\' {
                piece.extend(letters.next());
            }
        }
        pieces
    }
}
