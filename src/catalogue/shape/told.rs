//! What is told of a model: the members of its item. An upstream may put anything there, so each is taken only as what
//! it should be; of another kind it is as good as absent.

use std::borrow::Cow;

use crate::json::{Fields, Value};

/// All of them, found in one walk.
pub struct Told<'t>(Option<Fields<'t>>);

impl<'t> Told<'t> {
    /// Of an item as a text of its own.
    pub fn of(item: &'t str) -> Self {
        Self(Value::first(item.as_bytes()).map(Fields::of))
    }

    fn get(&self, name: &str) -> Option<Value<'t>> {
        self.0.as_ref()?.get(name)
    }

    /// One that says something.
    pub fn text(&self, name: &str) -> Option<Cow<'t, str>> {
        let text = self.get(name)?.as_str()?;
        (!text.trim().is_empty()).then_some(text)
    }

    /// Some servers write whole numbers as fractions, `8192.0`.
    pub fn number(&self, name: &str) -> Option<u64> {
        let value = self.get(name)?;
        value.as_u64().or_else(|| whole(value.as_f64()?))
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    pub fn object(&self, name: &str) -> Option<Value<'t>> {
        self.get(name).filter(|value| value.is_object())
    }

    /// A list of words, without what is none.
    pub fn words(&self, name: &str) -> Option<Vec<Cow<'t, str>>> {
        let list = self.get(name).filter(|value| value.is_array())?;
        Some(list.elements().filter_map(Value::as_str).collect())
    }
}

/// Up to what a double tells apart.
fn whole(number: f64) -> Option<u64> {
    let is_exact = (0.0..=9_007_199_254_740_992.0).contains(&number);
    let digits = is_exact.then(|| format!("{:.0}", number.trunc()))?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Told;

    #[test]
    fn what_is_of_another_kind_is_absent() {
        let item = r#"{"a": "x", "b": "", "c": null, "d": 7, "e": 8192.0, "f": -1, "g": 1e300, "h": false,
                       "i": ["x", 1, "y"], "j": {}, "k": 2, "k": 3}"#;
        let told = Told::of(item);
        let texts = ["a", "b", "c", "d", "z"].map(|name| told.text(name));
        assert_eq!(texts, [Some("x".into()), None, None, None, None]);
        let numbers = ["d", "e", "f", "g", "a", "c", "k"].map(|name| told.number(name));
        assert_eq!(
            numbers,
            [Some(7), Some(8192), None, None, None, None, Some(3)]
        );
        assert_eq!((told.flag("h"), told.flag("a")), (Some(false), None));
        assert!(told.object("j").is_some() && told.object("i").is_none());
        assert_eq!(told.words("i").unwrap(), ["x", "y"]);
        assert!(told.words("j").is_none());
        assert!(Told::of("no JSON").text("a").is_none());
    }
}
