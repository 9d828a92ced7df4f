//! Which headers pass, each way. Everything not named here stays behind: cookies, addresses, `cf-*`,
//! `x-forwarded-*`, hop-by-hop headers, and every credential (that is `credentials.rs`'s).

use crate::headers::Headers;

/// What OpenAI's own clients put before a key that they send as a WebSocket protocol.
pub const KEY_PROTOCOL: &str = "openai-insecure-api-key.";

/// What of the client's request the upstream gets, besides the content type.
pub fn to_upstream(client: &Headers, with_own_credential: bool, out: &mut Headers) {
    out.extend_where(client, |name| match name {
        "accept" | "content-encoding" | "idempotency-key" | "user-agent" | "range"
        | "if-none-match" => true,
        // Whose account pays is the credential's owner's to say.
        "openai-organization" | "openai-project" => with_own_credential,
        // It names a model, beside the one the call was let through for.
        "x-ms-model-mesh-model-name" => false,
        _ => ["openai-", "anthropic-", "x-ms-"]
            .iter()
            .any(|prefix| name.starts_with(prefix)),
    });
}

/// The same for an upstream of another language: what a client of OpenAI's says in headers means nothing there.
pub fn to_translated(client: &Headers, out: &mut Headers) {
    out.extend_where(client, |name| name == "user-agent");
}

/// What a WebSocket needs besides. A page cannot set headers, so it sends them among the protocols: its key stays
/// behind, and whose account pays is again the credential's owner's to say.
pub fn upgrade(client: &Headers, with_own_credential: bool, out: &mut Headers) {
    const ACCOUNT: [&str; 2] = ["openai-organization.", "openai-project."];
    let says_who_pays = |protocol: &str| ACCOUNT.iter().any(|prefix| protocol.starts_with(prefix));
    let passes = |protocol: &&str| {
        !protocol.is_empty()
            && !protocol.starts_with(KEY_PROTOCOL)
            && (with_own_credential || !says_who_pays(protocol))
    };
    out.push("upgrade", "websocket");
    let protocols = client.get("sec-websocket-protocol").unwrap_or_default();
    let protocols: Vec<&str> = protocols.split(',').map(str::trim).filter(passes).collect();
    if !protocols.is_empty() {
        out.push("sec-websocket-protocol", &protocols.join(", "));
    }
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
                | "sec-websocket-protocol"
        ) || is_about_the_call(name)
    });
    under_openais_names(upstream, out);
}

/// What of the upstream's answer the client gets, when the body is ours.
pub fn about_the_call(upstream: &Headers, out: &mut Headers) {
    out.extend_where(upstream, is_about_the_call);
    under_openais_names(upstream, out);
}

/// Azure's own names for what OpenAI's SDKs look for: the second is a slip of Azure's (openai-python#937).
fn under_openais_names(upstream: &Headers, out: &mut Headers) {
    const NAMES: [(&str, &str); 2] = [
        ("apim-request-id", "x-request-id"),
        ("x-rate-limit-reset-tokens", "x-ratelimit-reset-tokens"),
    ];
    for (azures, openais) in NAMES {
        match upstream.get(azures) {
            Some(value) if upstream.get(openais).is_none() => out.push(openais, value),
            _ => {}
        }
    }
}

/// Limits, advice to retry, and the names under which an upstream can be asked about a call. Which region, host
/// or deployment answered is not among them.
fn is_about_the_call(name: &str) -> bool {
    matches!(
        name,
        "retry-after"
            | "retry-after-ms"
            | "x-ms-retry-after-ms"
            | "x-should-retry"
            | "request-id"
            | "x-request-id"
            | "apim-request-id"
            | "x-ms-request-id"
            | "x-ms-client-request-id"
            | "x-ms-error-code"
            | "azure-openai-deployment-utilization"
    ) || ["x-ratelimit-", "ratelimit-", "openai-", "anthropic-"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}
