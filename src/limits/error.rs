//! What a client is told of limits of ours: in the headers of every answer, and when it has come to one.

use std::time::Duration;

use crate::error::{Error, Kind};
use crate::headers::Headers;

use super::{Amount, Denial, Left, Measure, Room};

/// OpenAI's SDKs wait for a minute at most; told to wait longer they come again at once.
const LONGEST_WAIT_MILLIS: u64 = 60_000;

/// `whose`: of what the limit is, as a client may read it (`this API key`, `this gateway`).
pub fn refusal(whose: &str, denial: &Denial, amount: Amount, room: Room) -> Error {
    let of = format!("{whose} on {}", unit(denial.measure));
    let figures = figures(denial, amount, room);
    let mut error = match denial.wait_millis {
        Some(millis) => too_much(&of, &figures, denial.measure, millis.max(1)),
        None => too_large(&of, &figures),
    };
    error.headers.extend(told(room));
    error.detail(of)
}

/// Too much for now.
fn too_much(of: &str, figures: &str, measure: Measure, wait_millis: u64) -> Error {
    let (code, problem) = match measure {
        Measure::Requests | Measure::Tokens => ("rate_limit_exceeded", "Rate limit reached for"),
        Measure::Daily | Measure::Monthly => {
            ("insufficient_quota", "You exceeded the current quota of")
        }
    };
    let kind = Kind::OverLimit {
        measure,
        retry_after_secs: u32::try_from(wait_millis.div_ceil(1000)).unwrap_or(u32::MAX),
    };
    let wait = duration(wait_millis);
    let message = format!("{problem} {of}: {figures}. Please try again in {wait}.");
    let mut error = Error::new(kind, code, message);
    let millis = wait_millis.to_string();
    error.headers.push(("retry-after-ms", millis));
    if wait_millis > LONGEST_WAIT_MILLIS {
        error.headers.push(("x-should-retry", "false".to_owned()));
    }
    error
}

/// Too much for ever: to wait would not help.
fn too_large(of: &str, figures: &str) -> Error {
    let message = format!(
        "Request too large for {of}: {figures}. The input or output tokens must be reduced in order to run successfully."
    );
    Error::bad_request("request_too_large_for_limit", message)
}

fn unit(measure: Measure) -> &'static str {
    match measure {
        Measure::Requests => "requests per min (RPM)",
        Measure::Tokens => "tokens per min (TPM)",
        Measure::Daily => "tokens per day (TPD)",
        Measure::Monthly => "tokens per month",
    }
}

fn figures(denial: &Denial, amount: Amount, room: Room) -> String {
    let limit = denial.limit;
    let (left, requested) = match denial.measure {
        Measure::Requests => (room.requests, amount.requests),
        Measure::Tokens => (room.tokens, amount.tokens),
        Measure::Daily | Measure::Monthly => (None, amount.tokens),
    };
    match left {
        Some(left) => {
            let used = limit.saturating_sub(left.remaining);
            format!("Limit {limit}, Used {used}, Requested {requested}")
        }
        None => format!("Limit {limit}, Requested {requested}"),
    }
}

/// Says what is left, in place of what an upstream says of an account the client does not know.
pub fn say(room: Room, headers: &mut Headers) {
    if room == Room::default() {
        return;
    }
    let before = std::mem::take(headers);
    headers.extend_where(&before, |name| !is_about_limits(name));
    for (name, value) in told(room) {
        headers.push(name, &value);
    }
}

fn is_about_limits(name: &str) -> bool {
    let mut prefixes = ["x-ratelimit-", "ratelimit-", "anthropic-ratelimit-"].iter();
    prefixes.any(|prefix| name.starts_with(prefix))
}

/// `x-ratelimit-*`, as OpenAI writes them.
fn told(room: Room) -> impl Iterator<Item = (&'static str, String)> {
    const REQUESTS: [&str; 3] = [
        "x-ratelimit-limit-requests",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests",
    ];
    const TOKENS: [&str; 3] = [
        "x-ratelimit-limit-tokens",
        "x-ratelimit-remaining-tokens",
        "x-ratelimit-reset-tokens",
    ];
    let told = |left: Option<Left>, names: [&'static str; 3]| {
        let values = left.map(|left| {
            let reset = duration(left.reset_millis);
            [left.limit.to_string(), left.remaining.to_string(), reset]
        });
        values
            .into_iter()
            .flat_map(move |values| names.into_iter().zip(values))
    };
    told(room.requests, REQUESTS).chain(told(room.tokens, TOKENS))
}

/// As Go writes a duration, and OpenAI with it: `120ms`, `1s`, `6m0s`, `1h0m4.2s`.
fn duration(millis: u64) -> String {
    if (1..1000).contains(&millis) {
        return format!("{millis}ms");
    }
    let (minutes, millis) = (millis / 60_000, millis % 60_000);
    let (hours, minutes_of_hour) = (minutes / 60, minutes % 60);
    let seconds = Duration::from_millis(millis).as_secs_f64();
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m{seconds}s"),
        (hours, _) => format!("{hours}h{minutes_of_hour}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_written_as_go_writes_them() {
        for (millis, text) in [
            (0, "0s"),
            (1, "1ms"),
            (120, "120ms"),
            (1000, "1s"),
            (4200, "4.2s"),
            (59_999, "59.999s"),
            (60_000, "1m0s"),
            (90_010, "1m30.01s"),
            (360_000, "6m0s"),
            (3_604_200, "1h0m4.2s"),
            (30 * 86_400_000, "720h0m0s"),
        ] {
            assert_eq!(duration(millis), text);
        }
    }
}
