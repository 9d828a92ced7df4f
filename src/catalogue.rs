//! The lists of models and deployments: the public names that are configured, or else what the default provider
//! lists itself.

mod capabilities;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::clients::Caller;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::surface::{self, Wanted};

/// Fixed, so that the list is the same at every call: when OpenAI's own API began.
const CREATED: u64 = 1_593_561_600;

/// A list, or one item of it, as far as the caller may use it; None where the upstream is to be asked.
pub fn answer<UpstreamBody>(
    config: &Config,
    wanted: &Wanted,
    caller: &Caller,
) -> Result<Option<Answer<UpstreamBody>>> {
    let path = wanted.path.as_str();
    let item = match path.split_once('/') {
        None if path == "deployments" => deployments(config, caller),
        None => list(config, caller),
        Some(("deployments", id)) => deployment(config, caller, &surface::decode(id))?,
        Some((_, item)) => {
            let about = item.strip_suffix("/capabilities");
            let id = surface::decode(about.unwrap_or(item));
            caller.may_use(Some(&id))?;
            let mut names = config.public_models();
            let name = names.find(|name| name.eq_ignore_ascii_case(&id));
            name.map(|name| match about {
                Some(_) => capabilities::describe(name, &deployment_of(config, name)),
                None => describe(config, name),
            })
        }
    };
    Ok(item.map(|item| Answer::json(200, item.to_string())))
}

fn list(config: &Config, caller: &Caller) -> Option<Value> {
    let may_use = |name: &&str| caller.may_use(Some(name)).is_ok();
    let configured = config.public_models().filter(may_use);
    let of = |name| describe(config, name);
    let data: Value = if config.public_models().next().is_some() {
        configured.map(of).collect()
    } else {
        // What an upstream lists is not for a limited key to see; its own names are.
        caller.named_models()?.map(of).collect()
    };
    Some(json!({"object": "list", "data": data}))
}

fn describe(config: &Config, name: &str) -> Value {
    let owner = if is_azures(config, Some(name)) {
        "azure-openai"
    } else {
        "isthmus"
    };
    let mut item = json!({
        "id": name,
        "object": "model",
        "created": CREATED,
        "owned_by": owner,
    });
    if let (true, Some(item)) = (config.is_alias(name), item.as_object_mut()) {
        // Said of models on hosts of their own by a predecessor, whose clients read it.
        item.extend(capabilities::of_an_alias());
    }
    item
}

/// Whether Azure is asked first for a model, or for what names none.
fn is_azures(config: &Config, model: Option<&str>) -> bool {
    let target = config.first_target(model);
    target.is_some_and(|target| target.provider.azure().is_some())
}

/// Azure's list of old, which clients of a predecessor ask for.
fn deployments(config: &Config, caller: &Caller) -> Option<Value> {
    let is_unsaid = config.public_models().next().is_none() && !caller.is_limited();
    if is_unsaid && is_azures(config, None) {
        return None;
    }
    let deployed = deployed(config, caller);
    let data: Value = deployed
        .iter()
        .map(|(id, model)| describe_deployment(id, model))
        .collect();
    Some(json!({"object": "list", "data": data}))
}

fn deployment(config: &Config, caller: &Caller, id: &str) -> Result<Option<Value>> {
    let deployed = deployed(config, caller);
    let found = deployed.iter().find(|(it, _)| it.eq_ignore_ascii_case(id));
    if found.is_none() {
        caller.may_use(Some(id))?;
        if !is_azures(config, None) {
            let message = format!("The deployment `{id}` does not exist.");
            return Err(Error::new(Kind::NotFound, "model_not_found", message).param("model"));
        }
    }
    Ok(found.map(|(id, model)| describe_deployment(id, model)))
}

/// The deployments behind the configured names, once each, with the first of its names.
fn deployed<'a>(config: &'a Config, caller: &Caller) -> Vec<(String, &'a str)> {
    let mut deployed: Vec<(String, &str)> = Vec::new();
    for model in config.public_models() {
        let id = deployment_of(config, model);
        let is_new = !deployed.iter().any(|(other, _)| *other == id);
        if is_new && caller.may_use(Some(model)).is_ok() {
            deployed.push((id, model));
        }
    }
    deployed
}

fn deployment_of(config: &Config, model: &str) -> String {
    let target = config.first_target(Some(model));
    let deployments = target.and_then(|target| target.deployments(Some(model)).ok());
    let first = deployments.and_then(|it| it.into_iter().next());
    first.map_or_else(|| model.to_owned(), |deployment| deployment.name)
}

fn describe_deployment(id: &str, model: &str) -> Value {
    json!({
        "id": id,
        "object": "deployment",
        "model": model,
        "status": "succeeded",
        "owner": "organization-owner",
        "scale_settings": {"scale_type": "standard"},
    })
}
