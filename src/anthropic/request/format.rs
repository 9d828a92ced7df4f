//! What form the answer must have.

use crate::anthropic::ANSWER_TOOL;
use crate::error::{Result, invalid};
use crate::json::{Fields, Value, Writer, member};

/// JSON is wanted: any, or of a schema.
pub(super) struct Format<'t> {
    schema: Option<Value<'t>>,
    description: Option<Value<'t>>,
}

/// A tool whose input is the answer.
pub(super) struct AnswerTool<'t> {
    schema: Value<'t>,
    description: Option<Value<'t>>,
}

const BARE: &str =
    "Answer with one JSON value and nothing else: no explanation around it, no code fence.";

pub(super) fn read<'t>(request: &Fields<'t>) -> Result<Option<Format<'t>>> {
    let Some(format) = request.get("response_format") else {
        return Ok(None);
    };
    match format.get("type").and_then(Value::as_str).as_deref() {
        Some("text") => Ok(None),
        Some("json_object") => Ok(Some(Format {
            schema: None,
            description: None,
        })),
        Some("json_schema") => {
            let named = member(format, "json_schema");
            Ok(Some(Format {
                schema: named.and_then(|it| member(it, "schema")),
                description: named.and_then(|it| member(it, "description")),
            }))
        }
        _ => Err(invalid(
            "response_format",
            "of the type text, json_object or json_schema",
        )),
    }
}

impl<'t> Format<'t> {
    /// For a schema that can be a tool's: of an object, and with something in it. Forced to call a tool without
    /// properties Claude calls it with nothing, which is why mere JSON is asked for in words.
    pub(super) fn tool(&self) -> Option<AnswerTool<'t>> {
        let is_object =
            |schema: &Value<'_>| schema.get("type").is_some_and(|kind| kind.is("object"));
        Some(AnswerTool {
            schema: self.schema.filter(is_object)?,
            description: self.description,
        })
    }

    pub(super) fn instruction(&self) -> String {
        let mut text = BARE.to_owned();
        if let Some(schema) = self.schema {
            text.push_str(" It must match this JSON schema: ");
            text.push_str(&String::from_utf8_lossy(schema.raw()));
        }
        text
    }
}

impl AnswerTool<'_> {
    pub(super) fn write(&self, out: &mut Writer) {
        out.open();
        out.word("name", ANSWER_TOOL);
        let described = self.description.and_then(Value::as_str).unwrap_or_default();
        let text = "Give your final answer by calling this tool, alone: its input is the answer. ";
        out.string("description", [text, &described].concat().trim_end());
        out.raw("input_schema", self.schema.raw());
        out.close();
    }
}
