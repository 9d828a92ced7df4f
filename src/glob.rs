//! Names with `*` in them, as keys and pools use them. Model names are case-insensitive.

/// A pattern where `*` stands for any text, itself included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    written: String,
    /// Lower case.
    pattern: String,
}

impl Glob {
    pub fn new(pattern: &str) -> Self {
        let written = pattern.trim().to_owned();
        let pattern = written.to_ascii_lowercase();
        Self { written, pattern }
    }

    /// As its owner wrote it.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    pub fn is_pattern(&self) -> bool {
        self.pattern.contains('*')
    }

    pub fn matches(&self, name: &str) -> bool {
        let Some((begin, _)) = self.pattern.split_once('*') else {
            return self.pattern.eq_ignore_ascii_case(name);
        };
        // Most names are told apart by how they begin: only the others are worth a copy in lower case.
        let begins = name.as_bytes().get(..begin.len());
        begins.is_some_and(|it| it.eq_ignore_ascii_case(begin.as_bytes()))
            && fits(&self.pattern, &name.to_ascii_lowercase())
    }
}

/// Whether a name is as a pattern says; both are in lower case.
pub fn fits(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}
