//! Which tools are to be called.

use crate::error::{Error, Result, invalid};
use crate::json::{Fields, Value, Writer, member};

use super::builtin;
use super::names::Names;

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

/// What a choice is made among.
struct Offer<'a> {
    names: &'a Names,
    builtins: &'a [&'static str],
    /// Where the choice is made.
    param: &'static str,
}

/// A tool that a choice names.
enum Named {
    /// By Google's name.
    Function(String),
    Builtin(&'static str),
}

impl Choice {
    /// `builtins`: those of Google's tools that are offered.
    pub(super) fn read(
        request: &Fields<'_>,
        names: &Names,
        builtins: &[&'static str],
    ) -> Result<Self> {
        let mut fields = ["tool_choice", "function_call"].into_iter();
        let said = fields.find_map(|param| Some((request.get(param)?, param)));
        let Some((choice, param)) = said else {
            return Ok(Self::default());
        };
        let offer = Offer {
            names,
            builtins,
            param,
        };
        if choice.is_string() {
            let mode = offer.mode(Some(choice))?;
            return Ok(Self {
                mode,
                ..Self::default()
            });
        }
        if choice.get("type").is_some_and(|it| it.is("allowed_tools")) {
            return offer.some(member(choice, "allowed_tools").unwrap_or(choice));
        }
        offer.one(choice)
    }

    /// Only tools of Google's own may be used.
    pub(super) fn is_builtin(&self) -> bool {
        self.builtins.is_some() && self.allowed.is_none()
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

impl Offer<'_> {
    fn one(&self, choice: Value<'_>) -> Result<Choice> {
        match self.named(choice)? {
            Named::Function(name) => Ok(Choice {
                mode: Mode::Any,
                allowed: Some(vec![name]),
                builtins: None,
            }),
            // A search cannot be forced, only offered.
            Named::Builtin(name) => Ok(Choice {
                mode: Mode::None,
                allowed: None,
                builtins: Some(vec![name]),
            }),
        }
    }

    fn some(&self, choice: Value<'_>) -> Result<Choice> {
        let (mut functions, mut builtins) = (Vec::new(), Vec::new());
        for tool in choice.get("tools").into_iter().flat_map(Value::elements) {
            match self.named(tool)? {
                Named::Function(name) => functions.push(name),
                Named::Builtin(name) => builtins.push(name),
            }
        }
        if functions.is_empty() && builtins.is_empty() {
            return Err(invalid(self.param, "with at least one of the tools"));
        }
        let mode = match self.mode(choice.get("mode"))? {
            Mode::None => return Err(self.unknown()),
            _ if functions.is_empty() => Mode::None,
            Mode::Any => Mode::Any,
            _ => Mode::Validated,
        };
        Ok(Choice {
            mode,
            allowed: (!functions.is_empty()).then_some(functions),
            builtins: Some(builtins),
        })
    }

    fn named(&self, chosen: Value<'_>) -> Result<Named> {
        let holder = member(chosen, "function").or_else(|| member(chosen, "custom"));
        if let Some(name) = member(holder.unwrap_or(chosen), "name") {
            let name = name.as_str().ok_or_else(|| self.unknown())?;
            if !self.names.is_offered(&name) {
                return Err(self.absent(&name));
            }
            return Ok(Named::Function(self.names.theirs(&name).into_owned()));
        }
        let builtin = builtin::name_of(chosen).ok_or_else(|| self.unknown())?;
        if !self.builtins.contains(&builtin) {
            return Err(self.absent(builtin));
        }
        Ok(Named::Builtin(builtin))
    }

    fn mode(&self, mode: Option<Value<'_>>) -> Result<Mode> {
        match mode.and_then(Value::as_str).as_deref() {
            Some("auto") => Ok(Mode::Auto),
            Some("none") => Ok(Mode::None),
            Some("required") => Ok(Mode::Any),
            _ => Err(self.unknown()),
        }
    }

    fn unknown(&self) -> Error {
        invalid(self.param, "none, auto, required or one of the tools")
    }

    fn absent(&self, name: &str) -> Error {
        let name: String = name.chars().take(64).collect();
        let problem = format!("one of the tools, and `{name}` is none of them");
        invalid(self.param, &problem)
    }
}
