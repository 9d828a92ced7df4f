//! `GET /health`: always 200 while the Worker runs, asks no upstream, wants no key; shows a caller with a key
//! of ours what the configuration reading said.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::clients::{self, Access};
use crate::config::Config;
use crate::error::Result;
use crate::headers::Headers;
use crate::platform::Platform;
use crate::providers::Provider;

pub fn answer<UpstreamBody>(
    config: &Config,
    headers: &Headers,
    now_millis: u64,
) -> Answer<UpstreamBody> {
    let plain = headers
        .get("accept")
        .is_some_and(|accept| accept.trim().starts_with("text/plain"));
    if plain {
        return Answer::bytes(200, "text/plain; charset=utf-8", "OK");
    }
    let total = config.providers().len();
    let usable = config
        .providers()
        .iter()
        .filter(|provider| provider.broken.is_none())
        .count();
    let usable = if config.problem().is_some() {
        0
    } else {
        usable
    };
    let (health, message) = match usable {
        0 => ("unhealthy", "no provider can be used"),
        _ if usable < total => ("degraded", "some providers cannot be used"),
        _ if !config.warnings.is_empty() => ("warning", "the configuration has warnings"),
        _ => ("healthy", "all providers are configured"),
    };
    let mut body = json!({
        "status": "ok",
        "health": health,
        "message": message,
        "timestamp": now_millis / 1000,
        "instance_summary": {"total": total, "healthy": usable, "routing_strategy": "failover"},
        "version": env!("CARGO_PKG_VERSION"),
    });
    if is_known(config, headers)
        && let Some(body) = body.as_object_mut()
    {
        body.insert(
            "providers".to_owned(),
            config.providers().iter().map(|it| describe(it)).collect(),
        );
        body.insert("warnings".to_owned(), config.warnings.clone().into());
    }
    Answer::json(200, body.to_string())
}

/// `GET /health/{model}`.
pub async fn of_a_model<P: Platform>(
    platform: &P,
    config: &Config,
    model: &str,
    headers: &Headers,
) -> Result<Answer<P::UpstreamBody>> {
    let caller = clients::authenticate(&config.access, headers)?;
    caller.may_use(Some(model))?;
    let _ = platform;
    Ok(Answer::json(200, r#"{"status":"ok"}"#))
}

fn describe(provider: &Provider) -> Value {
    json!({
        "name": provider.name,
        "usable": provider.broken.is_none(),
        "key": if provider.has_credential() { "set" } else { "missing" },
    })
}

/// Only who proved to be a client may read what names settings and providers.
fn is_known(config: &Config, headers: &Headers) -> bool {
    matches!(config.access, Access::Keys(_))
        && clients::authenticate(&config.access, headers).is_ok()
}
