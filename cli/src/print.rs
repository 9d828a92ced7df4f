//! What was understood, for people: short lines, in columns, without colours.

use isthmus::config::overview::{Account, Caller, Overview, Written};
use serde_json::Value;

use crate::findings::{Finding, Level};

/// Lines of plain text. No name can begin a line of its own, or speak to the terminal.
#[derive(Default)]
pub struct Page {
    text: String,
}

impl Page {
    pub fn into_text(self) -> String {
        self.text
    }

    fn line(&mut self, text: &str) {
        let shown = text.chars().map(|c| if c.is_control() { '?' } else { c });
        let line: String = shown.collect();
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn heading(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.line(text);
    }

    /// Cells below each other; the last may be of any length.
    fn rows(&mut self, rows: &[Vec<String>]) {
        let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column));
        let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                cells(column)
                    .map(|it| it.chars().count())
                    .max()
                    .unwrap_or_default()
            })
            .collect();
        for row in rows {
            let mut line = String::from(" ");
            for (cell, width) in row.iter().zip(&widths).filter(|(_, width)| **width > 0) {
                line.push(' ');
                line.push_str(cell);
                let room = width.saturating_sub(cell.chars().count()) + 1;
                line.extend(std::iter::repeat_n(' ', room));
            }
            self.line(&line);
        }
    }

    pub fn overview(&mut self, read: &[String], overview: &Overview) {
        let read = if read.is_empty() {
            "no file".to_owned()
        } else {
            read.join(", ")
        };
        self.line(&format!("Read {read}"));
        self.heading("Who may call");
        self.rows(&callers(overview));
        self.heading("Providers");
        let providers: Vec<_> = overview.providers.iter().map(provider).collect();
        self.rows(&providers);
        if !overview.models.is_empty() {
            self.heading("Models");
            let models = overview.models.iter().map(|model| {
                let from = match model.written {
                    Written::Name => "",
                    Written::Pattern => "pattern",
                    Written::Alias => "host of its own",
                    Written::File => "provider file",
                    Written::Map => "mapped",
                    Written::Family => "by name",
                    Written::Instances => "instances",
                };
                let steps: Vec<String> = model.steps.iter().map(|it| it.join(" or ")).collect();
                let mut targets = match steps.as_slice() {
                    [] => "nobody".to_owned(),
                    steps => steps.join(", then "),
                };
                if !model.rules.is_empty() {
                    targets = format!("{targets}; {}", model.rules.join(", "));
                }
                vec![model.name.clone(), from.to_owned(), targets]
            });
            self.rows(&models.collect::<Vec<_>>());
        }
        self.heading("Otherwise");
        self.rows(&rest(overview));
    }

    pub fn findings(&mut self, findings: &[Finding]) {
        for (level, title) in [
            (Level::Error, "Errors"),
            (Level::Warning, "Warnings"),
            (Level::Hint, "Hints"),
        ] {
            let mut of_level = findings.iter().filter(|it| it.level == level).peekable();
            if of_level.peek().is_some() {
                self.heading(title);
            }
            for Finding { place, text, .. } in of_level {
                match place {
                    Some(place) => self.line(&format!("{}:{}: {text}", place.file, place.line)),
                    None => self.line(text),
                }
            }
        }
        let count = |level| findings.iter().filter(|it| it.level == level).count();
        let errors = counted(count(Level::Error), "error");
        let warnings = counted(count(Level::Warning), "warning");
        self.heading(&format!("{errors}, {warnings}"));
    }

    /// What the library says of a call.
    pub fn explanation(&mut self, call: &Value) {
        self.heading(&text(call, "/asked"));
        if let Some(route) = call.get("route").and_then(Value::as_str) {
            self.line(&format!("  by {route}"));
        }
        self.notes(call);
        for (index, target) in list(call, "/targets").enumerate() {
            self.heading(&format!("{}. {}", index + 1, text(target, "/target")));
            self.notes(target);
            for request in list(target, "/requests") {
                self.request(request);
            }
        }
    }

    /// Whatever else is said, besides what is printed in its own way.
    fn notes(&mut self, said: &Value) {
        const SHOWN: [&str; 11] = [
            "asked",
            "object",
            "operation",
            "model",
            "stream",
            "client",
            "route",
            "targets",
            "provider",
            "target",
            "requests",
        ];
        let said = said.as_object().into_iter().flatten();
        for (name, value) in said.filter(|(name, _)| !SHOWN.contains(&name.as_str())) {
            let name = name.replace('_', " ");
            self.line(&format!("  {name}: {}", plain(value)));
        }
    }

    fn request(&mut self, request: &Value) {
        let (method, url) = (text(request, "/method"), text(request, "/url"));
        self.line(&format!("  {method} {url}"));
        let headers = request.get("headers").and_then(Value::as_object);
        let headers = headers.into_iter().flatten();
        let headers = headers.map(|(name, value)| vec![name.clone(), plain(value)]);
        self.rows(&headers.collect::<Vec<_>>());
        for change in list(request, "/changes") {
            let part = |name| change.get(name).map(plain).unwrap_or_default();
            self.line(&format!("  {}", changed(&part("from"), &part("to"))));
        }
        match (request.get("body"), request.get("changes")) {
            (Some(body), _) => self.line(&format!("  body: {}", plain(body))),
            (None, Some(changes)) if changes.as_array().is_some_and(Vec::is_empty) => {
                self.line("  the body as the client sends it");
            }
            (None, _) => {}
        }
    }
}

fn changed(from: &str, to: &str) -> String {
    match (from, to) {
        ("", to) => format!("put in: {to}"),
        (from, "") => format!("left out: {from}"),
        (from, to) => format!("changed: {from} -> {to}"),
    }
}

/// A text as it is, of several each; anything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A text in a JSON; empty where there is none.
fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default().to_owned()
}

fn list<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    let found = value.pointer(pointer).and_then(Value::as_array);
    found.into_iter().flatten()
}

fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

fn callers(overview: &Overview) -> Vec<Vec<String>> {
    let callers = &overview.callers;
    let all = |text: &str| vec![vec![text.to_owned()]];
    match callers.access {
        "anonymous" => all("everybody, on your credentials (ALLOW_ANONYMOUS)"),
        "pass-through" => all("everybody, on the credential they bring"),
        "closed" => all("nobody"),
        _ if callers.clients.is_empty() => all("nobody"),
        _ => callers.clients.iter().map(client).collect(),
    }
}

fn client(client: &Caller) -> Vec<String> {
    let models = match client.models.as_slice() {
        [] => "all models".to_owned(),
        models => models.join(", "),
    };
    let limits = client.limits.words().join(", ");
    vec![client.name.clone(), models, limits]
}

fn provider(account: &Account) -> Vec<String> {
    let address = account.address.as_deref();
    let address = address.unwrap_or(match (&account.problem, account.kind) {
        (Some(_), _) => "cannot be used",
        (None, Some("demo")) => "in the Worker itself",
        (None, _) => "",
    });
    vec![
        account.name.clone(),
        account.kind.unwrap_or("?").to_owned(),
        match account.key {
            "not wanted" => "no key wanted".to_owned(),
            key => format!("key: {key}"),
        },
        account.options.join(", "),
        address.to_owned(),
    ]
}

fn rest(overview: &Overview) -> Vec<Vec<String>> {
    let list = &overview.model_list;
    let list = format!(
        "{}, fresh for {} s, {} s for each upstream",
        list.mode, list.fresh_seconds, list.timeout_seconds
    );
    let seconds = &overview.timeouts;
    let timeouts = format!(
        "{} s to the headers, {} s between bytes",
        seconds.upstream, seconds.idle
    );
    let limits = &overview.body_limits;
    let bodies = format!(
        "{} bytes of JSON, {} of a form",
        limits.json, limits.multipart
    );
    let origins = overview.origins.as_ref().map(|it| it.join(", "));
    let model = overview.default_model.clone();
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    vec![
        row("default provider", overview.default_provider.clone()),
        row("default model", model.unwrap_or_else(|| "none".to_owned())),
        row("pools", overview.pools.join(", ")),
        row("limits", limits_of(overview)),
        row("model list", list),
        row("timeouts", timeouts),
        row("bodies", bodies),
        row("pages (CORS)", origins.unwrap_or_else(|| "all".to_owned())),
        row("log level", overview.log_level.to_owned()),
    ]
}

fn limits_of(overview: &Overview) -> String {
    let limits = &overview.limits;
    let overall = match limits.bounds.words().as_slice() {
        [] => "none for all calls together".to_owned(),
        words => format!("{} for all calls together", words.join(", ")),
    };
    format!("{overall}; {}", limits.mode)
}
