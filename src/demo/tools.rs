//! Tool calls: made when the client forces one, of the first function that may be called.

use serde_json::{Map, Value};

use crate::error::{Result, invalid};

use super::fields::Fields;
use super::format::Nesting;
use super::schema;

/// OpenAI's limit.
const MAX_TOOLS: usize = 128;

/// Names are repeated for every choice; OpenAI's own limit is 64.
const MAX_NAME: usize = 256;

pub(super) struct Call {
    pub(super) name: String,
    /// JSON, as a string on every wire.
    pub(super) arguments: String,
    pub(super) forced: Forced,
}

/// How the call was forced, which the wire tells in the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Forced {
    /// The client named the tool: to OpenAI, the answer then simply stops.
    ByName,
    /// Some tool had to be called.
    AnyTool,
    /// The client named a function the way it was done before tools.
    Legacy,
}

/// What `tool_choice` leaves open.
enum Choice<'a> {
    Free,
    Any,
    Named(&'a str),
    AnyOf(Vec<&'a str>),
}

pub(super) fn read_tools(fields: &Fields) -> Result<&[Value]> {
    let tools = fields.array("tools")?.unwrap_or_default();
    let typed = |tool: &Value| tool.get("type").is_some_and(Value::is_string);
    if tools.len() > MAX_TOOLS || !tools.iter().all(typed) {
        return Err(invalid("tools", "an array of up to 128 tools with a type"));
    }
    Ok(tools)
}

/// The call the request forces, if it does.
pub(super) fn forced_call(fields: &Fields, nesting: Nesting) -> Result<Option<Call>> {
    let tools = read_tools(fields)?;
    let functions = functions(tools, nesting)?;
    let (tool, forced) = match read_choice(fields, nesting)? {
        Choice::Free => return Ok(None),
        Choice::Any => (functions.first(), Forced::AnyTool),
        Choice::Named(name) => (find(&functions, &[name]), Forced::ByName),
        Choice::AnyOf(names) => (find(&functions, &names), Forced::AnyTool),
    };
    let tool = tool.ok_or_else(|| invalid("tool_choice", "a function that is in 'tools'"))?;
    call(tool, forced, "tools").map(Some)
}

/// The same for `functions` and `function_call`, which came before tools.
pub(super) fn forced_function(fields: &Fields) -> Result<Option<Call>> {
    let functions = fields.array("functions")?.unwrap_or_default();
    let functions: Vec<Function<'_>> = functions
        .iter()
        .map(|function| read_function(function).ok_or_else(|| invalid("functions", "functions")))
        .collect::<Result<_>>()?;
    let name = match fields.get("function_call") {
        None => return Ok(None),
        Some(Value::String(mode)) if matches!(mode.as_str(), "none" | "auto") => return Ok(None),
        Some(choice) => choice.get("name").and_then(Value::as_str),
    };
    let function = name.and_then(|name| find(&functions, &[name]));
    let function =
        function.ok_or_else(|| invalid("function_call", "a function that is in 'functions'"))?;
    call(function, Forced::Legacy, "functions").map(Some)
}

struct Function<'a> {
    name: &'a str,
    parameters: Option<&'a Value>,
}

fn functions(tools: &[Value], nesting: Nesting) -> Result<Vec<Function<'_>>> {
    let is_function = |tool: &&Value| tool.get("type").is_some_and(|kind| kind == "function");
    tools
        .iter()
        .filter(is_function)
        .map(|tool| {
            nesting
                .definition(tool, "function")
                .and_then(read_function)
                .ok_or_else(|| invalid("tools", "functions with a name and, if any, parameters"))
        })
        .collect()
}

fn read_function(definition: &Value) -> Option<Function<'_>> {
    let name = definition.get("name")?.as_str()?;
    let parameters = definition
        .get("parameters")
        .filter(|value| !value.is_null());
    let usable = (1..=MAX_NAME).contains(&name.len()) && parameters.is_none_or(Value::is_object);
    usable.then_some(Function { name, parameters })
}

fn find<'f, 'a>(functions: &'f [Function<'a>], names: &[&str]) -> Option<&'f Function<'a>> {
    functions
        .iter()
        .find(|function| names.contains(&function.name))
}

fn read_choice(fields: &Fields, nesting: Nesting) -> Result<Choice<'_>> {
    let refused = || invalid("tool_choice", "none, auto, required or one of the tools");
    let Some(choice) = fields.get("tool_choice") else {
        return Ok(Choice::Free);
    };
    if let Some(mode) = choice.as_str() {
        return match mode {
            "none" | "auto" => Ok(Choice::Free),
            "required" => Ok(Choice::Any),
            _ => Err(refused()),
        };
    }
    if let Some(allowed) = nesting.definition(choice, "allowed_tools") {
        return read_allowed(allowed, nesting).ok_or_else(refused);
    }
    nesting
        .definition(choice, "function")
        .and_then(|function| function.get("name")?.as_str())
        .map(Choice::Named)
        .ok_or_else(refused)
}

fn read_allowed(allowed: &Value, nesting: Nesting) -> Option<Choice<'_>> {
    let tools = allowed.get("tools")?.as_array()?;
    let name = |tool| nesting.definition(tool, "function")?.get("name")?.as_str();
    match allowed.get("mode")?.as_str()? {
        "auto" => Some(Choice::Free),
        "required" => Some(Choice::AnyOf(tools.iter().filter_map(name).collect())),
        _ => None,
    }
}

fn call(function: &Function<'_>, forced: Forced, field: &'static str) -> Result<Call> {
    let arguments = match function.parameters {
        Some(parameters) => schema::object(parameters, field)?,
        None => Value::Object(Map::new()),
    };
    Ok(Call {
        name: function.name.to_owned(),
        arguments: arguments.to_string(),
        forced,
    })
}
