//! Small things that both ways of writing a configuration have in common.

use std::time::Duration;

use crate::glob::Glob;

pub(super) fn millis(seconds: u64) -> u32 {
    u32::try_from(seconds.saturating_mul(1000)).unwrap_or(u32::MAX)
}

/// A time in seconds as milliseconds: 0 stays that, and nothing else becomes it.
pub(super) fn seconds(number: f64) -> Option<u32> {
    let time = Duration::try_from_secs_f64(number).ok()?;
    let least = u32::from(number > 0.0);
    let millis = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
    Some(millis.max(least))
}

pub(super) fn decode_digest(hex: &str) -> Option<[u8; 32]> {
    let digits: Vec<u32> = hex
        .trim()
        .chars()
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let bytes = pairs
        .iter()
        .map(|[high, low]| u8::try_from(high * 16 + low));
    bytes.collect::<Result<Vec<u8>, _>>().ok()?.try_into().ok()
}

pub(super) fn globs<'a>(patterns: impl Iterator<Item = &'a str>) -> Vec<Glob> {
    let patterns = patterns.map(str::trim);
    patterns
        .filter(|glob| !glob.is_empty())
        .map(Glob::new)
        .collect()
}

pub(super) fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && !text.trim().chars().any(char::is_control)
}
