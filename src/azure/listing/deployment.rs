//! A deployment as the resource manager has it, or a Foundry project, in the words of the data plane.

use std::borrow::Cow;

use super::OWNER;
use crate::azure::facts;
use crate::azure::family::Family;
use crate::facts::Facts;
use crate::json::{Value, Writer};
use crate::listed::Listed;
use crate::openai::listing::{Item, finish, head, seconds};
use crate::surface::Operation;

/// The data plane's five, and what they are called elsewhere. What can be called can be called for inference.
const CAPABILITIES: [(&str, &str); 4] = [
    ("fine_tune", "fineTune"),
    ("completion", "completion"),
    ("chat_completion", "chatCompletion"),
    ("embeddings", "embeddings"),
];

const OPERATIONS: [(&str, Operation); 6] = [
    ("chatCompletion", Operation::Chat),
    ("chat_completion", Operation::Chat),
    ("completion", Operation::Completions),
    ("embeddings", Operation::Embeddings),
    ("responses", Operation::Responses),
    ("imageGenerations", Operation::ImageGeneration),
];

pub struct Deployment<'t> {
    name: Cow<'t, str>,
    model: Option<Cow<'t, str>>,
    version: Option<Cow<'t, str>>,
    status: String,
    sku: Option<Cow<'t, str>>,
    capacity: Option<u64>,
    created: Option<u64>,
    updated: Option<u64>,
    capabilities: Option<Value<'t>>,
    context_length: Option<u64>,
    max_output_tokens: Option<u64>,
}

impl<'t> Deployment<'t> {
    pub fn managed(item: &Item<'t>) -> Option<Self> {
        let state = item.text(&["properties", "provisioningState"]);
        let at = |name| item.text(&["systemData", name]).and_then(|it| seconds(&it));
        let limit = |name| item.count(&["properties", "capabilities", name]);
        Some(Self {
            name: item.text(&["name"])?,
            model: item.text(&["properties", "model", "name"]),
            version: item.text(&["properties", "model", "version"]),
            status: state.map_or("succeeded".to_owned(), |it| it.to_ascii_lowercase()),
            sku: item.text(&["sku", "name"]),
            capacity: item.count(&["sku", "capacity"]),
            created: at("createdAt"),
            updated: at("lastModifiedAt"),
            capabilities: item.at(&["properties", "capabilities"]),
            context_length: limit("maxContextToken"),
            max_output_tokens: limit("maxOutputToken"),
        })
    }

    pub fn of_project(item: &Item<'t>) -> Option<Self> {
        let limit = |name| item.count(&["capabilities", name]);
        Some(Self {
            name: item.text(&["name"])?,
            model: item.text(&["modelName"]),
            version: item.text(&["modelVersion"]),
            status: "succeeded".to_owned(),
            sku: item.text(&["sku", "name"]),
            capacity: item.count(&["sku", "capacity"]),
            created: None,
            updated: None,
            capabilities: item.get("capabilities"),
            context_length: limit("maxContextToken"),
            max_output_tokens: limit("maxOutputToken"),
        })
    }

    pub fn listed(&self) -> Listed {
        let mut out = head(self.created.unwrap_or(0), OWNER);
        let mut text = |name, value: Option<&str>| {
            if let Some(value) = value {
                out.string(name, value);
            }
        };
        text("model", self.model.as_deref());
        text("version", self.version.as_deref());
        text("status", Some(&self.status));
        text("owner", Some("organization-owner"));
        text("sku", self.sku.as_deref());
        for (name, value) in [("created_at", self.created), ("updated_at", self.updated)] {
            if let Some(value) = value {
                out.number(name, value);
            }
        }
        out.open_member("scale_settings");
        out.word("scale_type", "standard");
        if let Some(capacity) = self.capacity {
            out.number("capacity", capacity);
        }
        out.close();
        self.write_capabilities(&mut out);
        self.facts().write(&mut out, |_| false);
        finish(self.name.clone().into_owned(), out)
    }

    fn write_capabilities(&self, out: &mut Writer) {
        if self.capabilities.is_none() {
            return;
        }
        out.open_member("capabilities");
        out.flag("inference", true);
        for (name, theirs) in CAPABILITIES {
            let can = [name, theirs].map(|it| self.can(it));
            out.flag(name, can.contains(&Some(true)));
        }
        out.close();
    }

    /// Most are strings.
    fn can(&self, name: &str) -> Option<bool> {
        let said = self.capabilities?.get(name)?;
        match said.as_str().map(|it| it.to_ascii_lowercase()).as_deref() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) => None,
            None => said.as_bool(),
        }
    }

    /// What is known of the model; what the deployment itself says of it counts.
    fn facts(&self) -> Facts {
        let model = self.model.as_deref().unwrap_or_default();
        let mut facts = facts::of(Family::of(model), model);
        facts.context_length = self.context_length.or(facts.context_length);
        facts.max_output_tokens = self.max_output_tokens.or(facts.max_output_tokens);
        for (capability, operation) in OPERATIONS {
            let name = operation.name();
            match self.can(capability) {
                Some(true) if !facts.operations.contains(&name) => facts.operations.push(name),
                Some(false) => facts.operations.retain(|it| *it != name),
                _ => {}
            }
        }
        // What goes to it goes in a file, as a batch.
        if self.sku.as_ref().is_some_and(|sku| sku.ends_with("Batch")) {
            facts.operations.clear();
        }
        facts
    }
}
