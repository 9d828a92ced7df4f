//! Headers as one piece of text, because every string that crosses from the runtime to wasm or back costs:
//! `name\nvalue\nname\nvalue\n`, names in lower case.

/// A list of headers. No value holds a line break, whatever was put in.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    packed: String,
    /// Where each name and each value ends, just before its line break: found once, looked up often.
    ends: Vec<(usize, usize)>,
}

impl Headers {
    /// Takes the runtime's own list, whose values it has checked.
    pub fn from_packed(packed: String) -> Self {
        let mut breaks = memchr::memchr_iter(b'\n', packed.as_bytes());
        let next = || Some((breaks.next()?, breaks.next()?));
        let ends = std::iter::from_fn(next).collect();
        Self { packed, ends }
    }

    pub fn as_packed(&self) -> &str {
        &self.packed
    }

    /// The first value of a header; `name` in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().filter_map(move |(name_end, value_end)| {
            let name = self.packed.get(start..*name_end)?;
            let value = self.packed.get(name_end + 1..*value_end)?;
            start = value_end + 1;
            Some((name, value))
        })
    }

    /// Adds a header; `name` in lower case. What a header cannot carry (control characters, all beyond
    /// Latin-1) becomes `?`: no text from outside can begin a header of its own, or make the runtime throw.
    pub fn push(&mut self, name: &str, value: &str) {
        self.packed.push_str(name);
        let name_end = self.packed.len();
        self.packed.push('\n');
        if value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            self.packed.push_str(value);
        } else {
            let carried = |c: char| !c.is_control() && u32::from(c) <= 0xff;
            let safe = value.chars().map(|c| if carried(c) { c } else { '?' });
            self.packed.extend(safe);
        }
        self.ends.push((name_end, self.packed.len()));
        self.packed.push('\n');
    }

    /// Adds a header in place of those of its name.
    pub fn set(&mut self, name: &str, value: &str) {
        if self.get(name).is_some() {
            let before = std::mem::take(self);
            self.extend_where(&before, |other| other != name);
        }
        self.push(name, value);
    }

    /// Adds those of another list that `keep` wants.
    pub fn extend_where(&mut self, other: &Headers, keep: impl Fn(&str) -> bool) {
        for (name, value) in other.iter().filter(|(name, _)| keep(name)) {
            self.push(name, value);
        }
    }

    /// The media type of `content-type`, without parameters, in lower case.
    pub fn media_type(&self) -> String {
        let value = self.get("content-type").unwrap_or_default();
        let essence = value.split(';').next().unwrap_or_default();
        essence.trim().to_ascii_lowercase()
    }
}
