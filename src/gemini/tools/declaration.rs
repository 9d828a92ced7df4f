//! A function as Google is told of it.

use std::borrow::Cow;

use crate::error::{Result, invalid};
use crate::gemini::{Host, schema};
use crate::json::{Value, Writer, inside, member};

/// How parameters are described.
#[derive(Clone, Copy, Debug)]
pub(super) enum Parameters {
    /// `parametersJsonSchema`.
    Json,
    /// `parameters`. Enums of numbers may stay enums, or not.
    Restricted { host: Host, number_enums: bool },
}

/// A tool of the client's that it runs itself.
#[derive(Clone, Copy)]
pub(super) struct Function<'t> {
    pub(super) object: Value<'t>,
    pub(super) is_custom: bool,
    /// The field it stands in.
    pub(super) param: &'static str,
}

impl<'t> Function<'t> {
    /// None for a tool that is something else.
    pub(super) fn of(tool: Value<'t>) -> Option<Self> {
        let kind = tool.get("type").and_then(Value::as_str);
        let (name, is_custom) = match kind.as_deref() {
            Some("function") => ("function", false),
            Some("custom") => ("custom", true),
            None if member(tool, "function").is_some() => ("function", false),
            _ => return None,
        };
        Some(Self {
            object: member(tool, name).unwrap_or(tool),
            is_custom,
            param: "tools",
        })
    }

    /// One of `functions`.
    pub(super) fn legacy(object: Value<'t>) -> Self {
        Self {
            object,
            is_custom: false,
            param: "functions",
        }
    }

    pub(super) fn name(self) -> Result<Cow<'t, str>> {
        let name = member(self.object, "name").and_then(Value::as_str);
        name.filter(|name| !name.is_empty())
            .ok_or_else(|| invalid(self.param, "functions with a name"))
    }

    /// Calls are to fit its schema.
    pub(super) fn is_strict(self) -> bool {
        !self.is_custom && self.object.get("strict").is_some_and(Value::is_true)
    }

    /// `name` is Google's.
    pub(super) fn write(self, out: &mut Writer, name: &str, parameters: Parameters) -> Result<()> {
        let schema = if self.is_custom {
            Some(Cow::Owned(self.input()))
        } else {
            self.schema(parameters)?
        };
        out.open();
        out.word("name", name);
        let description = member(self.object, "description");
        out.value("description", description.filter(|it| it.is_string()));
        if let Some(schema) = schema {
            let field = match parameters {
                Parameters::Json => "parametersJsonSchema",
                Parameters::Restricted { .. } => "parameters",
            };
            out.raw(field, &schema);
        }
        out.close();
        Ok(())
    }

    fn schema(self, parameters: Parameters) -> Result<Option<Cow<'t, [u8]>>> {
        let Some(schema) = member(self.object, "parameters") else {
            return Ok(None);
        };
        let expected = "functions whose parameters are an object's schema";
        let problem = || invalid(self.param, expected);
        if !schema.is_object() || !may_be_object(schema) {
            return Err(problem());
        }
        let told = match parameters {
            Parameters::Json => schema::json(schema).map(typed),
            Parameters::Restricted { host, number_enums } => {
                schema::restricted(schema, host, number_enums).map(Cow::Owned)
            }
        };
        // What it refers to shows only now.
        let is_other = |told: &Cow<'_, [u8]>| !Value::first(told).is_some_and(may_be_object);
        if told.as_ref().is_some_and(is_other) {
            return Err(problem());
        }
        Ok(told)
    }

    /// A custom tool is called with a text. What it must look like can only be said in words.
    fn input(self) -> Vec<u8> {
        let mut out = Writer::default();
        out.open();
        out.word("type", "object");
        out.open_member("properties");
        out.open_member("input");
        out.word("type", "string");
        let format = member(self.object, "format");
        let grammar = format.and_then(|it| member(it, "grammar").or(Some(it)));
        let said = |name| grammar.and_then(|it| member(it, name)).map(inside);
        if let (Some(syntax), Some(definition)) = (said("syntax"), said("definition")) {
            let words = [b"A text of this ", syntax, b" grammar:\\n", definition];
            out.joined("description", &words.concat());
        }
        out.close();
        out.close();
        out.raw("required", br#"["input"]"#);
        out.close();
        out.into_bytes()
    }
}

/// Arguments are an object.
fn may_be_object(schema: Value<'_>) -> bool {
    let is_object = |kind: Value<'_>| {
        kind.as_str()
            .is_some_and(|it| it.eq_ignore_ascii_case("object"))
    };
    let Some(kind) = member(schema, "type") else {
        return true;
    };
    is_object(kind) || kind.elements().any(is_object)
}

/// Google wants one type said; OpenAI's clients leave it out, or say that there may be no arguments (`null`).
fn typed(schema: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let is_typed = |schema: &Value<'_>| schema.get("type").is_some_and(Value::is_string);
    let Some(object) = Value::first(&schema).filter(|it| may_be_object(*it) && !is_typed(it))
    else {
        return schema;
    };
    let mut out = Writer::default();
    out.open();
    out.word("type", "object");
    for (key, value) in object.members().filter(|(key, _)| !key.is("type")) {
        out.item(&[key.raw(), b":", value.raw()].concat());
    }
    out.close();
    Cow::Owned(out.into_bytes())
}
