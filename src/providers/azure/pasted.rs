//! What people paste as an endpoint: the portal's target URI, a resource, a project, a gateway in front of it.
//!
//! The path is cut where Azure's own begins. What was cut tells the form; what stands before is the prefix of a
//! gateway of the customer's, and stays.

use crate::providers::address;
use crate::surface::decode;
use crate::surface::path::is_openai_root;

use super::Form;
use super::version::ApiVersion;

/// A pasted address, understood.
#[derive(Debug)]
pub struct Pasted {
    pub host: Host,
    pub told: Told,
    /// Origin and prefix, without a slash at the end.
    pub home: String,
    pub deployment: Option<String>,
    /// As the query says it.
    pub version: Option<ApiVersion>,
}

/// Whose host it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// Azure OpenAI, under any of its names.
    Resource,
    /// Foundry: several APIs on one host.
    Foundry,
    Serverless,
    Managed,
    GitHub,
    /// A customer's own domain or API management, or a test's server.
    Unknown,
}

/// What the path told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Nothing,
    OpenAi,
    Deployment,
    /// The same without `openai` in front, as API management may publish it.
    BareDeployment,
    V1,
    /// The same without `openai` in front.
    BareV1,
    Project,
    Models,
    Anthropic,
}

/// Which word the owner used for the kind: it decides where an address alone tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Azure,
    Foundry,
}

/// By the end of the name, on the boundary of a label. The clouds of the US government and of China have the same
/// names under their own domains.
const HOSTS: [(&str, Host); 17] = [
    (".openai.azure.com", Host::Resource),
    (".openai.azure.us", Host::Resource),
    (".openai.azure.cn", Host::Resource),
    (".cognitiveservices.azure.com", Host::Resource),
    (".cognitiveservices.azure.us", Host::Resource),
    (".cognitiveservices.azure.cn", Host::Resource),
    (".api.cognitive.microsoft.com", Host::Resource),
    (".api.cognitive.microsoft.us", Host::Resource),
    (".api.cognitive.azure.cn", Host::Resource),
    (".services.ai.azure.com", Host::Foundry),
    (".services.ai.azure.us", Host::Foundry),
    (".services.ai.azure.cn", Host::Foundry),
    (".models.ai.azure.com", Host::Serverless),
    (".inference.ai.azure.com", Host::Serverless),
    (".inference.ml.azure.com", Host::Managed),
    (".inference.ml.azure.us", Host::Managed),
    (".inference.ml.azure.cn", Host::Managed),
];

/// Looked for in this order, each anywhere in the path: what says more comes first.
const TELLING: [(&[&str], Told); 8] = [
    (&["openai", "deployments"], Told::Deployment),
    (&["openai", "v1"], Told::V1),
    (&["api", "projects"], Told::Project),
    (&["deployments"], Told::BareDeployment),
    (&["openai"], Told::OpenAi),
    (&["models"], Told::Models),
    (&["anthropic"], Told::Anthropic),
    (&["v1"], Told::BareV1),
];

/// Paths of operations that are pasted along; the longer first.
const OPERATIONS: [&[&str]; 11] = [
    &["chat", "completions"],
    &["images", "generations"],
    &["images", "edits"],
    &["audio", "speech"],
    &["audio", "transcriptions"],
    &["audio", "translations"],
    &["completions"],
    &["embeddings"],
    &["responses"],
    &["score"],
    &["info"],
];

pub fn read(pasted: &str) -> Result<Pasted, String> {
    // A realtime target URI is one for WebSockets; what is fetched is the same address over HTTP.
    let pasted = pasted.trim();
    let (origin, rest) = match pasted.strip_prefix("wss://") {
        Some(rest) => address::split(rest)?,
        None => address::split(pasted)?,
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
    if segments
        .iter()
        .any(|it| matches!(decode(it).as_str(), "." | ".."))
    {
        return Err("its path has a segment that is only dots".to_owned());
    }
    let (told, kept) = tell(&segments);
    let prefix = segments.get(..kept).unwrap_or_default();
    let in_path = match told {
        Told::Deployment => segments.get(kept + 2),
        Told::BareDeployment => segments.get(kept + 1),
        _ => None,
    };
    let in_query = || parameter(query, "deployment").filter(|_| told == Told::OpenAi);
    let host = host_of(&origin);
    if host != Host::Unknown && !origin.starts_with("https://") {
        return Err("Azure is at https:// only".to_owned());
    }
    Ok(Pasted {
        host,
        told,
        home: prefix.iter().fold(origin, |home, it| home + "/" + it),
        deployment: in_path.map(|name| decode(name)).or_else(in_query),
        version: parameter(query, "api-version").and_then(|text| ApiVersion::parse(&text)),
    })
}

impl Told {
    /// Whether it settles the form, whatever the host. `/v1` alone is at home on any.
    pub fn is_a_form(self) -> bool {
        !matches!(self, Self::Nothing | Self::BareV1)
    }
}

impl Pasted {
    /// The form spoken there, as far as host, path and version tell.
    pub fn form(&self, written: Written, version: Option<&ApiVersion>) -> Form {
        let is_dateless = version.is_some_and(|version| !version.is_dated());
        let is_bare_foundry = self.told == Told::Nothing
            && (self.host == Host::Foundry
                || self.host == Host::Unknown && written == Written::Foundry);
        let is_v1 = match self.told {
            Told::V1 | Told::BareV1 | Told::Project => true,
            Told::Nothing | Told::OpenAi => is_dateless || is_bare_foundry,
            _ => false,
        };
        match (self.host, self.told) {
            (Host::GitHub, _) => Form::GitHub,
            (Host::Managed, _) => Form::Managed,
            (Host::Serverless, _) => Form::Serverless,
            (_, Told::Models) => Form::Models,
            (_, Told::Anthropic) => Form::Anthropic,
            _ if is_bare_foundry && written == Written::Foundry && !is_dateless => Form::Models,
            _ if is_v1 => Form::V1,
            _ => Form::Classic,
        }
    }

    pub fn is_project(&self) -> bool {
        self.told == Told::Project || self.home.contains("/api/projects/")
    }

    /// The top-level domain of the cloud it belongs to.
    pub fn cloud(&self) -> &'static str {
        let authority = self.home.split('/').nth(2).unwrap_or_default();
        let name = authority.split(':').next().unwrap_or_default();
        match name.rsplit('.').next() {
            Some("us") if self.host != Host::Unknown => "us",
            Some("cn") if self.host != Host::Unknown => "cn",
            _ => "com",
        }
    }
}

/// What the path tells, and how many of its segments are a prefix.
fn tell(segments: &[&str]) -> (Told, usize) {
    for (pattern, told) in TELLING {
        let Some(at) = find(segments, pattern) else {
            continue;
        };
        let next = segments.get(at + pattern.len());
        match told {
            Told::Project => return (told, (at + 3).min(segments.len())),
            Told::Deployment | Told::V1 => return (told, at),
            Told::BareDeployment if next.is_some() => return (told, at),
            // A gateway's own prefix may hold such a word; what follows decides.
            _ if told != Told::BareDeployment && next.is_none_or(|it| is_operation(it)) => {
                return (told, at);
            }
            _ => {}
        }
    }
    let pasted_along = OPERATIONS.iter().find(|operation| {
        let at = segments.len().checked_sub(operation.len());
        at.is_some_and(|at| {
            segments
                .get(at..)
                .is_some_and(|tail| equal(tail, operation))
        })
    });
    let kept = segments.len() - pasted_along.map_or(0, |operation| operation.len());
    (Told::Nothing, kept)
}

fn is_operation(segment: &str) -> bool {
    is_openai_root(segment)
        || ["v1", "messages", "info", "operations", "realtimeapi"]
            .iter()
            .any(|word| same(word, segment))
}

fn find(segments: &[&str], pattern: &[&str]) -> Option<usize> {
    let mut windows = segments.windows(pattern.len());
    windows.position(|window| equal(window, pattern))
}

fn equal(segments: &[&str], pattern: &[&str]) -> bool {
    segments.len() == pattern.len() && segments.iter().zip(pattern).all(|(a, b)| same(a, b))
}

fn same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}

fn host_of(origin: &str) -> Host {
    let authority = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let name = authority.split(':').next().unwrap_or_default();
    if matches!(name, "models.inference.ai.azure.com" | "models.github.ai") {
        return Host::GitHub;
    }
    let known = HOSTS
        .iter()
        .find(|(suffix, _)| name.len() > suffix.len() && name.ends_with(suffix));
    known.map_or(Host::Unknown, |(_, host)| *host)
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(key, _)| same(&decode(key), name))
        .map(|(_, value)| decode(value))
        .filter(|value| !value.trim().is_empty())
}
