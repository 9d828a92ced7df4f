//! When a client may come again. OpenAI's SDKs look at `retry-after-ms` first, others at `retry-after`: both are given,
//! and say the same.

use crate::headers::Headers;

/// The headers the upstream left out. A date is a date: nothing is made of it. `otherwise`: milliseconds, where the
/// headers say nothing.
pub fn headers(
    upstream: &Headers,
    otherwise: impl FnOnce() -> Option<u64>,
) -> Vec<(&'static str, String)> {
    let (seconds, millis) = (
        given(upstream, "retry-after"),
        given(upstream, "retry-after-ms"),
    );
    let wait = match (seconds, millis) {
        (Some(_), Some(_)) => return Vec::new(),
        (None, None) => otherwise(),
        _ => said(upstream),
    };
    let Some(wait) = wait else {
        return Vec::new();
    };
    let mut headers = Vec::new();
    if seconds.is_none() {
        headers.push(("retry-after", wait.div_ceil(1000).to_string()));
    }
    if millis.is_none() {
        headers.push(("retry-after-ms", wait.to_string()));
    }
    headers
}

/// What the headers say, in milliseconds.
pub fn said(upstream: &Headers) -> Option<u64> {
    let millis = given(upstream, "retry-after-ms").and_then(whole);
    millis.or_else(|| given(upstream, "retry-after").and_then(thousandfold))
}

fn given<'a>(upstream: &'a Headers, name: &str) -> Option<&'a str> {
    let value = upstream.get(name).map(str::trim);
    value.filter(|it| !it.is_empty())
}

/// A number, rounded up.
pub fn whole(number: &str) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let more = fraction.bytes().any(|digit| digit != b'0');
    whole.parse::<u64>().ok()?.checked_add(u64::from(more))
}

/// A number times a thousand, rounded up.
pub fn thousandfold(number: &str) -> Option<u64> {
    let (seconds, fraction) = number.split_once('.').unwrap_or((number, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis = format!("{fraction:0<3}");
    let (millis, finer) = millis.split_at_checked(3)?;
    let more = finer.bytes().any(|digit| digit != b'0');
    let millis = millis.parse::<u64>().ok()?.checked_add(u64::from(more))?;
    seconds
        .parse::<u64>()
        .ok()?
        .checked_mul(1000)?
        .checked_add(millis)
}
