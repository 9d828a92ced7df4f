//! Tools, their names and the choice among them.

use isthmus::error::Error;
use isthmus::gemini::lessons::{Lesson, Lessons};
use isthmus::gemini::model::Model;
use isthmus::gemini::options::{Options, ToolSchemas};
use isthmus::gemini::tools::Tools;
use isthmus::gemini::{Host, Manner};
use isthmus::json::{self, Fields, Writer};
use serde_json::{Value, json};

#[derive(Clone, Copy)]
struct Place {
    model: &'static str,
    host: Host,
    schemas: ToolSchemas,
    lessons: Option<Lesson>,
}

const NEW: Place = Place {
    model: "gemini-3.8-flash",
    host: Host::Studio,
    schemas: ToolSchemas::Json,
    lessons: None,
};

const OLD: Place = Place {
    model: "gemini-2.5-flash",
    ..NEW
};

const VERTEX: Place = Place {
    host: Host::Vertex,
    ..NEW
};

impl Place {
    fn read(self, request: &Value) -> Result<Tools, Error> {
        let text = request.to_string();
        let fields = Fields::of(json::Value::first(text.as_bytes()).unwrap());
        let options = Options {
            tool_schemas: self.schemas,
            ..Options::default()
        };
        let manner = Manner {
            host: self.host,
            options,
        };
        let lessons = self
            .lessons
            .into_iter()
            .fold(Lessons::default(), Lessons::with);
        Tools::read(&fields, Model::of(self.model, self.host), &manner, lessons)
    }

    fn written(self, request: &Value) -> Value {
        written(&self.read(request).unwrap())
    }

    fn refused(self, request: &Value) -> (String, Option<&'static str>) {
        let error = self.read(request).expect_err(&request.to_string());
        assert_eq!((error.status(), error.code), (400, "invalid_value"));
        (error.message.into_owned(), error.param)
    }
}

fn written(tools: &Tools) -> Value {
    let mut out = Writer::default();
    out.open();
    tools.write(&mut out);
    out.close();
    serde_json::from_slice(&out.into_bytes()).unwrap()
}

fn tool(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name}})
}

fn declared(names: &[&str]) -> Value {
    let each: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
    json!([{"functionDeclarations": each}])
}

#[test]
fn functions_are_declared() {
    let schema =
        json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    for (function, expected) in [
        (
            json!({"name": "f", "description": "d", "strict": false, "parameters": schema}),
            json!({"name": "f", "description": "d", "parametersJsonSchema": schema}),
        ),
        (json!({"name": "f"}), json!({"name": "f"})),
        (
            json!({"name": "f", "description": null, "parameters": null}),
            json!({"name": "f"}),
        ),
        (
            json!({"name": "f", "parameters": {"type": "object", "properties": {}}}),
            json!({"name": "f"}),
        ),
        (
            json!({"name": "f", "parameters": {"properties": {"a": {}}}}),
            json!({"name": "f", "parametersJsonSchema": {"type": "object", "properties": {"a": {}}}}),
        ),
        (
            json!({"name": "f", "parameters": {"type": null, "properties": {"a": {}}}}),
            json!({"name": "f", "parametersJsonSchema": {"type": "object", "properties": {"a": {}}}}),
        ),
        (
            json!({"name": "f", "parameters": {"properties": {"a": {}}, "type": ["object", "null"]}}),
            json!({"name": "f", "parametersJsonSchema": {"type": "object", "properties": {"a": {}}}}),
        ),
        (
            json!({"name": "1 f/g", "parameters": {"$schema": "s", "anyOf": [schema, schema]}}),
            json!({"name": "_1_f_g", "parametersJsonSchema": {"type": "object", "anyOf": [schema, schema]}}),
        ),
    ] {
        let expected = json!({"tools": [{"functionDeclarations": [expected]}]});
        let request = json!({"tools": [{"type": "function", "function": function}]});
        assert_eq!(NEW.written(&request), expected, "{function}");
        let request = json!({"functions": [function]});
        assert_eq!(NEW.written(&request), expected, "{function}");
    }
}

#[test]
fn schemas_are_restricted_where_they_must_be() {
    let parameters = json!({"$schema": "s", "properties": {"n": {"enum": [1, 2]}}});
    let request = json!({"tools": [{"type": "function", "function": {"name": "f", "parameters": parameters}}]});
    let restricted = Place {
        schemas: ToolSchemas::Restricted,
        ..NEW
    };
    let first = Place {
        model: "gemini-1.5-pro",
        ..NEW
    };
    let taught = Place {
        lessons: Some(Lesson::NoNumberEnums),
        ..restricted
    };
    let numbers = json!({"type": "integer", "format": "enum", "enum": ["1", "2"]});
    let words = json!({"type": "integer", "description": "One of: 1, 2."});
    for (place, n) in [(restricted, &numbers), (first, &numbers), (taught, &words)] {
        let declaration =
            json!({"name": "f", "parameters": {"type": "object", "properties": {"n": n}}});
        let expected = json!({"tools": [{"functionDeclarations": [declaration]}]});
        assert_eq!(place.written(&request), expected);
    }
}

#[test]
fn custom_tools_are_functions_of_a_text() {
    let parameters = |input: Value| json!({"type": "object", "properties": {"input": input}, "required": ["input"]});
    let lark =
        json!({"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: \"a\""}});
    let request = json!({"tools": [
        {"type": "custom", "custom": {"name": "run it", "description": "d", "format": {"type": "text"}}},
        {"type": "custom", "custom": {"name": "parse", "format": lark}},
        tool("f"),
    ]});
    let tools = NEW.read(&request).unwrap();
    let told = "A text of this lark grammar:\nstart: \"a\"";
    let expected = json!([{"functionDeclarations": [
        {"name": "run_it", "description": "d", "parametersJsonSchema": parameters(json!({"type": "string"}))},
        {"name": "parse", "parametersJsonSchema": parameters(json!({"type": "string", "description": told}))},
        {"name": "f"},
    ]}]);
    assert_eq!(written(&tools)["tools"], expected);
    let names = tools.names();
    let custom = ["run it", "run_it", "parse", "f", "other"].map(|name| names.is_custom(name));
    assert_eq!(custom, [true, false, true, false, false]);
    assert_eq!(names.original("run_it"), "run it");
}

#[test]
fn names_are_googles_and_each_is_declared_once() {
    let request = json!({"tools": [tool("a:b"), tool("a:b"), tool("a_b"), tool("a/c")]});
    assert_eq!(
        NEW.written(&request)["tools"],
        declared(&["a:b", "a_b", "a_c"])
    );
    let tools = VERTEX.read(&request).unwrap();
    let changed = tools.names().theirs("a:b").into_owned();
    assert!(
        changed.starts_with("a_b_") && changed.len() == 10,
        "{changed}"
    );
    assert_eq!(
        written(&tools)["tools"],
        declared(&[&changed, "a_b", "a_c"])
    );
    assert_eq!(tools.names().original(&changed), "a:b");
}

#[test]
fn there_may_be_nothing_to_say() {
    for request in [
        json!({}),
        json!({"tools": null, "functions": null}),
        json!({"tools": [], "tool_choice": "auto"}),
        json!({"tool_choice": "none"}),
        json!({"tool_choice": "required"}),
        json!({"tool_choice": tool("g")}),
        json!({"tools": [{"type": "web_search"}], "tool_choice": "none"}),
    ] {
        assert_eq!(NEW.written(&request), json!({}), "{request}");
    }
}

#[test]
fn choices() {
    let config = |mode: &str| json!({"mode": mode});
    let among = |mode: &str, names: &[&str]| json!({"mode": mode, "allowedFunctionNames": names});
    let allowed = |mode: &str| json!({"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": [tool("f"), tool("g h")]}});
    for (choice, expected) in [
        (json!(null), Value::Null),
        (json!("auto"), config("AUTO")),
        (json!("none"), config("NONE")),
        (json!("required"), config("ANY")),
        (tool("g h"), among("ANY", &["g_h"])),
        (
            json!({"type": "custom", "custom": {"name": "c"}}),
            among("ANY", &["c"]),
        ),
        (
            json!({"type": "function", "name": "f"}),
            among("ANY", &["f"]),
        ),
        (allowed("auto"), among("VALIDATED", &["f", "g_h"])),
        (allowed("required"), among("ANY", &["f", "g_h"])),
        (
            json!({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]}),
            among("VALIDATED", &["f"]),
        ),
    ] {
        let tools = json!([tool("f"), tool("g h"), {"type": "custom", "custom": {"name": "c"}}]);
        let request = json!({"tools": tools, "tool_choice": choice});
        for place in [NEW, OLD, VERTEX] {
            let config = &place.written(&request)["toolConfig"]["functionCallingConfig"];
            assert_eq!(config, &expected, "{choice}");
        }
    }
    for (choice, expected) in [
        (json!("auto"), config("AUTO")),
        (json!("none"), config("NONE")),
        (json!({"name": "f"}), among("ANY", &["f"])),
    ] {
        let request = json!({"functions": [{"name": "f"}], "function_call": choice});
        let written = OLD.written(&request);
        assert_eq!(written["toolConfig"]["functionCallingConfig"], expected);
    }
}

#[test]
fn calls_of_strict_functions_are_bound_to_their_schemas() {
    let strict = json!({"type": "function", "function": {"name": "s", "strict": true}});
    for (choice, mode) in [
        (json!(null), "VALIDATED"),
        (json!("auto"), "VALIDATED"),
        (json!("none"), "NONE"),
        (json!("required"), "ANY"),
    ] {
        let request = json!({"tools": [tool("f"), strict], "tool_choice": choice});
        let expected = json!({"functionCallingConfig": {"mode": mode}});
        assert_eq!(OLD.written(&request)["toolConfig"], expected);
    }
}

#[test]
fn googles_own_tools() {
    let google = |tool: Value| json!({"tools": [tool]});
    let search = google(json!({"googleSearch": {}}));
    for (tool, expected) in [
        (
            json!({"type": "web_search", "search_context_size": "low"}),
            search.clone(),
        ),
        (json!({"type": "web_search_preview"}), search.clone()),
        (
            json!({"type": "web_search_preview_2025_03_11"}),
            search.clone(),
        ),
        (json!({"type": "google_search"}), search.clone()),
        (json!({"googleSearch": {}}), search.clone()),
        (
            json!({"type": "code_interpreter", "container": {"type": "auto"}}),
            google(json!({"codeExecution": {}})),
        ),
        (
            json!({"code_execution": {}}),
            google(json!({"codeExecution": {}})),
        ),
        (
            json!({"type": "url_context"}),
            google(json!({"urlContext": {}})),
        ),
        (
            json!({"type": "google_maps", "google_maps": {"enable_widget": true}}),
            google(json!({"googleMaps": {"enableWidget": true}})),
        ),
        (
            json!({"google_search": {"time_range_filter": {"start_time": "t"}, "exclude_domains": ["d"]}}),
            google(json!({"googleSearch": {"timeRangeFilter": {"startTime": "t"}}})),
        ),
        (
            json!({"fileSearch": {"fileSearchStoreNames": ["s"]}}),
            google(json!({"fileSearch": {"fileSearchStoreNames": ["s"]}})),
        ),
    ] {
        for place in [NEW, OLD] {
            let written = place.written(&json!({"tools": [tool]}));
            assert_eq!(written, expected, "{tool}");
        }
    }
    let own = json!({"google_search": {"timeRangeFilter": {}, "blocking_confidence": "HIGH"}});
    assert_eq!(
        VERTEX.written(&json!({"tools": [own, {"enterprise_web_search": {}}]})),
        json!({"tools": [{"googleSearch": {"blockingConfidence": "HIGH"}}, {"enterpriseWebSearch": {}}]})
    );
    let first = Place {
        model: "gemini-1.5-pro",
        ..NEW
    };
    assert_eq!(
        first.written(&json!({"web_search_options": {}})),
        json!({"tools": [{"googleSearchRetrieval": {}}]})
    );
}

#[test]
fn search_comes_in_three_ways() {
    let search = json!({"tools": [{"googleSearch": {}}]});
    let request = json!({"web_search_options": {"search_context_size": "low"}});
    assert_eq!(OLD.written(&request), search);
    let mut tools = OLD.read(&json!({})).unwrap();
    tools.add_search();
    assert_eq!(written(&tools), search);
    let request = json!({"web_search_options": {}, "tools": [{"type": "web_search"}]});
    let mut tools = OLD.read(&request).unwrap();
    tools.add_search();
    assert_eq!(written(&tools), search);
}

#[test]
fn search_with_functions() {
    let request = |choice: Value| json!({"web_search_options": {}, "tools": [tool("f"), {"type": "code_interpreter"}], "tool_choice": choice});
    let both = json!([{"codeExecution": {}}, {"googleSearch": {}}, {"functionDeclarations": [{"name": "f"}]}]);
    for (choice, mode) in [
        (json!(null), "VALIDATED"),
        (json!("auto"), "VALIDATED"),
        (json!("required"), "ANY"),
    ] {
        let request = request(choice);
        let calling = json!({"mode": mode});
        assert_eq!(
            NEW.written(&request),
            json!({"tools": both, "toolConfig": {"functionCallingConfig": calling, "includeServerSideToolInvocations": true}})
        );
        assert_eq!(
            VERTEX.written(&request),
            json!({"tools": both, "toolConfig": {"functionCallingConfig": calling}})
        );
    }
    assert_eq!(
        OLD.written(&request(json!(null))),
        json!({"tools": declared(&["f"])})
    );
    // None of the tools in the list; the search is none of them.
    let none = NEW.written(&request(json!("none")));
    assert_eq!(
        none["tools"],
        json!([{"googleSearch": {}}, {"functionDeclarations": [{"name": "f"}]}])
    );
    let only = NEW.written(&request(json!({"type": "code_interpreter"})));
    assert_eq!(only["tools"], both);
    assert_eq!(
        only["toolConfig"]["functionCallingConfig"],
        json!({"mode": "NONE"})
    );
    let only = OLD.written(&request(json!({"type": "code_interpreter"})));
    let builtins = json!([{"codeExecution": {}}, {"googleSearch": {}}]);
    assert_eq!(only, json!({"tools": builtins}));
    let some =
        json!({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [tool("f")]}});
    let some = NEW.written(&request(some));
    assert_eq!(some["tools"], none["tools"]);
}

#[test]
fn what_was_offered_is_known() {
    for (request, has_functions, are_legacy) in [
        (json!({}), false, false),
        (json!({"tools": [tool("f")]}), true, false),
        (json!({"tools": [{"type": "web_search"}]}), false, false),
        (json!({"functions": [{"name": "f"}]}), true, true),
        (
            json!({"functions": [{"name": "f"}], "tools": [tool("g")]}),
            true,
            false,
        ),
        (json!({"functions": []}), false, false),
    ] {
        let tools = NEW.read(&request).unwrap();
        assert_eq!(
            (tools.has_functions(), tools.are_legacy()),
            (has_functions, are_legacy),
            "{request}"
        );
    }
}

#[test]
fn what_cannot_be_is_refused() {
    for (request, param) in [
        (json!({"tools": {}}), "tools"),
        (json!({"functions": "f"}), "functions"),
        (json!({"tools": [{"type": "function"}]}), "tools"),
        (
            json!({"tools": [{"type": "function", "function": {"name": ""}}]}),
            "tools",
        ),
        (
            json!({"tools": [{"type": "function", "function": {"name": 1}}]}),
            "tools",
        ),
        (
            json!({"tools": [{"type": "custom", "custom": {}}]}),
            "tools",
        ),
        (json!({"tools": [{"type": "mcp"}]}), "tools"),
        (
            json!({"tools": [{"type": "file_search", "vector_store_ids": ["v"]}]}),
            "tools",
        ),
        (json!({"tools": ["f"]}), "tools"),
        (
            json!({"tools": [{"type": "enterprise_web_search"}]}),
            "tools",
        ),
        (json!({"functions": [{"description": "d"}]}), "functions"),
        (
            json!({"functions": [{"name": "f", "parameters": []}]}),
            "functions",
        ),
        (
            json!({"functions": [{"name": "f", "parameters": {"type": "string"}}]}),
            "functions",
        ),
        (
            json!({"functions": [{"name": "f", "parameters": {"type": ["array", "null"]}}]}),
            "functions",
        ),
        (
            json!({"functions": [{"name": "f", "parameters": {"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}}]}),
            "functions",
        ),
        (
            json!({"tools": [tool("f")], "tool_choice": "any"}),
            "tool_choice",
        ),
        (
            json!({"tools": [tool("f")], "tool_choice": {}}),
            "tool_choice",
        ),
        (
            json!({"tools": [tool("f")], "tool_choice": 1}),
            "tool_choice",
        ),
        (
            json!({"tools": [tool("f")], "tool_choice": tool("g")}),
            "tool_choice",
        ),
        (
            json!({"tools": [tool("g h")], "tool_choice": tool("g_h")}),
            "tool_choice",
        ),
        (
            json!({"tools": [tool("f")], "tool_choice": {"type": "web_search"}}),
            "tool_choice",
        ),
        (
            json!({"functions": [{"name": "f"}], "function_call": {"name": "g"}}),
            "function_call",
        ),
        (
            json!({"tools": [tool("f")], "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}}),
            "tool_choice",
        ),
        (
            json!({"tools": [tool("f")], "tool_choice": {"type": "allowed_tools", "allowed_tools": {"tools": [tool("f")]}}}),
            "tool_choice",
        ),
    ] {
        let (message, found) = NEW.refused(&request);
        assert_eq!(found, Some(param), "{request} {message}");
    }
    let vertex = VERTEX.refused(&json!({"tools": [{"fileSearch": {}}]}));
    assert_eq!(vertex.1, Some("tools"));
}

#[test]
fn models_without_tools_say_so() {
    let gemma = Place {
        model: "gemma-3-27b-it",
        ..NEW
    };
    for (request, param) in [
        (json!({"tools": [tool("f")]}), "tools"),
        (json!({"functions": [{"name": "f"}]}), "functions"),
        (json!({"web_search_options": {}}), "web_search_options"),
    ] {
        let (message, found) = gemma.refused(&request);
        assert!(message.contains("no tools"), "{message}");
        assert_eq!(found, Some(param));
    }
    let mut tools = gemma.read(&json!({"tools": []})).unwrap();
    tools.add_search();
    assert_eq!(written(&tools), json!({}));
}
