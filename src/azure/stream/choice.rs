//! One choice of a chunk.

use std::ops::Range;

use crate::azure::annotations::is_annotation;
use crate::json::Value;
use crate::platform::Edit;

use super::Rules;
use super::changes::Changes;
use super::chunk::{Phase, Seen};
use super::delta::Delta;

/// The members of a choice that matter. Null is missing.
pub struct Choice<'t> {
    object: Value<'t>,
    pub index: u64,
    has_index: bool,
    delta: Option<Value<'t>>,
    /// A whole message in a stream: from gateways that only play at streaming.
    message: Option<Value<'t>>,
    text: Option<Value<'t>>,
    finish: Option<Value<'t>>,
    filter: Option<Value<'t>>,
    is_annotated: bool,
}

pub enum Outcome {
    Gone,
    /// Nothing but what the filter found, and kept for a client that knows Azure.
    Annotation,
    Kept,
}

/// What a look at a chunk's choices brought.
#[derive(Default)]
pub struct Findings {
    pub edits: Vec<Edit>,
    pub seen: usize,
    /// Of those seen, annotations included.
    pub kept: usize,
    pub annotations: usize,
    /// The service showed that it filters in the synchronous mode.
    pub is_proof: bool,
    /// A chunk that looks the same would be repaired differently.
    pub is_single: bool,
    /// Where strings stand that mean nothing to the repair.
    pub texts: Vec<Range<usize>>,
}

impl Findings {
    /// Nothing in it is for a client that does not know Azure.
    pub fn is_annotation(&self) -> bool {
        self.kept == self.annotations && (self.kept > 0 || self.seen == 0)
    }

    pub fn text(&mut self, value: Value<'_>) {
        let place = value.range();
        let (start, end) = (usize::try_from(place.start), usize::try_from(place.end));
        if let (true, Ok(start), Ok(end)) = (value.is_string(), start, end) {
            self.texts.push(start..end);
        }
    }
}

impl<'t> Choice<'t> {
    pub fn of(object: Value<'t>, position: usize) -> Self {
        let mut choice = Self {
            object,
            index: u64::try_from(position).unwrap_or(u64::MAX),
            has_index: false,
            delta: None,
            message: None,
            text: None,
            finish: None,
            filter: None,
            is_annotated: false,
        };
        for (key, value) in object.members().filter(|(_, value)| !value.is_null()) {
            match key.as_str().as_deref() {
                Some("index") => choice.set_index(value),
                Some("delta") => choice.delta = Some(value),
                Some("message") => choice.message = Some(value),
                Some("text") => choice.text = Some(value),
                Some("finish_reason") => choice.finish = Some(value),
                Some("content_filter_results") => choice.filter = Some(value),
                Some(name) => choice.is_annotated |= is_annotation(name),
                None => {}
            }
        }
        choice.is_annotated |= choice.filter.is_some();
        choice
    }

    fn set_index(&mut self, value: Value<'t>) {
        if let Some(index) = value.as_u64() {
            (self.index, self.has_index) = (index, true);
        }
    }

    pub fn is_legacy(&self) -> bool {
        self.text.is_some() && self.delta.is_none() && self.message.is_none()
    }

    pub fn repair(
        self,
        rules: &Rules,
        is_legacy: bool,
        seen: &mut Seen,
        found: &mut Findings,
    ) -> Outcome {
        let content = if is_legacy {
            self.text
        } else {
            self.delta.or(self.message)
        };
        let delta = content.filter(|it| it.is_object()).map(Delta::of);
        let is_text = content.is_some_and(|it| it.is_string() && !it.is_empty());
        let has_text = is_text || delta.as_ref().is_some_and(Delta::has_text);
        let carries = is_text || delta.as_ref().is_some_and(|it| it.carries);
        let says_nothing = !carries && self.finish.is_none_or(Value::is_empty);
        if says_nothing && (content.is_none() || seen.phase != Phase::Open) {
            let is_wanted = rules.keep_annotation_chunks && self.is_annotated;
            return if is_wanted {
                Outcome::Annotation
            } else {
                Outcome::Gone
            };
        }
        match seen.phase {
            Phase::Open => {}
            Phase::Presumed if carries => seen.phase = Phase::Open,
            // Nothing sensible can be shown behind the end.
            Phase::Presumed | Phase::Finished => return Outcome::Gone,
        }
        let is_last = says_nothing && delta.as_ref().is_none_or(|it| !it.has_role);
        let is_filtered = self
            .filter
            .is_some_and(|it| it.is_object() && !it.is_empty());
        found.is_proof |= is_filtered && has_text;
        found.is_single |= self.finish.is_some() || is_filtered && !has_text;
        let mut changes = self.changes(rules, is_legacy);
        self.finish(is_last, seen, &mut changes);
        found.edits.extend(changes.edits());
        match (delta, content) {
            (Some(delta), _) => delta.repair(&mut seen.calls, found),
            (None, content) => content.into_iter().for_each(|it| found.text(it)),
        }
        Outcome::Kept
    }

    fn changes(&self, rules: &Rules, is_legacy: bool) -> Changes<'t> {
        let mut changes = Changes::of(self.object);
        if rules.strip_azure_fields && self.is_annotated {
            changes.patch().retain(|name, _| !is_annotation(name));
        }
        if !self.has_index {
            changes.set("index", &self.index.to_string());
        }
        if is_legacy && self.text.is_none() {
            changes.set("text", "\"\"");
        } else if !is_legacy && self.delta.is_none() {
            if self.message.is_some() {
                changes.patch().remove("delta");
                changes.patch().rename("message", "delta");
            } else {
                changes.set("delta", "{}");
            }
        }
        changes
    }

    /// Some models say `""` in every chunk and some in the last: it is an end where nothing else is said.
    fn finish(&self, is_last: bool, seen: &mut Seen, changes: &mut Changes<'t>) {
        let Some(finish) = self.finish else { return };
        if !finish.is_empty() {
            seen.phase = Phase::Finished;
            if finish.is("eos") || finish.is("end_turn") {
                changes.set("finish_reason", "\"stop\"");
            }
        } else if is_last {
            seen.phase = Phase::Presumed;
            changes.set("finish_reason", "\"stop\"");
        } else {
            changes.set("finish_reason", "null");
        }
    }
}
