//! One call's address: the operation's place in the form, the deployment, the query with its one api-version.

use crate::azure::Spoken;
use crate::azure::version::Version;
use crate::error::{Error, Kind, Result};
use crate::surface::{decode, encode};

use super::operations::{self, Row, Scope};
use super::version::{self, ApiVersion};
use super::{Form, Resource};

/// What is asked of a resource.
pub struct Ask<'a> {
    /// For the messages of errors.
    pub provider: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a str,
    pub deployment: Option<&'a str>,
    /// Where the deployment has one of its own.
    pub version: Option<&'a ApiVersion>,
    pub is_upgrade: bool,
}

/// Where it is, and what is really spoken there.
#[derive(Debug)]
pub struct Route {
    pub url: String,
    pub spoken: Spoken,
    pub version: Version,
}

pub fn find(resource: &Resource, ask: &Ask<'_>) -> Result<Route> {
    if let Some(name) = ask.deployment {
        check(name)?;
    }
    let row = operations::find(ask.method, ask.path).ok_or_else(|| ask.unsupported())?;
    match resource.form {
        Form::Classic | Form::V1 => openai(resource, ask, row),
        // Foundry's hosts list the deployments of all makers' models.
        Form::Models if resource.is_azures && is_list(ask.path) => Ok(deployments(resource, ask)),
        Form::Models if row.in_models => Ok(models(resource, ask)),
        Form::Serverless | Form::Managed | Form::GitHub if row.in_single => {
            Ok(single(resource, ask))
        }
        Form::Anthropic if ask.path == "chat/completions" && ask.method == "POST" => Ok(Route {
            url: format!("{}/messages", resource.root),
            spoken: Spoken::Single,
            version: Version::V1,
        }),
        _ => Err(ask.unsupported()),
    }
}

/// A deployment's name is hostile text: it becomes one segment of a path, encoded, or is refused.
fn check(name: &str) -> Result<()> {
    let is_dots = |part: &str| matches!(part, "." | "..");
    if is_dots(name) || name.trim().is_empty() {
        let message = format!("The model `{name}` does not exist.");
        return Err(Error::new(Kind::NotFound, "model_not_found", message).param("model"));
    }
    if name.split(['/', '\\']).any(is_dots) {
        let message = "The model's name has a part that is only dots.";
        return Err(Error::bad_request("invalid_model", message).param("model"));
    }
    Ok(())
}

/// The forms with `/openai/` in their paths.
fn openai(resource: &Resource, ask: &Ask<'_>, row: &Row) -> Result<Route> {
    if row.scope == Scope::Absent {
        return Err(ask.unsupported());
    }
    if ask.path == "realtime" {
        return Ok(realtime(resource, ask));
    }
    if is_below(ask.path, "models") {
        return Ok(list(resource, ask));
    }
    if is_below(ask.path, "deployments") {
        return Ok(deployments(resource, ask));
    }
    let version = version_for(resource, ask, row);
    let is_image = (row.scope, ask.path) == (Scope::Deployment, "images/generations");
    let is_old = !version.number().since(2023, 12, 1);
    if version.is_dated() && is_image && (is_old || resource.choices.async_images) {
        return Ok(submit_image(resource, ask, version));
    }
    let place = match row.scope {
        Scope::Deployment if version.is_dated() => {
            let deployment = encode(ask.deployment.ok_or_else(no_model)?);
            format!("{}/deployments/{deployment}/{}", resource.classic, ask.path)
        }
        _ if version.is_dated() => format!("{}/{}", resource.classic, ask.path),
        _ => format!("{}/{}", resource.v1, ask.path),
    };
    Ok(ask.route(place, version))
}

/// The version an operation is asked with; that of `/openai/v1` for what no dated one has.
fn version_for<'a>(resource: &'a Resource, ask: &Ask<'a>, row: &Row) -> &'a ApiVersion {
    let own = ask.version.unwrap_or(&resource.version);
    match (&resource.choices.responses_version, row.scope) {
        _ if ask.is_upgrade => &version::V1,
        (Some(version), Scope::Responses) => version,
        _ if !own.is_dated() => own,
        (_, Scope::Responses) if !resource.choices.responses_via_v1 => own,
        (_, Scope::Responses) if own.has_preview((2025, 3, 1)) => own,
        (_, Scope::Responses | Scope::OnlyV1) => &version::V1,
        _ => with_preview(own, row.preview_since),
    }
}

/// The version, or where it never had the operation, the last that has.
fn with_preview(version: &ApiVersion, since: Option<(u32, u32, u32)>) -> &ApiVersion {
    match since {
        Some(since) if !version.has_preview(since) => &version::LAST_PREVIEW,
        _ => version,
    }
}

/// Images before December 2023: submitted, then asked for until they are there.
fn submit_image(resource: &Resource, ask: &Ask<'_>, version: &ApiVersion) -> Route {
    let has_it = !version.number().since(2023, 12, 1) && version.has_preview((2023, 6, 1));
    let version = if has_it {
        version
    } else {
        &version::SUBMIT_IMAGE
    };
    let place = format!("{}/images/generations:submit", resource.classic);
    ask.route(place, version)
}

/// A WebSocket that is asked for over HTTP. The form without dates refuses an api-version, and a transcription
/// names its model in its own events.
fn realtime(resource: &Resource, ask: &Ask<'_>) -> Route {
    let own = ask.version.unwrap_or(&resource.version);
    let mut query = Query::default();
    let (root, version) = if own.is_dated() {
        let version = with_preview(own, Some((2024, 10, 1)));
        query.push("api-version", version.in_query());
        query.push("deployment", ask.deployment);
        (&resource.classic, version)
    } else {
        let mut pairs = ask.query.split('&');
        let transcribes = pairs.any(|pair| pair == "intent=transcription");
        query.push("model", ask.deployment.filter(|_| !transcribes));
        (&resource.v1, &version::V1)
    };
    query.extend(ask.query, &["api-version", "model", "deployment"]);
    Route {
        url: query.after(format!("{root}/realtime")),
        spoken: spoken(version),
        version: version.number(),
    }
}

fn is_list(path: &str) -> bool {
    is_below(path, "models") || is_below(path, "deployments")
}

/// Or is it.
fn is_below(path: &str, folder: &str) -> bool {
    let below = path.strip_prefix(folder);
    below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

/// The models of the resource.
fn list(resource: &Resource, ask: &Ask<'_>) -> Route {
    let (root, version) = match &resource.choices.models_version {
        _ if !resource.version.is_dated() => (&resource.v1, &resource.version),
        version if version.is_dated() => (&resource.classic, version),
        version => (&resource.v1, version),
    };
    ask.route(format!("{root}/{}", ask.path), version)
}

/// Its deployments: of a project, to an application that may read there; else the host's, which its old versions still
/// tell. Where no models are listed a deployment is what is known of a model.
fn deployments(resource: &Resource, ask: &Ask<'_>) -> Route {
    let below = ask.path.trim_start_matches(|it| it != '/');
    let (home, project) = resource.homes();
    if let Some(project) = project.filter(|_| resource.has_identity()) {
        let mut query = Query::default();
        query.push("api-version", Some("v1"));
        query.extend(ask.query, &["api-version"]);
        return Route {
            url: query.after(format!("{project}/deployments{below}")),
            spoken: Spoken::V1,
            version: Version::V1,
        };
    }
    ask.route(format!("{home}/deployments{below}"), &version::DEPLOYMENTS)
}

/// Azure AI Model Inference.
fn models(resource: &Resource, ask: &Ask<'_>) -> Route {
    if ask.path == "rerank" {
        let home = resource.root.strip_suffix("/models").unwrap_or_default();
        let mut query = Query::default();
        query.extend(ask.query, &["api-version"]);
        return Route {
            url: query.after(format!("{home}/providers/cohere/v2/rerank")),
            spoken: Spoken::Models,
            version: resource.version.number(),
        };
    }
    let version = ask.version.unwrap_or(&resource.version);
    let mut route = ask.route(format!("{}/{}", resource.root, ask.path), version);
    route.spoken = Spoken::Models;
    route
}

/// GitHub's second host of models, whose list is not below what serves them.
const GITHUB: &str = "https://models.github.ai";

/// A host of one model: the client's own path. It wants no version, but takes the one its owner pasted.
fn single(resource: &Resource, ask: &Ask<'_>) -> Route {
    let place = match ask.path {
        "info" => {
            let root = resource.root.strip_suffix("/v1");
            format!("{}/info", root.unwrap_or(&resource.root))
        }
        "models" if is_below(&resource.root, GITHUB) => format!("{GITHUB}/catalog/models"),
        path => format!("{}/{path}", resource.root),
    };
    let mut route = ask.route(place, &resource.version);
    // The version is the host's own matter: it says nothing of what OpenAI's API had by then.
    (route.spoken, route.version) = (Spoken::Single, Version::V1);
    route
}

impl Ask<'_> {
    fn route(&self, place: String, version: &ApiVersion) -> Route {
        let mut query = Query::default();
        query.push("api-version", version.in_query());
        query.extend(self.query, &["api-version"]);
        Route {
            url: query.after(place),
            spoken: spoken(version),
            version: version.number(),
        }
    }

    fn unsupported(&self) -> Error {
        Error::new(
            Kind::NotFound,
            "unsupported_operation",
            format!(
                "The provider `{}` has no {} /v1/{}.",
                self.provider, self.method, self.path
            ),
        )
    }
}

fn no_model() -> Error {
    Error::bad_request("model_required", "The request names no model.").param("model")
}

fn spoken(version: &ApiVersion) -> Spoken {
    if version.is_dated() {
        Spoken::Classic
    } else {
        Spoken::V1
    }
}

/// A query being put together: ours first, then what is left of the client's.
#[derive(Default)]
struct Query(String);

impl Query {
    fn push(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.push_pair(&format!("{name}={}", encode(value)));
        }
    }

    /// The client's pairs as they are, but those of these names, however they are written.
    fn extend(&mut self, client: &str, without: &[&str]) {
        let pairs = client.split('&').filter(|pair| !pair.is_empty());
        for pair in pairs {
            let name = decode(pair.split('=').next().unwrap_or_default());
            if !without.iter().any(|it| it.eq_ignore_ascii_case(&name)) {
                self.push_pair(pair);
            }
        }
    }

    fn push_pair(&mut self, pair: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(pair);
    }

    fn after(self, mut place: String) -> String {
        if !self.0.is_empty() {
            place.push('?');
            place.push_str(&self.0);
        }
        place
    }
}
