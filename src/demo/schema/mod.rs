//! A JSON schema -> a value that satisfies it, as plain as can be.
//!
//! Every property is filled in where it can be, an array has one element, a choice takes the first branch
//! that works out. Depth is what makes a recursive schema end: an attempt of limited depth fails where it
//! gets too deep, and the failure makes an optional property go missing, an array stay empty, a choice take
//! another branch; only if all of that cannot help does a deeper attempt follow.
//!
//! Looked at are the keywords of OpenAI's structured outputs and `allOf`, `oneOf`, `const`, `prefixItems`,
//! `minProperties`, `nullable`. A `pattern` is met only by the schema's own `default` or `examples`. Not
//! looked at are `not`, `if`, `contains`, `uniqueItems`, `patternProperties` and `dependent...`; of
//! `oneOf`, that no other branch may fit; of an object in `enum` or `const`, its properties.

mod rules;
mod scalar;

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};

use rules::{Kind, Rules};

/// Every step into a schema takes one, references and choices included: the first leaves a list of lists
/// its elements, the last fits a Worker's stack many times over.
const DEPTHS: [usize; 5] = [8, 12, 16, 32, 64];

/// What all attempts together may cost: one per value or branch tried and per byte of what it holds. A value of
/// ten thousand numbers is within it, an array of a billion is not.
const BUDGET: usize = 100_000;

/// An instance of the schema, which is in the request's field `field`.
pub(super) fn instance(schema: &Value, field: &'static str) -> Result<Value> {
    make(schema, &Value::Bool(true), field)
}

/// An instance that is an object, as a tool's arguments must be.
pub(super) fn object(schema: &Value, field: &'static str) -> Result<Value> {
    make(schema, &json!({"type": "object"}), field)
}

fn make(schema: &Value, besides: &Value, field: &'static str) -> Result<Value> {
    let mut maker = Maker { budget: BUDGET };
    Rules::new(schema)
        .and_then(|rules| rules.and(besides))
        .and_then(|rules| DEPTHS.iter().find_map(|depth| maker.value(&rules, *depth)))
        .ok_or_else(|| {
            Error::bad_request(
                "unsupported_schema",
                format!(
                    "The demo provider finds no value for the JSON schema in '{field}': it is \
                     contradictory, too large, or refers to what is not in it."
                ),
            )
            .param(field)
        })
}

struct Maker {
    budget: usize,
}

impl Maker {
    /// A value within the rules; none if there is none this shallow, or the budget is gone.
    fn value(&mut self, rules: &Rules<'_>, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        self.spend(rules.weight())?;
        if let Some((choice, rules)) = rules.next_choice() {
            return choice.iter().find_map(|branch| {
                self.spend(1)?;
                self.value(&rules.clone().and(branch)?, depth)
            });
        }
        if let Some(values) = rules.fixed() {
            let value = values.into_iter().find(|value| rules.allow_value(value))?;
            self.spend(value.to_string().len())?;
            return Some(value.clone());
        }
        rules
            .kinds()
            .into_iter()
            .find_map(|kind| self.value_of(kind, rules, depth))
    }

    fn value_of(&mut self, kind: Kind, rules: &Rules<'_>, depth: usize) -> Option<Value> {
        match kind {
            Kind::Object => self.object(rules, depth).map(Value::Object),
            Kind::Array => self.array(rules, depth).map(Value::Array),
            Kind::String => {
                let text = scalar::string(rules)?;
                self.spend(text.len())?;
                Some(Value::String(text))
            }
            Kind::Number => scalar::number(rules),
            Kind::Integer => scalar::integer(rules),
            Kind::Boolean => Some(Value::Bool(true)),
            Kind::Null => Some(Value::Null),
        }
    }

    fn object(&mut self, rules: &Rules<'_>, depth: usize) -> Option<Map<String, Value>> {
        let required: HashSet<&str> = rules.strings("required").collect();
        let most = rules.at_most("maxProperties").unwrap_or(usize::MAX);
        let mut optional = most.checked_sub(required.len())?;
        let mut object = Map::new();
        for name in rules.property_names().chain(rules.strings("required")) {
            self.spend(1 + name.len())?;
            let needed = required.contains(name);
            if object.contains_key(name) || !needed && optional == 0 {
                continue;
            }
            let value = rules
                .property(name)
                .and_then(|rules| self.value(&rules, depth));
            match value {
                Some(value) => object.insert(name.to_owned(), value),
                None if needed => return None,
                None => continue,
            };
            optional -= usize::from(!needed);
        }
        let least = rules.at_least("minProperties").unwrap_or(0);
        for number in 1.. {
            if object.len() >= least {
                break;
            }
            let name = format!("key_{number}");
            let value = self.value(&rules.property(&name)?, depth)?;
            object.insert(name, value);
        }
        Some(object)
    }

    fn array(&mut self, rules: &Rules<'_>, depth: usize) -> Option<Vec<Value>> {
        let least = rules.at_least("minItems").unwrap_or(0);
        let most = rules.at_most("maxItems").unwrap_or(usize::MAX);
        let wanted = least.max(rules.prefix_length()).max(1).min(most);
        if wanted < least {
            return None;
        }
        let mut array = Vec::new();
        while array.len() < wanted {
            let rules = rules.item(array.len());
            match rules.and_then(|rules| self.value(&rules, depth)) {
                Some(value) => array.push(value),
                None if array.len() < least => return None,
                None => break,
            }
        }
        Some(array)
    }

    fn spend(&mut self, cost: usize) -> Option<()> {
        let left = self.budget.checked_sub(cost);
        self.budget = left.unwrap_or(0);
        left.map(|_| ())
    }
}
