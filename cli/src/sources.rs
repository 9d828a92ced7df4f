//! The files that hold the settings, read as wrangler reads them for `wrangler dev`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use isthmus::config::Settings;
use isthmus::config::foap;
use isthmus::config::instances;
use isthmus::config::known;
use serde_json::Value;

use crate::arguments::Options;
use crate::document::{self, Start};
use crate::places::{Origin, Places};
use crate::{dotenv, secrets, toml};

const CONFIG: &str = "wrangler.toml";
const VARS: &str = ".dev.vars";

/// All settings, and where they are from.
#[derive(Default)]
pub struct Sources {
    /// The files that were read.
    pub read: Vec<String>,
    pub settings: Vec<(String, String)>,
    /// Those that stand in a file anybody with the project can read.
    pub public: Vec<String>,
    /// Provider files.
    files: Option<Vec<(String, String)>>,
    /// The GATEWAY document, where it can be read; else null.
    pub document: Value,
    pub places: Places,
}

impl Sources {
    pub fn read(options: &Options) -> Result<Self, String> {
        let mut sources = Self::default();
        sources.read_config(options)?;
        sources.read_vars(options)?;
        if let Some(file) = &options.gateway {
            sources.read_document(file)?;
        }
        for file in &options.foap {
            sources.read_file(file)?;
        }
        let document = sources.get(document::NAME).unwrap_or_default();
        sources.document = serde_json::from_str(document.trim()).unwrap_or_default();
        sources.assume(&options.secrets)?;
        Ok(sources)
    }

    pub fn settings(&self) -> Settings {
        let settings = self.settings.iter();
        let settings = settings.map(|(name, value)| (name, value.as_str()));
        let settings: Settings = settings.collect();
        settings.with_files(self.files.clone())
    }

    pub fn document_is_stored(&self) -> bool {
        self.settings().document_is_stored()
    }

    pub fn files_are_stored(&self) -> bool {
        self.files.is_none() && self.settings().stored_files().is_some()
    }

    /// The settings that are named as secrets, wherever they are.
    pub fn named(&self) -> Vec<String> {
        let mut named = document::named(&self.document);
        let settings = self.settings();
        named.extend(foap::named_secrets(&settings));
        named.extend(instances::secrets(&settings).0);
        named
    }

    pub fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.trim().is_empty())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let mut settings = self.settings.iter();
        let found = settings.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// What is read later counts.
    fn set(&mut self, name: &str, value: String) {
        self.settings
            .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.public
            .retain(|other| !other.eq_ignore_ascii_case(name));
        self.places.forget(&name.to_ascii_uppercase());
        self.settings.push((name.to_owned(), value));
    }

    /// `[vars]`, or those of an environment: wrangler lets it inherit none.
    fn read_config(&mut self, options: &Options) -> Result<(), String> {
        let file = options.config.as_deref().unwrap_or(CONFIG);
        let is_needless = options.config.is_none()
            && options.env.is_none()
            && (options.vars.is_some() || options.gateway.is_some());
        let Some(text) = text_of(file)? else {
            if is_needless {
                return Ok(());
            }
            return Err(format!("{file} is not there."));
        };
        let table =
            toml::parse(&text).map_err(|(line, problem)| format!("{file}:{line}: {problem}"))?;
        let root = match &options.env {
            None => &table,
            Some(env) => toml::table(&table, &["env", env])
                .ok_or_else(|| format!("{file} has no table [env.{env}]."))?,
        };
        let origin = Origin { file, text: &text };
        let vars = toml::table(root, &["vars"]);
        for (name, value) in vars.into_iter().flatten() {
            let (at, name) = (name.span().start, name.get_ref());
            let Some(setting) = toml::as_text(&toml::json(value.get_ref())) else {
                continue;
            };
            self.set(name, setting.clone());
            self.public.push(name.to_string());
            let path = name.to_ascii_uppercase();
            let raw = text.get(value.span()).unwrap_or_default();
            let start = start(&origin, value.span().start, raw, &setting);
            let is_noted = !value.get_ref().is_table()
                && document::note_setting(&mut self.places, &start, &path, &setting);
            if !is_noted {
                toml::note(&mut self.places, &origin, &path, at, value.get_ref());
            }
        }
        self.read.push(file.to_owned());
        Ok(())
    }

    /// `.dev.vars` stands beside `wrangler.toml`; of an environment's own file wrangler reads that alone.
    fn read_vars(&mut self, options: &Options) -> Result<(), String> {
        let config = options.config.as_deref().unwrap_or(CONFIG);
        let beside = Path::new(config)
            .with_file_name(VARS)
            .to_string_lossy()
            .into_owned();
        let of_env = options.env.as_ref().map(|env| format!("{beside}.{env}"));
        let files = match &options.vars {
            Some(file) => vec![file.clone()],
            None => of_env.into_iter().chain([beside]).collect(),
        };
        for file in files {
            if let Some(text) = text_of(&file)? {
                self.take_vars(&file, &text);
                return Ok(());
            }
        }
        match &options.vars {
            Some(file) => Err(format!("{file} is not there.")),
            None => Ok(()),
        }
    }

    fn take_vars(&mut self, file: &str, text: &str) {
        let text = dotenv::unified(text);
        let origin = Origin { file, text: &text };
        for entry in dotenv::parse(&text) {
            let path = entry.name.to_ascii_uppercase();
            self.set(&entry.name, entry.value.clone());
            let raw = text.get(entry.raw.clone()).unwrap_or_default();
            let start = start(&origin, entry.raw.start, raw, &entry.value);
            if !document::note_setting(&mut self.places, &start, &path, &entry.value) {
                self.places.add_line(&path, file, entry.line);
            }
        }
        self.read.push(file.to_owned());
    }

    /// The document by itself, in place of whatever the settings hold.
    fn read_document(&mut self, file: &str) -> Result<(), String> {
        let text = text_of(file)?.ok_or_else(|| format!("{file} is not there."))?;
        let extension = Path::new(file).extension().and_then(|it| it.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("json") => {
                self.set(document::NAME, text.clone());
                let start = Start {
                    file,
                    line: 1,
                    is_verbatim: true,
                };
                document::note(&mut self.places, &start, &text);
            }
            Some("toml") => {
                let table = toml::parse(&text)
                    .map_err(|(line, problem)| format!("{file}:{line}: {problem}"))?;
                let document = Value::Object(toml::object(&table));
                self.set(document::NAME, document.to_string());
                let origin = Origin { file, text: &text };
                self.places.add_line(document::NAME, file, 1);
                for (name, value) in &table {
                    let path = format!("{}.{}", document::NAME, name.get_ref());
                    let at = name.span().start;
                    toml::note(&mut self.places, &origin, &path, at, value.get_ref());
                }
            }
            _ => return Err(format!("{file} ends neither with .json nor with .toml.")),
        }
        self.read.push(file.to_owned());
        Ok(())
    }

    /// A provider file: as the Worker finds it in KV, or in a variable.
    fn read_file(&mut self, file: &str) -> Result<(), String> {
        let text = text_of(file)?.ok_or_else(|| format!("{file} is not there."))?;
        let start = Start {
            file,
            line: 1,
            is_verbatim: true,
        };
        document::note_providers(&mut self.places, &start, file, &text);
        self.files
            .get_or_insert_default()
            .push((file.to_owned(), text));
        self.read.push(file.to_owned());
        Ok(())
    }

    fn assume(&mut self, names: &[String]) -> Result<(), String> {
        let hosts = self
            .get("AZURE_AI_STUDIO_DEPLOYMENTS")
            .unwrap_or_default()
            .to_owned();
        for name in names {
            let value = secrets::placeholder(name, &self.document, &hosts)?;
            if !self.is_set(name) {
                self.set(name, value);
            }
        }
        Ok(())
    }

    /// Settings no part of the program reads.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        let used = self.named();
        let names = self.settings.iter().map(|(name, _)| name.as_str());
        names.filter(move |name| {
            !known::is_known(name) && !used.contains(&name.to_ascii_uppercase())
        })
    }
}

/// The text of a file, if there is one.
fn text_of(file: &str) -> Result<Option<String>, String> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{file} cannot be read: {error}.")),
    }
}

/// Where a value begins: it stands there as it is, or with its own way of writing quotes and line breaks.
fn start<'a>(origin: &Origin<'a>, at: usize, raw: &str, value: &str) -> Start<'a> {
    let inside = raw.find(value);
    Start {
        file: origin.file,
        line: dotenv::line_of(origin.text, at + inside.unwrap_or(0)),
        is_verbatim: inside.is_some(),
    }
}
