//! Several keys of one provider, used in turn. One that is refused or exhausted rests, and the others go on.

use std::cell::Cell;

use crate::secret::Secret;

/// Never empty.
pub struct Keys {
    keys: Vec<Key>,
    turn: Cell<usize>,
}

struct Key {
    secret: Secret,
    rests_until_millis: Cell<u64>,
}

impl Keys {
    /// Separated by commas, or by blanks as people paste them.
    pub fn parse(text: &str) -> Option<Self> {
        let pieces = text.split([',', '\n', '\r', ' ', '\t']);
        let keys: Vec<Key> = pieces
            .filter_map(Secret::new)
            .map(|secret| Key {
                secret,
                rests_until_millis: Cell::new(0),
            })
            .collect();
        (!keys.is_empty()).then(|| Self {
            keys,
            turn: Cell::new(0),
        })
    }

    /// The next one that does not rest and was not tried; with none tried yet, if all rest, the one that is back first.
    pub fn pick(&self, now_millis: u64, tried: &[usize]) -> Option<usize> {
        let count = self.keys.len();
        let turn = self.turn.get();
        let mut in_turn = (0..count).map(|step| (turn + step) % count);
        let is_fit = |at: &usize| !tried.contains(at) && self.rests_until(*at) <= now_millis;
        let found = in_turn.find(is_fit).or_else(|| {
            let first_back = (0..count).min_by_key(|at| self.rests_until(*at));
            first_back.filter(|_| tried.is_empty())
        })?;
        self.turn.set((found + 1) % count);
        Some(found)
    }

    /// Whether one is left that was not tried and does not rest.
    pub fn has_more(&self, now_millis: u64, tried: &[usize]) -> bool {
        let mut all = 0..self.keys.len();
        all.any(|at| !tried.contains(&at) && self.rests_until(at) <= now_millis)
    }

    pub(super) fn at(&self, index: usize) -> Option<&Secret> {
        self.keys.get(index).map(|key| &key.secret)
    }

    pub fn rest(&self, index: usize, until_millis: u64) {
        if let Some(key) = self.keys.get(index) {
            key.rests_until_millis.set(until_millis);
        }
    }

    fn rests_until(&self, index: usize) -> u64 {
        let key = self.keys.get(index);
        key.map_or(u64::MAX, |key| key.rests_until_millis.get())
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;

    #[test]
    fn each_in_turn_but_those_that_rest() {
        let keys = Keys::parse(" a, b,,c ").unwrap();
        let pick = |now, tried: &[usize]| keys.pick(now, tried);
        assert_eq!(
            [pick(0, &[]), pick(0, &[]), pick(0, &[])],
            [Some(0), Some(1), Some(2)]
        );
        keys.rest(0, 100);
        assert_eq!(
            [pick(0, &[]), pick(0, &[1]), pick(0, &[1, 2])],
            [Some(1), Some(2), None]
        );
        keys.rest(1, 50);
        keys.rest(2, 70);
        assert_eq!(
            [pick(0, &[]), pick(0, &[1]), pick(60, &[2])],
            [Some(1), None, Some(1)]
        );
        assert!(Keys::parse(" , ").is_none());
    }
}
