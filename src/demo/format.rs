//! What chat and responses write differently for the same thing, and an answer's form: text or JSON.

use serde_json::{Value, json};

use crate::error::{Result, invalid};

use super::schema;

/// Chat keeps a definition under its type's name, responses beside the type.
#[derive(Clone, Copy)]
pub(super) enum Nesting {
    /// `{"type": "function", "function": {"name": ...}}`
    Wrapped,
    /// `{"type": "function", "name": ...}`
    Flat,
}

impl Nesting {
    /// The definition in `value`, if its type is `kind`.
    pub(super) fn definition<'a>(self, value: &'a Value, kind: &str) -> Option<&'a Value> {
        if value.get("type")?.as_str()? != kind {
            return None;
        }
        match self {
            Self::Wrapped => value.get(kind),
            Self::Flat => Some(value),
        }
    }

    /// The field that holds the format.
    fn format_field(self) -> &'static str {
        match self {
            Self::Wrapped => "response_format",
            Self::Flat => "text",
        }
    }
}

/// What is said, in the form asked for.
pub(super) fn dress(said: String, format: Option<&Value>, nesting: Nesting) -> Result<String> {
    let field = nesting.format_field();
    let Some(format) = format.filter(|format| !format.is_null()) else {
        return Ok(said);
    };
    match format.get("type").and_then(Value::as_str) {
        Some("text") => Ok(said),
        Some("json_object") => Ok(json!({"answer": said}).to_string()),
        Some("json_schema") => {
            let definition = nesting.definition(format, "json_schema");
            definition
                .filter(|definition| definition.get("name").is_some_and(Value::is_string))
                .and_then(|definition| definition.get("schema"))
                .ok_or_else(|| invalid(field, "a format with a name and a schema"))
                .and_then(|schema| schema::instance(schema, field))
                .map(|instance| instance.to_string())
        }
        _ => Err(invalid(field, "of type text, json_object or json_schema")),
    }
}
