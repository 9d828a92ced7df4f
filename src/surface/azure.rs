//! Azure OpenAI as its own clients ask it: `/openai/deployments/{deployment}/{operation}`, the same without `/openai`,
//! `/openai/{operation}` for what belongs to no deployment, and `/openai/v1/{operation}`, where OpenAI's own clients
//! ask Azure. Gateways in front of Azure add a path of their own, which may come first.

use crate::error::Result;
use crate::headers::Headers;
use crate::surface::path::{Normalised, decode, is_openai_root};
use crate::surface::{Arrival, Operation, Surface, Wanted, is_list, only, openai, query};

/// Where a WebSocket is asked for.
const REALTIME: &str = "realtime";
/// A page cannot set headers, so for a WebSocket Azure takes the key in the query, too.
const KEY: &str = "api-key";

/// What a path of Azure's means.
enum Place {
    /// An operation of a deployment.
    Deployment(String, Operation, &'static str),
    /// What belongs to no deployment, asked for below one.
    BesideDeployment(String, String),
    /// What belongs to no deployment.
    Resource(String),
    /// The form without dates: OpenAI's own API.
    V1(String),
}

/// None where it is no such request.
pub(super) fn recognise(arrival: &Arrival<'_>, path: &Normalised) -> Result<Option<Wanted>> {
    let Some(place) = Place::of(path) else {
        return Ok(None);
    };
    let method = arrival.method;
    let as_openais = |versioned, rest| {
        let path = Normalised {
            versioned,
            rest,
            climbs: false,
        };
        openai(method, &path)
    };
    let wanted = match place {
        Place::Deployment(name, operation, below) => {
            only(method, "POST")?;
            Wanted {
                surface: Surface::Azure,
                model: Some(name),
                ..Wanted::of(operation, below)
            }
        }
        // Azure has no list there. Who asks for it reads OpenAI's (async-openai).
        Place::BesideDeployment(_, below) if is_list(&below) => as_openais(false, below)?,
        Place::BesideDeployment(name, below) => Wanted {
            model: (below == REALTIME).then_some(name),
            surface: Surface::Azure,
            ..as_openais(false, below)?
        },
        Place::Resource(below) => Wanted {
            surface: Surface::Azure,
            ..as_openais(false, below)?
        },
        Place::V1(below) => as_openais(true, below)?,
    };
    Ok(Some(Wanted {
        version: query::value(arrival.query, query::VERSION),
        ..wanted
    }))
}

/// Whether errors at a path are Azure's.
pub(super) fn is_deployments(path: &Normalised) -> bool {
    matches!(Place::of(path), Some(Place::Deployment(..)))
}

/// Says in the query and the headers what clients of OpenAI's say there: the deployment of a WebSocket is a `model`,
/// its key is a header's. The api-version is among what is [`Wanted`], and means nothing to anybody but Azure; it stays
/// where all is one server's, and the path none of its API.
pub fn reword(wanted: &Wanted, query: &mut String, headers: &mut Headers) {
    let is_realtime = wanted.path == REALTIME;
    let is_azures = wanted.surface == Surface::Azure || wanted.version.is_some();
    if is_azures {
        let named = query::said(query, query::DEPLOYMENT);
        let deployment = wanted.model.clone().or(named).filter(|_| is_realtime);
        *query = query::without(query, &[query::VERSION, query::DEPLOYMENT]);
        if let Some(deployment) = deployment {
            *query = query::naming(query, &deployment);
        }
    } else if !query.is_empty() && !wanted.path.starts_with('/') {
        *query = query::without(query, &[query::VERSION]);
    }
    if is_realtime && let Some(key) = query::value(query, KEY) {
        *query = query::without(query, &[KEY]);
        if headers.get(KEY).is_none() {
            headers.push(KEY, &key);
        }
    }
}

impl Place {
    fn of(path: &Normalised) -> Option<Self> {
        // Nearly every call: nothing of Azure's stands behind this.
        if is_openai_root(&path.rest) {
            return None;
        }
        let segments: Vec<&str> = path.rest.split('/').collect();
        let may_follow = |at: &usize| may_follow(path, segments.get(..*at).unwrap_or_default());
        let places = |name: &'static str| {
            let all = segments.iter().enumerate();
            let of_that_name = all.filter(move |(_, it)| it.eq_ignore_ascii_case(name));
            of_that_name.map(|(at, _)| at).filter(may_follow)
        };
        let after = |at: usize| segments.get(at + 1..).unwrap_or_default();
        let is_home = |at: &usize| match at.checked_sub(1) {
            Some(before) => is(segments.get(before), "openai"),
            None => true,
        };
        places("deployments")
            .find_map(|at| Self::below_deployment(after(at)))
            .or_else(|| {
                let mut homes = places("deployments").filter(is_home);
                homes.find_map(|at| Self::beside_deployment(after(at)))
            })
            .or_else(|| places("openai").find_map(|at| Self::of_resource(after(at))))
    }

    /// A deployment and one of its operations, which have two segments at most. Clients put a name into the path as it
    /// is: one with a slash in it arrives as several.
    fn below_deployment(segments: &[&str]) -> Option<Self> {
        [2, 1].into_iter().find_map(|length| {
            let at = segments.len().checked_sub(length).filter(|at| *at > 0)?;
            let (name, below) = segments.split_at_checked(at)?;
            let below = decode(&below.join("/"));
            let mut known = Operation::NAMED.iter();
            let (path, operation) = known.find(|(path, _)| path.eq_ignore_ascii_case(&below))?;
            Some(Self::Deployment(decode(&name.join("/")), *operation, path))
        })
    }

    /// Some clients put the deployment in front of everything (async-openai), or of batches (openai-node).
    fn beside_deployment(segments: &[&str]) -> Option<Self> {
        // Of these there is nothing that belongs to no deployment.
        const OF_DEPLOYMENTS: [&str; 5] = ["audio", "chat", "completions", "embeddings", "images"];
        let (name, below) = segments.split_first()?;
        let below = resource(below)?;
        let kind = below.split('/').next().unwrap_or_default();
        let is_beside = !OF_DEPLOYMENTS.contains(&kind);
        is_beside.then(|| Self::BesideDeployment(decode(name), below))
    }

    fn of_resource(segments: &[&str]) -> Option<Self> {
        let (first, below) = segments.split_first()?;
        if !first.eq_ignore_ascii_case("v1") {
            return resource(segments).map(Self::Resource);
        }
        let below = below.join("/");
        (!below.is_empty()).then_some(Self::V1(below))
    }
}

/// Whether such segments may stand in front: nothing, Azure's own, or a path of a gateway's. What begins as OpenAI's or
/// Google's paths do is theirs: a model may be called `openai/gpt-4o`.
fn may_follow(path: &Normalised, before: &[&str]) -> bool {
    const OTHERS: [&str; 2] = ["engines", "v1beta"];
    let Some(first) = before.first() else {
        return true;
    };
    let is_others = is_openai_root(first) || OTHERS.contains(first);
    first.eq_ignore_ascii_case("openai") || !(path.versioned || is_others)
}

/// A path of the resource's own, if there is one of that kind. Names in it may have capitals that count; the kind is
/// known in any. Azure's library for .NET encodes some of its slashes.
fn resource(segments: &[&str]) -> Option<String> {
    let (kind, below) = segments.split_first()?;
    let plain = kind.replace("%2F", "/").replace("%2f", "/");
    if let Some((kind, below)) = plain.split_once('/').filter(|_| below.is_empty()) {
        return resource(&[kind, below]);
    }
    let kind = kind.to_ascii_lowercase();
    let is_list_of_deployments = kind == "deployments" && below.len() < 2;
    let is_known = is_openai_root(&kind) || is_list_of_deployments;
    is_known.then(|| [&[kind.as_str()], below].concat().join("/"))
}

fn is(segment: Option<&&str>, name: &str) -> bool {
    segment.is_some_and(|it| it.eq_ignore_ascii_case(name))
}
