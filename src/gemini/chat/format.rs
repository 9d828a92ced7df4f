//! What form the answer must have: JSON, of a schema, or one word of a few.

use crate::error::{Result, invalid};
use crate::gemini::lessons::{Lesson, Lessons};
use crate::gemini::model::Model;
use crate::gemini::{Host, schema};
use crate::json::{Fields, Value, Writer, member};

use super::messages::Conversation;

/// JSON is wanted: any, or of a schema.
#[derive(Clone, Copy)]
pub(super) struct Format<'t> {
    schema: Option<Value<'t>>,
    /// Of the schema, where it says none itself.
    description: Option<Value<'t>>,
}

/// What the answer is bound by.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) model: Model,
    pub(super) host: Host,
    pub(super) lessons: Lessons,
}

const BARE: &str =
    "Answer with one JSON value and nothing else: no explanation around it, no code fence.";

impl<'t> Format<'t> {
    pub(super) fn read(request: &Fields<'t>) -> Result<Option<Self>> {
        let Some(format) = request.get("response_format") else {
            return Ok(None);
        };
        match member(format, "type").and_then(Value::as_str).as_deref() {
            Some("text") => Ok(None),
            Some("json_object") => Ok(Some(Self {
                schema: None,
                description: None,
            })),
            Some("json_schema") => Self::named(format).map(Some),
            _ => Err(invalid(
                "response_format",
                "of the type text, json_object or json_schema",
            )),
        }
    }

    fn named(format: Value<'t>) -> Result<Self> {
        let problem = || invalid("response_format", "with an object `json_schema`");
        let named = member(format, "json_schema").filter(|it| it.is_object());
        let named = named.ok_or_else(problem)?;
        let schema = member(named, "schema");
        if schema.is_some_and(|schema| !schema.is_object()) {
            let expected = "with an object `json_schema.schema`";
            return Err(invalid("response_format", expected));
        }
        let description = member(named, "description").filter(|it| it.is_string());
        Ok(Self {
            schema,
            description,
        })
    }

    /// Binds the answer: writes the members of `generationConfig` that do, or tells the model. Says whether it is only
    /// told, so that a fence may stand around its JSON.
    pub(super) fn apply(
        &self,
        out: &mut Writer,
        conversation: &mut Conversation,
        bounds: Bounds,
        has_tools: impl FnOnce() -> bool,
    ) -> bool {
        let Bounds { model, lessons, .. } = bounds;
        let mixes = model.takes_json_with_tools() && !lessons.has(Lesson::NoJsonWithTools);
        if !model.takes_json() || !mixes && has_tools() {
            conversation.instruct(&self.instruction());
            return true;
        }
        if lessons.has(Lesson::NoSchema) {
            out.word("responseMimeType", "application/json");
            if self.schema.is_some() {
                conversation.instruct(&self.instruction());
            }
        } else if let Some(words) = self.words() {
            out.word("responseMimeType", "text/x.enum");
            out.open_member("responseSchema");
            out.word("type", "STRING");
            out.list("enum", &words);
            out.close();
        } else {
            out.word("responseMimeType", "application/json");
            self.write_schema(out, bounds);
        }
        false
    }

    fn instruction(&self) -> String {
        let mut text = BARE.to_owned();
        if let Some(schema) = self.schema {
            text.push_str(" It must match this JSON schema: ");
            text.push_str(&String::from_utf8_lossy(schema.raw()));
        }
        text
    }

    /// The words of a schema that is a choice among words. Google refuses an empty one ("enum[0]: cannot be empty").
    fn words(&self) -> Option<Writer> {
        let schema = self.schema?;
        let is_text = member(schema, "type").is_none_or(|kind| kind.is("string"));
        let choice = member(schema, "enum").filter(|it| is_text && it.is_array())?;
        let mut words = Writer::default();
        for word in choice.elements() {
            if !word.is_string() {
                return None;
            }
            if !word.is_empty() {
                words.item(word.raw());
            }
        }
        Some(words).filter(|words| !words.is_empty())
    }

    fn write_schema(&self, out: &mut Writer, bounds: Bounds) {
        let Some(given) = self.schema else {
            return;
        };
        if bounds.model.takes_json_schema() {
            if let Some(schema) = schema::json(given) {
                self.write_described(out, &schema);
            }
            return;
        }
        let number_enums = !bounds.lessons.has(Lesson::NoNumberEnums);
        if let Some(schema) = schema::restricted(given, bounds.host, number_enums) {
            out.raw("responseSchema", &schema);
        }
    }

    /// With the description that stood beside the schema, where it has none of its own. Nothing may stand beside a
    /// `$ref`.
    fn write_described(&self, out: &mut Writer, schema: &[u8]) {
        let has = |name| Value::first(schema).is_some_and(|it| it.get(name).is_some());
        let description = self
            .description
            .filter(|_| !has("description") && !has("$ref"));
        match (description, schema.trim_ascii().strip_prefix(b"{")) {
            (Some(description), Some(members)) => {
                let description = description.raw();
                let described = [b"{\"description\":", description, b",", members].concat();
                out.raw("responseJsonSchema", &described);
            }
            _ => out.raw("responseJsonSchema", schema),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Format};
    use crate::gemini::chat::messages::{Conversation, Setting};
    use crate::gemini::lessons::{Lesson, Lessons};
    use crate::gemini::model::Model;
    use crate::gemini::tools::Names;
    use crate::gemini::{Host, Manner};
    use crate::json::{Fields, Value, Writer};

    /// Whether the model is only told, and what it is bound by.
    fn applied(model: &str, lessons: Lessons, has_tools: bool) -> (bool, String) {
        let request = br#"{"response_format": {"type": "json_object"}}"#;
        let request = Fields::of(Value::first(request).unwrap());
        let format = Format::read(&request).unwrap().unwrap();
        let model = Model::of(model, Host::Studio);
        let setting = Setting {
            manner: &Manner::default(),
            model,
            lessons,
            fetched: &[],
            names: &Names::default(),
        };
        let mut conversation = Conversation::of_text("x", &setting);
        let host = Host::Studio;
        let bounds = Bounds {
            model,
            host,
            lessons,
        };
        let mut out = Writer::default();
        let is_told = format.apply(&mut out, &mut conversation, bounds, || has_tools);
        (is_told, out.into_text())
    }

    #[test]
    fn json_beside_tools() {
        let json = r#""responseMimeType":"application/json""#;
        let none = Lessons::default();
        let taught = none.with(Lesson::NoJsonWithTools);
        for (model, lessons, has_tools, expected) in [
            ("gemini-2.5-flash", none, false, (false, json)),
            ("gemini-2.5-flash", none, true, (true, "")),
            ("gemini-3.8-flash", none, true, (false, json)),
            ("gemini-3.8-flash", taught, true, (true, "")),
            ("gemini-3.8-flash", taught, false, (false, json)),
            ("gemma-3-27b-it", none, false, (true, "")),
            ("gemma-4-31b-it", none, true, (true, "")),
        ] {
            let (is_told, bound) = applied(model, lessons, has_tools);
            assert_eq!((is_told, bound.as_str()), expected, "{model} {has_tools}");
        }
    }
}
