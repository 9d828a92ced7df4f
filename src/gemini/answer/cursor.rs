//! One pass over JSON that is known to be JSON.

/// A place in a text. Unlike [`crate::json::Value`] it does not know where a value ends before it is passed: what is
/// nested is read once, not once for each level. Of text that is not JSON it finds less, and always comes to an end.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// Steps into an object or array; passes anything else.
    pub fn enter(&mut self, opening: u8) -> bool {
        if self.peek() == Some(opening) {
            self.at += 1;
            return true;
        }
        self.value();
        false
    }

    /// The name of an object's next member, as it stands between its quotes; the value comes next, and has to be
    /// passed. Behind the last one None, and the object is left.
    pub fn key(&mut self) -> Option<&'t [u8]> {
        self.pass(b',');
        if self.peek() != Some(b'"') {
            self.pass(b'}');
            return None;
        }
        let key = inside(self.value());
        self.pass(b':');
        Some(key)
    }

    /// Whether an array has another element, which has to be passed. Behind the last one the array is left.
    pub fn item(&mut self) -> bool {
        self.pass(b',');
        match self.peek() {
            None | Some(b']') => {
                self.pass(b']');
                false
            }
            Some(_) => true,
        }
    }

    /// Passes a value, and gives it as it stands.
    pub fn value(&mut self) -> &'t [u8] {
        let start = match self.peek() {
            Some(b'"') => return self.string(),
            Some(b'{' | b'[') => return self.container(),
            Some(_) => self.at,
            None => return &[],
        };
        let rest = self.text.get(start..).unwrap_or_default();
        let ends =
            |byte: &u8| matches!(byte, b',' | b'}' | b']' | b':') || byte.is_ascii_whitespace();
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        // A mark that is out of place is passed, too.
        self.at = start + length.max(1);
        rest.get(..length).unwrap_or_default()
    }

    /// What stands between the quotes of a string; of anything else nothing.
    pub fn text(&mut self) -> &'t [u8] {
        inside(self.value())
    }

    fn string(&mut self) -> &'t [u8] {
        let start = self.at;
        self.at = end_of_string(self.text, start);
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn container(&mut self) -> &'t [u8] {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'"' => {
                    self.at = end_of_string(self.text, self.at);
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn pass(&mut self, mark: u8) {
        if self.peek() == Some(mark) {
            self.at += 1;
        }
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.get(self.at)?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }
}

/// What stands between the quotes of a string; of anything else nothing.
pub fn inside(value: &[u8]) -> &[u8] {
    match value {
        [b'"', inside @ .., b'"'] => inside,
        _ => &[],
    }
}

/// What a text between quotes says.
pub fn unescaped(inside: &[u8]) -> std::borrow::Cow<'_, str> {
    if !inside.contains(&b'\\') {
        return String::from_utf8_lossy(inside);
    }
    let quoted = [b"\"", inside, b"\""].concat();
    let text = serde_json::from_slice::<String>(&quoted);
    // Half of a surrogate pair is no text.
    text.unwrap_or_default().into()
}

fn end_of_string(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let Some(found) = memchr::memchr2(b'"', b'\\', rest) else {
            return text.len();
        };
        at += found;
        if rest.get(found) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, unescaped};

    #[test]
    fn members_and_elements_are_passed_one_by_one() {
        let text = br#" { "a" : 1 , "b":[ "x\"]", [2] , {"c":null} ] ,"d":"\u00e9" } "#;
        let mut cursor = Cursor::new(text);
        let (mut keys, mut elements) = (Vec::new(), Vec::new());
        assert!(cursor.enter(b'{'));
        while let Some(key) = cursor.key() {
            keys.push(key);
            if key != b"b" {
                cursor.value();
            } else if cursor.enter(b'[') {
                while cursor.item() {
                    elements.push(cursor.value());
                }
            }
        }
        assert_eq!(keys, [b"a", b"b", b"d"]);
        assert_eq!(elements, [&br#""x\"]""#[..], b"[2]", br#"{"c":null}"#]);
        assert_eq!(unescaped(br"\u00e9\n"), "é\n");
    }

    #[test]
    fn what_is_not_json_comes_to_an_end() {
        let texts = [
            "{", "[", "{\"", "[}", "[}}}", "{]", "[:", "[\"a", "[,,,", "{,", "", "[{\"a\"]",
        ];
        for text in texts {
            let mut cursor = Cursor::new(text.as_bytes());
            if cursor.enter(b'{') {
                while cursor.key().is_some() {
                    cursor.value();
                }
            }
            let mut cursor = Cursor::new(text.as_bytes());
            if cursor.enter(b'[') {
                while cursor.item() {
                    cursor.value();
                }
            }
        }
    }
}
