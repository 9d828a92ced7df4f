//! A chunk that differs from the one before in its texts alone needs the same repair, most often none.
//!
//! It is recognised without a look at its members, in a tenth of the time, and a stream is made of little else.

use std::ops::Range;

use crate::platform::Edit;

use super::Fate;

/// A chunk and what became of it, in the pieces between its texts. A piece begins with the quote a text ends with
/// and ends with the quote the next one begins with.
pub struct Twin {
    pieces: Vec<Piece>,
}

struct Piece {
    before: Vec<u8>,
    /// None where nothing is changed.
    after: Option<Vec<u8>>,
}

impl Twin {
    /// The texts are strings of the data, quotes included, that no edit touches.
    pub fn of(
        data: &[u8],
        repaired: Option<&[u8]>,
        edits: &[Edit],
        mut texts: Vec<Range<usize>>,
    ) -> Option<Self> {
        texts.sort_unstable_by_key(|text| text.start);
        let mut pieces = Vec::with_capacity(texts.len() + 1);
        let mut start = 0;
        let insides = texts.iter().map(|text| (text.start + 1, text.end - 1));
        for (end, next) in insides.chain([(data.len(), data.len())]) {
            let before = data.get(start..end)?.to_vec();
            let after = match repaired {
                None => None,
                Some(text) => Some(text.get(moved(start, edits)..moved(end, edits))?.to_vec()),
            };
            pieces.push(Piece { before, after });
            start = next;
        }
        (pieces.len() > 1).then_some(Self { pieces })
    }

    /// What becomes of data that is the same but for its texts.
    pub fn repaired(&self, data: &[u8]) -> Option<Fate> {
        let (first, others) = self.pieces.split_first()?;
        let mut rest = data.strip_prefix(&first.before[..])?;
        let mut repaired = first.after.clone();
        for piece in others {
            let (text, behind) = rest.split_at_checked(end_of_text(rest)?)?;
            rest = behind.strip_prefix(&piece.before[..])?;
            if let (Some(repaired), Some(after)) = (&mut repaired, &piece.after) {
                repaired.extend_from_slice(text);
                repaired.extend_from_slice(after);
            }
        }
        let is_all = rest.is_empty();
        is_all.then(|| repaired.map_or(Fate::Kept, Fate::Changed))
    }
}

/// Where a place is after the edits before it.
fn moved(place: usize, edits: &[Edit]) -> usize {
    let number = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let before = edits.iter().filter(|it| number(it.range.end) <= place);
    before.fold(place, |place, edit| {
        let gone = number(edit.range.end - edit.range.start);
        (place + edit.text.len()).saturating_sub(gone)
    })
}

/// Where the inside of a string ends.
fn end_of_text(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        match text.get(at)? {
            b'"' => return Some(at),
            _ => at += 2,
        }
    }
}
