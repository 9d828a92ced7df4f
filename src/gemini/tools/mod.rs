//! Tools and the choice among them.

mod builtin;
mod choice;
mod declaration;
mod names;

pub use names::Names;

use std::collections::BTreeSet;

use crate::error::{Result, invalid};
use crate::gemini::lessons::{Lesson, Lessons};
use crate::gemini::model::{Family, Model};
use crate::gemini::options::ToolSchemas;
use crate::gemini::{Host, Manner};
use crate::json::{Fields, Value, Writer};

use builtin::Builtin;
use choice::Choice;
use declaration::{Function, Parameters};

/// What a request offers: functions of the client's, and tools of Google's own (search, code, maps).
#[derive(Debug, Default)]
pub struct Tools {
    names: Names,
    /// Declarations, written.
    functions: Writer,
    builtins: Vec<Builtin>,
    choice: Choice,
    /// One of the functions is `strict`.
    is_strict: bool,
    are_legacy: bool,
    place: Place,
}

/// What decides how tools go together.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    host: Host,
    takes_tools: bool,
    mixes_tools: bool,
    /// Before 2.0 the search had another name.
    is_first: bool,
}

impl Tools {
    /// Reads `tools`, `functions`, `tool_choice`, `function_call`, `web_search_options`.
    pub fn read(
        request: &Fields<'_>,
        model: Model,
        manner: &Manner,
        lessons: Lessons,
    ) -> Result<Self> {
        let place = Place::of(model, manner.host);
        if !place.takes_tools {
            refuse_tools(request)?;
        }
        let (mut functions, mut builtins) = (Vec::new(), Vec::new());
        for tool in list(request, "tools")? {
            match Function::of(tool) {
                Some(function) => functions.push(function),
                None => builtins.push(Builtin::read(tool, manner.host)?),
            }
        }
        let mut tools = Self {
            are_legacy: functions.is_empty() && builtins.is_empty(),
            place,
            ..Self::default()
        };
        functions.extend(list(request, "functions")?.map(Function::legacy));
        tools.are_legacy &= !functions.is_empty();
        tools.declare(&functions, parameters(model, manner, lessons))?;
        let offered: Vec<_> = builtins.iter().map(|it| it.name).collect();
        // Among no tools there is nothing to choose: clients send the field all the same.
        if !functions.is_empty() || !offered.is_empty() {
            tools.choice = Choice::read(request, &tools.names, &offered)?;
        }
        if tools.choice.is_builtin() && !place.mixes_tools {
            tools.functions = Writer::default();
        }
        for builtin in builtins {
            if tools.choice.admits(builtin.name) {
                tools.add(builtin);
            }
        }
        if request.get("web_search_options").is_some() {
            tools.add_search();
        }
        Ok(tools)
    }

    /// Google refuses a name that comes twice: of several tools of one name the first is declared.
    fn declare(&mut self, functions: &[Function<'_>], parameters: Parameters) -> Result<()> {
        let mut named = Vec::with_capacity(functions.len());
        for function in functions {
            named.push((function.name()?, function.is_custom));
        }
        self.names = Names::of(self.place.host, &named);
        let mut declared = BTreeSet::new();
        for (function, (name, _)) in functions.iter().zip(&named) {
            let theirs = self.names.theirs(name);
            if declared.insert(name) {
                function.write(&mut self.functions, &theirs, parameters)?;
                self.is_strict |= function.is_strict();
            }
        }
        Ok(())
    }

    /// Adds Google's search, as if the client had asked for it.
    pub fn add_search(&mut self) {
        if self.place.takes_tools {
            self.add(Builtin::search());
        }
    }

    fn add(&mut self, builtin: Builtin) {
        let is_new = self.builtins.iter().all(|it| it.name != builtin.name);
        if is_new {
            self.builtins.push(builtin);
        }
    }

    pub fn has_functions(&self) -> bool {
        !self.functions.is_empty()
    }

    /// The client offered `functions`, from before there were tools.
    pub fn are_legacy(&self) -> bool {
        self.are_legacy
    }

    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Writes the members `tools` and `toolConfig`, if there is anything to say.
    pub fn write(&self, out: &mut Writer) {
        let builtins = self.usable();
        if builtins.is_empty() && !self.has_functions() {
            return;
        }
        out.open_list("tools");
        for builtin in builtins {
            builtin.write(out, self.place.is_first);
        }
        if self.has_functions() {
            out.open();
            out.list("functionDeclarations", &self.functions);
            out.close();
        }
        out.close_list();
        self.write_config(out, !builtins.is_empty());
    }

    /// Before Gemini 3 functions go alone: "Multiple tools are supported only when they are all search tools".
    fn usable(&self) -> &[Builtin] {
        if self.has_functions() && !self.place.mixes_tools {
            return &[];
        }
        &self.builtins
    }

    /// A choice among no functions is refused.
    fn write_config(&self, out: &mut Writer, is_mixed: bool) {
        if !self.has_functions() {
            return;
        }
        let mut config = Writer::default();
        self.choice.write(&mut config, self.is_strict || is_mixed);
        // Vertex AI does not know it: "Cannot find field".
        if is_mixed && self.place.host == Host::Studio {
            config.raw("includeServerSideToolInvocations", b"true");
        }
        if !config.is_empty() {
            out.open_member("toolConfig");
            out.items(&config);
            out.close();
        }
    }
}

impl Place {
    fn of(model: Model, host: Host) -> Self {
        Self {
            host,
            takes_tools: model.takes_tools(),
            mixes_tools: model.mixes_tools(),
            is_first: matches!(model.family, Family::Gemini(..2, _)),
        }
    }
}

fn list<'t>(
    request: &Fields<'t>,
    name: &'static str,
) -> Result<impl Iterator<Item = Value<'t>> + use<'t>> {
    match request.get(name) {
        Some(value) if !value.is_array() => Err(invalid(name, "an array")),
        value => Ok(value.into_iter().flat_map(Value::elements)),
    }
}

fn refuse_tools(request: &Fields<'_>) -> Result<()> {
    let is_some = |name: &&str| request.get(name).is_some_and(|it| !it.is_empty());
    let lists = ["tools", "functions"].into_iter().find(is_some);
    let search = "web_search_options";
    match lists.or_else(|| request.get(search).map(|_| search)) {
        Some(name) => Err(invalid(name, "left out: this model takes no tools")),
        None => Ok(()),
    }
}

fn parameters(model: Model, manner: &Manner, lessons: Lessons) -> Parameters {
    match manner.options.tool_schemas {
        ToolSchemas::Json if model.takes_json_schema() => Parameters::Json,
        _ => Parameters::Restricted {
            host: manner.host,
            number_enums: !lessons.has(Lesson::NoNumberEnums),
        },
    }
}
