//! Tools, and which of them are to be called.

use std::collections::BTreeSet;

use crate::anthropic::ANSWER_TOOL;
use crate::error::{Error, Result, invalid};
use crate::json::{Fields, Value, Writer, member};

use super::format::AnswerTool;

#[derive(Default)]
pub(super) struct Tools<'t> {
    list: Writer,
    choice: Choice<'t>,
    /// At most one call at a time.
    one_by_one: bool,
    are_functions: bool,
}

#[derive(Default)]
enum Choice<'t> {
    #[default]
    Auto,
    None,
    Any,
    /// A function by its name, quotes included.
    Named(&'t [u8]),
    /// The tool of ours.
    Answer,
}

/// What a client's `tool_choice` says, and the tools it narrows the choice to.
type Chosen<'t> = (Choice<'t>, Option<BTreeSet<&'t [u8]>>);

impl<'t> Tools<'t> {
    pub(super) fn read(request: &Fields<'t>) -> Result<Self> {
        let some = |list: &Value<'_>| !list.is_empty();
        let functions = request.get("functions").filter(some);
        let tools = request.get("tools").filter(some);
        let (choice, allowed) = match tools {
            Some(_) => read_choice(request.get("tool_choice"))?,
            None => (read_function_choice(request.get("function_call"))?, None),
        };
        let mut list = Writer::default();
        let is_allowed = |function: Value<'t>| {
            let name = function.get("name").map(Value::raw);
            allowed
                .as_ref()
                .is_none_or(|allowed| name.is_some_and(|name| allowed.contains(name)))
        };
        for tool in tools.into_iter().flat_map(Value::elements) {
            if is_allowed(member(tool, "function").unwrap_or(tool)) {
                write_tool(&mut list, tool)?;
            }
        }
        for function in functions.into_iter().flat_map(Value::elements) {
            write_function(&mut list, function, None)?;
        }
        let are_functions = functions.is_some() && tools.is_none();
        let is_false = |value: Value<'_>| value.raw() == b"false";
        let tools = Self {
            list,
            choice,
            // A `function_call` is one.
            one_by_one: are_functions || request.get("parallel_tool_calls").is_some_and(is_false),
            are_functions,
        };
        if tools.list.is_empty() && tools.is_forced() {
            return Err(invalid(
                "tool_choice",
                "none or auto where there are no tools",
            ));
        }
        Ok(tools)
    }

    /// The client wants a call for an answer.
    pub(super) fn is_forced(&self) -> bool {
        matches!(self.choice, Choice::Any | Choice::Named(_))
    }

    pub(super) fn are_functions(&self) -> bool {
        self.are_functions
    }

    /// The answer comes as a call of one more tool, unless the model first calls one of the client's.
    pub(super) fn force_answer(&mut self, tool: &AnswerTool<'_>) {
        let is_alone = self.list.is_empty() || matches!(self.choice, Choice::None);
        tool.write(&mut self.list);
        self.choice = if is_alone {
            Choice::Answer
        } else {
            Choice::Any
        };
    }

    /// Calls in a conversation want their tools defined, also where the client offers none any more.
    pub(super) fn define(&mut self, called: &BTreeSet<Vec<u8>>) {
        if !self.list.is_empty() {
            return;
        }
        for name in called {
            self.list.open();
            self.list.raw("name", name);
            self.list.raw("input_schema", NO_PARAMETERS);
            self.list.close();
        }
        self.choice = Choice::None;
    }

    pub(super) fn write(&self, out: &mut Writer) {
        if self.list.is_empty() {
            return;
        }
        out.list("tools", &self.list);
        let kind = match self.choice {
            Choice::Auto if !self.one_by_one => return,
            Choice::Auto => "auto",
            Choice::None => "none",
            Choice::Any => "any",
            Choice::Named(_) | Choice::Answer => "tool",
        };
        out.open_member("tool_choice");
        out.word("type", kind);
        match self.choice {
            Choice::Named(name) => out.raw("name", name),
            Choice::Answer => out.word("name", ANSWER_TOOL),
            _ => {}
        }
        if self.one_by_one && kind != "none" {
            out.raw("disable_parallel_tool_use", b"true");
        }
        out.close();
    }
}

const NO_PARAMETERS: &[u8] = br#"{"type":"object","properties":{}}"#;

fn write_tool(out: &mut Writer, tool: Value<'_>) -> Result<()> {
    match (member(tool, "function"), tool.get("type")) {
        (Some(function), _) => write_function(out, function, member(tool, "cache_control")),
        (None, Some(kind)) if kind.is("custom") || kind.is("function") => {
            Err(invalid("tools", "functions: Claude knows no custom tools"))
        }
        // Anthropic's own, which its servers run.
        (None, _) if member(tool, "name").is_some_and(Value::is_string) => {
            out.item(tool.raw());
            Ok(())
        }
        _ => Err(invalid("tools", "functions with a name")),
    }
}

fn write_function(out: &mut Writer, function: Value<'_>, cache: Option<Value<'_>>) -> Result<()> {
    let name = member(function, "name").filter(|name| name.is_string());
    out.open();
    out.value(
        "name",
        Some(name.ok_or_else(|| invalid("tools", "functions with a name"))?),
    );
    out.value("description", member(function, "description"));
    write_schema(out, member(function, "parameters"));
    out.value(
        "cache_control",
        cache.or_else(|| member(function, "cache_control")),
    );
    out.close();
    Ok(())
}

/// Anthropic wants the type said; OpenAI takes a schema without.
fn write_schema(out: &mut Writer, schema: Option<Value<'_>>) {
    match schema.filter(|schema| schema.is_object() && !schema.is_empty()) {
        None => out.raw("input_schema", NO_PARAMETERS),
        Some(schema) if schema.get("type").is_some() => out.raw("input_schema", schema.raw()),
        Some(schema) => {
            out.open_member("input_schema");
            out.word("type", "object");
            let inside = schema
                .raw()
                .strip_prefix(b"{")
                .and_then(|it| it.strip_suffix(b"}"));
            out.item(inside.unwrap_or_default());
            out.close();
        }
    }
}

fn read_choice(choice: Option<Value<'_>>) -> Result<Chosen<'_>> {
    let Some(choice) = choice else {
        return Ok((Choice::Auto, None));
    };
    if let Some(allowed) = member(choice, "allowed_tools") {
        let names = allowed.get("tools").into_iter().flat_map(Value::elements);
        return Ok((
            read_mode(allowed.get("mode"))?,
            Some(names.filter_map(name_of).collect()),
        ));
    }
    if !choice.is_object() {
        return Ok((read_mode(Some(choice))?, None));
    }
    let name = member(choice, "function").and_then(|function| member(function, "name"));
    let name = name
        .filter(|name| name.is_string())
        .ok_or_else(unknown_choice)?;
    Ok((Choice::Named(name.raw()), None))
}

fn name_of(tool: Value<'_>) -> Option<&[u8]> {
    Some(member(tool, "function")?.get("name")?.raw())
}

fn read_mode<'t>(mode: Option<Value<'_>>) -> Result<Choice<'t>> {
    match mode.and_then(Value::as_str).as_deref() {
        Some("auto") => Ok(Choice::Auto),
        Some("none") => Ok(Choice::None),
        Some("required") => Ok(Choice::Any),
        _ => Err(unknown_choice()),
    }
}

fn read_function_choice(choice: Option<Value<'_>>) -> Result<Choice<'_>> {
    match choice {
        None => Ok(Choice::Auto),
        Some(function) if function.is_object() => {
            let name = member(function, "name").filter(|name| name.is_string());
            name.map(|name| Choice::Named(name.raw()))
                .ok_or_else(unknown_choice)
        }
        mode => read_mode(mode),
    }
}

fn unknown_choice() -> Error {
    invalid("tool_choice", "none, auto, required or one of the tools")
}
