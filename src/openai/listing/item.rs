//! One item of a list, as its server wrote it, and as it is shown.

use std::borrow::Cow;

use super::words::{CONTEXT, KNOWN, LONGEST_KNOWN, MODALITIES, OPENAIS, OURS, OUTPUT, OWNERS};
use super::{Keep, seconds};
use crate::facts::Facts;
use crate::json::{Value, Writer, compact, is_deeper_than};
use crate::listed::Listed;

/// Items of the richest lists have some thirty; to find a name among them is to look at each.
const MOST_MEMBERS: usize = 100;
/// Every client has to be able to read the whole list: what is deeper than anything a server says is left out.
const MOST_DEPTH: usize = 32;

/// The members of an item, each name once.
pub struct Item<'t> {
    members: Vec<Member<'t>>,
}

struct Member<'t> {
    name: Cow<'t, str>,
    key: Value<'t>,
    value: Value<'t>,
}

impl<'t> Item<'t> {
    /// Of several members of one name the last counts.
    pub fn of(object: Value<'t>) -> Self {
        let mut members: Vec<Member<'t>> = Vec::new();
        for (key, value) in object.members().take(MOST_MEMBERS) {
            let Some(name) = key.as_str() else {
                continue;
            };
            if is_deeper_than(MOST_DEPTH, value.raw()) {
                continue;
            }
            match members.iter_mut().find(|it| it.name == name) {
                Some(member) => member.value = value,
                None => members.push(Member { name, key, value }),
            }
        }
        Self { members }
    }

    /// A member that is there and not null.
    pub fn get(&self, name: &str) -> Option<Value<'t>> {
        let mut members = self.members.iter();
        let member = members.find(|it| it.name == name)?;
        (!member.value.is_null()).then_some(member.value)
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// What stands at the end of a path of names.
    pub fn at(&self, path: &[&str]) -> Option<Value<'t>> {
        let (first, rest) = path.split_first()?;
        let found = rest
            .iter()
            .try_fold(self.get(first)?, |it, name| it.get(name))?;
        (!found.is_null()).then_some(found)
    }

    /// A string that is not empty.
    pub fn text(&self, path: &[&str]) -> Option<Cow<'t, str>> {
        self.at(path)?.as_str().filter(|text| !text.is_empty())
    }

    /// A number of tokens; some servers put it in a string.
    pub fn count(&self, path: &[&str]) -> Option<u64> {
        let value = self.at(path)?;
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
        number.filter(|it| *it > 0)
    }

    /// What a client sends to mean it. Ollama has names in place of ids; GitHub's first catalogue has the address of
    /// an asset there, which no call takes.
    pub fn id(&self) -> Option<String> {
        let id = match self.get("id") {
            Some(id) => Some(id.as_str()?),
            None => None,
        };
        let is_one = |id: &Cow<'_, str>| !id.is_empty() && !id.starts_with("azureml://");
        let id = id.filter(is_one);
        let name = id
            .or_else(|| self.text(&["name"]))
            .or_else(|| self.text(&["model"]));
        name.map(Cow::into_owned)
    }

    /// When it came to be, in seconds: 0 where nobody says.
    pub fn created(&self) -> u64 {
        let times = ["created", "created_at"].map(|name| self.get(name));
        times.into_iter().flatten().find_map(moment).unwrap_or(0)
    }

    pub fn owner(&self) -> Option<Cow<'t, str>> {
        OWNERS.iter().find_map(|name| self.text(&[name]))
    }

    /// The item as it is, with what OpenAI's types need.
    pub fn listed(&self, id: String, owner: &str, keep: Keep) -> Listed {
        self.with(id, owner, keep, Facts::default())
    }

    /// The same, with what is known of the model beside.
    pub fn with(&self, id: String, owner: &str, keep: Keep, known: Facts) -> Listed {
        let mut out = head(self.created(), owner);
        self.copy(keep, &mut out);
        let has_architecture = self.has("architecture") || self.write_modalities(&mut out);
        let facts = Facts {
            context_length: self.first_count(&CONTEXT).or(known.context_length),
            max_output_tokens: self.first_count(&OUTPUT).or(known.max_output_tokens),
            ..known
        };
        facts.write(&mut out, |name| {
            self.has(name) || name == "architecture" && has_architecture
        });
        finish(id, out)
    }

    /// The members that are not written anew.
    fn copy(&self, keep: Keep, out: &mut Writer) {
        for Member { name, key, value } in &self.members {
            let name = name.as_ref();
            let is_ours = OURS.contains(&name);
            let is_known = is_ours || KNOWN.contains(&name);
            let is_kept = match keep {
                Keep::All => true,
                Keep::Known => is_known && value.raw().len() <= LONGEST_KNOWN,
            };
            // What is known stands in the place of a null.
            if is_kept && !OPENAIS.contains(&name) && !(is_ours && value.is_null()) {
                out.item(&[key.raw(), b":", &*without_blanks(*value)].concat());
            }
        }
    }

    fn first_count(&self, paths: &[&[&str]]) -> Option<u64> {
        paths.iter().find_map(|path| self.count(path))
    }

    /// As `OpenRouter` has them; whether there are any.
    fn write_modalities(&self, out: &mut Writer) -> bool {
        let found = MODALITIES.map(|(name, others)| {
            let lists = others.map(|other| self.get(other));
            let mut lists = lists.into_iter().flatten();
            (name, lists.find(|it| it.is_array() && !it.is_empty()))
        });
        let has_any = found.iter().any(|(_, list)| list.is_some());
        if has_any {
            out.open_member("architecture");
            for (name, list) in found {
                if let Some(list) = list {
                    out.raw(name, compact(list.raw()).as_bytes());
                }
            }
            out.close();
        }
        has_any
    }
}

/// What OpenAI's types need of every item.
pub fn head(created: u64, owner: &str) -> Writer {
    let mut out = Writer::default();
    out.word("object", "model");
    out.number("created", created);
    out.string("owned_by", owner);
    out
}

pub fn finish(id: String, out: Writer) -> Listed {
    let members = String::from_utf8_lossy(&out.into_bytes()).into_owned();
    Listed { id, members }
}

/// Only between the parts of a value are blanks that mean nothing.
fn without_blanks(value: Value<'_>) -> Cow<'_, [u8]> {
    if value.is_object() || value.is_array() {
        Cow::Owned(compact(value.raw()).into_bytes())
    } else {
        Cow::Borrowed(value.raw())
    }
}

/// Seconds, whole or not, or a date.
fn moment(value: Value<'_>) -> Option<u64> {
    if let Some(date) = value.as_str() {
        return seconds(&date);
    }
    let rounded = || {
        let number = value.as_f64().filter(|it| it.is_finite() && *it >= 0.0)?;
        format!("{:.0}", number.trunc()).parse().ok()
    };
    value.as_u64().or_else(rounded)
}
