//! What stands on the command line.

use std::collections::VecDeque;

use crate::model::OPERATIONS;

pub const USAGE: &str = "\
usage: isthmus check [--config wrangler.toml] [--env NAME] [--vars .dev.vars] [--gateway FILE.json|FILE.toml]
                     [--foap FILE.json]... [--secret NAME]... [--json] [--strict]
                     [--model NAME [--operation chat|embeddings|... | --path /v1/...]]";

pub enum Asked {
    Help,
    Check(Options),
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub config: Option<String>,
    pub env: Option<String>,
    pub vars: Option<String>,
    pub gateway: Option<String>,
    /// Provider files.
    pub foap: Vec<String>,
    /// Set on the deployed Worker, with values that are not known here.
    pub secrets: Vec<String>,
    pub model: Option<String>,
    pub path: Option<String>,
    pub json: bool,
    pub strict: bool,
}

pub fn read(arguments: &[String]) -> Result<Asked, String> {
    let mut words: VecDeque<&str> = arguments.iter().map(String::as_str).collect();
    match words.pop_front() {
        Some("check") => {}
        Some("help" | "--help" | "-h") => return Ok(Asked::Help),
        Some(other) => return Err(format!("`{other}` is no command.")),
        None => return Err("no command.".to_owned()),
    }
    let mut options = Options::default();
    while let Some(word) = words.pop_front() {
        let (name, given) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value)),
            _ => (word, None),
        };
        match (name, given) {
            ("--help" | "-h", None) => return Ok(Asked::Help),
            ("--json", None) => options.json = true,
            ("--strict", None) => options.strict = true,
            _ => {
                let mut value = || {
                    let value = given.or_else(|| words.pop_front());
                    let value = value.filter(|value| !value.trim().is_empty());
                    value
                        .map(str::to_owned)
                        .ok_or_else(|| format!("{name} wants a value."))
                };
                options.set(name, &mut value)?;
            }
        }
    }
    if options.path.is_some() && options.model.is_none() {
        return Err("--operation and --path say more of --model NAME.".to_owned());
    }
    Ok(Asked::Check(options))
}

impl Options {
    fn set(
        &mut self,
        name: &str,
        value: &mut dyn FnMut() -> Result<String, String>,
    ) -> Result<(), String> {
        let place = match name {
            "--config" | "-c" => &mut self.config,
            "--env" | "-e" => &mut self.env,
            "--vars" => &mut self.vars,
            "--gateway" => &mut self.gateway,
            "--model" => &mut self.model,
            "--path" | "--operation" => &mut self.path,
            "--secret" => {
                self.secrets.push(value()?);
                return Ok(());
            }
            "--foap" => {
                self.foap.push(value()?);
                return Ok(());
            }
            other => return Err(format!("`{other}` is no option.")),
        };
        if place.is_some() {
            return Err(format!(
                "{name} is there twice, or beside what says the same."
            ));
        }
        let text = value()?;
        *place = Some(match name {
            "--operation" => path_of(&text)?,
            _ => text,
        });
        Ok(())
    }
}

fn path_of(operation: &str) -> Result<String, String> {
    let mut operations = OPERATIONS.iter();
    let found = operations.find(|it| it.name == operation);
    found.map(|it| format!("/v1/{}", it.path)).ok_or_else(|| {
        let names: Vec<&str> = OPERATIONS.iter().map(|it| it.name).collect();
        format!(
            "`{operation}` is no operation; there are {}.",
            names.join(", ")
        )
    })
}
