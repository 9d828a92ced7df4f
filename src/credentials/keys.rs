//! Several keys of one provider, used in turn. One that is refused or exhausted rests, and the others go on.
//!
//! What is exhausted is a key's share of one model: Google counts by project and model (`...PerProjectPerModel`), and a
//! key without any share of one model serves the others.

use std::cell::{Cell, RefCell};

use crate::secret::Secret;

/// Never empty.
pub struct Keys {
    keys: Vec<Key>,
    turn: Cell<usize>,
}

struct Key {
    secret: Secret,
    /// Never more than [`MOST_RESTS`].
    rests: RefCell<Vec<Rest>>,
}

struct Rest {
    /// None: for all.
    model: Option<String>,
    until_millis: u64,
}

/// More models than anyone asks for in a minute. Full, it begins anew: a key that should rest says so again.
const MOST_RESTS: usize = 64;

impl Keys {
    /// Separated by commas, or by blanks as people paste them; each may be quoted, as in a list of JSON's.
    pub fn parse(text: &str) -> Option<Self> {
        let pieces = text.split([',', '\n', '\r', ' ', '\t']);
        let pieces = pieces.map(|piece| piece.trim_matches(['"', '\'', '[', ']']));
        let keys: Vec<Key> = pieces
            .filter_map(Secret::new)
            .map(|secret| Key {
                secret,
                rests: RefCell::default(),
            })
            .collect();
        (!keys.is_empty()).then(|| Self {
            keys,
            turn: Cell::new(0),
        })
    }

    /// The next one that does not rest and was not tried; with none tried yet, if all rest, the one that is back first.
    pub fn pick(&self, model: Option<&str>, now_millis: u64, tried: &[usize]) -> Option<usize> {
        let count = self.keys.len();
        let turn = self.turn.get();
        let mut in_turn = (0..count).map(|step| (turn + step) % count);
        let rests_until = |at: usize| self.rests_until(at, model);
        let is_fit = |at: &usize| !tried.contains(at) && rests_until(*at) <= now_millis;
        let found = in_turn.find(is_fit).or_else(|| {
            let first_back = (0..count).min_by_key(|at| rests_until(*at));
            first_back.filter(|_| tried.is_empty())
        })?;
        self.turn.set((found + 1) % count);
        Some(found)
    }

    /// Whether one is left that was not tried and does not rest.
    pub fn has_more(&self, model: Option<&str>, now_millis: u64, tried: &[usize]) -> bool {
        let mut all = 0..self.keys.len();
        all.any(|at| !tried.contains(&at) && self.rests_until(at, model) <= now_millis)
    }

    pub fn count(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn at(&self, index: usize) -> Option<&Secret> {
        self.keys.get(index).map(|key| &key.secret)
    }

    /// Lets one rest for a model, or for all.
    pub fn rest(&self, index: usize, model: Option<&str>, until_millis: u64) {
        let Some(key) = self.keys.get(index) else {
            return;
        };
        let mut rests = key.rests.borrow_mut();
        rests.retain(|rest| rest.model.as_deref() != model);
        if rests.len() >= MOST_RESTS {
            rests.clear();
        }
        let model = model.map(str::to_owned);
        rests.push(Rest {
            model,
            until_millis,
        });
    }

    fn rests_until(&self, index: usize, model: Option<&str>) -> u64 {
        let Some(key) = self.keys.get(index) else {
            return u64::MAX;
        };
        let rests = key.rests.borrow();
        let of_it = rests
            .iter()
            .filter(|rest| rest.model.is_none() || rest.model.as_deref() == model);
        of_it.map(|rest| rest.until_millis).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;

    #[test]
    fn each_in_turn_but_those_that_rest() {
        let keys = Keys::parse(" a, b,,c ").unwrap();
        let pick = |now, tried: &[usize]| keys.pick(Some("m"), now, tried);
        assert_eq!(
            [pick(0, &[]), pick(0, &[]), pick(0, &[])],
            [Some(0), Some(1), Some(2)]
        );
        keys.rest(0, None, 100);
        assert_eq!(
            [pick(0, &[]), pick(0, &[1]), pick(0, &[1, 2])],
            [Some(1), Some(2), None]
        );
        keys.rest(1, Some("m"), 50);
        keys.rest(2, None, 70);
        assert_eq!(
            [pick(0, &[]), pick(0, &[1]), pick(60, &[2])],
            [Some(1), None, Some(1)]
        );
        assert!(Keys::parse(" , ").is_none());
        assert!(Keys::parse("[\"\"]").is_none());
        for pasted in ["[\"a\", \"b\"]", "'a','b'", "a\",\"b"] {
            let keys = Keys::parse(pasted).unwrap();
            let exposed = [0, 1].map(|at| keys.at(at).map(crate::secret::Secret::expose));
            assert_eq!(exposed, [Some("a"), Some("b")], "{pasted}");
        }
    }

    #[test]
    fn what_is_used_up_of_one_model_is_not_of_the_others() {
        let keys = Keys::parse("a,b").unwrap();
        keys.rest(0, Some("pro"), 100);
        let pick = |model| keys.pick(Some(model), 0, &[]);
        assert_eq!(
            [pick("pro"), pick("pro"), pick("flash"), pick("flash")],
            [Some(1), Some(1), Some(0), Some(1)]
        );
        assert!(keys.has_more(Some("flash"), 0, &[1]) && !keys.has_more(Some("pro"), 0, &[1]));
        keys.rest(0, Some("pro"), 0);
        assert!(keys.has_more(Some("pro"), 0, &[1]));
        for model in 0..1000 {
            keys.rest(1, Some(&model.to_string()), 100);
        }
        assert!(keys.keys[1].rests.borrow().len() <= super::MOST_RESTS);
    }
}
