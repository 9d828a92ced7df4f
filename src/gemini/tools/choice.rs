//! Which tools are to be called.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::json::{Fields, Value, Writer, member};

use super::names::Names;
use super::{builtin, invalid};

/// What `tool_choice` says, or `function_call`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) mode: Mode,
    /// Google's names of the only functions that may be called. Known only where calls are bound to their schemas.
    allowed: Option<Vec<String>>,
    /// Google's own tools, if only some of what is offered may be called.
    builtins: Option<Vec<&'static str>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    #[default]
    Unsaid,
    Auto,
    None,
    Any,
    /// As the model likes, but calls fit their schemas.
    Validated,
}

impl Choice {
    /// `builtins`: those of Google's tools that are offered.
    pub(super) fn read(
        request: &Fields<'_>,
        names: &Names,
        builtins: &[&'static str],
    ) -> Result<Self> {
        let choice = request
            .get("tool_choice")
            .or_else(|| request.get("function_call"));
        let Some(choice) = choice else {
            return Ok(Self::default());
        };
        if choice.is_string() {
            return Ok(Self {
                mode: mode(Some(choice))?,
                ..Self::default()
            });
        }
        let kind = choice.get("type").and_then(Value::as_str);
        if kind.as_deref() == Some("allowed_tools") {
            return Self::among(
                member(choice, "allowed_tools").unwrap_or(choice),
                names,
                builtins,
            );
        }
        Self::one(choice, names, builtins)
    }

    fn one(choice: Value<'_>, names: &Names, builtins: &[&'static str]) -> Result<Self> {
        match Named::of(choice, names, builtins)? {
            Named::Function(name) => Ok(Self {
                mode: Mode::Any,
                allowed: Some(vec![name]),
                builtins: None,
            }),
            // A search cannot be forced, only offered.
            Named::Builtin(name) => Ok(Self {
                mode: Mode::None,
                allowed: None,
                builtins: Some(vec![name]),
            }),
        }
    }

    fn among(choice: Value<'_>, names: &Names, builtins: &[&'static str]) -> Result<Self> {
        let (mut functions, mut others) = (Vec::new(), Vec::new());
        for tool in choice.get("tools").into_iter().flat_map(Value::elements) {
            match Named::of(tool, names, builtins)? {
                Named::Function(name) => functions.push(name),
                Named::Builtin(name) => others.push(name),
            }
        }
        let mode = match (mode(choice.get("mode"))?, functions.is_empty()) {
            (_, true) if others.is_empty() => {
                return Err(invalid("tool_choice", "with at least one of the tools"));
            }
            (Mode::None, _) => return Err(unknown()),
            (_, true) => Mode::None,
            (Mode::Any, false) => Mode::Any,
            (_, false) => Mode::Validated,
        };
        Ok(Self {
            mode,
            allowed: (!functions.is_empty()).then_some(functions),
            builtins: Some(others),
        })
    }

    /// Whether one of Google's own tools of the client's list may be used.
    pub(super) fn admits(&self, builtin: &str) -> bool {
        match &self.builtins {
            Some(chosen) => chosen.contains(&builtin),
            None => self.mode != Mode::None,
        }
    }

    /// Writes `functionCallingConfig` where there is something to say. `bound`: calls are to fit their schemas, if the
    /// client does not say otherwise.
    pub(super) fn write(&self, out: &mut Writer, bound: bool) {
        let mode = match self.mode {
            Mode::Unsaid | Mode::Auto if bound => "VALIDATED",
            Mode::Unsaid => return,
            Mode::Auto => "AUTO",
            Mode::None => "NONE",
            Mode::Any => "ANY",
            Mode::Validated => "VALIDATED",
        };
        out.open_member("functionCallingConfig");
        out.word("mode", mode);
        if let Some(allowed) = &self.allowed {
            let quoted = allowed.iter().map(|name| format!("\"{name}\""));
            out.raw(
                "allowedFunctionNames",
                format!("[{}]", quoted.collect::<Vec<_>>().join(",")).as_bytes(),
            );
        }
        out.close();
    }
}

/// A tool that a choice names.
enum Named {
    /// By Google's name.
    Function(String),
    Builtin(&'static str),
}

impl Named {
    fn of(chosen: Value<'_>, names: &Names, builtins: &[&'static str]) -> Result<Self> {
        let holder = member(chosen, "function").or_else(|| member(chosen, "custom"));
        if let Some(name) = member(holder.unwrap_or(chosen), "name") {
            let name = name.as_str().ok_or_else(unknown)?;
            return function(&name, names);
        }
        let builtin = builtin::name_of(chosen).ok_or_else(unknown)?;
        let is_offered = builtins.contains(&builtin);
        is_offered
            .then_some(Self::Builtin(builtin))
            .ok_or_else(|| absent(builtin))
    }
}

fn function(name: &str, names: &Names) -> Result<Named> {
    if !names.is_offered(name) {
        return Err(absent(name));
    }
    Ok(Named::Function(names.theirs(name).into_owned()))
}

fn mode(mode: Option<Value<'_>>) -> Result<Mode> {
    match mode.and_then(Value::as_str).as_deref() {
        Some("auto") => Ok(Mode::Auto),
        Some("none") => Ok(Mode::None),
        Some("required") => Ok(Mode::Any),
        _ => Err(unknown()),
    }
}

fn unknown() -> Error {
    invalid("tool_choice", "none, auto, required or one of the tools")
}

fn absent(name: &str) -> Error {
    let name: Cow<'_, str> = name.chars().take(64).collect();
    let problem = format!("one of the tools, and `{name}` is none of them");
    invalid("tool_choice", &problem)
}
