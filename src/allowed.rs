//! Which headers pass, each way. Everything not named here stays behind: cookies, addresses, `cf-*`,
//! `x-forwarded-*`, hop-by-hop headers, and every credential (that is `credentials.rs`'s).

use crate::headers::Headers;

/// What of the client's request the upstream gets.
pub fn to_upstream(client: &Headers, with_own_credential: bool, out: &mut Headers) {
    out.extend_where(client, |name| match name {
        "accept" | "content-type" | "idempotency-key" | "user-agent" | "range"
        | "if-none-match" => true,
        // Whose account pays is the credential's owner's to say.
        "openai-organization" | "openai-project" => with_own_credential,
        _ => ["openai-", "anthropic-", "x-ms-"]
            .iter()
            .any(|prefix| name.starts_with(prefix)),
    });
}

/// What of the upstream's answer the client gets, when the body is passed on as it is.
pub fn to_client(upstream: &Headers, out: &mut Headers) {
    out.extend_where(upstream, |name| {
        matches!(
            name,
            "content-type"
                | "content-encoding"
                | "content-disposition"
                | "content-range"
                | "accept-ranges"
                | "cache-control"
                | "etag"
                | "last-modified"
        ) || is_about_the_call(name)
    });
}

/// What of the upstream's answer the client gets, when the body is ours.
pub fn about_the_call(upstream: &Headers, out: &mut Headers) {
    out.extend_where(upstream, is_about_the_call);
}

/// Limits, advice to retry, and the names under which an upstream can be asked about a call.
fn is_about_the_call(name: &str) -> bool {
    matches!(
        name,
        "retry-after"
            | "retry-after-ms"
            | "x-should-retry"
            | "request-id"
            | "x-request-id"
            | "apim-request-id"
            | "x-ms-region"
            | "x-ms-request-id"
            | "x-ms-client-request-id"
            | "x-ms-deployment-name"
            | "azureml-model-session"
    ) || ["x-ratelimit-", "ratelimit-", "openai-", "anthropic-"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}
