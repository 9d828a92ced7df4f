//! One chunk: who it says it is, and whether anything is left of it.

use crate::azure::annotations::is_annotation;
use crate::azure::usage::complete;
use crate::json::{self, Value};
use crate::platform::Edit;
use crate::usage::{self, Usage};

use super::changes::{Changes, is_blank};
use super::choice::{Choice, Findings, Outcome};
use super::tool_calls::Calls;
use super::twin::Twin;
use super::{Fate, Rules, refused};

const CHAT: &str = "chat.completion.chunk";
/// Of the legacy completions, whose choices have a `text` and no delta.
const TEXT: &str = "text_completion";

/// More than any API gives; choices beyond it are passed on as they come.
const MAX_CHOICES: usize = 1024;

/// Longer names are not remembered.
const MAX_NAME: usize = 1024;

/// A larger chunk is not kept for comparison.
const MAX_TWIN: usize = 64 << 10;

/// What of the chunks so far must survive: the first names that were given (as JSON text), what each choice has
/// come to, the usage that was told, whether they are legacy completions, whether they turned out to need no repair, and the last one.
/// Always `choices.len() <= MAX_CHOICES`, and no name is longer than `MAX_NAME`.
#[derive(Default)]
pub struct Chunks {
    id: Option<String>,
    created: Option<String>,
    model: Option<String>,
    choices: Vec<Seen>,
    is_legacy: bool,
    is_proven: bool,
    usage: Option<Usage>,
    /// The last chunk, if the next may be like it.
    twin: Option<Twin>,
}

/// What one choice has come to.
pub struct Seen {
    index: u64,
    pub phase: Phase,
    pub calls: Calls,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Open,
    /// It ended with an empty finish reason: most likely, but not for certain.
    Presumed,
    Finished,
}

/// The members of a chunk that matter.
pub struct Chunk<'t> {
    object: Value<'t>,
    id: Option<Value<'t>>,
    kind: Option<Value<'t>>,
    created: Option<Value<'t>>,
    model: Option<Value<'t>>,
    choices: Option<Value<'t>>,
    usage: Option<Value<'t>>,
    error: Option<Value<'t>>,
    /// Letters by chance that hide the length of the text.
    obfuscation: Option<Value<'t>>,
    is_annotated: bool,
}

impl<'t> Chunk<'t> {
    pub fn of(object: Value<'t>) -> Self {
        let mut chunk = Self {
            object,
            id: None,
            kind: None,
            created: None,
            model: None,
            choices: None,
            usage: None,
            error: None,
            obfuscation: None,
            is_annotated: false,
        };
        for (key, value) in object.members() {
            match key.as_str().as_deref() {
                Some("id") => chunk.id = Some(value),
                Some("object") => chunk.kind = Some(value),
                Some("created") => chunk.created = Some(value),
                Some("model") => chunk.model = Some(value),
                Some("choices") => chunk.choices = Some(value).filter(|it| !it.is_null()),
                Some("usage") => chunk.usage = Some(value).filter(|it| it.is_object()),
                Some("obfuscation") => chunk.obfuscation = Some(value),
                Some("error") => chunk.error = Some(value),
                Some(name) => chunk.is_annotated |= is_annotation(name),
                None => {}
            }
        }
        chunk
    }

    /// An error in OpenAI's place for one, and not a null or something empty there.
    pub fn error(&self) -> Option<Value<'t>> {
        let may_be_one = |it: &Value<'_>| it.is_object() || it.is_string();
        self.error.filter(|it| may_be_one(it) && !it.is_empty())
    }

    pub fn choices(&self) -> impl Iterator<Item = Value<'t>> + use<'t> {
        self.choices.into_iter().flat_map(Value::elements)
    }

    pub fn says_finished(&self) -> bool {
        self.choices().any(|it| {
            it.get("finish_reason")
                .is_some_and(|it| it.is_string() && !it.is_empty())
        })
    }

    pub fn has_choices(&self) -> bool {
        self.choices.is_some()
    }

    fn has_empty_choices(&self) -> bool {
        self.choices
            .is_some_and(|it| it.is_array() && it.is_empty())
    }

    /// Whether it is one at all; what is not may have any meaning, and passes.
    fn is_one(&self) -> bool {
        self.has_choices() || self.usage.is_some() || self.kind.is_some() || self.is_annotated
    }
}

impl Chunks {
    /// What becomes of an event whose data is an object.
    pub fn take(&mut self, rules: &Rules, data: &[u8], object: Value<'_>, name: &[u8]) -> Fate {
        self.twin = None;
        let chunk = Chunk::of(object);
        if let Some(status) = refused::status(&chunk, object, name) {
            let body = refused::body(&chunk, status, data);
            return Fate::Error { status, body };
        }
        if !chunk.is_one() {
            return Fate::Kept;
        }
        self.learn(&chunk);
        let mut found = self.choices(rules, &chunk);
        if rules.keep_annotation_chunks && found.is_annotation() && chunk.usage.is_none() {
            return Fate::Kept;
        }
        if found.kept == 0 {
            if chunk.usage.is_none() || rules.hide_usage {
                return Fate::Gone;
            }
            found.edits.clear();
        }
        let changes = self.around(rules, &chunk, found.kept == 0);
        found.edits.extend(changes.edits());
        found.edits.extend(chunk.usage.and_then(complete));
        self.repaired(data, &chunk, found)
    }

    fn repaired(&mut self, data: &[u8], chunk: &Chunk<'_>, mut found: Findings) -> Fate {
        json::sort(&mut found.edits);
        let repaired = (!found.edits.is_empty()).then(|| json::apply(data, &found.edits));
        self.is_proven |= found.is_proof && repaired.is_none();
        if found.kept > 0 && !found.is_single && data.len() <= MAX_TWIN {
            chunk.obfuscation.into_iter().for_each(|it| found.text(it));
            self.twin = Twin::of(data, repaired.as_deref(), &found.edits, found.texts);
        }
        repaired.map_or(Fate::Kept, Fate::Changed)
    }

    /// What becomes of data that differs from the last chunk's in its texts alone.
    pub fn as_the_last(&self, data: &[u8]) -> Option<Fate> {
        self.twin.as_ref()?.repaired(data)
    }

    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// The service proved to be Azure OpenAI's own, with its filter in the synchronous mode.
    pub fn is_proven(&self) -> bool {
        self.is_proven
    }

    /// Every choice that was seen has ended, and at least one was.
    pub fn are_finished(&self) -> bool {
        let is_open = |it: &Seen| it.phase == Phase::Open;
        !self.choices.is_empty() && !self.choices.iter().any(is_open)
    }

    fn learn(&mut self, chunk: &Chunk<'_>) {
        remember(&mut self.id, chunk.id);
        remember(&mut self.created, chunk.created);
        remember(&mut self.model, chunk.model);
        // With a dot in old versions.
        let is_text = |it: Value<'_>| it.is(TEXT) || it.is("text.completion");
        self.is_legacy |= chunk.kind.is_some_and(is_text);
        self.usage = chunk.usage.and_then(usage::of).or(self.usage);
    }

    /// Repairs the choices and takes out those that are nothing to a client.
    fn choices(&mut self, rules: &Rules, chunk: &Chunk<'_>) -> Findings {
        let mut found = Findings::default();
        let mut kept_before = None;
        let mut choices = chunk.choices().enumerate().peekable();
        while let Some((position, value)) = choices.next() {
            found.seen += 1;
            let choice = Choice::of(value, position);
            self.is_legacy |= choice.is_legacy();
            let outcome = match seen(&mut self.choices, choice.index) {
                Some(seen) => choice.repair(rules, self.is_legacy, seen, &mut found),
                None => Outcome::Kept,
            };
            let place = value.range();
            match outcome {
                Outcome::Gone => {
                    // One comma goes along: the one in front, or, for the first ones, the one behind.
                    let next = choices.peek().map(|(_, next)| next.range().start);
                    let range = match (kept_before, next) {
                        (Some(before), _) => before..place.end,
                        (None, next) => place.start..next.unwrap_or(place.end),
                    };
                    kept_before = kept_before.map(|_| place.end);
                    found.edits.push(Edit::remove(range));
                    continue;
                }
                Outcome::Annotation => found.annotations += 1,
                Outcome::Kept => {}
            }
            found.kept += 1;
            kept_before = Some(place.end);
        }
        found
    }

    /// What is changed around the choices: above all, who the chunk says it is.
    fn around<'t>(&self, rules: &Rules, chunk: &Chunk<'t>, is_empty: bool) -> Changes<'t> {
        let mut changes = Changes::of(chunk.object);
        if rules.strip_azure_fields && chunk.is_annotated {
            changes.patch().retain(|name, _| !is_annotation(name));
        }
        if is_empty && !chunk.has_empty_choices() {
            changes.set("choices", "[]");
        }
        let kind = if self.is_legacy { TEXT } else { CHAT };
        if !chunk.kind.is_some_and(|it| it.is(kind)) {
            changes.set("object", &json::quoted(kind));
        }
        if is_blank(chunk.id) {
            let prefix = if self.is_legacy { "cmpl" } else { "chatcmpl" };
            let made = || json::quoted(&format!("{prefix}-{}", rules.id));
            changes.set("id", &self.id.clone().unwrap_or_else(made));
        }
        if is_blank(chunk.created) {
            let now = || rules.now_secs.to_string();
            changes.set("created", &self.created.clone().unwrap_or_else(now));
        }
        if is_blank(chunk.model) {
            let asked = || json::quoted(&rules.model);
            changes.set("model", &self.model.clone().unwrap_or_else(asked));
        }
        changes
    }
}

fn remember(known: &mut Option<String>, value: Option<Value<'_>>) {
    if known.is_some() || is_blank(value) {
        return;
    }
    let text = value.and_then(|it| std::str::from_utf8(it.raw()).ok());
    *known = text.filter(|it| it.len() <= MAX_NAME).map(str::to_owned);
}

fn seen(choices: &mut Vec<Seen>, index: u64) -> Option<&mut Seen> {
    let place = choices.iter().position(|it| it.index == index);
    if place.is_none() && choices.len() < MAX_CHOICES {
        choices.push(Seen {
            index,
            phase: Phase::Open,
            calls: Calls::default(),
        });
        return choices.last_mut();
    }
    choices.get_mut(place?)
}
