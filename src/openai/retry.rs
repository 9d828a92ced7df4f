//! When a client may come again. OpenAI's SDKs look at `retry-after-ms` first, others at `retry-after`: both are given,
//! and say the same.

mod date;
mod duration;
mod reset;

use crate::headers::Headers;

pub use duration::{beginning, seconds};
pub use reset::reset;

/// How refusals put it: "Please retry after 45 seconds", "try again in 1.2s", "Please retry in 34.4s", "Quota will be
/// replenished in 01:02:03".
const PHRASES: [&str; 5] = [
    "replenished in ",
    "retry after ",
    "try again in ",
    "retry in ",
    "try again after ",
];

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
    let millis = given(upstream, "retry-after-ms").and_then(duration::millis);
    millis.or_else(|| given(upstream, "retry-after").and_then(duration::seconds))
}

/// The same, also where they say a date. One that is over is no wait.
pub fn said_at(upstream: &Headers, now_millis: u64) -> Option<u64> {
    let dated = || {
        let at = date::millis(given(upstream, "retry-after")?)?;
        Some(at.saturating_sub(now_millis))
    };
    said(upstream).or_else(dated)
}

/// Azure's own word, in milliseconds.
pub fn said_by_azure(upstream: &Headers) -> Option<u64> {
    given(upstream, "x-ms-retry-after-ms").and_then(duration::millis)
}

/// What a message says, in milliseconds.
pub fn in_words(message: &str) -> Option<u64> {
    let message = message.to_ascii_lowercase();
    let said = |phrase: &&str| beginning(message.split_once(phrase)?.1.trim_start());
    PHRASES.iter().find_map(said)
}

fn given<'a>(upstream: &'a Headers, name: &str) -> Option<&'a str> {
    let value = upstream.get(name).map(str::trim);
    value.filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Headers, in_words, said_at};

    #[test]
    fn messages_say_it_in_their_ways() {
        for (message, expected) in [
            ("Please retry after 45 seconds. Contact", Some(45_000)),
            ("Rate limit reached. Please try again in 1.2s.", Some(1_200)),
            ("TRY AGAIN IN 6M0S", Some(360_000)),
            ("Please retry in 34.4s.", Some(34_400)),
            ("Quota will be replenished in 01:02:03.", Some(3_723_000)),
            ("Retry after a while, or try again in 1.25s", Some(1_250)),
            ("Please try again after 20 seconds", Some(20_000)),
            ("retry after 45", None),
            ("in 45 seconds", None),
            ("", None),
        ] {
            assert_eq!(in_words(message), expected, "{message}");
        }
    }

    #[test]
    fn headers_say_a_number_or_a_date() {
        let now = 1_795_132_800_000;
        for (name, value, expected) in [
            ("retry-after", "20", Some(20_000)),
            ("retry-after", "1.5", Some(1_500)),
            ("retry-after", "Fri, 20 Nov 2026 00:00:30 GMT", Some(30_000)),
            ("retry-after", "Thu, 19 Nov 2026 00:00:30 GMT", Some(0)),
            ("retry-after", "-1", None),
            ("retry-after", " ", None),
            ("retry-after", "tomorrow", None),
            ("retry-after-ms", "120", Some(120)),
            ("x-other", "120", None),
        ] {
            let mut headers = Headers::default();
            headers.push(name, value);
            assert_eq!(said_at(&headers, now), expected, "{name}: {value}");
        }
        let mut both = Headers::default();
        both.push("retry-after", "2");
        both.push("retry-after-ms", "1300");
        assert_eq!(said_at(&both, now), Some(1_300));
    }
}
