//! When a client may come again. OpenAI's SDKs look at `retry-after-ms` first, Azure's at `retry-after`: both are
//! given, and say the same.

use crate::headers::Headers;

/// The headers the upstream left out. A date is a date: nothing is made of it.
pub fn headers(status: u16, upstream: &Headers, message: &str) -> Vec<(&'static str, String)> {
    let given = |name| {
        upstream
            .get(name)
            .map(str::trim)
            .filter(|it| !it.is_empty())
    };
    let seconds = given("retry-after");
    let millis = given("retry-after-ms");
    let wait = match (seconds, millis) {
        (Some(_), Some(_)) => return Vec::new(),
        (Some(seconds), None) => thousandfold(seconds),
        (None, Some(millis)) => whole(millis),
        (None, None) => given("x-ms-retry-after-ms")
            .and_then(whole)
            .or_else(|| in_words(status, message)),
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

/// `Please retry after 45 seconds`, `Try again in 12 seconds`, `Quota will be replenished in 01:02:03`: milliseconds.
fn in_words(status: u16, message: &str) -> Option<u64> {
    if !matches!(status, 408 | 429 | 500..) {
        return None;
    }
    let said = message.to_ascii_lowercase();
    let behind = |words: &str| Some(said.split_once(words)?.1.trim_start());
    if let Some(rest) = behind("replenished in ") {
        return clock(rest);
    }
    let phrases = ["retry after ", "try again in "];
    phrases.iter().find_map(|words| amount(behind(words)?))
}

/// `45 seconds`, `1.5s`, `300 milliseconds`, `2 minutes`.
fn amount(text: &str) -> Option<u64> {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let (number, unit) = text.split_at_checked(text.find(|c| !is_number(c))?)?;
    let unit = unit.trim_start();
    if unit.starts_with("ms") || unit.starts_with("millisecond") {
        whole(number)
    } else if unit.starts_with('m') {
        thousandfold(number)?.checked_mul(60)
    } else if unit.starts_with('s') {
        thousandfold(number)
    } else {
        None
    }
}

/// `hours:minutes:seconds`, with days in front: `1.02:03:04`.
fn clock(text: &str) -> Option<u64> {
    let is_clock = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.');
    let end = text.find(|c| !is_clock(c)).unwrap_or(text.len());
    let text = text.get(..end)?.trim_end_matches('.');
    let (days, time) = match text.split_once('.') {
        Some((days, time)) if time.contains(':') => (days, time),
        _ => ("0", text),
    };
    let mut parts = time.split(':').map(|part| part.parse::<u64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let hours = days
        .parse::<u64>()
        .ok()?
        .checked_mul(24)?
        .checked_add(hours)?;
    let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
    minutes
        .checked_mul(60)?
        .checked_add(seconds)?
        .checked_mul(1000)
}

/// A number, rounded up.
fn whole(number: &str) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let more = fraction.bytes().any(|digit| digit != b'0');
    whole.parse::<u64>().ok()?.checked_add(u64::from(more))
}

/// A number times a thousand, rounded up.
fn thousandfold(number: &str) -> Option<u64> {
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
