//! Where bytes of Google's text stand in the client's: it counts characters.

/// The text so far, without the text: runs of characters of one width, and where its parts began. A part is a stretch
/// of text without thoughts or calls in between; in a stream it comes in pieces.
#[derive(Debug, Default)]
pub struct Places {
    runs: Vec<Run>,
    /// For each part where its text begins; None for one that is none of the content.
    parts: Vec<Option<usize>>,
    bytes: usize,
    chars: usize,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    byte: usize,
    char: usize,
    width: usize,
}

/// More than a text in two alphabets has that is as long as answers may be.
const MAX_RUNS: usize = 1 << 17;

const MAX_PARTS: usize = 1 << 12;

impl Places {
    pub fn chars(&self) -> usize {
        self.chars
    }

    /// Begins a part whose text is content, or one of another kind.
    pub fn begin_part(&mut self, is_content: bool) {
        if self.parts.len() < MAX_PARTS {
            self.parts.push(is_content.then_some(self.bytes));
        }
    }

    /// A piece of a stream: it goes on with the part before it, if that is of its kind.
    pub fn go_on(&mut self, is_content: bool) {
        if self.parts.last().map(Option::is_some) != Some(is_content) {
            self.begin_part(is_content);
        }
    }

    /// Takes what was added to the content, as it stands between quotes.
    pub fn add(&mut self, inside: &[u8]) {
        let mut rest = inside;
        while !rest.is_empty() {
            let is_plain = |byte: &&u8| byte.is_ascii() && **byte != b'\\';
            let plain = rest.iter().take_while(is_plain).count();
            self.add_run(1, plain);
            rest = rest.get(plain..).unwrap_or_default();
            if !rest.is_empty() {
                let (passed, width) = character(rest);
                self.add_run(width, 1);
                rest = rest.get(passed..).unwrap_or_default();
            }
        }
    }

    fn add_run(&mut self, width: usize, count: usize) {
        if count == 0 {
            return;
        }
        let goes_on = self.runs.last().is_some_and(|run| run.width == width);
        if !goes_on && self.runs.len() < MAX_RUNS {
            self.runs.push(Run {
                byte: self.bytes,
                char: self.chars,
                width,
            });
        }
        self.bytes += width * count;
        self.chars += count;
    }

    /// The character at a byte of a part, or, where it has no such part with text, of all the text: some models number
    /// parts without their thoughts.
    pub fn char_at(&self, part: usize, byte: usize) -> usize {
        let started = self.parts.get(part).copied().flatten();
        let start = started.or_else(|| self.parts.iter().copied().flatten().next());
        let byte = start.unwrap_or(0).saturating_add(byte).min(self.bytes);
        let behind = self.runs.partition_point(|run| run.byte <= byte);
        let Some(run) = behind.checked_sub(1).and_then(|at| self.runs.get(at)) else {
            return 0;
        };
        (run.char + (byte - run.byte) / run.width).min(self.chars)
    }
}

/// How many bytes the first character takes between quotes, and how many in the text.
fn character(inside: &[u8]) -> (usize, usize) {
    match inside {
        [b'\\', b'u', digits @ ..] => escape(digits),
        [b'\\', ..] => (2, 1),
        [byte, ..] if *byte < 0x80 => (1, 1),
        [byte, ..] if *byte < 0xe0 => (2, 2),
        [byte, ..] if *byte < 0xf0 => (3, 3),
        _ => (4, 4),
    }
}

fn escape(digits: &[u8]) -> (usize, usize) {
    let code = digits.get(..4).and_then(|it| std::str::from_utf8(it).ok());
    let code = code.and_then(|it| u32::from_str_radix(it, 16).ok());
    match code.unwrap_or(0) {
        ..0x80 => (6, 1),
        0x80..0x800 => (6, 2),
        // A pair of them is one character.
        0xd800..0xdc00 if digits.get(4..6) == Some(b"\\u") => (12, 4),
        _ => (6, 3),
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    fn of(pieces: &[&str]) -> Places {
        let mut places = Places::default();
        for piece in pieces {
            places.go_on(true);
            places.add(piece.as_bytes());
        }
        places
    }

    #[test]
    fn bytes_become_characters() {
        let text = "aé€😀b\nc";
        let escaped = r"a\u00e9\u20ac\ud83d\ude00b\nc";
        for places in [
            of(&[r"aé€😀b\nc"]),
            of(&[escaped]),
            of(&["a", "é€", r"😀b\nc"]),
        ] {
            for (chars, (byte, _)) in text.char_indices().enumerate() {
                assert_eq!(places.char_at(0, byte), chars);
            }
            assert_eq!(places.chars(), text.chars().count());
            assert_eq!(places.char_at(0, usize::MAX), places.chars());
        }
    }

    #[test]
    fn parts_begin_where_their_text_does() {
        let mut places = Places::default();
        places.begin_part(false);
        places.begin_part(true);
        places.add("é".as_bytes());
        places.begin_part(true);
        places.add(b"xyz");
        assert_eq!(places.char_at(2, 1), 2);
        assert_eq!(places.char_at(1, 2), 1);
        assert_eq!(places.char_at(0, 3), 2);
        assert_eq!(places.char_at(9, 0), 0);
        assert_eq!(Places::default().char_at(0, 5), 0);
    }
}
