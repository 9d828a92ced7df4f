//! What the assistant called.

use std::borrow::Cow;

use super::Setting;
use super::signatures::{self, Signature};
use super::text::{Text, bytes};
use crate::error::Result;
use crate::gemini::Host;
use crate::json::{Fields, Value, Writer, is_json};
use crate::openai::place::Place;

/// A call of the assistant's.
#[derive(Debug)]
pub(super) struct Call<'t> {
    pub(super) key: Key<'t>,
    pub(super) callee: Callee<'t>,
    args: Args<'t>,
    pub(super) signature: Option<Signature<'t>>,
}

/// What a result names its call by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key<'t> {
    /// Without a signature.
    Id(Cow<'t, str>),
    /// A `function_call` has no id, and is the one of its message.
    Legacy,
}

impl<'t> Key<'t> {
    pub(super) fn of_id(id: Cow<'t, str>) -> Self {
        Self::Id(signatures::clean_id(id))
    }
}

/// Who is called: it stands on the call and on its result.
#[derive(Clone, Debug)]
pub(super) struct Callee<'t> {
    id: Option<Cow<'t, str>>,
    /// As Google knows it.
    name: String,
}

impl Callee<'_> {
    /// Writes its members into an object that is open.
    pub(super) fn write(&self, out: &mut Writer) {
        if let Some(id) = &self.id {
            out.string("id", id);
        }
        out.string("name", &self.name);
    }
}

#[derive(Debug)]
enum Args<'t> {
    /// An object.
    Object(Cow<'t, [u8]>),
    /// A text under a name: Google takes nothing but objects.
    Text(&'static str, Text<'t>),
}

impl<'t> Call<'t> {
    pub(super) fn is_legacy(&self) -> bool {
        self.key == Key::Legacy
    }

    /// Writes the member that holds it into a part that is open.
    pub(super) fn write(&self, out: &mut Writer) {
        out.open_member("functionCall");
        self.callee.write(out);
        match &self.args {
            Args::Object(object) => out.raw("args", object),
            Args::Text(name, text) => {
                out.open_member("args");
                out.raw(name, text.literal());
                out.close();
            }
        }
        out.close();
    }

    fn of_tool(call: Value<'t>, setting: &Setting<'_>, place: Place) -> Result<Self> {
        let call = Fields::of(call);
        let kind = call.get("type").and_then(Value::as_str);
        let kind = kind.as_deref().unwrap_or("function");
        let (held, args): (_, fn(&Fields<'t>) -> _) = match kind {
            "function" => ("function", Args::of_function),
            "custom" => ("custom", Args::of_custom),
            _ => return Err(place.refuse(".type", "is none of function, custom")),
        };
        let missing = || place.refuse("", &["needs '", held, "' with a 'name'"].concat());
        let function = Fields::of(call.get(held).ok_or_else(missing)?);
        let name = function.get("name").and_then(Value::as_str);
        let name = name.ok_or_else(missing)?;
        let id = call.get("id").and_then(Value::as_str).unwrap_or_default();
        let signature = signatures::of_call(&call, &function, &id, setting);
        let id = signatures::clean_id(id);
        Ok(Self {
            callee: Callee {
                id: Some(id.clone()).filter(|id| !id.is_empty() && sends_ids(setting)),
                name: setting.names.theirs(&name).into_owned(),
            },
            key: Key::Id(id),
            args: args(&function),
            signature,
        })
    }

    fn of_function(function: Value<'t>, setting: &Setting<'_>, place: Place) -> Result<Self> {
        let function = Fields::of(function);
        let name = function.get("name").and_then(Value::as_str);
        let name = name.ok_or_else(|| place.refuse(".function_call", "needs a 'name'"))?;
        Ok(Self {
            key: Key::Legacy,
            callee: Callee {
                id: None,
                name: setting.names.theirs(&name).into_owned(),
            },
            args: Args::of_function(&function),
            signature: signatures::of_call(&function, &function, "", setting),
        })
    }
}

impl<'t> Args<'t> {
    /// Models make mistakes in them, which must not end the conversation.
    fn of_function(function: &Fields<'t>) -> Self {
        let Some(arguments) = function.get("arguments") else {
            return Self::Object(Cow::Borrowed(b"{}"));
        };
        if arguments.is_object() {
            return Self::Object(Cow::Borrowed(arguments.raw()));
        }
        match arguments.as_str() {
            Some(text) if text.trim_ascii().is_empty() => Self::Object(Cow::Borrowed(b"{}")),
            Some(text) if is_object(&text) => Self::Object(bytes(text)),
            _ => Self::raw(arguments),
        }
    }

    fn raw(arguments: Value<'t>) -> Self {
        match Text::read(arguments) {
            Some(text) => Self::Text("_raw", text),
            None => Self::Object([br#"{"_raw":"#, arguments.raw(), b"}"].concat().into()),
        }
    }

    /// A custom tool is declared with one parameter.
    fn of_custom(custom: &Fields<'t>) -> Self {
        let input = custom.get("input").and_then(Text::read);
        Self::Text("input", input.unwrap_or(Text::ours(b"\"\"")))
    }
}

fn is_object(text: &str) -> bool {
    text.trim_ascii_start().starts_with('{') && is_json(text.as_bytes())
}

/// Vertex AI does not know them everywhere.
fn sends_ids(setting: &Setting<'_>) -> bool {
    let manner = setting.manner;
    let by_default = manner.host == Host::Studio;
    manner.options.call_ids.unwrap_or(by_default)
}

/// The calls of a message, in its order.
pub(super) fn read<'t>(
    message: &Fields<'t>,
    setting: &Setting<'_>,
    place: Place,
) -> Result<Vec<Call<'t>>> {
    let called = message.get("tool_calls");
    if called.is_some_and(|it| !it.is_array()) {
        return Err(place.refuse(".tool_calls", "is no array"));
    }
    let called = called.into_iter().flat_map(Value::elements).enumerate();
    let calls =
        called.map(|(index, call)| Call::of_tool(call, setting, place.below("tool_calls", index)));
    let mut calls: Vec<_> = calls.collect::<Result<_>>()?;
    if let Some(function) = message.get("function_call") {
        calls.push(Call::of_function(function, setting, place)?);
    }
    Ok(calls)
}
