//! An account of Google's in the document, with its options.

use serde_json::Value;

use crate::config::draft::Draft;
use crate::config::native::COMMON;
use crate::config::settings::Settings;
use crate::config::table::Table;
use crate::gemini::Host;
use crate::gemini::options::{CATEGORIES, Options, Safety, Threshold, ToolSchemas};
use crate::providers::names::google::Aliases;

use super::{Plan, Said};

const OPTIONS: [&str; 12] = [
    "models",
    "aliases",
    "dialect",
    "include_thoughts",
    "safety",
    "tool_schemas",
    "signatures_in_ids",
    "fetch_media",
    "call_ids",
    "sampling",
    "labels",
    "strict",
];
const OF_VERTEX: [&str; 3] = ["project", "location", "credentials"];

const THRESHOLDS: &str =
    "off, block_none, block_only_high, block_medium_and_above or block_low_and_above";

impl Draft {
    pub(in crate::config) fn read_site(
        &mut self,
        settings: &Settings,
        host: Host,
        name: &str,
        options: &Table,
    ) {
        let place = format!("GATEWAY.providers.{name}");
        let more: &[&str] = match host {
            Host::Studio => &[],
            Host::Vertex => &OF_VERTEX,
        };
        self.note_unknown(&place, options, &[&COMMON[..], &OPTIONS, more].concat());
        let mut account = self.account_of(settings, name, &place, options);
        let problem = &mut account.problem;
        let at = |key: &str| format!("{place}.{key}");
        let mut plan = Plan::of(host);
        if let Some(keys) = account.key.take() {
            plan.keys = self.keys_at(&at("key"), keys.expose(), problem);
        }
        if let Some(pasted) = options.get("endpoint") {
            plan.endpoint = Some(Said::by(at("endpoint"), pasted.as_str()));
        }
        if host == Host::Vertex {
            let setting = at("credentials");
            let file = self.secret_at(settings, options.get("credentials"), &setting, problem);
            plan.account = file.and_then(|it| self.account_at(&setting, it.expose(), problem));
            plan.project = Said::by(at("project"), self.text(&place, options, "project"));
            plan.location = Said::by(at("location"), self.text(&place, options, "location"));
        }
        let is_openai = |word: &str| match word {
            "gemini" => Some(false),
            "openai" => Some(true),
            _ => None,
        };
        let dialect = self.word(&place, options, "dialect", is_openai, "gemini or openai");
        plan.is_compat = dialect.unwrap_or_default();
        let tables = "usual, legacy or none";
        let aliases = self.word(&place, options, "aliases", Aliases::parse, tables);
        plan.aliases = aliases.unwrap_or_default();
        plan.options = self.options(&place, options);
        plan.models = self.models(&at("models"), options.get("models"));
        self.add_google(account, plan);
    }

    fn options(&mut self, place: &str, options: &Table) -> Options {
        let mut chosen = Options::default();
        let Options {
            include_thoughts,
            safety,
            tool_schemas,
            signatures_in_ids,
            fetch_media,
            call_ids,
            sampling,
            labels,
            strict,
        } = &mut chosen;
        let mut set = |key, switch: &mut bool| {
            *switch = self.switch(place, options, key).unwrap_or(*switch);
        };
        set("include_thoughts", include_thoughts);
        set("signatures_in_ids", signatures_in_ids);
        set("fetch_media", fetch_media);
        set("labels", labels);
        set("strict", strict);
        *call_ids = self.switch(place, options, "call_ids");
        *sampling = self.switch(place, options, "sampling");
        let schemas = |word: &str| match word {
            "json" => Some(ToolSchemas::Json),
            "restricted" => Some(ToolSchemas::Restricted),
            _ => None,
        };
        *tool_schemas = self
            .word(
                place,
                options,
                "tool_schemas",
                schemas,
                "json or restricted",
            )
            .unwrap_or_default();
        *safety = self.safety(place, options);
        chosen
    }

    /// A threshold for all categories, or one for each that is named.
    fn safety(&mut self, place: &str, options: &Table) -> Safety {
        let Some(Value::Object(table)) = options.get("safety") else {
            let all = self.word(place, options, "safety", Threshold::of, THRESHOLDS);
            return [all; CATEGORIES.len()];
        };
        let place = format!("{place}.safety");
        let mut safety = Safety::default();
        for category in table.keys() {
            let threshold = self.word(&place, table, category, Threshold::of, THRESHOLDS);
            match position(category).and_then(|at| safety.get_mut(at)) {
                Some(slot) => *slot = threshold,
                None => self.warn(format!(
                    "{place}.{category} is no category of Google's and does nothing."
                )),
            }
        }
        safety
    }

    /// Name asked -> name there.
    fn models(&mut self, place: &str, value: Option<&Value>) -> Vec<(String, String)> {
        let table = match value {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Object(table)) => table,
            Some(_) => {
                self.warn(format!("{place} should be a table of names."));
                return Vec::new();
            }
        };
        let mut models = Vec::new();
        for (asked, value) in table {
            match value.as_str().map(str::trim).filter(|it| !it.is_empty()) {
                Some(model) => models.push((asked.clone(), model.to_owned())),
                None => self.warn(format!("{place}.{asked} names no model.")),
            }
        }
        models
    }
}

/// Which category a name means, with or without what all their names begin with.
fn position(name: &str) -> Option<usize> {
    const BEGINNING: &str = "HARM_CATEGORY_";
    let name = name.to_ascii_uppercase();
    let name = name.strip_prefix(BEGINNING).unwrap_or(&name);
    let is_it = |category: &str| category.strip_prefix(BEGINNING) == Some(name);
    CATEGORIES.iter().position(|category| is_it(category))
}
