//! When a limit is whole again, by the headers that count it: `x-ratelimit-reset-tokens` and `-requests`.

use crate::headers::Headers;

use super::{duration, given};

/// Numbers from here on are times since 1970, in seconds and in milliseconds: no limit is whole after thirty years.
const SECONDS_SINCE_1970: u64 = 1_000_000_000;
const MILLIS_SINCE_1970: u64 = 1_000_000_000_000;

#[derive(Clone, Copy)]
struct Limit {
    millis: Option<u64>,
    /// It says that nothing is left.
    is_used_up: bool,
}

impl Limit {
    fn read(headers: &Headers, remaining: &str, reset: [&str; 2], now_millis: u64) -> Self {
        let mut said = reset.into_iter().filter_map(|name| given(headers, name));
        Self {
            millis: said.find_map(|text| wait(text, now_millis)),
            is_used_up: given(headers, remaining) == Some("0"),
        }
    }
}

/// In milliseconds; `kind`: OpenAI's `type` of a refusal, which names what is used up. That which says so itself counts,
/// and of two both; then that which the refusal is about; else the sooner, since a reset tells when everything is back,
/// and a little may be enough.
pub fn reset(headers: &Headers, kind: &str, now_millis: u64) -> Option<u64> {
    // The second name of the first is a spelling of Azure's.
    let tokens = Limit::read(
        headers,
        "x-ratelimit-remaining-tokens",
        ["x-ratelimit-reset-tokens", "x-rate-limit-reset-tokens"],
        now_millis,
    );
    let requests = Limit::read(
        headers,
        "x-ratelimit-remaining-requests",
        ["x-ratelimit-reset-requests", "x-rate-limit-reset-requests"],
        now_millis,
    );
    let both = [tokens, requests].into_iter();
    let used_up = both.clone().filter(|it| it.is_used_up);
    let counted = match subject(headers, kind) {
        Some(Subject::Tokens) => tokens.millis,
        Some(Subject::Requests) => requests.millis,
        None => None,
    };
    used_up
        .filter_map(|it| it.millis)
        .max()
        .or(counted)
        .or_else(|| both.filter_map(|it| it.millis).min())
        .or_else(|| wait(given(headers, "x-ratelimit-reset")?, now_millis))
}

enum Subject {
    Tokens,
    Requests,
}

/// Azure says in a header which of its policies refused: `DeploymentRatelimit-Token`, `-Call`.
fn subject(headers: &Headers, kind: &str) -> Option<Subject> {
    let policy = given(headers, "policy-id").unwrap_or_default();
    if kind == "tokens" || policy.ends_with("-Token") {
        Some(Subject::Tokens)
    } else if kind == "requests" || policy.ends_with("-Call") {
        Some(Subject::Requests)
    } else {
        None
    }
}

/// A duration, or a time. 0 is what Azure says where it does not know, and -1.
fn wait(text: &str, now_millis: u64) -> Option<u64> {
    let at = match text.parse::<u64>() {
        Ok(at @ MILLIS_SINCE_1970..) => Some(at),
        Ok(at @ SECONDS_SINCE_1970..) => at.checked_mul(1000),
        _ => None,
    };
    let millis = match at {
        Some(at) => at.saturating_sub(now_millis),
        None => duration::seconds(text)?,
    };
    (millis > 0).then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::reset;
    use crate::headers::Headers;

    const NOW: u64 = 1_795_132_800_000;

    const TOKENS: &str = "x-ratelimit-reset-tokens";
    const REQUESTS: &str = "x-ratelimit-reset-requests";
    const TOKENS_LEFT: &str = "x-ratelimit-remaining-tokens";
    const REQUESTS_LEFT: &str = "x-ratelimit-remaining-requests";

    #[test]
    fn the_limit_that_refused_counts() {
        let both = [(TOKENS, "1m30.5s"), (REQUESTS, "120ms")];
        let with = |more: &[(&'static str, &'static str)]| [&both[..], more].concat();
        for (headers, kind, expected) in [
            (vec![], "", None),
            (vec![(TOKENS, "6m0s")], "", Some(360_000)),
            (vec![(TOKENS, "6m0s")], "requests", Some(360_000)),
            (vec![("x-rate-limit-reset-tokens", "7")], "", Some(7_000)),
            (vec![(REQUESTS, "0"), (TOKENS, "-1")], "", None),
            (
                vec![(REQUESTS, "0"), (TOKENS, "9")],
                "requests",
                Some(9_000),
            ),
            (vec![(TOKENS, "soon")], "", None),
            (with(&[]), "", Some(120)),
            (with(&[]), "tokens", Some(90_500)),
            (with(&[]), "requests", Some(120)),
            (
                with(&[("policy-id", "DeploymentRatelimit-Token")]),
                "",
                Some(90_500),
            ),
            (
                with(&[("policy-id", "DeploymentRatelimit-Call")]),
                "rate_limit_error",
                Some(120),
            ),
            (with(&[(TOKENS_LEFT, "0")]), "requests", Some(90_500)),
            (
                with(&[(TOKENS_LEFT, "9"), (REQUESTS_LEFT, "0")]),
                "",
                Some(120),
            ),
            (
                with(&[(TOKENS_LEFT, "0"), (REQUESTS_LEFT, "0")]),
                "",
                Some(90_500),
            ),
            (with(&[(TOKENS_LEFT, "-1")]), "", Some(120)),
            (vec![("x-ratelimit-reset", "30")], "", Some(30_000)),
            (vec![("x-ratelimit-reset", "1795132812")], "", Some(12_000)),
            (vec![("x-ratelimit-reset", "1795132800250")], "", Some(250)),
            (vec![("x-ratelimit-reset", "1795132700000")], "", None),
        ] {
            let mut all = Headers::default();
            for (name, value) in &headers {
                all.push(name, value);
            }
            assert_eq!(reset(&all, kind, NOW), expected, "{headers:?} {kind}");
        }
    }
}
