//! When a client may come again, in Azure's words.

use crate::headers::Headers;
use crate::openai::retry::{self, thousandfold, whole};

/// The headers the upstream left out.
pub fn headers(status: u16, upstream: &Headers, message: &str) -> Vec<(&'static str, String)> {
    retry::headers(upstream, || {
        let own = upstream.get("x-ms-retry-after-ms").map(str::trim);
        own.and_then(whole).or_else(|| in_words(status, message))
    })
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
