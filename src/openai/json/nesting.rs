//! Which containers are open: a bit each.

/// Deeper than any request seen; shallow enough that an upstream's own parser still follows.
pub(super) const MAX_DEPTH: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Array,
    Object,
}

/// A stack of containers, a bit each. Always `depth <= MAX_DEPTH`.
#[derive(Default)]
pub(super) struct Nesting {
    bits: [u64; MAX_DEPTH / 64],
    pub(super) depth: usize,
}

impl Nesting {
    pub(super) fn push(&mut self, container: Container) -> bool {
        let Some(word) = self.bits.get_mut(self.depth / 64) else {
            return false;
        };
        let bit = 1 << (self.depth % 64);
        match container {
            Container::Object => *word |= bit,
            Container::Array => *word &= !bit,
        }
        self.depth += 1;
        true
    }

    pub(super) fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    pub(super) fn inner(&self) -> Option<Container> {
        let top = self.depth.checked_sub(1)?;
        let word = self.bits.get(top / 64)?;
        Some(if word & (1 << (top % 64)) == 0 {
            Container::Array
        } else {
            Container::Object
        })
    }
}
