//! Cross-origin answers, so that a page in a browser may be a client.

use crate::headers::Headers;

/// Which pages may read the answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    Any,
    /// Lower case, without a slash at the end.
    Listed(Vec<String>),
}

impl Origins {
    /// `*`, or a comma list of origins.
    pub fn parse(list: &str) -> Self {
        let origins: Vec<String> = list
            .split(',')
            .map(|origin| origin.trim().trim_end_matches('/').to_ascii_lowercase())
            .filter(|origin| !origin.is_empty())
            .collect();
        if origins.is_empty() || origins.iter().any(|origin| origin == "*") {
            Self::Any
        } else {
            Self::Listed(origins)
        }
    }
}

/// On every answer, errors and streams included.
pub fn allow(origins: &Origins, origin: Option<&str>, headers: &mut Headers) {
    match origins {
        Origins::Any => headers.push("access-control-allow-origin", "*"),
        Origins::Listed(listed) => {
            headers.push("vary", "origin");
            let known = origin.filter(|origin| listed.contains(&origin.to_ascii_lowercase()));
            if let Some(origin) = known {
                headers.push("access-control-allow-origin", origin);
            } else {
                return;
            }
        }
    }
    // Keys travel in headers, never in cookies, so the wildcard holds in every browser.
    headers.push("access-control-expose-headers", "*");
}

/// On the answer to a preflight. Browser SDKs send a dozen `x-stainless-*` headers: what is asked is allowed.
pub fn preflight(asked_headers: Option<&str>, headers: &mut Headers) {
    const USUAL: &str = "authorization, content-type, api-key, x-api-key, x-goog-api-key, openai-beta, \
                         openai-organization, openai-project, idempotency-key";
    headers.push(
        "access-control-allow-methods",
        "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS",
    );
    headers.push(
        "access-control-allow-headers",
        asked_headers.unwrap_or(USUAL),
    );
    headers.push("access-control-max-age", "86400");
}
